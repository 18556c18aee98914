"""How often a parent that waits for its market looks: at most every 50 ms, at its own orders at once."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.domain.orders import OrderType
from app.domain.parents import Place, Progress, Step, Wait
from app.market_data.view import MarketView
from app.services.trading.execution_strategies import ExecutionStrategy
from tests.simulation.parent_stack import BTC, Process, World, buy, in_virtual_time

D = Decimal
PRICE = D("49990")
Looks = list[tuple[float, Decimal, Decimal]]
"""Of every look at the market: the second, the bid that was seen, and what of the parent had filled."""


def watched(path: Path, scenario: Callable[[World, Process, Looks], Awaitable[None]]) -> None:
    looks: Looks = []

    class Watching(ExecutionStrategy):
        """Rests with all of it and looks at every change of the market."""

        name: ClassVar[str] = "watching"

        def __init__(self, executor: Any, config: Any = None) -> None:
            super().__init__(executor)

        def end_ns(self, start_ns: int) -> int | None:
            return None

        def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
            if progress.remaining:
                return Place(progress.remaining, OrderType.LIMIT, PRICE, "rest")
            assert market is not None
            assert market.book is not None
            assert market.book.bid is not None
            looks.append((world.now(), market.book.bid, progress.filled))
            return Wait(None, "for the market", on_market=True)

    async def work() -> None:
        nonlocal world
        world = World(path / "pace.db", strategies={"watching": Watching})
        process = await world.process()
        await process.parents.start("watching", {}, buy("0.1"))
        await world.clock.sleep(0.3)
        looks.clear()
        await scenario(world, process, looks)
        await process.stop()
        world.close()

    world: World
    in_virtual_time(work())


def move(world: World, ticks: int) -> Decimal:
    """The market moves; its new bid."""
    bid = D("50000") + D("0.1") * ticks
    world.exchange.set_book(BTC, bid, bid + D("0.1"), D(100))
    return bid


@pytest.mark.parametrize("gap", [0.0007, 0.005, 0.049, 0.0501, 0.3])
def test_a_market_that_never_stands_still_is_looked_at_every_50_ms_and_its_last_word_is_heard(
    gap: float, tmp_path: Path
) -> None:
    async def scenario(world: World, process: Process, looks: Looks) -> None:
        began, bid = world.now(), D(0)
        for k in range(round(0.91 / gap)):
            bid = move(world, k)
            await world.clock.sleep(gap)
        ended = world.now()
        await world.clock.sleep(0.06)
        times = [at for at, _, _ in looks]
        assert min(later - sooner for sooner, later in itertools.pairwise(times)) > 0.0499
        assert looks[0][0] == pytest.approx(began, abs=0.001), "a market that stood still is looked at at once"
        assert looks[-1][1] == bid
        assert looks[-1][0] < ended + 0.051
        most = max(gap, 0.05)
        assert all(later - sooner < 2 * most for sooner, later in itertools.pairwise(times))

    watched(tmp_path, scenario)


def test_own_fills_do_not_wait_for_the_markets_pace(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process, looks: Looks) -> None:
        move(world, 1)
        await world.clock.sleep(0.01)
        world.exchange.set_book(BTC, PRICE - D("0.1"), PRICE, D("0.04"))
        filled_at = world.now()
        await world.clock.sleep(0.0301)
        assert [(round(at - filled_at, 3), filled) for at, _, filled in looks] == [(-0.01, D(0)), (0, D("0.04"))]

    watched(tmp_path, scenario)


def test_one_market_that_moves_is_no_matter_to_who_waits_for_another(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process, looks: Looks) -> None:
        world.exchange.set_book("ETH-USDT", D(3000), D(3001), D(100))
        await process.follow("ETH-USDT")
        looks.clear()
        for k in range(20):
            world.exchange.set_book("ETH-USDT", D(3000 + k), D(3001 + k), D(100))
            await world.clock.sleep(0.02)
        assert looks == []

    watched(tmp_path, scenario)


@pytest.mark.parametrize("ahead_ns", [-1_000_000_000, 0, 1, 900_000])
@pytest.mark.parametrize("on_market", [False, True])
def test_a_policy_that_always_waits_for_a_moment_that_has_come_keeps_nobody_busy(
    ahead_ns: int, on_market: bool, tmp_path: Path
) -> None:
    looks = 0

    class Hasty(ExecutionStrategy):
        """Its next act is always due, and it never acts."""

        name: ClassVar[str] = "hasty"

        def __init__(self, executor: Any, config: Any = None) -> None:
            super().__init__(executor)

        def end_ns(self, start_ns: int) -> int | None:
            return None

        def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
            nonlocal looks
            looks += 1
            return Wait(now_ns + ahead_ns, "for what is due", on_market=on_market)

    async def work() -> None:
        world = World(tmp_path / "pace.db", strategies={"hasty": Hasty})
        process = await world.process()
        started = await process.parents.start("hasty", {}, buy("0.1"))
        await world.clock.sleep(1)
        assert looks < 45, "twenty at once, then twenty a second"
        before = looks
        await process.parents.pause(started.parent_id)
        await process.parents.resume(started.parent_id)
        await world.clock.sleep(0.01)
        assert looks > before, "who is told something looks at once"
        await process.stop()
        world.close()

    in_virtual_time(work())
