"""Beginning something in an asyncio.TaskGroup that may be ending at that moment."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

R = TypeVar("R")


class Spawn(Protocol):
    """Runs something in a task of the adapter's, which outlives the caller; None while that is stopped or ends."""

    def __call__(self, work: Callable[[], Coroutine[Any, Any, R]], /) -> asyncio.Task[R] | None: ...


def begin(group: asyncio.TaskGroup | None, work: Callable[[], Coroutine[Any, Any, R]]) -> asyncio.Task[R] | None:
    """None, and nothing has begun, where there is no group or it is ending: all that ran in it is cancelled then."""
    if group is None:
        return None
    made = work()
    try:
        return group.create_task(made)
    except RuntimeError:  # how a group says that it is over or shuts down; it has no other word for it
        made.close()
        return None
