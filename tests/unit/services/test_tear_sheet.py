"""The tear sheet: on plain accounts and odd ones every figure is right, or absent and `missing` says why; its page."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from app.api.encoding import json_ready
from app.api.pages.tear_sheet import tear_sheet_page
from app.domain.refusals import InvalidValue
from app.models.trading import Base
from app.services.trading.reports.tear_sheet_views import TearSheet
from app.store.database import Database
from tests.support.trade_history import D, History, days, recorder


@pytest.fixture
def history(sqlite_url: str) -> Iterator[History]:
    database = Database(sqlite_url)
    Base.metadata.create_all(database.writer_engine)
    yield History(database)
    database.close()


def page_of(found: TearSheet) -> str:
    """Its page, made of what the API answers; nothing from elsewhere is in it, and no word of a machine."""
    page = tear_sheet_page(json.loads(json.dumps(json_ready(found))))
    assert not re.search(r"<script|<link|<img|https?:|url\(|@import|\bNaN\b|None\b|Infinity", page)
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(svg)
    return page


def test_two_strategies_and_a_hand_share_the_whole(history: History) -> None:
    history.day(days(0), "10000")
    history.trade("buy 1 @ 100", at=days(0.1), fee="1 USDT", strategy_id="a")
    history.trade("sell 1 @ 130", at=days(0.9), fee="1 USDT", strategy_id="a")
    history.trade("buy 1 @ 100", at=days(31.1), strategy_id="b")
    history.trade("sell 1 @ 60", at=days(31.2), strategy_id="b")
    history.trade("buy 2 @ 50", at=days(40), instrument_id="ETH-USDT")
    history.trade("sell 2 @ 55", at=days(41), instrument_id="ETH-USDT")
    history.ordered("b", "a")
    found = recorder(history, days(45)).tear_sheet(period="month", rolling_days=7)
    assert [(each.strategy_id, each.total_trades, each.net_profit) for each in found.strategies] == [
        ("a", 1, 28), ("b", 1, -40), (None, None, 10)
    ]  # fmt: skip
    assert sum(each.net_profit for each in found.strategies) == found.metrics.net_profit == -2
    assert sum(each.total_volume for each in found.strategies) == found.metrics.total_volume
    assert [(each.name, each.first_day, each.last_day, each.profit) for each in found.periods] == [
        ("2026-01", "2026-01-01", "2026-01-31", 28), ("2026-02", "2026-02-01", "2026-02-14", -30)
    ]  # fmt: skip
    assert (len(found.days), len(found.rolling), found.days[-1].equity) == (45, 39, 9_998)
    assert [(each.amount, each.recovered_at) for each in found.drawdowns] == [(-40, None), (-1, days(0.9))]
    assert found.missing == ()
    assert "2026" in page_of(found)


WORLDS: dict[str, tuple[list[tuple[str, float]], str | None, str]] = {
    "no trade": ([], "10000", "win rate, expectancy and all else of closed trips: none closed in this period"),
    "no equity": ([("buy 1 @ 100", 1), ("sell 1 @ 90", 2)], None, "a day began with an equity of zero or below"),
    "one trade, won": (
        [("buy 1 @ 100", 1), ("sell 1 @ 110", 2)], "10000", "profit factor, payoff ratio and R multiple: no trip lost"
    ),
    "losses alone": (
        [("buy 1 @ 100", 1), ("sell 1 @ 90", 2), ("buy 1 @ 90", 3), ("sell 1 @ 80", 4)],
        "10000",
        "payoff ratio: no trip won",
    ),
    "through zero": (
        [("buy 1 @ 100", 1), ("sell 1 @ 20", 2), ("buy 1 @ 20", 3), ("sell 1 @ 90", 4)],
        "50",
        "a day began with an equity of zero or below",
    ),
    "a millionth of a cent": (
        [("buy 1000 @ 0.000000001", 1), ("sell 1000 @ 0.000000002", 2)], "0.00001", "no trip lost"
    ),
}  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
def test_each_figure_is_right_or_absent_with_why(history: History, world: str) -> None:
    trades, equity, why = WORLDS[world]
    if equity is not None:
        history.day(days(0), equity)
    for text, at in trades:
        history.trade(text, at=days(at))
    found = recorder(history, days(9)).tear_sheet(rolling_days=3)
    assert any(why in each for each in found.missing), found.missing
    profits = sum(D(at) for each in found.periods for at in [each.profit])
    assert profits == found.metrics.net_profit
    page_of(found)
    if world == "through zero":
        assert (found.metrics.max_drawdown, found.metrics.max_drawdown_amount) == (pytest.approx(-1.6), -80)
        assert [each.change for each in found.days][:4] == [0, 0, pytest.approx(-1.6), None]
        assert found.rolling == ()


@pytest.mark.parametrize(
    ("wrong", "field", "rule"),
    [
        ({"period": "fortnight"}, "period", "must be one of day, week, month, quarter, year"),
        ({"rolling_days": 1}, "rolling_days", "must be a whole number from 2 to 365"),
        ({"rolling_days": True}, "rolling_days", "must be a whole number from 2 to 365"),
        ({"strategy_id": "nobody"}, "strategy_id", "has never ordered"),
        ({"start_date": days(2), "end_date": days(1)}, "end_date", "must be after start_date"),
    ],
)
def test_what_is_asked_wrongly_is_refused_by_name(
    history: History, wrong: dict[str, Any], field: str, rule: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        recorder(history).tear_sheet(**wrong)
    assert caught.value.refusal.field == field
    assert rule in caught.value.refusal.rule
