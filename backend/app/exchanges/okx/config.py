"""What the OKX adapter is told: addresses, credentials, and what the account is declared to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NoReturn
from urllib.parse import urlsplit

PRODUCTION_REST_URL = "https://www.okx.com"
PRODUCTION_WS_URL = "wss://ws.okx.com:8443/ws/v5"
DEMO_WS_URL = "wss://wspap.okx.com:8443/ws/v5"

INSTRUMENT_TYPES = ("SPOT", "SWAP")

BOOK_CHANNELS = ("books", "books5", "bbo-tbt")
"""400 levels with updates every 100 ms; 5 levels every 100 ms; the best level every 10 ms."""

STP_MODES = ("cancel_maker", "cancel_taker", "cancel_both")
"""Which of two orders of one account ends that would trade with each other (OKX's stpMode)."""

ACCOUNT_LEVELS: Mapping[str, str] = MappingProxyType(
    {"spot": "1", "futures": "2", "multi_currency": "3", "portfolio": "4"}
)
"""OKX's acctLv by name (OKX v5 account/config)."""


class Secret:
    """A text that prints as asterisks and cannot be pickled; reveal() is the one way to read it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "'***'"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


@dataclass(frozen=True, slots=True)
class OkxConfig:
    """Everything the adapter needs to know before it connects.

    ws_url: the part before /public, /private and /business. demo: adds OKX's demo header. environment: the name that
    account_config() reports; derived from demo and host when empty. expected_*: what start() compares the account
    with, where not None or "". book_channel: which of BOOK_CHANNELS feeds the books. wait_for_token_seconds: how long
    a send may wait for OKX's rate limit before it is given up as not sent; a little more than a window of 2 s.
    stp_mode: one of STP_MODES, sent with every order.
    """

    api_key: str | Secret = field(repr=False, default="")
    secret_key: str | Secret = field(repr=False, default="")
    passphrase: str | Secret = field(repr=False, default="")
    rest_url: str = PRODUCTION_REST_URL
    ws_url: str = PRODUCTION_WS_URL
    demo: bool = False
    environment: str = ""
    instrument_types: tuple[str, ...] = INSTRUMENT_TYPES
    request_timeout_seconds: float = 3
    connect_timeout_seconds: float = 10
    wait_for_token_seconds: float = 2.5
    read_attempts: int = 3
    expected_uid: str = ""
    expected_hedged: bool | None = None
    expected_level: str = ""
    withdraw_permission_allowed: bool = False
    send_over_websocket: bool = True
    book_channel: str = "books"
    order_tag: str = ""
    stp_mode: str = STP_MODES[0]
    time_sync_seconds: float = 10
    proxy: str = field(repr=False, default="")

    def __post_init__(self) -> None:
        for name in ("api_key", "secret_key", "passphrase"):
            value = getattr(self, name)
            if not isinstance(value, Secret):
                object.__setattr__(self, name, Secret(value))
        object.__setattr__(self, "rest_url", self.rest_url.rstrip("/"))
        object.__setattr__(self, "ws_url", self.ws_url.rstrip("/"))
        for name, url, schemes in (
            ("rest_url", self.rest_url, ("https", "http")),
            ("ws_url", self.ws_url, ("wss", "ws")),
        ):
            parts = urlsplit(url)
            if parts.scheme not in schemes or not parts.hostname or parts.username or parts.query:
                raise ValueError(f"{name} {url!r} must be a {' or '.join(schemes)} address with a host")
        unknown = sorted(set(self.instrument_types) - set(INSTRUMENT_TYPES))
        if unknown or not self.instrument_types:
            raise ValueError(f"instrument_types {list(self.instrument_types)} must be some of {list(INSTRUMENT_TYPES)}")
        if self.book_channel not in BOOK_CHANNELS:
            raise ValueError(f"book_channel {self.book_channel!r} must be one of {list(BOOK_CHANNELS)}")
        if self.stp_mode not in STP_MODES:
            raise ValueError(f"stp_mode {self.stp_mode!r} must be one of {list(STP_MODES)}")
        if self.request_timeout_seconds <= 0 or self.connect_timeout_seconds <= 0 or self.read_attempts < 1:
            raise ValueError("timeouts must be above zero and read_attempts at least 1")
        if not self.environment:
            object.__setattr__(self, "environment", self._derived_environment())

    def _derived_environment(self) -> str:
        if self.demo:
            return "demo"
        host = urlsplit(self.rest_url).hostname or ""
        return "live" if host == "okx.com" or host.endswith(".okx.com") else "simulated"

    @property
    def hosts(self) -> frozenset[str]:
        """The only network locations that the adapter may reach, as host:port in lower case."""
        return frozenset(network_location(url) for url in (self.rest_url, self.ws_url))


DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"http": 80, "https": 443, "ws": 80, "wss": 443})


def network_location(url: str) -> str:
    """host:port of an address, lower case, with the scheme's port when none is given."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').lower()}:{parts.port or DEFAULT_PORTS.get(parts.scheme, 0)}"
