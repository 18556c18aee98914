"""What a setting's text says: numbers, hosts, proxies, and the values of the risk table."""

from __future__ import annotations

import ipaddress
import json
import math
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.domain.money import exact
from app.domain.refusals import InvalidValue

_WORDS = {"true": True, "false": False, "none": None, "null": None}
# Keys of the risk table that hold names.
_LISTS = frozenset({"allowed_instruments"})

# What editors, spreadsheets and `kubectl` put around a value.
AROUND = " \t\r\n\u00a0\ufeff\u200b"
HOST = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?")
PROXY_RULE = "must be http://[USER:PASSWORD@]HOST[:PORT]; in a password / ? # are written %2F %3F %23"


def plain_number(value: Any) -> Any:
    """Text from a variable is a number as people and JSON write it: no 1_000, no blanks, no digits of other scripts."""
    if isinstance(value, str):
        try:
            exact("number", value)
        except InvalidValue as error:
            raise ValueError(error.refusal.rule) from None
    return value


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback)


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def network(text: str) -> str:
    """Addresses of proxies: one, or a network such as 10.0.0.0/8."""
    try:
        found = ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r}: must be an address or a network, such as 10.0.0.7 or 10.0.0.0/8") from None
    if not found.prefixlen:
        raise ValueError(f"{text!r}: would believe anybody; name the proxies")
    return str(found)


def host_name(text: str) -> str:
    """As a Host header is compared: in lower case, without a last dot, IPv6 in brackets."""
    name = text.strip(AROUND).lower().rstrip(".")
    return f"[{name}]" if ":" in name and not name.startswith("[") and is_address(name) else name


def is_proxy(text: str) -> bool:
    parts = urlsplit(text)
    try:
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        return False
    return sound and parts.path in ("", "/") and not (parts.query or parts.fragment or re.search(r"\s", text))


def exact_value(key: str, value: Any) -> Any:
    """A configured value of the risk table: a float as the decimal of its shortest repr, a text as what it says."""
    if isinstance(value, str):
        value = _read(key, value)
    if isinstance(value, list | tuple):
        if not all(isinstance(item, str) for item in value):
            raise ValueError(f"{key} {list(value)!r}: must hold names alone")
        return tuple(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{key} {value!r}: must be finite")
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{key} {value}: must be finite")
    return Decimal(value) if isinstance(value, int) else value


def _read(key: str, text: str) -> Any:
    """What a variable's text says: none, true or false, a list (JSON, or separated by commas), or a number."""
    word = text.strip()
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if key in _LISTS:
        try:
            return json.loads(word) if word.startswith("[") else [part.strip() for part in word.split(",")]
        except ValueError:
            raise ValueError(f"{key} {text!r}: must be a JSON list, or names separated by commas") from None
    try:
        return exact(key, text)
    except InvalidValue:
        raise ValueError(f"{key} {text!r}: must be a number, true or false") from None
