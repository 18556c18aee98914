"""The summary: whole records, money exact, nothing in it that JSON cannot carry, and quick."""

import json
import time
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.performance import EquitySample, Performance, TripFill, performance_summary
from app.domain.performance.equity import DAY_NS
from app.domain.performance.sharpe import sharpe_ratio, sharpe_standard_error
from app.domain.performance.sortino import sortino_ratio
from app.domain.performance.volatility import volatility
from tests.unit.performance.builders import DAY_SECONDS, SECOND_NS, fill, trips_earning

D = Decimal

NOTHING: dict[str, Any] = {
    "total_trades": 0,
    "winning_trades": 0,
    "losing_trades": 0,
    "scratch_trades": 0,
    "open_trips": 0,
    "win_rate": None,
    "gross_profit": D(0),
    "gross_loss": D(0),
    "net_profit": D(0),
    "realized_profit": D(0),
    "total_fees": D(0),
    "total_volume": D(0),
    "profit_factor": None,
    "expectancy": None,
    "r_multiple": None,
    "average_win": None,
    "average_loss": None,
    "payoff_ratio": None,
    "largest_win": None,
    "largest_loss": None,
    "average_trade_seconds": None,
    "starting_equity": D(1000),
    "ending_equity": D(1000),
    "total_return": 0.0,
    "return_count": 0,
    "sharpe_ratio": None,
    "sharpe_standard_error": None,
    "sortino_ratio": None,
    "volatility": None,
    "cagr": None,
    "calmar_ratio": None,
    "omega_ratio": None,
    "tail_ratio": None,
    "stability": None,
    "value_at_risk": None,
    "conditional_value_at_risk": None,
    "probabilistic_sharpe_ratio": None,
    "max_drawdown": None,
    "max_drawdown_amount": D(0),
    "max_drawdown_duration_seconds": 0.0,
    "max_drawdown_peak_ns": None,
    "max_drawdown_trough_ns": None,
    "turnover": None,
    "exposure_time": None,
    "fill_count": 0,
    "first_fill_ns": None,
    "last_fill_ns": None,
}


def test_nothing() -> None:
    assert asdict(performance_summary([], D(1000))) == NOTHING


def test_one_losing_trade_and_one_open_trip() -> None:
    """One day; the trade loses 10 and 2 of fees, then a trip opens with a fee of 1 that net_profit does not hold."""
    found = performance_summary(
        [
            fill("buy", "1", "100", at=0, fee="1"),
            fill("sell", "1", "90", at=60, fee="1"),
            fill("buy", "2", "95", at=120, fee="1"),
        ],
        D(1000),
    )
    assert asdict(found) == NOTHING | {
        "total_trades": 1,
        "losing_trades": 1,
        "open_trips": 1,
        "win_rate": 0.0,
        "gross_loss": D(-12),
        "net_profit": D(-12),
        "realized_profit": D(-13),
        "total_fees": D(3),
        "total_volume": D(380),
        "profit_factor": 0.0,
        "expectancy": D(-12),
        "r_multiple": -1.0,
        "average_loss": D(-12),
        "largest_loss": D(-12),
        "average_trade_seconds": 60.0,
        "ending_equity": D(987),
        "total_return": -0.013,
        "return_count": 1,
        "max_drawdown": -0.013,
        "max_drawdown_amount": D(-13),
        "max_drawdown_duration_seconds": 120.0,
        "max_drawdown_peak_ns": 0,
        "max_drawdown_trough_ns": 120 * SECOND_NS,
        "turnover": pytest.approx(380 / 987),
        "exposure_time": 0.5,
        "fill_count": 3,
        "first_fill_ns": 0,
        "last_fill_ns": 120 * SECOND_NS,
    }


def test_risk_comes_from_daily_returns() -> None:
    profits = [100, -50, 0, 200]
    found = performance_summary(trips_earning(profits, every_seconds=DAY_SECONDS), D(10_000))
    returns = [100 / 10_000, -50 / 10_100, 0.0, 200 / 10_050]
    assert (found.return_count, found.sharpe_ratio, found.sharpe_standard_error) == (
        4,
        pytest.approx(sharpe_ratio(returns)),
        pytest.approx(sharpe_standard_error(returns)),
    )
    assert (found.sortino_ratio, found.volatility) == (
        pytest.approx(sortino_ratio(returns)),
        pytest.approx(volatility(returns)),
    )
    in_252 = performance_summary(trips_earning(profits, every_seconds=DAY_SECONDS), D(10_000), periods_per_year=252)
    assert in_252.sharpe_ratio == pytest.approx(sharpe_ratio(returns, 252))


def test_samples_marked_to_market_replace_the_realised_curve() -> None:
    samples = [EquitySample(day * DAY_NS, D(equity)) for day, equity in enumerate([900, 1100, 1050])]
    found = performance_summary([fill("buy", "1", "100")], D(1000), samples)
    assert (found.max_drawdown, found.max_drawdown_amount, found.ending_equity) == (-0.1, D(-100), D(1050))
    assert (found.return_count, found.exposure_time, found.realized_profit) == (3, 1.0, D(0))


def test_idle_days_in_the_window_count() -> None:
    fills = trips_earning([100])
    window = performance_summary(fills, D(1000), start_ns=0, end_ns=10 * DAY_NS)
    assert (window.return_count, performance_summary(fills, D(1000)).return_count) == (10, 1)
    assert window.sharpe_ratio == pytest.approx(sharpe_ratio([0.1, *[0.0] * 9]))
    assert window.exposure_time == pytest.approx(30 / (10 * DAY_SECONDS))
    idle = performance_summary([], D(1000), start_ns=0, end_ns=10 * DAY_NS)
    assert (idle.return_count, idle.volatility, idle.sharpe_ratio, idle.exposure_time) == (10, 0.0, None, 0.0)


@pytest.mark.parametrize("starting", [D(0), D(-10)])
def test_without_equity_there_are_trades_but_no_ratios_of_risk(starting: Decimal) -> None:
    found = performance_summary(trips_earning([5, -3]), starting)
    assert (found.win_rate, found.net_profit, found.max_drawdown_amount) == (0.5, D(2), D(-3))
    assert (found.total_return, found.sharpe_ratio, found.cagr, found.return_count) == (None, None, None, 0)


def test_a_ruined_account_has_a_drawdown_but_no_returns() -> None:
    fills = trips_earning([-500, 100], every_seconds=DAY_SECONDS)
    found = performance_summary(fills, D(400))
    assert (found.max_drawdown, found.max_drawdown_amount, found.ending_equity) == (-1.25, D(-500), D(0))
    assert (found.return_count, found.sharpe_ratio, found.cagr, found.calmar_ratio) == (0, None, None, None)


def test_a_starting_equity_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="starting_equity NaN: must be finite"):
        performance_summary([], D("NaN"))


@st.composite
def histories(draw: st.DrawFn) -> list[TripFill]:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["buy", "sell"]), st.integers(1, 50), st.integers(1, 5_000), st.integers(0, 10**7)
            ),
            max_size=30,
        )
    )
    inverse = draw(st.booleans())
    return [fill(side, str(size), str(price), at=at, fee="0.5", inverse=inverse) for side, size, price, at in rows]


@given(fills=histories(), starting=st.integers(-10, 10**6))
def test_json_can_carry_every_summary(fills: list[TripFill], starting: int) -> None:
    found = performance_summary(fills, D(starting))
    json.dumps(asdict(found), default=str, allow_nan=False)
    assert found.winning_trades + found.losing_trades + found.scratch_trades == found.total_trades
    assert found.net_profit == pytest.approx(found.gross_profit + found.gross_loss, abs=D("1e-15"))
    assert found.ending_equity == pytest.approx(starting + found.realized_profit, abs=D("1e-15"))
    assert all(not isinstance(value, Decimal) or value.is_finite() for value in asdict(found).values())


def test_a_hundred_thousand_fills_take_seconds() -> None:
    fills = trips_earning([(index * 7919) % 41 - 20 for index in range(50_000)], every_seconds=600)
    started = time.process_time()
    found = performance_summary(fills, D(1_000_000))
    elapsed = time.process_time() - started
    assert isinstance(found, Performance)
    assert (found.total_trades, found.fill_count, found.return_count) == (50_000, 100_000, 348)
    # About one second of CPU on a small machine; the bound leaves room for a busy one.
    assert elapsed < 10
