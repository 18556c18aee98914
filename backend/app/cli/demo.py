"""The demo: a simulated exchange as a child process, the system with its API, two sample strategies, and a view of it.

Ends by itself after a time (--exit) or at Ctrl-C, in order: strategies, orders under way, comparison with the
exchange, audit, API, system, exchange. A second run goes on where the first stopped.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from app.api.auth import KeyFileError
from app.cli import catalogue, local_exchange
from app.cli.demo_screen import Screen
from app.cli.demo_summary import Tally, summarise
from app.cli.demo_watch import Watch
from app.cli.errors import CommandError
from app.cli.serving import (
    ApiServer,
    address_of,
    controlled,
    listening_socket,
    logging_to,
    show_key,
    unless_stopped,
    where_served,
)
from app.clock import NS_PER_SECOND, SystemClock
from app.domain.money import plain
from app.domain.orders import PositionKey
from app.domain.refusals import InvalidValue
from app.main import api_key, create_app
from app.services.trading.errors import NotReady
from app.services.trading.tasks import TaskGroup
from app.settings import Settings
from app.store.errors import StoreError
from app.strategies.base import SignalStrategy
from app.strategies.registry import SIGNAL_STRATEGIES, build_strategy
from app.strategies.runner import SignalRunner
from app.strategies.signals import Signal, SignalType
from app.system import System

INSTRUMENT = "BTC-USDT"
MARKET_SECONDS = 10.0
SETTLE_SECONDS = 15.0
VIEW_SECONDS = 0.25
LOG = "demo.log"
ENTRIES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "book_pressure": ("chase", {"timeout": 2, "min_rest": 0.5, "finish": "cross"}),
    "trade_flow": ("twap", {"duration": 2, "num_slices": 3}),
}
"""By what the sample strategies enter; each is over before its strategy may signal again."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """seconds: None to go on until stopped. replay: recordings, none for the synthetic market of `seed`."""

    seconds: float | None
    replay: tuple[Path, ...]
    speed: float
    seed: int


async def run_demo(found: Settings, options: DemoOptions, stop: asyncio.Event) -> int:
    """The whole demo; 0 when the account agrees with the exchange and the audit is clean. Raises CommandError."""
    async with AsyncExitStack() as stack:
        taken = stack.enter_context(listening_socket(found))
        clock = SystemClock()
        screen = stack.enter_context(Screen(clock))
        credentials = local_exchange.credentials(found.data_dir, clock)
        stack.enter_context(logging_to(found, found.data_dir / LOG))
        screen.line("start", f"simulated OKX exchange, {_market(options)}")
        exchange = await local_exchange.start(
            found.data_dir, seed=options.seed, replay=options.replay, speed=options.speed
        )
        stack.push_async_callback(exchange.stop)
        found = found.model_copy(update=local_exchange.settings_of(credentials, exchange.address))
        system = System(found, clock=clock, progress=lambda text: screen.line("start", text))
        tally = Tally()
        try:
            key = api_key(found, clock)
        except KeyFileError as error:
            raise CommandError(str(error)) from None
        show_key(key)
        if not await unless_stopped(stop, system.start()):
            return 0
        stack.push_async_callback(system.stop)
        catalogue.save(found.data_dir, system.ledger.instruments)
        api = ApiServer(create_app(system, key=key), found, taken)
        stack.push_async_callback(api.stop)
        stack.enter_context(where_served(found.data_dir, address_of(taken)))
        stack.push_async_callback(stack.enter_context(controlled(system, found)).stop)
        watch = Watch(system, screen, tally, clock)
        stack.callback(watch.close)
        return await _trade(system, screen, watch, options, stop, exchange, taken)


async def _trade(
    system: System,
    screen: Screen,
    watch: Watch,
    options: DemoOptions,
    stop: asyncio.Event,
    exchange: local_exchange.LocalExchange,
    taken: socket.socket,
) -> int:
    """Strategies run until the time is over or somebody stops; then everything comes to rest and is compared."""
    await system.follow(INSTRUMENT)
    if not await system.market.wait_usable(INSTRUMENT, MARKET_SECONDS):
        raise CommandError(f"{INSTRUMENT}: no order book came within {MARKET_SECONDS:g} s")
    screen.line("start", f"API on {address_of(taken)}, log in {system.settings.data_dir / LOG}")
    runner = SignalRunner(
        system.market,
        [_strategy(system, screen, kind) for kind in SIGNAL_STRATEGIES],
        lambda signal, name: _execute(system, screen, signal, name),
        on_signal=watch.signal,
    )
    until_ns = None if options.seconds is None else system.clock.now_ns() + int(options.seconds * NS_PER_SECOND)
    screen.line("start", _plan(options))
    tasks = TaskGroup()
    try:
        running = tasks.spawn(runner.run(), "strategies")
        lost = tasks.spawn(exchange.ended(), "exchange")
        while not stop.is_set() and not running.done() and (until_ns is None or system.clock.now_ns() < until_ns):
            if lost.done():
                raise CommandError(lost.result())
            watch.show(until_ns)
            await system.clock.sleep(VIEW_SECONDS)
        if running.done():
            running.result()
        screen.line("end", "strategies stop; orders under way come to their end")
    finally:
        await tasks.stop()
    await _come_to_rest(system)
    return await summarise(system, screen, watch.tally)


def _strategy(system: System, screen: Screen, kind: str) -> SignalStrategy:
    """A sample strategy, which goes on with what its earlier orders hold."""
    strategy = build_strategy(kind)
    held = system.ledger.strategy_size(strategy.name, PositionKey(INSTRUMENT))
    if held >= system.ledger.instrument(INSTRUMENT).min_size:
        strategy.take_over(INSTRUMENT, held)
        screen.line("start", f"{kind} goes on holding {plain(held)} {INSTRUMENT}")
    return strategy


async def _execute(system: System, screen: Screen, signal: Signal, name: str) -> None:
    """A signal that cannot be an order (nothing to close, say) is told of and ends nothing."""
    strategy, config = ENTRIES.get(name, (None, None)) if signal.type is not SignalType.CLOSE else (None, None)
    try:
        await system.executor.execute_signal(signal, strategy_id=name, strategy=strategy, config=config)
    except (InvalidValue, NotReady) as error:
        screen.line("signal", f"{name}: not executed: {error}")
    except StoreError as error:
        screen.line("signal", f"{name}: outcome open: {error}")


async def _come_to_rest(system: System) -> None:
    """Wait until no order and no parent is open, at most SETTLE_SECONDS."""
    end_ns = system.clock.now_ns() + int(SETTLE_SECONDS * NS_PER_SECOND)
    while (system.ledger.open_count or system.parents.open_count) and system.clock.now_ns() < end_ns:
        await system.clock.sleep(0.05)


def _market(options: DemoOptions) -> str:
    if not options.replay:
        return f"synthetic market, seed {options.seed}"
    return "recorded market: " + ", ".join(path.name for path in options.replay)


def _plan(options: DemoOptions) -> str:
    names = " and ".join(SIGNAL_STRATEGIES)
    until = "until Ctrl-C" if options.seconds is None else f"for {options.seconds:g} s"
    return f"strategies {names} trade {INSTRUMENT} {until}"
