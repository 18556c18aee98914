"""The input of every trade statistic: one fill, with its fee already valued in the money that is counted in.

Whoever holds venue fills (spot, linear or inverse contracts) maps them to TripFill; nothing in this package
knows orders, venues or tables.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
ONE = Decimal(1)

NET, LONG, SHORT = "net", "long", "short"
_POSITION_SIDES = frozenset((NET, LONG, SHORT))
_TIME_NS_LIMIT = 2**63


@dataclass(frozen=True, slots=True)
class TripFill:
    """One fill of one order.

    position_side  "net" may be long or short and may flip; on "long" a sell, on "short" a buy only reduces
                   (hedged contracts; also "long" for spot holdings that never go below zero)
    side           +1 bought, -1 sold
    size           positive; base units (spot) or contracts
    fee_quote      in the money that is counted in (quote, unless rate says otherwise), at the time of the fill and
                   whatever it was charged in: positive paid, negative rebate
    multiplier     contract value: base units per contract (linear), quote units per contract (inverse), 1 for spot
    inverse        settled in the base coin: profit is size x multiplier x (1/entry - 1/exit) coins
    trade_key      unique among the fills of the instrument
    fee_base       spot only: the part of the fee that the venue took out of the bought base coin; it makes the
                   holding smaller (or, negative, larger) and is contained in fee_quote
    trade_mode     margin mode of a contract; the same side in another mode is another position
    book           whose fill it is: each book has trips of its own
    nobodys        a fill of no strategy: what it closes of a net position beyond its own book, it closes of the others
    rate           of one unit of quote in the money that is counted in, at the time of the fill
    coin           inverse only: of one base coin likewise, what is realised in coin is valued at it; 0: price x rate
    volume_in      the currency that the traded value is told in, where it has no price of that time; rate is one then
    lot            a remainder smaller than this, after a reducing fill, counts as flat; 0: only exactly zero does

    Raises ValueError naming field, value and rule.
    """

    instrument_id: str
    position_side: str
    side: int
    price: Decimal
    size: Decimal
    fee_quote: Decimal
    multiplier: Decimal
    inverse: bool
    time_ns: int
    strategy_id: str | None
    trade_key: Hashable
    fee_base: Decimal = ZERO
    lot: Decimal = ZERO
    book: str = ""
    trade_mode: str = ""
    nobodys: bool = False
    rate: Decimal = ONE
    coin: Decimal = ZERO
    volume_in: str = ""

    def __post_init__(self) -> None:
        if self.side not in (1, -1):
            raise self._invalid("side", self.side, "must be +1 (bought) or -1 (sold)")
        if self.position_side not in _POSITION_SIDES:
            raise self._invalid("position_side", self.position_side, "must be net, long or short")
        if not (self.size.is_finite() and self.size > 0):
            raise self._invalid("size", self.size, "must be finite and above zero")
        if not (self.price.is_finite() and self.price >= 0) or (self.inverse and not self.price):
            raise self._invalid("price", self.price, "must be finite, not negative, and above zero if inverse")
        if not (self.rate.is_finite() and self.rate > 0):
            raise self._invalid("rate", self.rate, "must be finite and above zero")
        if not (self.coin.is_finite() and self.coin >= 0):
            raise self._invalid("coin", self.coin, "must be finite and not negative")
        if not (self.multiplier.is_finite() and self.multiplier > 0):
            raise self._invalid("multiplier", self.multiplier, "must be finite and above zero")
        if not self.fee_quote.is_finite():
            raise self._invalid("fee_quote", self.fee_quote, "must be finite")
        if self.fee_base and not (self.fee_base.is_finite() and abs(self.fee_base) < self.size):
            raise self._invalid("fee_base", self.fee_base, f"must be smaller than the size {self.size}")
        if not (self.lot.is_finite() and self.lot >= 0):
            raise self._invalid("lot", self.lot, "must be finite and not negative")
        if not 0 <= self.time_ns < _TIME_NS_LIMIT:
            raise self._invalid("time_ns", self.time_ns, "must be nanoseconds since 1970 within 63 bits")

    def _invalid(self, field: str, value: object, rule: str) -> ValueError:
        return ValueError(f"TripFill.{field} {value} of {self.instrument_id} trade {self.trade_key}: {rule}")


def notional(fill: TripFill) -> Decimal:
    """Traded value in the money that is counted in, positive: price x size x multiplier, or size x multiplier for
    inverse contracts, at the fill's rate."""
    contracts = fill.size * fill.multiplier * fill.rate
    return contracts if fill.inverse else contracts * fill.price


def earned_rate(fill: TripFill) -> Decimal:
    """What one unit of what the fill realises in (quote, base coin for inverse) is worth in the money counted in."""
    return (fill.coin or fill.price * fill.rate) if fill.inverse else fill.rate
