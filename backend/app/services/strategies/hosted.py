"""All strategies of one's own of an account: shown the market and their fills, started, stopped and loaded anew.

One subscription to the market serves them all; a book is read and encoded once, however many see it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from app.clock import Clock
from app.domain.market import PublicTrade
from app.domain.refusals import InvalidValue
from app.market_data.feeds import MarketData
from app.market_data.subscriptions import MarketChange
from app.services.signals.intake import SignalIntake
from app.services.strategies.declared import Declared, declared
from app.services.strategies.process import HostProcess, StartHost
from app.services.strategies.running import READ_SECONDS, Follow, Parts, Running, Standing
from app.services.strategies.wishes import OpenParents, Wishes
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import NotReady
from app.services.trading.tasks import TaskGroup
from app.services.trading.threads import OwnThread
from app.store.database import Database
from app.store.group import Group
from app.strategies.messages import encode

TICK_SECONDS = 0.1
Reread = Callable[[], Mapping[str, Mapping[str, Any]]]

SEEN_BY_TRADES = frozenset({"on_trade", "on_candle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyView:
    """A strategy of one's own as it stands. reason: why it stopped or failed; last_failure: also
    of one that was begun again. held: by instrument, signed. at_risk: in
    quote currency. open_orders: its own; open_executions: that work its signals. signals_*: since the system started.
    trades_lost: while its host was busy. config: its parameters, JSON."""

    strategy_id: str
    standing: Standing
    reason: str
    file: str
    sha256: str
    instruments: tuple[str, ...]
    config: str
    execution: str | None
    budget: Decimal | None
    max_order: Decimal | None
    signals_per_minute: int
    schedule: str | None
    at_risk: Decimal
    held: Mapping[str, Decimal]
    open_orders: int
    open_executions: int
    pid: int | None
    restarts: int
    batches: int
    trades_lost: int
    signals_taken: int
    signals_refused: int
    signals_lost: int
    last_refusal: str
    last_failure: str


class HostedStrategies:
    """Of one account. said: what the settings say. start() once orders may be placed; stop() before the system does."""

    def __init__(
        self,
        said: Mapping[str, Mapping[str, Any]],
        ledger: Ledger,
        database: Database,
        market: MarketData,
        clock: Clock,
        intake: SignalIntake,
        follow: Follow,
        parents: OpenParents,
        start_host: StartHost = HostProcess,
        reread: Reread = dict,
    ) -> None:
        """reread: what the settings say by now; asked in a thread. Raises InvalidValue for what they say of one and
        nobody knows."""
        self._market = market
        self._clock = clock
        self._tasks = TaskGroup()
        self._up = False
        self._reread, self._thread = reread, OwnThread("settings of strategies")
        self._reading = asyncio.Lock()
        self._parts = Parts(ledger, database, clock, self._tasks, follow, self._book, start_host)
        self._of_wishes = (intake, ledger, market, clock, parents)
        self._all = {name: self._make(each) for name, each in declared(said).items()}
        self._ends = [ledger.subscribe(self._committed)]

    async def start(self) -> None:
        """Begin those that nobody stopped; one that cannot begin says why and is no obstacle to the others."""
        self._up = True
        if self._all:
            self._listen()
        await asyncio.gather(*(each.take_up() for each in self._all.values()))

    async def stop(self) -> None:
        self._up = False
        for end in self._ends:
            end()
        self._ends.clear()
        await self._tasks.stop()
        for each in self._all.values():
            await each.close()

    def views(self) -> list[StrategyView]:
        return [self._view(each) for each in self._all.values()]

    def view(self, name: str) -> StrategyView:
        """Raises InvalidValue."""
        return self._view(self._named(name))

    def state(self, name: str) -> str:
        """What it keeps, JSON. Raises InvalidValue."""
        return self._named(name).state

    async def read(self, name: str) -> Declared:
        """As it would begin now: by the settings as they are by now, where they name it. Raises InvalidValue."""
        try:
            async with self._reading:  # one after the other: the thread takes one call
                said = await self._thread.run(READ_SECONDS, self._reread)
        except OSError as error:
            raise InvalidValue("settings", "strategies", str(error)) from None
        return Declared.of(name, said[name]) if name in said else self._named(name).declared

    async def begin(self, each: Declared, principal: str) -> StrategyView:
        """Start it as read() gave it, or end it and begin it so; what it keeps goes on. Raises NotReady."""
        self._check_up()
        if not self._all:
            self._listen()
        if each.name not in self._all:
            self._all[each.name] = self._make(each)
        await self._all[each.name].start(principal, each)
        return self.view(each.name)

    async def end(self, name: str, principal: str, reason: str) -> StrategyView:
        """Stop it, until somebody starts it. Raises InvalidValue and NotReady."""
        found = self._named(name)
        self._check_up()
        await found.stop(principal, reason)
        return self.view(name)

    def _listen(self) -> None:
        """To the market and the clock, once there is a strategy."""
        self._ends += [self._market.subscribe(self._changed), self._market.subscribe_trades(self._traded)]
        self._tasks.spawn(self._tick(), "strategies")

    def _make(self, each: Declared) -> Running:
        return Running(each, self._parts, Wishes(each, *self._of_wishes))

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK_SECONDS)
            now_ns = self._clock.monotonic_ns()
            for each in self._all.values():
                each.tick(now_ns)

    def _seeing(self, instrument_id: str, handlers: frozenset[str]) -> Iterable[Running]:
        return [
            each
            for each in self._all.values()
            if instrument_id in each.declared.instruments and not handlers.isdisjoint(each.handlers)
        ]

    def _changed(self, instrument_id: str, change: MarketChange) -> None:
        if change is not MarketChange.BOOK:
            return
        seeing = self._seeing(instrument_id, _BOOK)
        book = self._book(instrument_id) if seeing else None
        if book is not None:
            for each in seeing:
                each.offer_book(instrument_id, book)

    def _book(self, instrument_id: str) -> msgspec.Raw | None:
        """The touch, encoded; None while it is not to be used."""
        if self._market.book_refusal(instrument_id) is not None:
            return None
        return msgspec.Raw(encode(self._market.book(instrument_id)))

    def _traded(self, trade: PublicTrade) -> None:
        seeing = self._seeing(trade.instrument_id, SEEN_BY_TRADES)
        if seeing:
            shown = msgspec.Raw(encode(trade))
            for each in seeing:
                each.offer_trade(shown)

    def _committed(self, group: Group) -> None:
        for order, _, _ in group.fills:
            found = self._all.get(order.request.strategy_id or "")
            if found is not None:
                found.filled()

    def _check_up(self) -> None:
        if not self._up:
            raise NotReady(["strategies begin when orders may be placed, and end before the system does"])

    def _named(self, name: str) -> Running:
        if name not in self._all:
            rule = f"is no strategy of the settings; they have {', '.join(self._all) or 'none'} (docs/strategies.md)"
            raise InvalidValue("strategy_id", name, rule)
        return self._all[name]

    def _view(self, each: Running) -> StrategyView:
        of, wishes = each.declared, each.wishes
        return StrategyView(
            strategy_id=each.name,
            standing=each.standing,
            reason=each.reason,
            file=str(of.file),
            sha256=each.sha256,
            instruments=of.instruments,
            config=each.config,
            execution=of.execution,
            budget=of.budget,
            max_order=of.max_order,
            signals_per_minute=of.signals_per_minute,
            schedule=None if of.schedule is None else of.schedule.said,
            at_risk=wishes.at_risk(),
            held=each.held(),
            open_orders=wishes.open_orders(),
            open_executions=wishes.open_executions(),
            pid=each.pid,
            restarts=len(each.restarts),
            batches=each.batches,
            trades_lost=each.trades_lost,
            signals_taken=wishes.taken,
            signals_refused=wishes.refused,
            signals_lost=wishes.lost,
            last_refusal=wishes.last_refusal,
            last_failure=each.last_failure,
        )


_BOOK = frozenset({"on_book"})
