"""The services of one account over a MemoryExchange in virtual time, killed at any boundary and started again.

A Fuse counts the boundaries (before and after each commit, place and cancel); when it blows, nothing more of that
process reaches the disk or the wire. The exchange outlives every process, and so does the machine, whose clock may be
set to any time: a process lives by two of three clocks, as the system does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.clock import NS_PER_SECOND, CorrectedClock, SimulatedClock, VirtualTimeLoop
from app.domain.events import EventKind
from app.domain.instruments import Instrument
from app.domain.market import BookUpdate, PublicTrade
from app.domain.order_changes import mark_unanswered
from app.domain.orders import OrderReport, OrderSide, OrderStatus, OrderType
from app.domain.parents import Bounds
from app.domain.refusals import Refusal
from app.exchanges.memory import MemoryExchange
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.exchanges.port import CancelRequest, CommittedIntent, Outcome, Stream, StreamState
from app.journal.audit import audit
from app.market_data.feeds import MarketData
from app.models.trading import Base
from app.services.trading.account.idempotency import IdempotentRequests
from app.services.trading.account.ids import OrderIds
from app.services.trading.account.ledger import SYSTEM, Ledger
from app.services.trading.amending import Amending
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy
from app.services.trading.executor import TradeExecutor
from app.services.trading.holdings.prices import Prices
from app.services.trading.order_manager import OrderManager
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.parents.driver import OrderActs
from app.services.trading.parents.orders import ParentOrders
from app.services.trading.placing import Placing
from app.services.trading.position_manager import PositionManager
from app.services.trading.schemas import OrderParams
from app.services.trading.tasks import TaskGroup
from app.services.trading.venue.cancels import Cancels
from app.services.trading.venue.differences import Differences
from app.services.trading.venue.following import follow_if_new
from app.services.trading.venue.reconciler import Reconciler
from app.services.trading.venue.resolver import Resolver
from app.services.trading.venue.sending import Sender
from app.services.trading.venue.set_aside import SetAside
from app.store import queries
from app.store.committer import ConnectionDisk, GroupCommitter, Prepared
from app.store.database import Database
from app.store.group import Group
from app.store.leases import LeaseSql
from app.store.writer import GroupWriter
from tests.support.trading_world import SteppedClock

ACCOUNT = "main"
BTC = "BTC-USDT"
START_NS = 1_767_225_600 * NS_PER_SECOND


class Killed(BaseException):
    """The process died here."""


@dataclass
class Fuse:
    """Blows at boundary number `at` (from 1); 0 never blows."""

    at: int = 0
    passed: int = 0
    where: str = ""
    blown: asyncio.Event = field(default_factory=asyncio.Event)

    def check(self, where: str) -> None:
        if self.blown.is_set():
            raise Killed
        self.passed += 1
        if self.passed == self.at:
            self.where = where
            self.blown.set()
            raise Killed

    async def check_wire(self, where: str) -> None:
        """As check, but the dead process hangs instead: nobody learns of it."""
        try:
            self.check(where)
        except Killed:
            await asyncio.Event().wait()


class FusedCommitter:
    def __init__(self, committer: GroupCommitter, fuse: Fuse) -> None:
        self._committer = committer
        self._fuse = fuse

    def prepare(self, group: Group) -> Prepared:
        return self._committer.prepare(group)

    def commit(self, prepared: Prepared) -> None:
        self._fuse.check("before commit")
        self._committer.commit(prepared)
        self._fuse.check("after commit")

    def close(self, *, release: bool) -> None:
        self._committer.close(release=release)


class FusedExchange:
    """The sends of the exchange with boundaries around them; everything else as it is."""

    def __init__(self, world: World, fuse: Fuse) -> None:
        self._world, self._exchange = world, world.exchange
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exchange, name)

    async def submit(self, intent: CommittedIntent) -> Outcome:
        return await self._around("submit", lambda: self._exchange.submit(intent))

    async def amend(self, intent: CommittedIntent) -> Outcome:
        return await self._around("amend", lambda: self._exchange.amend(intent))

    async def cancel(self, request: CancelRequest) -> Outcome:
        return await self._around("cancel", lambda: self._exchange.cancel(request))

    async def _around(self, what: str, send: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
        await self._fuse.check_wire(f"before {what}")
        outcome = await send()
        self._world.note_exposure()
        await self._fuse.check_wire(f"after {what}")
        return outcome


def _decided(reasons: tuple[Refusal, ...], price: Decimal | None) -> SimpleNamespace:
    return SimpleNamespace(result=SimpleNamespace(reasons=reasons, checked=()), reference_price=price, exit=False)


class FakeRisk:
    """Approves everything but what `refuse` names."""

    def __init__(self, ledger: Ledger, market: MarketData) -> None:
        self.refuse: Callable[[OrderParams], Sequence[Refusal]] = lambda _: ()
        self.prices = Prices(ledger, market)

    def first_piece(self, params: OrderParams) -> OrderParams:
        return params

    async def prepare(self, params: OrderParams) -> None:
        """Nothing here is valued."""

    def approve(self, params: OrderParams, **_: object) -> SimpleNamespace:
        return _decided(tuple(self.refuse(params)), params.price)

    def approve_amendment(self, *_: object) -> SimpleNamespace:
        return _decided((), None)


@dataclass
class FakeGate:
    reasons: Sequence[Refusal] = ()

    def closed(self) -> Sequence[Refusal]:
        return self.reasons


class Listener:
    """Where the exchange delivers, of one process."""

    def __init__(self, tracker: OrderTracker, market: MarketData, fuse: Fuse) -> None:
        self._tracker = tracker
        self._market = market
        self._fuse = fuse

    def on_order(self, report: OrderReport) -> None:
        if not self._fuse.blown.is_set():
            self._tracker.receive(report)

    def on_book(self, update: BookUpdate) -> None:
        self._market.on_book(update)

    def on_trade(self, trade: PublicTrade) -> None:
        self._market.on_trade(trade)

    def on_stream(self, stream: Stream, state: StreamState, reason: str) -> None:
        if stream is Stream.MARKET and state is StreamState.DOWN:
            self._market.on_stream_down()

    def on_balances(self, balances: object) -> None: ...

    def on_positions(self, positions: object) -> None: ...

    def on_instrument(self, instrument: Instrument) -> None: ...

    def on_gap(self, reason: str, raw: str) -> None: ...

    def on_unreadable(self, row: object) -> None: ...

    def on_not_followed(self, instrument_id: str, reason: str) -> None: ...


class Process:
    """One life of the executor, from start to stop or kill."""

    def __init__(self, world: World, fuse: Fuse) -> None:
        self.world, self.fuse = world, fuse
        self.tasks = TaskGroup()
        self.clock = CorrectedClock(world.wall, world.exchange.server_time_ns)
        if world.wall.ahead_ns:
            self.clock.believe(world.exchange.server_time_ns())

    async def start(self) -> None:
        world, clock, database = self.world, self.clock, self.world.database
        state = queries.load_account(database, ACCOUNT)
        lease_sql = LeaseSql(database, clock, 1_000_000)  # renewal is proved elsewhere
        connection = database.writer_connection()
        lease = lease_sql.acquire(connection, ACCOUNT, "test")
        connection.close()
        self.ledger = ledger = Ledger(ACCOUNT, clock)
        self.committer = GroupCommitter(
            ConnectionDisk(database), database, clock, lease, lease_sql, state.hash, state.seq
        )
        ledger.writer = GroupWriter(FusedCommitter(self.committer, self.fuse), on_commit=ledger.committed)
        exchange: Any = FusedExchange(world, self.fuse)
        ledger.instruments = {i.instrument_id: i for i in await exchange.instruments()}
        ledger.load(state)
        self.market = MarketData(clock, max_silence_seconds=None)
        self.orders = OrderManager(ledger, database)
        positions = PositionManager(ledger, database, self.market)
        ids = OrderIds(clock)
        ids.use_installation("TESTS")
        self.tracker = OrderTracker(ledger, database, self.orders, exchange, self.tasks, lambda _: None)
        self.resolver = Resolver(ledger, self.tracker, exchange, clock, streams_up=lambda: True)
        reconciler = Reconciler(
            ledger,
            self.tracker,
            positions,
            self.resolver,
            exchange,
            clock,
            database,
            SetAside(ledger, clock),
            Differences(ledger, clock, database, positions, 30),
        )
        self.risk, self.gate = FakeRisk(ledger, self.market), FakeGate()
        self.sender = Sender(ledger, exchange, self.resolver, self.gate, clock)
        follow, risk, gate = partial(follow_if_new, self.market, exchange.follow), self.risk, self.gate
        both: Any = {
            "ledger": ledger,
            "risk": risk,
            "orders": self.orders,
            "sender": self.sender,
            "gate": gate,
            "ids": ids,
            "tasks": self.tasks,
            "expires_ns": lambda: clock.now_ns() + 5 * NS_PER_SECOND,
        }
        acts: Any = {
            "placing": Placing(**both, idempotency=IdempotentRequests(ledger, database), follow=follow),
            "amending": Amending(**both, tracker=self.tracker),
            "cancels": Cancels(ledger, self.orders, self.tracker, self.sender, self.tasks),
        }
        self.parents = ParentOrders(
            ledger,
            database,
            self.market,
            gate,
            self.follow,
            self.tasks,
            acts=OrderActs(**acts),
            min_order_size=world.min_order_size,
            bounds=lambda _, __: world.bounds,
            strategies=world.strategies,
        )
        self.executor = TradeExecutor(
            ledger=ledger,
            risk=risk,  # type: ignore[arg-type]
            orders=self.orders,
            tracker=self.tracker,
            gate=gate,
            parents=self.parents,
            follow=follow,
            **acts,
        )
        await world.exchange.start(Listener(self.tracker, self.market, self.fuse))
        self.tasks.spawn(self._heartbeat(), "heartbeat")
        await self._unknown_at_start()
        await reconciler.orders()
        self.tasks.spawn(self._resolve(), "resolver")
        await self.parents.resume_open()

    async def _resolve(self) -> None:
        while True:
            await self.clock.sleep(1)
            await self.resolver.round(lambda order: self.sender.cancel(order, SYSTEM))

    def reload(self) -> None:
        """What a session does after a failed commit: memory is dropped and rebuilt from the rows."""
        state = queries.load_account(self.world.database, ACCOUNT)
        self.ledger.load(state)
        self.ledger.writer = GroupWriter(FusedCommitter(self.committer, self.fuse), on_commit=self.ledger.committed)

    async def _unknown_at_start(self) -> None:
        for order in self.ledger.open_orders():
            if order.status in (OrderStatus.PENDING, OrderStatus.SENT):
                turn = self.ledger.turn(SYSTEM)
                turn.put(mark_unanswered(turn.order(order.order_id), None, turn.now_ns))
                turn.event(EventKind.ORDER_UNKNOWN, {"outcome": "unknown", "code": "restart"}, order_id=order.order_id)
                await turn.commit()

    async def follow(self, instrument_id: str) -> None:
        """As a fresh subscription does: the whole book first."""
        await self.world.exchange.follow(instrument_id)
        self.market.on_book(await self.world.exchange.book(instrument_id))

    async def _heartbeat(self) -> None:
        while True:
            await self.world.clock.sleep(0.5)
            if self.world.market_alive:
                self.market.on_heartbeat()

    async def stop(self) -> None:
        await self.parents.stop()
        await self.tasks.stop()
        await self.ledger.writer.close()

    async def kill(self) -> None:
        """Nothing is said, nothing is written; the database's connection and lease go with the process."""
        self.fuse.blown.set()
        await self.tasks.stop()
        self.committer.close(release=True)


class World:
    """The exchange, the database and the clocks, which outlive processes. clock: the true time, and the exchange's;
    wall: the machine's."""

    def __init__(
        self, path: Path, seed: int = 0, strategies: Mapping[str, type[ExecutionStrategy]] = STRATEGIES
    ) -> None:
        self.clock = SimulatedClock(START_NS, seed)
        self.wall = SteppedClock(START_NS, seed)
        self.database = Database(f"sqlite:///{path}")
        self.strategies = strategies
        Base.metadata.create_all(self.database.writer_engine)  # the migrations, proved elsewhere, take far longer
        self.exchange = MemoryExchange(
            self.clock, balances={"USDT": Decimal(10_000_000), "BTC": Decimal(100)}, fee_rate=Decimal(0)
        )
        self.exchange.record_sends = True
        self.exchange.set_book(BTC, Decimal("50000"), Decimal("50000.1"), Decimal(100))
        self.market_alive = True
        self.most_possible = Decimal(0)
        self.min_order_size = Decimal(0)
        self.bounds: Bounds | None = None
        """How far risk lets one order go."""

    async def process(self, fuse: Fuse | None = None) -> Process:
        made = Process(self, fuse or Fuse())
        await made.start()
        return made

    @property
    def placed(self) -> list[str]:
        """Client order ids of every place that reached the exchange."""
        return [client_order_id for operation, client_order_id in self.exchange.sends if operation == "place"]

    @property
    def filled(self) -> Decimal:
        """What has filled at the exchange."""
        return sum((fill.size for fill in self.exchange.venue.fills), Decimal(0))

    def note_exposure(self) -> None:
        """Keep the most that could ever have filled at the exchange at one moment (INVARIANTS S4)."""
        open_size = sum((order.size - order.filled for order in self.exchange.venue.open.values()), Decimal(0))
        self.most_possible = max(self.most_possible, self.filled + open_size)

    def now(self) -> float:
        return (self.clock.now_ns() - START_NS) / NS_PER_SECOND

    def close(self) -> None:
        """The end of a world; its journal gives every row that it left."""
        instruments = {instrument.instrument_id: instrument for instrument in DEFAULT_INSTRUMENTS}
        report = audit(self.database, ACCOUNT, instruments)
        self.database.close()
        assert report.clean, [str(finding) for finding in report.findings]


def buy(size: str, price: str | None = None, side: OrderSide = OrderSide.BUY) -> OrderParams:
    order_type = OrderType.MARKET if price is None else OrderType.LIMIT
    return OrderParams(
        instrument_id=BTC,
        side=side,
        order_type=order_type,
        size=Decimal(size),
        price=None if price is None else Decimal(price),
    )


def in_virtual_time(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end on a VirtualTimeLoop; what a killed process leaves behind makes no noise."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(
            lambda loop, context: (
                None if isinstance(context.get("exception"), Killed) else loop.default_exception_handler(context)
            )
        )
        return runner.run(work)
