"""The dashboard's page Trade in a real browser, beyond what the tests of every page do there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.support.dashboard import NEEDS_CHROMIUM, DashboardWorld, browser, faults_of, show_key, world

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM


@pytest.fixture(autouse=True)
def cleared(world: DashboardWorld) -> Iterator[None]:
    yield
    world.clear()


def test_an_oco_is_written_with_both_its_prices_placed_and_waits(world: DashboardWorld) -> None:
    with world.page("/trade?instrument=BTC-USDT") as page:
        form = page.get_by_role("form", name="Order ticket")
        form.locator("[name=kind]").select_option("oco")
        expect(form.locator("[name=price]")).to_have_count(0)
        form.locator("[name=size]").fill("0.01")
        form.locator("[name=take_profit]").fill("60000")
        form.locator("[name=stop_loss]").fill("40000")
        expect(form.locator("#why-take_profit")).to_have_text("must be below the stop loss")
        form.locator("[name=take_profit]").fill("40000")
        form.locator("[name=stop_loss]").fill("60000")
        assert faults_of(page) == []
        form.get_by_role("button", name="Buy 0.01 BTC-USDT").click()
        expect(page.get_by_role("log")).to_contain_text("done")
        row = page.get_by_role("region", name="Executions").get_by_role("row").filter(has_text="oco")
        expect(row).to_be_visible()
        (parent,) = world.api.get("/api/v1/trading/executions?open_only=true").json()["executions"]
        config = parent["config"]
        assert (parent["strategy"], parent["side"], config["take_profit"], config["stop_loss"]) == (
            "oco",
            "buy",
            "40000",
            "60000",
        )
        row.get_by_role("button", name="End").click()
        expect(row).to_have_count(0)


def test_what_the_public_trades_is_listed_as_it_comes_and_a_level_of_the_book_keeps_the_focus(
    world: DashboardWorld,
) -> None:
    with world.page("/trade?instrument=BTC-USDT") as page:
        tape = page.get_by_role("region", name="Trades of the market")
        form = page.get_by_role("form", name="Order ticket")
        form.locator("[name=kind]").select_option("market")
        form.locator("[name=size]").fill("0.01234")
        form.get_by_role("button", name="Buy 0.01234 BTC-USDT").click()
        expect(page.get_by_role("log")).to_contain_text("done")
        expect(tape.get_by_role("row").filter(has_text="0.01").first).to_be_visible()
        (price, size) = tape.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()[1:]
        assert float(price.replace(",", "")) > 0 < float(size.replace(",", ""))
        level = page.get_by_role("list", name="Bids").get_by_role("button").first
        level.focus()
        before = level.inner_text().split()[0]
        world.until(lambda: level.inner_text().split()[0] != before)
        expect(level).to_be_focused()
        assert faults_of(page) == []


SWAP = "BTC-USDT-SWAP"
TICK, PRICES = "0.0000000000001", ("0.0000000012354", "0.0000000012355")


def of_a_hedged_account_in_a_coin_of_a_billionth(page: Page, positions: list[dict[str, Any]]) -> None:
    """What the server tells of a contract, as of an account that holds it long and short at such prices."""

    def tell(route: Route) -> None:
        terms = route.fetch().json()
        sides = [{**terms["leverages"][0], "position_side": side} for side in ("long", "short")]
        route.fulfill(json={**terms, "tick": TICK, "leverages": sides})

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def hand_on(message: str | bytes) -> None:
            told = json.loads(message)
            if told["type"] == "positions":
                told["positions"] = positions
            elif told["type"] == "book":
                told["bids"], told["asks"] = ([[price, "29860300000000"]] for price in PRICES)
            socket.send(json.dumps(told))

        server.on_message(hand_on)

    page.route(f"**/api/v1/trading/instruments/{SWAP}", tell)
    page.route("**/api/v1/trading/positions", lambda route: route.fulfill(json={"positions": positions}))
    page.route_web_socket(re.compile("/api/v1/stream"), relay)


def test_long_beside_short_are_both_shown_at_prices_that_can_be_read_and_a_new_key_keeps_what_is_written(
    world: DashboardWorld,
) -> None:
    held = world.api.get("/api/v1/trading/positions").json()["positions"][0] | {
        "instrument_id": SWAP,
        "trade_mode": "cross",
    }
    positions = [
        held | {"position_side": "long", "size": "5", "entry_price": "0.000000001234"},
        held | {"position_side": "short", "size": "-3", "entry_price": "0.0000000012352"},
    ]
    with world.page(f"/trade?instrument={SWAP}", reach=None) as page:
        of_a_hedged_account_in_a_coin_of_a_billionth(page, positions)
        page.reload()
        show_key(page, "trade")
        main, form = page.get_by_role("main"), page.get_by_role("form", name="Order ticket")
        expect(main).to_contain_text("long cross 5 at 0.000000001234,")
        expect(main).to_contain_text("short cross −3 at 0.0000000012352,")
        level = page.get_by_role("list", name="Bids").get_by_role("button")
        for text in (PRICES[0], "29.9T"):
            words = level.get_by_text(text).first
            expect(words).to_be_visible()
            assert words.evaluate("each => each.scrollWidth <= each.clientWidth"), f"{text} is cut off"
        side = form.locator("[name=position_side]")
        expect(side.locator("option")).to_have_text(["long", "short"])
        expect(side).to_have_value("long")
        form.get_by_role("button", name="Sell", exact=True).click()
        expect(side).to_have_value("short")
        form.locator("[name=size]").fill("1")

        page.route(
            "**/api/v1/trading/**", lambda route: route.fulfill(status=401, json={"title": "over", "status": 401})
        )
        expect(page.get_by_role("dialog", name="API key")).to_be_visible()
        expect(form.locator("[name=size]")).to_have_value("1")
        page.unroute("**/api/v1/trading/**")
        show_key(page, "trade")
        expect(page.locator("#ready")).to_have_text("ready")
        expect(form.locator("[name=size]")).to_have_value("1")
