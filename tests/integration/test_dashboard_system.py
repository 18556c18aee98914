"""The system's page in a real browser: who may do what, what waits for a person."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.dashboard import NEEDS_CHROMIUM, DashboardWorld, browser, faults_of, world

__all__ = ["browser", "world"]
pytestmark = NEEDS_CHROMIUM


def made_key(world: DashboardWorld, name: str) -> None:
    answer = world.api.post("/api/v1/keys", json={"name": name, "scopes": ["read"]})
    assert answer.status_code < 300, answer.text


def test_how_the_system_stands_is_shown_whole(world: DashboardWorld) -> None:
    world.said.clear()
    with world.page("/system", reach="look") as page:
        expect(page.locator("#verdict")).to_contain_text("All is well")
        expect(page.get_by_role("region", name="Differences from the exchange")).to_contain_text("None, as of")
        expect(page.get_by_role("region", name="Streams and the right to write")).to_contain_text("epoch")
        expect(page.get_by_role("group", name="Limits")).to_contain_text("order value")
        assert faults_of(page) == []
    assert world.said == []


def test_keys_are_shown_with_what_they_may_and_the_page_changes_none(world: DashboardWorld) -> None:
    made_key(world, "desk")
    with world.page("/system", reach="look") as page:
        row = page.get_by_role("group", name="Keys").get_by_role("row").filter(has_text="desk")
        expect(row).to_contain_text("active")
        expect(row).to_contain_text("read")
        expect(page.get_by_role("region", name="Keys").get_by_role("button")).to_have_count(0)
        assert faults_of(page) == []


def test_the_simulated_exchange_is_broken_from_the_page_and_recovers(world: DashboardWorld) -> None:
    with world.page("/system", reach="all") as page:
        verdict, faults = page.locator("#verdict"), page.get_by_role("region", name="Break the exchange")
        expect(verdict).to_contain_text("All is well")
        row = faults.get_by_role("row").filter(has_text="close stream")
        row.scroll_into_view_if_needed()
        assert faults_of(page) == []
        row.get_by_role("button", name="From now on").click()
        expect(row).to_contain_text("until repaired")
        expect(verdict).to_contain_text("stream is down")
        faults.get_by_role("button", name="Repair all").click()
        expect(row).not_to_contain_text("until repaired")
        expect(verdict).to_contain_text("All is well")
        row.get_by_label("Value of close stream").fill("soon")
        row.get_by_role("button", name="Once").click()
        expect(page.get_by_role("log")).to_contain_text("value 'soon' is not a whole number")
    faults_set = [each for each in world.api.get("/api/v1/simulator/faults").json()["faults"] if each["armed"]]
    assert faults_set == []


def test_who_only_looks_breaks_nothing(world: DashboardWorld) -> None:
    with world.page("/system", reach="trade") as page:
        row = page.get_by_role("region", name="Break the exchange").get_by_role("row").filter(has_text="outage")
        row.get_by_role("button", name="Once").click()
        asked = page.get_by_role("dialog", name="API key")
        expect(asked).to_contain_text("risk:write")
        expect(asked.locator("input[value=all]")).to_be_checked()
