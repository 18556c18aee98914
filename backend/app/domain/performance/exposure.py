"""Exposure time: the part of a window in which any position was open."""

from collections.abc import Callable, Iterable

from app.domain.performance.round_trips import RoundTrip

CoveredIn = Callable[[int, int], int]
"""How much of [start_ns, end_ns) at least one trip covers, in nanoseconds."""


def exposure_time(covered: CoveredIn, start_ns: int, end_ns: int) -> float | None:
    """Fraction, 0 to 1, of [start_ns, end_ns) in which something was held. None for an empty window."""
    return covered(start_ns, end_ns) / (end_ns - start_ns) if end_ns > start_ns else None


def covered_ns(trips: Iterable[RoundTrip], start_ns: int, end_ns: int) -> int:
    """How much of [start_ns, end_ns) at least one trip covers; open trips reach to its end.
    Overlapping trips count once."""
    spans = sorted(
        (max(trip.opened_ns, start_ns), end_ns if trip.closed_ns is None else min(trip.closed_ns, end_ns))
        for trip in trips
    )
    covered, reached_ns = 0, start_ns
    for opened_ns, closed_ns in spans:
        covered += max(0, closed_ns - max(opened_ns, reached_ns))
        reached_ns = max(reached_ns, closed_ns)
    return covered
