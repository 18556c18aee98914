"""Performance of a strategy or an account: pure functions, one measure a file, over fills and equity samples.

performance_summary is the front door; the formulas and conventions stand in each measure's docstring.
"""

from app.domain.performance.asset_trips import asset_trips, together
from app.domain.performance.average_lots import average_disposals
from app.domain.performance.curve import Curve, Span, by_period
from app.domain.performance.disposal_fees import late_fees, with_fees
from app.domain.performance.drawdown import drawdowns
from app.domain.performance.equity import EquitySample, realised_equity
from app.domain.performance.fills import TripFill
from app.domain.performance.rolling import rolling
from app.domain.performance.round_trips import BookPosition, RoundTrip, RoundTrips, round_trips
from app.domain.performance.stretches import TripFigures, figures_of
from app.domain.performance.summary import Performance, measure, performance_summary, summarise
from app.domain.performance.tax_lots import Disposal, LotMethod, disposals

__all__ = [
    "BookPosition",
    "Curve",
    "Disposal",
    "EquitySample",
    "LotMethod",
    "Performance",
    "RoundTrip",
    "RoundTrips",
    "Span",
    "TripFigures",
    "TripFill",
    "asset_trips",
    "average_disposals",
    "by_period",
    "disposals",
    "drawdowns",
    "figures_of",
    "late_fees",
    "measure",
    "performance_summary",
    "realised_equity",
    "rolling",
    "round_trips",
    "summarise",
    "together",
    "with_fees",
]
