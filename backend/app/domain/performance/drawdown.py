"""Maximum drawdown: how deep, how much money, how long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from app.domain.performance.equity import EquitySample, check_samples
from app.domain.performance.fills import ONE, ZERO
from app.domain.performance.ratio import ratio
from app.domain.performance.returns import check_returns


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall, by fraction, of an equity curve from its highest point so far.

    fraction          zero or negative; below -1 when equity went below zero; None when the peak was not positive
    amount            the largest fall in money, zero or negative (it may be another episode than the fraction's)
    duration_seconds  from the last moment at the peak until it was reached again, or to the last sample;
                      duration_samples counts the same span in samples
    longest_seconds   the longest time below a former peak, of any depth
    peak_ns, trough_ns are None without a drawdown, recovered_ns also while it lasts
    """

    fraction: float | None
    amount: Decimal
    duration_seconds: float
    duration_samples: int
    longest_seconds: float
    peak_ns: int | None
    trough_ns: int | None
    recovered_ns: int | None


def max_drawdown(
    samples: Sequence[EquitySample], starting_equity: Decimal, *, start_ns: int | None = None
) -> Drawdown | None:
    """The maximum drawdown with the starting equity as first peak, held from start_ns or the first sample's time.

    None without samples. Raises ValueError for samples out of order or not finite.
    """
    check_samples(samples)
    if not samples:
        return None
    first_ns = samples[0].time_ns if start_ns is None else min(start_ns, samples[0].time_ns)
    curve = [EquitySample(first_ns, starting_equity), *samples]
    falls = list(_falls(curve))
    if not falls:
        return Drawdown(0.0, ZERO, 0.0, 0, 0.0, None, None, None)
    deepest = min(falls, key=lambda fall: _depth(curve, fall))
    peak, trough, end = curve[deepest.peak], curve[deepest.trough], curve[deepest.end]
    return Drawdown(
        fraction=ratio(trough.equity - peak.equity, peak.equity) if peak.equity > 0 else None,
        amount=min(curve[fall.trough].equity - curve[fall.peak].equity for fall in falls),
        duration_seconds=(end.time_ns - peak.time_ns) / 1e9,
        duration_samples=deepest.end - deepest.peak,
        longest_seconds=max(curve[fall.end].time_ns - curve[fall.peak].time_ns for fall in falls) / 1e9,
        peak_ns=peak.time_ns,
        trough_ns=trough.time_ns,
        recovered_ns=end.time_ns if deepest.recovered else None,
    )


@dataclass(frozen=True, slots=True)
class Episode:
    """One time below a former peak: from its last moment there until it was reached again, or (recovered_ns None) to
    the last sample. fraction, amount: at the lowest point, zero or negative; fraction None where the peak was not
    positive."""

    fraction: float | None
    amount: Decimal
    peak_ns: int
    trough_ns: int
    recovered_ns: int | None
    duration_seconds: float


def drawdowns(
    samples: Sequence[EquitySample], starting_equity: Decimal, *, start_ns: int | None = None, limit: int = 10
) -> tuple[Episode, ...]:
    """The deepest `limit` falls, deepest first; those without a fraction last. As max_drawdown otherwise."""
    check_samples(samples)
    if not samples:
        return ()
    first_ns = samples[0].time_ns if start_ns is None else min(start_ns, samples[0].time_ns)
    curve = [EquitySample(first_ns, starting_equity), *samples]
    deepest = sorted(_falls(curve), key=lambda fall: _depth(curve, fall))[:limit]
    return tuple(_episode(curve, fall) for fall in deepest)


def _depth(curve: Sequence[EquitySample], fall: "_Fall") -> Decimal:
    """A fall from a peak that is not positive has no fraction: it sorts behind all others."""
    top = curve[fall.peak].equity
    return curve[fall.trough].equity / top if top > 0 else ONE


def _episode(curve: Sequence[EquitySample], fall: "_Fall") -> Episode:
    peak, trough, end = curve[fall.peak], curve[fall.trough], curve[fall.end]
    return Episode(
        fraction=ratio(trough.equity - peak.equity, peak.equity) if peak.equity > 0 else None,
        amount=trough.equity - peak.equity,
        peak_ns=peak.time_ns,
        trough_ns=trough.time_ns,
        recovered_ns=end.time_ns if fall.recovered else None,
        duration_seconds=(end.time_ns - peak.time_ns) / 1e9,
    )


class _Fall(NamedTuple):
    """One time below a former peak, by index: peak (its last moment), lowest point, recovery or last sample."""

    peak: int
    trough: int
    end: int
    recovered: bool


def _falls(curve: Sequence[EquitySample]) -> Iterator[_Fall]:
    peak, trough = 0, None
    for index, (_, equity) in enumerate(curve):
        if equity >= curve[peak].equity:
            if trough is not None:
                yield _Fall(peak, trough, index, recovered=True)
            peak, trough = index, None
        elif trough is None or equity < curve[trough].equity:
            trough = index
    if trough is not None:
        yield _Fall(peak, trough, len(curve) - 1, recovered=False)


def max_drawdown_from_returns(returns: Sequence[float]) -> float:
    """The deepest fall of the compounded returns, as a fraction (zero or negative); 0.0 without returns."""
    check_returns(returns)
    equity = peak = 1.0
    deepest = 0.0
    for value in returns:
        equity *= 1 + value
        peak = max(peak, equity)
        deepest = min(deepest, equity / peak - 1)
    return deepest
