"""The socket in the data folder by which this machine's own user stops trading, however crowded the network's door is.

Whoever may open the file (mode 0600) is its owner, so no key is asked for; it takes reads and what ends risk.
"""

import errno
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

SOCKET_FILE = "control.sock"
BACKLOG = 64
CONNECT_SECONDS = 2.0
_PATH_BYTES_MAX = 100
"""A Unix socket's address holds some hundred bytes; a longer path is reached by its folder's descriptor (Linux)."""


@contextmanager
def listening(data_dir: Path) -> Generator[socket.socket]:
    """The socket, listening; its file is removed at the end. Raises OSError, also when another system listens there."""
    path = data_dir / SOCKET_FILE
    if (other := connected(data_dir, CONNECT_SECONDS)) is not None:
        other.close()
        raise OSError(errno.EADDRINUSE, "another system with this data folder listens there")
    with suppress(FileNotFoundError):
        path.unlink()  # left by a process that was killed
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            before = os.umask(0o177)
            try:
                listener.bind(address)
            finally:
                os.umask(before)
        listener.listen(BACKLOG)
        listener.setblocking(False)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)
    finally:
        listener.close()


def connected(data_dir: Path, timeout_seconds: float) -> socket.socket | None:
    """A connection to the system that serves this data folder; None when nobody listens there."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(timeout_seconds)
    try:
        with _address(data_dir / SOCKET_FILE) as address:
            line.connect(address)
    except OSError:
        line.close()
        return None
    return line


@contextmanager
def _address(path: Path) -> Generator[str]:
    if len(os.fsencode(path)) <= _PATH_BYTES_MAX or not Path("/proc/self/fd").exists():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
