"""How a parent order is asked for, beside its order and its strategy's configuration: when, within which price, by whom
decided, under which words.

Values are checked at construction, as those of OrderParams are; what needs a clock or a market is checked at the start.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.clock import to_ns, utc
from app.domain.decisions import Decision
from app.domain.money import exact, plain, positive
from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies.config import NS_PER_SECOND, StrategyConfig, declarations
from app.services.trading.schemas import member_of

TAGS_MAX = 10
TAG_MAX = 32
_TAG = re.compile(rf"[a-z0-9][a-z0-9._:-]{{0,{TAG_MAX - 1}}}")
AHEAD_MAX = timedelta(days=366)
OFFSET_MAX = Decimal("0.5")
CLOCKS_APART_NS = 60 * NS_PER_SECOND
"""So far the caller's clock may be ahead of ours."""


class PauseClock(StrEnum):
    """What becomes of the time of one that is laid aside: it goes on, or its schedule and its end move by the pause."""

    KEPT = "kept"
    FROZEN = "frozen"


class SizeIn(StrEnum):
    """What a size counts: the instrument's own unit (base for spot, contracts for swaps), or one of these."""

    INSTRUMENT = "instrument"
    BASE = "base"
    CONTRACTS = "contracts"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentTerms:
    """size_in: what the order's size counts. start_at: not before then; at once when None. end_at: instead of the
    strategy's own duration or timeout.

    limit_offset_pct: instead of a price, a limit so far beyond the mid at accept (a fraction; nearer than it when
    negative), made once and kept. decision_at, decision_price: when and at which price the caller decided. tags: words
    to find it by. signal_seq: the journal's event of the signal that asks for it, if any. Raises InvalidValue naming
    field, value and rule.
    """

    size_in: SizeIn = SizeIn.INSTRUMENT
    start_at: datetime | None = None
    end_at: datetime | None = None
    limit_offset_pct: Decimal | None = None
    decision_at: datetime | None = None
    decision_price: Decimal | None = None
    tags: Sequence[str] = ()
    signal_seq: int | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "size_in", member_of(SizeIn, "size_in", self.size_in))
        for name in ("start_at", "end_at", "decision_at"):
            put(self, name, instant(name, getattr(self, name)))
        if self.limit_offset_pct is not None:
            put(self, "limit_offset_pct", offset("limit_offset_pct", self.limit_offset_pct))
        if self.decision_price is not None:
            put(self, "decision_price", positive("decision_price", self.decision_price))
        put(self, "tags", tags("tags", self.tags))


def instant(name: str, value: object) -> datetime | None:
    """An aware instant in UTC; None stays None. Raises InvalidValue."""
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidValue(name, str(value), "must be an instant with its zone, such as 2026-01-31T14:30:00Z")
    return value.astimezone(UTC)


def offset(name: str, value: object) -> Decimal:
    """A fraction of a price, either way. Raises InvalidValue."""
    number = exact(name, value)
    if abs(number) > OFFSET_MAX:
        raise InvalidValue(name, plain(number), f"must be from -{OFFSET_MAX} to {OFFSET_MAX}; 0.01 is 1 %")
    return number


def tags(name: str, value: object) -> tuple[str, ...]:
    """A few short words, each once. Raises InvalidValue."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidValue(name, str(value), "must be a list of words")
    if len(value) > TAGS_MAX:
        raise InvalidValue(name, f"{len(value)} words", f"must be at most {TAGS_MAX}")
    for word in value:
        if not isinstance(word, str) or not _TAG.fullmatch(word):
            rule = f"must be 1 to {TAG_MAX} lower-case letters, digits and . _ : -, such as rebalance-7"
            raise InvalidValue(name, str(word), rule)
    if len(set(value)) < len(value):
        raise InvalidValue(name, ", ".join(value), "must not name a word twice")
    return tuple(value)


def start_ns(terms: ParentTerms, now_ns: int) -> int:
    """When it is to start. Raises InvalidValue."""
    if terms.decision_at is not None and to_ns(terms.decision_at) > now_ns + CLOCKS_APART_NS:
        raise InvalidValue("decision_at", terms.decision_at.isoformat(), "must not lie in the future")
    if terms.start_at is None:
        return now_ns
    if to_ns(terms.start_at) < now_ns:
        rule = f"must not be over: it is {utc(now_ns).isoformat()}; leave it out to start at once"
        raise InvalidValue("start_at", terms.start_at.isoformat(), rule)
    if terms.start_at - utc(now_ns) > AHEAD_MAX:
        raise InvalidValue("start_at", terms.start_at.isoformat(), f"must be within {AHEAD_MAX.days} days")
    return to_ns(terms.start_at)


def time_key(known: type[StrategyConfig]) -> str:
    """What a strategy calls the time that it may take."""
    return "duration" if "duration" in declarations(known) else "timeout"


def ended(
    known: type[StrategyConfig], config: Mapping[str, object], end_at: datetime | None, begin_ns: int
) -> Mapping[str, object]:
    """The configuration that ends at end_at, for one that begins, or goes by its schedule since, begin_ns.

    Raises InvalidValue: an end that is not after the beginning, beside a duration, or out of the strategy's range."""
    if end_at is None:
        return config
    key, shown = time_key(known), end_at.isoformat()
    if config.get(key) is not None:
        raise InvalidValue("end_at", shown, f"goes not with config.{key}: give one of them")
    if to_ns(end_at) <= begin_ns:
        raise InvalidValue("end_at", shown, f"must be after its start, {utc(begin_ns).isoformat()}")
    seconds = Decimal(to_ns(end_at) - begin_ns) / NS_PER_SECOND
    declared, _ = declarations(known)[key]
    if declared.at_most is not None and seconds > declared.at_most:
        rule = f"is {plain(seconds)} seconds after its start: at most {plain(declared.at_most)} ({key}) are allowed"
        raise InvalidValue("end_at", shown, rule)
    return {**config, key: seconds}


def decided_by(signal_seq: int, decision: Decision) -> ParentTerms:
    """Terms that say nothing but which signal asks, and when and at which price it was decided."""
    return ParentTerms(decision_at=utc(decision.at_ns), decision_price=decision.price, signal_seq=signal_seq)


def with_config(canonical: str, changes: Mapping[str, object]) -> dict[str, Any]:
    """A parent's configuration with some keys changed."""
    return {**json.loads(canonical), **changes}


NO_TERMS = ParentTerms()

__all__ = [
    "NO_TERMS",
    "ParentTerms",
    "PauseClock",
    "SizeIn",
    "decided_by",
    "ended",
    "instant",
    "offset",
    "start_ns",
    "tags",
    "time_key",
    "with_config",
]
