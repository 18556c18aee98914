"""From a score to signals: when to enter, when to leave, and how long to keep still. The sample strategies share it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from app.domain.money import ZERO
from app.strategies.signals import SignalType

NS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class StanceRules:
    """enter: the score (-1 to 1) at which a stance is taken; leave: how far the score must turn against it to end it;
    no signal within cooldown_seconds of the last one; a stance ends after hold_seconds_max whatever the score."""

    enter: Decimal
    leave: Decimal
    cooldown_seconds: Decimal
    hold_seconds_max: Decimal
    allow_short: bool


class Side(IntEnum):
    """What the strategy believes to hold, going by its own signals."""

    SHORT = -1
    FLAT = 0
    LONG = 1


def side_of(held: Decimal) -> Side:
    """The side of a signed holding."""
    return Side.FLAT if not held else Side.LONG if held > ZERO else Side.SHORT


class Stance:
    """One instrument's stance. It follows the signals given, not the fills: after a refused BUY its CLOSE finds nothing
    to close, which does no harm."""

    __slots__ = ("_now_ns", "_rules", "_signalled_ns", "side")

    def __init__(self, rules: StanceRules) -> None:
        self.side = Side.FLAT
        self._rules = rules
        self._now_ns = 0
        self._signalled_ns: int | None = None

    def take_over(self, side: Side) -> None:
        """Begin from a holding of an earlier run; hold_seconds_max counts from the next event."""
        self.side = side
        self._signalled_ns = None

    def decide(self, score: Decimal, time_ns: int) -> SignalType | None:
        """What to signal at an event of that time (venue, ns; an event from the past counts as now), if anything."""
        self._now_ns = max(self._now_ns, time_ns)
        if self._signalled_ns is None and self.side is not Side.FLAT:
            self._signalled_ns = self._now_ns
        since = None if self._signalled_ns is None else self._now_ns - self._signalled_ns
        if since is not None and since < self._rules.cooldown_seconds * NS_PER_SECOND:
            return None
        wanted = self._enter(score) if self.side is Side.FLAT else self._leave(score, since or 0)
        if wanted is not None:
            self._signalled_ns = self._now_ns
        return wanted

    def _enter(self, score: Decimal) -> SignalType | None:
        if score >= self._rules.enter:
            self.side = Side.LONG
            return SignalType.BUY
        if self._rules.allow_short and -score >= self._rules.enter:
            self.side = Side.SHORT
            return SignalType.SELL
        return None

    def _leave(self, score: Decimal, held_ns: int) -> SignalType | None:
        turned = score * int(self.side)
        against = turned < ZERO and -turned >= self._rules.leave
        if against or held_ns >= self._rules.hold_seconds_max * NS_PER_SECOND:
            self.side = Side.FLAT
            return SignalType.CLOSE
        return None
