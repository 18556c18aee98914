"""What was traded, on the page, in a real browser: filtered by the address, found by an id, told with its causes."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.dashboard import NEEDS_CHROMIUM, THEMES, DashboardWorld, browser, faults_of, world

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM
BUY = {"instrument_id": "BTC-USDT", "side": "buy", "order_type": "market", "size": "0.01", "trade_mode": "cash"}
ORDERS, EXECUTIONS = "/api/v1/trading/orders", "/api/v1/trading/executions"


def posted(world: DashboardWorld, path: str, **body: Any) -> dict[str, Any]:
    answer = world.api.post(path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()


def traded(world: DashboardWorld, **query: str) -> dict[str, Any]:
    """The newest fill that there is of it."""
    return world.until(lambda: world.api.get("/api/v1/trading/trades", params=query).json()["trades"])[0]


def told(page: Page) -> list[str]:
    """The names of a timeline's steps."""
    return page.get_by_role("list", name="What happened").locator("b").all_inner_texts()


def search(page: Page, wanted: str) -> None:
    page.get_by_label("Id", exact=True).fill(wanted)
    page.get_by_label("Id", exact=True).press("Enter")


def fits(page: Page) -> None:
    """Accessible in both themes, and no wider than a telephone."""
    for theme in THEMES:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        assert faults_of(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})


def test_an_order_is_found_by_each_of_its_ids_and_filters_stand_in_the_address(world: DashboardWorld) -> None:
    world.said.clear()
    parent = posted(world, EXECUTIONS, strategy="market", config={}, **BUY)["parent_id"]
    trade = traded(world, parent_id=parent)
    with world.page(f"/history?q={trade['order_id']}&side=buy") as page:
        story = page.get_by_role("region", name=f"Story of {trade['order_id']}")
        expect(story).to_contain_text("Risk let it pass")
        order = world.api.get(f"{ORDERS}/{trade['order_id']}").json()
        for wanted in (order["client_order_id"], order["exchange_order_id"], trade["trade_id"]):
            search(page, wanted)
            expect(story).to_contain_text("Risk let it pass")
        search(page, parent)
        of = page.get_by_role("region", name="Orders of the execution")
        expect(of).to_contain_text(trade["order_id"])
        page.get_by_label("Side").select_option("sell")
        expect(of).to_contain_text("No order matches")
        assert "side=sell" in page.url
        assert f"q={parent}" in page.url
        search(page, "nobody")
        expect(page.get_by_role("region", name="Found")).to_contain_text("no proposal has the id nobody")
        page.get_by_role("button", name="Clear").click()
        expect(page.get_by_role("region", name="Orders", exact=True)).to_contain_text(trade["order_id"])
        assert page.url.endswith("#/history")
    assert world.said == []


def test_an_order_is_told_from_the_decision_of_risk_to_its_end_with_the_delays_between(world: DashboardWorld) -> None:
    order = posted(world, ORDERS, **BUY | {"order_type": "limit", "price": "49000"})["order_id"]
    world.api.patch(f"{ORDERS}/{order}", json={"price": "49001"}).raise_for_status()
    world.api.delete(f"{ORDERS}/{order}").raise_for_status()
    world.until(lambda: world.api.get(f"{ORDERS}/{order}").json()["settled"])
    with world.page(f"/history?q={order}") as page:
        steps = page.get_by_role("list", name="What happened").get_by_role("listitem")
        expect(steps.filter(has_text=re.compile("Cancel(ed)?"))).to_have_count(3)
        names = told(page)
        assert names[:3] == ["Risk let it pass", "Intent recorded", "Sent"]
        of = {"Accepted by the exchange", "Amendment asked for", "Amendment accepted", "Cancel asked for", "Canceled"}
        assert of <= set(names[3:])  # in the order in which the exchange's answers and its stream came
        expect(steps.nth(2)).to_contain_text(re.compile(r"\+[\d.]+ ms.*Sent"))
        expect(page.get_by_text("after it was sent").first).to_be_visible()
        page.get_by_text("Its events as the journal has them").press("Enter")
        expect(page.get_by_role("group", name="Events")).to_contain_text("order.amend_intent")
        fits(page)


def test_a_denied_order_and_one_that_is_held_say_why(world: DashboardWorld) -> None:
    refused = world.api.post(ORDERS, json=BUY | {"size": "9"})
    assert refused.status_code == 422, refused.text
    held = posted(world, ORDERS, **BUY | {"side": "sell", "order_type": "stop", "trigger_price": "45000"})["order_id"]
    with world.page(f"/history?q={refused.json()['order']['order_id']}") as page:
        expect(page.get_by_role("list", name="What happened")).to_contain_text("max_order_value: size=9")
        assert told(page) == ["Risk refused it", "Denied"]
        search(page, held)
        expect(page.get_by_role("list", name="What happened")).to_contain_text("it waits for the price 45,000")
        story = page.get_by_role("region", name=f"Story of execution {held}")
        expect(story).to_contain_text("It is running")
        posted(world, f"{EXECUTIONS}/{held}/cancel", reason="a test of the page")
        expect(story).to_contain_text("Execution canceled")
        expect(story).to_contain_text("a test of the page")


def test_a_proposal_that_was_confirmed_is_the_beginning_of_its_order(world: DashboardWorld) -> None:
    asked = posted(world, "/api/v1/proposals/orders", **BUY)["proposal_id"]
    with world.page(f"/history?q={asked}") as page:
        expect(page.get_by_role("region", name=f"Story of proposal {asked}")).to_contain_text("has become no order yet")
        assert told(page) == ["Proposed: it waits for a second person"]
        fits(page)
    second = posted(world, "/api/v1/keys", name="second", scopes=["read", "orders:place"])["secret"]
    done = world.api.post(f"/api/v1/proposals/{asked}/confirm", json={}, headers={"X-API-Key": second})
    assert done.status_code < 300, done.text
    with world.page(f"/history?q={asked}") as page:
        expect(page.get_by_role("list", name="What happened")).to_contain_text("Fill of")
        names = told(page)
        assert names[0] == "Proposed: it waits for a second person"
        assert names[names.index("Intent recorded") + 1] == "Proposal confirmed"
        search(page, "ap-0123456789abcdef")
        expect(page.get_by_role("region", name="Found")).to_contain_text("It was not found: ")
        expect(page.get_by_role("region", name="Found")).to_contain_text("was never asked for")


def test_an_execution_is_told_from_its_signal_with_each_order_as_a_line(world: DashboardWorld) -> None:
    world.said.clear()
    how = {"strategy": "twap", "config": {"duration": 2, "num_slices": 2}, "size": "0.01", "strategy_id": "mine"}
    order = posted(world, "/api/v1/signals", type="buy", instrument_id="BTC-USDT", **how)["order"]
    parent = order["parent_id"]
    world.until(lambda: world.api.get(f"{EXECUTIONS}/{parent}").json()["status"] == "completed")
    with world.page(f"/executions/{parent}") as page:
        page.get_by_role("link", name="Story", exact=True).click()
        story = page.get_by_role("region", name=f"Story of execution {parent}")
        expect(story).to_contain_text("Execution completed")
        names = told(page)
        assert names[:2] == ["Signal buy 0.01 BTC-USDT", "Execution accepted"]
        assert names[-1] == "Execution completed"
        lines = story.locator("summary").filter(has_text="slice")
        expect(lines).to_have_count(2)
        expect(lines.first).to_contain_text(re.compile(r"slice 1/2 → Filled, in [\d.]+ m?s"))
        lines.first.press("Enter")
        expect(story.get_by_role("list", name=f"Steps of {order['order_id']}")).to_contain_text(
            "Accepted by the exchange"
        )
        fits(page)
        story.get_by_role("link", name=order["order_id"]).click()
        expect(page.get_by_role("region", name=f"Story of {order['order_id']}")).to_contain_text(
            "of mine, to be worked"
        )
        page.get_by_role("link", name="Its execution: twap").click()
        expect(story).to_be_visible()
    assert world.said == []


def test_the_journal_is_filtered_by_the_address(world: DashboardWorld) -> None:
    world.said.clear()
    posted(world, ORDERS, **BUY | {"strategy_id": "mine"})
    trade = traded(world, strategy_id="mine")
    with world.page("/history?strategy=mine") as page:
        page.get_by_role("link", name="Events").click()
        events = page.get_by_role("group", name="Events")
        expect(events).to_contain_text("Fill of")
        assert "strategy=mine" in page.url
        page.get_by_label("Kind").select_option("order.intent")
        expect(events).not_to_contain_text("Fill of")
        expect(events).to_contain_text("Intent recorded")
        assert "kind=order.intent" in page.url
        page.get_by_label("From", exact=True).fill("2020-01-01T00:00:00")
        page.get_by_label("To", exact=True).fill("2020-01-02T00:00:00")
        page.get_by_label("To", exact=True).press("Enter")
        expect(page.get_by_role("region", name="Events")).to_contain_text("No event matches the filters")
        assert "from=2020-01-01T00%3A00%3A00.000Z" in page.url
        page.get_by_label("From", exact=True).fill("2020-01-03T00:00:00")
        page.get_by_label("From", exact=True).press("Enter")
        expect(page.get_by_role("region", name="Events")).to_contain_text("must be after start_date")
        page.get_by_role("button", name="Clear").click()
        search(page, trade["trade_id"])
        expect(events.get_by_role("row").filter(has_text=trade["order_id"]).first).to_be_visible()
        expect(events.get_by_role("row").filter(has_text="session.started")).to_have_count(0)
        fits(page)
        events.get_by_role("row").nth(1).press("Enter")
        expect(page.get_by_role("region", name=f"Story of {trade['order_id']}")).to_be_visible()
    assert world.said == []


def test_orders_and_fills_are_filtered_by_status_and_date_and_read_page_by_page(world: DashboardWorld) -> None:
    for _ in range(3):
        posted(world, ORDERS, **BUY | {"size": "0.001"})
    filled = {"status": "filled"}
    world.until(lambda: len(world.api.get(ORDERS, params=filled).json()["orders"]) >= 3)
    with world.page("/history") as page:
        # What the page asks 500 of at a time is two here, so that a few orders are several pages.
        page.route(
            "**limit=500**", lambda route: route.continue_(url=route.request.url.replace("limit=500", "limit=2"))
        )
        page.get_by_label("Status").select_option("filled")
        orders = page.get_by_role("region", name="Orders", exact=True)
        expect(orders.get_by_role("row")).to_have_count(3)
        orders.get_by_role("button", name="Older orders").click()
        expect(orders.get_by_role("row").nth(3)).to_be_visible()
        expect(orders).to_contain_text("As read at")
        orders.get_by_role("button", name="The newest, read anew").click()
        expect(orders.get_by_role("row")).to_have_count(3)
        page.get_by_label("To", exact=True).fill("2020-01-02T00:00:00")
        page.get_by_label("To", exact=True).press("Enter")
        expect(orders).to_contain_text("No order matches the filters")
        expect(page.get_by_role("region", name="Fills", exact=True)).to_contain_text("No fill matches the filters")


def test_what_cannot_be_read_says_so_and_comes_back(world: DashboardWorld) -> None:
    with world.page("/history/events") as page:
        events = page.get_by_role("region", name="Events")
        expect(events.get_by_role("row").nth(1)).to_be_visible()
        page.route("**/api/v1/events/search**", lambda route: route.abort())
        expect(events).to_contain_text("Not read anew: the server cannot be reached")
        expect(events.get_by_role("row").nth(1)).to_be_visible()
        page.unroute("**/api/v1/events/search**")
        expect(events).not_to_contain_text("Not read anew")
