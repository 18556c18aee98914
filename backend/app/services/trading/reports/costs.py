"""What an execution cost, out of its rows: the parent or order, its children and fills, what was kept of the market.

Reads the database alone, so that a read-only server tells the same as a running one.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from app.clock import NS_PER_SECOND, utc
from app.domain.child_views import child_view
from app.domain.instruments import Instrument
from app.domain.money import ZERO, rounded
from app.domain.orders import Fill, FillKey, Order, OrderSide
from app.domain.parents import ParentOrder, Progress
from app.domain.refusals import InvalidValue
from app.domain.tca.latency import latency
from app.domain.tca.marks import Mark
from app.domain.tca.ratios import order_ratios
from app.domain.tca.reversion import permanent_impact_bps, reversion_bps
from app.domain.tca.schedule_error import schedule_error
from app.domain.tca.shares import maker_share, share
from app.domain.tca.shortfall import Benchmarks, Filled, Shortfall, shortfall
from app.domain.tca.slippage import slippage_bps
from app.domain.tca.time_to_fill import median_seconds, still_open
from app.domain.tca.twap import MidIntegral
from app.domain.tca.vwap import Traded, vwap
from app.domain.tca.worth import average_price, cost_currency, fee_paid, paid
from app.services.trading.errors import OrderNotFound, ParentNotFound
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.reports.cost_marks import SeenFill, after_fills, effective_spread, fill_cost
from app.services.trading.reports.cost_views import (
    AfterEnd,
    ChildCost,
    Estimate,
    ExecutionCost,
    MarketWindow,
    PriceAt,
)
from app.services.trading.reports.trip_fills import InstrumentOf
from app.store import queries
from app.store.database import Database
from app.store.queries import Row
from app.store.rows import parent_from_row

PRICE_PLACES = 12
LOOKS = 60
"""So many times, evenly spaced, an execution is compared with its schedule."""
NOT_CAPTURED = "not captured: it is of before costs were kept, or the process ended before they were written"

read_marks = msgspec.json.Decoder(list[Mark]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
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
    orders: tuple[Order, ...]


def execution_cost(database: Database, account: str, parent_id: str, instrument_of: InstrumentOf) -> ExecutionCost:
    """Of a parent order. Raises ParentNotFound, InvalidValue for an instrument that is not known."""
    found = queries.parent(database, account, parent_id)
    if found is None:
        raise ParentNotFound(parent_id)
    parent = parent_from_row(found.row)
    subject = _Subject(
        id=parent_id,
        kind="execution",
        instrument=_known(instrument_of, parent.instrument_id),
        side=parent.side,
        size=parent.size,
        status=parent.status.value,
        over=parent.status.terminal,
        strategy=parent.strategy,
        strategy_id=parent.strategy_id,
        parent=parent,
        orders=found.children,
    )
    return _cost(database, account, subject)


def order_cost(database: Database, account: str, order_id: str, instrument_of: InstrumentOf) -> ExecutionCost:
    """Of one order, as a parent of one. Raises OrderNotFound, InvalidValue for an instrument that is not known."""
    order = queries.find_order(database, account, order_id=order_id)
    if order is None:
        raise OrderNotFound(order_id)
    subject = _Subject(
        id=order_id,
        kind="order" if order.request.parent_id is None else "child",
        instrument=_known(instrument_of, order.request.instrument_id),
        side=order.request.side,
        size=order.size,
        status=order.status.value,
        over=order.settled,
        strategy=None,
        strategy_id=order.request.strategy_id,
        parent=None,
        orders=(order,),
    )
    return _cost(database, account, subject)


def _known(instrument_of: InstrumentOf, instrument_id: str) -> Instrument:
    found = instrument_of(instrument_id)
    if found is None:
        raise InvalidValue("instrument_id", instrument_id, "is not an instrument of this exchange")
    return found


def _cost(database: Database, account: str, subject: _Subject) -> ExecutionCost:
    windows, marked = queries.tca_of(database, account, [subject.id, *(o.order_id for o in subject.orders)])
    kept = {(row["trade_id"], row["exchange_order_id"]): row for row in marked}
    window, sign = windows.get(subject.id), subject.side.sign
    fills = _seen(subject, kept)
    instrument, parent = subject.instrument, subject.parent
    average = average_price(instrument, [each.fill for each in fills])
    arrival, end = _arrival(subject, window), _end(subject, window)
    decision = _decision(parent, arrival)
    whole = _shortfall(subject, fills, decision.price, arrival.price, end.price)
    filled = sum((each.fill.size for each in fills), ZERO)
    lives = still_open(life for order in subject.orders if (life := _life(order)) is not None)
    slipped = slippage_bps(sign, average, arrival.price)
    resting = [order for order in subject.orders if order.request.order_type.rests]
    notionals = [(abs(paid(instrument, f.fill.size, f.fill.price)), f.made) for f in fills if f.made is not None]
    market = None if window is None or subject.kind == "child" else _market(subject, window, fills, average)
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
        decision=decision,
        arrival=arrival,
        end=end,
        average_price=None if average is None else rounded(average, PRICE_PLACES),
        arrival_slippage_bps=slipped,
        shortfall=whole,
        quote_total=_in_quote(instrument, whole, arrival.price),
        duration_seconds=_duration(window, fills),
        maker_share=maker_share(notionals),
        fill_rate=share(sum((o.filled_size for o in resting), ZERO), sum((o.size for o in resting), ZERO)),
        schedule_error=_schedule_error(subject, [each.fill for each in fills], window),
        market=market,
        estimate=_estimate(sign, window, arrival.price, slipped),
        effective_spread_bps=effective_spread(sign, instrument, fills),
        after_fills=tuple(after_fills(sign, instrument, fills)),
        after_end=tuple(_after_end(sign, window, arrival.price, fills)),
        acknowledgement=latency(ns for o in subject.orders if (ns := _since_sent(o, o.acknowledged_ns)) is not None),
        first_fill=latency(ns for o in subject.orders if (ns := _since_sent(o, _first_fill_ns(o))) is not None),
        time_to_fill=tuple(lives),
        median_seconds_to_fill=median_seconds(lives),
        ratios=order_ratios(order.status for order in subject.orders),
        orders=tuple(_child(order, instrument, windows.get(order.order_id)) for order in subject.orders),
        fills=tuple(fill_cost(sign, each) for each in fills),
        missing=tuple(_missing(market, window, fills, arrival, end, whole)),
    )


def _seen(subject: _Subject, kept: dict[FillKey, Row]) -> list[SeenFill]:
    """Every fill with what was kept of it, oldest first."""
    found: list[SeenFill] = []
    for order in subject.orders:
        for fill in order.fills.values():
            row = kept.get(fill.key)
            fee = fee_paid(subject.instrument, fill, None if row is None else row["fee_rate"])
            mid = None if row is None else row["mid"]
            marks = [] if row is None else read_marks(row["marks"])
            found.append(SeenFill(fill, order.order_id, fee, mid, tuple(marks), row is not None))
    return sorted(found, key=lambda each: (each.fill.time_ns, each.fill.trade_id))


def _arrival(subject: _Subject, window: Row | None) -> PriceAt:
    """A parent's own snapshot; of an order, the book as it was sent."""
    parent = subject.parent
    if parent is not None and parent.arrival is not None:
        return PriceAt(parent.arrival.mid, utc(parent.arrival.at_ns), "the book when it was accepted")
    if window is None:
        return PriceAt(None, None, NOT_CAPTURED)
    if parent is not None or window["bid"] is None:
        return PriceAt(None, utc(window["started_ns"]), "the book could not be used")
    mid = (window["bid"] + window["ask"]) / 2
    return PriceAt(mid, utc(window["started_ns"]), "the book when it was sent")


def _decision(parent: ParentOrder | None, arrival: PriceAt) -> PriceAt:
    if parent is None or parent.decision_price is None:
        return PriceAt(arrival.price, arrival.at, "arrival: nobody told what it was decided at")
    decided_ns = parent.decision_ns
    return PriceAt(parent.decision_price, None if decided_ns is None else utc(decided_ns), "who asked for it")


def _end(subject: _Subject, window: Row | None) -> PriceAt:
    if not subject.over:
        return PriceAt(None, None, "it is not over")
    if window is None or window["ended_ns"] is None:
        return PriceAt(None, None, NOT_CAPTURED if subject.kind != "child" else "its parent's is the one that counts")
    source = "the book could not be used" if window["end_mid"] is None else "the book at its end"
    return PriceAt(window["end_mid"], utc(window["ended_ns"]), source)


def _shortfall(
    subject: _Subject,
    fills: Sequence[SeenFill],
    decision: Decimal | None,
    arrival: Decimal | None,
    end: Decimal | None,
) -> Shortfall | None:
    if arrival is None or decision is None or not subject.size:
        return None
    priced = [Filled(each.fill.price, each.fill.size, each.fee, each.mid) for each in fills]
    return shortfall(subject.instrument, subject.side.sign, subject.size, priced, Benchmarks(decision, arrival, end))


def _in_quote(instrument: Instrument, whole: Shortfall | None, arrival: Decimal | None) -> Decimal | None:
    if not instrument.inverse or whole is None or whole.money.total is None or arrival is None:
        return None
    return rounded(whole.money.total * arrival, PRICE_PLACES)


def _market(subject: _Subject, window: Row, fills: Sequence[SeenFill], average: Decimal | None) -> MarketWindow:
    inverse, sign = subject.instrument.inverse, subject.side.sign
    started_ns, ended_ns = window["started_ns"], window["ended_ns"]
    within = [f.fill for f in fills if f.fill.time_ns >= started_ns and f.fill.time_ns <= (ended_ns or f.fill.time_ns)]
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
        vwap=_shown(with_own),
        vwap_without_own=_shown(without_own),
        twap=_shown(twap),
        vwap_slippage_bps=slippage_bps(sign, average, with_own),
        vwap_without_own_slippage_bps=slippage_bps(sign, average, without_own),
        twap_slippage_bps=slippage_bps(sign, average, twap),
        participation=None if others is None else share(own.size, everyone.size),
    )


def _shown(price: Decimal | None) -> Decimal | None:
    return None if price is None else rounded(price, PRICE_PLACES)


def _estimate(sign: int, window: Row | None, arrival: Decimal | None, slipped: Decimal | None) -> Estimate:
    if window is None:
        return Estimate(None, None, None)
    expected = window["square_root_bps"]
    surprise = None if expected is None or slipped is None else slipped - expected
    return Estimate(slippage_bps(sign, window["walk_price"], arrival), expected, surprise)


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


def _since_sent(order: Order, at_ns: int | None) -> int | None:
    return None if at_ns is None or order.sent_ns is None else at_ns - order.sent_ns


def _first_fill_ns(order: Order) -> int | None:
    return min((fill.time_ns for fill in order.fills.values()), default=None)


def _life(order: Order) -> tuple[float, bool] | None:
    """For how long it was there, as far as is known, and whether it filled then; None for one that never was."""
    if order.sent_ns is None or not order.acknowledged:
        return None
    full = order.filled_size >= order.size
    last_ns = max((fill.time_ns for fill in order.fills.values()), default=None)
    until_ns = last_ns if full and last_ns is not None else order.completed_ns or order.updated_ns
    return max(until_ns - order.sent_ns, 0) / NS_PER_SECOND, full


def _duration(window: Row | None, fills: Sequence[SeenFill]) -> float | None:
    if window is not None and window["ended_ns"] is not None:
        return (window["ended_ns"] - window["started_ns"]) / NS_PER_SECOND
    return (fills[-1].fill.time_ns - fills[0].fill.time_ns) / NS_PER_SECOND if fills else None


def _schedule_error(subject: _Subject, fills: Sequence[Fill], window: Row | None) -> Decimal | None:
    """None for a strategy without a schedule, or that is not known here."""
    parent = subject.parent
    named = None if parent is None else STRATEGIES.get(parent.strategy)
    if parent is None or named is None or window is None or window["ended_ns"] is None:
        return None
    strategy = named(None, json.loads(parent.config))
    views = tuple(child_view(order, step=order.request.parent_step or 0, reason="") for order in subject.orders)
    progress = Progress(parent, subject.instrument, views)
    begun_ns, ended_ns = parent.planned_ns, window["ended_ns"]
    looks: list[tuple[Decimal, Decimal]] = []
    for look in range(1, LOOKS + 1):
        at_ns = begun_ns + (ended_ns - begun_ns) * look // LOOKS
        target = strategy.target(progress, at_ns)
        if target is None:
            return None
        looks.append((sum((fill.size for fill in fills if fill.time_ns <= at_ns), ZERO), target))
    return schedule_error(looks, parent.size)


def _child(order: Order, instrument: Instrument, window: Row | None) -> ChildCost:
    bid: Any = None if window is None else window["bid"]
    ask: Any = None if window is None else window["ask"]
    average = average_price(instrument, order.fills.values())
    side = order.request.side
    acknowledged_ns, first_ns = _since_sent(order, order.acknowledged_ns), _since_sent(order, _first_fill_ns(order))
    return ChildCost(
        order_id=order.order_id,
        order_type=order.request.order_type,
        status=order.status,
        price=order.price,
        size=order.size,
        filled_size=order.filled_size,
        average_price=_shown(average),
        sent_at=None if order.sent_ns is None else utc(order.sent_ns),
        bid=bid,
        ask=ask,
        touch_slippage_bps=slippage_bps(side.sign, average, ask if side is OrderSide.BUY else bid),
        acknowledged_ms=None if acknowledged_ns is None else acknowledged_ns / 1e6,
        first_fill_ms=None if first_ns is None else first_ns / 1e6,
    )


def _missing(
    market: MarketWindow | None,
    window: Row | None,
    fills: Sequence[SeenFill],
    arrival: PriceAt,
    end: PriceAt,
    whole: Shortfall | None,
) -> Iterable[str]:
    """What cannot be told, and why."""
    if arrival.price is None:
        yield f"arrival: {arrival.source}"
    if end.price is None and whole is not None and whole.money.opportunity is None:
        yield f"end: {end.source}; what did not fill has no cost"
    if whole is not None and whole.fees_unknown:
        yield f"fees: {whole.fees_unknown} fills whose fee has no price, or is not told yet"
    if unseen := sum(each.mid is None for each in fills):
        yield f"spread: nobody saw the mid before {unseen} fills; it is in execution"
    if window is None:
        yield f"market: {NOT_CAPTURED}"
    if market is not None and market.volume_without_own is None:
        yield "market: the tape of trades holds less than we traded, so it missed something; no VWAP, no participation"
    if lost := sum(not each.kept for each in fills):
        yield f"marks: {lost} fills: {NOT_CAPTURED}"
