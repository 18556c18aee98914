"""A process killed at every boundary while a person confirms a proposal: it is one order, or it waits again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.application import ApiOptions, build
from app.api.running import RunningSystem
from app.domain.refusals import RefusalClass
from app.exchanges.port import OutcomeKind
from app.main import create_control_app
from app.store import queries
from tests.simulation.parent_stack import ACCOUNT, BTC, Process, World, at_every_boundary, in_virtual_time
from tests.support.api_world import BASE_URL, RESTING_BUY, client_of

PROPOSALS = "/api/v1/proposals"
HELD = RESTING_BUY | {"take_profit": "60000", "stop_loss": "40000"}
TWAP = RESTING_BUY | {"size": "0.01", "strategy": "twap", "config": {"duration": 60, "num_slices": 2}}
PROPOSED = {"order": ("orders", RESTING_BUY), "held": ("orders", HELD), "execution": ("executions", TWAP)}
HOUR = 3_600.0


class Desk:
    """Who proposes and who confirms, whichever process answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.keys: dict[str, dict[str, str]] = {}

    async def made(self, process: Process, kind: str, body: dict[str, Any]) -> str:
        """The keys, and what one of them proposes."""
        async with client_of(create_control_app(process.system)) as control:
            for name, scopes in (("bot", ["read", "propose"]), ("anna", ["read", "orders:place", "executions"])):
                made = await control.post("/api/v1/keys", json={"name": name, "scopes": scopes})
                self.keys[name] = {"X-API-Key": made.json()["secret"]}
        asked = await self.ask(process, "bot", "POST", f"{PROPOSALS}/{kind}", body)
        assert asked.status_code == 202, asked.text
        return asked.json()["proposal_id"]

    async def ask(self, process: Process, who: str, method: str, path: str, body: Any = None) -> httpx2.Response:
        app = build(RunningSystem(process.system), ApiOptions(("127.0.0.1",), key_needed=True))
        # A process that dies answers nobody; what it raises inside is not what a client would see.
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            return await client.request(method, path, json=body, headers=self.keys[who])

    async def confirm(self, process: Process, proposal_id: str) -> httpx2.Response:
        return await self.ask(process, "anna", "POST", f"{PROPOSALS}/{proposal_id}/confirm", {})

    async def shown(self, process: Process) -> dict[str, Any]:
        (only,) = (await self.ask(process, "anna", "GET", PROPOSALS)).json()["proposals"]
        return only

    def told(self, kind: str) -> list[Any]:
        return list(queries.events(self.world.database, ACCOUNT, kind=kind))


async def confirmed_once(desk: Desk, process: Process, proposal_id: str) -> bool:
    """Confirmed until there is an answer or the process dies; whether it lives."""
    work = asyncio.create_task(desk.confirm(process, proposal_id))
    dead = asyncio.create_task(process.fuse.blown.wait())
    await asyncio.wait((work, dead), return_when=asyncio.FIRST_COMPLETED)
    alive = not process.fuse.blown.is_set()
    if not alive:
        work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    dead.cancel()
    return alive


def takes(_: World) -> None:
    pass


def is_busy(world: World) -> None:
    world.exchange.answer_next("place", OutcomeKind.REJECTED, code="50011", refusal=RefusalClass.PASSING)


def refuses(world: World) -> None:
    world.exchange.answer_next("place", OutcomeKind.REJECTED, code="51008", refusal=RefusalClass.STANDING)


def loses(world: World) -> None:
    world.exchange.answer_next("place", OutcomeKind.UNKNOWN)


@pytest.mark.parametrize(
    ("name", "exchange"),
    [("order", takes), ("order", is_busy), ("order", refuses), ("order", loses), ("held", takes), ("execution", takes)],
)
def test_a_confirmation_is_neither_lost_nor_doubled_whenever_the_process_dies(
    name: str, exchange: Callable[[World], None], tmp_path: Path
) -> None:
    """Row, journal (compared where the world ends) and answer agree: what is confirmed has its order, and of what has
    none a person may decide once more, which makes one."""

    async def killed_at(boundary: int, folder: Path) -> int:
        world = World(folder / "proposals.db")
        process, desk = await world.process(), Desk(world)
        proposal_id = await desk.made(process, *PROPOSED[name])
        exchange(world)
        process.fuse.passed, process.fuse.at = 0, boundary
        alive = await confirmed_once(desk, process, proposal_id)
        passed, process.fuse.at = process.fuse.passed, 0
        if not alive:
            await process.kill()
            process = await world.process()
        await world.clock.sleep(30)
        world.exchange._scripts["place"].clear()  # what was not asked for is not said to the next order
        shown = await desk.shown(process)
        if shown["state"] == "pending":
            assert world.exchange.venue.open == {}
            assert (shown["became"], shown["decided_by"]) == (None, None)
            tried = len(desk.told("approval.confirmed"))
            assert tried == len(desk.told("approval.reopened")) == (shown["reason"] != "")
        else:
            assert (shown["state"], shown["decided_by"], desk.told("approval.reopened")) == (
                "confirmed",
                "api:anna",
                [],
            )
        done = await desk.confirm(process, proposal_id)
        assert done.status_code == 200, done.text
        again = await desk.confirm(process, proposal_id)
        became = again.json()["proposal"]["became"]
        of = again.json()["order"] or again.json()["execution"]
        assert (done.json()["proposal"]["became"], of.get("order_id") or of["parent_id"]) == (became, became)
        await world.clock.sleep(30)
        if name == "order":
            assert [order.order_id for order in process.ledger.open_orders()] == [became]
            assert len(world.exchange.venue.open) == 1
        assert len(process.parents.history()) == {"order": 0, "held": 2, "execution": 1}[name]
        await process.stop()
        world.close()
        return passed if alive else 0

    at_every_boundary(tmp_path, killed_at)


def test_what_was_lost_with_the_process_expires_and_says_why_where_its_hour_is_over(tmp_path: Path) -> None:
    async def work() -> None:
        world = World(tmp_path / "proposals.db")
        process, desk = await world.process(), Desk(world)
        proposal_id = await desk.made(process, *PROPOSED["order"])
        process.fuse.passed, process.fuse.at = 0, 3  # the intent is durable, and nothing of it was sent
        assert not await confirmed_once(desk, process, proposal_id)
        assert process.fuse.where == "before submit"
        await process.kill()
        await world.clock.sleep(HOUR)
        process = await world.process()
        await world.clock.sleep(30)
        shown = await desk.shown(process)
        assert (shown["state"], shown["decided_by"], shown["became"]) == ("expired", None, None)
        assert "api:anna confirmed it: order ord-" in shown["reason"]
        assert "never reached the exchange" in shown["reason"]
        late = await desk.confirm(process, proposal_id)
        assert (late.status_code, "has expired: api:anna confirmed it" in late.text) == (404, True)
        assert world.placed == []
        (told,) = desk.told("approval.expired")
        (absent,) = desk.told("order.never_accepted")
        assert (told["order_id"], told["cause_seq"]) == (absent["order_id"], absent["seq"])
        await process.stop()
        world.close()

    in_virtual_time(work())


def test_an_order_that_was_held_for_refused_and_is_shown_alive_is_what_the_proposal_became(tmp_path: Path) -> None:
    """The exchange says no and shows it: confirmed once more it is that order, and no second one."""

    async def work() -> None:
        world = World(tmp_path / "proposals.db")
        process, desk = await world.process(), Desk(world)
        proposal_id = await desk.made(process, *PROPOSED["order"])
        world.exchange.hold_pushes = True
        world.exchange.answer_next("place", OutcomeKind.REJECTED, taken=True, code="51008")
        assert (await desk.confirm(process, proposal_id)).status_code == 422
        assert (await desk.shown(process))["state"] == "pending"
        world.exchange.release_pushes()
        await world.clock.sleep(1)
        assert process.ledger.kill_switch.engaged
        await process.executor.release_kill_switch("looked at", principal="operator:me")
        done = await desk.confirm(process, proposal_id)
        (alive,) = process.ledger.open_orders()
        assert (await desk.shown(process))["became"] == alive.order_id, done.text
        assert len(world.placed) == 1
        await process.executor.cancel_all(BTC)
        await world.clock.sleep(5)
        await process.stop()
        world.close()

    in_virtual_time(work())
