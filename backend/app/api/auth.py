"""The installation's own key, and how a request presents one.

The key is made at the first start that needs one, into a file that only its owner can read: the command line's own,
with every scope. What a key that is presented opens, services.trading.account.access_keys knows.
"""

import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.clock import Clock
from app.store.folders import private_folder

KEY_FILE = "api.key"
KEY_BYTES = 32
MADE_SIMULATED = "tek_sim_"
"""How a key begins that was made on the simulated exchange: it was never meant for money."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key and the file it stands in. created: made just now, so show it once."""

    value: str
    path: Path
    created: bool


class KeyFileError(Exception):
    """The key file cannot be used; the message says why and never holds the key."""


def credentials(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[str]:
    """The keys that a request presents, as X-API-Key or Authorization: Bearer; of two that differ neither counts."""
    found: set[str] = set()
    for name, value in headers:
        if name == b"x-api-key":
            found.add(value.decode("latin-1").strip())
        elif name == b"authorization":
            scheme, _, said = value.decode("latin-1").strip().partition(" ")
            if scheme.lower() == "bearer":
                found.add(said.strip())
    return frozenset(found)


def ensure_key(data_dir: Path, clock: Clock, *, simulated: bool = False) -> ApiKey:
    """The installation's key out of data_dir/api.key, made there (mode 0600) when there is none. simulated: it is made
    for the simulated exchange, and opens no other.

    Raises KeyFileError for a file that others can read, that is empty, or that cannot be written.
    """
    path = data_dir / KEY_FILE
    try:
        private_folder(data_dir)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return ApiKey(read_key(path), path, created=False)
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from None
    value = (MADE_SIMULATED if simulated else "tek_") + base64.urlsafe_b64encode(
        clock.token(KEY_BYTES)
    ).decode().rstrip("=")
    with os.fdopen(handle, "w") as file:
        file.write(value + "\n")
    return ApiKey(value, path, created=True)


def read_key(path: Path) -> str:
    """The key in a file. Raises KeyFileError."""
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
