"""The venue says one thing and shows another: what it shows is the evidence (FAULTS A8; INVARIANTS S5, S6, S12)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.orders import OrderSide, PositionKey
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.port import Outcome, OutcomeKind
from app.journal.audit import audit
from app.services.trading.schemas import OrderParams, OrderResponse
from app.system import System
from tests.simulation.order_scenarios import (
    UNKNOWN,
    D,
    S,
    answer,
    events,
    limit,
    lose,
    market,
    now,
    play,
    system,
)
from tests.simulation.world import BTC, World

REFUSED = Outcome(OutcomeKind.REJECTED, code="51008", message="insufficient balance")
NOT_SENT = Outcome(OutcomeKind.NOT_SENT, code="connect", message="connection refused")


def anomalies(world: World) -> list[str]:
    return [row["payload"] for row in events(world, "anomaly")]


def clean(world: World) -> bool:
    report = audit(system(world).database, "main", system(world).ledger.instruments)
    assert report.clean, report.findings
    return report.clean


@pytest.mark.parametrize("told", [REFUSED, NOT_SENT], ids=["rejected", "not sent"])
@pytest.mark.parametrize(("params", "status"), [(limit(), S.LIVE), (market(), S.FILLED)], ids=["rests", "fills"])
def test_A8_a_refusal_does_not_end_an_order_that_the_venue_has_shown(
    tmp_path: Path, told: Outcome, params: OrderParams, status: S
) -> None:
    async def scenario(world: World, executor: System) -> None:
        answer(world, told, taken=True)
        order = await executor.executor.place_order(params)
        assert order.status is status
        assert executor.ledger.kill_switch.engaged
        (anomaly,) = anomalies(world)
        assert "alive_after_refusal" in anomaly
        live = status is S.LIVE
        assert executor.ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == (params.size if live else 0)
        if live:
            assert (await executor.executor.cancel_order(order.order_id)).status is S.CANCELED
        assert not world.exchange.venue.open
        assert executor.ledger.open_count == 0
        assert clean(world)

    play(tmp_path, scenario, settle=False)


async def refused_then_shown(world: World, executor: System) -> OrderResponse:
    world.exchange.hold_pushes = True
    answer(world, REFUSED, taken=True)
    order = await executor.executor.place_order(limit())
    assert (order.status, order.settled) == (S.REJECTED, True)
    world.exchange.release_pushes()
    await asyncio.sleep(0.05)
    return order


async def absent_then_shown(world: World, executor: System) -> OrderResponse:
    """An operator says that it never came to be; the next comparison shows it."""
    lose(world)
    answer(world, Outcome(UNKNOWN), taken=True)
    order = await executor.executor.place_order(limit())
    world.exchange.reads_fail_with = ExchangeUnavailable("down")
    await executor.executor.resolve_order(order.order_id, state="never_accepted", principal="operator:me", why="gone")
    world.exchange.reads_fail_with = None
    executor.resyncs.ask("a test")
    await asyncio.sleep(1)
    return order


@pytest.mark.parametrize("rounds", range(6))
def test_an_operators_word_is_held_against_what_the_venue_shows_in_the_same_moment(rounds: int, tmp_path: Path) -> None:
    """The order is shown while the operator's word waits for the disk: it is not ended, or shown to be alive after."""

    async def scenario(world: World, executor: System) -> None:
        world.exchange.hold_pushes = True
        answer(world, Outcome(UNKNOWN), taken=True)
        world.exchange.reads_fail_with = ExchangeUnavailable("down")
        order = await executor.executor.place_order(limit())
        assert order.status is S.UNKNOWN
        executor.ledger.writer.renew()
        word = executor.executor.resolve_order(
            order.order_id, state="never_accepted", principal="operator:me", why="gone"
        )
        said = asyncio.create_task(word)
        for _ in range(rounds):
            await asyncio.sleep(0)
        shown_first = not said.done() and executor.ledger.orders[order.order_id].status is S.UNKNOWN
        world.exchange.release_pushes()
        world.exchange.reads_fail_with = None
        await asyncio.gather(said, return_exceptions=True)
        await asyncio.sleep(1)
        assert isinstance(said.exception(), InvalidValue) is shown_first
        assert bool(anomalies(world)) is not shown_first
        assert executor.ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == order.size
        assert clean(world)

    play(tmp_path, scenario, settle=False)


async def cancel_it(executor: System, order: OrderResponse) -> Any:
    return await executor.executor.cancel_order(order.order_id)


async def cancel_all(executor: System, order: OrderResponse) -> Any:
    return await executor.executor.cancel_all()


async def kill(executor: System, order: OrderResponse) -> Any:
    return await executor.executor.engage_kill_switch("now")


async def cancel_after_a_restart(executor: System, order: OrderResponse) -> Any:
    return await executor.executor.cancel_all(BTC)


@pytest.mark.parametrize("act", [cancel_it, cancel_all, kill, cancel_after_a_restart])
@pytest.mark.parametrize("begin", [refused_then_shown, absent_then_shown])
def test_S12_what_the_venue_shows_alive_can_be_cancelled_whatever_we_hold_it_for(
    tmp_path: Path, begin: Callable[..., Any], act: Callable[..., Any]
) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await begin(world, executor)
        held = await now(world, order)
        assert (held.status, held.settled) == (S.REJECTED if begin is refused_then_shown else S.NEVER_ACCEPTED, False)
        assert executor.ledger.kill_switch.engaged
        assert executor.ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == order.size, "it may fill"
        world.exchange.drop_pushes = 0
        if act is cancel_after_a_restart:
            await world.stop()
            await world.boot()
        await act(system(world), order)
        assert not world.exchange.venue.open
        over = await now(world, order)
        assert (over.status, over.settled) == (S.CANCELED, True)
        assert system(world).ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == 0
        assert clean(world)

    play(tmp_path, scenario, settle=False)


def test_S6_what_we_hold_for_refused_and_the_venue_shows_is_asked_about_until_it_ends(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await refused_then_shown(world, executor)
        lose(world)
        world.exchange.set_book(BTC, D("48990"), D("48995"), D("0.03"))
        await asyncio.sleep(45)
        assert executor.ledger.orders[order.order_id].filled == D("0.03")
        world.exchange.set_book(BTC, D("48990"), D("48995"), D(1))
        await asyncio.sleep(45)
        over = await now(world, order)
        assert (over.status, over.settled, over.filled_size) == (S.FILLED, True, D("0.1"))
        assert clean(world)

    play(tmp_path, scenario, settle=False)
