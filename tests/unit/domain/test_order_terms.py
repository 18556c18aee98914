"""INVARIANTS S16: which terms of an order hold is decided by evidence; every order of arrival gives the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.order_changes import apply_report, request_amend
from app.domain.order_terms import ASKED_KEPT, proof_of
from app.domain.orders import Amendment, AmendOutcome, Order, OrderReport, OrderSide, VenueState
from tests.unit.domain.builders import D, facts, fill, report, sent

T = 1_700_000_000
LIVE, PARTLY = VenueState.LIVE, VenueState.PARTIALLY_FILLED


def sell(*amendments: tuple[str | None, str | None]) -> Order:
    """A sell of 2.6 at 64136.2 and what we asked for since, each after the one before was decided: (size, price), None
    leaves it."""
    order = sent(side=OrderSide.SELL, size=D("2.6"), price=D("64136.2"))
    for number, (size, price) in enumerate(amendments, start=1):
        asked = Amendment(f"r{number}", size and D(size), price and D(price), T * 10**9)
        order = request_amend(order, asked, number)
        order = replace(order, settled_amendments=order.settled_amendments | {f"before r{number + 1}"})
    return order


def said(
    read: int, filled: str, at: int, size: str, price: str, done: str = "", state: VenueState = PARTLY
) -> OrderReport:
    made = report(state, filled, at, size=size, price=price)
    return replace(made, read=read, amend_request_id=done, amend_outcome=AmendOutcome.DONE if done else None)


def arrived(order: Order, reports: Sequence[OrderReport]) -> Order:
    for number, one in enumerate(reports):
        order = apply_report(order, one, number).order
    return order


def assert_always(order: Order, history: Sequence[OrderReport], terms: tuple[str, str]) -> None:
    """However they arrive, and with each of them twice."""
    end = arrived(order, history)
    for told in (history, *((*history, extra) for extra in history)):
        for drawn in permutations(told):
            assert facts(arrived(order, drawn)) == facts(end), drawn
    assert (end.size, end.price) == (D(terms[0]), D(terms[1]))


@pytest.mark.parametrize("later", [0, -1, -5_000], ids=["same millisecond", "clock back 1 ms", "clock back 5 s"])
def test_an_amend_to_a_smaller_size_right_after_a_partial_fill(later: int) -> None:
    history = [
        said(1, "0", T - 9, "2.6", "64136.2", state=LIVE),
        said(2, "1", T, "2.6", "64136.2"),
        said(3, "1", T + later, "2.2", "64020.8", done="r1"),
        said(4, "1.5", T + later, "2.2", "64020.8"),
    ]
    assert_always(sell(("2.2", "64020.8")), history, ("2.2", "64020.8"))


@pytest.mark.parametrize("later", [0, -7])
def test_the_answer_lost_the_next_report_s_own_terms_prove_it(later: int) -> None:
    history = [said(1, "1", T, "2.6", "64136.2"), said(2, "1", T + later, "2.2", "64020.8")]
    assert_always(sell(("2.2", "64020.8")), history, ("2.2", "64020.8"))


@pytest.mark.parametrize("step", [0, -3, 3])
def test_two_amends_and_the_fills_between_them(step: int) -> None:
    history = [
        said(1, "1", T, "2.6", "64136.2"),
        said(2, "1", T + step, "2.6", "64020.8", done="r1"),
        said(3, "1.5", T + step, "2.6", "64020.8"),
        said(4, "1.5", T + 2 * step, "2.2", "64020.8", done="r2"),
        said(5, "2", T + 2 * step, "2.2", "64020.8"),
    ]
    assert_always(sell((None, "64020.8"), ("2.2", None)), history, ("2.2", "64020.8"))


@pytest.mark.parametrize("gap", [0, 1])
def test_two_amends_under_way_together_that_overtook_each_other(gap: int) -> None:
    """Either may come first at the exchange: its time says which; within one millisecond, the order of asking."""
    order = sent(side=OrderSide.SELL, size=D("2.6"), price=D("64136.2"))
    for number, size in enumerate(("3", "2.2"), start=1):
        order = request_amend(order, Amendment(f"r{number}", D(size), None, T * 10**9), number)
    history = [
        said(1, "0", T, "2.6", "64136.2", state=LIVE),
        said(2, "0", T, "2.2", "64136.2", done="r2"),
        said(3, "0", T + gap, "3", "64136.2", done="r1"),
    ]
    assert_always(order, history, ("3" if gap else "2.2", "64136.2"))


def test_back_and_forth_ends_where_the_last_one_says() -> None:
    history = [
        said(1, "1", T, "2.6", "64136.2"),
        said(2, "1", T, "2.2", "64020.8", done="r1"),
        said(3, "1", T, "2.6", "64136.2", done="r2"),
    ]
    assert_always(sell(("2.2", "64020.8"), ("2.6", "64136.2")), history, ("2.6", "64136.2"))


def test_an_amend_that_failed_before_one_that_was_done() -> None:
    failed = replace(said(2, "1", T, "2.6", "64136.2", done="r1"), amend_outcome=AmendOutcome.FAILED)
    history = [said(1, "1", T, "2.6", "64136.2"), failed, said(3, "1", T, "2.2", "64136.2")]
    assert_always(sell((None, "64020.8"), ("2.2", None)), history, ("2.2", "64136.2"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (said(1, "1", T, "2.6", "64136.2"), said(2, "1", T, "1.9", "64000")),
        (said(1, "1", T, "1.9", "64000"), said(2, "1", T, "2.6", "64137")),
    ],
)
def test_what_a_hand_amended_in_one_millisecond_is_decided_by_the_read(first: OrderReport, second: OrderReport) -> None:
    assert_always(sell(), [first, second], (str(second.size), str(second.price)))


def test_more_filled_is_later_whatever_the_clock_says() -> None:
    history = [said(5, "1", T, "2.6", "64136.2"), said(4, "2", T - 5_000, "2.4", "64136.2")]
    assert_always(sell(), history, ("2.4", "64136.2"))


def test_what_the_venue_changed_by_itself_after_our_amend_holds() -> None:
    """OKX shrinks what may only reduce (amendSource 4): terms that nobody here asked for."""
    history = [
        said(1, "1", T, "2.6", "64136.2"),
        said(2, "1", T, "2.2", "64020.8", done="r1"),
        said(3, "1", T, "1.5", "64020.8"),
    ]
    assert_always(sell(("2.2", "64020.8")), history, ("1.5", "64020.8"))


def test_an_amend_of_unknown_outcome_leaves_the_larger_size_possible() -> None:
    order = sell(("2.2", None), ("3.1", None))
    shrunk = arrived(order, [said(1, "1", T, "2.2", "64136.2", done="r1")])
    assert (shrunk.size, shrunk.max_possible) == (D("2.2"), D("3.1"))
    waiting = arrived(sell(("2.2", None)), [said(1, "1", T, "2.6", "64136.2")])
    assert (waiting.size, waiting.max_possible) == (D("2.6"), D("2.6"))


def test_the_same_again_leaves_no_trace() -> None:
    known = arrived(sell(), [said(1, "1", T, "2.6", "64136.2")])
    assert not apply_report(known, said(9, "1", T, "2.6", "64136.2"), 2).changed


def test_of_many_amendments_the_newest_are_remembered_and_all_are_counted() -> None:
    asked = [(None, str(64000 + number)) for number in range(ASKED_KEPT + 10)]
    order = sell(("2.2", None), *asked)
    assert len(order.asked) == ASKED_KEPT
    assert proof_of(order, f"r{ASKED_KEPT + 11}") == (ASKED_KEPT + 11, ASKED_KEPT + 11)
    last = said(1, "1", T - 60_000, "2.2", asked[-1][1] or "", done=f"r{ASKED_KEPT + 11}")
    late = said(2, "1", T, "2.2", asked[-2][1] or "")
    assert_always(order, [said(3, "1", T, "2.6", "64136.2"), last, late], ("2.2", asked[-1][1] or ""))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_any_life_told_in_any_order_ends_the_same(seed: int) -> None:
    """Fills, our amends, by-hand amends and steps of the venue's clock, drawn; each report sometimes twice."""
    draw = random.Random(seed)
    order, size, price, filled, at = sell(), D("2.6"), D("64136.2"), D(0), T
    history: list[OrderReport] = []
    for read in range(1, 8):
        done, trade = "", None
        match draw.choice(("fill", "ours", "hand")):
            case "fill":
                filled += D("0.1")
                trade = fill(read, "0.1", str(price), side=OrderSide.SELL)
            case "ours":
                size, price = D(draw.choice(("2.2", "2.4", "2.6", "3"))), D(draw.choice(("64020.8", "64136.2")))
                done = f"r{read}"
                order = request_amend(order, Amendment(done, size, price, T * 10**9), read)
            case _:
                size = D("1.9") + D(read) / 100
        at += draw.choice((0, 0, 1, 1_000))
        made = report(PARTLY if filled else LIVE, str(filled), at, size=str(size), price=str(price), fill=trade)
        outcome = AmendOutcome.DONE if done else None
        history.append(replace(made, read=read, amend_request_id=done, amend_outcome=outcome))
    end = facts(arrived(order, history))
    for _ in range(12):
        drawn = [*history, *(one for one in history if draw.random() < 0.3)]
        draw.shuffle(drawn)
        assert facts(arrived(order, drawn)) == end
