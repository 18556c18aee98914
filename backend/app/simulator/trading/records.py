"""Accounts, orders, fills, bills and algo orders as plain values to keep, and put back from what was kept.

Money is kept as text. What is written is written by name, so that a file outlives where classes stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from app.simulator.market.instruments import Instrument
from app.simulator.market.matching import Resting
from app.simulator.trading.accounts import Account, Bill, Position
from app.simulator.trading.algos import GOING_ON, Algo, Algos
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.orders import Fill, Order

_ORDER_PLAIN = (
    "order_id",
    "account",
    "side",
    "ord_type",
    "td_mode",
    "size",
    "px",
    "cl_ord_id",
    "tag",
    "pos_side",
    "tgt_ccy",
    "ccy",
    "stp_mode",
    "reduce_only",
    "category",
    "source",
    "algo_id",
    "algo_cl_ord_id",
    "lever",
    "state",
    "filled",
    "fee_ccy",
    "cancel_source",
    "c_time_ms",
    "u_time_ms",
    "frozen_ccy",
    "terminal_ns",
    "attached",
)
_ORDER_MONEY = ("value", "fee", "rebate", "pnl", "frozen")
_FILL_PLAIN = ("bill_id", "trade_id", "order_id", "price", "size", "exec_type", "fee_ccy", "sub_type", "ts_ms")
_FILL_MONEY = ("fee", "fee_rate", "pnl", "notional_usd")
_POSITION_PLAIN = (
    "pos_id",
    "mode",
    "pos_side",
    "quantity",
    "trade_id",
    "c_time_ms",
    "u_time_ms",
    "opened",
    "closed",
    "most",
    "closed_side",
    "close_type",
)
_POSITION_MONEY = ("entry", "margin", "realized", "fee", "funding", "open_value", "close_value")
_BILL_PLAIN = (
    "bill_id",
    "ccy",
    "type",
    "sub_type",
    "ts_ms",
    "inst_id",
    "order_id",
    "trade_id",
    "price",
    "size",
    "exec_type",
)
_ALGO = tuple(field.name for field in fields(Algo))
_BILL_MONEY = ("change", "balance", "fee", "pnl")


def _pack(source: Any, plain: tuple[str, ...], money: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in plain} | {name: str(getattr(source, name)) for name in money}


def _unpack(body: Mapping[str, Any], money: tuple[str, ...]) -> dict[str, Any]:
    return {name: Decimal(value) if name in money else value for name, value in body.items()}


def account_body(account: Account) -> dict[str, Any]:
    return {
        "cash": {ccy: str(amount) for ccy, amount in account.cash.items()},
        "initial": {ccy: str(amount) for ccy, amount in account.initial.items()},
        "changed_ms": account.changed_ms,
        "position_mode": account.position_mode,
        "dead_man_ns": account.dead_man_ns,
        "leverage": [[*key, str(lever)] for key, lever in account.leverage.items()],
        "positions": [position_body(position) for position in account.positions.values()],
    }


def position_body(position: Position) -> dict[str, Any]:
    return _pack(position, _POSITION_PLAIN, _POSITION_MONEY) | {"inst_id": position.inst.inst_id}


def order_body(order: Order) -> dict[str, Any]:
    body = _pack(order, _ORDER_PLAIN, _ORDER_MONEY)
    quote = None if order.quote_size is None else str(order.quote_size)
    last = order.last_fill.bill_id if order.last_fill else None
    return body | {"inst_id": order.inst.inst_id, "quote_size": quote, "last_fill": last}


def fill_body(fill: Fill) -> dict[str, Any]:
    return _pack(fill, _FILL_PLAIN, _FILL_MONEY)


def bill_body(bill: Bill) -> dict[str, Any]:
    return _pack(bill, _BILL_PLAIN, _BILL_MONEY)


def algo_body(algo: Algo) -> dict[str, Any]:
    return _pack(algo, _ALGO, ())


def restore(saved: Mapping[str, Any], desk: OrderDesk, algos: Algos) -> None:
    """Put back all that was saved, and only then open orders into their books, where those that cross trade.

    Until that is saved in turn nothing has happened: a kill in between leaves the file as it was.
    """
    instruments = {name: market.inst for name, market in desk.markets.items()}
    for name, body in saved["accounts"].items():
        if name in desk.accounts:
            _restore_account(desk.accounts[name], body, instruments)
    for name, body in saved.get("closed", []):
        position = _read_position(body, instruments)
        if position is not None and name in desk.accounts:
            desk.accounts[name].closed.append(position)
    for row in saved.get("algos", []):
        algo = _read_algo(row)
        if algo.inst_id in instruments and algo.account in desk.accounts:
            (algos.live if algo.state in GOING_ON else algos.ended)[algo.algo_id] = algo
    for order in _restore_history(saved, desk.accounts, instruments):
        if order.open:
            _reopen(desk, order)


def _read_algo(body: Mapping[str, Any]) -> Algo:
    """Files of before had one order of each at most."""
    known = dict(body)
    if first := known.pop("order_id", ""):
        known["order_ids"] = [first]
    return Algo(**known)


def _restore_history(
    saved: Mapping[str, Any], accounts: Mapping[str, Account], instruments: Mapping[str, Instrument]
) -> list[Order]:
    """Orders, fills and bills as they were, nothing resting yet; returns the open orders, oldest first."""
    fills = {body["bill_id"]: Fill(**_unpack(body, _FILL_MONEY)) for _, body in saved["fills"]}
    orders: dict[int, Order] = {}
    still_open: list[Order] = []
    for name, body in saved["orders"]:
        account = accounts.get(name)
        if account is None or body["inst_id"] not in instruments:
            continue
        order = orders[body["order_id"]] = _read_order(body, instruments, fills)
        account.add_pending(order)
        if order.open:
            held, order.frozen = order.frozen, Decimal(0)
            account.set_frozen(order, order.frozen_ccy, held)
            still_open.append(order)
        else:
            account.end_pending(order)
    for name, body in saved["fills"]:
        order = orders.get(body["order_id"])
        if name in accounts and order is not None:
            accounts[name].fills.append((order, fills[body["bill_id"]]))
    for name, body in saved["bills"]:
        if name in accounts:
            accounts[name].bills.append(Bill(**_unpack(body, _BILL_MONEY)))
    return still_open


def _restore_account(account: Account, body: Mapping[str, Any], instruments: Mapping[str, Instrument]) -> None:
    account.cash = {ccy: Decimal(amount) for ccy, amount in body["cash"].items()}
    account.initial = {ccy: Decimal(amount) for ccy, amount in body["initial"].items()}
    account.opening = dict(account.initial)
    account.changed_ms = dict(body["changed_ms"])
    account.position_mode = body["position_mode"]
    account.dead_man_ns = dict(body["dead_man_ns"])
    account.leverage = {(row[0], row[1], row[2]): Decimal(row[3]) for row in body["leverage"]}
    for row in body["positions"]:
        position = _read_position(row, instruments)
        if position is not None:
            account.positions[position.inst.inst_id, position.mode, position.pos_side] = position


def _read_position(row: Mapping[str, Any], instruments: Mapping[str, Instrument]) -> Position | None:
    fields = _unpack(row, _POSITION_MONEY)
    inst = instruments.get(fields.pop("inst_id"))
    if inst is None:
        return None
    position = Position(inst=inst, **fields)
    if not position.opened:  # of before lives were counted: it begins with what is open
        position.opened = position.most = abs(position.quantity)
        position.open_value = position.entry
    return position


def _read_order(body: Mapping[str, Any], instruments: Mapping[str, Instrument], fills: Mapping[int, Fill]) -> Order:
    fields = _unpack(body, _ORDER_MONEY)
    inst, last = instruments[fields.pop("inst_id")], fields.pop("last_fill")
    quote = fields.pop("quote_size")
    order = Order(inst=inst, **fields)
    order.quote_size = None if quote is None else Decimal(quote)
    order.last_fill = fills.get(last) if last is not None else None
    return order


def _reopen(desk: OrderDesk, order: Order) -> None:
    """Rest an open order again; where the rebuilt market stands across it, it trades as the maker it was."""
    market = desk.markets[order.inst.inst_id]
    assert order.px is not None
    order.resting = Resting(order.side, order.px, order.leaves, order)
    sweep = market.book.take(order.side, order.px, order.leaves)
    for match in sweep.matches:
        order.resting.leaves -= match.size
        desk.fill_maker(order.resting, order.px, match.size, market.trade_id())
    if order.open:
        market.book.rest(order.resting)
