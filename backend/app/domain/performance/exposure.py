"""Exposure time: the part of a window in which any position was open."""

from collections.abc import Iterable

from app.domain.performance.round_trips import RoundTrip


def exposure_time(trips: Iterable[RoundTrip], start_ns: int, end_ns: int) -> float | None:
    """Fraction, 0 to 1, of [start_ns, end_ns) covered by at least one trip; open trips reach to its end.

    Overlapping trips count once. None for an empty window.
    """
    if end_ns <= start_ns:
        return None
    spans = sorted(
        (max(trip.opened_ns, start_ns), end_ns if trip.closed_ns is None else min(trip.closed_ns, end_ns))
        for trip in trips
    )
    covered_ns, reached_ns = 0, start_ns
    for opened_ns, closed_ns in spans:
        covered_ns += max(0, closed_ns - max(opened_ns, reached_ns))
        reached_ns = max(reached_ns, closed_ns)
    return covered_ns / (end_ns - start_ns)
