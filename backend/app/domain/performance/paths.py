"""The way that realised equity took, in brief: what a stretch of it needs to say so that the deepest fall of the whole
is found exactly, wherever the stretch began and however high it had been before.

A sample that is neither at or above all before it in its stretch, nor the lowest between two such, decides nothing: a
fall is from a highest point so far to the lowest before the next one, and both are among what is kept.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from app.domain.performance.equity import EquitySample
from app.domain.performance.exact import EXACT
from app.domain.performance.fills import ZERO
from app.domain.performance.round_trips import Realisation


class Bend(NamedTuple):
    """A sample that may decide something. change: since the stretch began."""

    time_ns: int
    change: Decimal


@dataclass(frozen=True, slots=True)
class Path:
    """A stretch: highest, at its last moment; lowest, at its first; after: the lowest after the highest, if anything
    was lower; drop: the deepest fall within it, zero or positive, also from where it began; end: its last sample."""

    highest: Bend
    lowest: Bend
    after: Bend | None
    drop: Decimal
    end: Bend


class Walk(NamedTuple):
    """A stretch as it is read: its path, and how all its bends are found. loose: of more than one day, so that each of
    its samples may be the last of one."""

    path: Path
    bends: Callable[[], Sequence[Bend]]
    loose: bool = False


def loose_walk(realisations: Sequence[Realisation]) -> Walk:
    """Of a part that is there as a whole; not empty."""
    changes = accumulate((one.amount for one in realisations), EXACT.add)
    bends = [Bend(one.time_ns, change) for one, change in zip(realisations, changes, strict=True)]
    return Walk(path_of(bends), lambda: bends, loose=True)


def bends_of(realisations: Iterable[Realisation]) -> tuple[Bend, ...]:
    """What decides, of a stretch in order of time: the first and last sample, each at or above all before it (and where
    it began), and the lowest between two such."""
    kept: list[Bend] = []
    change = peak = ZERO
    low: Bend | None = None
    first = last = None
    for time_ns, amount in realisations:
        change = EXACT.add(change, amount)
        last = Bend(time_ns, change)
        first = first or last
        if change >= peak:
            if low is not None:
                kept.append(low)
            kept.append(last)
            peak, low = change, None
        elif low is None or change < low.change:
            low = last
    if low is not None:
        kept.append(low)
    if first is not None and kept[0] != first:
        kept.insert(0, first)
    if last is not None and kept[-1] != last:
        kept.append(last)
    return tuple(kept)


def path_of(bends: Sequence[Bend]) -> Path:
    """In brief. bends: not empty."""
    highest = lowest = bends[0]
    after: Bend | None = None
    peak = drop = ZERO
    for bend in bends:
        if bend.change >= highest.change:
            highest, after = bend, None
        elif after is None or bend.change < after.change:
            after = bend
        if bend.change < lowest.change:
            lowest = bend
        peak = max(peak, bend.change)
        drop = max(drop, EXACT.subtract(peak, bend.change))
    return Path(highest, lowest, after, drop, bends[-1])


def deciding_samples(walks: Sequence[Walk], starting_equity: Decimal) -> tuple[EquitySample, ...]:
    """Samples of the curve that the stretches draw one after the other, out of which every measure comes as out of all:
    the first, the last of each stretch, and all that the deepest fall depends on.

    Only stretches that may hold that fall, or its end, are looked at bend by bend. How long other falls lasted is not
    to be seen in it.
    """
    marks = list(_marks(walks, starting_equity))
    best = min((mark.depth for mark in marks if mark.depth is not None), default=ZERO)
    most = min((mark.amount for mark in marks), default=ZERO)
    samples: list[EquitySample] = []
    for number, (walk, mark) in enumerate(zip(walks, marks, strict=True)):
        path, base = walk.path, mark.base
        if number == 0 or walk.loose or mark.may_decide(best, most):
            bends: Iterable[Bend] = walk.bends()
        elif mark.rises:
            bends = (path.highest, *(() if path.after is None else (path.after,)), path.end)
        else:
            bends = (path.lowest, path.end)
        samples.extend(EquitySample(time_ns, EXACT.add(base, change)) for time_ns, change in bends)
    return tuple(samples)


def bend_samples(walks: Iterable[Walk], starting_equity: Decimal) -> tuple[EquitySample, ...]:
    """Samples of the same curve out of which every fall, and the last of each day, comes as out of all."""
    samples: list[EquitySample] = []
    base = starting_equity
    for walk in walks:
        samples.extend(EquitySample(time_ns, EXACT.add(base, change)) for time_ns, change in walk.bends())
        base = EXACT.add(base, walk.path.end.change)
    return tuple(samples)


class _Mark(NamedTuple):
    """base: the equity at the stretch's beginning. rises: whether it reached the highest so far. depth, amount: of a
    fall that is sure to be there, as the part that was left of the highest (None where that was not positive) and in
    money. least_depth, least_amount: no fall that was in it, or ended in it, was deeper."""

    base: Decimal
    rises: bool
    depth: Decimal | None
    amount: Decimal
    least_depth: Decimal | None
    least_amount: Decimal

    def may_decide(self, best: Decimal, most: Decimal) -> bool:
        """Whether the deepest fall may be in it, or end in it; of one that never rose so high all is known."""
        return self.rises and (self.least_depth is None or self.least_depth <= best or self.least_amount < most)


def _marks(walks: Iterable[Walk], starting_equity: Decimal) -> Iterator[_Mark]:
    base = peak = trough = starting_equity
    for path, *_ in walks:
        high, before = EXACT.add(base, path.highest.change), peak
        trough = min(trough, EXACT.add(base, path.lowest.change))
        rises = high >= peak
        least = min(trough, EXACT.subtract(peak, path.drop))
        if rises:
            peak = high
            trough = peak if path.after is None else EXACT.add(base, path.after.change)
        yield _Mark(
            base,
            rises,
            trough / peak if peak > 0 else None,
            trough - peak,
            least / before if before > 0 else None,
            least - before,
        )
        base = EXACT.add(base, path.end.change)
