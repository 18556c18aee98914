"""Performance as it is answered: the figures of app.domain.performance, rounded, with funding and what was left out."""

import math
from datetime import datetime
from decimal import Decimal

from app.clock import utc
from app.domain.money import ZERO, rounded
from app.domain.performance import Performance
from app.services.trading.reports.trip_fills import Rates
from app.services.trading.schemas import PerformanceMetrics

MONEY_PLACES = 18


def performance_metrics(
    result: Performance,
    funding: Decimal,
    rates: Rates,
    currency: str,
    start_date: datetime | None,
    end_date: datetime | None,
    instrument_id: str | None,
    strategy_id: str | None,
) -> PerformanceMetrics:
    """The figures as they are shown. currency: that all of them are in; funding: what bills brought in."""
    return PerformanceMetrics(
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
        valuation_currency=currency,
        total_trades=result.total_trades,
        winning_trades=result.winning_trades,
        losing_trades=result.losing_trades,
        scratch_trades=result.scratch_trades,
        open_trips=result.open_trips,
        win_rate=_ratio(result.win_rate),
        gross_profit=_money(result.gross_profit),
        gross_loss=_money(result.gross_loss),
        net_profit=_money(result.realized_profit + funding),
        total_fees=_money(result.total_fees),
        realised_pnl=_money(result.realized_profit + result.total_fees),
        total_funding=_money(funding),
        total_volume=_money(result.total_volume),
        profit_factor=_ratio(result.profit_factor),
        expectancy=_money(result.expectancy),
        average_win=_money(result.average_win),
        average_loss=_money(result.average_loss),
        payoff_ratio=_ratio(result.payoff_ratio),
        r_multiple=_ratio(result.r_multiple),
        largest_win=_money(result.largest_win),
        largest_loss=_money(result.largest_loss),
        average_trade_seconds=_ratio(result.average_trade_seconds),
        starting_equity=_money(result.starting_equity),
        ending_equity=_money(result.ending_equity),
        total_return=_ratio(result.total_return),
        cagr=_ratio(result.cagr),
        sharpe_ratio=_ratio(result.sharpe_ratio),
        sharpe_standard_error=_ratio(result.sharpe_standard_error),
        sortino_ratio=_ratio(result.sortino_ratio),
        volatility=_ratio(result.volatility),
        max_drawdown=_ratio(result.max_drawdown),
        max_drawdown_amount=_money(result.max_drawdown_amount),
        max_drawdown_duration_seconds=result.max_drawdown_duration_seconds,
        max_drawdown_peak_at=_moment(result.max_drawdown_peak_ns),
        max_drawdown_trough_at=_moment(result.max_drawdown_trough_ns),
        calmar_ratio=_ratio(result.calmar_ratio),
        omega_ratio=_ratio(result.omega_ratio),
        tail_ratio=_ratio(result.tail_ratio),
        stability=_ratio(result.stability),
        turnover=_ratio(result.turnover),
        exposure_time=_ratio(result.exposure_time),
        fill_count=result.fill_count,
        first_trade_at=_moment(result.first_fill_ns),
        last_trade_at=_moment(result.last_fill_ns),
        days=result.return_count,
        notes=tuple(rates.notes),
    )


def _ratio(value: float | None) -> float:
    return math.nan if value is None else value


def _moment(ns: int | None) -> datetime | None:
    return None if ns is None else utc(ns)


def _money(value: Decimal | None) -> Decimal:
    return ZERO if value is None else rounded(value, MONEY_PLACES)
