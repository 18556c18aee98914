"""What it costs order lives that the market around them is kept for the analysis of costs (docs/tca.md), against a
system that keeps nothing of it; in turns in one process, as watched_lives.py has it.
"""

import asyncio
import contextlib
from typing import Any
from unittest.mock import patch

import lives
from watched_lives import UNWATCHED, in_turns


class _Nothing:
    """Stands for CostCapture and keeps nothing."""

    def __init__(self, *_: Any) -> None: ...

    async def run(self) -> None:
        await asyncio.sleep(3600)


async def cost(pairs: int = 30, block: int = 800) -> dict[str, float]:
    """By how many percent a life takes longer with it, and more CPU."""
    async with contextlib.AsyncExitStack() as stack:
        with patch("app.system.parts.CostCapture", _Nothing):
            without, _ = await stack.enter_async_context(lives.running("", **UNWATCHED))
        kept, _ = await stack.enter_async_context(lives.running("", **UNWATCHED))
        longer, dearer = await in_turns(without, kept, pairs, block)
    return {"order_life.captured_percent": longer, "order_life.captured_cpu_percent": dearer}


def run(pairs: int = 30, block: int = 800) -> dict[str, float]:
    return lives.run(cost(pairs, block))
