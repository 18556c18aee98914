"""The demo as a process: start it, press orders into it, kill it at any moment, and compare both ledgers afterwards.

What the exchange knows is read out of the simulator's own data folder, what we know out of our database.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import app
from app.cli import catalogue
from app.journal.audit import audit
from app.simulator import AccountConfig, Config, SimulatedExchange
from app.simulator.persistence import open_store
from app.store import queries
from app.store.database import Database

START_SECONDS = 60
LIVE_SECONDS = 90
ACCOUNT = "main"
OF_MAKE = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "ARGS")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from app.cli import main; main()", *arguments]


def environment() -> dict[str, str]:
    """Nobody's settings, nothing of the `make test` that runs this, and this package."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OKX_", "TRADING_EXECUTOR_")) and name not in ("DATABASE_URL", *OF_MAKE)
    }
    backend = str(Path(app.__file__).resolve().parents[1])
    return kept | {"PYTHONPATH": backend, "TRADING_EXECUTOR_CONFIG": os.devnull, "PYTHONUNBUFFERED": "1"}


class DemoProcess:
    """A running demo. `url` is its API's address once it trades."""

    def __init__(self, data_dir: Path, *arguments: str, **changes: str) -> None:
        self.lines: list[str] = []
        self.url = ""
        self._trading = threading.Event()
        self.process = subprocess.Popen(
            command("demo", "--data-dir", str(data_dir), "--port", "0", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment() | changes,
            cwd=data_dir,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_trading(self) -> None:
        """Until the strategies run."""
        if not self._trading.wait(START_SECONDS) or not self.url:
            self.kill()
            raise AssertionError(f"the demo did not start:\n{self.output}")

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        self._reader.join(5)

    def interrupt(self) -> int:
        """Ctrl-C, and the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self, seconds: float = LIVE_SECONDS) -> int:
        """Wait for its own end; the exit status."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the demo did not end within {seconds} s:\n{self.output}") from None
        self._reader.join(5)
        return status

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(r"API on (http://\S+),", line):
                self.url = found[1]
            if "strategies trade_flow" in line:
                self._trading.set()
        self._trading.set()


class Pressure:
    """Orders of all kinds through the API, as fast as they are answered; the process may die under it."""

    def __init__(self, url: str, seed: int) -> None:
        self.sent = 0
        self._address = urlsplit(url).netloc
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._press, args=(seed + n,), daemon=True) for n in range(2)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _press(self, seed: int) -> None:
        drawn = random.Random(seed)
        mine: list[str] = []
        while not self._stop.is_set():
            try:
                if mine and drawn.random() < 0.4:
                    ask(self._address, "DELETE", f"/api/v1/trading/orders/{mine.pop(drawn.randrange(len(mine)))}")
                else:
                    status, order = ask(self._address, "POST", "/api/v1/trading/orders", _order(drawn))
                    self.sent += status in (201, 202)
                    if status == 201 and order["status"] == "live":
                        mine.append(order["order_id"])
            except (OSError, http.client.HTTPException, ValueError):
                return
            time.sleep(0.02)


def ask(address: str, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """One request to the demo's API."""
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def _order(drawn: random.Random) -> dict[str, Any]:
    side = drawn.choice(["buy", "sell"])
    kind = drawn.choice(["market", "limit", "post_only", "ioc"])
    swap = drawn.random() < 0.4
    price = None
    if kind == "limit":
        price = str(50_000 + drawn.randint(-300, 300))
    elif kind != "market":
        price = str(49_800 if side == "buy" else 50_200)
    return {
        "instrument_id": "BTC-USDT-SWAP" if swap else "BTC-USDT",
        "side": side,
        "order_type": kind,
        "size": drawn.choice(["0.1", "0.2"]) if swap else drawn.choice(["0.001", "0.0025"]),
        "price": price,
        "trade_mode": "cross" if swap else "cash",
    }


@dataclass(frozen=True)
class Books:
    """One side's account: orders (client order id to state and filled size), fills, balances and positions."""

    orders: dict[str, tuple[str, Decimal]]
    fills: set[tuple[Any, ...]]
    balances: dict[str, Decimal]
    positions: dict[str, Decimal]


def exchange_books(data_dir: Path, replay: Sequence[Path] = ()) -> Books:
    """The simulator's own ledger, out of its data folder; it must not be running.

    replay: the recordings that it ran over, for prices are kept in ticks, and a recording has its own.
    """
    folder = data_dir / "simulator"
    found = json.loads((folder / "credentials.key").read_text())
    account = AccountConfig(found["account"], found["api_key"], found["secret"], found["passphrase"])
    config = Config(accounts=(account,), flow_rate=0.0, data_dir=str(folder), replay=tuple(map(str, replay)))
    store, saved = open_store(config)
    assert store is not None
    store.close()
    ledger = SimulatedExchange(config, time.time_ns(), saved).control.ledger()["accounts"][account.name]
    orders = [order for order in ledger["orders"] if order["clOrdId"]]
    assert len({order["clOrdId"] for order in orders}) == len(orders), "a client order id was used twice"
    return Books(
        {order["clOrdId"]: (order["state"], Decimal(order["accFillSz"])) for order in orders},
        {
            (
                f["instId"],
                f["tradeId"],
                f["ordId"],
                f["side"],
                Decimal(f["fillPx"]),
                Decimal(f["fillSz"]),
                -Decimal(f["fee"]),
                f["feeCcy"],
            )
            for f in ledger["fills"]
        },
        {currency: Decimal(amount) for currency, amount in ledger["cash"].items() if Decimal(amount)},
        {position["instId"]: Decimal(position["pos"]) for position in ledger["positions"] if Decimal(position["pos"])},
    )


def our_books(data_dir: Path) -> Books:
    """Our ledger, out of the database; orders that the exchange never took are left out."""
    database = Database(f"sqlite:///{data_dir / 'trading-executor.db'}")
    try:
        state = queries.load_account(database, ACCOUNT)
        orders: dict[str, tuple[str, Decimal]] = {}
        cursor = None
        while True:
            page = queries.order_history(database, ACCOUNT, limit=500, cursor=cursor)
            for order in page.rows:
                if order.status.value in ("denied", "rejected", "never_accepted"):
                    assert not order.filled_size, order
                    continue
                orders[order.request.client_order_id] = (order.status.value, order.filled)
            cursor = page.next_cursor
            if cursor is None:
                break
        fills = {
            (
                row["instrument_id"],
                row["trade_id"],
                row["exchange_order_id"],
                row["side"],
                row["price"],
                row["size"],
                row["fee_amount"],
                row["fee_currency"],
            )
            for rows in queries.iter_trades(database, ACCOUNT)
            for row in rows
        }
        swaps = {
            key[0]: fold.position.size
            for key, fold in state.positions.items()
            if key[0].endswith("-SWAP") and fold.position.size
        }
        return Books(orders, fills, {c: total for c, total in state.balances.items() if total}, swaps)
    finally:
        database.close()


def audit_findings(data_dir: Path) -> list[str]:
    """What the audit finds, unexplained movements of cash included."""
    database = Database(f"sqlite:///{data_dir / 'trading-executor.db'}")
    try:
        report = audit(database, ACCOUNT, catalogue.load(data_dir))
        moved = queries.cash_movements(database, ACCOUNT)
        odd = [row for row in moved if row["kind"] not in ("opening", "rounding")]
        said = [f"{row['currency']} {row['amount']}: {row['note']}" for row in odd]
        return [*map(str, report.findings), *map(str, report.replay.unchecked), *said]
    finally:
        database.close()
