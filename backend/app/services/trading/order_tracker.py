"""Real-time tracking: the one door through which the venue's reports come in, and who is told about them.

Most reports are booked at once on the event loop; a report about an order that is not in memory, or a fill older than
its position remembers, waits for a read of the database first. Since reports join, their order does not matter.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from app.domain.events import EventKind
from app.domain.orders import Order, OrderReport
from app.domain.positions import HistoryNeeded
from app.exchanges.errors import ExchangeError
from app.services.trading.ledger import VENUE, Ledger
from app.services.trading.order_manager import OrderManager, response
from app.services.trading.position_manager import PositionManager
from app.services.trading.report_door import OrderNeeded, Recorder, book_report
from app.services.trading.schemas import OrderResponse
from app.services.trading.tasks import TaskGroup
from app.store import queries
from app.store.database import Database
from app.store.group import Group
from app.store.writer import StoreFailed

LATE_REPORTS_MAX = 10_000
CALLBACK_TIMEOUT_SECONDS = 5.0

log = structlog.get_logger("tracker")

OrderCallback = Callable[[OrderResponse], Awaitable[None] | None]


class OrderSource(Protocol):
    """What the tracker asks of an exchange: one order, for a report that does not say enough."""

    async def order(
        self, instrument_id: str, *, client_order_id: str = "", venue_order_id: str = ""
    ) -> OrderReport | None: ...


class OrderTracker:
    """Books reports and calls back; callbacks are isolated: one that fails or hangs delays nothing."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        orders: OrderManager,
        positions: PositionManager,
        recorder: Recorder,
        exchange: OrderSource,
        tasks: TaskGroup,
    ) -> None:
        self.overflowed = False
        self._ledger = ledger
        self._database = database
        self._orders = orders
        self._positions = positions
        self._recorder = recorder
        self._exchange = exchange
        self._tasks = tasks
        self._late = 0
        self._callbacks: dict[str, list[OrderCallback]] = {}
        self._waiters: dict[str, list[asyncio.Event]] = {}
        self._unsubscribe = ledger.subscribe(self._committed)

    def start_tracking(self, order_id: str, callback: OrderCallback | None = None) -> None:
        """Call back after every durable change of the order, until it is settled or stop_tracking.

        Every open order is followed anyway; tracking one adds the callback. Raises OrderNotFound.
        """
        order = self._orders.find(order_id)
        callbacks = self._callbacks.setdefault(order.order_id, [])
        if callback is not None and callback not in callbacks:
            callbacks.append(callback)

    def stop_tracking(self, order_id: str, callback: OrderCallback | None = None) -> None:
        """Forget one callback, or all of the order's. The order itself is followed until it is settled."""
        order = self._orders.in_memory(order_id)
        key = order.order_id if order is not None else order_id
        if callback is None:
            self._callbacks.pop(key, None)
        elif callback in self._callbacks.get(key, []):
            self._callbacks[key].remove(callback)

    @property
    def tracked(self) -> int:
        """Orders with callbacks."""
        return len(self._callbacks)

    async def on_order_update(self, report: OrderReport) -> Order | None:
        """Book one report and wait until it is durable; the order after it, None if it cannot be attributed.

        The same report twice is booked once. Raises StoreFailed.
        """
        try:
            order = self._book(report, may_adopt=False)
        except (OrderNeeded, HistoryNeeded):
            order = await self._book_late(report)
        await self._ledger.writer.drain()
        return order

    def receive(self, report: OrderReport) -> None:
        """The same from a stream: at once when possible, otherwise in a task; never raises.

        At most LATE_REPORTS_MAX wait; beyond that `overflowed` asks for a resync, since execution reports may not be
        lost (FAULTS C8).
        """
        try:
            self._book(report, may_adopt=False)
        except (OrderNeeded, HistoryNeeded):
            if self._late >= LATE_REPORTS_MAX:
                self.overflowed = True
                return
            self._late += 1
            self._tasks.spawn(self._receive_late(report), "late report")
        except StoreFailed as error:
            # Nothing is lost: the account is reloaded and the venue asked for everything since the watermark.
            log.error("report.not_booked", reason=str(error), client_order_id=report.client_order_id)

    async def wait(self, order_id: str, done: Callable[[Order], bool], timeout_seconds: float | None) -> Order:
        """Wait until done(order) holds for the durable order. Raises TimeoutError and OrderNotFound."""
        order = await self._orders.load(order_id)
        changed = asyncio.Event()
        waiters = self._waiters.setdefault(order.order_id, [])
        waiters.append(changed)
        try:
            async with asyncio.timeout(timeout_seconds):
                while not done(order := self._orders.find(order.order_id)):
                    changed.clear()
                    await changed.wait()
        finally:
            waiters.remove(changed)
            if not waiters:
                self._waiters.pop(order.order_id, None)
        return order

    def close(self) -> None:
        self._unsubscribe()

    def _book(self, report: OrderReport, *, may_adopt: bool) -> Order:
        turn = self._ledger.turn(VENUE)
        booked = book_report(self._ledger, turn, self._recorder, report, may_adopt=may_adopt)
        if booked.changed:
            turn.commit()
        return booked.order

    async def _receive_late(self, report: OrderReport) -> None:
        try:
            await self._book_late(report)
        finally:
            self._late -= 1

    async def _book_late(self, report: OrderReport) -> Order | None:
        await self._bring_back(report)
        try:
            return self._book(report, may_adopt=True)
        except HistoryNeeded:
            return await self._book_into_history(report)
        except OrderNeeded:
            return await self._book_after_asking(report)

    async def _bring_back(self, report: OrderReport) -> None:
        venue_order_id = report.venue_order_id or (report.fill.venue_order_id if report.fill else "")
        account = self._ledger.account

        def read() -> Order | None:
            found = None
            if report.client_order_id:
                found = queries.find_order(self._database, account, client_order_id=report.client_order_id)
            if found is None and venue_order_id:
                found = queries.find_order(self._database, account, venue_order_id=venue_order_id)
            return found

        known = self._ledger.find(client_order_id=report.client_order_id, venue_order_id=venue_order_id)
        if known is None and (order := await asyncio.to_thread(read)) is not None:
            self._ledger.adopt_loaded([order])

    async def _book_into_history(self, report: OrderReport) -> Order:
        assert report.fill is not None
        await self._ledger.writer.drain()
        # No await from here: the history read now is the one that the turn changes.
        turn = self._ledger.turn(VENUE)
        turn.prepare(report.fill, self._positions.refolded(report.fill))
        booked = book_report(self._ledger, turn, self._recorder, report, may_adopt=True)
        if booked.changed:
            turn.commit()
        return booked.order

    async def _book_after_asking(self, report: OrderReport) -> Order | None:
        venue_order_id = report.venue_order_id or (report.fill.venue_order_id if report.fill else "")
        try:
            whole = await self._exchange.order(
                report.instrument_id, client_order_id=report.client_order_id, venue_order_id=venue_order_id
            )
        except ExchangeError as error:
            return await self._set_aside(report, f"the exchange could not be asked: {error}")
        if whole is None:
            return await self._set_aside(report, "the exchange does not know the order either")
        self._book(whole, may_adopt=True)
        try:
            return self._book(report, may_adopt=True)
        except HistoryNeeded:
            return await self._book_into_history(report)

    async def _set_aside(self, report: OrderReport, reason: str) -> None:
        turn = self._ledger.turn(VENUE)
        seq = turn.event(EventKind.QUARANTINED, {"reason": reason, "report": report})
        turn.row(
            "quarantine",
            {
                "account": self._ledger.account,
                "seq": seq,
                "reason": reason,
                "raw": report.raw,
                "at_ns": turn.now_ns,
            },
        )
        await turn.commit()

    def _committed(self, group: Group) -> None:
        if not self._callbacks and not self._waiters:
            return
        for order_id in (*group.new_orders, *group.orders):
            for changed in self._waiters.get(order_id, ()):
                changed.set()
            callbacks = self._callbacks.get(order_id)
            order = self._ledger.orders.get(order_id)
            if not callbacks or order is None:
                continue
            self._tasks.spawn(self._call_back(tuple(callbacks), response(order)), "order callbacks")
            if order.settled:
                del self._callbacks[order_id]

    async def _call_back(self, callbacks: tuple[OrderCallback, ...], order: OrderResponse) -> None:
        for callback in callbacks:
            try:
                outcome = callback(order)
                if outcome is not None:
                    await asyncio.wait_for(outcome, CALLBACK_TIMEOUT_SECONDS)
            except Exception:
                log.exception("order.callback_failed", order_id=order.order_id)
