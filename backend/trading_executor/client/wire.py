"""A call as bytes and its answer as values, without a connection: what both clients send, read, and ask again for."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from trading_executor.client.errors import OPEN_KINDS, DoneUnrecorded, NoAnswer, Problem, Unreadable
from trading_executor.client.errors import problem_of as problem_of

T = TypeVar("T")

ANSWER_BYTES_MAX = 64 * 1024 * 1024
FIRST_WAIT_SECONDS, WAIT_SECONDS_MAX = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request, and how its answer is read. keyed: it bears an Idempotency-Key, drawn when `key` is None. safe: may
    be asked for again without one. member: the part of the answer that is given; None: all of it. over: an order that
    is over meanwhile is what a repeat was to reach. says_no: an answer of 503 is one like any other."""

    method: str
    path: str
    reads: Any
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Mapping[str, Any] | None = None
    keyed: bool = False
    key: str | None = None
    safe: bool = False
    member: str | None = None
    over: bool = False
    says_no: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take in all. A lost answer is asked for again within it, with the same key; a call that has
    none and changes something never is. unavailable: a system that is not there, or says "not now", is waited for too.
    """

    seconds: float = 30.0
    unavailable: bool = True


USUAL = Patience()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    content: bytes
    retry_after: str | None = None


class Lost(Exception):
    """No answer to one attempt. sent: something may have reached the system."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


class Attempts:
    """The attempts of one call: with what headers, whether and when there is another, and what it came to."""

    def __init__(self, url: str, call: Call[Any], patience: Patience, now: float) -> None:
        self.call = call
        self.key = (call.key or uuid.uuid4().hex) if call.keyed else None
        self._url, self._patience = url, patience
        self._deadline = now + patience.seconds
        self._wait = FIRST_WAIT_SECONDS
        self._repeatable = call.safe or call.keyed
        self._asked_again = False
        self._maybe_done = False

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.key is None else {"Idempotency-Key": self.key}

    def seconds_left(self, now: float) -> float:
        return max(self._deadline - now, 0.1)

    def after_lost(self, lost: Lost, now: float) -> float:
        """Seconds until the next attempt. Raises NoAnswer when there is none."""
        self._maybe_done |= lost.sent
        again = self._repeatable if lost.sent else self._patience.unavailable
        wait = self._next(None)
        if not again or now + wait > self._deadline:
            raise NoAnswer(
                self._url,
                str(lost),
                never_sent=not self._maybe_done,
                changes=self.call.method != "GET",
                idempotency_key=self.key,
            )
        return wait

    def after_answer(self, answer: Answer, now: float) -> float | None:
        """Seconds until the next attempt; None: this answer stands."""
        if answer.status not in (429, 503) or not self._patience.unavailable or self.call.says_no:
            return None
        problem = _problem(answer)
        if not self._repeatable and problem.kind in OPEN_KINDS:
            return None
        wait = self._next(problem.retry_after)
        return wait if now + wait <= self._deadline else None

    def result(self, answer: Answer) -> Any:
        """The answer as JSON has it. Raises Problem, Unreadable."""
        if answer.status >= 400 and not (self.call.says_no and answer.status == 503):
            problem = _problem(answer)
            if self.call.over and self._asked_again and problem.kind == "order-over":
                return problem.body["order"]
            raise problem
        return _json(answer)

    def _next(self, retry_after: float | None) -> float:
        self._asked_again = True
        wait, self._wait = self._wait, min(self._wait * 2, WAIT_SECONDS_MAX)
        return max(wait, retry_after or 0.0)


def typed(call: Call[T], value: Any) -> T:
    """The answer's type of what Attempts.result gave. Raises DoneUnrecorded, Unreadable."""
    if isinstance(value, dict) and value.get("recorded") is False:
        raise DoneUnrecorded(value)
    found = value if call.member is None else value.get(call.member)
    return convert(found, call.reads)


def convert(value: Any, kind: Any) -> Any:
    """JSON as values of this type. Raises Unreadable."""
    try:
        return msgspec.convert(value, kind, str_keys=True)
    except msgspec.ValidationError as error:
        raise Unreadable(f"the answer is not what this client knows: {error}") from None


def check_url(url: str) -> str:
    """The base address, without a slash at its end. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"url={url}: must be http://HOST[:PORT] or https://HOST[:PORT]")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError(f"url={url}: the port must be a number up to 65535") from None
    return url.rstrip("/")


def target(call: Call[Any]) -> str:
    """Path and query."""
    given = {name: value for name, value in plain(call.query).items() if value not in (None, [])}
    text = urlencode({name: str(v).lower() if isinstance(v, bool) else v for name, v in given.items()}, doseq=True)
    return f"{call.path}?{text}" if text else call.path


def content(call: Call[Any]) -> bytes | None:
    return None if call.body is None else json.dumps(plain(call.body)).encode()


def headers(api_key: str | None) -> dict[str, str]:
    found = {"Content-Type": "application/json", "Accept": "application/json"}
    return found | {"X-API-Key": api_key} if api_key else found


def segment(text: str) -> str:
    """Text as one part of a path."""
    return quote(text, safe="")


def given(**members: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {name: value for name, value in members.items() if value is not None}


def plain(value: Any) -> Any:
    """What is sent: decimals and instants as text, exactly. Raises ValueError for an instant without a zone."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return format(value, "f")
        case datetime():
            if value.tzinfo is None:
                raise ValueError(f"{value!r}: an instant must have its zone")
            return value.isoformat()
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case str():
            return value
        case Sequence():
            return [plain(item) for item in value]
        case _:
            return value


def of_lines(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The messages of server-sent events."""
    for line in lines:
        if (message := of_line(line)) is not None:
            yield message


def of_line(line: str) -> dict[str, Any] | None:
    return json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else None


def refusal_of(answer: Answer) -> Problem:
    """The problem that an answer of 400 and more holds. Raises Unreadable."""
    return _problem(answer)


def _problem(answer: Answer) -> Problem:
    try:
        retry_after = float(answer.retry_after) if answer.retry_after else None
    except ValueError:
        retry_after = None
    body = _json(answer)
    return problem_of(answer.status, body if isinstance(body, dict) else {}, retry_after)


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.content) if answer.content else None
    except ValueError:
        why = f"status={answer.status}: the answer is not JSON; does another program have this port?"
        raise Unreadable(why) from None
