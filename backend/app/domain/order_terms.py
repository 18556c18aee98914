"""Which size and price of an order are in force, when reports of several come in any order of arrival.

Decided by evidence, in this order: how many of our amendments a report proves done, its cumulative fill, the venue's
time, the serial number of the read. Never by size: a venue may do two things in one millisecond, and its clock may
step back.
"""

from dataclasses import replace
from decimal import Decimal

from app.domain.evolve import evolve
from app.domain.money import ZERO
from app.domain.orders import Amendment, AmendOutcome, Order, OrderReport

ASKED_KEPT = 32
"""Amendments of one order whose terms are remembered, to recognise a late report that still shows them."""

Terms = tuple[Decimal, Decimal | None]
"""(size, price)."""

Proof = tuple[int, int]
"""(how many of our amendments were done at least, which of them was the last), counted from 1.

An amendment that was asked for after others were decided came after them; of two that were under way together either
may have come first, and the second says nothing of the first: fill and time come before the order of asking.
"""


def terms_of(order: Order, report: OrderReport) -> Terms | None:
    """What a report says of size and price; None unless both: half of them could not be joined in any order."""
    if report.size is None or (report.price is None and order.request.order_type.has_price):
        return None
    return report.size, report.price if order.request.order_type.has_price else order.price


def join_terms(order: Order, report: OrderReport) -> Order:
    terms = terms_of(order, report)
    if terms is None:
        return order
    done, asked = _proved(order, report, terms)
    weight = (done, report.filled or ZERO, report.venue_time_ns, asked)
    known = (order.terms_done, order.terms_filled, order.terms_ns, order.terms_asked)
    if terms == (order.size, order.price):
        if weight == known and 0 < report.read < order.terms_read:
            # The same, read earlier: what counts is when it was first read.
            return evolve(order, terms_read=report.read)
        if weight <= known:
            return order
    elif (weight, report.read, _comparable(terms)) <= (known, order.terms_read, _comparable((order.size, order.price))):
        return order
    return evolve(
        order,
        size=terms[0],
        price=terms[1],
        terms_ns=report.venue_time_ns,
        terms_done=done,
        terms_filled=weight[1],
        terms_asked=asked,
        terms_read=report.read,
    )


def join_terms_by_time(order: Order, report: OrderReport) -> Order:
    """As releases joined them that did not number their reads: for their journals, which must fold as they were."""
    terms = terms_of(order, report)
    if terms is None:
        return order
    known = (order.terms_ns, *_comparable((order.size, order.price)))
    if (report.venue_time_ns, *_comparable(terms)) <= known:
        return order
    return evolve(order, size=terms[0], price=terms[1], terms_ns=report.venue_time_ns)


def remember_asked(order: Order, amendment: Amendment) -> Order:
    """Keep what an amendment asks for; what falls out of memory is merged into the oldest that is kept."""
    asked = (*order.asked, (len(order.settled_amendments) + 1, amendment))
    if len(asked) <= ASKED_KEPT:
        return evolve(order, asked=asked)
    gone, (done, oldest) = asked[0][1], asked[1]
    merged = replace(
        oldest,
        size=gone.size if oldest.size is None else oldest.size,
        price=gone.price if oldest.price is None else oldest.price,
    )
    return evolve(order, asked=((done, merged), *asked[2:]), asked_before=order.asked_before + 1)


def proof_of(order: Order, request_id: str) -> Proof | None:
    """What it proves that one of our amendments is done; None when it is not remembered."""
    for place, (done, amendment) in enumerate(order.asked, order.asked_before + 1):
        if amendment.request_id == request_id:
            return done, place
    return None


def _proved(order: Order, report: OrderReport, terms: Terms) -> Proof:
    """What was done when the venue said this.

    By the request that it answers; else by its terms, the fewest amendments that give them. Terms that we never asked
    for are somebody else's doing, after the last of ours as far as anybody can tell: then fill, time and read decide.
    """
    proof = proof_of(order, report.amend_request_id) if report.amend_outcome is AmendOutcome.DONE else None
    reached: Terms = (order.request.size, order.request.price)
    if proof is not None or terms == reached:
        return proof or (0, 0)
    shown: Proof | None = None
    for place, (done, amendment) in enumerate(order.asked, order.asked_before + 1):
        reached = (
            reached[0] if amendment.size is None else amendment.size,
            reached[1] if amendment.price is None else amendment.price,
        )
        if terms == reached:
            return done, place
        if amendment.size in (None, terms[0]) and amendment.price in (None, terms[1]):
            # One before it may have failed.
            shown = done, place
    if shown is not None or not order.asked:
        return shown or (0, 0)
    return order.asked[-1][0], order.asked_before + len(order.asked)


def _comparable(terms: Terms) -> tuple[Decimal, Decimal]:
    return terms[0], terms[1] or ZERO
