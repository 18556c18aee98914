"""For how long the best price of one side of a book has been as good as a given one, without a break. Pure.

Of what it was before only that is kept which was worse than everything since, so a handful of entries answers for any
price; where more were needed than are kept, the answer is shorter than the truth.
"""

from collections import deque
from collections.abc import Sequence
from decimal import Decimal

WORSE_MAX = 64

Worse = tuple[int, Decimal | None]
"""Until when (ns) the best price was this one; None: there was none."""


class Standing:
    """sign: 1 for asks, of which a higher one is worse, -1 for bids."""

    __slots__ = ("_best", "_known", "_sign", "_worse")

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._best: Decimal | None = None
        self._known: tuple[Worse, ...] | None = ()
        self._worse: deque[Worse] = deque(maxlen=WORSE_MAX)

    def note(self, best: Decimal | None, now_ns: int) -> bool:
        """The best price from now on, and whether it is another; None where there is none. A clock that was set back
        begins anew."""
        if self._worse and now_ns < self._worse[-1][0]:
            self._worse = deque(((min(at, now_ns), price) for at, price in self._worse), WORSE_MAX)
            self._known = None
        if best == self._best:
            return False
        while self._worse and not worse(self._worse[-1][1], self._best, self._sign):
            self._worse.pop()
        self._worse.append((now_ns, self._best))
        self._best, self._known = best, None
        return True

    @property
    def seen(self) -> tuple[Worse, ...]:
        """Oldest and worst first."""
        if self._known is None:
            self._known = tuple(self._worse)
        return self._known


def worse(one: Decimal | None, other: Decimal | None, sign: int) -> bool:
    """No price is worse than any."""
    if one is None or other is None:
        return one is None and other is not None
    return sign * (one - other) > 0


def stood_ns(seen: Sequence[Worse], price: Decimal, sign: int, now_ns: int) -> int:
    """For how long the best price, which is at least as good as `price` now, has been so; 0 where nothing is known."""
    for until_ns, before in reversed(seen):
        if worse(before, price, sign):
            return max(now_ns - until_ns, 0)
    return max(now_ns - seen[0][0], 0) if seen else 0
