"""Latencies by their quantiles; a mean of them says nothing."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds: half, 95 and 99 of a hundred were not longer. n: of how many."""

    n: int
    p50: float
    p95: float
    p99: float


def latency(nanoseconds: Iterable[int]) -> Latency | None:
    """By nearest rank, so each is one that was measured; None of none."""
    sorted_ns = sorted(nanoseconds)
    if not sorted_ns:
        return None

    def at(quantile: float) -> float:
        return sorted_ns[math.ceil(quantile * len(sorted_ns)) - 1] / 1e6

    return Latency(len(sorted_ns), at(0.5), at(0.95), at(0.99))
