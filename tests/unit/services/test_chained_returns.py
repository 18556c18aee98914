"""Returns between flows: money that comes or goes is neither gain nor loss, nor does it make one smaller or larger."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from app.domain.performance import EquitySample, RoundTrips, summarise
from app.domain.routes import Routes
from app.services.trading.reports.equity_curve import EquityCurve, equity_curve
from app.services.trading.reports.trip_fills import Rates

D = Decimal
DAY = 86_400 * 10**9
NO_TRIPS = RoundTrips((), (), (), D(0), (), D(0), D(0))


def day(number: int, equity: str, hours: float = 0) -> Mapping[str, Any]:
    return {
        "day": f"1970-01-{number + 1:02}",
        "at_ns": int(number * DAY + hours * DAY / 24),
        "equity": D(equity),
        "currency": "USDT",
    }


def flow(days: float, amount: str, equity: str | None) -> Mapping[str, Any]:
    return {
        "at_ns": int(days * DAY),
        "kind": "transfer",
        "currency": "USDT",
        "amount": D(amount),
        "price": D(1),
        "equity": None if equity is None else D(equity),
    }


def curve(days: list[Mapping[str, Any]], flows: list[Mapping[str, Any]], now: tuple[float, str]) -> EquityCurve:
    present = EquitySample(int(now[0] * DAY), D(now[1]))
    made = equity_curve(days, flows, Rates({}, Routes(())), "USDT", start_ns=None, end_ns=None, present=present)
    assert made is not None
    return made


def falls(made: EquityCurve) -> tuple[float | None, Decimal]:
    found = summarise(NO_TRIPS, made.start, made.samples, start_ns=made.start_ns, growth=made.growth)
    return found.max_drawdown, found.max_drawdown_amount


@pytest.mark.parametrize("equity", ["100000", None])
def test_after_a_large_deposit_a_small_fall_is_small(equity: str | None) -> None:
    made = curve([day(0, "100000"), day(1, "100000")], [flow(1.5, "900000", equity)], (2.5, "995000"))
    assert falls(made) == (pytest.approx(-0.005), D(-5_000))


@pytest.mark.parametrize("equity", ["100000", None])
def test_after_most_was_withdrawn_half_of_the_rest_lost_is_a_half(equity: str | None) -> None:
    made = curve([day(0, "100000"), day(1, "100000")], [flow(1.5, "-95000", equity)], (2.5, "2500"))
    assert falls(made) == (pytest.approx(-0.5), D(-2_500))


def test_what_was_gained_before_a_withdrawal_is_of_what_was_there_then() -> None:
    """10 % on 100,000, then 109,000 go; what is left doubles."""
    made = curve([day(0, "100000"), day(1, "100000")], [flow(1.5, "-109000", "110000")], (2.5, "2000"))
    assert made.growth[-1].equity == D("1.1") * 2


def test_an_empty_account_that_is_funded_later_begins_then() -> None:
    made = curve([day(0, "0"), day(1, "0"), day(2, "1100")], [flow(1.5, "1000", "0")], (3.5, "990"))
    assert [sample.equity for sample in made.growth] == [1, 1, D("1.1"), D("0.99")], "marked at the deposit too"
    assert falls(made) == (pytest.approx(-0.1), D(-110))
    found = summarise(NO_TRIPS, made.start, made.samples, start_ns=made.start_ns, growth=made.growth)
    assert found.return_count == 4


def test_what_was_paid_in_is_no_return() -> None:
    made = curve([day(0, "0"), day(1, "0"), day(2, "1100")], [flow(1.5, "1000", "0")], (3.5, "990"))
    found = summarise(NO_TRIPS, made.start, made.samples, start_ns=made.start_ns, growth=made.growth)
    assert (found.starting_equity, found.ending_equity, found.total_return) == (0, -10, pytest.approx(-0.01))
    made = curve([day(0, "100000"), day(1, "100000")], [flow(1.5, "900000", "100000")], (2.5, "995000"))
    found = summarise(NO_TRIPS, made.start, made.samples, start_ns=made.start_ns, growth=made.growth)
    assert (found.ending_equity, found.total_return) == (95_000, pytest.approx(-0.005))


def test_two_flows_of_one_moment_are_one_cut() -> None:
    flows = [flow(1.5, "900000", "100000"), flow(1.5, "-500000", "100000")]
    made = curve([day(0, "100000"), day(1, "100000")], flows, (2.5, "450000"))
    assert made.growth[-1].equity == D("0.9")


def test_ratios_wait_for_two_whole_days() -> None:
    early = curve([day(0, "1000", 6), day(1, "990")], [], (1.9, "1010"))
    found = summarise(NO_TRIPS, early.start, early.samples, start_ns=early.start_ns, growth=early.growth)
    assert (found.sharpe_ratio, found.sortino_ratio, found.volatility, found.cagr, found.calmar_ratio) == (None,) * 5
    late = curve([day(0, "1000", 6), day(1, "990"), day(2, "1010")], [], (2.25, "1000"))
    found = summarise(NO_TRIPS, late.start, late.samples, start_ns=late.start_ns, growth=late.growth)
    assert None not in (found.sharpe_ratio, found.sortino_ratio, found.volatility)


def cash(days: float, kind: str, amount: str, equity: str) -> Mapping[str, Any]:
    return {**flow(days, amount, equity), "kind": kind}


def test_the_curve_is_marked_at_funding_fees_and_deposits() -> None:
    """Within one day the account falls to 90,000, pays funding and interest, gets a deposit and recovers."""
    booked = [
        cash(0.3, "funding", "-1000", "91000"),
        cash(0.5, "transfer", "50000", "95000"),
        cash(0.6, "interest", "-500", "145500"),
    ]
    made = curve([day(0, "100000"), day(1, "150000")], booked, (1.5, "150000"))
    assert [(sample.time_ns / DAY, sample.equity) for sample in made.samples[:3]] == [
        (0.3, D(90_000)), (0.5, D(95_000)), (0.6, D(95_000))
    ]  # fmt: skip
    assert [sample.equity for sample in made.samples[3:]] == [100_000, 100_000]
    assert falls(made) == (pytest.approx(-0.1), D(-10_000))


def test_a_day_on_which_something_gets_its_price_has_no_marks_and_a_turn_is_one() -> None:
    booked = [
        cash(0.5, "funding", "-10", "95000"),
        {**flow(1, "5000", None), "kind": "price"},
        cash(1.5, "funding", "-10", "100000"),
        cash(1.5, "interest", "-20", "100000"),
    ]
    made = curve([day(0, "95000"), day(1, "100000"), day(2, "99970")], booked, (2.5, "99970"))
    assert [(sample.time_ns / DAY, sample.equity) for sample in made.samples] == [
        (1 - 1 / DAY, D(95_000)), (1.5, D(94_970)), (2 - 1 / DAY, D(94_970)), (2.5, D(94_970))
    ]  # fmt: skip
