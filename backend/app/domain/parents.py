"""Parent orders: what is to be done (ParentOrder), what its children came to (Progress), and what to do next (Step).

Pure. Everything derived is recomputed from the children's rows, never counted along: remaining is the parent's size
less the most that each child can still have filled, so an unknown child can never be doubled (INVARIANTS S4).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from app.domain.arrivals import Arrival
from app.domain.child_views import ChildView
from app.domain.conditions import Condition
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import (
    OrderSide,
    OrderType,
    PositionKey,
    PositionSide,
    TradeMode,
)
from app.domain.position_books import only_reduces
from app.domain.slicing import minimum_lots


class ParentStatus(StrEnum):
    """SCHEDULED before its start; PAUSED by a person, SUSPENDED by the system; the rest after CANCELING are ends."""

    NEW = "new"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    CANCELING = "canceling"
    COMPLETED = "completed"
    COMPLETED_WITH_DUST = "completed_with_dust"
    PARTIAL_EXPIRED = "partial_expired"
    CANCELED = "canceled"
    REJECTED = "rejected"
    FAILED = "failed"

    @property
    def terminal(self) -> bool:
        return self in TERMINAL_PARENT_STATUSES


_P = ParentStatus
TERMINAL_PARENT_STATUSES = frozenset(
    {_P.COMPLETED, _P.COMPLETED_WITH_DUST, _P.PARTIAL_EXPIRED, _P.CANCELED, _P.REJECTED, _P.FAILED}
)


Freeze = tuple[int, int]
"""(since_ns, until_ns) in which a parent's clock stood."""

RULES = 2
"""Of new parents. 1: price_offset_pct of a TWAP counts from the mid, and a positive one crosses."""


def parent_principal(parent_id: str) -> str:
    """Who does what a parent does."""
    return f"parent:{parent_id}"


class OnRestart(StrEnum):
    """What a start does with a parent that was open when the process ended."""

    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class ParentOrder:
    """One order to be worked by an execution strategy.

    size: in the instrument's unit. strategy, config: a name of the registry and its configuration as canonical JSON.
    limit_price: what the caller gave; the strategy says whether it caps every child or is the price of one. start_ns,
    end_ns: UTC; end_ns None is open-ended. seed: of whatever the strategy draws. status_ns: when status last changed.
    filled, reason: as of updated_ns. amended_step: children of earlier steps were made on other terms. accepted: an
    overfill up to here was accepted by an operator. rules: by which meaning of the configuration it was begun. exit: a
    person asked for it to get out of what is held; the kill switch does not hold it. arrival: the market that it met,
    for ever; None where its book could not be used. decision_ns, decision_price: when and at which price the caller
    decided, by their own word. limit_offset: limit_price was made of the arrival, so far beyond its mid. tags: the
    caller's words for it. plan_ns, plan_filled: since its last amendment it goes by a plan from then, for what this
    left (0: from its start). frozen_ns: since when its clock stands; freezes: when it stood since plan_ns;
    frozen_total_ns: for how long in all. quote: of one whose size is an amount of quote currency; size is then what it
    comes to, as of the last step (quote_sizes.py). extreme: the best price that a trailing stop has followed, known
    from what had traded by extreme_ns (the exchange's time). entry_id: the parent that it gets out of; entry_over: that
    one is over, and size is what it came to. arm: what its label's wheel has assigned it to. signal_seq: the event of
    the journal that tells the signal that asked for it.
    """

    parent_id: str
    account: str
    instrument_id: str
    side: OrderSide
    size: Decimal
    strategy: str
    config: str
    limit_price: Decimal | None
    start_ns: int
    end_ns: int | None
    seed: int
    created_ns: int
    trade_mode: TradeMode = TradeMode.CASH
    position_side: PositionSide = PositionSide.NET
    reduce_only: bool = False
    strategy_id: str | None = None
    on_restart: OnRestart = OnRestart.RESUME
    status: ParentStatus = ParentStatus.NEW
    status_ns: int = 0
    filled: Decimal = ZERO
    reason: str = ""
    updated_ns: int = 0
    amended_step: int = 0
    accepted: Decimal = ZERO
    rules: int = RULES
    exit: bool = False
    arrival: Arrival | None = None
    decision_ns: int | None = None
    decision_price: Decimal | None = None
    limit_offset: Decimal | None = None
    tags: tuple[str, ...] = ()
    plan_ns: int = 0
    plan_filled: Decimal = ZERO
    frozen_ns: int | None = None
    freezes: tuple[Freeze, ...] = ()
    frozen_total_ns: int = 0
    quote: Decimal | None = None
    extreme: Decimal | None = None
    extreme_ns: int = 0
    entry_id: str | None = None
    entry_over: bool = False
    arm: str | None = None
    signal_seq: int | None = None

    @property
    def only_reduces(self) -> bool:
        """Whether its orders can but take away of what is held: what is not there cannot be sold."""
        if self.trade_mode is TradeMode.CASH:
            return self.side is OrderSide.SELL
        return only_reduces(self.position_side, self.side, self.reduce_only)

    @property
    def kind(self) -> InstrumentKind:
        """Of its instrument."""
        return InstrumentKind.SPOT if self.trade_mode is TradeMode.CASH else InstrumentKind.SWAP

    @property
    def deadline_ns(self) -> int | None:
        """Its end, as long as its clock goes."""
        return self.end_ns if self.frozen_ns is None else None

    @property
    def planned_ns(self) -> int:
        """From when its present plan counts."""
        return self.plan_ns or self.start_ns

    @property
    def going_ns(self) -> int:
        """Since when it goes by its present plan without a pause of its clock: what traded before is none of its."""
        return max(self.planned_ns, self.freezes[-1][1] if self.freezes else 0)

    @property
    def overfilled(self) -> Decimal:
        """By how much it filled beyond its size and beyond what an operator has accepted."""
        return max(self.filled - max(self.size, self.accepted), ZERO)

    @property
    def key(self) -> PositionKey:
        """The position that its children move."""
        return PositionKey(self.instrument_id, self.position_side, self.trade_mode)


@dataclass(frozen=True, slots=True)
class Held:
    """What is there for a parent that can only take away: in all, and less what open orders may still take of it."""

    total: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one order may go now: its largest size, and the price beyond which risk lets none trade."""

    largest: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """What the parent that gets in has come to, while it may still do more. first_ns: when it first filled, in the
    exchange's time. over: nothing of it is to come."""

    filled: Decimal
    first_ns: int | None
    over: bool


@dataclass(frozen=True)
class Progress:
    """A parent, its instrument as it is now, and all its children in the order of their steps.

    held: None for a parent that needs nothing to be there (a buy of spot, a contract that may be opened). bounds: for
    policies that ask for them; None without a usable book. quote_left: of the amount of one that has one. entry: of one
    that gets out of what another gets into, while that one is not over. driven_ns: since when it has been looked after
    without a gap (UTC nanoseconds); no process did so while it was down, or its machine asleep.
    """

    parent: ParentOrder
    instrument: Instrument
    children: tuple[ChildView, ...] = ()
    held: Held | None = None
    bounds: Bounds | None = None
    quote_left: Decimal | None = None
    entry: Entry | None = None
    driven_ns: int = 0

    @cached_property
    def filled(self) -> Decimal:
        return sum([child.filled for child in self.children], ZERO)

    @cached_property
    def committed(self) -> Decimal:
        """The most that the children together may end up having filled."""
        return sum([child.max_possible for child in self.children], ZERO)

    @property
    def unplaced(self) -> Decimal:
        """What no child has filled or may still fill. Negative only when the venue overfilled."""
        return self.parent.size - self.committed

    @property
    def remaining(self) -> Decimal:
        """What may still be placed: the unplaced part, of which no more than is there."""
        left = self.unplaced if self.entry is None else min(self.unplaced, self.entry.filled - self.committed)
        return left if self.held is None else min(left, max(self.held.free, ZERO))

    @cached_property
    def open_children(self) -> tuple[ChildView, ...]:
        return tuple([child for child in self.children if child.open])

    @property
    def outdated(self) -> tuple[ChildView, ...]:
        """Open children that rest on terms from before the last amendment."""
        before = self.parent.amended_step
        return tuple(
            child for child in self.open_children if child.step < before and child.order_type.rests and not child.waits
        )

    @property
    def is_dust(self) -> bool:
        """Something is left, and the venue would not take an order so small."""
        return self.unplaced > 0 and self._too_small(self.unplaced)

    @property
    def is_gone(self) -> bool:
        """What is left to do is more than what is there, of which no order can be made: a fee in base, a sale by hand,
        a transfer took it."""
        held = None if self.entry is not None else self.held
        return held is not None and self.unplaced > max(held.total, ZERO) and self._too_small(held.total)

    @property
    def nothing_there(self) -> bool:
        """Of what it can only take away of there is nothing, whatever its open orders say."""
        return self.held is not None and self._too_small(self.held.total)

    @property
    def is_bound(self) -> bool:
        """What is there is held by open orders, too much of it for an order of this parent."""
        return not self.is_gone and self.held is not None and self.unplaced > 0 and self._too_small(self.remaining)

    def _too_small(self, size: Decimal) -> bool:
        return size < minimum_lots(self.instrument) * self.instrument.lot

    @property
    def taken_back(self) -> ChildView | None:
        """A child that somebody else canceled since the parent's status last changed."""
        for child in reversed(self.children):
            if child.taken_back and (child.open or (child.ended_ns or 0) >= self.parent.status_ns):
                return child
        return None

    @property
    def failures(self) -> tuple[ChildView, ...]:
        """The children since the last one that came to anything, oldest first.

        Those that ended before the parent's status last changed are forgiven: whoever resumes it starts afresh.
        """
        tail: list[ChildView] = []
        for child in reversed(self.children):
            if child.declined:
                continue
            if not child.failed or (child.ended_ns or 0) < self.parent.status_ns:
                break
            tail.append(child)
        return tuple(reversed(tail))


@dataclass(frozen=True, slots=True)
class Place:
    """Place one child of this size (instrument's unit) at price (None for market orders); with a condition it stands at
    the exchange until that is met."""

    size: Decimal
    order_type: OrderType
    price: Decimal | None
    reason: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ask for the cancel of a child; its size stays committed until it is over and settled."""

    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Amend:
    """Change a child's total size, price or condition; None leaves as it is."""

    order_id: str
    size: Decimal | None
    price: Decimal | None
    reason: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before until_ns (None: no time), a change of a child, or, with on_market, of the market."""

    until_ns: int | None
    reason: str
    on_market: bool = False


@dataclass(frozen=True, slots=True)
class Remember:
    """Write down what the policy goes by from now on: the parent's extreme, and as of when."""

    extreme: Decimal
    extreme_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """The parent ends in `status`, or is laid aside when that is SUSPENDED."""

    status: ParentStatus
    reason: str


Step = Place | Cancel | Amend | Remember | Wait | Done
