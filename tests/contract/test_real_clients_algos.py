"""Algo orders by unmodified third-party clients of OKX on the simulated exchange: ccxt and python-okx place, amend,
cancel and read them back, waiting and over; what fires is an ordinary order of the same account.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.simulator import AccountConfig, Config
from app.simulator.server import Server, serve
from tests.support.late import Late

ccxt_async = Late("ccxt.async_support", missing="ccxt is not installed")
okx_trade = pytest.importorskip("okx.Trade", reason="python-okx is not installed")

ACCOUNT = AccountConfig("main", "client-key", "client-secret", "client-pass")
SPOT, SYMBOL = "BTC-USDT", "BTC/USDT"
CASH = {"tdMode": "cash"}
"""ccxt asks for a loan of every conditional order of spot, unless it is told not to."""
OF_IT = {"instId": SPOT, "tdMode": "cash", "side": "sell", "sz": "0.01"}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = await serve(Config((ACCOUNT,), flow_rate=0.0))
    yield server
    await server.close()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Any]:
    """ccxt, with a coin to protect."""
    keys = {"apiKey": ACCOUNT.api_key, "secret": ACCOUNT.secret, "password": ACCOUNT.passphrase}
    client = ccxt_async.okx(keys | {"enableRateLimit": False})
    client.urls["api"]["rest"] = f"http://127.0.0.1:{server.port}"
    try:
        await client.load_markets()
        await client.create_order(SYMBOL, "market", "buy", 0.05)
        yield client
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("given", "kind", "change", "changed"),
    [
        (
            {"stopLossPrice": 49_000},
            "conditional",
            {"stopLossPrice": 48_500, "newSlOrdPx": 48_400},
            {"stopLossPrice": 48_500.0, "amount": 0.02},
        ),
        (
            {"takeProfitPrice": 51_000},
            "conditional",
            {"takeProfitPrice": 51_500, "newTpOrdPx": 51_400},
            {"takeProfitPrice": 51_500.0, "amount": 0.02},
        ),
        (
            {"stopLossPrice": 49_000, "takeProfitPrice": 51_000},
            "oco",
            {"stopLossPrice": 48_500, "newSlOrdPx": 48_400},
            {"stopLossPrice": 48_500.0, "takeProfitPrice": 51_000.0, "amount": 0.02},
        ),
    ],
)
async def test_ccxt_places_amends_reads_and_cancels(
    client: Any, given: dict[str, Any], kind: str, change: dict[str, Any], changed: dict[str, float]
) -> None:
    placed = await client.create_order(SYMBOL, "limit", "sell", 0.01, 48_900, given | CASH)
    (waiting,) = await client.fetch_open_orders(SYMBOL, params={"trigger": True, "ordType": kind})
    assert (waiting["id"], waiting["status"], waiting["amount"]) == (placed["id"], "open", 0.01)
    assert {name: waiting[name] for name in given} == given
    await client.edit_order(placed["id"], SYMBOL, kind, "sell", 0.02, None, change)
    one = await client.fetch_order(placed["id"], SYMBOL, {"trigger": True})
    assert {name: one[name] for name in changed} == changed
    await client.cancel_order(placed["id"], SYMBOL, {"trigger": True})
    assert await client.fetch_open_orders(SYMBOL, params={"trigger": True, "ordType": kind}) == []
    (over,) = await client.fetch_canceled_orders(SYMBOL, params={"trigger": True, "ordType": kind})
    assert (over["id"], over["status"]) == (placed["id"], "canceled")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"trailingPercent": 2}, {"callbackRatio": "0.02", "callbackSpread": ""}),
        ({"trailingAmount": 500}, {"callbackRatio": "", "callbackSpread": "500"}),
    ],
)
async def test_ccxt_trails(client: Any, given: dict[str, Any], told: dict[str, str]) -> None:
    placed = await client.create_order(SYMBOL, "market", "sell", 0.01, None, given)
    (waiting,) = await client.fetch_open_orders(SYMBOL, params={"trailing": True})
    assert (waiting["id"], waiting["status"]) == (placed["id"], "open")
    assert {name: waiting["info"][name] for name in told} == told
    await client.cancel_order(placed["id"], SYMBOL, {"trailing": True})
    assert await client.fetch_open_orders(SYMBOL, params={"trailing": True}) == []
    (over,) = await client.fetch_canceled_orders(SYMBOL, params={"trailing": True})
    assert (over["id"], over["status"]) == (placed["id"], "canceled")


async def test_ccxt_reads_what_one_became_when_it_fired(client: Any) -> None:
    bid = (await client.fetch_ticker(SYMBOL))["bid"]
    placed = await client.create_order(SYMBOL, "market", "sell", 0.01, None, CASH | {"stopLossPrice": bid})
    await client.create_order(SYMBOL, "market", "sell", 0.03)
    (fired,) = await client.fetch_closed_orders(SYMBOL, params={"trigger": True, "ordType": "conditional"})
    assert (fired["id"], fired["info"]["state"], fired["info"]["actualSide"]) == (placed["id"], "effective", "sl")
    order = await client.fetch_order(fired["info"]["ordId"], SYMBOL)
    assert (order["status"], order["filled"], order["info"]["algoId"]) == ("closed", 0.01, placed["id"])


def python_okx_session(server: Server) -> None:
    """One REST session of python-okx, which blocks."""
    trade = okx_trade.TradeAPI(
        ACCOUNT.api_key, ACCOUNT.secret, ACCOUNT.passphrase, flag="1", domain=f"http://127.0.0.1:{server.port}"
    )
    bought = trade.place_order(**OF_IT | {"side": "buy", "sz": "0.05"}, ordType="market", tgtCcy="base_ccy")
    assert bought["code"] == "0"
    stop = {**OF_IT, "ordType": "conditional", "slTriggerPx": "49000", "slOrdPx": "-1"}
    placed = trade.place_algo_order(**stop, algoClOrdId="stop1")["data"][0]
    assert (placed["sCode"], placed["algoClOrdId"]) == ("0", "stop1")
    assert trade.place_algo_order(**stop, algoClOrdId="stop1")["data"][0]["sCode"] == "51065"
    amended = trade.amend_algo_order(
        instId=SPOT, algoClOrdId="stop1", reqId="r1", newSz="0.02", newSlTriggerPx="48000", newSlOrdPx="-1"
    )["data"][0]
    assert (amended["sCode"], amended["algoId"], amended["reqId"]) == ("0", placed["algoId"], "r1")
    one = trade.get_algo_order_details(algoClOrdId="stop1")["data"][0]
    assert (one["state"], one["sz"], one["slTriggerPx"], one["slOrdPx"]) == ("live", "0.02", "48000", "-1")
    others = [
        trade.place_algo_order(**OF_IT, **terms)["data"][0]["algoId"]
        for terms in (
            {"ordType": "oco", "tpTriggerPx": "52000", "tpOrdPx": "-1", "slTriggerPx": "48000", "slOrdPx": "47900"},
            {"ordType": "move_order_stop", "callbackRatio": "0.02", "activePx": "51000"},
            {"ordType": "trigger", "triggerPx": "51000", "orderPx": "51100"},
        )
    ]
    kinds = ("conditional", "oco", "move_order_stop", "trigger")
    listed = [row["algoId"] for kind in kinds for row in trade.order_algos_list(ordType=kind, instId=SPOT)["data"]]
    assert listed == [placed["algoId"], *others]
    named = [{"instId": SPOT, "algoId": each} for each in listed]
    assert [row["sCode"] for row in trade.cancel_algo_order(named)["data"]] == ["0"] * 4
    assert trade.cancel_algo_order(named[:1])["data"][0]["sCode"] == "51400"
    assert trade.amend_algo_order(instId=SPOT, algoClOrdId="stop1", newSz="0.01")["data"][0]["sCode"] == "51503"
    assert [trade.order_algos_list(ordType=kind)["data"] for kind in kinds] == [[], [], [], []]
    over = [row for kind in kinds for row in trade.order_algos_history(kind, state="canceled")["data"]]
    assert [(row["algoId"], row["state"]) for row in over] == [(each, "canceled") for each in listed]
    assert trade.order_algos_history("conditional", algoId=placed["algoId"])["data"][0]["sz"] == "0.02"


async def test_python_okx_places_amends_reads_and_cancels(server: Server) -> None:
    await asyncio.to_thread(python_okx_session, server)
