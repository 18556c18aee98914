"""Performance of a strategy or an account: pure functions, one measure a file, over fills and equity samples.

performance_summary is the front door; the formulas and conventions stand in each measure's docstring.
"""

from app.domain.performance.asset_trips import asset_trips, together
from app.domain.performance.equity import EquitySample
from app.domain.performance.fills import TripFill
from app.domain.performance.round_trips import BookPosition, RoundTrip, RoundTrips, round_trips
from app.domain.performance.summary import Performance, performance_summary, summarise
from app.domain.performance.tax_lots import Disposal, disposals

__all__ = [
    "BookPosition",
    "Disposal",
    "EquitySample",
    "Performance",
    "RoundTrip",
    "RoundTrips",
    "TripFill",
    "asset_trips",
    "disposals",
    "performance_summary",
    "round_trips",
    "summarise",
    "together",
]
