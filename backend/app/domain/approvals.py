"""What one asks for and another person lets happen: a key, a higher limit, the release of the kill switch, and trades
that were proposed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.domain.access import Scope
from app.domain.orders import Order


class SecondPerson(StrEnum):
    """The acts that can be set to need a second person."""

    KEYS = "keys"
    LIMITS = "limits"
    RESUME = "resume"


class Act(StrEnum):
    """What is asked for."""

    CREATE = "key.create"
    ROTATE = "key.rotate"
    ENABLE = "key.enable"
    LIMITS = "key.limits"
    RELEASE = "kill_switch.release"
    ORDER = "order.place"
    EXECUTION = "execution.start"

    @property
    def proposes(self) -> bool:
        """Whether it is a trade that was proposed, which always waits for a person."""
        return self in (Act.ORDER, Act.EXECUTION)

    @property
    def of(self) -> SecondPerson:
        """Of what is no proposal."""
        named = {Act.LIMITS: SecondPerson.LIMITS, Act.RELEASE: SecondPerson.RESUME}
        return named.get(self, SecondPerson.KEYS)

    @property
    def scope(self) -> Scope:
        """What the second person needs."""
        needed = {Act.RELEASE: Scope.RESUME, Act.ORDER: Scope.PLACE, Act.EXECUTION: Scope.EXECUTIONS}
        return needed.get(self, Scope.KEYS)

    @property
    def askers(self) -> frozenset[Scope]:
        """What who asks needs, any one of them."""
        return frozenset({self.scope, Scope.PROPOSE} if self.proposes else {self.scope})


class ApprovalState(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Approval:
    """One ask. subject: the name of the key, or kill_switch. wanted: what is to be done, whole; of a confirmed proposal
    also what it `became`. decided_by: who confirmed or refused it; nobody where it waits still, or expired. reason: why
    it was refused, or what kept back an order that was confirmed before."""

    approval_id: str
    act: Act
    subject: str
    wanted: Mapping[str, Any]
    asked_by: str
    asked_ns: int
    expires_ns: int
    state: ApprovalState = ApprovalState.PENDING
    decided_by: str | None = None
    decided_ns: int | None = None
    reason: str = ""

    def waits(self, now_ns: int) -> bool:
        return self.state is ApprovalState.PENDING and now_ns < self.expires_ns

    def shown_state(self, now_ns: int) -> str:
        waited = self.state is ApprovalState.PENDING and not self.waits(now_ns)
        return (ApprovalState.EXPIRED if waited else self.state).value

    @property
    def became(self) -> str | None:
        """The id of the order or execution that a confirmed proposal is."""
        return self.wanted.get("became")

    def confirmed_as(self, name: str) -> "Approval":
        """With what it became."""
        return replace(self, wanted={**self.wanted, "became": name})

    def undecided(self, now_ns: int, why: str) -> "Approval":
        """As it stands where what it became was refused: it waits again for what is left of its time, or is over."""
        wanted = {name: each for name, each in self.wanted.items() if name != "became"}
        state, ended_ns = ApprovalState.PENDING, None
        if now_ns >= self.expires_ns:
            state, ended_ns = ApprovalState.EXPIRED, now_ns
        return replace(self, wanted=wanted, state=state, decided_by=None, decided_ns=ended_ns, reason=why)

    def columns(self) -> dict[str, Any]:
        """As a row of approvals, but for the account."""
        return {
            "approval_id": self.approval_id,
            "act": self.act.value,
            "subject": self.subject,
            "wanted": json.dumps(self.wanted, sort_keys=True),
            "asked_by": self.asked_by,
            "asked_ns": self.asked_ns,
            "expires_ns": self.expires_ns,
            "state": self.state.value,
            "decided_by": self.decided_by,
            "decided_ns": self.decided_ns,
            "reason": self.reason,
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Approval":
        """From a row of approvals."""
        return cls(
            approval_id=row["approval_id"],
            act=Act(row["act"]),
            subject=row["subject"],
            wanted=json.loads(row["wanted"]),
            asked_by=row["asked_by"],
            asked_ns=row["asked_ns"],
            expires_ns=row["expires_ns"],
            state=ApprovalState(row["state"]),
            decided_by=row["decided_by"],
            decided_ns=row["decided_ns"],
            reason=row["reason"],
        )


@dataclass(frozen=True, slots=True)
class Second:
    """Who lets an order or execution of another one happen: it is held to his limits too, and counts against them.
    stage(turn, name): that he did, with the id of what it is, in its own turn. denied(turn, order): that it came to
    nothing, in the turn of the order that was denied."""

    principal: str
    stage: Callable[[Any, str], None]
    denied: Callable[[Any, Order], None]
