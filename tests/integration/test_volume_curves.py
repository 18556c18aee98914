"""A volume curve is learned from what the exchange remembers, shown over HTTP, and goes into VWAP as it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.application import ApiOptions, build
from app.api.read_only import StoredRuntime
from app.cli import main
from app.cli.volume_curves import bars
from app.clock import SystemClock
from app.domain.volume_curves import DAY_NS, HOUR_NS, HourVolume
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.port import Listing, RowKind, Unreadable
from tests.support.api_world import ApiWorld, api_world
from tests.support.okx_system import BTC, SWAP, okx_system
from tests.support.systems import in_virtual_time

D = Decimal
PATH = "/api/v1/trading/volume-curve/BTC-USDT"


class Told:
    """What the exchange in memory is made to remember: `days` whole days, twice as much at ten as in other hours, and
    an hour of today."""

    def __init__(self, world: ApiWorld, days: int, unread: int = 0) -> None:
        self.asked: list[tuple[str, int]] = []
        self._today_ns = world.system.clock.now_ns() // DAY_NS * DAY_NS
        self._days, self._unread = days, unread
        self.fails_with: Exception | None = None
        setattr(world.exchange, "hourly_volumes", self)  # noqa: B010 - the exchange in memory has none of its own

    async def __call__(self, instrument_id: str, since_ns: int) -> Sequence[HourVolume]:
        self.asked.append((instrument_id, since_ns))
        if self.fails_with is not None:
            raise self.fails_with
        first_ns = self._today_ns - self._days * DAY_NS
        hours = [HourVolume(first_ns + k * HOUR_NS, D(2 if k % 24 == 10 else 1)) for k in range(self._days * 24 + 1)]
        bad = [Unreadable(RowKind.CANDLE, instrument_id, "candle: unreadable") for _ in range(self._unread)]
        return Listing((each for each in hours[self._unread :] if each.start_ns >= since_ns), bad)


async def test_a_curve_over_http(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        told = Told(world, 28)
        answer = await world.client.get(PATH, params={"days": "21"})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["instrument_id"], found["days"], len(found["volume_curve"])) == ("BTC-USDT", 21, 168)
        assert (found["samples"], found["average_hour"]) == ([3] * 7, "1.041666666667")
        # Twice as much at ten: 24 · 2 / 25, smoothed with its neighbours of 24 / 25.
        assert found["volume_curve"][9:12] == ["1.2", "1.44", "1.2"]
        assert {*found["volume_curve"][12:24]} == {"0.96"}
        assert [name for name, _ in told.asked] == ["BTC-USDT"]
        assert (await world.client.get(PATH)).json()["days"] == 28
        started = await world.client.post(
            "/api/v1/trading/executions",
            json={
                "strategy": "vwap",
                "config": {"duration": "3600", "volume_curve": found["volume_curve"]},
                "instrument_id": "BTC-USDT",
                "side": "buy",
                "order_type": "market",
                "size": "0.1",
                "trade_mode": "cash",
            },
        )
        assert started.status_code == 201, started.text
        assert [D(x) for x in started.json()["config"]["volume_curve"]] == [D(x) for x in found["volume_curve"]]


async def test_a_day_of_which_an_hour_cannot_be_read_is_not_counted(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        Told(world, 5, unread=1)
        assert (await world.client.get(PATH)).json()["days"] == 4


async def test_an_exchange_that_tells_no_volumes_is_said_to(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        answer = await world.client.get(PATH)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:trading-executor:problem:not-offered")
        assert answer.json()["detail"] == "exchange 'memory' does not tell what was traded in the past"
        Told(world, 0)
        answer = await world.client.get(PATH, params={"days": "7"})
        assert answer.status_code == 404
        assert "no whole UTC day of BTC-USDT with trades among the last 7" in answer.json()["detail"]


async def test_an_outage_is_worth_another_try(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        Told(world, 5).fails_with = ExchangeUnavailable("market/candles: no answer")
        answer = await world.client.get(PATH)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/api/v1/trading/volume-curve/NO-SUCH", {}, "instrument_id"),
        (PATH, {"days": "0"}, "days"),
        (PATH, {"days": "91"}, "days"),
        (PATH, {"days": "x"}, "days"),
        (PATH, {"hours": "3"}, "hours"),
    ],
)
async def test_bad_input_names_its_field(tmp_path: Path, path: str, query: dict[str, str], field: str) -> None:
    async with api_world(tmp_path) as world:
        told = Told(world, 5)
        answer = await world.client.get(path, params=query)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert told.asked == []


async def test_a_server_that_only_reads_says_so(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        runtime = StoredRuntime(world.system.database, world.system.ledger.account, SystemClock())
        app: Any = build(runtime, ApiOptions(("127.0.0.1",), read_only=True))
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1:8000"
        ) as client:
            answer = await client.get(PATH)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:trading-executor:problem:not-ready")


def test_the_simulated_exchange_has_a_past_to_learn_from(tmp_path: Path) -> None:
    """Its synthetic markets are busiest at 15:00 UTC, in base for spot and in contracts for a swap."""

    async def scenario() -> None:
        async with okx_system(tmp_path) as world:
            for instrument_id in (BTC, SWAP):
                found = await world.system.volume_curves.learn(instrument_id)
                assert found.days == 28
                by_hour = [sum(found.volume_curve[hour::24]) for hour in range(24)]
                assert by_hour.index(max(by_hour)) in (14, 15, 16)
                assert by_hour.index(min(by_hour)) in (2, 3, 4)

    in_virtual_time(scenario())


def test_the_bars_are_24_and_the_longest_is_full() -> None:
    shown = bars([D(1 if hour % 24 else 4) for hour in range(168)])
    assert len(shown) == 24
    assert shown[0] == "00 h   4.00 " + "#" * 40
    assert {*(line[3:] for line in shown[1:])} == {"h   1.00 " + "#" * 10}


def candles(folder: Path, *lines: str) -> Path:
    path = folder / "candles.csv"
    path.write_text("\n".join(("start,open,volume", *lines)) + "\n", "utf-8")
    return path


def curve(*arguments: str) -> Any:
    """Its exit status."""
    try:
        main(["volume-curve", "BTC-USDT", *arguments])
    except SystemExit as ended:
        return ended.code
    return 0


def test_a_curve_is_learned_from_a_file_of_candles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three days from a Monday on by the half hour, by both ways to say a time; of the last day an hour is missing."""
    monday = 1_767_571_200_000
    lines = [f"{monday + half * 1_800_000},1,{2 if half // 2 % 24 == 10 else 1}" for half in range(3 * 48 - 2)]
    lines[0] = "2026-01-05T01:00:00+01:00,1,1"
    kept = tmp_path / "curve.json"
    assert curve("--candles", str(candles(tmp_path, *lines)), "--out", str(kept)) == 0
    found = json.loads(kept.read_text())
    assert (found["days"], found["samples"]) == (2, [1, 1, 0, 0, 0, 0, 0])
    assert (found["first_day"], found["last_day"]) == ("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")
    assert (found["average_hour"], found["volume_curve"][9:12]) == ("2.083333333333", ["1.2", "1.44", "1.2"])
    assert capsys.readouterr().out.splitlines()[-1] == f"--config volume_curve=@{kept}"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("yesterday,1,1", "line 2: start=yesterday: must be a time"),
        ("2026-01-05T01:00:00,1,1", "line 2: start=2026-01-05T01:00:00: must be a time"),
        ("1767571200000,1,-1", "line 2: volume=-1: must be a number, 0 or more"),
        ("1767571200000,1,NaN", "line 2: volume=NaN: must be a number"),
        ("1767571200000,1", "line 2: volume=None: must be a number"),
        ("1767571200000,1,1\n1767571200000,1,1", "line 3: start=1767571200000: stands there twice"),
        ("1767571200000,1,1", "holds no whole UTC day with trades: 1 hours"),
    ],
)
def test_a_file_of_candles_that_cannot_be_read_names_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, rule: str
) -> None:
    assert curve("--candles", str(candles(tmp_path, line))) == 2
    assert rule in capsys.readouterr().err
