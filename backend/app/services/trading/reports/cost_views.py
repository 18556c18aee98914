"""What an execution cost, as it is shown. Costs in basis points and in money are positive when they are bad; of a
markout alone more is better. Each figure's formula stands in app.domain.tca and in docs/tca.md.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.orders import Liquidity, OrderSide, OrderStatus, OrderType
from app.domain.tca.calibration import Calibration
from app.domain.tca.clusters import Interval
from app.domain.tca.grouping import Grouping
from app.domain.tca.latency import Latency
from app.domain.tca.ratios import OrderRatios
from app.domain.tca.shortfall import Shortfall
from app.domain.tca.time_to_fill import StillOpen
from app.domain.tca.weighted import Weighted


@dataclass(frozen=True, slots=True)
class PriceAt:
    """A price, of when it is, and where it is from; source says why there is none where there is none."""

    price: Decimal | None
    at: datetime | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketWindow:
    """The market from its beginning to its end. seen_share: for which part of that there was a usable book. volume,
    vwap: with what it traded itself; without_own: of the others, None when the tape missed something of ours."""

    start_at: datetime
    end_at: datetime | None
    seen_share: float | None
    volume: Decimal
    volume_without_own: Decimal | None
    vwap: Decimal | None
    vwap_without_own: Decimal | None
    twap: Decimal | None
    vwap_slippage_bps: Decimal | None
    vwap_without_own_slippage_bps: Decimal | None
    twap_slippage_bps: Decimal | None
    participation: Decimal | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What it was expected to cost against the arrival's mid, as it began: by the book, all at once; by the square-root
    law. surprise_bps: arrival slippage less the second."""

    walk_bps: Decimal | None
    square_root_bps: Decimal | None
    surprise_bps: Decimal | None


@dataclass(frozen=True, slots=True)
class AfterFills:
    """So long after its fills, the means by notional of the n that have such a mark: markout (a benefit), net of fees;
    realised spread and impact. liquidity: of which fills; None for all."""

    horizon_ms: int
    liquidity: Liquidity | None
    n: int
    markout_bps: Decimal
    net_bps: Decimal | None
    realised_spread_bps: Decimal | None
    impact_bps: Decimal | None


@dataclass(frozen=True, slots=True)
class AfterEnd:
    """So long after its end: reversion (the price came back) and permanent impact. source says why there is none."""

    horizon_ms: int
    mid: Decimal | None
    reversion_bps: Decimal | None
    permanent_bps: Decimal | None
    source: str


@dataclass(frozen=True, slots=True)
class FillMark:
    """The mid so long after a fill, and the markout by it; why: there is none."""

    horizon_ms: int
    mid: Decimal | None
    markout_bps: Decimal | None
    at: datetime | None
    source: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FillCost:
    """One fill. fee: in the currency of the costs. mid: just before."""

    trade_id: str
    order_id: str
    at: datetime
    price: Decimal
    size: Decimal
    liquidity: Liquidity | None
    fee: Decimal | None
    mid: Decimal | None
    effective_spread_bps: Decimal | None
    marks: tuple[FillMark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildCost:
    """One of its orders. bid, ask: as it was sent. touch_slippage_bps: of its average against the touch that it would
    have met then. acknowledged_ms, first_fill_ms: after it was sent."""

    order_id: str
    order_type: OrderType
    status: OrderStatus
    price: Decimal | None
    size: Decimal
    filled_size: Decimal
    average_price: Decimal | None
    sent_at: datetime | None
    bid: Decimal | None
    ask: Decimal | None
    touch_slippage_bps: Decimal | None
    acknowledged_ms: float | None
    first_fill_ms: float | None


@dataclass(frozen=True, slots=True)
class ScheduleLook:
    """What was to be filled by then, and what was."""

    at: datetime
    target: Decimal
    filled: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionCost:
    """What one parent order cost, or one order without a parent, which is a parent of one.

    currency: of the shortfall's money, and of every fee. decision, arrival, end: the mids that it is measured by; a
    decision that nobody told is the arrival. shortfall: None where there is no arrival's price. quote_total: its total
    in quote currency at the arrival's price, of an inverse contract. schedule: at evenly spaced moments, of a strategy
    that has one; schedule_error: root mean square of what was
    filled less what should have been, as a share of the size. time_to_fill: how likely an order of it was still open.
    missing: what is not known, and why.
    """

    id: str
    kind: str
    instrument_id: str
    side: OrderSide
    strategy: str | None
    strategy_id: str | None
    status: str
    over: bool
    size: Decimal
    filled_size: Decimal
    currency: str
    decision: PriceAt
    arrival: PriceAt
    end: PriceAt
    average_price: Decimal | None
    arrival_slippage_bps: Decimal | None
    shortfall: Shortfall | None
    quote_total: Decimal | None
    duration_seconds: float | None
    maker_share: Decimal | None
    fill_rate: Decimal | None
    schedule: tuple[ScheduleLook, ...]
    schedule_error: Decimal | None
    market: MarketWindow | None
    estimate: Estimate
    effective_spread_bps: Decimal | None
    after_fills: tuple[AfterFills, ...]
    after_end: tuple[AfterEnd, ...]
    acknowledgement: Latency | None
    first_fill: Latency | None
    time_to_fill: tuple[StillOpen, ...]
    median_seconds_to_fill: float | None
    ratios: OrderRatios
    orders: tuple[ChildCost, ...]
    fills: tuple[FillCost, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """One figure of a group. weight: what its mean is weighted by, "ordered" or "filled" notional."""

    figure: str
    weight: str
    of: Weighted


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """Two arms of a wheel: the mean whole cost of the first less that of the second, in basis points, of the days that
    have both. interval: 95 % for it, at this look and all others and for all pairs of the wheel together. cheaper: the
    arm that it names; None where it names none, and why says why."""

    wheel: str
    currency: str
    first: str
    second: str
    days: int
    difference_bps: Decimal | None
    interval: Interval | None
    cheaper: str | None
    why: str


@dataclass(frozen=True, slots=True)
class CostGroup:
    """group: null for orders without a label. currency: what is paid in is not added to what is paid in another.
    orders: parents and orders without one, over in the period. unmeasured: of those, so many have no cost, for nobody
    saw the market at the arrival or something did not fill and nobody saw it at the end. notional: of what was ordered,
    at the decision's price. cost: the sum of the totals, in currency. calibration: of the estimates of before against
    the arrival slippage that came."""

    group: str | None
    currency: str
    orders: int
    unmeasured: int
    notional: Decimal
    cost: Decimal
    figures: tuple[GroupFigure, ...]
    calibration: tuple[Calibration, ...]


@dataclass(frozen=True, slots=True)
class UnlistedOrders:
    """Orders of an instrument that the exchange does not list any more: what one of its sizes is worth is not known, so
    they are in no group."""

    instrument_id: str
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReport:
    """What ended from start_date on and before end_date cost, by group. orders: so many were looked at, with those that
    unlisted names. comparisons: by arm, of every two of a wheel."""

    by: Grouping
    start_date: datetime | None
    end_date: datetime | None
    instrument_id: str | None
    orders: int
    groups: tuple[CostGroup, ...]
    comparisons: tuple[ArmComparison, ...]
    unlisted: tuple[UnlistedOrders, ...]
