"""Leverage is known before it matters, read again when it may have changed, and can be set."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.orders import PositionKey, PositionSide, TradeMode
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeError
from app.exchanges.memory import MemoryExchange
from app.services.trading.account.leverage_readings import FRESH_NS, LeverageReadings
from app.store import queries
from tests.support.api_world import api_world
from tests.support.contract_world import COIN, SWAP, Contracts, play

D = Decimal
NET, LONG, SHORT = PositionSide.NET, PositionSide.LONG, PositionSide.SHORT
CROSS, ISOLATED = TradeMode.CROSS, TradeMode.ISOLATED
POOR = {"USDT": D(1_000)}
FREE = {"max_position_value_pct": 5, "max_order_value": 1_000_000}

both = pytest.mark.parametrize("exchange", ["okx", "memory"])


async def at_the_exchange(world: Contracts, value: str, mode: TradeMode = CROSS, side: PositionSide = NET) -> None:
    """Somebody else sets it, and nobody tells."""
    await world.system.exchange.set_leverage(SWAP, D(value), mode, side)
    await asyncio.sleep(0.1)


def margin_refused(order: Any) -> list[str]:
    return [reason.check for reason in order.reasons]


@both
def test_the_first_order_at_three_times_needs_a_third_of_its_notional(tmp_path: Path, exchange: str) -> None:
    """1,000 USDT at leverage 3: 2,000 of notional is filled, on a margin of 667."""

    async def scenario(world: Contracts) -> None:
        if exchange == "memory":
            await at_the_exchange(world, "3", ISOLATED)
        await world.trade("buy", "4", mode="isolated")
        (position,) = [p for p in world.system.positions.get_all_positions() if p.instrument_id == SWAP]
        if exchange == "okx":
            await world.system.positions.sync_positions_with_exchange()
            position = world.system.positions.get_position(SWAP)  # type: ignore[assignment]
            assert position.margin is not None
            assert position.margin.quantize(D(1)) == 667
        too_much = await world.ask("buy", "4", mode="isolated")
        assert margin_refused(too_much) == ["balance"]
        await world.trade("sell", "4", mode="isolated")

    play(tmp_path, exchange, scenario, money=POOR, **FREE)


@both
def test_set_and_shown(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        leverages = world.system.leverages
        (told,) = await leverages.set_leverage(SWAP, "5", principal="operator:me")
        assert (told.position_side, told.trade_mode, told.leverage) == (NET, CROSS, D(5))
        (shown,) = await leverages.get_leverage(SWAP)
        assert shown.leverage == 5
        (isolated,) = await leverages.get_leverage(SWAP, "isolated")
        assert isolated.leverage != 5
        (event,) = queries.events(world.system.database, "main", kind="leverage.set")
        assert (event["principal"], event["position"]) == ("operator:me", f"{SWAP}/net/cross")
        assert '"leverage":"5"' in event["payload"]
        with pytest.raises(ExchangeError):
            await leverages.set_leverage(SWAP, 1_000)
        assert (await leverages.get_leverage(SWAP))[0].leverage == 5
        await leverages.set_leverage(COIN, 2)
        assert (await leverages.get_leverage(COIN))[0].leverage == 2

    play(tmp_path, exchange, scenario)


@both
def test_each_side_of_isolated_margin_has_its_own(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        leverages = world.system.leverages
        await leverages.set_leverage(SWAP, 7, trade_mode="isolated", position_side="short")
        await leverages.set_leverage(SWAP, 4, trade_mode="isolated", position_side="long")
        found = await leverages.get_leverage(SWAP, "isolated")
        assert [(each.position_side, each.leverage) for each in found] == [(LONG, D(4)), (SHORT, D(7))]
        await leverages.set_leverage(SWAP, 6)
        assert [each.leverage for each in await leverages.get_leverage(SWAP)] == [D(6), D(6)]

    play(tmp_path, exchange, scenario, hedged=True)


@pytest.mark.parametrize(
    ("hedged", "given", "error"),
    [
        (False, {"instrument_id": "BTC-USDT"}, "instrument_id=BTC-USDT: is no contract"),
        (False, {"instrument_id": "NO-SUCH"}, "instrument_id=NO-SUCH: is not an instrument"),
        (False, {"trade_mode": "cash"}, "trade_mode=cash: must be cross or isolated"),
        (False, {"position_side": "long"}, "position_side=long: must be net"),
        (True, {"trade_mode": "isolated", "position_side": "net"}, "position_side=net: must be long or short"),
        (True, {"position_side": "long"}, "position_side=long: cross margin has one leverage for both sides"),
        (False, {"leverage": "-3"}, "leverage=-3: must be"),
        (False, {"leverage": "three"}, "leverage='three': must be"),
    ],
)
def test_what_cannot_be_set_is_named(tmp_path: Path, hedged: bool, given: dict[str, Any], error: str) -> None:
    async def scenario(world: Contracts) -> None:
        with pytest.raises(InvalidValue) as raised:
            await world.system.leverages.set_leverage(**{"instrument_id": SWAP, "leverage": 3, **given})
        assert error in str(raised.value)

    play(tmp_path, "memory", scenario, hedged=hedged)


@both
def test_a_change_that_nobody_tells_of_is_read_after_five_minutes(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        key = PositionKey(SWAP, NET, CROSS)
        readings, clock = world.system.risk.terms.leverages, world.system.clock
        await at_the_exchange(world, "9")
        before = readings.counts(key, clock.monotonic_ns())
        assert before != 9
        await asyncio.sleep(320)
        assert readings.counts(key, clock.monotonic_ns()) == 9

    play(tmp_path, exchange, scenario)


def test_a_refusal_for_money_has_it_read_again(tmp_path: Path) -> None:
    """Lowered elsewhere from 3 to 1 just before an order: the exchange refuses it, and we refuse the next one."""

    async def scenario(world: Contracts) -> None:
        key = PositionKey(SWAP, NET, CROSS)
        readings, clock = world.system.risk.terms.leverages, world.system.clock
        await asyncio.sleep(11)
        assert readings.counts(key, clock.monotonic_ns()) == 3
        await at_the_exchange(world, "1")
        refused = await world.ask("buy", "4")
        assert (refused.status, refused.error_code) == ("rejected", "51008")
        await asyncio.sleep(2)
        assert readings.counts(key, clock.monotonic_ns()) == 1
        assert margin_refused(await world.ask("buy", "4")) == ["balance"]

    play(tmp_path, "okx", scenario, money=POOR, **FREE)


def test_what_the_exchange_says_beside_a_position_counts_at_once(tmp_path: Path) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "1")
        await at_the_exchange(world, "10")
        await asyncio.sleep(6)
        key = PositionKey(SWAP, NET, CROSS)
        assert world.system.risk.terms.leverages.counts(key, world.system.clock.monotonic_ns()) == 10
        await world.trade("sell", "1")

    play(tmp_path, "okx", scenario)


def test_the_smaller_of_the_last_two_counts_while_the_last_is_stale() -> None:
    readings, key = LeverageReadings(), PositionKey(SWAP, NET, CROSS)
    assert readings.counts(key, 0) == 1
    readings.take(key, D(3), 0)
    readings.take(key, D(10), 100)
    assert readings.counts(key, 100 + FRESH_NS - 1) == 10
    assert readings.counts(key, 100 + FRESH_NS) == 3
    readings.take(key, D(2), 200 + FRESH_NS)
    readings.doubt(key)
    assert readings.counts(key, 300 + FRESH_NS) == 2


def test_an_exchange_that_does_not_say_is_reckoned_with_the_whole_notional(tmp_path: Path) -> None:
    async def scenario(world: Contracts) -> None:
        assert isinstance(world.venue, MemoryExchange)
        world.venue.leverages[PositionKey(SWAP, NET, ISOLATED)] = D(3)
        world.venue.reads_fail_with = ExchangeError("no answer")
        assert margin_refused(await world.ask("buy", "4", mode="isolated")) == ["balance"]
        world.venue.reads_fail_with = None
        await world.trade("buy", "4", mode="isolated")
        await world.trade("sell", "4", mode="isolated")

    play(tmp_path, "memory", scenario, money=POOR, **FREE)


async def test_over_http(tmp_path: Path) -> None:
    path = "/api/v1/trading/leverage"
    async with api_world(tmp_path) as world:
        answer = await world.client.post(path, json={"instrument_id": SWAP, "leverage": "3", "trade_mode": "isolated"})
        assert answer.status_code == 200, answer.text
        (told,) = answer.json()["leverages"]
        assert (told["position_side"], told["trade_mode"], told["leverage"]) == ("net", "isolated", "3")
        shown = await world.client.get(path, params={"instrument_id": SWAP, "trade_mode": "isolated"})
        assert [each["leverage"] for each in shown.json()["leverages"]] == ["3"]
        assert world.exchange.leverages == {PositionKey(SWAP, NET, ISOLATED): D(3)}
        assert len(world.events("leverage.set")) == 1
        for body, field in (
            ({"instrument_id": "BTC-USDT", "leverage": "3"}, "instrument_id"),
            ({"instrument_id": SWAP, "leverage": "0"}, "leverage"),
            ({"instrument_id": SWAP, "leverage": "3", "trade_mode": "cash"}, "trade_mode"),
            ({"instrument_id": SWAP, "leverage": "3", "position_side": "long"}, "position_side"),
        ):
            refused = await world.client.post(path, json=body)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), refused.text
