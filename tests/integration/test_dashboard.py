"""The dashboard in a real browser, over the real server and the simulated exchange: what holds of every page, and the
overview. Each page that does more has a file of its own beside this one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

import app
from tests.support.dashboard import (
    KEY,
    NEEDS_CHROMIUM,
    THEMES,
    WIDTHS,
    DashboardWorld,
    browser,
    faults_of,
    show_key,
    world,
)

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM
PAGES = (
    "/",
    "/trade?instrument=BTC-USDT",
    "/executions",
    "/history",
    "/history/events",
    "/history/performance",
    "/history/costs",
    "/history/exports",
    "/system",
)
RESTING = {"instrument_id": "BTC-USDT", "side": "buy", "order_type": "limit", "size": "0.001", "trade_mode": "cash"}


@pytest.fixture(autouse=True)
def cleared(world: DashboardWorld) -> None:
    world.clear()


def rest(world: DashboardWorld) -> str:
    """An order of ours, far below the market."""
    answer = world.api.post("/api/v1/trading/orders", json=RESTING | {"price": "49000"})
    assert answer.status_code == 201, answer.text
    return answer.json()["order_id"]


def badge(page: Page) -> str:
    return page.locator("#ready").inner_text()


def test_every_page_is_accessible_fits_and_says_nothing_to_the_console(world: DashboardWorld) -> None:
    world.said.clear()
    with world.page() as page:
        expect(page.locator("#ready")).to_have_text("ready")
        for path in PAGES:
            page.goto(f"/#{path}")
            expect(page.locator("main section").first).to_be_visible()
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                assert faults_of(page) == [], (path, theme)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (
                    f"{path} is wider than the screen"
                )
            for here in page.locator("nav [aria-current=page]").all():
                box = here.bounding_box()
                assert box is not None
                assert box["x"] + box["width"] <= min(WIDTHS), f"{path}: where one is is out of sight"
        page.set_viewport_size({"width": 1024, "height": 768})
        stop, menu = (
            page.get_by_role("button", name="Stop trading").bounding_box(),
            page.locator("header nav").bounding_box(),
        )
        assert stop is not None
        assert menu is not None
        assert stop["y"] < menu["y"] + menu["height"], "the head is one row"
    assert world.said == []


def test_the_key_is_asked_for_and_kept_nowhere(world: DashboardWorld) -> None:
    with world.page(reach=None) as page:
        asked = page.get_by_role("dialog", name="API key")
        expect(asked).to_be_visible()
        assert faults_of(page) == []
        asked.get_by_label("Key", exact=True).fill("tek_not-a-key")
        asked.get_by_role("button", name="Continue").click()
        expect(asked.get_by_role("alert")).to_contain_text("give an API key that is valid")
        show_key(page, "look")
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert json.loads(kept) == [{"toured": "yes"}, {}, ""]
        page.reload()
        expect(page.get_by_role("dialog", name="API key")).to_be_visible()


def test_a_tab_that_was_told_to_goes_on_after_a_reload_with_a_token_that_reads(world: DashboardWorld) -> None:
    with world.page(reach=None) as page:
        asked = page.get_by_role("dialog", name="API key")
        asked.get_by_label("Go on in this tab").check()
        expect(asked.locator("input[value=look]")).to_be_checked()
        show_key(page, "look", keep=True)
        kept = page.evaluate("JSON.stringify({...sessionStorage})")
        assert KEY not in kept
        assert json.loads(json.loads(kept)["token"])["scopes"] == ["audit:read", "read"]
        page.reload()
        expect(page.locator("#ready")).to_have_text("ready")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_order_appears_as_it_comes_and_is_cancelled_once_by_a_double_click(world: DashboardWorld) -> None:
    with world.page() as page:
        orders = page.get_by_role("region", name="Open orders")
        expect(orders).to_contain_text("No open orders")
        order_id = rest(world)
        row = orders.get_by_role("row").filter(has_text="49,000")
        expect(row).to_contain_text("live")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method) if request.method == "DELETE" else None)
        page.set_viewport_size({"width": 390, "height": 844})
        box = row.get_by_role("button", name="Cancel").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390, "a lever is in sight, however wide its row"
        row.get_by_role("button", name="Cancel").dblclick()
        expect(orders).to_contain_text("No open orders")
        expect(page.get_by_role("log")).to_contain_text("done")
        assert sent == ["DELETE"]
        assert world.api.get(f"/api/v1/trading/orders/{order_id}").json()["status"] == "canceled"


def test_the_kill_switch_is_held_and_takes_its_reason_to_the_journal(world: DashboardWorld) -> None:
    rest(world)
    with world.page() as page:
        page.get_by_role("button", name="Stop trading").click()
        page.get_by_label("Reason").fill("a test of the page")
        hold = page.get_by_role("button", name="Hold to stop")
        hold.click()
        assert badge(page) == "ready", "a click is no holding"
        hold.hover()
        page.mouse.down()
        expect(page.locator("#ready")).to_have_text("not ready")
        page.mouse.up()
        expect(page.locator("#verdict")).to_contain_text("a test of the page")
        expect(page.get_by_role("region", name="Open orders")).to_contain_text("No open orders")
        page.keyboard.press("!")
        hold = page.get_by_role("button", name="Hold to resume")
        expect(hold).to_be_disabled()
        page.get_by_label("Reason").fill("over")
        hold.focus()
        page.keyboard.down("Enter")
        expect(page.locator("#ready")).to_have_text("ready")
        page.keyboard.up("Enter")
    said = world.api.get("/api/v1/trading/kill-switch").json()
    assert (said["engaged"], said["reason"]) == (False, "over")


def test_it_goes_by_the_keyboard_alone_also_to_one_of_two_executions_that_are_alike(world: DashboardWorld) -> None:
    world.said.clear()
    alike = RESTING | {
        "strategy": "twap",
        "order_type": "market",
        "size": "0.01",
        "config": {"duration": 600, "num_slices": 5},
    }
    ids = [world.api.post("/api/v1/trading/executions", json=alike).json()["parent_id"] for _ in range(2)]
    with world.page() as page:
        expect(page.get_by_role("group", name="Executions").get_by_text("twap")).to_have_count(2)
        page.keyboard.press("/")
        page.keyboard.type("twap")
        expect(page.get_by_role("option").filter(has_text="Execution twap buy")).to_have_count(2)
        page.keyboard.type(f" {ids[1]}")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/executions/{ids[1]}$"))
        page.keyboard.press("g")
        page.keyboard.press("s")
        expect(page.get_by_role("link", name="System")).to_have_attribute("aria-current", "page")
        page.keyboard.press("/")
        page.keyboard.type("overview")
        page.keyboard.press("Enter")
        expect(page).to_have_title(re.compile("Overview"))
        before = page.evaluate("document.documentElement.dataset.theme")
        page.keyboard.press("d")
        assert page.evaluate("document.documentElement.dataset.theme") != before
        page.keyboard.press("u")
        expect(page.get_by_role("banner")).to_contain_text("local")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert world.said == []


def test_a_first_look_is_shown_around_once(world: DashboardWorld) -> None:
    with world.page(tour=True) as page:
        for _ in range(4):
            page.get_by_role("dialog").get_by_role("button", name="Next").click()
        page.get_by_role("dialog").get_by_role("button", name="Begin").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert page.evaluate("localStorage.toured") == "yes"


def ticket(page: Page, **fields: str) -> Locator:
    form = page.get_by_role("form", name="Order ticket")
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        field.select_option(value) if name == "kind" else field.fill(value)
    return form


def order_of(world: DashboardWorld) -> dict[str, Any]:
    (order,) = world.api.get("/api/v1/trading/orders/active").json()["orders"]
    return order


def test_an_order_is_written_placed_once_amended_by_typing_and_dragging_and_cancelled(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT") as page:
        form = ticket(page, size="0.000000001", price="49000.05")
        expect(form.locator("#why-size")).to_contain_text("multiple of the lot 0.00000001")
        expect(form.locator("#why-price")).to_contain_text("multiple of the tick 0.1: 49000 is")
        ticket(page, size="0.01", price="49000")
        expect(form.get_by_text("490.00 USDT")).to_be_visible()
        expect(form).to_contain_text("% of equity (at most 100 %)")
        expect(form).to_contain_text("fees included")
        form.get_by_role("button", name="Buy 0.01 BTC-USDT").dblclick()
        row = page.get_by_role("region", name="Open orders").get_by_role("row").filter(has_text="49,000")
        expect(row).to_contain_text("live")
        placed = order_of(world)
        assert (placed["side"], placed["size"], placed["price"]) == ("buy", "0.01", "49000")

        row.click()
        page.get_by_role("dialog").locator("[name=price]").fill("49001")
        page.get_by_role("dialog").get_by_role("button", name="Amend").click()
        expect(page.get_by_role("region", name="Open orders")).to_contain_text("49,001")
        handle = page.get_by_role("button", name="buy 0.01 @")
        handle.hover()
        page.mouse.down()
        box = handle.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2 + 25, steps=3)
        page.mouse.up()
        wanted = page.get_by_role("dialog").locator("[name=price]").input_value()
        assert float(wanted) < 49001
        page.keyboard.press("Escape")
        assert order_of(world)["price"] == "49001", "what is dragged is asked about first"
        row = page.get_by_role("region", name="Open orders").get_by_role("row").filter(has_text="49,001")
        row.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("region", name="Open orders")).to_contain_text("No open orders")


def test_the_button_of_the_ticket_stays_under_the_hand_while_figures_come_in(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT") as page:
        asked: list[Route] = []

        def wait(route: Route) -> None:
            asked.append(route)

        page.route("**/executions/preview", wait)
        with page.expect_request("**/executions/preview"):
            form = ticket(page, size="0.01", price="49000")
        button = form.get_by_role("button", name="Buy 0.01 BTC-USDT")
        place = button.bounding_box()
        for route in asked:
            route.continue_()
        expect(form).to_contain_text("fees included")
        assert place is not None
        assert button.bounding_box() == place


def test_two_clicks_with_an_answer_between_them_are_one_order(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT") as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        ticket(page, size="0.01", price="49000").get_by_role("button", name="Buy 0.01 BTC-USDT").hover()
        for wait in (200, 0):
            page.mouse.down()
            page.mouse.up()
            page.wait_for_timeout(wait)
        expect(page.get_by_role("log")).to_contain_text("done")
        page.mouse.down()
        page.mouse.up()
        page.wait_for_timeout(200)
        assert len([url for url in sent if url.endswith("/trading/orders")]) == 1
    order_of(world)


def test_a_stop_is_sent_though_a_resume_before_it_had_no_answer(world: DashboardWorld) -> None:
    path = "/api/v1/trading/kill-switch"
    engaged = world.api.post(path, json={"engaged": True, "reason": "a test of the page"})
    assert engaged.status_code == 200, engaged.text
    with world.page() as page:
        page.route(f"**{path}", lambda route: route.fetch())  # it is done, and the page never hears of it
        page.get_by_role("button", name="Resume trading").click()
        page.get_by_label("Reason").fill("over")
        page.get_by_role("button", name="Hold to resume").focus()
        page.keyboard.down("Enter")
        expect(page.get_by_role("log")).to_contain_text("sending")
        world.until(lambda: not world.api.get(path).json()["engaged"])
        page.keyboard.up("Enter")
        page.reload()
        page.unroute_all()
        show_key(page, "trade")
        expect(page.get_by_role("log")).to_contain_text("before this page was loaded anew")
        expect(page.locator("#ready")).to_have_text("ready")
        page.get_by_role("button", name="Stop trading").click()
        page.get_by_label("Reason").fill("again")
        page.get_by_role("button", name="Hold to stop").focus()
        page.keyboard.down("Enter")
        expect(page.locator("#ready")).to_have_text("not ready")
        page.keyboard.up("Enter")
        expect(page.get_by_role("log")).not_to_contain_text("before this page was loaded anew")
    said = world.api.get(path).json()
    assert (said["engaged"], said["reason"]) == (True, "again")
    world.api.post(path, json={"engaged": False, "reason": "over"})


def test_every_reason_against_an_order_stands_in_the_ticket_and_nothing_was_sent(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT") as page:
        form = ticket(page, size="1", price="49000")
        expect(form.locator("#why-size")).to_contain_text("10000")
        form.get_by_role("button", name="Buy 1 BTC-USDT").click()
        expect(page.get_by_role("log")).to_contain_text("refused")
        expect(form.locator("#why-size")).to_be_visible()
    assert world.api.get("/api/v1/trading/orders/active").json()["orders"] == []


def test_an_execution_is_previewed_run_and_steered(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT") as page:
        form = ticket(page, kind="strategy twap", size="0.01", duration="600", num_slices="5")
        planned = form.get_by_role("group", name="Planned orders").get_by_role("row")
        expect(planned).to_have_count(6)
        ticket(page, duration="x")
        expect(form.locator("label").filter(has_text="duration")).to_contain_text("number")
        ticket(page, duration="600")
        expect(planned).to_have_count(6)
        assert faults_of(page) == []
        form.get_by_role("button", name="Buy 0.01 BTC-USDT").click()
        row = page.get_by_role("region", name="Executions").get_by_role("row").filter(has_text="twap")
        expect(row).to_contain_text("running")
        row.get_by_role("button", name="Pause").click()
        expect(row).to_contain_text("paused")
        row.get_by_role("button", name="Resume").click()
        expect(row).to_contain_text("running")
        row.get_by_role("button", name="End").click()
        expect(row).to_have_count(0)


def test_what_is_ours_is_closed_when_the_button_was_held(world: DashboardWorld) -> None:
    bought = world.api.post(
        "/api/v1/trading/orders", json=RESTING | {"order_type": "market", "size": "0.01", "strategy_id": "by-hand"}
    )
    assert bought.status_code == 201, bought.text
    with world.page("/trade?instrument=BTC-USDT") as page:
        page.get_by_role("button", name="Close …").click()
        asked = page.get_by_role("dialog")
        expect(asked.get_by_role("listitem").first).to_contain_text("sell 0.0")
        assert faults_of(page) == []
        hold = asked.get_by_role("button", name="Hold to close")
        hold.hover()
        page.mouse.down()
        expect(asked).to_have_count(0)
        page.mouse.up()
        expect(page.get_by_role("log")).to_contain_text("done")
    world.until(lambda: world.api.get("/api/v1/trading/positions/flatten").json()["closing"] == [])


def test_a_server_that_dies_is_said_and_its_return_takes_the_page_up(world: DashboardWorld) -> None:
    with world.page() as page:
        order_id = rest(world)
        row = page.get_by_role("region", name="Open orders").get_by_role("row").filter(has_text="49,000")
        expect(row).to_be_visible()
        came = "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/System.js'))"
        world.until(lambda: page.evaluate(came))
        world.kill()
        expect(page.get_by_role("alert")).to_contain_text("Not live.")
        assert badge(page) == "no news"
        page.get_by_role("link", name="System").click()
        expect(page.get_by_role("region", name="Streams and the right to write")).to_be_visible()
        page.get_by_role("link", name="Overview").click()
        world.start()
        show_key(page, "trade")
        expect(page.locator("#ready")).to_have_text("ready")
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(row).to_be_visible()
        world.api.delete(f"/api/v1/trading/orders/{order_id}")
        expect(row).to_have_count(0)


@pytest.mark.parametrize("unread", ["trading/orders/active", "trading/account"])
def test_what_could_not_be_read_is_read_again_by_itself_and_no_order_is_hidden_meanwhile(
    world: DashboardWorld, unread: str
) -> None:
    rest(world)
    asked: list[str] = []

    def fail_twice(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
            return
        assert badge(page) == "connecting", "nothing is ready of which not all is known"
        said = page.locator("main").inner_text()
        assert not re.search("No open orders|No fills yet|Nothing has happened", said), "what is not read is not none"
        route.fulfill(status=503, json={"type": "urn:trading-executor:problem:unavailable", "detail": "not now"})

    with world.page(reach=None) as page:
        page.route(f"**/api/v1/{unread}", fail_twice)
        show_key(page, "look")
        expect(page.locator("#ready")).to_have_text("ready")
        expect(page.get_by_role("region", name="Open orders")).to_contain_text("49,000")
        expect(page.get_by_role("alert")).to_have_count(0)
    assert len(asked) == 3


def test_nothing_of_it_comes_from_elsewhere_or_stands_in_the_page_as_script(world: DashboardWorld) -> None:
    asked: list[str] = []
    with world.page(reach=None) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.reload()
        page.get_by_role("dialog", name="API key").wait_for()
    assert asked
    assert [url for url in asked if not url.startswith((world.base, "data:"))] == []
    policy = world.api.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    text = (Path(app.__file__).parent / "dashboard" / "index.html").read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|https?://", text) == []


def test_its_files_are_asked_for_once_and_come_packed(world: DashboardWorld) -> None:
    first = world.api.get("/assets/app.js")
    assert (first.headers["content-type"], first.headers["content-encoding"]) == (
        "text/javascript; charset=utf-8",
        "gzip",
    )
    again = world.api.get("/assets/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = world.api.get("/assets/app.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == first.content
    assert plain.headers["etag"] != first.headers["etag"]
    for none in ("nothing.js", "..%2Findex.html", "%2Fetc%2Fpasswd"):
        assert world.api.get(f"/assets/{none}").status_code == 404


def test_an_order_whose_answer_is_lost_is_asked_for_again_and_placed_once(world: DashboardWorld) -> None:
    """Its first answer never comes: the page asks by itself, with the same key."""
    keys: list[str | None] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.header_value("idempotency-key"))
        if len(keys) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    with world.page("/trade?instrument=BTC-USDT") as page:
        page.route("**/api/v1/trading/orders", lose_the_first)
        ticket(page, size="0.01", price="49000").get_by_role("button", name="Buy 0.01 BTC-USDT").click()
        expect(page.get_by_role("log")).to_contain_text("done")
    assert len(keys) == 2
    assert len(set(keys)) == 1
    world.api.delete(f"/api/v1/trading/orders/{order_of(world)['order_id']}")


def test_what_was_sent_before_a_reload_is_told_of_and_done_once(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT") as page:
        page.route(
            "**/api/v1/trading/orders", lambda route: route.fetch()
        )  # it is placed, and the page never hears of it
        ticket(page, size="0.01", price="49000").get_by_role("button", name="Buy 0.01 BTC-USDT").click()
        expect(page.get_by_role("log")).to_contain_text("sending")
        world.until(lambda: world.api.get("/api/v1/trading/orders/active").json()["orders"])
        placed = order_of(world)["order_id"]
        page.reload()  # before anything else: an answer that is let go now would be heard
        page.unroute_all()
        show_key(page, "trade")
        told = page.get_by_role("log")
        expect(told).to_contain_text("before this page was loaded anew")
        told.get_by_role("button", name="Ask again").click()
        expect(told).to_contain_text("done")
        assert order_of(world)["order_id"] == placed
        row = page.get_by_role("region", name="Open orders").get_by_role("row").filter(has_text="49,000")
        row.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("region", name="Open orders")).to_contain_text("No open orders")


def test_a_key_that_only_looks_is_told_what_it_lacks_and_nothing_is_sent(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT", reach="look") as page:
        form = ticket(page, size="0.01", price="49000")
        expect(form).to_contain_text("only looks")
        form.get_by_role("button", name="Buy 0.01 BTC-USDT").click()
        expect(page.get_by_role("dialog", name="API key")).to_contain_text("orders:place")
        assert world.api.get("/api/v1/trading/orders/active").json()["orders"] == []
