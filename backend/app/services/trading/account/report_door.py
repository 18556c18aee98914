"""The one door for what the venue says: a report becomes order state, trades, positions, balances and events.

Replies, streams, polls, snapshots and audits all end here, inside a turn. Fills are never refused; an order that is
not ours is adopted as external; what should not happen is recorded, and sets the kill switch when it breaks what we
assume of the venue (INVARIANTS S3, S6, S7).
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.events import EventKind
from app.domain.evolve import evolve
from app.domain.instruments import InstrumentKind
from app.domain.order_changes import (
    BROKEN_VENUE_ASSUMPTIONS,
    Applied,
    apply_report,
    mark_filled_before,
    new_order,
)
from app.domain.orders import (
    Fill,
    Order,
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionSide,
    TradeMode,
)
from app.journal.codec import content_hash, encode
from app.services.trading.account.ids import drawn_by_an_executor
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.opening import is_held
from app.services.trading.account.turn import Turn

EXTERNAL_ORDER_PREFIX = "ext-"
ORDER_WITHOUT_INTENT = "order_without_intent"


class OrderNeeded(LookupError):
    """A report about an order that is not in memory, or does not say enough to adopt it: look for the order first."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What a report came to. changed is False for a duplicate, which leaves no trace."""

    order: Order
    new_fills: tuple[Fill, ...]
    changed: bool
    anomalies: tuple[str, ...]


def concerns(report: OrderReport) -> bool:
    """Whether a report is about an order. What others have waiting at the venue is none until it fires."""
    return report.condition is None or drawn_by_an_executor(report.client_order_id)


def book_report(
    ledger: Ledger,
    turn: Turn,
    report: OrderReport,
    *,
    may_adopt: bool = False,
    from_fill: bool = False,
) -> Booked:
    """Join a report into the turn.

    may_adopt: the database was searched too, so an order that memory does not hold is not ours. from_fill: the
    exchange was asked too, so a fill may be all that will ever be known of its order.
    Raises OrderNeeded (see there) and HistoryNeeded (a fill older than its position remembers): drop the turn then.
    """
    report = numbered(ledger, report)
    known = ledger.find(client_order_id=report.client_order_id, venue_order_id=_venue_id(report))
    if is_held(ledger.opening, known, report):
        report = evolve(report, fill=None)
    if report.fill is not None and report.fill.key in ledger.refused:
        raise ValueError(f"the database refuses fill {report.fill.trade_id} of order {report.fill.venue_order_id}")
    if known is None and not may_adopt:
        raise OrderNeeded(report.client_order_id or _venue_id(report))
    order = turn.order(known.order_id) if known is not None else _adopt(ledger, turn, report, from_fill)
    report = with_mode(ledger, order, report)
    applied = apply_report(order, report, turn.now_ns)
    if not applied.changed:
        return Booked(order, (), False, applied.anomalies)
    for fill in applied.new_fills:
        turn.bookings.fill(applied.order, fill)
    for fill in applied.late_fees:
        turn.bookings.fee(applied.order, fill)
    turn.put(applied.order)
    seq = _journal(ledger, turn, applied, report)
    for key, shares in turn.bookings.take_shares().items():
        turn.event(EventKind.POSITION_SHARED, {"shares": shares}, order_id=applied.order.order_id, position=key.label)
    if booked := (*applied.new_fills, *applied.late_fees):
        turn.unfold(min(fill.time_ns for fill in booked))
    _alarm(turn, applied, report, seq)
    return Booked(applied.order, applied.new_fills, True, applied.anomalies)


def numbered(ledger: Ledger, report: OrderReport) -> OrderReport:
    """The report with the serial number of its read: its own, or else the next."""
    return report if report.read else evolve(report, read=ledger.reads.next())


def with_mode(ledger: Ledger, order: Order, report: OrderReport) -> OrderReport:
    """The report with the position of its fill complete: exchanges do not say the mode of a fill, its order has it."""
    fill = report.fill
    if fill is None:
        return report
    known = order.fills.get(fill.key)
    side, mode, pnl = fill.position_side, fill.trade_mode or report.trade_mode or order.request.trade_mode, fill.pnl
    if known is not None:
        mode = known.trade_mode
    elif ledger.instrument(fill.instrument_id).kind is InstrumentKind.SPOT:
        side, mode, pnl = PositionSide.NET, TradeMode.CASH, None
    if (side, mode, pnl) == (fill.position_side, fill.trade_mode, fill.pnl):
        return report
    return evolve(report, fill=evolve(fill, position_side=side, trade_mode=mode, pnl=pnl))


def book_filled_before(turn: Turn, order_id: str, size: Decimal, evidence: str) -> bool:
    """Stage that at least `size` of an order had filled before the ledger began; False when that is known."""
    order = turn.order(order_id)
    if size <= order.filled_before:
        return False
    turn.put(mark_filled_before(order, size, turn.now_ns))
    turn.event(EventKind.ORDER_FILLED_BEFORE, {"filled": size, "evidence": evidence}, order_id=order_id)
    return True


def _venue_id(report: OrderReport) -> str:
    return report.venue_order_id or (report.fill.venue_order_id if report.fill else "")


def _journal(ledger: Ledger, turn: Turn, applied: Applied, report: OrderReport) -> int:
    order = applied.order
    fill = applied.new_fills[0] if applied.new_fills else None
    position = ledger.key_of(order, fill).label if fill else None
    return turn.event(
        EventKind.ORDER_REPORT,
        report,
        order_id=order.order_id,
        trade_id=fill.trade_id if fill else None,
        position=position,
        parent_id=order.request.parent_id,
    )


def _alarm(turn: Turn, applied: Applied, report: OrderReport, seq: int) -> None:
    for code in applied.anomalies:
        turn.anomaly(code, {"report_seq": seq, "source": report.source.value}, order_id=applied.order.order_id)
        if code in BROKEN_VENUE_ASSUMPTIONS and not turn.killed.engaged:
            turn.set_kill_switch(True, f"{code} on order {applied.order.order_id}")
    if applied.forced is not None and not turn.killed.engaged:
        turn.set_kill_switch(True, f"{applied.forced.category} of {applied.forced.instrument_id} by the venue")


def _adopt(ledger: Ledger, turn: Turn, report: OrderReport, from_fill: bool) -> Order:
    """An order that only the venue knows: manual, liquidation, other software, or ours from a lost database."""
    fill, venue_order_id = report.fill, _venue_id(report)
    side = report.side or (fill.side if fill else None)
    size = report.size or report.filled or (fill.size if fill and from_fill else None)
    if side is None or not size or not venue_order_id:
        raise OrderNeeded(report.client_order_id or venue_order_id)
    request = _external_request(ledger, turn.now_ns, report, side, size, venue_order_id)
    order = replace(
        new_order(request), sent=True, acknowledged=True, acknowledged_ns=turn.now_ns, venue_order_id=venue_order_id
    )
    turn.create(order, content_hash(encode(request)), None)
    turn.event(EventKind.ORDER_ADOPTED, {"request": request, "source": report.source}, order_id=order.order_id)
    if drawn_by_an_executor(report.client_order_id):
        _no_intent(turn, order, report.client_order_id)
    return order


def _no_intent(turn: Turn, order: Order, client_order_id: str) -> None:
    """An id of ours without an intent (INVARIANTS S5): this database is older than the account, as one restored from a
    backup is (FAULTS E6), or a second executor trades the account (E4). A person must say which before trading goes on.
    """
    turn.anomaly(ORDER_WITHOUT_INTENT, {"client_order_id": client_order_id}, order_id=order.order_id)
    if not turn.killed.engaged:
        turn.set_kill_switch(
            True,
            f"{ORDER_WITHOUT_INTENT} {client_order_id}: this database is older than the account, or another executor "
            "trades it",
        )


def _external_request(
    ledger: Ledger, now_ns: int, report: OrderReport, side: OrderSide, size: Decimal, venue_order_id: str
) -> OrderRequest:
    instrument = ledger.instrument(report.instrument_id)
    spot = instrument.kind is InstrumentKind.SPOT
    position_side, trade_mode = _position_of(ledger, report)
    own_id = f"{EXTERNAL_ORDER_PREFIX}{venue_order_id}"
    # Other software may use an id again once its order is over (FAULTS fact 1); here every order has one of its own.
    reused = ledger.id_taken(report.client_order_id)
    return OrderRequest(
        order_id=own_id,
        account=ledger.account,
        client_order_id=own_id if reused or not report.client_order_id else report.client_order_id,
        instrument_id=report.instrument_id,
        side=side,
        order_type=report.order_type or (OrderType.LIMIT if report.price else OrderType.MARKET),
        size=size,
        size_unit=instrument.size_unit,
        price=report.price,
        trade_mode=TradeMode.CASH if spot else trade_mode,
        created_ns=now_ns,
        position_side=PositionSide.NET if spot else position_side,
        external=True,
    )


def _position_of(ledger: Ledger, report: OrderReport) -> tuple[PositionSide, TradeMode]:
    """The side and mode of a contract's order that is not ours, as the exchange tells them.

    A fill alone has no mode (its order is gone at the exchange): then it is that of the only position held on its side,
    cross when there is none or more than one, and the comparison of positions shows it if that was wrong.
    """
    fill = report.fill
    side = report.position_side or (fill.position_side if fill else PositionSide.NET)
    told = report.trade_mode or (fill.trade_mode if fill else None)
    held = {p.mode for p in (f.position for f in ledger.folds_of(report.instrument_id)) if p.side is side and p.size}
    return side, told or (held.pop() if len(held) == 1 else TradeMode.CROSS)
