"""The turn: the only way to change what is known of an account.

It reads through to memory, gathers new state, rows and events, and either commits as a whole or leaves no trace. It
never awaits. What it staged is durable when its future ends; only then may anything act on it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from app.domain.cash import CashKind
from app.domain.events import Event, EventKind
from app.domain.kill_switch import KillSwitch
from app.domain.orders import Order, PositionKey
from app.domain.positions import Position, PositionFold
from app.journal.codec import encode
from app.services.trading.account.account_state import AccountState
from app.services.trading.account.bookings import Bookings
from app.services.trading.account.day_figures import DayParts, Entered, EquityOfDay
from app.store.durable import Durable
from app.store.group import Group, PlainRow
from app.store.queries import FOLDED
from app.store.rows import NewOrder

SYSTEM = "system"
VENUE = "venue"


class Turn:
    """One atomic step. Everything is staged here, fills and money in `bookings`; commit() hands it to the writer and to
    memory at once. beside: stages what hangs on an order that the turn changes."""

    __slots__ = (
        "_also",
        "_beside",
        "_bookings",
        "_cause",
        "_day",
        "_entered",
        "_events",
        "_kill_switch",
        "_movements",
        "_new",
        "_new_day",
        "_orders",
        "_plain",
        "_state",
        "now_ns",
        "principal",
        "watermarks",
    )

    def __init__(
        self,
        state: AccountState,
        principal: str,
        cause_seq: int | None,
        beside: Callable[["Turn", Order], None],
    ) -> None:
        self._state = state
        self._beside = beside
        self.principal = principal
        self.now_ns = state.clock.now_ns()
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
        return staged if staged is not None else self._state.orders[order_id]

    @property
    def bookings(self) -> Bookings:
        """The fills and the money of this turn; most turns have none."""
        if self._bookings is None:
            self._bookings = Bookings(self._state, self.now_ns)
        return self._bookings

    @property
    def killed(self) -> KillSwitch:
        return self._kill_switch or self._state.kill_switch

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
        price = self._state.price_of(currency) if price is None else price
        self.bookings.cash(currency, amount, str(kind), price)
        values: dict[str, Any] = {
            "movement": self._state.next_movement + self._movements,
            "currency": currency,
            "amount": amount,
            "kind": str(kind),
            "instrument_id": instrument_id,
            "price": price,
            "note": note,
            "bill_id": bill_id,
            "equity": None if self._state.founding else self._state.equity_now(),
        }
        self._movements += 1
        self.row("cash_movements", {"account": self._state.account, **values, "at_ns": self.now_ns})
        self.event(EventKind.CASH_MOVED, values)
        self.unfold(self.now_ns)  # the clock may have been set back

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
        self.row("kill_switch", {"account": self._state.account, **values, "at_ns": self.now_ns}, replace=True)
        self.event(EventKind.KILL_SWITCH_ON if engaged else EventKind.KILL_SWITCH_OFF, {"reason": reason})

    def open_day(self, day: str, equity: Decimal, currency: str, parts: DayParts | None = None) -> None:
        """The equity that a UTC day begins with, in the valuation currency; again if opened before its time."""
        self._write_day(EquityOfDay(day, equity, currency, parts, self.now_ns))
        self._new_day = True

    def enter_day(self, currency: str, entered: Entered) -> None:
        """What of the day's holdings and flows had no price, and has one now: a deposit of this moment."""
        day = self._day or self._state.equity_of_day
        assert day is not None, "a day must be open"
        self._write_day(day.with_entered(currency, entered))
        self._entered.append((currency, entered))

    def _write_day(self, day: EquityOfDay) -> None:
        self._day = day
        values = day.columns()
        self.row("equity_days", {"account": self._state.account, **values}, replace=True)
        self.event(EventKind.DAY_OPENED, values)

    def watermark(self, stream: str, at_ns: int) -> None:
        self.watermarks[stream] = at_ns
        self.row("watermarks", {"account": self._state.account, "stream": stream, "at_ns": at_ns}, replace=True)
        self.event(EventKind.WATERMARK, {"stream": stream, "at_ns": at_ns})

    def unfold(self, at_ns: int) -> None:
        """What past trades came to, as far as that is put in brief, holds up to what is booked of that time now."""
        self.also(lambda: self._state.folding.disturb(at_ns))
        if at_ns < self.watermarks.get(FOLDED, self._state.watermarks.get(FOLDED, 0)):
            self.watermark(FOLDED, at_ns)

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
        seq = self._state.seq + len(self._events) + 1
        content = payload if isinstance(payload, str) else encode(payload)
        if self._bookings is not None:
            content = self._bookings.assets.tell(seq, content)
        cause = self._cause if self._cause is not None or not self._events else self._events[0].seq
        of = (self._state.account, seq, self.now_ns, kind.value, principal or self.principal)
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
        writer = self._state.writer
        durable = writer.flush()
        for order in self._orders.values():
            self._beside(self, order)
        self._stage(writer.filling)
        self._remember()
        if self._new:
            writer.hurry()
        return durable

    def _stage(self, group: Group) -> None:
        for order_id, order in self._orders.items():
            new = self._new.get(order_id) or group.new_orders.get(order_id)
            if new is None:
                group.orders[order_id] = order
            else:
                group.new_orders[order_id] = NewOrder(order, new.intent_hash, new.risk_decision)
        if self._bookings is not None:
            self._bookings.stage(group, self._state.seq + len(self._events))
        group.events.extend(self._events)
        group.plain.extend(self._plain)
        group.turns += 1

    def _remember(self) -> None:
        state = self._state
        state.seq += len(self._events)
        for order in self._orders.values():
            state.install(order)
        state.watermarks.update(self.watermarks)
        state.next_movement += self._movements
        if self._kill_switch is not None:
            if state.kill_switch.engaged or self._kill_switch.engaged:  # a release of none is no use of it
                state.switched_ns = self.now_ns
            state.kill_switch = self._kill_switch
        if self._day is not None:
            state.equity_of_day = self._day
        if self._new_day:
            state.day.restart(self._day.parts if self._day else None)
        if self._bookings is not None:
            self._bookings.remember()
            state.day.count(
                ((state.instrument(fill.instrument_id), fill) for _, fill, _ in self._bookings.fills),
                (row.values for row in self._plain if row.table == "cash_movements"),
            )
        for currency, entered in self._entered:
            state.day.enter(currency, entered)
        also, self._also = self._also, []  # what is remembered holds the turn: a circle would be the collector's work
        for remember in also:
            remember()
