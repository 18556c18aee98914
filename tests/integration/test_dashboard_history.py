"""What was traded, on the page, in a real browser: filtered by the address, and found by an id."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.dashboard import NEEDS_CHROMIUM, DashboardWorld, browser, faults_of, world

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM


def test_an_order_is_found_by_each_of_its_ids_and_filters_stand_in_the_address(world: DashboardWorld) -> None:
    world.said.clear()
    body = {
        "strategy": "market",
        "config": {},
        "instrument_id": "BTC-USDT",
        "side": "buy",
        "order_type": "market",
        "size": "0.01",
        "trade_mode": "cash",
    }
    answer = world.api.post("/api/v1/trading/executions", json=body)
    assert answer.status_code < 300, answer.text
    parent = answer.json()["parent_id"]
    query = f"/api/v1/trading/trades?parent_id={parent}"
    trade = world.until(lambda: world.api.get(query).json()["trades"])[0]
    with world.page(f"/history?q={trade['order_id']}&side=buy") as page:
        story = page.get_by_role("region", name=f"Story of {trade['order_id']}")
        expect(story).to_contain_text("order.intent")
        assert faults_of(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1440, "height": 900})
        for name in ("client_order_id", "trade_id"):
            page.get_by_label("Id", exact=True).fill(trade[name])
            page.get_by_label("Id", exact=True).press("Enter")
            expect(story).to_contain_text("order.intent")
        page.get_by_label("Id", exact=True).fill(parent)
        page.get_by_label("Id", exact=True).press("Enter")
        expect(page.get_by_role("group", name="Orders of the execution")).to_contain_text(trade["order_id"])
        page.get_by_label("Side").select_option("sell")
        expect(page.get_by_role("region", name="Orders", exact=True)).to_contain_text("No order matches")
        assert "side=sell" in page.url
        assert f"q={parent}" in page.url
    assert world.said == []
