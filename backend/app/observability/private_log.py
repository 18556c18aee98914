"""A log file that only its owner can read, in pieces of bounded size: NAME, NAME.1 (the one before) ... NAME.5."""

import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

PIECE_BYTES_MAX = 10 * 1024 * 1024
OLDER_PIECES = 5


class PrivateLog(RotatingFileHandler):
    """The stream of a LogPump. The standard library's handler moves the pieces along."""

    def __init__(self, path: Path, piece_bytes_max: int = PIECE_BYTES_MAX) -> None:
        super().__init__(path, maxBytes=piece_bytes_max, backupCount=OLDER_PIECES, encoding="utf-8")

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> None:
        """Append one or more whole lines."""
        size = len(text.encode("utf-8", "replace"))
        if self._written and self._written + size > self.maxBytes:
            self.doRollover()
        assert self.stream is not None, "it is None only where opening is put off"
        self.stream.write(text)
        self._written += size

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._written = os.fstat(handle).st_size
        return os.fdopen(handle, "a", encoding="utf-8")
