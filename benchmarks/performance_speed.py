"""How long calculate_performance takes over a long history: the first call of a fresh process, the same asked again,
and the memory that it takes; over many days, and all in one day.

The history is one market bought and sold in turn, written straight into the tables with what it did to the books, and
put in brief as the system does it beside the orders; how long that takes is a figure too. Markets: a contract that pays
in the currency of the account, the same with fees in a third coin, a pair with fees in both of its coins, a contract
that pays in another currency, and an inverse one. Each measurement is a process of its own, in the processor time of
its thread: what the machine's other guests do is not ours to measure.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from app.cli.serving import spare_the_collector
from app.clock import SystemClock
from app.domain.events import EventKind
from app.domain.holding_changes import ITSELF, Rate, fee_change, profit_change, trade_changes
from app.domain.holding_entries import change_of
from app.domain.holdings import Holding, book_of
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import Fill, OrderSide, TradeMode
from app.market_data.feeds import MarketData
from app.models.holdings import HoldingBook, HoldingEntry
from app.models.trading import (
    Base,
    ExecutionEvent,
    FeePayment,
    PerformanceFold,
    PerformancePart,
    Trade,
    Watermark,
)
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports.fold_making import FoldMaker
from app.services.trading.trade_recorder import TradeRecorder
from app.store import queries, rows
from app.store.database import Database
from app.store.queries import FOLDED

DAY_NS = 86_400 * 10**9
FIRST_NS = 1_700_006_400 * 10**9
"""A midnight."""
D = Decimal
_SPOT, _SWAP = InstrumentKind.SPOT, InstrumentKind.SWAP
CHUNK = 20_000
AGAIN = 5
"""The middle one counts; the worst one is a figure of its own."""


@dataclass(frozen=True)
class Market:
    """fees: the currencies that they are paid in, in turn."""

    instrument: Instrument
    fees: tuple[str, ...]


MARKETS = {
    "": Market(Instrument("BTC-USDT-SWAP", _SWAP, "BTC", "USDT", "USDT", D("0.1"), D(1), D(1), D("0.01")), ("USDT",)),
    "spot": Market(
        Instrument("BTC-USDT", _SPOT, "BTC", "USDT", "USDT", D("0.1"), D("0.0001"), D("0.0001")), ("BTC", "USDT")
    ),
    "coin_fees": Market(
        Instrument("BTC-USDT-SWAP", _SWAP, "BTC", "USDT", "USDT", D("0.1"), D(1), D(1), D("0.01")), ("OKB",)
    ),
    "foreign": Market(
        Instrument("BTC-USDC-SWAP", _SWAP, "BTC", "USDC", "USDC", D("0.1"), D(1), D(1), D("0.01")), ("USDC",)
    ),
    "inverse": Market(
        Instrument("BTC-USD-SWAP", _SWAP, "BTC", "USD", "BTC", D("0.1"), D(1), D(1), D(100), inverse=True), ("BTC",)
    ),
}
PRICES = {"BTC": D(50_000), "OKB": D(50), "USDC": D("1.001"), "USD": D(1)}
SIZES = {_SPOT: D("0.01"), _SWAP: D(1)}


def run(market: str, trades: int = 1_000_000, days: int = 250) -> dict[str, float]:
    """Seconds and megabytes, by key of build/bench.json."""
    name = ".".join(("performance", market)) if market else "performance"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'history.db'}"
        write(url, market, trades, days)
        figures = _measured(url, market, name)
        if market in ("", "spot"):
            _into_one_day(url, days)
            figures |= _measured(url, market, f"{name}.one_day")
    return figures


def _measured(url: str, market: str, name: str) -> dict[str, float]:
    found = {"folding_seconds": fold(url, market), **asked_anew(url, market)}
    return {f"{name}.{key}": value for key, value in found.items()}


def _into_one_day(url: str, days: int) -> None:
    """The same history, all of it in its first day."""
    database = Database(url)
    with database.writer_engine.begin() as connection:
        for table, column in ((Trade, Trade.traded_ns), (HoldingEntry, HoldingEntry.at_ns)):
            connection.execute(sa.update(table).values({column: FIRST_NS + (column - FIRST_NS) // days}))
    database.close()


def asked_anew(url: str, market: str) -> dict[str, float]:
    """By a process of its own."""
    done = subprocess.run([sys.executable, __file__, url, market], stdout=subprocess.PIPE, check=True, timeout=900)
    return json.loads(done.stdout.splitlines()[-1])


def write(url: str, market: str, count: int, days: int) -> None:
    """A database with such a history."""
    database = Database(url)
    Base.metadata.create_all(database.writer_engine)
    held: dict[str, Holding] = {}
    made = _rows(MARKETS[market], count, days, held)
    with database.writer_engine.begin() as connection:
        for setting in ("journal_mode=OFF", "synchronous=OFF"):  # it is made up, and may be made up again
            connection.exec_driver_sql(f"PRAGMA {setting}")
        begun = {
            "account": "main", "seq": 1, "at_ns": 1, "kind": EventKind.HOLDINGS_BEGUN.value, "principal": "system",
            "payload": '{"currency":"USDT"}', "hash": "",
        }  # fmt: skip
        connection.execute(sa.insert(ExecutionEvent), [begun])
        while some := list(islice(made, CHUNK)):
            for table in (Trade, FeePayment, HoldingEntry):
                connection.execute(sa.insert(table), [row for kind, row in some if kind is table])
        books = [rows.BOOK.named("main", asset, *one) for asset, all in held.items() for one in all.books.items()]
        if books:
            connection.execute(sa.insert(HoldingBook), books)
    database.close()


def fold(url: str, market: str) -> float:
    """All of it is put in brief anew: the seconds of this thread that it took."""
    database = Database(url)
    with database.writer_engine.begin() as connection:
        for table in (PerformancePart, PerformanceFold, Watermark):
            connection.execute(sa.delete(table))
    ledger = _ledger(database, market)
    maker = FoldMaker(ledger, database, Prices(ledger, MarketData(ledger.clock)))
    began, until_ns = time.thread_time(), 0
    while made := maker.next(until_ns, ledger.clock.now_ns()):
        until_ns = made.fold["until_ns"]
        mark = {"account": ledger.account, "stream": FOLDED, "at_ns": until_ns}
        with database.writer_engine.begin() as connection:
            connection.execute(sa.insert(PerformanceFold), [made.fold])
            if made.parts:
                connection.execute(sa.insert(PerformancePart), list(made.parts))
            connection.execute(sa.delete(Watermark))
            connection.execute(sa.insert(Watermark), [mark])
    seconds = time.thread_time() - began
    database.close()
    return seconds


def _ledger(database: Database, market: str) -> Ledger:
    ledger = Ledger("main", SystemClock())
    instrument = MARKETS[market].instrument
    ledger.instruments = {instrument.instrument_id: instrument}
    ledger.load(queries.load_account(database, "main"))
    return ledger


def _rows(
    market: Market, count: int, days: int, held: dict[str, Holding]
) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    instrument, entries = market.instrument, 0
    bought = D(0)
    for number in range(count):
        price = D(50_000 + number * 7_919 % 211) + D("0.5")
        fee_currency = market.fees[number % len(market.fees)]
        size, fee = SIZES[instrument.kind], D("0.0025") / PRICES.get(fee_currency, D(1)) * 1_000
        if instrument.kind is _SPOT:
            size = size if number % 2 == 0 else bought
            fee, bought = (D("0.00001"), size - D("0.00001")) if fee_currency == "BTC" else (fee, bought)
        at_ns, name = FIRST_NS + number * (days * DAY_NS // count), f"{number:07}"
        fill = Fill(
            instrument.instrument_id, name, name, OrderSide.SELL if number % 2 else OrderSide.BUY, price, size, at_ns,
            fee.quantize(D("0.00000001")), fee_currency,
        )  # fmt: skip
        strategy_id = f"s{number // 2 % 3}"
        yield from _traded(instrument, fill, strategy_id)
        for change in _changes(instrument, fill, book_of(strategy_id)):
            for entry in change_of(held, change, instrument.lot):
                entries += 1
                yield HoldingEntry, rows.ENTRY.named("main", entries, 1, entry)


def _traded(instrument: Instrument, fill: Fill, strategy_id: str) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    name, at_ns = fill.trade_id, fill.time_ns
    key = {"account": "main", "instrument_id": fill.instrument_id, "trade_id": name, "exchange_order_id": name}
    mode = TradeMode.CASH if instrument.kind is _SPOT else TradeMode.CROSS
    trade = {
        **key, "order_id": name, "client_order_id": name, "side": fill.side.value, "position_side": "net",
        "price": fill.price, "size": fill.size, "liquidity": "taker", "category": "normal",
        "strategy_id": strategy_id, "parent_id": None, "traded_ns": at_ns, "recorded_ns": at_ns,
        "trade_mode": mode.value, "pnl": None,
    }  # fmt: skip
    yield Trade, trade
    yield FeePayment, {**key, "currency": fill.fee_currency, "amount": fill.fee, "recorded_ns": at_ns}


def _changes(instrument: Instrument, fill: Fill, book: str) -> Iterator[Any]:
    yield from trade_changes(instrument, fill, book, _rate)
    if instrument.kind is not _SPOT and fill.side is OrderSide.SELL:
        gain = profit_change(instrument, fill, D("0.0001"), book, _rate)
        yield from () if gain is None else (gain,)
    fee = fee_change(instrument, fill, book, _rate)
    yield from () if fee is None else (fee,)


def _rate(currency: str) -> Rate:
    return ITSELF if currency == "USDT" else Rate(PRICES[currency], "fresh")


def measure(url: str, market: str) -> dict[str, float]:
    """Of this process, which has asked nothing yet, and collects garbage as `serve` does."""
    spare_the_collector()
    database = Database(url)
    recorder = TradeRecorder(_ledger(database, market), database)
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
    return {
        "first_seconds": first_seconds,
        "again_ms": median(again_seconds) * 1_000,
        "again_worst_ms": max(again_seconds) * 1_000,
        "memory_mb": grown,
    }


def _peak_mb() -> float:
    """The most that was ever resident; a new program begins anew, which getrusage does not say."""
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
