"""Tells channels what their rules take, each at its own pace: nobody waits for a channel that does not answer.

The journal is read once for all; what a rule takes waits in its queue, which is bounded: behind a full one the journal
itself waits, and is read on from where the queue ended. How far a rule has told is written after each message: a crash
between the two tells one message twice, never none.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import structlog

from app.clock import NS_PER_SECOND, Clock, heed_the_end
from app.domain.events import Event, EventKind
from app.journal.journal import Journal
from app.notifications.channels import Channel, NotDelivered
from app.notifications.rules import Rule, message
from app.notifications.words import Notice, notice_of
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError

QUEUE_MAX = 100
RETRY_FIRST_SECONDS, RETRY_MAX_SECONDS = 1.0, 300.0
TELL_AFTER_FAILURES = 3
PLACE_SECONDS = 60.0
"""How often the place of a rule that takes nothing is written."""
REPEATS_MAX = 1_000
BROKEN_SECONDS = 5.0

log = structlog.get_logger("notifications")


class Turn(Protocol):
    """What is written together (account.turn.Turn)."""

    def row(self, table: str, values: dict[str, Any], *, replace: bool = False) -> None: ...

    def event(self, kind: EventKind, payload: Any) -> int: ...

    def commit(self) -> Awaitable[None]: ...


class Teller:
    """One rule on one channel. place: everything up to this event was told or is none of its business. written: the
    place as the database has it; None for a rule that is new."""

    def __init__(self, rule: Rule, channel: Channel, written: int | None, head: int) -> None:
        self.rule, self.channel, self.written = rule, channel, written
        self.place = self.read_to = head if written is None else written
        self.waiting: deque[tuple[Notice, int]] = deque()
        self.failures = 0
        self.failing_said = False
        self.last_error = ""
        self.wake = asyncio.Event()
        self._told: dict[str, int] = {}
        self._again: dict[str, int] = {}

    def offer(self, event: Event, notice: Notice | None) -> bool:
        """Take the event that follows what was read; False when the queue is full or something before is missing."""
        if event.seq != self.read_to + 1 or len(self.waiting) >= QUEUE_MAX:
            return False
        self.read_to = event.seq
        if notice is not None and self.rule.takes(notice) and not self._repeats(notice):
            self.waiting.append((notice, self._again.pop(notice.key, 0)))
            self.wake.set()
        return True

    def told(self, count: int) -> None:
        """The first `count` waiting notices are told."""
        for _ in range(count):
            notice, _ = self.waiting.popleft()
            self.place = notice.seq
        if not self.waiting:
            self.place = self.read_to
        self.failures, self.last_error = 0, ""

    def _repeats(self, notice: Notice) -> bool:
        last_ns = self._told.get(notice.key)
        if last_ns is not None and notice.at_ns - last_ns < self.rule.repeat_seconds * NS_PER_SECOND:
            self._again[notice.key] = self._again.get(notice.key, 0) + 1
            return True
        self._told.pop(notice.key, None)
        self._told[notice.key] = notice.at_ns
        while len(self._told) > REPEATS_MAX:  # the oldest first
            self._again.pop(next(iter(self._told)), None)
            del self._told[next(iter(self._told))]
        return False


class Notifier:
    """All tellers of one account."""

    def __init__(
        self,
        rules: Sequence[Rule],
        channels: Mapping[str, Channel],
        journal: Journal,
        database: Database,
        turn: Callable[[], Turn],
        clock: Clock,
        environment: str,
    ) -> None:
        self._journal, self._database, self._clock, self._environment = journal, database, clock, environment
        self._rules, self._channels, self._turn = rules, channels, turn
        self.tellers: list[Teller] = []

    async def start(self, spawn: Callable[[Coroutine[Any, Any, None], str], object], head: int) -> None:
        """Go on where each rule was; one that is new begins at head, the newest event. Raises StoreError."""
        places = await asyncio.to_thread(queries.notice_places, self._database, self._journal.account)
        self.tellers = [
            Teller(rule, self._channels[name], places.get((rule.name, name)), head)
            for rule in self._rules
            for name in rule.channels
        ]
        # Else what happens until it has told something would be forgotten by a crash.
        for teller in self.tellers:
            if teller.written is None:
                await self._keep_place(teller)
        loops: dict[str, Callable[[], Awaitable[None]]] = {
            f"notices {each.rule.name}/{each.channel.name}": partial(self._tell, each) for each in self.tellers
        }
        if loops:
            loops["notices"] = self._read
        for name, loop in loops.items():
            spawn(self._kept(name, loop), name)

    def status(self) -> list[dict[str, Any]]:
        """Each rule and channel: how far it has told, what waits, and since when it fails."""
        return [
            {
                "rule": each.rule.name,
                "channel": each.channel.name,
                "told_to": each.place,
                "waiting": len(each.waiting),
                "failures": each.failures,
                "last_error": each.last_error or None,
            }
            for each in self.tellers
        ]

    async def _kept(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """For ever, whatever happens: what people are told is no reason to stop, nor is a failing store."""
        while True:
            try:
                await loop()
                return  # the journal was closed
            except StoreError as error:
                log.warning("notices.store", task=name, reason=str(error))
            except Exception:
                log.exception("notices.broken", task=name)
            heed_the_end()
            await self._clock.sleep(BROKEN_SECONDS)

    async def _read(self) -> None:
        """Live events, for those that are in step; who is behind catches up by itself."""
        async for event in self._journal.follow(max(each.read_to for each in self.tellers)):
            notice = notice_of(event)
            for teller in self.tellers:
                teller.offer(event, notice)

    async def _tell(self, teller: Teller) -> None:
        while True:
            await self._catch_up(teller)
            if not teller.waiting:
                teller.place = teller.read_to
                if not await self._woken(teller, PLACE_SECONDS) and teller.place != teller.written:
                    await self._keep_place(teller)
                continue
            waiting = list(teller.waiting)
            wait_ns = teller.rule.due_ns([notice for notice, _ in waiting], self._clock.now_ns()) - self._clock.now_ns()
            if wait_ns > 0:
                await self._woken(teller, wait_ns / NS_PER_SECOND)
                continue
            if await self._sent(teller, waiting):
                await self._keep_place(teller)

    async def _catch_up(self, teller: Teller) -> None:
        """Read on what the queue had no room for."""
        while len(teller.waiting) < QUEUE_MAX:
            page = await asyncio.to_thread(self._journal.read_after, teller.read_to)
            taken = [event for event in page if event.seq <= teller.read_to or teller.offer(event, notice_of(event))]
            if len(taken) < len(page) or not page:
                return

    async def _sent(self, teller: Teller, waiting: Sequence[tuple[Notice, int]]) -> bool:
        told = message(waiting, self._journal.account, self._environment)
        channel = teller.channel.name
        try:
            await teller.channel.send(told)
        except NotDelivered as error:
            teller.failures += 1
            teller.last_error = str(error)
            log.warning("notices.failed", channel=channel, rule=teller.rule.name, reason=str(error))
            if teller.failures >= TELL_AFTER_FAILURES and not teller.failing_said:
                failed = {"channel": channel, "rule": teller.rule.name, "reason": str(error)}
                await self._record(EventKind.NOTICES_FAILED, failed)
                teller.failing_said = True
            pause = min(RETRY_FIRST_SECONDS * 2 ** min(teller.failures - 1, 16), RETRY_MAX_SECONDS)
            await self._clock.sleep(pause)
            return False
        teller.told(len(waiting))
        if teller.failing_said:
            await self._record(EventKind.NOTICES_RESUMED, {"channel": channel, "rule": teller.rule.name})
            teller.failing_said = False
        return True

    async def _keep_place(self, teller: Teller) -> None:
        turn, account = self._turn(), self._journal.account
        seq = teller.place
        place = {"account": account, "rule": teller.rule.name, "channel": teller.channel.name, "seq": seq}
        turn.row("notice_places", place, replace=True)
        await turn.commit()
        teller.written = seq

    async def _record(self, kind: EventKind, payload: Mapping[str, Any]) -> None:
        turn = self._turn()
        turn.event(kind, payload)
        await turn.commit()

    async def _woken(self, teller: Teller, seconds: float) -> bool:
        """Wait for another notice, at most so long; whether one came."""
        teller.wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await teller.wake.wait()
        except TimeoutError:
            return False
        return True
