"""How long calculate_performance takes over a long history: the first call of a fresh process, the same asked again,
and the memory that it takes; over many days, and all in one day.

The history is a contract bought and sold in turn, written straight into the tables, and put in brief as the system does
it beside the orders; how long that takes is a figure too. Each measurement is a process of its own, in the processor
time of its thread: what the machine's other guests do is not ours to measure.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from app.clock import SystemClock
from app.domain.instruments import Instrument, InstrumentKind
from app.market_data.feeds import MarketData
from app.models.trading import Base, FeePayment, PerformanceFold, PerformancePart, Trade, Watermark
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports.fold_making import FoldMaker
from app.services.trading.trade_recorder import TradeRecorder
from app.store.database import Database
from app.store.queries import FOLDED

DAY_NS = 86_400 * 10**9
FIRST_NS = 1_700_006_400 * 10**9
"""A midnight."""
D = Decimal
SWAP = Instrument("BTC-USDT-SWAP", InstrumentKind.SWAP, "BTC", "USDT", "USDT", D("0.1"), D(1), D(1), D("0.01"))
CHUNK = 20_000
AGAIN = 5
"""The middle one counts: the garbage collector looks through the whole process (50 ms) in one of them."""


def run(trades: int = 1_000_000, days: int = 250) -> dict[str, float]:
    """Seconds and megabytes, by key of build/bench.json."""
    figures: dict[str, float] = {}
    for name, spread in (("performance", days), ("performance.one_day", 1)):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'history.db'}"
            _write(url, trades, spread)
            figures[f"{name}.folding_seconds"] = _fold(url)
            done = subprocess.run([sys.executable, __file__, url], stdout=subprocess.PIPE, check=True, timeout=900)
            found = json.loads(done.stdout.splitlines()[-1])
        figures |= {
            f"{name}.{key}": value for key, value in found.items() if name == "performance" or key != "again_ms"
        }
    return figures


def _write(url: str, count: int, days: int) -> None:
    database = Database(url)
    Base.metadata.create_all(database.writer_engine)
    rows = _rows(count, days)
    with database.writer_engine.begin() as connection:
        while some := list(islice(rows, CHUNK)):
            connection.execute(sa.insert(Trade), [trade for trade, _ in some])
            connection.execute(sa.insert(FeePayment), [fee for _, fee in some])
    database.close()


def _fold(url: str) -> float:
    """Seconds of this thread; every trade is in a stretch then."""
    database = Database(url)
    ledger = _ledger()
    maker = FoldMaker(ledger, database, Prices(ledger, MarketData(ledger.clock)))
    began, until_ns = time.thread_time(), 0
    while made := maker.next(until_ns, ledger.clock.now_ns()):
        until_ns = made.fold["until_ns"]
        mark = {"account": ledger.account, "stream": FOLDED, "at_ns": until_ns}
        with database.writer_engine.begin() as connection:
            connection.execute(sa.insert(PerformanceFold), [made.fold])
            connection.execute(sa.insert(PerformancePart), list(made.parts))
            connection.execute(sa.delete(Watermark))
            connection.execute(sa.insert(Watermark), [mark])
    database.close()
    return time.thread_time() - began


def _ledger() -> Ledger:
    ledger = Ledger("main", SystemClock())
    ledger.instruments = {SWAP.instrument_id: SWAP}
    return ledger


def _rows(count: int, days: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for number in range(count):
        at_ns = FIRST_NS + number * (days * DAY_NS // count)
        name = f"{number:07}"
        key = {"account": "main", "instrument_id": SWAP.instrument_id, "trade_id": name, "exchange_order_id": name}
        price = D(50_000 + number * 7_919 % 211) + D("0.5")
        trade = {
            **key, "order_id": name, "client_order_id": name, "side": "sell" if number % 2 else "buy",
            "position_side": "net", "price": price, "size": D(1), "liquidity": "taker", "category": "normal",
            "strategy_id": f"s{number // 2 % 3}", "parent_id": None, "traded_ns": at_ns, "recorded_ns": at_ns,
            "trade_mode": "cross", "pnl": None,
        }  # fmt: skip
        fee = {**key, "currency": "USDT", "amount": price * D("0.01") * D("0.0005"), "recorded_ns": at_ns}
        yield trade, fee


def measure(url: str) -> dict[str, float]:
    """Of this process, which has asked nothing yet."""
    database = Database(url)
    recorder = TradeRecorder(_ledger(), database)
    before = _peak_mb()
    began = time.thread_time()
    first = recorder.calculate_performance()
    first_seconds = time.thread_time() - began
    grown = _peak_mb() - before
    again_seconds: list[float] = []
    for _ in range(AGAIN):
        began = time.thread_time()
        again = recorder.calculate_performance()
        again_seconds.append(time.thread_time() - began)
        assert first.total_trades == again.total_trades > 0
    database.close()
    return {"first_seconds": first_seconds, "again_ms": median(again_seconds) * 1_000, "memory_mb": grown}


def _peak_mb() -> float:
    """The most that was ever resident; a new program begins anew, which getrusage does not say."""
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
