"""Cutting a size into parts that add up exactly, in whole lots, from cumulative targets.

Pure integer arithmetic. Always from the cumulative target, never from a fixed part, so that rounding cannot drift.
"""

import hashlib
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from app.domain.instruments import Instrument
from app.domain.money import ZERO


def cumulative_targets(total: int, weights: Sequence[int | Decimal | Fraction]) -> tuple[int, ...]:
    """How much of `total` (lots, >= 0) should be done after each part, for parts weighted like `weights`.

    Rounds half up, exactly: round_half_up(total * W_k), W_k the cumulative share. The last target is total. Weights
    are >= 0 with a sum above zero, else ValueError.
    """
    if total < 0:
        raise ValueError(f"total={total}: must not be negative")
    parts = [Fraction(weight) for weight in weights]
    whole = sum(parts, Fraction(0))
    if whole <= 0 or any(part < 0 for part in parts):
        raise ValueError(f"weights={list(weights)}: must not be negative and must add up to more than zero")
    targets: list[int] = []
    done = Fraction(0)
    for part in parts:
        done += part
        targets.append(int((total * done / whole + Fraction(1, 2)) // 1))
    return tuple(targets)


def varied_targets(targets: Sequence[int], variation: Decimal, seed: int) -> tuple[int, ...]:
    """Cumulative targets (one or more), each but the last moved by up to `variation` (0 to 0.5) of its own part either
    way. What one part gains its successor loses, so nothing drifts, and parts stay >= 0."""
    moved: list[int] = []
    for k, (target, part) in enumerate(zip(targets[:-1], differences(targets), strict=False)):
        varied = target + int((2 * drawn(seed, "size", k) - 1) * Fraction(variation) * part)
        moved.append(min(max(varied, moved[-1] if moved else 0), targets[-1]))
    return (*moved, targets[-1])


def drawn(seed: int, what: str, number: int) -> Fraction:
    """A number of [0, 1) that follows from these three, the same in every process."""
    digest = hashlib.sha256(f"{seed}:{what}:{number}".encode()).digest()
    return Fraction(int.from_bytes(digest[:8], "big"), 1 << 64)


def differences(targets: Sequence[int]) -> tuple[int, ...]:
    """The parts between cumulative targets; they add up to the last one."""
    return tuple(later - earlier for earlier, later in zip((0, *targets), targets, strict=False))


def whole_lots(size: Decimal, lot: Decimal) -> int:
    """How many whole lots fit into size (>= 0), exactly."""
    return int((size / lot).to_integral_value(rounding=ROUND_FLOOR))


def minimum_lots(instrument: Instrument) -> int:
    """The smallest order in lots that the venue takes; at least 1."""
    return max(1, int((instrument.min_size / instrument.lot).to_integral_value(rounding=ROUND_CEILING)))


def feasible_parts(total: int, parts: int, minimum: int) -> int:
    """The largest number of equal parts, at most `parts` and at least 1, of which each is at least `minimum` lots."""
    return max(1, min(parts, total // max(1, minimum)))


def part_size(due: Decimal, remaining: Decimal, largest: Decimal, instrument: Instrument) -> Decimal:
    """What one child may ask for now: min(due, remaining, largest) in whole lots, or 0 to wait for more to fall due.

    Below the minimum it is 0 (the part merges into the next one). A rest after this child that would be below the
    minimum is folded in, or, when that would exceed `largest`, made a whole minimum by asking for less now: no tail
    becomes untradable. Never above remaining; above due, and above `largest` where nothing else is possible, by less
    than one minimum. 0 also when remaining itself is below the minimum (dust).
    """
    minimum = minimum_lots(instrument) * instrument.lot
    room = instrument.floor_size(max(remaining, ZERO))
    bound = min(room, instrument.floor_size(max(largest, ZERO)))
    size = min(instrument.floor_size(max(due, ZERO)), bound)
    if size < minimum:
        return ZERO
    tail = room - size
    if ZERO < tail < minimum:
        # Folding in beats leaving dust; when that would be too much at once, leave a whole minimum behind instead.
        size = room if room <= bound else size - (minimum - tail)
        if size < minimum:
            return room
    return size
