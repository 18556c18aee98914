"""Balances and contract positions of MemoryExchange: what fills do to money.

Spot moves base and quote; linear contracts keep a net position at its average entry price and settle profit in the
settlement currency. Margin is not modelled. Fees: spot buys pay in base, everything else in quote or settlement
currency, as OKX charges them.
"""

from collections.abc import Mapping
from decimal import Decimal

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import OrderSide, PositionSide
from app.exchanges.port import Balance, VenuePosition


class Holding:
    """One net contract position; size signed, in contracts."""

    __slots__ = ("entry_price", "instrument", "size")

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.size = ZERO
        self.entry_price = ZERO

    def fill(self, change: Decimal, price: Decimal) -> Decimal:
        """Apply a signed change at price; returns the profit realised, in the settlement currency."""
        before, after = self.size, self.size + change
        self.size = after
        if before * change >= 0:
            self.entry_price = (abs(before) * self.entry_price + abs(change) * price) / abs(after)
            return ZERO
        closed = min(abs(before), abs(change))
        direction = 1 if before > 0 else -1
        profit = direction * self.instrument.contract_value * closed * (price - self.entry_price)
        if before * after < 0:
            self.entry_price = price
        return profit


class Ledger:
    """The account's money; mutated only by fills and reservations."""

    def __init__(self, balances: Mapping[str, Decimal]) -> None:
        self.total: dict[str, Decimal] = dict(balances)
        self.reserved: dict[str, Decimal] = {}
        self.holdings: dict[str, Holding] = {}
        self.changed: set[str] = set()

    def available(self, currency: str) -> Decimal:
        return self.total.get(currency, ZERO) - self.reserved.get(currency, ZERO)

    def reserve(self, currency: str, amount: Decimal) -> None:
        """Set aside amount, or release it when negative."""
        self.reserved[currency] = self.reserved.get(currency, ZERO) + amount
        self.changed.add(currency)

    def fill(
        self, instrument: Instrument, side: OrderSide, size: Decimal, price: Decimal, fee_rate: Decimal
    ) -> tuple[Decimal, str]:
        """Book one fill; returns (fee, fee currency), the fee positive when paid."""
        if instrument.kind is InstrumentKind.SPOT:
            cost = size * price
            if side is OrderSide.BUY:
                fee, currency = size * fee_rate, instrument.base
                self.add(instrument.base, size - fee)
                self.add(instrument.quote, -cost)
            else:
                fee, currency = cost * fee_rate, instrument.quote
                self.add(instrument.base, -size)
                self.add(instrument.quote, cost - fee)
            return fee, currency
        holding = self.holdings.get(instrument.instrument_id)
        if holding is None:
            holding = self.holdings[instrument.instrument_id] = Holding(instrument)
        profit = holding.fill(size if side is OrderSide.BUY else -size, price)
        fee = instrument.notional(size, price) * fee_rate
        self.add(instrument.settle, profit - fee)
        return fee, instrument.settle

    def add(self, currency: str, amount: Decimal) -> None:
        """Change a balance; negative takes away."""
        self.total[currency] = self.total.get(currency, ZERO) + amount
        self.changed.add(currency)

    def balance(self, currency: str, now_ns: int) -> Balance:
        return Balance(currency, self.total.get(currency, ZERO), self.available(currency), now_ns)

    def position(self, instrument_id: str, now_ns: int) -> VenuePosition:
        holding = self.holdings[instrument_id]
        return VenuePosition(
            instrument_id,
            PositionSide.NET,
            holding.size,
            holding.entry_price if holding.size else None,
            venue_time_ns=now_ns,
        )
