"""Ten thousand rows scroll as ten do: what is drawn, and what a key waits for, does not grow with their number."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.dashboard import NEEDS_CHROMIUM, DashboardWorld, browser, faults_of, show_key, world

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM
ACTIVE = "/api/v1/trading/orders/active"
MANY, FEW = 10_000, 100
DRAWN_MAX = 60
"""Rows of a table 420 pixels high and its margins, with the heading and the two that stand for what is not drawn."""
STEPS = 60

SCROLL = """async ([steps]) => {
  const box = document.querySelector('[aria-label="Open orders"] .scroll');
  let touched = 0, most = 0;
  const watch = new MutationObserver((changes) => {
    for (const each of changes) touched += each.addedNodes.length + each.removedNodes.length;
  });
  watch.observe(box, { childList: true, subtree: true });
  const frame = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  for (let step = 1; step <= steps; step += 1) {
    box.scrollTop = (box.scrollHeight * step) / steps;
    await frame();
    most = Math.max(most, box.querySelectorAll("tr").length);
  }
  watch.disconnect();
  return [touched, most];
}"""
"""Scrolled to the end: how many nodes came and went, and the most rows that there were at once."""

LATENCY = """async ([presses]) => {
  const found = [];
  for (let press = 0; press < presses; press += 1) {
    const began = performance.now();
    dispatchEvent(new KeyboardEvent("keydown", { key: "u", bubbles: true }));
    await new Promise((go) => setTimeout(() => requestAnimationFrame(() => setTimeout(go))));
    found.push(performance.now() - began);
  }
  return Math.min(...found);
}"""
"""The least milliseconds from a key (it draws each row in sight anew: times in UTC or local) to its frame."""


def orders_like(template: dict[str, Any], count: int) -> list[dict[str, Any]]:
    return [
        template | {"order_id": f"ord-{number:08d}", "client_order_id": f"c{number}", "price": str(40_000 + number)}
        for number in range(count)
    ]


def opened(page: Page, template: dict[str, Any], count: int) -> None:
    """The page with so many open orders."""

    def answer(route: Route) -> None:
        route.fulfill(json={"orders": orders_like(template, count)})

    page.route(f"**{ACTIVE}", answer)
    show_key(page, "look")
    expect(page.get_by_role("region", name="Open orders")).to_contain_text(str(count))
    expect(page.locator('[aria-label="Open orders"] .scroll')).to_be_visible()


@pytest.fixture(scope="module")
def template(world: DashboardWorld) -> dict[str, Any]:
    """An open order as the server tells of one, which is not open any more."""
    resting = {"instrument_id": "BTC-USDT", "side": "buy", "order_type": "limit", "size": "0.001", "price": "49000"}
    answer = world.api.post("/api/v1/trading/orders", json=resting | {"trade_mode": "cash"})
    assert answer.status_code == 201, answer.text
    world.until(lambda: world.api.get(ACTIVE).json()["orders"][0]["status"] == "live")
    (order,) = world.api.get(ACTIVE).json()["orders"]
    world.clear()
    return order


def test_ten_thousand_rows_are_scrolled_to_the_end_and_only_those_in_sight_are_drawn(
    world: DashboardWorld, template: dict[str, Any]
) -> None:
    with world.page(reach=None) as page:
        opened(page, template, MANY)
        touched, most = page.evaluate(SCROLL, [STEPS])
        assert most <= DRAWN_MAX
        assert touched <= STEPS * 2 * DRAWN_MAX, "a step draws what comes into sight, and no more"
        table = page.locator('[aria-label="Open orders"] table')
        expect(table).to_have_attribute("aria-rowcount", str(MANY + 1))
        last = table.locator(f'tr[aria-rowindex="{MANY + 1}"]')
        expect(last).to_be_visible()
        expect(last).to_contain_text("40,000")
        assert faults_of(page) == []


def test_a_key_waits_no_longer_for_ten_thousand_rows_than_for_a_hundred(
    world: DashboardWorld, template: dict[str, Any]
) -> None:
    least: dict[int, float] = {}
    for count in (FEW, MANY):
        with world.page(reach=None) as page:
            opened(page, template, count)
            least[count] = page.evaluate(LATENCY, [STEPS])
    assert least[MANY] < 3 * least[FEW] + 10, (
        "the least of many: a machine that is busy now and then makes it no longer"
    )
