"""What the arms of a wheel cost against each other. A winner is named only where an interval says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from statistics import fmean

from app.domain.money import rounded
from app.domain.tca.clusters import CLUSTERS_MIN, LEVEL
from app.domain.tca.sequential import interval_at_any_time
from app.domain.tca.slippage import PLACES
from app.services.trading.reports.cost_views import ArmComparison

UNMEASURED_MAX = 0.05
"""Of an arm's orders; where the cost of more is not known, what is known may be the cheap part of it."""


@dataclass(frozen=True, slots=True)
class ArmCosts:
    """Of one arm. days: of each the weights of its orders and what these come to with their whole costs, in bps."""

    wheel: str
    arm: str
    currency: str
    orders: int
    unmeasured: int
    days: Mapping[date, tuple[float, float]]


def compared(arms: Iterable[ArmCosts]) -> list[ArmComparison]:
    """Every two arms of each wheel. The days that have both are the draws, so neither another weight from some day on
    nor a wild day favours one; the intervals hold for all looks and for all pairs of a wheel together."""
    wheels: dict[tuple[str, str], list[ArmCosts]] = {}
    for each in arms:
        wheels.setdefault((each.wheel, each.currency), []).append(each)
    found: list[ArmComparison] = []
    for _, some in sorted(wheels.items()):
        pairs = list(combinations(sorted(some, key=lambda each: each.arm), 2))
        found += [_compared(first, second, 1 - (1 - LEVEL) / len(pairs)) for first, second in pairs]
    return found


def _compared(first: ArmCosts, second: ArmCosts, level: float) -> ArmComparison:
    both = sorted(first.days.keys() & second.days.keys())
    draws = [_mean(first.days[day]) - _mean(second.days[day]) for day in both]
    interval, cheaper, why = interval_at_any_time(draws, level), None, ""
    unknown = [each for each in (first, second) if each.unmeasured > UNMEASURED_MAX * each.orders]
    if interval is None:
        why = f"too few days that have both: {len(draws)}, an interval takes {CLUSTERS_MIN}"
    elif unknown:
        each = unknown[0]
        why = f"the whole cost of {each.unmeasured} of {each.orders} orders of {each.arm} is not known"
    elif interval.low <= 0 <= interval.high:
        why = "not decided: the interval holds zero"
    else:
        cheaper = first.arm if interval.high < 0 else second.arm
    mean = rounded(Decimal(str(fmean(draws))), PLACES) if draws else None
    of = (first.wheel, first.currency, first.arm, second.arm)
    return ArmComparison(*of, len(draws), mean, interval, cheaper, why)


def _mean(day: tuple[float, float]) -> float:
    weight, total = day
    return total / weight
