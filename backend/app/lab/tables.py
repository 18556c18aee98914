"""What strategies cost, and by how much each differs from the baselines on the same starts.

A buy and a sell of one start are a pair, and what the market did meanwhile cancels out in its mean. What began at one
time shares its market: all pairs of a block of a recording, whatever their seed, are one draw; of a synthetic market a
seed is one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from app.domain.refusals import InvalidValue
from app.domain.tca.clusters import CLUSTERS_MIN, Interval, interval_by_cluster
from app.lab.runs import BASELINES, Pace, Run, World, release
from app.lab.storing import Parent, Result

PARTS = ("spread", "execution", "opportunity", "fees", "cleanup", "total")
FIGURES = ("completion", "maker_share", "participation", "schedule_error", "duration_seconds")
Costs = Mapping[int, float]
"""By cluster, in basis points."""
Start = tuple[int, str, int]
"""Its cluster, its tape's digest (none of a synthetic market) and its seed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """From a baseline, in basis points: below zero is cheaper. blocks: in which both were measured. interval: 95 % at
    one look; None where there is none, and why says why."""

    baseline: str
    blocks: int
    mean: float | None
    interval: Interval | None
    why: str


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One strategy. pairs: starts of which both sides are measured, in so many blocks; unmeasured: parents that have no
    cost, most of them because of `why`. bps: means of the parts over pairs, positive is bad. figures: means over
    parents that have them. costs: of each block, in order of time."""

    name: str
    pairs: int
    blocks: int
    unmeasured: int
    why: str
    bps: dict[str, float | None]
    figures: dict[str, float | None]
    costs: tuple[float, ...]
    against: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """What arms are compared on: one instrument, in one world. dark: blocks of its recordings in which the book did not
    change, and nothing was begun."""

    instrument_id: str
    source: str
    world: str
    block_seconds: int
    notional: str
    dark: int
    arms: tuple[ArmRow, ...]


def tabled(results: Sequence[Result]) -> list[Market]:
    """By market, in a fixed order; arms with the baselines first."""
    return [_market(found) for _, found in sorted(by_market(results).items())]


def by_market(results: Iterable[Result]) -> dict[tuple[object, ...], list[Result]]:
    """Those whose costs may be set against each other: recordings of one instrument are one market. Raises InvalidValue
    where two releases made those of one."""
    found: dict[tuple[object, ...], list[Result]] = {}
    for each in results:
        world = World(each.latency_ms, *each.fees, each.queue_model)
        of = _of(each.instrument_id, each.tape is None, world, Pace(each.block_seconds, each.notional))
        same = found.setdefault(of, [])
        if same and same[0].version != each.version:
            raise _two_releases(each.instrument_id)
        same.append(each)
    return found


def check_one_release(results: Iterable[Result], runs: Iterable[Run]) -> None:
    """Raises InvalidValue where results of a market that runs are on are of another release than theirs."""
    asked = {_of(run.instrument_id, run.tape is None, run.world, run.pace): run for run in runs}
    for of, (first, *_) in by_market(results).items():
        if of in asked and first.version != release():
            raise _two_releases(first.instrument_id)


def _of(instrument_id: str, synthetic: bool, world: World, pace: Pace) -> tuple[object, ...]:
    fees = (world.maker or "", world.taker or "")
    return (instrument_id, synthetic, pace.block_seconds, pace.notional, world.latency_ms, *fees, world.queue_model)


def _two_releases(instrument_id: str) -> InvalidValue:
    return InvalidValue("results", instrument_id, "stands for two releases; begin another folder")


def by_start(results: Iterable[Result]) -> dict[Start, dict[str, Parent]]:
    """One strategy's parents by side, each once: runs over parts of a tape have starts in common. It is that of the
    longest run, for all strategies, but for one that is not measured there and is in another."""
    found: dict[Start, dict[str, Parent]] = {}
    for result in sorted(results, key=lambda each: len(each.parents), reverse=True):
        for parent in result.parents:
            sides = found.setdefault(_start(result, parent), {})
            if sides.setdefault(parent.side, parent).bps is None and parent.bps is not None:
                sides[parent.side] = parent
    return found


def pair_costs(starts: Mapping[Start, Mapping[str, Parent]], part: str = "total") -> dict[Start, float]:
    """The mean of both sides, in order; only where both are measured."""
    costs = {
        start: [float(parent.bps[part]) for parent in sides.values() if parent.bps is not None]
        for start, sides in sorted(starts.items())
    }
    return {start: fmean(both) for start, both in costs.items() if len(both) == 2}


def differences(ours: Mapping[Start, float], theirs: Mapping[Start, float]) -> Costs:
    """Ours less theirs by cluster, over the starts that both have."""
    return by_cluster({start: ours[start] - theirs[start] for start in ours if start in theirs})


def by_cluster(costs: Mapping[Start, float]) -> Costs:
    """The mean of each cluster, in order."""
    held: dict[int, list[float]] = {}
    for (cluster, _, _), value in sorted(costs.items()):
        held.setdefault(cluster, []).append(value)
    return {cluster: fmean(values) for cluster, values in held.items()}


def too_few(blocks: int) -> str:
    return f"too few blocks: {blocks}, an interval takes {CLUSTERS_MIN}"


def _start(result: Result, parent: Parent) -> Start:
    return (result.seed if result.tape is None else parent.block_ns, result.tape or "", result.seed)


def _market(results: Sequence[Result]) -> Market:
    first, arms = results[0], {name: by_start(of) for name, of in by_arm(results).items()}
    pairs = {name: pair_costs(of) for name, of in arms.items()}
    order = [name for name in BASELINES if name in arms] + sorted(name for name in arms if name not in BASELINES)
    fees = "" if first.fees[0] is None else f", fees {first.fees[0]}/{first.fees[1]}"
    dark = {(each.tape, block_ns) for each in results for block_ns in each.dark}
    return Market(
        first.instrument_id,
        ", ".join(sorted({each.tape_name or "synthetic" for each in results})),
        f"{first.latency_ms:g} ms, {first.queue_model}{fees}",
        first.block_seconds,
        first.notional,
        len(dark),
        tuple(_arm(name, arms[name], pairs) for name in order),
    )


def by_arm(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Raises InvalidValue where one name stands for two configurations (a later release has another default)."""
    found: dict[str, list[Result]] = {}
    for each in results:
        same = found.setdefault(each.name, [])
        if same and (same[0].config, same[0].limit_offset_pct) != (each.config, each.limit_offset_pct):
            raise InvalidValue("results", each.name, "stands for two configurations; begin another folder")
        same.append(each)
    return found


def _arm(name: str, starts: Mapping[Start, Mapping[str, Parent]], pairs: Mapping[str, Mapping[Start, float]]) -> ArmRow:
    parents, own = [parent for sides in starts.values() for parent in sides.values()], pairs[name]
    costs, reasons = by_cluster(own), [parent.why for parent in parents if parent.bps is None]
    return ArmRow(
        name=name,
        pairs=len(own),
        blocks=len(costs),
        unmeasured=len(reasons),
        why=Counter(reasons).most_common(1)[0][0] if reasons else "",
        bps={part: _mean(by_cluster(pair_costs(starts, part)).values()) for part in PARTS},
        figures={figure: _mean(_known(parents, figure)) for figure in FIGURES},
        costs=tuple(costs.values()),
        against=tuple(
            _difference(base, differences(own, pairs[base])) for base in BASELINES if base in pairs and base != name
        ),
    )


def _known(parents: Iterable[Parent], figure: str) -> Iterable[float]:
    return [float(value) for parent in parents if (value := getattr(parent, figure)) is not None]


def _mean(values: Iterable[float]) -> float | None:
    held = list(values)
    return fmean(held) if held else None


def _difference(baseline: str, apart: Costs) -> Difference:
    interval = interval_by_cluster([(1.0, each) for each in apart.values()])
    why = "" if interval is not None else too_few(len(apart))
    return Difference(baseline, len(apart), _mean(apart.values()), interval, why)
