"""Windows of the rate limits, the estimate of OKX's clock, pages that overlap, and history beyond the edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import NS_PER_SECOND, SimulatedClock
from app.exchanges.errors import ExchangeRefused, ExchangeUnavailable, ProtocolError
from app.exchanges.okx.endpoints import CANCEL_LIMIT, PLACE_LIMIT, SUB_ACCOUNT_LIMIT
from app.exchanges.okx.pages import PAGE_SIZE, read_all
from app.exchanges.okx.rate_limits import RateLimits, Window
from app.exchanges.okx.time_sync import TimeSync
from app.exchanges.okx.transport import Response
from tests.support.systems import in_virtual_time
from tests.unit.okx.fake_venue import Stage, answer, ok, play


@given(st.lists(st.integers(0, 300_000_000), max_size=400))
def test_d3_no_window_ever_holds_more_than_its_count(gaps: list[int]) -> None:
    window = Window(PLACE_LIMIT)
    now_ns, taken = 0, []
    for gap in gaps:
        now_ns += gap
        if window.wait_ns(now_ns) == 0:
            window.take(now_ns)
            taken.append(now_ns)
    for first, later in zip(taken, taken[54:], strict=False):
        assert later - first >= 2 * NS_PER_SECOND


def test_d3_the_sub_account_counts_places_and_amends_but_not_cancels() -> None:
    async def scenario() -> None:
        limits = RateLimits(SimulatedClock())
        share = SUB_ACCOUNT_LIMIT.count * 90 // 100
        for number in range(share):
            assert limits.try_take(PLACE_LIMIT, f"I{number % 40}", counts_for_account=True) == 0
        assert limits.try_take(PLACE_LIMIT, "other", counts_for_account=True) > 0
        assert limits.try_take(CANCEL_LIMIT, "other") == 0

    in_virtual_time(scenario())


def test_d3_a_pause_holds_one_limit_back_and_no_other() -> None:
    async def scenario() -> None:
        limits = RateLimits(SimulatedClock())
        limits.pause(PLACE_LIMIT, 0.5)
        assert limits.try_take(PLACE_LIMIT, "I") == NS_PER_SECOND // 2
        assert limits.try_take(CANCEL_LIMIT, "I") == 0
        assert await limits.take(PLACE_LIMIT, "I", within_seconds=1)

    in_virtual_time(scenario())


@given(
    offset_s=st.integers(-3600, 3600),
    legs=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=20),
)
def test_d1_the_estimate_is_as_good_as_the_shortest_round_trip(offset_s: int, legs: list[tuple[int, int]]) -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        sync = TimeSync(clock)
        true_offset_ns = offset_s * NS_PER_SECOND
        for out_ms, back_ms in legs:
            sent_ns = clock.monotonic_ns()
            server_ms = (clock.now_ns() + true_offset_ns) // 1_000_000 + out_ms
            await clock.sleep((out_ms + back_ms) / 1000)
            sync.add(sent_ns, clock.monotonic_ns(), server_ms)
        shortest_ms = min(sum(leg) for leg in legs[-8:])
        error_ns = abs(sync.wall_offset_ns() - true_offset_ns)
        assert error_ns <= shortest_ms * 500_000 + 1_000_000

    in_virtual_time(scenario())


@given(
    step_ms=st.integers(-100_000, 100_000),
    legs=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=12),
    steps_before=st.integers(1, 11),
    drift_ppm=st.integers(-90, 90),
)
def test_e15_after_a_step_no_estimate_is_further_off_than_its_bound(
    step_ms: int, legs: list[tuple[int, int]], steps_before: int, drift_ppm: int
) -> None:
    """A step that two samples prove voids the older ones at once; a smaller one is within the round trips."""

    async def scenario() -> None:
        clock = SimulatedClock()
        sync = TimeSync(clock)

        def true_ns() -> int:
            elapsed_ns = clock.monotonic_ns()
            return clock.now_ns() + elapsed_ns * drift_ppm // 1_000_000 + stepped_ns

        stepped_ns, worst_ms = 0, 0
        for number, (out_ms, back_ms) in enumerate(legs):
            if number == steps_before:
                stepped_ns = step_ms * 1_000_000
            sent_ns = clock.monotonic_ns()
            await clock.sleep(out_ms / 1000)
            server_ms = true_ns() // 1_000_000
            await clock.sleep(back_ms / 1000)
            sync.add(sent_ns, clock.monotonic_ns(), server_ms)
            worst_ms = max(worst_ms, out_ms + back_ms)
            error_ns = abs(sync.now_ns() - true_ns())
            if number < steps_before:
                assert error_ns <= sync.uncertainty_ns()
            assert error_ns <= worst_ms * 2_000_000 + 3_000_000
            await clock.sleep(10)

    in_virtual_time(scenario())


def test_e15_two_samples_that_cannot_both_be_true_void_the_older() -> None:
    async def scenario() -> None:
        sync = TimeSync(SimulatedClock())
        second = NS_PER_SECOND
        sync.add(0, 1_000_000, 50_000)
        sync.add(10 * second, 10 * second + 900_000_000, 60_450 + 400)
        assert sync.now_ns() == 49_999 * 1_000_000 + 1_000_000, "400 ms are within half of both round trips"
        sync.add(20 * second, 20 * second + 900_000_000, 70_450 + 12_000)
        assert abs(sync.now_ns() - 62_000 * 1_000_000) < 2_000_000, "a slow sample that proves a step beats a fast one"

    in_virtual_time(scenario())


def test_d1_the_venue_s_clock_is_read_at_start_and_again_later() -> None:
    async def scenario(stage: Stage) -> None:
        skew_ms = 754_808
        stage.venue.rest["public/time"] = lambda query, headers, body: ok(
            {"ts": str(stage.clock.now_ns() // 1_000_000 + skew_ms)}
        )
        await stage.settle(400)
        offset_ms = int(stage.exchange.clock_offset_seconds() * 1000)
        assert abs(offset_ms - skew_ms) <= 1
        stage.venue.last("private").break_off()
        await stage.settle(3)
        (login,) = stage.venue.last("private").requests("login")
        expected = (stage.clock.now_ns() // 1_000_000 + skew_ms) // 1000
        assert abs(int(login["args"][0]["timestamp"]) - expected) <= 4

    play(scenario)


# --- pages ---


class Ledger:
    """A list newest first, served in pages; `between` runs before each page."""

    def __init__(self, count: int) -> None:
        self.rows = list(range(count, 0, -1))
        self.pages = 0
        self.between: Callable[[], None] = lambda: None

    async def fetch(self, after: str) -> list[int]:
        self.pages += 1
        self.between()
        older = [row for row in self.rows if not after or row < int(after)]
        return older[:PAGE_SIZE]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 199, 200, 250, 1000])
@pytest.mark.parametrize("contiguous", [True, False])
def test_d6_all_pages_oldest_first_each_row_once(count: int, contiguous: bool) -> None:
    async def scenario() -> None:
        ledger = Ledger(count)
        assert await read_all(ledger.fetch, str, contiguous=contiguous) == list(range(1, count + 1))

    in_virtual_time(scenario())


def test_d6_rows_inserted_while_paging_do_no_harm() -> None:
    async def scenario() -> None:
        ledger = Ledger(350)
        ledger.between = lambda: ledger.rows.insert(0, ledger.rows[0] + 1)
        rows = await read_all(ledger.fetch, str, contiguous=True)
        assert rows == sorted(set(rows))
        assert set(range(1, 351)) <= set(rows)

    in_virtual_time(scenario())


def test_d6_a_history_that_loses_rows_between_pages_is_read_anew_and_then_refused() -> None:
    async def scenario() -> None:
        ledger = Ledger(150)

        def lose_the_boundary() -> None:
            if ledger.pages % 2 == 0:
                ledger.rows.pop(min(99, len(ledger.rows) - 1))

        ledger.between = lose_the_boundary
        with pytest.raises(ExchangeUnavailable, match="kept changing"):
            await read_all(ledger.fetch, str, contiguous=True)

    in_virtual_time(scenario())


# --- reads ---


def fill_row(number: int, time_ms: int) -> dict[str, Any]:
    return {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "tradeId": str(number),
        "ordId": "1",
        "billId": str(number),
        "side": "buy",
        "fillPx": "50000",
        "fillSz": "0.001",
        "fee": "-0.000001",
        "feeCcy": "BTC",
        "execType": "T",
        "ts": str(time_ms),
    }


def test_d6_a_hundred_and_one_fills_of_one_millisecond() -> None:
    async def scenario(stage: Stage) -> None:
        now_ms = stage.clock.now_ns() // 1_000_000
        rows = [fill_row(number, now_ms) for number in range(1, 102)]

        def page(query: str, headers: dict[str, str], body: str) -> Response:
            after = int(parse_qs(query).get("after", ["1000"])[0])
            return ok(*[row for row in reversed(rows) if int(row["billId"]) < after][:100])

        stage.venue.rest["trade/fills"] = page
        reports = await stage.exchange.fills(now_ms * 1_000_000)
        assert sorted(int(report.fill.trade_id) for report in reports if report.fill) == list(range(1, 102))

    play(scenario)


def test_d6_fills_beyond_three_days_come_from_the_archive_as_well() -> None:
    async def scenario(stage: Stage) -> None:
        old_ms = stage.clock.now_ns() // 1_000_000 - 10 * 86_400_000
        stage.venue.rest["trade/fills"] = lambda query, headers, body: ok(fill_row(9, old_ms + 9 * 86_400_000))
        stage.venue.rest["trade/fills-history"] = lambda query, headers, body: (
            ok(fill_row(1, old_ms)) if "SPOT" in query else ok()
        )
        reports = await stage.exchange.fills(old_ms * 1_000_000)
        assert [report.fill.trade_id for report in reports if report.fill] == ["1", "9"]

    play(scenario)


def test_a_fill_of_a_kind_that_is_not_traded_here_blocks_no_read() -> None:
    async def scenario(stage: Stage) -> None:
        now_ms = stage.clock.now_ns() // 1_000_000
        strange = {"instType": "OPTION", "instId": "X", "ordId": "1", "tradeId": None, "billId": "3", "side": "?"}
        stage.venue.rest["trade/fills"] = lambda query, headers, body: ok(strange, fill_row(2, now_ms))
        reports = await stage.exchange.fills(now_ms * 1_000_000)
        assert [report.fill.trade_id for report in reports if report.fill] == ["2"]

    play(scenario)


def test_d5_only_51603_means_that_there_is_no_such_order() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.rest["trade/order"] = lambda query, headers, body: answer("51603", "Order does not exist")
        assert await stage.exchange.order("BTC-USDT", client_order_id="c1") is None
        stage.venue.rest["trade/order"] = lambda query, headers, body: answer("51001", "Instrument ID does not exist")
        with pytest.raises(ExchangeRefused, match="51001"):
            await stage.exchange.order("BTC-USDT", client_order_id="c1")
        stage.venue.rest["trade/order"] = lambda query, headers, body: ok()
        with pytest.raises(ProtocolError):
            await stage.exchange.order("BTC-USDT", client_order_id="c1")
        other = {"instId": "BTC-USDT", "ordId": "5", "clOrdId": "other", "state": "live"}
        stage.venue.rest["trade/order"] = lambda query, headers, body: ok(other)
        with pytest.raises(ProtocolError, match="c1"):
            await stage.exchange.order("BTC-USDT", client_order_id="c1")

    play(scenario)


def test_d4_reads_are_retried_within_their_budget_and_no_further() -> None:
    async def scenario(stage: Stage) -> None:
        answers = [Response(503, b""), answer("50026", "system error", status=500), ok()]
        stage.venue.rest["account/balance"] = lambda query, headers, body: answers.pop(0)
        assert await stage.exchange.balances() == []
        stage.venue.rest["account/balance"] = lambda query, headers, body: Response(503, b"")
        before = len(stage.venue.requests)
        with pytest.raises(ExchangeUnavailable):
            await stage.exchange.balances()
        assert len(stage.venue.requests) - before == 3

    play(scenario)


def test_d1_a_read_with_a_refused_timestamp_reads_the_clock_and_tries_again() -> None:
    async def scenario(stage: Stage) -> None:
        answers = [answer("50102", "Timestamp request expired", status=401), ok()]
        stage.venue.rest["account/balance"] = lambda query, headers, body: answers.pop(0)
        before = sum("public/time" in target for _, target, *_ in stage.venue.requests)
        assert await stage.exchange.balances() == []
        assert sum("public/time" in target for _, target, *_ in stage.venue.requests) == before + 1

    play(scenario)
