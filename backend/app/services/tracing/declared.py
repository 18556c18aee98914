"""Where traces go, as the settings declare it:

    [traces]
    url = "http://127.0.0.1:4318/v1/traces"     a collector that takes OTLP by HTTP
    headers_file = "collector.headers"          NAME: VALUE a line, in a file that its owner alone reads
    timeout_seconds = 10
    share = 0.1                                 of the traces, each whole or not at all

The extra `otel` has the words of the protocol.
"""

import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from app.domain.money import from_config
from app.domain.refusals import InvalidValue
from app.store.address import path_of

HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}):[ \t]*([ -~]{1,4096}?)[ \t]*")
HEADERS_MAX = 20
TIMEOUT_SECONDS, SECONDS_MAX = 10, 60
OWN_HEADERS = frozenset({"content-type", "content-length", "content-encoding", "host", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Traces:
    """share: of the traces that are sent, from 0 to 1. headers: with every request; they may hold a token."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeout_seconds: int = TIMEOUT_SECONDS
    share: Decimal = Decimal(1)

    @property
    def host(self) -> str:
        """For people: the address without its path."""
        return urlsplit(self.url).netloc


def declared(said: Mapping[str, Any], hide: Callable[[str], None]) -> Traces | None:
    """None where nothing is said. hide: told of each header's value, which no log may show. Raises InvalidValue naming
    the key at fault."""
    if not said:
        return None
    if not _has_words():
        raise InvalidValue("traces", "given", "needs a library: pip install 'trading-executor[otel]'")
    known = ["headers_file" if each.name == "headers" else each.name for each in fields(Traces)]
    for key in said:
        if key not in known:
            raise InvalidValue(f"traces.{key}"[:64], "given", f"is no setting of traces; known are {', '.join(known)}")
    headers = _headers(said["headers_file"], hide) if "headers_file" in said else {}
    seconds = _seconds(said.get("timeout_seconds", TIMEOUT_SECONDS))
    return Traces(_url(said.get("url")), headers, seconds, _share(said.get("share", 1)))


def _has_words() -> bool:
    try:
        return find_spec("opentelemetry.proto") is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False


def _url(said: object) -> str:
    text = said if isinstance(said, str) else ""
    try:
        parts = urlsplit(text)
        _ = parts.port
        good = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not (parts.username or parts.query or parts.fragment)
        )
    except ValueError:
        good = False
    if not good or not text.isprintable() or " " in text:
        rule = "must be http://HOST:PORT/v1/traces or https://..., without user, password and query: those are headers"
        raise InvalidValue("traces.url", "missing" if said is None else _masked(text or str(said)), rule)
    return text


def _masked(text: str) -> str:
    """Without what may be a secret: all before an @, and the query."""
    return text.rpartition("@")[2].partition("?")[0][:80]


def _headers(said: object, hide: Callable[[str], None]) -> dict[str, str]:
    if not isinstance(said, str) or not said.strip():
        raise InvalidValue("traces.headers_file", str(said)[:80], "must be the path of a file")
    path = path_of("traces.headers_file", said)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise InvalidValue("traces.headers_file", str(path), str(reason)) from None
    if mode & 0o077:
        rule = f"has mode {mode:04o}: it holds a secret, so it must be 0600"
        raise InvalidValue("traces.headers_file", str(path), rule)
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        header = HEADER.fullmatch(line.strip())
        if header is None or header[1].lower() in OWN_HEADERS or number > HEADERS_MAX:
            rule = f"line {number} must be NAME: VALUE, at most {HEADERS_MAX} of them, and none that HTTP itself sets"
            raise InvalidValue("traces.headers_file", str(path), rule)
        hide(header[2])
        found[header[1]] = header[2]
    return found


def _seconds(said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 1 <= said <= SECONDS_MAX:
        raise InvalidValue("traces.timeout_seconds", str(said)[:80], f"must be a whole number from 1 to {SECONDS_MAX}")
    return said


def _share(said: Any) -> Decimal:
    share = from_config("traces.share", said)
    if not share.is_finite() or not 0 < share <= 1:
        raise InvalidValue("traces.share", str(said)[:80], "must be more than 0 and at most 1")
    return share
