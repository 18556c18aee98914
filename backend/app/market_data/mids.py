"""What a market's mid was, second by second, and how much it moves. Pure.

The last mid of each second of our clock in which it changed is kept; between two of them it stood. Trades bounce
between bid and ask and so seem to move where nothing does; the mid does not.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from app.domain.money import ZERO

NS_PER_SECOND = 1_000_000_000
MIDS_MAX = 300
SEEN_SECONDS_MIN, SEEN_SECONDS_MAX = 30, 300
"""The variance is of so many seconds, the last ones; with fewer it is not known."""


class Mid(NamedTuple):
    """Since when (ns, the beginning of a second), what it was at that second's end, and the sum of all squared steps up
    to it: of any two the difference is what lies between."""

    since_ns: int
    mid: Decimal
    moved: Decimal = ZERO


class Mids:
    """Of one market, the last MIDS_MAX seconds in which it changed."""

    __slots__ = ("_known", "_mids")

    def __init__(self) -> None:
        self._mids: deque[Mid] = deque(maxlen=MIDS_MAX)
        self._known: tuple[Mid, ...] | None = ()

    def note(self, mid: Decimal, now_ns: int) -> None:
        """The mid from now on. A clock that was set back begins anew."""
        second_ns = now_ns // NS_PER_SECOND * NS_PER_SECOND
        if self._mids and second_ns < self._mids[-1].since_ns:
            self._mids.clear()
        if self._mids and self._mids[-1].mid == mid:
            return
        if self._mids and self._mids[-1].since_ns == second_ns:
            self._mids.pop()
        last = self._mids[-1] if self._mids else Mid(second_ns, mid)
        step = mid - last.mid
        self._mids.append(Mid(second_ns, mid, last.moved + step * step))
        self._known = None

    @property
    def seen(self) -> tuple[Mid, ...]:
        """Oldest first."""
        if self._known is None:
            self._known = tuple(self._mids)
        return self._known


def variance_a_second(mids: Sequence[Mid], now_ns: int) -> Decimal | None:
    """Of the price, in squared quote currency: the squared steps of the last SEEN_SECONDS_MAX over the time that they
    took, the time in which it stood included; None where it has been seen for too short a time."""
    if not mids:
        return None
    since_ns = now_ns - SEEN_SECONDS_MAX * NS_PER_SECOND
    first = mids[max(bisect_right(mids, since_ns, key=lambda each: each.since_ns) - 1, 0)]
    seen_ns = now_ns - max(first.since_ns, since_ns)
    if seen_ns < SEEN_SECONDS_MIN * NS_PER_SECOND:
        return None
    return (mids[-1].moved - first.moved) * NS_PER_SECOND / seen_ns
