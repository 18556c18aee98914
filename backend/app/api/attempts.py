"""How often an address may present a key that does not open: then it is only told to wait, and nothing is written.

A key that opens is let in all the same: a program of the same machine that tries an old key must keep nobody from
cancelling, and a secret of 256 bits is not found by trying.
"""

from collections import OrderedDict

from app.api.errors import Problem
from app.clock import NS_PER_SECOND, Clock

FAILED_MAX = 20
WINDOW_SECONDS = 60
ADDRESSES_MAX = 10_000


class Attempts:
    """The attempts of the last minute by whoever made them; who tried longest ago is forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def failed(self, address: str) -> None:
        """Count one with a key that does not open. Raises Problem (429) beyond FAILED_MAX in a minute."""
        count, wait = self._count(address)
        if count > FAILED_MAX:
            detail = f"more than {FAILED_MAX} attempts from this address with a key that does not open"
            raise Problem(429, detail, kind="too-many-attempts", headers={"Retry-After": str(wait)})

    def _count(self, who: str) -> tuple[int, int]:
        """How many, and the seconds until they are forgotten."""
        now_ns = self._clock.monotonic_ns()
        since_ns, count = self._made.pop(who, (now_ns, 0))
        if now_ns - since_ns >= WINDOW_SECONDS * NS_PER_SECOND:
            since_ns, count = now_ns, 0
        self._made[who] = (since_ns, count + 1)
        if len(self._made) > ADDRESSES_MAX:
            self._made.popitem(last=False)
        return count + 1, WINDOW_SECONDS - (now_ns - since_ns) // NS_PER_SECOND
