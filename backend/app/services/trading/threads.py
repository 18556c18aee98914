"""Calls that may never come back, a read of a file system that hangs, in a thread that nobody else needs.

The event loop's own threads are few: the database is read there and the lease renewed. And no exit waits for this one.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")


class OwnThread:
    """One call at a time; while one that was given up has not come back, every other is refused."""

    def __init__(self, name: str) -> None:
        self._daemon = _Daemon(name)

    async def run(self, seconds: float, call: Callable[..., T], *args: Any) -> T:
        """What the call returns. Raises what it raises, and TimeoutError (an OSError) after so many seconds."""
        if self._daemon.busy:
            raise TimeoutError("an earlier call has not come back")
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(self._daemon, call, *args)
        except TimeoutError:
            if self._daemon.busy:
                raise TimeoutError(f"no answer within {seconds:g} s") from None
            raise


class _Daemon(Executor):
    def __init__(self, name: str) -> None:
        self._name = name
        self._last: Future[Any] | None = None

    @property
    def busy(self) -> bool:
        return self._last is not None and not self._last.done()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = self._last = Future[Any]()
        future.set_running_or_notify_cancel()

        def work() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  whoever awaits it gets it
                future.set_exception(error)

        threading.Thread(target=work, name=self._name, daemon=True).start()
        return future
