"""Executions of a strategy are filled farther from the price of their arrival than those before them were.

Its band is robust: about the median of those before, as wide as their median deviation, and 1 basis point at least. It
is the median of the last three that must leave it: one bad fill is bad luck.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from statistics import median

from app.clock import NS_PER_SECOND
from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Slippages, Window

LAST = 3
BEFORE_MIN = 20
"""Of fewer nothing is usual yet."""
RECENT_SECONDS = 3_600
"""What ended longer ago says nothing of now."""
NORMAL = Decimal("1.4826")
"""By which the median deviation of normally distributed values becomes their standard deviation."""
BAND_MIN = Decimal(1)


def measure(window: Window) -> Readings:
    after_ns = window.last.at_ns - RECENT_SECONDS * NS_PER_SECOND
    found: dict[str, Reading] = {}
    for subject, series in window.last.slipped.items():
        worst = max(_deviations(series, after_ns), key=lambda each: each[0], default=None)
        if worst is not None:
            found[subject] = Reading(*worst)
    return found


def _deviations(series: Sequence[Slippages], after_ns: int) -> Iterator[tuple[Decimal, str]]:
    for each in series:
        last, before = each.bps[-LAST:], each.bps[:-LAST]
        if each.last_ns > after_ns and len(before) >= BEFORE_MIN:
            usual, now = median(before), median(last)
            band = max(BAND_MIN, NORMAL * median(abs(bps - usual) for bps in before))
            band_words = f"{usual:.1f} is usual, give or take {band:.1f}"
            what = f"The last {LAST} {each.of} slipped by {now:.1f} bp, where {band_words}"
            yield max(Decimal(0), (now - usual) / band), what


RULE = Rule(
    name="slippage",
    measure=measure,
    unit="robust deviations (1 bp at least) that the last 3 executions are worse than those before",
    fires_at=Decimal(6),
    ends_at=Decimal(3),
    advice="`trading-executor costs` shows what they cost; smaller or slower executions cost less in a thin market.",
    of_strategy=True,
)
