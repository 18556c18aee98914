"""How many times the usual number something was done: the last seconds against the minutes before, as many as were
seen. Soon after a start nothing is known to be unusual."""

from collections.abc import Callable
from decimal import Decimal

from app.services.alerts.window import WINDOW_SECONDS, Counts, Reading, Readings, Second, Window

SECONDS = 10
USUAL_MIN = 10
"""Less than this is never unusual."""
USUAL_SECONDS = 60
"""So long a time must have been seen before what is usual is known."""


def above_usual(window: Window, of: Callable[[Second], Counts], noun: str) -> Readings:
    recent = {name: count for name, count in window.total(SECONDS, of).items() if count > USUAL_MIN}
    if not recent:
        return {}
    before = window.seen_seconds - SECONDS
    if before < USUAL_SECONDS:
        return {name: Reading(None) for name in recent}
    whole = window.total(WINDOW_SECONDS, of)
    found: dict[str, Reading] = {}
    for name, count in recent.items():
        usual = max(Decimal(USUAL_MIN), Decimal(whole[name] - count) * SECONDS / before)
        what = f"{count} {noun} of {name} in {SECONDS} s, where {usual:.0f} are usual or allowed"
        found[name] = Reading(count / usual, what)
    return found
