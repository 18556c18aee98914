"""Native histograms of Prometheus: buckets that grow by a fixed factor, kept where anything fell, none chosen before.

prometheus_client keeps and renders classic buckets alone; what it lacks is here. As Prometheus' own client in Go counts
them: bucket i holds what is above base^(i-1) and at most base^i, where base is 2^(2^-schema).
"""

from collections import Counter
from collections.abc import Iterator
from math import ceil, log2

SCHEMA = 3
"""Each bucket ends 9 % above the one before."""
BUCKETS_MAX = 160
"""Of more, two neighbours become one."""
ZERO_THRESHOLD = 2.0**-30
"""A nanosecond: what took less took no time."""


class NativeBuckets:
    """Of one measurement with one set of labels."""

    __slots__ = ("counts", "schema", "zeros")

    def __init__(self) -> None:
        self.schema = SCHEMA
        self.zeros = 0
        self.counts: Counter[int] = Counter()

    def observe(self, value: float) -> None:
        if value <= ZERO_THRESHOLD:
            self.zeros += 1
            return
        self.counts[ceil(log2(value) * 2**self.schema)] += 1
        if len(self.counts) > BUCKETS_MAX:
            coarser = Counter[int]()
            for index, count in self.counts.items():
                coarser[ceil(index / 2)] += count
            self.schema, self.counts = self.schema - 1, coarser

    def spans(self) -> Iterator[tuple[int, list[int]]]:
        """Runs of neighbours: how far after the end of the run before (the first: after 0), and their counts."""
        runs: list[tuple[int, list[int]]] = []
        for index in sorted(self.counts):
            if runs and index == runs[-1][0] + len(runs[-1][1]):
                runs[-1][1].append(self.counts[index])
            else:
                runs.append((index, [self.counts[index]]))
        end = 0
        for index, run in runs:
            yield index - end, run
            end = index + len(run)
