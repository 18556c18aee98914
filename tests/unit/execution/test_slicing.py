"""Slices add up exactly, in lots, whatever the weights; no tail becomes untradable."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.slicing import (
    cumulative_targets,
    differences,
    drawn,
    feasible_parts,
    minimum_lots,
    part_size,
    varied_targets,
    whole_lots,
)
from tests.unit.execution.world import BTC

D = Decimal


@pytest.mark.parametrize(
    ("size", "lot", "weights", "parts"),
    [
        ("1.0003", "0.0001", [1] * 7, ["0.1429"] * 7),
        ("10", "1", [1, 1, 1], ["3", "4", "3"]),
        ("5", "1", [1] * 8, ["1", "0", "1", "1", "0", "1", "0", "1"]),
        ("100", "1", [1, 2, 3, 5], ["9", "18", "28", "45"]),
    ],
)
def test_known_slices(size: str, lot: str, weights: list[int], parts: list[str]) -> None:
    total = whole_lots(D(size), D(lot))
    slices = differences(cumulative_targets(total, weights))
    assert [lots * D(lot) for lots in slices] == [D(part) for part in parts]


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
def test_slices_add_up_and_never_shrink(total: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        with pytest.raises(ValueError, match="weights"):
            cumulative_targets(total, weights)
        return
    targets = cumulative_targets(total, weights)
    assert targets[-1] == total
    assert all(part >= 0 for part in differences(targets))
    exact, done = [], 0
    for weight in weights:
        done += weight
        exact.append(Fraction(total * done, sum(weights)))
    assert all(abs(target - ideal) <= Fraction(1, 2) for target, ideal in zip(targets, exact, strict=True))


@given(
    st.integers(0, 10**9),
    st.lists(st.integers(1, 100), min_size=1, max_size=40),
    st.sampled_from(["0", "0.05", "0.2", "0.5"]),
    st.integers(0, 2**32),
)
def test_varied_slices_add_up_and_none_strays_by_more_than_a_part(
    total: int, weights: list[int], variation: str, seed: int
) -> None:
    targets = cumulative_targets(total, weights)
    varied = varied_targets(targets, D(variation), seed)
    assert varied == varied_targets(targets, D(variation), seed)
    assert varied[-1] == total
    assert all(part >= 0 for part in differences(varied))
    parts = differences(targets)
    for k, (target, moved) in enumerate(zip(targets, varied, strict=True)):
        assert abs(moved - target) <= Fraction(variation) * max(parts[: k + 1])
    assert variation != "0" or varied == targets


def test_what_is_drawn_follows_from_seed_and_place() -> None:
    draws = [drawn(7, "time", k) for k in range(1000)]
    assert all(0 <= draw < 1 for draw in draws)
    assert 0.45 < sum(draws) / 1000 < 0.55
    assert draws[3] == drawn(7, "time", 3) != drawn(8, "time", 3)


@given(st.integers(1, 10**6), st.integers(1, 5000), st.integers(1, 1000))
def test_feasible_parts_are_as_many_as_the_minimum_allows(total: int, parts: int, minimum: int) -> None:
    found = feasible_parts(total, parts, minimum)
    assert 1 <= found <= parts
    assert found == 1 or total // found >= minimum
    assert found == parts or total // (found + 1) < minimum


lots = st.integers(-5, 400)


@given(due=lots, remaining=lots, largest=lots, minimum=st.integers(1, 40))
def test_a_part_is_tradable_and_leaves_a_tradable_rest(due: int, remaining: int, largest: int, minimum: int) -> None:
    lot = D("0.0001")
    instrument = replace(BTC, lot=lot, min_size=minimum * lot)
    size = part_size(due * lot, remaining * lot, largest * lot, instrument)
    assert size == 0 or minimum * lot <= size <= remaining * lot
    assert size % lot == 0
    if size:
        assert size < (max(due, 0) + minimum) * lot
        assert size < (max(largest, 0) + minimum) * lot
        rest = remaining * lot - size
        assert rest == 0 or rest >= minimum * lot
    else:
        assert min(due, remaining, largest) < minimum


def test_a_minimum_that_is_no_multiple_of_the_lot_rounds_up() -> None:
    assert minimum_lots(replace(BTC, lot=D("0.4"), min_size=D("1"))) == 3
    assert minimum_lots(replace(BTC, lot=D("0.4"), min_size=D("0"))) == 1
