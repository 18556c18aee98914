"""What a market trades in each hour of the week: learned from its hourly volumes, and asked for a span of time.

Pure. Days differ by more than their hours do, so what is learned is each hour's share of its UTC day: over whole days
alone, as medians, so that one wild day is one day. A few weeks hold a handful of Mondays; they count the more, the more
there are, against the same hours of all days.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from app.domain.money import ONE, ZERO
from app.domain.refusals import InvalidValue

HOUR_NS = 3_600_000_000_000
DAY_HOURS, WEEK_HOURS = 24, 168
DAY_NS = DAY_HOURS * HOUR_NS
MONDAY_NS = 4 * DAY_NS
"""The first Monday 00:00 UTC after 1970-01-01, a Thursday."""

SHRINKAGE = 4
"""k of n / (n + k): so many Mondays weigh as much, for Mondays, as all days do."""
FLOOR = Decimal("0.05")
"""No hour counts for less than so much of the average one: where the past traded nothing, the market may yet."""
STEP = Decimal("0.001")

Curve = tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class HourVolume:
    """What was traded in the hour that began at start_ns; size in the instrument's unit."""

    start_ns: int
    size: Decimal


def whole_days(hours: Iterable[HourVolume]) -> dict[int, list[Decimal]]:
    """By its start (ns), each UTC day of which all 24 hours are told and something was traded; oldest first. An hour
    that is told twice counts as it was told last; what does not begin with an hour is left out."""
    days: dict[int, dict[int, Decimal]] = {}
    for each in hours:
        day, into = divmod(each.start_ns, DAY_NS)
        if into % HOUR_NS == 0:
            days.setdefault(day * DAY_NS, {})[into // HOUR_NS] = each.size
    return {
        day: [sizes[hour] for hour in range(DAY_HOURS)]
        for day, sizes in sorted(days.items())
        if len(sizes) == DAY_HOURS and sum(sizes.values()) > 0
    }


def hour_of_week_curve(days: Mapping[int, Sequence[Decimal]]) -> Curve:
    """168 numbers from Monday 00:00 UTC: what each hour trades over what the average hour does, by `whole_days`. A day
    of the week is the medians of its hours, shrunk towards those of all days by how few there are of it, then smoothed
    with the neighbouring hours (1-2-1, round the week). Empty without a day."""
    if not days:
        return ()
    any_day = _profile(days.values())
    week: list[Decimal] = []
    for of_week in range(7):
        like = [sizes for day, sizes in days.items() if weekday(day) == of_week]
        weight = Decimal(len(like)) / (len(like) + SHRINKAGE)
        week += [weight * own + (ONE - weight) * x for own, x in zip(_profile(like), any_day, strict=True)]
    smooth = [(week[hour - 1] + 2 * x + week[(hour + 1) % WEEK_HOURS]) / 4 for hour, x in enumerate(week)]
    return tuple(max(x, FLOOR).quantize(STEP, rounding=ROUND_HALF_EVEN) for x in smooth)


def weekday(day_ns: int) -> int:
    """Of a UTC day that begins then; 0 is Monday."""
    return (day_ns - MONDAY_NS) // DAY_NS % 7


def expected_volume(curve: Sequence[Decimal], from_ns: int, to_ns: int) -> Decimal:
    """What a curve by hour of day or week expects between two UTC instants, evenly within each hour; in its unit times
    nanoseconds. Raises InvalidValue for a curve of another length."""
    if len(curve) not in (DAY_HOURS, WEEK_HOURS):
        raise InvalidValue("volume_curve", f"{len(curve)} numbers", "must be 24 or 168 numbers")
    total, at_ns = ZERO, from_ns
    while at_ns < to_ns:
        hour = (at_ns - MONDAY_NS) // HOUR_NS
        until_ns = min(to_ns, MONDAY_NS + (hour + 1) * HOUR_NS)
        total += curve[hour % len(curve)] * (until_ns - at_ns)
        at_ns = until_ns
    return total


def _profile(days: Collection[Sequence[Decimal]]) -> list[Decimal]:
    """Of each hour of the day the median of its shares of the days, levelled to a mean of 1; flat where there is
    nothing: without a day, or where each hour trades on few of them."""
    shares = [[size / total for size in sizes] for sizes in days for total in (sum(sizes, ZERO),)]
    medians = [_median([day[hour] for day in shares]) for hour in range(DAY_HOURS)] if shares else []
    total = sum(medians, ZERO)
    return [x * DAY_HOURS / total for x in medians] if total else [ONE] * DAY_HOURS


def _median(values: Sequence[Decimal]) -> Decimal:
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
