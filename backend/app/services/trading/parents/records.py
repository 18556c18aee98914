"""A parent order as rows and back, and what the driver remembers of one that runs.

The rows are the truth: a record read back from them after a crash gives the same progress, and so the same next step.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.clock import NS_PER_SECOND, to_ns, utc
from app.domain.arrivals import DEPTH_PCT, Arrival
from app.domain.child_views import ChildView, child_view
from app.domain.instruments import Instrument
from app.domain.money import ONE, ZERO
from app.domain.orders import Order, OrderSide
from app.domain.parents import (
    Amend,
    Bounds,
    Cancel,
    Held,
    ParentOrder,
    ParentStatus,
    Place,
    Progress,
    Wait,
    parent_principal,
)
from app.journal.codec import decode_plain
from app.market_data.view import MarketView
from app.services.trading.account import refusal_classes
from app.services.trading.errors import TradingError
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.execution_strategies.terms import ParentTerms
from app.services.trading.schemas import OrderParams, ParentResponse
from app.store.queries import OpenParent
from app.store.rows import PARENT, STEP, parent_from_row

Row = Mapping[str, Any]
Act = Place | Cancel | Amend
"""The steps that are rows; a Wait is none, and a Done is the parent's own row."""
GAP_NS = 90 * NS_PER_SECOND
"""One that is driven is looked at more often than this, whatever it waits for."""


@dataclass(frozen=True, slots=True)
class Begin:
    """How a parent begins. start_ns: not before then, now_ns or later. exit, quote, arm: see ParentOrder."""

    parent_id: str
    now_ns: int
    start_ns: int
    seed: int
    arrival: Arrival | None = None
    exit: bool = False
    quote: Decimal | None = None
    arm: str | None = None


def new_parent(
    account: str, policy: ExecutionStrategy, params: OrderParams, terms: ParentTerms, begin: Begin
) -> ParentOrder:
    """One that begins now, running, or that waits for its start."""
    scheduled = begin.start_ns > begin.now_ns
    return ParentOrder(
        parent_id=begin.parent_id,
        account=account,
        instrument_id=params.instrument_id,
        side=params.side,
        size=params.size,
        strategy=policy.name,
        config=policy.canonical_config,
        limit_price=params.price,
        start_ns=begin.start_ns,
        end_ns=policy.end_ns(begin.start_ns),
        seed=begin.seed,
        created_ns=begin.now_ns,
        trade_mode=params.trade_mode,
        position_side=params.position_side,
        reduce_only=params.reduce_only,
        strategy_id=params.strategy_id,
        on_restart=policy.config.on_restart,
        status=ParentStatus.SCHEDULED if scheduled else ParentStatus.RUNNING,
        status_ns=begin.now_ns,
        updated_ns=begin.now_ns,
        exit=begin.exit,
        arrival=begin.arrival,
        decision_ns=None if terms.decision_at is None else to_ns(terms.decision_at),
        decision_price=terms.decision_price,
        limit_offset=terms.limit_offset_pct,
        tags=tuple(terms.tags),
        quote=begin.quote,
        arm=begin.arm,
        signal_seq=terms.signal_seq,
    )


def arrival_of(market: MarketView | None, now_ns: int) -> Arrival | None:
    """The touch as it is now, and what each side shows near it; None without both sides."""
    book = market.book if market is not None else None
    if market is None or book is None or book.mid is None:
        return None
    if book.bid is None or book.ask is None or book.bid_size is None or book.ask_size is None:
        return None
    return Arrival(
        bid=book.bid,
        bid_size=book.bid_size,
        ask=book.ask,
        ask_size=book.ask_size,
        at_ns=now_ns,
        venue_ns=book.venue_time_ns,
        bid_depth=market.within(OrderSide.SELL, book.mid * (ONE - DEPTH_PCT)),
        ask_depth=market.within(OrderSide.BUY, book.mid * (ONE + DEPTH_PCT)),
    )


def at_its_turn(parent: ParentOrder, now_ns: int) -> ParentOrder:
    """The parent as if it were running, and as if one that waits for its start began now."""
    early_ns = max(parent.start_ns - now_ns, 0)
    end_ns = None if parent.end_ns is None else parent.end_ns - early_ns
    return replace(parent, status=ParentStatus.RUNNING, start_ns=parent.start_ns - early_ns, end_ns=end_ns)


def waits(parent: ParentOrder, now_ns: int) -> ParentStatus:
    """Of one that is to go on: whether it runs, or waits for its start."""
    return ParentStatus.SCHEDULED if now_ns < parent.start_ns else ParentStatus.RUNNING


def parent_row(parent: ParentOrder, next_step: int) -> dict[str, Any]:
    """The parent_orders row."""
    return PARENT.named(parent, next_step)


def step_row(parent_id: str, step: int, act: Act, order: Order, decided_ns: int) -> dict[str, Any]:
    """The parent_steps row of an act; order: the child that it makes, cancels or amends."""
    return STEP.named(parent_id, step, act, order, decided_ns)


@dataclass
class Child:
    """One child: its order as last seen, and what our steps say of it."""

    order: Order
    step: int
    reason: str
    cancels: int = 0
    cancel_ns: int | None = None
    amends: int = 0
    amend_ns: int | None = None
    amends_refused: int = 0
    _view: tuple[Order, tuple[int, int, int], ChildView] | None = None

    def view(self) -> ChildView:
        acts = self.cancels, self.amends, self.amends_refused
        if self._view is None or self._view[0] is not self.order or self._view[1] != acts:
            self._view = (self.order, acts, self._fresh())
        return self._view[2]

    def _fresh(self) -> ChildView:
        return child_view(
            self.order,
            step=self.step,
            reason=self.reason,
            cancels=self.cancels,
            cancel_ns=self.cancel_ns,
            refusal=refusal_classes.of_order(self.order),
            amends=self.amends,
            amend_ns=self.amend_ns,
            amends_refused=self.amends_refused,
        )


@dataclass
class Record:
    """A parent that runs in this process.

    wake: something changed. begun: it has a child, or will have none. ended: it is over or laid aside, or `error` says
    why nobody waits for it any more.
    """

    parent: ParentOrder
    strategy: ExecutionStrategy
    next_step: int = 1
    children: dict[str, Child] = field(default_factory=dict[str, Child])
    waiting: Wait | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    error: TradingError | None = None
    task: asyncio.Task[None] | None = None
    _views: tuple[ChildView, ...] | None = None
    _driven_ns: int = 0
    _looked_ns: int = 0

    @property
    def protects(self) -> bool:
        """Whether it waits for a price, to take away of what is held."""
        return self.strategy.conditional and self.parent.only_reduces

    @property
    def fired(self) -> bool:
        """Whether it has an order that does more than wait at the exchange."""
        return any(child.view().worked for child in self.children.values())

    @property
    def waits_here(self) -> bool:
        """Whether it waits for a price, or for more of it to be traded, with nothing at the exchange."""
        return self.strategy.conditional and all(child.order.settled for child in self.children.values())

    @property
    def passes(self) -> bool:
        """Whether the kill switch does not hold it."""
        return self.parent.exit or self.protects

    @property
    def enters(self) -> bool:
        """Whether it waits here to get in: the kill switch ends it, and lays aside what works otherwise."""
        return (self.strategy.conditional or self.strategy.exits is not None) and not self.passes

    @property
    def principal(self) -> str:
        return parent_principal(self.parent.parent_id)

    def progress(self, instrument: Instrument, held: Held | None = None, bounds: Bounds | None = None) -> Progress:
        if self._views is None:  # many looks fall between two changes, and a parent may have hundreds of children
            self._views = tuple([child.view() for child in self.children.values()])
        return Progress(self.parent, instrument, self._views, held, bounds, driven_ns=self._driven_ns)

    def looked(self, now_ns: int) -> None:
        """It is looked after now. A gap (this process began, the machine slept, its clock was set) begins that anew."""
        if not 0 <= now_ns - self._looked_ns <= GAP_NS:
            self._driven_ns = now_ns
        self._looked_ns = now_ns

    def last_ended_ns(self) -> int:
        """When the last child ended; a change of status comes after it, however coarse the clock."""
        return max((child.order.completed_ns or 0 for child in self.children.values()), default=0)

    def filled(self) -> Decimal:
        return filled_by(child.order for child in self.children.values())

    def act(self, act: Act, step: int, order: Order, decided_ns: int) -> None:
        """Remember an act that is staged."""
        if isinstance(act, Place):
            self.children[order.order_id] = Child(order, step, act.reason)
            self._views = None
            self.begun.set()
        elif isinstance(act, Cancel):
            self.note_cancel(order.order_id, decided_ns)
        else:
            self.note_amend(order.order_id, decided_ns)
        self.next_step = step + 1

    def stands(self, parent: ParentOrder) -> None:
        """Its row is another now."""
        self.parent = parent
        self.wake.set()

    def rebuild(self, fresh: "Record") -> None:
        """Forget what was only in memory: take the state that was read from rows."""
        self.parent, self.strategy, self.next_step = fresh.parent, fresh.strategy, fresh.next_step
        self.children, self.waiting, self._views = fresh.children, None, None
        if self.children:
            self.begun.set()
        self.error = None
        # What the last process, or the store that failed, was about to tell whoever waits is not known.
        (self.ended.set if self.parent.status is ParentStatus.SUSPENDED else self.ended.clear)()

    def finish(self, error: TradingError | None) -> None:
        """Let go of whoever waits in run()."""
        self.error = error
        self.begun.set()
        self.ended.set()

    def note_cancel(self, order_id: str, decided_ns: int) -> None:
        child = self.children[order_id]
        child.cancels += 1
        child.cancel_ns = decided_ns
        self._views = None

    def note_amend(self, order_id: str, decided_ns: int) -> None:
        child = self.children[order_id]
        child.amends += 1
        child.amend_ns = decided_ns
        self._views = None

    def answered(self, order_id: str, *, refused: bool) -> None:
        """A change of a child was refused, or taken."""
        child = self.children[order_id]
        child.amends_refused = child.amends_refused + 1 if refused else 0
        self._views = None

    def saw(self, order: Order) -> bool:
        """Take a child's newer state; False when it is none of ours or nothing new."""
        child = self.children.get(order.order_id)
        if child is None or child.order is order:
            return False
        child.order = order
        self._views = None
        return True


def record_from_rows(loaded: OpenParent, strategy: ExecutionStrategy) -> Record:
    """The record of a parent that was open when the process ended. Raises KeyError when a step's order is missing."""
    record = Record(parent_from_row(loaded.row), strategy, loaded.row["next_step"])
    orders = {order.order_id: order for order in loaded.children}
    for row in loaded.steps:
        if row["kind"] == "place":
            reason = decode_plain(row["content"])["reason"]
            record.children[row["order_id"]] = Child(orders[row["order_id"]], row["step"], reason)
        elif row["kind"] == "cancel":
            record.note_cancel(row["order_id"], row["decided_ns"])
        elif row["kind"] == "amend":
            record.note_amend(row["order_id"], row["decided_ns"])
    return record


def parent_response(parent: ParentOrder, progress: Progress, waiting: Wait | None) -> ParentResponse:
    until_ns = waiting.until_ns if waiting is not None else None
    return ParentResponse(
        parent=parent,
        filled_size=progress.filled,
        working_size=progress.committed - progress.filled,
        unsent_size=progress.unplaced,
        open_children=tuple(child.order_id for child in progress.open_children),
        waiting_for=waiting.reason if waiting is not None else "",
        next_at=None if until_ns is None else utc(until_ns),
        quote_left=progress.quote_left,
    )


def response_from_row(row: Row) -> ParentResponse:
    """Of a parent that is over: nothing works any more."""
    return response_over(parent_from_row(row))


def filled_by(children: Iterable[Order]) -> Decimal:
    return sum((child.filled_size for child in children), ZERO)


def response_over(parent: ParentOrder) -> ParentResponse:
    return ParentResponse(
        parent=parent,
        filled_size=parent.filled,
        working_size=ZERO,
        unsent_size=max(parent.size - parent.filled, ZERO),
        open_children=(),
        waiting_for="",
        next_at=None,
    )
