"""What trades came to, as sums that parts of a history can be added up from: figures of one part plus figures of the
next are those of both.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.domain.performance.exact import EXACT, exact_sum, exact_sums
from app.domain.performance.outcomes import Outcomes, all_outcomes, count_outcomes
from app.domain.performance.round_trips import RoundTrips, Tally


@dataclass(frozen=True, slots=True)
class TripSums:
    """outcomes, held_ns: of closed trips, and how long all of them were open together. realised, fees, volume,
    fill_count: of every fill. first_fill_ns, last_fill_ns: None without one. volume_in: what is not in volume, by the
    currency that it is told in."""

    outcomes: Outcomes
    held_ns: int
    realised: Decimal
    fees: Decimal
    volume: Decimal
    fill_count: int
    first_fill_ns: int | None
    last_fill_ns: int | None
    volume_in: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])


def sums_of(trips: RoundTrips) -> TripSums:
    """Of round trips as they were folded."""
    told = Tally([*trips.closed], [], [*trips.realisations], [*trips.fill_times])
    told.fees, told.volume, told.volume_in = trips.total_fees, trips.total_volume, {**trips.volume_in}
    return tally_sums(told)


def tally_sums(tally: Tally) -> TripSums:
    """Of what was told of one series, in order of time."""
    return TripSums(
        outcomes=count_outcomes(trip.net_profit for trip in tally.closed),
        held_ns=sum(trip.closed_ns - trip.opened_ns for trip in tally.closed if trip.closed_ns is not None),
        realised=exact_sum(one.amount for one in tally.realisations),
        fees=tally.fees,
        volume=tally.volume,
        fill_count=len(tally.times),
        first_fill_ns=tally.times[0] if tally.times else None,
        last_fill_ns=tally.times[-1] if tally.times else None,
        volume_in=tally.volume_in,
    )


def all_sums(parts: Iterable[TripSums]) -> TripSums:
    """Those of all parts together."""
    found = list(parts)
    return TripSums(
        outcomes=all_outcomes(one.outcomes for one in found),
        held_ns=sum(one.held_ns for one in found),
        realised=exact_sum(one.realised for one in found),
        fees=exact_sum(one.fees for one in found),
        volume=exact_sum(one.volume for one in found),
        fill_count=sum(one.fill_count for one in found),
        first_fill_ns=min((one.first_fill_ns for one in found if one.first_fill_ns is not None), default=None),
        last_fill_ns=max((one.last_fill_ns for one in found if one.last_fill_ns is not None), default=None),
        volume_in=exact_sums(one.volume_in for one in found),
    )


def with_volume(sums: TripSums, price_of: Callable[[str], Decimal | None]) -> TripSums:
    """The same with all that has a price in its volume. price_of: of one unit of a currency; None: it has none."""
    priced = ((amount, price_of(currency)) for currency, amount in sums.volume_in.items())
    worth = (EXACT.multiply(amount, price) for amount, price in priced if price is not None)
    return replace(sums, volume=exact_sum((sums.volume, *worth)), volume_in={})
