"""What a market's mid was, second by second, and how much it moves. Pure.

The last mid of each second of our clock in which it changed is kept; between two of them it stood. Trades bounce
between bid and ask and so seem to move where nothing does; the mid does not.
"""

from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from app.domain.money import ZERO

NS_PER_SECOND = 1_000_000_000
MIDS_MAX = 300
SEEN_SECONDS_MIN, SEEN_SECONDS_MAX = 30, 300
"""The variance is of so many seconds, the last ones; with fewer it is not known."""

Mid = tuple[int, Decimal]
"""Since when (ns, the beginning of a second), and what it was at that second's end."""


class Mids:
    """Of one market, the last MIDS_MAX seconds in which it changed."""

    __slots__ = ("_known", "_mids")

    def __init__(self) -> None:
        self._mids: deque[Mid] = deque(maxlen=MIDS_MAX)
        self._known: tuple[Mid, ...] | None = ()

    def note(self, mid: Decimal, now_ns: int) -> None:
        """The mid from now on. A clock that was set back begins anew."""
        second_ns = now_ns // NS_PER_SECOND * NS_PER_SECOND
        if self._mids and second_ns < self._mids[-1][0]:
            self._mids.clear()
        if self._mids and self._mids[-1][1] == mid:
            return
        if self._mids and self._mids[-1][0] == second_ns:
            self._mids.pop()
        self._mids.append((second_ns, mid))
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
    since_ns = now_ns - SEEN_SECONDS_MAX * NS_PER_SECOND
    first = next((k for k in range(len(mids) - 1, -1, -1) if mids[k][0] <= since_ns), 0)
    if not mids:
        return None
    seen_ns = now_ns - max(mids[first][0], since_ns)
    if seen_ns < SEEN_SECONDS_MIN * NS_PER_SECOND:
        return None
    steps = (later - earlier for (_, earlier), (_, later) in pairwise(mids[first:]))
    return sum((step * step for step in steps), ZERO) * NS_PER_SECOND / seen_ns
