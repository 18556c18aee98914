"""The tear sheet: the figures of a period with their days, drawdowns, months, rolling figures and strategies. Stands
between trade_recorder.py and app.domain.performance.
"""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal

from app.clock import utc
from app.domain.money import ZERO, rounded
from app.domain.performance import Curve, Span, by_period, drawdowns, rolling
from app.services.trading.reports.metrics import MONEY_PLACES
from app.services.trading.reports.tear_sheet_views import (
    DayReturn,
    DrawdownFigures,
    PeriodFigures,
    RollingFigures,
    StrategyPart,
    TearSheet,
)
from app.services.trading.schemas import PerformanceMetrics

DRAWDOWNS_SHOWN = 10
ROLLING_DAYS = 30
ROLLING_DAYS_MAX = 365


def tear_sheet(
    metrics: PerformanceMetrics,
    curve: Curve,
    strategies: Sequence[PerformanceMetrics],
    *,
    span: Span,
    rolling_days: int,
) -> TearSheet:
    """strategies: the same figures of each strategy alone; empty where one was asked for."""
    days, returns = curve.days(), curve.returns()
    rolled = rolling(returns or (), rolling_days)
    falls = drawdowns(curve.grown, curve.unit, start_ns=curve.start_ns, limit=DRAWDOWNS_SHOWN)
    return TearSheet(
        metrics=metrics,
        period=span.value,
        rolling_days=rolling_days,
        starting_equity=_money(curve.starting_equity),
        days=tuple(
            DayReturn(each.day.isoformat(), _money(each.equity), _money(each.growth), each.change) for each in days
        ),
        periods=tuple(
            PeriodFigures(each.name, each.first.isoformat(), each.last.isoformat(), _money(each.profit), each.change)
            for each in by_period(days, curve.starting_equity, span)
        ),
        drawdowns=tuple(
            DrawdownFigures(
                each.fraction,
                _money(each.amount),
                utc(each.peak_ns),
                utc(each.trough_ns),
                None if each.recovered_ns is None else utc(each.recovered_ns),
                each.duration_seconds,
            )
            for each in falls
        ),
        rolling=tuple(
            RollingFigures(
                days[each.day].day.isoformat(),
                each.total_return,
                each.volatility,
                each.sharpe_ratio,
                each.max_drawdown,
            )
            for each in rolled
        ),
        strategies=tuple(_attributed(metrics, strategies)) if metrics.strategy_id is None else (),
        missing=tuple(_missing(metrics, curve, returns, rolling_days)),
    )


def _attributed(whole: PerformanceMetrics, strategies: Sequence[PerformanceMetrics]) -> Iterator[StrategyPart]:
    """Each strategy's part, and what is left of the whole."""
    for each in strategies:
        yield StrategyPart(
            each.strategy_id,
            each.total_trades,
            _finite(each.win_rate),
            _finite(each.profit_factor),
            each.net_profit,
            each.unrealized_pnl,
            each.total_fees,
            each.total_volume,
        )
    known = [each.unrealized_pnl for each in (whole, *strategies)]
    open_now = None if None in known else sum((-one for one in known[1:] if one is not None), known[0] or ZERO)
    yield StrategyPart(
        None,
        None,
        None,
        None,
        sum((-each.net_profit for each in strategies), whole.net_profit),
        open_now,
        sum((-each.total_fees for each in strategies), whole.total_fees),
        sum((-each.total_volume for each in strategies), whole.total_volume),
    )


def _missing(
    metrics: PerformanceMetrics, curve: Curve, returns: Sequence[float] | None, rolling_days: int
) -> Iterator[str]:
    """Which figures there are none of, and why."""
    if not metrics.total_trades:
        yield "win rate, expectancy and all else of closed trips: none closed in this period"
    elif not metrics.losing_trades:
        yield "profit factor, payoff ratio and R multiple: no trip lost"
    elif not metrics.winning_trades:
        yield "payoff ratio: no trip won"
    if returns is None:
        yield "ratios of risk, volatility and rolling figures: a day began with an equity of zero or below"
        return
    whole = curve.whole_days()
    if math.isnan(metrics.volatility):
        yield f"ratios of risk: they need two whole days, and there are {whole}"
    elif math.isnan(metrics.sharpe_ratio):
        yield "Sharpe ratio: every day's return is the same"
    if not math.isnan(metrics.cagr) and math.isnan(metrics.calmar_ratio):
        yield "Calmar ratio: there was no drawdown"
    if len(returns) < rolling_days:
        yield f"rolling figures: they need {rolling_days} days, and there are {len(returns)}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _money(value: Decimal) -> Decimal:
    return rounded(value, MONEY_PLACES)
