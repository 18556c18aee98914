"""How an Order changes: our own acts and the venue's reports, as pure functions of (order, fact, time).

apply_report is a join: any order and any duplication of the same reports gives the same state. What should not
happen is not refused but named in `anomalies`, because a fill is money whatever the state (INVARIANTS S3, S6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from app.domain.evolve import evolve
from app.domain.money import ZERO
from app.domain.order_parts import ending_of, join_parts, of_a_part, sets_terms
from app.domain.order_terms import join_terms, join_terms_by_time, proof_of, remember_asked, terms_of
from app.domain.orders import (
    ENDING_RANK,
    FORCED_CATEGORIES,
    NEVER_THERE,
    NORMAL,
    Amendment,
    AmendOutcome,
    Ending,
    Fill,
    Order,
    OrderReport,
    OrderRequest,
    OrderStatus,
    VenueState,
)
from app.domain.refusals import Refusal, RefusalClass

_S = OrderStatus
_OPEN_NEXT = frozenset({_S.LIVE, _S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELED})

TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = MappingProxyType(
    {
        _S.PENDING: frozenset({_S.DENIED, _S.SENT, _S.UNKNOWN, _S.NOT_SENT}),
        # A report may overtake the reply to its own send, so SENT goes wherever LIVE may go.
        _S.SENT: _OPEN_NEXT | {_S.REJECTED, _S.UNKNOWN, _S.NOT_SENT},
        _S.UNKNOWN: _OPEN_NEXT | {_S.NEVER_ACCEPTED, _S.REJECTED, _S.NOT_SENT},
        _S.LIVE: _OPEN_NEXT - {_S.LIVE},
        # An amend to the filled size completes the order; one above it reopens nothing that was filled.
        _S.PARTIALLY_FILLED: frozenset({_S.FILLED, _S.CANCELED}),
        _S.DENIED: frozenset(),
        # All of it filled as ordered, then a larger size turns out to be in force (amend acknowledged late).
        _S.FILLED: frozenset({_S.PARTIALLY_FILLED}),
        # Real: the last fill can be reported after the cancel that it beat.
        _S.CANCELED: frozenset({_S.FILLED}),
        _S.REJECTED: frozenset(),
        _S.NEVER_ACCEPTED: frozenset(),
        _S.NOT_SENT: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Applied:
    """The order after a report, the fills that were new, the known fills that now have their fee, and what should not
    have happened (codes, see below). forced: the fill that this report shows to be forced by the venue."""

    order: Order
    new_fills: tuple[Fill, ...]
    late_fees: tuple[Fill, ...]
    changed: bool
    anomalies: tuple[str, ...]
    forced: Fill | None = None


OVERFILL = "overfill"
LATE_FILL = "late_fill"
FILL_WITHOUT_ACCEPTANCE = "fill_without_acceptance"
ALIVE_AFTER_REFUSAL = "alive_after_refusal"
ILLEGAL_TRANSITION = "illegal_transition"
UNKNOWN_STATE = "unknown_state"
CONFLICTING_FILL = "conflicting_fill"
VENUE_ID_CHANGED = "venue_order_id_changed"
UNUSUAL_CATEGORY = "unusual_category"

BROKEN_VENUE_ASSUMPTIONS = frozenset({OVERFILL, FILL_WITHOUT_ACCEPTANCE, ALIVE_AFTER_REFUSAL, CONFLICTING_FILL})
"""Anomalies that break an assumption about the venue (INVARIANTS X1, X3, X5, X8) and set the kill switch."""


def new_order(request: OrderRequest, *, exit: bool = False, protects: bool = False) -> Order:
    return Order(
        request=request,
        size=request.size,
        price=request.price,
        updated_ns=request.created_ns,
        exit=exit,
        protects=protects,
        condition=request.condition,
    )


def deny(order: Order, reasons: Sequence[Refusal], now_ns: int) -> Order:
    """Refused by risk or the gate before its intent was durable; in earlier journals also between commit and send."""
    return evolve(
        order,
        ending=Ending.DENIED,
        reasons=tuple(reasons),
        error_code=reasons[0].check,
        error_message="; ".join(map(str, reasons)),
        completed_ns=now_ns,
        updated_ns=now_ns,
    )


def mark_sent(order: Order) -> Order:
    """Its bytes are with the transport; when that was is told with the answer."""
    return evolve(order, sent=True)


def mark_unanswered(order: Order, sent_ns: int | None, now_ns: int) -> Order:
    """The send has no definite answer (timeout, lost connection, crash): UNKNOWN until the venue's evidence ends it."""
    return evolve(order, sent=True, unanswered=True, sent_ns=order.sent_ns or sent_ns, updated_ns=now_ns)


def mark_accepted(order: Order, venue_order_id: str, sent_ns: int | None, now_ns: int) -> Order:
    return evolve(
        order,
        sent=True,
        acknowledged=True,
        venue_order_id=order.venue_order_id or venue_order_id,
        sent_ns=order.sent_ns or sent_ns,
        acknowledged_ns=order.acknowledged_ns or now_ns,
        updated_ns=now_ns,
    )


def mark_rejected(
    order: Order, code: str, message: str, sent_ns: int | None, now_ns: int, refusal: RefusalClass | None = None
) -> Order:
    """refusal: None where nobody said of which class it is, as in journals of earlier versions."""
    refused = evolve(
        order,
        sent=True,
        sent_ns=order.sent_ns or sent_ns,
        error_code=code,
        error_message=message,
        refusal=refusal,
    )
    return _end(refused, Ending.REJECTED, now_ns)


def mark_not_sent(
    order: Order,
    code: str,
    message: str,
    now_ns: int,
    refusal: RefusalClass | None,
    reasons: Sequence[Refusal] = (),
) -> Order:
    """Decided and durable, and nothing of it left this process. reasons: those of our own last look; the code and the
    message of whatever else kept it (a rate, a connection)."""
    said = code or Ending.NOT_SENT.value
    kept = evolve(order, sent=False, error_code=said, error_message=message, refusal=refusal, reasons=tuple(reasons))
    return _end(kept, Ending.NOT_SENT, now_ns)


def mark_never_accepted(order: Order, evidence: str, now_ns: int) -> Order:
    """Closed by proof of absence (server time past expTime and margin, absent everywhere), never by time alone."""
    return _end(evolve(order, error_code="never_accepted", error_message=evidence), Ending.NEVER_ACCEPTED, now_ns)


def mark_filled_before(order: Order, size: Decimal, now_ns: int) -> Order:
    """At least `size` of it had filled before the ledger began, by the venue's own record; the largest said holds."""
    return evolve(order, filled_before=max(order.filled_before, size), updated_ns=now_ns)


def request_cancel(order: Order, now_ns: int) -> Order:
    return evolve(order, cancel_requested=True, updated_ns=now_ns)


def request_amend(order: Order, amendment: Amendment, now_ns: int, *, remembered: bool = True) -> Order:
    """remembered: not so in journals of releases that did not keep what was asked for."""
    if remembered:
        order = remember_asked(order, amendment)
    return evolve(order, amendments=(*order.amendments, amendment), updated_ns=now_ns)


def settle_amend(order: Order, request_id: str, outcome: AmendOutcome, now_ns: int) -> Order:
    """The venue decided an amendment; done makes its terms the order's, unless a later one is known to be done."""
    found = next((a for a in order.amendments if a.request_id == request_id), None)
    settled = evolve(
        order,
        amendments=tuple(a for a in order.amendments if a.request_id != request_id),
        settled_amendments=order.settled_amendments | {request_id},
        updated_ns=now_ns,
    )
    if found is None or outcome is not AmendOutcome.DONE:
        return settled
    proof, known = proof_of(order, request_id), (order.terms_done, order.terms_asked)
    if order.terms_ns > found.requested_ns if proof is None else proof <= known:
        return settled
    done, asked = proof or known
    size, price = found.size or order.size, found.price or order.price
    return evolve(settled, size=size, price=price, terms_done=done, terms_asked=asked)


def apply_report(order: Order, report: OrderReport, now_ns: int, *, by_time: bool = False) -> Applied:
    """Join one venue report into the order.

    The result is the same for any order and duplication of the same reports, except for our own clock's stamps
    (updated_ns and the like), which only say when we learned. by_time: see join_terms_by_time.
    """
    anomalies: list[str] = []
    before = order.status
    after, new_fills, late_fees = _join_fill(order, report, anomalies)
    after = join_parts(after, report)
    after = _join_facts(after, report, now_ns, anomalies)
    if sets_terms(after, report):
        after = join_terms_by_time(after, report) if by_time else join_terms(after, report)
    after = _join_condition(after, report)
    after = _join_amend(after, report, now_ns)
    after = _join_ending(after, report, now_ns)
    anomalies.extend(_contradictions(order, after, report, new_fills))
    status = after.status
    # Of others' orders the size may be guessed from a first fill, and what followed from it with it.
    guessed = order.request.external and order.ending is None
    # Canceled, and taken for filled by an earlier size: a later amendment is found to be done, which made it larger.
    corrected = before is OrderStatus.FILLED and order.ending is Ending.CANCELED and after.size > order.size
    if status is not before and status not in TRANSITIONS[before] and not (new_fills or guessed or corrected):
        anomalies.append(f"{ILLEGAL_TRANSITION}:{before}->{status}")
    changed = after is not order
    completed = after.completed_ns or (now_ns if status.terminal else None)
    if changed and (after.updated_ns, after.completed_ns) != (now_ns, completed):
        after = evolve(after, updated_ns=now_ns, completed_ns=completed)
    return Applied(after, new_fills, late_fees, changed, tuple(anomalies), _forced(order, after, report))


def _join_fill(
    order: Order, report: OrderReport, anomalies: list[str]
) -> tuple[Order, tuple[Fill, ...], tuple[Fill, ...]]:
    fill = report.fill
    if fill is None:
        return order, (), ()
    known = order.fills.get(fill.key)
    if known is None:
        if _is_unusual(order, fill):
            anomalies.append(f"{UNUSUAL_CATEGORY}:{fill.category}")
        joined = evolve(
            order,
            fills=MappingProxyType({**order.fills, fill.key: fill}),
            filled=order.filled + fill.size,
            cost=order.cost + fill.price * fill.size,
            sent=True,
            acknowledged=True,
        )
        return joined, (fill,), ()
    if (known.price, known.size, known.side) != (fill.price, fill.size, fill.side):
        anomalies.append(CONFLICTING_FILL)
        return order, (), ()
    category = max(known.category, fill.category, key=_telling)
    fuller = replace(known, liquidity=known.liquidity or fill.liquidity, category=category)
    if known.fee is None and fill.fee is not None:
        fuller = replace(fuller, fee=fill.fee, fee_currency=fill.fee_currency)
    if fuller == known:
        return order, (), ()
    charged = (fuller,) if known.fee is None and fuller.fee is not None else ()
    return evolve(order, fills=MappingProxyType({**order.fills, fill.key: fuller})), (), charged


def _telling(category: str) -> tuple[bool, bool, str]:
    """Ways tell the category of one fill with more or less detail; which is the more telling, whichever came first."""
    return category in FORCED_CATEGORIES, category != NORMAL, category


def _is_unusual(order: Order, fill: Fill) -> bool:
    """Whether an order of ours is executed under a word that nobody here has a use for, told once for an order."""
    usual = order.request.external or fill.forced or fill.category == NORMAL
    return not usual and all(known.category != fill.category for known in order.fills.values())


def _forced(before: Order, after: Order, report: OrderReport) -> Fill | None:
    if report.fill is None or (now := after.fills.get(report.fill.key)) is None or not now.forced:
        return None
    was = before.fills.get(now.key)
    return now if was is None or not was.forced else None


def _join_facts(order: Order, report: OrderReport, now_ns: int, anomalies: list[str]) -> Order:
    venue_order_id = report.venue_order_id or (report.fill.venue_order_id if report.fill else "")
    if venue_order_id and order.venue_order_id and venue_order_id != order.venue_order_id:
        if order.request.condition is None:
            anomalies.append(VENUE_ID_CHANGED)
        venue_order_id = min(venue_order_id, order.venue_order_id)
    venue_order_id = venue_order_id or order.venue_order_id
    if report.state is VenueState.OTHER:
        anomalies.append(UNKNOWN_STATE)
    evidence = report.state is not None or report.fill is not None
    filled = report.filled
    if of_a_part(order, report):
        filled = sum((part.filled for part in order.parts), ZERO)
    reported = max(order.reported_filled, filled or order.reported_filled)
    if (
        venue_order_id == order.venue_order_id
        and reported == order.reported_filled
        and (order.acknowledged or not evidence)
        and (order.acknowledged_ns is not None or not evidence)
    ):
        return order
    return evolve(
        order,
        sent=order.sent or evidence,
        acknowledged=order.acknowledged or evidence,
        acknowledged_ns=order.acknowledged_ns or (now_ns if evidence else None),
        venue_order_id=venue_order_id,
        reported_filled=reported,
    )


def _join_amend(order: Order, report: OrderReport, now_ns: int) -> Order:
    request_id = report.amend_request_id
    if not request_id or report.amend_outcome is None or request_id in order.settled_amendments:
        return order
    settled = settle_amend(order, request_id, report.amend_outcome, now_ns)
    if terms_of(order, report) is not None and sets_terms(order, report):
        # The report's own terms have been joined; ours come in the order of arrival.
        kept = {"terms_done": order.terms_done, "terms_asked": order.terms_asked}
        return evolve(settled, size=order.size, price=order.price, **kept)
    return settled


def _join_condition(order: Order, report: OrderReport) -> Order:
    """The one that the venue told of last."""
    told = report.condition
    if told is None or order.condition is None:
        return order
    if (report.venue_time_ns, told.key) <= (order.condition_ns, order.condition.key):
        return order
    return evolve(order, condition=told, condition_ns=report.venue_time_ns)


def _join_ending(order: Order, report: OrderReport, now_ns: int) -> Order:
    if report.state is VenueState.CANCELED or report.made:
        cancel_source = max(order.cancel_source, report.cancel_source)
        if cancel_source != order.cancel_source:
            order = evolve(order, cancel_source=cancel_source)
    if of_a_part(order, report) or (report.condition is not None and order.made):
        ending = ending_of(order)
        return order if ending is None else _end(order, ending, now_ns)
    if report.state is VenueState.CANCELED:
        order = _end(order, Ending.CANCELED, now_ns)
    if report.state is VenueState.FILLED:
        order = _end(order, Ending.FILLED, now_ns)
    return order


def _end(order: Order, ending: Ending, now_ns: int) -> Order:
    if order.ending is not None and ENDING_RANK[order.ending] <= ENDING_RANK[ending]:
        return order
    return evolve(order, ending=ending, completed_ns=order.completed_ns or now_ns, updated_ns=now_ns)


_ALIVE = frozenset({VenueState.LIVE, VenueState.PARTIALLY_FILLED, VenueState.FILLED})


def _contradictions(before: Order, after: Order, report: OrderReport, new_fills: tuple[Fill, ...]) -> list[str]:
    found: list[str] = []
    if (
        # What others asked for is not known for sure: they may have enlarged it since.
        not before.request.external
        and after.filled_size > max(_largest_asked(before), _largest_asked(after))
        and after.filled_size > before.filled_size
    ):
        found.append(OVERFILL)
    refused = before.ending in NEVER_THERE
    if new_fills and refused:
        found.append(FILL_WITHOUT_ACCEPTANCE)
    elif new_fills and before.ending is Ending.CANCELED and before.settled:
        found.append(LATE_FILL)
    elif refused and after is not before and (report.state in _ALIVE or report.filled):
        found.append(ALIVE_AFTER_REFUSAL)
    return found


def _largest_asked(order: Order) -> Decimal:
    """The largest size that was asked for or is in force: a fill beyond it was never ours to expect."""
    return max([order.request.size, order.size, *(a.size for a in order.amendments if a.size is not None)])
