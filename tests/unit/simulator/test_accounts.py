"""Money: conservation at every step, swaps with margin in both position modes, funding, liquidation."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from app.simulator import AccountConfig

from .venue import MAIN, SECOND, Venue

SEED = 20261122
OTHER = AccountConfig("other", "key2", "secret2", "pass2")


def check_identities(venue: Venue) -> None:
    """Cash is opening plus bills; held is what open orders hold; nothing negative; fills add up to orders."""
    for account in venue.exchange.accounts.values():
        cash = dict(account.opening)
        for bill in account.bills:
            cash[bill.ccy] = cash.get(bill.ccy, Decimal(0)) + bill.change
            assert bill.balance == cash[bill.ccy]
        assert account.cash == cash
        ids = [bill.bill_id for bill in account.bills]
        assert ids == sorted(set(ids)), "lists of bills are paged by their ids"
        held: dict[str, Decimal] = {}
        for order in account.pending.values():
            if order.frozen:
                held[order.frozen_ccy] = held.get(order.frozen_ccy, Decimal(0)) + order.frozen
        assert {ccy: amount for ccy, amount in account.frozen.items() if amount} == held
        assert all(amount >= account.frozen.get(ccy, 0) >= 0 for ccy, amount in account.cash.items())
        filled: dict[int, int] = {}
        for order, fill in account.fills:
            filled[order.order_id] = filled.get(order.order_id, 0) + fill.size
        if not account.dropped_fills:
            assert {o.order_id: o.filled for o in account.orders.values() if o.filled} == filled
    for market in venue.exchange.markets.values():
        bid, ask = market.book.best(1), market.book.best(-1)
        assert bid is None or ask is None or bid < ask
        assert all(size > 0 for side in (1, -1) for _, size, _ in market.book.levels(side))


def random_params(dice: random.Random, venue: Venue) -> dict[str, Any]:
    name = dice.choice(("BTC-USDT", "BTC-USDT", "BTC-USDT-SWAP", "BTC-USD-SWAP"))
    mark = venue.exchange.markets[name].mark_price()
    px = (mark * Decimal(dice.randrange(9970, 10031)) / 10000).quantize(Decimal("0.1"))
    kind = dice.choice(("limit", "limit", "post_only", "ioc", "fok", "market"))
    size = {"BTC-USDT": f"0.0{dice.randrange(1, 99)}", "BTC-USD-SWAP": str(dice.randrange(1, 40))}.get(
        name, f"{dice.randrange(0, 9)}.{dice.randrange(1, 99):02d}"
    )
    return {
        "instId": name, "tdMode": "cash" if name == "BTC-USDT" else dice.choice(("cross", "isolated")),
        "side": dice.choice(("buy", "sell")), "ordType": kind, "sz": size, "px": str(px), "tgtCcy": "base_ccy",
        "stpMode": dice.choice(("cancel_maker", "cancel_taker")),
    }  # fmt: skip


def test_money_is_conserved_at_every_step():
    dice, venue = random.Random(SEED), Venue(accounts=(MAIN, OTHER), flow_rate=20.0, seed=SEED)
    placed = 0
    for _ in range(600):
        account = dice.choice((MAIN, OTHER))
        placed += venue.place(account=account, **random_params(dice, venue)).get("sCode") == "0"
        pending = list(venue.exchange.accounts[account.name].pending.values())
        if pending and dice.random() < 0.4:
            order = dice.choice(pending)
            verb, extra = dice.choice((("cancel-order", {}), ("amend-order", {"newSz": "0.05"})))
            body = {"instId": order.inst.inst_id, "ordId": str(order.order_id), **extra}
            venue.call("POST", f"trade/{verb}", body, account)
        venue.wait(dice.randrange(200) * 1_000_000)
        check_identities(venue)
    assert placed > 300
    assert sum(len(account.fills) for account in venue.exchange.accounts.values()) > 100


def test_memory_is_bounded_and_what_is_left_still_adds_up():
    venue = Venue(flow_rate=5.0, history_max=20)
    for number in range(200):
        venue.place(side="buy" if number % 2 else "sell", ordType="market", sz="0.001", tgtCcy="base_ccy")
        venue.wait(100_000_000)
    account = venue.exchange.accounts["main"]
    assert (len(account.history), len(account.orders)) == (20, 20)
    assert len(account.fills) <= 41
    assert len(account.bills) <= 81
    assert account.dropped_fills > 100
    check_identities(venue)
    assert all(order.fixed is None for order in account.orders.values())


def test_between_accounts_only_fees_leak():
    """Two accounts, no background flow: base and quote of both together change by exactly the fees."""
    venue = Venue(accounts=(MAIN, OTHER))
    price = str(venue.best("asks") - Decimal("0.1"))
    before = {ccy: venue.cash(ccy) + venue.cash(ccy, OTHER) for ccy in ("BTC", "USDT")}
    venue.place(side="sell", sz="0.3", px=price)
    venue.place(account=OTHER, ordType="ioc", sz="0.2", px=price)
    fees: dict[str, Decimal] = {"BTC": Decimal(0), "USDT": Decimal(0)}
    for account in (MAIN, OTHER):
        for fill in venue.get("trade/fills", account):
            fees[fill["feeCcy"]] += Decimal(fill["fee"])
    after = {ccy: venue.cash(ccy) + venue.cash(ccy, OTHER) for ccy in ("BTC", "USDT")}
    assert after == {ccy: before[ccy] + fees[ccy] for ccy in before}


def swap(venue: Venue, side: str, size: str, **more: Any) -> dict[str, Any]:
    params = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": side, "ordType": "market", "sz": size, **more}
    return venue.place(**params)


def position(venue: Venue, side: str = "net") -> dict[str, Any]:
    return next(row for row in venue.get("account/positions") if row["posSide"] == side)


def test_a_net_position_opens_flips_and_closes():
    venue = Venue()
    assert swap(venue, "buy", "10")["sCode"] == "0"
    opened = position(venue)
    assert (opened["pos"], opened["lever"], opened["mgnMode"]) == ("10", "3", "cross")
    assert Decimal(opened["imr"]) == pytest.approx(Decimal(opened["markPx"]) / 10 / 3)
    swap(venue, "sell", "25")
    assert position(venue)["pos"] == "-15"
    closed = venue.call("POST", "trade/close-position", {"instId": "BTC-USDT-SWAP", "mgnMode": "cross"})
    assert closed["code"] == "0"
    assert venue.get("account/positions") == []
    pnl = sum(Decimal(f["fillPnl"]) + Decimal(f["fee"]) for f in venue.get("trade/fills"))
    assert venue.cash("USDT") == 100_000 + pnl


def test_reduce_only_orders_follow_the_position():
    venue = Venue()
    swap(venue, "buy", "10")
    assert swap(venue, "buy", "1", reduceOnly=True)["sCode"] == "51170"
    assert swap(venue, "sell", "11", reduceOnly=True)["sCode"] == "51205"
    resting = swap(venue, "sell", "10", ordType="limit", px="51000", reduceOnly=True)["ordId"]
    assert swap(venue, "sell", "1", reduceOnly=True)["sCode"] == "51205"
    trimming = Venue(reduce_only_trims=True)
    swap(trimming, "buy", "10")
    trimmed = swap(trimming, "sell", "11", reduceOnly=True)["ordId"]
    assert trimming.order(trimmed, "BTC-USDT-SWAP")["sz"] == "10"
    swap(venue, "sell", "10")
    order = venue.order(resting, "BTC-USDT-SWAP")
    assert (order["state"], order["reduceOnly"]) == ("canceled", "true")
    assert order["cancelSource"] in ("17", "22")


def test_long_and_short_side_by_side():
    venue = Venue()
    assert venue.call("POST", "account/set-position-mode", {"posMode": "long_short_mode"})["code"] == "0"
    assert swap(venue, "buy", "5")["sCode"] == "51000"
    assert swap(venue, "sell", "5", posSide="long")["sCode"] == "51169"
    swap(venue, "buy", "5", posSide="long")
    swap(venue, "sell", "3", posSide="short")
    assert [(position(venue, side)["pos"]) for side in ("long", "short")] == ["5", "3"]
    swap(venue, "sell", "5", posSide="long")
    fills = venue.get("trade/fills")
    assert [f["subType"] for f in fills] == ["5", "4", "3"]
    refused = venue.call("POST", "account/set-position-mode", {"posMode": "net_mode"})
    assert refused["code"] == "59000"


def test_an_inverse_contract_settles_in_base():
    venue = Venue()
    row = venue.place(instId="BTC-USD-SWAP", tdMode="cross", ordType="market", sz="100")
    order = venue.order(row["ordId"], "BTC-USD-SWAP")
    fee = (Decimal(10_000) / Decimal(order["avgPx"]) * Decimal("0.0005")).quantize(Decimal("1e-10"))
    assert (order["feeCcy"], Decimal(order["fee"]).quantize(Decimal("1e-10"))) == ("BTC", -fee)
    held = venue.get("account/positions")[0]
    gain = 10_000 * (1 / Decimal(held["avgPx"]) - 1 / Decimal(held["markPx"]))
    assert Decimal(held["upl"]) == pytest.approx(gain, abs=Decimal("1e-10"))
    assert (held["ccy"], held["notionalUsd"]) == ("BTC", "10000")
    fills = [(Decimal(f["fillPx"]), Decimal(f["fillSz"])) for f in venue.get("trade/fills")]
    harmonic = 100 / sum(size / price for price, size in fills)
    assert Decimal(held["avgPx"]) == Decimal(order["avgPx"]) == harmonic.quantize(Decimal("1e-8"))


def test_fees_go_by_account_and_a_rebate_is_paid_out():
    maker = AccountConfig("maker", "key2", "secret2", "pass2", spot_fees=(Decimal("-0.0001"), Decimal("0.0005")))
    venue = Venue(accounts=(MAIN, maker))
    price = venue.best("asks") - Decimal("0.1")
    venue.place(account=maker, side="sell", sz="0.1", px=str(price))
    venue.place(ordType="ioc", sz="0.1", px=str(price))
    fill = venue.get("trade/fills", maker)[0]
    assert Decimal(fill["fee"]) == price * Decimal("0.1") * Decimal("0.0001")
    assert venue.get("account/trade-fee?instType=SPOT", maker)[0]["maker"] == "0.0001"
    check_identities(venue)


def test_isolated_margin_is_set_aside():
    venue = Venue()
    body = {"instId": "BTC-USDT-SWAP", "lever": "10", "mgnMode": "isolated"}
    assert venue.call("POST", "account/set-leverage", body)["code"] == "0"
    assert venue.call("POST", "account/set-leverage", body | {"lever": "500"})["code"] == "59102"
    swap(venue, "buy", "100", tdMode="isolated")
    held = position(venue)
    assert Decimal(held["margin"]) == Decimal(held["avgPx"]) / 10
    detail = venue.get("account/balance?ccy=USDT")[0]["details"][0]
    assert Decimal(detail["cashBal"]) - Decimal(detail["availBal"]) == Decimal(held["margin"])
    assert 0 < Decimal(held["liqPx"]) < Decimal(held["avgPx"])


def test_funding_is_paid_by_longs_every_eight_hours():
    venue = Venue()
    swap(venue, "buy", "100")
    due = int(venue.get("public/funding-rate?instId=BTC-USDT-SWAP")[0]["fundingTime"])
    venue.wait(due * 1_000_000 - venue.now_ns + 2 * SECOND)
    bill = venue.get("account/bills?type=8")[0]
    held = position(venue)
    assert Decimal(bill["balChg"]) == -(Decimal(held["markPx"]) * Decimal("0.0001"))
    assert held["fundingFee"] == bill["balChg"]
    check_identities(venue)


@pytest.mark.parametrize(("side", "rate", "sub_type"), [("buy", "0.001", "173"), ("sell", "0.001", "174")])
def test_funding_can_be_made_due(side: str, rate: str, sub_type: str):
    venue = Venue()
    swap(venue, side, "100")
    (told,) = venue.control("POST", "acts", {"act": "funding", "rate": rate})["bills"]
    (bill,) = venue.get("account/bills?type=8")
    assert (told["billId"], bill["subType"], bill["instId"]) == (bill["billId"], sub_type, "BTC-USDT-SWAP")
    sign = -1 if side == "buy" else 1
    assert Decimal(bill["balChg"]) == sign * Decimal(position(venue)["markPx"]) * Decimal(rate)
    assert venue.control("POST", "acts", {"act": "funding", "instId": "ETH-USDT-SWAP"}) == {"bills": []}
    check_identities(venue)


def test_an_account_that_falls_below_maintenance_is_liquidated():
    venue = Venue()
    body = {"instId": "BTC-USDT-SWAP", "lever": "100", "mgnMode": "cross"}
    venue.call("POST", "account/set-leverage", body)
    swap(venue, "buy", "300")
    resting = swap(venue, "buy", "1", ordType="limit", px="48000")["ordId"]
    spare = venue.cash("USDT") - Decimal(500)
    venue.control("POST", "acts", {"act": "deposit", "ccy": "USDT", "amount": str(-spare)})
    venue.wait(2 * SECOND)
    assert venue.get("account/positions") == []
    fill = venue.get("trade/fills")[0]
    assert (int(fill["tradeId"]) < 0, fill["subType"], fill["side"]) == (True, "100", "sell")
    order = venue.order(fill["ordId"], "BTC-USDT-SWAP")
    assert (order["category"], order["state"]) == ("full_liquidation", "filled")
    assert venue.order(resting, "BTC-USDT-SWAP")["cancelSource"] == "3"
    check_identities(venue)


def test_account_endpoints_answer_in_full():
    venue = Venue()
    assert venue.get("account/config")[0] | {"uid": "", "mainUid": ""} == venue.get("account/config")[0] | {
        "uid": "", "mainUid": "", "acctLv": "2", "posMode": "net_mode", "perm": "read_only,trade",
    }  # fmt: skip
    fee = venue.get("account/trade-fee?instType=SPOT&instId=BTC-USDT")[0]
    assert (fee["maker"], fee["taker"], fee["feeGroup"][0]["taker"]) == ("-0.0008", "-0.001", "-0.001")
    size = venue.get("account/max-size?instId=BTC-USDT&tdMode=cash")[0]
    assert (Decimal(size["maxBuy"]).quantize(Decimal("0.001")), size["maxSell"]) == (2, "100000")
    assert [row["ccy"] for row in venue.get("asset/currencies")] == ["BTC", "ETH", "USDT"]
    assert venue.get("account/leverage-info?instId=BTC-USDT-SWAP&mgnMode=cross")[0]["lever"] == "3"
    balance = venue.get("account/balance")[0]
    assert {d["ccy"]: d["eq"] for d in balance["details"]} == {"USDT": "100000", "BTC": "2", "ETH": "20"}
