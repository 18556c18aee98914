"""The venue's clock, estimated from public/time: of the latest samples the one with the shortest round trip counts.

The estimate rides on the monotonic clock, so that a step of the computer's wall clock does not move it. A step of the
venue's clock, or a machine that was suspended, shows as two samples that cannot both be true: the older one is void.
"""

from collections import deque
from dataclasses import dataclass

from app.clock import NS_PER_MS, NS_PER_SECOND, Clock

SAMPLES = 8
RESOLUTION_NS = NS_PER_MS
"""OKX cuts its time to milliseconds."""
DRIFT_PER_MILLION = 100
"""How far two clocks that run may part: crystals are within 50 ppm, and being slewed adds as much."""

STANDSTILL_NS = NS_PER_SECOND // 4
"""A change of wall minus monotonic time that no slewing explains: a step of the one or a stop of the other."""


@dataclass(frozen=True, slots=True)
class Sample:
    """offset_ns: the venue's time minus our monotonic time. round_trip_ns bounds its error by half of itself.

    at_ns: our monotonic time in the middle of it. wall_ns: the computer's wall clock minus the monotonic one.
    """

    offset_ns: int
    round_trip_ns: int
    at_ns: int = 0
    wall_ns: int = 0

    def contradicts(self, other: "Sample") -> bool:
        """Whether no pair of running clocks could have given both: one of them stepped or stood still in between."""
        possible = (self.round_trip_ns + other.round_trip_ns) // 2 + RESOLUTION_NS + drift_ns(self.at_ns - other.at_ns)
        return abs(self.offset_ns - other.offset_ns) > possible


def drift_ns(elapsed_ns: int) -> int:
    return abs(elapsed_ns) * DRIFT_PER_MILLION // 1_000_000


class TimeSync:
    """Venue time now = monotonic time + offset. Until the first sample the computer's wall clock stands in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._samples: deque[Sample] = deque(maxlen=SAMPLES)
        self._best: Sample | None = None

    @property
    def synchronised(self) -> bool:
        return self._best is not None

    @property
    def sampled_ns(self) -> int | None:
        """The monotonic time of the latest sample."""
        return self._samples[-1].at_ns if self._samples else None

    def now_ns(self) -> int:
        if self._best is None:
            return self._clock.now_ns()
        return self._clock.monotonic_ns() + self._best.offset_ns

    def add(self, sent_ns: int, received_ns: int, server_ms: int) -> Sample:
        """One exchange with public/time: monotonic times of sending and receiving, the venue's milliseconds, to which
        half a millisecond is added on average."""
        middle_ns = (sent_ns + received_ns) // 2
        offset_ns = server_ms * NS_PER_MS + NS_PER_MS // 2 - middle_ns
        sample = Sample(offset_ns, received_ns - sent_ns, middle_ns, self._wall_ns())
        void = [number for number, older in enumerate(self._samples) if sample.contradicts(older)]
        for _ in range(void[-1] + 1 if void else 0):
            self._samples.popleft()
        self._samples.append(sample)
        self._best = min(self._samples, key=lambda each: each.round_trip_ns)
        return sample

    @property
    def doubtful(self) -> bool:
        """Whether one of our own clocks has stepped or stood still since the latest sample: ask for the time."""
        return self._shift_ns() > STANDSTILL_NS

    def uncertainty_ns(self) -> int:
        """How far now_ns() may be off, either way, if the venue's clock has not stepped since the latest sample."""
        if self._best is None:
            return abs(self._clock.now_ns())
        elapsed_ns = self._clock.monotonic_ns() - self._best.at_ns
        doubt_ns = self._shift_ns() if self.doubtful else 0
        return self._best.round_trip_ns // 2 + RESOLUTION_NS + drift_ns(elapsed_ns) + doubt_ns

    def wall_offset_ns(self) -> int:
        """The venue's time minus the computer's wall clock; 0 before the first sample."""
        return self.now_ns() - self._clock.now_ns() if self.synchronised else 0

    def _wall_ns(self) -> int:
        return self._clock.now_ns() - self._clock.monotonic_ns()

    def _shift_ns(self) -> int:
        return abs(self._wall_ns() - self._samples[-1].wall_ns) if self._samples else 0
