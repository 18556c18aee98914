"""What only the newest of counts: positions, balances, open executions, status, order books. Made once for everybody
who asked, some times a second, and told when it changed.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from starlette.concurrency import run_in_threadpool

from app.api.encoding import json_ready
from app.api.executions import execution
from app.api.runtime import Runtime
from app.clock import NS_PER_SECOND, utc

BOOK = "book:"
BOOK_LEVELS = 10
STATES = ("positions", "balances", "executions", "status")
EXECUTIONS_MAX = 500

_encode = msgspec.json.Encoder().encode


class View(NamedTuple):
    """One message. version: rises with each change of the content."""

    version: int
    as_of: int
    text: bytes


class Views:
    """The views that somebody wants."""

    def __init__(self, runtime: Runtime, status_seconds: float) -> None:
        self.newest: dict[str, View] = {}
        self._runtime = runtime
        self._status_ns = int(status_seconds * NS_PER_SECOND)
        self._wanted: Counter[str] = Counter()
        self._content: dict[str, Any] = {}
        self._versions = 0
        self._status_at_ns = 0
        self._executions_of = -1

    def want(self, names: Iterable[str]) -> None:
        self._wanted.update(names)

    def unwant(self, names: Iterable[str]) -> None:
        for name in names:
            self._wanted[name] -= 1
            if not self._wanted[name]:
                del self._wanted[name]
                self.newest.pop(name, None)
                self._content.pop(name, None)

    @property
    def lacking(self) -> bool:
        """Whether one was never made."""
        return len(self.newest) < len(self._wanted)

    async def renew(self, head: int) -> None:
        """Make them anew. head: the newest event that clients were told of."""
        for name in tuple(self._wanted):
            if name == "executions" and self._executions_of == head and name in self.newest:
                continue  # a query, and nothing happened
            # What is read below holds what memory or the database holds now, and so at least what was told.
            as_of = min(head, self._runtime.ledger.seq)
            content = await self._made(name)
            if name == "executions":
                self._executions_of = head
            if name not in self._wanted or not self._is_news(name, content, as_of):
                continue
            self._content[name] = content
            self._versions += 1
            kind = name.partition(":")[0]
            stamp = {} if kind == "book" else {"as_of": as_of}
            text = _encode({"type": kind, "seq": None, **stamp, **content})
            self.newest[name] = View(self._versions, as_of, text)

    def _is_news(self, name: str, content: Any, as_of: int) -> bool:
        held = self.newest.get(name)
        if held is None:
            return True
        if name == "status":
            now_ns = self._runtime.clock.monotonic_ns()
            before, after = self._content[name]["status"], content["status"]
            known = all(before.get(member) == after.get(member) for member in ("ready", "reasons", "kill_switch"))
            if known and now_ns - self._status_at_ns < self._status_ns:
                return False
            self._status_at_ns = now_ns
            return True
        return content != self._content[name]

    async def _made(self, name: str) -> Any:
        runtime = self._runtime
        match name:
            case "positions":
                return json_ready({"positions": runtime.positions.get_all_positions()})
            case "balances":
                return json_ready({"account": await runtime.executor.account()})
            case "executions":
                found = await run_in_threadpool(runtime.parents.history, open_only=True, limit=EXECUTIONS_MAX)
                return json_ready({"executions": [execution(parent) for parent in found]})
            case "status":
                return json_ready({"status": runtime.status()})
            case _:
                return self._book(name.removeprefix(BOOK))

    def _book(self, instrument_id: str) -> Any:
        market, now_ns = self._runtime.market, self._runtime.clock.now_ns()
        view = market.view(instrument_id, now_ns)
        book = view.book
        return json_ready(
            {
                "instrument_id": instrument_id,
                "valid": book is not None and book.valid,
                "bids": view.bids[:BOOK_LEVELS],
                "asks": view.asks[:BOOK_LEVELS],
                "exchange_at": utc(book.venue_time_ns) if book is not None and book.venue_time_ns else None,
            }
        )


def view_names(channels: Iterable[str], books: Iterable[str]) -> tuple[str, ...]:
    """The views that a client of these channels and books gets."""
    asked = frozenset(channels)
    return (*(name for name in STATES if name in asked), *(BOOK + name for name in books))
