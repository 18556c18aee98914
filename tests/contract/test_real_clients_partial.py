"""Unmodified OKX clients and a partly filled order: placed, seen, amended, cancelled, accounted for to the last digit.

The book stands still, so that what fills is known beforehand: the whole best level, and the rest of the order rests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.simulator import Config
from app.simulator.certificates import make_self_signed
from app.simulator.server import serve
from tests.contract.test_real_clients import (
    ACCOUNT,
    Served,
    ccxt_async,
    ccxt_pro,
    connect,
    okx_account,
    okx_private_ws,
    okx_public_ws,
    okx_trade,
)

D = Decimal
SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
REST = D("0.5")
"""What remains of the order after the best level."""


@pytest.fixture(params=["http", "https"])
async def still(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """An exchange whose book moves only by what the client does."""
    certificate: Path | None = None
    key: Path | None = None
    if request.param == "https":
        certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        make_self_signed(certificate, key)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = await serve(Config((ACCOUNT,), flow_rate=0.0), certificate=certificate, key=key)
    yield Served(server, request.param, certificate)
    await server.close()


def order_of(served: Served, order_id: str) -> dict[str, Any]:
    (found,) = [row for row in served.ledger["orders"] if row["ordId"] == order_id]
    return found


def fills_of(served: Served, order_id: str) -> list[dict[str, Any]]:
    return [row for row in served.ledger["fills"] if row["ordId"] == order_id]


def exact(value: Any) -> Decimal:
    """A client's float as the decimal that it shows."""
    return D(str(value))


def same_amount(shown: float, cash: str) -> bool:
    """ccxt gives floats, whose sums end in noise beyond the exchange's eight decimals."""
    return abs(exact(shown) - D(cash)) < D("1e-8")


def check_ccxt_order(order: dict[str, Any], truth: dict[str, Any]) -> None:
    assert (exact(order["amount"]), exact(order["filled"]), exact(order["price"])) == (
        D(truth["sz"]), D(truth["accFillSz"]), D(truth["px"]),
    )  # fmt: skip
    assert order["status"] == {"partially_filled": "open", "canceled": "canceled"}[truth["state"]]


async def check_ccxt_account(client: Any, served: Served, order_id: str) -> None:
    """Fills, fees, balances and positions, as the ledger has them."""
    trades = [trade for trade in await client.fetch_my_trades(SPOT) if trade["order"] == order_id]
    fills = fills_of(served, order_id)
    assert fills
    assert sorted(
        (t["id"], exact(t["price"]), exact(t["amount"]), exact(t["fee"]["cost"]), t["fee"]["currency"]) for t in trades
    ) == sorted((f["tradeId"], D(f["fillPx"]), D(f["fillSz"]), -D(f["fee"]), f["feeCcy"]) for f in fills)
    balance = await client.fetch_balance()
    for currency, cash in served.ledger["cash"].items():
        if currency != "USDT":  # ccxt shows its equity, which holds the swap's open profit
            assert same_amount(balance["total"][currency], cash), currency
    (position,) = await client.fetch_positions([SWAP])
    (truth,) = served.ledger["positions"]
    assert (exact(position["contracts"]), exact(position["entryPrice"])) == (D(truth["pos"]), D(truth["avgPx"]))
    assert position["side"] == "long"


async def test_ccxt_partly_fills(still: Served):
    client = connect(ccxt_async, still)
    try:
        await client.load_markets()
        price, size = (await client.fetch_order_book(SPOT))["asks"][0][:2]
        order = await client.create_order(SPOT, "limit", "buy", float(exact(size) + REST), price)
        check_ccxt_order(await client.fetch_order(order["id"], SPOT), order_of(still, order["id"]))
        (pending,) = await client.fetch_open_orders(SPOT)
        assert (pending["id"], exact(pending["filled"]), exact(pending["remaining"])) == (
            order["id"],
            exact(size),
            REST,
        )
        await client.edit_order(order["id"], SPOT, "limit", "buy", float(exact(size) + REST / 2), price)
        await asyncio.sleep(0.02)
        check_ccxt_order(await client.fetch_order(order["id"], SPOT), order_of(still, order["id"]))
        await client.cancel_order(order["id"], SPOT)
        check_ccxt_order(await client.fetch_order(order["id"], SPOT), order_of(still, order["id"]))
        assert (await client.fetch_order_book(SPOT))["asks"][0][0] > price
        await client.create_order(SWAP, "market", "buy", 3)
        await check_ccxt_account(client, still, order["id"])
    finally:
        await client.close()


async def test_ccxt_pro_watches_an_order_being_partly_filled(still: Served):
    client = connect(ccxt_pro, still)
    try:
        await client.load_markets()
        book = await client.watch_order_book(SPOT)
        price, size = book["asks"][0][:2]
        watching = asyncio.create_task(client.watch_orders(SPOT))
        async with asyncio.timeout(60):
            assert await client.watch_positions([SWAP]) == []  # orders were subscribed before, so they are by now
            order = await client.create_order_ws(SPOT, "limit", "buy", float(exact(size) + REST), price)
            seen = (await watching)[-1]
            while not seen["filled"]:
                seen = (await client.watch_orders(SPOT))[-1]
            assert (seen["id"], exact(seen["filled"]), seen["status"]) == (order["id"], exact(size), "open")
            while book["asks"][0][0] == price:
                book = await client.watch_order_book(SPOT)
            assert (book["bids"][0][0], exact(book["bids"][0][1])) == (price, REST)
            await client.cancel_order_ws(order["id"], SPOT)
            while seen["status"] == "open":
                seen = (await client.watch_orders(SPOT))[-1]
            check_ccxt_order(seen, order_of(still, order["id"]))
            await client.create_order_ws(SWAP, "market", "buy", 3)
            while not (positions := await client.watch_positions([SWAP])):
                pass
            assert exact(positions[-1]["contracts"]) == 3
        await check_ccxt_account(client, still, order["id"])
    finally:
        await client.close()


def python_okx_rest(served: Served) -> None:
    """One REST session, which blocks."""
    keys = {"api_key": ACCOUNT.api_key, "api_secret_key": ACCOUNT.secret, "passphrase": ACCOUNT.passphrase}
    trade = okx_trade.TradeAPI(**keys, flag="1", domain=served.rest)
    account = okx_account.AccountAPI(**keys, flag="1", domain=served.rest)
    price, size = best_ask(served)
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": price}
    order_id = trade.place_order(**order, sz=str(size + REST))["data"][0]["ordId"]
    assert trade.get_order_list()["data"] == [order_of(served, order_id)]
    assert order_of(served, order_id)["state"] == "partially_filled"
    assert trade.amend_order(instId="BTC-USDT", ordId=order_id, newSz=str(size + 1))["data"][0]["sCode"] == "0"
    assert trade.cancel_order(instId="BTC-USDT", ordId=order_id)["data"][0]["sCode"] == "0"
    shown = trade.get_order(instId="BTC-USDT", ordId=order_id)["data"][0]
    assert shown == order_of(served, order_id)
    assert (shown["state"], D(shown["accFillSz"])) == ("canceled", size)
    swap = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "ordType": "market", "sz": "3"}
    assert trade.place_order(**swap)["data"][0]["sCode"] == "0"
    assert trade.get_fills()["data"] == list(reversed(served.ledger["fills"]))
    details = account.get_account_balance()["data"][0]["details"]
    assert {row["ccy"]: row["cashBal"] for row in details} == served.ledger["cash"]
    (position,) = account.get_positions()["data"]
    (truth,) = served.ledger["positions"]
    steady = ("instId", "pos", "avgPx", "mgnMode", "posSide", "fee", "realizedPnl", "tradeId")
    assert [position[name] for name in steady] == [truth[name] for name in steady]


def best_ask(served: Served) -> tuple[str, Decimal]:
    answer = served.server.exchange.http("GET", "/api/v5/market/books?instId=BTC-USDT&sz=1", {}, b"", 0)
    price, size = json.loads(answer.body)["data"][0]["asks"][0][:2]
    return price, D(size)


async def test_python_okx_partly_fills(still: Served):
    await asyncio.to_thread(python_okx_rest, still)


async def test_python_okx_places_amends_and_cancels_over_streams(still: Served):
    if still.certificate is None:
        pytest.skip("python-okx connects to TLS streams only")
    heard: list[dict[str, Any]] = []
    private = okx_private_ws.WsPrivateAsync(ACCOUNT.api_key, ACCOUNT.passphrase, ACCOUNT.secret, f"{still.ws}/private")
    public = okx_public_ws.WsPublicAsync(f"{still.ws}/public")
    note: Callable[[str], None] = lambda text: heard.append(json.loads(text))  # noqa: E731

    async def until(holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while not (found := [message for message in heard if holds(message)]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return found[0]

    def pushed(channel: str, **row: str) -> Callable[[dict[str, Any]], bool]:
        def holds(message: dict[str, Any]) -> bool:
            rows = message.get("data") or [{}]
            here = message.get("arg", {}).get("channel") == channel and "data" in message and bool(message["data"])
            return here and all(rows[0].get(name) == value for name, value in row.items())

        return holds

    for client in (private, public):
        await client.start()
    try:
        channels = [{"channel": "orders", "instType": "ANY"}, {"channel": "account"},
                    {"channel": "positions", "instType": "ANY"}]  # fmt: skip
        await private.subscribe(channels, note)
        await public.subscribe([{"channel": "books", "instId": "BTC-USDT"}], note)
        await until(lambda message: message.get("action") == "snapshot")
        await until(pushed("account"))
        price, size = best_ask(still)
        code = {"instIdCode": 20001}
        order = {"tdMode": "cash", "side": "buy", "ordType": "limit", "px": price, "sz": str(size + REST)}
        await private.place_order([code | order], id="1")
        order_id = (await until(lambda message: message.get("id") == "1"))["data"][0]["ordId"]
        part = (await until(pushed("orders", ordId=order_id, state="partially_filled")))["data"][0]
        assert (D(part["accFillSz"]), part["tradeId"]) == (size, fills_of(still, order_id)[-1]["tradeId"])
        await private.amend_order([code | {"ordId": order_id, "newSz": str(size + 1)}], id="2")
        await until(pushed("orders", ordId=order_id, amendResult="0"))
        assert D(order_of(still, order_id)["sz"]) == size + 1
        await private.cancel_order([code | {"ordId": order_id}], id="3")
        ended = (await until(pushed("orders", ordId=order_id, state="canceled")))["data"][0]
        assert D(ended["accFillSz"]) == size
        swap = {"instIdCode": 20011, "tdMode": "cross", "side": "buy", "ordType": "market", "sz": "3"}
        await private.place_order([swap], id="4")
        await until(pushed("positions", pos="3"))
        await until(lambda message: message.get("action") == "update")
        shown = [m for m in heard if m.get("arg", {}).get("channel") == "account" and "data" in m][-1]
        cash = {row["ccy"]: row["cashBal"] for row in shown["data"][0]["details"]}
        assert cash.items() <= still.ledger["cash"].items()
    finally:
        for client in (private, public):
            await client.factory.close()
