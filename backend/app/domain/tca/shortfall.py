"""Implementation shortfall: what an order cost against having traded all of it at the price of its decision.

By Perold: the profit of the paper portfolio less that of the real one, over what was ordered; the parts as the CFA
Institute has them, with the spread told apart from the rest of the execution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.instruments import Instrument
from app.domain.money import ZERO, rounded
from app.domain.tca.slippage import BPS, PLACES
from app.domain.tca.worth import paid


@dataclass(frozen=True, slots=True)
class Filled:
    """One fill. fee: in the currency of the costs; None where it is not known. mid: just before it; None where nobody
    saw it."""

    price: Decimal
    size: Decimal
    fee: Decimal | None = None
    mid: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """decision, arrival, end: the mid when it was decided, accepted and over; decision, end None: nobody saw it."""

    decision: Decimal | None
    arrival: Decimal
    end: Decimal | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Positive is bad. delay: from decision to arrival, of what filled; None when the decision's price is not known.
    spread: beyond the mid that each fill met, of those whose mid is known; execution: what the mid, and fills whose mid
    is not known, went since arrival. opportunity: what did not fill; None when something did not and the decision's or
    the end's price is not known. fees: those known. total: the sum, exactly; None without one of them."""

    delay: Decimal | None
    spread: Decimal
    execution: Decimal
    opportunity: Decimal | None
    fees: Decimal
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """money: in the currency of the costs. bps: of `notional`, what was ordered at the price of the decision, of
    the arrival where that is not known.
    spread_known: how much of what filled has a known mid. fees_unknown: fills whose fee is in no figure."""

    money: Parts
    bps: Parts
    notional: Decimal
    spread_known: Decimal
    fees_unknown: int


def shortfall(
    instrument: Instrument, sign: int, size: Decimal, fills: Sequence[Filled], prices: Benchmarks
) -> Shortfall:
    """Of an order for `size` (above zero, instrument's unit), bought (+1) or sold (-1)."""
    filled = sum((fill.size for fill in fills), ZERO)
    seen = [(fill, fill.mid) for fill in fills if fill.mid is not None]
    at_decision = None if prices.decision is None else paid(instrument, filled, prices.decision)
    at_arrival = paid(instrument, filled, prices.arrival)
    real = sum((paid(instrument, fill.size, fill.price) for fill in fills), ZERO)
    spread = sum((paid(instrument, f.size, f.price) - paid(instrument, f.size, mid) for f, mid in seen), ZERO)
    money = _with_total(
        None if at_decision is None else sign * (at_arrival - at_decision),
        sign * spread,
        sign * (real - at_arrival - spread),
        _opportunity(instrument, sign, size - filled, prices),
        sum((fill.fee for fill in fills if fill.fee is not None), ZERO),
    )
    notional = abs(paid(instrument, size, prices.arrival if prices.decision is None else prices.decision))
    return Shortfall(
        money,
        _in_bps(money, notional),
        notional,
        sum((fill.size for fill, _ in seen), ZERO),
        sum(fill.fee is None for fill in fills),
    )


def _opportunity(instrument: Instrument, sign: int, unfilled: Decimal, prices: Benchmarks) -> Decimal | None:
    """Negative of what filled beyond the order, when the price went its way."""
    if not unfilled:
        return ZERO
    if prices.end is None or prices.decision is None:
        return None
    return sign * (paid(instrument, unfilled, prices.end) - paid(instrument, unfilled, prices.decision))


def _with_total(
    delay: Decimal | None, spread: Decimal, execution: Decimal, opportunity: Decimal | None, fees: Decimal
) -> Parts:
    total = None
    if delay is not None and opportunity is not None:
        total = delay + spread + execution + opportunity + fees
    return Parts(delay, spread, execution, opportunity, fees, total)


def _in_bps(money: Parts, notional: Decimal) -> Parts:
    """Each part rounded by itself, and the total their sum."""

    def bps(amount: Decimal) -> Decimal:
        return rounded(amount / notional * BPS, PLACES)

    delay, opportunity = (None if each is None else bps(each) for each in (money.delay, money.opportunity))
    return _with_total(delay, bps(money.spread), bps(money.execution), opportunity, bps(money.fees))
