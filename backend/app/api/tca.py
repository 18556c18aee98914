"""What orders cost, over HTTP: of a parent order, of an order without one, which is a parent of one, and of many."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.as_page import PAGE, json_or_page
from app.api.documents import documented, problems
from app.api.encoding import json_response
from app.api.executions import ParentId
from app.api.pages.costs import groups_page, order_page
from app.api.parameters import (
    EndDate,
    GroupingWord,
    InstrumentFilter,
    SideWord,
    StartDate,
    check_instrument,
    known_parameters,
)
from app.api.runtime import Running
from app.api.scopes import needs
from app.api.shapes import POSITIVE
from app.domain.access import Scope
from app.services.trading.execution_strategies.conditions import is_parent
from app.services.trading.reports.cost_groups import cost_report
from app.services.trading.reports.cost_views import CostReport, ExecutionCost
from app.services.trading.reports.costs import execution_cost, order_cost
from app.services.trading.venue.estimates import PreTradeEstimate

router = APIRouter(prefix="/api/v1/trading/tca", tags=["costs"], dependencies=[Depends(known_parameters)])


@router.get(
    "/executions/{parent_id}",
    response_model=documented(ExecutionCost),
    responses=PAGE | problems(404),
    summary="What an execution cost",
)
@needs(Scope.READ)
async def tca_of_execution(request: Request, runtime: Running, parent_id: ParentId) -> Response:
    """Implementation shortfall by component, slippage, spread, markouts, latencies; positive costs are bad. What is not
    known stands in `missing`, with the reason. As text/html: one page, to keep."""
    ledger = runtime.ledger
    found = await run_in_threadpool(execution_cost, runtime.database, ledger.account, parent_id, ledger.instruments.get)
    return await json_or_page(request, found, order_page, f"cost-{found.id}.html")


@router.get(
    "/orders/{order_id}",
    response_model=documented(ExecutionCost),
    responses=PAGE | problems(404),
    summary="What an order cost",
)
@needs(Scope.READ)
async def tca_of_order(request: Request, runtime: Running, order_id: ParentId) -> Response:
    """As of an execution, whose id it takes too; an order without a parent is a parent of one, as of its send."""
    if is_parent(order_id):
        return await tca_of_execution(request, runtime, order_id)
    ledger = runtime.ledger
    found = await run_in_threadpool(order_cost, runtime.database, ledger.account, order_id, ledger.instruments.get)
    return await json_or_page(request, found, order_page, f"cost-{found.id}.html")


@router.get(
    "/estimate",
    response_model=documented(PreTradeEstimate),
    responses=problems(502),
    summary="What an order would cost",
)
@needs(Scope.READ)
async def tca_estimate(
    runtime: Running,
    instrument_id: Annotated[str, Query(min_length=1, max_length=64, examples=["BTC-USDT"])],
    side: SideWord,
    size: Annotated[
        str,
        Query(
            min_length=1,
            max_length=64,
            description="In the instrument's unit: base for spot, contracts for swaps",
            examples=["0.5"],
            json_schema_extra={"pattern": POSITIVE},
        ),
    ],
) -> Response:
    """Against the mid as it stands: by the book, all at once, and by the square-root law. Fees are in the preview of an
    execution; what came of one stands beside its estimate in its report."""
    return json_response(await runtime.asked.estimates.read(instrument_id, side, size))


@router.get(
    "/report",
    response_model=documented(CostReport),
    responses=PAGE | problems(),
    summary="What orders cost by group",
)
@needs(Scope.READ)
async def tca_report(
    request: Request,
    runtime: Running,
    by: Annotated[GroupingWord, Query(description="By what orders are put together", examples=["strategy"])],
    start_date: StartDate = None,
    end_date: EndDate = None,
    instrument_id: InstrumentFilter = None,
) -> Response:
    """Of what ended in the period, by group: means by notional, quantiles, and intervals that take the orders of a day
    for one draw. Money of different currencies is told apart. As text/html: one page, to keep."""
    ledger, memo = runtime.ledger, request.app.state.memo
    check_instrument(ledger, instrument_id, None)

    def read() -> CostReport:
        return cost_report(
            runtime.database,
            ledger.account,
            ledger.instruments.get,
            by,
            start_date=start_date,
            end_date=end_date,
            instrument_id=instrument_id,
        )

    found = await memo.get(("tca", by, start_date, end_date, instrument_id), ledger.seq, read)
    return await json_or_page(request, found, groups_page, f"costs-by-{by.value}.html")
