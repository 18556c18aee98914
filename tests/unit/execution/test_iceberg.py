"""An iceberg that is not told by its sameness: clips of different sizes and times, several at once, at the touch."""

from decimal import Decimal
from itertools import pairwise

from app.domain.orders import OrderSide, OrderType
from app.domain.parents import Cancel, ParentStatus
from app.services.trading.execution_strategies import IcebergExecution
from tests.unit.execution.world import SECOND, START, World

D = Decimal


def shown(world: World) -> list[tuple[float, Decimal, Decimal | None]]:
    return [((at - START) / SECOND, place.size, place.price) for at, place in world.places]


def test_clips_vary_by_the_parents_seed_and_add_up() -> None:
    config = {"visible_pct": "0.1", "size_jitter": "0.4", "use_limit_orders": False}
    world = World(IcebergExecution(None, config), D("1.0003"), seed=5)
    outcome = world.run()
    sizes = [place.size for _, place in world.places]
    assert outcome.done.status is ParentStatus.COMPLETED
    assert sum(sizes) == D("1.0003")
    assert len(set(sizes)) > len(sizes) // 2
    assert all(D("0.0600") <= size <= D("0.1401") for size in sizes[:-1])
    again = World(IcebergExecution(None, config), D("1.0003"), seed=5)
    assert again.run().places == outcome.places


def test_the_next_clip_comes_a_little_after_the_last_has_filled() -> None:
    strategy = IcebergExecution(None, {"visible_pct": "0.2", "refresh_delay": 8})
    world = World(strategy, D("0.5"), limit_price=D("49990"), seed=9)
    for second in range(1, 60):
        world.at(second, lambda: [world.fill(c, D("0.1")) for c, order in world.venue.items() if order.open])
    outcome = world.run()
    assert outcome.done.status is ParentStatus.COMPLETED
    ended = [child.ended_ns for child in outcome.progress.children]
    waits = [(at - end) / SECOND for end, (at, _) in zip(ended, world.places[1:], strict=False) if end is not None]
    assert all(0 <= wait <= 8 for wait in waits)
    assert max(waits) - min(waits) > 1


def test_layers_stand_a_tick_apart_and_the_one_that_fills_is_shown_again_in_its_place() -> None:
    strategy = IcebergExecution(None, {"visible_pct": "0.1", "layers": 3, "timeout": 100})
    world = World(strategy, D("1"), OrderSide.SELL, D("50010"))
    world.at(5, lambda: world.fill("c1", D("0.1")))
    outcome = world.run()
    assert shown(world) == [
        (0, D("0.1"), D("50010")),
        (0, D("0.1"), D("50010.1")),
        (0, D("0.1"), D("50010.2")),
        (5, D("0.1"), D("50010")),
    ]
    assert outcome.filled == D("0.1")


def test_a_pegged_iceberg_follows_the_touch_as_far_as_its_limit() -> None:
    strategy = IcebergExecution(None, {"visible_pct": "0.5", "peg": True, "max_refresh_time": 5, "timeout": 40})
    world = World(strategy, D("0.4"), limit_price=D("50005"))
    world.at(2, lambda: world.set_book("50003", "50003.1"))
    world.at(12, lambda: world.set_book("50020", "50020.1"))
    outcome = world.run()
    assert [
        (price, place.order_type) for (_, _, price), (_, place) in zip(shown(world), world.places, strict=True)
    ] == [
        (D("50000"), OrderType.LIMIT),
        (D("50003"), OrderType.LIMIT),
        (D("50005"), OrderType.LIMIT),
    ]
    cancels = [(at - START) // SECOND for at, step in outcome.steps if isinstance(step, Cancel)]
    assert cancels[:2] == [5, 12]


def test_a_refresh_never_buys_more_than_the_whole() -> None:
    """hummingbot cancels and creates at once: a fill that beats the cancel is bought again."""
    strategy = IcebergExecution(None, {"visible_pct": "1", "max_refresh_time": 5, "timeout": 60, "layers": 2})
    world = World(strategy, D("0.1"))
    world.profile.latency_max = 3
    world.profile.partial = 1  # every cancel is beaten by a fill
    world.profile.move_ticks = 30
    outcome = world.run()
    assert outcome.filled <= D("0.1")
    for (_, earlier), (_, later) in pairwise(world.places):
        assert later.size <= earlier.size
