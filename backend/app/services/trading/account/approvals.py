"""Four eyes: what the settings name is asked for by one person and done when another one confirms it.

An ask is a row and an event before anybody hears of it, and expires. The confirmation and what it does are one turn, so
that no crash comes between; of a trade that was proposed it stands in the turn of the order or execution itself, and it
waits again in the turn that tells that this order never was in the market. A key that somebody made, or gave a new
secret, is his hand: he had the secret. Of the keys that the owner of the data folder made that does not hold, for
somebody must hand out the first ones.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from app.clock import NS_PER_SECOND, Clock
from app.domain.access import CONTROL, LEGACY, LOCAL, Grant
from app.domain.approvals import Act, Approval, ApprovalState, Second, SecondPerson
from app.domain.events import EventKind
from app.domain.orders import Order
from app.domain.refusals import InvalidValue
from app.services.trading.account.approval_book import REASON_MAX, went_wrong
from app.services.trading.account.ids import ORDER_PREFIX
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM, Turn

WAITING_MAX = 100
ID_BYTES = 8
OWNER = frozenset({CONTROL, LEGACY, LOCAL})
_EVENTS = {
    ApprovalState.CONFIRMED: EventKind.APPROVAL_CONFIRMED,
    ApprovalState.REFUSED: EventKind.APPROVAL_REFUSED,
    ApprovalState.EXPIRED: EventKind.APPROVAL_EXPIRED,
}

Perform = Callable[[Approval, Grant], Callable[[Turn], Callable[[], None]]]
"""What a confirmed ask does: looks whether it may be done still (raises InvalidValue), and gives what stages it in a
turn and, with that committed, takes it into memory."""


class Approvals:
    """Asks for what needs a second person, and does it when one confirms. named: what does. lasts: how long an ask
    waits for one. book: what waits."""

    def __init__(self, ledger: Ledger, clock: Clock, named: Iterable[SecondPerson], lasts_seconds: float) -> None:
        self._ledger = ledger
        self._clock = clock
        self._keys = ledger.keys
        self.book = ledger.approvals
        self._named = frozenset(named)
        self._lasts_ns = int(lasts_seconds * NS_PER_SECOND)
        self._acts: dict[Act, Perform] = {Act.RELEASE: partial(_released, ledger)}

    def does(self, act: Act, perform: Perform) -> None:
        self._acts[act] = perform

    def needed(self, act: Act) -> bool:
        return act.of in self._named

    def waiting(self, act: Act, subject: str) -> list[Approval]:
        """What was asked for of it and is open."""
        return [each for each in self.book.open() if (each.act, each.subject) == (act, subject)]

    async def ask(
        self, act: Act, subject: str, wanted: Mapping[str, Any], by: Grant, lasts_seconds: float | None = None
    ) -> Approval:
        """A durable ask; the same one of the same person while it waits. Raises InvalidValue."""
        waiting = self.book.open()
        for each in waiting:
            if (each.act, each.subject, each.wanted, each.asked_by) == (act, subject, wanted, by.principal):
                await self._ledger.writer.drain()
                return each
        # What programs propose leaves room for what a second person is asked for, the kill switch's release above all.
        if sum(each.act.proposes is act.proposes for each in waiting) >= WAITING_MAX:
            raise InvalidValue("act", act.value, f"would be one more than the {WAITING_MAX} that may wait for a second")
        now_ns = self._clock.now_ns()
        approval = Approval(
            f"ap-{self._clock.token(ID_BYTES).hex()}",
            act,
            subject,
            wanted,
            by.principal,
            now_ns,
            now_ns + (self._lasts_ns if lasts_seconds is None else int(lasts_seconds * NS_PER_SECOND)),
        )
        turn = self._ledger.turn(by.principal)
        self.book.stage(turn, approval, by.principal, EventKind.APPROVAL_ASKED)
        durable = turn.commit()
        self.book.keep(approval)
        await durable
        return approval

    async def confirm(self, approval_id: str, by: Grant) -> Approval:
        """Do what was asked for. Raises InvalidValue."""
        approval = self.confirmable(approval_id, by)
        stage = self._acts[approval.act](approval, by)
        turn = self._ledger.turn(by.principal)
        taken = stage(turn)
        decided = self._decide(turn, approval, ApprovalState.CONFIRMED, by.principal, "")
        durable = turn.commit()
        taken()
        self.book.keep(decided)
        await durable
        return decided

    def confirmable(self, approval_id: str, by: Grant) -> Approval:
        """One that waits and that this person may confirm. Raises InvalidValue."""
        approval = self.book.find(approval_id)
        shared = self._hands(approval.asked_by) & self._hands(by.principal)
        if shared:
            known = (
                "the same person" if approval.asked_by == by.principal else "the same hand: one made the other's key"
            )
            rule = f"was asked for by {approval.asked_by}, and {by.principal} is {known}; a second one confirms"
            raise InvalidValue("approval_id", approval_id, rule)
        self._check_asker(approval)
        return approval

    def second(self, approval: Approval, by: Grant) -> Second:
        """Whose word has a trade that was proposed placed or started."""

        def stage(turn: Turn, name: str) -> None:
            decided = self._decide(turn, approval.confirmed_as(name), ApprovalState.CONFIRMED, by.principal, "")
            turn.also(partial(self.book.keep, decided))

        def denied(turn: Turn, order: Order) -> None:
            self.book.reopen(
                turn, approval, by.principal, f"{by.principal} confirmed it: {went_wrong(order)}", order.order_id
            )

        return Second(by.principal, stage, denied)

    async def kept_back(self, approval: Approval, by: Grant, why: str) -> None:
        """What was confirmed was refused before there was an order or execution of it: that stands beside it, once for
        the same words."""
        reason = f"{by.principal} confirmed it: {why}"[:REASON_MAX]
        if reason != approval.reason:
            turn = self._ledger.turn(by.principal)
            self.book.reopen(turn, approval, by.principal, reason)
            await turn.commit()

    async def end_expired(self) -> None:
        """What nobody decided in time is over."""
        over = self.book.over()
        if not over or self._ledger.writer_failed:
            return
        turn = self._ledger.turn(SYSTEM)
        for each in over:
            turn.also(partial(self.book.keep, self._decide(turn, each, ApprovalState.EXPIRED, None, each.reason)))
        await turn.commit()

    async def refuse(self, approval_id: str, by: Grant, reason: str) -> Approval:
        """It is not done; whoever asked may take it back so. Raises InvalidValue."""
        approval = self.book.find(approval_id)
        turn = self._ledger.turn(by.principal)
        decided = self._decide(turn, approval, ApprovalState.REFUSED, by.principal, reason)
        durable = turn.commit()
        self.book.keep(decided)
        await durable
        return decided

    def _check_asker(self, approval: Approval) -> None:
        """Who asked must be able to ask still. Raises InvalidValue."""
        scopes = self._keys.scopes_of(approval.asked_by)
        if scopes is not None and not approval.act.askers & scopes:
            lost = " or ".join(sorted(approval.act.askers))
            rule = f"was asked for by {approval.asked_by}, which no longer has the scope {lost}"
            raise InvalidValue("approval_id", approval.approval_id, rule)

    def _decide(self, turn: Turn, approval: Approval, state: ApprovalState, by: str | None, reason: str) -> Approval:
        decided = replace(approval, state=state, decided_by=by, decided_ns=turn.now_ns, reason=reason)
        name = decided.became
        of = {} if name is None else {"order_id" if name.startswith(ORDER_PREFIX) else "parent_id": name}
        self.book.stage(turn, decided, by or SYSTEM, _EVENTS[state], **of)
        return decided

    def _hands(self, principal: str) -> set[str]:
        """Whose secret it may be: its own, and of whoever made its keys; of these, of all that ever had theirs, for
        what they made outlives their own keys."""
        found, look = set[str](), [principal]
        while look:
            who = look.pop()
            hand = "owner" if who in OWNER else who
            if hand in found:
                continue
            found.add(hand)
            look.extend(maker for maker in self._keys.makers(who, ever=who != principal) if maker not in OWNER)
        return found


def release_asked(ledger: Ledger, reason: str) -> dict[str, object]:
    """What a second person is asked to confirm: the release of this engagement and of no later one."""
    return {"engaged_ns": ledger.kill_switch.at_ns, "reason": reason}


def _released(ledger: Ledger, approval: Approval, by: Grant) -> Callable[[Turn], Callable[[], None]]:
    """Release it, on the word of two. Raises InvalidValue where it was used since."""
    switch, wanted = ledger.kill_switch, approval.wanted
    if not switch.engaged or switch.at_ns != wanted["engaged_ns"]:
        rule = "asks for the release of a kill switch that was used since: ask anew"
        raise InvalidValue("approval_id", approval.approval_id, rule)

    def stage(turn: Turn) -> Callable[[], None]:
        turn.set_kill_switch(False, f"{wanted['reason']} (asked by {approval.asked_by}, confirmed by {by.principal})")
        return lambda: None

    return stage
