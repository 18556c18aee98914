"""What carries bytes to OKX: one REST request at a time, and WebSocket connections. A port, and its guard.

An implementation never retries, follows no redirect, and raises NotSent, AnswerLost or aiohttp's own exceptions,
which outcomes.py sorts. Every destination passes the Guard before a socket is touched.
"""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from app.exchanges.okx.config import OkxConfig, network_location
from app.exchanges.okx.endpoints import ALLOWED, WEBSOCKET_PATHS


class NotSent(Exception):
    """Nothing of the request left this process."""


class KeysMissing(NotSent):
    """There is nothing to sign a request with."""


class AnswerLost(Exception):
    """The request left, wholly or in part, and no answer came."""


class Forbidden(Exception):
    """The destination is not on the allowlist; nothing was sent."""


class Closed(Exception):
    """The WebSocket is closed. code: the close frame's, 0 when there was none."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"closed with {code}: {reason}" if reason else f"closed with {code}")


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes


class Connection(Protocol):
    """One open WebSocket, text frames only."""

    @property
    def closed(self) -> bool: ...

    async def send(self, text: str) -> None:
        """Hand one text frame over; the first byte is written before this yields, unless the buffer is full."""
        ...

    async def receive(self) -> str:
        """The next text frame; raises Closed."""
        ...

    async def close(self) -> None: ...


class Transport(Protocol):
    async def request(
        self, method: str, url: str, headers: dict[str, str], body: str, timeout_seconds: float
    ) -> Response: ...

    async def connect(self, url: str, timeout_seconds: float) -> Connection: ...

    def open(self) -> None:
        """Usable (again); needed only after close()."""
        ...

    async def close(self) -> None: ...


class Guard:
    """The egress allowlist: the configured hosts, the listed methods and paths, nothing else."""

    def __init__(self, config: OkxConfig) -> None:
        self._hosts = config.hosts
        self._rest_prefix = urlsplit(config.rest_url).path
        self._websocket_prefix = urlsplit(config.ws_url).path

    def check_request(self, method: str, url: str) -> None:
        """Raises Forbidden."""
        path = _below(self._rest_prefix, url)
        if network_location(url) not in self._hosts or (method, path) not in ALLOWED:
            raise Forbidden(f"{method} {path} at {network_location(url)} is not on the adapter's list of destinations")

    def check_connect(self, url: str) -> None:
        """Raises Forbidden."""
        path = _below(self._websocket_prefix, url)
        if network_location(url) not in self._hosts or path not in WEBSOCKET_PATHS:
            raise Forbidden(f"WebSocket {path} at {network_location(url)} is not on the adapter's list of destinations")


def _below(prefix: str, url: str) -> str:
    """The path below a prefix; the whole path when it does not stand there, which no list allows."""
    path = urlsplit(url).path
    return path[len(prefix) :] if path.startswith(prefix) else f"outside {prefix}: {path}"
