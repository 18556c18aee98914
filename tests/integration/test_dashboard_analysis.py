"""How it did and what it cost, on the page, in a real browser: a period's performance, and costs by group."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.api.encoding import json_ready
from app.models.trading import Base
from app.store.database import Database
from tests.support.dashboard import NEEDS_CHROMIUM, THEMES, DashboardWorld, browser, faults_of, world
from tests.support.trade_history import History, days, recorder

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM
SHEET = "**/api/v1/trading/performance/tear-sheet*"


def traded(world: DashboardWorld, side: str) -> str:
    """An execution of ours that has filled."""
    body = {
        "strategy": "market",
        "config": {},
        "instrument_id": "BTC-USDT",
        "side": side,
        "order_type": "market",
        "size": "0.01",
        "trade_mode": "cash",
        "strategy_id": "mine",
    }
    answer = world.api.post("/api/v1/trading/executions", json=body)
    assert answer.status_code < 300, answer.text
    parent = answer.json()["parent_id"]
    world.until(lambda: world.api.get(f"/api/v1/trading/executions/{parent}").json()["status"] == "completed")
    return parent


@pytest.fixture
def two_months(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What the API answers of a strategy that won 28, one that lost 40, and a hand that won 10, of 10,000."""
    database = Database(f"sqlite:///{tmp_path / 'history.db'}")
    Base.metadata.create_all(database.writer_engine)
    history = History(database)
    history.day(days(0), "10000")
    history.trade("buy 1 @ 100", at=days(0.1), fee="1 USDT", strategy_id="a")
    history.trade("sell 1 @ 130", at=days(0.9), fee="1 USDT", strategy_id="a")
    history.trade("buy 1 @ 100", at=days(31.1), strategy_id="b")
    history.trade("sell 1 @ 60", at=days(31.2), strategy_id="b")
    history.trade("buy 2 @ 50", at=days(40), instrument_id="ETH-USDT")
    history.trade("sell 2 @ 55", at=days(41), instrument_id="ETH-USDT")
    history.ordered("a", "b")
    yield json.loads(json.dumps(json_ready(recorder(history, days(45)).tear_sheet(period="month", rolling_days=30))))
    database.close()


def saved(page: Page, button: str, name: str) -> str:
    """The file that the button saves."""
    with page.expect_download() as found:
        page.get_by_role("button", name=button).click()
    assert found.value.suggested_filename == name
    return Path(found.value.path()).read_bytes().decode()


def is_fit(page: Page) -> None:
    """Accessible in both themes, and no wider than a telephone."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        assert faults_of(page) == [], theme
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_period_is_chosen_and_what_it_earned_is_what_the_server_says(world: DashboardWorld) -> None:
    world.said.clear()
    traded(world, "buy")
    traded(world, "sell")
    with world.page("/history") as page:
        page.get_by_role("link", name="Performance").click()
        trips = page.get_by_role("region", name="Round trips")
        page.get_by_role("button", name="30 days").click()
        expect(page.get_by_role("button", name="30 days")).to_have_attribute("aria-pressed", "true")
        assert "from=" in page.url
        expect(trips).to_contain_text("0 won, 1 lost")
        sheet = world.api.get("/api/v1/trading/performance/tear-sheet").json()
        fees = f"{float(sheet['metrics']['total_fees']):,.2f}"
        expect(page.get_by_role("region", name="Money, USDT")).to_contain_text(f"Fees {fees}")
        expect(page.get_by_role("region", name="Equity by day")).to_contain_text("There is one day in it")
        assert "What to know" in saved(page, "Save the tear sheet", "tear-sheet.html")
        is_fit(page)

        page.get_by_role("group", name="Each strategy's part").get_by_role("row").filter(has_text="mine").press("Enter")
        expect(page.get_by_label("Strategy", exact=True)).to_have_value("mine")
        expect(page.get_by_role("region", name="Each strategy's part")).to_have_count(0)
        expect(trips).to_contain_text("0 won, 1 lost")
        assert "strategy=mine" in page.url
        page.goto("/#/history/performance?to=2020-01-01T00:00:00.000Z")
        expect(page.get_by_role("region", name="Equity by day")).to_contain_text("There is no day in it")
        expect(page.get_by_role("region", name="What to know")).to_contain_text("the window ends in the past")
    assert world.said == []


def test_months_falls_and_parts_are_drawn_of_what_the_server_told(
    world: DashboardWorld, two_months: dict[str, Any]
) -> None:
    with world.page() as page:
        page.route(SHEET, lambda route: route.fulfill(json=two_months))
        page.goto("/#/history/performance")
        year = page.get_by_role("group", name="Return by month").get_by_role("row").nth(1)
        expect(year).to_be_visible()
        assert year.get_by_role("cell").all_inner_texts() == ["2026", "0.28 %", "−0.30 %", *[""] * 10, "−0.02 %"]
        falls = page.get_by_role("group", name="Deepest falls").get_by_role("row")
        expect(falls).to_have_count(3)
        expect(falls.nth(1)).to_contain_text("not yet")
        parts = page.get_by_role("group", name="Each strategy's part").get_by_role("row")
        assert [row.get_by_role("cell").nth(1).inner_text() for row in parts.all()[1:]] == [
            "+28.00",
            "−40.00",
            "+10.00",
        ]
        for drawn in (
            "Equity at the close of each day",
            "How far each day's close is below",
            "Sharpe ratio of the days",
        ):
            expect(page.get_by_role("img", name=drawn)).to_be_visible()
        is_fit(page)


def test_a_sheet_that_is_awaited_refused_or_not_read_anew_is_said(
    world: DashboardWorld, two_months: dict[str, Any]
) -> None:
    answers: list[Route] = []

    def keep_waiting(route: Route) -> None:
        answers.append(route)

    with world.page() as page:
        page.route(SHEET, keep_waiting)
        page.goto("/#/history/performance")
        shown = page.get_by_role("region", name="Performance")
        expect(shown).to_contain_text("Reading the period")
        world.until(lambda: answers or page.wait_for_timeout(20))
        answers.pop().fulfill(status=503, json={"type": "urn:x:crowded", "detail": "ask again in a moment"})
        expect(shown).to_contain_text("Not read anew: ask again in a moment")
        expect(shown).to_contain_text("There is nothing to show")
        page.get_by_role("button", name="7 days").click()
        world.until(lambda: answers or page.wait_for_timeout(20))
        answers.pop().fulfill(json=two_months)
        expect(page.get_by_role("region", name="Return and risk")).to_contain_text("−0.02 %")
        page.get_by_label("Strategy", exact=True).fill("nobody")
        page.unroute_all()
        page.get_by_label("Strategy", exact=True).press("Enter")
        expect(shown).to_contain_text("has never ordered")


def test_costs_are_put_together_by_what_one_asks_and_lead_to_each_report(world: DashboardWorld) -> None:
    world.said.clear()
    parent = traded(world, "buy")
    traded(world, "sell")
    query = "/api/v1/trading/tca/report?by=side"
    world.until(lambda: len(world.api.get(query).json()["groups"]) == 2)
    with world.page("/history/costs") as page:
        page.get_by_role("combobox", name="By").select_option("side")
        whole = page.get_by_role("group", name="Whole cost by side")
        bought = whole.get_by_role("row").filter(has_text="buy")
        expect(bought).to_contain_text("too few days: 1, an interval takes 20")
        expect(whole.get_by_role("row")).to_have_count(3)
        bought.press("Enter")
        told = next(each for each in world.api.get(query).json()["groups"] if each["group"] == "buy")
        figures = page.get_by_role("group", name="Every figure of buy").get_by_role("row")
        expect(figures).to_have_count(len(told["figures"]) + 1)
        expect(figures.filter(has_text="arrival slippage")).to_contain_text("filled notional")
        assert "by=side" in page.url
        assert "group=buy" in page.url
        assert "Costs by side" in saved(page, "Save as a page", "costs-by-side.html")
        is_fit(page)
        page.get_by_role("combobox", name="By").select_option("arm")
        expect(page.get_by_role("region", name="Whole cost")).to_contain_text("No order of the market ended")
        page.get_by_role("combobox", name="By").select_option("label")
        whole = page.get_by_role("group", name="Whole cost by own strategy")
        whole.get_by_role("row").filter(has_text="mine").click()
        page.get_by_role("group", name="Its executions").get_by_role("link", name=parent[:8]).first.click()
        expect(page.get_by_role("group", name="Implementation shortfall by part")).to_contain_text("total")
        assert parent in saved(page, "Save the report", f"cost-{parent}.html")
        trade = world.api.get(f"/api/v1/trading/trades?parent_id={parent}").json()["trades"][0]
        page.goto(f"/#/history?q={trade['order_id']}")
        own = saved(page, "Save its cost report", f"cost-{trade['order_id']}.html")
        assert trade["order_id"] in own
    assert world.said == []


def test_what_is_not_listed_any_more_is_named_beside_the_costs(world: DashboardWorld) -> None:
    report = world.api.get("/api/v1/trading/tca/report?by=strategy").json()
    unlisted = [{"instrument_id": "BTC-USD-261127", "orders": 3}]
    with world.page("/history/costs") as page:
        page.route("**/tca/report**", lambda route: route.fulfill(json=report | {"groups": [], "unlisted": unlisted}))
        page.get_by_role("combobox", name="By").select_option("day")
        whole = page.get_by_role("region", name="Whole cost")
        expect(whole).to_contain_text("What ended in this period cannot be told.")
        expect(whole).to_contain_text("what 3 orders of BTC-USD-261127 cost, which is not listed any more")
        is_fit(page)


def test_every_table_is_saved_whole_with_the_filters_it_has_and_no_credential_in_an_address(
    world: DashboardWorld,
) -> None:
    world.said.clear()
    traded(world, "buy")
    asked: list[str] = []
    whole = "/history/exports?from=2020-01-01T00:00:00.000Z&to=2100-01-01T00:00:00.000Z&instrument=BTC-USDT"
    with world.page(f"{whole}&strategy=mine&method=average", reach="look") as page:
        page.on("request", lambda request: asked.append(request.url))
        taken: dict[str, str] = {}
        for what in ("trades", "orders", "positions", "bills", "tax"):
            taken[what] = saved(page, f"Save {what}", f"{what}.csv")
        expect(page.get_by_text("trades.csv, ", exact=False)).to_be_visible()
        expect(page.get_by_text("the instrument, the strategy are no filter of it")).to_be_visible()
        is_fit(page)
        period = {"start_date": "2020-01-01T00:00:00Z", "end_date": "2100-01-01T00:00:00Z"}
        traded_by = period | {"instrument_id": "BTC-USDT", "strategy_id": "mine"}
        for what, query in {
            "trades": traded_by,
            "orders": traded_by,
            "bills": period,
            "tax": period | {"strategy_id": "mine", "method": "average"},
        }.items():
            assert taken[what] == world.api.get(f"/api/v1/trading/exports/{what}", params=query).text
        assert taken["trades"].count("\r\n") > 1
        assert taken["positions"].startswith("instrument_id,position_side")
        assert [url for url in asked if "tek_" in url or "token=" in url or "key=" in url] == []

        page.get_by_label("Strategy", exact=True).fill("nobody")
        page.get_by_label("Strategy", exact=True).press("Enter")
        page.get_by_role("button", name="Save orders").click()
        expect(page.get_by_text("Not saved:")).to_contain_text("has never ordered")
    assert world.said == []
