"""How near a learned volume curve comes to what a market really trades, beside equal slices (TWAP).

`make bench ARGS=execution` prints every pair of the recorded candles. Curves are learned on the first 70 % of the whole
days and tried on the rest, over windows of 4 and 24 hours that begin every 4 hours. The figure is the mean, over
5-minute steps, of the absolute difference between the share of the window's volume that was expected by then and the
one that was traded, in percent.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from pathlib import Path

import feather

from app.domain.volume_curves import (
    DAY_NS,
    HOUR_NS,
    Curve,
    HourVolume,
    expected_volume,
    hour_of_week_curve,
    whole_days,
)

CANDLES = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "candles_1m"
WINDOW_HOURS = (4, 24)
EVERY_NS = 4 * HOUR_NS
STEP_NS = HOUR_NS // 12
TRAIN_PERCENT = 70
FLAT: Curve = (Decimal(1),) * 24
Volumes = dict[int, float]
"""What was traded in each 5 minutes, by their start (ns)."""


def recorded() -> dict[str, Volumes]:
    """By pair, such as BTC; empty without the recordings."""
    found: dict[str, Volumes] = {}
    for path in sorted(CANDLES.glob("*-1m-futures.feather")):
        table = feather.columns(path, {"date": "q", "volume": "d"})
        volumes: Volumes = {}
        for at, volume in zip(table["date"], table["volume"], strict=True):
            step = _nanoseconds(at) // STEP_NS * STEP_NS
            volumes[step] = volumes.get(step, 0.0) + volume
        found[path.name.partition("_")[0]] = volumes
    return found


def _nanoseconds(at: int) -> int:
    """pandas wrote milliseconds or nanoseconds."""
    return at if at > 10**17 else at * 10**6


def compare(volumes: Volumes) -> dict[int, tuple[float, float]]:
    """(deviation by the learned curve, by equal slices) of the days after the first 70 %, by hours of the window."""
    hours: dict[int, float] = {}
    for at, volume in volumes.items():
        hours[at // HOUR_NS * HOUR_NS] = hours.get(at // HOUR_NS * HOUR_NS, 0.0) + volume
    days = whole_days(HourVolume(at, Decimal(str(volume))) for at, volume in hours.items())
    starts = list(days)
    split = len(starts) * TRAIN_PERCENT // 100
    curve = hour_of_week_curve({day: days[day] for day in starts[:split]})
    first, end = starts[split], starts[-1] + DAY_NS
    found: dict[int, tuple[float, float]] = {}
    for hours_long in WINDOW_HOURS:
        length = hours_long * HOUR_NS
        windows = [(at, at + length) for at in range(first, end - length + 1, EVERY_NS)]
        learned, flat = (_deviation(each, volumes, windows) for each in (curve, FLAT))
        found[hours_long] = learned, flat
    return found


def _deviation(curve: Curve, volumes: Volumes, windows: Sequence[tuple[int, int]]) -> float:
    """Percent of the window's volume."""
    gaps: list[float] = []
    for start, end in windows:
        steps = range(start, end, STEP_NS)
        traded = _shares([volumes.get(at, 0.0) for at in steps])
        expected = _shares([float(expected_volume(curve, at, at + STEP_NS)) for at in steps])
        gaps += [abs(a - b) for a, b in zip(traded, expected, strict=True)]
    return 100 * sum(gaps) / len(gaps)


def _shares(sizes: Sequence[float]) -> list[float]:
    total = sum(sizes)
    return [done / total for done in accumulate(sizes)]


def run() -> dict[str, float]:
    """All figures by flat key: every pair and window, and their means."""
    figures: dict[str, float] = {}
    for pair, found in {pair: compare(volumes) for pair, volumes in recorded().items()}.items():
        for hours, (learned, flat) in found.items():
            figures[f"execution.vwap_deviation.{pair}.{hours}h"] = learned
            figures[f"execution.twap_deviation.{pair}.{hours}h"] = flat
    for name in ("vwap_deviation", "twap_deviation"):
        values = [value for key, value in figures.items() if key.startswith(f"execution.{name}.")]
        if values:
            figures[f"execution.{name}"] = sum(values) / len(values)
    return figures
