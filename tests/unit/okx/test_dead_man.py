"""The dead man's switch of a whole running system on the simulated exchange, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from app.chosen_exchange import make_exchange
from app.clock import SimulatedClock, SystemClock, VirtualTimeLoop
from app.exchanges.errors import AccessRefused
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.okx import OkxExchange
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams
from app.settings import SettingsError, load_settings
from app.store.writer import StoreFailed
from app.system import System
from tests.support.simulated_okx import MAIN, REST_URL, WS_URL, SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time, system_in

SPOT = "BTC-USDT"
FAR_BUY = OrderParams(
    instrument_id=SPOT, side=OrderSide.BUY, order_type=OrderType.LIMIT, size=Decimal("0.01"), price=Decimal(49_000)
)
Scenario = Callable[[System, SimulatedVenue], Awaitable[None]]


def running(folder: Path, scenario: Scenario, **settings: Any) -> None:
    """Play on a started system with one resting order; its exchange is the simulator's core."""

    async def run() -> None:
        clock = SimulatedClock()
        venue = SimulatedVenue(clock)
        system = system_in(folder, OkxExchange(okx_config(), clock, venue.transport()), clock, **settings)
        await system.start()
        try:
            await system.follow(SPOT)
            await clock.sleep(1)
            await system.executor.place_order(FAR_BUY)
            await clock.sleep(1)
            assert len(resting(venue)) == 1
            await scenario(system, venue)
        finally:
            await system.stop()

    in_virtual_time(run())


def resting(venue: SimulatedVenue) -> list[Any]:
    return [row for row in venue.ledger()["orders"] if row["state"] in ("live", "partially_filled")]


def feedings(venue: SimulatedVenue) -> int:
    return sum(target.endswith("/cancel-all-after") for _, target in venue.requests)


def test_while_the_writer_commits_orders_stay(tmp_path: Path) -> None:
    async def scenario(system: System, venue: SimulatedVenue) -> None:
        await system.clock.sleep(300)
        assert len(resting(venue)) == 1
        assert 58 <= feedings(venue) <= 62

    running(tmp_path, scenario, dead_man="true")


def test_when_the_writer_can_no_longer_commit_the_exchange_cancels(tmp_path: Path) -> None:
    async def scenario(system: System, venue: SimulatedVenue) -> None:
        writer = system.ledger.writer
        broken = mock.patch.object(writer._committer, "commit", side_effect=OSError("disk full"))
        locked = mock.patch.object(system.session, "reopen", side_effect=StoreFailed("disk full"))
        with broken, locked:
            await system.clock.sleep(10)
            fed = feedings(venue)
            await system.clock.sleep(30)
            assert feedings(venue) == fed
            assert resting(venue) == []

    running(tmp_path, scenario, dead_man="true")


def test_when_the_exchange_does_not_hear_from_us_it_cancels_and_we_learn_of_it(tmp_path: Path) -> None:
    async def scenario(system: System, venue: SimulatedVenue) -> None:
        venue.reachable = False
        await system.clock.sleep(40)
        assert resting(venue) == []
        venue.reachable = True
        venue.cut_all()
        await system.clock.sleep(60)
        assert system.ledger.open_orders() == []
        assert system.ready, system.not_ready_reasons
        before = feedings(venue)
        await system.clock.sleep(20)
        assert feedings(venue) - before in (3, 4, 5)

    running(tmp_path, scenario, dead_man="true")


def test_the_simulated_exchange_is_left_alone_unless_asked(tmp_path: Path) -> None:
    async def scenario(system: System, venue: SimulatedVenue) -> None:
        await system.clock.sleep(100)
        assert (len(resting(venue)), feedings(venue)) == (1, 0)

    running(tmp_path, scenario)


def test_an_exchange_without_a_switch_cannot_be_asked_for_it(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, dead_man="true")
    with pytest.raises(SettingsError, match="exchange 'memory' has no such switch"):
        System(settings, exchange=MemoryExchange(SystemClock()))


def test_the_start_compares_the_account_with_what_the_settings_declare(tmp_path: Path) -> None:
    async def refusal(**declared: Any) -> str:
        clock = SimulatedClock()
        venue = SimulatedVenue(clock)
        keys = {"okx_api_key": MAIN.api_key, "okx_secret_key": MAIN.secret, "okx_passphrase": MAIN.passphrase}
        urls = {"okx_rest_url": REST_URL, "okx_ws_url": WS_URL}
        exchange = make_exchange(load_settings(data_dir=tmp_path, **keys, **urls, **declared), clock)
        assert isinstance(exchange, OkxExchange)
        exchange = OkxExchange(exchange.config, clock, venue.transport())
        with pytest.raises(AccessRefused) as refused:
            await exchange.start(mock.Mock())
        return str(refused.value)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        for declared, said in (
            ({"okx_expected_uid": "1"}, r"declared is 1"),
            ({"okx_expected_hedged": True}, "position mode is net_mode, declared is long_short_mode"),
            ({"okx_expected_level": "spot"}, "account level is 2, declared is 1"),
        ):
            assert said in runner.run(refusal(**declared))
