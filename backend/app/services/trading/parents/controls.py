"""What people do with a parent order that is open: lay it aside, go on with it, change its terms, end it.

Each is one turn: the parent's row, an event that says who wanted what and why, and the answer for its key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from app.domain.events import EventKind
from app.domain.parent_clocks import frozen
from app.domain.parent_transitions import PARENT_TRANSITIONS
from app.domain.parents import ParentOrder, ParentStatus
from app.domain.refusals import InvalidValue
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import Turn
from app.services.trading.errors import ParentOver
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.execution_strategies.terms import PauseClock, with_config
from app.services.trading.parents.amendments import Amendment, amended
from app.services.trading.parents.driver import ParentDriver
from app.services.trading.parents.records import Record, at_its_turn, waits
from app.services.trading.parents.starting import Starts
from app.services.trading.schemas import ParentResponse
from app.store.queries import OpenParent
from app.store.rows import parent_from_row

AMENDABLE = frozenset({ParentStatus.SCHEDULED, ParentStatus.RUNNING, ParentStatus.PAUSED, ParentStatus.SUSPENDED})

Keep = Callable[[Turn, ParentResponse], None]
"""Stages what is answered beside the act, for whoever asks again."""


@dataclass(frozen=True, slots=True)
class Word:
    """On whose word, and why. keep: see Keep."""

    principal: str = "system"
    reason: str = ""
    keep: Keep | None = None

    @property
    def said(self) -> str:
        return self.reason or f"by {self.principal}"


@dataclass(frozen=True, slots=True)
class Control:
    """As the journal has it. what: pause, resume, amend or cancel."""

    what: str
    word: Word
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Controls:
    """running: the parents that are driven. over(parent_id) gives one that is not, as its rows have it."""

    def __init__(
        self,
        ledger: Ledger,
        driver: ParentDriver,
        starts: Starts,
        running: Mapping[str, Record],
        over: Callable[[str], OpenParent],
    ) -> None:
        self._ledger = ledger
        self._driver = driver
        self._standings = driver.standings
        self._starts = starts
        self._running = running
        self._over = over

    async def pause(self, parent_id: str, clock: PauseClock, word: Word) -> ParentResponse:
        record = self._record(parent_id, ParentStatus.PAUSED)
        self._check_key(record.parent, word.principal)
        turn = self._ledger.turn(word.principal)
        after = frozen(record.parent, turn.now_ns) if clock is PauseClock.FROZEN else record.parent
        return await self._do(turn, record, ParentStatus.PAUSED, Control("pause", word, {"clock": clock.value}), after)

    async def resume(self, parent_id: str, word: Word) -> ParentResponse:
        record = self._record(parent_id, ParentStatus.RUNNING)
        self._check_key(record.parent, word.principal)
        if record.parent.status is ParentStatus.SCHEDULED:
            raise ParentOver(record.parent, f"become {ParentStatus.RUNNING.value} before its start")
        if self._ledger.kill_switch.engaged and not record.passes:
            raise InvalidValue("kill_switch", "engaged", "must be released before it can go on", check="kill_switch")
        turn = self._ledger.turn(word.principal)
        turn.also(record.ended.clear)
        return await self._do(turn, record, waits(record.parent, turn.now_ns), Control("resume", word))

    async def cancel(self, parent_id: str, word: Word) -> ParentResponse:
        record = self._record(parent_id, ParentStatus.CANCELING)
        turn = self._ledger.turn(word.principal)
        return await self._do(turn, record, ParentStatus.CANCELING, Control("cancel", word))

    async def amend(self, parent_id: str, wanted: Amendment, word: Word) -> ParentResponse:
        await self._watch_anew(parent_id, wanted)
        record = self._running.get(parent_id)
        if record is None:
            raise ParentOver(parent_from_row(self._over(parent_id).row), "be amended")
        parent, turn = record.parent, self._ledger.turn(word.principal)
        now_ns = turn.now_ns
        if parent.status not in AMENDABLE:
            raise ParentOver(parent, "be amended")
        self._check_key(parent, word.principal)
        self._standings.refresh(record)
        progress = self._standings.progress(record)
        policy, terms = amended(
            progress,
            record.strategy,
            wanted,
            lambda changed: self._standings.sized(record, changed),
            next_step=record.next_step,
            now_ns=now_ns,
        )
        waits_elsewhere = policy.conditional and terms.config != parent.config
        if terms.size > parent.size or terms.limit_price != parent.limit_price or waits_elsewhere:
            fresh = replace(at_its_turn(terms, now_ns), plan_ns=0, plan_filled=Decimal(0))
            begun = record.children if policy.conditional else {}
            changed = Record(fresh, policy, children=begun)
            InvalidValue.for_first(self._starts.too_large(changed, word.principal))
            of = (terms.parent_id, terms.instrument_id, terms.size, self._starts.dearest(changed))
            turn.also(partial(self._ledger.keys.charge, word.principal, *of, now_ns))
        going = parent.status in (ParentStatus.RUNNING, ParentStatus.SCHEDULED)
        status = waits(terms, now_ns) if going else parent.status
        said = (word.reason or f"amended by {word.principal}") if going else parent.reason
        control = Control("amend", word, wanted.changes)
        turn.also(partial(_use, record, policy))
        return await self._do(turn, record, status, control, terms, said=said)

    async def _watch_anew(self, parent_id: str, wanted: Amendment) -> None:
        """What an amendment has it watch is told from now on. Raises InvalidValue where there is no such price."""
        record = self._running.get(parent_id)
        if record is not None and "trigger_by" in wanted.config:
            policy = type(record.strategy)(None, with_config(record.parent.config, wanted.config))
            await self._starts.follow_price(policy, record.parent.instrument_id)

    def _check_key(self, parent: ParentOrder, principal: str) -> None:
        """Raises InvalidValue for one that the key of who asks could not have started; it may end it all the same."""
        self._ledger.keys.check_reach(principal, parent.instrument_id, parent.strategy_id)

    def _record(self, parent_id: str, status: ParentStatus) -> Record:
        record = self._running.get(parent_id)
        if record is None:
            raise ParentOver(parent_from_row(self._over(parent_id).row), f"become {status.value}")
        allowed = PARENT_TRANSITIONS[record.parent.status]
        if status not in allowed:
            raise ParentOver(record.parent, f"become {status.value}")
        return record

    async def _do(
        self,
        turn: Turn,
        record: Record,
        status: ParentStatus,
        control: Control,
        after: ParentOrder | None = None,
        *,
        said: str | None = None,
    ) -> ParentResponse:
        word = control.word
        answers: list[ParentResponse] = []

        def more(turn: Turn, changed: ParentOrder) -> None:
            told = {"control": control.what, "why": word.reason, **control.details}
            turn.event(EventKind.PARENT_CONTROLLED, told, parent_id=changed.parent_id)
            answers.append(self._standings.response_as(record, changed))
            if word.keep is not None:
                word.keep(turn, answers[0])

        reason = word.said if said is None else said
        await self._driver.begin_change(turn, record, status, reason, after=after, more=more)
        return answers[0]


def _use(record: Record, policy: ExecutionStrategy) -> None:
    record.strategy = policy


__all__ = ["Amendment", "Controls", "Keep", "Word"]
