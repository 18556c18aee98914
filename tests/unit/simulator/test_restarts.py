"""The data folder opens again after a kill at any moment, also where the market now stands across resting orders."""

from __future__ import annotations

import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.simulator import AccountConfig, Config, SimulatedExchange
from app.simulator.certificates import make_self_signed, server_context
from app.simulator.persistence import FILE_NAME, Store, open_store
from app.simulator.trading.orders import FILLED

from .venue import MAIN, SECOND, START_NS, Venue

OTHER = AccountConfig("other", "key2", "secret2", "pass2")
SWAP = {"instId": "BTC-USDT-SWAP", "tdMode": "cross"}


class Folder:
    """A data folder, the exchange that lives on it and the hour it is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now_ns = START_NS
        self.store: Store | None = None
        self.venue: Venue

    def start(self, **prices: Decimal) -> Venue:
        """Open it; `prices` are where the markets stand now (BTC_USDT=...)."""
        self.now_ns += SECOND
        settings: dict[str, Any] = {"accounts": (MAIN, OTHER), "data_dir": str(self.path)}
        self.store, saved = open_store(Config(flow_rate=0.0, **settings))
        if saved is not None:
            saved["prices"] |= {name.replace("_", "-"): str(price) for name, price in prices.items()}
        self.venue = Venue(saved=saved, now_ns=self.now_ns, **settings)
        self.save(everything=saved is None)
        return self.venue

    def save(self, *, everything: bool = False) -> None:
        """As the server does before an answer leaves."""
        assert self.store is not None
        if self.venue.exchange.changes or everything:
            self.store.save(self.venue.exchange, everything=everything)

    def kill(self) -> None:
        """Nothing more is written."""
        assert self.store is not None
        self.store.close()
        self.now_ns = self.venue.now_ns

    def rows(self, table: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.path / FILE_NAME)) as database:
            return [json.loads(body) for (body,) in database.execute(f"SELECT body FROM {table} ORDER BY 1")]


def agree(exchange: SimulatedExchange) -> None:
    """Cash is what bills say, an order's fill is the sum of its fills, what is frozen is what open orders hold."""
    for account in exchange.accounts.values():
        cash = dict(account.opening)
        for bill in account.bills:
            cash[bill.ccy] = cash.get(bill.ccy, Decimal(0)) + bill.change
        assert cash == account.cash
        filled = dict.fromkeys(account.orders, 0)
        for order, fill in account.fills:
            filled[order.order_id] += fill.size
        assert filled == {number: order.filled for number, order in account.orders.items()}
        held: dict[str, Decimal] = {}
        for order in account.pending.values():
            held[order.frozen_ccy] = held.get(order.frozen_ccy, Decimal(0)) + order.frozen
        shown = {ccy: amount for ccy, amount in account.frozen.items() if amount}
        assert shown == {ccy: amount for ccy, amount in held.items() if amount}
        ids = [bill.bill_id for bill in account.bills]
        assert ids == sorted(set(ids))


def test_an_order_that_the_market_crosses_at_the_restart_trades_and_every_later_start_succeeds(tmp_path: Path):
    folder = Folder(tmp_path)
    venue = folder.start()
    venue.place(ordType="market", sz="0.5", tgtCcy="base_ccy")  # bills and fills of before
    resting = venue.place(px="49500", sz="0.3")["ordId"]
    deeper = venue.place(px="48000", sz="0.1")["ordId"]
    folder.save()
    folder.kill()
    for _ in range(3):
        venue = folder.start(BTC_USDT=Decimal(49_000))
        assert venue.order(resting)["state"] == "filled"
        assert venue.order(deeper)["state"] == "live"
        assert [fill["execType"] for fill in venue.get(f"trade/fills?ordId={resting}")][:1] == ["M"]
        agree(venue.exchange)
        folder.kill()
    bills = folder.rows("bills")
    mine = [(bill["ccy"], bill["change"]) for bill in bills if bill["order_id"] == resting]
    assert sum(Decimal(change) for ccy, change in mine if ccy == "USDT") == Decimal("-14850")


def test_killed_between_the_restart_and_its_first_save_the_next_start_sees_the_same(tmp_path: Path):
    folder = Folder(tmp_path)
    resting = folder.start().place(px="49500", sz="0.3")["ordId"]
    folder.save()
    folder.kill()
    before = {table: folder.rows(table) for table in ("orders", "fills", "bills", "accounts")}
    for _ in range(2):
        store, saved = open_store(Config((MAIN, OTHER), flow_rate=0.0, data_dir=str(tmp_path)))
        assert store is not None
        assert saved is not None
        saved["prices"]["BTC-USDT"] = "49000"
        venue = Venue(accounts=(MAIN, OTHER), saved=saved)
        assert venue.exchange.accounts["main"].orders[int(resting)].state == FILLED
        store.close()
        assert {table: folder.rows(table) for table in before} == before


def step(venue: Venue, draw: random.Random) -> tuple[AccountConfig, str, str] | None:
    """One request of either account, of any kind; the order that it was given, or None."""
    account = draw.choice((MAIN, OTHER))
    kind, side = draw.choice(("limit", "limit", "limit", "market", "swap", "cancel")), draw.choice(("buy", "sell"))
    if kind == "cancel":
        pending = list(venue.exchange.accounts[account.name].pending.values())
        if pending:
            order = draw.choice(pending)
            body = {"instId": order.inst.inst_id, "ordId": str(order.order_id)}
            venue.call("POST", "trade/cancel-order", body, account)
        return None
    near = venue.exchange.markets["BTC-USDT"].mark_price() * (1 + Decimal(draw.randrange(-90, 90)) / 10_000)
    size = f"0.0{draw.randrange(1, 9)}"
    body: dict[str, Any] = {"side": side, "sz": size, "px": str(near.quantize(Decimal("0.1")))}
    if kind == "market":
        body = {"side": side, "sz": size, "ordType": "market", "tgtCcy": "base_ccy"}
    if kind == "swap":
        body |= SWAP | {"sz": str(draw.randrange(1, 9))}
    row = venue.place(account, **body)
    return (account, str(body.get("instId", "BTC-USDT")), row["ordId"]) if row.get("sCode") == "0" else None


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_in_any_market_what_was_answered_is_there(tmp_path: Path, seed: int):
    """Thirty lives of a folder: each starts where the market moved to, trades a little and is killed, one time in
    three with the last request done but not yet saved, whose answer therefore never left."""
    draw = random.Random(seed)
    folder, answered, price = Folder(tmp_path), dict[str, tuple[AccountConfig, str]](), Decimal(50_000)
    for _ in range(30):
        price *= 1 + Decimal(draw.randrange(-120, 121)) / 10_000
        venue = folder.start(BTC_USDT=price, BTC_USDT_SWAP=price)
        agree(venue.exchange)
        for order_id, (account, inst_id) in answered.items():
            assert venue.order(order_id, inst_id, account)["ordId"] == order_id
        for _ in range(draw.randrange(4)):
            placed = step(venue, draw)
            folder.save()
            if placed is not None:
                answered[placed[2]] = placed[:2]
        if draw.random() < 0.3:
            step(venue, draw)
        folder.kill()
    venue = folder.start()
    agree(venue.exchange)
    in_memory = [bill.bill_id for account in venue.exchange.accounts.values() for bill in account.bills]
    folder.kill()
    assert sorted(in_memory) == sorted(row["bill_id"] for row in folder.rows("bills"))


def test_a_save_that_fails_is_done_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = Folder(tmp_path)
    venue = folder.start()
    order_id = venue.place(ordType="market", sz="0.01", tgtCcy="base_ccy")["ordId"]
    store = folder.store
    assert store is not None
    with monkeypatch.context() as broken:
        broken.setattr(Store, "_save_order", disk_full)
        with pytest.raises(OSError, match="disk"):
            store.save(venue.exchange)
    folder.save()
    folder.kill()
    assert folder.start().order(order_id)["state"] == "filled"
    agree(folder.venue.exchange)
    folder.kill()


def disk_full(*_: object) -> None:
    raise OSError("the disk is full")


def test_a_trailing_stop_keeps_its_best_price_over_a_restart(tmp_path: Path):
    folder = Folder(tmp_path)
    venue = folder.start()
    venue.place(ordType="market", sz="0.01", tgtCcy="base_ccy")
    body = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "move_order_stop", "sz": "0.01"}
    row = venue.call("POST", "trade/order-algo", body | {"callbackSpread": "50"})["data"][0]
    folder.save()
    venue.place(OTHER, ordType="market", sz="9", tgtCcy="base_ccy")
    folder.save()
    best = venue.get(f"trade/order-algo?algoId={row['algoId']}")[0]["moveTriggerPx"]
    folder.kill()
    venue = folder.start()
    assert venue.exchange.algos.live[int(row["algoId"])].move_trigger == best
    folder.kill()


@pytest.mark.parametrize("left", ["simulator-cert.pem", "simulator-key.pem", ""])
def test_a_kill_while_the_certificate_is_made_leaves_nothing_half(tmp_path: Path, left: str):
    """Whichever of the two files is there from before, both fit afterwards."""
    if left:
        make_self_signed(tmp_path / "simulator-cert.pem", tmp_path / "simulator-key.pem")
        other = {"simulator-cert.pem", "simulator-key.pem"} - {left}
        (tmp_path / other.pop()).unlink()
    server_context(None, None, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["simulator-cert.pem", "simulator-key.pem"]


# -- a real process ----------------------------------------------------------------------------------------------------


@contextmanager
def process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m app.simulator` on the folder and its address; killed at the end, as by the machine."""
    command = [sys.executable, "-m", "app.simulator", "--port", "0", "--data-dir", str(folder), "--flow-rate", "60"]
    command += ["--account", f"main:{MAIN.api_key}:{MAIN.secret}:{MAIN.passphrase}", "--no-rate-limits"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            assert running.stdout is not None
            said = running.stdout.readline()
            found = re.search(r"https?://\S+?:\d+", said)
            assert found, said
            yield running, found.group()
        finally:
            running.send_signal(signal.SIGKILL)


def ask(url: str, method: str, path: str, body: Any = None) -> Any:
    full, data = f"/api/v5/{path}", b"" if body is None else json.dumps(body).encode()
    signer = Venue.__new__(Venue)
    signer.now_ns = time.time_ns()
    request = urllib.request.Request(url + full, data or None, signer.headers(method, full, data), method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_killed_process_starts_again_with_what_it_answered(tmp_path: Path):
    """Orders at the touch of a moving market, killed in the middle, six times over."""
    answered: list[str] = []
    for life in range(6):
        with process(tmp_path) as (_, url):
            for order_id in answered:
                path = f"trade/order?instId=BTC-USDT&ordId={order_id}"
                assert ask(url, "GET", path)["data"][0]["ordId"] == order_id
            touch = ask(url, "GET", "market/books?instId=BTC-USDT&sz=1")["data"][0]
            for side, level in (("buy", "bids"), ("sell", "asks")):
                body = {"instId": "BTC-USDT", "tdMode": "cash", "side": side, "ordType": "limit", "sz": "0.02"}
                placed = ask(url, "POST", "trade/order", body | {"px": touch[level][0][0]})["data"][0]
                assert placed["sCode"] == "0", (life, placed)
                answered.append(placed["ordId"])
    config = Config((MAIN,), flow_rate=0.0, data_dir=str(tmp_path))
    store, saved = open_store(config)
    assert store is not None
    exchange = SimulatedExchange(config, time.time_ns(), saved)
    agree(exchange)
    assert {int(each) for each in answered} <= set(exchange.accounts["main"].orders)
    store.close()
