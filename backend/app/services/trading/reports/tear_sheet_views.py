"""A tear sheet as it is answered: the figures, and how they came about day by day. Beside metrics.py."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.services.trading.schemas import PerformanceMetrics


@dataclass(frozen=True, slots=True)
class DayReturn:
    """The close of a UTC day. equity: what the period began with and has earned since; growth: what one unit of the
    start has become; change: the day's return, None where there was nothing that could have one."""

    day: str
    equity: Decimal
    growth: Decimal
    change: float | None


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """Days together, as far as they are in what was asked for. change: their returns chained."""

    name: str
    first_day: str
    last_day: str
    profit: Decimal
    change: float | None


@dataclass(frozen=True, slots=True)
class DrawdownFigures:
    """One time below a former peak; recovered_at is None while it lasts. change: zero or negative, None where the peak
    was not above zero. amount: by the same curve, of one unit (total return) where money came or went."""

    change: float | None
    amount: Decimal
    peak_at: datetime
    trough_at: datetime
    recovered_at: datetime | None
    duration_seconds: float


@dataclass(frozen=True, slots=True)
class RollingFigures:
    """Of the `rolling_days` days that end with this one."""

    day: str
    total_return: float | None
    volatility: float | None
    sharpe_ratio: float | None
    max_drawdown: float


@dataclass(frozen=True, slots=True)
class StrategyPart:
    """A strategy's part. strategy_id None: what is left of the whole, by hand, of before us, and what bills brought in,
    which are shared among no strategies; then it has no trips of its own to count."""

    strategy_id: str | None
    total_trades: int | None
    win_rate: float | None
    profit_factor: float | None
    net_profit: Decimal
    unrealized_pnl: Decimal | None
    total_fees: Decimal
    total_volume: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TearSheet:
    """Figures of a period, and where they come from. missing: which figures there are none of, and why."""

    metrics: PerformanceMetrics
    period: str
    rolling_days: int
    starting_equity: Decimal
    days: tuple[DayReturn, ...]
    periods: tuple[PeriodFigures, ...]
    drawdowns: tuple[DrawdownFigures, ...]
    rolling: tuple[RollingFigures, ...]
    strategies: tuple[StrategyPart, ...]
    missing: tuple[str, ...]
