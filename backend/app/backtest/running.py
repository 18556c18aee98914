"""One backtest: the system of production over the simulated exchange, until the market is over, in one process.

Same file, options and seed, same result to the byte: time is virtual, ids are drawn from the seed, the database lies in
a folder that goes. What a strategy sees has gone through the exchange's feed, what it does through its order entry.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from app.backtest.results import BacktestResult, Equity, read
from app.backtest.venue import LocalVenue
from app.backtest.world import account, listed, start_of, started
from app.clock import NS_PER_SECOND, VirtualTimeLoop, utc
from app.domain.refusals import InvalidValue
from app.services.strategies.running import Standing
from app.settings import Settings
from app.simulator import Config, LatencyLeg
from app.simulator.market.instruments import Instrument
from app.system import System

EQUITY_POINTS = 200
LEAST_STEP_SECONDS = 1
REST_SECONDS = 3
"""After the end, for what is under way, and for costs to be written."""
START_BALANCE = Decimal(100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestOptions:
    """seconds: how long; of a tape None goes to its end. tape: recordings, in order; none for a synthetic market.
    balances: what the account begins with. latency_ms: each way, of orders, answers and the market's news."""

    seconds: float | None = 3_600
    tape: tuple[Path, ...] = ()
    seed: int = 1
    balances: Mapping[str, Decimal] = field(default_factory=dict)
    latency_ms: float = 20


def run(settings: Settings, options: BacktestOptions) -> BacktestResult:
    """Of the strategies that the settings name. Raises InvalidValue for what they say, and for a tape that is none."""
    with (
        tempfile.TemporaryDirectory(prefix="backtest-") as folder,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        return runner.run(_run(settings, options, Path(folder)))


async def _run(settings: Settings, options: BacktestOptions, folder: Path) -> BacktestResult:
    config = _config(settings, options, [listed(each) for each in _traded(settings)])
    async with started(settings, config, start_of(options.tape), folder) as (system, venue):
        curve = await _live(system, venue, options)
        await system.strategies.stop()
        await system.clock.sleep(REST_SECONDS + 4 * options.latency_ms / 1_000)
        curve.append(_equity(system))
        return await read(system, curve, options.seed, tuple(path.name for path in options.tape))


async def _live(system: System, venue: LocalVenue, options: BacktestOptions) -> list[Equity]:
    """Until the time, the tape or the last strategy is over; the equity as it went."""
    clock, curve = system.clock, list[Equity]()
    began_ns = clock.monotonic_ns()
    end_ns = None if options.seconds is None else began_ns + int(options.seconds * NS_PER_SECOND)
    step = max(LEAST_STEP_SECONDS, (options.seconds or 0) / EQUITY_POINTS)
    while True:
        curve.append(_equity(system))
        failed = all(view.standing is Standing.FAILED for view in system.strategies.views())
        left = None if end_ns is None else (end_ns - clock.monotonic_ns()) / NS_PER_SECOND
        if failed or venue.exchange.feeds.over or (left is not None and left <= 0):
            return _thinned(curve)
        await clock.sleep(step if left is None else min(step, left))


def _equity(system: System) -> Equity:
    return Equity(utc(system.clock.now_ns()), system.ledger.equity_now())


def _thinned(curve: list[Equity]) -> list[Equity]:
    """At most twice EQUITY_POINTS of them, the first among them."""
    return curve[:: max(1, len(curve) // EQUITY_POINTS)]


def _traded(settings: Settings) -> list[str]:
    """In the order of the settings, each once."""
    found = (each for table in settings.strategies.values() for each in table.get("instruments", ()))
    return list(dict.fromkeys(map(str, found)))


def _config(settings: Settings, options: BacktestOptions, instruments: list[Instrument]) -> Config:
    quotes = dict.fromkeys(each.quote if each.is_spot else each.settle for each in instruments)
    balances = dict(options.balances) or dict.fromkeys(quotes, START_BALANCE)
    leg = LatencyLeg(base_ns=int(options.latency_ms * 1_000_000))
    try:
        return Config(
            (account(settings, balances),),
            tuple(instruments),
            seed=options.seed,
            replay=tuple(map(str, options.tape)),
            entry=leg,
            response=leg,
            feed=leg,
        )
    except ValueError as error:
        raise InvalidValue("backtest", "its settings", str(error)) from None
