"""Alerts over whole systems in virtual time: they fire, are taken up by somebody, outlive a restart, act, and end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.clock import NS_PER_SECOND
from app.domain.alerts import AlertState
from app.domain.events import Event
from app.domain.orders import OrderSide
from app.domain.refusals import InvalidValue
from app.exchanges.memory.exchange import MemoryExchange
from app.journal.audit import audit
from app.notifications.words import notice_of
from app.services.alerts import slippages
from app.services.strategies.inline import InlineHost
from app.services.trading.reports.cost_groups import Slipped, ended_slippages
from app.store import queries
from app.store.errors import StoreError
from tests.support.trading_world import D, SteppedClock, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def listed(world: TradingWorld, *, open_only: bool = False) -> list[dict[str, Any]]:
    return [dict(row) for row in queries.alerts(world.system.database, "main", open_only=open_only)]


def kinds(world: TradingWorld) -> list[str]:
    return [row["kind"] for row in world.events() if row["kind"].startswith("alert.")]


def alert_events(world: TradingWorld) -> list[Mapping[str, Any]]:
    return [row for row in world.events() if row["kind"].startswith("alert.")]


def sound(world: TradingWorld) -> bool:
    return audit(world.system.database, "main", world.system.ledger.instruments).clean


async def test_an_alert_fires_is_taken_up_outlives_a_restart_and_ends(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        await world.system.follow("BTC-USDT")
        exchange: MemoryExchange = world.exchange
        exchange.break_streams("cut off")
        await asyncio.sleep(8)
        assert listed(world) == []
        await asyncio.sleep(6)
        fired = {each["subject"]: each for each in listed(world, open_only=True)}
        assert {(each["rule"], each["state"], each["severity"]) for each in fired.values()} == {
            ("stream_down", "firing", "critical")
        }
        assert fired.keys() == {"execution", "market"}
        acknowledge, which = world.system.alerts.acknowledge, fired["execution"]["alert_id"]
        taken = await acknowledge(which, "operator:me", "the line is being mended")
        assert (taken.state, taken.acknowledged_by, taken.note) == (
            AlertState.ACKNOWLEDGED,
            "operator:me",
            "the line is being mended",
        )
        assert await acknowledge(which, "operator:other", "me too") == taken, "who was first stays"
        with pytest.raises(InvalidValue, match="alert_id"):
            await acknowledge("al-nothing", "operator:me", "")
        assert sound(world)
        exchange.restore_streams("mended")
    async with trading_world(tmp_path, exchange=exchange, clock=world.clock) as world:
        assert {each["state"] for each in listed(world, open_only=True)} == {"firing", "acknowledged"}
        await asyncio.sleep(15)
        assert listed(world, open_only=True) == []
        over = {each["subject"]: each for each in listed(world)}
        assert over["execution"]["acknowledged_by"] == "operator:me"
        assert {each["state"] for each in over.values()} == {"resolved"}
        assert sorted(kinds(world)) == [
            "alert.acknowledged",
            *["alert.fired"] * 2,
            *["alert.resolved"] * 2,
        ]
        told = [_told(row) for row in world.events() if row["kind"].startswith("alert.")]
        assert "CRITICAL The execution stream of the exchange has been down for 1" in told[0]
        assert any(each.startswith("INFO Alert stream_down execution is taken up by operator:me") for each in told)
        assert sound(world)


def _told(row: Mapping[str, Any]) -> str:
    notice = notice_of(Event(**{name: row[name] for name in Event._fields}))
    assert notice is not None
    return f"{notice.severity.name} {notice.what}"


async def test_the_table_of_alerts_is_held_to_the_journal(tmp_path: Path) -> None:
    async with trading_world(tmp_path, alerts={"lease": {"fires_at": 0, "ends_at": 0}}) as world:
        await asyncio.sleep(3)
        (alert,) = listed(world)
        assert sound(world)
        with world.system.database.writer_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alerts SET state = 'resolved'")
        found = audit(world.system.database, "main", world.system.ledger.instruments)
        assert [str(each) for each in found.findings if alert["alert_id"] in str(each)]


async def test_orders_that_a_strategy_pours_out_pause_it_and_nothing_else(tmp_path: Path) -> None:
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1}}
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 100}) as world:
        await asyncio.sleep(75)
        running = [
            await world.system.parents.start("twap", {"duration": 600}, market(size="0.02", strategy_id=name))
            for name in ("wild", "calm")
        ]
        for number in range(25):
            await world.executor.place_order(limit(price=str(40_000 + number), size="0.001"), strategy_id="wild")
        await asyncio.sleep(3)
        (alert,) = listed(world)
        assert (alert["rule"], alert["subject"], alert["action"]) == ("order_burst", "strategy:wild", "pause")
        states = [world.system.parents.get(each.parent_id) for each in running]
        assert [each.parent.status.value for each in states] == ["paused", "running"]
        assert "alert order_burst" in states[0].parent.reason
        await asyncio.sleep(60)
        assert [each["state"] for each in listed(world)] == ["resolved"]
        assert world.system.parents.get(running[0].parent_id).parent.status.value == "paused", "a person resumes it"


async def test_what_protects_a_strategy_that_is_paused_goes_on(tmp_path: Path) -> None:
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1}}
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 100}) as world:
        await asyncio.sleep(75)
        bought = await world.executor.place_order(market(size="0.02"), strategy_id="wild")
        await world.executor.wait_for(bought.order_id, 5)
        sale = replace(market(OrderSide.SELL, "0.01"), strategy_id="wild")
        stop = await world.system.parents.start("stop", {"trigger_price": "40000"}, sale)
        more = await world.system.parents.start("twap", {"duration": 600}, market(size="0.02", strategy_id="wild"))
        for number in range(25):
            await world.executor.place_order(limit(price=str(40_000 + number), size="0.001"), strategy_id="wild")
        await asyncio.sleep(3)
        assert [each["action"] for each in listed(world)] == ["pause"]
        states = [world.system.parents.get(each.parent_id).parent.status.value for each in (stop, more)]
        assert states == ["running", "paused"]


async def test_one_that_ends_while_a_strategy_is_paused_keeps_neither_the_others_nor_the_alert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1}}
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 100}) as world:
        await asyncio.sleep(75)
        parents = world.system.parents
        first, second = [
            await parents.start("twap", {"duration": 600}, market(size="0.02", strategy_id="wild")) for _ in range(2)
        ]
        pause = parents.pause

        async def ended_before(parent_id: str, **word: Any) -> object:
            if parent_id == first.parent_id:
                await parents.cancel(parent_id)
                await asyncio.sleep(5)
            return await pause(parent_id, **word)

        monkeypatch.setattr(parents, "pause", ended_before)
        for number in range(25):
            await world.executor.place_order(limit(price=str(40_000 + number), size="0.001"), strategy_id="wild")
        await asyncio.sleep(8)
        states = [parents.get(each.parent_id).parent.status.value for each in (first, second)]
        assert states == ["canceled", "paused"]
        assert [each["rule"] for each in listed(world)] == ["order_burst"]


async def test_where_there_is_nothing_to_pause_nobody_is_told_that_it_was(tmp_path: Path) -> None:
    """Orders of no strategy, and those of one that has neither executions nor a strategy of one's own."""
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1}}
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 100}) as world:
        await asyncio.sleep(75)
        for number in range(50):
            mine = "bare" if number % 2 else None
            await world.executor.place_order(limit(price=str(40_000 + number), size="0.001"), strategy_id=mine)
        await asyncio.sleep(3)
        fired = {each["subject"]: each["action"] for each in listed(world)}
        assert fired == {"account": "notify", "strategy:bare": "notify"}
        told = [notice_of(Event(**{name: row[name] for name in Event._fields})) for row in alert_events(world)]
        assert [each.means for each in told if each is not None] == ["", ""]


async def test_what_a_burst_is_to_do_is_done_and_told_though_the_database_was_away(tmp_path: Path) -> None:
    """By then its ten seconds are over, and no rule would find it again."""
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1}}
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 100}) as world:
        running = await world.system.parents.start("twap", {"duration": 600}, market(size="0.02", strategy_id="wild"))
        await asyncio.sleep(75)
        for number in range(25):
            await world.executor.place_order(limit(price=str(40_000 + number), size="0.001"), strategy_id="wild")
        with world.system.database.writer_engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE alerts RENAME TO alerts_away")
        await asyncio.sleep(20)
        assert world.system.alerts.counted() == {}
        with world.system.database.writer_engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE alerts_away RENAME TO alerts")
        await asyncio.sleep(60)
        assert [(each["rule"], each["subject"], each["action"]) for each in listed(world)] == [
            ("order_burst", "strategy:wild", "pause")
        ]
        assert world.system.parents.get(running.parent_id).parent.status.value == "paused"
        assert kinds(world) == ["alert.fired", "alert.resolved"]
        assert sound(world)


async def test_an_action_that_fails_is_told_with_the_reason_and_tried_again_until_somebody_takes_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps no other alert from being told."""
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1, "ends_after_seconds": 600}}
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 100}) as world:
        tried: list[int] = []

        async def broken(*_: object, **__: object) -> None:
            tried.append(world.clock.monotonic_ns())
            raise RuntimeError("planted")

        monkeypatch.setattr(world.system.parents, "pause", broken)
        await world.system.parents.start("twap", {"duration": 6_000}, market(size="0.02", strategy_id="wild"))
        await asyncio.sleep(75)
        await pour(world)
        await asyncio.sleep(35)
        world.exchange.break_streams("cut off")
        await asyncio.sleep(40)
        assert {each["rule"] for each in listed(world)} == {"stream_down", "order_burst"}
        (burst,) = (each for each in listed(world) if each["rule"] == "order_burst")
        assert (burst["action"], burst["state"]) == ("failed", "firing")
        assert burst["advice"].startswith("Its action, pause, failed: RuntimeError: planted. ")
        assert 7 <= len(tried) <= 9
        assert all(after - before >= 10 * NS_PER_SECOND for before, after in pairwise(tried))
        (fired,) = (each for each in alert_events(world) if "order_burst" in each["payload"])
        told = notice_of(Event(**{name: fired[name] for name in Event._fields}))
        assert told is not None
        assert (told.severity.name, "is tried again" in told.means) == ("CRITICAL", True)
        await world.system.alerts.acknowledge(burst["alert_id"], "operator:me", "by hand")
        count = len(tried)
        await asyncio.sleep(30)
        assert len(tried) == count
        assert sound(world)


async def test_an_action_that_failed_is_done_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1, "ends_after_seconds": 600}}
    risk = {"max_open_orders": 100}
    async with trading_world(tmp_path, alerts=said, risk=risk) as world:

        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError("planted")

        monkeypatch.setattr(world.system.parents, "pause", broken)
        running = await world.system.parents.start("twap", {"duration": 6_000}, market(size="0.02", strategy_id="wild"))
        await asyncio.sleep(75)
        await pour(world)
        await asyncio.sleep(3)
        assert [each["action"] for each in listed(world)] == ["failed"]
    exchange, clock = world.exchange, world.clock
    async with trading_world(tmp_path, alerts=said, risk=risk, exchange=exchange, clock=clock) as world:
        await asyncio.sleep(5)
        (burst,) = listed(world)
        assert (burst["action"], "failed" in burst["advice"]) == ("pause", False)
        assert world.system.parents.get(running.parent_id).parent.status.value == "paused"
        assert kinds(world) == ["alert.fired", "alert.acted"]
        told = notice_of(Event(**{name: alert_events(world)[-1][name] for name in Event._fields}))
        assert told is not None
        assert told.what.startswith("Alert order_burst strategy:wild: what failed before is done. ")
        assert sound(world)


async def test_what_is_taken_up_before_the_database_took_its_action_is_not_done_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1, "ends_after_seconds": 600}}
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 100}) as world:
        fails: Exception = RuntimeError("planted")

        async def broken(*_: object, **__: object) -> None:
            raise fails

        with monkeypatch.context() as patched:
            patched.setattr(world.system.parents, "pause", broken)
            how = {"duration": 6_000}
            running = await world.system.parents.start("twap", how, market(size="0.02", strategy_id="wild"))
            await asyncio.sleep(75)
            await pour(world)
            await asyncio.sleep(3)
            fails = StoreError("the disk is away")
            await asyncio.sleep(15)
            (burst,) = listed(world)
            assert burst["action"] == "failed"
            await world.system.alerts.acknowledge(burst["alert_id"], "operator:me", "by hand")
        await asyncio.sleep(30)
        (burst,) = listed(world)
        assert (burst["action"], burst["state"]) == ("failed", "acknowledged")
        assert world.system.parents.get(running.parent_id).parent.status.value == "running"
        assert kinds(world) == ["alert.fired", "alert.acknowledged"]
        assert sound(world)


async def test_what_a_person_undid_stays_undone_though_the_action_of_another_alert_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1},
        "stream_down": {"action": "kill_switch", "fires_at": 0.1, "ends_at": 0.1},
    }
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 100}) as world:
        tried: list[int] = []

        async def broken(*_: object, **__: object) -> None:
            tried.append(world.clock.monotonic_ns())
            raise RuntimeError("planted")

        await world.system.parents.start("twap", {"duration": 6_000}, market(size="0.02", strategy_id="wild"))
        monkeypatch.setattr(world.system.parents, "pause", broken)
        await asyncio.sleep(75.4)
        await pour(world)
        world.exchange.break_streams("cut off")
        await asyncio.sleep(4)
        assert len(tried) == 1
        assert {(each["rule"], each["action"]) for each in listed(world)} == {
            ("stream_down", "kill_switch"),
            ("order_burst", "failed"),
        }
        await world.executor.release_kill_switch("a person looked", principal="operator:me")
        await asyncio.sleep(20)
        assert [row["kind"] for row in world.events() if row["kind"].startswith("kill_switch")] == [
            "kill_switch.on",
            "kill_switch.off",
        ]
        assert sound(world)


async def pour(world: TradingWorld) -> None:
    for number in range(25):
        await world.executor.place_order(limit(price=str(40_000 + number), size="0.001"), strategy_id="wild")


async def test_an_action_that_fails_for_a_reason_of_its_own_is_tried_again_but_not_each_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1}}
    async with trading_world(tmp_path, alerts=said, risk={"max_open_orders": 200}) as world:
        tried: list[int] = []
        pause = world.system.parents.pause

        async def broken_once(*given: Any, **word: Any) -> object:
            tried.append(world.clock.monotonic_ns())
            if len(tried) == 1:
                raise RuntimeError("planted")
            return await pause(*given, **word)

        monkeypatch.setattr(world.system.parents, "pause", broken_once)
        running = await world.system.parents.start("twap", {"duration": 6_000}, market(size="0.02", strategy_id="wild"))
        await asyncio.sleep(75)
        await pour(world)
        await asyncio.sleep(3)
        await asyncio.sleep(5)
        await pour(world)
        await asyncio.sleep(8)
        assert [(each["rule"], each["action"]) for each in listed(world)] == [("order_burst", "pause")]
        assert world.system.parents.get(running.parent_id).parent.status.value == "paused"
        first, second = tried
        assert second - first >= 10 * NS_PER_SECOND


async def test_while_the_system_stops_a_strategy_of_ones_own_is_nothing_to_pause(tmp_path: Path) -> None:
    file = tmp_path / "wild.py"
    file.write_text("from trading_executor.strategies import Strategy\nclass Wild(Strategy):\n    pass\n")
    file.chmod(0o600)
    said = {"order_burst": {"action": "pause", "fires_at": 2, "ends_at": 1}}
    own = {"wild": {"file": f"{file}:Wild", "instruments": ["BTC-USDT"]}}
    async with trading_world(
        tmp_path, alerts=said, risk={"max_open_orders": 100}, strategies=own, start_host=InlineHost
    ) as world:
        await asyncio.sleep(75)
        await world.system.strategies.stop()
        await pour(world)
        await asyncio.sleep(3)
        assert [(each["rule"], each["subject"], each["action"]) for each in listed(world)] == [
            ("order_burst", "strategy:wild", "notify")
        ]


@pytest.mark.parametrize("down", ["the process", "the stream", "nothing"])
async def test_a_fill_is_missed_only_where_the_stream_should_have_told_of_it(tmp_path: Path, down: str) -> None:
    async with trading_world(tmp_path) as world:
        exchange: MemoryExchange = world.exchange
        resting = await world.rest("49000")
        await asyncio.sleep(2)
        if down == "the stream":
            exchange.break_streams("cut off")
        elif down == "nothing":
            exchange.drop_pushes = 1
        if down != "the process":
            world.quote("48900", "48901")
            await asyncio.sleep(5)
        if down == "the stream":
            exchange.restore_streams("mended")
        if down != "the process":
            await asyncio.sleep(90)
    exchange.set_book("BTC-USDT", D("48900"), D("48901"), D(5))
    await world.clock.sleep(20)
    async with trading_world(tmp_path, exchange=exchange, clock=world.clock) as world:
        await asyncio.sleep(90)
        (found,) = [
            each for each in world.system.orders.get_order_history().orders if each.order_id == resting.order_id
        ]
        assert found.filled_size == resting.size
        assert [each["rule"] for each in listed(world)] == (["missed_fill"] if down == "nothing" else [])


async def test_the_kill_switch_is_engaged_once_and_released_by_a_person(tmp_path: Path) -> None:
    said = {"stream_down": {"action": "kill_switch", "fires_at": 3}}
    async with trading_world(tmp_path, alerts=said) as world:
        world.exchange.break_streams("cut off")
        await asyncio.sleep(6)
        switch = world.system.ledger.kill_switch
        assert (switch.engaged, switch.principal) == (True, "system")
        assert switch.reason.startswith("alert stream_down: The ")
        await world.executor.release_kill_switch("a person looked", principal="operator:me")
        await asyncio.sleep(20)
        assert not world.system.ledger.kill_switch.engaged, "the alert goes on and does nothing again"
        assert sound(world)


async def test_what_a_person_undid_stays_undone_though_its_alert_could_not_be_written(tmp_path: Path) -> None:
    said = {"stream_down": {"action": "kill_switch", "fires_at": 3}}
    async with trading_world(tmp_path, alerts=said) as world:
        await asyncio.sleep(5)
        with world.system.database.writer_engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE alerts RENAME TO alerts_away")
        world.exchange.break_streams("cut off")
        await asyncio.sleep(8)
        assert world.system.ledger.kill_switch.engaged
        assert world.system.alerts.counted() == {}
        with world.system.database.writer_engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE alerts_away RENAME TO alerts")
        while world.system.ledger.kill_switch.engaged:
            with suppress(StoreError):
                await world.executor.release_kill_switch("a person looked", principal="operator:me")
            await asyncio.sleep(0.1)
        await asyncio.sleep(30)
        assert {(each["rule"], each["action"]) for each in listed(world)} == {("stream_down", "kill_switch")}
        assert [row["kind"] for row in world.events() if row["kind"].startswith("kill_switch")] == [
            "kill_switch.on",
            "kill_switch.off",
        ]


async def test_what_cannot_be_written_is_found_again_when_the_database_is_back(tmp_path: Path) -> None:
    """A commit that failed fires nothing in memory; the same condition is one alert afterwards."""
    async with trading_world(tmp_path) as world:
        await world.system.follow("BTC-USDT")
        world.exchange.break_streams("cut off")
        await asyncio.sleep(8)
        with world.system.database.writer_engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE alerts RENAME TO alerts_away")
        await asyncio.sleep(12)
        assert world.system.alerts.counted() == {}
        with world.system.database.writer_engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE alerts_away RENAME TO alerts")
        await asyncio.sleep(30)
        assert not world.system.ledger.writer_failed
        assert world.system.alerts.counted() == {("stream_down", "firing"): 2}
        assert sorted(row["subject"] for row in listed(world)) == ["execution", "market"]
        assert sound(world)


async def test_executions_that_slip_more_than_those_before_fire_for_their_strategy(tmp_path: Path) -> None:
    """Learned from what the database has of their costs, also of an earlier process."""
    async with trading_world(tmp_path) as world:
        await world.system.follow("BTC-USDT")
        await asyncio.sleep(2)
        for _ in range(25):
            await world.executor.place_order(market(size="0.001"), strategy_id="mine")
            await asyncio.sleep(2)
        await asyncio.sleep(20)
        exchange, clock = world.exchange, world.clock
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        await world.system.follow("BTC-USDT")
        await asyncio.sleep(60)
        assert listed(world) == []
        world.quote("49700", "50300")
        await asyncio.sleep(2)
        for _ in range(3):
            await world.executor.place_order(market(size="0.001"), strategy_id="mine")
        await asyncio.sleep(60)
        await asyncio.sleep(60)
        (alert,) = listed(world)
        assert (alert["rule"], alert["subject"]) == ("slippage", "strategy:mine")
        assert alert["what"].startswith("The last 3 market orders of BTC-USDT slipped by 60.0 bp")


async def test_an_execution_is_learned_from_once_though_the_clock_is_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[str] = []

    def noted(*given: Any) -> Iterator[Slipped]:
        for row in ended_slippages(*given):
            learned.append(row.subject_id)
            yield row

    monkeypatch.setattr(slippages, "ended_slippages", noted)
    noon_ns = 1_767_225_600 * NS_PER_SECOND + 12 * 3_600 * NS_PER_SECOND
    clock = SteppedClock(noon_ns)
    async with trading_world(tmp_path, clock=clock) as world:
        await world.system.follow("BTC-USDT")
        await asyncio.sleep(2)
        bought = [(await world.buy("0.001")).order_id for _ in range(3)]
        await asyncio.sleep(90)
        assert sorted(learned) == sorted(bought)
        clock.ahead_seconds = -300
        await asyncio.sleep(5)
        during = await world.buy("0.001")
        await asyncio.sleep(90)
        assert (during.status.value, sorted(learned)) == ("filled", sorted(bought))
        await asyncio.sleep(400)
        bought.append((await world.buy("0.001")).order_id)
        await asyncio.sleep(90)
        assert sorted(learned) == sorted(bought)


async def test_fills_that_are_charged_otherwise_than_the_rates_say_fire_and_so_does_the_new_rate(
    tmp_path: Path,
) -> None:
    async with trading_world(tmp_path) as world:
        await world.system.follow("BTC-USDT")
        await world.buy("0.01")
        await asyncio.sleep(10)
        assert listed(world) == []
        world.exchange.venue.taker_rate = D("0.0015")
        await world.buy("0.01")
        await asyncio.sleep(3)
        (alert,) = listed(world)
        assert (alert["rule"], alert["subject"]) == ("fee_tier", "account")
        assert "2 fill(s) of BTC-USDT taker were charged 0.1250%, where the account's rate is 0.1000%" in alert["what"]
        await asyncio.sleep(1_100)
        assert [(each["rule"], each["state"]) for each in listed(world)] == [("fee_tier", "resolved")] * 2


async def test_costs_that_cannot_be_read_keep_no_other_rule_from_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def unreadable(*given: object) -> Iterator[object]:
        asked.append(given)
        raise StoreError("planted")

    monkeypatch.setattr(slippages, "ended_slippages", unreadable)
    async with trading_world(tmp_path) as world:
        await world.buy("0.01")
        world.exchange.break_streams("cut off")
        await asyncio.sleep(70)
        assert {each["rule"] for each in listed(world)} == {"stream_down"}
        assert len(asked) == 2, "once a minute"


async def test_orders_that_are_poured_out_and_denied_are_a_burst_though_few_of_them_are_written(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk={"max_open_orders": 1}) as world:
        await asyncio.sleep(75)
        for number in range(150):
            await world.executor.place_order(limit(price=str(40_000 + number), size="0.001"), strategy_id="wild")
        await asyncio.sleep(3)
        assert [(each["rule"], each["subject"]) for each in listed(world)] == [("order_burst", "strategy:wild")]
