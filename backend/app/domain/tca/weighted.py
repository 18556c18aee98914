"""A figure of many orders together: its mean by notional, how it is spread, how far the mean can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.money import ZERO, rounded
from app.domain.tca.clusters import CLUSTERS_MIN, Interval, interval_by_cluster
from app.domain.tca.distribution import Distribution
from app.domain.tca.slippage import PLACES


@dataclass(frozen=True, slots=True)
class Weighted:
    """mean: by notional. p5 to p95: of the orders, each counted once. n: so many orders, of so many days. interval: of
    the mean; None where there is none, and why says why."""

    n: int
    days: int
    mean: Decimal
    p5: Decimal
    p25: Decimal
    median: Decimal
    p75: Decimal
    p95: Decimal
    interval: Interval | None
    why: str


class WeightedFigure:
    """Adds up order by order; what it holds grows with the days alone."""

    def __init__(self, unit: Decimal) -> None:
        self._weight, self._sum = ZERO, ZERO
        self._spread = Distribution(unit)
        self._days: dict[date, tuple[float, float]] = {}

    def add(self, day: date, weight: Decimal, value: Decimal) -> None:
        """One order. weight: its notional, above zero."""
        self._weight += weight
        self._sum += weight * value
        self._spread.add(value)
        before = self._days.get(day, (0.0, 0.0))
        self._days[day] = (before[0] + float(weight), before[1] + float(weight * value))

    @property
    def days(self) -> Mapping[date, tuple[float, float]]:
        """Of each the sum of the weights, and of weight * value."""
        return self._days

    def told(self) -> Weighted | None:
        """None of nothing."""
        if not self._weight:
            return None
        interval, days = interval_by_cluster(self._days.values()), len(self._days)
        why = "" if interval is not None else f"too few days: {days}, an interval takes {CLUSTERS_MIN}"
        mean = rounded(self._sum / self._weight, PLACES)
        p5, p25, median, p75, p95 = self._spread.quantiles()
        return Weighted(self._spread.n, days, mean, p5, p25, median, p75, p95, interval, why)
