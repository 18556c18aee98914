"""Whether new orders may leave: every reason why not, asked in the order's turn and again right before the wire.

Cancels never ask. What closes the gate: not started or not reconciled, a stream that is down, a failed store, a lease
about to end, a clock that is off, an event loop that stalls, an account that is not the one declared.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.clock import NS_PER_SECOND, Clock
from app.domain.refusals import Refusal
from app.services.trading.account.ledger import Ledger

CLOCK_OFFSET = "clock_offset_seconds"
"""The field of the refusal that says that a clock is known to be wrong."""


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Seconds; see docs/configuration.md."""

    lease: float = 15
    lease_skew: float = 1
    clock_offset_stop: float = 5
    loop_lag_stop: float = 1
    clock_offset_alarm: float = 1


class TradingGate:
    """Its fields are set by the session, the listener and the watchdog; closed() reads them.

    breaks counts lose_track(); beat_due_ns: when the watchdog is to run next, monotonic. doing: what a start is at.
    standby: the owner that holds the account, while this process waits for it. lag_heard: told how late each round
    of the watchdog was, in seconds. hears_from_ns: since when the execution stream is up, in the exchange's
    time; None: it is not.
    """

    def __init__(
        self, ledger: Ledger, clock: Clock, server_time_ns: Callable[[], int], limits: GateLimits | None = None
    ) -> None:
        self.phase = "starting"
        self.doing = ""
        self.standby = ""
        self.reconciled = False
        self.breaks = 0
        self.execution_up = False
        self.hears_from_ns: int | None = None
        self.market_up = False
        self.loop_lag_seconds = 0.0
        self.lag_heard: list[Callable[[float], None]] = []
        self.database_moved = ""
        self.other_account = ""
        self.beat_due_ns: int | None = None
        self._ledger = ledger
        self._clock = clock
        self._server_time_ns = server_time_ns
        self._limits = limits or GateLimits()
        self._renewed_monotonic_ns = 0

    @property
    def renewed_ns(self) -> int:
        """When the lease was last renewed. Its age is counted by the monotonic clock: a step of the wall clock makes it
        neither longer nor shorter."""
        return self._clock.now_ns() - self.lease_age_ns()

    @renewed_ns.setter
    def renewed_ns(self, at_ns: int) -> None:
        self._renewed_monotonic_ns = self._clock.monotonic_ns() - max(0, self._clock.now_ns() - at_ns)

    def lease_age_ns(self) -> int:
        """How long ago the lease was renewed."""
        return self._clock.monotonic_ns() - self._renewed_monotonic_ns

    def enter(self, phase: str) -> None:
        """starting, running, stopping, stopped."""
        self.phase = phase

    def execution_stream(self, *, up: bool) -> None:
        """It has come up or gone down; what happened meanwhile it does not tell."""
        self.execution_up = up
        self.hears_from_ns = self._server_time_ns() if up else None
        self.lose_track()

    def lose_track(self) -> None:
        """Something at the exchange may have been missed: closed until a comparison that began after this."""
        self.breaks += 1
        self.reconciled = False

    def compared(self, breaks: int) -> None:
        """A comparison with the exchange has ended. breaks: as it stood when the comparison began; if something was
        missed meanwhile, the comparison may not have seen it and opens nothing."""
        if breaks == self.breaks:
            self.reconciled = True

    def lag_seconds(self) -> float:
        """How long the event loop stalls or lately stalled: what the watchdog measured, or how overdue it is now.

        After a stall the watchdog may come to run after a send; its overdue beat tells all the same.
        """
        if self.beat_due_ns is None:
            return self.loop_lag_seconds
        return max(self.loop_lag_seconds, (self._clock.monotonic_ns() - self.beat_due_ns) / NS_PER_SECOND)

    def lease_left_ns(self) -> int:
        """How long the lease certainly runs on, counted from before the last commit began."""
        return int(self._limits.lease * NS_PER_SECOND) - self.lease_age_ns()

    def clock_offset_seconds(self) -> float:
        """The exchange's clock less ours."""
        return (self._server_time_ns() - self._clock.now_ns()) / NS_PER_SECOND

    @property
    def clock_is_off(self) -> bool:
        """Whether somebody should look at this machine's clock."""
        return abs(self.clock_offset_seconds()) > self._limits.clock_offset_alarm

    def closed(self) -> list[Refusal]:
        """Every reason why nothing new may be sent; empty when ready."""
        reasons: list[Refusal] = []
        if self.phase != "running":
            reasons.append(_refusal("phase", self.phase, self.doing or "the system is not running yet"))
        elif not self.execution_up:
            reasons.append(_refusal("execution_stream", "down", "order news from the exchange is not being heard"))
        elif not self.reconciled:
            reasons.append(_refusal("reconciled", "no", "orders and fills are being compared with the exchange"))
        if self.database_moved:
            reasons.append(_refusal("store", "moved", self.database_moved))
        if self.other_account:
            reasons.append(_refusal("account", "other", self.other_account))
        if self.standby:
            rule = "another process holds the account and may be alive; this one stands by until it lets go"
            reasons.append(_refusal("lease", f"held by {self.standby}", rule))
        elif self._ledger.writer_failed and self.phase == "running":
            reasons.append(_refusal("store", "failed", "the database does not take orders; nothing is sent unrecorded"))
        elif self.phase == "running" and self.lease_left_ns() <= self._limits.lease_skew * NS_PER_SECOND:
            reasons.append(_refusal("lease", "ending", "the right to write for this account runs out"))
        offset = self.clock_offset_seconds()
        if abs(offset) > self._limits.clock_offset_stop:
            rule = f"this machine's clock is off the exchange's by more than {self._limits.clock_offset_stop} s"
            reasons.append(_refusal(CLOCK_OFFSET, f"{offset:.3f}", rule))
        lag = self.lag_seconds()
        if lag > self._limits.loop_lag_stop:
            rule = f"the event loop stalled for more than {self._limits.loop_lag_stop} s"
            reasons.append(_refusal("loop_lag_seconds", f"{lag:.3f}", rule))
        return reasons


def _refusal(field: str, value: str, rule: str) -> Refusal:
    return Refusal("readiness", field, value, rule)
