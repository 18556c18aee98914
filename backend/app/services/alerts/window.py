"""What rules look at: the last minutes, second by second. Pure."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from typing import NamedTuple

from app.clock import NS_PER_SECOND

WINDOW_SECONDS = 300
ACCOUNT = "account"
"""What an order of no strategy is counted for, and what concerns the whole account."""

Amounts = Mapping[str, Decimal]
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule measures of one subject. value: None while it cannot be told, and then nothing begins or ends."""

    value: Decimal | None
    what: str = ""


Readings = Mapping[str, Reading]


class Charged(NamedTuple):
    """What fills were charged in fees, and for how much, in the currency of their costs. rounding: by so much, in the
    same, the fees may be off for having been rounded, each in its own currency."""

    fees: Decimal
    notional: Decimal
    fills: int
    rounding: Decimal

    def __add__(self, other: "Charged") -> "Charged":  # type: ignore[override]  # as numbers, not as a tuple
        fees, notional = self.fees + other.fees, self.notional + other.notional
        return Charged(fees, notional, self.fills + other.fills, self.rounding + other.rounding)


class Slippages(NamedTuple):
    """How far from the price at their arrival executions of one kind and instrument were filled, oldest first, in basis
    points, positive is worse. last_ns: when the newest ended (monotonic)."""

    of: str
    bps: tuple[Decimal, ...]
    last_ns: int


class Unlike(NamedTuple):
    """How many times more or less than before something is, where a detector says that this is no chance."""

    times: Decimal
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """The system as one second left it. at_ns: monotonic. down, silent: for how many seconds, by stream. stale: books
    of open orders that cannot be used, and why. differences: that stand, in words. drifting: for how many seconds, of
    what differs and does not stand yet. uncompared: since the last comparison with the exchange, in periods of the
    audit. unknown: how many orders, and how long the oldest, in patiences. disk_free: in MiB; None: not known.
    lease_used: of the time that a renewal may be late. price_gaps: of a book's mid to what the exchange says, a
    fraction. daily_loss: of its limit. slipped: by strategy. rates: the account's fees, by instrument and side.
    unlike: by strategy. charged: in this second, as rates. sizes: the mean of the orders asked for, by strategy and
    instrument. ended: of orders that ended, how many were filled at all, and how many there were. asked, answered,
    refused, cancelled: orders in this second, by strategy. happened: whatever else is counted, by name
    (counting.HAPPENED)."""

    at_ns: int
    down: Amounts = field(default_factory=dict[str, Decimal])
    silent: Amounts = field(default_factory=dict[str, Decimal])
    stale: Mapping[str, str] = field(default_factory=dict[str, str])
    differences: Mapping[str, str] = field(default_factory=dict[str, str])
    drifting: Amounts = field(default_factory=dict[str, Decimal])
    uncompared: Decimal = Decimal(0)
    unknown: int = 0
    unknown_patiences: Decimal = Decimal(0)
    clock_offset: Decimal = Decimal(0)
    loop_lag: Decimal = Decimal(0)
    disk_free: Decimal | None = None
    lease_used: Decimal = Decimal(0)
    price_gaps: Amounts = field(default_factory=dict[str, Decimal])
    daily_loss: Decimal | None = None
    slipped: Mapping[str, Sequence[Slippages]] = field(default_factory=dict[str, Sequence[Slippages]])
    rates: Amounts = field(default_factory=dict[str, Decimal])
    unlike: Mapping[str, Unlike] = field(default_factory=dict[str, Unlike])
    charged: Mapping[str, Charged] = field(default_factory=dict[str, Charged])
    sizes: Mapping[str, Amounts] = field(default_factory=dict[str, Amounts])
    ended: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    asked: Counts = field(default_factory=dict[str, int])
    answered: Counts = field(default_factory=dict[str, int])
    refused: Counts = field(default_factory=dict[str, int])
    cancelled: Counts = field(default_factory=dict[str, int])
    happened: Counts = field(default_factory=dict[str, int])


class Window:
    """The last WINDOW_SECONDS; never empty when a rule looks."""

    def __init__(self) -> None:
        self._seconds: deque[Second] = deque(maxlen=WINDOW_SECONDS)
        self._counted: deque[Second] = deque(maxlen=WINDOW_SECONDS)
        """Those in which anything was: the rules sum over these few every second."""

    def add(self, second: Second) -> None:
        self._seconds.append(second)
        counted = (second.asked, second.answered, second.refused, second.cancelled, second.happened, second.charged)
        if any(counted):
            self._counted.append(second)

    @property
    def last(self) -> Second:
        return self._seconds[-1]

    @property
    def seen_seconds(self) -> Decimal:
        """How much of the time is in it: less than WINDOW_SECONDS soon after a start."""
        seen = Decimal(self.last.at_ns - self._seconds[0].at_ns) / NS_PER_SECOND + 1
        return min(seen, Decimal(WINDOW_SECONDS))

    def since(self, seconds: int) -> Iterator[Second]:
        """Those of the last so many seconds, newest first."""
        return self._last_of(self._seconds, seconds)

    def _last_of(self, kept: deque[Second], seconds: int) -> Iterator[Second]:
        after_ns = self.last.at_ns - seconds * NS_PER_SECOND
        return takewhile(lambda each: each.at_ns > after_ns, reversed(kept))

    def total(self, seconds: int, of: Callable[[Second], Counts]) -> Counts:
        """What was counted in the last so many seconds."""
        found: dict[str, int] = {}
        for second in self._last_of(self._counted, seconds):
            for name, count in of(second).items():
                found[name] = found.get(name, 0) + count
        return found

    def charged(self, seconds: int) -> Mapping[str, Charged]:
        """What fills were charged in the last so many seconds."""
        found: dict[str, Charged] = {}
        for second in self._last_of(self._counted, seconds):
            for name, each in second.charged.items():
                found[name] = found[name] + each if name in found else each
        return found

    def rate_before(self, name: str) -> Decimal | None:
        """The earliest one known that is still in it."""
        return next((each.rates[name] for each in self._seconds if name in each.rates), None)

    def happened(self, seconds: int, what: str) -> int:
        """How often it did in the last so many seconds."""
        return sum(second.happened.get(what, 0) for second in self._last_of(self._counted, seconds))
