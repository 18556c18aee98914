"""The simulator's data directory: one SQLite file that a restart, or a kill -9, goes on from.

Written in WAL before the answers of a batch leave. Rows are small JSON documents keyed by what they are.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from .accounts import Account, Bill, Position
from .algos import Algo
from .config import Config
from .instruments import Instrument
from .matching import Resting
from .orders import Fill, Order

if TYPE_CHECKING:
    from .exchange import SimulatedExchange

FILE_NAME = "simulator.sqlite3"
VERSION = "1"
MARKET_EVERY_NS = 1_000_000_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (order_id INTEGER PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fills (bill_id INTEGER PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bills (bill_id INTEGER PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL);
"""
_READS = {
    "orders": "SELECT account, body FROM orders ORDER BY order_id",
    "fills": "SELECT account, body FROM fills ORDER BY bill_id",
    "bills": "SELECT account, body FROM bills ORDER BY bill_id",
}
_ORDER_PLAIN = (
    "order_id", "account", "side", "ord_type", "td_mode", "size", "px", "cl_ord_id", "tag", "pos_side", "tgt_ccy",
    "ccy", "stp_mode", "reduce_only", "category", "source", "algo_id", "algo_cl_ord_id", "lever", "state",
    "filled", "fee_ccy", "cancel_source",
    "c_time_ms", "u_time_ms", "frozen_ccy", "terminal_ns", "attached",
)  # fmt: skip
_ORDER_MONEY = ("value", "fee", "rebate", "pnl", "frozen")
_FILL_PLAIN = ("bill_id", "trade_id", "order_id", "price", "size", "exec_type", "fee_ccy", "sub_type", "ts_ms")
_FILL_MONEY = ("fee", "fee_rate", "pnl", "notional_usd")
_POSITION_PLAIN = ("pos_id", "mode", "pos_side", "quantity", "trade_id", "c_time_ms", "u_time_ms")
_POSITION_MONEY = ("entry", "margin", "realized", "fee", "funding")
_BILL_PLAIN = (
    "bill_id", "ccy", "type", "sub_type", "ts_ms", "inst_id", "order_id", "trade_id", "price", "size", "exec_type",
)  # fmt: skip
_ALGO = tuple(field.name for field in fields(Algo))
_BILL_MONEY = ("change", "balance", "fee", "pnl")


def _pack(source: Any, plain: tuple[str, ...], money: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in plain} | {name: str(getattr(source, name)) for name in money}


def _unpack(body: Mapping[str, Any], money: tuple[str, ...]) -> dict[str, Any]:
    return {name: Decimal(value) if name in money else value for name, value in body.items()}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


class Store:
    """An open data file. Only this simulator process writes it (an exclusive lock is held)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._market_ns = 0
        self._saved_bills: dict[str, int] = {}
        self._saved_fills: dict[str, int] = {}

    def close(self) -> None:
        self._db.close()

    def load(self) -> dict[str, Any] | None:
        """Everything kept, or None for a fresh file; ValueError when another version wrote it."""
        meta = dict(self._db.execute("SELECT name, value FROM meta").fetchall())
        if not meta:
            return None
        saved: dict[str, Any] = {name: msgspec.json.decode(text) for name, text in meta.items()}
        if saved["version"] != VERSION:
            raise ValueError(f"{FILE_NAME}: version {saved['version']} is not {VERSION}")
        saved["accounts"] = {n: msgspec.json.decode(b) for n, b in self._db.execute("SELECT name, body FROM accounts")}
        for table, query in _READS.items():
            rows = self._db.execute(query).fetchall()
            saved[table] = [(account, msgspec.json.decode(body)) for account, body in rows]
        for account, _ in saved["bills"]:
            self._saved_bills[account] = self._saved_bills.get(account, 0) + 1
        for account, _ in saved["fills"]:
            self._saved_fills[account] = self._saved_fills.get(account, 0) + 1
        return saved

    def save(self, exchange: SimulatedExchange, *, everything: bool = False) -> None:
        """Write what changed since the last save in one transaction."""
        changes = exchange.changes
        accounts = exchange.accounts.values() if everything else list(changes.accounts.values())
        self._db.execute("BEGIN IMMEDIATE")
        self._save_meta(exchange, everything=everything)
        for account in accounts:
            self._save_account(account)
        for account, order in changes.orders.values():
            if order.open or order.order_id in account.orders:
                row = (order.order_id, account.name, _text(_order_body(order)))
                self._db.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", row)
            else:
                self._db.execute("DELETE FROM orders WHERE order_id = ?", (order.order_id,))
        self._db.execute("COMMIT")
        changes.orders.clear()
        changes.accounts.clear()

    def _save_meta(self, exchange: SimulatedExchange, *, everything: bool) -> None:
        counters = exchange.counters
        meta: dict[str, Any] = {
            "counters": {
                name: getattr(counters, name) for name in ("order_id", "bill_id", "position_id", "liquidation_id")
            },
            "trade_ids": {name: market.next_trade_id for name, market in exchange.markets.items()},
        }
        if exchange.now.ns - self._market_ns >= MARKET_EVERY_NS or everything:
            self._market_ns = exchange.now.ns
            meta |= {
                "version": VERSION,
                "prices": {name: market.price_text(market.mark_ticks()) for name, market in exchange.markets.items()},
                "replay": {
                    "files": list(exchange.feeds.files),
                    "elapsed_ns": exchange.feeds.elapsed_ns(exchange.now.ns),
                },
            }
        algos = exchange.algos
        if algos.unsaved:
            meta["algos"] = [_pack(algo, _ALGO, ()) for algo in (*algos.ended.values(), *algos.live.values())]
            algos.unsaved = False
        rows = [(name, _text(value)) for name, value in meta.items()]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def _save_account(self, account: Account) -> None:
        body = {
            "cash": {ccy: str(amount) for ccy, amount in account.cash.items()},
            "initial": {ccy: str(amount) for ccy, amount in account.initial.items()},
            "changed_ms": account.changed_ms,
            "position_mode": account.position_mode,
            "dead_man_ns": account.dead_man_ns,
            "leverage": [[*key, str(lever)] for key, lever in account.leverage.items()],
            "positions": [
                _pack(p, _POSITION_PLAIN, _POSITION_MONEY) | {"inst_id": p.inst.inst_id}
                for p in account.positions.values()
            ],
        }
        self._db.execute("INSERT OR REPLACE INTO accounts VALUES (?, ?)", (account.name, _text(body)))
        fresh_bills = account.bills[max(0, self._saved_bills.get(account.name, 0) - account.dropped_bills) :]
        fresh_fills = account.fills[max(0, self._saved_fills.get(account.name, 0) - account.dropped_fills) :]
        self._db.executemany(
            "INSERT INTO bills VALUES (?, ?, ?)",
            [(bill.bill_id, account.name, _text(_pack(bill, _BILL_PLAIN, _BILL_MONEY))) for bill in fresh_bills],
        )
        self._db.executemany(
            "INSERT INTO fills VALUES (?, ?, ?)",
            [(fill.bill_id, account.name, _text(_pack(fill, _FILL_PLAIN, _FILL_MONEY))) for _, fill in fresh_fills],
        )
        self._saved_bills[account.name] = account.dropped_bills + len(account.bills)
        self._saved_fills[account.name] = account.dropped_fills + len(account.fills)


def _order_body(order: Order) -> dict[str, Any]:
    body = _pack(order, _ORDER_PLAIN, _ORDER_MONEY)
    quote = None if order.quote_size is None else str(order.quote_size)
    last = order.last_fill.bill_id if order.last_fill else None
    return body | {"inst_id": order.inst.inst_id, "quote_size": quote, "last_fill": last}


def open_store(config: Config) -> tuple[Store | None, dict[str, Any] | None]:
    """The data directory's store and what it holds; (None, None) without a data directory."""
    if config.data_dir is None:
        return None, None
    path = Path(config.data_dir) / FILE_NAME
    try:
        store = Store(path)
    except sqlite3.OperationalError as problem:
        raise ValueError(f"data directory {config.data_dir}: {problem}; is another simulator using it?") from problem
    return store, store.load()


def restore_accounts(saved: Mapping[str, Any], exchange: SimulatedExchange) -> None:
    """Put saved accounts, orders, fills and bills back, and open orders into their books."""
    instruments = {name: market.inst for name, market in exchange.markets.items()}
    for name, body in saved["accounts"].items():
        if name in exchange.accounts:
            _restore_account(exchange.accounts[name], body, instruments)
    for row in saved.get("algos", []):
        algo = Algo(**row)
        if algo.inst_id in instruments and algo.account in exchange.accounts:
            (exchange.algos.live if algo.state == "live" else exchange.algos.ended)[algo.algo_id] = algo
    fills = {body["bill_id"]: Fill(**_unpack(body, _FILL_MONEY)) for _, body in saved["fills"]}
    orders: dict[int, Order] = {}
    for name, body in saved["orders"]:
        account = exchange.accounts.get(name)
        if account is None or body["inst_id"] not in instruments:
            continue
        order = orders[body["order_id"]] = _read_order(body, instruments, fills)
        account.add_pending(order)
        if order.open:
            _reopen(exchange, account, order)
        else:
            account.end_pending(order)
    for name, body in saved["fills"]:
        order = orders.get(body["order_id"])
        if name in exchange.accounts and order is not None:
            exchange.accounts[name].fills.append((order, fills[body["bill_id"]]))
    for name, body in saved["bills"]:
        if name in exchange.accounts:
            exchange.accounts[name].bills.append(Bill(**_unpack(body, _BILL_MONEY)))


def _restore_account(account: Account, body: Mapping[str, Any], instruments: Mapping[str, Instrument]) -> None:
    account.cash = {ccy: Decimal(amount) for ccy, amount in body["cash"].items()}
    account.initial = {ccy: Decimal(amount) for ccy, amount in body["initial"].items()}
    account.opening = dict(account.initial)
    account.changed_ms = dict(body["changed_ms"])
    account.position_mode = body["position_mode"]
    account.dead_man_ns = dict(body["dead_man_ns"])
    account.leverage = {(row[0], row[1], row[2]): Decimal(row[3]) for row in body["leverage"]}
    for row in body["positions"]:
        fields = _unpack(row, _POSITION_MONEY)
        inst = instruments.get(fields.pop("inst_id"))
        if inst is not None:
            position = Position(inst=inst, **fields)
            account.positions[inst.inst_id, position.mode, position.pos_side] = position


def _read_order(body: Mapping[str, Any], instruments: Mapping[str, Instrument], fills: Mapping[int, Fill]) -> Order:
    fields = _unpack(body, _ORDER_MONEY)
    inst, last = instruments[fields.pop("inst_id")], fields.pop("last_fill")
    quote = fields.pop("quote_size")
    order = Order(inst=inst, **fields)
    order.quote_size = None if quote is None else Decimal(quote)
    order.last_fill = fills.get(last) if last is not None else None
    return order


def _reopen(exchange: SimulatedExchange, account: Account, order: Order) -> None:
    """Rest an open order again; where the rebuilt market stands across it, it trades as the maker it was."""
    held, order.frozen = order.frozen, Decimal(0)
    account.set_frozen(order, order.frozen_ccy, held)
    market = exchange.markets[order.inst.inst_id]
    assert order.px is not None
    order.resting = Resting(order.side, order.px, order.leaves, order)
    sweep = market.book.take(order.side, order.px, order.leaves)
    for match in sweep.matches:
        order.resting.leaves -= match.size
        exchange.desk.fill_maker(order.resting, order.px, match.size, market.trade_id())
    if order.open:
        market.book.rest(order.resting)
