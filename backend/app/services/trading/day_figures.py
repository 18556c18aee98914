"""What moved in and was traded since the account's day began (the last row of equity_days), counted in memory.

The ledger counts as turns become true; a start counts the day's rows again. Daily limits are measured against it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.instruments import Instrument
from app.domain.money import ZERO
from app.domain.orders import Fill
from app.services.trading.equity_curve import EARNED_KINDS


@dataclass(slots=True)
class DayFigures:
    """moved: deposits less withdrawals per currency; funding and interest are profit or loss and not in it. traded:
    notional of the fills per quote currency, for inverse contracts the base quantity per base currency; complete says
    whether it holds all fills of the day, which after a start it does once `resume` was given them."""

    moved: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    traded: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    complete: bool = True

    def restart(self) -> None:
        """A new day has begun."""
        self.complete = True
        self.moved.clear()
        self.traded.clear()

    def load(self, movements: Iterable[Mapping[str, Any]], *, day_open: bool) -> None:
        """Begin from the day's rows of cash_movements; its fills, if a day is open, are not known yet."""
        self.restart()
        self.complete = not day_open
        for row in movements:
            self.cash_moved(row["currency"], row["amount"], row["kind"])

    def resume(self, fills: Iterable[tuple[Instrument, Decimal, Decimal]]) -> None:
        """The (instrument, size, price) of the day's fills that were booked before this start."""
        for instrument, size, price in fills:
            self.filled(instrument, size, price)
        self.complete = True

    def cash_moved(self, currency: str, amount: Decimal, kind: str) -> None:
        """One row of cash_movements."""
        if kind not in EARNED_KINDS:
            self.moved[currency] = self.moved.get(currency, ZERO) + amount

    def filled(self, instrument: Instrument, size: Decimal, price: Decimal) -> None:
        """One fill."""
        if instrument.inverse:
            currency, amount = instrument.base, instrument.base_quantity(size, price)
        else:
            currency, amount = instrument.quote, instrument.notional(size, price)
        self.traded[currency] = self.traded.get(currency, ZERO) + amount

    def count(self, fills: Iterable[tuple[Instrument, Fill]], movements: Iterable[tuple[str, Decimal, str]]) -> None:
        """Fills and (currency, amount, kind) movements, of a turn or of the rows since the day's start."""
        for instrument, fill in fills:
            self.filled(instrument, fill.size, fill.price)
        for currency, amount, kind in movements:
            self.cash_moved(currency, amount, kind)
