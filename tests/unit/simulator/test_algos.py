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
    above = algo(venue, ordType="trigger", triggerPx=str(price + 1), orderPx=str(price + 30))
    below = algo(venue, ordType="trigger", side="buy", triggerPx=str(price - 5), orderPx=str(price + 9))
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
    row = algo(venue, ordType="trigger", sz="9", triggerPx=str(last(venue) + 1), orderPx="-1")
    move(venue, "buy")
    assert (shown(venue, row)["state"], shown(venue, row)["failCode"]) == ("order_failed", "51008")


def test_amend_cancel_and_lists(venue: Venue):
    stream = venue.stream("business", MAIN)
    venue.subscribe(stream, {"channel": "orders-algo", "instType": "ANY"})
    row = algo(venue, ordType="conditional", tpTriggerPx="52000", tpOrdPx="-1", algoClOrdId="my1")
    twin = algo(venue, ordType="conditional", tpTriggerPx="52000", tpOrdPx="-1", algoClOrdId="my1")
    assert twin["sCode"] == "51065"
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


STOP = {"ordType": "conditional", "slTriggerPx": "49000", "slOrdPx": "-1"}
TRAILING = {"ordType": "move_order_stop"}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ordType": "nothing"}, "51000"),
        (STOP | {"instId": "X"}, "51001"),
        (STOP | {"tdMode": "cross"}, "51010"),
        (STOP | {"side": ""}, "50014"),
        (STOP | {"tag": "not-a-tag"}, "51000"),
        # A trigger order's price is orderPx; what answers call it is not a parameter.
        ({"ordType": "trigger", "triggerPx": "52000", "ordPx": "-1"}, "50014"),
        ({"ordType": "trigger", "triggerPx": "52000"}, "50014"),
        ({"ordType": "trigger", "triggerPx": "0", "orderPx": "-1"}, "51000"),
        ({"ordType": "trigger", "triggerPx": "1", "orderPx": "-2"}, "51000"),
        ({"ordType": "trigger", "triggerPx": "52000", "orderPx": "-1", "tgtCcy": "base_ccy"}, "51281"),
        ({"ordType": "trigger", "triggerPx": "52000", "orderPx": "-1", "triggerPxType": "mark"}, "51415"),
        ({"ordType": "trigger", "triggerPx": "52000", "orderPx": "-1", "triggerPxType": "mid"}, "51000"),
        # A trigger price without its order price, and the other way round.
        ({"ordType": "conditional", "slTriggerPx": "49000"}, "50014"),
        ({"ordType": "conditional", "slOrdPx": "-1"}, "50014"),
        ({"ordType": "conditional", "tpTriggerPx": "52000"}, "50014"),
        ({"ordType": "conditional"}, "50015"),
        ({"ordType": "oco", "tpTriggerPx": "52000", "tpOrdPx": "-1"}, "50014"),
        # Yes and no are true and false; a word that is neither was a no.
        (STOP | {"reduceOnly": "yes"}, "51000"),
        (STOP | {"reduceOnly": 1}, "51000"),
        (STOP | {"reduceOnly": []}, "51000"),
        (STOP | {"cxlOnClosePos": "TRUE"}, "51000"),
        # A size, or closeFraction, and not both; the size of the instrument.
        (STOP | {"sz": ""}, "50015"),
        (STOP | {"closeFraction": "1"}, "50024"),
        (STOP | {"sz": "0.000001"}, "51020"),
        (STOP | {"sz": "0.000010001"}, "51121"),
        (STOP | {"sz": "99999999999"}, "51252"),
        (STOP | {"sz": "", "closeFraction": "1"}, "51327"),
        # A buy at market is sized in quote unless it says otherwise.
        (STOP | {"side": "buy", "slTriggerPx": "51000", "sz": "0.2"}, "51020"),
        # On the wrong side of the last price, or on it (50000.0 or 50000.1 here).
        (STOP | {"slTriggerPx": "51000"}, "51280"),
        ({"ordType": "conditional", "tpTriggerPx": "49000", "tpOrdPx": "-1"}, "51279"),
        (STOP | {"side": "buy", "sz": "100"}, "51278"),
        ({"ordType": "conditional", "side": "buy", "sz": "100", "tpTriggerPx": "51000", "tpOrdPx": "-1"}, "51277"),
        (STOP | {"ordType": "oco", "tpTriggerPx": "48000", "tpOrdPx": "-1"}, "51279"),
        # How far a trailing stop trails.
        (TRAILING, "50015"),
        (TRAILING | {"callbackRatio": "0.01", "callbackSpread": "5"}, "50024"),
        (TRAILING | {"callbackRatio": "0.0009"}, "51311"),
        (TRAILING | {"callbackRatio": "1.1"}, "51311"),
        (TRAILING | {"callbackSpread": "0"}, "51000"),
        (TRAILING | {"callbackSpread": "5", "activePx": "49000"}, "51258"),
        (TRAILING | {"callbackSpread": "5", "activePx": "51000", "side": "buy", "sz": "100"}, "51259"),
    ],
)
def test_refusals(venue: Venue, params: dict[str, Any], code: str):
    assert algo(venue, **params)["sCode"] == code


def test_a_trigger_price_on_the_last_price_is_on_the_wrong_side(venue: Venue):
    price = str(last(venue))
    assert algo(venue, ordType="conditional", tpTriggerPx=price, tpOrdPx="-1")["sCode"] == "51279"
    assert algo(venue, **(STOP | {"slTriggerPx": price}))["sCode"] == "51280"


def test_the_mark_price_has_refusals_of_its_own(venue: Venue):
    row = algo(
        venue, **SWAP, ordType="conditional", sz="1", slTriggerPx="60000", slOrdPx="-1", slTriggerPxType="mark"
    )  # fmt: skip
    assert row["sCode"] == "51304"


def test_of_a_conditional_order_with_both_only_the_stop_loss_counts(venue: Venue):
    row = shown(venue, algo(venue, **(STOP | {"tpTriggerPx": "52000", "tpOrdPx": "-1"})))
    assert (row["tpTriggerPx"], row["slTriggerPx"]) == ("", "49000")


def test_a_trigger_amendment_names_both_prices_and_turns_around_with_them(venue: Venue):
    price = last(venue)
    row = algo(venue, ordType="trigger", triggerPx=str(price + 100), orderPx=str(price - 50))
    body = {"instId": "BTC-USDT", "algoId": row["algoId"]}

    def amend(**changes: str) -> str:
        return venue.call("POST", "trade/amend-algos", body | changes)["data"][0]["sCode"]

    assert amend(newTriggerPx=str(price - 1)) == "50014"
    assert amend(newTriggerPx=str(price - 1), newOrderPx="-1") == "50014"
    assert amend() == "51500"
    assert amend(newSlTriggerPx="48000", newSlOrdPx="-1") == "51500"
    assert amend(newTriggerPx=str(price - 1), newOrdPx=str(price - 60)) == "0"
    assert [shown(venue, row)[name] for name in ("triggerPx", "ordPx")] == [str(price - 1), str(price - 60)]
    move(venue, "sell")
    assert shown(venue, row)["state"] == "effective"


def test_an_amendment_takes_a_leg_off_changes_what_is_watched_and_leaves_trailing_stops_alone(venue: Venue):
    row = algo(venue, **(STOP | {"ordType": "oco", "tpTriggerPx": "52000", "tpOrdPx": "-1"}))

    def amend(algo_id: str, **changes: str) -> str:
        return venue.call("POST", "trade/amend-algos", {"algoId": algo_id, **changes})["data"][0]["sCode"]

    here = {"instId": "BTC-USDT"}
    assert amend(row["algoId"], newSz="0.02") == "50014"
    assert amend(row["algoId"], **here, newSz="0.02", reqId="r-1") == "51000"
    assert amend(row["algoId"], instId="ETH-USDT", newSz="0.02") == "51503"
    assert amend(row["algoId"], **here, newSlTriggerPx="51000", newSlOrdPx="-1") == "51280"
    assert amend(row["algoId"], **here, newSlTriggerPxType="mark") == "51415"
    assert amend(row["algoId"], **here, newSz="0.000001") == "51020"
    # What only a trigger order has changes nothing here.
    assert amend(row["algoId"], **here, newTriggerPx="48000", newOrdPx="-1") == "51500"
    assert amend(row["algoId"], **here, newTpTriggerPx="0", newTpOrdPx="0") == "0"
    assert shown(venue, row)["triggerPx"] == ""
    assert (shown(venue, row)["tpTriggerPx"], shown(venue, row)["slTriggerPx"]) == ("", "49000")
    trailing = algo(venue, **TRAILING, callbackSpread="500")
    assert amend(trailing["algoId"], **here, newSz="0.02") == "51506"


SWAP: dict[str, Any] = {"instId": "BTC-USDT-SWAP", "tdMode": "cross"}
CLOSE: dict[str, Any] = {
    **SWAP, "ordType": "conditional", "sz": "", "closeFraction": "1", "slTriggerPx": "45000", "slOrdPx": "-1",
    "reduceOnly": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"closeFraction": "0.5"}, "51000"),
        ({"ordType": "trigger", "triggerPx": "45000", "orderPx": "-1"}, "51330"),
        ({"ordType": "move_order_stop", "callbackRatio": "0.01"}, "51330"),
        ({"slOrdPx": "44000"}, "51330"),
        ({"reduceOnly": False}, "51328"),
        ({"side": "buy", "slTriggerPx": "60000"}, "51331"),
        ({"tdMode": "isolated"}, "51058"),
    ],
)
def test_close_fraction_is_for_stops_at_market_that_reduce(venue: Venue, changes: dict[str, Any], code: str):
    assert algo(venue, **CLOSE)["sCode"] == "51058"
    venue.place(**SWAP, ordType="market", sz="5")
    assert algo(venue, **(CLOSE | changes))["sCode"] == code
    assert algo(venue, **CLOSE)["sCode"] == "0"
    assert algo(venue, **CLOSE)["sCode"] == "51088"


def test_in_the_hedged_mode_each_side_has_its_own_close(venue: Venue):
    venue.call("POST", "account/set-position-mode", {"posMode": "long_short_mode"})
    for side, pos_side in (("buy", "long"), ("sell", "short")):
        assert venue.place(**SWAP, side=side, posSide=pos_side, ordType="market", sz="5")["sCode"] == "0"
    hedged = {name: value for name, value in CLOSE.items() if name != "reduceOnly"}
    assert algo(venue, **hedged)["sCode"] == "51000"
    assert algo(venue, **hedged, posSide="long")["sCode"] == "0"
    short = hedged | {"side": "buy", "posSide": "short", "slTriggerPx": "60000"}
    assert algo(venue, **short)["sCode"] == "0"
    assert algo(venue, **short)["sCode"] == "51088"


@pytest.mark.parametrize(
    ("attached", "code"),
    [
        ({}, "51178"),
        ({"slTriggerPx": "45000"}, "50014"),
        ({"slTriggerPx": "50000", "slOrdPx": "-1"}, "51047"),
        ({"tpTriggerPx": "49900", "tpOrdPx": "-1"}, "51046"),
        ({"tpTriggerPx": "51000", "tpOrdPx": "-2"}, "51000"),
        ({"tpTriggerPx": "51000", "tpOrdPx": "-1", "tpTriggerPxType": "mark"}, "51415"),
        ({"tpTriggerPx": "51000", "tpOrdPx": "-1", "attachAlgoClOrdId": "a-b"}, "51000"),
        ({"tpTriggerPx": "49950", "tpOrdPx": "-1"}, "0"),
    ],
)
def test_exits_that_come_with_an_order_stand_beyond_its_price(venue: Venue, attached: dict[str, str], code: str):
    assert venue.place(px="49900", sz="0.01", attachAlgoOrds=[attached])["sCode"] == code


def test_attached_take_profit_and_stop_loss_live_from_the_fill(venue: Venue):
    price = last(venue)
    attached = [{"tpTriggerPx": str(price + 1), "tpOrdPx": "-1", "slTriggerPx": "45000", "slOrdPx": "-1"}]
    parent = venue.place(ordType="market", sz="0.05", tgtCcy="base_ccy", attachAlgoOrds=attached)["ordId"]
    child = venue.get("trade/orders-algo-pending?ordType=oco")[0]
    assert (child["side"], child["sz"], child["linkedOrd"]) == ("sell", "0.05", {"ordId": parent})
    move(venue, "buy")
    assert venue.order(shown(venue, child)["ordId"])["accFillSz"] == "0.05"


def test_a_stop_closes_a_swap_position(venue: Venue):
    venue.place(**SWAP, ordType="market", sz="5")
    row = algo(
        venue, **SWAP, ordType="conditional", sz="", closeFraction="1", reduceOnly=True, slOrdPx="-1",
        slTriggerPx=str(Decimal(venue.get("market/ticker?instId=BTC-USDT-SWAP")[0]["last"]) - 1),
    )  # fmt: skip
    venue.place(account=MOVER, **SWAP, side="sell", ordType="market", sz="400")
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
