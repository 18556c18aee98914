"""Algo orders: each kind fires at its price, places an ordinary order, is amended, cancelled, listed and kept."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.simulator import AccountConfig, Config, SimulatedExchange
from app.simulator.persistence import open_store

from .test_streams import pushes
from .venue import MAIN, MS, START_NS, Venue

MOVER = AccountConfig("mover", "key2", "secret2", "pass2", balances={"USDT": Decimal(10**7), "BTC": Decimal(100)})


@pytest.fixture
def venue() -> Venue:
    venue = Venue(accounts=(MAIN, MOVER))
    venue.place(ordType="market", sz="0.01", tgtCcy="base_ccy")
    return venue


def last(venue: Venue) -> Decimal:
    return Decimal(venue.get("market/ticker?instId=BTC-USDT")[0]["last"])


def move(venue: Venue, side: str, size: str = "6") -> None:
    """Another account sweeps the book, so that the last price goes up (buy) or down (sell)."""
    body = {"ordType": "market", "sz": size, "tgtCcy": "base_ccy", "side": side}
    assert venue.place(account=MOVER, **body)["sCode"] == "0"
    venue.wait(20 * MS)


def algo(venue: Venue, **params: Any) -> dict[str, Any]:
    body = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "sz": "0.01", **params}
    return venue.call("POST", "trade/order-algo", body)["data"][0]


def shown(venue: Venue, row: dict[str, Any]) -> dict[str, Any]:
    return venue.get(f"trade/order-algo?algoId={row['algoId']}")[0]


def test_take_profit_and_stop_loss_fire_on_their_side(venue: Venue):
    price = last(venue)
    up = algo(venue, ordType="conditional", tpTriggerPx=str(price + 1), tpOrdPx="-1")
    down = algo(venue, ordType="conditional", slTriggerPx=str(price - 1), slOrdPx="-1")
    assert [shown(venue, row)["state"] for row in (up, down)] == ["live", "live"]
    move(venue, "buy")
    assert [shown(venue, row)["state"] for row in (up, down)] == ["effective", "live"]
    done = shown(venue, up)
    order = venue.order(done["ordId"])
    assert (order["state"], order["source"], order["algoId"], done["actualSide"]) == ("filled", "7", up["algoId"], "tp")
    move(venue, "sell", "14")
    assert shown(venue, down)["actualSide"] == "sl"


def test_one_of_an_oco_ends_both(venue: Venue):
    price = last(venue)
    row = algo(venue, ordType="oco", tpTriggerPx=str(price + 1), tpOrdPx="-1", slTriggerPx=str(price - 1), slOrdPx="-1")
    move(venue, "sell")
    move(venue, "buy", "14")
    done = shown(venue, row)
    assert (done["state"], done["actualSide"], len(done["ordIdList"])) == ("effective", "sl", 1)


def test_a_trigger_works_from_either_side_and_can_place_a_limit(venue: Venue):
    price = last(venue)
    above = algo(venue, ordType="trigger", triggerPx=str(price + 1), ordPx=str(price + 30))
    below = algo(venue, ordType="trigger", side="buy", triggerPx=str(price - 5), ordPx="-1", tgtCcy="base_ccy")
    move(venue, "buy")
    order = venue.order(shown(venue, above)["ordId"])
    assert (order["ordType"], order["source"], order["px"]) == ("limit", "6", str(price + 30))
    assert shown(venue, below)["state"] == "live"
    move(venue, "sell", "14")
    assert venue.order(shown(venue, below)["ordId"])["state"] == "filled"


def test_a_trailing_stop_follows_and_fires_on_the_retreat(venue: Venue):
    stream = venue.stream("business", MAIN)
    venue.subscribe(stream, {"channel": "algo-advance", "instType": "SPOT"})
    row = algo(venue, ordType="move_order_stop", callbackSpread="2")
    move(venue, "buy")
    high = last(venue)
    assert shown(venue, row)["state"] == "live"
    assert Decimal(shown(venue, row)["moveTriggerPx"]) == high - 2
    move(venue, "sell", "14")
    assert shown(venue, row)["state"] == "effective"
    states = [push["data"][0]["state"] for push in pushes(venue.taken(stream), "algo-advance")]
    assert states == ["live", "effective"]
    assert venue.order(shown(venue, row)["ordId"])["source"] == "25"


def test_a_trigger_whose_order_is_refused_says_so(venue: Venue):
    row = algo(venue, ordType="trigger", sz="9", triggerPx=str(last(venue) + 1), ordPx="-1")
    move(venue, "buy")
    assert (shown(venue, row)["state"], shown(venue, row)["failCode"]) == ("order_failed", "51008")


def test_amend_cancel_and_lists(venue: Venue):
    stream = venue.stream("business", MAIN)
    venue.subscribe(stream, {"channel": "orders-algo", "instType": "ANY"})
    row = algo(venue, ordType="conditional", tpTriggerPx="52000", tpOrdPx="-1", algoClOrdId="my1")
    assert algo(venue, ordType="conditional", tpTriggerPx="52000", algoClOrdId="my1")["sCode"] == "51016"
    body = {"instId": "BTC-USDT", "algoId": row["algoId"], "newTpTriggerPx": "53000", "newSz": "0.02", "reqId": "r1"}
    assert venue.call("POST", "trade/amend-algos", body)["data"][0]["sCode"] == "0"
    pending = venue.get("trade/orders-algo-pending?ordType=conditional,oco")
    assert [(a["algoId"], a["sz"], a["tpTriggerPx"]) for a in pending] == [(row["algoId"], "0.02", "53000")]
    assert venue.call("GET", "trade/orders-algo-pending")["code"] == "50014"
    cancel = [{"instId": "BTC-USDT", "algoId": row["algoId"]}] * 2
    assert [r["sCode"] for r in venue.call("POST", "trade/cancel-algos", cancel)["data"]] == ["0", "51400"]
    assert venue.get("trade/orders-algo-history?ordType=conditional&state=canceled")[0]["algoClOrdId"] == "my1"
    told = [push["data"][0] for push in pushes(venue.taken(stream), "orders-algo")]
    assert [(t["state"], t["amendResult"], t["reqId"]) for t in told] == [
        ("live", "", ""), ("live", "0", "r1"), ("canceled", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ordType": "nothing"}, "51000"),
        ({"ordType": "oco", "tpTriggerPx": "1"}, "50014"),
        ({"ordType": "trigger", "triggerPx": "0", "ordPx": "-1"}, "51000"),
        ({"ordType": "trigger", "triggerPx": "1", "ordPx": "-2"}, "51000"),
        ({"ordType": "conditional", "tpTriggerPx": "1", "sz": ""}, "51000"),
        ({"ordType": "conditional", "tpTriggerPx": "1", "tdMode": "cross"}, "51010"),
        ({"ordType": "conditional", "tpTriggerPx": "1", "instId": "X"}, "51001"),
        ({"ordType": "move_order_stop"}, "50015"),
    ],
)
def test_refusals(venue: Venue, params: dict[str, Any], code: str):
    assert algo(venue, **params)["sCode"] == code


def test_attached_take_profit_and_stop_loss_live_from_the_fill(venue: Venue):
    price = last(venue)
    attached = [{"tpTriggerPx": str(price + 1), "tpOrdPx": "-1", "slTriggerPx": "45000", "slOrdPx": "-1"}]
    parent = venue.place(ordType="market", sz="0.05", tgtCcy="base_ccy", attachAlgoOrds=attached)["ordId"]
    child = venue.get("trade/orders-algo-pending?ordType=oco")[0]
    assert (child["side"], child["sz"], child["linkedOrd"]) == ("sell", "0.05", {"ordId": parent})
    move(venue, "buy")
    assert venue.order(shown(venue, child)["ordId"])["accFillSz"] == "0.05"


def test_a_stop_closes_a_swap_position(venue: Venue):
    swap = {"instId": "BTC-USDT-SWAP", "tdMode": "cross"}
    venue.place(**swap, ordType="market", sz="5")
    row = algo(
        venue, **swap, ordType="conditional", sz="", closeFraction="1", reduceOnly=True, slOrdPx="-1",
        slTriggerPx=str(Decimal(venue.get("market/ticker?instId=BTC-USDT-SWAP")[0]["last"]) - 1),
    )  # fmt: skip
    venue.place(account=MOVER, **swap, side="sell", ordType="market", sz="400")
    venue.wait(20 * MS)
    assert shown(venue, row)["state"] == "effective"
    assert venue.get("account/positions") == []


def test_algo_orders_survive_a_restart(tmp_path: Path):
    config = Config((MAIN,), flow_rate=0.0, data_dir=str(tmp_path))
    store, saved = open_store(config)
    assert (store is not None, saved) == (True, None)
    assert store is not None
    venue = Venue(data_dir=str(tmp_path))
    row = algo(venue, ordType="conditional", tpTriggerPx="52000", tpOrdPx="-1")
    store.save(venue.exchange, everything=True)
    store.close()
    store, saved = open_store(config)
    assert store is not None
    again = SimulatedExchange(config, START_NS, saved)
    assert [str(number) for number in again.algos.live] == [row["algoId"]]
    store.close()
