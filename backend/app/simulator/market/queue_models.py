"""Where a resting order stands in a recorded queue after the recorded depth at its price changed.

`front` is the recorded size ahead of us. A decrease not explained by trades is cancellations; each model says how
likely those were behind us. Published forms of the risk-averse, power and logarithmic models; fronts are clamped to
0..new, because the unclamped power-2 and log-1 forms go negative and would over-fill.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Behind = Callable[[float, float], float]


def _power(exponent: int) -> Behind:
    return lambda front, back: back**exponent / (back**exponent + front**exponent)


def _power_of_sum(exponent: int) -> Behind:
    return lambda front, back: back**exponent / (front + back) ** exponent


def _power_front(exponent: int) -> Behind:
    return lambda front, back: 1 - (front / (front + back)) ** exponent


def _log_share(front: float, back: float) -> float:
    return math.log1p(back) / (math.log1p(back) + math.log1p(front))


def _log_of_sum(front: float, back: float) -> float:
    return math.log1p(back) / math.log(1 + back + front)


PROBABILITY_BEHIND: dict[str, Behind] = {
    "power1": _power(2),
    "power2": _power_of_sum(2),
    "power3": _power_front(2),
    "uniform": _power_front(1),
    "log1": _log_share,
    "log2": _log_of_sum,
}
MODELS = ("risk_averse", *PROBABILITY_BEHIND)


def front_after(model: str, front: float, previous: float, new: float, traded: float = 0) -> float:
    """Unclamped front after depth `previous` -> `new` of which `traded` was already taken off the front.

    Risk-averse: cancellations are always behind us, so front only falls when the level is smaller than it.
    """
    if model == "risk_averse":
        return min(front, new)
    change = previous - new - traded
    if change < 0:
        return min(front, new)
    back = previous - front
    if front + back <= 0:
        return min(front, new)
    behind = PROBABILITY_BEHIND[model](front, back) if back > 0 else 0.0
    return min(front - (1 - behind) * change + min(back - behind * change, 0), new)


def advance_front(model: str, front: int, previous: int, new: int, traded: int) -> int:
    """The same in whole lots, clamped to 0..new."""
    return max(0, min(new, math.ceil(front_after(model, front, previous, new, traded))))
