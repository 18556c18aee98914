"""The exchange as a whole: determinism, restart after a kill, replay of recordings, the server over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import random
import signal
import ssl
import subprocess
import sys
from bisect import bisect_right
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.simulator import AccountConfig, Config, SimulatedExchange
from app.simulator.__main__ import main
from app.simulator.certificates import make_self_signed
from app.simulator.feed.recording import lines
from app.simulator.persistence import open_store
from app.simulator.server import serve

from .test_streams import FollowedBook, pushes
from .venue import MAIN, MS, SECOND, SPOT, START_NS, Venue

ROOT = Path(__file__).resolve().parents[3]
RECORDINGS = ROOT.parent / "shared" / "data" / "binance_capture"


def life(seed: int, faults: str = "none") -> str:
    """Hash of everything an exchange said in a random but seeded session."""
    dice, digest = random.Random(seed), hashlib.sha256()
    venue = Venue(flow_rate=20.0, seed=seed, faults=faults)
    public = venue.stream("public")
    venue.subscribe(public, {"channel": "books", "instId": "BTC-USDT"}, {"channel": "trades", "instId": "BTC-USDT"})
    private = venue.exchange.open_stream("/ws/v5/private", venue.now_ns)
    for _ in range(60):
        mark = venue.exchange.markets["BTC-USDT"].mark_price()
        venue.place(side=dice.choice(("buy", "sell")), sz="0.0%d" % dice.randrange(1, 9), px=str(mark))  # noqa: UP031
        venue.wait(dice.randrange(500) * MS)
        digest.update("".join(map(str, venue.taken(public))).encode())
    venue.exchange.close_stream(private)
    digest.update(json.dumps(venue.exchange.control.ledger()).encode())
    return digest.hexdigest()


@pytest.mark.parametrize("faults", ["none", "chaos"])
def test_the_same_seed_and_calls_give_the_same_bytes(faults: str):
    first = life(3, faults)
    assert first == life(3, faults)
    assert first != life(4, faults)


# -- restart -----------------------------------------------------------------------------------------------------------


def reopen(directory: Path) -> tuple[Any, Any]:
    config = Config((MAIN,), flow_rate=0.0, rate_limits=False, data_dir=str(directory))
    store, saved = open_store(config)
    assert store is not None
    return store, SimulatedExchange(config, START_NS + 60 * SECOND, saved)


def test_a_restart_goes_on_with_the_same_ledger(tmp_path: Path):
    venue = Venue(data_dir=str(tmp_path))
    store, _ = open_store(venue.exchange.config)
    assert store is not None
    store.save(venue.exchange, everything=True)
    venue.call("POST", "account/set-leverage", {"instId": "BTC-USDT-SWAP", "lever": "5", "mgnMode": "cross"})
    venue.place(sz="0.5", px="40000", clOrdId="rest1")
    venue.place(ordType="market", sz="0.1", tgtCcy="base_ccy")
    venue.place(instId="BTC-USDT-SWAP", tdMode="cross", ordType="market", sz="7")
    gone = venue.place(sz="0.5", px="41000")["ordId"]
    venue.call("POST", "trade/cancel-order", {"instId": "BTC-USDT", "ordId": gone})
    store.save(venue.exchange)
    before = venue.exchange.control.ledger()["accounts"]["main"]
    store.close()
    store, again = reopen(tmp_path)
    after = again.control.ledger()["accounts"]["main"]
    for part in ("opening", "cash", "frozen", "orders", "fills", "bills"):
        assert after[part] == before[part], part
    names = ("pos", "avgPx", "lever", "posId", "fee")
    assert [[p[n] for n in names] for p in after["positions"]] == [[p[n] for n in names] for p in before["positions"]]
    account = again.accounts["main"]
    assert account.pending_ids == venue.exchange.accounts["main"].pending_ids
    assert again.counters.next_order() > venue.exchange.counters.order_id
    assert again.markets["BTC-USDT"].book.size_at(1, 400_000) == 50_000_000
    store.close()


def test_one_data_directory_has_one_simulator(tmp_path: Path):
    config = Config((MAIN,), data_dir=str(tmp_path))
    store, _ = open_store(config)
    assert store is not None
    store.save(SimulatedExchange(config, START_NS), everything=True)
    with pytest.raises(ValueError, match="another simulator"):
        open_store(config)
    store.close()
    assert (tmp_path / "simulator.sqlite3").stat().st_mode & 0o777 == 0o600


def start_process(directory: Path) -> tuple[subprocess.Popen[str], str]:
    command = [
        sys.executable, "-m", "app.simulator", "--port", "0", "--api-key", "key", "--secret", "secret", "--passphrase",
        "pass", "--data-dir", str(directory), "--no-rate-limits",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    line = process.stdout.readline()
    return process, line.split()[3]


async def test_what_was_answered_survives_kill_9(tmp_path: Path):
    process, url = await asyncio.to_thread(start_process, tmp_path)
    known: list[str] = []
    try:
        async with aiohttp.ClientSession() as session:
            for number in range(40):
                venue = Venue()
                async with session.get(f"{url}/api/v5/public/time") as reply:
                    venue.now_ns = int((await reply.json())["data"][0]["ts"]) * MS
                kind = (
                    {"ordType": "limit", "px": "40000"} if number % 2 else {"ordType": "market", "tgtCcy": "base_ccy"}
                )
                order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "sz": "0.01", "clOrdId": f"k{number}"}
                body = json.dumps(order | kind).encode()
                headers = venue.headers("POST", "/api/v5/trade/order", body)
                async with session.post(f"{url}/api/v5/trade/order", data=body, headers=headers) as reply:
                    row = (await reply.json())["data"][0]
                assert row["sCode"] == "0"
                known.append(row["ordId"])
    finally:
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)
    store, exchange = reopen(tmp_path)
    account = exchange.accounts["main"]
    assert [str(number) for number in account.orders] == known
    assert len(account.pending) == 20
    opening = dict(account.config.balances)
    for bill in account.bills:
        opening[bill.ccy] += bill.change
    assert account.cash == opening
    store.close()


# -- replay ------------------------------------------------------------------------------------------------------------


def write_recording(path: Path) -> str:
    """A tiny futures session: snapshot, a difference, a trade, best prices, another difference."""
    base = 1_700_000_000_000_000_000
    depth = '"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate",'
    lines = [
        (0, '{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","s":"BTCUSDT"}}'),
        (1, "{" + depth + '"U":1,"u":9,"pu":0,"b":[["100.00","9.000"]],"a":[]}}'),
        (2, "{" + depth + '"U":10,"u":12,"pu":9,"b":[["99.90","4.000"]],"a":[]}}'),
        (3, '{"lastUpdateId":10,"bids":[["100.00","5.000"],["99.90","1.000"]],"asks":[["100.10","3.000"]]}'),
        (1003, '{"stream":"btcusdt@trade","data":{"e":"trade","p":"100.00","q":"6.000","m":true,"X":"MARKET"}}'),
        (1503, "{" + depth + '"U":13,"u":13,"pu":12,"b":[["99.80","1.000"]],"a":[]}}'),
        (2003, "{" + depth + '"U":14,"u":14,"pu":13,"b":[],"a":[["100.10","0.000"],["100.20","7.000"]]}}'),
    ]
    data = "".join(f"{base + ms * MS} {text}\n" for ms, text in lines)
    path.write_bytes(gzip.compress(data.encode()))
    return str(path)


def test_a_recording_drives_the_book_and_our_queue_position(tmp_path: Path):
    venue = Venue(replay=(write_recording(tmp_path / "a.gz"),))
    swap = "BTC-USDT-SWAP"
    book = venue.get(f"market/books?instId={swap}&sz=5")[0]
    assert [row[:2] for row in book["bids"]] == [["100", "500"], ["99.9", "400"]]
    order_id = venue.place(instId=swap, tdMode="cross", px="100", sz="200")["ordId"]
    assert venue.place(instId=swap, tdMode="cross", ordType="ioc", px="100.1", sz="50")["sCode"] == "0"
    assert venue.get(f"market/books?instId={swap}&sz=5")[0]["asks"][0][:2] == ["100.1", "250"]
    venue.wait(1000 * MS)
    order = venue.order(order_id, swap)
    assert (order["state"], order["accFillSz"]) == ("partially_filled", "100")
    venue.wait(1000 * MS)
    assert venue.get(f"market/books?instId={swap}&sz=5")[0]["asks"][0][:2] == ["100.2", "700"]
    notice = venue.get("system/status")[0]
    assert "recording ended" in notice["title"]
    assert venue.place(instId=swap, tdMode="cross", ordType="market", sz="10")["sCode"] == "0"


def test_a_looped_recording_resets_its_sequence(tmp_path: Path):
    venue, book = Venue(replay=(write_recording(tmp_path / "a.gz"),), loop=True), FollowedBook()
    stream = venue.stream("public")
    book.take(venue.subscribe(stream, {"channel": "books", "instId": "BTC-USDT-SWAP"}, {"channel": "status"})[1])
    lower = 0
    for _ in range(70):
        venue.wait(100 * MS)
        for push in pushes(venue.taken(stream), "books"):
            lower += push["data"][0]["seqId"] < push["data"][0]["prevSeqId"]
            book.take(push)
    assert lower >= 2
    assert sum("starts again" in row["title"] for row in venue.get("system/status")) >= 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [(b"", "no depth line"), (b"1 hello\n", "not a depth"), (b"\x1f\x8bnot gzip", "recording")],
)
def test_a_bad_recording_is_named(tmp_path: Path, text: bytes, reason: str):
    path = tmp_path / "bad.gz"
    path.write_bytes(text)
    with pytest.raises(ValueError, match=reason):
        Venue(replay=(str(path),))
    with pytest.raises(ValueError, match=r"missing\.gz"):
        Venue(replay=(str(tmp_path / "missing.gz"),))


DEPTH_MARK = b"@depth"


def best_prices(path: str) -> list[tuple[int, Decimal, Decimal]]:
    """(update id, bid, ask) of every bookTicker line."""
    found: list[tuple[int, Decimal, Decimal]] = []
    for line in lines(path):
        if b"@bookTicker" in line[20:60]:
            data = json.loads(line[20:])["data"]
            found.append((data["u"], Decimal(data["b"]), Decimal(data["a"])))
    return found


@pytest.mark.skipif(not RECORDINGS.exists(), reason=f"the recorded sessions are not at {RECORDINGS}")
def test_the_recorded_session_is_followed_exactly():
    """After every depth message the best prices are those of the last bookTicker up to its update id."""
    files = tuple(str(RECORDINGS / f"spot_btcusdt_202408{day}.gz") for day in ("08", "09"))
    venue = Venue(replay=files, speed=0)
    market = venue.exchange.markets["BTC-USDT"]
    assert market.inst.tick == Decimal("0.01")
    feed = venue.exchange.feeds.replay["BTC-USDT"]
    tickers = [t for path in files for t in best_prices(path)]
    updates, checked, agreed = [update for update, _, _ in tickers], 0, 0
    while feed.next_ns is not None:
        last = bisect_right(updates, feed._applied) - 1
        if last >= 0 and DEPTH_MARK in feed._line[20:60]:
            shown = tuple(market.inst.price(market.book.best(side) or 0) for side in (1, -1))
            agreed += shown == tickers[last][1:]
            checked += 1
        feed._apply(feed._line)
        feed._read_next()
    assert checked > 6000
    assert checked - agreed <= 2  # twice the recorder has no ticker of a change that its depth stream shows
    assert sum(c.volume for c in market.candles) * market.inst.lot == pytest.approx(
        Decimal("437.9"), abs=Decimal("0.1")
    )


# -- server ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["http", "https"])
async def served(request: pytest.FixtureRequest, tmp_path: Path):
    tls = request.param == "https"
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    context: ssl.SSLContext | bool = True
    if tls:
        make_self_signed(certificate, key)
        context = ssl.create_default_context(cafile=str(certificate))
    server = await serve(
        Config((MAIN,), rate_limits=False), certificate=certificate if tls else None, key=key if tls else None
    )
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(f"{request.param}://127.0.0.1:{server.port}", connector=connector) as session:
        yield server, session
    await server.close()


async def test_requests_and_streams_over_real_sockets(served: Any):
    server, session = served
    async with session.get("/api/v5/market/books?instId=BTC-USDT&sz=5") as reply:
        assert (reply.status, len((await reply.json())["data"][0]["asks"])) == (200, 5)
    async with session.get("/api/v5/elsewhere") as reply:
        assert (reply.status, (await reply.json())["code"]) == (404, 404)
    async with session.ws_connect("/ws/v5/public") as stream:
        await stream.send_json({"op": "subscribe", "args": [{"channel": "books", "instId": "BTC-USDT"}]})
        book = FollowedBook()
        assert (await stream.receive_json(timeout=60))["event"] == "subscribe"
        for _ in range(4):
            book.take(await stream.receive_json(timeout=60))
        await stream.send_str("ping")
        texts = [await stream.receive_str(timeout=60) for _ in range(3)]
        assert "pong" in texts
    async with session.get("/ws/v5/nowhere", headers={"Upgrade": "websocket"}) as reply:
        assert reply.status == 404
    async with session.get("/simulator/v1/health", headers={"Origin": "http://evil.example"}) as reply:
        assert reply.status == 403
    async with session.get("/simulator/v1/health") as reply:
        assert reply.status == 200
    assert server.exchange.accounts["main"].cash["USDT"] == 100_000


async def test_cut_and_dropped_requests_over_real_sockets(served: Any):
    server, session = served
    body = b'{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"40000","sz":"0.01"}'

    async def place(patience: float = 60) -> Any:
        venue = Venue()
        venue.now_ns = server.exchange.now.ns
        headers = venue.headers("POST", "/api/v5/trade/order", body)
        timeout = aiohttp.ClientTimeout(total=patience)
        async with session.post("/api/v5/trade/order", data=body, headers=headers, timeout=timeout) as reply:
            return await reply.json()

    server.exchange.faults.set({"cut_after_accept": {"at": [1]}})
    with pytest.raises(aiohttp.ClientError):
        await place()
    server.exchange.faults.set({"cut_after_accept": None, "drop_reply": {"at": [1]}})
    with pytest.raises(TimeoutError):
        await place(0.3)
    assert (await place())["code"] == "0"
    assert len(server.exchange.accounts["main"].pending) == 3


def test_wrong_arguments_end_with_status_2(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    for argv, reason in (
        (["--port", "0"], "--api-key is required"),
        (["--account", "a:b"], "NAME:KEY:SECRET:PASSPHRASE"),
        (["--account", "a:b:c:d", "--replay", str(tmp_path / "no.gz")], "no.gz"),
        (["--account", "a:b:c:d", "--speed", "-1"], "negative"),
        (["--account", "a:b:c:d", "--latency-ms", "1,2"], "three delays"),
    ):
        assert main(argv) == 2
        assert reason in capsys.readouterr().err


def test_configurations_that_cannot_be():
    twin = AccountConfig("twin", MAIN.api_key, "x", "y")
    for bad in ({"accounts": ()}, {"accounts": (MAIN, twin)}, {"environment": "paper"}, {"flow_rate": -1.0}):
        with pytest.raises(ValueError, match=next(iter(bad)).replace("_", ".")):
            Config(**{"accounts": (MAIN,), **bad})


def test_spot_codes_differ_from_swap_codes():
    codes = [
        row["instIdCode"] for kind in ("SPOT", "SWAP") for row in Venue().get(f"public/instruments?instType={kind}")
    ]
    assert (len(set(codes)), SPOT in codes) == (5, True)


@pytest.mark.skipif(not RECORDINGS.exists(), reason=f"the recorded sessions are not at {RECORDINGS}")
def test_a_restart_goes_on_where_the_recording_was(tmp_path: Path):
    paths = tuple(str(RECORDINGS / name) for name in ("spot_btcusdt_20240808.gz", "usdm_btcusdt_20240808.gz"))
    config = Config((MAIN,), replay=paths, data_dir=str(tmp_path), flow_rate=0.0)
    store, _ = open_store(config)
    assert store is not None
    first = SimulatedExchange(config, START_NS)
    first.advance(START_NS + 60 * SECOND)
    store.save(first, everything=True)
    store.close()
    store, saved = open_store(config)
    assert store is not None
    later = START_NS + 500 * SECOND
    second = SimulatedExchange(config, later, saved)
    first.advance(START_NS + 90 * SECOND)
    second.advance(later + 30 * SECOND)
    store.close()

    def touch(exchange: SimulatedExchange) -> list[Any]:
        return [(m.book.best(1), m.book.best(-1), m.last_price) for m in exchange.markets.values() if m.recorded]

    assert touch(second) == touch(first)


def test_the_synthetic_market_is_liquid_and_not_predictable():
    """Five minutes: small cost for 0.1 BTC, a bounded spread, no momentum to be had from the last second's return."""
    venue = Venue(flow_rate=20.0, seed=11)
    mids: list[float] = []
    for _ in range(300):
        venue.wait(SECOND)
        book = venue.exchange.markets["BTC-USDT"].book
        bid, ask = book.best(1), book.best(-1)
        assert bid is not None
        assert ask is not None
        assert ask - bid < 200
        assert book.available(1, ask + 500, 10_000_000) == 10_000_000
        mids.append((bid + ask) / 2)
    returns = [after - before for before, after in pairwise(mids)]
    products = sum(a * b for a, b in pairwise(returns))
    assert abs(products / sum(r * r for r in returns)) < 0.2
    swap = venue.exchange.markets["BTC-USDT-SWAP"].mark_price()
    assert abs(swap / venue.exchange.markets["BTC-USDT"].mark_price() - 1) < Decimal("0.001")
