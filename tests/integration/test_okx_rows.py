"""One bad row or market on the whole system: it is set aside and named, what it is about takes no new risk, the rest
trades, and a start is never prevented. When the row can be read again, everything opens by itself."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.orders import OrderSide, OrderStatus
from app.domain.refusals import InvalidValue
from app.journal.audit import audit
from app.services.trading import OrderResponse
from app.store import queries
from tests.support.okx_system import BTC, ETH, SWAP, OkxSystem, okx_system
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")
D = Decimal
BUY, SELL = OrderSide.BUY, OrderSide.SELL
S = OrderStatus
SIZES = {BTC: "0.01", ETH: "0.1", SWAP: "1"}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def spoil(world: OkxSystem, *mutations: dict[str, Any]) -> None:
    world.venue.set_faults({"bad_field": {"probability": 1, "value": list(mutations)}})


def heal(world: OkxSystem) -> None:
    world.venue.set_faults({"bad_field": None})


async def buy(world: OkxSystem, instrument_id: str) -> OrderResponse:
    return await world.place(instrument_id, BUY, SIZES[instrument_id])


async def trades(world: OkxSystem, *instrument_ids: str) -> None:
    for instrument_id in instrument_ids:
        order = await buy(world, instrument_id)
        assert order.status is S.FILLED, (instrument_id, order.reasons, order.error_message)


async def closed(world: OkxSystem, *instrument_ids: str) -> None:
    for instrument_id in instrument_ids:
        order = await buy(world, instrument_id)
        assert order.status is S.DENIED
        assert any(reason.check == "closed" for reason in order.reasons), order.reasons


def subjects(world: OkxSystem) -> list[str]:
    return sorted({each["subject"] for each in world.system.status()["closed"]})


async def restart(world: OkxSystem) -> None:
    await world.system.stop()
    await world.start(risk={"max_daily_loss": 1, "max_position_value_pct": 10})
    for instrument_id in (BTC, ETH, SWAP):
        await world.system.follow(instrument_id)
    await asyncio.sleep(1)


INSTRUMENT_LISTS = ("public/instruments", "instruments")
BAD_POSITION = {"where": "account/positions", "match": {"instId": SWAP}}


@pytest.mark.parametrize("field", ["upl", "markPx", "liqPx", "margin", "imr", "lever", "uTime"])
async def test_what_only_informs_closes_nothing(tmp_path: Path, field: str) -> None:
    async with okx_system(tmp_path) as world:
        await world.system.follow(SWAP)
        await asyncio.sleep(1)
        await trades(world, SWAP)
        for to in ("abc", "NaN", 5, None, [], {}, True):
            spoil(world, {**BAD_POSITION, "field": field, "to": to}, {"where": "positions", "field": field, "to": to})
            await restart(world)
            assert world.system.ready, to
            assert subjects(world) == [], to
            assert world.system.status()["differences"]["positions"] == [], to
            await trades(world, SWAP, BTC)


@pytest.mark.parametrize(
    "mutation",
    [
        {**BAD_POSITION, "field": "pos", "to": "many"},
        {**BAD_POSITION, "field": "pos", "to": 3},
        {**BAD_POSITION, "field": "pos"},
        {**BAD_POSITION, "field": "avgPx", "to": "1e"},
    ],
    ids=lambda mutation: f"{mutation['field']}={mutation.get('to', 'absent')!r}",
)
async def test_a_position_that_cannot_be_read_closes_its_instrument_alone(
    tmp_path: Path, mutation: dict[str, Any]
) -> None:
    async with okx_system(tmp_path) as world:
        await world.system.follow(SWAP)
        await asyncio.sleep(1)
        await trades(world, SWAP, SWAP)
        spoil(world, mutation)
        await restart(world)
        assert world.system.ready
        await closed(world, SWAP)
        await trades(world, BTC, ETH)
        assert (await world.place(SWAP, SELL, "1")).status is S.FILLED, "what reduces goes through"
        (named,) = world.system.status()["set_aside"]
        assert (named["kind"], named["subject"]) == ("position", SWAP)
        assert mutation["field"] in named["reason"]
        assert world.system.status()["differences"]["positions"] == []
        assert any("unreadable_row" in row["payload"] for row in events(world, "anomaly"))
        heal(world)
        await world.until(lambda: not subjects(world), 40)
        await trades(world, SWAP)


def events(world: OkxSystem, kind: str) -> list[Any]:
    return list(queries.events(world.system.database, "main", kind=kind))


@pytest.mark.parametrize("field_to", [("cashBal", "lots"), ("cashBal", 7), ("availBal", "NaN"), ("cashBal", "--1")])
async def test_a_balance_that_cannot_be_read_closes_its_currency_and_is_no_difference(
    tmp_path: Path, field_to: tuple[str, Any]
) -> None:
    async with okx_system(tmp_path) as world:
        await trades(world, ETH)
        before = dict(world.system.ledger.balances)
        spoil(world, {"where": "account/balance", "match": {"ccy": "ETH"}, "field": field_to[0], "to": field_to[1]})
        await restart(world)
        assert world.system.ready
        assert subjects(world) == ["ETH"]
        await closed(world, ETH)
        await asyncio.sleep(200)
        assert world.system.ledger.balances == before, "nothing is booked as unexplained"
        assert world.system.status()["differences"]["balances"] == []
        await trades(world, BTC)
        assert (await world.place(ETH, SELL, "0.01")).status is S.FILLED
        heal(world)
        await world.until(lambda: not subjects(world), 40)
        await trades(world, ETH)


@pytest.mark.parametrize(
    "mutation",
    [
        {"field": "tickSz", "to": 0.1},
        {"field": "tickSz", "to": "0"},
        {"field": "lotSz", "to": "0"},
        {"field": "tickSz", "to": "-0.1"},
        {"field": "tickSz", "to": "NaN"},
        {"field": "lotSz", "to": "Infinity"},
        {"field": "lotSz", "to": "-1"},
        {"field": "minSz", "to": "some"},
        {"field": "maxLmtSz", "to": "x"},
        {"field": "instId", "to": None},
        {"field": "instId", "to": 17},
        {"field": "instType", "to": None},
        {"field": "state", "to": 1},
        {"field": "quoteCcy", "to": "NaN"},
        {"field": "baseCcy", "to": "1_000"},
    ],
    ids=lambda mutation: f"{mutation['field']}={mutation['to']!r}",
)
async def test_an_instrument_that_cannot_be_read_prevents_no_start(tmp_path: Path, mutation: dict[str, Any]) -> None:
    async with okx_system(tmp_path) as world:
        await trades(world, ETH)
        resting = await world.place(ETH, BUY, "0.1", await below(world, ETH))
        assert resting.status is S.LIVE
        spoil(world, *({"where": each, "match": {"instId": ETH}, **mutation} for each in INSTRUMENT_LISTS))
        await restart(world)
        assert world.system.ready
        assert subjects(world) == [ETH], "of which an order is open too"
        assert "instrument" in [each["kind"] for each in world.system.status()["set_aside"]]
        with pytest.raises(InvalidValue, match="ETH-USDT"):
            await buy(world, ETH)
        await trades(world, BTC)
        await world.system.executor.cancel_order(resting.order_id)
        await world.until(lambda: world.system.orders.get_order(resting.order_id).status is S.CANCELED)
        heal(world)
        await world.until(lambda: not world.system.status()["set_aside"], 70)
        await trades(world, ETH)


async def test_what_an_open_order_may_spend_is_known_again_with_its_instrument(tmp_path: Path) -> None:
    async with okx_system(tmp_path) as world:
        price = await below(world, ETH)
        await world.place(ETH, BUY, "0.1", price)
        held = world.system.ledger.exposure.hold("USDT")
        assert held > 0
        bad = {"match": {"instId": ETH}, "field": "lotSz", "to": 0}
        spoil(world, *({"where": each, **bad} for each in INSTRUMENT_LISTS))
        await restart(world)
        assert world.system.ledger.exposure.hold("USDT") == 0
        heal(world)
        await world.until(lambda: not subjects(world), 70)
        assert world.system.ledger.exposure.hold("USDT") == held


async def test_an_instrument_that_becomes_unreadable_while_we_trade_is_closed_and_opens_again(tmp_path: Path) -> None:
    async with okx_system(tmp_path) as world:
        await trades(world, ETH)
        spoil(world, {"where": "instruments", "match": {"instId": ETH}, "field": "tickSz", "to": "0"},
              {"where": "public/instruments", "match": {"instId": ETH}, "field": "tickSz", "to": "0"})  # fmt: skip
        world.venue.act("instrument", instId=ETH, minSz="0.0001")
        await asyncio.sleep(1)
        await closed(world, ETH)
        await trades(world, BTC)
        assert (await world.place(ETH, SELL, "0.1")).status is S.FILLED, "by the steps that were last known"
        heal(world)
        await world.until(lambda: not subjects(world), 40)
        await trades(world, ETH)


@pytest.mark.parametrize(("field", "to"), [("quoteCcy", "USDC"), ("baseCcy", "BTC"), ("quoteCcy", "usdt")])
async def test_an_instrument_that_is_said_to_move_other_money_is_closed_and_moves_its_own(
    tmp_path: Path, field: str, to: str
) -> None:
    async with okx_system(tmp_path) as world:
        await trades(world, ETH)
        spoil(
            world, *({"where": each, "match": {"instId": ETH}, "field": field, "to": to} for each in INSTRUMENT_LISTS)
        )
        world.venue.act("instrument", instId=ETH, minSz="0.0001")
        await asyncio.sleep(1)
        await closed(world, ETH)
        await trades(world, BTC)
        assert (await world.place(ETH, SELL, "0.1")).status is S.FILLED
        await asyncio.sleep(60)
        truth = {ccy: D(amount) for ccy, amount in world.venue.ledger()["cash"].items() if D(amount)}
        assert {ccy: total for ccy, total in world.system.ledger.balances.items() if total} == truth


async def below(world: OkxSystem, instrument_id: str) -> str:
    ticker = await world.exchange.ticker(instrument_id)
    assert ticker.bid is not None
    return str(round(ticker.bid * D("0.98"), 1))


@pytest.mark.parametrize(
    ("where", "field", "to"),
    [
        ("trade/fills", "fillPx", "cheap"),
        ("trade/fills", "fillSz", 1),
        ("trade/fills", "side", "both"),
        ("trade/orders-history", "accFillSz", "x"),
        ("trade/orders-history", "sz", 4),
        ("trade/orders-pending", "uTime", "soon"),
    ],
)
async def test_a_row_of_orders_or_fills_closes_its_instrument_until_it_was_read(
    tmp_path: Path, where: str, field: str, to: Any
) -> None:
    """Money: what fills meanwhile is booked once it can be read, exactly, and nothing is called unexplained."""
    async with okx_system(tmp_path) as world:
        await trades(world, ETH, BTC)
        await world.place(ETH, BUY, "0.1", await below(world, ETH))
        spoil(world, *({"where": each, "match": {"instId": ETH}, "field": field, "to": to}
                       for each in (where, "orders", "trade/order")))  # fmt: skip
        world.venue.act(
            "order",
            params={
                "instId": ETH,
                "side": "buy",
                "ordType": "market",
                "sz": "0.5",
                "tgtCcy": "base_ccy",
                "tdMode": "cash",
            },
        )
        await restart(world)
        assert world.system.ready
        await closed(world, ETH)
        await trades(world, BTC)
        await asyncio.sleep(300)
        assert not [row for row in events(world, "cash") if "unexplained" in row["payload"]]
        assert subjects(world) == [ETH]
        heal(world)
        await world.until(lambda: not subjects(world), 60)
        await asyncio.sleep(60)
        assert world.system.status()["differences"] | {"compared_seconds_ago": 0} == {
            "balances": [],
            "positions": [],
            "standing": [],
            "compared_seconds_ago": 0,
        }
        truth = {ccy: D(amount) for ccy, amount in world.venue.ledger()["cash"].items() if D(amount)}
        assert {ccy: total for ccy, total in world.system.ledger.balances.items() if total} == truth
        await trades(world, ETH)


async def test_a_bill_that_cannot_be_read_is_booked_when_it_can_be(tmp_path: Path) -> None:
    async with okx_system(tmp_path) as world:
        world.venue.act("deposit", ccy="USDT", amount="123")
        spoil(world, {"where": "account/bills", "match": {"ccy": "USDT", "type": "1"}, "field": "balChg", "to": "gift"})
        await asyncio.sleep(200)
        assert subjects(world) == ["USDT"]
        assert not [row for row in events(world, "cash") if "unexplained" in row["payload"]]
        heal(world)
        await world.until(lambda: not subjects(world), 60)
        assert [d for d in world.system.status()["differences"]["balances"] if d["currency"] == "USDT"] == []


def bad_rows(where: str, field: str, *values: Any) -> list[dict[str, Any]]:
    name = "ccy" if where.startswith("account") else "instId"
    bad: dict[str, Any] = {"where": where, "match": {name: "ETH" if name == "ccy" else ETH}, "field": field}
    return [bad, *({**bad, "to": value} for value in values)]


NO_ID = ("NaN", "١", "0", None)
NO_AMOUNT = ("-1", "0")


@pytest.mark.parametrize(
    "mutation",
    [
        *bad_rows("trade/fills", "ordId", *NO_ID),
        *bad_rows("trade/fills", "tradeId", *NO_ID),
        *bad_rows("trade/fills", "instType", "NaN"),
        *bad_rows("trade/fills", "feeCcy", "", "1e5"),
        *bad_rows("trade/fills", "fillPx", *NO_AMOUNT),
        *bad_rows("trade/fills", "fillSz", *NO_AMOUNT),
        *bad_rows("orders", "ordId", *NO_ID),
        *bad_rows("orders", "tradeId", "1e5", "1_000"),
        *bad_rows("orders", "instType", "NaN"),
        *bad_rows("orders", "fillFeeCcy", "", "1e5"),
        *bad_rows("orders", "fillPx", "-1", "0"),
        *bad_rows("orders", "fillSz", "-1", "1e5"),
        *bad_rows("account/bills", "type", "", "1e5"),
        *bad_rows("account/bills", "billId", "NaN"),
        *bad_rows("account/bills", "instType", "1e5"),
        *bad_rows("account/bills", "ts", ""),
    ],
    ids=lambda each: f"{each['where']}.{each['field']}={each.get('to', 'absent')!r}",
)
async def test_no_row_is_counted_twice_under_another_name(tmp_path: Path, mutation: dict[str, Any]) -> None:
    """An id, a type or a currency that is none must not book a fill, a fee or a trade's money anew."""
    async with okx_system(tmp_path) as world:
        await trades(world, ETH)
        spoil(world, mutation)
        await world.system.stop()
        await world.start(risk={"max_daily_loss": 1, "max_position_value_pct": 10})
        for instrument_id in (BTC, ETH):
            await world.system.follow(instrument_id)
        await asyncio.sleep(1)
        await buy(world, ETH)
        await trades(world, BTC)
        world.venue.act("deposit", ccy="ETH", amount="3")
        await asyncio.sleep(100)
        await trades(world, BTC)
        assert not world.system.ledger.kill_switch.engaged
        heal(world)
        await world.until(lambda: not subjects(world) and not world.system.status()["set_aside"], 90)
        await asyncio.sleep(60)
        truth = {ccy: D(amount) for ccy, amount in world.venue.ledger()["cash"].items() if D(amount)}
        assert {ccy: total for ccy, total in world.system.ledger.balances.items() if total} == truth
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()
        await trades(world, ETH)


@pytest.mark.parametrize("channel", ["books", "trades"])
async def test_a_refused_subscription_of_what_is_held_prevents_no_start(tmp_path: Path, channel: str) -> None:
    async with okx_system(tmp_path) as world:
        await trades(world, ETH)
        world.venue.set_faults({"refused_channel": {"value": {"channel": channel, "instId": ETH}}})
        await world.system.stop()
        await world.start(risk={"max_daily_loss": 1, "max_position_value_pct": 10})
        await world.system.follow(BTC)
        await asyncio.sleep(1)
        assert world.system.ready
        assert list(world.system.status()["refused_markets"]) == [ETH]
        await trades(world, BTC)
        world.venue.set_faults({"refused_channel": None})
        await world.until(lambda: not world.system.status()["refused_markets"], 70)
        await trades(world, ETH)


async def test_a_market_refused_at_a_reconnect_is_named_and_followed_again(tmp_path: Path) -> None:
    async with okx_system(tmp_path) as world:
        world.venue.set_faults({"refused_channel": {"value": {"instId": ETH}}})
        world.venue.cut_all()
        await world.until(lambda: ETH in world.system.status()["refused_markets"], 10)
        await world.until(lambda: world.system.ready, 10)
        await trades(world, BTC)
        world.venue.set_faults({"refused_channel": None})
        await world.until(lambda: not world.system.status()["refused_markets"], 70)
        await trades(world, ETH)
