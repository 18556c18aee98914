"""The venue's clock, estimated from public/time: of the latest samples the one with the shortest round trip counts.

The estimate rides on the monotonic clock, so that a step of the computer's wall clock does not move it.
"""

from collections import deque
from dataclasses import dataclass

from app.clock import Clock

SAMPLES = 8
NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """offset_ns: the venue's time minus our monotonic time. round_trip_ns bounds its error by half of itself."""

    offset_ns: int
    round_trip_ns: int


class TimeSync:
    """Venue time now = monotonic time + offset. Until the first sample the computer's wall clock stands in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._samples: deque[Sample] = deque(maxlen=SAMPLES)
        self._offset_ns: int | None = None

    @property
    def synchronised(self) -> bool:
        return self._offset_ns is not None

    def now_ns(self) -> int:
        if self._offset_ns is None:
            return self._clock.now_ns()
        return self._clock.monotonic_ns() + self._offset_ns

    def add(self, sent_ns: int, received_ns: int, server_ms: int) -> Sample:
        """One exchange with public/time: monotonic times of sending and receiving, the venue's milliseconds.

        OKX cuts its time to milliseconds, so half a millisecond is added on average.
        """
        middle_ns = (sent_ns + received_ns) // 2
        sample = Sample(server_ms * NS_PER_MS + NS_PER_MS // 2 - middle_ns, received_ns - sent_ns)
        self._samples.append(sample)
        self._offset_ns = min(self._samples, key=lambda each: each.round_trip_ns).offset_ns
        return sample

    def forget(self) -> None:
        """Drop old samples, when the venue refused our time; the estimate stays until the next sample."""
        self._samples.clear()

    def wall_offset_ns(self) -> int:
        """The venue's time minus the computer's wall clock; 0 before the first sample."""
        return self.now_ns() - self._clock.now_ns() if self.synchronised else 0
