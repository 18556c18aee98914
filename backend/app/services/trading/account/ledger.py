"""One account in memory, and the turn: the only way to change it.

A turn reads through to memory, gathers new state, rows and events, and either commits as a whole or leaves no trace.
It never awaits. What it staged is durable when its future ends; only then may anything act on it (ARCHITECTURE 5).
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import structlog

from app.clock import Clock
from app.domain.cash import CashKind
from app.domain.events import Event, EventKind
from app.domain.exposure import OpenExposure
from app.domain.instruments import Instrument
from app.domain.kill_switch import KillSwitch
from app.domain.orders import FillKey, Order, PositionKey
from app.domain.positions import Position, PositionFold
from app.journal.codec import encode
from app.services.trading.account.bookings import Bookings
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.closures import Closures
from app.services.trading.account.day_figures import DayFigures, DayParts, Entered, EquityOfDay
from app.services.trading.account.key_book import KeyBook
from app.services.trading.account.opening import Opening
from app.services.trading.account.order_memory import OrderMemory, ReadNumbers
from app.services.trading.account.position_state import PositionState, Worth
from app.services.trading.account.refused_lines import RefusedLines
from app.store.durable import Durable
from app.store.group import Group, PlainRow
from app.store.queries import LoadedState
from app.store.rows import NewOrder
from app.store.writer import GroupWriter

log = structlog.get_logger("ledger")

SYSTEM = "system"
VENUE = "venue"

OPENING = "opening"
"""The watermark of the first start: what filled before is in the opening balances and positions."""


class Ledger(PositionState):
    """All that is known of one account: open orders, positions, balances, exposure, kill switch, journal head.

    Reading is free; changing goes through turn(). prices, equity: what a turn values by; without them nothing has a
    price. opening: what the first record holds; founding: until it is made. refused: fills that the database does not
    take. switched_ns: when the kill switch was last used in this process. beside: stages what hangs on an order that a
    turn changes.
    """

    writer: GroupWriter

    def __init__(
        self,
        account: str,
        clock: Clock,
        catalogue: Catalogue | None = None,
        prices: Worth | None = None,
        equity: Callable[["Ledger"], Decimal | None] = lambda _: None,
    ) -> None:
        super().__init__(catalogue or Catalogue(clock), prices)
        self._equity = equity
        self.account = account
        self.clock = clock
        self.seq, self.next_movement, self.switched_ns = 0, 1, 0
        self.kill_switch = KillSwitch()
        self.equity_of_day: EquityOfDay | None = None
        self.watermarks: dict[str, int] = {}
        self.opening, self.founding, self.reads = Opening(), False, ReadNumbers()
        self.day, self.closures = DayFigures(), Closures()
        self.keys, self._memory = KeyBook(clock), OrderMemory()
        self.refused_lines, self.refused = RefusedLines(clock), set[FillKey]()
        self.beside: Callable[[Turn, Order], None] = lambda *_: None
        self._subscribers: list[Callable[[Group], None]] = []

    def list_instrument(self, instrument: Instrument) -> None:
        """The exchange lists an instrument, or lists it differently."""
        if self.catalogue.put(instrument):
            self._memory.learn(instrument)

    @property
    def orders(self) -> dict[str, Order]:
        """The orders in memory by our order id; only turns change them."""
        return self._memory.orders

    @property
    def exposure(self) -> OpenExposure:
        """What the open orders may still do."""
        return self._memory.exposure

    def find(self, *, client_order_id: str = "", venue_order_id: str = "") -> Order | None:
        """The order in memory with one of these ids."""
        return self._memory.find(client_order_id, venue_order_id)

    def id_taken(self, client_order_id: str) -> bool:
        """Whether an order in memory has this client order id."""
        return self._memory.id_taken(client_order_id)

    def open_orders(self) -> list[Order]:
        """Orders that are not settled, oldest first."""
        return self._memory.open()

    @property
    def open_count(self) -> int:
        return self._memory.open_count

    def turn(self, principal: str, cause_seq: int | None = None) -> "Turn":
        return Turn(self, principal, cause_seq)

    @property
    def has_writer(self) -> bool:
        return hasattr(self, "writer")

    @property
    def writer_failed(self) -> bool:
        """Whether the database stopped taking turns."""
        return self.has_writer and self.writer.failed is not None

    def equity_now(self) -> Decimal | None:
        """What the account is worth, in the valuation currency."""
        return self._equity(self)

    def begin(self, state: LoadedState, opening: Opening, epoch: int, writer: GroupWriter) -> None:
        """From here on by what the database has, written by this writer, under the lease of this epoch. An account
        without a row is being founded."""
        self.load(state)
        self.opening = opening
        self.founding = state.account is None
        self.reads.begin(epoch)
        self.writer = writer

    def load(self, state: LoadedState) -> None:
        """Forget everything and begin from what the database has. `instruments` must be known before.

        A kill switch that is engaged stays so: the database may have failed before it was told.
        """
        self.seq = state.seq
        self.load_positions(state)
        if state.kill_switch.engaged or not self.kill_switch.engaged:
            self.kill_switch = state.kill_switch
        newest = state.equity_days[0] if state.equity_days else None
        self.equity_of_day = EquityOfDay.of(newest) if newest else None
        parts = self.equity_of_day.parts if self.equity_of_day else None
        self.day.load(state.day_movements, parts, day_open=newest is not None)
        self.next_movement = state.next_movement
        self.watermarks = dict(state.watermarks)
        self._memory.clear()
        self.adopt_loaded(state.open_orders.values())
        self.keys.load(state.keys, state.charges, state.approvals)

    def adopt_loaded(self, orders: Iterable[Order]) -> None:
        """Bring orders read from the database into memory, unless a newer state is there already."""
        for order in orders:
            if order.order_id not in self.orders:
                self.install(order)

    def note_sent(self, order_id: str) -> None:
        """Its bytes are with the transport. Known in memory only: a crash makes every unanswered intent unknown."""
        self._memory.note_sent(order_id)

    def subscribe(self, on_commit: Callable[[Group], None]) -> Callable[[], None]:
        """Call on_commit(group) on the loop after each durable group, in order; returns what ends it, twice too."""
        self._subscribers.append(on_commit)

        def end() -> None:
            if on_commit in self._subscribers:
                self._subscribers.remove(on_commit)

        return end

    def committed(self, group: Group) -> None:
        """The writer's word that a group is durable. A subscriber that fails does not keep it from the others."""
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(group)
            except Exception:
                log.exception("commit.subscriber_failed")

    def install(self, order: Order) -> None:
        """For turns alone: an order's new state."""
        self._memory.install(order, self.instruments.get(order.request.instrument_id))


class Turn:
    """One atomic step. Everything is staged here, fills and money in `bookings`; commit() hands it to the writer and to
    memory at once."""

    __slots__ = (
        "_also",
        "_bookings",
        "_cause",
        "_day",
        "_entered",
        "_events",
        "_kill_switch",
        "_ledger",
        "_movements",
        "_new",
        "_new_day",
        "_orders",
        "_plain",
        "now_ns",
        "principal",
        "watermarks",
    )

    def __init__(self, ledger: Ledger, principal: str, cause_seq: int | None) -> None:
        self._ledger = ledger
        self.principal = principal
        self.now_ns = ledger.clock.now_ns()
        self._cause = cause_seq
        self._bookings: Bookings | None = None
        self._orders: dict[str, Order] = {}
        self._new: dict[str, NewOrder] = {}
        self._events: list[Event] = []
        self._plain: list[PlainRow] = []
        self._kill_switch: KillSwitch | None = None
        self._day: EquityOfDay | None = None
        self._new_day = False
        self._entered: list[tuple[str, Entered]] = []
        self._movements = 0
        self.watermarks: dict[str, int] = {}
        self._also: list[Callable[[], None]] = []

    def order(self, order_id: str) -> Order:
        """The order as this turn sees it. Raises KeyError when it is not in memory."""
        staged = self._orders.get(order_id)
        return staged if staged is not None else self._ledger.orders[order_id]

    @property
    def bookings(self) -> Bookings:
        """The fills and the money of this turn; most turns have none."""
        if self._bookings is None:
            self._bookings = Bookings(self._ledger, self.now_ns)
        return self._bookings

    @property
    def killed(self) -> KillSwitch:
        return self._kill_switch or self._ledger.kill_switch

    def create(self, order: Order, intent_hash: str, risk_decision: str | None) -> None:
        """A new order's first row."""
        self._orders[order.order_id] = order
        self._new[order.order_id] = NewOrder(order, intent_hash, risk_decision)

    def put(self, order: Order) -> None:
        """A known order's new state."""
        self._orders[order.order_id] = order

    def move_cash(
        self,
        currency: str,
        amount: Decimal,
        kind: CashKind,
        note: str,
        *,
        instrument_id: str | None = None,
        price: Decimal | None = None,
        bill_id: str | None = None,
    ) -> None:
        """A change of balance that no fill explains, as a row of its own and an event.

        price: of one unit in the valuation currency, by default the present one. bill_id: the venue's. With it stands
        what the account was worth before: the equity curve is marked there, and returns are chained where money came or
        went."""
        price = self._ledger.price_of(currency) if price is None else price
        self.bookings.cash(currency, amount, str(kind), price)
        values: dict[str, Any] = {
            "movement": self._ledger.next_movement + self._movements,
            "currency": currency,
            "amount": amount,
            "kind": str(kind),
            "instrument_id": instrument_id,
            "price": price,
            "note": note,
            "bill_id": bill_id,
            "equity": None if self._ledger.founding else self._ledger.equity_now(),
        }
        self._movements += 1
        self.row("cash_movements", {"account": self._ledger.account, **values, "at_ns": self.now_ns})
        self.event(EventKind.CASH_MOVED, values)

    def open_position(self, key: PositionKey, fold: PositionFold, start: Position | None = None) -> None:
        """A holding from before our first fill: the position starts from it. start: what it starts from as restated;
        `fold` is then what all its fills make of that."""
        self.bookings.restate(key, fold, restated=start is not None)
        held = start or fold.position
        self.event(EventKind.POSITION_OPENING, {"size": held.size, "cost": held.cost}, position=key.label)

    def drop_row(self, table: str, values: dict[str, Any]) -> None:
        """The row that has these values goes."""
        self._plain.append(PlainRow(table, values, remove=True))

    def set_kill_switch(self, engaged: bool, reason: str) -> None:
        self._kill_switch = KillSwitch(engaged, reason, self.principal, self.now_ns)
        values: dict[str, Any] = {"engaged": engaged, "reason": reason, "principal": self.principal}
        self.row("kill_switch", {"account": self._ledger.account, **values, "at_ns": self.now_ns}, replace=True)
        self.event(EventKind.KILL_SWITCH_ON if engaged else EventKind.KILL_SWITCH_OFF, {"reason": reason})

    def open_day(self, day: str, equity: Decimal, currency: str, parts: DayParts | None = None) -> None:
        """The equity that a UTC day begins with, in the valuation currency; again if opened before its time."""
        self._write_day(EquityOfDay(day, equity, currency, parts, self.now_ns))
        self._new_day = True

    def enter_day(self, currency: str, entered: Entered) -> None:
        """What of the day's holdings and flows had no price, and has one now: a deposit of this moment."""
        day = self._day or self._ledger.equity_of_day
        assert day is not None, "a day must be open"
        self._write_day(day.with_entered(currency, entered))
        self._entered.append((currency, entered))

    def _write_day(self, day: EquityOfDay) -> None:
        self._day = day
        values = day.columns()
        self.row("equity_days", {"account": self._ledger.account, **values}, replace=True)
        self.event(EventKind.DAY_OPENED, values)

    def watermark(self, stream: str, at_ns: int) -> None:
        self.watermarks[stream] = at_ns
        self.row("watermarks", {"account": self._ledger.account, "stream": stream, "at_ns": at_ns}, replace=True)
        self.event(EventKind.WATERMARK, {"stream": stream, "at_ns": at_ns})

    def anomaly(self, code: str, detail: Mapping[str, object], *, order_id: str | None = None) -> int:
        """What should not happen, recorded and handled, never dropped."""
        return self.event(EventKind.ANOMALY, {"code": code, **detail}, order_id=order_id)

    def change_row(self, table: str, values: dict[str, Any]) -> None:
        """New values of the row with the same key, whose columns come last; of what no event tells."""
        self._plain.append(PlainRow(table, values, change=True))

    def row(self, table: str, values: dict[str, Any], *, replace: bool = False) -> None:
        """A row of one of the rarely written tables."""
        self._plain.append(PlainRow(table, values, replace))

    def event(
        self,
        kind: EventKind,
        payload: object,
        *,
        order_id: str | None = None,
        trade_id: str | None = None,
        position: str | None = None,
        parent_id: str | None = None,
        principal: str | None = None,
    ) -> int:
        """Append to the journal; returns the sequence number, for causes. Changes of holdings that no event has told
        are told by this one. principal: on whose word, if not the turn's."""
        seq = self._ledger.seq + len(self._events) + 1
        content = payload if isinstance(payload, str) else encode(payload)
        if self._bookings is not None:
            content = self._bookings.assets.tell(seq, content)
        cause = self._cause if self._cause is not None or not self._events else self._events[0].seq
        of = (self._ledger.account, seq, self.now_ns, kind.value, principal or self.principal)
        self._events.append(Event(*of, content, order_id, trade_id, position, parent_id, cause))
        return seq

    def also(self, remember: Callable[[], None]) -> None:
        """What becomes true in memory with this turn, beside the ledger, and only if commit() raises nothing."""
        self._also.append(remember)

    @property
    def has_changes(self) -> bool:
        """Whether anything was staged."""
        return bool(self._events or self._orders or self._plain or self._bookings)

    def commit(self) -> Durable:
        """Make the turn true in memory and hand it to the writer. What is returned ends when it is durable. Raises
        StoreFailed, having changed nothing, when the writer failed."""
        ledger = self._ledger
        durable = ledger.writer.flush()
        for order in self._orders.values():
            ledger.beside(self, order)
        self._stage(ledger.writer.filling)
        self._remember()
        if self._new:
            ledger.writer.hurry()
        return durable

    def _stage(self, group: Group) -> None:
        for order_id, order in self._orders.items():
            new = self._new.get(order_id) or group.new_orders.get(order_id)
            if new is None:
                group.orders[order_id] = order
            else:
                group.new_orders[order_id] = NewOrder(order, new.intent_hash, new.risk_decision)
        if self._bookings is not None:
            self._bookings.stage(group, self._ledger.seq + len(self._events))
        group.events.extend(self._events)
        group.plain.extend(self._plain)
        group.turns += 1

    def _remember(self) -> None:
        ledger = self._ledger
        ledger.seq += len(self._events)
        for order in self._orders.values():
            ledger.install(order)
        ledger.watermarks.update(self.watermarks)
        ledger.next_movement += self._movements
        if self._kill_switch is not None:
            if ledger.kill_switch.engaged or self._kill_switch.engaged:  # a release of none is no use of it
                ledger.switched_ns = self.now_ns
            ledger.kill_switch = self._kill_switch
        if self._day is not None:
            ledger.equity_of_day = self._day
        if self._new_day:
            ledger.day.restart(self._day.parts if self._day else None)
        if self._bookings is not None:
            self._bookings.remember()
            ledger.day.count(
                ((ledger.instrument(fill.instrument_id), fill) for _, fill, _ in self._bookings.fills),
                (row.values for row in self._plain if row.table == "cash_movements"),
            )
        for currency, entered in self._entered:
            ledger.day.enter(currency, entered)
        for remember in self._also:
            remember()
