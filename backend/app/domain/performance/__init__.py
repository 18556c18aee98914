"""Performance of a strategy or an account: pure functions, one measure a file, over fills and equity samples.

performance_summary is the front door; the formulas and conventions stand in each measure's docstring.
"""

from app.domain.performance.asset_trips import asset_trips, together
from app.domain.performance.equity import EquitySample
from app.domain.performance.fills import TripFill
from app.domain.performance.round_trips import BookPosition, RoundTrip, RoundTrips, round_trips
from app.domain.performance.summary import Performance, performance_summary, summarise

__all__ = [
    "BookPosition",
    "EquitySample",
    "Performance",
    "RoundTrip",
    "RoundTrips",
    "TripFill",
    "asset_trips",
    "performance_summary",
    "round_trips",
    "summarise",
    "together",
]
