"""What each strategy usually does, learned by river's online detectors: how many orders it asks for, how large they
are, how many of them are filled. Once a second on what was counted; state bounded.

ADWIN keeps as long a past as is of one piece, and says when what came last is of another (Bifet and Gavalda, 2007).
All figures are logarithms to base 2, so that twice as much is one step for all. Needs the extra `detectors`.
"""

import asyncio
import importlib.util
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import log2
from pathlib import Path
from typing import Any

from app.clock import NS_PER_SECOND
from app.services.alerts.window import Second, Unlike

RATE_SECONDS = 10
"""Orders are counted in so long a time."""
IDLE_SECONDS = 60
"""One that asks for nothing for so long rests: that is judged by nobody here."""
HABITS_MAX = 500
"""Of all strategies together; of more those that did nothing for the longest time begin anew."""
SAMPLES_MIN = 60
CHANCE = 1e-4
"""Of taking for a change what is none, each time it looks."""
REMEMBERED_SECONDS = 300
"""For so long after a change it is told how far it went."""
FEW = 0.05
"""Added to a part, so that none of them is infinitely less than one in a thousand."""
INSTALLED = importlib.util.find_spec("river") is not None


@dataclass(slots=True)
class _Habit:
    """noun: of what. usual: before the change that was told last, which was at changed_ns."""

    detector: Any
    noun: str
    usual: float = 0.0
    changed_ns: int | None = None

    def sample(self, value: float, now_ns: int) -> None:
        before = self.detector.estimation
        self.detector.update(value)
        if self.detector.drift_detected and not self._remembers(now_ns):
            self.usual, self.changed_ns = before, now_ns

    def unlike(self, now_ns: int) -> Unlike | None:
        if not self._remembers(now_ns):
            return None
        steps = self.detector.estimation - self.usual
        times = Decimal(repr(round(2 ** abs(steps), 2)))
        return Unlike(times, f"{self.noun}: {times} times {'more' if steps > 0 else 'less'} than before")

    def _remembers(self, now_ns: int) -> bool:
        return self.changed_ns is not None and now_ns - self.changed_ns < REMEMBERED_SECONDS * NS_PER_SECOND


class Habits:
    def __init__(self) -> None:
        self._habits: OrderedDict[tuple[str, str], _Habit] = OrderedDict()
        self._asked: dict[str, int] = {}
        self._asked_ns: dict[str, int] = {}
        self._rate_ns: int | None = None
        self._made: Any = None

    async def take(self, second: Second) -> Mapping[str, Unlike]:
        """What was counted in this second; by strategy what is unlike itself, the most unlike figure of each."""
        names = second.asked.keys() | second.sizes.keys() | second.ended.keys()
        if self._made is None:
            if not INSTALLED or not any(_is_strategy(name) for name in names):
                return {}
            self._made = await asyncio.to_thread(_adwin)
        now_ns = second.at_ns
        for key, value in self._samples(second):
            self._habit(key).sample(value, now_ns)
        found: dict[str, Unlike] = {}
        for (subject, _), habit in self._habits.items():
            each = habit.unlike(now_ns)
            if each is not None and (subject not in found or each.times > found[subject].times):
                found[subject] = each._replace(what=f"{subject} is unlike itself. {each.what}")
        return found

    def _samples(self, second: Second) -> Iterator[tuple[tuple[str, str], float]]:
        for subject, count in second.asked.items():
            self._asked[subject] = self._asked.get(subject, 0) + count
        since_ns = self._rate_ns = second.at_ns if self._rate_ns is None else self._rate_ns
        if second.at_ns - since_ns >= RATE_SECONDS * NS_PER_SECOND:
            self._rate_ns = second.at_ns
            asked, self._asked = self._asked, {}
            self._asked_ns |= dict.fromkeys(filter(_is_strategy, asked), second.at_ns)
            idle_ns = second.at_ns - IDLE_SECONDS * NS_PER_SECOND
            self._asked_ns = {name: at_ns for name, at_ns in self._asked_ns.items() if at_ns > idle_ns}
            for subject in self._asked_ns:
                yield (subject, RATE), log2(1 + asked.get(subject, 0))
        for subject, sizes in second.sizes.items():
            for instrument_id, size in sizes.items():
                yield (subject, f"Size of its orders of {instrument_id}"), log2(size)
        for subject, (filled, ended) in second.ended.items():
            yield (subject, "Its orders that were filled, of those that ended"), log2(FEW + filled / ended)

    def _habit(self, key: tuple[str, str]) -> _Habit:
        habit = self._habits.get(key)
        if habit is None:
            detector = self._made(delta=CHANCE, clock=1, grace_period=SAMPLES_MIN)
            habit = self._habits[key] = _Habit(detector, key[1])
            if len(self._habits) > HABITS_MAX:
                self._habits.popitem(last=False)
        self._habits.move_to_end(key)
        return habit


RATE = f"Its orders in {RATE_SECONDS} s"


def _is_strategy(name: str) -> bool:
    return name.startswith("strategy:")


def _adwin() -> Any:
    """That module alone, not before it is needed: its package brings scipy, which is seconds of work and 100 MB."""
    package = importlib.util.find_spec("river.drift")
    assert package is not None
    assert package.origin is not None
    spec = importlib.util.spec_from_file_location("river.drift.adwin", Path(package.origin).with_name("adwin.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ADWIN
