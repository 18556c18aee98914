"""Who may ask: API keys, compared by their SHA-256 in constant time.

The key itself is known to its owner alone; this process keeps the digest. A key is made at the first start that needs
one, into a file that only its owner can read.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.clock import Clock
from app.domain.access import OF_LEGACY, Grant

KEY_FILE = "api.key"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The digests of the keys that open the API. An empty ring opens to nobody."""

    digests: tuple[bytes, ...]

    @classmethod
    def of(cls, keys: Iterable[str]) -> "KeyRing":
        return cls(tuple(_digest(key) for key in keys))

    def grant(self, presented: str | None) -> Grant | None:
        """What a key of the ring may do, None for any other."""
        if presented is None:
            return None
        digest = _digest(presented)
        found = False
        for known in self.digests:
            found |= hmac.compare_digest(digest, known)
        return OF_LEGACY if found else None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key and the file it stands in. created: made just now, so show it once."""

    value: str
    path: Path
    created: bool


class KeyFileError(Exception):
    """The key file cannot be used; the message says why and never holds the key."""


def presented_key(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key of a request: X-API-Key, or Authorization: Bearer; None without one or with two that differ."""
    found: set[str] = set()
    for name, value in headers:
        text = value.decode("latin-1").strip()
        if name == b"x-api-key":
            found.add(text)
        elif name == b"authorization":
            scheme, _, credentials = text.partition(" ")
            if scheme.lower() == "bearer":
                found.add(credentials.strip())
    return found.pop() if len(found) == 1 else None


def ensure_key(data_dir: Path, clock: Clock) -> ApiKey:
    """The installation's key out of data_dir/api.key, made there (mode 0600) when there is none.

    Raises KeyFileError for a file that others can read, that is empty, or that cannot be written.
    """
    path = data_dir / KEY_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return ApiKey(_read(path), path, created=False)
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from None
    value = "tek_" + base64.urlsafe_b64encode(clock.token(KEY_BYTES)).decode().rstrip("=")
    with os.fdopen(handle, "w") as file:
        file.write(value + "\n")
    return ApiKey(value, path, created=True)


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode & 0o777
        value = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path}: {error}") from None
    if mode & 0o077:
        raise KeyFileError(f"{path}: mode {mode:04o}: holds the API key, so it must be 0600")
    if not value:
        raise KeyFileError(f"{path}: the file is empty")
    return value


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
