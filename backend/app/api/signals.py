"""Signals over HTTP: a wish as JSON, done once for its key, and what became of it (services/signals)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api.documents import documented, problems
from app.api.encoding import json_response
from app.api.executions import Execution, execution
from app.api.parameters import IdempotencyKey, known_parameters
from app.api.refusals import journalled
from app.api.requests import SIGNAL
from app.api.runtime import Granted, Running
from app.api.scopes import check, needs
from app.api.trading import placed
from app.domain.access import Scope
from app.domain.orders import OrderStatus
from app.domain.refusals import InvalidValue, Refusal
from app.services.signals.intake import Foreseen, Taken
from app.services.signals.wishes import Wish, check_key
from app.services.trading.execution_strategies.views import ParentPreview
from app.services.trading.schemas import OrderParams, OrderResponse

router = APIRouter(prefix="/api/v1/signals", tags=["signals"], dependencies=[Depends(known_parameters)])


@dataclass(frozen=True, slots=True)
class SignalTaken:
    """What became of a signal. size: in the instrument's unit. order: what it became, of an execution the first order,
    null while there is none; execution: what works it. Both null for hold."""

    key: str
    type: str
    instrument_id: str
    size: Decimal | None
    order: OrderResponse | None
    execution: Execution | None


@dataclass(frozen=True, slots=True)
class SignalForeseen:
    """What would become of a signal now. orders: without an execution strategy; execution: with one; refused: why it
    would be refused."""

    type: str
    instrument_id: str
    size: Decimal | None
    orders: tuple[OrderParams, ...]
    execution: ParentPreview | None
    refused: tuple[Refusal, ...]


@router.post(
    "",
    status_code=201,
    response_model=documented(SignalTaken),
    responses={
        200: {"description": "hold: nothing is to be done", "model": documented(SignalTaken)},
        202: {"description": "Sent, but unanswered: it is being looked for; ask again with the same key"},
    }
    | problems(409),
    openapi_extra=SIGNAL.openapi(),
    summary="Send a signal",
)
@needs(Scope.PLACE, Scope.EXECUTIONS, Scope.EXIT)
async def send_signal(
    request: Request, runtime: Running, granted: Granted, idempotency_key: IdempotencyKey = None
) -> Response:
    """One order, or one execution with `strategy` (or take_profit, stop_loss), for a key. buy and sell ask for the
    scope orders:place, with a strategy for executions; close for exit.

    201: taken; asked again with the same key, what became of it. 422: refused for good, with every reason; also later
    than `expires_at`. 503: not ready, nothing was sent; the same key may try again.
    """
    async with journalled(runtime, granted.principal):
        wanted = SIGNAL.read(await request.body())
        key = one_key(idempotency_key, wanted.pop("idempotency_key"))
        wish = Wish(**wanted)
        if wish.scope is not None:
            check(granted, frozenset({wish.scope}))
    return answered(await runtime.signals.take(wish, granted, key))


@router.post(
    "/preview",
    response_model=documented(SignalForeseen),
    responses=problems(),
    openapi_extra=SIGNAL.openapi(),
    summary="What a signal would do",
)
@needs(Scope.READ)
async def preview_signal(request: Request, runtime: Running, granted: Granted) -> Response:
    """The orders or the execution that it would become now, and why that would be refused. Nothing is done."""
    wanted: dict[str, Any] = SIGNAL.read(await request.body())
    one_key(None, wanted.pop("idempotency_key"))
    return json_response(foreseen(await runtime.signals.preview(Wish(**wanted), granted)))


def one_key(header: str | None, body: str | None) -> str | None:
    """The key that a request gives. Raises InvalidValue for two that differ."""
    if body is not None:
        check_key(body)
        if header not in (None, body):
            raise InvalidValue("idempotency_key", body, f"differs from the header Idempotency-Key, {header}")
    return header or body


def answered(taken: Taken) -> Response:
    """201, 200 for hold and 202 for an unanswered order. Raises Problem for a refused one, as for any order."""
    status = 200 if taken.order is None and taken.parent is None else 201
    if taken.order is not None and taken.parent is None:
        placed(taken.order)
        status = 202 if taken.order.status is OrderStatus.UNKNOWN else 201
    wish = taken.wish
    works = None if taken.parent is None else execution(taken.parent)
    shown = SignalTaken(taken.key, wish.type, wish.instrument_id, taken.size, taken.order, works)
    return json_response(shown, status)


def foreseen(found: Foreseen) -> SignalForeseen:
    wish = found.wish
    return SignalForeseen(wish.type, wish.instrument_id, found.size, found.orders, found.execution, found.refused)
