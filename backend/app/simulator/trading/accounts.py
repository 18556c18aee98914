"""Accounts of the simulated exchange: cash per currency, swap positions, orders, fills and the ledger of bills.

Cash changes only through `Account.post`, which writes a bill: cash = opening balance + sum of bills, always.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from app.simulator.config import AccountConfig
from app.simulator.market.instruments import ZERO, Instrument, is_whole
from app.simulator.trading.orders import SHOWN, Fill, Order

EXACT = Decimal("1e-12")
FINE = Decimal("1e-18")
PENDING_MAX = 4000
PENDING_INSTRUMENT_MAX = 500
CLOSED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Bill:
    """One change of one currency's cash. type 2 trade, 8 funding, 1 transfer, 5 liquidation (OKX bill types)."""

    bill_id: int
    ccy: str
    change: Decimal
    balance: Decimal
    type: str
    sub_type: str
    ts_ms: int
    inst_id: str = ""
    order_id: str = ""
    trade_id: str = ""
    price: str = ""
    size: str = ""
    fee: Decimal = ZERO
    pnl: Decimal = ZERO
    exec_type: str = ""


@dataclass(slots=True)
class Position:
    """A swap position: `quantity` in lots, negative when short whatever the position mode.

    `entry` is the open part's sum of size x price (linear) or size / price (inverse), sizes in contracts;
    `margin` is the part of the cash set aside for it when isolated. `opened` and `closed` are the lots of its whole
    life, `open_value` and `close_value` their sums like `entry`; `most` the largest it was, in lots; `closed_side`
    (1 long) and `close_type` are the last closing's.
    """

    pos_id: int
    inst: Instrument
    mode: str
    pos_side: str
    quantity: int = 0
    entry: Decimal = ZERO
    margin: Decimal = ZERO
    realized: Decimal = ZERO
    fee: Decimal = ZERO
    funding: Decimal = ZERO
    trade_id: str = ""
    c_time_ms: int = 0
    u_time_ms: int = 0
    opened: int = 0
    closed: int = 0
    most: int = 0
    open_value: Decimal = ZERO
    close_value: Decimal = ZERO
    closed_side: int = 0
    close_type: str = ""

    @property
    def contracts(self) -> Decimal:
        return self.inst.size(self.quantity)

    @property
    def average_price(self) -> Decimal:
        if not self.quantity:
            return ZERO
        return self._price(abs(self.contracts), self.entry)

    def average_opened(self) -> Decimal:
        return self._price(self.inst.size(self.opened), self.open_value)

    def average_closed(self) -> Decimal:
        return self._price(self.inst.size(self.closed), self.close_value)

    def _price(self, size: Decimal, value: Decimal) -> Decimal:
        """The price at which `size` contracts have that sum; 0 of none."""
        if not size or not value:
            return ZERO
        return (size / value).quantize(SHOWN, ROUND_HALF_EVEN) if self.inst.is_inverse else value / size

    def _value(self, size: Decimal, price: Decimal) -> Decimal:
        return (size / price).quantize(FINE, ROUND_HALF_EVEN) if self.inst.is_inverse else size * price

    def pnl_at(self, price: Decimal) -> Decimal:
        """Unrealised profit in the settlement currency at `price`; positive is gain."""
        if not self.quantity or not price:
            return ZERO
        size, value = abs(self.contracts), self.inst.contract_value
        direction = 1 if self.quantity > 0 else -1
        if self.inst.is_inverse:
            return (value * (self.entry - size / price) * direction).quantize(EXACT, ROUND_HALF_EVEN)
        return value * (size * price - self.entry) * direction

    def apply(self, signed_lots: int, price: Decimal) -> tuple[Decimal, int, int]:
        """Fold one fill in; returns (realised pnl, lots closed, lots opened), both unsigned."""
        closing = min(abs(signed_lots), abs(self.quantity)) if self.quantity * signed_lots < 0 else 0
        opening = abs(signed_lots) - closing
        pnl = ZERO
        if closing:
            held = abs(self.quantity)
            part = self.entry if closing == held else (self.entry * closing / held).quantize(FINE, ROUND_HALF_EVEN)
            out = self._value(self.inst.size(closing), price)
            gain = part - out if self.inst.is_inverse else out - part
            self.closed_side = 1 if self.quantity > 0 else -1
            pnl = (self.inst.contract_value * gain * self.closed_side).quantize(EXACT, ROUND_HALF_EVEN)
            self.entry -= part
            self.closed += closing
            self.close_value += out
        if opening:
            cost = self._value(self.inst.size(opening), price)
            self.entry += cost
            self.opened += opening
            self.open_value += cost
        self.quantity += signed_lots
        self.most = max(self.most, abs(self.quantity))
        self.realized += pnl
        return pnl, closing, opening


PositionKey = tuple[str, str, str]


@dataclass(slots=True)
class Account:
    """State of one account. `frozen` is cash held by open spot orders; history holds terminal orders by age.

    Of terminal orders `history_max` are kept, of fills and bills at most two and four times as many. `initial` is the
    cash it began with, `opening` that before the oldest bill kept; `revoked` the error code its revoked key gets.
    `closed` are positions that are over and were followed by another of the same key, `fresh_closed` those of them
    not saved yet.
    """

    config: AccountConfig
    uid: str
    position_mode: str
    cash: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    frozen: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    changed_ms: dict[str, int] = field(default_factory=dict[str, int])
    positions: dict[PositionKey, Position] = field(default_factory=dict[PositionKey, Position])
    closed: list[Position] = field(default_factory=list[Position])
    fresh_closed: list[Position] = field(default_factory=list[Position])
    leverage: dict[PositionKey, Decimal] = field(default_factory=dict[PositionKey, Decimal])
    pending: dict[int, Order] = field(default_factory=dict[int, Order])
    swap_orders: int = 0
    revoked: str = ""
    pending_ids: dict[str, int] = field(default_factory=dict[str, int])
    pending_count: dict[str, int] = field(default_factory=dict[str, int])
    orders: dict[int, Order] = field(default_factory=dict[int, Order])
    latest_by_client_id: dict[str, int] = field(default_factory=dict[str, int])
    history: dict[int, Order] = field(default_factory=dict[int, Order])
    fills: list[tuple[Order, Fill]] = field(default_factory=list[tuple[Order, Fill]])
    bills: list[Bill] = field(default_factory=list[Bill])
    dead_man_ns: dict[str, int] = field(default_factory=dict[str, int])
    initial: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    opening: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    history_max: int = 200_000
    dropped_fills: int = 0
    dropped_bills: int = 0

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def master(self) -> str:
        return self.config.master or self.config.name

    @property
    def spot_mode(self) -> str:
        """The tdMode of its spot orders: with multi-currency and with portfolio margin they are cross as well."""
        return "cross" if self.config.account_mode in ("3", "4") else "cash"

    def add_pending(self, order: Order) -> None:
        self.pending[order.order_id] = order
        self.swap_orders += not order.inst.is_spot
        self.orders[order.order_id] = order
        inst_id = order.inst.inst_id
        self.pending_count[inst_id] = self.pending_count.get(inst_id, 0) + 1
        if order.cl_ord_id:
            self.pending_ids[order.cl_ord_id] = order.order_id
            self.latest_by_client_id[order.cl_ord_id] = order.order_id

    def end_pending(self, order: Order) -> None:
        """Move a terminal order from pending to history; its client id is free again."""
        del self.pending[order.order_id]
        self.swap_orders -= not order.inst.is_spot
        self.pending_count[order.inst.inst_id] -= 1
        if order.cl_ord_id:
            self.pending_ids.pop(order.cl_ord_id, None)
        self.history[order.order_id] = order
        if len(self.history) > self.history_max:
            self.forget(next(iter(self.history.values())))
        if len(self.fills) > 2 * self.history_max or len(self.bills) > 4 * self.history_max:
            self._trim()

    def _trim(self) -> None:
        """Drop the older half of fills and bills; what the bills moved goes into the opening balance."""
        fills, bills = len(self.fills) // 2, len(self.bills) // 2
        for bill in self.bills[:bills]:
            self.opening[bill.ccy] = self.opening.get(bill.ccy, ZERO) + bill.change
        del self.fills[:fills]
        del self.bills[:bills]
        self.dropped_fills += fills
        self.dropped_bills += bills

    def forget(self, order: Order) -> None:
        self.history.pop(order.order_id, None)
        self.orders.pop(order.order_id, None)
        if self.latest_by_client_id.get(order.cl_ord_id) == order.order_id:
            del self.latest_by_client_id[order.cl_ord_id]

    def find(self, inst_id: str, order_id: str, client_id: str) -> Order | None:
        """By order id if given, else the latest with that client id; None when it is another instrument's."""
        if order_id:
            order = self.orders.get(int(order_id)) if is_whole(order_id) else None
        else:
            number = self.latest_by_client_id.get(client_id)
            order = self.orders.get(number) if number is not None else None
        return order if order is not None and order.inst.inst_id == inst_id else None

    def set_frozen(self, order: Order, ccy: str, amount: Decimal) -> None:
        """Hold exactly `amount` of `ccy` for `order`, releasing what it held before."""
        if order.frozen:
            self.frozen[order.frozen_ccy] = self.frozen.get(order.frozen_ccy, ZERO) - order.frozen
        if amount:
            self.frozen[ccy] = self.frozen.get(ccy, ZERO) + amount
        order.frozen, order.frozen_ccy = amount, ccy

    def post(self, bill_id: int, ccy: str, change: Decimal, kind: str, sub_type: str, ts_ms: int, **about: Any) -> Bill:
        """The only way cash moves: add `change` to `ccy` and write the bill."""
        balance = self.cash.get(ccy, ZERO) + change
        self.cash[ccy] = balance
        self.changed_ms[ccy] = ts_ms
        bill = Bill(bill_id, ccy, change, balance, kind, sub_type, ts_ms, **about)
        self.bills.append(bill)
        return bill

    def position(self, inst: Instrument, mode: str, pos_side: str) -> Position | None:
        return self.positions.get((inst.inst_id, mode, pos_side))

    def retire(self, position: Position) -> None:
        """A flat position makes way for the next of its key."""
        self.closed.append(position)
        self.fresh_closed.append(position)
        del self.closed[:-CLOSED_MAX]
        del self.fresh_closed[:-CLOSED_MAX]

    def lever(self, inst: Instrument, mode: str, pos_side: str) -> Decimal:
        """Leverage in force: isolated in long/short mode is per side, everything else per instrument. Default 3."""
        side = pos_side if mode == "isolated" and self.position_mode != "net_mode" else ""
        return self.leverage.get((inst.inst_id, mode, side), Decimal(3))

    def held(self) -> Iterator[Position]:
        return (position for position in self.positions.values() if position.quantity)
