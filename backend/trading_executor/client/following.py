"""How far a stream has come; when it breaks off, it goes on after the last event that it told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from trading_executor.client import messages as told
from trading_executor.client.errors import NoAnswer, NotAvailable
from trading_executor.client.wire import Lost, convert

PATH = "/api/v1/stream/events"
AGAIN_SECONDS = 1.0

Message: TypeAlias = (
    told.HelloMessage
    | told.EventMessage
    | told.PositionsMessage
    | told.BalancesMessage
    | told.ExecutionsMessage
    | told.StatusMessage
    | told.BookMessage
    | told.HeartbeatMessage
    | told.ErrorMessage
)
TYPES: dict[str, Any] = {
    "hello": told.HelloMessage,
    "event": told.EventMessage,
    "positions": told.PositionsMessage,
    "balances": told.BalancesMessage,
    "executions": told.ExecutionsMessage,
    "status": told.StatusMessage,
    "book": told.BookMessage,
    "heartbeat": told.HeartbeatMessage,
    "error": told.ErrorMessage,
}


def typed(message: dict[str, Any]) -> Message | None:
    """None for a type that a later release has added. Raises Unreadable."""
    kind = TYPES.get(message["type"])
    return None if kind is None else convert(message, kind)


def silent(why: str, after: int | None) -> None:
    """Says nothing of a break."""


class Course:
    """after: the event up to which nothing is missing; a resume begins there."""

    def __init__(
        self, after: int | None, channels: Sequence[str], books: Sequence[str], for_seconds: int | None
    ) -> None:
        self.after = after
        self._begun = False
        self._for_seconds = for_seconds
        self._wanted = {"channels": ",".join(channels), "books": ",".join(books)}

    @property
    def query(self) -> dict[str, str]:
        asked = {**self._wanted, "after": self.after, "for_seconds": self._for_seconds}
        return {name: str(value) for name, value in asked.items() if value not in ("", None)}

    def saw(self, message: dict[str, Any]) -> None:
        self._begun = True
        if message["type"] == "hello":
            self.after = message["after"]
        elif message["type"] in ("event", "heartbeat"):
            self.after = message["as_of"] if message["seq"] is None else message["seq"]

    def ended(self) -> str | None:
        """Why to ask again; None: the time asked for is over."""
        return None if self._for_seconds is not None else "the server ended it"

    def broke(self, error: Lost | NotAvailable, url: str) -> str:
        """Why to ask again. Raises when it never began."""
        if self._begun:
            return str(error)
        if isinstance(error, Lost):
            raise NoAnswer(url, str(error), never_sent=not error.sent, changes=False, idempotency_key=None) from None
        raise error
