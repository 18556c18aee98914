"""Unmodified third-party OKX clients trade on the simulated exchange: ccxt, ccxt.pro and python-okx, http and https.

What they read back must be the exchange's own ledger.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.simulator import AccountConfig, Config
from app.simulator.certificates import make_self_signed
from app.simulator.server import Server, serve
from tests.support.late import Late

ccxt_async = Late("ccxt.async_support", missing="ccxt is not installed")
ccxt_pro = Late("ccxt.pro", missing="ccxt is not installed")
okx_trade = pytest.importorskip("okx.Trade", reason="python-okx is not installed")
okx_account = pytest.importorskip("okx.Account", reason="python-okx is not installed")
okx_public = pytest.importorskip("okx.PublicData", reason="python-okx is not installed")
okx_market = pytest.importorskip("okx.MarketData", reason="python-okx is not installed")
okx_private_ws = pytest.importorskip("okx.websocket.WsPrivateAsync", reason="python-okx is not installed")
okx_public_ws = pytest.importorskip("okx.websocket.WsPublicAsync", reason="python-okx is not installed")

ACCOUNT = AccountConfig("main", "client-key", "client-secret", "client-pass")


class Served:
    """A running exchange and what a client needs to reach it."""

    def __init__(self, server: Server, scheme: str, certificate: Path | None) -> None:
        self.server = server
        self.certificate = certificate
        self.rest = f"{scheme}://127.0.0.1:{server.port}"
        self.ws = f"{scheme.replace('http', 'ws')}://127.0.0.1:{server.port}/ws/v5"

    @property
    def ledger(self) -> dict[str, Any]:
        return self.server.exchange.control.ledger()["accounts"]["main"]


@pytest.fixture(params=["http", "https"])
async def served(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    certificate: Path | None = None
    key: Path | None = None
    if request.param == "https":
        certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        make_self_signed(certificate, key)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = await serve(Config((ACCOUNT,)), certificate=certificate, key=key)
    yield Served(server, request.param, certificate)
    await server.close()


def connect(module: Any, served: Served) -> Any:
    options = {"apiKey": ACCOUNT.api_key, "secret": ACCOUNT.secret, "password": ACCOUNT.passphrase}
    client = module.okx(options | ({"cafile": str(served.certificate)} if served.certificate else {}))
    client.urls["api"]["rest"] = served.rest
    client.urls["api"]["ws"] = served.ws
    return client


async def test_ccxt_trades_and_reads_back_the_ledger(served: Served):
    client = connect(ccxt_async, served)
    try:
        await client.load_markets()
        assert set(client.markets) >= {"BTC/USDT", "ETH/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"}
        ticker = await client.fetch_ticker("BTC/USDT")
        order = await client.create_order("BTC/USDT", "limit", "buy", 0.01, 40_000)
        await client.edit_order(order["id"], "BTC/USDT", "limit", "buy", 0.02, 40_001)
        await asyncio.sleep(0.05)
        pending = await client.fetch_open_orders("BTC/USDT")
        assert [(o["id"], o["price"], o["amount"]) for o in pending] == [(order["id"], 40_001.0, 0.02)]
        await client.cancel_order(order["id"], "BTC/USDT")
        assert (await client.fetch_order(order["id"], "BTC/USDT"))["status"] == "canceled"
        with pytest.raises(ccxt_async.OrderNotFound):
            await client.cancel_order(order["id"], "BTC/USDT")
        with pytest.raises(ccxt_async.InsufficientFunds):
            await client.create_order("BTC/USDT", "limit", "buy", 10, 40_000)
        bought = await client.create_order("BTC/USDT", "market", "buy", 0.05)
        await client.create_order("BTC/USDT:USDT", "market", "sell", 2)
        trades = await client.fetch_my_trades("BTC/USDT")
        assert sum(Decimal(str(t["amount"])) for t in trades if t["order"] == bought["id"]) == Decimal("0.05")
        fills = {fill["tradeId"] for fill in served.ledger["fills"] if fill["instId"] == "BTC-USDT"}
        assert {t["id"] for t in trades} == fills
        balance = await client.fetch_balance()
        cash = {ccy: float(amount) for ccy, amount in served.ledger["cash"].items()}
        assert {ccy: balance["total"][ccy] for ccy in ("BTC", "ETH")} == {ccy: cash[ccy] for ccy in ("BTC", "ETH")}
        position = (await client.fetch_positions(["BTC/USDT:USDT"]))[0]
        assert (position["side"], position["contracts"]) == ("short", 2.0)
        assert ticker["bid"] < ticker["ask"]
        assert len(await client.fetch_ohlcv("BTC/USDT", "1m", limit=50)) == 50
        assert len(await client.fetch_closed_orders("BTC/USDT")) == 1
    finally:
        await client.close()


async def test_ccxt_reads_tiers_open_interest_past_rates_and_past_positions(served: Served):
    client = connect(ccxt_async, served)
    try:
        await client.load_markets()
        swap = "BTC/USDT:USDT"
        await client.create_order(swap, "market", "buy", 3)
        await client.create_order(swap, "market", "sell", 2, params={"reduceOnly": True})
        interest = await client.fetch_open_interest(swap)
        assert (interest["symbol"], interest["openInterestAmount"]) == (swap, 1.0)
        (tier,) = await client.fetch_market_leverage_tiers(swap, {"marginMode": "cross"})
        assert (tier["maintenanceMarginRate"], tier["maxLeverage"], tier["symbol"]) == (0.004, 100.0, swap)
        rates = await client.fetch_funding_rate_history(swap, limit=5)
        assert [rate["fundingRate"] for rate in rates] == [0.0001] * 5
        assert {after["timestamp"] - before["timestamp"] for before, after in pairwise(rates)} == {8 * 3_600_000}
        (past,) = await client.fetch_positions_history([swap])
        assert (past["symbol"], past["info"]["closeTotalPos"], past["info"]["type"]) == (swap, "2", "1")
        free = await client.private_get_account_max_withdrawal({"ccy": "ETH"})
        assert free["data"][0]["maxWd"] == served.ledger["cash"]["ETH"]
    finally:
        await client.close()


async def test_ccxt_pro_watches_and_trades_over_streams(served: Served):
    client = connect(ccxt_pro, served)
    try:
        await client.load_markets()
        book = await client.watch_order_book("BTC/USDT")
        for _ in range(10):
            book = await client.watch_order_book("BTC/USDT")
        assert book["bids"][0][0] < book["asks"][0][0]
        watching = asyncio.create_task(client.watch_orders("BTC/USDT"))
        balances = asyncio.create_task(client.watch_balance())
        await asyncio.sleep(0.5)
        order = await client.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 40_000)
        assert (await asyncio.wait_for(watching, 60))[0]["id"] == order["id"]
        assert (await asyncio.wait_for(balances, 60))["BTC"]["total"] == 2.0
        await client.edit_order_ws(order["id"], "BTC/USDT", "limit", "buy", 0.02, 40_001)
        await asyncio.sleep(0.05)
        assert (await client.fetch_order(order["id"], "BTC/USDT"))["amount"] == 0.02
        await client.cancel_order_ws(order["id"], "BTC/USDT")
        bought = await client.create_order_ws("BTC/USDT", "market", "buy", 0.03)
        filled = await client.fetch_order(bought["id"], "BTC/USDT")
        assert (filled["status"], filled["filled"]) == ("closed", 0.03)
        assert await asyncio.wait_for(client.watch_ticker("ETH/USDT"), 5)
        assert await asyncio.wait_for(client.watch_trades("BTC/USDT"), 10)
        assert await asyncio.wait_for(client.watch_ohlcv("BTC/USDT", "1m"), 10)
    finally:
        await client.close()


def python_okx_session(served: Served) -> None:
    """One REST session of python-okx, which blocks."""
    keys = {
        "api_key": ACCOUNT.api_key, "api_secret_key": ACCOUNT.secret, "passphrase": ACCOUNT.passphrase, "flag": "1",
        "domain": served.rest,
    }  # fmt: skip
    trade, account = okx_trade.TradeAPI(**keys), okx_account.AccountAPI(**keys)
    public, market = (
        okx_public.PublicAPI(flag="1", domain=served.rest),
        okx_market.MarketAPI(flag="1", domain=served.rest),
    )
    assert len(public.get_instruments(instType="SPOT")["data"]) == 2
    assert len(market.get_orderbook(instId="BTC-USDT", sz="5")["data"][0]["asks"]) == 5
    limit = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "40000", "sz": "0.01"}
    placed = trade.place_order(**limit, clOrdId="abc1")
    assert placed["data"][0]["sCode"] == "0"
    assert trade.place_order(**limit, clOrdId="abc1")["data"][0]["sCode"] == "51016"
    assert trade.amend_order(instId="BTC-USDT", clOrdId="abc1", newPx="40001")["code"] == "0"
    assert trade.get_order(instId="BTC-USDT", clOrdId="abc1")["data"][0]["ordId"] == placed["data"][0]["ordId"]
    assert len(trade.get_order_list(instType="SPOT")["data"]) == 1
    assert trade.cancel_order(instId="BTC-USDT", clOrdId="abc1")["code"] == "0"
    market_order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "market", "sz": "0.02"}
    batch = [market_order | {"tgtCcy": "base_ccy"}, limit | {"sz": "0"}]
    assert trade.place_multiple_orders(batch)["code"] == "2"
    fills = trade.get_fills(instType="SPOT")["data"]
    assert fills == list(reversed(served.ledger["fills"]))
    balance = account.get_account_balance(ccy="BTC")["data"][0]["details"][0]
    assert balance["cashBal"] == served.ledger["cash"]["BTC"]
    assert account.get_account_config()["data"][0]["uid"] == served.ledger["uid"]
    assert trade.get_orders_history(instType="SPOT")["data"][0]["state"] == "filled"


async def test_python_okx_rest(served: Served):
    await asyncio.to_thread(python_okx_session, served)


async def test_python_okx_streams(served: Served):
    if served.certificate is None:
        pytest.skip("python-okx connects to TLS streams only")
    heard: list[Any] = []
    private = okx_private_ws.WsPrivateAsync(ACCOUNT.api_key, ACCOUNT.passphrase, ACCOUNT.secret, f"{served.ws}/private")
    public = okx_public_ws.WsPublicAsync(f"{served.ws}/public")
    for client in (private, public):
        await client.start()
    try:
        await asyncio.gather(
            private.subscribe([{"channel": "orders", "instType": "ANY"}], lambda text: heard.append(json.loads(text))),
            public.subscribe([{"channel": "books", "instId": "BTC-USDT"}], lambda text: heard.append(json.loads(text))),
        )
        order = {
            "instIdCode": 20001,
            "tdMode": "cash",
            "side": "buy",
            "ordType": "market",
            "tgtCcy": "base_ccy",
            "sz": "0.01",
        }
        await private.place_order([order], id="77")
        for _ in range(50):
            await asyncio.sleep(0.1)
            if any(
                m.get("arg", {}).get("channel") == "orders" and m["data"][0]["state"] == "filled"
                for m in heard
                if "data" in m
            ):
                break
        replies = [m for m in heard if m.get("op") == "order"]
        assert [(r["id"], r["data"][0]["sCode"]) for r in replies] == [("77", "0")]
        rows = [m["data"][0] for m in heard if m.get("arg", {}).get("channel") == "orders" and "data" in m]
        assert rows[-1]["state"] == "filled"
        assert rows[-1]["tradeId"] == served.ledger["fills"][-1]["tradeId"]
        assert any(m.get("action") == "snapshot" for m in heard)
    finally:
        for client in (private, public):
            await client.factory.close()
