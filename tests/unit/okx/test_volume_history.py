"""Hourly volumes out of OKX's candles: paged, confirmed ones alone, row by row."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest

from app.domain.volume_curves import DAY_NS, HOUR_NS, HourVolume
from app.exchanges.errors import ExchangeRefused, ExchangeUnavailable
from app.exchanges.histories import VolumeHistory
from app.exchanges.okx import OkxExchange
from app.exchanges.okx.transport import Response
from app.exchanges.port import RowKind, unreadable_of
from app.simulator.market.markets import Candle as Minute
from tests.contract.support.venues import SPOT, SWAP, Bench, OkxVenueUnderTest
from tests.contract.support.venues import play as play_on_simulator
from tests.unit.okx.fake_venue import FakeVenue, Stage, answer, play

D = Decimal
MS = 1_000_000
NEWEST_NS = 480_000 * HOUR_NS
LATEST = 1440


def row(start_ns: int, volume: str, confirm: str = "1") -> list[str]:
    return [str(start_ns // MS), "100", "110", "90", "105", volume, "1", "2", confirm]


class Candles:
    """OKX's two lists: the latest 1,440 bars, and all in the other."""

    def __init__(self, venue: FakeVenue, rows: list[Any]) -> None:
        """rows: newest first."""
        self._rows = rows
        self.asked: list[tuple[str, dict[str, str]]] = []
        venue.rest["market/candles"] = lambda query, headers, body: self._answer("candles", query, rows[:LATEST])
        venue.rest["market/history-candles"] = lambda query, headers, body: self._answer("history", query, rows)

    def _answer(self, name: str, query: str, rows: list[Any]) -> Response:
        given = {key: value for key, (value,) in parse_qs(query).items()}
        self.asked.append((name, given))
        after = int(given.get("after", 10**18))
        found = [each for each in rows if not isinstance(each, list) or not each[0].isdigit() or int(each[0]) < after]
        page: Any = found[: int(given["limit"])]
        return answer("0", "", *page)


def test_the_adapter_can_tell_volumes() -> None:
    assert issubclass(OkxExchange, VolumeHistory)


def test_every_page_of_both_lists_is_read_and_the_hour_under_way_left_out() -> None:
    count = 1_700

    async def scenario(stage: Stage) -> None:
        rows = [row(NEWEST_NS - back * HOUR_NS, str(back + 1), "0" if back == 0 else "1") for back in range(count)]
        candles = Candles(stage.venue, rows)
        told = await stage.exchange.hourly_volumes("BTC-USDT", NEWEST_NS - (count - 1) * HOUR_NS)
        expected = [HourVolume(NEWEST_NS - back * HOUR_NS, D(back + 1)) for back in range(count - 1, 0, -1)]
        assert list(told) == expected
        assert unreadable_of(told) == ()
        assert {given["bar"] for _, given in candles.asked} == {"1H"}
        assert {given["instId"] for _, given in candles.asked} == {"BTC-USDT"}

    play(scenario)


def test_no_more_is_read_than_is_asked_for() -> None:
    async def scenario(stage: Stage) -> None:
        candles = Candles(stage.venue, [row(NEWEST_NS - back * HOUR_NS, "1") for back in range(3_000)])
        told = await stage.exchange.hourly_volumes("BTC-USDT", NEWEST_NS - 671 * HOUR_NS)
        assert len(told) == 672
        assert [name for name, _ in candles.asked] == ["candles"] * 3

    play(scenario)


@pytest.mark.parametrize(
    "bad",
    [
        row(NEWEST_NS - 2 * HOUR_NS, "many"),
        row(NEWEST_NS - 2 * HOUR_NS, "-1"),
        row(NEWEST_NS - 2 * HOUR_NS, ""),
        ["", *row(0, "1")[1:]],
        ["0", *row(0, "1")[1:]],
        ["then", "100"],
        {"ts": "1"},
        None,
    ],
    ids=["no number", "below zero", "no volume", "no time", "time zero", "short", "object", "null"],
)
def test_a_bad_row_is_set_aside_and_takes_no_other_with_it(bad: Any) -> None:
    async def scenario(stage: Stage) -> None:
        rows: list[Any] = [row(NEWEST_NS - back * HOUR_NS, "3") for back in range(5)]
        rows[2] = bad
        Candles(stage.venue, rows)
        told = await stage.exchange.hourly_volumes("BTC-USDT", NEWEST_NS - 4 * HOUR_NS)
        assert [each.start_ns for each in told] == [NEWEST_NS - back * HOUR_NS for back in (4, 3, 1, 0)]
        (aside,) = unreadable_of(told)
        assert (aside.kind, aside.subject, json.loads(aside.raw)) == (RowKind.CANDLE, "BTC-USDT", bad)

    play(scenario)


def test_a_refusal_and_an_outage_are_raised_as_other_reads_raise_them() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.rest["market/candles"] = lambda query, headers, body: answer("51001", "no such instrument")
        with pytest.raises(ExchangeRefused, match="51001"):
            await stage.exchange.hourly_volumes("NO-SUCH", 0)
        stage.venue.rest["market/candles"] = lambda query, headers, body: ConnectionResetError("gone")
        with pytest.raises(ExchangeUnavailable):
            await stage.exchange.hourly_volumes("BTC-USDT", 0)

    play(scenario)


def test_against_the_simulator_spot_is_in_base_and_a_contract_in_contracts() -> None:
    async def scenario(bench: Bench) -> None:
        assert isinstance(bench.exchange, OkxExchange)
        assert isinstance(bench.venue, OkxVenueUnderTest)
        since_ns = bench.clock.now_ns() // DAY_NS * DAY_NS - 3 * DAY_NS
        for instrument_id in (SPOT, SWAP):
            market = bench.venue.venue.exchange.markets[instrument_id]
            market.candles.clear()
            market.past = None
            for hour in range(72):
                market.candles.append(Minute((since_ns + hour * HOUR_NS) // MS, 1, 1, 1, 1, 1000 + hour, D(1)))
            told = await bench.exchange.hourly_volumes(instrument_id, since_ns)
            lot = bench.instruments[instrument_id].lot
            assert list(told) == [HourVolume(since_ns + hour * HOUR_NS, (1000 + hour) * lot) for hour in range(72)]
        with pytest.raises(ExchangeRefused, match="51001"):
            await bench.exchange.hourly_volumes("NO-SUCH", since_ns)

    play_on_simulator(OkxVenueUnderTest, scenario)
