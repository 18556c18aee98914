"""Which of two strategies is cheaper, for whoever adds blocks and looks again until it is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from app.domain.refusals import InvalidValue
from app.domain.tca.clusters import Interval
from app.domain.tca.sequential import interval_at_any_time
from app.lab.storing import Result
from app.lab.tables import by_arm, by_market, by_start, differences, pair_costs, too_few


@dataclass(frozen=True, slots=True)
class Comparison:
    """The first less the second, in basis points, on one market. interval: 95 %, at this look and all others together.
    winner: None until the interval leaves zero out."""

    instrument_id: str
    source: str
    blocks: int
    mean: float
    interval: Interval | None
    winner: str | None
    said: str


def compared(results: Sequence[Result], first: str, second: str) -> list[Comparison]:
    """By market. Raises InvalidValue where a name is none of the results', or no block has both."""
    known = sorted({each.name for each in results})
    for name in (first, second):
        if name not in known:
            raise InvalidValue("strategy", name, f"is in no result; there are {', '.join(known)}")
    if first == second:
        raise InvalidValue("strategy", second, "must be another than the first")
    found = [_compared(of, first, second) for _, of in sorted(by_market(results).items())]
    if not any(found):
        raise InvalidValue("strategy", second, f"shares no measured block with {first}")
    return [each for each in found if each is not None]


def _compared(results: Sequence[Result], first: str, second: str) -> Comparison | None:
    arms = by_arm(results)
    if first not in arms or second not in arms:
        return None
    apart = list(differences(*(pair_costs(by_start(arms[name])) for name in (first, second))).values())
    if not apart:
        return None
    interval, mean, winner = interval_at_any_time(apart), fmean(apart), None
    if interval is None:
        said = too_few(len(apart))
    elif interval.low <= 0 <= interval.high:
        said = "not decided: the interval holds zero; more blocks, and look again as often as you like"
    else:
        winner = first if interval.high < 0 else second
        least = min(abs(interval.low), abs(interval.high))
        said = f"{winner} is cheaper, by {least:.2f} bps at least"
    source = ", ".join(sorted({each.tape_name or "synthetic" for each in results}))
    return Comparison(results[0].instrument_id, source, len(apart), mean, interval, winner, said)
