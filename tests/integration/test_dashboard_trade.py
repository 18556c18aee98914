"""The dashboard's page Trade in a real browser, beyond what the tests of every page do there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.dashboard import NEEDS_CHROMIUM, DashboardWorld, browser, faults_of, world

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


def test_what_the_public_trades_is_listed_as_it_comes(world: DashboardWorld) -> None:
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
        assert faults_of(page) == []
