"""Requests about positions, the market, trades and money."""

from __future__ import annotations

from app.domain.instruments import Instrument
from trading_executor.client import models
from trading_executor.client.calls.making import API, Amount, Held, Mode, Moment, Side, get, post
from trading_executor.client.wire import Call, given, segment


def positions(
    instrument_id: str | None = None, *, include_flat: bool = False
) -> Call[tuple[models.PositionResponse, ...]]:
    """Every position, with cost, mark and profit."""
    reads = tuple[models.PositionResponse, ...]
    flat = include_flat or None
    return get(f"{API}/positions", reads, "positions", instrument_id=instrument_id, include_flat=flat)


def get_position(
    instrument_id: str, position_side: Held | None = None, trade_mode: Mode | None = None
) -> Call[models.PositionResponse]:
    """One, the largest where side and mode are not named. Raises NotFound when nothing was ever held."""
    path = f"{API}/positions/{segment(instrument_id)}"
    return get(path, models.PositionResponse, position_side=position_side, trade_mode=trade_mode)


def sync_positions(*, idempotency_key: str | None = None) -> Call[tuple[models.PositionDifference, ...]]:
    """Where the exchange's positions differ from ours; nothing is booked."""
    reads = tuple[models.PositionDifference, ...]
    return post(f"{API}/positions/sync", reads, {}, idempotency_key, "differences")


def flatten_plan(instrument_id: str | None = None, *, everything: bool = False) -> Call[models.FlattenPlan]:
    """What flatten would close now and what it would leave."""
    return get(f"{API}/positions/flatten", models.FlattenPlan, instrument_id=instrument_id, all=everything or None)


def flatten(
    instrument_id: str | None = None, *, everything: bool = False, idempotency_key: str | None = None
) -> Call[models.Flattened]:
    """Cancel all, then close every position at market. everything: coins too that are nobody's."""
    body = given(instrument_id=instrument_id, all=everything)
    return post(f"{API}/positions/flatten", models.Flattened, body, idempotency_key)


def account() -> Call[models.Account]:
    """Balances and equity."""
    return get(f"{API}/account", models.Account)


def instruments(contains: str | None = None) -> Call[tuple[Instrument, ...]]:
    """What can be traded: steps of price and size, smallest order, contract value."""
    return get(f"{API}/instruments", tuple[Instrument, ...], "instruments", contains=contains)


def instrument(instrument_id: str) -> Call[models.InstrumentTerms]:
    """One, with the fees and the leverage in force."""
    return get(f"{API}/instruments/{segment(instrument_id)}", models.InstrumentTerms)


def candles(
    instrument_id: str,
    *,
    bar: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int | None = None,
) -> Call[models.CandlePage]:
    """Oldest first, of 1m, 5m, 15m, 30m, 1h, 4h or 1d; without start_date the last ones. `next_start` asks for more."""
    return get(
        f"{API}/candles/{segment(instrument_id)}",
        models.CandlePage,
        bar=bar,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
    )


def book(instrument_id: str, *, depth: int | None = None) -> Call[models.BookShown]:
    """The book that orders are judged by, up to `depth` levels a side; of what is not followed the exchange's now."""
    return get(f"{API}/book/{segment(instrument_id)}", models.BookShown, depth=depth)


def market_trades(instrument_id: str, *, limit: int | None = None) -> Call[models.MarketTrades]:
    """What the public traded of a followed instrument, newest first."""
    return get(f"{API}/market-trades/{segment(instrument_id)}", models.MarketTrades, limit=limit)


def leverage(instrument_id: str, trade_mode: Mode | None = None) -> Call[tuple[models.Leverage, ...]]:
    """The leverage of a contract, asked of the exchange now."""
    reads = tuple[models.Leverage, ...]
    return get(f"{API}/leverage", reads, "leverages", instrument_id=instrument_id, trade_mode=trade_mode)


def set_leverage(
    instrument_id: str,
    leverage: Amount,
    *,
    trade_mode: Mode | None = None,
    position_side: Held | None = None,
    idempotency_key: str | None = None,
) -> Call[tuple[models.Leverage, ...]]:
    """Of both sides, unless one is named."""
    body = given(instrument_id=instrument_id, leverage=leverage, trade_mode=trade_mode, position_side=position_side)
    return post(f"{API}/leverage", tuple[models.Leverage, ...], body, idempotency_key, "leverages")


def trades(
    *,
    instrument_id: str | None = None,
    side: Side | None = None,
    order_id: str | None = None,
    trade_id: str | None = None,
    strategy_id: str | None = None,
    parent_id: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Call[models.TradePage]:
    """A page of fills, newest first; `next_cursor` asks for the next."""
    return get(
        f"{API}/trades",
        models.TradePage,
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


def tax_lots(
    *,
    asset: str | None = None,
    strategy_id: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int = 100,
    cursor: str | None = None,
    method: str | None = None,
) -> Call[models.TaxLotPage]:
    """A page of what went of each asset and of which lot, oldest first. method: fifo (unless said) or average."""
    return get(
        f"{API}/tax-lots",
        models.TaxLotPage,
        asset=asset,
        strategy_id=strategy_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
        method=method,
    )


def performance(
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    instrument_id: str | None = None,
    strategy_id: str | None = None,
) -> Call[models.PerformanceMetrics]:
    """Win rate, profit, Sharpe, Sortino, drawdown; a figure that is not defined is None."""
    return get(
        f"{API}/performance",
        models.PerformanceMetrics,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
    )


def tear_sheet(
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    instrument_id: str | None = None,
    strategy_id: str | None = None,
    period: str | None = None,
    rolling_days: int | None = None,
) -> Call[models.TearSheet]:
    """The performance, and where it comes from: days, drawdowns, periods (day, week, month, quarter or year), rolling
    figures, and each strategy's part."""
    return get(
        f"{API}/performance/tear-sheet",
        models.TearSheet,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
        period=period,
        rolling_days=rolling_days,
    )


def statistics(
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    instrument_id: str | None = None,
    strategy_id: str | None = None,
) -> Call[models.TradeStatistics]:
    """How much was traded, on which side, as maker or taker, at what cost."""
    return get(
        f"{API}/statistics",
        models.TradeStatistics,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
    )
