"""Figures of a window that folds say in part: stretches in brief, with the trades before and after them, as one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.money import ZERO
from app.domain.performance import EquitySample, RoundTrip, RoundTrips, TripFigures, figures_of, realised_equity
from app.domain.performance.exact import EXACT
from app.domain.performance.exposure import covered_ns
from app.domain.performance.paths import bend_samples, deciding_samples, loose_walk
from app.domain.performance.sums import all_sums, sums_of, with_volume
from app.services.trading.reports.folds import Past


@dataclass(frozen=True, slots=True)
class Joined:
    """left, right: what was read trade by trade. start_ns: where the window begins. past: None where everything was.
    every_fall: the samples must hold every fall of the curve, not the deepest alone."""

    right: RoundTrips
    past: Past | None = None
    left: RoundTrips | None = None
    start_ns: int = 0
    book: str | None = None
    every_fall: bool = False

    def figures(self, price_of: Callable[[str], Decimal | None]) -> TripFigures:
        """price_of: of currencies now, for volume that has no price of its time."""
        if self.past is None:
            found = figures_of(self.right)
            return replace(found, sums=with_volume(found.sums, price_of))
        edges = [sums_of(one) for one in (self.left, self.right) if one is not None]
        sums = all_sums([*edges, *(one.sums for one in self.past.stretches)])
        return TripFigures(with_volume(sums, price_of), len(self.right.open), self._covered)

    def samples(self, starting_equity: Decimal) -> Sequence[EquitySample]:
        """Of realised equity: all, or all that decides."""
        if self.past is None:
            return realised_equity(self.right.realisations, starting_equity)
        left = self.left.realisations if self.left is not None else ()
        walks = [loose_walk(left)] if left else []
        walks.extend(self.past.walks)
        if self.right.realisations:
            walks.append(loose_walk(self.right.realisations))
        return (bend_samples if self.every_fall else deciding_samples)(walks, starting_equity)

    def unmatched(self) -> dict[str, Decimal]:
        """Sizes that were sold out of earlier holdings, by instrument, in order of the first."""
        found: dict[str, Decimal] = {}
        for instrument_id, size in self._unmatched():
            found[instrument_id] = EXACT.add(found.get(instrument_id, ZERO), size)
        return found

    def _unmatched(self) -> Iterable[tuple[str, Decimal]]:
        if self.left is not None:
            yield from ((close.instrument_id, close.size) for close in self.left.unmatched)
        if self.past is not None:
            yield from (one for stretch in self.past.stretches for one in stretch.unmatched)
        yield from ((close.instrument_id, close.size) for close in self.right.unmatched)

    def _covered(self, start_ns: int, end_ns: int) -> int:
        """How much of a span something was held. What lies outside of the parts is whole or nothing: there nobody did
        anything of the series."""
        past = self.past
        assert past is not None, "figures() asked"
        begin_ns, base_ns = self.start_ns, max(past.right.from_ns, self.start_ns)
        held = sum(one.covered_ns for one in past.stretches)
        if self.left is not None and past.left is not None and past.left.until_ns is not None:
            held += covered_ns(_trips(self.left), begin_ns, past.left.until_ns)
        held += covered_ns(_trips(self.right), base_ns, max(end_ns, base_ns))
        if end_ns < base_ns and self.right.open:
            held -= base_ns - end_ns
        opened = self._opened_before(begin_ns)
        if opened is not None:
            held += begin_ns - (max(start_ns, opened) if start_ns < begin_ns else start_ns)
        return held

    def _opened_before(self, at_ns: int) -> int | None:
        """When the first of the trips was opened that were open then."""
        assert self.past is not None, "_covered() asked"
        if self.past.first is not None:
            open_then = self.past.first.open_trips()
            return min((trip.opened_ns for _, book, trip in open_then if self.book in (None, book)), default=None)
        told = self.right if self.left is None else self.left
        return min((trip.opened_ns for trip in _trips(told) if trip.opened_ns < at_ns), default=None)


def _trips(told: RoundTrips) -> tuple[RoundTrip, ...]:
    return (*told.closed, *told.open)
