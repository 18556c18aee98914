"""Errors as problem+json (RFC 9457): what went wrong, and for each value at fault its field, value and rule.

Every error of the API leaves through here, whatever raised it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.encoding import PROBLEM, json_response
from app.api.headers import SECURITY_HEADERS
from app.domain.refusals import InvalidValue, Refusal
from app.exchanges.errors import AccessRefused, ExchangeError, NotOffered
from app.services.signals.intake import SignalRefused
from app.services.trading.errors import (
    AmendRefused,
    IdempotencyConflict,
    NotReady,
    OrderNotFound,
    OrderOver,
    ParentNotFound,
    ParentOver,
    ParentRefused,
)
from app.services.trading.venue.cancels import CancelsUnrecorded
from app.store.errors import StoreError
from app.store.writer import NotOpen, StoreFailed

VALUE_SHOWN_MAX = 120
RETRY_AFTER_SECONDS = "1"

log = structlog.get_logger("api")

TITLES: Mapping[int, str] = {
    400: "Malformed request",
    401: "API key needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Request too slow",
    409: "Conflict",
    410: "Gone",
    413: "Request too large",
    415: "JSON needed",
    421: "Unknown host",
    422: "Invalid request",
    429: "Too many requests",
    500: "Internal error",
    502: "Exchange error",
    503: "Not available",
}


class Problem(Exception):
    """An error ready to be answered. errors: the values at fault; extra: further members of the problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "",
        errors: Iterable[Refusal] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.kind = kind or TITLES[status].lower().replace(" ", "-")
        self.errors = tuple(errors)
        self.headers = headers
        self.extra = extra or {}
        super().__init__(detail)


def invalid(errors: Sequence[Refusal], **options: Any) -> Problem:
    """422 for values that break rules."""
    return Problem(422, "; ".join(map(str, errors)), errors=errors, **options)


def problem_response(problem: Problem) -> Response:
    return json_response(problem_body(problem), problem.status, problem.headers, media_type=PROBLEM)


def problem_body(problem: Problem) -> dict[str, Any]:
    """The problem as JSON's members."""
    return {
        "type": f"urn:trading-executor:problem:{problem.kind}",
        "title": TITLES[problem.status],
        "status": problem.status,
        "detail": problem.detail,
        "errors": [
            {"field": error.field, "value": error.value[:VALUE_SHOWN_MAX], "rule": error.rule, "check": error.check}
            for error in problem.errors
        ],
        **problem.extra,
    }


def problem_of(error: Exception) -> Problem:
    """The problem that stands for an error; 500 for one that nobody foresaw."""
    match error:
        case Problem():
            return error
        case ParentRefused():
            detail = "; ".join(map(str, error.reasons))
            if error.passing:
                return _unavailable(detail, "not-ready", error.reasons)
            return invalid(error.reasons, kind="execution-denied")
        case SignalRefused():
            return invalid(error.reasons, kind="signal-refused")
        case InvalidValue():
            return invalid([error.refusal])
        case OrderNotFound():
            refusal = Refusal("input", "order_id", error.order_id, "is not an order of this account")
            return Problem(404, str(error), kind="order-not-found", errors=[refusal])
        case OrderOver():
            refusal = Refusal(
                "input", "order_id", error.order.order_id, f"is {error.order.status.value}, so it is over"
            )
            return Problem(409, str(error), kind="order-over", errors=[refusal], extra={"order": error.order})
        case ParentNotFound():
            refusal = Refusal("input", "parent_id", error.parent_id, "is not a parent order of this account")
            return Problem(404, str(error), kind="execution-not-found", errors=[refusal])
        case ParentOver():
            rule = f"is {error.parent.status.value}, which does not allow it"
            refusal = Refusal("input", "parent_id", error.parent.parent_id, rule)
            return Problem(409, str(error), kind="execution-over", errors=[refusal])
        case AmendRefused():
            extra = {"order_id": error.order.order_id, "order": error.order}
            status, headers = (503, {"Retry-After": RETRY_AFTER_SECONDS}) if error.passing else (422, None)
            return Problem(status, str(error), kind="amend-refused", errors=error.reasons, headers=headers, extra=extra)
        case IdempotencyConflict():
            refusal = Refusal("input", "Idempotency-Key", error.key, "was used before with another request")
            return Problem(409, str(error), kind="idempotency-conflict", errors=[refusal])
        case NotReady():
            errors = [Refusal("ready", "system", "not ready", reason) for reason in error.reasons]
            return _unavailable(str(error), "not-ready", errors)
        case NotOpen():
            return _unavailable(str(error), "starting")
        case StoreFailed():
            unknown = "what became of the request is unknown: ask again with the same Idempotency-Key"
            return _unavailable(f"{error}; {unknown}", "store-failed")
        case StoreError():
            return _unavailable(str(error), "store-failed")
        case NotOffered():
            return Problem(404, str(error), kind="not-offered")
        case ExchangeError():
            status = 502 if isinstance(error, AccessRefused) else 503
            return Problem(status, str(error), kind="exchange", headers={"Retry-After": RETRY_AFTER_SECONDS})
        case TimeoutError():
            return _unavailable("the exchange did not answer in time", "timeout")
        case _:
            return Problem(500, "something that should not happen did; the log has the details")


def _unavailable(detail: str, kind: str, errors: Iterable[Refusal] = ()) -> Problem:
    return Problem(503, detail, kind=kind, errors=errors, headers={"Retry-After": RETRY_AFTER_SECONDS})


def add_error_handlers(app: FastAPI) -> None:
    """Every exception that reaches the application leaves as a problem."""

    async def known(_: Request, error: Exception) -> Response:
        return problem_response(problem_of(error))

    async def unrecorded(_: Request, error: Exception) -> Response:
        assert isinstance(error, CancelsUnrecorded)
        body = {
            "recorded": False,
            "detail": f"what is listed here was done; the database does not take it: {error}",
            "kill_switch_engaged": error.engaged,
            "cancels": error.sent,
        }
        return json_response(body, 202)

    async def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = error.status_code if error.status_code in TITLES else 400
        return problem_response(Problem(status, str(error.detail), headers=error.headers))

    async def validation(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(invalid([_refusal(detail) for detail in error.errors()]))

    async def unforeseen(request: Request, error: Exception) -> Response:
        log.error("api.failed", method=request.method, path=request.url.path, exc_info=error)
        problem = problem_of(error)
        problem.headers = SECURITY_HEADERS  # answered outside the guard, which adds them elsewhere
        return problem_response(problem)

    for kind in (Problem, InvalidValue, StoreError, ExchangeError, TimeoutError):
        app.add_exception_handler(kind, known)
    for kind in (OrderNotFound, OrderOver, ParentNotFound, ParentOver, AmendRefused, IdempotencyConflict, NotReady):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(CancelsUnrecorded, unrecorded)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(Exception, unforeseen)


def _refusal(detail: Mapping[str, Any]) -> Refusal:
    """One of pydantic's findings about a query or path parameter."""
    names = [str(part) for part in detail["loc"] if isinstance(part, str)]  # the rest are places in a list
    field = names[-1] if names else "request"
    message = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return Refusal("input", field, str(detail.get("input", "")), message)
