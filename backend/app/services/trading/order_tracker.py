"""Real-time tracking: the one door through which the venue's reports come in, and who is told about them.

Most reports are booked at once on the event loop; a report about an order that is not in memory, or a fill older than
its position remembers, waits for a read of the database first. Since reports join, their order does not matter.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import Protocol

import structlog

from app.clock import NS_PER_SECOND
from app.domain.events import EventKind
from app.domain.orders import Fill, Order, OrderReport, OrderStatus
from app.domain.positions import HistoryNeeded
from app.exchanges.errors import AccessRefused, ExchangeError, ExchangeRefused, ExchangeUnavailable
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.recall import KnownOrders, refolded
from app.services.trading.account.report_door import OrderNeeded, book_report, numbered
from app.services.trading.account.turn import VENUE, Turn
from app.services.trading.callbacks import Callbacks, OrderCallback
from app.services.trading.order_manager import response
from app.services.trading.tasks import TaskGroup
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError
from app.store.group import Group
from app.store.writer import StoreFailed

LATE_REPORTS_MAX = 10_000
SET_ASIDE_KEPT = 1_000
HISTORY_READS_MAX = 10
SHOWN_AFTER_SECONDS = 10
"""By then the exchange shows an order that has filled: it may lag 5 s (INVARIANTS X4), and the clocks differ."""

POISON = (ValueError, TypeError, LookupError, ArithmeticError, AssertionError)
"""What booking a report may fail with when the report itself is at fault: it is set aside, and the next one booked."""

log = structlog.get_logger("tracker")


class OrderSource(Protocol):
    """What the tracker asks of an exchange: one order, for a report that does not say enough."""

    async def order(
        self, instrument_id: str, *, client_order_id: str = "", venue_order_id: str = ""
    ) -> OrderReport | None: ...


class OrderTracker:
    """Books reports and calls back; callbacks are isolated: one that fails or hangs delays nothing (callbacks.py).

    shown_after_seconds: how long after a fill the exchange may not show its order yet.
    on_lost(reason): a report could not be taken, so the exchange must be asked for everything.
    """

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        orders: KnownOrders,
        exchange: OrderSource,
        tasks: TaskGroup,
        on_lost: Callable[[str], None],
        shown_after_seconds: float = SHOWN_AFTER_SECONDS,
    ) -> None:
        self._on_lost = on_lost
        self._ledger = ledger
        self._database = database
        self._orders = orders
        self._exchange = exchange
        self._tasks = tasks
        self._shown_after_ns = int(shown_after_seconds * NS_PER_SECOND)
        self._late = 0
        self._set_aside_before: OrderedDict[tuple[object, ...], None] = OrderedDict()
        self._callbacks = Callbacks(tasks)
        self._waiters: dict[str, list[asyncio.Event]] = {}
        self._unsubscribe = ledger.subscribe(self._committed)

    def start_tracking(self, order_id: str, callback: OrderCallback | None = None) -> None:
        """Call back after every durable change of the order, until it is settled or stop_tracking.

        Every open order is followed anyway; tracking one adds the callback. Raises OrderNotFound.
        """
        order = self._orders.find(order_id)
        if order.settled or callback is None:
            return
        self._callbacks.add(order.order_id, callback)

    def stop_tracking(self, order_id: str, callback: OrderCallback | None = None) -> None:
        """Forget one callback, or all of the order's. The order itself is followed until it is settled."""
        order = self._orders.in_memory(order_id)
        key = order.order_id if order is not None else order_id
        self._callbacks.drop(key, callback)

    @property
    def tracked(self) -> int:
        """Orders with callbacks."""
        return len(self._callbacks)

    async def on_order_update(self, report: OrderReport) -> Order | None:
        """Book one report and wait until it is durable; the order after it, None if it had to be set aside.

        The same report twice is booked once. Raises StoreError, and ExchangeError when the exchange had to be asked
        about the order and could not be.
        """
        report = numbered(self._ledger, report)
        try:
            order = self._book(report)
        except (OrderNeeded, HistoryNeeded):
            order = await self._book_late(report)
        except POISON as error:
            order = await self._poisoned(report, error)
        await self._ledger.writer.drain()
        return order

    def receive(self, report: OrderReport) -> None:
        """The same from a stream: at once when possible, otherwise in a task; never raises.

        At most LATE_REPORTS_MAX wait; beyond that on_lost asks for a resync, since execution reports may not be lost
        (FAULTS C8).
        """
        if self._ledger.founding:
            # The opening balances will contain it, and the first snapshot tells what came after them.
            return
        report = numbered(self._ledger, report)
        try:
            self._book(report)
        except (OrderNeeded, HistoryNeeded, *POISON):
            if self._late >= LATE_REPORTS_MAX:
                self._on_lost("more late reports than can wait")
                return
            self._late += 1
            self._tasks.spawn(self._receive_late(report), "late report")
        except StoreFailed as error:
            # Nothing is lost: the account is reloaded and the venue asked for everything since the watermark.
            log.error("report.not_booked", reason=str(error), client_order_id=report.client_order_id)

    async def wait(self, order_id: str, done: Callable[[Order], bool], timeout_seconds: float | None) -> Order:
        """Wait until done(order) holds for the durable order. Raises TimeoutError, OrderNotFound and StoreFailed."""
        order = await self._orders.load(order_id)
        changed = asyncio.Event()
        waiters = self._waiters.setdefault(order.order_id, [])
        waiters.append(changed)
        try:
            async with asyncio.timeout(timeout_seconds):
                while not done(order := self._orders.find(order.order_id)):
                    changed.clear()
                    await changed.wait()
                # What is in memory may still be on its way to the disk.
                await self._ledger.writer.drain()
        finally:
            waiters.remove(changed)
            if not waiters:
                self._waiters.pop(order.order_id, None)
        return order

    async def wait_amended(self, order_id: str, request_id: str, timeout_seconds: float) -> None:
        """Wait until the exchange has said what became of an amendment, or the order is over; at most so long."""
        with suppress(TimeoutError):
            await self.wait(order_id, lambda o: o.terminal or request_id in o.settled_amendments, timeout_seconds)

    def close(self) -> None:
        self._unsubscribe()

    def _book(self, report: OrderReport, *, may_adopt: bool = False, from_fill: bool = False) -> Order:
        return self._commit(self._ledger.turn(VENUE), report, may_adopt=may_adopt, from_fill=from_fill)

    def _commit(self, turn: Turn, report: OrderReport, *, may_adopt: bool, from_fill: bool) -> Order:
        booked = book_report(self._ledger, turn, report, may_adopt=may_adopt, from_fill=from_fill)
        if booked.changed:
            turn.commit()
        return booked.order

    async def _receive_late(self, report: OrderReport) -> None:
        try:
            await self._book_late(report)
        except (ExchangeError, StoreError) as error:
            self._on_lost(f"a report could not be booked: {error}")
        finally:
            self._late -= 1

    async def _book_late(self, report: OrderReport) -> Order | None:
        await self._bring_back(report)
        try:
            return self._book(report, may_adopt=True)
        except HistoryNeeded as needed:
            return await self._book_into_history(report, needed)
        except OrderNeeded:
            return await self._book_after_asking(report)
        except POISON as error:
            return await self._poisoned(report, error)

    async def _bring_back(self, report: OrderReport) -> None:
        venue_order_id = report.venue_order_id or (report.fill.venue_order_id if report.fill else "")
        account = self._ledger.account

        def read() -> list[Order]:
            found: list[Order] = []
            if report.client_order_id:
                order = queries.find_order(self._database, account, client_order_id=report.client_order_id)
                found += [order] if order is not None else []
            if venue_order_id and not any(order.venue_order_id in ("", venue_order_id) for order in found):
                order = queries.find_order(self._database, account, venue_order_id=venue_order_id)
                found += [order] if order is not None else []
            return found

        known = self._ledger.find(client_order_id=report.client_order_id, venue_order_id=venue_order_id)
        if known is None:
            # An order may have left memory before its last turn was durable.
            await self._ledger.writer.drain()
            self._ledger.adopt_loaded(await asyncio.to_thread(read))

    async def _book_into_history(self, report: OrderReport, needed: HistoryNeeded, *, from_fill: bool = False) -> Order:
        """Fold the fill's position anew from its whole history, and book the fill into what has not changed since."""
        key, fill = needed.key, needed.fill
        for _ in range(HISTORY_READS_MAX):
            before = self._ledger.fold(key)
            await self._ledger.writer.drain()
            folded = await asyncio.to_thread(refolded, self._ledger, self._database, key, fill)
            if self._ledger.fold(key) is before:
                break
        else:
            while self._ledger.writer.pending:
                await self._ledger.writer.drain()
            # No await from here: the history read now is the one that the turn changes.
            folded = refolded(self._ledger, self._database, key, fill)
        turn = self._ledger.turn(VENUE)
        turn.bookings.prepare(fill, folded)
        return self._commit(turn, report, may_adopt=True, from_fill=from_fill)

    async def _book_after_asking(self, report: OrderReport) -> Order | None:
        """Nobody here knows the order, and the report does not describe it: the exchange may."""
        venue_order_id = report.venue_order_id or (report.fill.venue_order_id if report.fill else "")
        read = self._ledger.reads.next()
        try:
            whole = await self._exchange.order(
                report.instrument_id, client_order_id=report.client_order_id, venue_order_id=venue_order_id
            )
        except AccessRefused:
            raise
        except ExchangeRefused:
            whole = None
        if whole is None and report.fill is not None and self._may_be_shown_later(report.fill):
            raise ExchangeUnavailable(f"order {venue_order_id} has a fill and is not shown yet")
        if whole is not None:
            # It may name an order of ours that has left memory, and knew nothing of this one that it became.
            await self._bring_back(whole)
        try:
            if whole is not None:
                self._book(replace(whole, read=read), may_adopt=True)
            # A fill outlives its order at the venue (FAULTS fact 4); it is money even when nothing else is known.
            return self._book(report, may_adopt=True, from_fill=True)
        except HistoryNeeded as needed:
            return await self._book_into_history(report, needed, from_fill=True)
        except OrderNeeded:
            return await self._set_aside(report, "neither this account nor the exchange knows the order")
        except POISON as error:
            return await self._poisoned(report, error)

    def _may_be_shown_later(self, fill: Fill) -> bool:
        """Whether the fill is so young that its order need not be shown yet, or an order of ours is at large, whose
        exchange order id no answer has told."""
        if self._ledger.clock.now_ns() - fill.time_ns < self._shown_after_ns:
            return True
        return any(
            not order.venue_order_id
            and order.status in (OrderStatus.SENT, OrderStatus.UNKNOWN)
            and (order.request.instrument_id, order.request.side) == (fill.instrument_id, fill.side)
            for order in self._ledger.open_orders()
        )

    async def _poisoned(self, report: OrderReport, error: Exception) -> None:
        log.error("report.poisoned", client_order_id=report.client_order_id, exc_info=error)
        await self._set_aside(report, f"{type(error).__name__}: {error}")

    async def _set_aside(self, report: OrderReport, reason: str) -> None:
        """Into the quarantine, once: audits list the same report again and again."""
        trade_id = report.fill.trade_id if report.fill else ""
        key = (
            report.instrument_id,
            report.client_order_id,
            report.venue_order_id,
            report.state,
            report.filled,
            trade_id,
        )
        if key in self._set_aside_before:
            return
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
        self._set_aside_before[key] = None
        while len(self._set_aside_before) > SET_ASIDE_KEPT:
            self._set_aside_before.popitem(last=False)

    def _committed(self, group: Group) -> None:
        if not self._callbacks and not self._waiters:
            return
        for order_id, order in chain(((i, new.order) for i, new in group.new_orders.items()), group.orders.items()):
            for changed in self._waiters.get(order_id, ()):
                changed.set()
            if order_id in self._callbacks:
                self._callbacks.tell(response(order), last=order.settled)
