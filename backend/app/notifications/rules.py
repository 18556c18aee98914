"""Which notices go to which channels, and when: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from fnmatch import fnmatchcase

from app.clock import NS_PER_SECOND, utc
from app.notifications.words import Notice, Severity

LINES_MAX = 20
"""Notices that one message spells out; what is more is counted."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """From a time of day to another, UTC, over midnight too: what is not critical waits for its end."""

    begins: time
    ends: time

    def ends_ns(self, now_ns: int) -> int | None:
        """When it is over; None when it is not quiet."""
        now = utc(now_ns)
        at = now.timetz().replace(tzinfo=None)
        over_midnight = self.begins > self.ends
        inside = at >= self.begins or at < self.ends if over_midnight else self.begins <= at < self.ends
        if not inside:
            return None
        day = now.date() + timedelta(days=1 if over_midnight and at >= self.begins else 0)
        end = datetime.combine(day, self.ends, UTC)
        return now_ns + int((end - now).total_seconds() * NS_PER_SECOND)


@dataclass(frozen=True, slots=True)
class Rule:
    """events: kinds, `*` stands for any letters. severity: the least. strategies, instruments: empty for all.
    digest_seconds: how long notices are gathered. repeat_seconds: how long one that was told is not told again."""

    name: str
    channels: tuple[str, ...]
    events: tuple[str, ...] = ("*",)
    severity: Severity = Severity.WARNING
    strategies: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    digest_seconds: int = 0
    repeat_seconds: int = 300
    quiet: Quiet | None = None

    def takes(self, notice: Notice) -> bool:
        return (
            notice.severity >= self.severity
            and any(fnmatchcase(notice.kind, pattern) for pattern in self.events)
            and (not self.strategies or notice.strategy_id in self.strategies)
            and (not self.instruments or notice.instrument_id in self.instruments)
        )

    def due_ns(self, waiting: Sequence[Notice], now_ns: int) -> int:
        """When the waiting notices, oldest first and at least one, are to be told. A critical one is told at once, and
        with it what waits."""
        if any(notice.severity is Severity.CRITICAL for notice in waiting):
            return now_ns
        gathered_ns = waiting[0].at_ns + self.digest_seconds * NS_PER_SECOND if self.digest_seconds else now_ns
        quiet_ns = self.quiet.ends_ns(max(now_ns, gathered_ns)) if self.quiet else None
        return max(now_ns, gathered_ns) if quiet_ns is None else quiet_ns


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given."""

    severity: Severity
    title: str
    body: str


def message(waiting: Sequence[tuple[Notice, int]], account: str, environment: str) -> Message:
    """One message for what waits: (notice, how often it came again since it was told last)."""
    worst = max(notice.severity for notice, _ in waiting)
    subject = f"{account}, {environment}"
    if len(waiting) == 1:
        notice, again = waiting[0]
        body = [*_lines(notice, again), "", f"{_when(notice)}, event {notice.seq}"]
        return Message(worst, f"{worst.name} [{subject}] {notice.what[:80]}", "\n".join(body))
    body = [f"- {_when(notice)} {' '.join(_lines(notice, again))}" for notice, again in waiting[:LINES_MAX]]
    if (more := len(waiting) - LINES_MAX) > 0:
        body.append(f"and {more} more, up to event {waiting[-1][0].seq}: `trading-executor events` has them")
    return Message(worst, f"{worst.name} [{subject}] {len(waiting)} notices", "\n".join(body))


def _lines(notice: Notice, again: int) -> list[str]:
    came = f"(and {again} times since it was told last)" if again else ""
    return [line for line in (notice.what, came, notice.means, notice.do) if line]


def _when(notice: Notice) -> str:
    return utc(notice.at_ns).strftime("%Y-%m-%d %H:%M:%S UTC")
