"""The simulated exchange is broken and repaired through the executor's own API; a real one never is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.chosen_exchange import make_exchange, make_fault_knobs
from app.clock import SystemClock
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeUnavailable, NotOffered, ProtocolError
from app.exchanges.okx.aiohttp_transport import AiohttpTransport
from app.exchanges.okx.beyond.simulator_faults import SimulatorFaults
from app.exchanges.okx.transport import Response
from app.settings import load_settings
from app.simulator.faults import KNOBS
from tests.support.api_world import ApiWorld, api_world
from tests.support.simulated_okx import REST_URL, MemoryTransport, SimulatedVenue
from tests.support.simulator_process import simulator_process

FAULTS = "/api/v1/simulator/faults"
ONCE = {"name": "drop_reply", "times": 1}


def armed(answer: Any) -> dict[str, Any]:
    """The faults of an answer that are set, by name."""
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.json()["faults"] if each["armed"]}


def simulated(world: ApiWorld) -> SimulatedVenue:
    """A simulated exchange for the world's knobs."""
    venue = SimulatedVenue(SystemClock())
    world.system.fault_knobs = SimulatorFaults(REST_URL, 5, lambda: MemoryTransport(venue))
    return venue


async def test_faults_are_set_once_or_without_end_and_repaired_one_or_all(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        simulated(world)
        told = (await world.control.get(FAULTS)).json()["faults"]
        assert {each["name"]: each["what"] for each in told} == KNOBS
        assert [each for each in told if each["armed"]] == []
        await world.control.post(FAULTS, json=ONCE)
        late = {"name": "delay_reply", "probability": 0.5, "value": "300"}
        found = armed(await world.control.post(FAULTS, json=late))
        assert [(each["probability"], each["times"], each["value"]) for each in found.values()] == [
            (1.0, 1, None),
            (0.5, None, "300"),
        ]
        assert list(armed(await world.control.post(f"{FAULTS}/repair", json={"name": "drop_reply"}))) == ["delay_reply"]
        assert armed(await world.control.post(f"{FAULTS}/repair", json={})) == {}


async def test_who_broke_and_who_repaired_it_is_logged(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        simulated(world)
        with capture_logs() as said:
            await world.control.post(FAULTS, json=ONCE)
            await world.control.post(f"{FAULTS}/repair", json={})
        who = {"principal": "local:control", "log_level": "warning"}
        assert [each for each in said if each["event"].startswith("simulator.")] == [
            {"event": "simulator.broken", "fault": "drop_reply", "probability": 1.0, "times": 1, "value": None} | who,
            {"event": "simulator.repaired", "fault": "all"} | who,
        ]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"name": "dance"}, {"name": "fault 'dance' is unknown"}),
        ({"name": "delay_reply", "value": "soon"}, {"name": "fault delay_reply: value 'soon' is not a whole number"}),
        ({"name": "split_algo", "value": "21"}, {"name": "fault split_algo: value '21' is not from 2 to 20"}),
        ({"name": "refused_channel", "value": "x"}, {"name": "fault refused_channel: value 'x' is not an object"}),
        (ONCE | {"times": 0}, {"times": "must be a whole number from 1"}),
        (ONCE | {"probability": 1.5, "often": 1}, {"often": "unknown key", "probability": "must be a number from 0"}),
        ({}, {"name": "is required"}),
    ],
)
async def test_what_is_no_fault_is_refused_by_its_field_and_nothing_is_set(
    tmp_path: Path, body: dict[str, Any], fields: dict[str, str]
) -> None:
    async with api_world(tmp_path) as world:
        simulated(world)
        answer = await world.control.post(FAULTS, json=body)
        found = {each["field"]: each["rule"] for each in answer.json()["errors"]}
        assert answer.status_code == 422
        assert found.keys() == fields.keys()
        assert [found[name].startswith(rule) for name, rule in fields.items()] == [True] * len(fields), found
        assert armed(await world.control.get(FAULTS)) == {}


async def test_a_trader_may_look_and_break_nothing(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        simulated(world)
        made = await world.control.post("/api/v1/keys", json={"name": "anna", "role": "trader"})
        trader = {"x-api-key": made.json()["secret"]}
        for path in (FAULTS, f"{FAULTS}/repair"):
            refused = await world.client.post(path, json=ONCE, headers=trader)
            assert (refused.status_code, refused.json()["scopes"]) == (403, ["risk:write"])
        assert armed(await world.client.get(FAULTS, headers=trader)) == {}


async def test_an_exchange_that_is_not_simulated_has_no_faults(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        for answer in (
            await world.control.get(FAULTS),
            await world.control.post(FAULTS, json=ONCE),
            await world.control.post(f"{FAULTS}/repair", json={}),
        ):
            assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (404, "not-offered")


@pytest.mark.parametrize(
    ("settings", "has"),
    [
        ({"exchange": "okx", "environment": "simulated"}, True),
        ({"exchange": "okx", "environment": "demo"}, False),
        ({"exchange": "okx", "environment": "live"}, False),
        ({"exchange": "memory", "environment": "simulated"}, False),
    ],
)
def test_only_the_simulated_exchange_is_asked_for_faults(tmp_path: Path, settings: dict[str, str], has: bool) -> None:
    keys = dict.fromkeys(("okx_api_key", "okx_secret_key", "okx_passphrase"), "k")
    found = load_settings(data_dir=tmp_path, **settings, **keys)
    assert (make_fault_knobs(found, make_exchange(found, SystemClock())) is not None) is has


async def test_the_simulators_own_process_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with simulator_process(monkeypatch) as address:
        knobs = SimulatorFaults(f"http://{address}/", 30)
        await knobs.arm("outage", 1.0, 1, "504")
        found = {each.name: each for each in await knobs.read() if each.armed}
        assert (list(found), found["outage"].value, found["outage"].times) == (["outage"], "504", 1)
        with pytest.raises(InvalidValue, match="dance"):
            await knobs.repair("dance")
        await knobs.repair(None)
        assert not any(each.armed for each in await knobs.read())
        elsewhere = SimulatorFaults(f"http://{address}/nowhere", 30)
        with pytest.raises(NotOffered, match="HTTP 404"):
            await elsewhere.read()
    with pytest.raises(ExchangeUnavailable):
        await knobs.read()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"known": {"outage": "x"}, "knobs": {"outage": {}}}'])
async def test_an_answer_that_cannot_be_read_is_said_to_be_one(body: bytes) -> None:
    class Odd(AiohttpTransport):
        async def request(self, *_: object, **__: object) -> Response:
            return Response(200, body)

    with pytest.raises(ProtocolError):
        await SimulatorFaults("http://127.0.0.1:1", 1, Odd).read()
