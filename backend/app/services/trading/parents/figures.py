"""How a parent order stands: its schedule against what is done, its price against the market that it met, its fees.

Pure functions of the parent, its children's orders, its strategy and the market. Costs are positive when they are bad,
measured against the arrival price (TCA): the mid of the book when the parent was accepted.
"""

from decimal import Decimal

from app.clock import NS_PER_SECOND, utc
from app.domain.child_views import ChildView
from app.domain.money import ONE, ZERO, rounded, shown_price
from app.domain.orders import Fill, Liquidity
from app.domain.parents import ParentOrder, Progress, Wait
from app.domain.tca.worth import average_price
from app.market_data.view import MarketView
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.execution_strategies.views import ChildFigures, ParentFigures, ScheduledSize

BPS = Decimal(10_000)
LOOKS = 60
"""At so many times, evenly spaced, a schedule is told."""


def figures(
    parent: ParentOrder,
    progress: Progress,
    strategy: ExecutionStrategy,
    market: MarketView | None,
    now_ns: int,
    waiting: Wait | None = None,
) -> ParentFigures:
    """How it stands at now_ns. market: None for one that is over. waiting: what it waits for."""
    fills = [fill for child in progress.children for fill in child.fills.values()]
    average = average_price(progress.instrument, fills)
    arrival = parent.arrival.mid if parent.arrival is not None else None
    filled = sum((fill.size for fill in fills), ZERO)
    scheduled = None if parent.status.terminal else strategy.target(progress, now_ns)
    expected_ns = None if parent.status.terminal else strategy.expected_end_ns(progress, market, now_ns)
    ahead_ns = None if scheduled is None else strategy.ahead_ns(progress, now_ns)
    return ParentFigures(
        parent_id=parent.parent_id,
        status=parent.status,
        arrival_price=arrival,
        average_price=None if average is None else shown_price(average),
        slippage_bps=slippage_bps(parent, arrival, average),
        maker_share=_maker_share(fills, filled),
        fees=_fees(fills),
        scheduled_size=scheduled,
        schedule=() if scheduled is None or expected_ns is None else _schedule(progress, strategy, expected_ns),
        ahead_size=None if scheduled is None else filled - scheduled,
        ahead_seconds=None if ahead_ns is None else rounded(Decimal(ahead_ns) / NS_PER_SECOND, 3),
        participation=_participation(parent, fills, market, now_ns),
        expected_end=None if expected_ns is None else utc(expected_ns),
        decision_price=parent.decision_price,
        decision_slippage_bps=slippage_bps(parent, parent.decision_price, average),
        next_act="" if waiting is None else waiting.reason,
        next_at=None if waiting is None or waiting.until_ns is None else utc(waiting.until_ns),
        children=tuple(_child(child) for child in progress.children),
    )


def _schedule(progress: Progress, strategy: ExecutionStrategy, end_ns: int) -> tuple[ScheduledSize, ...]:
    begun_ns = progress.parent.planned_ns
    moments = (begun_ns + (end_ns - begun_ns) * look // LOOKS for look in range(LOOKS + 1))
    wanted = ((at_ns, strategy.target(progress, at_ns)) for at_ns in moments)
    return tuple(ScheduledSize(utc(at_ns), size) for at_ns, size in wanted if size is not None)


def _child(child: ChildView) -> ChildFigures:
    return ChildFigures(
        child.order_id,
        child.step,
        child.reason,
        child.status,
        child.size,
        child.filled,
        child.price,
        child.why_ended,
    )


def slippage_bps(parent: ParentOrder, arrival: Decimal | None, average: Decimal | None) -> Decimal | None:
    """(average - arrival) / arrival of a buy, the other way round of a sell, in basis points: positive is a cost."""
    if arrival is None or average is None:
        return None
    return rounded(parent.side.sign * (average - arrival) / arrival * BPS, 4)


def _maker_share(fills: list[Fill], filled: Decimal) -> Decimal | None:
    if not filled:
        return None
    made = sum((fill.size for fill in fills if fill.liquidity is Liquidity.MAKER), ZERO)
    return rounded(made / filled, 4)


def _fees(fills: list[Fill]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for fill in fills:
        if fill.fee is not None:
            found[fill.fee_currency] = found.get(fill.fee_currency, ZERO) + fill.fee
    return found


def _participation(parent: ParentOrder, fills: list[Fill], market: MarketView | None, now_ns: int) -> Decimal | None:
    if market is None or not market.volume:
        return None
    since_ns = max(parent.start_ns, market.volume[0].start_ns)
    traded = market.traded_volume(since_ns)
    own = sum((fill.size for fill in fills if fill.time_ns >= since_ns), ZERO)
    return min(rounded(own / traded, 4), ONE) if traded else None
