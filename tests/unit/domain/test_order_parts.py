"""An order that the venue makes several of: over with the last, whatever is heard of them first, and never short."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from app.domain.conditions import Condition
from app.domain.order_changes import apply_report
from app.domain.order_parts import awaits_word, live_ids, may_become_more
from app.domain.orders import TRIGGER_FAILED, Fill, Order, OrderReport, OrderStatus, OrderType, Source, VenueState
from tests.unit.domain.builders import D, fill, sent

WAITS = Condition(stop_loss=D(90))
PARTLY, FILLED, CANCELED = OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED, OrderStatus.CANCELED


def waiting() -> Order:
    """A market order of 5 that waits at the venue."""
    return sent(condition=WAITS, order_type=OrderType.MARKET, price=None)


def part(name: str, size: str, state: VenueState, *fills: Fill) -> OrderReport:
    """Of an order that it became, with its cumulative fill and the last execution."""
    one = fills[-1] if fills else None
    filled = sum((each.size for each in fills), D(0))
    return OrderReport("BTC-USDT", Source.STREAM, "TE1", name, state, filled, D(size), fill=one)


def whole(*made: str, why: str = "") -> OrderReport:
    """Of the one that waited: it becomes no more than these."""
    told = OrderReport("BTC-USDT", Source.STREAM, "TE1", min(made), VenueState.LIVE, size=D(5), condition=WAITS)
    return replace(told, made=made, cancel_source=why)


def folded(*reports: OrderReport) -> tuple[Order, list[str], int]:
    order, anomalies, booked = waiting(), list[str](), 0
    for now_ns, report in enumerate(reports, 1):
        applied = apply_report(order, report, now_ns)
        order = applied.order
        anomalies += applied.anomalies
        booked += len(applied.new_fills)
    return order, anomalies, booked


A = fill(1, "3", venue_order_id="a")
B = fill(2, "2", venue_order_id="b")
TWO = [part("a", "3", VenueState.LIVE), part("a", "3", VenueState.FILLED, A), part("b", "2", VenueState.FILLED, B)]
HALF = [part("a", "3", VenueState.FILLED, A), part("b", "2", VenueState.CANCELED), whole("a", "b")]
SHORT = [part("a", "3", VenueState.FILLED, A), whole("a", why=f"{TRIGGER_FAILED}:51008")]
TRIMMED = [part("a", "3", VenueState.FILLED, A), whole("a")]
LARGE = fill(3, "5", venue_order_id="c")


@pytest.mark.parametrize(
    ("reports", "status", "filled"),
    [
        ([*TWO, whole("a", "b")], FILLED, "5"),
        (TWO, FILLED, "5"),
        (HALF, CANCELED, "3"),
        (SHORT, CANCELED, "3"),
        (TRIMMED, FILLED, "3"),
        (TRIMMED[:1], PARTLY, "3"),
        ([whole("a", "b"), TWO[1]], PARTLY, "3"),
        ([part("c", "5", VenueState.FILLED, LARGE)], FILLED, "5"),
        ([part("c", "5", VenueState.CANCELED)], CANCELED, "0"),
    ],
)
def test_in_whatever_order_they_are_heard_of_it_ends_with_the_last(
    reports: list[OrderReport], status: OrderStatus, filled: str
) -> None:
    ends = [folded(*order) for order in permutations(reports)]
    for order, anomalies, booked in ends:
        assert (order.status, order.filled_size, order.accounted, anomalies) == (status, D(filled), D(filled), [])
        assert booked == len(order.fills)
    facts = {(o.status, o.parts, o.made, o.venue_order_id, o.size, tuple(sorted(o.fills))) for o, _, _ in ends}
    assert len(facts) == 1


def test_what_the_first_part_leaves_may_still_fill() -> None:
    """Or it would be traded a second time here."""
    order, _, _ = folded(TWO[1])
    assert (order.size, order.max_possible, order.max_remaining, order.settled) == (D(5), D(5), D(2), False)
    assert (may_become_more(order), awaits_word(order), live_ids(order)) == (True, True, ())
    order, _, _ = folded(TWO[1], part("b", "2", VenueState.LIVE))
    assert (may_become_more(order), awaits_word(order), live_ids(order)) == (True, False, ("b",))
    order, _, _ = folded(TWO[1], part("b", "2", VenueState.LIVE), whole("a", "b"))
    assert (may_become_more(order), awaits_word(order), live_ids(order)) == (False, False, ("b",))


def test_journals_of_before_named_its_only_order_by_that_ones_id() -> None:
    order, anomalies, _ = folded(TRIMMED[0], replace(whole("a"), made=()))
    assert (order.status, order.made, anomalies) == (FILLED, ("a",), [])
