"""Round trips and realisations of one window of time, out of a fold over the whole history before its end."""

from collections.abc import Iterable

from app.domain.performance.fills import ZERO, TripFill, notional
from app.domain.performance.round_trips import RoundTrips, round_trips


def trips_within(fills: Iterable[TripFill], start_ns: int | None) -> RoundTrips:
    """What belongs to the window from start_ns (None: from the first fill) to the last of the fills given.

    A round trip belongs to the window in which it closed, with its whole profit, wherever it was opened; a
    realisation, fee, volume or unmatched close to the window of its fill; open are the trips open after the last fill.
    Raises what round_trips refuses.
    """
    known = list(fills)
    whole = round_trips(known)
    if start_ns is None:
        return whole
    inside = [fill for fill in known if fill.time_ns >= start_ns]
    return RoundTrips(
        closed=tuple(trip for trip in whole.closed if trip.closed_ns is not None and trip.closed_ns >= start_ns),
        open=whole.open,
        unmatched=tuple(close for close in whole.unmatched if close.time_ns >= start_ns),
        dust_profit=whole.dust_profit,
        realisations=tuple(change for change in whole.realisations if change.time_ns >= start_ns),
        total_fees=sum((fill.fee_quote for fill in inside), ZERO),
        total_volume=sum((notional(fill) for fill in inside), ZERO),
    )
