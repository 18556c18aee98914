"""Paths in brief: out of what decides, every measure of the curve comes as out of all of it."""

import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import count

import pytest

from app.domain.performance.drawdown import max_drawdown
from app.domain.performance.equity import DAY_NS, realised_equity
from app.domain.performance.paths import Bend, Walk, bends_of, deciding_samples, loose_walk, path_of
from app.domain.performance.round_trips import Realisation, round_trips
from app.domain.performance.summary import Performance, summarise


def drawn_walk(drawn: random.Random, most: int) -> list[Realisation]:
    at_ns, found = drawn.randrange(DAY_NS), list[Realisation]()
    up = drawn.choice((2, 3, 4))
    for _ in range(most):
        at_ns += drawn.choice((0, 1, DAY_NS // 50))
        found.append(Realisation(at_ns, Decimal(drawn.randrange(-3, up))))
    return found


def split(walk: Sequence[Realisation], drawn: random.Random) -> list[Sequence[Realisation]]:
    """In stretches, none over midnight."""
    parts: list[list[Realisation]] = []
    for one in walk:
        same_day = parts and parts[-1][0].time_ns // DAY_NS == one.time_ns // DAY_NS
        if not same_day or drawn.random() < 0.2:
            parts.append([])
        parts[-1].append(one)
    return list(parts)


def risk(samples: Sequence[object], starting: Decimal) -> Performance:
    return summarise(round_trips([]), starting, samples)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(300))
def test_what_decides_says_all_that_every_sample_says(seed: int) -> None:
    drawn = random.Random(seed)
    walk = drawn_walk(drawn, drawn.randrange(1, 120))
    starting = Decimal(drawn.choice((-5, 0, 3, 40, 1_000)))
    parts = split(walk, drawn)
    walks = [
        loose_walk(part) if drawn.random() < 0.1 else Walk(path_of(bends := bends_of(part)), lambda bends=bends: bends)
        for part in parts
    ]
    every = realised_equity(walk, starting)
    found = deciding_samples(walks, starting)
    assert set(found) <= set(every)
    assert risk(found, starting) == risk(every, starting)


def test_a_stretch_that_cannot_hold_the_deepest_fall_is_not_looked_into() -> None:
    moments = count()

    def walk(*changes: int, looked: bool = True) -> Walk:
        bends = bends_of([Realisation(next(moments), Decimal(change)) for change in changes])

        def look() -> Sequence[Bend]:
            assert looked, "nothing in it decides"
            return bends

        return Walk(path_of(bends), look)

    parts = [
        walk(1, 1),
        walk(5, -1, 5, -2, 5, looked=False),
        walk(1, -90, 1),
        walk(-3, 1, looked=False),
        walk(100),
        walk(5, -1, 5, -2, 5, looked=False),
    ]
    deepest = max_drawdown(deciding_samples(parts, Decimal(100)), Decimal(100))
    assert deepest is not None
    assert (deepest.amount, deepest.peak_ns, deepest.trough_ns) == (-92, 7, 10)
