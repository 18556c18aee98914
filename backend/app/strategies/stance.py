"""From a score to signals: when to enter, when to leave, and how long to keep still. The sample strategies share it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from app.domain.money import ZERO, plain
from app.strategies.signals import MetadataValue, Signal, SignalType

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


class StanceConfig(Protocol):
    """What a strategy's configuration says of its stances. size: of each entry; the rest: see StanceRules."""

    @property
    def instruments(self) -> tuple[str, ...]: ...
    @property
    def size(self) -> Decimal: ...
    @property
    def enter(self) -> Decimal: ...
    @property
    def leave(self) -> Decimal: ...
    @property
    def cooldown_seconds(self) -> Decimal: ...
    @property
    def hold_seconds_max(self) -> Decimal: ...
    @property
    def allow_short(self) -> bool: ...


class StanceStrategy:
    """The half of a SignalStrategy that its score has no part in: a stance for each instrument, and the signal that
    follows from one."""

    def __init__(self, config: StanceConfig, name: str) -> None:
        rules = StanceRules(
            config.enter, config.leave, config.cooldown_seconds, config.hold_seconds_max, config.allow_short
        )
        self.name = name
        self._size = config.size
        self._stances = {instrument_id: Stance(rules) for instrument_id in config.instruments}

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(self._stances)

    def take_over(self, instrument_id: str, held: Decimal) -> None:
        self._stances[instrument_id].take_over(side_of(held))

    def follow(
        self, instrument_id: str, score: Decimal, time_ns: int, seen: Callable[[], Mapping[str, MetadataValue]]
    ) -> Signal | None:
        """The signal of an event of that time, if it is one. seen: what the score was made of, for its metadata."""
        wanted = self._stances[instrument_id].decide(score, time_ns)
        if wanted is None:
            return None
        closing = wanted is SignalType.CLOSE
        return Signal(
            type=wanted,
            instrument_id=instrument_id,
            size=None if closing else self._size,
            confidence=1.0 if closing else round(min(float(abs(score)), 1.0), 4),
            metadata={"score": plain(round(score, 6)), **seen(), "venue_time_ns": time_ns},
        )
