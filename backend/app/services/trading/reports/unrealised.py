"""What is unrealised of what books hold now, in the valuation currency: contracts at each book's own entry, assets at
what their lots cost. What has no price, or no known cost, is named and left out.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from app.domain.holdings import Book
from app.domain.instruments import Instrument
from app.domain.money import ZERO, plain
from app.domain.performance import BookPosition
from app.domain.positions import pnl_currency
from app.services.trading.reports.contract_values import Amount
from app.services.trading.reports.trip_fills import Rates

InstrumentOf = Callable[[str], Instrument | None]
PriceOf = Callable[[str], Decimal | None]
"""Of one unit of a currency in the valuation currency, now."""


class Unrealised:
    """A sum that knows what it lacks. price_of: of currencies; marks: of instruments, in their quote."""

    def __init__(self, price_of: PriceOf, marks: Mapping[str, Decimal], rates: Rates) -> None:
        self._price_of = price_of
        self._marks = marks
        self._rates = rates
        self._sum = ZERO
        self._known = self._missing = False

    @property
    def total(self) -> Decimal | None:
        """None where something is open, and nothing of it has a price."""
        return None if self._missing and not self._known else self._sum

    def add_contracts(self, positions: Iterable[BookPosition], instrument_of: InstrumentOf) -> None:
        """Each book's part of a position at the mark of its instrument."""
        for position in positions:
            instrument = instrument_of(position.instrument_id)
            if instrument is None or not position.size:
                continue
            mark, price = self._marks.get(position.instrument_id), self._price_of(pnl_currency(instrument))
            if mark is None or price is None:
                self._lacks(position.instrument_id)
            else:
                self._add(position.unrealised(mark) * price)

    def add_lots(self, books: Mapping[tuple[str, str], Book], rate: Decimal) -> None:
        """What the books hold of assets, by (asset, book). rate: of the currency of the costs."""
        unpriced: dict[str, Decimal] = {}
        for (asset, _), book in books.items():
            whole = book.whole
            if whole.quantity != whole.priced:
                unpriced[asset] = unpriced.get(asset, ZERO) + whole.quantity - whole.priced
            if not whole.priced:
                continue
            price = self._price_of(asset)
            if price is None:
                self._lacks(asset)
            else:
                self._add(whole.priced * price - whole.cost * rate)
        for asset, quantity in unpriced.items():
            self._rates.note(f"{plain(quantity)} {asset} is not in unrealized_pnl: its cost is not known")

    def add_claims(
        self, positions: Iterable[BookPosition], gains: Iterable[Amount], instrument_of: InstrumentOf, currency: str
    ) -> None:
        """What books have realised with contracts and the exchange has not paid, because others hold the same position
        at another price: it is owed in what the contract settles in, and worth more or less as that is. In the
        valuation currency (`currency`) it is always worth the same."""
        owed: dict[str, tuple[Decimal, Decimal]] = {}
        for position in positions:
            instrument = instrument_of(position.instrument_id)
            if instrument is not None and pnl_currency(instrument) != currency:
                _plus(owed, pnl_currency(instrument), position.gained, position.gained_value)
        for gain in gains:
            _plus(owed, gain.currency, -gain.quantity, -gain.value)
        for name, (quantity, value) in owed.items():
            price = self._price_of(name)
            if price is not None:
                self._sum += quantity * price - value

    def _add(self, value: Decimal) -> None:
        self._sum += value
        self._known = True

    def _lacks(self, name: str) -> None:
        self._missing = True
        self._rates.note(f"{name} is not in unrealized_pnl: it has no price")


def _plus(owed: dict[str, tuple[Decimal, Decimal]], name: str, quantity: Decimal, value: Decimal) -> None:
    before = owed.get(name, (ZERO, ZERO))
    owed[name] = (before[0] + quantity, before[1] + value)
