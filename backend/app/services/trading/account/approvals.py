"""Four eyes: what the settings name is asked for by one person and done when another one confirms it.

An ask is a row and an event before anybody hears of it, and expires. The confirmation and what it does are one turn, so
that no crash comes between; of a trade that was proposed it stands in the turn of the order or execution itself, and it
waits again in the turn that tells that this order never was in the market. A key that somebody made, or gave a new
secret, is his hand: he had the secret. Of the keys that the owner of the data folder made that does not hold, for
somebody must hand out the first ones.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from app.clock import NS_PER_SECOND, Clock
from app.domain.access import CONTROL, LEGACY, LOCAL, Grant
from app.domain.approvals import Act, Approval, ApprovalState, Second, SecondPerson
from app.domain.events import EventKind
from app.domain.orders import Order, OrderStatus
from app.domain.refusals import InvalidValue
from app.services.trading.account.ids import ORDER_PREFIX
from app.services.trading.account.key_book import KeyBook
from app.services.trading.account.ledger import SYSTEM, Ledger, Turn
from app.services.trading.account.refusal_classes import never_went

WAITING_MAX = 100
ID_BYTES = 8
REASON_MAX = 500
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
    """The asks of one account. named: what needs a second person. lasts: how long an ask waits for one."""

    def __init__(
        self, ledger: Ledger, clock: Clock, keys: KeyBook, named: Iterable[SecondPerson], lasts_seconds: float
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._keys = keys
        self._named = frozenset(named)
        self._lasts_ns = int(lasts_seconds * NS_PER_SECOND)
        self._asked: OrderedDict[str, Approval] = OrderedDict()
        self._placed: dict[str, Approval] = {}
        self._acts: dict[Act, Perform] = {Act.RELEASE: partial(_released, ledger)}
        self._under_way: set[str] = set()
        ledger.beside = self._follow

    def does(self, act: Act, perform: Perform) -> None:
        self._acts[act] = perform

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Begin from what the database has waiting, and from the proposals whose orders are open."""
        self._asked, self._placed = OrderedDict(), {}
        for each in map(Approval.of, rows):
            self._keep(each)

    def needed(self, act: Act) -> bool:
        return act.of in self._named

    def waiting(self, act: Act, subject: str) -> list[Approval]:
        """What was asked for of it and is open."""
        return [each for each in self._open() if (each.act, each.subject) == (act, subject)]

    async def ask(
        self, act: Act, subject: str, wanted: Mapping[str, Any], by: Grant, lasts_seconds: float | None = None
    ) -> Approval:
        """A durable ask; the same one of the same person while it waits. Raises InvalidValue."""
        waiting = self._open()
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
        self._stage(turn, approval, by.principal, EventKind.APPROVAL_ASKED)
        durable = turn.commit()
        self._keep(approval)
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
        self._keep(decided)
        await durable
        return decided

    def confirmable(self, approval_id: str, by: Grant) -> Approval:
        """One that waits and that this person may confirm. Raises InvalidValue."""
        approval = self.find(approval_id)
        shared = self._hands(approval.asked_by) & self._hands(by.principal)
        if shared:
            known = (
                "the same person" if approval.asked_by == by.principal else "the same hand: one made the other's key"
            )
            rule = f"was asked for by {approval.asked_by}, and {by.principal} is {known}; a second one confirms"
            raise InvalidValue("approval_id", approval_id, rule)
        self._check_asker(approval)
        return approval

    @contextmanager
    def deciding(self, approval_id: str) -> Iterator[None]:
        """One at a time: until its end nobody else decides, and it does not expire. Raises InvalidValue."""
        if approval_id in self._under_way:
            raise InvalidValue("approval_id", approval_id, "is being decided just now")
        self._under_way.add(approval_id)
        try:
            yield
        finally:
            self._under_way.discard(approval_id)

    def second(self, approval: Approval, by: Grant) -> Second:
        """Whose word has a trade that was proposed placed or started."""

        def stage(turn: Turn, name: str) -> None:
            decided = self._decide(turn, approval.confirmed_as(name), ApprovalState.CONFIRMED, by.principal, "")
            turn.also(partial(self._keep, decided))

        def denied(turn: Turn, order: Order) -> None:
            self._reopen(
                turn, approval, by.principal, f"{by.principal} confirmed it: {_went_wrong(order)}", order.order_id
            )

        return Second(by.principal, stage, denied)

    async def kept_back(self, approval: Approval, by: Grant, why: str) -> None:
        """What was confirmed was refused before there was an order or execution of it: that stands beside it, once for
        the same words."""
        reason = f"{by.principal} confirmed it: {why}"[:REASON_MAX]
        if reason != approval.reason:
            turn = self._ledger.turn(by.principal)
            self._reopen(turn, approval, by.principal, reason)
            await turn.commit()

    def _follow(self, turn: Turn, order: Order) -> None:
        """An order of a proposal that never was in the market leaves it undecided, in the turn that says so."""
        approval = self._placed.get(order.order_id)
        if approval is None:
            return
        if never_went(order):
            why = f"{approval.decided_by} confirmed it: {_went_wrong(order)}"
            self._reopen(turn, approval, SYSTEM, why, order.order_id)
        if never_went(order) or order.settled:
            turn.also(partial(self._let_go, order.order_id))

    def _let_go(self, order_id: str) -> None:
        self._placed.pop(order_id, None)

    def _reopen(self, turn: Turn, approval: Approval, by: str, why: str, order_id: str | None = None) -> None:
        again = approval.undecided(turn.now_ns, why[:REASON_MAX])
        kind = EventKind.APPROVAL_REOPENED if again.state is ApprovalState.PENDING else EventKind.APPROVAL_EXPIRED
        self._stage(turn, again, by, kind, order_id)
        turn.also(partial(self._keep, again))

    async def end_expired(self) -> None:
        """What nobody decided in time is over."""
        now_ns = self._clock.now_ns()
        pending = [each for each in self._asked.values() if each.state is ApprovalState.PENDING]
        over = [each for each in pending if not each.waits(now_ns) and each.approval_id not in self._under_way]
        if not over or self._ledger.writer_failed:
            return
        turn = self._ledger.turn(SYSTEM)
        for each in over:
            turn.also(partial(self._keep, self._decide(turn, each, ApprovalState.EXPIRED, None, each.reason)))
        await turn.commit()

    async def refuse(self, approval_id: str, by: Grant, reason: str) -> Approval:
        """It is not done; whoever asked may take it back so. Raises InvalidValue."""
        approval = self.find(approval_id)
        turn = self._ledger.turn(by.principal)
        decided = self._decide(turn, approval, ApprovalState.REFUSED, by.principal, reason)
        durable = turn.commit()
        self._keep(decided)
        await durable
        return decided

    def _open(self) -> list[Approval]:
        """What waits; what was decided is let go of here."""
        now_ns = self._clock.now_ns()
        for approval_id in [key for key, each in self._asked.items() if each.state is not ApprovalState.PENDING]:
            del self._asked[approval_id]
        return [each for each in self._asked.values() if each.waits(now_ns) or each.approval_id in self._under_way]

    def find(self, approval_id: str) -> Approval:
        """Raises InvalidValue for one that does not wait."""
        approval = self._asked.get(approval_id)
        if approval is None or not approval.waits(self._clock.now_ns()):
            raise InvalidValue("approval_id", approval_id, "does not wait: decided, expired, or never asked for")
        return approval

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
        self._stage(turn, decided, by or SYSTEM, _EVENTS[state], **of)
        return decided

    def _stage(
        self,
        turn: Turn,
        approval: Approval,
        by: str,
        kind: EventKind,
        order_id: str | None = None,
        parent_id: str | None = None,
    ) -> None:
        row = approval.columns()
        turn.row("approvals", {"account": self._ledger.account, **row}, replace=True)
        turn.event(kind, row, principal=by, order_id=order_id, parent_id=parent_id)

    def _keep(self, approval: Approval) -> None:
        self._asked[approval.approval_id] = approval
        if approval.became is not None and approval.became.startswith(ORDER_PREFIX):
            self._placed[approval.became] = approval

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


def _went_wrong(order: Order) -> str:
    """What became of an order that never was in the market, in words."""
    words = {
        OrderStatus.DENIED: "was denied",
        OrderStatus.REJECTED: "was refused by the exchange",
        OrderStatus.NOT_SENT: "was not sent",
        OrderStatus.NEVER_ACCEPTED: "never reached the exchange",
    }
    why = "; ".join(map(str, order.reasons)) or " ".join(filter(None, (order.error_code, order.error_message)))
    return f"order {order.order_id} {words[order.status]}: {why}"


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
