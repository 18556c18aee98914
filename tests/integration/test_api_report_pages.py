"""Reports as pages over HTTP: what the command draws, for who asks for text/html, and JSON for all others."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.api.as_page import Draw
from app.api.pages.costs import groups_page, order_page
from app.api.pages.tear_sheet import tear_sheet_page
from tests.support.api_world import ApiWorld, api_world

TRADING = "/api/v1/trading"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path / "data") as made:
        yield made


async def test_each_report_is_the_page_that_the_command_draws_of_the_same_answer(world: ApiWorld) -> None:
    order = (await world.fill("buy", "0.01", strategy_id="mine"))["order_id"]
    reports: tuple[tuple[str, str, Draw], ...] = (
        ("/performance/tear-sheet", "tear-sheet.html", tear_sheet_page),
        (f"/tca/orders/{order}", f"cost-{order}.html", order_page),
        ("/tca/report?by=side", "costs-by-side.html", groups_page),
    )
    for path, name, draw in reports:
        told = (await world.client.get(f"{TRADING}{path}")).json()
        answer = await world.client.get(f"{TRADING}{path}", headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.text == draw(told)
        assert not re.search(r"<script|<link|https?:", answer.text)


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html, application/json;q=0.5", "text/csv"])
async def test_who_does_not_ask_for_a_page_alone_gets_json(world: ApiWorld, accept: str) -> None:
    answer = await world.client.get(f"{TRADING}/performance/tear-sheet", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"
    assert "metrics" in answer.json()


async def test_a_page_of_what_is_not_there_is_refused_as_ever(world: ApiWorld) -> None:
    html = {"Accept": "text/html"}
    for path, status in (("/tca/orders/nobody", 404), ("/performance/tear-sheet?strategy_id=nobody", 422)):
        answer = await world.client.get(f"{TRADING}{path}", headers=html)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
