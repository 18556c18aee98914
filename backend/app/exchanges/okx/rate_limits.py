"""OKX's rate limits kept on our side: exact sliding windows, a little below the venue's numbers.

A token that is there is taken at once, without an await, so that a send reaches the wire in the same step. Place,
amend and cancel have windows of their own, as at OKX: new orders can never use up the budget of cancels.
"""

from collections import deque

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.okx.endpoints import SUB_ACCOUNT_LIMIT, Limit, Scope

SHARE_PERCENT = 90
"""How much of OKX's number is used; the rest is for clocks that disagree and for a predecessor's last requests."""

POLL_SECONDS_MIN = 0.001


class Window:
    """At most `count` events in any `window_ns`."""

    __slots__ = ("_count", "_taken", "_window_ns")

    def __init__(self, limit: Limit) -> None:
        self._count = max(1, limit.count * SHARE_PERCENT // 100)
        self._window_ns = round(limit.window_seconds * NS_PER_SECOND)
        self._taken: deque[int] = deque()

    def wait_ns(self, now_ns: int) -> int:
        """Nanoseconds until a token is there; 0 when one is."""
        taken = self._taken
        while taken and now_ns - taken[0] >= self._window_ns:
            taken.popleft()
        return 0 if len(taken) < self._count else taken[0] + self._window_ns - now_ns

    def room(self, now_ns: int) -> int:
        """How many tokens are there now."""
        return self._count - len(self._taken) if self.wait_ns(now_ns) == 0 else 0

    def take(self, now_ns: int, count: int = 1) -> None:
        self._taken.extend([now_ns] * count)

    @property
    def idle(self) -> bool:
        return not self._taken


class RateLimits:
    """The windows of one account; keyed by limit and, where OKX counts so, by instrument."""

    WINDOWS_MAX = 4096

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, str], Window] = {}
        self._sub_account = Window(SUB_ACCOUNT_LIMIT)
        self._pauses: dict[str, int] = {}

    def _window(self, limit: Limit, instrument_id: str, now_ns: int) -> Window:
        key = (limit.name, instrument_id if limit.scope is Scope.INSTRUMENT else "")
        window = self._windows.get(key)
        if window is None:
            if len(self._windows) >= self.WINDOWS_MAX:
                self._windows = {k: w for k, w in self._windows.items() if w.wait_ns(now_ns) or not w.idle}
            window = self._windows[key] = Window(limit)
        return window

    def try_take(self, limit: Limit, instrument_id: str = "", *, counts_for_account: bool = False) -> int:
        """Take a token and return 0, or take none and return the nanoseconds until it is worth asking again."""
        now_ns = self._clock.monotonic_ns()
        window = self._window(limit, instrument_id, now_ns)
        wait_ns = max(window.wait_ns(now_ns), self._pauses.get(limit.name, 0) - now_ns)
        if counts_for_account:
            wait_ns = max(wait_ns, self._sub_account.wait_ns(now_ns))
        if wait_ns > 0:
            return wait_ns
        window.take(now_ns)
        if counts_for_account:
            self._sub_account.take(now_ns)
        return 0

    def take_some(
        self, limit: Limit, instrument_id: str, *, at_least: int, at_most: int, counts_for_account: bool
    ) -> int:
        """Take as many tokens as there are, at_most; none when there are fewer than at_least. Returns how many."""
        now_ns = self._clock.monotonic_ns()
        if self._pauses.get(limit.name, 0) > now_ns:
            return 0
        window = self._window(limit, instrument_id, now_ns)
        count = min(at_most, window.room(now_ns))
        if counts_for_account:
            count = min(count, self._sub_account.room(now_ns))
        if count < at_least:
            return 0
        window.take(now_ns, count)
        if counts_for_account:
            self._sub_account.take(now_ns, count)
        return count

    async def take(
        self, limit: Limit, instrument_id: str = "", *, within_seconds: float, counts_for_account: bool = False
    ) -> bool:
        """Wait for a token for at most within_seconds; False when none came."""
        wait_ns = self.try_take(limit, instrument_id, counts_for_account=counts_for_account)
        deadline_ns = self._clock.monotonic_ns() + round(within_seconds * NS_PER_SECOND)
        while wait_ns:
            if self._clock.monotonic_ns() + wait_ns > deadline_ns:
                return False
            await self._clock.sleep(max(wait_ns / NS_PER_SECOND, POLL_SECONDS_MIN))
            wait_ns = self.try_take(limit, instrument_id, counts_for_account=counts_for_account)
        return True

    def pause(self, limit: Limit, seconds: float) -> None:
        """OKX said that this limit is used up (50011): ask for nothing of it for a while."""
        until_ns = self._clock.monotonic_ns() + round(seconds * NS_PER_SECOND)
        self._pauses[limit.name] = max(self._pauses.get(limit.name, 0), until_ns)
