"""The life of one parent order: ask the policy, make its step a row, do it, wait; until it is over.

A step row and its child's order row are one turn, so a crash loses neither and doubles none; what is left to do is
recomputed from rows. It knows nothing of TWAP; orders.py says which parents there are.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from app.clock import NS_PER_SECOND, heed_the_end
from app.domain.events import EventKind
from app.domain.money import ZERO
from app.domain.orders import Order
from app.domain.parent_checks import violations
from app.domain.parent_clocks import thawed
from app.domain.parent_transitions import PARENT_TRANSITIONS
from app.domain.parents import (
    Amend,
    Cancel,
    Done,
    ParentOrder,
    ParentStatus,
    Place,
    Remember,
    Step,
    Wait,
)
from app.domain.refusals import InvalidValue
from app.market_data.feeds import MarketData
from app.services.trading.account.gate import CLOCK_OFFSET
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import Turn
from app.services.trading.amending import Amending
from app.services.trading.errors import AmendRefused, OrderOver
from app.services.trading.parents.brackets import Brackets
from app.services.trading.parents.children import child_params, ends, expires
from app.services.trading.parents.pace import Haste, Pace, woken
from app.services.trading.parents.records import (
    Act,
    Record,
    parent_row,
    step_row,
)
from app.services.trading.parents.standings import Standings
from app.services.trading.placing import ChildOf, Placing
from app.services.trading.venue.cancels import Cancels
from app.services.trading.venue.sending import Gate
from app.store.durable import Durable
from app.store.writer import StoreFailed

ACTS_WITHOUT_WAIT_MAX = 200
RECHECK_SECONDS = 60
MARKET_RECHECK_SECONDS = 1
GATE_RECHECK_NS = NS_PER_SECOND

log = structlog.get_logger("parents")


class StepRefused(RuntimeError):
    """A policy decided what must not be done: a bug of the policy."""


class StepOverdue(Exception):
    """A step that was right when it was decided is not any more; nothing of it was staged."""


@dataclass(frozen=True, slots=True)
class OrderActs:
    """What a parent does with orders, as the front door does. waits_at_exchange: one may wait there for a price."""

    placing: Placing
    amending: Amending
    cancels: Cancels
    waits_at_exchange: bool = False


class ParentDriver:
    """Drives records; on_over(parent_id) is told when nobody needs to drive one any more."""

    def __init__(
        self,
        ledger: Ledger,
        market: MarketData,
        acts: OrderActs,
        gate: Gate,
        standings: Standings,
        on_over: Callable[[str], None],
        brackets: Brackets,
    ) -> None:
        self.stopping = False
        self.pace = Pace()
        self._ledger = ledger
        self._clock = ledger.clock
        self._market = market
        self.standings = standings
        self._acts = acts
        self.waits_at_exchange = acts.waits_at_exchange
        self._gate = gate
        self._on_over = on_over
        self._brackets = brackets

    async def supervise(self, record: Record) -> None:
        """A parent's outer edge: a bug lays it aside, a second one ends it; a failed store leaves it to resume_open."""
        parent_id = record.parent.parent_id
        try:
            while not await self._driven(record):
                pass
        except StoreFailed as error:
            log.error("parent.store_failed", parent_id=parent_id, reason=str(error))

    async def _driven(self, record: Record) -> bool:
        """Drive until nobody needs to; False after a bug that has laid the parent aside."""
        try:
            await self._drive(record)
            return True
        except StoreFailed:
            raise
        except Exception as error:
            log.exception("parent.failed", parent_id=record.parent.parent_id)
            heed_the_end()  # what fails as it is broken off is no reason to lay it aside
            aside = record.parent.status is ParentStatus.SUSPENDED
            status = ParentStatus.FAILED if aside else ParentStatus.SUSPENDED
            if aside:
                await self._take_back(record)
            reason = f"needs operator: {type(error).__name__}: {error}"
            await self._end(record, Done(status, reason[:500]), anomaly="parent_failed")
            return status.terminal

    async def _take_back(self, record: Record) -> None:
        """Nobody looks after its orders from now on: what rests goes, but for protection held at the exchange."""
        resting = (child.order for child in record.children.values() if child.view().cancelable)
        taken = [each for each in resting if each.condition is None or not record.parent.only_reduces]
        try:
            await self._acts.cancels.many(taken, record.principal)
        except StoreFailed:
            raise
        except Exception:
            log.exception("parent.not_taken_back", parent_id=record.parent.parent_id)
            heed_the_end()

    async def _drive(self, record: Record) -> None:
        acts, haste = 0, Haste()
        while not self.stopping:
            record.wake.clear()
            if await self._killed(record) or await self._began(record) or await self._brackets.settled(record, self):
                continue
            step = self._decide(record)
            if isinstance(step, Wait):
                acts = 0
                await self._sleep(record, step, haste)
            elif expires(step, record) and (wrong := self._clock_is_wrong()):
                acts = 0
                await self._sleep(record, self._later(f"not expired yet: {wrong}"), haste)
            elif isinstance(step, Done):
                await self._end(record, step)
                if step.status.terminal:
                    return
            elif isinstance(step, Remember):
                acts += 1
                await self._remember(record, step)
            elif isinstance(step, Place | Amend) and (closed := self._closed(record.parent.instrument_id)):
                # Not even tried: what is bound to be denied would only count as a failure.
                acts = 0
                await self._sleep(record, self._later(f"not ready: {'; '.join(closed)}"), haste)
            else:
                acts += 1
                if acts > ACTS_WITHOUT_WAIT_MAX:
                    raise StepRefused(f"{acts} acts without a wait, the last: {step}")
                haste.acted()
                await self._act(record, step)

    def _closed(self, instrument_id: str) -> list[str]:
        """Why nothing of it could go out now."""
        instrument = self._ledger.instruments.get(instrument_id)
        why = "is not listed by the exchange" if instrument is None else "is not open for trading at the exchange"
        shut = instrument is None or not instrument.live
        return [*map(str, self._gate.closed()), *([f"{instrument_id} {why}"] if shut else [])]

    def _later(self, reason: str) -> Wait:
        return Wait(self._clock.now_ns() + GATE_RECHECK_NS, reason)

    async def _began(self, record: Record) -> bool:
        """Whether the start of one that waited for it has come now."""
        parent = record.parent
        if parent.status is not ParentStatus.SCHEDULED or self._clock.now_ns() < parent.start_ns:
            return False
        await self.change(record, ParentStatus.RUNNING, "its start has come", "system")
        return True

    async def _killed(self, record: Record) -> bool:
        """Whether the kill switch ends it now: it waited to get in. One that was released before anybody looked counts
        all the same."""
        switch, parent = self._ledger.kill_switch, record.parent
        if not record.enters or ParentStatus.CANCELING not in PARENT_TRANSITIONS[parent.status]:
            return False
        if not switch.engaged and parent.status_ns >= self._ledger.switched_ns:
            return False
        why = switch.reason if switch.engaged else "it was used meanwhile"
        await self.change(record, ParentStatus.CANCELING, f"kill switch: {why}", "system")
        return True

    def _clock_is_wrong(self) -> str:
        """Why the time cannot be told for certain; "" when it can."""
        return next((str(refusal) for refusal in self._gate.closed() if refusal.field == CLOCK_OFFSET), "")

    def _decide(self, record: Record) -> Step:
        now_ns = self._clock.now_ns()
        record.looked(now_ns)
        self.standings.refresh(record)
        market = self._market.view(record.parent.instrument_id, now_ns)
        progress = self.standings.progress(record)
        step = record.strategy.next_step(progress, market, now_ns)
        switch = self._ledger.kill_switch
        held = switch.engaged and not record.passes
        if held and record.parent.status is ParentStatus.RUNNING and not ends(step):
            return Done(ParentStatus.SUSPENDED, f"kill switch: {switch.reason}")
        found = violations(progress, step, record.strategy.price_cap(record.parent))
        if found:
            raise StepRefused(f"{record.strategy.name} decided {step}: {'; '.join(found)}")
        return step

    def _violations(self, record: Record, step: Step) -> list[str]:
        return violations(self.standings.progress(record), step, record.strategy.price_cap(record.parent))

    async def _sleep(self, record: Record, wait: Wait, haste: Haste) -> None:
        record.waiting = wait
        longest = MARKET_RECHECK_SECONDS if wait.on_market else RECHECK_SECONDS
        seconds: float = longest
        if wait.until_ns is not None:
            # Rounded up to a microsecond, so that the timer does not ring just before its time.
            ns = wait.until_ns - self._clock.now_ns()
            seconds = min(longest, max(ns + 999, 1_000) // 1_000 * 1_000 / NS_PER_SECOND)
        seconds = haste.bounded(seconds)
        if wait.on_market:
            await self.pace.wait(record.parent.instrument_id, record.wake, seconds)
        else:
            await woken(record.wake, seconds)

    async def _act(self, record: Record, act: Act) -> None:
        record.waiting = None
        if isinstance(act, Place):
            await self._place(record, act)
            return
        turn = self._ledger.turn(record.principal)
        self._stage(turn, record, act, record.children[act.order_id].order)
        await turn.commit()
        try:
            if isinstance(act, Cancel):
                await self._acts.cancels.one(act.order_id, record.principal)
            else:
                await self._acts.amending.amend(act.order_id, act.size, act.price, record.principal, act.condition)
                record.answered(act.order_id, refused=False)
        except (OrderOver, InvalidValue):
            return  # it ended, or fired, while we asked; the next step sees how
        except AmendRefused as error:
            record.answered(act.order_id, refused=True)
            log.info("parent.amend_refused", parent_id=record.parent.parent_id, reason=str(error))

    async def _place(self, record: Record, act: Place) -> None:
        parent, params = record.parent, child_params(record.parent, act)

        def rows(turn: Turn, order: Order) -> None:
            # Who places may have waited for a book before its turn: look again, for the world may have moved on.
            if record.parent.status is not ParentStatus.RUNNING or self._violations(record, act):
                raise StepOverdue
            self._stage(turn, record, act, order)

        marks = {"exit": parent.exit, "protects": record.protects}
        child = ChildOf(parent.parent_id, record.next_step, rows, **marks, condition=act.condition)
        with suppress(StepOverdue):
            await self._acts.placing.place(params, record.principal, parent=child)

    def _stage(self, turn: Turn, record: Record, act: Act, order: Order) -> None:
        """The step's rows, and the record as it will be once the turn commits, which follows without an await."""
        parent, step = record.parent, record.next_step
        row = step_row(parent.parent_id, step, act, order, turn.now_ns)
        size = parent.size
        if parent.quote is not None:
            placed = act.size if isinstance(act, Place) else ZERO
            size = max(self.standings.sized(record, parent).size, self.standings.progress(record).committed + placed)
        after = replace(parent, size=size, filled=record.filled(), updated_ns=turn.now_ns)
        turn.row("parent_orders", parent_row(after, step + 1), replace=True)
        turn.row("parent_steps", row)
        turn.event(EventKind.PARENT_STEP, row, order_id=order.order_id, parent_id=parent.parent_id)

        def remember() -> None:
            record.parent = after
            record.act(act, step, order, turn.now_ns)

        turn.also(remember)

    # --- the parent's own row ---

    async def _remember(self, record: Record, act: Remember) -> None:
        await self.rewrite(record, replace(record.parent, extreme=act.extreme, extreme_ns=act.extreme_ns))

    async def rewrite(self, record: Record, after: ParentOrder) -> None:
        """Other terms, but the same state since the same moment."""
        turn = self._ledger.turn(record.principal)
        after = replace(after, updated_ns=turn.now_ns)
        self.put(turn, record, after)
        turn.also(partial(record.stands, after))
        await turn.commit()

    async def _end(self, record: Record, done: Done, *, anomaly: str = "") -> None:
        await self.change(record, done.status, done.reason, "system", anomaly=anomaly)
        log.info("parent.ended", parent_id=record.parent.parent_id, status=done.status.value, reason=done.reason)
        record.waiting = None
        if done.status.terminal:
            self._on_over(record.parent.parent_id)
        record.finish(None)

    async def change(
        self, record: Record, status: ParentStatus, reason: str, principal: str, *, anomaly: str = ""
    ) -> None:
        await self.begin_change(self._ledger.turn(principal), record, status, reason, anomaly=anomaly)

    def begin_change(
        self,
        turn: Turn,
        record: Record,
        status: ParentStatus,
        reason: str,
        *,
        anomaly: str = "",
        after: ParentOrder | None = None,
        more: Callable[[Turn, ParentOrder], None] = lambda _turn, _changed: None,
    ) -> Durable:
        """In force at once; what is returned ends when it is durable. after: on other terms. more: stages what belongs
        to it. Raises StoreFailed, and has changed nothing then."""
        terms = self.standings.sized(record, after or record.parent)
        after = replace(
            terms if status is ParentStatus.PAUSED else thawed(terms, turn.now_ns),
            status=status,
            reason=reason,
            status_ns=max(turn.now_ns, record.last_ended_ns() + 1),
            filled=record.filled(),
            updated_ns=turn.now_ns,
        )
        self.put(turn, record, after)
        if anomaly:
            turn.anomaly(anomaly, {"parent_id": after.parent_id, "reason": reason})
        more(turn, after)
        turn.also(partial(record.stands, after))
        return turn.commit()

    def put(self, turn: Turn, record: Record, parent: ParentOrder) -> None:
        row = parent_row(parent, record.next_step)
        turn.row("parent_orders", row, replace=True)
        turn.event(EventKind.PARENT_CHANGED, row, parent_id=parent.parent_id)
