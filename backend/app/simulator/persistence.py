"""The simulator's data directory: one SQLite file that a restart, or a kill -9, goes on from.

Written in WAL before the answers of a batch leave. Rows are small JSON documents keyed by what they are. Which bills
and fills are written already is told by their ids, which only grow, never by a place in a list. A restart puts back
everything first and lets nothing happen before: what then trades is new, and saved like anything else.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from app.simulator.config import Config
from app.simulator.exchange import SimulatedExchange
from app.simulator.trading.accounts import Account
from app.simulator.trading.orders import Order
from app.simulator.trading.records import account_body, algo_body, bill_body, fill_body, order_body, position_body

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


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


class Store:
    """An open data file. Only this simulator process writes it (an exclusive lock is held)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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
            meta["algos"] = [algo_body(algo) for algo in (*algos.ended.values(), *algos.live.values())]
        rows = [(name, _text(value)) for name, value in meta.items()]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def _save_order(self, account: Account, order: Order) -> None:
        if order.open or order.order_id in account.orders:
            row = (order.order_id, account.name, _text(order_body(order)))
            self._db.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", row)
        else:
            self._db.execute("DELETE FROM orders WHERE order_id = ?", (order.order_id,))

    def _save_account(self, account: Account) -> None:
        name = account.name
        self._db.execute("INSERT OR REPLACE INTO accounts VALUES (?, ?)", (name, _text(account_body(account))))
        written = self._saved_bill_ids.get(name, self._loaded_bill_id)
        bills = _newer(reversed(account.bills), lambda bill: bill.bill_id, written)
        fills = _newer((fill for _, fill in reversed(account.fills)), lambda fill: fill.bill_id, written)
        self._db.executemany(
            "INSERT INTO bills VALUES (?, ?, ?)",
            [(bill.bill_id, name, _text(bill_body(bill))) for bill in bills],
        )
        self._db.executemany(
            "INSERT INTO fills VALUES (?, ?, ?)",
            [(fill.bill_id, name, _text(fill_body(fill))) for fill in fills],
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO closed VALUES (?, ?, ?)",
            [(position.pos_id, name, _text(position_body(position))) for position in account.fresh_closed],
        )


def _newer(newest_first: Iterable[Row], number: Callable[[Row], int], written: int) -> list[Row]:
    """Those with an id above `written`, oldest first."""
    found: list[Row] = []
    for row in newest_first:
        if number(row) <= written:
            break
        found.append(row)
    return found[::-1]


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
