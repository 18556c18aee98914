"""What a parent order would do, and what that would cost by the book as it stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.clock import utc
from app.domain.instruments import Instrument
from app.domain.money import ONE, ZERO, plain, rounded, shown_price
from app.domain.orders import OrderSide, OrderType
from app.domain.parents import Done, ParentOrder, Place, Progress, Step, Wait
from app.exchanges.port import FeeRates
from app.market_data.view import MarketView
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.execution_strategies.views import AtWorst, ParentPreview, PlannedChild
from app.services.trading.parents.figures import slippage_bps


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What it would do if it began now, and the first order that would come of it, where that can be told."""

    step: Step
    place: Place | None


@dataclass(frozen=True, slots=True)
class Impact:
    """How far its size tends to move the market, in basis points: by the square-root law; and by the power law, of one
    with a duration, worked evenly over it. None where too little traded."""

    square_root_bps: Decimal | None = None
    power_law_bps: Decimal | None = None


NO_IMPACT = Impact()


def preview(
    progress: Progress,
    strategy: ExecutionStrategy,
    first: Foreseen,
    market: MarketView | None,
    rates: FeeRates | None,
    impact: Impact = NO_IMPACT,
    at_worst: AtWorst | None = None,
) -> ParentPreview:
    """progress: of the parent that would begin. market: None where no prices may be taken from it. rates: the fees in
    force. at_worst: by risk."""
    parent, instrument = progress.parent, progress.instrument
    children = strategy.planned(progress, market)
    if not children and isinstance(first.step, Place):
        children = [PlannedChild(None, first.step.size, first.step.price, first.step.reason)]
    mid = None if market is None or market.book is None else market.book.mid
    expected = None if market is None or mid is None else _expected(children, market, parent.side, first, instrument)
    walk = None if market is None or mid is None else market.walk(parent.side, parent.size)
    at_once = None if walk is None else walk.average
    cost = None if expected is None or mid is None else _cost(parent, instrument, mid, expected)
    share = ZERO if _crosses(first.place, market, parent.side) else strategy.maker_share(first.place)
    at = expected or (first.place.price if first.place is not None else None) or mid
    fees = None if rates is None or at is None else _fees(parent, instrument, at, share, rates)
    return ParentPreview(
        strategy=strategy.name,
        instrument_id=parent.instrument_id,
        side=parent.side,
        size=parent.size,
        quote_size=parent.quote,
        limit_price=parent.limit_price,
        start_at=utc(parent.start_ns),
        end_at=None if parent.end_ns is None else utc(parent.end_ns),
        next_act=_said(first.step),
        children=tuple(children),
        mid_price=mid,
        expected_price=None if expected is None else shown_price(expected),
        expected_slippage_bps=slippage_bps(parent, mid, expected),
        expected_cost=cost,
        cost_currency=cost_currency(instrument),
        maker_fee_rate=None if rates is None else rates.maker,
        taker_fee_rate=None if rates is None else rates.taker,
        maker_share=share,
        expected_fees=fees,
        expected_total=None if cost is None or fees is None else cost + fees,
        at_once_size=None if walk is None else walk.filled,
        at_once_price=None if at_once is None else shown_price(at_once),
        at_once_slippage_bps=slippage_bps(parent, mid, at_once),
        square_root_bps=impact.square_root_bps,
        power_law_bps=impact.power_law_bps,
        at_worst=None if at_worst is None else _shown(at_worst),
    )


def _shown(at_worst: AtWorst) -> AtWorst:
    worth, share = at_worst.worth, at_worst.of_equity
    return AtWorst(
        at_worst.currency,
        None if worth is None else rounded(worth),
        None if share is None else rounded(share),
    )


def cost_currency(instrument: Instrument) -> str:
    """What it is paid in."""
    return instrument.settle if instrument.inverse else instrument.quote


def _paid(instrument: Instrument, size: Decimal, price: Decimal) -> Decimal:
    """What size is worth at price, in cost_currency."""
    return instrument.base_quantity(size, price) if instrument.inverse else instrument.notional(size, price)


def _cost(parent: ParentOrder, instrument: Instrument, mid: Decimal, expected: Decimal) -> Decimal:
    """What the expected price costs against the mid. A dearer inverse contract is worth less of what it is paid in."""
    sign = -parent.side.sign if instrument.inverse else parent.side.sign
    return rounded(sign * (_paid(instrument, parent.size, expected) - _paid(instrument, parent.size, mid)))


def _fees(parent: ParentOrder, instrument: Instrument, at: Decimal, share: Decimal, rates: FeeRates) -> Decimal:
    rate = share * rates.maker + (ONE - share) * rates.taker
    return rounded(_paid(instrument, parent.size, at) * rate)


def _crosses(place: Place | None, market: MarketView | None, side: OrderSide) -> bool:
    """Whether an order that may rest would take at once."""
    far = None if market is None or market.book is None else market.book.far(side)
    if place is None or place.price is None or far is None or place.order_type is OrderType.POST_ONLY:
        return False
    return side.sign * (place.price - far) >= 0


def _expected(
    children: Sequence[PlannedChild], market: MarketView, side: OrderSide, first: Foreseen, instrument: Instrument
) -> Decimal | None:
    """The average price of what is planned, by size. None where nothing is, or the book holds nothing of it."""
    step = first.step
    rests = isinstance(step, Place) and step.order_type.rests and not _crosses(step, market, side)
    size, cost = ZERO, ZERO
    for child in children:
        at = child.price or (step.price if isinstance(step, Place) else None)
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
