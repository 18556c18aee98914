"""Almgren and Chriss (2000): their example's holdings, costs and variances, and the limits of the trajectory."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.trajectories import held_after, next_share, urgency

D = Decimal

# The paper's Table 1: 1,000,000 shares at 50 in 5 days of one period each.
SHARES, PERIODS, TAU = D(1_000_000), 5, D(1)
SIGMA, EPSILON, GAMMA, ETA = D("0.95"), D("0.0625"), D("2.5e-7"), D("2.5e-6")
ETA_TILDE = ETA - GAMMA * TAU / 2

PUBLISHED = [
    # λ, E, V, holdings after the first four days
    ("0", "662500.00", "1.083000e12", ["800000", "600000", "400000", "200000"]),
    ("1e-9", "662500.90", "1.081192e12", ["799544.38", "599392.59", "399468.57", "199696.34"]),
    ("5e-9", "662522.42", "1.074010e12", ["797729.49", "596974.66", "397354.08", "198488.48"]),
    ("9e-9", "662572.10", "1.066910e12", ["795926.62", "594575.30", "395257.44", "197291.35"]),
    ("2.5e-7", "699622.82", "7.513324e11", ["705281.72", "477565.21", "295217.39", "140915.22"]),
    ("1e-6", "911226.99", "3.641286e11", ["541955.55", "289854.22", "147897.49", "62141.80"]),
    ("2e-6", "1140715.17", "2.019313e11", ["428598.85", "182932.81", "76295.72", "27643.38"]),
    ("4e-6", "1434114.70", "9.704489e10", ["311665.57", "97062.81", "29995.53", "8521.46"]),
]


def risk(aversion: str) -> Decimal:
    return D(aversion) * SIGMA**2 * TAU**2 / ETA_TILDE


@pytest.mark.parametrize(("aversion", "cost", "variance", "held"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_the_published_example(aversion: str, cost: str, variance: str, held: list[str]) -> None:
    holdings = [SHARES * part for part in held_after(urgency(risk(aversion)), PERIODS)]
    assert holdings[-1] == 0
    assert [f"{x:.2f}" for x in holdings[:-1]] == [f"{D(x):.2f}" for x in held]
    trades = [before - after for before, after in pairwise((SHARES, *holdings))]
    expected = GAMMA * SHARES**2 / 2 + EPSILON * sum(trades) + ETA_TILDE / TAU * sum(n * n for n in trades)
    assert abs(expected - D(cost)) < D("0.01")
    spread = SIGMA**2 * TAU * sum(x * x for x in holdings)
    assert abs(spread / D(variance) - 1) < D("1e-6")


@pytest.mark.parametrize(
    ("aversion", "cost", "variance", "half_life"),
    [
        ("1e-9", ".6625", "1.0812", "51.30"),
        ("2e-9", ".6625", "1.0794", "36.27"),
        ("3e-9", ".6625", "1.0776", "29.62"),
        ("4e-9", ".6625", "1.0758", "25.65"),
        ("5e-9", ".6625", "1.0740", "22.94"),
        ("6e-9", ".6625", "1.0722", "20.94"),
        ("7e-9", ".6625", "1.0704", "19.39"),
        ("8e-9", ".6626", "1.0687", "18.14"),
        ("9e-9", ".6626", "1.0669", "17.10"),
    ],
)
def test_what_another_library_prints_of_the_example(aversion: str, cost: str, variance: str, half_life: str) -> None:
    """DRIP's log of the same, in millions: cost, variance, and 1 over the continuous kappa in days."""
    holdings = [SHARES * part for part in held_after(urgency(risk(aversion)), PERIODS)]
    trades = [before - after for before, after in pairwise((SHARES, *holdings))]
    expected = GAMMA * SHARES**2 / 2 + EPSILON * sum(trades) + ETA_TILDE / TAU * sum(n * n for n in trades)
    spread = SIGMA**2 * TAU * sum(x * x for x in holdings)
    found = (expected / 1_000_000, spread / D("1e12"), 1 / risk(aversion).sqrt())
    assert [round(found[0], 4), round(found[1], 4), round(found[2], 2)] == [D(cost), D(variance), D(half_life)]


def test_all_at_once_costs_what_the_paper_says_and_has_no_variance() -> None:
    holdings = [SHARES * part for part in held_after(D(400), PERIODS)]
    trades = [before - after for before, after in pairwise((SHARES, *holdings))]
    expected = GAMMA * SHARES**2 / 2 + EPSILON * sum(trades) + ETA_TILDE / TAU * sum(n * n for n in trades)
    assert round(expected, 2) == 2_562_500
    assert round(SIGMA**2 * TAU * sum(x * x for x in holdings), 6) == 0


def test_kappa_of_the_example() -> None:
    assert f"{urgency(risk('1e-6')):.6f}" == "0.607076"
    assert urgency(D(0)) == 0


def test_no_risk_is_a_twap() -> None:
    assert held_after(D(0), 4) == (D("0.75"), D("0.5"), D("0.25"), D(0))
    near = held_after(D("1e-12"), 4)
    assert all(abs(part - even) < D("1e-12") for part, even in zip(near, held_after(D(0), 4), strict=True))


def test_great_risk_is_all_at_once() -> None:
    assert next_share(D(400), 5) == 1
    assert all(part < D("1e-100") for part in held_after(D(400), 5))


@given(st.decimals("0", "20", places=6), st.integers(2, 60), st.data())
def test_solved_anew_at_any_period_it_goes_on_alike(kappa_tau: Decimal, parts: int, data: st.DataObject) -> None:
    held = (D(1), *held_after(kappa_tau, parts))
    assert all(later < earlier for earlier, later in pairwise(held))
    done = data.draw(st.integers(0, parts - 1))
    again = held[done] * (1 - next_share(kappa_tau, parts - done))
    assert abs(again - held[done + 1]) < D("1e-20")


@pytest.mark.parametrize("call", [lambda: held_after(D(-1), 3), lambda: held_after(D(1), 0), lambda: urgency(D(-1))])
def test_what_makes_no_sense_is_refused(call: object) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match="must"):
        call()
