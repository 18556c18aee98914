"""What a run is: one strategy, on one market, in one world, under one seed; and the key of its result."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from typing import Any

from app.domain.money import plain
from app.domain.refusals import InvalidValue
from app.lab.tapes import Tape
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.config import Declared, Kind, canonical, declarations
from app.services.trading.execution_strategies.terms import offset

FORMAT = 3
"""Of the results: one of another format is another run."""
RUNS_MAX = 100_000
TIGHT_SECONDS = 5
"""Before its block is over an order's time is."""
FITTING: Mapping[str, Mapping[str, Any]] = {
    "market": {},
    "limit": {"peg_offset_pct": "0"},
    "twap": {"num_slices": 5},
    "vwap": {"num_slices": 5},
    "implementation_shortfall": {"num_slices": 5},
    "adaptive": {"num_slices": 5},
    "iceberg": {"visible_pct": "0.2"},
    "pov": {"window": 10, "interval": 1, "force_completion": True},
    "chase": {},
    "sniper": {"limit_offset_pct": "0.0005"},
}
"""Those that work an order by themselves, and what they are given unless it is said otherwise. To that comes how long
it may take."""
LIMIT_OFFSET = "limit_offset_pct"
BASELINES = ("market", "twap")


@dataclass(frozen=True, slots=True)
class Arm:
    """A strategy as it is compared. name: as it was asked for. config: all of it, in canonical JSON. limit_offset: its
    limit price lies so far beyond the mid of its start."""

    name: str
    strategy: str
    config: str
    limit_offset: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """latency_ms: at least, each way; up to half of it more by chance. maker, taker: fees as fractions; None: the
    exchange's own. queue_model: where an order stands in a recorded queue."""

    latency_ms: float
    maker: str | None
    taker: str | None
    queue_model: str


@dataclass(frozen=True, slots=True)
class Pace:
    """block_seconds: a buy and a sell begin at each whole multiple of it since 1970, and are over before the next.
    notional: what each is for, in the currency that the instrument is valued in."""

    block_seconds: int
    notional: str


@dataclass(frozen=True, slots=True)
class Run:
    """tape: None for a synthetic market, whose seed is one block."""

    instrument_id: str
    tape: Tape | None
    arm: Arm
    world: World
    pace: Pace
    seed: int

    def facts(self) -> dict[str, Any]:
        """All that its result follows from; a tape by what is in it, wherever it lies."""
        return {
            "format": FORMAT,
            "version": release(),
            "instrument_id": self.instrument_id,
            "tape": None if self.tape is None else self.tape.digest,
            "blocks": [] if self.tape is None else list(self.tape.blocks),
            "strategy": self.arm.strategy,
            "config": json.loads(self.arm.config),
            **({} if self.arm.limit_offset is None else {LIMIT_OFFSET: self.arm.limit_offset}),
            "latency_ms": self.world.latency_ms,
            "fees": [self.world.maker, self.world.taker],
            "queue_model": self.world.queue_model,
            "block_seconds": self.pace.block_seconds,
            "notional": self.pace.notional,
            "seed": self.seed,
        }

    def key(self) -> str:
        told = json.dumps(self.facts(), sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def release() -> str:
    """Whose results those of runs are."""
    return version("trading-executor")


def arm_of(text: str, block_seconds: int) -> Arm:
    """From `twap` or `twap:style=passive,num_slices=4`. Raises InvalidValue."""
    name, _, said = text.partition(":")
    if name not in FITTING:
        known = "waits for a price or a position" if name in STRATEGIES else "is no strategy"
        raise InvalidValue("strategy", name, f"{known}; the lab compares {', '.join(FITTING)}")
    kinds = {key: declared for key, (declared, _) in declarations(STRATEGIES[name].Config).items()}
    asked = dict(sorted(_pair(text, each, kinds) for each in filter(None, said.split(","))))
    lasting = {key: block_seconds - TIGHT_SECONDS for key in ("duration", "timeout") if key in kinds}
    given = {**lasting, **FITTING[name], **asked}
    limit_offset = given.pop(LIMIT_OFFSET, None)
    if limit_offset is not None:
        limit_offset = plain(offset(LIMIT_OFFSET, limit_offset))
    config = STRATEGIES[name](None, given).config
    shown = ",".join(f"{key}={value}" for key, value in asked.items())
    return Arm(f"{name}:{shown}" if shown else name, name, canonical(config), limit_offset)


def _pair(text: str, each: str, kinds: Mapping[str, Declared]) -> tuple[str, Any]:
    """A key and its value; what the strategy does not know is for it to refuse, by its name."""
    key, equals, value = each.partition("=")
    if not equals:
        raise InvalidValue("strategy", text, "must be NAME, or NAME:KEY=VALUE,KEY=VALUE")
    flag = key in kinds and kinds[key].kind is Kind.FLAG
    return key, {"true": True, "false": False}.get(value, value) if flag else value


def planned(
    markets: Sequence[tuple[str, Tape | None]],
    arms: Sequence[Arm],
    worlds: Sequence[World],
    pace: Pace,
    seeds: Sequence[int],
) -> list[Run]:
    """Every strategy on the same market before the next market. Raises InvalidValue where they are too many."""
    count = len(markets) * len(arms) * len(worlds) * len(seeds)
    if count > RUNS_MAX:
        raise InvalidValue("runs", count, f"at most {RUNS_MAX}: fewer seeds, strategies, latencies or queue models")
    return [
        Run(instrument_id, tape, arm, world, pace, seed)
        for (instrument_id, tape), world, seed, arm in product(markets, worlds, seeds, arms)
    ]
