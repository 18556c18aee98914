"""Positions, the account, trades and performance over HTTP."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.api.as_page import PAGE, json_or_page
from app.api.documents import documented, listed, problems
from app.api.encoding import json_response
from app.api.errors import Problem
from app.api.memo import Memo
from app.api.pages.tear_sheet import tear_sheet_page
from app.api.parameters import (
    Cursor,
    EndDate,
    InstrumentFilter,
    InstrumentId,
    Limit,
    LotMethodWord,
    PositionSideWord,
    SideWord,
    SpanWord,
    StartDate,
    TextFilter,
    TradeModeWord,
    Whole,
    check_instrument,
    known_parameters,
    within,
)
from app.api.refusals import journalled
from app.api.replies import Keyed
from app.api.requests import NOTHING
from app.api.runtime import Principal, Running
from app.api.scopes import needs
from app.domain.access import Scope
from app.domain.performance import LotMethod, Span
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.position_manager import PositionDifference
from app.services.trading.reports.tax_lots import TaxLotPage
from app.services.trading.reports.tear_sheet import ROLLING_DAYS, ROLLING_DAYS_MAX
from app.services.trading.reports.tear_sheet_views import TearSheet
from app.services.trading.schemas import Account, PerformanceMetrics, PositionResponse, TradeResponse, TradeStatistics

router = APIRouter(prefix="/api/v1/trading", tags=["positions and trades"], dependencies=[Depends(known_parameters)])

POSITION_LIST = listed("PositionList", "positions", PositionResponse)
DIFFERENCES = listed("PositionDifferences", "differences", PositionDifference)
TAX_LOT_PAGE = documented(TaxLotPage)
TRADE_PAGE = listed("TradePage", "trades", TradeResponse, next_cursor=(str | None, ...))


@router.get("/positions", response_model=POSITION_LIST, responses=problems(), summary="List positions")
@needs(Scope.READ)
async def list_positions(
    runtime: Running,
    instrument_id: InstrumentFilter = None,
    include_flat: Annotated[bool, Query(description="Also those below one lot")] = False,
) -> Response:
    """Every position with its cost, mark and profit."""
    positions = [
        position
        for position in runtime.positions.get_all_positions(include_flat)
        if instrument_id in (None, position.instrument_id)
    ]
    check_instrument(runtime.ledger, instrument_id, positions)
    return json_response({"positions": positions})


@router.post(
    "/positions/sync",
    response_model=DIFFERENCES,
    responses=problems(409, 502),
    openapi_extra=NOTHING.openapi(),
    summary="Compare positions with the exchange",
)
@needs(Scope.READ)
async def sync_positions(request: Request, runtime: Running, principal: Principal, keyed: Keyed) -> Response:
    """Read the exchange's positions and say where the ledger differs; nothing is booked by it."""

    async def act() -> object:
        return {"differences": await runtime.positions.sync_positions_with_exchange()}

    async with journalled(runtime, principal):
        wanted = NOTHING.read(await request.body())
    return await keyed.once("positions/sync", wanted, act)


@router.get(
    "/positions/{instrument}",
    response_model=documented(PositionResponse),
    responses=problems(404),
    summary="The position in one instrument",
)
@needs(Scope.READ)
async def get_position(
    runtime: Running,
    instrument: InstrumentId,
    position_side: PositionSideWord | None = None,
    trade_mode: TradeModeWord | None = None,
) -> Response:
    """A contract may be held on several sides and in several modes: name both, or get the largest.

    404 when nothing was ever held.
    """
    try:
        position = runtime.positions.get_position(instrument, position_side, trade_mode)
    except InvalidValue as error:
        raise Problem(404, str(error), errors=[error.refusal]) from None
    if position is None:
        rule = "has never been held"
        raise Problem(404, f"{instrument} {rule}", errors=[Refusal("input", "instrument", instrument, rule)])
    return json_response(position)


@router.get("/account", response_model=documented(Account), responses=problems(), summary="Balances and equity")
@needs(Scope.READ)
async def get_account(runtime: Running) -> Response:
    return json_response(await runtime.executor.account())


@router.get("/trades", response_model=TRADE_PAGE, responses=problems(), summary="List trades, newest first")
@needs(Scope.READ)
def list_trades(
    runtime: Running,
    instrument_id: InstrumentFilter = None,
    side: SideWord | None = None,
    order_id: TextFilter = None,
    trade_id: TextFilter = None,
    strategy_id: TextFilter = None,
    parent_id: TextFilter = None,
    start_date: StartDate = None,
    end_date: EndDate = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Every fill, page by page; a fee is null while the exchange has not said it."""
    page = runtime.recorder.list_trades(
        instrument_id=instrument_id,
        side=side,
        order_id=order_id,
        trade_id=trade_id,
        strategy_id=strategy_id,
        parent_id=parent_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
    )
    check_instrument(runtime.ledger, instrument_id, page.trades)
    return json_response({"trades": page.trades, "next_cursor": page.next_cursor})


@router.get("/tax-lots", response_model=TAX_LOT_PAGE, responses=problems(), summary="Disposals, for tax")
@needs(Scope.READ)
async def tax_lots(
    request: Request,
    runtime: Running,
    asset: TextFilter = None,
    strategy_id: TextFilter = None,
    start_date: StartDate = None,
    end_date: EndDate = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    method: Annotated[
        LotMethodWord, Query(description="Which of what is there goes with a disposal", examples=["fifo"])
    ] = LotMethod.FIFO,
) -> Response:
    """What went of each asset and of which lot, oldest first, page by page: cost, proceeds, fee and gain in `currency`,
    null where nobody knows them. `gains` and `unknown` are of all pages. Fees are not taken off."""
    recorder = runtime.recorder
    asked = (asset, strategy_id, start_date, end_date, limit, cursor, method)
    memo: Memo = request.app.state.memo

    def read() -> TaxLotPage:
        return recorder.tax_lots(
            asset=asset,
            strategy_id=strategy_id,
            start_date=start_date,
            end_date=end_date,
            limit=limit,
            cursor=cursor,
            method=method,
        )

    page: TaxLotPage = await memo.get(("tax-lots", *asked), runtime.ledger.seq, read)
    return json_response(page)


@router.get(
    "/performance", response_model=documented(PerformanceMetrics), responses=problems(), summary="Performance metrics"
)
@needs(Scope.READ)
async def performance(
    request: Request,
    runtime: Running,
    start_date: StartDate = None,
    end_date: EndDate = None,
    instrument_id: InstrumentFilter = None,
    strategy_id: TextFilter = None,
) -> Response:
    """Win rate by round trip, profit and loss, Sharpe, Sortino, drawdown; fees included, undefined figures null.

    Over a history that takes long to read, the answer may be some time old: at most twenty times as long as it took.
    """
    asked = (start_date, end_date, instrument_id, strategy_id)
    return await _folded(request, runtime, "performance", runtime.recorder.calculate_performance, asked)


@router.get(
    "/performance/tear-sheet",
    response_model=documented(TearSheet),
    responses=PAGE | problems(),
    summary="Tear sheet",
)
@needs(Scope.READ)
async def performance_tear_sheet(
    request: Request,
    runtime: Running,
    start_date: StartDate = None,
    end_date: EndDate = None,
    instrument_id: InstrumentFilter = None,
    strategy_id: TextFilter = None,
    period: Annotated[SpanWord, Query(description="By what days are put together", examples=["month"])] = Span.MONTH,
    rolling_days: Annotated[
        Whole, within(2, ROLLING_DAYS_MAX, "How many days each rolling figure is of", 30)
    ] = ROLLING_DAYS,
) -> Response:
    """The performance metrics, and where they come from: each day, the deepest drawdowns, the days by period, rolling
    figures, and each strategy's part. What has no value says why in `missing`. As text/html: one page, to keep."""
    recorder, present = runtime.recorder, runtime.recorder.present()
    memo: Memo = request.app.state.memo
    asked = (start_date, end_date, instrument_id, strategy_id)

    def read() -> TearSheet:
        return recorder.tear_sheet(*asked, period=period, rolling_days=rolling_days, present=present)

    found: TearSheet = await memo.get(("tear-sheet", *asked, period, rolling_days), runtime.ledger.seq, read)
    check_instrument(runtime.ledger, instrument_id, found.metrics.fill_count)
    return await json_or_page(request, found, tear_sheet_page, "tear-sheet.html")


@router.get(
    "/statistics", response_model=documented(TradeStatistics), responses=problems(), summary="Aggregates over trades"
)
@needs(Scope.READ)
async def statistics(
    request: Request,
    runtime: Running,
    start_date: StartDate = None,
    end_date: EndDate = None,
    instrument_id: InstrumentFilter = None,
    strategy_id: TextFilter = None,
) -> Response:
    """How much was traded, on which side, as maker or taker, and at what cost."""
    asked = (start_date, end_date, instrument_id, strategy_id)
    return await _folded(request, runtime, "statistics", runtime.recorder.get_trade_statistics, asked)


async def _folded(
    request: Request,
    runtime: Running,
    name: str,
    fold: Callable[..., PerformanceMetrics | TradeStatistics],
    asked: tuple[datetime | None, datetime | None, str | None, str | None],
) -> Response:
    """Figures over trades: of a period, an instrument, a strategy; computed once for all who ask at a time."""
    present = runtime.recorder.present()
    memo: Memo = request.app.state.memo
    found: PerformanceMetrics | TradeStatistics = await memo.get(
        (name, *asked), runtime.ledger.seq, lambda: fold(*asked, present=present)
    )
    check_instrument(runtime.ledger, asked[2], found.fill_count)
    return json_response(found)
