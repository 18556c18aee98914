"""By what trades: POV between two rates and on a recorded tape (../shared/data, where it is there), VWAP blended."""

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.orders import OrderSide
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies import POVExecution, VWAPExecution
from tests.unit.execution.world import SECOND, START, Profile, World

D = Decimal
FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "binance_capture"
SESSION = [FOLDER / "spot_btcusdt_20240808.gz", FOLDER / "spot_btcusdt_20240809.gz"]


def tape() -> dict[int, Decimal]:
    """What traded in each second of the recorded session."""
    found: dict[int, Decimal] = {}
    for path in SESSION:
        with gzip.open(path, "rt") as lines:
            for line in lines:
                message = json.loads(line.partition(" ")[2])
                data = message.get("data", message)
                if data.get("e") == "trade":
                    second = data["T"] // 1000
                    found[second] = found.get(second, D(0)) + D(data["q"])
    first = min(found)
    return {second - first: size for second, size in sorted(found.items())}


@pytest.mark.skipif(not all(path.exists() for path in SESSION), reason=f"the recorded session is not in {FOLDER}")
@pytest.mark.parametrize(("rate", "side"), [("0.05", OrderSide.BUY), ("0.2", OrderSide.SELL)])
def test_pov_is_within_a_tenth_of_its_rate_on_the_recorded_tape(rate: str, side: OrderSide) -> None:
    """Its own prints stand on the tape too."""
    traded = tape()
    seconds = max(traded)
    strategy = POVExecution(None, {"participation": rate, "duration": seconds, "window": 120})
    world = World(strategy, D("10000"), side)
    world.shown = D(1_000)
    for second, size in traded.items():
        world.at(second + 0.25, lambda size=size: world.print_trade(size, world.bid))
    outcome = world.run()
    assert len(world.places) >= 20
    others = sum(size for second, size in traded.items() if second < seconds)
    assert abs(outcome.filled / (outcome.filled + others) / D(rate) - 1) < D("0.1")


def ranged(size: str, **config: object) -> tuple[World, Decimal]:
    """Others trade about one a second for 400 seconds; what it came to of all that traded."""
    strategy = POVExecution(None, {"participation": "0.1", "duration": 400, "window": 60, **config})
    world = World(strategy, D(size), profile=Profile(others=1.0), seed=6)
    world.shown = D(1_000)
    outcome = world.run()
    return world, outcome.filled / (outcome.filled + world.others)


def test_pov_goes_faster_to_be_done_in_time_but_no_faster_than_its_most() -> None:
    world, reached = ranged("60", max_participation="0.3")
    assert world.truth_filled == 60
    assert reached > D("0.11")
    beyond, reached = ranged("1000", max_participation="0.3")
    assert beyond.truth_filled < 1000
    assert D("0.25") < reached <= D("0.3")
    _, fixed = ranged("1000")
    assert fixed <= D("0.1")


def test_pov_goes_slower_where_that_is_enough_but_no_slower_than_its_least() -> None:
    slow, _ = ranged("20", min_participation="0.02")
    usual, _ = ranged("20")
    assert slow.truth_filled == usual.truth_filled == 20
    assert slow.places[-1][0] > usual.places[-1][0] + 60 * SECOND


@pytest.mark.parametrize(
    ("config", "field", "rule"),
    [
        ({"max_participation": "0.3"}, "max_participation", "needs a duration"),
        ({"duration": 60, "max_participation": "0.05"}, "max_participation", "must be at least participation 0.1"),
        ({"duration": 60, "min_participation": "0.2"}, "min_participation", "must be at most participation 0.1"),
    ],
)
def test_rates_that_do_not_stand_in_order_are_refused(config: dict[str, object], field: str, rule: str) -> None:
    with pytest.raises(InvalidValue, match=rule) as caught:
        POVExecution(None, config)
    assert caught.value.refusal.field == field


# --- vwap ---

FLAT = {"duration": 400, "num_slices": 4, "volume_curve": [36] * 24}
"""36 an hour: with a unit of 100 one a second."""


def blended(traded: str, **config: object) -> list[tuple[float, Decimal]]:
    strategy = VWAPExecution(None, {**FLAT, "curve_unit": "100", "max_deviation": "1", **config})
    world = World(strategy, D("4"))
    for second in range(100):
        world.at(second + 0.25, lambda: world.print_trade(D(traded), world.bid))
    outcome = world.run()
    assert outcome.done.status is ParentStatus.COMPLETED
    return [((at - START) / SECOND, place.size) for at, place in world.places]


def test_vwap_follows_its_curve_while_the_market_does() -> None:
    """Of the first slice, 0.01 a second is its own."""
    assert [at for at, _ in blended("0.99")] == [0, 100, 200, 300]
    assert blended("0.99")[:2] == [(0, D(1)), (100, D(1))]


def test_vwap_is_farther_along_in_a_market_that_has_traded_more() -> None:
    """301 of 400 in the first slice: after the second (301 + 100) / (301 + 300) of it should be done."""
    sizes = blended("3")
    assert sizes[0] == (0, D(1))
    assert sizes[1] == (100, (D(4) * 401 / 601 - 1).quantize(D("0.0001"), rounding="ROUND_FLOOR"))


def test_vwap_keeps_within_its_band_of_the_curve() -> None:
    assert blended("3", max_deviation="0.05")[1] == (100, D("1.2"))
    assert blended("0.01", max_deviation="0.05")[1] == (100, D("0.8"))


def test_vwap_without_a_unit_goes_by_the_curve_alone() -> None:
    assert blended("3", curve_unit=None) == [(100.0 * k, D(1)) for k in range(4)]
    with pytest.raises(InvalidValue, match="needs a volume_curve"):
        VWAPExecution(None, {"curve_unit": 1})
