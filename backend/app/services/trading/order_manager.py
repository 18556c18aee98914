"""Orders as records: created, updated from venue reports, listed, and compared with the exchange.

Open orders are answered from memory, older ones from the database.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.clock import utc
from app.domain.alike import common
from app.domain.child_views import MET_OWN
from app.domain.conditions import Condition
from app.domain.events import EventKind
from app.domain.money import ZERO
from app.domain.order_changes import deny, new_order
from app.domain.order_parts import may_become_more
from app.domain.orders import TERMINAL_STATUSES, Order, OrderReport, OrderRequest, OrderSide, OrderStatus
from app.domain.refusals import InvalidValue, Refusal
from app.journal.codec import as_is, content_hash, encode
from app.services.trading.account import refusal_classes
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.recall import KnownOrders
from app.services.trading.account.turn import Turn
from app.services.trading.errors import OrderNotFound
from app.services.trading.reports.window import window
from app.services.trading.schemas import OrderResponse, member_of
from app.store import queries
from app.store.database import Database
from app.store.queries import OrderFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Orders, newest first; next_cursor continues, None at the end."""

    orders: tuple[OrderResponse, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What a comparison with the exchange came to: orders looked at, changed, and still undecided."""

    checked: int
    changed: int
    unknown: int


class OrderManager(KnownOrders):
    """The account's orders. door: where a venue's report is booked (tracker); resync: compares with the exchange. Who
    only reads has neither. held: the orders that wait here for a price, of one instrument or all."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        *,
        door: Callable[[OrderReport], Awaitable[Order | None]] | None = None,
        resync: Callable[[], Awaitable[SyncResult]] | None = None,
        held: Callable[[str | None], list[OrderResponse]] = lambda _: [],
    ) -> None:
        super().__init__(ledger, database)
        self._door, self._resync, self._held = door, resync, held

    def create_order(
        self,
        turn: Turn,
        request: OrderRequest,
        *,
        refusals: Sequence[Refusal] = (),
        checked: Sequence[str] = (),
        exit: bool = False,
        protects: bool = False,
    ) -> Order:
        """Create an order's record and its intent event in a turn: PENDING, or DENIED when there are refusals.

        checked: the risk checks that looked at it; the decision is kept beside the order and in the journal. exit,
        protects: see Order.
        """
        order = new_order(request, exit=exit, protects=protects)
        kind = EventKind.ORDER_INTENT
        if refusals:
            order, kind = deny(order, refusals, turn.now_ns), EventKind.ORDER_DENIED
        content = encode(request)
        verdict: dict[str, object] = {
            "verdict": "refuse" if refusals else "pass",
            "checked": checked,
            "reasons": refusals,
        }
        if exit:
            verdict["exit"] = True
        if protects:
            verdict["protects"] = True
        decision = encode(verdict)
        intent_hash = content_hash(content)
        turn.create(order, intent_hash, decision)
        payload = {"request": as_is(content), "hash": intent_hash, "risk": as_is(decision)}
        turn.event(kind, payload, order_id=request.order_id, parent_id=request.parent_id)
        return order

    async def update_order_status(self, report: OrderReport) -> OrderResponse:
        """Apply what the venue says of an order; the same report twice changes nothing.

        Raises OrderNotFound when the report is about an order that is neither ours nor fully described.
        """
        if self._door is None:
            raise RuntimeError("update_order_status: no door was given, so no report can enter")
        order = await self._door(report)
        if order is None:
            raise OrderNotFound(report.client_order_id or report.venue_order_id)
        return response(order)

    def get_order(self, order_id: str) -> OrderResponse:
        """One order by our order id or its client order id. Raises OrderNotFound."""
        return response(self.find(order_id))

    def get_active_orders(self, instrument_id: str | None = None) -> list[OrderResponse]:
        """Orders that are not settled, oldest first, those that are held here until their price comes included."""
        at_exchange = [
            response(order)
            for order in self._ledger.open_orders()
            if instrument_id is None or order.request.instrument_id == instrument_id
        ]
        return sorted([*at_exchange, *self._held(instrument_id)], key=lambda order: order.created_at)

    def get_order_history(
        self,
        *,
        instrument_id: str | None = None,
        status: OrderStatus | str | Sequence[OrderStatus | str] | None = None,
        side: OrderSide | str | None = None,
        strategy_id: str | None = None,
        parent_id: str | None = None,
        exchange_order_id: str | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> OrderPage:
        """A page of orders of all states, newest first, with start_date <= created_at < end_date. status, side: as
        members or as their text.

        Raises InvalidValue for a word that is none of them, naive or reversed dates, a limit out of range and a cursor
        that no page gave out.
        """
        given = (status,) if isinstance(status, str) else status or ()
        start_ns, end_ns = window(start_date, end_date)
        wanted = OrderFilter(
            instrument_id=instrument_id,
            statuses=frozenset(member_of(OrderStatus, "status", word) for word in given),
            side=None if side is None else member_of(OrderSide, "side", side),
            strategy_id=strategy_id,
            parent_id=parent_id,
            exchange_order_id=exchange_order_id,
            created_from_ns=start_ns,
            created_to_ns=end_ns,
        )
        page = queries.order_history(self._database, self._ledger.account, wanted, limit=limit, cursor=cursor)
        return OrderPage(orders=tuple(response(order) for order in page.rows), next_cursor=page.next_cursor)

    async def sync_orders_with_exchange(self) -> SyncResult:
        """Compare every open order with the exchange and book what was missed. Raises ExchangeError."""
        if self._resync is None:
            raise RuntimeError("sync_orders_with_exchange: these orders are only read, there is no exchange to ask")
        return await self._resync()


def check_amendable(
    order: Order, size: Decimal | None, price: Decimal | None, condition: Condition | None = None
) -> None:
    """Raises InvalidValue when this amendment cannot be asked for."""
    if size is None and price is None and condition is None:
        raise InvalidValue("new_size", "none", "give new_size, new_price or both")
    if size is not None and size <= order.filled_size:
        raise InvalidValue("new_size", size, f"must be above the filled size {order.filled_size}")
    rests = order.request.order_type.rests or order.waits
    if not rests or order.status not in (OrderStatus.LIVE, OrderStatus.PARTIALLY_FILLED):
        raise InvalidValue("order_id", order.order_id, f"cannot be amended while it is {order.status.value}")
    if len(order.parts) > 1 or may_become_more(order):
        rule = "has become several orders at the exchange, which cannot be amended as one: cancel it"
        raise InvalidValue("order_id", order.order_id, rule)


_requested = common(OrderRequest, OrderResponse, "size", "price")


def response(order: Order) -> OrderResponse:
    """The order as users see it."""
    request, status, filled_size = order.request, order.status, order.filled_size
    fees: dict[str, Decimal] = {}
    for fill in order.fills.values():
        if fill.fee is not None:
            fees[fill.fee_currency] = fees.get(fill.fee_currency, ZERO) + fill.fee
    return OrderResponse(
        **_requested(request),
        exchange_order_id=order.venue_order_id or None,
        size=order.size,
        price=order.price,
        status=status,
        settled=order.settled,
        filled_size=filled_size,
        remaining_size=ZERO if status in TERMINAL_STATUSES else order.remaining,
        average_fill_price=order.average_fill_price,
        fees=fees,
        cancel_requested=order.cancel_requested,
        error_code=order.error_code or None,
        error_message=order.error_message or (MET_OWN if order.met_own else None),
        refusal=refusal_classes.of_order(order),
        reasons=order.reasons,
        exit=order.exit,
        created_at=utc(request.created_ns),
        sent_at=None if order.sent_ns is None else utc(order.sent_ns),
        acknowledged_at=None if order.acknowledged_ns is None else utc(order.acknowledged_ns),
        updated_at=utc(order.updated_ns),
        completed_at=None if order.completed_ns is None else utc(order.completed_ns),
    )
