"""What an account is worth and what its limits mean, on the whole system over the simulated exchange: accounts without
USDT, coins and tokens that come and go, pairs quoted in a coin, markets that fall silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import VirtualTimeLoop
from app.domain.orders import OrderSide, OrderStatus
from app.exchanges.errors import ExchangeRefused
from app.journal.audit import audit
from app.services.trading.schemas import Account, OrderParams
from app.simulator import Config
from app.simulator.market.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS
from app.store import queries
from app.store.queries import TradeFilter
from app.system import System
from tests.support.okx_system import OkxSystem
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
EVERYTHING = (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS)
WITHOUT_USDT = tuple(item for item in ODD_INSTRUMENTS if "USDT" not in (item.base, item.quote))


@pytest.fixture
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


Make = Callable[..., Any]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A running world whose account holds these balances; the market is quiet."""

    @asynccontextmanager
    async def running(
        balances: Mapping[str, str], instruments: Any = EVERYTHING, level: str = "2", **settings: Any
    ) -> AsyncIterator[OkxSystem]:
        held = {currency: D(amount) for currency, amount in balances.items()}
        account = replace(MAIN, balances=held, account_mode=level)
        world = OkxSystem(tmp_path, Config(accounts=(account,), instruments=instruments, flow_rate=0.0))
        await world.start(**settings)
        try:
            await asyncio.sleep(1)
            yield world
        finally:
            await world.system.stop()

    return running


async def account(world: OkxSystem) -> Account:
    return await world.system.executor.account()


async def receive(world: OkxSystem, currency: str, amount: str) -> None:
    """Sent in by hand (negative: out), and found by the comparison with the exchange."""
    world.venue.act("deposit", ccy=currency, amount=amount)
    await asyncio.sleep(1)
    await world.system.reconciler.run()
    await asyncio.sleep(5)


def trades(world: OkxSystem) -> list[Mapping[str, Any]]:
    return [row for rows in queries.iter_trades(world.system.database, "main", TradeFilter()) for row in rows]


def assert_sound(system: System) -> None:
    assert audit(system.database, "main", system.ledger.instruments).findings == ()


# --- accounts without USDT ---


@pytest.mark.parametrize(("currency", "pair", "price"), [("USDC", "BTC-USDC", "50000"), ("EUR", "BTC-EUR", "45000")])
async def test_an_account_on_an_exchange_without_usdt_has_its_equity_and_trades(
    make: Make, currency: str, pair: str, price: str
) -> None:
    async with make({currency: "10000"}, WITHOUT_USDT) as world:
        found = await account(world)
        assert (found.equity, found.day_start_equity, found.valuation_currency) == (D(10_000), D(10_000), currency)
        assert found.unvalued == ()
        bought = await world.place(pair, size="0.01")
        assert (bought.status, bought.filled_size) == (OrderStatus.FILLED, D("0.01"))
        await asyncio.sleep(1)
        after = await account(world)
        assert D(9_990) < after.equity < D(10_000), "the fee and half the spread, no more"
        assert after.balances["BTC"].price_route == (pair,)
        assert world.system.recorder.calculate_performance().valuation_currency == currency
        assert_sound(world.system)


@pytest.mark.parametrize("named", ["USDC", "EUR", "BTC"])
async def test_any_currency_can_be_the_one_that_everything_is_valued_in(make: Make, named: str) -> None:
    async with make({"USDC": "900", "EUR": "810", "BTC": "0.1"}, WITHOUT_USDT, valuation_currency=named) as world:
        found = await account(world)
        in_named = {"USDC": D(6_800), "EUR": D(6_120), "BTC": D("0.136")}[named]
        assert found.valuation_currency == named
        assert found.unvalued == ()
        assert abs(found.equity / in_named - 1) < D("0.001")


async def test_a_currency_that_the_exchange_does_not_know_is_refused_at_the_start(make: Make) -> None:
    with pytest.raises(Exception, match="valuation_currency=USTD: is no currency of the exchange"):
        async with make({"USDT": "1000"}, valuation_currency="USTD"):
            raise AssertionError("it started")


async def test_the_currency_chosen_at_the_first_start_stays(make: Make) -> None:
    async with make({"EUR": "10000"}, WITHOUT_USDT) as world:
        await receive(world, "USDC", "1000000")
        await world.system.stop()
        system = await world.start()
        assert (await account(world)).valuation_currency == "EUR"
        assert system.prices.currency == "EUR"


async def test_dollars_that_are_declared_equal_need_no_market_between_them(make: Make) -> None:
    listed = tuple(item for item in EVERYTHING if item.inst_id != "USDC-USDT")
    async with make({"USDC": "1000", "USDT": "500"}, listed) as world:
        found = await account(world)
        assert found.equity == D(1_500)
        assert (found.balances["USDC"].price_kind, found.balances["USDC"].price_route) == ("par", ("USDC=USDT",))


async def test_a_market_between_two_that_are_declared_equal_wins(make: Make) -> None:
    async with make({"USDC": "1000", "USDT": "500"}) as world:
        found = (await account(world)).balances["USDC"]
        assert (found.price_kind, found.price_route) == ("fresh", ("USDC-USDT",))


async def test_a_fee_of_more_places_than_a_balance_is_shown_with_is_rounding(tmp_path: Path) -> None:
    funded = replace(MAIN, balances={"USDC": D(10_000), "BTC": D("0.1")})
    fees = (D("0.0008"), D("0.00012345"))
    world = OkxSystem(tmp_path, Config((funded,), WITHOUT_USDT, flow_rate=0.0, spot_fees=fees))
    await world.start()
    try:
        sold = await world.place("BTC-USDC", OrderSide.SELL, size="0.00123457")
        assert sold.status is OrderStatus.FILLED
        await asyncio.sleep(100)
        moved = queries.cash_movements(world.system.database, "main")
        (rounded,) = [row for row in moved if row["kind"] != "opening"]
        assert (rounded["kind"], rounded["currency"]) == ("rounding", "USDC")
        assert 0 < abs(rounded["amount"]) < D("1e-12")
        assert world.system.status()["differences"]["balances"] == []
        assert (await world.place("BTC-USDC", size="0.001")).status is OrderStatus.FILLED
        assert_sound(world.system)
    finally:
        await world.system.stop()


# --- what comes and goes while it runs ---


async def test_coins_sent_in_are_valued_and_trading_goes_on(make: Make) -> None:
    async with make({"USDT": "10000"}) as world:
        assert "ETH-USDT" not in world.system.market.followed
        await receive(world, "ETH", "10")
        found = await account(world)
        assert abs(found.equity - 35_000) < 10
        assert abs(found.moved_today - 25_000) < 10
        assert found.balances["ETH"].price_kind == "fresh"
        assert "ETH-USDT" in world.system.market.followed
        assert (await world.place(size="0.01")).status is OrderStatus.FILLED
        assert_sound(world.system)


async def test_a_worthless_token_sent_in_is_named_and_stops_nothing(make: Make) -> None:
    async with make({"USDT": "10000"}) as world:
        await receive(world, "SCAM", "1000000")
        found = await account(world)
        assert (found.equity, found.unvalued) == (D(10_000), ("SCAM",))
        assert (await world.place(size="0.01")).status is OrderStatus.FILLED
        notes = world.system.recorder.calculate_performance().notes
        assert "SCAM is not in the equity: it has no price in USDT" in notes
        await world.system.stop()
        await world.start()
        await asyncio.sleep(1)
        assert (await account(world)).unvalued == ("SCAM",)
        assert (await world.place(size="0.01")).status is OrderStatus.FILLED
        assert_sound(world.system)


async def test_a_refused_subscription_of_a_held_coin_falls_back_to_its_ticker(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = OkxSystem.start

    async def start(world: OkxSystem, **settings: Any) -> System:
        real = System.follow

        async def follow(system: System, instrument_id: str) -> None:
            if instrument_id == "ETH-USDT":
                raise ExchangeRefused("60018", "wrong channel or instrument")
            await real(system, instrument_id)

        monkeypatch.setattr(System, "follow", follow)
        return await followed(world, **settings)

    monkeypatch.setattr(OkxSystem, "start", start)
    async with make({"USDT": "10000", "ETH": "4"}) as world:
        for _ in range(6):
            found = await account(world)
            assert abs(found.equity - 20_000) < 10
            assert found.balances["ETH"].price_kind == "fresh"
            await asyncio.sleep(10)
        assert (await world.place(size="0.01")).status is OrderStatus.FILLED


async def test_a_market_that_is_paused_over_a_restart_is_no_loss(make: Make) -> None:
    async with make({"USDT": "20000", "BTC": "1"}) as world:
        assert abs((await account(world)).equity - 70_000) < 10
        await world.system.stop()
        world.venue.act("instrument", instId="BTC-USDT", state="suspend")
        world.venue.act("empty_book", instId="BTC-USDT")
        for other in ("BTC-USDC", "BTC-EUR", "ETH-BTC"):
            world.venue.act("empty_book", instId=other)
        await world.start()
        await asyncio.sleep(2000)
        found = await account(world)
        assert found.equity < D(71_000)
        assert "BTC" in (*found.unvalued, *found.stale)
        bought = await world.place("ETH-USDT", size="0.1")
        assert bought.status is OrderStatus.FILLED, bought.reasons


# --- limits ---


async def test_an_account_funded_later_is_measured_by_its_deposit(make: Make) -> None:
    async with make({}) as world:
        refused = await world.place(size="0.01")
        assert refused.status is OrderStatus.DENIED
        await receive(world, "USDT", "10000")
        assert (await account(world)).moved_today == D(10_000)
        assert (await world.place(size="0.01")).status is OrderStatus.FILLED
        await receive(world, "USDT", "-8000")
        assert (await world.place(size="0.001")).status is OrderStatus.FILLED


async def test_after_a_withdrawal_the_limit_is_a_part_of_what_is_left(make: Make) -> None:
    async with make({"USDT": "100000", "ETH": "0.4"}) as world:
        await receive(world, "USDT", "-95000")
        assert (await world.place(size="0.01")).status is OrderStatus.FILLED
        assert world.system.ledger.day.base(D(0), lambda _: None) == D(-95_000)
        turn = world.system.ledger.turn("test")
        turn.move_cash("USDT", D(-700), "liquidation", "a loss of 700 of the 6,000 that are left")
        await turn.commit()
        refused = await world.place(size="0.001")
        assert refused.status is OrderStatus.DENIED
        assert "max_daily_loss" in str(refused.reasons)


async def test_fifty_ether_for_bitcoin_are_beyond_a_limit_of_10_000(make: Make) -> None:
    risk = {"max_order_value": 10_000, "max_order_size": 1_000}
    async with make({"BTC": "10", "USDT": "1000000"}, risk=risk) as world:
        await world.system.follow("ETH-BTC")
        await asyncio.sleep(1)
        refused = await world.place("ETH-BTC", size="50")
        assert refused.status is OrderStatus.DENIED
        assert "max_order_value" in str(refused.reasons)
        assert (await world.place("ETH-BTC", size="3")).status is OrderStatus.FILLED


async def test_an_order_s_quote_currency_gets_a_price_before_the_order(make: Make) -> None:
    """Nothing of BTC is held and its market is not followed; the sale for it is valued all the same."""
    async with make({"ETH": "60", "USDT": "1000"}, risk={"max_order_value": 10_000, "max_order_size": 1_000}) as world:
        refused = await world.place("ETH-BTC", OrderSide.SELL, size="50")
        assert "is worth 12" in str(refused.reasons)
        assert (await world.place("ETH-BTC", OrderSide.SELL, size="3")).status is OrderStatus.FILLED


async def test_a_coin_of_a_billionth_in_lots_of_a_thousand(make: Make) -> None:
    risk = {"max_order_size": "1e15", "max_order_value": 10_000}
    async with make({"USDT": "10000"}, risk=risk) as world:
        await world.system.follow("PEPE-USDT")
        await asyncio.sleep(1)
        bought = await world.place("PEPE-USDT", size="1000000000")
        assert bought.status is OrderStatus.FILLED, bought.reasons
        assert bought.average_fill_price is not None
        assert D("0.000000001") < bought.average_fill_price < D("0.000000002")
        await asyncio.sleep(1)
        found = await account(world)
        assert found.balances["PEPE"].price_kind == "fresh"
        assert D(9_998) < found.equity <= D(10_000)
        params = OrderParams(
            instrument_id="PEPE-USDT", side="buy", order_type="market", size="30000000000", stop_loss="0.000000001"
        )
        entry = await world.system.executor.place_order(params)
        (child,) = await world.system.parents.wait(entry.order_id)
        told = world.system.executor.held_order(entry.order_id)
        figures = world.system.parents.figures(entry.order_id)
        assert told is not None
        assert told.average_fill_price == figures.average_price == child.average_fill_price == D("0.0000000012346")
        refused = await world.place("PEPE-USDT", size="1500")
        assert "lot" in str(refused.reasons)
        assert_sound(world.system)


@pytest.mark.parametrize("level", ["3", "4"])
async def test_spot_is_traded_with_multi_currency_and_with_portfolio_margin(make: Make, level: str) -> None:
    """OKX calls it cross there, and refuses cash; here it is spot all the same, whoever traded it."""
    async with make({"USDT": "100000", "BTC": "1"}, level=level) as world:
        await world.system.follow("BTC-USDT")
        await asyncio.sleep(1)
        assert (await world.place(size="0.02")).status is OrderStatus.FILLED
        resting = await world.place(size="0.01", price="49000")
        assert resting.status is OrderStatus.LIVE
        assert (await world.system.executor.cancel_order(resting.order_id)).status is OrderStatus.CANCELED
        by_hand = {"instId": "BTC-USDT", "side": "buy", "ordType": "market", "sz": "0.01", "tgtCcy": "base_ccy"}
        world.venue.act("order", params=by_hand | {"tdMode": "cross"})
        await world.until(lambda: len(trades(world)) == 2)
        held = OrderParams(
            instrument_id="BTC-USDT",
            side="sell",
            order_type="stop",
            size="0.01",
            trigger_price="48000",
            held="exchange",
        )
        stop = await world.system.executor.place_order(held)
        await world.until(lambda: world.system.parents.orders(stop.order_id)[0].status is OrderStatus.LIVE)
        assert {row["tdMode"] for row in world.venue.ledger()["orders"]} == {"cross"}
        assert {trade["trade_mode"] for trade in trades(world)} == {"cash"}
        assert_sound(world.system)


def test_the_loop_of_these_tests_is_virtual() -> None:
    assert isinstance(VirtualTimePolicy().new_event_loop(), VirtualTimeLoop)
