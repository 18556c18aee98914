"""Payloads of the journal: domain values to canonical JSON text and back.

Fields stand in the order of their dataclass, decimals as text, so that the same value always gives the same bytes.
"""

import hashlib
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder(decimal_format="string")


def encode(value: object) -> str:
    """Canonical JSON of a domain value (dataclass), or of a dict whose keys the caller gives in a fixed order."""
    return _encoder.encode(value).decode()


def as_is(payload: str) -> msgspec.Raw:
    """JSON text to stand inside another payload as it is."""
    return msgspec.Raw(payload.encode())


def content_hash(payload: str) -> str:
    """SHA-256 (hex) of canonical content."""
    return hashlib.sha256(payload.encode()).hexdigest()


def decode(payload: str, kind: type[T]) -> T:
    """The domain value of type `kind`. Raises msgspec.ValidationError when the payload is not one."""
    return msgspec.json.decode(payload, type=kind)


def decode_plain(payload: str) -> dict[str, Any]:
    return msgspec.json.decode(payload, type=dict[str, Any])
