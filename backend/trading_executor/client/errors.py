"""How the client says no. Every error is a ClientError; a Problem is the system's word, by field, value and rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.refusals import Refusal

URN = "urn:trading-executor:problem:"
TEXT_MAX = 500


class ClientError(Exception):
    """Anything that keeps a call from its answer."""


class NoAnswer(ClientError):
    """None came, within the patience of the client.

    never_sent: nobody was reached, and nothing has happened. Else, of a call that changes something, whether it was
    done is open: ask again with `idempotency_key` where there is one, which has an effect once; look, where there is
    none.
    """

    def __init__(self, url: str, why: str, *, never_sent: bool, changes: bool, idempotency_key: str | None) -> None:
        self.url, self.why, self.never_sent = url, why, never_sent
        self.idempotency_key = None if never_sent else idempotency_key
        self.open = changes and not never_sent
        super().__init__(f"url={url}: {why}" + ("; whether it was done is open" if self.open else ""))


class Unreadable(ClientError):
    """An answer that this client cannot read: of another program, or of another release."""


class DoneUnrecorded(ClientError):
    """It was done, but the system's database did not take it; `answer` says what was sent and what was answered."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer
        super().__init__(str(answer.get("detail", "")))


class Problem(ClientError):
    """The system refused. status: of HTTP. kind: such as order-denied (docs/api.md). errors: every value at fault, with
    field, value and rule. body: the answer in full."""

    def __init__(self, status: int, body: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status, self.body, self.retry_after = status, body, retry_after
        self.kind = str(body.get("type", "")).removeprefix(URN)
        self.detail = str(body.get("detail") or f"status={status}")
        given = body.get("errors")
        self.errors = tuple(_refusal(entry) for entry in given if isinstance(entry, dict)) if given else ()
        super().__init__("; ".join(map(str, self.errors)) or self.detail)


class InvalidRequest(Problem):
    """400, 405, 413, 415, 421, 422: as it is it will always be refused."""


class Refused(InvalidRequest):
    """422: understood, but refused by risk, by the exchange, or on the way there; `order` of the body where there is
    one. Asked again with the same key it is the same answer."""


class NotAllowed(Problem):
    """401, 403: no key that opens, or one without the scope, or beyond its limits."""


class NotFound(Problem):
    """404."""


class Conflict(Problem):
    """409, 410: it is over, the key was used for another request, or nothing can follow that event."""


class NotAvailable(Problem):
    """429, 503: not now. What was asked was not done, but where the kind is store-failed or timeout: that is open."""


REFUSALS = frozenset(
    {"order-denied", "order-not-sent", "order-rejected", "execution-denied", "amend-refused", "signal-denied"}
)
OPEN_KINDS = frozenset({"store-failed", "timeout", "exchange"})
"""Of 503: what became of the request is not known."""


def problem_of(status: int, body: Mapping[str, Any], retry_after: float | None = None) -> Problem:
    """The error that stands for an answer of this status."""
    refused = status == 422 and str(body.get("type", "")).removeprefix(URN) in REFUSALS
    kinds = {401: NotAllowed, 403: NotAllowed, 404: NotFound, 409: Conflict, 410: Conflict}
    kinds |= {429: NotAvailable, 502: NotAvailable, 503: NotAvailable}
    kind = Refused if refused else kinds.get(status) or (InvalidRequest if status < 500 else Problem)
    return kind(status, body, retry_after)


def _refusal(entry: Mapping[str, Any]) -> Refusal:
    return Refusal(*(str(entry.get(name, ""))[:TEXT_MAX] for name in ("check", "field", "value", "rule")))
