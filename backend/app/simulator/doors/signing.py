"""OKX request signatures, as the exchange verifies them: HMAC-SHA256 over the raw request line, Base64."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime

_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$")
LOGIN_PATH = "GET/users/self/verify"
TOLERANCE_NS = 30_000_000_000


def sign(secret: str, timestamp: str, rest: bytes) -> str:
    """Base64(HMAC-SHA256(secret, timestamp + rest)); `rest` is METHOD + raw path with query + body, or LOGIN_PATH."""
    digest = hmac.new(secret.encode(), timestamp.encode() + rest, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def matches(secret: str, timestamp: str, rest: bytes, signature: str) -> bool:
    return hmac.compare_digest(sign(secret, timestamp, rest).encode(), signature.encode())


def rest_timestamp_ns(value: str) -> int | None:
    """Unix nanoseconds of an OK-ACCESS-TIMESTAMP header, or None when it is not ISO-8601 with Z.

    Some clients send Unix seconds; OKX documents the ISO form only, so they are refused here too.
    """
    if not _ISO.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000
