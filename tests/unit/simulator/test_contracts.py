"""What is asked about contracts and what may be moved out: tiers, open interest, past rates and positions, limits."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.simulator import AccountConfig, Config, SimulatedExchange
from app.simulator.persistence import open_store

from .venue import MAIN, SECOND, START_NS, Venue

SWAP: dict[str, Any] = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "ordType": "market"}
OTHER = AccountConfig("other", "key2", "secret2", "pass2")
D = Decimal


def test_a_position_tier_says_what_the_margin_goes_by():
    (row,) = Venue().get("public/position-tiers?instType=SWAP&tdMode=cross&instFamily=BTC-USDT")
    shown = {name: row[name] for name in ("instFamily", "imr", "mmr", "maxLever", "minSz", "maxSz", "tier")}
    assert shown == {
        "instFamily": "BTC-USDT", "imr": "0.01", "mmr": "0.004", "maxLever": "100", "minSz": "0",
        "maxSz": "100000000", "tier": "1",
    }  # fmt: skip
    both = Venue().get("public/position-tiers?instType=SWAP&tdMode=isolated&uly=BTC-USD,ETH-USDT")
    assert [row["instFamily"] for row in both] == ["ETH-USDT", "BTC-USD"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("public/position-tiers?tdMode=cross&instFamily=BTC-USDT", "50014"),
        ("public/position-tiers?instType=SPOT&tdMode=cross&instFamily=BTC-USDT", "51000"),
        ("public/position-tiers?instType=SWAP&instFamily=BTC-USDT", "50014"),
        ("public/position-tiers?instType=SWAP&tdMode=cash&instFamily=BTC-USDT", "51000"),
        ("public/position-tiers?instType=SWAP&tdMode=cross", "50014"),
        ("public/position-tiers?instType=SWAP&tdMode=cross&instFamily=A,B,C,D,E,F", "50025"),
        ("public/open-interest", "50014"),
        ("public/open-interest?instType=SPOT", "51000"),
        ("public/open-interest?instType=SWAP&instId=X", "51001"),
        ("public/funding-rate-history", "50014"),
        ("public/funding-rate-history?instId=X", "51001"),
        ("public/funding-rate-history?instId=BTC-USDT", "51000"),
        ("account/max-withdrawal?ccy=" + ",".join("ABCDEFGHIJKLMNOPQRSTU"), "50025"),
    ],
)
def test_refusals(path: str, code: str):
    assert Venue().call("GET", path)["code"] == code


def test_open_interest_counts_what_the_accounts_hold_on_the_larger_side():
    venue = Venue(accounts=(MAIN, OTHER))
    venue.place(**SWAP, sz="5")
    venue.place(OTHER, **SWAP, side="sell", sz="3")
    venue.place(instId="BTC-USD-SWAP", tdMode="cross", ordType="market", side="sell", sz="2")
    rows = {row["instId"]: row for row in venue.get("public/open-interest?instType=SWAP")}
    linear, inverse = rows["BTC-USDT-SWAP"], rows["BTC-USD-SWAP"]
    assert (linear["oi"], linear["oiCcy"]) == ("5", "0.05")
    assert D(linear["oiUsd"]) == pytest.approx(D(2500), abs=D(5))
    assert (inverse["oi"], inverse["oiUsd"], rows["ETH-USDT-SWAP"]["oi"]) == ("2", "200", "0")
    assert [row["instId"] for row in venue.get("public/open-interest?instType=SWAP&instFamily=ETH-USDT")] == [
        "ETH-USDT-SWAP"
    ]


def test_past_funding_rates_are_every_eight_hours_newest_first_and_page():
    venue = Venue()
    rows = venue.get("public/funding-rate-history?instId=BTC-USDT-SWAP&limit=3")
    times = [int(row["fundingTime"]) for row in rows]
    assert {earlier - later for earlier, later in pairwise(times)} == {8 * 3_600_000}
    assert times[0] <= venue.now_ns // 1_000_000 < times[0] + 8 * 3_600_000
    assert {(row["fundingRate"], row["realizedRate"]) for row in rows} == {("0.0001", "0.0001")}
    more = venue.get(f"public/funding-rate-history?instId=BTC-USDT-SWAP&limit=1&after={times[2]}")
    assert int(more[0]["fundingTime"]) == times[2] - 8 * 3_600_000
    assert len(venue.get("public/funding-rate-history?instId=BTC-USDT-SWAP&limit=400")) == 270


def past(venue: Venue, query: str = "") -> list[tuple[str, ...]]:
    names = ("instId", "type", "direction", "closeTotalPos", "openMaxPos")
    rows = venue.get(f"account/positions-history{query}")
    return [tuple(row[name] for name in names) for row in rows]


def test_past_positions_are_lives_with_what_they_opened_closed_and_made():
    venue = Venue()
    assert past(venue) == []
    venue.place(**SWAP, sz="5")
    assert past(venue) == []
    venue.wait(SECOND)
    venue.place(**SWAP, side="sell", sz="2")
    assert past(venue) == [("BTC-USDT-SWAP", "1", "long", "2", "5")]
    venue.wait(SECOND)
    venue.place(**SWAP, side="sell", sz="3")
    venue.wait(SECOND)
    venue.place(**SWAP, side="sell", sz="4")  # the next life of the same key
    venue.wait(SECOND)
    venue.control("POST", "acts", {"act": "liquidate", "instId": "BTC-USDT-SWAP"})
    assert past(venue) == [("BTC-USDT-SWAP", "3", "short", "4", "4"), ("BTC-USDT-SWAP", "2", "long", "5", "5")]
    assert past(venue, "?type=2") == [("BTC-USDT-SWAP", "2", "long", "5", "5")]
    assert past(venue, "?instId=ETH-USDT-SWAP") == past(venue, "?mgnMode=isolated") == []
    newest, oldest = venue.get("account/positions-history")
    assert past(venue, f"?after={newest['uTime']}") == past(venue, "?type=2")
    for row in (newest, oldest):
        paid = sum(D(row[name]) for name in ("pnl", "fee", "fundingFee"))
        assert D(row["realizedPnl"]) == paid
        sign = 1 if row["direction"] == "long" else -1
        moved = (D(row["closeAvgPx"]) - D(row["openAvgPx"])) * D(row["closeTotalPos"]) * D("0.01") * sign
        assert D(row["pnl"]) == pytest.approx(moved, abs=D("0.0001"))
    bills = [bill for bill in venue.exchange.accounts["main"].bills if bill.inst_id == "BTC-USDT-SWAP"]
    assert sum(bill.change for bill in bills) == sum(D(row["realizedPnl"]) for row in (newest, oldest))


def test_past_positions_of_an_inverse_contract_have_harmonic_averages():
    venue = Venue()
    body: dict[str, Any] = SWAP | {"instId": "BTC-USD-SWAP"}
    venue.place(**body, sz="10")
    venue.wait(SECOND)
    venue.place(**body, side="sell", sz="10")
    (row,) = venue.get("account/positions-history")
    pnl = 100 * 10 * (1 / D(row["openAvgPx"]) - 1 / D(row["closeAvgPx"]))
    assert (row["ccy"], row["type"]) == ("BTC", "2")
    assert D(row["pnl"]) == pytest.approx(pnl, abs=D("1e-9"))


def test_past_positions_survive_a_restart(tmp_path: Path):
    config = Config((MAIN,), flow_rate=0.0, data_dir=str(tmp_path))
    venue = Venue(data_dir=str(tmp_path))
    store, _ = open_store(config)
    assert store is not None
    for side, size in (("buy", "5"), ("sell", "5"), ("sell", "2"), ("buy", "1")):
        venue.place(**SWAP, side=side, sz=size)
        venue.wait(SECOND)
        store.save(venue.exchange, everything=True)
    told = venue.get("account/positions-history")
    store.close()
    store, saved = open_store(config)
    again = Venue(saved=saved, now_ns=venue.now_ns, data_dir=str(tmp_path))
    assert again.get("account/positions-history") == told
    assert len(told) == 2
    assert store is not None
    store.close()


def test_what_may_be_moved_out_is_free_and_no_open_profit():
    venue = Venue()
    venue.place(px="40000", sz="0.5")
    venue.place(**SWAP, sz="30")
    rows = {row["ccy"]: row for row in venue.get("account/max-withdrawal")}
    assert set(rows) == {"USDT", "BTC", "ETH"}
    assert (rows["BTC"]["maxWd"], rows["ETH"]["maxWdEx"], rows["ETH"]["spotOffsetMaxWd"]) == ("2", "20", "")
    margin = D(venue.get("account/positions")[0]["imr"])
    free = venue.cash("USDT") - 20_000 - margin
    assert D(rows["USDT"]["maxWd"]) == pytest.approx(free, abs=D(10))
    assert venue.get("account/max-withdrawal?ccy=XRP") == [
        {"ccy": "XRP", "maxWd": "0", "maxWdEx": "0", "spotOffsetMaxWd": "", "spotOffsetMaxWdEx": ""}
    ]


def test_the_largest_spot_sale_is_told_in_quote_and_the_largest_buy_in_base():
    venue = Venue()
    (row,) = venue.get("account/max-size?instId=BTC-USDT&tdMode=cash&px=50000")
    assert (row["maxBuy"], row["maxSell"]) == ("2", "100000")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "trade/order-algo", {"instId": "BTC-USDT"}),
        ("POST", "trade/cancel-algos", [{"instId": "BTC-USDT", "algoId": "1"}]),
        ("POST", "trade/amend-algos", {"instId": "BTC-USDT", "algoId": "1", "newSz": "1"}),
        ("GET", "trade/order-algo?algoId=1", None),
        ("GET", "trade/orders-algo-pending?ordType=oco", None),
    ],
)
def test_algo_requests_have_a_limit_of_twenty_in_two_seconds(method: str, path: str, body: Any):
    venue = Venue(rate_limits=True)
    codes = [venue.call(method, path, body)["code"] for _ in range(21)]
    assert "50011" not in codes[:20]
    assert codes[20] == "50011"
    other = venue.call("POST", "trade/order-algo", {"instId": "ETH-USDT"})
    assert other["code"] != "50011"


def test_codes_that_come_with_http_200():
    reader = AccountConfig("reader", "key3", "secret3", "pass3", permissions="read_only")
    venue = Venue(accounts=(MAIN, reader))
    for method, path, body, account, code in (
        ("POST", "/api/v5/trade/order", b'{"instId":"BTC-USDT"}', reader, "50120"),
        ("GET", "/api/v5/account/max-size?instId=A,B,C,D,E,F&tdMode=cash", b"", MAIN, "50025"),
    ):
        response = venue.raw(method, path, venue.headers(method, path, body, account), body)
        assert (response.status, json.loads(response.body)["code"]) == (200, code)


@pytest.mark.parametrize("rate_limits", [True, False])
def test_three_connections_a_second_and_address_when_the_switch_is_on(rate_limits: bool):
    exchange = SimulatedExchange(Config((MAIN,), connect_limit=True, rate_limits=rate_limits), START_NS)
    for _ in range(3):
        exchange.open_stream("/ws/v5/public", START_NS, "10.0.0.1")
    with pytest.raises(ConnectionRefusedError, match="3 connections a second"):
        exchange.open_stream("/ws/v5/public", START_NS, "10.0.0.1")
    exchange.open_stream("/ws/v5/public", START_NS, "10.0.0.2")
    exchange.open_stream("/ws/v5/public", START_NS + SECOND, "10.0.0.1")
    free = SimulatedExchange(Config((MAIN,), rate_limits=rate_limits), START_NS)
    assert len({free.open_stream("/ws/v5/public", START_NS, "10.0.0.1") for _ in range(9)}) == 9
