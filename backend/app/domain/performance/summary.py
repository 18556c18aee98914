"""Everything about a strategy's or account's performance in one frozen record: the front door of this package.

Trades come from the fills (round trips by average cost), risk from the equity curve (daily returns, UTC).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.performance.cagr import cagr
from app.domain.performance.calmar import calmar_ratio
from app.domain.performance.curve import WHOLE_DAYS_MIN, Curve
from app.domain.performance.drawdown import max_drawdown
from app.domain.performance.equity import EquitySample, realised_equity
from app.domain.performance.expectancy import expectancy, r_multiple
from app.domain.performance.exposure import exposure_time
from app.domain.performance.fills import ZERO, TripFill
from app.domain.performance.omega import omega_ratio
from app.domain.performance.outcomes import win_rate
from app.domain.performance.payoff import average_loss, average_win, payoff_ratio
from app.domain.performance.probability import probabilistic_sharpe_ratio
from app.domain.performance.profit_factor import profit_factor
from app.domain.performance.ratio import ratio
from app.domain.performance.round_trips import RoundTrips, round_trips
from app.domain.performance.sharpe import sharpe_ratio, sharpe_standard_error
from app.domain.performance.sortino import sortino_ratio
from app.domain.performance.stability import stability
from app.domain.performance.stretches import TripFigures, figures_of
from app.domain.performance.sums import TripSums
from app.domain.performance.tail import tail_ratio
from app.domain.performance.turnover import turnover
from app.domain.performance.value_at_risk import conditional_value_at_risk, value_at_risk
from app.domain.performance.volatility import volatility


@dataclass(frozen=True, slots=True)
class Performance:
    """Money is Decimal in quote; statistics are finite floats, or None where undefined (never NaN or infinity).

    A trade is a closed round trip, its profit net of fees; losses (gross_loss, average_loss, largest_loss) and
    drawdowns are zero or negative. net_profit = gross_profit + gross_loss covers closed trips; realized_profit
    covers every fill: closed trips, what open ones have realised, dust, and all fees. total_fees and total_volume
    also cover every fill. Ratios of risk are annualised; return_count daily returns stand behind them.
    """

    total_trades: int
    winning_trades: int
    losing_trades: int
    scratch_trades: int
    open_trips: int
    win_rate: float | None
    gross_profit: Decimal
    gross_loss: Decimal
    net_profit: Decimal
    realized_profit: Decimal
    total_fees: Decimal
    total_volume: Decimal
    profit_factor: float | None
    expectancy: Decimal | None
    r_multiple: float | None
    average_win: Decimal | None
    average_loss: Decimal | None
    payoff_ratio: float | None
    largest_win: Decimal | None
    largest_loss: Decimal | None
    average_trade_seconds: float | None
    starting_equity: Decimal
    ending_equity: Decimal
    total_return: float | None
    return_count: int
    sharpe_ratio: float | None
    sharpe_standard_error: float | None
    probabilistic_sharpe_ratio: float | None
    sortino_ratio: float | None
    volatility: float | None
    cagr: float | None
    calmar_ratio: float | None
    omega_ratio: float | None
    tail_ratio: float | None
    stability: float | None
    value_at_risk: float | None
    conditional_value_at_risk: float | None
    max_drawdown: float | None
    max_drawdown_amount: Decimal
    max_drawdown_duration_seconds: float
    max_drawdown_peak_ns: int | None
    max_drawdown_trough_ns: int | None
    turnover: float | None
    exposure_time: float | None
    fill_count: int
    first_fill_ns: int | None
    last_fill_ns: int | None


def performance_summary(
    fills: Iterable[TripFill],
    starting_equity: Decimal,
    equity_samples: Sequence[EquitySample] | None = None,
    periods_per_year: float = 365,
    *,
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> Performance:
    """Summarise fills and, when given, equity samples marked to market (in order of time).

    Without samples the curve is the starting equity plus realised profit less fees at each fill. start_ns and
    end_ns (exclusive) widen the window, so that idle days before and after count as returns of zero and as time
    without exposure; they do not filter. A starting or daily equity of zero or below leaves the ratios of risk
    None: there are no returns on it.
    Raises ValueError for a starting equity that is not finite and whatever round_trips and daily_equity refuse.
    """
    return summarise(
        round_trips(fills), starting_equity, equity_samples, periods_per_year, start_ns=start_ns, end_ns=end_ns
    )


def summarise(
    trips: RoundTrips,
    starting_equity: Decimal,
    equity_samples: Sequence[EquitySample] | None = None,
    periods_per_year: float = 365,
    *,
    start_ns: int | None = None,
    end_ns: int | None = None,
    growth: Sequence[EquitySample] | None = None,
) -> Performance:
    """As performance_summary, over round trips already folded (round_trips gives those of a window).

    growth: what one unit became by the time of each sample, its returns chained between flows, for every measure that
    is a ratio; the samples themselves then say amounts of money. Ratios of risk (Sharpe, Sortino, volatility, growth a
    year, Calmar, Omega, tail, stability, value at risk) are None until the window has two whole days.
    """
    samples = realised_equity(trips.realisations, starting_equity) if equity_samples is None else equity_samples
    return measure(figures_of(trips), Curve(starting_equity, samples, growth, start_ns, end_ns), periods_per_year)


def measure(trips: TripFigures, curve: Curve, periods_per_year: float = 365) -> Performance:
    """As summarise, over figures of trips, which may be those of many stretches, and a curve of its own."""
    starting_equity, samples, start_ns = curve.starting_equity, curve.samples, curve.start_ns
    if not starting_equity.is_finite():
        raise ValueError(f"starting_equity {starting_equity}: must be finite")
    grown, unit = curve.grown, curve.unit
    returns = curve.returns() or ()
    drawdown = max_drawdown(grown, unit, start_ns=start_ns)
    in_money = drawdown if curve.growth is None else max_drawdown(samples, starting_equity, start_ns=start_ns)
    deepest = drawdown.fraction if drawdown else None
    risky = returns if curve.whole_days() >= WHOLE_DAYS_MIN else ()
    yearly = cagr(risky, periods_per_year)
    ending_equity = +samples[-1].equity if samples else starting_equity

    sums = trips.sums
    return Performance(
        **_of_trips(sums),
        open_trips=trips.open_trips,
        starting_equity=starting_equity,
        ending_equity=ending_equity,
        total_return=ratio((grown[-1].equity if grown else unit) - unit, unit) if unit > 0 else None,
        return_count=len(returns),
        sharpe_ratio=sharpe_ratio(risky, periods_per_year),
        sharpe_standard_error=sharpe_standard_error(risky, periods_per_year),
        probabilistic_sharpe_ratio=probabilistic_sharpe_ratio(risky),
        sortino_ratio=sortino_ratio(risky, periods_per_year),
        volatility=volatility(risky, periods_per_year),
        cagr=yearly,
        calmar_ratio=calmar_ratio(yearly, deepest),
        omega_ratio=omega_ratio(risky),
        tail_ratio=tail_ratio(risky),
        stability=stability(risky),
        value_at_risk=value_at_risk(risky),
        conditional_value_at_risk=conditional_value_at_risk(risky),
        max_drawdown=deepest,
        max_drawdown_amount=in_money.amount if in_money else ZERO,
        max_drawdown_duration_seconds=drawdown.duration_seconds if drawdown else 0.0,
        max_drawdown_peak_ns=drawdown.peak_ns if drawdown else None,
        max_drawdown_trough_ns=drawdown.trough_ns if drawdown else None,
        turnover=turnover(+sums.volume, curve.equities()),
        exposure_time=_exposure(trips, samples, start_ns, curve.end_ns),
        fill_count=sums.fill_count,
        first_fill_ns=sums.first_fill_ns,
        last_fill_ns=sums.last_fill_ns,
    )


def _of_trips(sums: TripSums) -> dict[str, Any]:
    """What the trades say, by the names of Performance. Sums are exact so far: here they are rounded, once."""
    outcomes = sums.outcomes
    return {
        "total_trades": outcomes.trades,
        "winning_trades": outcomes.wins,
        "losing_trades": outcomes.losses,
        "scratch_trades": outcomes.scratches,
        "win_rate": win_rate(outcomes),
        "gross_profit": +outcomes.won,
        "gross_loss": +outcomes.lost,
        "net_profit": +outcomes.net,
        "realized_profit": +sums.realised,
        "total_fees": +sums.fees,
        "total_volume": +sums.volume,
        "profit_factor": profit_factor(outcomes),
        "expectancy": expectancy(outcomes),
        "r_multiple": r_multiple(outcomes),
        "average_win": average_win(outcomes),
        "average_loss": average_loss(outcomes),
        "payoff_ratio": payoff_ratio(outcomes),
        "largest_win": outcomes.largest_win,
        "largest_loss": outcomes.largest_loss,
        "average_trade_seconds": sums.held_ns / outcomes.trades / 1e9 if outcomes.trades else None,
    }


def _exposure(
    trips: TripFigures, samples: Sequence[EquitySample], start_ns: int | None, end_ns: int | None
) -> float | None:
    """Exposure over the widest window that the fills, the samples and the arguments span: the part of it in which
    something was held."""
    fills = (trips.sums.first_fill_ns, trips.sums.last_fill_ns)
    times = [*fills, *(sample.time_ns for sample in (*samples[:1], *samples[-1:]))]
    starts = [at_ns for at_ns in (*times, start_ns) if at_ns is not None]
    ends = [at_ns for at_ns in (*times, end_ns) if at_ns is not None]
    return exposure_time(trips.covered, min(starts), max(ends)) if starts and ends else None
