"""What waits for a second person, in memory, and what becomes of a proposal with the order that was made of it."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from app.clock import Clock
from app.domain.approvals import Approval, ApprovalState
from app.domain.events import EventKind
from app.domain.orders import Order, OrderStatus
from app.domain.refusals import InvalidValue
from app.services.trading.account.ids import ORDER_PREFIX
from app.services.trading.account.refusal_classes import never_went
from app.services.trading.account.turn import SYSTEM, Turn

REASON_MAX = 500


class ApprovalBook:
    """The asks of one account that wait, and the proposals whose orders are open."""

    def __init__(self, account: str, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._asked: OrderedDict[str, Approval] = OrderedDict()
        self._placed: dict[str, Approval] = {}
        self._under_way: set[str] = set()

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Begin from what the database has waiting, and from the proposals whose orders are open."""
        self._asked, self._placed = OrderedDict(), {}
        for each in map(Approval.of, rows):
            self.keep(each)

    def keep(self, approval: Approval) -> None:
        """Its state from now on."""
        self._asked[approval.approval_id] = approval
        if approval.became is not None and approval.became.startswith(ORDER_PREFIX):
            self._placed[approval.became] = approval

    def open(self) -> list[Approval]:
        """What waits; what was decided is let go of here."""
        now_ns = self._clock.now_ns()
        for approval_id in [key for key, each in self._asked.items() if each.state is not ApprovalState.PENDING]:
            del self._asked[approval_id]
        return [each for each in self._asked.values() if each.waits(now_ns) or each.approval_id in self._under_way]

    def over(self) -> list[Approval]:
        """What nobody decided in time, and nobody is deciding."""
        now_ns = self._clock.now_ns()
        pending = [each for each in self._asked.values() if each.state is ApprovalState.PENDING]
        return [each for each in pending if not each.waits(now_ns) and each.approval_id not in self._under_way]

    def find(self, approval_id: str) -> Approval:
        """Raises InvalidValue for one that does not wait."""
        approval = self._asked.get(approval_id)
        if approval is None or not approval.waits(self._clock.now_ns()):
            raise InvalidValue("approval_id", approval_id, "does not wait: decided, expired, or never asked for")
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

    def follow(self, turn: Turn, order: Order) -> None:
        """An order of a proposal that never was in the market leaves it undecided, in the turn that says so."""
        approval = self._placed.get(order.order_id)
        if approval is None:
            return
        if never_went(order):
            why = f"{approval.decided_by} confirmed it: {went_wrong(order)}"
            self.reopen(turn, approval, SYSTEM, why, order.order_id)
        if never_went(order) or order.settled:
            turn.also(partial(self._let_go, order.order_id))

    def reopen(self, turn: Turn, approval: Approval, by: str, why: str, order_id: str | None = None) -> None:
        """What was confirmed came to nothing: it waits again, or is over where its time is."""
        again = approval.undecided(turn.now_ns, why[:REASON_MAX])
        kind = EventKind.APPROVAL_REOPENED if again.state is ApprovalState.PENDING else EventKind.APPROVAL_EXPIRED
        self.stage(turn, again, by, kind, order_id)
        turn.also(partial(self.keep, again))

    def stage(
        self,
        turn: Turn,
        approval: Approval,
        by: str,
        kind: EventKind,
        order_id: str | None = None,
        parent_id: str | None = None,
    ) -> None:
        """Its row and event."""
        row = approval.columns()
        turn.row("approvals", {"account": self._account, **row}, replace=True)
        turn.event(kind, row, principal=by, order_id=order_id, parent_id=parent_id)

    def _let_go(self, order_id: str) -> None:
        self._placed.pop(order_id, None)


def went_wrong(order: Order) -> str:
    """What became of an order that never was in the market, in words."""
    words = {
        OrderStatus.DENIED: "was denied",
        OrderStatus.REJECTED: "was refused by the exchange",
        OrderStatus.NOT_SENT: "was not sent",
        OrderStatus.NEVER_ACCEPTED: "never reached the exchange",
    }
    why = "; ".join(map(str, order.reasons)) or " ".join(filter(None, (order.error_code, order.error_message)))
    return f"order {order.order_id} {words[order.status]}: {why}"
