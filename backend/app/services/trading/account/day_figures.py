"""The account's day: what it began with, what moved in and out since, and what was traded, counted in memory.

The ledger counts as turns become true; a start counts the day's rows again. Daily limits are measured against it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.domain.cash import EARNED_KINDS
from app.domain.instruments import Instrument
from app.domain.money import ZERO
from app.domain.orders import Fill
from app.domain.routes import DEFAULT_CURRENCY
from app.journal.codec import decode, encode


@dataclass(frozen=True, slots=True)
class Held:
    """A currency at the day's start. price: in the valuation currency; None: it had none and is not in the equity."""

    amount: Decimal
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Contract:
    """An open contract position at the day's start. value: its unrealised profit in the valuation currency; None: it
    had no price and is not in the equity."""

    size: Decimal
    mark: Decimal | None
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Entered:
    """What had no price when the day began or when it came, and got one since: a deposit of that moment."""

    amount: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class DayParts:
    """What the equity at the day's start was made of: currencies, contracts by "INSTRUMENT/side/mode", what entered."""

    currencies: Mapping[str, Held] = field(default_factory=dict[str, Held])
    contracts: Mapping[str, Contract] = field(default_factory=dict[str, Contract])
    entered: Mapping[str, Entered] = field(default_factory=dict[str, Entered])


@dataclass(frozen=True, slots=True)
class EquityOfDay:
    """Equity at the start of a UTC day ("2026-11-22") in a currency, and its parts; None: it was opened before such
    were recorded. at_ns: when it was opened."""

    day: str
    equity: Decimal
    currency: str = DEFAULT_CURRENCY
    parts: DayParts | None = None
    at_ns: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "EquityOfDay":
        """From a row of equity_days."""
        parts = decode(row["parts"], DayParts) if row["parts"] else None
        return cls(row["day"], row["equity"], row["currency"], parts, row["at_ns"])

    def columns(self) -> dict[str, Any]:
        """As a row of equity_days, but for the account."""
        parts = encode(self.parts) if self.parts is not None else None
        return {"day": self.day, "equity": self.equity, "currency": self.currency, "at_ns": self.at_ns, "parts": parts}

    def with_entered(self, currency: str, entered: Entered) -> "EquityOfDay":
        """The day after something got its first price."""
        parts = self.parts or DayParts()
        before = parts.entered.get(currency, Entered(ZERO, ZERO))
        total = Entered(before.amount + entered.amount, before.value + entered.value)
        return replace(self, parts=replace(parts, entered={**parts.entered, currency: total}))


PriceOf = Callable[[str], Decimal | None]


@dataclass(slots=True)
class DayFigures:
    """moved: deposits less withdrawals per currency; funding and interest are profit or loss and not in it. flows:
    what of it had a price, each at the price of its time, in the valuation currency. unpriced: amounts of currencies
    that had none, at the day's start or when they came; each enters the flows at its first price. traded: notional of
    the fills per quote currency, for inverse contracts the base quantity per base currency; complete says whether it
    holds all fills of the day, which after a start it does once `resume` was given them."""

    moved: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    flows: Decimal = ZERO
    unpriced: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    traded: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    complete: bool = True

    def restart(self, parts: DayParts | None = None) -> None:
        """A new day has begun, with these parts."""
        self.complete = True
        self.moved.clear()
        self.traded.clear()
        self.flows = ZERO
        self.unpriced = {} if parts is None else _unpriced(parts)

    def load(self, movements: Iterable[Mapping[str, Any]], parts: DayParts | None, *, day_open: bool) -> None:
        """Begin from the day's rows of cash_movements; its fills, if a day is open, are not known yet."""
        self.restart(parts)
        self.complete = not day_open
        for row in movements:
            self.cash_moved(row["currency"], row["amount"], row["kind"], row.get("price"))
        for currency, entered in parts.entered.items() if parts is not None else ():
            self.enter(currency, entered)

    def resume(self, fills: Iterable[tuple[Instrument, Decimal, Decimal]]) -> None:
        """The (instrument, size, price) of the day's fills that were booked before this start."""
        for instrument, size, price in fills:
            self.filled(instrument, size, price)
        self.complete = True

    def cash_moved(self, currency: str, amount: Decimal, kind: str, price: Decimal | None) -> None:
        """One row of cash_movements."""
        if kind in EARNED_KINDS:
            return
        _add(self.moved, currency, amount)
        if price is not None:
            self.flows += amount * price
        else:
            _add(self.unpriced, currency, amount)

    def enter(self, currency: str, entered: Entered) -> None:
        """What had no price got one."""
        self.flows += entered.value
        _add(self.unpriced, currency, -entered.amount)

    def base(self, equity: Decimal, price_of: PriceOf) -> Decimal:
        """What the day's result is measured against: the equity that it began with and what moved since. What has just
        got its first price enters here at it."""
        entering = ZERO
        for currency, amount in self.unpriced.items():
            price = price_of(currency)
            entering += amount * price if price is not None else ZERO
        return equity + self.flows + entering

    def filled(self, instrument: Instrument, size: Decimal, price: Decimal) -> None:
        """One fill."""
        if instrument.inverse:
            currency, amount = instrument.base, instrument.base_quantity(size, price)
        else:
            currency, amount = instrument.quote, instrument.notional(size, price)
        _add(self.traded, currency, amount)

    def count(self, fills: Iterable[tuple[Instrument, Fill]], movements: Iterable[Mapping[str, Any]]) -> None:
        """Fills and rows of cash_movements of one turn."""
        for instrument, fill in fills:
            self.filled(instrument, fill.size, fill.price)
        for row in movements:
            self.cash_moved(row["currency"], row["amount"], row["kind"], row.get("price"))


def _unpriced(parts: DayParts) -> dict[str, Decimal]:
    return {currency: held.amount for currency, held in parts.currencies.items() if held.price is None and held.amount}


def _add(sums: dict[str, Decimal], currency: str, amount: Decimal) -> None:
    total = sums.get(currency, ZERO) + amount
    if total:
        sums[currency] = total
    else:
        sums.pop(currency, None)
