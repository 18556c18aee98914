"""Each measure with nothing, with one value, with values that do not vary, and where it has no finite value."""

import math
from decimal import Decimal
from functools import partial
from operator import attrgetter

import pytest

from app.domain.performance.cagr import cagr
from app.domain.performance.calmar import calmar_ratio
from app.domain.performance.expectancy import expectancy, r_multiple
from app.domain.performance.exposure import covered_ns, exposure_time
from app.domain.performance.omega import omega_ratio
from app.domain.performance.outcomes import Outcomes, count_outcomes, win_rate
from app.domain.performance.payoff import average_loss, average_win, payoff_ratio
from app.domain.performance.profit_factor import profit_factor
from app.domain.performance.ratio import finite_or_none, ratio
from app.domain.performance.round_trips import round_trips
from app.domain.performance.sharpe import sharpe_ratio, sharpe_standard_error
from app.domain.performance.sortino import downside_deviation, sortino_ratio
from app.domain.performance.stability import stability
from app.domain.performance.tail import tail_ratio
from app.domain.performance.turnover import turnover
from app.domain.performance.volatility import volatility
from tests.unit.performance.builders import SECOND_NS, fill

D = Decimal

OF_TRADES = (
    win_rate, attrgetter("won"), attrgetter("lost"), profit_factor, average_win, average_loss, payoff_ratio,
    expectancy, r_multiple,
)  # fmt: skip


@pytest.mark.parametrize(
    ("profits", "expected"),
    [
        pytest.param([], (None, 0, 0, None, None, None, None, None, None), id="none"),
        pytest.param([5], (1.0, 5, 0, None, 5, None, None, 5, None), id="one win"),
        pytest.param([-5], (0.0, 0, -5, 0.0, None, -5, None, -5, -1.0), id="one loss"),
        pytest.param([0], (None, 0, 0, None, None, None, None, 0, None), id="one scratch"),
        pytest.param([3, 0, -2], (0.5, 3, -2, 1.5, 3, -2, 1.5, D(1) / 3, 1 / 6), id="one of each"),
    ],
)
def test_measures_of_trades(profits: list[int], expected: tuple[object, ...]) -> None:
    outcomes = count_outcomes(map(D, profits))
    found = tuple(measure(outcomes) for measure in OF_TRADES)
    assert found == tuple(pytest.approx(value) if isinstance(value, float) else value for value in expected)


def test_outcomes() -> None:
    assert count_outcomes([D(1), D(0), D(-1), D(2)]) == Outcomes(2, 1, 1, D(3), D(-1), D(2), D(-1))


OF_RETURNS = {
    "sharpe": sharpe_ratio,
    "error": sharpe_standard_error,
    "sortino": sortino_ratio,
    "downside": downside_deviation,
    "volatility": volatility,
    "cagr": cagr,
}
ABSENT = dict.fromkeys(OF_RETURNS)


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        pytest.param([], {}, id="none"),
        pytest.param([0.0], {"downside": 0.0, "cagr": 0.0}, id="one of zero"),
        pytest.param([-0.1], {"downside": 0.1, "cagr": -0.19, "sortino": -math.sqrt(2)}, id="one loss"),
        pytest.param([0.1] * 4, {"downside": 0.0, "cagr": 0.21, "volatility": 0.0}, id="constant"),
        pytest.param([-1.0], {"downside": 1.0, "cagr": -1.0, "sortino": -math.sqrt(2)}, id="all lost"),
        pytest.param([-1.5], {"downside": 1.5, "sortino": -math.sqrt(2)}, id="more than all lost"),
        pytest.param([1e200], {"downside": 0.0}, id="growth beyond a float"),
    ],
)
def test_measures_of_returns(returns: list[float], expected: dict[str, float]) -> None:
    """Two periods a year, so that the expected numbers can be seen."""
    found = {name: measure(returns, 2) for name, measure in OF_RETURNS.items()}
    scale = {"downside": math.sqrt(2)}
    assert found == ABSENT | {name: pytest.approx(value * scale.get(name, 1)) for name, value in expected.items()}


def test_growth_beyond_a_float_by_product_and_by_power() -> None:
    assert cagr([1e200, 1e200], 365) is None
    assert cagr([9.0], 365) is None


@pytest.mark.parametrize(
    ("measure", "returns"),
    [
        (omega_ratio, []),
        (omega_ratio, [0.1]),
        (tail_ratio, []),
        (tail_ratio, [0.0, 0.0]),
        (stability, []),
        (stability, [0.1]),
        (stability, [0.0, 0.0]),
        (stability, [0.1, -1.0]),
    ],
)
def test_other_measures_of_returns_without_a_value(measure: object, returns: list[float]) -> None:
    assert callable(measure)
    assert measure(returns) is None


@pytest.mark.parametrize(
    "measure", [*OF_RETURNS.values(), omega_ratio, tail_ratio, stability], ids=lambda measure: measure.__name__
)
def test_a_return_that_is_no_number_is_refused(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(ValueError, match="must be finite"):
        measure([0.1, math.nan, 0.2])


@pytest.mark.parametrize(
    ("growth", "drawdown", "expected"),
    [
        (0.2, -0.1, 2.0),
        (-0.2, -0.1, -2.0),
        (0.2, 0.0, None),
        (0.2, None, None),
        (None, -0.1, None),
        (1e300, -1e-300, None),
    ],
)
def test_calmar(growth: float | None, drawdown: float | None, expected: float | None) -> None:
    assert calmar_ratio(growth, drawdown) == expected


def test_turnover() -> None:
    assert turnover(D(300), [D(100), D(200)]) == 2.0
    assert turnover(D(300), []) is None
    assert turnover(D(300), [D(5), D(-5)]) is None
    assert turnover(D(300), [D(-5)]) is None


def test_exposure_counts_overlapping_trips_once_and_open_ones_to_the_end() -> None:
    trips = round_trips(
        [
            fill("buy", "1", "1", at=10),
            fill("buy", "1", "1", at=15, instrument_id="Y"),
            fill("sell", "1", "1", at=20),
            fill("sell", "1", "1", at=25, instrument_id="Y"),
            fill("buy", "1", "1", at=90),
        ]
    )
    both = (*trips.closed, *trips.open)
    assert exposure_time(partial(covered_ns, both), 0, 100 * SECOND_NS) == 0.25
    assert exposure_time(partial(covered_ns, both), 20 * SECOND_NS, 40 * SECOND_NS) == 0.25
    assert exposure_time(partial(covered_ns, []), 0, 100) == 0.0
    assert exposure_time(partial(covered_ns, both), 100, 100) is None


def test_ratio_has_no_infinity() -> None:
    assert (ratio(D(1), D(0)), ratio(D(0), D(0)), ratio(D("1e500"), D(1)), ratio(D(1), D(8))) == (
        None,
        None,
        None,
        0.125,
    )
    assert (finite_or_none(math.inf), finite_or_none(math.nan), finite_or_none(1.5)) == (None, None, 1.5)
