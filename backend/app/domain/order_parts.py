"""The orders that the venue makes of one that waited there for a price: one here, told apart by the venue's ids. Pure.

It may make several of one, one after the other. Ours is over when the venue has said which all of them are, or one was
for all of it, and each has ended. Joins as order_changes.py says; nothing of it is about orders without a condition.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.domain.evolve import evolve
from app.domain.money import ZERO
from app.domain.order_words import ENDING_RANK, Ending, Part
from app.domain.orders import TRIGGER_FAILED, Order, OrderReport, VenueState

_ENDINGS: Mapping[VenueState, Ending] = MappingProxyType(
    {VenueState.CANCELED: Ending.CANCELED, VenueState.FILLED: Ending.FILLED}
)


def of_a_part(order: Order, report: OrderReport) -> bool:
    """Whether a report is of one of the orders that the venue made of it, and not of the whole."""
    return order.request.condition is not None and report.condition is None and bool(report.venue_order_id)


def join_parts(order: Order, report: OrderReport) -> Order:
    """What a report says of the orders that were made of it."""
    if order.request.condition is None:
        return order
    if report.condition is not None:
        # Journals of before named the only one of them by its id.
        told = report.made or ((report.venue_order_id,) if report.venue_order_id else ())
        made = tuple(sorted({*order.made, *told}))
        return order if made == order.made else evolve(order, made=made)
    if not report.venue_order_id:
        return order
    parts = {part.venue_order_id: part for part in order.parts}
    known = parts.get(report.venue_order_id, Part(report.venue_order_id))
    endings = [each for each in (known.ending, _ENDINGS.get(report.state) if report.state else None) if each]
    joined = Part(
        known.venue_order_id,
        max(known.size, report.size or ZERO),
        max(known.filled, report.filled or ZERO),
        min(endings, key=ENDING_RANK.__getitem__, default=None),
    )
    if joined == parts.get(joined.venue_order_id):
        return order
    parts[joined.venue_order_id] = joined
    return evolve(order, parts=tuple(parts[name] for name in sorted(parts)))


def sets_terms(order: Order, report: OrderReport) -> bool:
    """Whether size and price in a report are the order's own: those of a part of it are not, and what the venue cut off
    the only one that it made is gone."""
    if not of_a_part(order, report):
        return True
    name = report.venue_order_id
    return order.made in ((), (name,)) and name in _whole(order)


def ending_of(order: Order) -> Ending | None:
    """How it ended, when all that was made of it has; None before. One of which the venue could make no further order
    is canceled, whatever has filled."""
    names, parts = _all(order), {part.venue_order_id: part for part in order.parts}
    endings = [parts[name].ending if name in parts else None for name in names]
    if not endings or None in endings:
        return None
    cut = Ending.CANCELED in endings or order.cancel_source.startswith(TRIGGER_FAILED)
    return Ending.CANCELED if cut else Ending.FILLED


def venue_ids(order: Order) -> tuple[str, ...]:
    """Every id under which the venue has it."""
    if not order.parts and not order.made:
        return (order.venue_order_id,) if order.venue_order_id else ()
    found = {order.venue_order_id, *order.made, *(part.venue_order_id for part in order.parts)}
    return tuple(sorted(found - {""}))


def live_ids(order: Order) -> tuple[str, ...]:
    """Those of which no end is known."""
    ended = {part.venue_order_id for part in order.parts if part.ending is not None}
    return tuple(name for name in venue_ids(order) if name not in ended)


def may_become_more(order: Order) -> bool:
    """It has fired, and whether the venue makes further orders of it is not known."""
    return bool(order.parts) and not order.terminal and not _all(order)


def awaits_word(order: Order) -> bool:
    """All that is known to be made of it is over, and only the venue can say whether that is all."""
    return may_become_more(order) and not live_ids(order)


def _all(order: Order) -> tuple[str, ...]:
    """All that the venue makes of it, where that is known."""
    return order.made or _whole(order)


def _whole(order: Order) -> tuple[str, ...]:
    """Of all of its size: there is no other then."""
    return tuple(part.venue_order_id for part in order.parts if part.size >= order.size)


__all__ = [
    "awaits_word",
    "ending_of",
    "join_parts",
    "live_ids",
    "may_become_more",
    "of_a_part",
    "sets_terms",
    "venue_ids",
]
