"""Settlement of one execution on one side of it: cash, fees, position, the order's running totals, bills.

Fees are negative when charged. SPOT buys pay in base, sells in quote; swaps in the settlement currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from app.simulator.config import Config, fee_rates
from app.simulator.market.instruments import ZERO, Instrument, text
from app.simulator.trading.accounts import EXACT, FINE, Account, Position
from app.simulator.trading.orders import FILLED, PARTIAL, Fill, Order

CLOSE_TYPES = {"full_liquidation": "3", "partial_liquidation": "4", "adl": "5"}
"""What closed a position, as positions-history names it; else 1 part of it or 2 all."""


@dataclass(slots=True)
class Counters:
    """Ids of the exchange; they only grow and survive a restart."""

    order_id: int = 1_900_000_000_000_000_000
    bill_id: int = 1_900_000_000_000_000_000
    position_id: int = 1_900_000_000_000_000_000
    liquidation_id: int = 0

    def next_order(self) -> int:
        self.order_id += 8192
        return self.order_id

    def next_bill(self) -> int:
        self.bill_id += 4096
        return self.bill_id

    def next_position(self) -> int:
        self.position_id += 4096
        return self.position_id


class Settlement:
    """Applies fills to accounts."""

    def __init__(self, config: Config, counters: Counters) -> None:
        self._config = config
        self._counters = counters

    def fill(
        self, account: Account, order: Order, price: int, size: int, exec_type: str, trade_id: int, ts_ms: int
    ) -> Fill:
        """Settle `size` lots of `order` at `price` ticks; exec_type is T or M. Returns the fill it recorded."""
        inst = order.inst
        maker_rate, taker_rate = fee_rates(account.config, self._config, spot=inst.is_spot)
        rate = taker_rate if exec_type == "T" else maker_rate
        money, quantity = inst.price(price), inst.size(size)
        fill = Fill(
            self._counters.next_bill(),
            trade_id,
            order.order_id,
            price,
            size,
            exec_type,
            ZERO,
            "",
            -rate,
            ZERO,
            "",
            ts_ms,
        )
        if inst.is_spot:
            self._spot(account, order, fill, money, quantity, rate)
        else:
            self._swap(account, order, fill, money, quantity, rate)
        order.filled += size
        order.value += (quantity / money).quantize(FINE, ROUND_HALF_EVEN) if inst.is_inverse else quantity * money
        order.fee += fill.fee
        order.fee_ccy = fill.fee_ccy
        order.pnl += fill.pnl
        order.last_fill = fill
        order.state = FILLED if order.filled >= order.size else PARTIAL
        order.u_time_ms = ts_ms
        account.fills.append((order, fill))
        return fill

    def _spot(self, account: Account, order: Order, fill: Fill, price: Decimal, size: Decimal, rate: Decimal) -> None:
        inst, value = order.inst, price * size
        buy = order.side > 0
        fill.sub_type = "1" if buy else "2"
        fill.fee_ccy = inst.base if buy else inst.quote
        fill.fee = -(size if buy else value) * rate
        fill.notional_usd = value
        base_change, quote_change = (size + fill.fee, -value) if buy else (-size, value + fill.fee)
        received = inst.base if buy else inst.quote
        legs = ((inst.base, base_change), (inst.quote, quote_change))
        # The bill of what is received has the fill's id, the smaller one: lists of bills are in the order of their ids.
        for ccy, change in legs if buy else legs[::-1]:
            bill_id = fill.bill_id if ccy == received else self._counters.next_bill()
            account.post(
                bill_id,
                ccy,
                change,
                "2",
                fill.sub_type,
                fill.ts_ms,
                inst_id=inst.inst_id,
                order_id=str(order.order_id),
                trade_id=str(fill.trade_id),
                price=text(price),
                size=text(size),
                fee=fill.fee if ccy == received else ZERO,
                exec_type=fill.exec_type,
            )

    def _swap(self, account: Account, order: Order, fill: Fill, price: Decimal, size: Decimal, rate: Decimal) -> None:
        inst = order.inst
        value = inst.notional(size, price)
        fill.fee, fill.fee_ccy = -(value * rate).quantize(EXACT, ROUND_HALF_EVEN), inst.settle
        fill.notional_usd = size * inst.contract_value * (1 if inst.is_inverse else price)
        position = self.open_position(account, inst, order.td_mode, order.pos_side, fill.ts_ms)
        pnl, closed, opened = position.apply(order.side * fill.size, price)
        if closed:
            position.close_type = CLOSE_TYPES.get(order.category, "1" if position.quantity else "2")
        fill.pnl = pnl
        fill.sub_type = fill.sub_type or _swap_sub_type(order, closed, opened)
        position.fee += fill.fee
        position.trade_id, position.u_time_ms = str(fill.trade_id), fill.ts_ms
        account.post(
            fill.bill_id,
            inst.settle,
            pnl + fill.fee,
            "2" if order.category == "normal" else "5",
            fill.sub_type,
            fill.ts_ms,
            inst_id=inst.inst_id,
            order_id=str(order.order_id),
            trade_id=str(fill.trade_id),
            price=text(price),
            size=text(size),
            fee=fill.fee,
            pnl=pnl,
            exec_type=fill.exec_type,
        )
        if position.mode == "isolated":
            self._set_margin(account, position, closed, opened, price)

    def open_position(self, account: Account, inst: Instrument, mode: str, pos_side: str, ts_ms: int) -> Position:
        """The position fills go to; a position that was flat starts a new life with its own id."""
        key = (inst.inst_id, mode, pos_side)
        position = account.positions.get(key)
        if position is None or (not position.quantity and position.c_time_ms != ts_ms):
            if position is not None:
                account.retire(position)
            position = Position(self._counters.next_position(), inst, mode, pos_side, c_time_ms=ts_ms, u_time_ms=ts_ms)
            account.positions[key] = position
        return position

    @staticmethod
    def _set_margin(account: Account, position: Position, closed: int, opened: int, price: Decimal) -> None:
        inst = position.inst
        if closed:
            before = abs(position.quantity) - opened + closed if position.quantity else closed
            position.margin -= (position.margin * closed / max(before, closed)).quantize(EXACT, ROUND_HALF_EVEN)
        if not position.quantity:
            position.margin = ZERO
        if opened:
            lever = account.lever(inst, "isolated", position.pos_side)
            position.margin += (inst.notional(inst.size(opened), price) / lever).quantize(EXACT, ROUND_HALF_EVEN)


def _swap_sub_type(order: Order, closed: int, opened: int) -> str:
    """OKX fill subType: 1/2 buy/sell in net mode, 3 open long, 4 open short, 5 close long, 6 close short."""
    if order.category != "normal":
        return "100" if order.side < 0 else "101"
    if order.pos_side == "net":
        return "1" if order.side > 0 else "2"
    if order.pos_side == "long":
        return "3" if order.side > 0 else "5"
    return "4" if order.side < 0 else "6"
