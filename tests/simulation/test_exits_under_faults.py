"""Out of everything at once while requests and answers are lost, lines are cut and the system starts again.

Whole systems over the simulated OKX, a person's flatten or CLOSE, kill switch on or not (INVARIANTS S2, S4, S11, M1).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from app.domain.orders import OrderStatus, OrderType, PositionKey
from app.domain.parents import ParentStatus
from app.journal.audit import audit
from app.models.trading import OrderSide
from app.services.trading import OrderParams
from app.services.trading.errors import NotReady
from app.simulator import Config
from app.strategies.signals import Signal, SignalType
from app.system import System
from tests.support.okx_system import BTC, SWAP, D, OkxSystem
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

COIN = "BTC-USD-SWAP"
WIDE = {"max_order_value": 1_000_000, "max_order_size": 100, "max_position_value_pct": 5}
SMALL = WIDE | {"max_order_size": "0.1"}
FAULTS = ("drop_reply", "delay_reply", "cut_after_accept", "drop_request", "cut_before_accept")
ENDS = {ParentStatus.COMPLETED, ParentStatus.PARTIAL_EXPIRED, ParentStatus.CANCELED}
OWN_COINS = D(3)


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def buy_and_sell(system: System, hedged: bool) -> dict[PositionKey, int]:
    """Something on each side, in each mode, of each kind; the sign of each contract position."""
    long, short = ("long", "short") if hedged else ("net", "net")
    wanted: list[tuple[str, str, str, str, str, str | None]] = [
        (SWAP, "buy", "20", long, "cross", None),
        (SWAP, "sell", "10", short, "isolated", None),
        (COIN, "buy", "30", long, "isolated", None),
        (BTC, "buy", "0.5", "net", "cash", "s"),
    ]
    signs: dict[PositionKey, int] = {}
    for instrument_id, side, size, position_side, mode, strategy_id in wanted * 3:
        params = OrderParams(
            instrument_id=instrument_id,
            side=OrderSide(side),
            order_type=OrderType.MARKET,
            size=D(size),
            position_side=position_side,  # type: ignore[arg-type]
            trade_mode=mode,  # type: ignore[arg-type]
            strategy_id=strategy_id,
        )
        order = await system.executor.place_order(params)
        assert (await system.executor.wait_for(order.order_id, 20)).status is OrderStatus.FILLED
        signs[params.key] = params.side.sign
    return signs


async def get_out(system: System, draw: Random) -> None:
    """As people do who do not hear at once."""
    how = draw.choice(("flatten", "close", "flatten twice"))
    if how == "close":
        for instrument_id in (BTC, SWAP, COIN):
            with suppress(NotReady):
                await system.executor.execute_signal(Signal(SignalType.CLOSE, instrument_id))
    else:
        again = 2 if how == "flatten twice" else 1
        await asyncio.gather(*(system.executor.flatten() for _ in range(again)))


@pytest.mark.parametrize("hedged", [False, True], ids=["net", "long/short"])
@pytest.mark.parametrize("world_number", range(3))
async def test_nothing_is_sold_twice_and_in_the_end_nothing_is_held(
    tmp_path: Path, hedged: bool, world_number: int, seed: int
) -> None:
    draw = Random(seed + world_number)
    mode = "long_short_mode" if hedged else "net_mode"
    account = replace(MAIN, position_mode=mode, balances={"USDT": D(1_000_000), "BTC": OWN_COINS})
    world = OkxSystem(tmp_path, Config(accounts=(account,), flow_rate=0.0, seed=world_number))
    system = await world.start(risk=WIDE)
    for instrument_id in (BTC, SWAP, COIN):
        await system.follow(instrument_id)
    await asyncio.sleep(1)
    signs = await buy_and_sell(system, hedged)
    await asyncio.sleep(2)
    system.risk.configure(SMALL)
    world.venue.set_faults({name: {"probability": draw.choice((0.05, 0.2, 0.4))} for name in draw.sample(FAULTS, 3)})
    killed = draw.random() < 0.5
    if killed:
        await system.executor.engage_kill_switch("get out")
    await get_out(system, draw)
    for _ in range(draw.randint(0, 2)):
        await asyncio.sleep(draw.uniform(0, 20))
        await system.stop()
        system = await world.start(risk=SMALL)
    await asyncio.sleep(draw.uniform(0, 60))
    world.venue.set_faults({}, profile="none")
    await world.until(lambda: not system.parents.open_count, 700)
    await asyncio.sleep(60)
    assert all(parent.status in ENDS for parent in system.parents.history())
    held = {key: fold.position.size for key, fold in system.ledger.folds.items() if fold.position.size}
    assert all(size * signs[key] >= 0 for key, size in held.items() if key in signs and key.instrument_id != BTC)
    # What was refused for the moment is asked for again, as a person would.
    done = await system.executor.flatten()
    await world.until(lambda: not system.parents.open_count, 400)
    for order in done:
        assert (await system.executor.wait_for(order.order_id, 30)).reasons == ()
    await asyncio.sleep(5)
    assert [key for key, fold in system.ledger.folds.items() if fold.position.size and key.instrument_id != BTC] == []
    assert abs(system.ledger.assets.of("BTC").ours) < D("0.00001")
    assert (await system.reconciler.run()).clean
    assert audit(system.database, "main", system.ledger.instruments).findings == ()
    assert system.ledger.kill_switch.reason == ("get out" if killed else "")
    await system.stop()
