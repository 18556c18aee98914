"""One strategy of one's own: what its host is shown, what it answers, when it is killed, what is kept.

    offer_book(), offer_trade()   the market, for the next batch: books conflate, trades are bounded
    _pump()                       one batch at a time; while the host is busy, what comes waits
    _answered()                   its state and how far it has seen its fills, in one row; its signals behind that
    tick()                        timers, and the end of a host that does not answer

Fills are read from the database, after the event that the kept state has seen: whatever dies, each counts once.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import EventKind
from app.domain.instruments import Instrument
from app.domain.money import plain
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeError
from app.services.strategies import budgets
from app.services.strategies.declared import Declared
from app.services.strategies.fills import own_fill
from app.services.strategies.keeping import Keeping
from app.services.strategies.process import Host, HostProcess, StartHost
from app.services.strategies.wishes import Wishes
from app.services.trading.account.ledger import Ledger
from app.services.trading.tasks import TaskGroup
from app.services.trading.threads import OwnThread
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError
from app.strategies.messages import Answer, Batch, Begin, Begun, Raised
from app.strategies.strategy import OwnFill

TRADES_MAX = 1_000
"""That wait for a busy host; beyond that the oldest are lost and counted."""
BATCH_TRADES_MAX = 100
FILLS_PAGE = 100
BEGIN_SECONDS = 20
"""For a file to be imported, and on_start."""
READ_SECONDS = 5
"""For the file to be read."""
RESTARTS_MAX = 3
RESTARTS_SECONDS = 3_600

Follow = Callable[[str], Awaitable[None]]

log = structlog.get_logger("strategies")


class Standing(StrEnum):
    """stopped: at a person's word. failed: what it raised, or that its host would not live."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a strategy needs of its system."""

    ledger: Ledger
    database: Database
    clock: Clock
    tasks: TaskGroup
    follow: Follow
    book: Callable[[str], msgspec.Raw | None]
    start_host: StartHost


class Running:
    """One strategy's life. `wishes` does what it asks for."""

    def __init__(self, declared: Declared, parts: Parts, wishes: Wishes) -> None:
        self.declared = declared
        self.wishes = wishes
        self.standing = Standing.STOPPED
        self.reason = self.last_failure = ""
        self.sha256 = ""
        self.config = declared.config_text()
        self.handlers: frozenset[str] = frozenset()
        self.trades_lost = 0
        self.batches = 0
        self.restarts: deque[int] = deque()
        self._parts = parts
        self._host: Host | None = None
        self._keeping = Keeping(declared.name, parts.ledger)
        self._thread = OwnThread(f"file of strategy {declared.name}")
        self._changing = asyncio.Lock()
        self._books: dict[str, msgspec.Raw] = {}
        self._trades: deque[msgspec.Raw] = deque(maxlen=TRADES_MAX)
        self._fills: list[tuple[int, OwnFill]] = []
        self._more_fills = asyncio.Event()
        self._sent: tuple[int, ...] | None = None
        self._busy_since_ns: int | None = None
        self._overdue = False
        self._timer_ns: int | None = None
        self._due_ns = 0
        self._again_ns: int | None = None
        self._life = TaskGroup(on_failure=self._broke)

    @property
    def name(self) -> str:
        return self.declared.name

    @property
    def principal(self) -> str:
        return f"strategy:{self.name}"

    @property
    def state(self) -> str:
        """As it keeps it: JSON."""
        return self._keeping.state

    @property
    def pid(self) -> int | None:
        return None if self._host is None else self._host.pid

    def held(self) -> dict[str, Decimal]:
        return budgets.by_instrument(self._books_held())

    def _books_held(self) -> budgets.Books:
        return budgets.books(self._parts.ledger.strategy_sizes.items(), self.name)

    # --- begin and end ---

    async def start(self, principal: str, declared: Declared) -> None:
        """Load the file and begin. What is wrong with it is told by `standing` and `reason`."""
        async with self._changing:
            await self._end()
            await self._keeping.now(principal)
            self.declared = self.wishes.declared = declared
            self.config = declared.config_text()
            self.restarts.clear()
            await self._begin(principal)

    async def take_up(self) -> None:
        """As the system starts: one that a person stopped stays so."""
        async with self._changing:
            await self._take_up()

    async def _take_up(self) -> None:
        try:
            row = await self._load()
        except StoreError as error:
            await self._fail("start", str(error), again=True)
            return
        if row is not None and row["standing"] == Standing.STOPPED:
            self._stands(Standing.STOPPED, row["reason"])
            return
        await self._begin("system")

    async def stop(self, principal: str, reason: str) -> None:
        """At a person's word; it stays so over restarts. Its orders and positions are left as they are."""
        async with self._changing:
            await self._end()
            self._stands(Standing.STOPPED, reason)
            said = {"strategy": self.name, "reason": reason}
            await self._keeping.now(principal, EventKind.STRATEGY_STOPPED, said)

    async def close(self) -> None:
        """As the system stops."""
        async with self._changing:
            running = self.standing in (Standing.RUNNING, Standing.STARTING)
            await self._end()
            if running:
                await self._keeping.now("system")

    def _stands(self, standing: Standing, reason: str = "") -> None:
        self.standing, self.reason = standing, reason
        self._keeping.stands = (standing.value, reason)

    async def _load(self) -> Mapping[str, Any] | None:
        """What an earlier life has kept. Raises StoreError."""
        asked = self._parts.database, self._parts.ledger.account
        _, head = await asyncio.to_thread(queries.journal_ends, *asked)
        row = await asyncio.to_thread(queries.strategy_state, *asked, self.name)
        self._keeping.load(row, head)
        return row

    def _check_budget(self, traded: Sequence[Instrument]) -> None:
        """A budget is one sum, so what it is for must be quoted alike. Raises InvalidValue."""
        quotes = sorted({instrument.quote for instrument in traded})
        if self.declared.budget is not None and len(quotes) > 1:
            rule = (
                f"is in one currency, and these instruments are quoted in {', '.join(quotes)}: declare a strategy each"
            )
            raise InvalidValue(f"strategies.{self.name}.budget", plain(self.declared.budget), rule)

    async def _begin(self, principal: str) -> None:
        parts, ledger = self._parts, self._parts.ledger
        self._again_ns = None
        self._stands(Standing.STARTING)
        try:
            await self._load()
            source = await self._thread.run(READ_SECONDS, self.declared.file.source)
            self.sha256 = hashlib.sha256(source.encode()).hexdigest()
            self._check_budget([ledger.instrument(each) for each in self.declared.instruments])
            for instrument_id in self.declared.instruments:
                await parts.follow(instrument_id)
            host = self._host = parts.start_host(self._answered, self._host_ended)
            if isinstance(host, HostProcess):
                await host.connect()
        except (InvalidValue, ExchangeError, StoreError, OSError) as error:
            await self._fail("start", str(error), again=not isinstance(error, InvalidValue))
            return
        said = {"strategy": self.name, "file": str(self.declared.file), "sha256": self.sha256, "config": self.config}
        await self._keeping.now(principal, EventKind.STRATEGY_STARTED, said)
        begin = Begin(
            name=self.name,
            path=str(self.declared.file.path),
            source=source,
            class_name=self.declared.file.class_name,
            config=self.declared.config_text(),
            instruments=self.declared.instruments,
            state=self._keeping.state,
            held={instrument_id: plain(size) for instrument_id, size in self.held().items()},
            now_ns=parts.clock.now_ns(),
            sides={
                each: {side.value: plain(size) for side, size in of.items()}
                for each, of in budgets.by_side(self._books_held()).items()
            },
        )
        self._busy(())
        host.begin(begin)

    async def _end(self) -> None:
        """Nothing of it goes on; what it had asked for and was not begun is dropped."""
        if self._host is not None:
            host, self._host = self._host, None
            host.kill()
            if isinstance(host, HostProcess):
                await host.reaped()
        await self._life.stop()
        self.wishes.drop()
        self._books.clear()
        self._trades.clear()
        self._fills.clear()
        self._busy_since_ns, self._sent, self._again_ns = None, None, None
        self.handlers = frozenset()

    # --- what it is shown ---

    def offer_book(self, instrument_id: str, book: msgspec.Raw) -> None:
        self._books[instrument_id] = book
        self._pump()

    def offer_trade(self, trade: msgspec.Raw) -> None:
        self.trades_lost += len(self._trades) == TRADES_MAX
        self._trades.append(trade)
        self._pump()

    def filled(self) -> None:
        """A fill of it was committed."""
        self._more_fills.set()

    def tick(self, now_ns: int) -> None:
        """Called several times a second, by the monotonic clock."""
        if self._again_ns is not None and now_ns >= self._again_ns:
            self._again_ns = None
            self._parts.tasks.spawn(self._once_more(), f"strategy {self.name} again")
        if self._busy_since_ns is not None and now_ns - self._busy_since_ns > self._patience_ns():
            # Seen late once more after the loop has heard its sockets: it was not we who were late.
            if self._overdue:
                self._kill_late()
            self._overdue = True
            return
        self._overdue = False
        if self._timer_ns is not None and now_ns >= self._due_ns:
            self._pump(timer=True)
        if self._keeping.due(now_ns):
            self._keeping.soon(self.principal)

    def _patience_ns(self) -> int:
        seconds = BEGIN_SECONDS if self.standing is Standing.STARTING else self.declared.handler_seconds
        return int(seconds * NS_PER_SECOND)

    def _pump(self, *, timer: bool = False) -> None:
        if self.standing is not Standing.RUNNING or self._busy_since_ns is not None or self._host is None:
            return
        if not (timer or self._books or self._trades or self._fills):
            return
        clock = self._parts.clock
        if timer and self._timer_ns is not None:
            self._due_ns = clock.monotonic_ns() + self._timer_ns
        trades = [self._trades.popleft() for _ in range(min(len(self._trades), BATCH_TRADES_MAX))]
        fills = tuple(fill for _, fill in self._fills)
        batch = Batch(clock.now_ns(), fills, trades, list(self._books.values()), timer)
        self._books.clear()
        self._busy(tuple(seq for seq, _ in self._fills))
        self._fills.clear()
        self.batches += 1
        self._host.handle(batch)

    def _busy(self, fills: tuple[int, ...]) -> None:
        self._sent, self._busy_since_ns = fills, self._parts.clock.monotonic_ns()

    async def _follow_fills(self) -> None:
        """Its own fills, page by page, each page after the one before was answered."""
        parts = self._parts
        self._more_fills.set()
        while True:
            await self._more_fills.wait()
            if self._fills or self._sent:
                await parts.clock.sleep(0.01)
                continue
            self._more_fills.clear()
            rows = await asyncio.to_thread(
                queries.fills_of_strategy,
                parts.database,
                parts.ledger.account,
                self.name,
                after_seq=self._keeping.cursor,
                limit=FILLS_PAGE,
            )
            held = self._books_held()
            self._fills = [(row["seq"], own_fill(row, held)) for row in rows]
            if rows:
                self._more_fills.set()
            self._pump()

    # --- what it answers ---

    def _answered(self, answer: Answer) -> None:
        fills, self._sent, self._busy_since_ns, self._overdue = self._sent or (), None, None, False
        if isinstance(answer, Raised):
            self._ends_soon(answer.where, f"{answer.where} raised {answer.error}", again=False, trace=answer.trace)
            return
        self._keeping.changed(answer.state, fills[-1] if fills else None)
        if isinstance(answer, Begun):
            self._begun(answer)
        elif answer.said:
            log.info("strategy.said", strategy=self.name, text=answer.said)
        durable = None
        if fills or (answer.signals and not self._keeping.whole):
            durable = self._keeping.soon(self.principal)
        if answer.signals:
            self.wishes.add(answer.signals, durable, first=fills[0] if fills else None)
        self._pump()

    def _begun(self, begun: Begun) -> None:
        self._stands(Standing.RUNNING)
        self.config = begun.config
        self.handlers = frozenset(begun.handlers)
        seconds = self.declared.timer_seconds or (Decimal(begun.timer_seconds) if begun.timer_seconds else None)
        wanted = seconds is not None and "on_timer" in self.handlers
        self._timer_ns = int(seconds * NS_PER_SECOND) if wanted and seconds is not None else None
        self._due_ns = self._parts.clock.monotonic_ns() + (self._timer_ns or 0)
        self._life.spawn(self._follow_fills(), f"fills of strategy {self.name}")
        self._life.spawn(self.wishes.run(), f"signals of strategy {self.name}")
        if "on_book" in self.handlers:
            seen = {each: self._parts.book(each) for each in self.declared.instruments}
            self._books = {each: book for each, book in seen.items() if book is not None}
        log.info("strategy.running", strategy=self.name, pid=self.pid)

    # --- what goes wrong ---

    def _kill_late(self) -> None:
        seconds = plain(Decimal(self._patience_ns()) / NS_PER_SECOND)
        self._ends_soon("handler", f"it did not answer within {seconds} s and was killed", again=True)

    def _host_ended(self, why: str) -> None:
        self._ends_soon("host", why, again=True)

    def _broke(self, name: str, error: BaseException) -> None:
        self._ends_soon(name, f"{type(error).__name__}: {error}", again=True)

    def _ends_soon(self, where: str, why: str, *, again: bool, trace: str = "") -> None:
        host = self._host
        if host is None:
            return
        host.kill()
        self._busy_since_ns = None
        self._stands(Standing.FAILED, why)
        self._parts.tasks.spawn(self._over(host, where, why, again=again, trace=trace), f"strategy {self.name} ends")

    async def _over(self, host: Host, where: str, why: str, *, again: bool, trace: str) -> None:
        """Unless somebody has ended or begun it since."""
        async with self._changing:
            if host is self._host:
                await self._fail(where, why, again=again, trace=trace)

    async def _once_more(self) -> None:
        async with self._changing:
            if self.standing is Standing.FAILED and self._host is None:
                await (self._begin("system") if self._keeping.loaded else self._take_up())

    async def _fail(self, where: str, why: str, *, again: bool = False, trace: str = "") -> None:
        """Told in the journal; begun again after a while where that may help and was not tried too often."""
        await self._end()
        now_ns = self._parts.clock.monotonic_ns()
        while self.restarts and now_ns - self.restarts[0] > RESTARTS_SECONDS * NS_PER_SECOND:
            self.restarts.popleft()
        again = again and len(self.restarts) < RESTARTS_MAX
        self._stands(Standing.FAILED, why)
        self.last_failure = why
        log.error("strategy.failed", strategy=self.name, where=where, reason=why, again=again, trace=trace)
        said = {"strategy": self.name, "where": where, "reason": why, "trace": trace, "begins_again": again}
        await self._keeping.now("system", EventKind.STRATEGY_FAILED, said)
        if again:
            self.restarts.append(now_ns)
            self._again_ns = now_ns + (NS_PER_SECOND << len(self.restarts) - 1)
