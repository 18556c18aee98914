"""The running system's API as commands use it: one request, one answer, every failure a CommandError.

A request that changes something is sent once; when its answer does not come, the error says that its outcome is open.
"""

import http.client
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from app.api import control_socket
from app.cli.errors import BAD_INPUT, FAILED, REFUSED, CommandError
from app.cli.options import settings

TIMEOUT_SECONDS = 20
KEY_FILE = "api.key"
ADDRESS_FILE = "serving.url"
"""Written by a system that serves, removed when it ends."""
ANSWER_BYTES_MAX = 64 * 1024 * 1024
_REFUSALS = frozenset({"order-denied", "order-not-sent", "execution-denied", "amend-refused"})
"""Kinds of problem that are risk's word on an order, where they are final (422)."""
_LATTICE = frozenset({"instrument", "tick_size", "lot_size", "minimum_size", "execution_strategy"})
"""What these checks find could not be traded by anybody: it is bad input."""
_WIRE = frozenset({"exchange", "not_sent"})
"""The word of the exchange and of the way to it, not risk's."""
_BAD_INPUT_STATUSES = frozenset({400, 404, 405, 409, 413, 415, 422})


class Broken(CommandError):
    """What was being read ended before its end."""


class Client:
    """Requests to one system. Raises CommandError: status 2 for what the system calls bad input, 1 for the rest."""

    def __init__(self, url: str, api_key: str | None = None, control: Path | None = None) -> None:
        """control: the data folder by whose control socket to ask, while its system has one."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise CommandError(f"url={url}: must be http://HOST[:PORT]", BAD_INPUT)
        try:
            self._port = parts.port
        except ValueError:
            raise CommandError(f"url={url}: the port must be a number up to 65535", BAD_INPUT) from None
        self._url = url.rstrip("/")
        self._parts = parts
        self._control = control
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if api_key:
            self._headers["X-API-Key"] = api_key

    def get(self, path: str, **query: Any) -> Any:
        """The answer to a read; query members that are None are left out."""
        given = {name: value for name, value in query.items() if value is not None}
        text = urlencode({name: str(value).lower() if value is True else value for name, value in given.items()}, True)
        return self._ask("GET", f"{path}?{text}" if text else path, None, None)

    def lines(self, path: str, **query: Any) -> Generator[str]:
        """The lines of an answer that goes on. Raises Broken when it breaks off."""
        given = urlencode({name: value for name, value in query.items() if value is not None})
        connection = self._connection()
        try:
            connection.request("GET", self._parts.path.rstrip("/") + f"{path}?{given}", None, self._headers)
            response = connection.getresponse()
            if response.status >= 400:
                _read(response.status, response.read(ANSWER_BYTES_MAX))
            while line := response.readline():
                yield line.decode().rstrip("\n")
        except (OSError, http.client.HTTPException) as error:
            raise Broken(f"url={self._url}: {error or type(error).__name__}") from None
        finally:
            connection.close()

    def post(self, path: str, body: dict[str, Any], key: str | None = None) -> Any:
        return self._ask("POST", path, body, key)

    def patch(self, path: str, body: dict[str, Any], key: str | None = None) -> Any:
        return self._ask("PATCH", path, body, key)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path, None, None)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None, key: str | None) -> Any:
        connection = self._connection()
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        content = None if body is None else json.dumps(body).encode()
        try:
            if connection.sock is None:
                connection.connect()
        except OSError as error:
            why = error.strerror or str(error)
            hint = "is it running? (trading-executor serve, or demo)"
            raise CommandError(f"url={self._url}: {why}; {hint}") from None
        try:
            connection.request(method, self._parts.path.rstrip("/") + path, content, headers)
            response = connection.getresponse()
            return _read(response.status, response.read(ANSWER_BYTES_MAX))
        except (OSError, http.client.HTTPException) as error:
            open_end = "" if method == "GET" else "; whether it was done is open: look before you repeat it"
            raise CommandError(f"url={self._url}: no answer ({error or type(error).__name__}){open_end}") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        line = None if self._control is None else control_socket.connected(self._control, TIMEOUT_SECONDS)
        if line is not None:
            connection = http.client.HTTPConnection("control.local")
            connection.sock = line
            return connection
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._parts.hostname or "", self._port, timeout=TIMEOUT_SECONDS)


def connect(url: str | None, data_dir: Path | None, *, control: bool = False) -> Client:
    """A client for the system that --url names, else the one that serves this data folder, else the settings' address;
    the key out of the environment or the data folder. control: for what ends risk or administers; asked of the data
    folder's own system it goes by the control socket, which nothing can crowd out, and by HTTP only where there is
    none."""
    found = settings(data_dir=data_dir)
    served = _served(found.data_dir)
    by_socket = found.data_dir if control and url in (None, served) else None
    url = url or served
    if url is None:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(found.host, found.host)  # noqa: S104 - compared only
        shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
        url = f"http://{shown}:{found.port}"
    key = found.api_key.get_secret_value() if found.api_key else _key_of(found.data_dir / KEY_FILE)
    return Client(url, key, by_socket)


def _served(data_dir: Path) -> str | None:
    """Where the system whose data folder this is says that it listens; None when it does not run."""
    try:
        return (data_dir / ADDRESS_FILE).read_text("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def segment(text: str) -> str:
    """Text as one part of a path."""
    return quote(text, safe="")


def _key_of(path: Path) -> str | None:
    try:
        if path.stat().st_mode & 0o077 and os.name == "posix":
            raise CommandError(f"{path}: holds the API key, so its mode must be 0600", FAILED)
        return path.read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from None


def _read(status: int, content: bytes) -> Any:
    try:
        body = json.loads(content) if content else None
    except ValueError:
        raise CommandError(f"status={status}: the answer is not JSON; does another program have this port?") from None
    if status < 400:
        return body
    problem = body if isinstance(body, dict) else {}
    errors = [entry for entry in problem.get("errors", []) if isinstance(entry, dict)]
    lines = [f"{entry.get('field')}={entry.get('value')}: {entry.get('rule')}" for entry in errors]
    message = "; ".join(lines) or str(problem.get("detail") or f"status={status}")
    refused = status == 422 and str(problem.get("type")).rpartition(":")[2] in _REFUSALS
    if refused and errors and not any(error.get("check") in _LATTICE | _WIRE for error in errors):
        raise CommandError(_printable(message), REFUSED, errors)
    raise CommandError(_printable(message), BAD_INPUT if status in _BAD_INPUT_STATUSES else FAILED, errors)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
