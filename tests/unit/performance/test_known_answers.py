"""The published and recomputed answers for performance measures (empyrical-reloaded 0.7.1, quantstats 0.0.86)."""

import math
from decimal import Decimal

import numpy as np
import pytest

from app.domain.performance.cagr import cagr
from app.domain.performance.calmar import calmar_ratio
from app.domain.performance.drawdown import max_drawdown_from_returns
from app.domain.performance.expectancy import expectancy, r_multiple
from app.domain.performance.omega import omega_ratio
from app.domain.performance.outcomes import Outcomes, count_outcomes, win_rate
from app.domain.performance.payoff import average_loss, average_win, payoff_ratio
from app.domain.performance.probability import probabilistic_sharpe_ratio, probability_above
from app.domain.performance.profit_factor import profit_factor
from app.domain.performance.sharpe import sharpe_ratio, sharpe_standard_error
from app.domain.performance.sortino import downside_deviation, sortino_ratio
from app.domain.performance.stability import stability
from app.domain.performance.summary import performance_summary
from app.domain.performance.tail import tail_ratio
from app.domain.performance.volatility import volatility
from tests.support.late import Late
from tests.unit.performance.builders import trips_earning

pd = Late("pandas")


def percent(*values: float) -> list[float]:
    return [value / 100 for value in values]


def measures(returns: list[float], periods: float) -> dict[str, float | None]:
    growth = cagr(returns, periods)
    drawdown = max_drawdown_from_returns(returns)
    return {
        "sharpe": sharpe_ratio(returns, periods),
        "sortino": sortino_ratio(returns, periods),
        "volatility": volatility(returns, periods),
        "cagr": growth,
        "drawdown": drawdown,
        "calmar": calmar_ratio(growth, drawdown),
        "downside": downside_deviation(returns, periods),
    }


def agree(found: dict[str, float | None], expected: dict[str, float | None]) -> None:
    assert {key: found[key] for key in expected} == {
        key: value and pytest.approx(value, rel=1e-12) for key, value in expected.items()
    }


MIXED = percent(1, 10, -4, 2, 3, 2, 1, -10)
# empyrical counts the leading NaN of this series as a period of growth: a day without a return.
MIXED_NINE_ROWS = [0.0, *MIXED]
WEEKS = percent(0, 1, 10, -4, 2, 3, 2, 1, -10)
SEVEN_DAYS = [0.01, -0.02, 0.015, 0.0, -0.005, 0.03, -0.01]


@pytest.mark.parametrize(
    ("periods", "risk", "growth"),
    [
        (
            252,
            {
                "sharpe": 1.7238613961706866,
                "sortino": 2.605531251673693,
                "volatility": 0.9136465399704637,
                "drawdown": -0.1,
                "downside": 0.60448325038829653,
                "cagr": 2.330292797300439,
            },
            {"cagr": 1.9135925373194231, "calmar": 19.135925373194233},
        ),
        (
            365,
            {
                "sharpe": 2.0746675114386086,
                "sortino": 3.1357573467873823,
                "volatility": 1.0995737810624624,
                "drawdown": -0.1,
                "downside": 0.7274957044546724,
                "cagr": 4.711762871576596,
            },
            {"cagr": 3.706354044661887, "calmar": 37.06354044661889},
        ),
    ],
)
def test_p1_mixed_returns(periods: float, risk: dict[str, float | None], growth: dict[str, float | None]) -> None:
    agree(measures(MIXED, periods), risk)
    agree(measures(MIXED_NINE_ROWS, periods), growth)


def test_p1_measures_without_annualisation() -> None:
    assert downside_deviation(MIXED, 252, required_return=0.1) == pytest.approx(1.7161730681956295, rel=1e-12)
    assert sharpe_ratio(MIXED, 1) == pytest.approx(0.10859306069076737, rel=1e-12)
    assert math.prod(1 + value for value in MIXED) - 1 == pytest.approx(0.03893, abs=5e-6)
    # 0.9473684 belongs to the series whose missing first day counts as zero; without it the oracle says 0.9556962.
    assert tail_ratio(MIXED_NINE_ROWS) == pytest.approx(0.9473684, abs=5e-8)
    assert tail_ratio(MIXED) == pytest.approx(0.9556962025316452, rel=1e-12)
    assert stability(MIXED) == pytest.approx(0.1529973665111273, rel=1e-12)
    assert omega_ratio(MIXED, threshold=(1 + 10) ** (1 / 252) - 1) == pytest.approx(0.83354263497557934, rel=1e-12)


def test_p1_returns_taken_as_trades() -> None:
    profits = count_outcomes(map(Decimal, (1, 10, -4, 2, 3, 2, 1, -10)))
    found = (profit_factor(profits), win_rate(profits), payoff_ratio(profits))
    assert found == pytest.approx((1.357142857142857, 0.75, 0.4523809523809524), rel=1e-15)


@pytest.mark.parametrize(
    ("returns", "periods", "expected"),
    [
        pytest.param(
            WEEKS,
            52,
            {
                "cagr": 0.24690830513998208,
                "volatility": 0.38851569394870583,
                "calmar": 2.4690830513998208,
                "sortino": 1.1158901056866439,
                "downside": 0.25888650451930134,
            },
            id="weekly",
        ),
        pytest.param(
            WEEKS,
            12,
            {
                "cagr": 0.052242061386048144,
                "volatility": 0.18663690238892558,
                "calmar": 0.52242061386048144,
                "sortino": 0.53605626741889756,
                "downside": 0.1243650540411842,
            },
            id="monthly",
        ),
        pytest.param(
            percent(0, -6, -7, -1, -9, -2, -6, -8, -5),
            252,
            {"drawdown": -0.36590730349873601, "sharpe": -24.406808633910085, "sortino": -13.532743075043401},
            id="negative",
        ),
        pytest.param(
            percent(-2, -6, -7, -1, -9, -2, -6, -8, -5), 252, {"drawdown": -0.37858915742876154}, id="all negative"
        ),
        pytest.param(
            percent(1, 2, *[1] * 7),
            252,
            {"sharpe": 52.915026221291804, "sortino": None, "drawdown": 0.0},
            id="positive",
        ),
        pytest.param(
            percent(1),
            252,
            {"cagr": 11.274002099240244, "sharpe": None, "sortino": None, "volatility": None, "calmar": None},
            id="one return",
        ),
        pytest.param(percent(*[1] * 9), 252, {"sharpe": None, "volatility": 0.0, "sortino": None}, id="flat"),
        pytest.param(percent(0, 1, 0, 1, 0, 1, 0, 1, 0), 252, {"sortino": None}, id="benchmark"),
        pytest.param(percent(10, -10, 10), 252, {"drawdown": -0.10}, id="up down up"),
    ],
)
def test_p2_empyrical_series(returns: list[float], periods: float, expected: dict[str, float | None]) -> None:
    agree(measures(returns, periods), expected)


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        (252, (2.7002109622224566, 5.237229365663817, 0.2666458325194677, 0.9912404403068884, 49.5620220153, -0.02)),
        (365, (3.2497043960711993, 6.303006517247351, 0.32090830911203105, 1.7117807344534426, 85.589036723, -0.02)),
    ],
)
def test_p3_seven_days(periods: float, expected: tuple[float, ...]) -> None:
    names = ("sharpe", "sortino", "volatility", "cagr", "calmar", "drawdown")
    assert tuple(measures(SEVEN_DAYS, periods)[name] for name in names) == pytest.approx(expected, rel=1e-11)


def test_p3_returns_taken_as_trades() -> None:
    profits = count_outcomes(Decimal(str(value)) for value in SEVEN_DAYS)
    assert profit_factor(profits) == pytest.approx(1.5714285714, abs=5e-11)
    assert win_rate(profits) == 0.5


TRADES = [120, -50, 80, -30, -70, 200, 0, -20]


def test_p4_trades() -> None:
    profits = count_outcomes(map(Decimal, TRADES))
    assert profits == Outcomes(3, 4, 1, Decimal(400), Decimal(-170), Decimal(200), Decimal(-70))
    found = (profit_factor(profits), win_rate(profits), payoff_ratio(profits), r_multiple(profits))
    assert found == pytest.approx((2.352941176, 0.428571, 3.137255, 0.676471), abs=5e-7)
    assert average_win(profits) == Decimal(400) / 3
    assert (average_loss(profits), expectancy(profits)) == (Decimal("-42.5"), Decimal("28.75"))


def test_p4_from_fills() -> None:
    found = performance_summary(trips_earning(TRADES), Decimal(10_000))
    assert found.max_drawdown == pytest.approx(-0.009852216748768461, rel=1e-14)
    assert found.max_drawdown_amount == -100
    # From the last moment at the peak, the fourth trade's buy at 180 s, to the sixth trade's sell at 330 s.
    assert found.max_drawdown_duration_seconds == 150.0
    assert (found.total_trades, found.winning_trades, found.losing_trades, found.scratch_trades) == (8, 3, 4, 1)
    assert (found.gross_profit, found.gross_loss, found.net_profit) == (400, -170, 230)
    assert (found.largest_win, found.largest_loss, found.expectancy) == (200, -70, Decimal("28.75"))
    assert (found.ending_equity, found.total_return) == (10_230, pytest.approx(0.023))


def test_sharpe_standard_error() -> None:
    # SR per period 0.108593 over n = 8 days: sqrt((1 + 0.0058962) / 8), annualised by sqrt(365).
    assert sharpe_standard_error(MIXED, 1) == pytest.approx(0.354594, abs=5e-7)
    assert sharpe_standard_error(MIXED, 365) == pytest.approx(0.354594 * math.sqrt(365), abs=1e-5)
    assert sharpe_standard_error([0.01], 365) is None


def test_probability_of_a_sharpe_ratio() -> None:
    """Bailey and Lopez de Prado (2012): 24 months, 0.458 a month, skewness -2.448, kurtosis 10.164; and normal ones."""
    assert probability_above(0.458, 24, -2.448, 10.164) == pytest.approx(0.913, abs=0.0005)
    assert probability_above(0.458, 24, 0, 3) == pytest.approx(0.982, abs=0.0005)
    returns = [0.01, -0.02, 0.015, 0.0, -0.005, 0.03, -0.01]
    moments = (pd.Series(returns) - np.mean(returns)) / np.std(returns)
    sharpe = float(np.mean(returns) / np.std(returns, ddof=1))
    expected = probability_above(sharpe, 7, float(np.mean(moments**3)), float(np.mean(moments**4)))
    assert probabilistic_sharpe_ratio(returns) == pytest.approx(expected)
    assert probabilistic_sharpe_ratio([0.01] * 9) is None, "it does not vary"
    assert probabilistic_sharpe_ratio(returns[:3]) is None, "too few"
    assert probabilistic_sharpe_ratio(returns, benchmark=sharpe) == pytest.approx(0.5)
