"""What an execution cost, out of its rows: the parent or order, its children and fills, what was kept of the market.

Reads the database alone, so that a read-only server tells the same as a running one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.clock import NS_PER_SECOND, utc
from app.domain.child_views import child_view
from app.domain.instruments import Instrument
from app.domain.money import ZERO, rounded
from app.domain.orders import Order, OrderSide
from app.domain.parents import Progress
from app.domain.tca.latency import latency
from app.domain.tca.ratios import order_ratios
from app.domain.tca.schedule_error import schedule_error
from app.domain.tca.shortfall import Shortfall
from app.domain.tca.slippage import slippage_bps
from app.domain.tca.time_to_fill import median_seconds, still_open
from app.domain.tca.worth import average_price, cost_currency
from app.services.trading.errors import OrderNotFound, ParentNotFound
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.reports.cost_marks import SeenFill, after_fills, fill_cost
from app.services.trading.reports.cost_subjects import (
    NOT_CAPTURED,
    Reading,
    Subject,
    filled_before,
    of_order,
    of_parent,
    reading,
    shown,
)
from app.services.trading.reports.cost_views import (
    ChildCost,
    ExecutionCost,
    ScheduleLook,
)
from app.services.trading.reports.trip_fills import InstrumentOf
from app.store import queries
from app.store.database import Database
from app.store.queries import Row
from app.store.rows import parent_from_row

SEEN_ENOUGH = 0.99
"""Of the time from beginning to end; what was seen of less is not the whole market, and that is said."""
LOOKS = 60
"""So many times, evenly spaced, an execution is compared with its schedule."""


def execution_cost(database: Database, account: str, parent_id: str, instrument_of: InstrumentOf) -> ExecutionCost:
    """Of a parent order. Raises ParentNotFound, InvalidValue for an instrument that is not known."""
    found = queries.parent(database, account, parent_id)
    if found is None:
        raise ParentNotFound(parent_id)
    return _cost(database, account, of_parent(parent_from_row(found.row), found.children, instrument_of))


def order_cost(database: Database, account: str, order_id: str, instrument_of: InstrumentOf) -> ExecutionCost:
    """Of one order, as a parent of one. Raises OrderNotFound, InvalidValue for an instrument that is not known."""
    order = queries.find_order(database, account, order_id=order_id)
    if order is None:
        raise OrderNotFound(order_id)
    return _cost(database, account, of_order(order, instrument_of))


def _cost(database: Database, account: str, subject: Subject) -> ExecutionCost:
    windows, marks = queries.tca_of(database, account, [subject.id, *(o.order_id for o in subject.orders)])
    window, sign, instrument = windows.get(subject.id), subject.side.sign, subject.instrument
    read = reading(subject, window, marks)
    fills, arrival, end, whole = read.fills, read.arrival, read.end, read.shortfall
    filled = sum((each.fill.size for each in fills), ZERO)
    schedule = _schedule(subject, fills, window)
    filled_ns = _filled_ns(fills)
    first_ns = {order_id: moments[0] for order_id, moments in filled_ns.items()}
    lives = still_open(life for order in subject.orders if (life := _life(order, filled_ns)) is not None)
    return ExecutionCost(
        id=subject.id,
        kind=subject.kind,
        instrument_id=instrument.instrument_id,
        side=subject.side,
        strategy=subject.strategy,
        strategy_id=subject.strategy_id,
        status=subject.status,
        over=subject.over,
        size=subject.size,
        filled_size=filled,
        currency=cost_currency(instrument),
        decision=read.decision,
        arrival=arrival,
        end=end,
        average_price=shown(read.average),
        arrival_slippage_bps=read.slipped,
        shortfall=whole,
        quote_total=_in_quote(instrument, whole, arrival.price),
        duration_seconds=_duration(window, fills),
        maker_share=read.maker_share,
        fill_rate=read.fill_rate,
        schedule=schedule,
        schedule_error=schedule_error([(look.filled, look.target) for look in schedule], subject.size),
        market=read.market,
        estimate=read.estimate,
        effective_spread_bps=read.effective_spread,
        after_fills=tuple(after_fills(sign, instrument, fills)),
        after_end=read.after_end,
        acknowledgement=latency(ns for o in subject.orders if (ns := _since_sent(o, o.acknowledged_ns)) is not None),
        first_fill=latency(ns for o in subject.orders if (ns := _since_sent(o, first_ns.get(o.order_id))) is not None),
        time_to_fill=tuple(lives),
        median_seconds_to_fill=median_seconds(lives),
        ratios=order_ratios(order.status for order in subject.orders),
        orders=tuple(_child(o, instrument, windows.get(o.order_id), first_ns.get(o.order_id)) for o in subject.orders),
        fills=tuple(fill_cost(sign, each) for each in fills),
        missing=tuple(_missing(read, window)),
    )


def _in_quote(instrument: Instrument, whole: Shortfall | None, arrival: Decimal | None) -> Decimal | None:
    if not instrument.inverse or whole is None or whole.money.total is None or arrival is None:
        return None
    return rounded(whole.money.total * arrival)


def _since_sent(order: Order, at_ns: int | None) -> int | None:
    """Never below zero: how far the exchange's clock is ahead is known to half a round trip."""
    return None if at_ns is None or order.sent_ns is None else max(at_ns - order.sent_ns, 0)


def _filled_ns(fills: Iterable[SeenFill]) -> dict[str, list[int]]:
    """By order, when it filled by our clock, oldest first."""
    found: dict[str, list[int]] = {}
    for each in fills:
        found.setdefault(each.order_id, []).append(each.at_ns)
    return {order_id: sorted(moments) for order_id, moments in found.items()}


def _life(order: Order, filled_ns: Mapping[str, Sequence[int]]) -> tuple[float, bool] | None:
    """For how long it was there, as far as is known, and whether it filled then; None for one that never was."""
    if order.sent_ns is None or not order.acknowledged:
        return None
    full, moments = order.filled_size >= order.size, filled_ns.get(order.order_id)
    until_ns = moments[-1] if full and moments else order.completed_ns or order.updated_ns
    return max(until_ns - order.sent_ns, 0) / NS_PER_SECOND, full


def _duration(window: Row | None, fills: Sequence[SeenFill]) -> float | None:
    if window is not None and window["ended_ns"] is not None:
        return (window["ended_ns"] - window["started_ns"]) / NS_PER_SECOND
    return (fills[-1].at_ns - fills[0].at_ns) / NS_PER_SECOND if fills else None


def _schedule(subject: Subject, fills: Sequence[SeenFill], window: Row | None) -> tuple[ScheduleLook, ...]:
    """None of it for a strategy without a schedule, or that is not known here, and before it is over."""
    parent = subject.parent
    named = None if parent is None else STRATEGIES.get(parent.strategy)
    if parent is None or named is None or window is None or window["ended_ns"] is None:
        return ()
    strategy = named(None, json.loads(parent.config))
    views = tuple(child_view(order, step=order.request.parent_step or 0, reason="") for order in subject.orders)
    progress = Progress(parent, subject.instrument, views)
    begun_ns, ended_ns = parent.planned_ns, window["ended_ns"]
    looks: list[ScheduleLook] = []
    for look in range(1, LOOKS + 1):
        at_ns = begun_ns + (ended_ns - begun_ns) * look // LOOKS
        target = strategy.target(progress, at_ns)
        if target is None:
            return ()
        filled = sum((each.fill.size for each in fills if each.at_ns <= at_ns), ZERO)
        looks.append(ScheduleLook(utc(at_ns), target, filled))
    return tuple(looks)


def _child(order: Order, instrument: Instrument, window: Row | None, first_ns: int | None) -> ChildCost:
    bid: Any = None if window is None else window["bid"]
    ask: Any = None if window is None else window["ask"]
    average = average_price(instrument, order.fills.values())
    side = order.request.side
    acknowledged_ns, filled_ns = _since_sent(order, order.acknowledged_ns), _since_sent(order, first_ns)
    return ChildCost(
        order_id=order.order_id,
        order_type=order.request.order_type,
        status=order.status,
        price=order.price,
        size=order.size,
        filled_size=order.filled_size,
        average_price=shown(average),
        sent_at=None if order.sent_ns is None else utc(order.sent_ns),
        bid=bid,
        ask=ask,
        touch_slippage_bps=slippage_bps(side.sign, average, ask if side is OrderSide.BUY else bid),
        acknowledged_ms=None if acknowledged_ns is None else acknowledged_ns / 1e6,
        first_fill_ms=None if filled_ns is None else filled_ns / 1e6,
    )


def _missing(read: Reading, window: Row | None) -> Iterable[str]:
    """What cannot be told, and why."""
    market, fills, decision, end, whole = read.market, read.fills, read.decision, read.end, read.shortfall
    if read.arrival.price is None:
        yield f"arrival: {read.arrival.source}"
    if decision.price is None and whole is not None:
        yield f"decision: {decision.source}; there is no delay and no total, and the rest counts from the arrival"
    if end.price is None and whole is not None and whole.money.opportunity is None:
        yield f"end: {end.source}; what did not fill has no cost"
    if whole is not None and whole.fees_unknown:
        yield f"fees: {whole.fees_unknown} fills whose fee has no price, or is not told yet"
    if unseen := sum(each.mid is None for each in fills):
        yield f"spread: nobody saw the mid before {unseen} fills; it is in execution"
    if window is None:
        yield f"market: {NOT_CAPTURED}"
    if filled_before(window, fills):
        yield "market: it filled before anybody looked; no volume, no VWAP, no TWAP"
    if market is not None and market.end_at is not None and market.seen_share is not None:
        length = (market.end_at - market.start_at).total_seconds()
        if market.seen_share < SEEN_ENOUGH:
            unseen = length * (1 - market.seen_share)
            yield f"market: nobody saw {unseen:.1f} of {length:.1f} seconds; volume, VWAP and TWAP are of the rest"
    if market is not None and market.volume_without_own is None:
        yield "market: the tape of trades holds less than we traded, so it missed something; no VWAP, no participation"
    if lost := sum(not each.kept for each in fills):
        yield f"marks: {lost} fills: {NOT_CAPTURED}"
