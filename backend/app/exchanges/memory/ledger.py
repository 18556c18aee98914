"""Balances and contract positions of MemoryExchange: what fills do to money.

Spot moves base and quote; a contract is held by side and margin mode at its average entry price and settles profit in
the settlement currency, linear or inverse. Margin is not modelled. Fees: spot buys pay in base, everything else in
quote or settlement currency, as OKX charges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import OrderSide, PositionKey
from app.exchanges.port import Balance, VenuePosition

GRAIN = Decimal("1e-12")
"""To which profits and inverse fees, which are quotients, are rounded."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What a fill came to. pnl: None for spot; fee is positive when paid."""

    pnl: Decimal | None
    fee: Decimal
    fee_currency: str


class Holding:
    """One contract position; size signed, in contracts. entry: the open part's sum of size x price, or of size / price
    for inverse contracts."""

    __slots__ = ("entry", "instrument", "size")

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.size = ZERO
        self.entry = ZERO

    @property
    def entry_price(self) -> Decimal | None:
        if not self.size:
            return None
        return abs(self.size) / self.entry if self.instrument.inverse else self.entry / abs(self.size)

    def fill(self, change: Decimal, price: Decimal) -> Decimal:
        """Apply a signed change at price; returns the profit realised, in the settlement currency."""
        held = abs(self.size)
        closing = min(held, abs(change)) if self.size * change < 0 else ZERO
        part = self.entry * closing / held if closing else ZERO
        out = self._worth(closing, price)
        direction = 1 if self.size > 0 else -1
        gain = (part - out if self.instrument.inverse else out - part) * self.instrument.contract_value * direction
        self.size += change
        self.entry += self._worth(abs(change) - closing, price) - part
        return gain.quantize(GRAIN, ROUND_HALF_EVEN)

    def _worth(self, size: Decimal, price: Decimal) -> Decimal:
        return size / price if self.instrument.inverse else size * price


class Ledger:
    """The account's money; mutated only by fills and reservations."""

    def __init__(self, balances: Mapping[str, Decimal]) -> None:
        self.total: dict[str, Decimal] = dict(balances)
        self.reserved: dict[str, Decimal] = {}
        self.holdings: dict[PositionKey, Holding] = {}
        self.changed: set[str] = set()

    def available(self, currency: str) -> Decimal:
        return self.total.get(currency, ZERO) - self.reserved.get(currency, ZERO)

    def reserve(self, currency: str, amount: Decimal) -> None:
        """Set aside amount, or release it when negative."""
        self.reserved[currency] = self.reserved.get(currency, ZERO) + amount
        self.changed.add(currency)

    def held(self, key: PositionKey) -> Decimal:
        """The signed size of a contract position."""
        holding = self.holdings.get(key)
        return holding.size if holding is not None else ZERO

    def fill(
        self, instrument: Instrument, key: PositionKey, side: OrderSide, size: Decimal, price: Decimal, rate: Decimal
    ) -> Booked:
        """Book one fill at a fee rate. key: the position that it moves, of a contract."""
        if instrument.kind is InstrumentKind.SPOT:
            return self._fill_spot(instrument, side, size, price, rate)
        holding = self.holdings.get(key)
        if holding is None:
            holding = self.holdings[key] = Holding(instrument)
        profit = holding.fill(side.sign * size, price)
        value = instrument.notional(size, price)
        fee = (value / price * rate).quantize(GRAIN, ROUND_HALF_EVEN) if instrument.inverse else value * rate
        self.add(instrument.settle, profit - fee)
        return Booked(profit, fee, instrument.settle)

    def _fill_spot(
        self, instrument: Instrument, side: OrderSide, size: Decimal, price: Decimal, rate: Decimal
    ) -> Booked:
        cost = size * price
        if side is OrderSide.BUY:
            fee, currency = size * rate, instrument.base
            self.add(instrument.base, size - fee)
            self.add(instrument.quote, -cost)
        else:
            fee, currency = cost * rate, instrument.quote
            self.add(instrument.base, -size)
            self.add(instrument.quote, cost - fee)
        return Booked(None, fee, currency)

    def add(self, currency: str, amount: Decimal) -> None:
        """Change a balance; negative takes away."""
        self.total[currency] = self.total.get(currency, ZERO) + amount
        self.changed.add(currency)

    def balance(self, currency: str, now_ns: int) -> Balance:
        return Balance(currency, self.total.get(currency, ZERO), self.available(currency), now_ns)

    def position(self, key: PositionKey, now_ns: int, leverage: Decimal | None = None) -> VenuePosition:
        holding = self.holdings[key]
        return VenuePosition(
            key.instrument_id,
            key.side,
            holding.size,
            holding.entry_price,
            leverage=leverage,
            venue_time_ns=now_ns,
            trade_mode=key.mode,
        )
