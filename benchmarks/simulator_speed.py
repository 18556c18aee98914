"""Speed of the simulated exchange: matching core, replay of a recorded session, orders through the whole core.

`python -m benchmarks.simulator_speed` prints a table; `run()` returns flat keys. CPU seconds of one core, no sockets.
"""

from __future__ import annotations

import json
import random
import time
from decimal import Decimal
from pathlib import Path

from app.simulator import AccountConfig, Config, SimulatedExchange
from app.simulator.doors.signing import sign
from app.simulator.market.matching import BUY, SELL, Book, Resting

RECORDINGS = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "binance_capture"
SESSION = ("spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz")
START_NS = 1_780_000_000_000_000_000
SECOND = 1_000_000_000
SEED = 20261122


def matching(orders: int = 200_000) -> dict[str, float]:
    """Orders a second through the price-time core, about half of which match."""
    dice, book, matched = random.Random(SEED), Book(), 0
    flow = [(dice.choice((BUY, SELL)), dice.randrange(9_950, 10_051), dice.randrange(1, 50)) for _ in range(orders)]
    began = time.process_time()
    for side, price, size in flow:
        sweep = book.take(side, price, size)
        matched += bool(sweep.matches)
        if sweep.left:
            book.rest(Resting(side, price, sweep.left))
    elapsed = time.process_time() - began
    return {
        "simulator.matching.orders_per_second": orders / elapsed,
        "simulator.matching.matched_per_second": matched / elapsed,
    }


def replay() -> dict[str, float]:
    """Recorded lines a second, and seconds for the whole ten-minute session; empty without the recordings."""
    paths = tuple(str(RECORDINGS / name) for name in SESSION)
    if not all(Path(path).exists() for path in paths):
        return {}
    account = AccountConfig("main", "k", "s", "p")
    began = time.process_time()
    exchange = SimulatedExchange(Config((account,), replay=paths, flow_rate=0.0), START_NS)
    exchange.advance(START_NS + 3600 * SECOND)
    elapsed = time.process_time() - began
    events = sum(feed.events for feed in exchange.feeds.replay.values())
    return {"simulator.replay.events_per_second": events / elapsed, "simulator.replay.session_seconds": elapsed}


def orders(count: int = 5_000) -> dict[str, float]:
    """Filled WebSocket orders a second through the whole core, with and without private channels followed."""
    found: dict[str, float] = {}
    for followed in (False, True):
        balances = {"USDT": Decimal(10**9), "BTC": Decimal(10**5)}
        account = AccountConfig("main", "k", "s", "p", balances=balances)
        exchange = SimulatedExchange(Config((account,), rate_limits=False), START_NS)
        stream = exchange.open_stream("/ws/v5/private", START_NS)
        stamp = str(START_NS // SECOND)
        login = {
            "apiKey": "k", "passphrase": "p", "timestamp": stamp, "sign": sign("s", stamp, b"GET/users/self/verify")
        }  # fmt: skip
        exchange.receive(stream, json.dumps({"op": "login", "args": [login]}), START_NS)
        if followed:
            channels = [{"channel": "orders", "instType": "ANY"}, {"channel": "account"}]
            exchange.receive(stream, json.dumps({"op": "subscribe", "args": channels}), START_NS)
        frames = [_order(number) for number in range(count)]
        began, now_ns = time.process_time(), START_NS
        for frame in frames:
            now_ns += 1_000_000
            exchange.receive(stream, frame, now_ns)
            exchange.outbox()
        name = "followed" if followed else "plain"
        found[f"simulator.orders.{name}_per_second"] = count / (time.process_time() - began)
    return found


def _order(number: int) -> str:
    side, price = ("buy", "52000") if number % 2 else ("sell", "48000")
    order = {
        "instIdCode": 20001, "tdMode": "cash", "side": side, "ordType": "ioc", "px": price, "sz": "0.001",
        "clOrdId": f"c{number}",
    }  # fmt: skip
    return json.dumps({"id": str(number), "op": "order", "args": [order]})


def run() -> dict[str, float]:
    """All figures by flat key."""
    return matching() | replay() | orders()


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:48} {value:14,.2f}")
