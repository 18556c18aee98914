"""What ends when something is on the disk, for any number who wait."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import structlog

log = structlog.get_logger("store")


class Durable:
    """Ends when something is on the disk: a group, or the answer to a send. Raises what settle() was given: StoreFailed
    when a commit failed or cannot be known, or the error that a send ended with.

    Any number may wait, and one that is cancelled leaves the others waiting, and what they wait for alone.
    """

    __slots__ = ("_calls", "_error", "done")

    def __init__(self) -> None:
        self.done = False
        self._error: Exception | None = None
        self._calls: list[Callable[[Exception | None], object]] = []

    def then(self, call: Callable[[Exception | None], object]) -> None:
        """Call on the event loop once it has ended, with the error if there is one; at once if it has."""
        if self.done:
            call(self._error)
        else:
            self._calls.append(call)

    def settle(self, error: Exception | None = None) -> None:
        """It has ended; on the event loop, once. A call that fails does not keep it from the others."""
        self.done, self._error = True, error
        calls, self._calls = self._calls, []
        for call in calls:
            try:
                call(error)
            except Exception:
                log.exception("durable.call_failed")

    def __await__(self) -> Generator[Any, None, None]:
        if not self.done:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._calls.append(lambda _: waiter.done() or waiter.set_result(None))
            yield from waiter
        if self._error is not None:
            raise anew(self._error)


def anew(error: Exception) -> Exception:
    """To raise the same error once more: the traces of those before would stay on it, and with them their frames."""
    return error.with_traceback(None)
