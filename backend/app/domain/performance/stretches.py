"""A part of a history in brief, and figures of many such parts: what measure() needs, without every trade in memory.

A stretch is a span of time [from_ns, until_ns) in one UTC day's trading; what came before it matters only by what was
held then (trip_state.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.performance.exact import EXACT
from app.domain.performance.exposure import CoveredIn, covered_ns
from app.domain.performance.fills import ZERO
from app.domain.performance.paths import Bend, Path, bends_of, path_of
from app.domain.performance.round_trips import RoundTrip, RoundTrips, Tally
from app.domain.performance.sums import TripSums, sums_of, tally_sums


@dataclass(frozen=True, slots=True)
class TripFigures:
    """What trades say: sums, how many trips are open, and when something was held."""

    sums: TripSums
    open_trips: int
    covered: CoveredIn


def figures_of(trips: RoundTrips) -> TripFigures:
    """Of round trips as they were folded."""
    both = (*trips.closed, *trips.open)
    return TripFigures(sums_of(trips), len(trips.open), lambda start, end: covered_ns(both, start, end))


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one series did in a stretch. path: None where it realised nothing. covered_ns: how long something was held.
    unmatched: sizes that were sold out of earlier holdings, by instrument, in order of the first. unvalued: what fees
    were paid in that nobody could value."""

    sums: TripSums
    path: Path | None
    covered_ns: int
    unmatched: tuple[tuple[str, Decimal], ...] = ()
    unvalued: tuple[str, ...] = ()


def stretch_of(
    tally: Tally, still_open: Iterable[RoundTrip], from_ns: int, until_ns: int
) -> tuple[Stretch, Sequence[Bend]]:
    """A series in brief, and the bends of its path. still_open: its trips that are open at until_ns. Of one moment what
    was told first came first."""
    tally.realisations.sort(key=lambda one: one.time_ns)
    tally.times.sort()
    bends = bends_of(tally.realisations)
    unmatched: dict[str, Decimal] = {}
    for close in tally.unmatched:
        unmatched[close.instrument_id] = EXACT.add(unmatched.get(close.instrument_id, ZERO), close.size)
    stretch = Stretch(
        tally_sums(tally),
        path_of(bends) if bends else None,
        covered_ns((*tally.closed, *still_open), from_ns, until_ns),
        tuple(unmatched.items()),
        tuple(tally.unvalued),
    )
    return stretch, bends
