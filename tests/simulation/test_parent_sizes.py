"""A parent order whose size is an amount of quote currency, or counts something else than its instrument does."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.child_views import ChildView
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import Fill, FillKey, OrderSide, OrderStatus, OrderType
from app.domain.parents import ParentStatus, Progress
from app.domain.quote_sizes import quote_left, sized
from app.domain.refusals import InvalidValue
from app.services.trading.errors import NotReady
from app.services.trading.execution_strategies import TWAPExecution
from app.services.trading.execution_strategies.terms import ParentTerms, SizeIn
from app.services.trading.parents.sizes import bought, own_size
from app.store import queries
from tests.simulation.parent_stack import ACCOUNT, BTC, Fuse, Process, World, buy
from tests.simulation.test_parent_crashes import Case, run
from tests.simulation.test_parent_life import over, play
from tests.unit.execution.world import World as UnitWorld

D = Decimal
QUOTE = ParentTerms(size_in=SizeIn.QUOTE)
AMOUNT = D(5000)
SMALLEST = D("0.00001")
WORKED: dict[str, dict[str, Any]] = {
    "market": {},
    "limit": {"timeout": 10},
    "twap": {"duration": 40, "num_slices": 7},
    "twap limit": {"duration": 40, "num_slices": 7, "use_limit_orders": True},
    "vwap": {"duration": 40, "num_slices": 5, "volume_curve": list(range(1, 25))},
    "implementation_shortfall": {"duration": 40, "num_slices": 5},
    "iceberg": {"visible_pct": "0.3", "timeout": 120, "max_refresh_time": 3},
    "chase": {"timeout": 40, "finish": "cross", "min_rest": 2},
    "pov": {"duration": 30, "participation": "0.5", "force_completion": True},
}


def cost(world: World) -> Decimal:
    return sum((fill.size * fill.price for fill in world.exchange.venue.fills), D(0))


async def drift(world: World, seed: int) -> None:
    """The market goes up and down by up to a tenth of a percent, twice a second."""
    draw = random.Random(seed)
    while True:
        await world.clock.sleep(0.5)
        bid = (D(50000) * (1 + D(draw.randint(-10, 10)) / 10_000)).quantize(D("0.1"))
        world.exchange.set_book(BTC, bid, bid + D("0.1"), D(draw.choice([1, 5, 100])))


@pytest.mark.parametrize("name", WORKED)
def test_an_amount_is_spent_to_less_than_the_smallest_order_and_never_overspent(
    name: str, tmp_path: Path, seed: int
) -> None:
    async def scenario(world: World, process: Process) -> None:
        moving = process.tasks.spawn(drift(world, seed), "drift")
        started = await process.parents.start(name.partition(" ")[0], WORKED[name], buy(str(AMOUNT)), terms=QUOTE)
        assert started.parent.quote == AMOUNT
        assert D("0.0999998") <= started.parent.size <= D("0.1")  # at the ask, or at the bid where it rests
        ended = await over(process, started.parent_id)
        moving.cancel()
        assert ended.status in (ParentStatus.COMPLETED, ParentStatus.COMPLETED_WITH_DUST), ended.reason
        left = AMOUNT - cost(world)
        assert 0 <= left < SMALLEST * D("50100")
        assert f"{left.normalize():f} USDT of 5000 left" in ended.reason
        assert ended.parent.size - world.filled < SMALLEST

    play(tmp_path, scenario)


def test_an_amount_that_is_not_all_spent_is_named(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        config = {"duration": 40, "num_slices": 4, "completion": "cancel_residual"}
        started = await process.parents.start("twap", config, buy("5000", "50000.1"), terms=QUOTE)
        await world.clock.sleep(15)
        running = process.parents.get(started.parent_id)
        assert running.quote_left is not None
        assert running.quote_left == AMOUNT - cost(world)
        world.exchange.set_book(BTC, D(51000), D("51000.1"), D(100))
        ended = await over(process, started.parent_id)
        left = AMOUNT - cost(world)
        assert ended.status is ParentStatus.PARTIAL_EXPIRED
        assert f"{left.normalize():f} USDT of 5000 left" in ended.reason

    play(tmp_path, scenario)


def test_an_amount_is_amended_in_its_currency_and_not_below_what_is_spent(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        parents = process.parents
        started = await parents.start("twap", {"duration": 40, "num_slices": 4}, buy("4000"), terms=QUOTE)
        await world.clock.sleep(15)
        with pytest.raises(InvalidValue, match=r"size=1000 USDT: must be at least 19.*what is spent or may still be"):
            await parents.amend(started.parent_id, size=D(1000))
        await process.kill()
        again = await world.process()
        amended = await again.parents.amend(started.parent_id, size=D(6000))
        assert amended.parent.quote == D(6000)
        ended = await over(again, started.parent_id)
        assert ended.status in (ParentStatus.COMPLETED, ParentStatus.COMPLETED_WITH_DUST)
        assert 0 <= 6000 - cost(world) < SMALLEST * D("50100")

    play(tmp_path, scenario)


@pytest.mark.parametrize(
    ("strategy", "config", "order", "terms", "said"),
    [
        ("market", {}, buy("0.2"), QUOTE, r"size=0.2 USDT: must be at least 0.51: the smallest order 0.00001 costs"),
        ("scale", {"price_from": 1, "price_to": 2}, buy("50"), QUOTE, "size_in=quote: has no meaning for scale"),
        ("twap", {}, buy("5"), ParentTerms(size_in=SizeIn.CONTRACTS), "size_in=contracts: has no meaning for BTC-USDT"),
    ],
)
def test_a_size_without_a_meaning_is_refused_by_name(
    strategy: str, config: Any, order: Any, terms: ParentTerms, said: str, tmp_path: Path
) -> None:
    async def scenario(world: World, process: Process) -> None:
        with pytest.raises(InvalidValue, match=said):
            await process.parents.start(strategy, config, order, terms=terms)
        assert queries.parents(world.database, ACCOUNT) == []

    play(tmp_path, scenario)


def test_a_sale_counts_what_its_open_orders_would_bring_at_the_market() -> None:
    """Counted at their limits, which are lower, another would be sent for the difference while they are open."""
    world = UnitWorld(TWAPExecution(None, {"duration": 40, "num_slices": 2}), D("0.1"), side=OrderSide.SELL)
    world.parent = replace(world.parent, quote=D(5000))
    done = ChildView(
        1,
        "a",
        OrderType.IOC,
        OrderStatus.FILLED,
        True,
        D("0.05"),
        D("0.05"),
        D("0.05"),
        D(49500),
        0,
        fills=fills("0.05", "49990"),
    )
    going = ChildView(2, "b", OrderType.IOC, OrderStatus.LIVE, False, D("0.05"), D(0), D("0.05"), D(49500), 0)
    progress = Progress(world.parent, world.instrument, (done, going))
    assert quote_left(progress, D(50000)) == D("5000") - D("2499.5") - D(2500)
    assert sized(progress, D(50000)).parent.size == D("0.1")
    brought = replace(going, settled=True, status=OrderStatus.CANCELED, max_possible=D(0))
    again = sized(replace(progress, children=(done, brought)), D(50000))
    assert (again.quote_left, again.parent.size) == (D("2500.5"), D("0.1"))


def fills(size: str, price: str) -> dict[FillKey, Fill]:
    fill = Fill(BTC, "t1", "v1", OrderSide.SELL, D(price), D(size), 0)
    return {fill.key: fill}


def test_an_amount_needs_a_market_to_become_a_size(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        world.exchange.set_book(BTC, D(50000), D(50000), D(1))  # crossed
        with pytest.raises(NotReady, match="BTC-USDT has no usable book to turn an amount into a size by"):
            await process.parents.start("market", {}, buy("5000"), terms=QUOTE)

    play(tmp_path, scenario)


def test_base_and_contracts_become_each_other_exactly_or_not_at_all() -> None:
    swap = Instrument(
        "BTC-USDT-SWAP", InstrumentKind.SWAP, "BTC", "USDT", "USDT", D("0.1"), D("0.1"), D("0.1"), D("0.01")
    )
    assert own_size(D("0.015"), SizeIn.BASE, swap) == D("1.5")
    assert own_size(D("1.5"), SizeIn.CONTRACTS, swap) == own_size(D("1.5"), SizeIn.INSTRUMENT, swap) == D("1.5")
    with pytest.raises(InvalidValue) as refused:
        own_size(D("0.0155"), SizeIn.BASE, swap)
    assert str(refused.value) == (
        "size=0.0155 BTC: is 1.55 contracts of 0.01 BTC: must be a multiple of lot size 0.1, such as 0.015 or 0.016 BTC"
    )
    inverse = Instrument(
        "BTC-USD-SWAP", InstrumentKind.SWAP, "BTC", "USD", "BTC", D("0.1"), D(1), D(1), D(100), inverse=True
    )
    assert own_size(D(500), SizeIn.QUOTE, inverse) == 5
    with pytest.raises(InvalidValue, match=r"size=550 USD: is 5.5 contracts of 100 USD.*such as 500 or 600 USD"):
        own_size(D(550), SizeIn.QUOTE, inverse)
    with pytest.raises(InvalidValue, match="size_in=base: has no meaning: a contract of BTC-USD-SWAP is 100 USD"):
        own_size(D(1), SizeIn.BASE, inverse)
    assert bought(D(5000), swap, D(50000)) == D(10)


@pytest.mark.parametrize("name", ["twap", "limit"])
def test_an_amount_survives_a_kill_at_every_boundary(name: str, tmp_path: Path) -> None:
    config = {"twap": {"duration": 20, "num_slices": 3}, "limit": {"timeout": 5}}[name]
    case = Case(name, config, buy("5000", "49990" if name == "limit" else None), terms=QUOTE)
    for boundary in range(1, 500):
        if not run(tmp_path / "parents.db", case, [Fuse(boundary)], in_time=True):
            return
    raise AssertionError("the parent never ran to its end")
