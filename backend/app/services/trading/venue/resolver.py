"""Evidence for orders that need it: unknown outcomes, missing fills, unanswered cancels, silent streams.

Asks the exchange order by order, within a budget, and passes every answer through the one door. An order is declared
never accepted only when the exchange's time is past its expTime and margin and it is absent everywhere, twice
(FAULTS A1, fact 3; INVARIANTS L2).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import EventKind
from app.domain.money import ZERO
from app.domain.order_changes import mark_never_accepted
from app.domain.order_parts import awaits_word, venue_ids
from app.domain.orders import Amendment, AmendOutcome, Order, OrderReport, OrderStatus, Source, VenueState
from app.exchanges.conditional import ConditionalVenue
from app.exchanges.errors import ExchangeError, ProtocolError
from app.exchanges.port import EstimatedClock, unreadable_of
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.report_door import book_filled_before
from app.services.trading.account.turn import SYSTEM
from app.services.trading.order_tracker import OrderTracker
from app.store.errors import StoreError

ASKED_AT_ONCE = 8
ABSENT_READS = 2
ASKED_OFTEN = 20
"""How often an order is asked for at the first pace; then the pauses double."""
HISTORY_MARGIN_NS = 600 * NS_PER_SECOND
"""Our clock says when an order was made and the exchange's when it filled; what is read too much is joined anyway."""
RECORD_REACH_NS = 89 * 86_400 * NS_PER_SECOND
"""How far back venues tell fills: OKX three months."""
FIRST_DAY_NS = 86_400 * NS_PER_SECOND
"""An order that is older than the ledger is listed by the first comparison, and adopted on the ledger's first day."""

Cancel = Callable[[Order], Awaitable[object]]

log = structlog.get_logger("resolver")


class Evidence(Protocol):
    """The reads of the exchange port that the resolver needs."""

    async def order(
        self, instrument_id: str, *, client_order_id: str = "", venue_order_id: str = ""
    ) -> OrderReport | None: ...

    async def open_orders(self) -> Sequence[OrderReport]: ...

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]: ...

    async def fills(
        self, since_ns: int, *, instrument_id: str = "", venue_order_id: str = ""
    ) -> Sequence[OrderReport]: ...

    def server_time_ns(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before asking, in seconds; see docs/configuration.md.

    forgotten: after which the venue may have dropped an order that it had accepted (OKX: 2 h when it never filled).
    """

    expiry_margin: float = 2
    read_after_write_lag: float = 5
    retry: float = 1
    cancel_answer: float = 3
    polling: float = 2
    retry_max: float = 30
    forgotten: float = 7200


@dataclass(slots=True)
class _Case:
    """What was learned of one order so far. absent: reads that did not find it and could have."""

    asked_ns: int = 0
    asked: int = 0
    absent: int = 0
    cancelled_ns: int = 0


class _Instant:
    """Now, to be looked back at: the longer of what both clocks say has passed, for a suspended machine stops one of
    them and a step moves the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._monotonic_ns, self._wall_ns = clock.monotonic_ns(), clock.now_ns()

    def elapsed_ns(self) -> int:
        return max(self._clock.monotonic_ns() - self._monotonic_ns, self._clock.now_ns() - self._wall_ns)


@dataclass(frozen=True, slots=True)
class _Absent:
    """An order that the exchange did not know, and when it was asked."""

    order: Order
    asked: _Instant


class _Elsewhere:
    """The lists in which an order may be that is not known by its id. uncertainty_ns: of the exchange's clock, read
    after them."""

    def __init__(self, lists: Sequence[Sequence[OrderReport]], read: int) -> None:
        self._read = read
        self.uncertainty_ns: int | None = None
        self.unread = unreadable_of(*lists)
        self._reports = list(chain.from_iterable(lists))
        self._by_id: dict[str, list[int]] = {}
        for number, report in enumerate(self._reports):
            for key in {report.client_order_id, report.venue_order_id} - {""}:
                self._by_id.setdefault(key, []).append(number)

    def about(self, order: Order) -> list[OrderReport]:
        """What they say of an order, in their order."""
        ids = (order.request.client_order_id, *venue_ids(order))
        numbers = {number for key in ids if key for number in self._by_id.get(key, ())}
        found = (self._reports[number] for number in sorted(numbers))
        return [replace(report, read=self._read) for report in found if _about(order, report)]


@asynccontextmanager
async def _told(what: str) -> AsyncIterator[None]:
    """One order's turn in a round; what goes wrong with it keeps no other order from being asked for."""
    try:
        yield
    except (ExchangeError, StoreError) as error:
        log.info("order.unresolved", order_id=what, reason=str(error))
    except Exception:
        log.exception("order.resolver_failed", order_id=what)


class Resolver:
    """Looks for orders that need evidence, round by round. streams_up: whether order news can be trusted to come."""

    def __init__(
        self,
        ledger: Ledger,
        tracker: OrderTracker,
        exchange: Evidence,
        clock: Clock,
        patience: Patience | None = None,
        *,
        streams_up: Callable[[], bool],
    ) -> None:
        self._streams_up = streams_up
        self._ledger = ledger
        self._tracker = tracker
        self._exchange = exchange
        self._clock = clock
        self._patience = patience or Patience()
        self._cases: dict[str, _Case] = {}

    async def round(self, cancel: Cancel) -> None:
        """Ask about every order that is due, a few at a time. An unreachable exchange is asked again next round.

        cancel: sends a cancel once more, for an order that outlived the first.
        """
        now_ns = self._clock.now_ns()
        due = [order for order in self._ledger.open_orders() if self._due(order, now_ns)]
        self._cases = {key: case for key, case in self._cases.items() if key in self._ledger.orders}
        absent: list[_Absent] = []
        for start in range(0, len(due), ASKED_AT_ONCE):
            await asyncio.gather(
                *(self._ask(order, now_ns, absent, cancel) for order in due[start : start + ASKED_AT_ONCE])
            )
        if absent:
            async with _told("lists"):
                elsewhere = await self._read_lists(absent)
                for one in absent:
                    async with _told(one.order.order_id):
                        await self._absent(one, elsewhere)

    async def resolve(self, order: Order) -> None:
        """Ask once about one order, now. Raises ExchangeError, StoreError."""
        for _, error in await self.resolve_all([order]):
            raise error

    async def resolve_all(self, orders: Sequence[Order]) -> list[tuple[Order, ProtocolError]]:
        """Ask once about each, now; what all of them need is read once. Returns those of whom something cannot be read.
        Raises ExchangeError otherwise, StoreError."""
        absent: list[_Absent] = []
        failed: list[tuple[Order, ProtocolError]] = []
        for order in orders:
            try:
                await self._look(order, absent)
            except ProtocolError as error:
                failed.append((order, error))
        if absent:
            elsewhere = await self._read_lists(absent)
            for one in absent:
                try:
                    await self._absent(one, elsewhere)
                except ProtocolError as error:
                    failed.append((one.order, error))
        return failed

    async def _look(self, order: Order, absent: "list[_Absent]") -> None:
        """Ask the exchange for an order; one that it does not know is put among the absent."""
        asked = _Instant(self._clock)
        reports = await self._reports(order)
        if not reports:
            absent.append(_Absent(order, asked))
            return
        self._cases.setdefault(order.order_id, _Case()).absent = 0
        for report in reports:
            await self._tracker.on_order_update(report)
        await self._missing_fills(order.order_id)
        # One order that it became has its terms; of several the whole does.
        await self._settle_amendments(order.order_id, reports[-1] if len(reports) <= 2 else reports[0], asked)

    async def _was_past(self, moment_ns: float, asked: "_Instant", elsewhere: "_Elsewhere | None" = None) -> bool:
        """Whether the exchange's clock was certainly past a moment of its own when it was asked.

        Where that clock is only estimated it is read again: a step, ours or theirs, must not end an order too early.
        """
        if self._exchange.server_time_ns() - asked.elapsed_ns() <= moment_ns:
            return False
        if not isinstance(self._exchange, EstimatedClock):
            return True
        uncertainty_ns = elsewhere.uncertainty_ns if elsewhere is not None else None
        if uncertainty_ns is None:
            uncertainty_ns = await self._exchange.confirm_server_time()
        if elsewhere is not None:
            elsewhere.uncertainty_ns = uncertainty_ns
        return self._exchange.server_time_ns() - asked.elapsed_ns() - uncertainty_ns > moment_ns

    def _pause(self, case: _Case) -> float:
        """Seconds until an order is asked for again."""
        doublings = min(max(case.asked - ASKED_OFTEN, 0), 10)
        return min(self._patience.retry * 2**doublings, self._patience.retry_max)

    def _due(self, order: Order, now_ns: int) -> bool:
        case = self._cases.get(order.order_id)
        if case is not None and now_ns - case.asked_ns < self._pause(case) * NS_PER_SECOND:
            return False
        quiet_ns = now_ns - order.updated_ns
        if order.status in (OrderStatus.UNKNOWN, OrderStatus.SENT) or (order.terminal and not order.settled):
            return quiet_ns > self._patience.retry * NS_PER_SECOND
        if order.cancel_requested or order.amendments or awaits_word(order):
            return quiet_ns > self._patience.cancel_answer * NS_PER_SECOND
        if order.request.external and order.accounted < order.filled_size:
            return quiet_ns > self._patience.retry * NS_PER_SECOND
        return not self._streams_up() and order.acknowledged and quiet_ns > self._patience.polling * NS_PER_SECOND

    async def _ask(self, order: Order, now_ns: int, absent: "list[_Absent]", cancel: Cancel) -> None:
        """One order's turn in a round; what goes wrong with it keeps no other order from being asked for."""
        case = self._cases.setdefault(order.order_id, _Case())
        case.asked_ns = now_ns
        case.asked += 1
        async with _told(order.order_id):
            await self._look(self._ledger.orders.get(order.order_id, order), absent)
            await self._cancel_again(order.order_id, case, cancel)

    async def _cancel_again(self, order_id: str, case: _Case, cancel: Cancel) -> None:
        """A cancel may be lost, or overtake the order that it is for; an order that lives on is cancelled again."""
        order = self._ledger.orders.get(order_id)
        if order is None or not order.cancel_requested:
            return
        pause_ns = max(self._patience.cancel_answer, self._pause(case)) * NS_PER_SECOND
        if not order.cancelable or not order.acknowledged or self._clock.now_ns() - case.cancelled_ns < pause_ns:
            return
        case.cancelled_ns = self._clock.now_ns()
        await cancel(order)

    async def _settle_amendments(self, order_id: str, report: OrderReport, asked: "_Instant") -> None:
        """An amendment whose outcome was lost: once it cannot be applied any more, the order's terms tell it."""
        order = self._ledger.orders.get(order_id)
        if order is None or report.size is None or order.terminal:
            return
        margin_ns = (self._patience.expiry_margin + self._patience.read_after_write_lag) * NS_PER_SECOND
        margin_ns += self._late_ns(order)
        for amendment in order.amendments:
            if amendment.expires_ns is not None and await self._was_past(amendment.expires_ns + margin_ns, asked):
                outcome = AmendOutcome.DONE if _in_force(amendment, report) else AmendOutcome.FAILED
                evidence = replace(report, amend_request_id=amendment.request_id, amend_outcome=outcome)
                await self._tracker.on_order_update(evidence)

    async def _reports(self, order: Order) -> list[OrderReport]:
        """What the exchange says of it; nothing on its definite answer that there is none."""
        request = order.request
        client_order_id = "" if request.external else request.client_order_id
        read = self._ledger.reads.next()
        found: Sequence[OrderReport | None]
        if request.condition is not None and isinstance(self._exchange, ConditionalVenue):
            found = await self._exchange.conditional_order(request.instrument_id, client_order_id, venue_ids(order))
        else:
            named = {"client_order_id": client_order_id, "venue_order_id": order.venue_order_id}
            found = [await self._exchange.order(request.instrument_id, **named)]
        return [replace(report, source=Source.POLL, read=read) for report in found if report is not None]

    async def _missing_fills(self, order_id: str) -> None:
        order = self._ledger.orders.get(order_id)
        if order is None or (order.accounted == order.filled_size and (order.settled or not order.terminal)):
            return
        since_ns, instrument_id = self._since(order), order.request.instrument_id
        for name in venue_ids(order) or ("",):
            for report in await self._exchange.fills(since_ns, instrument_id=instrument_id, venue_order_id=name):
                await self._tracker.on_order_update(report)
        order = self._ledger.orders.get(order_id)
        if order is not None and order.accounted < order.filled_size and self._may_be_older(order):
            await self._filled_before(order)

    def _may_be_older(self, order: Order) -> bool:
        """Whether an order may have been at the venue before the ledger began."""
        return order.request.external and order.request.created_ns < self._ledger.opening.began_ns + FIRST_DAY_NS

    async def _filled_before(self, order: Order) -> None:
        """What it had filled before the ledger began, by the venue's fills; the opening balances hold it."""
        opening = self._ledger.opening
        fills = await self._exchange.fills(
            opening.began_ns - RECORD_REACH_NS,
            instrument_id=order.request.instrument_id,
            venue_order_id=order.venue_order_id,
        )
        early = {r.fill.key: r.fill.size for r in fills if r.fill is not None and opening.holds_fill(r.fill)}
        size = sum((size for (_, venue_id), size in early.items() if venue_id == order.venue_order_id), ZERO)
        turn = self._ledger.turn(SYSTEM)
        if book_filled_before(turn, order.order_id, size, "the venue's record of its fills"):
            await turn.commit()

    def _since(self, order: Order) -> int:
        return order.request.created_ns - HISTORY_MARGIN_NS

    async def _absent(self, one: "_Absent", elsewhere: "_Elsewhere") -> None:
        """GET order does not know it: it was never accepted, is not visible yet, or is gone after 2 hours unfilled.

        Only a read from after the last moment at which the order could have appeared counts as absence.
        """
        order, asked = one.order, one.asked
        if await self._seen_elsewhere(order, elsewhere):
            return
        lag_ns = self._patience.read_after_write_lag * NS_PER_SECOND
        if order.acknowledged:
            last_ns = order.request.created_ns + self._patience.forgotten * NS_PER_SECOND
        elif order.request.expires_ns is None:
            return
        else:
            last_ns = order.request.expires_ns + self._patience.expiry_margin * NS_PER_SECOND + lag_ns
            last_ns += self._late_ns(order)
        if not await self._was_past(last_ns, asked, elsewhere):
            return
        case = self._cases.setdefault(order.order_id, _Case())
        case.absent += 1
        # Its own reports may have come while the exchange was asked.
        if case.absent < ABSENT_READS or self._ledger.orders.get(order.order_id) is not order:
            return
        if order.acknowledged:
            await self._over(order)
            return
        turn = self._ledger.turn(SYSTEM)
        evidence = f"absent in order, pending, history and fills, read {case.absent} times after expTime"
        turn.put(mark_never_accepted(order, evidence, turn.now_ns))
        turn.event(EventKind.ORDER_NEVER_ACCEPTED, {"evidence": evidence}, order_id=order.order_id)
        await turn.commit()

    def _late_ns(self, order: Order) -> int:
        """How long after its expiry the exchange may still take what was sent for it."""
        if order.request.condition is None or not isinstance(self._exchange, ConditionalVenue):
            return 0
        return self._exchange.may_be_late_ns

    async def _read_lists(self, absent: "Sequence[_Absent]") -> "_Elsewhere":
        """What is pending, over and filled, once for all of them: read after each was asked for."""
        since_ns = min(self._since(one.order) for one in absent)
        instruments = {one.order.request.instrument_id for one in absent}
        read = self._ledger.reads.next()
        lists = await asyncio.gather(
            self._exchange.open_orders(),
            self._exchange.order_history(since_ns),
            self._exchange.fills(since_ns, instrument_id=instruments.pop() if len(instruments) == 1 else ""),
        )
        waiting: Sequence[OrderReport] = ()
        if isinstance(self._exchange, ConditionalVenue) and any(one.order.request.condition for one in absent):
            waiting = await self._exchange.conditional_orders()
        return _Elsewhere([*lists, waiting], read)

    async def _seen_elsewhere(self, order: Order, elsewhere: "_Elsewhere") -> bool:
        unread = [row for row in elsewhere.unread if row.subject in ("", order.request.instrument_id)]
        if unread:
            raise ProtocolError(f"a row that may be the order's cannot be read: {unread[0].reason}", unread[0].raw)
        found = elsewhere.about(order)
        for report in found:
            await self._tracker.on_order_update(report)
        return bool(found)

    async def _over(self, order: Order) -> None:
        """It was there, and is in no list any more: over, with the fills that the fills endpoint has."""
        report = OrderReport(
            instrument_id=order.request.instrument_id,
            source=Source.AUDIT,
            client_order_id=order.request.client_order_id,
            # Of one that waited there it is the whole that is over, and not an order that it became.
            venue_order_id="" if order.request.condition is not None else order.venue_order_id,
            state=VenueState.CANCELED,
            cancel_source="absent",
        )
        await self._tracker.on_order_update(report)


def _in_force(amendment: Amendment, report: OrderReport) -> bool:
    same = amendment.size in (None, report.size) and amendment.price in (None, report.price)
    return same and amendment.condition in (None, report.condition)


def _about(order: Order, report: OrderReport) -> bool:
    return report.client_order_id in {order.request.client_order_id} - {""} or report.venue_order_id in venue_ids(order)
