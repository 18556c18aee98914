"""How a parent order is shown beside its row: what would be done of it, and how it stands."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.orders import OrderSide, OrderStatus
from app.domain.parents import ParentStatus


@dataclass(frozen=True, slots=True)
class PlannedChild:
    """One order that would be placed. at: when; at once, or when something happens, where that is not known. price:
    None where the market makes it."""

    at: datetime | None
    size: Decimal
    price: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class AtWorst:
    """What a position comes to if everything fills: worth, in currency; of_equity: a fraction. None without a price."""

    currency: str
    worth: Decimal | None
    of_equity: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentPreview:
    """What a parent would be and do, if nothing changed meanwhile. size: in the instrument's unit; quote_size: the
    amount of quote currency that it comes of. children: as its strategy has them planned; the first, for one without a
    plan. next_act: what it would do at once, or wait for.

    By the book as it stands: mid_price; expected_price: the average of its children, each of which takes what the book
    shows now (one that rests, at its price); expected_slippage_bps: of that against the mid, positive when it is worse,
    and expected_cost: the same in cost_currency; at_once_price, at_once_slippage_bps: if all were taken now;
    at_once_size: how much of it the visible book holds. None where there is no usable book. square_root_bps: what its
    size tends to move the market by, by the square-root law on the last 15 minutes' trades; power_law_bps: by the power
    law of Almgren and others (2005), worked evenly over its duration; None of too few trades, and without one.

    maker_fee_rate, taker_fee_rate: of this account now, as fractions; negative is a rebate. maker_share: what of it is
    taken to fill at rest, by how its strategy works. expected_fees: by these, in cost_currency, whatever currency the
    exchange takes them in; None where the exchange did not say. expected_total: cost and fees.

    at_worst: what its position, or its asset over all pairs and contracts where that is more, comes to if it and all
    open orders of its side fill, as max_position_value_pct counts it; None for one that only reduces.
    """

    strategy: str
    instrument_id: str
    side: OrderSide
    size: Decimal
    quote_size: Decimal | None
    limit_price: Decimal | None
    start_at: datetime
    end_at: datetime | None
    next_act: str
    children: tuple[PlannedChild, ...]
    mid_price: Decimal | None
    expected_price: Decimal | None
    expected_slippage_bps: Decimal | None
    expected_cost: Decimal | None
    cost_currency: str
    maker_fee_rate: Decimal | None
    taker_fee_rate: Decimal | None
    maker_share: Decimal
    expected_fees: Decimal | None
    expected_total: Decimal | None
    at_once_size: Decimal | None
    at_once_price: Decimal | None
    at_once_slippage_bps: Decimal | None
    square_root_bps: Decimal | None
    power_law_bps: Decimal | None
    at_worst: AtWorst | None


@dataclass(frozen=True, slots=True)
class ScheduledSize:
    """What should be done by then."""

    at: datetime
    size: Decimal


@dataclass(frozen=True, slots=True)
class ChildFigures:
    """One of its orders. step: its number among the parent's acts. reason: why it was placed. ended: what it ended for
    other than by filling or because the parent asked for it (a refusal, self-trade prevention, somebody's cancel)."""

    order_id: str
    step: int
    reason: str
    status: OrderStatus
    size: Decimal
    filled_size: Decimal
    price: Decimal | None
    ended: str = ""


@dataclass(frozen=True, slots=True)
class ParentFigures:
    """arrival_price: the mid when it was accepted; None where the book could not be used. average_price: of its
    fills. slippage_bps: of the average against arrival, in hundredths of a percent, positive when it is worse.
    maker_share: of what filled, as a fraction. fees: by currency, positive when paid. scheduled_size: what should
    be done by now, for a strategy with a schedule; schedule: the same from its start to its expected end.
    ahead_size, ahead_seconds: before it when positive. participation: own part of what has traded since its start,
    for as far back as the tape goes (15 minutes); None when nothing has. expected_end: when it should be over; None
    when that is open. decision_price: the caller's own; decision_slippage_bps: of the average against it. next_act,
    next_at: what it does next or waits for and why, until when. children: its orders, the oldest first.
    """

    parent_id: str
    status: ParentStatus
    arrival_price: Decimal | None
    average_price: Decimal | None
    slippage_bps: Decimal | None
    maker_share: Decimal | None
    fees: dict[str, Decimal]
    scheduled_size: Decimal | None
    schedule: tuple[ScheduledSize, ...]
    ahead_size: Decimal | None
    ahead_seconds: Decimal | None
    participation: Decimal | None
    expected_end: datetime | None
    decision_price: Decimal | None
    decision_slippage_bps: Decimal | None
    next_act: str
    next_at: datetime | None
    children: tuple[ChildFigures, ...]
