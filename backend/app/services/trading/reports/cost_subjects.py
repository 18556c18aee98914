"""What costs are measured of: a parent with its children, or an order alone; and the prices, fills and sums that a
report of one and a report of many both begin with.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from app.clock import NS_PER_SECOND, utc
from app.domain.decisions import Decision
from app.domain.instruments import Instrument
from app.domain.money import ZERO, shown_price
from app.domain.orders import Ending, Order, OrderSide
from app.domain.parents import ParentOrder
from app.domain.refusals import InvalidValue
from app.domain.tca.marks import Mark
from app.domain.tca.reversion import permanent_impact_bps, reversion_bps
from app.domain.tca.shares import maker_share, share
from app.domain.tca.shortfall import Benchmarks, Filled, Shortfall, shortfall
from app.domain.tca.slippage import slippage_bps
from app.domain.tca.twap import MidIntegral
from app.domain.tca.vwap import Traded, vwap
from app.domain.tca.worth import average_price, fee_paid, paid
from app.services.trading.execution_strategies import waits_for_price
from app.services.trading.reports.cost_marks import SeenFill, effective_spread
from app.services.trading.reports.cost_views import AfterEnd, Estimate, MarketWindow, PriceAt
from app.services.trading.reports.trip_fills import InstrumentOf
from app.store.queries import Row

HEARD_NS = NS_PER_SECOND
"""Within so long a fill is heard of while its market is looked at."""
NOT_CAPTURED = "not captured: it is of before costs were kept, or the process ended before they were written"

read_mark = msgspec.json.Decoder(Mark).decode
read_marks = msgspec.json.Decoder(list[Mark]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is measured: a parent with its children, or an order alone."""

    id: str
    kind: str
    instrument: Instrument
    side: OrderSide
    size: Decimal
    status: str
    over: bool
    strategy: str | None
    strategy_id: str | None
    parent: ParentOrder | None
    decided: Decision | None
    orders: tuple[Order, ...]

    @property
    def arm(self) -> str | None:
        return None if self.parent is None else arm_of(self.parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Of a subject: the prices that it is measured by, its fills with what was kept of them, and what comes of both."""

    fills: tuple[SeenFill, ...]
    average: Decimal | None
    decision: PriceAt
    arrival: PriceAt
    end: PriceAt
    slipped: Decimal | None
    shortfall: Shortfall | None
    market: MarketWindow | None
    estimate: Estimate
    after_end: tuple[AfterEnd, ...]
    effective_spread: Decimal | None
    maker_share: Decimal | None
    fill_rate: Decimal | None


def arm_of(parent: ParentOrder) -> str | None:
    """The label of its wheel and what that has assigned it to; None of one that no wheel has."""
    return None if parent.arm is None else f"{parent.strategy_id}: {parent.arm}"


def of_parent(parent: ParentOrder, orders: Sequence[Order], instrument_of: InstrumentOf) -> Subject:
    """Raises InvalidValue for an instrument that is not known."""
    told = parent.decision_ns is not None or parent.decision_price is not None
    return Subject(
        id=parent.parent_id,
        kind="execution",
        instrument=_known(instrument_of, parent.instrument_id),
        side=parent.side,
        size=parent.size,
        status=parent.status.value,
        over=parent.status.terminal,
        strategy=parent.strategy,
        strategy_id=parent.strategy_id,
        parent=parent,
        decided=None if not told else Decision(parent.decision_ns or parent.created_ns, parent.decision_price),
        orders=tuple(orders),
    )


def of_order(order: Order, instrument_of: InstrumentOf) -> Subject:
    """An order as a parent of one. Raises InvalidValue for an instrument that is not known."""
    return Subject(
        id=order.order_id,
        kind="order" if order.request.parent_id is None else "child",
        instrument=_known(instrument_of, order.request.instrument_id),
        side=order.request.side,
        size=order.size,
        status=order.status.value,
        over=order.settled,
        strategy=None,
        strategy_id=order.request.strategy_id,
        parent=None,
        decided=order.request.decision,
        orders=(order,),
    )


def reading(subject: Subject, window: Row | None, marks: Iterable[Row]) -> Reading:
    """window: of the subject. marks: the rows of its fills."""
    instrument, sign = subject.instrument, subject.side.sign
    fills = _seen(subject, marks)
    average = average_price(instrument, [each.fill for each in fills])
    arrival, end = _arrival(subject, window, fills), _end(subject, window)
    decision = _decision(subject, window, arrival)
    slipped = slippage_bps(sign, average, arrival.price)
    rested = [order for order in subject.orders if _rested(order)]
    notionals = [(abs(paid(instrument, f.fill.size, f.fill.price)), f.made) for f in fills if f.made is not None]
    return Reading(
        fills=tuple(fills),
        average=average,
        decision=decision,
        arrival=arrival,
        end=end,
        slipped=slipped,
        shortfall=_shortfall(subject, fills, decision.price, arrival.price, end.price),
        market=_market(subject, window, fills, average),
        estimate=_estimate(sign, None if filled_before(window, fills) else window, arrival.price, slipped),
        after_end=tuple(_after_end(sign, window, arrival.price, fills)),
        effective_spread=effective_spread(sign, instrument, fills),
        maker_share=maker_share(notionals),
        fill_rate=share(sum((o.filled_size for o in rested), ZERO), sum((o.size for o in rested), ZERO)),
    )


def _rested(order: Order) -> bool:
    """Whether the exchange had it in its book, or would have but for what it took; not what was refused, here or there,
    and not what still waited for its price."""
    request = order.request
    return request.order_type.rests and order.acknowledged and (request.condition is None or order.fired)


def _known(instrument_of: InstrumentOf, instrument_id: str) -> Instrument:
    found = instrument_of(instrument_id)
    if found is None:
        raise InvalidValue("instrument_id", instrument_id, "is not an instrument of this exchange")
    return found


def _seen(subject: Subject, marks: Iterable[Row]) -> list[SeenFill]:
    """Every fill with what was kept of it, oldest first."""
    kept = {(row["trade_id"], row["exchange_order_id"]): row for row in marks}
    found: list[SeenFill] = []
    for order in subject.orders:
        for fill in order.fills.values():
            row = kept.get(fill.key)
            fee = fee_paid(subject.instrument, fill, None if row is None else row["fee_rate"])
            mid = None if row is None else row["mid"]
            later = [] if row is None else read_marks(row["marks"])
            at_ns = fill.time_ns - (0 if row is None else row["ahead_ns"] or 0)
            found.append(SeenFill(fill, order.order_id, fee, mid, tuple(later), row is not None, at_ns))
    return sorted(found, key=lambda each: (each.fill.time_ns, each.fill.trade_id))


def _arrival(subject: Subject, window: Row | None, fills: Sequence[SeenFill]) -> PriceAt:
    """A parent's own snapshot; of an order, the book as it was sent; of what waited for a price, as it fired."""
    parent = subject.parent
    if parent is not None and waits_for_price(parent.strategy):
        return _fired(parent, subject.orders, window, fills)
    if parent is not None and parent.arrival is not None:
        return PriceAt(parent.arrival.mid, utc(parent.arrival.at_ns), "the book when it was accepted")
    if window is None:
        return PriceAt(None, None, NOT_CAPTURED)
    if parent is not None or window["bid"] is None:
        return PriceAt(None, utc(window["started_ns"]), "the book could not be used")
    mid = (window["bid"] + window["ask"]) / 2
    return PriceAt(mid, utc(window["started_ns"]), "the book when it was sent")


def _fired(parent: ParentOrder, orders: Sequence[Order], window: Row | None, fills: Sequence[SeenFill]) -> PriceAt:
    """At the exchange nobody looked when it fired: the mid just before its first fill is the one of then."""
    worked = [order for order in orders if order.request.condition is None or order.fired]
    if not worked:
        return PriceAt(None, None, "it has not fired")
    if worked[0].request.condition is not None and fills and fills[0].mid is not None:
        return PriceAt(fills[0].mid, utc(fills[0].fill.time_ns), "the book before its first fill, at the exchange")
    if window is None:
        return PriceAt(None, None, NOT_CAPTURED)
    at = utc(window["started_ns"])
    first = next((order for order in worked if order.ending is not Ending.DENIED), worked[0]).request
    if first.condition is None and window["started_ns"] > first.created_ns:
        # A crash took what was seen of the first order, and a later one began it again.
        return PriceAt(None, utc(first.created_ns), "the process ended before the book of then was written")
    if filled_before(window, fills):
        return PriceAt(None, utc(fills[0].at_ns), "the process was down when it fired, at the exchange")
    if window["bid"] is None:
        return PriceAt(None, at, "nobody saw a book that could be used")
    # Releases of before began with the acceptance. No clock tells which came first: it may have been set back since.
    began_ns = window["started_ns"]
    when = "it was accepted" if began_ns == parent.start_ns != first.created_ns else "it fired"
    return PriceAt((window["bid"] + window["ask"]) / 2, at, f"the book when {when}")


def _decision(subject: Subject, window: Row | None, arrival: PriceAt) -> PriceAt:
    """As it was told; else the mid of then, where somebody saw it."""
    decided = subject.decided
    if decided is None:
        return PriceAt(arrival.price, arrival.at, "arrival: nobody told when it was decided")
    if decided.price is not None:
        return PriceAt(decided.price, utc(decided.at_ns), "who asked for it")
    seen = None if window is None or window["decision"] is None else read_mark(window["decision"])
    if seen is None:
        return PriceAt(None, utc(decided.at_ns), NOT_CAPTURED)
    return PriceAt(seen.mid, utc(decided.at_ns), "the book when it was decided" if seen.mid is not None else seen.why)


def _end(subject: Subject, window: Row | None) -> PriceAt:
    if not subject.over:
        return PriceAt(None, None, "it is not over")
    if window is None or window["ended_ns"] is None:
        return PriceAt(None, None, NOT_CAPTURED if subject.kind != "child" else "its parent's is the one that counts")
    source = "the book could not be used" if window["end_mid"] is None else "the book at its end"
    return PriceAt(window["end_mid"], utc(window["ended_ns"]), source)


def _shortfall(
    subject: Subject,
    fills: Sequence[SeenFill],
    decision: Decimal | None,
    arrival: Decimal | None,
    end: Decimal | None,
) -> Shortfall | None:
    if arrival is None or not subject.size:
        return None
    priced = [Filled(each.fill.price, each.fill.size, each.fee, each.mid) for each in fills]
    return shortfall(subject.instrument, subject.side.sign, subject.size, priced, Benchmarks(decision, arrival, end))


def filled_before(window: Row | None, fills: Sequence[SeenFill]) -> bool:
    """Whether it had filled when its window began, which is then of another time: it was heard of late."""
    return window is not None and bool(fills) and fills[0].at_ns < window["started_ns"] - HEARD_NS


def _market(
    subject: Subject, window: Row | None, fills: Sequence[SeenFill], average: Decimal | None
) -> MarketWindow | None:
    if window is None or subject.kind == "child" or filled_before(window, fills):
        return None
    inverse, sign = subject.instrument.inverse, subject.side.sign
    started_ns, ended_ns = window["started_ns"], window["ended_ns"]
    within = [each.fill for each in fills if started_ns <= each.at_ns <= (ended_ns or each.at_ns)]
    own = Traded(
        sum((fill.size for fill in within), ZERO),
        sum((fill.size / fill.price if inverse else fill.size * fill.price for fill in within), ZERO),
    )
    everyone = Traded(window["traded_size"], window["traded_other"])
    others = everyone.without(own)
    # A tape that holds less than we traded has missed more than that: nothing of it may be averaged.
    with_own, without_own = (
        None if each is None else vwap(each, inverse=inverse) for each in (others and everyone, others)
    )
    twap = MidIntegral(window["mid_area"], window["seen_ns"]).average
    length_ns = None if ended_ns is None else ended_ns - started_ns
    return MarketWindow(
        start_at=utc(started_ns),
        end_at=None if ended_ns is None else utc(ended_ns),
        seen_share=round(min(window["seen_ns"] / length_ns, 1.0), 6) if length_ns and length_ns > 0 else None,
        volume=everyone.size,
        volume_without_own=None if others is None else others.size,
        vwap=shown(with_own),
        vwap_without_own=shown(without_own),
        twap=shown(twap),
        vwap_slippage_bps=slippage_bps(sign, average, with_own),
        vwap_without_own_slippage_bps=slippage_bps(sign, average, without_own),
        twap_slippage_bps=slippage_bps(sign, average, twap),
        participation=None if others is None else share(own.size, everyone.size),
    )


def _after_end(sign: int, window: Row | None, arrival: Decimal | None, fills: Sequence[SeenFill]) -> Iterable[AfterEnd]:
    """An order that its last fill ended has the marks of that fill: they are of the same moments."""
    if window is None or window["ended_ns"] is None:
        return
    own = read_marks(window["marks"])
    for mark in own or (fills[-1].marks if fills and not window["is_open"] else ()):
        end, later = window["end_mid"], mark.mid
        back = None if end is None or later is None else reversion_bps(sign, end, later)
        stayed = None if arrival is None or later is None else permanent_impact_bps(sign, arrival, later)
        yield AfterEnd(mark.horizon_ms, later, back, stayed, mark.source or mark.why)


def shown(price: Decimal | None) -> Decimal | None:
    return None if price is None else shown_price(price)


def _estimate(sign: int, window: Row | None, arrival: Decimal | None, slipped: Decimal | None) -> Estimate:
    if window is None:
        return Estimate(None, None, None)
    expected = window["square_root_bps"]
    surprise = None if expected is None or slipped is None else slipped - expected
    return Estimate(slippage_bps(sign, window["walk_price"], arrival), expected, surprise)
