"""Client order ids: unique for ever, fixed width, recognisable, and a typing error is none of ours (FAULTS A6, E6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SimulatedClock
from app.services.trading.account.ids import ALPHABET, LENGTH, OrderIds, check_character, encode_base32


def ids(seed: int, installation: str = "ABCDE") -> OrderIds:
    made = OrderIds(SimulatedClock(seed=seed))
    made.use_installation(installation)
    return made


@given(st.sets(st.integers(0, 2**32), min_size=2, max_size=5), st.integers(1, 200))
def test_starts_never_share_an_id(seeds: set[int], count: int) -> None:
    drawn = [source.draw() for source in map(ids, sorted(seeds)) for _ in range(count)]
    assert len(set(drawn)) == len(drawn)
    assert {len(each) for each in drawn} == {LENGTH}
    assert LENGTH <= 32
    assert all(each.isalnum() and each.isascii() for each in drawn)


def test_a_new_epoch_at_every_start_even_of_the_same_installation() -> None:
    source = ids(1)
    first = source.draw()
    source.use_installation("ABCDE")
    assert source.draw() != first


def test_without_an_installation_nothing_is_drawn() -> None:
    with pytest.raises(RuntimeError, match="no installation"):
        OrderIds(SimulatedClock()).draw()


@given(st.integers(0, 2**32), st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found_out(seed: int, place: int, other: str) -> None:
    source = ids(seed)
    drawn = source.draw()
    assert source.ours(drawn)
    wrong = drawn[:place] + other + drawn[place + 1 :]
    assert source.ours(wrong) is (wrong == drawn)


@given(st.integers(0, 2**32), st.integers(0, LENGTH - 2))
def test_swapped_neighbours_are_found_out(seed: int, place: int) -> None:
    source = ids(seed)
    drawn = source.draw()
    swapped = drawn[:place] + drawn[place + 1] + drawn[place] + drawn[place + 2 :]
    assert source.ours(swapped) is (swapped == drawn)


def test_another_installations_orders_are_not_ours() -> None:
    assert not ids(1, "ABCDE").ours(ids(1, "ABCDF").draw())
    assert not ids(1).ours("")
    assert not ids(1).ours("manual")


def test_every_wrong_character_and_every_swap_in_one_id_is_found_out() -> None:
    source = ids(7)
    drawn = source.draw()
    others = {drawn[:place] + other + drawn[place + 1 :] for place in range(LENGTH) for other in ALPHABET}
    others |= {drawn[:n] + drawn[n + 1] + drawn[n] + drawn[n + 2 :] for n in range(LENGTH - 1)}
    assert [each for each in sorted(others) if source.ours(each)] == [drawn]


def test_a_counter_that_does_not_fit_is_an_error() -> None:
    assert encode_base32(32**2 - 1, 2) == "ZZ"
    for number in (-1, 32**2):
        with pytest.raises(OverflowError):
            encode_base32(number, 2)
    assert check_character("TE") in ALPHABET
