"""What it costs order lives that the market around them is kept for the analysis of costs (docs/tca.md), against the
same system when it keeps nothing of it.

Two systems in one process take turns, block by block, as watched_lives.py has it, and change parts after every second
pair: of two alike one may be faster by several percent for minutes.
What is done later of an order, marks and rows, is done while its own system has its turn; the marks of a minute and
later are beyond the measure.
"""

import contextlib
import math
import statistics
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import lives
from watched_lives import IN_FLIGHT, UNWATCHED, in_turns

from app.services.trading.running.cost_capture import CostCapture
from app.store.durable import Durable
from app.store.group import Group
from app.system import System


class _Switched(CostCapture):
    """Keeps something while it is on, and does what is due only in its turn."""

    of: dict[int, "_Switched"] = {}  # noqa: RUF012  by the ledger of its system

    def __init__(self, ledger: Any, *more: Any) -> None:
        super().__init__(ledger, *more)
        self.of[id(ledger)] = self
        self.on = self.in_turn = False

    def on_commit(self, group: Group) -> None:
        if self.on:
            super().on_commit(group)

    def take_due(self) -> None:
        if self.in_turn:
            super().take_due()

    def _stage(self, most: int) -> Durable | None:
        return super()._stage(most) if self.in_turn else None


@contextlib.contextmanager
def _turn(system: System) -> Iterator[None]:
    switched = _Switched.of[id(system.ledger)]
    switched.in_turn = switched.on
    yield
    switched.in_turn = False


async def cost(pairs: int = 240, block: int = 250) -> dict[str, float]:
    """By how many percent a life takes longer with it, and more CPU."""
    longer, dearer = list[float](), list[float]()
    with patch("app.system.parts.CostCapture", _Switched):
        async with lives.running("", **UNWATCHED) as (one, _), lives.running("", **UNWATCHED) as (other, _):
            for system in (one, other):
                await lives.live(system, block, IN_FLIGHT)
            for _ in range(pairs // 4):
                seconds, cpu = 1.0, 1.0
                for without, kept in ((one, other), (other, one)):
                    _Switched.of[id(without.ledger)].on, _Switched.of[id(kept.ledger)].on = False, True
                    later, more = await in_turns(without, kept, 2, block, _turn)
                    seconds, cpu = seconds * (1 + later / 100), cpu * (1 + more / 100)
                longer.append((math.sqrt(seconds) - 1) * 100)
                dearer.append((math.sqrt(cpu) - 1) * 100)
    return {
        "order_life.captured_percent": statistics.median(longer),
        "order_life.captured_cpu_percent": statistics.median(dearer),
    }


def run(pairs: int = 240, block: int = 250) -> dict[str, float]:
    return lives.run(cost(pairs, block))
