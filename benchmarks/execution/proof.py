"""The lab proves itself, on parents of the synthetic market through the whole system.

A strategy against itself under other seeds: the interval of the difference is around zero. A fee of one basis point
more is found again. And intervals of comparisons drawn from all of the differences between TWAP and market orders that
were measured cover the mean of all as often as they say: one look at 30 blocks, and a look after every fifth block up
to 120.

`python -m benchmarks execution.lab` prints it; `python benchmarks/execution/proof.py --pairs 50` with fewer parents.
"""

import argparse
import os
import random
from collections.abc import Mapping, Sequence
from statistics import fmean

from app.domain.tca.clusters import CLUSTERS_MIN, Interval, interval_by_cluster
from app.domain.tca.sequential import interval_at_any_time
from app.lab.runs import Arm, Pace, Run, World, arm_of, planned
from app.lab.spreading import over_processes
from app.lab.storing import Result, decoded
from app.lab.tables import by_start, differences, pair_costs

INSTRUMENT, PACE = "BTC-USDT", Pace(10, "10000")
WORLD = World(20, "0.0008", "0.001", "risk_averse")
DEARER = World(20, "0.0008", "0.0011", "risk_averse")
INJECTED_BPS = 1.0
PAIRS, INJECTED_PAIRS = 500, 20
ONE_LOOK, LOOKS, EVERY = 30, 120, 5
COMPARISONS = 4_000

Figures = dict[str, float]


def run(pairs: int = PAIRS) -> Figures:
    """pairs: of a buy and a sell, of each of two strategies; of the first half of the seeds against the second half."""
    market, twap = arm_of("market", PACE.block_seconds), arm_of("twap", PACE.block_seconds)
    seeds = range(1, pairs + 1)
    asked = {"market": _runs(market, WORLD, seeds), "twap": _runs(twap, WORLD, seeds)}
    asked["dearer"] = _runs(market, DEARER, range(1, min(pairs, INJECTED_PAIRS) + 1))
    found = _performed(asked)
    costs = {name: pair_costs(by_start(results)) for name, results in found.items()}
    injected = differences(costs["dearer"], costs["market"])
    apart = list(differences(costs["twap"], costs["market"]).values())
    same = _against_itself(found["twap"], pairs // 2)
    return {
        "lab.parents": float(sum(len(each.parents) for results in found.values() for each in results)),
        "lab.unmeasured": float(
            sum(parent.bps is None for results in found.values() for each in results for parent in each.parents)
        ),
        "lab.injected_error_bps": max(abs(each - INJECTED_BPS) for each in injected.values()),
        "lab.same_low_bps": same.low,
        "lab.same_high_bps": same.high,
        "lab.coverage_one_look": coverage_at_one_look(apart),
        "lab.coverage_any_time": coverage_at_any_time(apart),
    }


def coverage_at_one_look(draws: Sequence[float]) -> float:
    """How often the interval of ONE_LOOK draws holds the mean of all."""
    truth, draw, held = fmean(draws), random.Random(1), 0
    for _ in range(COMPARISONS):
        found = interval_by_cluster([(1.0, each) for each in draw.choices(draws, k=ONE_LOOK)])
        assert found is not None
        held += found.low <= truth <= found.high
    return held / COMPARISONS


def coverage_at_any_time(draws: Sequence[float]) -> float:
    """How often the interval holds the mean of all at every look, from CLUSTERS_MIN draws to LOOKS of them."""
    truth, draw, held = fmean(draws), random.Random(2), 0
    for _ in range(COMPARISONS):
        drawn = draw.choices(draws, k=LOOKS)
        looks = (interval_at_any_time(drawn[:count]) for count in range(CLUSTERS_MIN, LOOKS + 1, EVERY))
        held += all(found is not None and found.low <= truth <= found.high for found in looks)
    return held / COMPARISONS


def _against_itself(results: Sequence[Result], half: int) -> Interval:
    """The second half of the seeds as if they were the first ones of another strategy."""
    costs = {seed: cost for (_, _, seed), cost in pair_costs(by_start(results)).items()}
    apart = [costs[seed] - costs[seed + half] for seed in range(1, half + 1)]
    found = interval_by_cluster([(1.0, each) for each in apart])
    assert found is not None, f"at least {2 * CLUSTERS_MIN} pairs are needed"
    return found


def _runs(arm: Arm, world: World, seeds: Sequence[int]) -> list[Run]:
    return planned([(INSTRUMENT, None)], [arm], [world], PACE, seeds)


def _performed(asked: Mapping[str, Sequence[Run]]) -> dict[str, list[Result]]:
    runs = {run.key(): run for each in asked.values() for run in each}
    done = dict(over_processes(runs, os.cpu_count() or 1))
    return {name: [decoded(done[run.key()]) for run in each] for name, each in asked.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    for key, value in run(parser.parse_args().pairs).items():
        print(f"{key:<24} {value:10.4f}")
