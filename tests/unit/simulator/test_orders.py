"""Orders: every type's life, refusals with OKX's codes, amends, self-trade prevention, limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.simulator import AccountConfig

from .venue import MAIN, MS, SECOND, SPOT, SWAP, Venue

OTHER = AccountConfig("other", "key2", "secret2", "pass2")
SUB = AccountConfig("sub", "key3", "secret3", "pass3", master="main")


@pytest.fixture
def venue() -> Venue:
    return Venue(accounts=(MAIN, OTHER, SUB))


def outcome(order: dict[str, Any]) -> tuple[str, str, str]:
    return order["state"], order["accFillSz"], order["cancelSource"]


SWAP_MARKET = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "ordType": "market"}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("unknown instrument", {"instId": "XX-USDT", "sz": "1", "px": "1"}, "51001"),
    ("no instrument", {"instId": "", "sz": "1", "px": "1"}, "50014"),
    ("no side", {"side": "", "sz": "1", "px": "1"}, "50014"),
    ("wrong side", {"side": "BUY", "sz": "1", "px": "1"}, "51000"),
    ("wrong type", {"ordType": "stop", "sz": "1", "px": "1"}, "51000"),
    ("wrong mode for spot", {"tdMode": "cross", "sz": "1", "px": "1"}, "51010"),
    ("cash for a swap", {"instId": "BTC-USDT-SWAP", "sz": "1", "px": "50000"}, "51010"),
    ("no size", {"px": "1"}, "50014"),
    ("no price", {"sz": "1"}, "50014"),
    ("size nan", {"sz": "NaN", "px": "1"}, "51000"),
    ("size infinite", {"sz": "Infinity", "px": "1"}, "51000"),
    ("size negative", {"sz": "-1", "px": "1"}, "51000"),
    ("size exponent", {"sz": "1e400", "px": "1"}, "51000"),
    ("size zero", {"sz": "0", "px": "1"}, "51000"),
    ("below the minimum", {"sz": "0.000001", "px": "50000"}, "51020"),
    ("off the lot", {"sz": "0.000000001", "px": "50000"}, "51121"),
    ("off the tick", {"sz": "0.01", "px": "49000.01"}, "51150"),
    ("above the band", {"sz": "0.01", "px": "60000"}, "51137"),
    ("below the band", {"side": "sell", "sz": "0.01", "px": "40000"}, "51138"),
    ("not enough quote", {"sz": "3", "px": "50000"}, "51008"),
    ("not enough base", {"side": "sell", "sz": "3", "px": "50000"}, "51008"),
    ("notional", {"sz": "1000", "px": "50000"}, "51185"),
    ("market notional", {"ordType": "market", "sz": "2000000"}, "51201"),
    ("client id charset", {"sz": "0.01", "px": "1", "clOrdId": "a-b"}, "51000"),
    ("client id length", {"sz": "0.01", "px": "1", "clOrdId": "a" * 33}, "51000"),
    ("tag", {"sz": "0.01", "px": "1", "tag": "a" * 17}, "51000"),
    ("fok and cancel_both", {"ordType": "fok", "sz": "0.01", "px": "1", "stpMode": "cancel_both"}, "54036"),
    ("posSide of a spot order", {"sz": "0.01", "px": "1", "posSide": "long"}, "51000"),
    ("nothing to reduce", SWAP_MARKET | {"sz": "1", "reduceOnly": True}, "51169"),
    ("swap margin", SWAP_MARKET | {"sz": "10000"}, "51008"),
    ("swap band", {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "sz": "1", "px": "60000"}, "51006"),
    ("swap size", SWAP_MARKET | {"sz": "20000"}, "51202"),
    ("tgtCcy", {"ordType": "market", "sz": "1", "tgtCcy": "euro"}, "51000"),
    ("reduce only, or not", SWAP_MARKET | {"sz": "1", "reduceOnly": "yes"}, "51000"),
    ("ban amend, or not", {"sz": "0.01", "px": "49000", "banAmend": 1}, "51000"),
]  # fmt: skip


@pytest.mark.parametrize(("params", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refusals_change_nothing(venue: Venue, params: dict[str, Any], code: str):
    before = venue.exchange.control.ledger()["accounts"]
    row = venue.place(**params)
    assert (row["sCode"], row["ordId"], row["subCode"]) == (code, "", "")
    assert venue.exchange.control.ledger()["accounts"] == before


def test_a_resting_order_holds_its_cost_and_cancel_releases_it(venue: Venue):
    row = venue.place(sz="0.5", px="40000", clOrdId="rest1", tag="t1")
    assert (row["sCode"], row["clOrdId"], row["tag"]) == ("0", "rest1", "t1")
    assert outcome(venue.order(row["ordId"])) == ("live", "0", "")
    usdt = next(d for d in venue.get("account/balance?ccy=USDT")[0]["details"] if d["ccy"] == "USDT")
    assert (usdt["cashBal"], usdt["availBal"], usdt["frozenBal"]) == ("100000", "80000", "20000")
    gone = venue.call("POST", "trade/cancel-order", {"instId": "BTC-USDT", "clOrdId": "rest1"})
    assert gone["code"] == "0"
    assert outcome(venue.order(row["ordId"])) == ("canceled", "0", "1")
    assert venue.get("account/balance?ccy=USDT")[0]["details"][0]["availBal"] == "100000"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"ordType": "market", "sz": "0.01", "tgtCcy": "base_ccy"}, ("filled", "0.01", "")),
        ({"ordType": "ioc", "sz": "0.01", "px": "52000"}, ("filled", "0.01", "")),
        ({"ordType": "ioc", "sz": "0.01", "px": "45000"}, ("canceled", "0", "14")),
        ({"ordType": "fok", "sz": "0.01", "px": "52000"}, ("filled", "0.01", "")),
        ({"ordType": "fok", "sz": "1.9", "px": "50000.5"}, ("canceled", "0", "13")),
        ({"ordType": "post_only", "sz": "0.01", "px": "52000"}, ("canceled", "0", "31")),
        ({"ordType": "post_only", "sz": "0.01", "px": "45000"}, ("live", "0", "")),
        ({"ordType": "limit", "sz": "0.01", "px": "60000", "pxAmendType": "1"}, ("filled", "0.01", "")),
    ],
)
def test_order_types(venue: Venue, params: dict[str, Any], expected: tuple[str, str, str]):
    assert outcome(venue.order(venue.place(**params)["ordId"])) == expected


def test_fees_are_charged_in_what_is_received(venue: Venue):
    bought = venue.order(venue.place(ordType="market", sz="0.1", tgtCcy="base_ccy")["ordId"])
    assert (bought["feeCcy"], bought["fee"]) == ("BTC", "-0.0001")
    assert venue.cash("BTC") == Decimal("2.0999")
    assert venue.cash("USDT") == 100_000 - Decimal(bought["avgPx"]) * Decimal("0.1")
    sold = venue.order(venue.place(side="sell", ordType="market", sz="0.1")["ordId"])
    proceeds = Decimal(sold["avgPx"]) * Decimal("0.1")
    assert (sold["feeCcy"], Decimal(sold["fee"])) == ("USDT", -proceeds * Decimal("0.001"))


def test_a_market_buy_by_default_spends_quote(venue: Venue):
    order = venue.order(venue.place(ordType="market", sz="1000")["ordId"])
    spent = Decimal(order["avgPx"]) * Decimal(order["accFillSz"])
    assert (order["state"], order["tgtCcy"], order["sz"]) == ("filled", "quote_ccy", "1000")
    assert Decimal("999.99") < spent <= 1000


def test_a_market_buy_too_large_shrinks_unless_banned(venue: Venue):
    banned = venue.place(ordType="market", sz="2.5", tgtCcy="base_ccy", banAmend=True)
    assert banned["sCode"] == "51008"
    order = venue.order(venue.place(ordType="market", sz="2.5", tgtCcy="base_ccy")["ordId"])
    assert order["state"] == "filled"
    assert Decimal("1.99") < Decimal(order["accFillSz"]) < 2


def test_a_client_id_is_unique_among_pending_orders_only(venue: Venue):
    first = venue.place(sz="0.01", px="40000", clOrdId="same")
    assert venue.place(sz="0.01", px="40000", clOrdId="same")["sCode"] == "51016"
    venue.call("POST", "trade/cancel-order", {"instId": "BTC-USDT", "clOrdId": "same"})
    second = venue.place(sz="0.01", px="40000", clOrdId="same")
    assert second["sCode"] == "0"
    assert venue.get("trade/order?instId=BTC-USDT&clOrdId=same")[0]["ordId"] == second["ordId"] != first["ordId"]


def test_51400_has_three_meanings(venue: Venue):
    filled = venue.place(ordType="market", sz="0.01", tgtCcy="base_ccy")["ordId"]
    gone = venue.place(sz="0.01", px="40000")["ordId"]
    cancel = [{"instId": "BTC-USDT", "ordId": order_id} for order_id in (gone, filled, gone, "123")]
    reply = venue.call("POST", "trade/cancel-batch-orders", cancel)
    assert (reply["code"], [row["sCode"] for row in reply["data"]]) == ("2", ["0", "51400", "51400", "51400"])


def test_batches_report_each_order(venue: Venue):
    good = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "40000", "sz": "0.01"}
    reply = venue.call("POST", "trade/batch-orders", [good, good | {"sz": "0"}])
    assert (reply["code"], reply["msg"]) == ("2", "Bulk operation partially succeeded.")
    assert [row["sCode"] for row in reply["data"]] == ["0", "51000"]
    assert venue.call("POST", "trade/batch-orders", [good | {"sz": "0"}])["code"] == "1"
    assert venue.call("POST", "trade/batch-orders", [good] * 21)["code"] == "50025"


def test_unfilled_cancelled_orders_are_gone_after_two_hours(venue: Venue):
    order_id = venue.place(sz="0.01", px="40000")["ordId"]
    venue.call("POST", "trade/cancel-order", {"instId": "BTC-USDT", "ordId": order_id})
    venue.wait(7199 * SECOND)
    assert venue.order(order_id)["state"] == "canceled"
    venue.wait(2 * SECOND)
    assert venue.call("GET", f"trade/order?instId=BTC-USDT&ordId={order_id}")["code"] == "51603"
    assert venue.get("trade/orders-history?instType=SPOT") == []


def test_expired_requests_are_not_taken(venue: Venue):
    body = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "40000", "sz": "0.01"}
    late, early = str(venue.now_ns // MS - 1), str(venue.now_ns // MS + 1)
    assert venue.call("POST", "trade/order", body, expTime=late)["code"] == "50036"
    assert venue.call("POST", "trade/order", body, expTime=early)["code"] == "0"
    stream = venue.stream("private", MAIN)
    args = {key: value for key, value in body.items() if key != "instId"} | {"instIdCode": SPOT}
    assert venue.operate(stream, "order", args, expTime=late)[0]["code"] == "50036"
    assert len(venue.get("trade/orders-pending")) == 1


def amended(venue: Venue, stream: int, **change: Any) -> list[tuple[str, str, str, str]]:
    """Amend over the stream and wait: (amendResult, code, state, sz) of the pushes that carry a result."""
    reply = venue.operate(stream, "amend-order", {"instIdCode": SPOT, "reqId": "r1", **change})
    if reply[-1]["data"][0]["sCode"] != "0":
        return [("", reply[-1]["data"][0]["sCode"], "", "")]
    venue.wait(5 * MS)
    rows = [row for frame in venue.taken(stream) if frame.get("arg") for row in frame["data"]]
    return [(r["amendResult"], r["code"], r["state"], r["sz"]) for r in rows if r.get("amendResult")]


def test_amends_are_acknowledged_first_and_decided_later(venue: Venue):
    stream = venue.stream("private", MAIN)
    venue.subscribe(stream, {"channel": "orders", "instType": "ANY"})
    order_id = venue.place(sz="0.5", px="40000")["ordId"]
    assert amended(venue, stream, ordId=order_id, newSz="0.3", newPx="41000") == [("0", "0", "live", "0.3")]
    assert amended(venue, stream, ordId=order_id, newSz="9") == [("-1", "51502", "live", "0.3")]
    assert amended(venue, stream, ordId=order_id, newPx="60000") == [("-1", "51137", "live", "0.3")]
    assert amended(venue, stream, ordId=order_id, newPx="0.01") == [("", "51150", "", "")]
    assert amended(venue, stream, ordId=order_id) == [("", "50015", "", "")]
    assert amended(venue, stream, ordId=order_id, newPx="60000", cxlOnFail="yes") == [("", "51000", "", "")]
    assert amended(venue, stream, ordId=order_id, newPx="60000", cxlOnFail=True) == [("1", "51137", "canceled", "0.3")]
    assert amended(venue, stream, ordId=order_id, newPx="41000") == [("", "51503", "", "")]


def test_at_most_three_amends_in_flight(venue: Venue):
    order_id = venue.place(sz="0.5", px="40000")["ordId"]
    codes = [
        venue.call("POST", "trade/amend-order", {"instId": "BTC-USDT", "ordId": order_id, "newSz": "0.4"})["data"][0][
            "sCode"
        ]
        for _ in range(4)
    ]
    assert codes == ["0", "0", "0", "51513"]
    same = [{"instId": "BTC-USDT", "ordId": order_id, "newSz": "0.4"}] * 2
    venue.wait(SECOND)
    assert [r["sCode"] for r in venue.call("POST", "trade/amend-batch-orders", same)["data"]] == ["0", "51512"]


def test_size_down_keeps_the_turn_and_size_up_loses_it(venue: Venue):
    price = str(venue.best("asks") - Decimal("0.1"))
    first = venue.place(side="sell", sz="0.2", px=price)["ordId"]
    second = venue.place(account=OTHER, side="sell", sz="0.2", px=price)["ordId"]

    def resize(size: str) -> None:
        venue.call("POST", "trade/amend-order", {"instId": "BTC-USDT", "ordId": first, "newSz": size})
        venue.wait(5 * MS)

    def take(size: str) -> tuple[str, str]:
        venue.place(account=OTHER, ordType="ioc", sz=size, px=price, stpMode="cancel_taker")
        return venue.order(first)["accFillSz"], venue.order(second, account=OTHER)["accFillSz"]

    resize("0.1")
    assert take("0.05") == ("0.05", "0")
    resize("0.3")
    assert take("0.05") == ("0.05", "0")


def test_amending_to_what_is_filled_ends_the_order(venue: Venue):
    price = str(venue.best("asks") - Decimal("0.1"))
    order_id = venue.place(side="sell", sz="0.2", px=price)["ordId"]
    venue.place(account=OTHER, ordType="ioc", sz="0.05", px=price)
    assert outcome(venue.order(order_id)) == ("partially_filled", "0.05", "")
    venue.call("POST", "trade/amend-order", {"instId": "BTC-USDT", "ordId": order_id, "newSz": "0.05"})
    venue.wait(5 * MS)
    assert outcome(venue.order(order_id)) == ("filled", "0.05", "")


@pytest.mark.parametrize(
    ("mode", "maker", "taker"),
    [
        ("cancel_maker", ("canceled", "0", "32"), ("filled", "0.1", "")),
        ("cancel_taker", ("live", "0", ""), ("canceled", "0", "32")),
        ("cancel_both", ("canceled", "0", "32"), ("canceled", "0", "32")),
    ],
)
def test_self_trades_are_prevented_across_the_master_account(
    venue: Venue, mode: str, maker: tuple[str, ...], taker: tuple[str, ...]
):
    price = str(venue.best("asks") - Decimal("0.1"))
    resting = venue.place(account=SUB, side="sell", sz="0.1", px=price)["ordId"]
    crossing = venue.place(ordType="market", sz="0.1", tgtCcy="base_ccy", stpMode=mode)["ordId"]
    assert outcome(venue.order(resting, account=SUB)) == maker
    assert outcome(venue.order(crossing)) == taker


@pytest.mark.parametrize(
    ("size", "limit_ticks", "mode", "ended"),
    [
        ("0.1", 0, "cancel_maker", ("canceled", "0", "13")),
        ("0.1", 1, "cancel_maker", ("filled", "0.1", "")),
        ("0.1", 1, "cancel_taker", ("canceled", "0", "32")),
    ],
)
def test_own_orders_fill_nothing_of_a_fill_or_kill_order(
    venue: Venue, size: str, limit_ticks: int, mode: str, ended: tuple[str, ...]
):
    best = venue.best("asks")
    venue.place(side="sell", sz="0.5", px=str(best - Decimal("0.1")))
    limit = best + (limit_ticks - 1) * Decimal("0.1")
    order = venue.place(ordType="fok", sz=size, px=str(limit), stpMode=mode)["ordId"]
    assert outcome(venue.order(order)) == ended


def test_two_accounts_trade_with_each_other_as_maker_and_taker(venue: Venue):
    price = str(venue.best("asks") - Decimal("0.1"))
    venue.place(side="sell", sz="0.1", px=price)
    venue.place(account=OTHER, ordType="ioc", sz="0.1", px=price)
    maker, taker = venue.get("trade/fills")[0], venue.get("trade/fills", OTHER)[0]
    assert (maker["execType"], taker["execType"], maker["tradeId"]) == ("M", "T", taker["tradeId"])
    value = Decimal(price) * Decimal("0.1")
    assert Decimal(maker["fee"]) == -value * Decimal("0.0008")
    assert Decimal(taker["fee"]) == Decimal("-0.0001")


def test_pending_caps():
    rich = AccountConfig("main", "key", "secret", "pass", balances={"USDT": Decimal(10**9)})
    venue = Venue(accounts=(rich,))
    codes = [venue.place(sz="0.001", px="40000")["sCode"] for _ in range(501)]
    assert (codes[:500], codes[500]) == (["0"] * 500, "51174")
    assert venue.place(instId="ETH-USDT", sz="0.01", px="2000")["sCode"] == "0"


def test_rate_limits():
    venue = Venue(rate_limits=True)
    replies = [venue.place(sz="0.001", px="40000").get("sCode") or "50011" for _ in range(61)]
    assert (set(replies[:60]), replies[60]) == ({"0"}, "50011")
    assert venue.place(instId="ETH-USDT", sz="0.01", px="2000")["sCode"] == "0"
    cancel = {"instId": "BTC-USDT", "ordId": "1"}
    assert venue.call("POST", "trade/cancel-order", cancel)["data"][0]["sCode"] == "51400"
    venue.wait(2 * SECOND)
    assert venue.place(sz="0.001", px="40000")["sCode"] == "0"


def test_the_sub_account_limit_counts_every_order_of_a_batch():
    rich = AccountConfig("main", "key", "secret", "pass", balances={"USDT": Decimal(10**9)})
    venue = Venue(accounts=(rich,), rate_limits=True)
    codes: list[str] = []
    for number in range(51):
        name, px = (("BTC-USDT", "40000"), ("ETH-USDT", "2000"), ("BTC-USDT-SWAP", "49000"), ("ETH-USDT-SWAP", "2450"))[
            number % 4
        ]
        order = {
            "instId": name,
            "tdMode": "cash" if number % 4 < 2 else "cross",
            "side": "buy",
            "ordType": "ioc",
            "px": px,
            "sz": "0.01",
        }
        codes.append(venue.call("POST", "trade/batch-orders", [order] * 20)["code"])
    assert (set(codes[:50]), codes[50]) == ({"0"}, "50061")


def test_cancel_all_after(venue: Venue):
    tagged = venue.place(sz="0.01", px="40000", tag="bot")["ordId"]
    plain = venue.place(sz="0.01", px="40000")["ordId"]
    assert venue.call("POST", "trade/cancel-all-after", {"timeOut": "5"})["code"] == "51000"
    assert venue.call("POST", "trade/cancel-all-after", {"timeOut": "10", "tag": "my-bot"})["code"] == "51000"
    armed = venue.call("POST", "trade/cancel-all-after", {"timeOut": "10", "tag": "bot"})["data"][0]
    assert int(armed["triggerTime"]) == venue.now_ns // MS + 10_000
    venue.wait(11 * SECOND)
    assert outcome(venue.order(tagged)) == ("canceled", "0", "20")
    assert outcome(venue.order(plain)) == ("live", "0", "")
    venue.call("POST", "trade/cancel-all-after", {"timeOut": "10"})
    assert venue.call("POST", "trade/cancel-all-after", {"timeOut": "0"})["data"][0]["triggerTime"] == "0"
    venue.wait(11 * SECOND)
    assert outcome(venue.order(plain)) == ("live", "0", "")


def test_stream_orders_need_the_instrument_code(venue: Venue):
    stream = venue.stream("private", MAIN)
    order = {"tdMode": "cash", "side": "buy", "ordType": "limit", "px": "40000", "sz": "0.01"}
    refused = venue.operate(stream, "order", order | {"instId": "BTC-USDT"})[0]
    assert (refused["code"], refused["data"][0]["sCode"]) == ("1", "50014")
    assert venue.operate(stream, "order", order | {"instIdCode": 1})[0]["data"][0]["sCode"] == "51001"
    assert venue.operate(stream, "order", order | {"instIdCode": SPOT})[0]["data"][0]["sCode"] == "0"
    legacy = Venue(legacy_ws_instid=True)
    stream = legacy.stream("private", MAIN)
    assert legacy.operate(stream, "order", order | {"instId": "BTC-USDT"})[0]["data"][0]["sCode"] == "0"


def test_history_and_fills_page_by_id(venue: Venue):
    ids = [venue.place(ordType="market", sz="0.001", tgtCcy="base_ccy")["ordId"] for _ in range(5)]
    newest = venue.get("trade/orders-history?instType=SPOT&limit=2")
    assert [o["ordId"] for o in newest] == [ids[4], ids[3]]
    older = venue.get(f"trade/orders-history?instType=SPOT&limit=2&after={ids[3]}")
    assert [o["ordId"] for o in older] == [ids[2], ids[1]]
    fills = venue.get("trade/fills")
    newer = venue.get(f"trade/fills?before={fills[2]['billId']}")
    assert [f["billId"] for f in newer] == [fills[0]["billId"], fills[1]["billId"]]
    assert venue.call("GET", "trade/orders-history")["code"] == "50014"


def test_a_swap_market_order_rests_at_the_price_limit(venue: Venue):
    venue.control("POST", "acts", {"act": "deposit", "ccy": "USDT", "amount": "100000000"})
    order_id = venue.place(instId="BTC-USDT-SWAP", tdMode="cross", ordType="market", sz="12000")["ordId"]
    order = venue.order(order_id, "BTC-USDT-SWAP")
    assert order["state"] == "partially_filled"
    assert venue.exchange.markets["BTC-USDT-SWAP"].inst.code == SWAP
