"""Sizes of signals in money and in parts of the equity, in odd worlds: accounts in USDC or bitcoin, pairs quoted in
a coin, tiny prices with large lots, inverse contracts. It comes to whole lots, worth no more than was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.access import OF_LOCAL
from app.domain.money import is_multiple
from app.services.signals.intake import Foreseen
from app.services.signals.wishes import Wish
from app.simulator import Config
from app.simulator.market.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS
from tests.support.okx_system import OkxSystem
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
EVERYTHING = (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS)
MONEY: Mapping[str, str] = {"USDC": "40000", "BTC": "1", "USDT": "30000"}


@pytest.fixture
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


@asynccontextmanager
async def running(tmp_path: Path, **settings: Any) -> AsyncIterator[OkxSystem]:
    account = replace(MAIN, balances={currency: D(amount) for currency, amount in MONEY.items()})
    world = OkxSystem(tmp_path, Config(accounts=(account,), instruments=EVERYTHING, flow_rate=0.0))
    await world.start(**settings)
    try:
        await asyncio.sleep(1)
        yield world
    finally:
        await world.system.stop()


async def foreseen(world: OkxSystem, instrument_id: str, size: str, size_in: str) -> Foreseen:
    wish = Wish(type="buy", instrument_id=instrument_id, size=size, size_in=size_in)  # type: ignore[arg-type]
    return await world.system.inlets.intake.preview(wish, OF_LOCAL)


@pytest.mark.parametrize("currency", ["", "USDC", "BTC"])
async def test_a_part_of_the_equity_is_worth_that_part_in_whatever_it_is_counted(tmp_path: Path, currency: str) -> None:
    async with running(tmp_path, valuation_currency=currency) as world:
        system = world.system
        for config in EVERYTHING:
            found = await foreseen(world, config.inst_id, "10", "equity_percent")
            instrument = system.ledger.instruments[config.inst_id]
            account = await system.executor.account()
            assert found.size is not None, (instrument.instrument_id, found.refused)
            assert is_multiple(found.size, instrument.lot)
            book = system.market.book(config.inst_id)
            rate = system.ledger.price_of(instrument.value_currency)
            assert book is not None
            assert book.ask is not None
            assert rate is not None
            worth = instrument.notional(found.size, book.ask) * rate
            lot = instrument.notional(instrument.lot, book.ask) * rate
            assert account.equity / 10 - lot <= worth <= account.equity / 10 * D("1.001"), config.inst_id


async def test_an_amount_is_what_it_comes_to_at_the_touch(tmp_path: Path) -> None:
    async with running(tmp_path) as world:
        system = world.system
        for config in EVERYTHING:
            instrument = system.ledger.instruments[config.inst_id]
            await foreseen(world, config.inst_id, "10", "equity_percent")  # its market is followed now
            book = system.market.book(config.inst_id)
            assert book is not None
            assert book.ask is not None
            amount = instrument.notional(instrument.min_size * 3, book.ask)
            found = await foreseen(world, config.inst_id, f"{amount:f}", "quote")
            assert found.size == instrument.min_size * 3, (config.inst_id, found.refused)
