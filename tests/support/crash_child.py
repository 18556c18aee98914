"""A mother of processes to be killed: reads jobs on standard input, forks a whole system for each, tells how it ended.

Forking costs milliseconds where starting Python costs seconds. A job names a boundary of the order path; the process
kills itself there with SIGKILL, so nothing of it runs on. Boundary "" lets it live and end in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import select
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg  # noqa: F401  here, and not in each life anew
import structlog

from app.domain.access import OF_LOCAL
from app.domain.orders import OrderSide, OrderStatus, OrderType, TradeMode
from app.exchanges.okx import OkxExchange
from app.exchanges.okx.aiohttp_transport import AiohttpConnection
from app.services.signals.wishes import Wish
from app.services.trading.errors import TradingError
from app.services.trading.schemas import OrderParams
from app.settings import load_settings
from app.store.committer import Disk
from app.store.database import Database
from app.store.disks import OpenDisk, own_process
from app.store.durable import Durable
from app.store.transaction import Writes
from app.strategies.signals import SignalType
from app.system import System
from tests.support.disks import events_of

# What must come soon is short, what a busy machine may be slow with is long.
TIMING = {
    "request_timeout_seconds": 30,
    "loop_lag_stop_seconds": 60,
    "lease_seconds": 60,
    "expiry_seconds": 1,
    "expiry_margin_seconds": 0.3,
    "read_after_write_lag_seconds": 0.3,
    "lease_skew_seconds": 0.5,
}
BTC, SWAP = "BTC-USDT", "BTC-USDT-SWAP"
SETTLED_SECONDS = 300


@dataclass(frozen=True)
class Job:
    """key: which request this life makes; the same key in the next life is the same request made again."""

    name: str
    url: str
    rest_url: str
    ws_url: str
    boundary: str
    key: str


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class CrashingDisk:
    """The disk of life, in whose commits the process kills itself."""

    overlaps = True

    def __init__(self, disk: Disk, sqlite_dialect: bool, boundary: str) -> None:
        self._disk, self._sqlite, self._boundary = disk, sqlite_dialect, boundary

    def commit(self, writes: Writes) -> Durable | None:
        hit = self._boundary.endswith(" commit") and self._wanted(writes)
        if hit and self._boundary.startswith("before"):
            die()
        durable = self._disk.commit(writes)
        if hit and self._boundary.startswith("during"):
            die()
        if hit and durable is not None:
            durable.then(lambda _: die())
        return durable

    def close(self, last: Writes) -> Awaitable[None] | None:
        return self._disk.close(last)

    def _wanted(self, writes: Writes) -> bool:
        events = events_of(writes, self._sqlite)
        kinds = {event.kind for event in events}
        what = self._boundary.removeprefix("before ").removeprefix("during ").removeprefix("after ")
        return {
            "founding": "account.recorded" in kinds,
            "wish": "request.kept" in kinds and not kinds & {"order.intent", "order.denied"},
            "intent": bool(kinds & {"order.intent", "order.denied"}),
            "answer": "order.accepted" in kinds,
            "fill": any(event.trade_id for event in events),
            "amend": "order.amend_intent" in kinds,
            "cancel": "order.cancel_requested" in kinds,
            "watermark": kinds == {"account.watermark"},
        }.get(what.removesuffix(" commit"), False)


def crashing(boundary: str) -> OpenDisk:
    async def open_disk(database: Database) -> Disk:
        return CrashingDisk(await own_process(database), database.is_sqlite, boundary)

    return open_disk


def install(boundary: str) -> None:
    """Put the crash where it belongs."""
    for name in ("submit", "amend", "cancel"):
        _around(name, boundary)
    if boundary.endswith(" on the wire"):
        _on_the_wire(
            {"submit": '"op":"order"', "amend": '"op":"amend-order"', "cancel": '"op":"cancel-order"'}, boundary
        )


def _around(name: str, boundary: str) -> None:
    real = getattr(OkxExchange, name)

    async def send(self: OkxExchange, what: Any) -> Any:
        if boundary == f"before {name}":
            die()
        outcome = await real(self, what)
        if boundary == f"after {name}":
            die()
        return outcome

    setattr(OkxExchange, name, send)


def _on_the_wire(marks: dict[str, str], boundary: str) -> None:
    real = AiohttpConnection.send
    mark = marks[boundary.removesuffix(" on the wire")]

    async def send(self: AiohttpConnection, text: str) -> None:
        await real(self, text)
        if mark in text.replace(" ", ""):
            die()

    AiohttpConnection.send = send  # type: ignore[method-assign]


async def live(job: Job) -> None:
    """Start, ask for one thing of each kind, wait until everything is decided, end in order."""
    settings = load_settings(
        exchange="okx",
        database_url=job.url,
        okx_rest_url=job.rest_url,
        okx_ws_url=job.ws_url,
        okx_api_key="crash-key",
        okx_secret_key="crash-secret",
        okx_passphrase="crash-pass",
        risk={"max_order_value": "100000"},
        timing=TIMING,
    )
    system = System(settings, disk=crashing(job.boundary))
    await system.start()
    try:
        if job.key:
            await trade(system, job.key)
        await until(lambda: system.ready and all(settled(order) for order in system.ledger.open_orders()))
    finally:
        await system.stop()


def settled(order: Any) -> bool:
    waiting = order.amendments or order.cancel_requested
    return order.status is OrderStatus.LIVE and not waiting and order.filled == order.filled_size


async def trade(system: System, key: str) -> None:
    executor = system.executor

    def limit(price: str) -> OrderParams:
        return OrderParams(
            instrument_id=BTC,
            side=OrderSide.BUY,
            order_type=OrderType.LIMIT,
            size=Decimal("0.01"),
            price=Decimal(price),
        )

    resting = await executor.place_order(limit("49000"), idempotency_key=f"{key} rests")
    wish = Wish(type=SignalType.BUY, instrument_id=BTC, size=Decimal("0.01"), price=Decimal(51000))
    bought = (await system.inlets.intake.take(wish, OF_LOCAL, f"{key} fills")).order
    assert bought is not None
    swap = OrderParams(
        instrument_id=SWAP, side=OrderSide.BUY, order_type=OrderType.MARKET, size=Decimal(1), trade_mode=TradeMode.CROSS
    )
    await executor.place_order(swap, idempotency_key=f"{key} swap")
    doomed = await executor.place_order(limit("48000"), idempotency_key=f"{key} doomed")
    with contextlib.suppress(TradingError, ValueError):
        await executor.modify_order(resting.order_id, new_size=Decimal("0.02"))
    with contextlib.suppress(TradingError):
        await executor.cancel_order(doomed.order_id)
    with contextlib.suppress(TimeoutError):
        await executor.wait_for(bought.order_id, 30)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SETTLED_SECONDS):
        while not condition():  # noqa: ASYNC110  nothing tells of all of this at once
            await asyncio.sleep(0.05)


def run(job: Job) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    install(job.boundary)
    try:
        asyncio.run(live(job))
    except BaseException as error:
        print(f"{job.name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def main() -> None:
    gc.collect()
    gc.freeze()  # a collection in a life would touch, and so copy, all of its mother's memory
    running: dict[int, str] = {}
    line = ""
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], 0.05)
        if ready:
            line = sys.stdin.readline()
            if not line:
                return
            job = Job(**json.loads(line))
            pid = os.fork()
            if pid == 0:
                os._exit(run(job))
            running[pid] = job.name
        for pid in tuple(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                print(json.dumps({"name": running.pop(pid), "code": code}), flush=True)


if __name__ == "__main__":
    main()
