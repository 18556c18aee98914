"""Parent orders: which there are, what users ask of them, and how those of the last process go on.

Each is driven by driver.py in a task of its own; the rows of records.py are the truth.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import structlog

from app.domain.approvals import Second
from app.domain.parent_transitions import PARENT_TRANSITIONS
from app.domain.parents import OnRestart, ParentStatus
from app.domain.refusals import InvalidValue
from app.market_data.feeds import MarketData
from app.market_data.subscriptions import MarketChange
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import NotReady, ParentNotFound
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy, ExitExecution
from app.services.trading.execution_strategies.conditions import shown
from app.services.trading.execution_strategies.terms import NO_TERMS, ParentTerms, PauseClock
from app.services.trading.execution_strategies.views import ParentFigures
from app.services.trading.order_manager import response
from app.services.trading.parents.brackets import Brackets
from app.services.trading.parents.children import ended
from app.services.trading.parents.controls import Amendment, Controls, Keep, Word
from app.services.trading.parents.driver import OrderActs, ParentDriver
from app.services.trading.parents.outlook import Outlook
from app.services.trading.parents.overfills import Overfills
from app.services.trading.parents.records import Record, filled_by, record_from_rows, response_from_row, response_over
from app.services.trading.parents.standings import Standings
from app.services.trading.parents.starting import Starts
from app.services.trading.parents.wheels import Wheels
from app.services.trading.schemas import OrderParams, OrderResponse, ParentResponse
from app.services.trading.tasks import TaskGroup
from app.services.trading.venue.following import subscribe
from app.services.trading.venue.sending import Gate
from app.store import queries
from app.store.database import Database
from app.store.durable import Durable
from app.store.group import Group
from app.store.queries import OpenParent
from app.store.rows import parent_from_row
from app.store.writer import GroupWriter

log = structlog.get_logger("parents")

STOP_TIMEOUT_SECONDS = 10


class ParentOrders:
    """Starts, drives, pauses and ends parent orders; resume_open() goes on with those of the last process."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        market: MarketData,
        gate: Gate,
        follow: Callable[[str], Awaitable[None]],
        tasks: TaskGroup,
        *,
        acts: OrderActs,
        outlook: Outlook,
        strategies: Mapping[str, type[ExecutionStrategy]] = STRATEGIES,
        wheels: Wheels | None = None,
    ) -> None:
        """gate: while it is closed no child is placed. follow: subscribes an instrument's market."""
        self._ledger = ledger
        self._clock = ledger.clock
        self._database = database
        self._market = market
        self._follow = follow
        self._tasks = tasks
        self._running: dict[str, Record] = {}
        self._taken_up_by: GroupWriter | None = None
        self._overfills = Overfills(ledger, database, tasks, self._running)
        brackets = Brackets(ledger, database, self._running)
        self._standings = Standings(ledger, market, outlook, brackets)
        self._driver = ParentDriver(ledger, market, acts, gate, self._standings, self._forget, brackets)
        started = (self._driver, self._running, self._spawn, strategies, outlook, wheels or Wheels({}))
        self._starts = Starts(ledger, database, market, follow, *started)
        self.preview, self.check = self._starts.preview, self._starts.check
        self._controls = Controls(ledger, self._driver, self._starts, self._running, self._loaded)
        self._unsubscribe = (ledger.subscribe(self._committed), market.subscribe(self._market_changed))

    # --- what users do ---

    async def run(
        self, strategy: str, config: Mapping[str, object], params: OrderParams, *, terms: ParentTerms = NO_TERMS
    ) -> list[OrderResponse]:
        """Work an order to its end; its children in the order of placing.

        Returns when the parent is over, or SUSPENDED. Raises as start(), StoreFailed when it is not known whether it
        was begun, and NotReady when the system stops first (the parent goes on at the next start).
        """
        drawn = self._starts.draw_id()
        record = await self._starts.start(strategy, config, params, "system", drawn, terms=terms)
        return await ended(record)

    async def wait(self, parent_id: str) -> list[OrderResponse]:
        """Its children when it is over, or SUSPENDED. Raises ParentNotFound, and as run()."""
        record = self._running.get(parent_id)
        return self.orders(parent_id) if record is None else await ended(record)

    async def start(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        *,
        terms: ParentTerms = NO_TERMS,
        principal: str = "system",
        key: str | None = None,
        second: Second | None = None,
    ) -> ParentResponse:
        """Start a parent and return at once when it is durable.

        key: names the request; the parent's id is made from it, so that the same key finds the parent that it started,
        also after a crash between start and answer. second: who lets it happen.
        Raises InvalidValue (unknown strategy, key or instrument), ParentRefused (size or price off the lattice, or too
        large; journalled) and NotReady (stopping, or RUNNING_MAX parents are open).
        """
        return await self._starts.once(
            key, lambda name: self._starts.start(strategy, config, params, principal, name, terms=terms, second=second)
        )

    async def start_exit(
        self,
        params: OrderParams,
        *,
        principal: str,
        exit: bool,
        unattributed: bool = False,
        key: str | None = None,
        terms: ParentTerms = NO_TERMS,
    ) -> ParentResponse:
        """Start getting out of what is held, in pieces. exit: a person asked; see ParentOrder. unattributed: coins too
        that no book holds. key: as in start()."""
        asked = (ExitExecution.name, {"unattributed": unattributed}, params, principal)
        return await self._starts.once(key, lambda name: self._starts.start(*asked, name, terms=terms, exit=exit))

    async def begun(self, key: str) -> ParentResponse | None:
        """The parent that start() made for this key, open or over."""
        return await self._starts.begun(self.id_of(key))

    def id_of(self, key: str) -> str:
        """The id of the parent that this key starts, for ever."""
        return self._starts.id_of(key)

    async def first_child(self, parent_id: str) -> str | None:
        """The order id of its first child, as soon as there is one; None when it ended, or was laid aside, without."""
        record = self._running.get(parent_id)
        if record is not None:
            if not record.children:
                await record.begun.wait()
            return next(iter(record.children), None)
        children = await asyncio.to_thread(self.orders, parent_id)
        return children[0].order_id if children else None

    async def pause(
        self,
        parent_id: str,
        *,
        clock: PauseClock = PauseClock.KEPT,
        principal: str = "system",
        reason: str = "",
        keep: Keep | None = None,
    ) -> ParentResponse:
        """Take its children back and lay it aside. clock: whether its time goes on, or its schedule and its end move by
        the pause. Raises ParentNotFound, ParentOver."""
        return await self._controls.pause(parent_id, PauseClock(clock), Word(principal, reason, keep))

    async def resume(
        self, parent_id: str, *, principal: str = "system", reason: str = "", keep: Keep | None = None
    ) -> ParentResponse:
        """Go on with a paused or suspended one; earlier failures are forgiven. Raises ParentNotFound, ParentOver."""
        return await self._controls.resume(parent_id, Word(principal, reason, keep))

    async def amend(
        self,
        parent_id: str,
        *,
        size: Decimal | None = None,
        price: Decimal | None = None,
        limit_offset_pct: Decimal | None = None,
        end_at: datetime | None = None,
        config: Mapping[str, object] | None = None,
        principal: str = "system",
        reason: str = "",
        keep: Keep | None = None,
    ) -> ParentResponse:
        """Change what an open parent is to do: its size (in all, what has filled included), its limit price, its end,
        or keys of its configuration. What is left is planned anew; children that rest are taken back and made anew; a
        parent that is laid aside stays so until it is resumed.

        Raises ParentNotFound, ParentOver, and InvalidValue for terms that cannot be or change nothing.
        """
        wanted = Amendment(
            size=size, price=price, limit_offset_pct=limit_offset_pct, end_at=end_at, config=config or {}
        )
        return await self._controls.amend(parent_id, wanted, Word(principal, reason, keep))

    async def cancel(
        self, parent_id: str, *, principal: str = "system", reason: str = "", keep: Keep | None = None
    ) -> ParentResponse:
        """Cancel its children and end it. Raises ParentNotFound, ParentOver."""
        return await self._controls.cancel(parent_id, Word(principal, reason, keep))

    async def settle(self, parent_id: str, *, principal: str, why: str) -> ParentResponse:
        """Accept, on an operator's word, that more than its size has filled (the exchange told of a fill when it was
        over). Raises ParentNotFound, and InvalidValue when it is open or not overfilled."""
        settled = await self._overfills.settle(parent_id, principal=principal, why=why)
        if settled is None:
            raise ParentNotFound(parent_id)
        return response_over(settled)

    async def cancel_all(
        self, instrument_id: str | None = None, *, principal: str = "system", reason: str = ""
    ) -> list[ParentResponse]:
        """Cancel every parent (of one instrument), so that none places anything after all orders were canceled."""
        records = self._to_end(instrument_id)
        for durable in self._end(records, principal, reason):
            await durable
        return [self._standings.response(record) for record in records]

    def end_all(
        self,
        instrument_id: str | None = None,
        *,
        principal: str = "system",
        reason: str = "",
        but: Collection[str] = (),
    ) -> list[Durable]:
        """The same without waiting: from this call on none of them places anything, those of the last process, which a
        start has not taken up yet, included. but: these parents go on. Raises StoreError."""
        records = [record for record in self._to_end(instrument_id) if record.parent.parent_id not in but]
        return self._end(records, principal, reason)

    def protecting(self, instrument_id: str | None = None, *, fired: bool = True) -> frozenset[str]:
        """The open parents that wait for a price to take away of what is held, those of the last process included.
        fired: also those that have begun to."""
        of_it = (record for record in self._to_end(instrument_id) if record.protects and (fired or not record.fired))
        return frozenset(record.parent.parent_id for record in of_it)

    def get(self, parent_id: str) -> ParentResponse:
        """One parent, open or over. Raises ParentNotFound."""
        record = self._running.get(parent_id)
        if record is not None:
            return self._standings.response(record)
        loaded = self._loaded(parent_id)
        return response_over(replace(parent_from_row(loaded.row), filled=filled_by(loaded.children)))

    def figures(self, parent_id: str) -> ParentFigures:
        """How it stands: schedule, prices, fees. Raises ParentNotFound."""
        return self._standings.figures(self._running.get(parent_id) or self._record(self._loaded(parent_id)))

    def held(self, instrument_id: str | None = None) -> list[OrderResponse]:
        """Those that wait here for a price, as the orders that they were asked for as; oldest first."""
        of_it = (r for r in self._running.values() if instrument_id in (None, r.parent.instrument_id))
        waiting = (self.get(r.parent.parent_id) for r in of_it if r.waits_here)
        found = (shown(each, self.orders(each.parent.parent_id)) for each in waiting)
        return sorted(found, key=lambda order: order.created_at)

    def orders(self, parent_id: str) -> list[OrderResponse]:
        """Its children in the order of placing. Raises ParentNotFound."""
        record = self._running.get(parent_id)
        if record is not None:
            return [response(child.order) for child in record.children.values()]
        children = sorted(self._loaded(parent_id).children, key=lambda order: order.request.parent_step or 0)
        return [response(order) for order in children]

    def history(
        self,
        *,
        open_only: bool = False,
        tag: str | None = None,
        before: tuple[int, str] | None = None,
        limit: int = 100,
    ) -> list[ParentResponse]:
        """Parents, newest first, of a tag; `before`: (created_ns, parent_id) of the last one of the page before."""
        account = self._ledger.account
        rows = queries.parents(self._database, account, open_only=open_only, tag=tag, before=before, limit=limit)
        known = ((row, self._running.get(row["parent_id"])) for row in rows)
        return [response_from_row(row) if record is None else self._standings.response(record) for row, record in known]

    def reread(self) -> None:
        """Forget what a failed store never took, before anybody builds on it. Raises StoreError."""
        self._break_off()
        if self._running:
            self._take_up(queries.open_parents(self._database, self._ledger.account, self._running))

    async def resume_open(self) -> None:
        """Go on with every parent that is open in the database, by its rows alone.

        Called when the venue's snapshot has been booked: at the start, and after a failed store has been reloaded; what
        memory held of a parent is then dropped, and who waits in run() goes on waiting.
        """
        await self._halt()
        while self._ledger.writer.pending:
            # What was commanded lately, or staged by a task that has just been ended, is to be among the rows.
            await self._ledger.writer.drain()
            await self._halt()
        # No await from here until every record is what its rows say: a command that comes later finds it.
        taken_up = self._take_up(queries.open_parents(self._database, self._ledger.account, self._running))
        for record in taken_up:
            if record.parent.on_restart is OnRestart.CANCEL and record.parent.status is not ParentStatus.CANCELING:
                await self._driver.change(record, ParentStatus.CANCELING, "restart", "system")
            await subscribe(self._market, self._follow, record.parent.instrument_id)
            with suppress(InvalidValue):  # it waits for the price, and says so
                await self._starts.follow_price(record.strategy, record.parent.instrument_id, wait=False)
            self._spawn(record)

    def _take_up(self, loaded: Mapping[str, OpenParent]) -> list[Record]:
        """Make memory what the rows say; the records that are to be driven."""
        for parent_id in [*self._running.keys() - loaded.keys()]:
            self._running.pop(parent_id).finish(NotReady([f"parent {parent_id} was not durable when the store failed"]))
        for parent_id, rows in loaded.items():
            fresh = self._record(rows)
            record = self._running.setdefault(parent_id, fresh)
            record.rebuild(fresh)
            if record.parent.status.terminal:
                self._running.pop(parent_id).finish(None)
                continue
            self._standings.refresh(record)
        self._taken_up_by = self._ledger.writer
        return [*self._running.values()]

    async def stop(self) -> None:
        """Let every act in progress finish, then end; open parents stay open in their rows, for the next start."""
        self._driver.stopping = True
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for record in self._running.values():
            record.wake.set()
        if tasks := [record.task for record in self._running.values() if record.task is not None]:
            await asyncio.wait(tasks, timeout=STOP_TIMEOUT_SECONDS)
        await self._halt()
        for parent_id in list(self._running):
            self._running.pop(parent_id).finish(NotReady([f"stopped; parent {parent_id} goes on at the next start"]))

    def open_of(self, strategy_id: str) -> list[ParentResponse]:
        """The open ones of a strategy."""
        return [self._standings.response(r) for r in self._running.values() if r.parent.strategy_id == strategy_id]

    @property
    def open_count(self) -> int:
        return len(self._running)

    async def _halt(self) -> None:
        """End whatever drives a record."""
        while tasks := self._break_off():
            await asyncio.gather(*tasks, return_exceptions=True)

    def _break_off(self) -> list[asyncio.Task[None]]:
        tasks = [r.task for r in self._running.values() if r.task is not None and not r.task.done()]
        for task in tasks:
            task.cancel()
        return tasks

    def _spawn(self, record: Record) -> None:
        record.task = self._tasks.spawn(self._driver.supervise(record), f"parent {record.parent.parent_id}")

    def _end(self, records: Iterable[Record], principal: str, reason: str) -> list[Durable]:
        said, turn, begin = reason or f"by {principal}", self._ledger.turn, self._driver.begin_change
        return [begin(turn(principal), record, ParentStatus.CANCELING, said) for record in records]

    def _to_end(self, instrument_id: str | None) -> list[Record]:
        records = dict(self._running)
        if self._taken_up_by is not self._ledger.writer:
            # The account was loaded, and resume_open() has not come yet: the rows know of more.
            loaded = queries.open_parents(self._database, self._ledger.account, self._running)
            records = {name: self._record(rows) for name, rows in loaded.items()} | records
        return [
            record
            for record in records.values()
            if instrument_id in (None, record.parent.instrument_id)
            and ParentStatus.CANCELING in PARENT_TRANSITIONS[record.parent.status]
        ]

    # --- what it hears ---

    def _committed(self, group: Group) -> None:
        if self._running:
            for order in (*(new.order for new in group.new_orders.values()), *group.orders.values()):
                parent_id = order.request.parent_id
                record = self._running.get(parent_id) if parent_id is not None else None
                if record is not None and record.saw(self._ledger.orders.get(order.order_id, order)):
                    record.wake.set()
        if group.fills:
            for parent_id in {order.request.parent_id for order, _, _ in group.fills}:
                if parent_id is not None and parent_id not in self._running:
                    self._overfills.child_changed(parent_id)
        if self._ledger.kill_switch.engaged:
            for record in self._running.values():
                if record.parent.status is ParentStatus.RUNNING or record.enters:
                    record.wake.set()

    def _market_changed(self, instrument_id: str, change: MarketChange) -> None:
        if change is not MarketChange.TRADE:
            self._driver.pace.moved(instrument_id)

    def _forget(self, parent_id: str) -> None:
        self._running.pop(parent_id, None)

    def _record(self, loaded: OpenParent) -> Record:
        row = loaded.row
        return record_from_rows(loaded, self._starts.strategy(row["strategy"], json.loads(row["config"])))

    def _loaded(self, parent_id: str) -> OpenParent:
        loaded = queries.parent(self._database, self._ledger.account, parent_id)
        if loaded is None:
            raise ParentNotFound(parent_id)
        return loaded
