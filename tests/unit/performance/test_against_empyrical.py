"""empyrical-reloaded as the oracle: the same numbers on any series, wherever it has a finite one."""

import random
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.performance.cagr import cagr
from app.domain.performance.calmar import calmar_ratio
from app.domain.performance.curve import Curve, Span, by_period
from app.domain.performance.drawdown import drawdowns, max_drawdown_from_returns
from app.domain.performance.equity import DAY_NS, EquitySample
from app.domain.performance.omega import omega_ratio
from app.domain.performance.rolling import rolling
from app.domain.performance.sharpe import sharpe_ratio
from app.domain.performance.sortino import downside_deviation, sortino_ratio
from app.domain.performance.stability import stability
from app.domain.performance.tail import tail_ratio
from app.domain.performance.value_at_risk import conditional_value_at_risk, value_at_risk
from app.domain.performance.volatility import volatility
from tests.support.late import Late

empyrical = Late("empyrical")
pd = Late("pandas")

# Four decimals: a deviation is then exactly zero or far from zero, where rounding errors would decide.
RETURNS = st.lists(st.integers(-9_500, 9_500).map(lambda value: value / 10_000), min_size=2, max_size=80)
PERIODS = st.sampled_from([252, 365])
CLOSE = 1e-8


def assert_agrees(returns: list[float], periods: int) -> None:
    series = pd.Series(returns, index=pd.date_range("2024-01-01", periods=len(returns), tz="UTC"))
    growth, drawdown = cagr(returns, periods), max_drawdown_from_returns(returns)
    pairs = {
        "sharpe": (sharpe_ratio(returns, periods), empyrical.sharpe_ratio(series, annualization=periods)),
        "sortino": (sortino_ratio(returns, periods), empyrical.sortino_ratio(series, annualization=periods)),
        "volatility": (volatility(returns, periods), empyrical.annual_volatility(series, annualization=periods)),
        "downside": (downside_deviation(returns, periods), empyrical.downside_risk(series, annualization=periods)),
        "cagr": (growth, empyrical.cagr(series, annualization=periods)),
        "drawdown": (drawdown, empyrical.max_drawdown(series)),
        "calmar": (calmar_ratio(growth, drawdown), empyrical.calmar_ratio(series, annualization=periods)),
        "omega": (omega_ratio(returns), empyrical.omega_ratio(series)),
        "tail": (tail_ratio(returns), empyrical.tail_ratio(series)),
        "value at risk": (value_at_risk(returns), empyrical.value_at_risk(series)),
        "beyond it": (conditional_value_at_risk(returns), empyrical.conditional_value_at_risk(series)),
        "stability": (stability(returns), empyrical.stability_of_timeseries(series)),
    }
    ours = {name: found for name, (found, _) in pairs.items()}
    oracle = {
        name: pytest.approx(float(value), rel=CLOSE, abs=1e-12) if np.isfinite(value) else None
        for name, (_, value) in pairs.items()
    }
    assert ours == oracle


@given(returns=RETURNS, periods=PERIODS)
def test_generated_series(returns: list[float], periods: int) -> None:
    # Constant series are a known answer of their own: rounding decides whether the oracle divides by zero.
    assume(len(set(returns)) > 1)
    assert_agrees(returns, periods)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("periods", [252, 365])
def test_seeded_years(seed: int, periods: int) -> None:
    draw = random.Random(seed)
    assert_agrees([draw.gauss(0.0005 * (seed - 1), 0.03) for _ in range(730)], periods)


@given(returns=RETURNS, rate=st.integers(-50, 50).map(lambda value: value / 10_000))
def test_rates_per_period(returns: list[float], rate: float) -> None:
    assume(len(set(returns)) > 1)
    series = pd.Series(returns)
    sharpe = empyrical.sharpe_ratio(series, risk_free=rate, annualization=365)
    assert sharpe_ratio(returns, 365, risk_free_rate=rate) == pytest.approx(float(sharpe), rel=CLOSE, abs=1e-9)
    sortino = sortino_ratio(returns, 365, required_return=rate)
    if sortino is not None:
        oracle = empyrical.sortino_ratio(series, required_return=rate, annualization=365)
        assert sortino == pytest.approx(float(oracle), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("window", [2, 30])
def test_rolling_figures(window: int) -> None:
    draw = random.Random(window)
    returns = [draw.gauss(0.001, 0.03) for _ in range(90)]
    found = rolling(returns, window)
    series = pd.Series(returns)
    oracles = {
        "volatility": empyrical.roll_annual_volatility(series, window, annualization=365),
        "sharpe_ratio": empyrical.roll_sharpe_ratio(series, window, annualization=365),
        "max_drawdown": empyrical.roll_max_drawdown(series, window),
    }
    assert [each.day for each in found] == list(range(window - 1, 90))
    for name, oracle in oracles.items():
        assert [getattr(each, name) for each in found] == pytest.approx(list(oracle), rel=CLOSE, abs=1e-12), name


@pytest.mark.parametrize(("span", "theirs"), [(Span.MONTH, "monthly"), (Span.WEEK, "weekly"), (Span.YEAR, "yearly")])
def test_days_by_period(span: Span, theirs: str) -> None:
    """Two years and three months from a Wednesday, the equity at the end of each day."""
    draw, first = random.Random(7), pd.Timestamp("2025-01-01", tz="UTC")
    returns, samples, equity = [], [], Decimal(10_000)
    for number in range(820):
        change = Decimal(draw.randrange(-300, 310)) / 10_000
        equity *= 1 + change
        returns.append(float(change))
        samples.append(EquitySample(first.value + number * DAY_NS + 1, equity))
    curve = Curve(Decimal(10_000), samples)
    found = by_period(curve.days(), Decimal(10_000), span)
    series = pd.Series(returns, index=pd.date_range(first, periods=820))
    oracle = empyrical.aggregate_returns(series, theirs)
    assert [each.change for each in found] == pytest.approx(list(oracle), rel=1e-9)
    assert sum(each.profit for each in found) == equity - 10_000
    deepest = drawdowns(curve.samples, curve.unit, limit=3)
    assert deepest[0].fraction == pytest.approx(empyrical.max_drawdown(series))
    assert [each.fraction for each in deepest] == sorted(each.fraction or 0 for each in deepest)
