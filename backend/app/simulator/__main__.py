"""Command line of the simulated exchange.

`python -m app.simulator --port 18080 --api-key K --secret S --passphrase P`; `main` is also called by other shells.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from app.simulator.config import AccountConfig, Config, LatencyLeg
from app.simulator.faults import PROFILES
from app.simulator.feed.recording import terms_of
from app.simulator.market.instruments import DEFAULT_INSTRUMENTS, Instrument
from app.simulator.market.queue_models import MODELS
from app.simulator.server import serve


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="simulator", description="An OKX-compatible exchange on this machine. No real market, no real money."
    )
    add = made.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    add("--port", type=int, default=18080, help="port for HTTP and WebSocket (default %(default)s, 0: any)")
    add("--tls", action="store_true", help="serve https and wss (self-signed unless --cert and --key)")
    add("--cert", type=Path, help="certificate file, PEM")
    add("--key", type=Path, help="its private key, PEM")
    add("--api-key", default="", help="API key of account 'main'")
    add("--secret", default="", help="its secret")
    add("--passphrase", default="", help="its passphrase")
    add("--credentials", type=Path, metavar="FILE", help="JSON file: account, api_key, secret, passphrase")
    add("--account", action="append", default=[], metavar="NAME:KEY:SECRET:PASSPHRASE", help="a further account")
    add("--replay", nargs="+", action="extend", default=[], metavar="FILE", help="recorded market data, in order")
    add("--speed", type=float, default=1.0, help="replay pace: 1 real time, 0 as fast as possible (default 1)")
    add("--loop", action="store_true", help="start the recording again when it ends")
    add("--queue-model", choices=MODELS, default="risk_averse", help="queue position model for replay")
    add("--seed", type=int, default=1, help="seed of the synthetic market, faults and latencies")
    add("--flow-rate", type=float, default=20.0, help="synthetic events a second and market, 0: a still book")
    add("--faults", choices=sorted(PROFILES), default="none", help="fault profile")
    add("--latency-ms", default="0,0,0", metavar="ENTRY,RESPONSE,FEED", help="the three legs' delays (default none)")
    add("--data-dir", type=os.path.expanduser, help="keep accounts and orders here, and go on from there")
    add("--demo", action="store_true", help="demand x-simulated-trading: 1, as OKX's demo environment does")
    add("--no-rate-limits", action="store_true", help="let any number of requests through")
    add("--connect-limit", action="store_true", help="allow an address 3 WebSocket connections a second, as OKX does")
    add("--end-with-stdin", action="store_true", help="end when standard input does: with whoever started this")
    add("--legacy-ws-instid", action="store_true", help="accept instId instead of instIdCode in WebSocket orders")
    return made


def accounts(arguments: argparse.Namespace) -> tuple[AccountConfig, ...]:
    """The accounts asked for; ValueError names what is missing."""
    found: list[AccountConfig] = []
    if arguments.credentials is not None:
        found.append(_read_credentials(arguments.credentials))
    if arguments.api_key or not (arguments.account or found):
        for name in ("api_key", "secret", "passphrase"):
            if not getattr(arguments, name):
                raise ValueError(f"--{name.replace('_', '-')} is required (or give accounts with --account)")
        found.append(AccountConfig("main", arguments.api_key, arguments.secret, arguments.passphrase))
    for raw in arguments.account:
        parts = raw.split(":")
        if len(parts) != 4 or not all(parts):
            raise ValueError("--account: must be NAME:KEY:SECRET:PASSPHRASE")
        found.append(AccountConfig(*parts))
    return tuple(found)


def _read_credentials(path: Path) -> AccountConfig:
    """An account out of a file: arguments are seen by every user of the machine. ValueError without its contents."""
    try:
        body = json.loads(path.read_text("utf-8"))
        return AccountConfig(body["account"], body["api_key"], body["secret"], body["passphrase"])
    except OSError as problem:
        raise ValueError(f"--credentials: {path}: {problem.strerror}") from None
    except (ValueError, TypeError, KeyError):
        rule = "must be a JSON object with account, api_key, secret and passphrase"
        raise ValueError(f"--credentials: {path}: {rule}") from None


def legs(text: str) -> list[LatencyLeg]:
    """The three latency legs: each its delay plus up to half of it again at random."""
    try:
        delays = [round(float(part) * 1_000_000) for part in text.split(",")]
    except ValueError:
        delays = []
    if len(delays) != 3 or min(delays) < 0:
        raise ValueError(f"--latency-ms: {text!r} is not three delays in ms, as in 2,1,5")
    return [LatencyLeg(delay, delay // 2) for delay in delays]


def config(arguments: argparse.Namespace) -> Config:
    entry, response, feed = legs(arguments.latency_ms)
    replay = tuple(arguments.replay)
    return Config(
        accounts(arguments),
        instruments=_with_recorded(replay),
        seed=arguments.seed,
        flow_rate=arguments.flow_rate,
        replay=replay,
        speed=arguments.speed,
        loop=arguments.loop,
        queue_model=arguments.queue_model,
        environment="demo" if arguments.demo else "any",
        rate_limits=not arguments.no_rate_limits,
        legacy_ws_instid=arguments.legacy_ws_instid,
        connect_limit=arguments.connect_limit,
        faults=arguments.faults,
        data_dir=arguments.data_dir,
        entry=entry,
        response=response,
        feed=feed,
    )


def _with_recorded(replay: tuple[str, ...]) -> tuple[Instrument, ...]:
    """Those of the exchange, and on their own terms those that a recording brings."""
    brought = {terms.inst_id: terms for path in replay if (terms := terms_of(path)) is not None}
    own = tuple(each for each in DEFAULT_INSTRUMENTS if each.inst_id not in brought)
    return (*own, *brought.values())


class _EndOfInput(asyncio.Protocol):
    """Sets an event when the other end of a pipe is gone, however it went."""

    def __init__(self, ended: asyncio.Event) -> None:
        self._ended = ended

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended.set()


async def _at_end_of_input(ended: asyncio.Event) -> None:
    await asyncio.get_running_loop().connect_read_pipe(lambda: _EndOfInput(ended), sys.stdin)


async def _run(arguments: argparse.Namespace, settings: Config) -> None:
    server = await serve(
        settings,
        host=arguments.host,
        port=arguments.port,
        tls=arguments.tls,
        certificate=arguments.cert,
        key=arguments.key,
    )
    secure = "s" if arguments.tls or arguments.cert else ""
    address = f"{arguments.host}:{server.port}"
    print(
        f"simulated OKX exchange: http{secure}://{address}  ws{secure}://{address}/ws/v5  "
        f"({server.exchange.feeds.describe()})",
        flush=True,
    )
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, server.stopped.set)
    if arguments.end_with_stdin:
        await _at_end_of_input(server.stopped)
    await server.stopped.wait()
    await server.close()


def main(argv: list[str] | None = None) -> int:
    """Run until interrupted. 0 at a clean end, 2 for wrong arguments or an address that cannot be used."""
    arguments = parser().parse_args(argv)
    try:
        settings = config(arguments)
        asyncio.run(_run(arguments, settings))
    except (ValueError, OSError) as problem:
        print(f"simulator: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
