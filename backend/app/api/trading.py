"""Orders over HTTP: place, list, look up, amend, cancel. Positions, trades and controls have routers of their own.

Writes run on the event loop, where the account lives; what reads the database runs in a thread.
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.documents import UNRECORDED, documented, listed, problems
from app.api.encoding import json_response
from app.api.errors import RETRY_AFTER_SECONDS, Problem, invalid
from app.api.parameters import (
    Cursor,
    EndDate,
    IdempotencyKey,
    InstrumentFilter,
    Limit,
    OrderId,
    SideWord,
    StartDate,
    StatusWord,
    TextFilter,
    check_instrument,
    known_parameters,
)
from app.api.refusals import journalled
from app.api.requests import AMENDMENT, ORDER
from app.api.runtime import Principal, Running
from app.api.scopes import needs
from app.domain.access import Scope
from app.domain.orders import OrderStatus
from app.domain.refusals import InvalidValue
from app.services.trading.account.refusal_classes import of_the_moment
from app.services.trading.execution_strategies.conditions import is_parent
from app.services.trading.schemas import OrderParams, OrderResponse

router = APIRouter(prefix="/api/v1/trading", tags=["orders"], dependencies=[Depends(known_parameters)])

ORDER_LIST = listed("OrderList", "orders", OrderResponse)
ORDER_PAGE = listed("OrderPage", "orders", OrderResponse, next_cursor=(str | None, ...))


@router.post(
    "/orders",
    status_code=201,
    response_model=documented(OrderResponse),
    responses={202: {"description": "Sent, but unanswered: it is being looked for; do not send it again"}}
    | problems(409),
    openapi_extra=ORDER.openapi(),
    summary="Create an order",
)
@needs(Scope.PLACE)
async def create_order(
    request: Request, runtime: Running, principal: Principal, idempotency_key: IdempotencyKey = None
) -> Response:
    """Check an order against every risk limit, record it, and send it to the exchange.

    201: taken by the exchange (it may have filled meanwhile). 202: the exchange did not answer. 422: refused, with
    every reason. 503: not ready, nothing was sent.
    """
    async with journalled(runtime, principal):
        params = OrderParams(**ORDER.read(await request.body()))
    order = await runtime.executor.place_order(params, principal=principal, idempotency_key=idempotency_key)
    return placed(order)


@router.get("/orders", response_model=ORDER_PAGE, responses=problems(), summary="List orders, newest first")
@needs(Scope.READ)
def list_orders(
    runtime: Running,
    instrument_id: InstrumentFilter = None,
    status: Annotated[list[StatusWord] | None, Query(description="Any of these; may be repeated")] = None,
    side: SideWord | None = None,
    strategy_id: TextFilter = None,
    parent_id: TextFilter = None,
    exchange_order_id: TextFilter = None,
    start_date: StartDate = None,
    end_date: EndDate = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Orders of every state, page by page; dates are those of creation."""
    page = runtime.orders.get_order_history(
        instrument_id=instrument_id,
        status=status,
        side=side,
        strategy_id=strategy_id,
        parent_id=parent_id,
        exchange_order_id=exchange_order_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
    )
    check_instrument(runtime.ledger, instrument_id, page.orders)
    return json_response({"orders": page.orders, "next_cursor": page.next_cursor})


@router.get("/orders/active", response_model=ORDER_LIST, responses=problems(), summary="Orders that are not over")
@needs(Scope.READ)
async def active_orders(runtime: Running, instrument_id: InstrumentFilter = None) -> Response:
    """Live, in flight, unanswered, and filled ones whose fills are not all in hand, and those that are held here until
    their price comes (pending); oldest first."""
    orders = runtime.orders.get_active_orders(instrument_id)
    check_instrument(runtime.ledger, instrument_id, orders)
    return json_response({"orders": orders})


@router.get(
    "/orders/{order_id}", response_model=documented(OrderResponse), responses=problems(404), summary="One order"
)
@needs(Scope.READ)
async def get_order(runtime: Running, order_id: OrderId) -> Response:
    """By its id, its client order id, or, of one that is held here, its parent's."""
    held = runtime.executor.held_order(order_id) if is_parent(order_id) else None
    return json_response(held or await run_in_threadpool(runtime.orders.get_order, order_id))


@router.patch(
    "/orders/{order_id}",
    response_model=documented(OrderResponse),
    responses=problems(404, 409),
    openapi_extra=AMENDMENT.openapi(),
    summary="Amend a live order",
)
@needs(Scope.PLACE)
async def amend_order(request: Request, runtime: Running, principal: Principal, order_id: OrderId) -> Response:
    """Change the size (total, filled part included) or the price; the new terms show once the exchange confirms."""
    async with journalled(runtime, principal):
        wanted: dict[str, Any] = AMENDMENT.read(await request.body())
        if all(value is None for value in wanted.values()):
            raise InvalidValue("size", "missing", "give size, price or both; of a held order trigger_price too")
        try:
            order = await runtime.executor.modify_order(
                order_id,
                new_size=wanted["size"],
                new_price=wanted["price"],
                new_trigger_price=wanted["trigger_price"],
                principal=principal,
            )
        except InvalidValue as error:
            named = replace(error.refusal, field=error.refusal.field.removeprefix("new_"))
            raise invalid([named]) from None
    return json_response(order)


@router.delete(
    "/orders/{order_id}",
    response_model=documented(OrderResponse),
    responses=UNRECORDED | problems(404, 409),
    summary="Cancel an order",
)
@needs(Scope.CANCEL)
async def cancel_order(runtime: Running, principal: Principal, order_id: OrderId) -> Response:
    """Ask the exchange to cancel; the answer shows the order after up to a second, in which it may still fill."""
    async with journalled(runtime, principal):
        order = await runtime.executor.cancel_order(order_id, principal=principal)
    return json_response(order)


def refused_for_now(order: OrderResponse) -> bool:
    """Whether only the moment kept it from going out, so that the same request may be made again."""
    return of_the_moment(order.status, order.reasons, order.refusal)


def placed(order: OrderResponse) -> Response:
    """201 for an order that the exchange took, 202 for an unanswered one. Raises Problem for a refused one: 503 with
    Retry-After where the same request may be made again in a moment, 422 where the refusal is final."""
    if order.status is OrderStatus.UNKNOWN:
        return json_response(order, 202)
    extra = {"order_id": order.order_id, "client_order_id": order.client_order_id, "order": order}
    headers = {"Retry-After": RETRY_AFTER_SECONDS}
    if order.status is OrderStatus.DENIED:
        detail = "; ".join(map(str, order.reasons)) or "refused"
        if refused_for_now(order):
            raise Problem(503, detail, kind="not-ready", errors=order.reasons, headers=headers, extra=extra)
        raise Problem(422, detail, kind="order-denied", errors=order.reasons, extra=extra)
    if order.status is OrderStatus.REJECTED:
        detail = f"the exchange refused the order: code {order.error_code}: {order.error_message}"
        if refused_for_now(order):
            raise Problem(503, detail, kind="order-rejected", headers=headers, extra=extra)
        raise Problem(422, detail, kind="order-rejected", extra=extra)
    if order.status is OrderStatus.NOT_SENT:
        why = ": ".join(filter(None, (order.error_code, order.error_message))) or "no reason is known"
        detail = f"the order was not sent, and nothing of it left: {why}"
        if refused_for_now(order):
            raise Problem(503, detail, kind="order-not-sent", errors=order.reasons, headers=headers, extra=extra)
        raise Problem(422, detail, kind="order-not-sent", errors=order.reasons, extra=extra)
    return json_response(order, 201)
