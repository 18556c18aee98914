"""Parent orders over HTTP: start an execution strategy, look at it, lay it aside, change it, end it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AfterValidator
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.documents import documented, listed, problems
from app.api.encoding import json_response, plain_text
from app.api.parameters import Limit, known_parameters
from app.api.refusals import journalled
from app.api.replies import Keyed
from app.api.requests import EXECUTION, EXECUTION_CHANGE, WORD
from app.api.runtime import Principal, Running
from app.clock import utc
from app.domain.orders import OrderSide, PositionSide, TradeMode
from app.domain.parents import ParentStatus
from app.services.trading.errors import ParentRefused
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.parameters import Parameter, json_schema, parameters, summary
from app.services.trading.schemas import OrderParams, OrderResponse, ParentFigures, ParentResponse

router = APIRouter(prefix="/api/v1/trading", tags=["executions"], dependencies=[Depends(known_parameters)])

ParentId = Annotated[
    str, Path(min_length=1, max_length=64), AfterValidator(lambda value: value if value.isprintable() else "?")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One parent order as it stands. Sizes in the instrument's unit; config: every key of its strategy, as JSON.

    working_size: what its open children may still fill. waiting_for, next_at: why nothing happens now, until when.
    overfilled_size: what filled beyond its size and no operator has accepted. position_side, trade_mode, reduce_only:
    of its orders. exit: a person asked for it to get out of what is held; the kill switch does not hold it.
    """

    parent_id: str
    account: str
    strategy: str
    config: dict[str, str | int | bool | list[str] | None]
    instrument_id: str
    side: OrderSide
    position_side: PositionSide
    trade_mode: TradeMode
    reduce_only: bool
    exit: bool
    size: Decimal
    limit_price: Decimal | None
    strategy_id: str | None
    status: ParentStatus
    reason: str
    filled_size: Decimal
    working_size: Decimal
    unsent_size: Decimal
    overfilled_size: Decimal
    open_children: tuple[str, ...]
    waiting_for: str
    next_at: datetime | None
    created_at: datetime
    start_at: datetime
    end_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Strategy:
    """An execution strategy. parameters: for people; config: the same as the JSON schema of its configuration."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    config: dict[str, Any]


STRATEGY_LIST = listed("StrategyList", "strategies", Strategy)
EXECUTION_LIST = listed("ExecutionList", "executions", Execution)
CHILDREN = listed("ChildOrders", "orders", OrderResponse)


@router.post(
    "/executions",
    status_code=201,
    response_model=documented(Execution),
    responses=problems(409),
    openapi_extra=EXECUTION.openapi(),
    summary="Start an execution strategy",
)
async def start_execution(request: Request, runtime: Running, principal: Principal, keyed: Keyed) -> Response:
    """Work a large order over time; answers as soon as the parent order is durable. 422: refused, with every reason."""
    async with journalled(runtime, principal):
        wanted: dict[str, Any] = EXECUTION.read(await request.body())
        terms = {name: value for name, value in wanted.items() if name not in ("strategy", "config")}
        params = OrderParams(**terms)

        async def act() -> object:
            started = await runtime.parents.start(
                wanted["strategy"], wanted["config"], params, principal=principal, key=keyed.key
            )
            return execution(started)

        return await keyed.once("executions", wanted, act, status_code=201, refusal=ParentRefused)


@router.get("/strategies", response_model=STRATEGY_LIST, summary="List the execution strategies and their parameters")
async def list_strategies() -> Response:
    found = [
        Strategy(name, summary(strategy), parameters(strategy), json_schema(strategy))
        for name, strategy in STRATEGIES.items()
    ]
    return json_response({"strategies": found})


@router.get("/executions", response_model=EXECUTION_LIST, responses=problems(), summary="List executions, newest first")
async def list_executions(
    runtime: Running, open_only: Annotated[bool, Query(description="Only those not over")] = False, limit: Limit = 100
) -> Response:
    found = await run_in_threadpool(runtime.parents.history, open_only=open_only, limit=limit)
    return json_response({"executions": [execution(parent) for parent in found]})


@router.get(
    "/executions/{parent_id}", response_model=documented(Execution), responses=problems(404), summary="One execution"
)
async def get_execution(runtime: Running, parent_id: ParentId) -> Response:
    return json_response(execution(runtime.parents.get(parent_id)))


@router.get(
    "/executions/{parent_id}/figures",
    response_model=documented(ParentFigures),
    responses=problems(404),
    summary="How an execution stands",
)
async def execution_figures(runtime: Running, parent_id: ParentId) -> Response:
    """Its schedule against what is done, its price against the market that it met, its fees, its orders and why."""
    return json_response(runtime.parents.figures(parent_id))


@router.get(
    "/executions/{parent_id}/orders",
    response_model=CHILDREN,
    responses=problems(404),
    summary="An execution's orders, oldest first",
)
async def execution_orders(runtime: Running, parent_id: ParentId) -> Response:
    return json_response({"orders": runtime.parents.orders(parent_id)})


@router.delete(
    "/executions/{parent_id}",
    response_model=documented(Execution),
    responses=problems(404, 409),
    summary="Cancel an execution",
)
async def cancel_execution(runtime: Running, principal: Principal, parent_id: ParentId) -> Response:
    """Cancel its open orders, then end it; what has filled stays filled."""
    async with journalled(runtime, principal):
        return json_response(execution(await runtime.parents.cancel(parent_id, principal=principal)))


@router.post(
    "/executions/{parent_id}/pause",
    response_model=documented(Execution),
    responses=problems(404, 409),
    openapi_extra=WORD.openapi(),
    summary="Lay an execution aside",
)
async def pause_execution(request: Request, runtime: Running, principal: Principal, parent_id: ParentId) -> Response:
    """Take its open orders back; its time goes on, and it can be resumed or amended."""
    async with journalled(runtime, principal):
        said = WORD.read(await request.body())["reason"] or ""
        return json_response(execution(await runtime.parents.pause(parent_id, principal=principal, reason=said)))


@router.post(
    "/executions/{parent_id}/resume",
    response_model=documented(Execution),
    responses=problems(404, 409),
    openapi_extra=WORD.openapi(),
    summary="Go on with an execution",
)
async def resume_execution(request: Request, runtime: Running, principal: Principal, parent_id: ParentId) -> Response:
    """Go on with one that was paused, or suspended by the kill switch or a refusal; what failed before is forgiven."""
    async with journalled(runtime, principal):
        said = WORD.read(await request.body())["reason"] or ""
        return json_response(execution(await runtime.parents.resume(parent_id, principal=principal, reason=said)))


@router.patch(
    "/executions/{parent_id}",
    response_model=documented(Execution),
    responses=problems(404, 409),
    openapi_extra=EXECUTION_CHANGE.openapi(),
    summary="Change an execution's terms",
)
async def amend_execution(request: Request, runtime: Running, principal: Principal, parent_id: ParentId) -> Response:
    """A new size (in all), limit price, or keys of its config, which may move its end; laid aside it stays so."""
    async with journalled(runtime, principal):
        wanted = EXECUTION_CHANGE.read(await request.body())
        terms = {name: wanted[name] for name in ("size", "price", "config")}
        changed = await runtime.parents.amend(parent_id, **terms, principal=principal, reason=wanted["reason"] or "")
        return json_response(execution(changed))


def execution(found: ParentResponse) -> Execution:
    """The answer."""
    parent = found.parent
    return Execution(
        parent_id=parent.parent_id,
        account=parent.account,
        strategy=parent.strategy,
        config=plain_text(msgspec.json.decode(parent.config)),
        instrument_id=parent.instrument_id,
        side=parent.side,
        position_side=parent.position_side,
        trade_mode=parent.trade_mode,
        reduce_only=parent.reduce_only,
        exit=parent.exit,
        size=parent.size,
        limit_price=parent.limit_price,
        strategy_id=parent.strategy_id,
        status=parent.status,
        reason=parent.reason,
        filled_size=found.filled_size,
        working_size=found.working_size,
        unsent_size=found.unsent_size,
        overfilled_size=parent.overfilled,
        open_children=found.open_children,
        waiting_for=found.waiting_for,
        next_at=found.next_at,
        created_at=utc(parent.created_ns),
        start_at=utc(parent.start_ns),
        end_at=None if parent.end_ns is None else utc(parent.end_ns),
        updated_at=utc(parent.updated_ns or parent.created_ns),
    )
