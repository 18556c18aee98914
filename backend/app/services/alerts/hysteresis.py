"""When a rule's alert begins and when it is over: a value that swings about its bound is one alert. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.clock import NS_PER_SECOND
from app.domain.alerts import AlertAction
from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings

SUBJECTS_MAX = 20
"""That one rule may have open at a time: what is wrong with everything is not told of each."""
PAUSED_MAX = 1_000
"""The same where each is paused for itself: what is not told is not done."""


@dataclass(frozen=True, slots=True)
class Change:
    """fired: the subjects and what was read of them. ended: subjects."""

    fired: Mapping[str, Reading]
    ended: tuple[str, ...]


NOTHING = Change({}, ())


class Hysteresis:
    """Of one rule. Since when each subject is out of bounds, or better (monotonic ns)."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._most = PAUSED_MAX if rule.action is AlertAction.PAUSE else SUBJECTS_MAX
        self._out: dict[str, int] = {}
        self._better: dict[str, int] = {}

    def step(self, readings: Readings, open_subjects: Collection[str], now_ns: int) -> Change:
        """One second's readings. open_subjects: that have an alert."""
        rule = self._rule
        out = {name: each for name, each in readings.items() if each.value is not None and rule.out(each.value)}
        if not (out or open_subjects or self._out or self._better):
            return NOTHING
        fired: dict[str, Reading] = {}
        held = {name for name, each in readings.items() if each.value is None}
        self._out = {
            name: self._out.get(name, now_ns)
            for name in (*out, *(held & self._out.keys()))
            if name not in open_subjects
        }
        for name, reading in out.items():
            room = len(open_subjects) + len(fired) < self._most
            if name not in open_subjects and room and self._passed(self._out[name], rule.fires_after_seconds, now_ns):
                fired[name] = reading
        better = [name for name in open_subjects if self._is_better(name, readings)]
        kept = held & self._better.keys()
        self._better = {name: self._better.get(name, now_ns) for name in (*better, *kept)}
        ended = [name for name in better if self._passed(self._better[name], rule.ends_after_seconds, now_ns)]
        return Change(fired, tuple(ended))

    def _is_better(self, name: str, readings: Readings) -> bool:
        reading = readings.get(name)
        return reading is None or (reading.value is not None and self._rule.better(reading.value))

    @staticmethod
    def _passed(since_ns: int, seconds: int, now_ns: int) -> bool:
        return now_ns - since_ns >= seconds * NS_PER_SECOND
