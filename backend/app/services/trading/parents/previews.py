"""What a parent order would do, and what that would cost by the book as it stands. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from app.clock import utc
from app.domain.instruments import Instrument
from app.domain.money import ZERO, plain, rounded
from app.domain.orders import OrderSide
from app.domain.parents import Done, Place, Progress, Step, Wait
from app.market_data.view import MarketView
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.execution_strategies.views import ParentPreview, PlannedChild
from app.services.trading.parents.figures import PLACES, slippage_bps


def preview(
    progress: Progress, strategy: ExecutionStrategy, first: Step, market: MarketView | None, *, usable: bool
) -> ParentPreview:
    """progress: of the parent that would begin. first: what it would do if it began now. usable: whether prices may be
    taken from the book."""
    parent, instrument = progress.parent, progress.instrument
    children = strategy.planned(progress, market)
    if not children and isinstance(first, Place):
        children = [PlannedChild(None, first.size, first.price, first.reason)]
    book = market.book if market is not None and usable else None
    mid = None if book is None else book.mid
    expected = None if market is None or mid is None else _expected(children, market, parent.side, first, instrument)
    walk = None if market is None or mid is None else market.walk(parent.side, parent.size)
    at_once = None if walk is None else walk.average
    cost = None
    if expected is not None and mid is not None and not instrument.inverse:
        cost = rounded(parent.side.sign * instrument.notional(parent.size, expected - mid), PLACES)
    return ParentPreview(
        strategy=strategy.name,
        instrument_id=parent.instrument_id,
        side=parent.side,
        size=parent.size,
        quote_size=parent.quote,
        limit_price=parent.limit_price,
        start_at=utc(parent.start_ns),
        end_at=None if parent.end_ns is None else utc(parent.end_ns),
        next_act=_said(first),
        children=tuple(children),
        mid_price=mid,
        expected_price=None if expected is None else rounded(expected, PLACES),
        expected_slippage_bps=slippage_bps(parent, mid, expected),
        expected_cost=cost,
        at_once_size=None if walk is None else walk.filled,
        at_once_price=None if at_once is None else rounded(at_once, PLACES),
        at_once_slippage_bps=slippage_bps(parent, mid, at_once),
    )


def _expected(
    children: Sequence[PlannedChild], market: MarketView, side: OrderSide, first: Step, instrument: Instrument
) -> Decimal | None:
    """The average price of what is planned, by size. None where nothing is, or the book holds nothing of it."""
    rests = isinstance(first, Place) and first.order_type.rests
    size, cost = ZERO, ZERO
    for child in children:
        at = child.price or (first.price if isinstance(first, Place) else None)
        price = at if rests and at is not None else market.walk(side, child.size).average
        if price is not None:
            size += child.size
            cost += child.size / price if instrument.inverse else child.size * price
    if not size:
        return None
    return size / cost if instrument.inverse else cost / size


def _said(step: Step) -> str:
    if isinstance(step, Place):
        at = "" if step.price is None else f" at {plain(step.price)}"
        return f"place {plain(step.size)} as {step.order_type.value}{at}: {step.reason}"
    if isinstance(step, Wait):
        return f"wait {step.reason}"
    return step.reason if isinstance(step, Done) else str(step)
