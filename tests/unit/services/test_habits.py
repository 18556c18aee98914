"""What a strategy usually does, and what is unlike it: by detectors that take no chance for a change."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from app.clock import NS_PER_SECOND
from app.services.alerts import habits
from app.services.alerts.declared import declared
from app.services.alerts.habits import HABITS_MAX, Habits
from app.services.alerts.rules import RULES
from app.services.alerts.window import Second, Unlike

MINE, BTC = "strategy:mine", "BTC-USDT"


def steady(draw: random.Random, *, orders: float = 0.3, size: float = 0.01, hits: float = 0.5) -> dict[str, object]:
    """A second of a strategy that asks for so many orders a second on average, so large, so many of them filled."""
    count = sum(draw.random() < orders / 10 for _ in range(10))
    if not count:
        return {}
    filled = sum(draw.random() < hits for _ in range(count))
    return {
        "asked": {MINE: count},
        "sizes": {MINE: {BTC: Decimal(repr(size * draw.uniform(0.8, 1.25)))}},
        "ended": {MINE: (filled, count)},
    }


async def unlike(seconds: Iterator[dict[str, object]]) -> dict[str, str]:
    """What was out of bounds at any time, by its first words, and the last of it."""
    learned, found = Habits(), dict[str, str]()
    for number, each in enumerate(seconds):
        told = await learned.take(Second(at_ns=number * NS_PER_SECOND, **each))  # type: ignore[arg-type]  # by name
        for subject, one in told.items():
            if RULES["unlike_itself"].out(one.times):
                found[subject] = one.what
    return found


Change = Callable[[random.Random], dict[str, object]]
CHANGES: dict[str, tuple[Change, str]] = {
    "four times the orders": (lambda draw: steady(draw, orders=1.2), "Its orders in 10 s"),
    "five times as large": (lambda draw: steady(draw, size=0.05), "Size of its orders of BTC-USDT"),
    "a fifth as large": (lambda draw: steady(draw, size=0.002), "Size of its orders of BTC-USDT"),
    "hardly any filled": (lambda draw: steady(draw, hits=0.02), "Its orders that were filled"),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_what_is_no_chance_is_told_within_minutes(name: str) -> None:
    draw, (changed, what) = random.Random(7), CHANGES[name]
    found = await unlike(steady(draw) if number < 2_000 else changed(draw) for number in range(2_900))
    assert found.keys() == {MINE}
    assert found[MINE].startswith(f"{MINE} is unlike itself. {what}")


async def test_what_is_as_it_always_was_is_not_told() -> None:
    draw = random.Random(11)
    assert await unlike(steady(draw) for _ in range(20_000)) == {}


async def test_one_that_rests_is_not_unlike_itself() -> None:
    draw = random.Random(13)
    rests = lambda number: number % 3_000 > 1_500  # noqa: E731 (said once)
    assert await unlike({} if rests(number) else steady(draw) for number in range(9_000)) == {}


async def test_orders_of_no_strategy_are_not_learned_and_strategies_without_end_take_no_memory() -> None:
    learned = Habits()
    assert await learned.take(Second(at_ns=0, asked={"account": 5})) == {}
    assert learned._made is None, "the library is not read for them"
    for number in range(3 * HABITS_MAX):
        name = f"strategy:{number}"
        await learned.take(Second(at_ns=number, sizes={name: {BTC: Decimal("0.01")}}, ended={name: (1, 1)}))
    assert len(learned._habits) == HABITS_MAX


def test_the_detector_is_read_without_the_scipy_that_its_package_brings() -> None:
    """A hundred megabytes and a second in which the loop stands, at the first order of a strategy."""
    script = (
        "import sys; from app.services.alerts import habits; made = habits._adwin()(); made.update(1.0);"
        "print(made.estimation, 'scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["1.0", "False"]


def test_without_the_library_the_rule_is_not_watched_and_nobody_may_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(habits, "INSTALLED", False)
    assert {each.name for each in declared({})} == RULES.keys() - {"unlike_itself"}
    assert declared({"unlike_itself": {"enabled": False}})
    with pytest.raises(ValueError, match="needs the extra detectors"):
        declared({"unlike_itself": {"fires_at": 3}})


def test_how_far_it_went_is_what_the_rule_reads() -> None:
    assert not RULES["unlike_itself"].out(Unlike(RULES["unlike_itself"].ends_at, "").times)
