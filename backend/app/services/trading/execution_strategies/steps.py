"""What all policies share: how a parent ends, how its open children are brought in, and how a child crosses or rests.

Pure functions of (progress, market, time). A policy decides when and how much; these decide how it is done safely.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.child_views import ChildView
from app.domain.money import ONE, ZERO, plain
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.domain.parents import Cancel, Done, ParentStatus, Place, Progress, Step, Wait
from app.domain.refusals import RefusalClass
from app.domain.slicing import part_size
from app.market_data.view import BookView, MarketView

NS_PER_SECOND = 1_000_000_000
T_END_NS = 30 * NS_PER_SECOND
"""A parent with an end is over, one way or another, this long after it (INVARIANTS L5), or after the first look at it
where nobody looked then."""
SWEEP_NS = 20 * NS_PER_SECOND
"""How long after its end a parent goes on crossing for what is left."""
PACE_NS = NS_PER_SECOND
"""At least this long between two crossing children: a thin book needs time to refill."""
SWEEP_PACE_NS = PACE_NS // 2
RECANCEL_NS = 5 * NS_PER_SECOND
RECANCEL_MAX_NS = 60 * NS_PER_SECOND
BACKOFF_NS = NS_PER_SECOND // 2
BACKOFF_SHARE = 50
BACKOFF_LEAST_NS = 10 * NS_PER_SECOND
BACKOFF_MOST_NS = 60 * NS_PER_SECOND
"""The longest pause after a failure is this share of the parent's window, within these two. After the window it is the
least, which with its jitter fits into the sweep: what passes late is still noticed."""
FAILURES_MAX = 5
"""So many children in a row that were taken from the book by others lay the parent aside."""
PASSING_MAX = 1_000
"""So many refusals in a row lay the parent aside, though each of them would pass; its window normally ends before."""
BOOKED_NS = 2 * NS_PER_SECOND
"""So long after its start a parent waits for the first of what it is to take."""
BOUND_RECHECK_NS = NS_PER_SECOND
HALVINGS_MAX = 6
"""A crossing child comes so often half as near to the far touch, and no nearer."""


def envelope(
    progress: Progress,
    now_ns: int,
    when_nothing_is_there: ParentStatus = ParentStatus.FAILED,
    standing_max: int = 1,
    *,
    watches: bool = False,
) -> Step | None:
    """What comes before any strategy's own view: ends, overfill, pause, refusals. None: the strategy decides.

    standing_max: after so many refusals in a row by the exchange that stand the parent is laid aside. watches: it
    places nothing yet, and does not mind that other orders hold what is there.
    """
    parent = progress.parent
    filled = progress.filled
    if filled > parent.size or progress.unplaced < 0:
        reason = f"overfilled: {plain(max(filled, progress.committed))} of {plain(parent.size)}; nothing is reversed"
        return conclude(progress, ParentStatus.FAILED, reason, now_ns)
    if filled == parent.size and not progress.open_children:
        return Done(ParentStatus.COMPLETED, _all_filled(progress))
    if progress.is_gone and not progress.open_children:
        return _gone(progress, now_ns, when_nothing_is_there)
    if progress.is_dust and not progress.open_children:
        reason = f"{plain(progress.unplaced)} left, below the minimum {plain(progress.instrument.min_size)}"
        status = ParentStatus.COMPLETED_WITH_DUST if filled else ParentStatus.FAILED
        return Done(status, f"{reason}{_unspent(progress)}")
    late = parent.deadline_ns is not None and now_ns >= parent.deadline_ns + T_END_NS
    if late and progress.open_children and now_ns >= progress.driven_ns + T_END_NS:
        return _given_up(progress)
    if parent.status is ParentStatus.CANCELING:
        return conclude(progress, ParentStatus.CANCELED, parent.reason or "canceled", now_ns)
    if parent.status in (ParentStatus.PAUSED, ParentStatus.SUSPENDED):
        return _laid_aside(progress, now_ns)
    if late:
        left = plain(parent.size - filled)
        return conclude(progress, ParentStatus.PARTIAL_EXPIRED, f"{left} left at the end", now_ns)
    if parent.status is ParentStatus.SCHEDULED:
        return Wait(parent.start_ns, "for its start")
    taken_back = progress.taken_back
    if taken_back is not None:
        reason = f"child {taken_back.order_id} (step {taken_back.step}) was canceled by somebody else"
        return conclude(progress, ParentStatus.SUSPENDED, reason, now_ns)
    step = clear(progress, progress.outdated, "the terms were amended", now_ns) or _after_failures(
        progress, now_ns, standing_max
    )
    if step is None and progress.is_bound and not progress.open_children and not watches:
        return _bound(progress, now_ns)
    return step


def conclude(progress: Progress, status: ParentStatus, reason: str, now_ns: int) -> Step:
    """Bring in what is open, then end. Filled entirely in the meantime is COMPLETED, unless the end is FAILED."""
    step = clear(progress, progress.open_children, reason, now_ns)
    if step is not None:
        return step
    if status is not ParentStatus.FAILED and progress.filled == progress.parent.size:
        return Done(ParentStatus.COMPLETED, _all_filled(progress))
    if status is not ParentStatus.FAILED:
        reason = f"{reason}{_unspent(progress)}"
    if status is ParentStatus.PARTIAL_EXPIRED and progress.failures:
        reason = f"{reason}; {_failure(progress.failures[-1])}"
    return Done(status, reason)


def _all_filled(progress: Progress) -> str:
    unspent = _unspent(progress)
    return f"all filled{unspent}, less than a lot" if unspent else "all filled"


def _unspent(progress: Progress) -> str:
    """What is left of its amount."""
    left, currency = progress.quote_left, progress.instrument.quote
    return "" if left is None else f": {plain(left)} {currency} of {plain(progress.parent.quote or ZERO)} left"


def clear(progress: Progress, children: tuple[ChildView, ...], reason: str, now_ns: int) -> Step | None:
    """Cancel these children one by one and wait until each is over and settled; None when they are."""
    again: list[int] = []
    still_open = [child for child in children if child.open]
    for child in still_open:
        if not child.cancelable:
            continue
        due = 0 if child.cancel_ns is None else child.cancel_ns + _recancel_after(child.cancels)
        if now_ns >= due:
            return Cancel(child.order_id, reason)
        again.append(due)
    if not still_open:
        return None
    waited = ", ".join(f"{child.order_id} {child.status}" for child in still_open[:3])
    return Wait(min(again, default=None), f"for {len(still_open)} children to end ({waited}): {reason}")


@dataclass(frozen=True, slots=True)
class Crossing:
    """How far a crossing child may go: cap is the parent's own, slippage a fraction of the far touch."""

    cap: Decimal | None
    slippage: Decimal
    book_age_seconds: Decimal
    pace_ns: int = PACE_NS


def cross(
    progress: Progress, market: MarketView | None, now_ns: int, size: Decimal, terms: Crossing, reason: str
) -> Step:
    """Take up to size now: an IOC limit at the far touch plus slippage, never beyond the cap; or wait until one may.

    Never a naked market order: on a thin or broken book that one has no price.
    """
    wait = hold_back(progress, now_ns, terms.pace_ns)
    if wait is not None:
        return wait
    book = usable_book(market, terms.book_age_seconds)
    if isinstance(book, Wait):
        return book
    side = progress.parent.side
    far = book.far(side)
    assert far is not None  # a usable book has both sides
    if terms.cap is not None and side.sign * (far - terms.cap) > 0:
        return Wait(None, f"market {plain(far)} is through the cap {plain(terms.cap)}", on_market=True)
    limit = nearer(side, far, far * (ONE + side.sign * terms.slippage), progress.failures)
    if terms.cap is not None:
        limit = min(limit, terms.cap) if side.sign > 0 else max(limit, terms.cap)
    price = progress.instrument.passive_price(limit, buying=side.sign > 0)
    if side.sign * (far - price) > 0:
        return Wait(None, f"market {plain(far)} is beyond {plain(price)}, the last tick allowed", on_market=True)
    return _place(progress, size, OrderType.IOC, price, reason)


def nearer(side: OrderSide, far: Decimal, worst: Decimal, children: Sequence[ChildView]) -> Decimal:
    """The worst price of the next crossing child: for each of these that the exchange refused, half as far beyond the
    far touch. An exchange lets an order go only so far from the market, and how far is its own secret; what was refused
    for anything else loses little by it."""
    if side.sign * (worst - far) <= 0:
        return worst
    refused = sum(child.status is OrderStatus.REJECTED for child in children)
    return far + (worst - far) / 2 ** min(refused, HALVINGS_MAX)


def traded(progress: Progress, market: MarketView, since_ns: int) -> tuple[Decimal, Decimal]:
    """What others traded since then, and what the parent's children did: own prints, which stand in the public tape,
    are taken out of it."""
    own = sum((child.filled_since(since_ns) for child in progress.children), ZERO)
    return max(market.traded_volume(since_ns) - own, ZERO), own


def usable_book(market: MarketView | None, book_age_seconds: Decimal) -> BookView | Wait:
    """The book, fit to take prices from (both sides there, fresh, not crossed), or what to wait for."""
    if market is None or market.book is None:
        return Wait(None, "no market yet", on_market=True)
    refusal = market.usable(book_age_seconds)
    return market.book if refusal is None else Wait(None, f"no usable market: {refusal}", on_market=True)


def rest(
    progress: Progress,
    market: MarketView | None,
    now_ns: int,
    size: Decimal,
    price: Decimal,
    book_age_seconds: Decimal,
    reason: str,
    order_type: OrderType = OrderType.LIMIT,
) -> Step:
    """Place a limit order at price (quantised passively); or wait: after failures, or until its price can be judged."""
    wait = hold_back(progress, now_ns, 0)
    if wait is not None:
        return wait
    book = usable_book(market, book_age_seconds)
    if isinstance(book, Wait):
        return book
    valid = progress.instrument.passive_price(price, buying=progress.parent.side.sign > 0)
    if valid <= 0:
        return Wait(None, f"price {plain(price)} is below one tick {plain(progress.instrument.tick)}", on_market=True)
    return _place(progress, size, order_type, valid, reason)


def sweep(
    progress: Progress, market: MarketView | None, now_ns: int, terms: Crossing, largest: Decimal, end: str = "end"
) -> Step:
    """After the parent's end: take back what rests, then cross for what is left, `largest` at a time, for SWEEP_NS."""
    end_ns = progress.parent.end_ns
    assert end_ns is not None, "only a parent with an end is swept"
    resting = tuple(child for child in progress.open_children if child.order_type.rests)
    step = clear(progress, resting, end, now_ns)
    if step is not None:
        return step
    size = part_size(progress.remaining, progress.remaining, largest, progress.instrument)
    if size > 0 and now_ns < end_ns + SWEEP_NS:
        pace = Crossing(terms.cap, terms.slippage, terms.book_age_seconds, SWEEP_PACE_NS)
        return cross(progress, market, now_ns, size, pace, "final sweep")
    if progress.open_children:
        return Wait(None, "for the last children's end")
    reason = f"{plain(progress.remaining)} left at the {end}"
    return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)


def hold_back(progress: Progress, now_ns: int, pace_ns: int) -> Wait | None:
    """Whether it is too early for another child: after failures (doubling, bounded, with jitter), or for the pace."""
    failures = progress.failures
    if failures:
        last = failures[-1]
        pause = min(BACKOFF_NS << min(len(failures) - 1, 20), _longest_pause(progress, now_ns))
        until = (last.ended_ns or last.placed_ns) + pause + _jitter(progress.parent.seed, last.step, pause)
        if now_ns < until:
            return Wait(until, f"after {len(failures)} failures, the last: {_failure(last)}")
    if progress.children and pace_ns:
        until = progress.children[-1].placed_ns + pace_ns
        if now_ns < until:
            return Wait(until, "between two crossing children")
    return None


def bounded(step: Step, progress: Progress, now_ns: int) -> Step:
    """No wait goes past the parent's end, nor, after it, past the hard end."""
    end_ns = progress.parent.deadline_ns
    if not isinstance(step, Wait) or end_ns is None:
        return step
    last_ns = max(end_ns, progress.driven_ns) + T_END_NS
    bound = next((at for at in (end_ns, end_ns + SWEEP_NS, end_ns + T_END_NS, last_ns) if at > now_ns), None)
    if bound is None or (step.until_ns is not None and step.until_ns <= bound):
        return step
    return Wait(bound, step.reason, step.on_market)


def _gone(progress: Progress, now_ns: int, when_nothing_is_there: ParentStatus) -> Step:
    """Nothing is left to take: what was there has been taken, and the difference is named."""
    held, parent, filled = progress.held, progress.parent, progress.filled
    assert held is not None  # is_gone
    said = f"{plain(filled)} of {plain(parent.size)}: the rest was not there any more ({plain(held.total)} is left)"
    if filled:
        return Done(ParentStatus.COMPLETED, said)
    # What was bought just before may still be on its way into the books.
    until_ns = max(parent.start_ns, parent.status_ns) + BOOKED_NS
    if now_ns < until_ns and parent.status is not ParentStatus.CANCELING:
        return Wait(until_ns, "for something to be there")
    return Done(when_nothing_is_there, said)


def _bound(progress: Progress, now_ns: int) -> Step:
    """Other open orders hold what is there; they may end."""
    end_ns, reason = progress.parent.end_ns, "what is there is held by other open orders"
    if end_ns is not None and now_ns >= end_ns:
        return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
    return Wait(now_ns + BOUND_RECHECK_NS, reason)


def _given_up(progress: Progress) -> Done:
    left = plain(progress.parent.size - progress.filled)
    open_ids = ", ".join(child.order_id for child in progress.open_children[:5])
    reason = f"needs operator: {len(progress.open_children)} children undecided ({open_ids}), {left} not known filled"
    return Done(ParentStatus.FAILED, reason)


def _laid_aside(progress: Progress, now_ns: int) -> Step:
    parent = progress.parent
    if parent.deadline_ns is not None and now_ns >= parent.deadline_ns:
        return conclude(progress, ParentStatus.PARTIAL_EXPIRED, f"{parent.status} over its end", now_ns)
    # Whoever pauses takes it all back; what went wrong here takes no protection away that stands at the exchange.
    stays = parent.status is ParentStatus.SUSPENDED and parent.only_reduces and not progress.nothing_there
    taken = tuple(child for child in progress.open_children if not (stays and child.condition is not None))
    step = clear(progress, taken, str(parent.status), now_ns)
    return step or Wait(None, f"{parent.status}: {parent.reason}")


def _after_failures(progress: Progress, now_ns: int, standing_max: int) -> Step | None:
    """A wrong request ends the parent; one that stands lays it aside; one that passes is tried again in its window, and
    so is one that met an order of our own: that one goes its way."""
    failures = progress.failures
    if not failures:
        return None
    last = failures[-1]
    if last.refusal is RefusalClass.WRONG:
        return conclude(progress, ParentStatus.FAILED, _failure(last), now_ns)
    if last.refusal is RefusalClass.STANDING and _stands(progress, standing_max):
        return conclude(progress, ParentStatus.SUSPENDED, _failure(last), now_ns)
    passes = (RefusalClass.PASSING, RefusalClass.STANDING)
    passing = sum(child.refusal in passes or child.met_own for child in failures)
    if passing >= PASSING_MAX or len(failures) - passing >= FAILURES_MAX:
        reason = f"{len(failures)} children in a row came to nothing, the last: {_failure(last)}"
        return conclude(progress, ParentStatus.SUSPENDED, reason, now_ns)
    return None


def _stands(progress: Progress, standing_max: int) -> bool:
    """Our own word stands at once; the exchange's after so many in a row."""
    if progress.failures[-1].status is not OrderStatus.REJECTED:
        return True
    return sum(child.refusal is RefusalClass.STANDING for child in progress.failures) >= standing_max


def _failure(child: ChildView) -> str:
    what = f"child {child.order_id} (step {child.step}) {child.status}"
    return f"{what}: {child.why_ended}" if child.why_ended else what


def _place(progress: Progress, size: Decimal, order_type: OrderType, price: Decimal, reason: str) -> Place:
    """No larger than the venue takes at once, leaving no rest that it would not take, and without the zeros that
    arithmetic leaves behind."""
    largest, taken = progress.instrument.max_limit_size, size
    if largest is not None and size > largest:
        most = progress.instrument.floor_size(largest)
        taken = min(part_size(size, progress.remaining, most, progress.instrument), most)
    return Place(Decimal(plain(taken)), order_type, Decimal(plain(price)), reason)


def _longest_pause(progress: Progress, now_ns: int) -> int:
    start_ns, end_ns = progress.parent.start_ns, progress.parent.end_ns
    if end_ns is None:
        return BACKOFF_MOST_NS
    if now_ns >= end_ns:
        return BACKOFF_LEAST_NS
    return min(max((end_ns - start_ns) // BACKOFF_SHARE, BACKOFF_LEAST_NS), BACKOFF_MOST_NS)


def _recancel_after(cancels: int) -> int:
    return min(RECANCEL_NS << max(cancels - 1, 0), RECANCEL_MAX_NS)


def _jitter(seed: int, step: int, pause_ns: int) -> int:
    """Up to half of the pause, a function of parent and step, so that a replay waits the same time."""
    digest = hashlib.sha256(f"{seed}:{step}".encode()).digest()
    return int.from_bytes(digest[:4], "big") * (pause_ns // 2) >> 32


__all__ = [
    "PACE_NS",
    "SWEEP_NS",
    "T_END_NS",
    "Crossing",
    "bounded",
    "clear",
    "conclude",
    "cross",
    "envelope",
    "hold_back",
    "rest",
    "sweep",
    "traded",
    "usable_book",
]
