"""What can be traded and on which terms, candles and books, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.api.documents import documented, listed, problems
from app.api.encoding import json_response
from app.api.parameters import BarWord, EndDate, InstrumentId, StartDate, TextFilter, Whole, known_parameters, within
from app.api.runtime import Running
from app.api.scopes import needs
from app.domain.access import Scope
from app.domain.market import Bar
from app.services.trading.venue import candles, shown_books, shown_trades
from app.services.trading.venue.candles import CandlePage
from app.services.trading.venue.listings import InstrumentTerms
from app.services.trading.venue.shown_books import BookShown
from app.services.trading.venue.shown_trades import MarketTrades

router = APIRouter(prefix="/api/v1/trading", tags=["market"], dependencies=[Depends(known_parameters)])

INSTRUMENT_LIST = listed("InstrumentList", "instruments", InstrumentTerms)


@router.get(
    "/instruments", response_model=INSTRUMENT_LIST, responses=problems(), summary="List what can be traded, by id"
)
@needs(Scope.READ)
async def list_instruments(runtime: Running, contains: TextFilter = None) -> Response:
    """Steps of price and size, smallest and largest order, contract value, state; fees and leverage as far as they were
    read. contains: only ids with this text."""
    return json_response({"instruments": runtime.asked.listings.all(contains or "")})


@router.get(
    "/instruments/{instrument}",
    response_model=documented(InstrumentTerms),
    responses=problems(502),
    summary="One instrument, with the fees and the leverage in force",
)
@needs(Scope.READ)
async def get_instrument(runtime: Running, instrument: InstrumentId) -> Response:
    """The account's fees and a contract's leverage are asked of the exchange, or at most a minute old."""
    return json_response(await runtime.asked.listings.one(instrument))


@router.get(
    "/candles/{instrument}",
    response_model=documented(CandlePage),
    responses=problems(404, 502),
    summary="Candles of an instrument, oldest first",
)
@needs(Scope.READ)
async def get_candles(
    runtime: Running,
    instrument: InstrumentId,
    bar: BarWord = Bar.M1,
    start_date: StartDate = None,
    end_date: EndDate = None,
    limit: Annotated[Whole, within(1, candles.MOST, "The most of one answer")] = candles.USUAL,
) -> Response:
    """Bars that began from start_date on; without one, the last. Asked of the exchange; 404 where it remembers none."""
    return json_response(await runtime.asked.candles.read(instrument, bar, start_date, end_date, limit))


@router.get(
    "/book/{instrument}",
    response_model=documented(BookShown),
    responses=problems(502),
    summary="The order book of an instrument",
)
@needs(Scope.READ)
async def get_book(
    runtime: Running,
    instrument: InstrumentId,
    depth: Annotated[Whole, within(1, shown_books.MOST, "The most levels of a side")] = shown_books.USUAL,
) -> Response:
    """The book that orders are judged by; of an instrument that is not followed the exchange's answer now."""
    return json_response(await runtime.asked.books.read(instrument, depth))


@router.get(
    "/market-trades/{instrument}",
    response_model=documented(MarketTrades),
    responses=problems(),
    summary="What the public traded of an instrument, newest first",
)
@needs(Scope.READ)
async def get_market_trades(
    runtime: Running,
    instrument: InstrumentId,
    limit: Annotated[Whole, within(1, shown_trades.MOST, "The most of one answer")] = shown_trades.USUAL,
) -> Response:
    """As it was heard since the instrument is followed, our own trades included; nothing is asked of the exchange."""
    return json_response(runtime.asked.trades.read(instrument, limit))
