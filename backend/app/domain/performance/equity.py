"""The equity curve, and its resampling to one value a UTC day."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from app.domain.performance.exact import EXACT
from app.domain.performance.round_trips import Realisation

DAY_NS = 86_400 * 10**9
_TIME_NS_LIMIT = 2**63


class EquitySample(NamedTuple):
    """The account's (or strategy's) equity in quote at one moment."""

    time_ns: int
    equity: Decimal


def realised_equity(realisations: Iterable[Realisation], starting_equity: Decimal) -> tuple[EquitySample, ...]:
    """The curve that realised profit less fees draws: one sample per fill, in the order given.

    It does not see open positions move; give equity samples marked to market where there are some.
    """
    equity = starting_equity
    samples: list[EquitySample] = []
    for time_ns, amount in realisations:
        equity = EXACT.add(equity, amount)
        samples.append(EquitySample(time_ns, equity))
    return tuple(samples)


def daily_equity(
    samples: Sequence[EquitySample],
    starting_equity: Decimal,
    *,
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> tuple[Decimal, ...]:
    """The last equity of each UTC day (00:00 to 24:00), days without a sample carried forward.

    samples must be in order of time. The days run from start_ns or the first sample to end_ns (exclusive) or the
    last sample, whichever is wider; before the first sample the starting equity holds. Empty without any of them.
    Raises ValueError for samples out of order, equity that is not finite and times outside 63 bits.
    """
    check_samples(samples)
    days = [sample.time_ns // DAY_NS for sample in samples]
    last_days = [*days[-1:], *([(_checked(end_ns) - 1) // DAY_NS] if end_ns is not None else [])]
    if not last_days or (start_ns is None and not samples):
        return ()
    closes = dict(zip(days, (sample.equity for sample in samples), strict=True))
    equity = starting_equity
    result: list[Decimal] = []
    for day in range(first_day(samples, start_ns), max(last_days) + 1):
        equity = closes.get(day, equity)
        result.append(equity)
    return tuple(result)


def first_day(samples: Sequence[EquitySample], start_ns: int | None) -> int:
    """The day, since 1970, that daily_equity begins with; there must be a sample or a start."""
    return min(
        _checked(at_ns) // DAY_NS for at_ns in (*(one.time_ns for one in samples[:1]), start_ns) if at_ns is not None
    )


def check_samples(samples: Sequence[EquitySample]) -> None:
    """Raise ValueError unless the samples are finite and in order of time."""
    previous = 0
    for index, (time_ns, equity) in enumerate(samples):
        if _checked(time_ns) < previous:
            raise ValueError(f"equity sample {index} at {time_ns} ns: must not be before its predecessor's {previous}")
        if not equity.is_finite():
            raise ValueError(f"equity sample {index} equity {equity}: must be finite")
        previous = time_ns


def _checked(time_ns: int) -> int:
    if not 0 <= time_ns < _TIME_NS_LIMIT:
        raise ValueError(f"time_ns {time_ns}: must be nanoseconds since 1970 within 63 bits")
    return time_ns
