"""Parent orders over HTTP: start an execution strategy and look at it; execution_controls.py steers it."""

from collections.abc import Mapping
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
from app.api.parameters import Limit, TextFilter, known_parameters
from app.api.refusals import journalled
from app.api.replies import Keyed
from app.api.requests import EXECUTION, TERMS
from app.api.runtime import Principal, Running
from app.api.scopes import needs
from app.clock import utc
from app.domain.access import Scope
from app.domain.arrivals import Arrival
from app.domain.money import shown_price
from app.domain.orders import OrderSide, PositionSide, TradeMode
from app.domain.parents import ParentStatus
from app.services.trading.errors import ParentRefused
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.parameters import Parameter, json_schema, parameters, summary
from app.services.trading.execution_strategies.terms import ParentTerms
from app.services.trading.execution_strategies.views import ParentFigures, ParentPreview
from app.services.trading.schemas import OrderParams, OrderResponse, ParentResponse

router = APIRouter(prefix="/api/v1/trading", tags=["executions"], dependencies=[Depends(known_parameters)])

ParentId = Annotated[
    str, Path(min_length=1, max_length=64), AfterValidator(lambda value: value if value.isprintable() else "?")
]


@dataclass(frozen=True, slots=True)
class ArrivalShown:
    """The book when it was accepted. bid_depth, ask_depth: what each side showed within 0.1 % of the mid."""

    bid: Decimal
    bid_size: Decimal
    ask: Decimal
    ask_size: Decimal
    mid: Decimal
    microprice: Decimal
    bid_depth: Decimal | None
    ask_depth: Decimal | None
    at: datetime
    venue_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One parent order as it stands. Sizes in the instrument's unit; config: every key of its strategy, as JSON.

    working_size: what its open children may still fill. waiting_for, next_at: why nothing happens now, until when.
    overfilled_size: what filled beyond its size and no operator has accepted. position_side, trade_mode, reduce_only:
    of its orders. exit: a person asked for it to get out of what is held; the kill switch does not hold it. arrival:
    the market when it was accepted. limit_offset_pct: limit_price was made of it, so far beyond its mid. frozen_since:
    since when its clock stands; what stood so far is not yet in end_at. quote_size: the amount of quote currency that
    its size is, of which quote_left nothing has spent or may spend yet; size is then what it comes to. entry_id: the
    execution that it gets out of; its size is what that has filled. arm: what its label's wheel has assigned it to.
    signal_seq: the event of the journal that tells the signal that asked for it.
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
    quote_size: Decimal | None
    quote_left: Decimal | None
    limit_price: Decimal | None
    strategy_id: str | None
    entry_id: str | None
    arm: str | None
    signal_seq: int | None
    status: ParentStatus
    reason: str
    filled_size: Decimal
    working_size: Decimal
    unsent_size: Decimal
    overfilled_size: Decimal
    open_children: tuple[str, ...]
    waiting_for: str
    next_at: datetime | None
    tags: tuple[str, ...]
    arrival: ArrivalShown | None
    limit_offset_pct: Decimal | None
    decision_at: datetime | None
    decision_price: Decimal | None
    frozen_since: datetime | None
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
@needs(Scope.EXECUTIONS)
async def start_execution(request: Request, runtime: Running, principal: Principal, keyed: Keyed) -> Response:
    """Work a large order over time; answers as soon as the parent order is durable. 422: refused, with every reason."""
    async with journalled(runtime, principal):
        wanted: dict[str, Any] = EXECUTION.read(await request.body())
        params, terms = read_order(wanted)

        async def act() -> object:
            started = await runtime.parents.start(
                wanted["strategy"], wanted["config"], params, terms=terms, principal=principal, key=keyed.key
            )
            return execution(started)

        return await keyed.once("executions", wanted, act, status_code=201, refusal=ParentRefused)


@router.post(
    "/executions/preview",
    response_model=documented(ParentPreview),
    responses=problems(409),
    openapi_extra=EXECUTION.openapi(),
    summary="What an execution would do",
)
@needs(Scope.READ)
async def preview_execution(request: Request, runtime: Running, principal: Principal) -> Response:
    """The schedule that it would go by, and its cost by the book as it stands. Nothing is done; 422 as when it is."""
    wanted: dict[str, Any] = EXECUTION.read(await request.body())
    params, terms = read_order(wanted)
    how = wanted["strategy"], wanted["config"], params
    return json_response(await runtime.parents.preview(*how, terms=terms, principal=principal))


@router.get("/strategies", response_model=STRATEGY_LIST, summary="List the execution strategies and their parameters")
@needs(Scope.READ)
async def list_strategies() -> Response:
    found = [
        Strategy(name, summary(strategy), parameters(strategy), json_schema(strategy))
        for name, strategy in STRATEGIES.items()
    ]
    return json_response({"strategies": found})


@router.get("/executions", response_model=EXECUTION_LIST, responses=problems(), summary="List executions, newest first")
@needs(Scope.READ)
async def list_executions(
    runtime: Running,
    open_only: Annotated[bool, Query(description="Only those not over")] = False,
    tag: TextFilter = None,
    limit: Limit = 100,
) -> Response:
    found = await run_in_threadpool(runtime.parents.history, open_only=open_only, tag=tag, limit=limit)
    return json_response({"executions": [execution(parent) for parent in found]})


@router.get(
    "/executions/{parent_id}", response_model=documented(Execution), responses=problems(404), summary="One execution"
)
@needs(Scope.READ)
async def get_execution(runtime: Running, parent_id: ParentId) -> Response:
    return json_response(execution(runtime.parents.get(parent_id)))


@router.get(
    "/executions/{parent_id}/progress",
    response_model=documented(ParentFigures),
    responses=problems(404),
    summary="How an execution stands",
)
@router.get(
    "/executions/{parent_id}/figures",
    response_model=documented(ParentFigures),
    responses=problems(404),
    summary="How an execution stands",
)
@needs(Scope.READ)
async def execution_figures(runtime: Running, parent_id: ParentId) -> Response:
    """Its schedule against what is done, its price against the market that it met, its fees, its orders and why."""
    return json_response(runtime.parents.figures(parent_id))


@router.get(
    "/executions/{parent_id}/orders",
    response_model=CHILDREN,
    responses=problems(404),
    summary="An execution's orders, oldest first",
)
@needs(Scope.READ)
async def execution_orders(runtime: Running, parent_id: ParentId) -> Response:
    return json_response({"orders": runtime.parents.orders(parent_id)})


def read_order(wanted: Mapping[str, Any]) -> tuple[OrderParams, ParentTerms]:
    """The order of a body, and how it is asked for."""
    names = {field.name for field in TERMS}
    order = {name: value for name, value in wanted.items() if name not in {"strategy", "config", *names}}
    return OrderParams(**order), ParentTerms(**{name: wanted[name] for name in names})


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
        quote_size=parent.quote,
        quote_left=found.quote_left,
        limit_price=parent.limit_price,
        strategy_id=parent.strategy_id,
        entry_id=parent.entry_id,
        arm=parent.arm,
        signal_seq=parent.signal_seq,
        status=parent.status,
        reason=parent.reason,
        filled_size=found.filled_size,
        working_size=found.working_size,
        unsent_size=found.unsent_size,
        overfilled_size=parent.overfilled,
        open_children=found.open_children,
        waiting_for=found.waiting_for,
        next_at=found.next_at,
        tags=parent.tags,
        arrival=_arrival(parent.arrival),
        limit_offset_pct=parent.limit_offset,
        decision_at=None if parent.decision_ns is None else utc(parent.decision_ns),
        decision_price=parent.decision_price,
        frozen_since=None if parent.frozen_ns is None else utc(parent.frozen_ns),
        created_at=utc(parent.created_ns),
        start_at=utc(parent.start_ns),
        end_at=None if parent.end_ns is None else utc(parent.end_ns),
        updated_at=utc(parent.updated_ns or parent.created_ns),
    )


def _arrival(found: Arrival | None) -> ArrivalShown | None:
    if found is None:
        return None
    return ArrivalShown(
        bid=found.bid,
        bid_size=found.bid_size,
        ask=found.ask,
        ask_size=found.ask_size,
        mid=found.mid,
        microprice=shown_price(found.microprice),
        bid_depth=found.bid_depth,
        ask_depth=found.ask_depth,
        at=utc(found.at_ns),
        venue_at=utc(found.venue_ns),
    )
