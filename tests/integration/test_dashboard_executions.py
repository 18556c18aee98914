"""One execution on the page, in a real browser: seen as it goes, paused, amended, ended, and set beside another."""

from __future__ import annotations

from functools import partial
from typing import Any

from playwright.sync_api import expect

from tests.support.dashboard import NEEDS_CHROMIUM, DashboardWorld, browser, faults_of, world

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM


def started(world: DashboardWorld, strategy: str, config: dict[str, Any], side: str = "buy") -> str:
    body = {
        "strategy": strategy,
        "config": config,
        "instrument_id": "BTC-USDT",
        "side": side,
        "order_type": "market",
        "size": "0.01",
        "trade_mode": "cash",
    }
    answer = world.api.post("/api/v1/trading/executions", json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()["parent_id"]


def state(world: DashboardWorld, parent_id: str) -> dict[str, Any]:
    return world.api.get(f"/api/v1/trading/executions/{parent_id}").json()


def is_completed(world: DashboardWorld, parent_id: str) -> bool:
    return state(world, parent_id)["status"] == "completed"


def test_a_running_execution_is_seen_paused_amended_and_ended(world: DashboardWorld) -> None:
    world.said.clear()
    parent_id = started(world, "twap", {"duration": 600, "num_slices": 5})
    with world.page("/executions") as page:
        page.get_by_role("group", name="Executions").get_by_text("twap").first.click()
        head = page.get_by_role("region", name="twap buy BTC-USDT")
        expect(head.get_by_role("meter")).to_have_attribute("aria-valuenow", "20")  # its first of five
        expect(page.get_by_role("group", name="Its orders").get_by_role("row")).to_have_count(2)
        expect(page.get_by_role("group", name="Implementation shortfall by part")).to_contain_text("total")
        expect(page.get_by_role("img", name="What its schedule wanted")).to_be_visible()
        assert faults_of(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1440, "height": 900})

        head.get_by_role("button", name="Pause").click()
        expect(head.get_by_role("button", name="Resume")).to_be_enabled()
        assert state(world, parent_id)["status"] == "paused"

        head.get_by_role("button", name="Amend").click()
        form = page.get_by_role("dialog", name="Amend twap buy BTC-USDT")
        expect(form.get_by_role("button", name="Amend")).to_be_disabled()
        form.get_by_label("Size, now 0.01").fill("0.001")
        form.get_by_role("button", name="Amend").click()
        expect(form.get_by_label("Size, now 0.01")).to_have_attribute("aria-invalid", "true")  # less than has filled
        assert state(world, parent_id)["size"] == "0.01"
        form.get_by_label("Size, now 0.01").fill("0.02")
        form.get_by_label("Reason").fill("more is wanted")
        form.get_by_role("button", name="Amend").click()
        expect(form).to_have_count(0)
        expect(head).to_contain_text("of 0.02")
        assert state(world, parent_id)["size"] == "0.02"

        head.get_by_role("button", name="End", exact=True).click()
        expect(head.get_by_role("button", name="End", exact=True)).to_have_count(0)
        world.until(lambda: state(world, parent_id)["status"] == "canceled")
    assert world.said == []


def test_two_executions_are_set_beside_each_other_by_the_address(world: DashboardWorld) -> None:
    ids = [started(world, "market", {}), started(world, "market", {}, side="sell")]
    for each in ids:
        world.until(partial(is_completed, world, each))
    with world.page(f"/executions?with={ids[0]}&with={ids[1]}") as page:
        compared = page.get_by_role("group", name="Compared")
        expect(compared.get_by_role("columnheader")).to_have_count(3)
        expect(compared.get_by_role("row", name="Side")).to_contain_text("buy")
        expect(compared.get_by_role("row", name="Side")).to_contain_text("sell")
        costs = [world.api.get(f"/api/v1/trading/tca/executions/{each}").json() for each in ids]
        prices = [f"{float(cost['average_price']):,.8f}".rstrip("0").rstrip(".") for cost in costs]
        for price in prices:
            expect(compared.get_by_role("row", name="Average price")).to_contain_text(price)
        page.get_by_role("button", name=f"Without {ids[1][:8]}").click()
        expect(compared.get_by_role("columnheader")).to_have_count(2)


def test_an_execution_that_is_none_says_so(world: DashboardWorld) -> None:
    with world.page("/executions/nothing") as page:
        expect(page.get_by_role("region", name="Execution")).to_contain_text("Not read anew")
        expect(page.get_by_role("region", name="Execution").get_by_role("link", name="All executions")).to_be_visible()
