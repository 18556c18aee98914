"""An Order is a join of reports: any order, any loss and any duplication of the same facts (INVARIANTS S3, S6)."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.order_changes import (
    ALIVE_AFTER_REFUSAL,
    CONFLICTING_FILL,
    FILL_WITHOUT_ACCEPTANCE,
    ILLEGAL_TRANSITION,
    LATE_FILL,
    OVERFILL,
    TRANSITIONS,
    UNKNOWN_STATE,
    VENUE_ID_CHANGED,
    Applied,
    apply_report,
    deny,
    mark_accepted,
    mark_never_accepted,
    mark_rejected,
    mark_unanswered,
    new_order,
    request_amend,
    settle_amend,
)
from app.domain.orders import (
    TERMINAL_STATUSES,
    Amendment,
    AmendOutcome,
    Ending,
    Fill,
    FillKey,
    Liquidity,
    Order,
    OrderReport,
    OrderStatus,
    OrderType,
    VenueState,
)
from app.domain.refusals import Refusal
from tests.unit.domain.builders import D, facts, fill, report, request, sent

V, S = VenueState, OrderStatus


@dataclass
class Fold:
    """An order and everything that its reports gave rise to."""

    order: Order
    new_fills: list[Fill]
    late_fees: list[Fill]
    anomalies: list[str]
    statuses: list[OrderStatus]


def folded(order: Order, reports: list[OrderReport] | tuple[OrderReport, ...]) -> Fold:
    fold = Fold(order, [], [], [], [order.status])
    for number, one in enumerate(reports, start=1):
        applied = apply_report(fold.order, one, number)
        fold.order = applied.order
        fold.new_fills.extend(applied.new_fills)
        fold.late_fees.extend(applied.late_fees)
        fold.anomalies.extend(applied.anomalies)
        fold.statuses.append(applied.order.status)
    return fold


# --- confluence, exhaustively ---

EVENTS = {
    "ack": report(V.LIVE, "0", 1, size="2", price="100"),
    "fill1": report(V.PARTIALLY_FILLED, "1", 2, size="2", price="100", fill=fill(1)),
    "fill2": report(None, None, 0, fill=fill(2)),
    "filled": report(V.FILLED, "2", 3, size="2", price="100", fill=fill(2)),
    "canceled": report(V.CANCELED, "1", 4, size="2", price="100"),
}


def test_every_order_of_every_subset_with_one_duplicate_gives_the_same_state() -> None:
    start = sent(size=D(2))
    runs = 0
    for count in range(len(EVENTS) + 1):
        for names in combinations(EVENTS, count):
            for extra in (None, *names):
                ends: list[Order] = []
                drawn = (*names, extra) if extra else names
                for order in set(permutations(drawn)):
                    end = folded(start, [EVENTS[name] for name in order])
                    bare = facts(end.order)
                    assert {f.key: f for f in end.new_fills} == dict(bare.fills), order
                    assert len(end.new_fills) == len(bare.fills), order
                    ends.append(bare)
                    runs += 1
                assert all(end == ends[0] for end in ends), (drawn, ends)
    assert runs > 3_000


@pytest.mark.parametrize(
    ("names", "status", "settled"),
    [
        ((), S.SENT, False),
        (("ack",), S.LIVE, False),
        (("fill1",), S.PARTIALLY_FILLED, False),
        (("ack", "canceled"), S.CANCELED, False),  # one fill was named and has not come
        (("canceled", "fill1"), S.CANCELED, True),
        (("canceled", "fill1", "fill2"), S.FILLED, True),
        (("fill1", "fill2"), S.FILLED, True),
        (("filled",), S.FILLED, False),
        (("filled", "fill1"), S.FILLED, True),
        (("filled", "canceled", "fill1"), S.FILLED, True),
        (("canceled", "filled", "ack", "fill1"), S.FILLED, True),
    ],
)
def test_what_the_facts_come_to(names: tuple[str, ...], status: OrderStatus, settled: bool) -> None:
    order = folded(sent(size=D(2)), [EVENTS[name] for name in names]).order
    assert (order.status, order.settled) == (status, settled)


# --- confluence, at random ---

TERMS = [("4", "100"), ("5", "100"), ("5", "101"), ("8", "99")]


def pending() -> Order:
    """An order with two amendments on their way."""
    order = request_amend(sent(), Amendment("r1", D(8), None, 10**9), 1)
    return request_amend(order, Amendment("r2", D(4), D(101), 3 * 10**9), 2)


def outcome_of(request_id: str) -> AmendOutcome | None:
    return {"r1": AmendOutcome.DONE, "r2": AmendOutcome.FAILED, "r3": AmendOutcome.DONE}.get(request_id)


@st.composite
def any_report(draw: st.DrawFn) -> OrderReport:
    """Anything that a venue could say, consistent or not, but for one trade id with two prices."""
    number = draw(st.sampled_from([None, 1, 2, 3]))
    told_fee = draw(st.booleans())
    execution = None
    if number is not None:
        execution = fill(number, liquidity=draw(st.sampled_from([None, Liquidity.MAKER])))
        execution = execution if told_fee else replace(execution, fee=None, fee_currency="")
    terms = draw(st.sampled_from([(None, None), *TERMS, ("5", None), (None, "100")]))
    request_id = draw(st.sampled_from(["", "", "r1", "r2", "r3"]))
    if request_id and (terms[0] is None or terms[1] is None):
        terms = TERMS[0]  # the venue's word on an amendment comes with the terms in force
    return report(
        draw(st.sampled_from([None, V.LIVE, V.PARTIALLY_FILLED, V.FILLED, V.CANCELED, V.OTHER])),
        draw(st.sampled_from([None, "0", "1", "2", "5"])),
        draw(st.integers(0, 4)),
        size=terms[0],
        price=terms[1],
        fill=execution,
        venue_order_id=draw(st.sampled_from(["", "v1", "v1", "v2"])),
        amend_request_id=request_id,
        amend_outcome=outcome_of(request_id),
        cancel_source=draw(st.sampled_from(["", "1", "20"])),
    )


def starts() -> list[Order]:
    return [
        new_order(request()),
        sent(),
        mark_unanswered(sent(), None, 5),
        mark_accepted(sent(), "v1", None, 5),
        pending(),
        mark_rejected(sent(), "51000", "no", None, 5),
        mark_never_accepted(mark_unanswered(sent(), None, 5), "absent", 6),
    ]


@settings(max_examples=400)
@given(st.data())
def test_any_reports_in_any_order_with_any_duplicates_give_the_same_state(data: st.DataObject) -> None:
    start = data.draw(st.sampled_from(starts()))
    reports = data.draw(st.lists(any_report(), max_size=6))
    again = data.draw(st.lists(st.sampled_from(reports), max_size=3)) if reports else []
    shuffled = data.draw(st.permutations([*reports, *again]))
    one, other = folded(start, reports), folded(start, shuffled)
    assert facts(one.order) == facts(other.order)
    assert sorted(f.key for f in one.new_fills) == sorted(f.key for f in other.new_fills)
    paid_once = [f.key for f in (*other.new_fills, *other.late_fees) if f.fee is not None]
    assert sorted(paid_once) == sorted(key for key, f in other.order.fills.items() if f.fee is not None)


@settings(max_examples=200)
@given(st.data())
def test_a_repeated_report_changes_nothing(data: st.DataObject) -> None:
    order = folded(data.draw(st.sampled_from(starts())), data.draw(st.lists(any_report(), max_size=4))).order
    one = data.draw(any_report())
    first = apply_report(order, one, 50)
    second = apply_report(first.order, one, 60)
    assert second == Applied(first.order, (), (), False, second.anomalies)
    assert second.order.updated_ns == first.order.updated_ns


# --- against a venue's true history ---


@dataclass
class History:
    """What really happened to one order, and every report that the venue could give of it."""

    order: Order
    reports: list[OrderReport]
    filled: int
    size: int


def history(rng: random.Random) -> History:
    """A limit order that fills, is amended or canceled, as a venue with exact reports would tell it."""
    order, size, filled, at = sent(), 5, 0, 1
    reports = [report(V.LIVE, "0", at, size="5", price="100")]
    for number in range(1, rng.randint(1, 6)):
        at += rng.choice([0, 1])  # two events may carry the same millisecond
        step = rng.choice(["fill", "fill", "amend", "cancel", "refused amend"])
        if step == "fill":
            executed = rng.randint(1, size - filled)
            filled += executed
            state = V.FILLED if filled == size else V.PARTIALLY_FILLED
            execution = fill(number, str(executed))
            reports.append(report(state, str(filled), at, size=str(size), price="100", fill=execution))
            reports.append(report(None, None, 0, fill=execution, client_order_id=""))
        elif step == "cancel":
            reports.append(report(V.CANCELED, str(filled), at, size=str(size), price="100"))
            return History(order, reports, filled, size)
        else:
            wanted = rng.randint(filled + 1, filled + 6)
            order = request_amend(order, Amendment(f"r{number}", D(wanted), None, at), at)
            done = step == "amend"
            at += 1
            size = wanted if done else size
            state = V.PARTIALLY_FILLED if filled else V.LIVE
            result = AmendOutcome.DONE if done else AmendOutcome.FAILED
            said = report(state, str(filled), at, size=str(size), price="100")
            reports.append(replace(said, amend_request_id=f"r{number}", amend_outcome=result))
        if filled == size:
            break
    return History(order, reports, filled, size)


@settings(max_examples=400)
@given(st.integers(0, 2**32 - 1), st.data())
def test_a_true_history_is_found_out_and_never_underestimated(seed: int, data: st.DataObject) -> None:
    rng = random.Random(seed)
    truth = history(rng)
    heard = [one for one in truth.reports if rng.random() < 0.7]
    rng.shuffle(heard)
    fold = folded(truth.order, heard)
    order = fold.order
    # The worst case covers what the venue has really filled, whatever was lost on the way (INVARIANTS S4).
    assert order.filled + order.max_remaining >= truth.filled
    assert order.filled <= truth.filled
    if order.settled:
        assert order.filled == truth.filled
    rng.shuffle(truth.reports)
    end = folded(order, truth.reports)
    assert end.order.filled == end.order.reported_filled == truth.filled
    assert end.order.size == truth.size
    assert end.order.amendments == ()
    assert not [a for a in (*fold.anomalies, *end.anomalies) if a != LATE_FILL], (fold.anomalies, end.anomalies)
    if truth.filled == truth.size:
        assert (end.order.status, end.order.settled) == (S.FILLED, True)


def test_canceled_at_a_size_that_an_unheard_amendment_had_raised_is_found_to_be_canceled() -> None:
    order = request_amend(sent(), Amendment("down", D(3), None, 1), 1)
    order = request_amend(order, Amendment("up", D(5), None, 3), 3)
    fold = folded(
        order,
        [
            report(V.LIVE, "0", 2, size="3", price="100", amend_request_id="down", amend_outcome=AmendOutcome.DONE),
            report(V.PARTIALLY_FILLED, "4", 5, size="5", price="100", fill=fill(1, "4")),
            report(V.CANCELED, "4", 5, size="5", price="100"),
            report(V.LIVE, "0", 4, size="5", price="100", amend_request_id="up", amend_outcome=AmendOutcome.DONE),
        ],
    )
    assert (fold.statuses[-2:], fold.order.size) == ([S.FILLED, S.CANCELED], D(5))
    assert fold.anomalies == []


# --- what should not happen, named ---


@pytest.mark.parametrize(
    ("start", "said", "anomaly", "status"),
    [
        ("canceled", report(fill=fill(1)), LATE_FILL, S.CANCELED),
        ("canceled", report(V.LIVE, "0", 1, size="5", price="100"), None, S.CANCELED),
        ("rejected", report(fill=fill(1)), FILL_WITHOUT_ACCEPTANCE, S.REJECTED),
        ("rejected", report(V.LIVE), ALIVE_AFTER_REFUSAL, S.REJECTED),
        ("never accepted", report(V.LIVE), ALIVE_AFTER_REFUSAL, S.NEVER_ACCEPTED),
        ("never accepted", report(fill=fill(1)), FILL_WITHOUT_ACCEPTANCE, S.NEVER_ACCEPTED),
        ("denied", report(fill=fill(1)), FILL_WITHOUT_ACCEPTANCE, S.DENIED),
        ("live", report(fill=fill(1, "6")), OVERFILL, S.FILLED),
        ("live", report(V.PARTIALLY_FILLED, "6"), OVERFILL, S.FILLED),
        ("live", report(V.OTHER), UNKNOWN_STATE, S.LIVE),
        ("live", report(venue_order_id="v2"), VENUE_ID_CHANGED, S.LIVE),
        ("part", report(fill=fill(1, price="99")), CONFLICTING_FILL, S.PARTIALLY_FILLED),
        ("part", report(fill=fill(1)), None, S.PARTIALLY_FILLED),
        ("pending", report(V.LIVE), f"{ILLEGAL_TRANSITION}:pending->live", S.LIVE),
        ("amending to 8", report(fill=fill(2, "6")), None, S.PARTIALLY_FILLED),
        ("amending to 8", report(fill=fill(2, "9")), OVERFILL, S.FILLED),
    ],
)
def test_anomalies(start: str, said: OrderReport, anomaly: str | None, status: OrderStatus) -> None:
    live = mark_accepted(sent(), "v1", None, 1)
    order = {
        "live": live,
        "pending": new_order(request()),
        "denied": deny(new_order(request()), (Refusal("x", "f", "v", "r"),), 1),
        "canceled": apply_report(live, report(V.CANCELED, "0"), 2).order,
        "rejected": mark_rejected(sent(), "51008", "no money", None, 1),
        "never accepted": mark_never_accepted(mark_unanswered(sent(), None, 1), "absent", 2),
        "part": apply_report(live, report(fill=fill(1)), 2).order,
        "amending to 8": request_amend(live, Amendment("r1", D(8), None, 1), 1),
    }[start]
    applied = apply_report(order, said, 3)
    assert applied.anomalies == ((anomaly,) if anomaly else ())
    assert applied.order.status is status


def test_a_fill_that_beat_the_cancel_completes_the_order() -> None:
    fold = folded(sent(size=D(2)), [EVENTS["canceled"], EVENTS["fill1"], EVENTS["fill2"]])
    assert fold.statuses == [S.SENT, S.CANCELED, S.CANCELED, S.FILLED]
    assert fold.anomalies == [LATE_FILL]
    assert (fold.order.ending, fold.order.filled, fold.order.average_price) == (Ending.CANCELED, D(2), D(100))


def test_filled_without_a_size_waits_for_its_fills() -> None:
    order = apply_report(sent(order_type=OrderType.MARKET, price=None), report(V.FILLED), 1).order
    assert (order.status, order.settled) == (S.FILLED, False)


# --- amendments ---

AMEND = Amendment("r1", D(8), D(101), 10)


@pytest.mark.parametrize(
    ("outcome", "size", "price"),
    [(AmendOutcome.DONE, "8", "101"), (AmendOutcome.FAILED, "5", "100"), (AmendOutcome.CANCELED, "5", "100")],
)
def test_an_answered_amendment(outcome: AmendOutcome, size: str, price: str) -> None:
    order = request_amend(mark_accepted(sent(), "v1", None, 1), AMEND, 10)
    assert (order.max_possible, order.status) == (D(8), S.LIVE)
    after = settle_amend(order, "r1", outcome, 11)
    assert (after.size, after.price, after.amendments) == (D(size), D(price), ())
    assert after.max_possible == D(size)
    assert settle_amend(after, "r1", AmendOutcome.DONE, 12).size == after.size


def test_terms_of_the_venue_outlive_an_older_amendment() -> None:
    order = request_amend(mark_accepted(sent(), "v1", None, 1), AMEND, 10)
    order = apply_report(order, report(V.LIVE, "0", 20, size="6", price="102"), 11).order
    assert settle_amend(order, "r1", AmendOutcome.DONE, 12).size == D(6)


def test_an_order_filled_while_it_is_being_enlarged_is_not_over() -> None:
    order = request_amend(mark_accepted(sent(), "v1", None, 1), AMEND, 10)
    order = apply_report(order, report(fill=fill(1, "5")), 11).order
    assert (order.status, order.terminal, order.settled, order.max_remaining) == (
        S.PARTIALLY_FILLED,
        False,
        False,
        D(3),
    )
    refused = settle_amend(order, "r1", AmendOutcome.FAILED, 12)
    assert (refused.status, refused.settled, refused.max_remaining) == (S.FILLED, True, D(0))


# --- what may still come ---


@pytest.mark.parametrize(
    ("reports", "possible", "remaining"),
    [
        ([], "5", "5"),
        ([report(V.LIVE, "0")], "5", "5"),
        ([report(V.PARTIALLY_FILLED, "2")], "5", "5"),  # the two are not in the position yet
        ([report(V.PARTIALLY_FILLED, "2", fill=fill(1, "2"))], "5", "3"),
        ([report(V.LIVE, "0", 1, size="7", price="100")], "7", "7"),
        ([report(V.LIVE, "0", 1, size="3", price="100")], "3", "3"),
        ([report(V.CANCELED, "0")], "0", "0"),
        ([report(V.CANCELED, "2")], "2", "2"),
        ([report(V.CANCELED, "2", fill=fill(1, "2"))], "2", "0"),
        ([report(V.FILLED, "5", fill=fill(1, "2"))], "5", "3"),
        ([report(V.FILLED, "5", fill=fill(1, "5"))], "5", "0"),
    ],
)
def test_max_possible(reports: list[OrderReport], possible: str, remaining: str) -> None:
    for start in (sent(), mark_unanswered(sent(), None, 1)):
        order = folded(start, reports).order
        assert (order.max_possible, order.max_remaining) == (D(possible), D(remaining))


def test_max_possible_of_what_never_worked() -> None:
    assert deny(new_order(request()), (Refusal("x", "f", "v", "r"),), 1).max_possible == 0
    assert mark_rejected(sent(), "1", "no", None, 1).max_possible == 0
    assert mark_never_accepted(sent(), "absent", 1).max_possible == 0
    assert mark_unanswered(sent(), None, 1).max_possible == 5
    assert new_order(request()).max_possible == 5


# --- the table ---


def test_transitions_cover_every_status_and_ends_stay_ended() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)
    real = {(S.CANCELED, S.FILLED), (S.FILLED, S.PARTIALLY_FILLED)}  # late fill; an enlargement heard of late
    leaving = {(old, new) for old in TERMINAL_STATUSES for new in TRANSITIONS[old]}
    assert leaving == real


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (lambda o: deny(o, (Refusal("x", "f", "v", "r"),), 1), S.PENDING, S.DENIED),
        (lambda o: mark_unanswered(o, None, 1), S.PENDING, S.UNKNOWN),
        (lambda o: mark_unanswered(o, None, 1), S.SENT, S.UNKNOWN),
        (lambda o: mark_accepted(o, "v1", 1, 1), S.SENT, S.LIVE),
        (lambda o: mark_accepted(o, "v1", 1, 1), S.UNKNOWN, S.LIVE),
        (lambda o: mark_rejected(o, "1", "no", 1, 1), S.SENT, S.REJECTED),
        (lambda o: mark_never_accepted(o, "absent", 1), S.UNKNOWN, S.NEVER_ACCEPTED),
    ],
)
def test_our_own_acts_keep_to_the_table(change, before: OrderStatus, after: OrderStatus) -> None:  # type: ignore[no-untyped-def]
    start = {S.PENDING: new_order(request()), S.SENT: sent(), S.UNKNOWN: mark_unanswered(sent(), None, 1)}[before]
    assert start.status is before
    assert change(start).status is after
    assert after in TRANSITIONS[before]


def test_a_late_fee_is_told_once() -> None:
    bare = replace(fill(1), fee=None, fee_currency="")
    first, later = report(fill=bare), report(fill=fill(1))
    fold = folded(sent(), [first, later, later, first])
    key: FillKey = fill(1).key
    assert (fold.new_fills, fold.late_fees, fold.order.fills[key]) == ([bare], [fill(1)], fill(1))
