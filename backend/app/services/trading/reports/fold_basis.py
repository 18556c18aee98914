"""What stretches of past trades are made by besides trades, fees and entries of the books: facts and settings. Where
one of them has changed, a stretch counts for nothing. Beside fold_making.py.
"""

from collections.abc import Iterable
from functools import cached_property

import msgspec

from app.domain.instruments import Instrument
from app.domain.positions import PositionFold
from app.journal.codec import content_hash, encode
from app.services.trading.account.ledger import Ledger
from app.store.queries import BookHistory

Facts = tuple[str, ...]
UNLISTED: Facts = ()
"""Of an instrument that is not one of the exchange (any more)."""


class Basis(msgspec.Struct, frozen=True):
    """What a stretch was made by. kept: whether books of assets were kept; begun_ns: since when. openings, modes: their
    digests. instruments: those that it has fills of, and what of each counts; lots: of the assets."""

    currency: str
    costs: str
    kept: bool
    begun_ns: int | None
    openings: str
    modes: str
    instruments: dict[str, Facts]
    lots: dict[str, str]

    @property
    def unlisted(self) -> list[str]:
        """Whose fills it has left out."""
        return [name for name, facts in self.instruments.items() if facts == UNLISTED]


class BasisNow:
    """What stretches are made by now."""

    def __init__(self, ledger: Ledger, currency: str, history: BookHistory) -> None:
        self._ledger = ledger
        self._currency = currency
        self._openings, self._begun_ns = history.openings, history.begun_ns
        self._facts = dict[str, Facts]()

    def of(self, instrument_ids: Iterable[str], assets: Iterable[str]) -> Basis:
        """For a stretch with fills of those."""
        lots = self._ledger.assets.lots
        return msgspec.structs.replace(
            self._common,
            instruments={name: self._facts_of(name) for name in sorted(instrument_ids)},
            lots={asset: str(lots.get(asset, "")) for asset in sorted(assets)},
        )

    def holds(self, basis: Basis) -> bool:
        """Whether nothing that a stretch was made by has changed."""
        return basis == self.of(basis.instruments, basis.lots)

    @property
    def kept(self) -> bool:
        return self._common.kept

    @cached_property
    def _common(self) -> Basis:
        ledger, assets = self._ledger, self._ledger.assets
        modes = sorted((instrument_id, side.value, mode.value) for (instrument_id, side), mode in ledger.modes.items())
        return Basis(
            self._currency,
            assets.currency,
            assets.next_entry > 1,
            self._begun_ns,
            content_hash(encode([_opening(one) for one in self._openings])),
            content_hash(encode(modes)),
            {},
            {},
        )

    def _facts_of(self, name: str) -> Facts:
        if name not in self._facts:
            instrument = self._ledger.instruments.get(name)
            self._facts[name] = UNLISTED if instrument is None else _told(instrument)
        return self._facts[name]


def _opening(fold: PositionFold) -> tuple[object, ...]:
    return fold.position.key.label, fold.position.size, fold.position.cost


def _told(instrument: Instrument) -> Facts:
    facts = (instrument.kind.value, instrument.base, instrument.quote, instrument.settle, instrument.inverse)
    return tuple(map(str, (*facts, instrument.contract_value, instrument.lot)))
