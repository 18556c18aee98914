"""A host in the executor's own process, for a backtest: the same messages, and no process that virtual time overtakes.

A handler takes no time there, and one that hangs hangs everything.
"""

import asyncio
from collections.abc import Callable

from app.services.strategies.process import OnAnswer, OnEnd
from app.strategies.handling import Handling
from app.strategies.messages import Answer, Batch, Begin, decode_answer, decode_batch, decode_begin, encode


class InlineHost:
    """process.Host."""

    pid = None

    def __init__(self, on_answer: OnAnswer, on_end: OnEnd) -> None:
        self._on_answer = on_answer
        self._handling = Handling()
        self._killed = False

    def begin(self, begin: Begin) -> None:
        self._soon(lambda: self._handling.begin(decode_begin(encode(begin))))

    def handle(self, batch: Batch) -> None:
        self._soon(lambda: self._handling.handle(decode_batch(encode(batch))))

    def kill(self) -> None:
        self._killed = True

    def _soon(self, call: Callable[[], Answer]) -> None:
        asyncio.get_running_loop().call_soon(self._answer, call)

    def _answer(self, call: Callable[[], Answer]) -> None:
        if not self._killed:
            self._on_answer(decode_answer(encode(call())))
