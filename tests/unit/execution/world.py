"""A scripted venue and market in virtual time for policies: latencies, rejects, lost answers, late fills, bad books.

Synchronous and seeded. The venue keeps its own truth; what the policy sees of a child comes through the domain's own
join of delayed reports, so that terminal-but-unsettled and fills after the cancel occur as in life.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.order_changes import (
    apply_report,
    mark_accepted,
    mark_never_accepted,
    mark_rejected,
    mark_sent,
    mark_unanswered,
    new_order,
    request_cancel,
)
from app.domain.orders import Fill, Order, OrderReport, OrderRequest, OrderSide, OrderType, Source, VenueState
from app.domain.parent_checks import violations
from app.domain.parents import Amend, Cancel, Done, ParentOrder, ParentStatus, Place, Progress, Step, Wait
from app.domain.refusals import RefusalClass
from app.market_data.standing import Standing
from app.market_data.view import BookView, MarketView, VolumeBucket
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.execution_strategies.config import canonical
from app.services.trading.parents.records import Child

SECOND = 1_000_000_000
START = 1_767_225_600 * SECOND
REFUSALS = {"50011": RefusalClass.PASSING, "50013": RefusalClass.PASSING, "51008": RefusalClass.STANDING}
T_END = 30 * SECOND
STEPS_MAX = 20_000
"""More than any policy needs: one that waits for moment after moment is found, not waited for."""

BTC = Instrument(
    instrument_id="BTC-USDT",
    kind=InstrumentKind.SPOT,
    base="BTC",
    quote="USDT",
    settle="USDT",
    tick=Decimal("0.1"),
    lot=Decimal("0.0001"),
    min_size=Decimal("0.001"),
)


@dataclass
class Profile:
    """Probabilities (0 to 1) and times (seconds) of what goes wrong. The default: an ideal venue."""

    latency_max: float = 0.0
    reject: float = 0.0
    reject_codes: tuple[str, ...] = ("50011",)
    lost: float = 0.0  # the answer is lost; whether the order arrived is a coin
    resolve_after: float = 12.0
    partial: float = 0.0  # an IOC meets only part of its size
    resting_fill_per_second: float = 0.0
    cancel_lost: float = 0.0
    move_ticks: int = 0  # the mid moves up to so many ticks every half second
    dark: float = 0.0  # chance, each half second, that the book stays silent for 1 to 15 seconds
    others: float = 0.0  # what others trade a second, on average (instrument's unit)
    away: tuple[float, float] | None = None  # from when and for how long no process lives: the venue goes on


@dataclass
class VenueOrder:
    request: OrderRequest
    filled: Decimal = Decimal(0)
    state: VenueState = VenueState.LIVE
    trades: int = 0

    @property
    def open(self) -> bool:
        return self.state in (VenueState.LIVE, VenueState.PARTIALLY_FILLED)


@dataclass
class Outcome:
    """How a run ended: its last step, the parent's children as known, and every Place with the time it was decided."""

    done: Done
    now_ns: int
    progress: Progress
    places: list[tuple[int, Place]]
    steps: list[tuple[int, Step]]
    filled: Decimal


@dataclass
class World:
    strategy: ExecutionStrategy
    size: Decimal
    side: OrderSide = OrderSide.BUY
    limit_price: Decimal | None = None
    profile: Profile = field(default_factory=Profile)
    seed: int = 0
    instrument: Instrument = BTC
    bid: Decimal = Decimal("50000.0")
    ask: Decimal = Decimal("50000.1")
    shown: Decimal = Decimal(5)
    each_step: Callable[["World", Progress, Step], None] | None = None

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.now = START
        self.rows: dict[str, Child] = {}
        self.venue: dict[str, VenueOrder] = {}
        self.places: list[tuple[int, Place]] = []
        self.steps: list[tuple[int, Step]] = []
        self.book_ns = START
        self.dark_until = START
        self.tape: dict[int, VolumeBucket] = {}
        self.others = Decimal(0)
        self.driven_ns = START
        self.bids, self.asks = Standing(-1), Standing(1)
        self._events: list[tuple[int, int, bool, Callable[[], None]]] = []
        self._count = 0
        self._script: list[tuple[int, Callable[[], None]]] = []
        self.parent = ParentOrder(
            parent_id="P1",
            account="main",
            instrument_id=self.instrument.instrument_id,
            side=self.side,
            size=self.size,
            strategy=self.strategy.name,
            config=canonical(self.strategy.config),
            limit_price=self.limit_price,
            start_ns=START,
            end_ns=self.strategy.end_ns(START),
            seed=self.seed,
            created_ns=START,
            status=ParentStatus.RUNNING,
            status_ns=START,
        )

    # --- the run ---

    def progress(self) -> Progress:
        children = tuple(row.view() for row in self.rows.values())
        return Progress(self.parent, self.instrument, children, driven_ns=self.driven_ns)

    def market(self) -> MarketView:
        bid, ask = (self.bid, self.shown), (self.ask, self.shown)
        book = BookView.of(self.instrument.instrument_id, bid, ask, received_ns=self.book_ns)
        self.bids.note(self.bid, self.now)
        self.asks.note(self.ask, self.now)
        volume = tuple(bucket for start, bucket in self.tape.items() if start > self.now - 900 * SECOND)
        return MarketView(
            self.instrument.instrument_id,
            self.now,
            book,
            bids=(bid,),
            asks=(ask,),
            volume=volume,
            worse_bids=self.bids.seen,
            worse_asks=self.asks.seen,
        )

    def print_trade(self, size: Decimal, price: Decimal) -> None:
        """On the public tape, as every fill is."""
        start = self.now // SECOND * SECOND
        known = self.tape.get(start, VolumeBucket(start, Decimal(0), Decimal(0), Decimal(0), 0))
        self.tape[start] = replace(
            known, size=known.size + size, notional=known.notional + size * price, trades=known.trades + 1
        )

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        """Run act at so many seconds after the start."""
        self._later(seconds - (self.now - START) / SECOND, act)

    def run(self, *, seconds_max: float = 4000.0) -> Outcome:
        """Drive the policy to its end; every step is checked against S4, the lattice and the price cap."""
        self._later(0.5, self._move)
        deadline = START + int(seconds_max * SECOND)
        idle = 0
        while self.now <= deadline:
            self._be_away()
            progress, market = self.progress(), self.market()
            step = self.strategy.next_step(progress, market, self.now)
            assert step == self.strategy.next_step(progress, market, self.now), "a policy must be pure"
            self._check(progress, step)
            self.steps.append((self.now, step))
            assert len(self.steps) < STEPS_MAX, f"it asks again and again: {self.steps[-3:]}"
            if isinstance(step, Done):
                return Outcome(step, self.now, self.progress(), self.places, self.steps, self.truth_filled)
            if isinstance(step, Wait):
                idle = 0
                self._wait(step)
            else:
                idle += 1
                assert idle < 50, f"50 acts without waiting: {step}"
                self._act(step)
        raise AssertionError(f"not over after {seconds_max} s: {self.steps[-5:]}")

    @property
    def truth_filled(self) -> Decimal:
        return sum((order.filled for order in self.venue.values()), Decimal(0))

    def _check(self, progress: Progress, step: Step) -> None:
        found = violations(progress, step, self.strategy.price_cap(self.parent))
        assert not found, f"{step}: {found}"
        possible = sum(
            (order.request.size if order.open else order.filled for order in self.venue.values()), Decimal(0)
        )
        assert possible <= self.size, f"the venue could fill {possible} of {self.size}"
        assert progress.committed <= self.size
        if self.each_step is not None:
            self.each_step(self, progress, step)

    def _wait(self, step: Wait) -> None:
        until = step.until_ns
        assert until is None or until > self.now, f"waits for the past: {step}"
        while self._events and (until is None or self._events[0][0] <= until):
            at, _, market_only, act = heapq.heappop(self._events)
            self.now = at
            before = {key: row.view() for key, row in self.rows.items()}
            parent = self.parent
            act()
            changed = before != {key: row.view() for key, row in self.rows.items()} or parent is not self.parent
            if changed or (market_only and step.on_market):
                return
        assert until is not None, f"nothing left to wait for: {step}"
        self.now = until

    def _be_away(self) -> None:
        begins, length = self.profile.away or (0, 0)
        until = START + int((begins + length) * SECOND)
        if length and START + begins * SECOND <= self.now < until and self.driven_ns == START:
            while self._events and self._events[0][0] <= until:
                self.now, _, _, act = heapq.heappop(self._events)
                act()
            self.now = self.driven_ns = until

    def over_by(self) -> int:
        """The hard end: so long after the parent's own, or after somebody looked again (UTC nanoseconds)."""
        assert self.parent.end_ns is not None
        return max(self.parent.end_ns, self.driven_ns) + T_END

    def left_alone(self) -> list[str]:
        """What rests at the venue, and nobody asked for its cancel."""
        resting = (order.request for order in self.venue.values() if order.open and order.request.order_type.rests)
        return [request.order_id for request in resting if not self.rows[request.order_id].cancels]

    def _act(self, step: Step) -> None:
        if isinstance(step, Place):
            self.places.append((self.now, step))
            self._place(step)
        elif isinstance(step, Cancel):
            self._cancel(step)
        else:
            assert isinstance(step, Amend)
            raise AssertionError("no policy amends yet")

    # --- the way to the venue and back ---

    def _place(self, step: Place) -> None:
        order_id = f"c{len(self.rows) + 1}"
        request = OrderRequest(
            order_id=order_id,
            account="main",
            client_order_id=order_id,
            instrument_id=self.instrument.instrument_id,
            side=self.side,
            order_type=step.order_type,
            size=step.size,
            size_unit=self.instrument.size_unit,
            price=step.price,
            trade_mode=self.parent.trade_mode,
            created_ns=self.now,
        )
        self.rows[order_id] = Child(mark_sent(new_order(request)), len(self.steps), step.reason)
        draw = self.random.random()
        if draw < self.profile.reject:
            code = self.random.choice(self.profile.reject_codes)
            refusal = REFUSALS.get(code, RefusalClass.WRONG)
            self._later(
                self._latency(),
                lambda: self._change(order_id, lambda o: mark_rejected(o, code, "", self.now, self.now, refusal)),
            )
        elif draw < self.profile.reject + self.profile.lost:
            if self.random.random() < 0.5:
                self._later(self._latency(), lambda: self._arrive(request, answered=False))
            self._later(3.0, lambda: self._change(order_id, lambda o: mark_unanswered(o, self.now, self.now)))
            self._later(self.profile.resolve_after, lambda: self._resolve(order_id))
        else:
            self._later(self._latency(), lambda: self._arrive(request, answered=True))

    def _cancel(self, step: Cancel) -> None:
        row = self.rows[step.order_id]
        row.order = request_cancel(row.order, self.now)
        row.cancels += 1
        row.cancel_ns = self.now
        if self.random.random() >= self.profile.cancel_lost:
            self._later(self._latency(), lambda: self._cancel_arrives(step.order_id))

    def _arrive(self, request: OrderRequest, *, answered: bool) -> None:
        order = self.venue[request.order_id] = VenueOrder(request)
        if answered:
            self._later(
                self._latency(),
                lambda: self._change(request.order_id, lambda o: mark_accepted(o, "", self.now, self.now)),
            )
        price = request.price
        assert price is not None
        far = self.ask if self.side is OrderSide.BUY else self.bid
        crosses = self.side.sign * (price - far) >= 0
        if crosses and request.order_type is OrderType.POST_ONLY:
            self._finish(order, VenueState.CANCELED)
        elif crosses:
            part = self.random.random() if self.random.random() < self.profile.partial else 1
            self._fill(order, self.instrument.floor_size(request.size * Decimal(str(part))), far)
        if not request.order_type.rests and order.open:
            self._finish(order, VenueState.CANCELED)
        self._report(order)

    def _cancel_arrives(self, order_id: str) -> None:
        order = self.venue.get(order_id)
        if order is not None and order.open:
            if self.random.random() < self.profile.partial:
                self._fill(order, self.instrument.lot, order.request.price or self.bid)  # a fill beats the cancel
            if order.open:
                self._finish(order, VenueState.CANCELED)
                self._report(order)

    def _resolve(self, order_id: str) -> None:
        if (order := self.venue.get(order_id)) is None:
            self._change(order_id, lambda o: mark_never_accepted(o, "absent everywhere", self.now))
        else:
            self._report(order)

    def fill(self, order_id: str, size: Decimal) -> None:
        """A resting child fills at its own price."""
        order = self.venue[order_id]
        self._fill(order, size, order.request.price or self.bid)

    def _fill(self, order: VenueOrder, size: Decimal, price: Decimal) -> None:
        size = min(size, order.request.size - order.filled)
        if size <= 0 or not order.open:
            return
        order.filled += size
        order.trades += 1
        self.print_trade(size, price)
        done = order.filled == order.request.size
        order.state = VenueState.FILLED if done else VenueState.PARTIALLY_FILLED
        fill = Fill(
            order.request.instrument_id,
            f"t{order.request.order_id}-{order.trades}",
            order.request.order_id,
            self.side,
            price,
            size,
            self.now,
        )
        self._report(order)
        report = OrderReport(order.request.instrument_id, Source.STREAM, order.request.client_order_id, fill=fill)
        self._later(self._latency(), lambda: self._join(order.request.order_id, report))

    def _finish(self, order: VenueOrder, state: VenueState) -> None:
        order.state = state

    def _report(self, order: VenueOrder) -> None:
        report = OrderReport(
            order.request.instrument_id,
            Source.STREAM,
            order.request.client_order_id,
            order.request.order_id,
            order.state,
            order.filled,
            order.request.size,
            order.request.price,
            venue_time_ns=self.now,
        )
        self._later(self._latency(), lambda: self._join(order.request.order_id, report))

    def _join(self, order_id: str, report: OrderReport) -> None:
        self._change(order_id, lambda order: apply_report(order, report, self.now).order)

    def _change(self, order_id: str, change: Callable[[Order], Order]) -> None:
        row = self.rows[order_id]
        row.order = change(row.order)

    # --- the market ---

    def set_book(self, bid: str, ask: str) -> None:
        self.bid, self.ask = Decimal(bid), Decimal(ask)
        self.book_ns = self.now

    def set_status(self, status: ParentStatus, reason: str = "") -> None:
        self.parent = replace(self.parent, status=status, reason=reason, status_ns=self.now)

    def _move(self) -> None:
        if self.now >= self.dark_until:
            if self.profile.move_ticks:
                ticks = self.random.randint(-self.profile.move_ticks, self.profile.move_ticks)
                self.bid += ticks * self.instrument.tick
                self.ask += ticks * self.instrument.tick
            self.book_ns = self.now
            if self.random.random() < self.profile.dark:
                self.dark_until = self.now + self.random.randint(1, 15) * SECOND
        if self.profile.others:
            lots = round(self.profile.others * self.random.random() / float(self.instrument.lot))
            self.others += lots * self.instrument.lot
            self.print_trade(lots * self.instrument.lot, self.bid)
        for order in list(self.venue.values()):
            if order.open and order.request.order_type.rests:
                self._rest_half_second(order)
        self._later(0.5, self._move, market_only=True)

    def _rest_half_second(self, order: VenueOrder) -> None:
        far = self.ask if self.side is OrderSide.BUY else self.bid
        price = order.request.price
        assert price is not None
        if self.side.sign * (price - far) >= 0:
            self._fill(order, order.request.size, price)
        elif self.random.random() < self.profile.resting_fill_per_second / 2:
            lots = self.random.randint(1, max(1, int(order.request.size / self.instrument.lot)))
            self._fill(order, lots * self.instrument.lot, price)

    def _latency(self) -> float:
        return self.random.random() * self.profile.latency_max

    def _later(self, seconds: float, act: Callable[[], None], *, market_only: bool = False) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now + max(0, int(seconds * SECOND)), self._count, market_only, act))
