"""Price-time matching core: one book of resting entries, integer ticks and lots, no accounts and no time.

Sides are +1 for buy and -1 for sell. Within a price the oldest entry is matched first.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

BUY = 1
SELL = -1
MAX_MAKERS = 1000


class Resting:
    """One entry in the queue of a price. `owner` is None for background flow."""

    __slots__ = ("front", "leaves", "owner", "price", "side")

    def __init__(self, side: int, price: int, leaves: int, owner: Any = None) -> None:
        self.side = side
        self.price = price
        self.leaves = leaves
        self.owner = owner
        self.front = 0


FillMaker = Callable[[Resting, int, int, int], None]
"""Told of what the feed took from an entry of ours: the entry, price, size, trade id."""


class Match(NamedTuple):
    """One maker met: `maker` is None for liquidity that belongs to nobody we keep."""

    maker: Resting | None
    price: int
    size: int


@dataclass(slots=True)
class Sweep:
    """What a taker met: matches in order, own makers met (for self-trade prevention), and what is left."""

    matches: list[Match] = field(default_factory=list)
    self_hits: list[Resting] = field(default_factory=list)
    left: int = 0
    stopped: str = ""


@dataclass(slots=True)
class Prevention:
    """Self-trade prevention of a taker: `is_self(owner)` and the mode cancel_maker, cancel_taker or cancel_both."""

    is_self: Callable[[Any], bool]
    mode: str


class Level:
    """The queue at one price: entries by age, total size."""

    __slots__ = ("entries", "total")

    def __init__(self) -> None:
        self.entries: dict[int, Resting] = {}
        self.total = 0


class _Side:
    """Levels of one side; `order` holds signed prices ascending with the best one last."""

    __slots__ = ("levels", "order", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.levels: dict[int, Level] = {}
        self.order: list[int] = []

    def drop(self, price: int) -> None:
        del self.levels[price]
        key = price * self.sign
        if self.order[-1] == key:
            self.order.pop()
        else:
            del self.order[bisect_left(self.order, key)]


def within(levels: Iterable[tuple[int, int, int]], side: int, limit: int | None, size: int) -> int:
    """How much of `size` stands on `levels` (of the other side, from the best outwards) no worse than `limit`."""
    found = 0
    for price, total, _ in levels:
        if (limit is not None and (price - limit) * side > 0) or found >= size:
            break
        found += total
    return min(found, size)


class Book:
    """A price-time book. `version` grows with every change and orders what was published."""

    __slots__ = ("_asks", "_bids", "version")

    def __init__(self) -> None:
        self._bids = _Side(1)
        self._asks = _Side(-1)
        self.version = 0

    def _side(self, side: int) -> _Side:
        return self._bids if side == BUY else self._asks

    def best(self, side: int) -> int | None:
        """Best price of `side` in ticks, or None when it is empty."""
        half = self._bids if side == BUY else self._asks
        return half.order[-1] * half.sign if half.order else None

    def levels(self, side: int, limit: int | None = None) -> Iterator[tuple[int, int, int]]:
        """(price, size, number of orders) from the best outwards, at most `limit` levels."""
        half = self._side(side)
        keys = half.order[-limit:] if limit else half.order
        for key in reversed(keys):
            price = key * half.sign
            level = half.levels[price]
            yield price, level.total, len(level.entries)

    def size_at(self, side: int, price: int) -> int:
        level = self._side(side).levels.get(price)
        return level.total if level else 0

    def rest(self, entry: Resting) -> None:
        """Queue `entry` behind all others at its price; it must not cross."""
        half = self._bids if entry.side == BUY else self._asks
        level = half.levels.get(entry.price)
        if level is None:
            level = half.levels[entry.price] = Level()
            insort(half.order, entry.price * half.sign)
        level.entries[id(entry)] = entry
        level.total += entry.leaves
        self.version += 1

    def remove(self, entry: Resting) -> None:
        half = self._bids if entry.side == BUY else self._asks
        level = half.levels[entry.price]
        del level.entries[id(entry)]
        level.total -= entry.leaves
        if not level.entries:
            half.drop(entry.price)
        self.version += 1

    def reduce(self, entry: Resting, leaves: int) -> None:
        """Shrink an entry in place: it keeps its turn."""
        if not 0 < leaves <= entry.leaves:
            raise ValueError(f"leaves: {leaves} is not in 1..{entry.leaves}")
        self._side(entry.side).levels[entry.price].total -= entry.leaves - leaves
        entry.leaves = leaves
        self.version += 1

    def available(self, side: int, limit: int | None, size: int) -> int:
        """How much of `size` a taker on `side` could get now, no worse than `limit`."""
        return within(self.levels(-side), side, limit, size)

    def take(self, side: int, limit: int | None, size: int, prevention: Prevention | None = None) -> Sweep:
        """Match a taker against the other side, best price first, oldest first, no worse than `limit` (None: any)."""
        half = self._asks if side == BUY else self._bids
        sweep = Sweep(left=size)
        makers = 0
        while sweep.left and half.order and not sweep.stopped:
            price = half.order[-1] * half.sign
            if limit is not None and (price - limit) * side > 0:
                break
            level = half.levels[price]
            makers = self._take_level(level, price, sweep, prevention, makers)
            if not level.entries:
                half.drop(price)
        if sweep.matches or sweep.self_hits:
            self.version += 1
        return sweep

    def _take_level(self, level: Level, price: int, sweep: Sweep, prevention: Prevention | None, makers: int) -> int:
        for key, entry in list(level.entries.items()):
            if prevention is not None and entry.owner is not None and prevention.is_self(entry.owner):
                if prevention.mode != "cancel_taker":
                    del level.entries[key]
                    level.total -= entry.leaves
                    sweep.self_hits.append(entry)
                if prevention.mode != "cancel_maker":
                    sweep.stopped = "stp"
                    return makers
                continue
            if makers >= MAX_MAKERS:
                sweep.stopped = "makers"
                return makers
            makers += 1
            size = min(sweep.left, entry.leaves)
            sweep.left -= size
            level.total -= size
            if size == entry.leaves:
                del level.entries[key]
            entry.leaves -= size
            sweep.matches.append(Match(entry, price, size))
            if not sweep.left:
                return makers
        return makers
