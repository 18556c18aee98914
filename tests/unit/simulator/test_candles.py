"""Candles of the tape: minutes, the hours that they become, what a synthetic market makes up before its start."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.simulator.market.markets import CANDLES_KEPT, HOUR_MS, MINUTE_MS

from .venue import MS, START_NS, Venue

D = Decimal
PAIR = "BTC-USDT"


def listed(venue: Venue, bar: str, *, where: str = "history-candles", pages_max: int = 20, **more: Any) -> list[Any]:
    """Every page, newest first."""
    found: list[Any] = []
    for _ in range(pages_max):
        after = f"&after={found[-1][0]}" if found else ""
        answer = venue.call("GET", f"market/{where}?instId={more.get('inst', PAIR)}&bar={bar}&limit=300{after}")
        assert answer["code"] == "0"
        if not answer["data"]:
            return found
        found += answer["data"]
    return found


def test_a_synthetic_market_has_sixty_days_of_hours_without_a_gap():
    venue = Venue()
    rows = listed(venue, "1H")
    starts = [int(row[0]) for row in rows]
    assert starts == [starts[0] - k * HOUR_MS for k in range(len(rows))]
    assert starts[0] == START_NS // MS // HOUR_MS * HOUR_MS
    assert len(rows) == 60 * 24 + 5
    assert [row[8] for row in rows] == ["0", *["1"] * (len(rows) - 1)]
    assert all(D(row[3]) <= min(D(row[1]), D(row[4])) <= max(D(row[1]), D(row[4])) <= D(row[2]) for row in rows)
    assert listed(Venue(), "1H") == rows
    by_hour = [sum(D(row[5]) for row in rows if int(row[0]) // HOUR_MS % 24 == hour) for hour in (15, 3)]
    assert by_hour[0] > 2 * by_hour[1]


def test_the_first_list_has_the_latest_bars_alone():
    venue = Venue()
    assert listed(venue, "1H", where="candles") == listed(venue, "1H")[:1440]


def test_minutes_that_are_no_longer_kept_become_hours_and_no_volume_is_lost():
    venue = Venue()
    market = venue.exchange.markets[PAIR]
    before = sum(D(row[5]) for row in listed(venue, "1H"))
    minutes = CANDLES_KEPT + 300
    for k in range(minutes):
        market.print_trade(market.trade_id(), 500_000 + k, 7, 1, START_NS // MS + (k + 1) * MINUTE_MS)
    venue.wait(minutes * MINUTE_MS * MS)
    assert len(market.candles) == CANDLES_KEPT
    rows = listed(venue, "1H")
    assert sum(D(row[5]) for row in rows) - before == minutes * 7 * market.inst.lot
    starts = [int(row[0]) for row in rows]
    assert starts == [starts[0] - k * HOUR_MS for k in range(len(rows))]
    assert D(rows[1][5]) == 60 * 7 * market.inst.lot
    assert sum(D(row[5]) for row in listed(venue, "1Dutc")) == sum(D(row[5]) for row in rows)


def test_the_past_is_the_same_whenever_it_is_first_asked_for():
    early, late = Venue(), Venue()
    listed(early, "1H")
    for venue in (early, late):
        market = venue.exchange.markets[PAIR]
        for k in range(CANDLES_KEPT + 100):
            market.print_trade(market.trade_id(), 500_000, 7, 1, START_NS // MS + (k + 1) * MINUTE_MS)
    assert listed(late, "1H") == listed(early, "1H")


@pytest.mark.parametrize("path", ["candles", "history-candles"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("instId=BTC-USDT&bar=7m", "51000"),
        ("instId=BTC-USDT&bar=1Hutc", "51000"),
        ("instId=BTC-USDT&bar=1H&after=x", "51000"),
        ("instId=NO-SUCH&bar=1H", "51001"),
        ("bar=1H", "50014"),
    ],
)
def test_bad_parameters_are_refused_as_okx_refuses_them(path: str, query: str, code: str):
    assert Venue().call("GET", f"market/{path}?{query}")["code"] == code
