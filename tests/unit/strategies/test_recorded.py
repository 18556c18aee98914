"""Books and sample strategies over a recorded Binance session (../shared/data, where it is there)."""

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from app.domain.market import BookAction, BookUpdate, Level, PublicTrade
from app.market_data.order_book import OrderBook
from app.market_data.view import BookView
from app.strategies.registry import build_strategy

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "binance_capture"
SESSION = [FOLDER / "spot_btcusdt_20240808.gz", FOLDER / "spot_btcusdt_20240809.gz"]

pytestmark = pytest.mark.skipif(
    not all(path.exists() for path in SESSION), reason=f"the recorded session is not in {FOLDER}"
)


def recorded(path: Path, limit: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """(local receive time in ns, message) of the first `limit` lines."""
    with gzip.open(path, "rt") as lines:
        for _, line in zip(range(limit), lines, strict=False):
            time_ns, raw = line.split(" ", 1)
            message = json.loads(raw)
            yield int(time_ns), message.get("data", message)


def levels(rows: list[list[str]]) -> tuple[Level, ...]:
    return tuple((D(price), D(size)) for price, size in rows)


def test_the_samples_make_round_trips_on_it() -> None:
    flow, pressure = build_strategy("trade_flow"), build_strategy("book_pressure")
    found: dict[str, list[str]] = {flow.name: [], pressure.name: []}
    for path in SESSION:
        for time_ns, data in recorded(path, 25_000):
            if data.get("e") == "trade":
                bought = not data["m"]
                signal = flow.on_trade(
                    PublicTrade("BTC-USDT", str(data["t"]), D(data["p"]), D(data["q"]), bought, data["T"] * 1_000_000)
                )
            elif "B" in data:
                bid, ask = (D(data["b"]), D(data["B"])), (D(data["a"]), D(data["A"]))
                signal = pressure.on_book(BookView.of("BTC-USDT", bid, ask, received_ns=time_ns, venue_time_ns=time_ns))
            else:
                continue
            if signal is not None:
                found[flow.name if data.get("e") == "trade" else pressure.name].append(signal.type.value)
    for name, kinds in found.items():
        assert kinds == (["buy", "close"] * len(kinds))[: len(kinds)], name
        assert len(kinds) >= 10, name


def test_the_book_agrees_with_the_recorded_touch() -> None:
    """Snapshot plus differences give the venue's own best bid and ask wherever both describe the same update id."""
    book, waiting, sequence, compared = OrderBook("BTC-USDT"), list[dict[str, Any]](), 0, 0
    touches: dict[int, tuple[Level, Level]] = {}
    for _, data in recorded(SESSION[0], 30_000):
        if "lastUpdateId" in data:
            sequence = data["lastUpdateId"]
            bids, asks = levels(data["bids"]), levels(data["asks"])
            book.apply(BookUpdate("BTC-USDT", BookAction.SNAPSHOT, bids, asks, 0, sequence))
        elif data.get("e") == "depthUpdate":
            waiting.append(data)
        elif "B" in data:
            touches[data["u"]] = ((D(data["b"]), D(data["B"])), (D(data["a"]), D(data["A"])))
        while book.valid and waiting:
            change = waiting.pop(0)
            if change["u"] <= sequence:
                continue
            sequence = change["u"]
            book.apply(BookUpdate("BTC-USDT", BookAction.UPDATE, levels(change["b"]), levels(change["a"]), 0, sequence))
            assert not book.crossed
            touch = touches.get(sequence)
            if touch is not None:
                assert (book.best_bid, book.best_ask) == touch
                compared += 1
    assert compared >= 20
