"""A real process with a real database and an exchange over sockets, killed with SIGKILL at each boundary of an order.

After the next start nothing is lost and nothing doubled: both ledgers are the same, no order was sent twice, the
journal folds to the tables, and the same requests made again find the orders that they made before.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SystemClock
from app.domain.instruments import Instrument
from app.domain.orders import OrderStatus
from app.exchanges.okx import OkxConfig, OkxExchange
from app.journal.audit import audit
from app.simulator import AccountConfig, Config
from app.simulator.server import serve
from app.store import migrating, queries
from app.store.database import Database
from tests.support.crash_child import Job
from tests.support.postgres import PostgresServer

BOUNDARIES = (
    "before founding commit",
    "after founding commit",
    "before wish commit",
    "during wish commit",
    "after wish commit",
    "before intent commit",
    "during intent commit",
    "after intent commit",
    "before submit",
    "submit on the wire",
    "after submit",
    "before answer commit",
    "during answer commit",
    "after answer commit",
    "before fill commit",
    "during fill commit",
    "after fill commit",
    "before amend commit",
    "after amend commit",
    "before amend",
    "amend on the wire",
    "after amend",
    "before cancel commit",
    "during cancel commit",
    "before cancel",
    "cancel on the wire",
    "after cancel",
    "before watermark commit",
)
ACCOUNT = AccountConfig("main", "crash-key", "crash-secret", "crash-pass")
AT_ONCE = 6
TRIES_MAX = 5
LIFE_SECONDS = 400
"""More than a life gives itself on a machine that does twenty things beside (crash_child.SETTLED_SECONDS)."""
KILLED = -9
REFUSED = (OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.NEVER_ACCEPTED, OrderStatus.NOT_SENT)


class Mother:
    """tests.support.crash_child as a process: starts lives, tells how each ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ended: dict[str, asyncio.Future[int]] = {}
        self._reading = asyncio.create_task(self._read())

    async def run(self, job: Job) -> int:
        self._ended[job.name] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps(asdict(job)) + "\n").encode())
        return await asyncio.wait_for(self._ended[job.name], LIFE_SECONDS)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            self._ended.pop(told["name"]).set_result(told["code"])

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), 10)
        await self._reading


@asynccontextmanager
async def mother() -> AsyncIterator[Mother]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.crash_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=environment(),
    )
    made = Mother(process)
    try:
        yield made
    finally:
        await made.close()


def environment() -> dict[str, str]:
    root = Path(__file__).parents[2]
    return {**os.environ, "PYTHONPATH": f"{root / 'backend'}{os.pathsep}{root}"}


async def one_boundary(mother: Mother, boundary: str, url: str) -> list[str]:
    """A life that ends at the boundary, one that makes the same requests again, one that only looks; what is wrong."""
    server = await serve(Config(accounts=(ACCOUNT,), flow_rate=0.0), host="127.0.0.1", port=0)
    address = f"127.0.0.1:{server.port}"

    async def life(number: int, at: str, key: str) -> int:
        name = f"{boundary}, life {number}"
        return await mother.run(Job(name, url, f"http://{address}", f"ws://{address}/ws/v5", at, key))

    try:
        # On a busy machine an order may be refused for its age before the boundary is reached: then it is tried again.
        tries, first = 1, await life(1, boundary, "k1")
        while first == 0 and tries < TRIES_MAX:
            tries += 1
            first = await life(1, boundary, f"k{tries}")
        codes = [first, await life(2, "", ""), await life(3, "", f"k{tries}")]
        problems = [] if codes == [KILLED, 0, 0] else [f"the lives ended with {codes}"]
        theirs = server.exchange.control.ledger()["accounts"][ACCOUNT.name]
        problems += differences(url, theirs, await instruments(address), tries)
    finally:
        await server.close()
    return [f"{boundary}: {problem}" for problem in problems]


async def instruments(address: str) -> dict[str, Instrument]:
    config = OkxConfig(ACCOUNT.api_key, ACCOUNT.secret, ACCOUNT.passphrase, f"http://{address}", f"ws://{address}")
    exchange = OkxExchange(config, SystemClock())
    try:
        return {each.instrument_id: each for each in await exchange.instruments()}
    finally:
        await exchange.stop()


def differences(url: str, theirs: dict[str, Any], listed: dict[str, Instrument], requests: int) -> list[str]:
    database = Database(url)
    try:
        found = compared(database, theirs, requests)
        found += [str(finding) for finding in audit(database, "main", listed).findings]
    finally:
        database.close()
    return found


def compared(database: Database, theirs: dict[str, Any], requests: int) -> list[str]:
    """requests: how many times everything was asked for, each time by other keys."""
    problems: list[str] = []
    orders = queries.order_history(database, "main", limit=500).rows
    sent = Counter(order["clOrdId"] for order in theirs["orders"])
    problems += [f"{name} is at the exchange {count} times" for name, count in sent.items() if count > 1]
    ours = {o.request.client_order_id: (o.status.value, o.filled) for o in orders if o.status not in REFUSED}
    there = {o["clOrdId"]: (o["state"], Decimal(o["accFillSz"])) for o in theirs["orders"]}
    if ours != there:
        problems.append(f"orders: {ours}, at the exchange {there}")
    wanted = Counter({"live": requests, "filled": 2 * requests, "canceled": requests})
    states = Counter(state for state, _ in there.values())
    if states - wanted:
        problems.append(f"doubled: {states}")
    booked = {
        (row["trade_id"], row["exchange_order_id"], row["price"], row["size"])
        for rows in queries.iter_trades(database, "main")
        for row in rows
    }
    truth = {(f["tradeId"], f["ordId"], Decimal(f["fillPx"]), Decimal(f["fillSz"])) for f in theirs["fills"]}
    if booked != truth:
        problems.append(f"fills: {booked}, at the exchange {truth}")
    state = queries.load_account(database, "main")
    cash = {currency: Decimal(amount) for currency, amount in theirs["cash"].items() if Decimal(amount)}
    if {c: total for c, total in state.balances.items() if total} != cash:
        problems.append(f"balances: {dict(state.balances)}, at the exchange {cash}")
    invented = [row for row in queries.cash_movements(database, "main") if row["kind"] not in ("opening", "rounding")]
    problems += [f"unexplained: {row}" for row in invented]
    return problems


async def matrix(new_database: Callable[[str], str]) -> list[str]:
    async with mother() as made:
        free = asyncio.Semaphore(AT_ONCE)

        async def one(boundary: str) -> list[str]:
            async with free:
                return await one_boundary(made, boundary, new_database(boundary))

        return [problem for found in await asyncio.gather(*map(one, BOUNDARIES)) for problem in found]


@pytest.mark.timeout(900)
async def test_killed_at_every_boundary_on_sqlite(tmp_path: Path) -> None:
    template = tmp_path / "template.db"
    migrate(f"sqlite:///{template}")

    def new_database(boundary: str) -> str:
        path = tmp_path / f"{boundary.replace(' ', '-')}.db"
        shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    assert await matrix(new_database) == []


@pytest.mark.timeout(900)
async def test_killed_at_every_boundary_on_postgresql(postgres_server: PostgresServer) -> None:
    postgres_server.template("migrated", migrate)
    with ExitStack() as databases:

        def new_database(_: str) -> str:
            return databases.enter_context(postgres_server.fresh_database(template="migrated"))

        assert await matrix(new_database) == []


def migrate(url: str) -> None:
    database = Database(url)
    migrating.upgrade(database)
    database.close()
