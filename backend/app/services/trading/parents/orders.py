"""Parent orders: which there are, what users ask of them, and how those of the last process go on.

Each is driven by driver.py in a task of its own; the rows of records.py are the truth.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from weakref import WeakValueDictionary

import structlog

from app.domain.events import EventKind
from app.domain.money import ZERO, plain
from app.domain.orders import OrderSide, OrderType
from app.domain.parents import PARENT_TRANSITIONS, Bounds, OnRestart, ParentStatus
from app.domain.refusals import InvalidValue, Refusal
from app.market_data.feeds import MarketData
from app.market_data.subscriptions import MarketChange
from app.services.trading.account.ids import encode_base32, random_text
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import NotReady, ParentNotFound, ParentOver
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy, ExitExecution
from app.services.trading.executor import TradeExecutor
from app.services.trading.order_manager import response
from app.services.trading.parents.amendments import amended
from app.services.trading.parents.driver import ParentDriver
from app.services.trading.parents.figures import ParentFigures
from app.services.trading.parents.overfills import Overfills
from app.services.trading.parents.records import (
    Record,
    filled_by,
    new_parent,
    parent_from_row,
    parent_response,
    record_from_rows,
    response_from_row,
    response_over,
)
from app.services.trading.schemas import OrderParams, OrderResponse, ParentResponse
from app.services.trading.tasks import TaskGroup
from app.services.trading.venue.following import subscribe
from app.services.trading.venue.sending import Gate
from app.store import queries
from app.store.database import Database
from app.store.durable import Durable
from app.store.group import Group
from app.store.queries import OpenParent

log = structlog.get_logger("parents")

RUNNING_MAX = 500
STOP_TIMEOUT_SECONDS = 10
PARENT_ID_LENGTH = 20
PARENT_PREFIX = "P"
AMENDABLE = frozenset({ParentStatus.RUNNING, ParentStatus.PAUSED, ParentStatus.SUSPENDED})


class ParentOrders:
    """Starts, drives, pauses and ends parent orders; resume_open() goes on with those of the last process."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        market: MarketData,
        executor: TradeExecutor,
        gate: Gate,
        follow: Callable[[str], Awaitable[None]],
        tasks: TaskGroup,
        *,
        min_order_size: Decimal = ZERO,
        bounds: Callable[[str, OrderSide], Bounds | None] = lambda _, __: None,
        strategies: Mapping[str, type[ExecutionStrategy]] = STRATEGIES,
        size_refusals: Callable[[OrderParams, Decimal], Sequence[Refusal]] = lambda first, whole: (),
    ) -> None:
        """gate: while it is closed no child is placed. follow: subscribes an instrument's market. min_order_size: the
        smallest order that risk lets through, in base units; what is below it counts as dust. bounds: how far one
        order may go now, by risk. size_refusals: why a parent with this first child and this whole size is too large,
        whatever the moment."""
        self._ledger = ledger
        self._clock = ledger.clock
        self._database = database
        self._market = market
        self._follow = follow
        self._tasks = tasks
        self._strategies = strategies
        self._size_refusals = size_refusals
        self._running: dict[str, Record] = {}
        # Each lives for as long as somebody starts, or waits for who starts, the parent of a key.
        self._starting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._overfills = Overfills(ledger, database, tasks, self._running)
        self._driver = ParentDriver(ledger, market, executor, gate, min_order_size, bounds, self._forget)
        self._unsubscribe = (ledger.subscribe(self._committed), market.subscribe(self._market_changed))

    # --- what users do ---

    async def run(self, strategy: str, config: str, params: OrderParams) -> list[OrderResponse]:
        """Work an order to its end; its children in the order of placing.

        Returns when the parent is over, or SUSPENDED. Raises as start(), StoreFailed when it is not known whether it
        was begun, and NotReady when the system stops first (the parent goes on at the next start).
        """
        record = await self._start(strategy, json.loads(config), params, "system", self._draw_id())
        await record.ended.wait()
        if record.error is not None:
            raise record.error
        return [response(child.order) for child in record.children.values()]

    async def start(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        *,
        principal: str = "system",
        key: str | None = None,
    ) -> ParentResponse:
        """Start a parent and return at once when it is durable.

        key: names the request; the parent's id is made from it, so that the same key finds the parent that it started,
        also after a crash between start and answer.
        Raises InvalidValue (unknown strategy or key, size or price off the lattice; the refusal is journalled) and
        NotReady (stopping, or RUNNING_MAX parents are open).
        """
        return await self._once(key, lambda name: self._start(strategy, config, params, principal, name))

    async def start_exit(
        self, params: OrderParams, *, principal: str, exit: bool, unattributed: bool = False, key: str | None = None
    ) -> ParentResponse:
        """Start getting out of what is held, in pieces. exit: a person asked; see ParentOrder. unattributed: coins too
        that no book holds. key: as in start()."""
        config = {"unattributed": unattributed}
        return await self._once(
            key, lambda name: self._start(ExitExecution.name, config, params, principal, name, exit=exit)
        )

    async def begun(self, key: str) -> ParentResponse | None:
        """The parent that start() made for this key, open or over."""
        return await self._begun(self.id_of(key))

    def id_of(self, key: str) -> str:
        """The id of the parent that this key starts, for ever."""
        digest = hashlib.sha256(f"{self._ledger.account} {key}".encode()).digest()
        drawn = int.from_bytes(digest[: PARENT_ID_LENGTH * 5 // 8], "big")
        return PARENT_PREFIX + encode_base32(drawn, PARENT_ID_LENGTH)

    async def first_child(self, parent_id: str) -> str | None:
        """The order id of its first child, as soon as there is one; None when it ended, or was laid aside, without."""
        record = self._running.get(parent_id)
        if record is not None:
            if not record.children:
                await record.begun.wait()
            return next(iter(record.children), None)
        children = await asyncio.to_thread(self.orders, parent_id)
        return children[0].order_id if children else None

    async def pause(self, parent_id: str, *, principal: str = "system", reason: str = "") -> ParentResponse:
        """Take its children back and lay it aside; its clock goes on. Raises ParentNotFound, ParentOver."""
        return await self._command(parent_id, ParentStatus.PAUSED, principal, reason)

    async def resume(self, parent_id: str, *, principal: str = "system", reason: str = "") -> ParentResponse:
        """Go on with a paused or suspended one; earlier failures are forgiven. Raises ParentNotFound, ParentOver."""
        return await self._command(parent_id, ParentStatus.RUNNING, principal, reason)

    async def amend(
        self,
        parent_id: str,
        *,
        size: Decimal | None = None,
        price: Decimal | None = None,
        config: Mapping[str, object] | None = None,
        principal: str = "system",
        reason: str = "",
    ) -> ParentResponse:
        """Change what an open parent is to do: its size (in all, what has filled included), its limit price, or keys of
        its configuration, which may move its end. Children that rest are taken back and made anew on the new terms; a
        parent that is laid aside stays so until it is resumed.

        Raises ParentNotFound, ParentOver, and InvalidValue for terms that cannot be or change nothing.
        """
        record = self._running.get(parent_id)
        if record is None:
            raise ParentOver(parent_from_row(self._loaded(parent_id).row), "be amended")
        parent = record.parent
        if parent.status not in AMENDABLE:
            raise ParentOver(parent, "be amended")
        policy = self._strategy(parent.strategy, {**json.loads(parent.config), **(config or {})})
        self._driver.refresh(record)
        terms = amended(
            self._driver.progress(record),
            policy,
            size,
            price,
            next_step=record.next_step,
            now_ns=self._clock.now_ns(),
        )
        if (terms.size, terms.limit_price, terms.config) == (parent.size, parent.limit_price, parent.config):
            raise InvalidValue("size", plain(terms.size), "nothing would change: give a new size, price or config")
        if terms.size > parent.size:
            InvalidValue.for_first(self._too_large(Record(terms, policy)))
        laid_aside = parent.status is not ParentStatus.RUNNING
        said = parent.reason if laid_aside else reason or f"amended by {principal}"
        durable = self._driver.begin_change(record, parent.status, said, principal, amended=terms)
        record.strategy = policy
        await durable
        return self._response(record)

    async def settle(self, parent_id: str, *, principal: str, why: str) -> ParentResponse:
        """Accept, on an operator's word, that more than its size has filled (the exchange told of a fill when it was
        over). Raises ParentNotFound, and InvalidValue when it is open or not overfilled."""
        settled = await self._overfills.settle(parent_id, principal=principal, why=why)
        if settled is None:
            raise ParentNotFound(parent_id)
        return response_over(settled)

    async def cancel(self, parent_id: str, *, principal: str = "system", reason: str = "") -> ParentResponse:
        """Cancel its children and end it. Raises ParentNotFound, ParentOver."""
        return await self._command(parent_id, ParentStatus.CANCELING, principal, reason)

    async def cancel_all(
        self, instrument_id: str | None = None, *, principal: str = "system", reason: str = ""
    ) -> list[ParentResponse]:
        """Cancel every parent (of one instrument), so that none places anything after all orders were canceled."""
        records = self._to_end(instrument_id)
        for durable in self.end_all(instrument_id, principal=principal, reason=reason):
            await durable
        return [self._response(record) for record in records]

    def end_all(
        self,
        instrument_id: str | None = None,
        *,
        principal: str = "system",
        reason: str = "",
        but: Collection[str] = (),
    ) -> list[Durable]:
        """The same without waiting: from this call on none of them places anything. but: these parents go on. Raises
        StoreFailed."""
        reason = reason or f"by {principal}"
        return [
            self._driver.begin_change(record, ParentStatus.CANCELING, reason, principal)
            for record in self._to_end(instrument_id)
            if record.parent.parent_id not in but
        ]

    def get(self, parent_id: str) -> ParentResponse:
        """One parent, open or over. Raises ParentNotFound."""
        record = self._running.get(parent_id)
        if record is not None:
            return self._response(record)
        loaded = self._loaded(parent_id)
        return response_over(replace(parent_from_row(loaded.row), filled=filled_by(loaded.children)))

    def figures(self, parent_id: str) -> ParentFigures:
        """How it stands: schedule, prices, fees. Raises ParentNotFound."""
        record = self._running.get(parent_id)
        if record is None:
            loaded = self._loaded(parent_id)
            record = record_from_rows(loaded, self._strategy(loaded.row["strategy"], json.loads(loaded.row["config"])))
        return self._driver.figures(record)

    def orders(self, parent_id: str) -> list[OrderResponse]:
        """Its children in the order of placing. Raises ParentNotFound."""
        record = self._running.get(parent_id)
        if record is not None:
            return [response(child.order) for child in record.children.values()]
        children = sorted(self._loaded(parent_id).children, key=lambda order: order.request.parent_step or 0)
        return [response(order) for order in children]

    def history(
        self, *, open_only: bool = False, before: tuple[int, str] | None = None, limit: int = 100
    ) -> list[ParentResponse]:
        """Parents, newest first; `before` is (created_ns, parent_id) of the last one of the page before."""
        rows = queries.parents(self._database, self._ledger.account, open_only=open_only, before=before, limit=limit)
        found: list[ParentResponse] = []
        for row in rows:
            record = self._running.get(row["parent_id"])
            found.append(self._response(record) if record is not None else response_from_row(row))
        return found

    # --- what the system does ---

    async def resume_open(self) -> None:
        """Go on with every parent that is open in the database, by its rows alone.

        Called when the venue's snapshot has been booked: at the start, and after a failed store has been reloaded; what
        memory held of a parent is then dropped, and who waits in run() goes on waiting.
        """
        await self._halt(self._running.values())
        loaded = self._load_open()
        for parent_id in [*self._running.keys() - loaded.keys()]:
            self._running.pop(parent_id).finish(NotReady([f"parent {parent_id} was not durable when the store failed"]))
        for parent_id, rows in loaded.items():
            strategy = self._strategy(rows.row["strategy"], json.loads(rows.row["config"]))
            fresh = record_from_rows(rows, strategy)
            record = self._running.setdefault(parent_id, fresh)
            record.rebuild(fresh)
            if record.parent.status.terminal:
                self._running.pop(parent_id).finish(None)
                continue
            self._driver.refresh(record)
            if record.parent.on_restart is OnRestart.CANCEL and record.parent.status is not ParentStatus.CANCELING:
                await self._driver.change(record, ParentStatus.CANCELING, "restart", "system")
            await subscribe(self._market, self._follow, record.parent.instrument_id)
            self._spawn(record)

    async def stop(self) -> None:
        """Let every act in progress finish, then end; open parents stay open in their rows, for the next start."""
        self._driver.stopping = True
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for record in self._running.values():
            record.wake.set()
        tasks = [record.task for record in self._running.values() if record.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_TIMEOUT_SECONDS)
        await self._halt(self._running.values())
        for parent_id in list(self._running):
            self._running.pop(parent_id).finish(NotReady([f"stopped; parent {parent_id} goes on at the next start"]))

    @property
    def open_count(self) -> int:
        return len(self._running)

    # --- starting ---

    async def _start(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        principal: str,
        parent_id: str,
        *,
        exit: bool = False,
    ) -> Record:
        full = len(self._running) >= RUNNING_MAX and strategy != ExitExecution.name
        if self._driver.stopping or full:
            raise NotReady(
                ["stopping" if self._driver.stopping else f"{RUNNING_MAX} parent orders are open, the most allowed"]
            )
        policy = self._strategy(strategy, config)
        await self._check(policy, params, principal)
        await subscribe(self._market, self._follow, params.instrument_id)
        seed, now_ns = int.from_bytes(self._clock.token(4), "big"), self._clock.now_ns()
        arrival = self._driver.arrival(params.instrument_id)
        parent = new_parent(self._ledger.account, policy, params, parent_id, now_ns, seed, exit=exit, arrival=arrival)
        record = Record(parent, policy)
        await self._door(record, params, principal)
        turn = self._ledger.turn(principal)
        self._driver.put(turn, record, parent)
        self._running[parent.parent_id] = record
        try:
            await turn.commit()
        except BaseException:
            self._running.pop(parent.parent_id, None)
            raise
        self._spawn(record)
        return record

    def _strategy(self, name: str, config: Mapping[str, object]) -> ExecutionStrategy:
        made = self._strategies.get(name)
        if made is None:
            raise InvalidValue("strategy", name, f"must be one of {', '.join(self._strategies)}")
        return made(None, config)

    async def _check(self, policy: ExecutionStrategy, params: OrderParams, principal: str) -> None:
        of = self._ledger if policy.gets_out else self._driver
        instrument = of.instrument(params.instrument_id)
        if params.order_type not in (OrderType.MARKET, OrderType.LIMIT):
            rule = "must be market or limit: a strategy chooses its children's types itself"
            raise InvalidValue("order_type", params.order_type, rule)
        refusals = policy.refusals(params.size, params.price, instrument)
        if not refusals:
            return
        await self._refuse(policy, params, refusals, principal)

    async def _refuse(
        self, policy: ExecutionStrategy, params: OrderParams, refusals: Sequence[Refusal], principal: str
    ) -> None:
        turn = self._ledger.turn(principal)
        refused = {"strategy": policy.name, "params": params, "reasons": tuple(refusals)}
        turn.event(EventKind.REQUEST_REFUSED, refused)
        await turn.commit()
        InvalidValue.for_first(refusals)

    async def _door(self, record: Record, params: OrderParams, principal: str) -> None:
        """One that is too large by the present limits is refused now, not by its first child a moment later."""
        refusals = self._too_large(record)
        if refusals:
            await self._refuse(record.strategy, params, refusals, principal)

    def _too_large(self, record: Record) -> Sequence[Refusal]:
        first = self._driver.first_child(record)
        return self._size_refusals(first, record.parent.size) if first is not None else ()

    async def _once(self, key: str | None, start: Callable[[str], Awaitable[Record]]) -> ParentResponse:
        """The parent that this key starts, one however many ask for it at once; without a key always another."""
        if key is None:
            return self._response(await start(self._draw_id()))
        parent_id = self.id_of(key)
        lock = self._starting.setdefault(parent_id, asyncio.Lock())
        async with lock:
            return await self._begun(parent_id) or self._response(await start(parent_id))

    async def _begun(self, parent_id: str) -> ParentResponse | None:
        """The parent with this id, open or over, if there is one."""
        record = self._running.get(parent_id)
        if record is not None:
            return self._response(record)
        loaded = await asyncio.to_thread(queries.parent, self._database, self._ledger.account, parent_id)
        return response_from_row(loaded.row) if loaded is not None else None

    def _draw_id(self) -> str:
        return PARENT_PREFIX + random_text(self._clock, PARENT_ID_LENGTH)

    def _load_open(self) -> dict[str, OpenParent]:
        """Parents that are open by their rows or in memory, as the database has them."""
        account, parent_ids = self._ledger.account, dict.fromkeys(self._running)
        before: tuple[int, str] | None = None
        while rows := queries.parents(self._database, account, open_only=True, before=before):
            parent_ids.update(dict.fromkeys(row["parent_id"] for row in rows))
            before = (rows[-1]["created_ns"], rows[-1]["parent_id"])
        found = {parent_id: queries.parent(self._database, account, parent_id) for parent_id in parent_ids}
        return {parent_id: loaded for parent_id, loaded in found.items() if loaded is not None}

    async def _halt(self, records: Iterable[Record]) -> None:
        tasks = [record.task for record in records if record.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _spawn(self, record: Record) -> None:
        record.task = self._tasks.spawn(self._driver.supervise(record), f"parent {record.parent.parent_id}")

    # --- commands ---

    async def _command(self, parent_id: str, status: ParentStatus, principal: str, reason: str) -> ParentResponse:
        record = self._running.get(parent_id)
        if record is None:
            raise ParentOver(parent_from_row(self._loaded(parent_id).row), f"become {status.value}")
        if status not in PARENT_TRANSITIONS[record.parent.status]:
            raise ParentOver(record.parent, f"become {status.value}")
        if status is ParentStatus.RUNNING:
            if self._ledger.kill_switch.engaged and not record.parent.exit:
                raise InvalidValue(
                    "kill_switch", "engaged", "must be released before it can go on", check="kill_switch"
                )
            record.ended.clear()
        await self._driver.change(record, status, reason or f"by {principal}", principal)
        return self._response(record)

    def _to_end(self, instrument_id: str | None) -> list[Record]:
        return [
            record
            for record in self._running.values()
            if instrument_id in (None, record.parent.instrument_id)
            and ParentStatus.CANCELING in PARENT_TRANSITIONS[record.parent.status]
        ]

    # --- what it hears ---

    def _committed(self, group: Group) -> None:
        for order in (*(new.order for new in group.new_orders.values()), *group.orders.values()):
            parent_id = order.request.parent_id
            record = self._running.get(parent_id) if parent_id is not None else None
            if record is not None and record.saw(self._ledger.orders.get(order.order_id, order)):
                record.wake.set()
        for parent_id in {order.request.parent_id for order, _, _ in group.fills}:
            if parent_id is not None and parent_id not in self._running:
                self._overfills.child_changed(parent_id)
        if self._ledger.kill_switch.engaged:
            for record in self._running.values():
                if record.parent.status is ParentStatus.RUNNING:
                    record.wake.set()

    def _market_changed(self, instrument_id: str, change: MarketChange) -> None:
        if change is not MarketChange.BOOK:
            return
        for record in self._running.values():
            waiting = record.waiting
            if waiting is not None and waiting.on_market and record.parent.instrument_id == instrument_id:
                record.wake.set()

    def _forget(self, parent_id: str) -> None:
        self._running.pop(parent_id, None)

    def _loaded(self, parent_id: str) -> OpenParent:
        loaded = queries.parent(self._database, self._ledger.account, parent_id)
        if loaded is None:
            raise ParentNotFound(parent_id)
        return loaded

    def _response(self, record: Record) -> ParentResponse:
        return parent_response(record.parent, self._driver.progress(record), record.waiting)
