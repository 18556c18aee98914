"""What a calculation that goes on after a stretch of past trades needs of what was before: what each book held of
contracts and of assets, with its open trips, and what it had been paid. Beside fold_making.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from app.domain.performance.asset_trips import AssetHolding, AssetPlace, AssetPlaces, open_asset_trips
from app.domain.performance.round_trips import RoundTrip, open_trip
from app.domain.performance.trip_state import Holding, Place, Places
from app.journal.codec import encode
from app.services.trading.reports.contract_values import Amount

Series = tuple[str, str]
"""(instrument id, or asset_series of an asset; book); "" is all of them."""


def asset_series(asset: str) -> str:
    """The name of an asset among those of instruments."""
    return f"asset {asset}"


def series_of(name: str, book: str) -> tuple[Series, ...]:
    """All that it belongs to."""
    return ("", ""), (name, ""), ("", book), (name, book)


class _Written(msgspec.Struct):
    contracts: list[tuple[Place, list[tuple[str, Holding]]]]
    assets: list[tuple[AssetPlace, AssetHolding]]
    gains: list[tuple[tuple[str, str], Amount]]


_read = msgspec.json.Decoder(_Written).decode


@dataclass(slots=True)
class Held:
    """It is changed by the fold that goes on. gains: as in ContractValues."""

    contracts: Places = field(default_factory=Places)
    assets: AssetPlaces = field(default_factory=AssetPlaces)
    gains: dict[tuple[str, str], Amount] = field(default_factory=dict[tuple[str, str], Amount])

    def of(self, name: str) -> "Held":
        """What of it the series of an instrument or an asset, or "", goes on from."""
        return Held(
            {place: books for place, books in self.contracts.items() if name in ("", place[0])},
            {place: one for place, one in self.assets.items() if name in ("", asset_series(place[0]))},
            self.gains,
        )

    def open_trips(self) -> Iterator[tuple[str, str, RoundTrip]]:
        """Each with the instrument or asset_series, and the book, that it is of."""
        for place, books in self.contracts.items():
            for book, holding in books.items():
                if holding.trip is not None:
                    yield place[0], book, open_trip(place, holding, holding.trip)
        for place, one in self.assets.items():
            for trip in open_asset_trips({place: one}):
                yield asset_series(place[0]), place[1], trip

    def written(self) -> str:
        """As JSON; of an asset that is gone nothing is left to say."""
        assets = [(place, one) for place, one in self.assets.items() if one.quantity or one.trip is not None]
        contracts = [(place, list(books.items())) for place, books in self.contracts.items()]
        return encode(_Written(contracts, assets, list(self.gains.items())))


def read_held(text: str) -> Held:
    """As it was written."""
    found = _read(text)
    held = Held({place: dict(books) for place, books in found.contracts}, dict(found.assets), dict(found.gains))
    for books in held.contracts.values():
        for holding in books.values():
            if holding.trip is not None and isinstance(key := holding.trip.opening_key, list):
                holding.trip.opening_key = tuple(key)
    return held
