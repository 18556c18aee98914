"""The simulator's data directory: one SQLite file that a restart, or a kill -9, goes on from.

Written in WAL before the answers of a batch leave. Rows are small JSON documents keyed by what they are. Which bills
and fills are written already is told by their ids, which only grow, never by a place in a list. A restart puts back
everything first and lets nothing happen before: what then trades is new, and saved like anything else.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from app.simulator.config import Config
from app.simulator.market.instruments import Instrument
from app.simulator.market.matching import Resting
from app.simulator.trading.accounts import Account, Bill, Position
from app.simulator.trading.algos import Algo
from app.simulator.trading.orders import Fill, Order

if TYPE_CHECKING:
    from app.simulator.exchange import SimulatedExchange

FILE_NAME = "simulator.sqlite3"
VERSION = "1"
MARKET_EVERY_NS = 1_000_000_000
Row = TypeVar("Row")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (order_id INTEGER PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fills (bill_id INTEGER PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bills (bill_id INTEGER PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS closed (pos_id INTEGER PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL);
"""
_READS = {
    "orders": "SELECT account, body FROM orders ORDER BY order_id",
    "fills": "SELECT account, body FROM fills ORDER BY bill_id",
    "bills": "SELECT account, body FROM bills ORDER BY bill_id",
    "closed": "SELECT account, body FROM closed ORDER BY rowid",
}
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
        self._loaded_bill_id = 0
        self._saved_bill_ids: dict[str, int] = {}
        """By account, the highest id of its bills and fills that are written."""

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
        self._loaded_bill_id = saved["counters"]["bill_id"]
        return saved

    def save(self, exchange: SimulatedExchange, *, everything: bool = False) -> None:
        """Write what changed since the last save in one transaction; a save that fails changes nothing."""
        changes = exchange.changes
        accounts = list((exchange.accounts if everything else changes.accounts).values())
        everything = everything or exchange.now.ns - self._market_ns >= MARKET_EVERY_NS
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._save_meta(exchange, everything=everything)
            for account in accounts:
                self._save_account(account)
            for account, order in changes.orders.values():
                self._save_order(account, order)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        if everything:
            self._market_ns = exchange.now.ns
        for account in accounts:
            self._saved_bill_ids[account.name] = exchange.counters.bill_id
            account.fresh_closed.clear()
        exchange.algos.unsaved = False
        changes.orders.clear()
        changes.accounts.clear()

    def _save_meta(self, exchange: SimulatedExchange, *, everything: bool) -> None:
        counters, algos = exchange.counters, exchange.algos
        meta: dict[str, Any] = {
            "counters": {
                name: getattr(counters, name) for name in ("order_id", "bill_id", "position_id", "liquidation_id")
            },
            "trade_ids": {name: market.next_trade_id for name, market in exchange.markets.items()},
        }
        if everything:
            meta |= {
                "version": VERSION,
                "prices": {name: market.price_text(market.mark_ticks()) for name, market in exchange.markets.items()},
                "replay": {
                    "files": list(exchange.feeds.files),
                    "elapsed_ns": exchange.feeds.elapsed_ns(exchange.now.ns),
                },
            }
        if algos.unsaved:
            meta["algos"] = [_pack(algo, _ALGO, ()) for algo in (*algos.ended.values(), *algos.live.values())]
        rows = [(name, _text(value)) for name, value in meta.items()]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def _save_order(self, account: Account, order: Order) -> None:
        if order.open or order.order_id in account.orders:
            row = (order.order_id, account.name, _text(_order_body(order)))
            self._db.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", row)
        else:
            self._db.execute("DELETE FROM orders WHERE order_id = ?", (order.order_id,))

    def _save_account(self, account: Account) -> None:
        name = account.name
        body = {
            "cash": {ccy: str(amount) for ccy, amount in account.cash.items()},
            "initial": {ccy: str(amount) for ccy, amount in account.initial.items()},
            "changed_ms": account.changed_ms,
            "position_mode": account.position_mode,
            "dead_man_ns": account.dead_man_ns,
            "leverage": [[*key, str(lever)] for key, lever in account.leverage.items()],
            "positions": [_position_body(position) for position in account.positions.values()],
        }
        self._db.execute("INSERT OR REPLACE INTO accounts VALUES (?, ?)", (name, _text(body)))
        written = self._saved_bill_ids.get(name, self._loaded_bill_id)
        bills = _newer(reversed(account.bills), lambda bill: bill.bill_id, written)
        fills = _newer((fill for _, fill in reversed(account.fills)), lambda fill: fill.bill_id, written)
        self._db.executemany(
            "INSERT INTO bills VALUES (?, ?, ?)",
            [(bill.bill_id, name, _text(_pack(bill, _BILL_PLAIN, _BILL_MONEY))) for bill in bills],
        )
        self._db.executemany(
            "INSERT INTO fills VALUES (?, ?, ?)",
            [(fill.bill_id, name, _text(_pack(fill, _FILL_PLAIN, _FILL_MONEY))) for fill in fills],
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO closed VALUES (?, ?, ?)",
            [(position.pos_id, name, _text(_position_body(position))) for position in account.fresh_closed],
        )


def _newer(newest_first: Iterable[Row], number: Callable[[Row], int], written: int) -> list[Row]:
    """Those with an id above `written`, oldest first."""
    found: list[Row] = []
    for row in newest_first:
        if number(row) <= written:
            break
        found.append(row)
    return found[::-1]


def _position_body(position: Position) -> dict[str, Any]:
    return _pack(position, _POSITION_PLAIN, _POSITION_MONEY) | {"inst_id": position.inst.inst_id}


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
    """Put back all that was saved, and only then open orders into their books, where those that cross trade.

    Until that is saved in turn nothing has happened: a kill in between leaves the file as it was.
    """
    instruments = {name: market.inst for name, market in exchange.markets.items()}
    for name, body in saved["accounts"].items():
        if name in exchange.accounts:
            _restore_account(exchange.accounts[name], body, instruments)
    for name, body in saved.get("closed", []):
        position = _read_position(body, instruments)
        if position is not None and name in exchange.accounts:
            exchange.accounts[name].closed.append(position)
    for row in saved.get("algos", []):
        algo = Algo(**row)
        if algo.inst_id in instruments and algo.account in exchange.accounts:
            (exchange.algos.live if algo.state == "live" else exchange.algos.ended)[algo.algo_id] = algo
    for order in _restore_history(saved, exchange, instruments):
        if order.open:
            _reopen(exchange, order)


def _restore_history(
    saved: Mapping[str, Any], exchange: SimulatedExchange, instruments: Mapping[str, Instrument]
) -> list[Order]:
    """Orders, fills and bills as they were, nothing resting yet; returns the open orders, oldest first."""
    fills = {body["bill_id"]: Fill(**_unpack(body, _FILL_MONEY)) for _, body in saved["fills"]}
    orders: dict[int, Order] = {}
    still_open: list[Order] = []
    for name, body in saved["orders"]:
        account = exchange.accounts.get(name)
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
        if name in exchange.accounts and order is not None:
            exchange.accounts[name].fills.append((order, fills[body["bill_id"]]))
    for name, body in saved["bills"]:
        if name in exchange.accounts:
            exchange.accounts[name].bills.append(Bill(**_unpack(body, _BILL_MONEY)))
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


def _reopen(exchange: SimulatedExchange, order: Order) -> None:
    """Rest an open order again; where the rebuilt market stands across it, it trades as the maker it was."""
    market = exchange.markets[order.inst.inst_id]
    assert order.px is not None
    order.resting = Resting(order.side, order.px, order.leaves, order)
    sweep = market.book.take(order.side, order.px, order.leaves)
    for match in sweep.matches:
        order.resting.leaves -= match.size
        exchange.desk.fill_maker(order.resting, order.px, match.size, market.trade_id())
    if order.open:
        market.book.rest(order.resting)
