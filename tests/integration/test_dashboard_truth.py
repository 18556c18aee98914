"""What the dashboard does not know it does not show as known: in a real browser, over the real server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, Route, WebSocketRoute, expect

from tests.support.dashboard import NEEDS_CHROMIUM, DashboardWorld, browser, faults_of, show_key, world

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM
NOT_NOW = {"type": "urn:trading-executor:problem:unavailable", "title": "unavailable", "detail": "not now"}


@pytest.fixture(autouse=True)
def cleared(world: DashboardWorld) -> Iterator[None]:
    yield
    world.clear()


def fail(route: Route) -> None:
    route.fulfill(status=503, json=NOT_NOW)


def test_it_is_not_said_to_be_well_before_the_limits_were_read(world: DashboardWorld) -> None:
    with world.page(reach=None) as page:
        page.route("**/api/v1/trading/risk-limits", fail)
        show_key(page, "look")
        verdict = page.locator("#verdict")
        expect(verdict).to_contain_text("The limits could not be read: not now")
        expect(verdict).not_to_contain_text("All is well")
        page.unroute_all()
        expect(verdict).not_to_contain_text("could not be read")  # how well all is then is the market's to say


def test_alerts_that_could_not_be_read_are_said_to_be_unread_and_read_again(world: DashboardWorld) -> None:
    with world.page(reach=None) as page:
        page.route("**/api/v1/alerts?open_only=true", fail)
        show_key(page, "look")
        verdict = page.locator("#verdict")
        expect(verdict).to_contain_text("The alerts could not be read: not now")
        expect(page.get_by_role("alert")).to_contain_text("Not everything could be read: not now")
        page.unroute_all()
        expect(verdict).not_to_contain_text("could not be read")  # how well all is then is the market's to say
        expect(page.get_by_role("alert")).to_have_count(0)


def silence_books(page: Page) -> list[bool]:
    """Every stream of the page goes on, but once the list holds something it tells of no book."""
    silent: list[bool] = []

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def hand_on(message: str | bytes) -> None:
            if not (silent and json.loads(message)["type"] == "book"):
                socket.send(message)

        server.on_message(hand_on)

    page.route_web_socket(re.compile("/api/v1/stream"), relay)
    return silent


def test_a_book_that_nothing_is_heard_of_is_shown_as_old_and_reckoned_with_by_nothing(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT", reach=None) as page:
        page.clock.install()
        silent = silence_books(page)
        page.reload()
        show_key(page, "look")
        bids = page.get_by_role("list", name="Bids")
        expect(bids.get_by_role("button")).to_have_count(10)
        size, worth = page.locator("[name=size]"), page.get_by_role("form", name="Order ticket").locator("dd").first
        page.locator("[name=kind]").select_option("market")
        size.fill("0.01")
        expect(worth).to_contain_text("USDT")
        page.route("**/api/v1/trading/book/*", fail)
        silent.append(True)
        page.clock.fast_forward(20_000)
        expect(page.get_by_text("The book is not current.")).to_be_visible()
        expect(bids.get_by_role("button")).to_have_count(10)
        expect(worth).to_have_text("–")
        silent.clear()
        page.unroute_all()
        expect(page.get_by_text("The book is not current.")).to_have_count(0)
        expect(worth).to_contain_text("USDT")


@pytest.mark.parametrize("address", ["/executions/%", "/nowhere", "/trades"])
def test_an_address_that_is_none_is_said_to_be_none(world: DashboardWorld, address: str) -> None:
    world.said.clear()
    with world.page(address, reach=None) as page:
        expect(page.get_by_role("alert").filter(has_text="No page has")).to_contain_text(
            f"No page has the address #{address}"
        )
        assert faults_of(page) == []
        page.get_by_role("dialog", name="API key").get_by_role("button", name="Later").click()
        page.get_by_role("link", name="Executions").click()
        page.get_by_role("button", name="Give a key").click()
        show_key(page, "look")
        expect(page.get_by_role("region", name="Running")).to_be_visible()
    assert world.said == []


def test_a_question_for_a_key_that_is_put_off_is_not_put_again_by_itself(world: DashboardWorld) -> None:
    with world.page("/system", reach=None) as page:
        asked = page.get_by_role("dialog", name="API key")
        asked.get_by_role("button", name="Later").click()
        refused = page.get_by_role("alert").filter(has_text="No key counts here")
        expect(refused).to_be_visible()
        with page.expect_response("**/api/v1/trading/instruments") as answer:
            page.get_by_role("link", name="Trade").click()
        assert answer.value.status == 401
        expect(page.get_by_role("region", name="Ticket")).to_be_visible()
        expect(asked).to_have_count(0)
        assert faults_of(page) == []
        refused.get_by_role("button", name="Give a key").click()
        show_key(page, "look")
        expect(page.locator("#ready")).to_have_text("ready")


def test_what_is_wanted_once_is_not_kept_for_a_later_look(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT", reach="trade") as page:
        scopes: list[list[str]] = []

        def note(asked: Request) -> None:
            if "/tokens" in asked.url:
                scopes.append(json.loads(asked.post_data or "{}")["scopes"])

        page.on("request", note)
        page.get_by_role("button", name="Find and do").click()
        page.keyboard.type("give a key")
        page.keyboard.press("Enter")
        show_key(page, "look", keep=True)
        form = page.get_by_role("form", name="Order ticket")
        expect(form).to_contain_text("only looks")
        form.locator("[name=size]").fill("0.01")
        form.locator("[name=price]").fill("49000")
        form.get_by_role("button", name="Buy 0.01 BTC-USDT").click()
        asked = page.get_by_role("dialog", name="API key")
        expect(asked).to_contain_text("orders:place")
        expect(asked.locator("input[value=trade]")).to_be_checked()
        kept = json.loads(page.evaluate("sessionStorage.token"))
    assert scopes == [["read", "audit:read"]]
    assert kept["scopes"] == ["audit:read", "read"]
