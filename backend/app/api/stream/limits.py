"""The bounds of the stream, each with its policy, and how a stream ends."""

from dataclasses import dataclass
from typing import NamedTuple

from app.api.errors import Problem
from app.domain.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """clients, clients_per_principal: more are refused. unauthenticated: of them, those whose first message is waited
    for, each at most first_message_seconds. kept: the newest events in memory; a client that was at the present and
    falls further behind is let go, and so is one that takes no bytes for write_seconds. page: events of one read while
    a client catches up; reads: how many such reads at once. batch: messages of one write. tick_seconds: how long events
    wait to be read, and again to go out together; view_seconds: how often states are made anew. heartbeat_seconds: how
    often each client hears something. books: the most order books of one client."""

    clients: int = 200
    clients_per_principal: int = 100
    unauthenticated: int = 32
    first_message_seconds: float = 10
    kept: int = 2_048
    write_seconds: float = 10
    page: int = 100
    reads: int = 2
    batch: int = 256
    tick_seconds: float = 0.01
    view_seconds: float = 0.5
    heartbeat_seconds: float = 5
    books: int = 20


LIMITS = StreamLimits()


class End(NamedTuple):
    """Why a stream is over: the WebSocket's close code, a word for it, and the problem that is sent before, if any."""

    code: int
    word: str
    problem: Problem | None = None

    @classmethod
    def of(cls, problem: Problem) -> "End":
        """4000 and the status that HTTP would answer."""
        return cls(4000 + problem.status, problem.kind, problem)


DONE = End(1000, "done")
GONE = End(1001, "gone")
RESTART = End(1012, "restart")
FAILED = End(1011, "failed")
SLOW = End(4499, "too-slow", Problem(408, "too slow: resume after the last seq that came", kind="too-slow"))
NO_LONGER = End.of(Problem(401, "the key opens no longer", kind="api-key-refused"))
NO_MORE = End.of(Problem(400, "nothing is taken after the first message", kind="unexpected-message"))


def resume_ahead(after: int, head: int) -> Problem:
    return _cannot_resume(409, after, f"is ahead of the journal, whose newest event is {head}", "resume-ahead")


def resume_too_old(after: int, first: int) -> Problem:
    return _cannot_resume(410, after, f"the next event is gone: the journal begins with {first}", "resume-too-old")


def _cannot_resume(status: int, after: int, rule: str, kind: str) -> Problem:
    return Problem(status, f"after={after}: {rule}", kind=kind, errors=[Refusal("input", "after", str(after), rule)])
