"""Proposals: asked for by a program, placed when a person confirms, once, within the limits of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.application import ApiOptions, build
from app.api.running import RunningSystem
from app.domain.refusals import RefusalClass
from app.exchanges.port import OutcomeKind
from app.journal.audit import audit
from app.services.trading.parents import starting
from app.store import queries
from tests.support.api_world import BASE_URL, MARKET_BUY, RESTING_BUY, TIMING, ApiWorld, api_world

PROPOSALS = "/api/v1/proposals"
TWAP = {**MARKET_BUY, "size": "0.01", "strategy": "twap", "config": {"duration": 60.5, "num_slices": 2}}


class Desk:
    """Keys and what they ask: `bot` may propose, `anna` may place, `eve` is limited, `watcher` reads."""

    def __init__(self, world: ApiWorld, client: httpx2.AsyncClient) -> None:
        self.world = world
        self.client = client
        self.keys: dict[str, dict[str, str]] = {}

    async def make(self, name: str, scopes: list[str], **limits: Any) -> None:
        made = await self.world.control.post("/api/v1/keys", json={"name": name, "scopes": scopes, **limits})
        assert made.status_code == 201, made.text
        self.keys[name] = {"X-API-Key": made.json()["secret"]}

    async def ask(self, who: str, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> httpx2.Response:
        headers = self.keys[who] | headers
        if body is None:
            return await self.client.get(path, headers=headers)
        return await self.client.post(path, json=body, headers=headers)

    async def proposed(self, body: Mapping[str, Any] = MARKET_BUY, kind: str = "orders") -> str:
        answer = await self.ask("bot", f"{PROPOSALS}/{kind}", body)
        assert answer.status_code == 202, answer.text
        assert answer.json()["state"] == "pending"
        return answer.json()["proposal_id"]

    async def confirm(self, who: str, proposal_id: str) -> httpx2.Response:
        return await self.ask(who, f"{PROPOSALS}/{proposal_id}/confirm", {})

    async def state(self, proposal_id: str) -> dict[str, Any]:
        listed = (await self.ask("watcher", PROPOSALS)).json()["proposals"]
        return next(each for each in listed if each["proposal_id"] == proposal_id)


@asynccontextmanager
async def opened(folder: Path, **settings: Any) -> AsyncIterator[Desk]:
    async with api_world(folder, **settings) as world:
        app = build(RunningSystem(world.system), ApiOptions(("127.0.0.1",), key_needed=True))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as client:
            yield Desk(world, client)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as made:
        await staff(made)
        yield made


async def staff(desk: Desk) -> None:
    await desk.make("bot", ["read", "propose"])
    await desk.make("anna", ["read", "orders:place", "executions"])
    await desk.make("watcher", ["read"])


def busy(desk: Desk) -> None:
    """The exchange refuses the next order, for the moment."""
    desk.world.exchange.answer_next(
        "place", OutcomeKind.REJECTED, code="50011", message="busy", refusal=RefusalClass.PASSING
    )


def sends(desk: Desk) -> int:
    return len(desk.world.exchange.sends)


async def test_a_proposed_order_is_placed_once_when_a_person_confirms_it(desk: Desk) -> None:
    first = await desk.proposed()
    assert await desk.proposed() == first, "the same proposal, while it waits, is one"
    assert sends(desk) == 0
    assert (await desk.ask("bot", f"{PROPOSALS}/{first}/confirm", {})).status_code == 403
    done = await desk.confirm("anna", first)
    assert done.status_code == 200, done.text
    order = done.json()["order"]
    assert (done.json()["execution"], done.json()["proposal"]["became"]) == (None, order["order_id"])
    again = await desk.confirm("anna", first)
    assert (again.status_code, again.json()["order"]["order_id"]) == (200, order["order_id"]), "an answer may be lost"
    late = await desk.ask("anna", f"{PROPOSALS}/{first}/refuse", {})
    assert (late.status_code, late.json()["type"].rpartition(":")[2]) == (409, "proposal-confirmed")
    assert sends(desk) == 1
    assert desk.world.events("order.intent")[-1]["principal"] == "api:bot", "on the word of who proposed it"
    assert desk.world.events("approval.confirmed")[-1]["principal"] == "api:anna"
    shown = await desk.state(first)
    assert (shown["state"], shown["asked_by"], shown["decided_by"]) == ("confirmed", "api:bot", "api:anna")
    assert shown["request"] == MARKET_BUY
    assert await desk.proposed() != first, "done, the same may be proposed again"


async def test_one_is_shown_however_many_came_after_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.proposals.SHOWN_MAX", 1)
    first, last = await desk.proposed(), await desk.proposed(TWAP, "executions")
    listed = (await desk.ask("watcher", PROPOSALS)).json()["proposals"]
    assert [each["proposal_id"] for each in listed] == [last]
    shown = await desk.ask("watcher", f"{PROPOSALS}/{first}")
    assert (shown.status_code, shown.json()["state"], shown.json()["request"]) == (200, "pending", MARKET_BUY)
    assert (await desk.ask("watcher", f"{PROPOSALS}/{last}")).json() == listed[0]
    gone = await desk.ask("watcher", f"{PROPOSALS}/ap-0123456789abcdef")
    assert (gone.status_code, gone.json()["type"].rpartition(":")[2]) == (404, "proposal-not-found")


async def test_a_proposed_execution_is_started_with_its_configuration_as_given(desk: Desk) -> None:
    proposal_id = await desk.proposed(TWAP, "executions")
    assert desk.world.system.parents.open_count == 0
    done = await desk.confirm("anna", proposal_id)
    assert done.status_code == 200, done.text
    started = done.json()["execution"]
    assert (started["parent_id"], started["config"]["duration"]) == (done.json()["proposal"]["became"], "60.5")
    again = await desk.confirm("anna", proposal_id)
    assert (again.status_code, again.json()["execution"]["parent_id"]) == (200, started["parent_id"])
    assert (await desk.ask("bot", f"/api/v1/trading/executions/{started['parent_id']}")).status_code == 200
    assert desk.world.system.parents.open_count == 1


async def test_what_risk_would_refuse_is_refused_when_it_is_proposed_and_looked_at_again_when_it_is_confirmed(
    desk: Desk,
) -> None:
    for kind, body in (("orders", MARKET_BUY | {"size": "5"}), ("executions", TWAP | {"size": "0.0000001"})):
        refused = await desk.ask("bot", f"{PROPOSALS}/{kind}", body)
        assert refused.status_code == 422, kind
        assert "size" in {each["field"] for each in refused.json()["errors"]}
    stop = MARKET_BUY | {"order_type": "stop", "trigger_price": "51000", "distance": "5"}
    bracket = RESTING_BUY | {"take_profit": "40000", "stop_loss": "60000"}
    for body, field in ((stop, "distance"), (bracket, "stop_loss")):
        refused = await desk.ask("bot", f"{PROPOSALS}/orders", body)
        assert refused.status_code == 422, (body, refused.text)
        assert refused.json()["errors"][0]["field"] == field, "as one that is held here"
    misspelt = await desk.ask("bot", f"{PROPOSALS}/orders", MARKET_BUY | {"sise": "1"})
    assert [each["field"] for each in misspelt.json()["errors"]] == ["sise"]
    proposal_id = await desk.proposed()
    await desk.world.control.post("/api/v1/trading/kill-switch", json={"engaged": True, "reason": "enough"})
    late = await desk.confirm("anna", proposal_id)
    assert (late.status_code, late.json()["type"].rpartition(":")[2]) == (422, "order-denied")
    assert sends(desk) == 0
    waits = await desk.state(proposal_id)
    assert (waits["state"], waits["decided_by"], waits["became"]) == ("pending", None, None)
    assert waits["reason"].startswith(
        f"api:anna confirmed it: order {late.json()['order_id']} was denied: kill_switch=on"
    )
    (told,), (denied,) = desk.world.events("approval.reopened"), desk.world.events("order.denied")
    assert (told["principal"], told["order_id"]) == ("api:anna", denied["order_id"])
    await desk.world.control.post("/api/v1/trading/kill-switch", json={"engaged": False, "reason": "looked at"})
    assert await desk.proposed() == proposal_id, "and is one with the same"
    assert (await desk.confirm("anna", proposal_id)).status_code == 200
    assert (sends(desk), (await desk.state(proposal_id))["reason"]) == (1, "")


async def test_both_are_held_to_the_limits_of_their_keys(desk: Desk) -> None:
    await desk.make("small", ["propose"], max_order_notional="40")
    await desk.make("eve", ["orders:place"], max_order_notional="40")
    beyond = await desk.ask("small", f"{PROPOSALS}/orders", MARKET_BUY)
    assert "api:small may place orders of at most 40" in beyond.text
    proposal_id = await desk.proposed()
    refused = await desk.confirm("eve", proposal_id)
    assert (refused.status_code, "api:eve may place orders of at most 40" in refused.text) == (422, True)
    assert sends(desk) == 0
    assert (await desk.confirm("anna", proposal_id)).status_code == 200
    await desk.make("ida", ["executions"], max_order_notional="40")
    contract = {"instrument_id": "BTC-USDT-SWAP", "trade_mode": "cross", "size": "0.01", "size_in": "base"}
    for body in (TWAP, TWAP | {"size": "500", "size_in": "quote"}, TWAP | contract):
        asked = await desk.ask("small", f"{PROPOSALS}/executions", body)
        assert "api:small may place orders of at most 40" in asked.text
        work = await desk.proposed(body, "executions")
        assert "api:ida may place orders of at most 40" in (await desk.confirm("ida", work)).text
    assert desk.world.system.parents.open_count == 0


async def test_who_proposed_cannot_confirm_and_a_revoked_key_asks_for_nothing(desk: Desk) -> None:
    own = (await desk.ask("anna", f"{PROPOSALS}/orders", RESTING_BUY)).json()["proposal_id"]
    assert "the same person" in (await desk.confirm("anna", own)).text
    proposal_id = await desk.proposed()
    await desk.world.control.post("/api/v1/keys/bot/revoke", json={})
    assert "no longer has the scope" in (await desk.confirm("anna", proposal_id)).text
    assert sends(desk) == 0


async def test_a_proposal_is_taken_back_by_who_made_it_and_refused_by_who_could_confirm_it(desk: Desk) -> None:
    mine, theirs = await desk.proposed(), await desk.proposed(RESTING_BUY)
    taken_back = await desk.ask("bot", f"{PROPOSALS}/{mine}/refuse", {"reason": "the market has gone"})
    assert (taken_back.json()["state"], taken_back.json()["reason"]) == ("refused", "the market has gone")
    assert (await desk.ask("watcher", f"{PROPOSALS}/{theirs}/refuse", {})).status_code == 403
    assert (await desk.ask("anna", f"{PROPOSALS}/{theirs}/refuse", {})).json()["decided_by"] == "api:anna"
    over = await desk.confirm("anna", mine)
    assert (over.status_code, "was refused by api:bot: the market has gone" in over.text) == (404, True)


async def test_two_who_confirm_at_once_make_one_order(desk: Desk) -> None:
    await desk.make("ben", ["orders:place"])
    proposal_id = await desk.proposed()
    answers = await asyncio.gather(*(desk.confirm(who, proposal_id) for who in ("anna", "ben", "anna")))
    assert {200} <= {each.status_code for each in answers} <= {200, 422}, "done, or under way"
    assert sends(desk) == 1


async def test_no_crash_comes_between_what_a_proposal_becomes_and_its_confirmation(desk: Desk) -> None:
    """Both are of one turn, also of what is held here and of an execution: no proposal waits of which there is an
    order, and none is confirmed of which there is none."""
    held = {"take_profit": "60000", "stop_loss": "40000"}
    proposed = [(RESTING_BUY, "orders"), (RESTING_BUY | held, "orders"), (TWAP, "executions")]
    for body, kind in proposed:
        proposal_id = await desk.proposed(body, kind)
        done = await desk.confirm("anna", proposal_id)
        assert done.status_code == 200, done.text
        became = done.json()["proposal"]["became"]
        told = desk.world.events("approval.confirmed")[-1]
        began = next(each for each in desk.world.events() if became in (each["order_id"], each["parent_id"]))
        assert (told["order_id"] or told["parent_id"], told["cause_seq"]) == (became, began["seq"])
    system = desk.world.system
    report = await asyncio.to_thread(audit, system.database, "main", system.ledger.instruments)
    assert report.clean, [str(finding) for finding in report.findings]


async def test_what_only_the_moment_kept_back_waits_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's word is of now, however long ago the first one was: by here any repeated request would be stale."""
    async with opened(tmp_path, timing=TIMING | {"stale_request_seconds": 1e-6}) as desk:
        await staff(desk)
        proposal_id = await desk.proposed()
        for _ in range(2):
            busy(desk)
            assert (await desk.confirm("anna", proposal_id)).status_code == 503
            waits = await desk.state(proposal_id)
            assert (waits["state"], "was refused by the exchange: 50011 busy" in waits["reason"]) == ("pending", True)
            told, refused = desk.world.events("approval.reopened")[-1], desk.world.events("order.rejected")[-1]
            assert (told["principal"], told["cause_seq"]) == ("system", refused["seq"]), "in one turn"
        assert len(desk.world.events("approval.asked")) == 1
        assert await desk.proposed() == proposal_id, "and is one with the same"
        done = await desk.confirm("anna", proposal_id)
        assert (done.status_code, sends(desk)) == (200, 3), done.text
        assert (await desk.state(proposal_id))["became"] == done.json()["order"]["order_id"]
        held = MARKET_BUY | {"order_type": "stop", "trigger_price": "51000"}
        for body, kind in ((held, "orders"), (TWAP, "executions")):
            proposal_id = await desk.proposed(body, kind)
            with monkeypatch.context() as full:
                full.setattr(starting, "RUNNING_MAX", 0)
                assert (await desk.confirm("anna", proposal_id)).status_code == 503, kind
                told = len(desk.world.events("approval.reopened"))
                assert (await desk.confirm("anna", proposal_id)).status_code == 503, kind
            assert len(desk.world.events("approval.reopened")) == told, "once in the same words"
            assert "parent orders are open" in (await desk.state(proposal_id))["reason"]
            assert (await desk.confirm("anna", proposal_id)).status_code == 200, kind


async def test_what_nobody_decided_ends_and_is_not_read_again(desk: Desk) -> None:
    system = desk.world.system
    pending, account = system.access_keys.approvals, system.ledger.account
    proposal_id = await desk.proposed()
    row = queries.approval(system.database, account, proposal_id)
    assert row is not None
    pending.book.load([{**row, "expires_ns": system.clock.now_ns()}])
    with pending.book.deciding(proposal_id):
        await pending.end_expired()
        assert (await desk.state(proposal_id))["decided_at"] is None, "not while somebody decides"
    await pending.end_expired()
    shown = await desk.state(proposal_id)
    assert (shown["state"], shown["decided_by"], shown["became"]) == ("expired", None, None)
    assert desk.world.events("approval.expired")[-1]["principal"] == "system"
    assert (await desk.confirm("anna", proposal_id)).status_code == 404
    assert queries.load_account(system.database, account).approvals == ()
    assert await desk.proposed() != proposal_id
    report = await asyncio.to_thread(audit, system.database, account, system.ledger.instruments)
    assert report.clean, [str(finding) for finding in report.findings]


async def test_what_is_confirmed_counts_against_the_day_of_both_keys(tmp_path: Path) -> None:
    async with opened(tmp_path) as before:
        await before.make("bot", ["read", "propose"])
        await before.make("anna", ["read", "orders:place", "executions"], max_daily_notional="1000")
        assert (await before.confirm("anna", await before.proposed())).status_code == 200
        assert (await before.confirm("anna", await before.proposed(TWAP, "executions"))).status_code == 200
        keys, proposal_id = before.keys, await before.proposed(TWAP, "executions")
        second = await before.confirm("anna", proposal_id)
        assert (second.status_code, "api:anna trades today" in second.text) == (422, True), second.text
    async with opened(tmp_path) as after:
        after.keys = keys
        again = await after.confirm("anna", proposal_id)
        assert (again.status_code, "api:anna trades today to 1052.5" in again.text) == (422, True), again.text


async def test_a_proposal_outlives_a_restart_and_the_journal_tells_the_same_story(tmp_path: Path) -> None:
    async with opened(tmp_path) as before:
        await before.make("bot", ["read", "propose"])
        await before.make("anna", ["read", "orders:place"])
        proposal_id, keys = await before.proposed(), before.keys
    async with opened(tmp_path) as after:
        after.keys = keys
        assert (await after.confirm("anna", proposal_id)).json()["order"]["size"] == "0.001"
        assert (await after.confirm("anna", proposal_id)).status_code == 200
        assert sends(after) == 1
        system = after.world.system
        await system.executor.wait_for(after.world.events("order.intent")[-1]["order_id"], 5)
        report = await asyncio.to_thread(audit, system.database, "main", system.ledger.instruments)
        assert report.clean, [str(finding) for finding in report.findings]


async def test_proposals_and_other_asks_have_doors_of_their_own(desk: Desk) -> None:
    proposal_id = await desk.proposed()
    for path in ("confirm", "refuse"):
        answer = await desk.world.control.post(f"/api/v1/approvals/{proposal_id}/{path}", json={})
        assert "is a proposal" in answer.text
    assert (await desk.confirm("anna", "ap-nothing")).status_code == 404
    assert (await desk.world.control.get("/api/v1/approvals")).json()["approvals"] == [], "one hides no other"


async def test_an_order_that_a_person_cancels_before_it_is_sent_is_not_proposed_again(desk: Desk) -> None:
    """Taken back is decided: it is over, and the repeated confirmation says so."""
    system = desk.world.system
    proposal_id = await desk.proposed()
    with pytest.MonkeyPatch.context() as patch:
        submit = desk.world.exchange.submit

        async def cancelled_meanwhile(intent: Any) -> Any:
            cancelling = asyncio.create_task(system.executor.cancel_order(intent.request.order_id))
            await asyncio.wait((cancelling,))
            busy(desk)
            return await submit(intent)

        patch.setattr(desk.world.exchange, "submit", cancelled_meanwhile)
        done = await desk.confirm("anna", proposal_id)
    shown = await desk.state(proposal_id)
    assert (done.status_code, shown["state"], desk.world.events("approval.reopened")) == (503, "confirmed", [])


async def test_what_a_wheel_assigns_is_proposed_where_each_of_its_arms_could_work_it(tmp_path: Path) -> None:
    arms = {
        "patient": {"strategy": "twap", "config": {"duration": 20, "num_slices": 2}},
        "quick": {"strategy": "market"},
    }
    wanted = MARKET_BUY | {"size": "0.01", "strategy": "wheel", "strategy_id": "mine"}
    async with opened(tmp_path, wheels={"mine": arms}) as desk:
        await staff(desk)
        await desk.make("small", ["propose"], max_order_notional="40")
        beyond = await desk.ask("small", f"{PROPOSALS}/executions", wanted)
        assert "api:small may place orders of at most 40" in beyond.text
        for changed, said in (({"size": "0.00001"}, "(arm patient)"), ({"strategy_id": "none"}, "label of a wheel")):
            refused = await desk.ask("bot", f"{PROPOSALS}/executions", wanted | changed)
            assert (refused.status_code, said in refused.text) == (422, True), refused.text
        proposal_id = await desk.proposed(wanted, "executions")
        assert desk.world.system.parents.open_count == 0
        done = await desk.confirm("anna", proposal_id)
        assert done.status_code == 200, done.text
        started, again = done.json()["execution"], (await desk.confirm("anna", proposal_id)).json()["execution"]
        assert (started["parent_id"], started["arm"]) == (again["parent_id"], again["arm"])
        assert started["arm"] in arms
