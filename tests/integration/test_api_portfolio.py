"""Positions, account, trades, performance, controls, executions and the system's own pages over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.events import EventKind
from app.journal.audit import audit
from app.store.group import Group
from app.store.writer import StoreFailed
from tests.support.api_world import MARKET_BUY, ORDERS, ApiWorld, D, api_world

TRADING = "/api/v1/trading"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


async def get(world: ApiWorld, path: str, **query: Any) -> Any:
    answer = await world.client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def eventually(world: ApiWorld, path: str, done: Callable[[Any], object]) -> None:
    """Ask until the answer is as wanted."""
    async with asyncio.timeout(60):
        while not done((await world.client.get(path)).json()):  # noqa: ASYNC110 - over HTTP there is only asking
            await asyncio.sleep(0.01)


async def round_trip(world: ApiWorld, gain: str = "1000") -> None:
    """Buy and sell 0.01 BTC, with a market that moves by `gain` in between."""
    await world.fill("buy", "0.01", strategy_id="mine")
    held = D((await get(world, f"{TRADING}/positions/BTC-USDT"))["size"])
    world.quote(str(D("49999.9") + D(gain)), str(D("50000.1") + D(gain)))
    await world.fill("sell", str(held), strategy_id="mine")


async def test_positions_show_cost_mark_and_profit(world: ApiWorld) -> None:
    assert await get(world, f"{TRADING}/positions") == {"positions": []}
    await world.fill("buy", "0.01")
    position = await get(world, f"{TRADING}/positions/BTC-USDT")
    assert position["entry_price"] == "50000.1"
    assert position["mark_price"] == "50000"
    assert D(position["unrealised_pnl"]) < 0
    assert (await get(world, f"{TRADING}/positions"))["positions"] == [position]
    assert await get(world, f"{TRADING}/positions", instrument_id="ETH-USDT") == {"positions": []}
    sold = await world.fill("sell", position["size"])
    assert sold["status"] == "filled"
    assert (await get(world, f"{TRADING}/positions"))["positions"] == []
    assert len((await get(world, f"{TRADING}/positions", include_flat="true"))["positions"]) == 1


@pytest.mark.parametrize("instrument", ["ETH-USDT", "NO-SUCH"])
async def test_a_position_that_never_was_is_404(world: ApiWorld, instrument: str) -> None:
    answer = await world.client.get(f"{TRADING}/positions/{instrument}")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["value"] == instrument


async def test_sync_says_where_ledger_and_exchange_differ(world: ApiWorld) -> None:
    answer = await world.client.post(f"{TRADING}/positions/sync", json={})
    assert (answer.status_code, answer.json()) == (200, {"differences": []})


async def test_account_has_balances_and_equity(world: ApiWorld) -> None:
    before = await get(world, f"{TRADING}/account")
    assert before["balances"]["USDT"]["available"] == "1000000"
    await world.place()
    after = await get(world, f"{TRADING}/account")
    assert D(after["balances"]["USDT"]["available"]) < D(1_000_000)
    assert after["equity"] == before["equity"]


async def test_trades_filters_and_pages(world: ApiWorld) -> None:
    await round_trip(world)
    await world.fill("buy", "0.1", instrument_id="ETH-USDT")
    trades = (await get(world, f"{TRADING}/trades"))["trades"]
    assert [trade["instrument_id"] for trade in trades] == ["ETH-USDT", "BTC-USDT", "BTC-USDT"]
    assert trades[0]["fee"] is not None
    by_order = await get(world, f"{TRADING}/trades", order_id=trades[1]["order_id"])
    assert by_order["trades"] == [trades[1]]
    assert len((await get(world, f"{TRADING}/trades", strategy_id="mine"))["trades"]) == 2
    assert len((await get(world, f"{TRADING}/trades", side="buy"))["trades"]) == 2
    assert (await get(world, f"{TRADING}/trades", end_date="2001-01-01T00:00:00Z"))["trades"] == []
    first = await get(world, f"{TRADING}/trades", limit=2)
    second = await get(world, f"{TRADING}/trades", limit=2, cursor=first["next_cursor"])
    assert first["trades"] + second["trades"] == trades
    assert second["next_cursor"] is None


async def test_tax_lots_filters_and_pages(world: ApiWorld) -> None:
    assert (await get(world, f"{TRADING}/tax-lots"))["tax_lots"] == []
    await round_trip(world)
    await world.fill("buy", "0.1", instrument_id="ETH-USDT")
    whole = await get(world, f"{TRADING}/tax-lots")
    shown = [(lot["asset"], lot["disposal"], lot["origin"]) for lot in whole["tax_lots"]]
    assert shown == [("BTC", "fee", "ours"), ("BTC", "trade", "ours"), ("ETH", "fee", "ours")]
    assert (whole["currency"], whole["unknown"], whole["next_cursor"]) == ("USDT", {}, None)
    bitcoin = [lot for lot in whole["tax_lots"] if lot["asset"] == "BTC"]
    assert all(D(lot["gain"]) == D(lot["proceeds"]) - D(lot["cost"]) for lot in bitcoin)
    assert D(whole["gains"]["BTC"]) == sum(D(lot["gain"]) for lot in bitcoin)
    # Not all could be sold, after the fee; what was gained is what is realised, fees not taken off.
    performance = await get(world, f"{TRADING}/performance", instrument_id="BTC-USDT")
    assert D(performance["realised_pnl"]) == D(whole["gains"]["BTC"])

    one = await get(world, f"{TRADING}/tax-lots", limit=2)
    two = await get(world, f"{TRADING}/tax-lots", limit=2, cursor=one["next_cursor"])
    assert (one["tax_lots"] + two["tax_lots"], two["next_cursor"]) == (whole["tax_lots"], None)
    assert one["gains"] == whole["gains"]
    assert (await get(world, f"{TRADING}/tax-lots", asset="ETH"))["tax_lots"][0]["number"] == 1
    assert len((await get(world, f"{TRADING}/tax-lots", strategy_id="mine"))["tax_lots"]) == 2
    assert (await get(world, f"{TRADING}/tax-lots", strategy_id="other"))["tax_lots"] == []
    assert (await get(world, f"{TRADING}/tax-lots", end_date="2001-01-01T00:00:00Z"))["gains"] == {}


async def test_performance_and_statistics(world: ApiWorld) -> None:
    empty = await get(world, f"{TRADING}/performance")
    assert (empty["win_rate"], empty["sharpe_ratio"], empty["net_profit"]) == (None, None, "0")
    await round_trip(world)
    metrics = await get(world, f"{TRADING}/performance", start_date="2024-01-01T00:00:00Z")
    assert (metrics["total_trades"], metrics["winning_trades"], metrics["win_rate"]) == (1, 1, 1.0)
    assert D(metrics["net_profit"]) > 8
    assert abs(D(metrics["unrealized_pnl"])) < D("0.01"), "dust"
    assert metrics["start_date"] == "2024-01-01T00:00:00Z"
    assert D(metrics["ending_equity"]) - D(metrics["starting_equity"]) == D(metrics["net_profit"])
    assert metrics["total_return"] == pytest.approx(float(D(metrics["net_profit"]) / D(metrics["starting_equity"])))
    assert (metrics["r_multiple"], metrics["omega_ratio"], metrics["cagr"]) == (None, None, None)
    assert metrics["first_trade_at"] < metrics["last_trade_at"]
    assert 0 < metrics["average_trade_seconds"] < 60
    assert 0 < metrics["turnover"] < 1
    assert (await get(world, f"{TRADING}/performance", strategy_id="other"))["total_trades"] == 0
    statistics = await get(world, f"{TRADING}/statistics", instrument_id="BTC-USDT")
    assert (statistics["fill_count"], statistics["taker_share"], statistics["by_strategy"]) == (2, 1.0, {"mine": 2})
    # The profit that performance reports is the change of equity that the account shows.
    account = await get(world, f"{TRADING}/account")
    assert abs(D(account["equity"]) - 1_000_000 - D(metrics["net_profit"])) < D("0.000001")


async def test_cancel_all_of_one_instrument_then_of_all(world: ApiWorld) -> None:
    bitcoin = await world.place()
    ether = await world.place(instrument_id="ETH-USDT", price="2900", size="0.01")
    one = await world.client.post(f"{TRADING}/orders/cancel-all", json={"instrument_id": "ETH-USDT"})
    assert [(order["order_id"], order["status"]) for order in one.json()["orders"]] == [(ether["order_id"], "canceled")]
    headers = {"content-type": "application/json"}
    rest = await world.client.post(f"{TRADING}/orders/cancel-all", content=b"", headers=headers)
    assert [order["order_id"] for order in rest.json()["orders"]] == [bitcoin["order_id"]]
    unknown = await world.client.post(f"{TRADING}/orders/cancel-all", json={"instrument_id": "NO-SUCH"})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "instrument_id")


async def test_flatten_closes_what_is_held(world: ApiWorld) -> None:
    await world.fill("buy", "0.01")
    await world.place()
    answer = await world.client.post(f"{TRADING}/positions/flatten", json={})
    assert [(order["side"], order["order_type"]) for order in answer.json()["orders"]] == [("sell", "market")]
    await world.system.executor.wait_for(answer.json()["orders"][0]["order_id"], 5)
    assert (await get(world, f"{ORDERS}/active"))["orders"] == []
    assert (await get(world, f"{TRADING}/positions"))["positions"] == []


async def test_flatten_goes_on_in_pieces_and_names_what_it_leaves(world: ApiWorld) -> None:
    for _ in range(3):
        await world.fill("buy", "0.19")  # 9,500 USDT of the 10,000 that one order may be worth
    await world.fill("buy", "0.01", instrument_id="ETH-USDT")
    await world.fill("sell", "0.00995", instrument_id="ETH-USDT")
    plan = await get(world, f"{TRADING}/positions/flatten")
    (closing,) = plan["closing"]
    assert (closing["instrument_id"], closing["side"], closing["size"]) == ("BTC-USDT", "sell", "0.56943")
    (left,) = plan["left_out"]
    assert (left["instrument_id"], left["size"], left["dust"]) == ("ETH-USDT", "0.00004", True)
    answer = (await world.client.post(f"{TRADING}/positions/flatten", json={})).json()
    (order,), (execution,) = answer["orders"], answer["executions"]
    assert (order["parent_id"], order["order_type"]) == (execution["parent_id"], "ioc")
    assert (execution["position_side"], execution["trade_mode"], execution["exit"]) == ("net", "cash", True)
    assert answer["left_out"] == plan["left_out"]
    for _ in range(200):
        ended = await get(world, f"{TRADING}/executions/{execution['parent_id']}")
        if ended["status"] != "running":
            break
        await asyncio.sleep(0.05)
    assert (ended["status"], ended["filled_size"]) == ("completed", "0.56943")


async def test_kill_switch_blocks_orders_never_cancels_and_survives_a_restart(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        assert await get(world, f"{TRADING}/kill-switch") == {
            "engaged": False,
            "reason": "",
            "principal": "",
            "since": None,
            "approval": None,
        }
        order = await world.place()
        engaged = await world.client.post(f"{TRADING}/kill-switch", json={"engaged": True, "reason": "drill"})
        assert (engaged.json()["engaged"], engaged.json()["reason"]) == (True, "drill")
        assert engaged.json()["principal"] == "api:local"
        assert (await get(world, f"{ORDERS}/{order['order_id']}"))["status"] == "canceled"
    async with api_world(tmp_path) as world:
        assert (await get(world, f"{TRADING}/kill-switch"))["reason"] == "drill"
        denied = await world.client.post(ORDERS, json=MARKET_BUY)
        assert denied.status_code == 422
        assert "kill_switch" in {error["check"] for error in denied.json()["errors"]}
        await world.control.post(f"{TRADING}/kill-switch", json={"engaged": False, "reason": "drill over"})
        await world.place()


async def test_an_execution_starts_shows_its_orders_and_ends(world: ApiWorld) -> None:
    body = {
        "strategy": "twap",
        "config": {"duration": 600, "num_slices": 10},
        "instrument_id": "BTC-USDT",
        "side": "buy",
        "order_type": "market",
        "size": "0.01",
    }
    started = await world.client.post(f"{TRADING}/executions", json=body)
    assert started.status_code == 201, started.text
    parent_id = started.json()["parent_id"]
    await eventually(world, f"{TRADING}/executions/{parent_id}/orders", lambda found: found["orders"])
    shown = await get(world, f"{TRADING}/executions/{parent_id}")
    assert (shown["strategy"], shown["size"], shown["config"]["num_slices"]) == ("twap", "0.01", 10)
    assert (shown["config"]["duration"], shown["config"]["use_limit_orders"]) == ("600", False)
    assert [parent["parent_id"] for parent in (await get(world, f"{TRADING}/executions"))["executions"]] == [parent_id]
    ended = await world.client.delete(f"{TRADING}/executions/{parent_id}")
    assert ended.status_code == 200
    await eventually(world, f"{TRADING}/executions?open_only=true", lambda found: not found["executions"])
    again = await world.client.delete(f"{TRADING}/executions/{parent_id}")
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "execution-over")
    unknown = await world.client.get(f"{TRADING}/executions/nobody")
    assert unknown.status_code == 404
    typo = await world.client.post(f"{TRADING}/executions", json=body | {"config": {"durations": 600}})
    assert typo.status_code == 422
    assert "durations" in typo.text


async def test_an_execution_is_paused_amended_and_resumed(world: ApiWorld) -> None:
    body = {
        "strategy": "iceberg",
        "config": {"timeout": 600},
        "instrument_id": "BTC-USDT",
        "side": "buy",
        "order_type": "limit",
        "price": "49000",
        "size": "0.01",
    }
    started = await world.client.post(f"{TRADING}/executions", json=body)
    path = f"{TRADING}/executions/{started.json()['parent_id']}"
    paused = await world.client.post(f"{path}/pause", json={"reason": "lunch"})
    assert (paused.status_code, paused.json()["status"], paused.json()["reason"]) == (200, "paused", "lunch")
    await eventually(world, path, lambda found: not found["open_children"])
    change = {"size": "0.02", "price": "49100", "config": {"timeout": 1200}}
    amended = await world.client.patch(path, json=change)
    assert amended.status_code == 200, amended.text
    shown = amended.json()
    assert (shown["status"], shown["size"], shown["limit_price"]) == ("paused", "0.02", "49100")
    assert shown["config"]["timeout"] == "1200"
    again = await world.client.post(f"{path}/pause", json={})
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "execution-over")
    resumed = await world.client.post(f"{path}/resume", json={})
    assert (resumed.status_code, resumed.json()["status"]) == (200, "running")
    await eventually(world, path, lambda found: found["open_children"])
    for wrong, status in (({"size": "0.001x"}, 422), ({}, 422), ({"sizes": "1"}, 422)):
        assert (await world.client.patch(path, json=wrong)).status_code == status
    settled = await world.control.post(f"{path}/settle", json={"by": "me", "why": "no need"})
    assert (settled.status_code, "still open" in settled.text) == (422, True)
    for verb in ("pause", "resume", "settle"):
        said = {"by": "me", "why": "x"} if verb == "settle" else {}
        client = world.control if verb == "settle" else world.client
        assert (await client.post(f"{TRADING}/executions/nobody/{verb}", json=said)).status_code == 404
    await world.client.delete(path)


async def test_status_health_metrics_and_events(world: ApiWorld) -> None:
    order = await world.fill()
    status = await get(world, "/api/v1/status")
    assert (status["ready"], status["reasons"], status["unknown_orders"]) == (True, [], 0)
    assert await get(world, "/health/live") == {"alive": True}
    assert await get(world, "/health/ready") == {"ready": True, "reasons": []}
    metrics = await world.client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert 'trading_executor_fills_total{liquidity="taker"} 1.0' in metrics.text
    assert "trading_executor_ready 1.0" in metrics.text
    assert "trading_executor_ack_seconds_count 1.0" in metrics.text
    assert "trading_executor_signal_to_wire_seconds_count 1.0" in metrics.text
    events = (await get(world, "/api/v1/events", order_id=order["order_id"]))["events"]
    assert [event["kind"] for event in events][:2] == ["order.intent", "order.accepted"]
    assert events[0]["payload"]["request"]["size"] == "0.001"
    page = (await get(world, "/api/v1/events", after_seq=1, limit=2))["events"]
    assert [event["seq"] for event in page] == [2, 3]


async def test_the_journal_is_searched_newest_first_and_a_fill_by_its_trade_id(world: ApiWorld) -> None:
    search = "/api/v1/events/search"
    order, other = await world.fill(), await world.fill(instrument_id="ETH-USDT", size="0.1")
    told = (await get(world, "/api/v1/events", order_id=order["order_id"]))["events"]
    found = await get(world, search, order_id=order["order_id"])
    assert found == {"events": told[::-1], "next_cursor": None}
    first = await get(world, search, order_id=order["order_id"], limit=2)
    rest = await get(world, search, order_id=order["order_id"], cursor=first["next_cursor"])
    assert first["events"] + rest["events"] == found["events"]
    of_ether = (await get(world, search, instrument_id="ETH-USDT", kind="order.intent"))["events"]
    assert [event["order_id"] for event in of_ether] == [other["order_id"]]
    window = {"start_date": told[0]["at"], "end_date": told[1]["at"], "kind": "order.intent"}
    assert [event["order_id"] for event in (await get(world, search, **window))["events"]] == [order["order_id"]]
    (trade,) = (await get(world, f"{TRADING}/trades", order_id=order["order_id"]))["trades"]
    assert (await get(world, f"{TRADING}/trades", trade_id=trade["trade_id"]))["trades"] == [trade]
    assert (await get(world, f"{TRADING}/trades", trade_id="none"))["trades"] == []


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"kind": "order"}, "kind"),
        ({"cursor": "WzFd"}, "cursor"),
        ({"limit": 501}, "limit"),
        ({"instrument_id": "NO-SUCH"}, "instrument_id"),
        ({"start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, "end_date"),
    ],
)
async def test_a_search_that_cannot_be_is_refused_by_name(world: ApiWorld, wanted: dict[str, Any], field: str) -> None:
    refused = await world.client.get("/api/v1/events/search", params=wanted)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("kind", ["nope", "order.Intent", "order", "order.intent "])
async def test_a_kind_of_event_that_is_none_is_refused_with_those_that_are(world: ApiWorld, kind: str) -> None:
    """It was answered with no events, as if none had happened."""
    refused = await world.client.get("/api/v1/events", params={"kind": kind})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["field"], error["value"]) == (422, "kind", kind)
    assert error["rule"] == f"must be one of {', '.join(EventKind)}"
    for known in EventKind:
        assert (await world.client.get("/api/v1/events", params={"kind": known})).status_code == 200


async def test_the_process_tells_how_it_does(world: ApiWorld) -> None:
    def value(text: str, name: str) -> float:
        line = next(line for line in text.splitlines() if line.startswith(f"trading_executor_{name} "))
        return float(line.rpartition(" ")[2])

    before = (await world.client.get("/metrics")).text
    await world.fill()
    turn = world.system.ledger.turn("system")
    turn.anomaly("late_fill", {})
    await turn.commit()
    for hear in world.system.gate.lag_heard:
        hear(0.3)
    after = (await world.client.get("/metrics")).text
    for name in (
        "commit_seconds_count",
        "commit_seconds_sum",
        "commit_turns_sum",
        "loop_lag_seconds_sum",
        "journal_head",
    ):
        assert value(after, name) > value(before, name), name
    assert value(after, "commit_turns_sum") >= value(after, "commit_turns_count")
    assert value(after, "journal_head") == world.system.ledger.seq
    assert value(after, "writer_backlog_turns") == 0
    assert 'trading_executor_anomalies_total{kind="late_fill"} 1.0' in after


async def test_an_answer_that_was_kept_for_its_key_is_no_finding_of_an_audit(world: ApiWorld) -> None:
    key = {"Idempotency-Key": "k" * 16}
    for _ in range(2):
        answered = await world.client.post(f"{TRADING}/orders/cancel-all", json={}, headers=key)
        assert answered.status_code == 200
    report = audit(world.system.database, "main", world.system.ledger.instruments)
    assert (report.findings, report.replay.unchecked) == ((), ())


async def test_a_declared_balance_is_one_though_the_disk_fails_before_its_answer_is_kept(world: ApiWorld) -> None:
    body = {"currency": "USDT", "amount": "100", "by": "alice", "why": "deposit"}
    writer = world.system.ledger.writer

    def fail_after(group: Group) -> None:
        if any(event.kind == EventKind.OPERATOR_EVIDENCE for event in group.events):
            writer.failed = StoreFailed("the disk went")

    end = world.system.ledger.subscribe(fail_after)
    path, headers = f"{TRADING}/balances/declare", {"Idempotency-Key": "once"}
    before = D((await get(world, f"{TRADING}/account"))["balances"]["USDT"]["total"])
    first = await world.control.post(path, json=body, headers=headers)
    assert first.status_code in (200, 503)
    end()
    await eventually(world, "/api/v1/status", lambda status: status["ready"] and not status["store_failed"])
    again = await world.control.post(path, json=body, headers=headers)
    assert (again.status_code, again.json()["total"]) == (200, str(before + 100))
    assert D((await get(world, f"{TRADING}/account"))["balances"]["USDT"]["total"]) == before + 100
    other = await world.control.post(path, json={**body, "amount": "200"}, headers=headers)
    assert other.status_code == 409
    assert audit(world.system.database, "main", world.system.ledger.instruments).clean
