"""Background tasks with an owner: none is lost, none fails in silence, all end together.

The only place that creates tasks in the services.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

import structlog

R = TypeVar("R")
TOLD_AGAIN_SECONDS = 30
"""Longer than anything needs to end in order."""

log = structlog.get_logger("tasks")


class TaskGroup:
    """Tasks of one owner. on_failure(name, error) is told of each one that ends with an exception."""

    def __init__(self, on_failure: Callable[[str, BaseException], None] | None = None) -> None:
        self._tasks: dict[asyncio.Task[Any], None] = {}  # in the order of their start
        self._on_failure = on_failure

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    @property
    def running(self) -> int:
        return len(self._tasks)

    async def stop(self) -> None:
        """Cancel what runs and wait for its end. Who goes on is told again, for the word can be lost: whatever awaits
        something and goes on after an error can have taken it for one (app.clock.heed_the_end)."""
        while self._tasks:
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.wait(tuple(self._tasks), timeout=TOLD_AGAIN_SECONDS)

    async def drain(self) -> None:
        """Wait for what runs without cancelling it."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("task.failed", task=task.get_name(), exc_info=error)
            if self._on_failure is not None:
                self._on_failure(task.get_name(), error)


class Shared(Generic[R]):
    """One call for all who ask for the same while it is under way; who goes away leaves it to the others."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[R]] = {}

    async def once(self, name: str, call: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """What the call returns, or raises, for each of them."""
        task = self._running.get(name)
        if task is None:
            task = self._running[name] = asyncio.get_running_loop().create_task(call(), name=name)
            task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[R]) -> None:
        del self._running[task.get_name()]
        if not task.cancelled():
            task.exception()  # seen: who asked may be gone
