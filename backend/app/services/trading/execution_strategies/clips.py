"""The bounds of a parent's children, min_clip and max_clip, whatever its strategy decides. Pure."""

from dataclasses import replace
from decimal import Decimal

from app.domain.instruments import Instrument
from app.domain.money import ZERO, ceil_to, plain
from app.domain.parents import Place, Progress, Step, Wait
from app.domain.refusals import Refusal
from app.domain.slicing import minimum_lots, part_size
from app.services.trading.execution_strategies.config import CHECK


def roomy(progress: Progress, min_clip: Decimal | None) -> Progress:
    """With min_clip as the smallest order; all that is left where that is less."""
    instrument = progress.instrument
    if min_clip is None:
        return progress
    least = min(min_clip, instrument.floor_size(max(progress.remaining, ZERO)))
    return replace(progress, instrument=_at_least(instrument, least))


def clipped(step: Step, progress: Progress, max_clip: Decimal | None) -> Step:
    """No child above max_clip."""
    if max_clip is None or not isinstance(step, Place) or step.size <= max_clip:
        return step
    size = part_size(step.size, progress.remaining, max_clip, progress.instrument)
    if not ZERO < size <= max_clip:
        return Wait(None, f"for what is left to be cut into {plain(max_clip)} at most")
    return replace(step, size=Decimal(plain(size)))


def clip_refusals(
    min_clip: Decimal | None, max_clip: Decimal | None, size: Decimal, instrument: Instrument
) -> list[Refusal]:
    """Why no child could be between these."""
    found: list[Refusal] = []
    smallest = minimum_lots(instrument) * instrument.lot
    if min_clip is not None and min_clip > size:
        found.append(Refusal(CHECK, "min_clip", plain(min_clip), f"must be at most the whole size {plain(size)}"))
    least = smallest if min_clip is None else max(smallest, ceil_to(min_clip, instrument.lot))
    # What is cut off must leave as much again, or nothing.
    if max_clip is not None and max_clip < size and max_clip < 2 * least:
        rule = f"must be at least {plain(2 * least)}, twice the smallest child, so that every rest can be cut"
        found.append(Refusal(CHECK, "max_clip", plain(max_clip), rule))
    return found


def _at_least(instrument: Instrument, size: Decimal) -> Instrument:
    return instrument if size <= instrument.min_size else replace(instrument, min_size=size)
