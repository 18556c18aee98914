"""How long orders take to fill, when some are taken back before: Kaplan and Meier's product-limit estimate."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter


@dataclass(frozen=True, slots=True)
class StillOpen:
    """So many seconds after it was sent an order is not filled yet with this probability."""

    seconds: float
    probability: float


def still_open(lives: Iterable[tuple[float, bool]]) -> list[StillOpen]:
    """The curve, one step for each time at which one filled. lives: for how long (seconds) each was there, and whether
    it filled then; one that did not was taken back or is still there, and counts as open until then."""
    waiting = sorted(lives)
    curve: list[StillOpen] = []
    open_now, probability = len(waiting), 1.0
    for seconds, some in groupby(waiting, key=itemgetter(0)):
        together = [filled for _, filled in some]
        if filled := sum(together):
            probability *= 1 - filled / open_now
            curve.append(StillOpen(seconds, probability))
        open_now -= len(together)
    return curve


def median_seconds(curve: Iterable[StillOpen]) -> float | None:
    """When half of them are filled; None where the curve does not get there."""
    return next((step.seconds for step in curve if step.probability <= 0.5), None)
