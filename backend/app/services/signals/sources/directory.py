"""A folder: a file that is put there whole, by a rename, is a signal; then it is moved to done/ or refused/.

Its name and the moment that it was written at make it one: moved back it is told what became of it. Beside the moved
file stands what became of it, NAME.result.json, or why it was refused, NAME.reason.json.
"""

import heapq
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from app.domain.refusals import Refusal
from app.services.signals.messages import BYTES_MAX
from app.services.signals.sources.port import CALL_SECONDS, Declared, Message, SourceFailed
from app.services.trading.threads import OwnThread
from app.store.folders import private_folder

SUFFIX = ".json"
READ_AT_ONCE = 100
NAME_BYTES_MAX = 200
"""The note that is put beside a settled file has a longer name, of 255 bytes at most."""

T = TypeVar("T")


class Directory:
    """SignalSource."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[Path] = []
        self._thread = OwnThread(f"signals in {path}")

    @classmethod
    def of(cls, declared: Declared) -> "Directory":
        return cls(declared.path())

    @property
    def where(self) -> str:
        return str(self._path)

    async def open(self) -> None:
        await self._run(self._prepare)

    async def next(self) -> Message | None:
        if not self._found:
            self._found = await self._run(self._look)
        while self._found:
            message = await self._run(self._read, self._found.pop(0))
            if message is not None:
                return message
        return None

    async def done(self, message: Message, told: Mapping[str, Any]) -> None:
        await self._run(self._settle, message, "done", ".result.json", told)

    async def refused(self, message: Message, reasons: Sequence[Refusal]) -> None:
        said = [{"field": each.field, "value": each.value, "rule": each.rule, "check": each.check} for each in reasons]
        await self._run(self._settle, message, "refused", ".reason.json", {"errors": said})

    async def close(self) -> None:
        self._found = []

    async def _run(self, call: Callable[..., T], *args: Any) -> T:
        try:
            return await self._thread.run(CALL_SECONDS, call, *args)
        except TimeoutError as error:
            raise SourceFailed(f"{self._path}: {error}") from None

    def _prepare(self) -> None:
        try:
            for folder in (self._path, self._path / "done", self._path / "refused"):
                private_folder(folder)
            mode = stat.S_IMODE(self._path.stat().st_mode)
        except OSError as error:
            raise SourceFailed(f"{error.filename}: {error.strerror}") from None
        if mode & 0o022:
            raise SourceFailed(f"{self._path}: mode {mode:04o}: others may write signals there; chmod go-w it")

    def _look(self) -> list[Path]:
        """The oldest files first."""
        try:
            with os.scandir(self._path) as entries:
                found = heapq.nsmallest(READ_AT_ONCE, _candidates(entries))
        except OSError as error:
            raise SourceFailed(f"{self._path}: {error.strerror}") from None
        return [self._path / name for _, name in found]

    def _read(self, path: Path) -> Message | None:
        """None for a file that is gone meanwhile. One that is no plain file of ours to read is a message that no signal
        can be made of."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                found = os.fstat(handle)
                plain = stat.S_ISREG(found.st_mode)
                body = file.read(BYTES_MAX + 1) if plain else b""
                return Message(f"{path.name} {found.st_mtime_ns}", body, found.st_mtime_ns, path)
        except FileNotFoundError:
            return None
        except OSError:
            return Message(path.name, b"", 0, path)

    def _settle(self, message: Message, folder: str, suffix: str, told: Mapping[str, Any]) -> None:
        """What became of it is there before the file moves, so that a crash between does both again."""
        there: Path = self._path / folder / message.handle.name
        note = there.with_name(there.name + suffix)
        try:
            draft = note.with_name(f".{note.name}")
            draft.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
            draft.replace(note)
            with suppress(FileNotFoundError):  # whoever put it there took it away again
                message.handle.replace(there)
        except OSError as error:
            raise SourceFailed(f"{error.filename}: {error.strerror}") from None


def _candidates(entries: Iterator[os.DirEntry[str]]) -> Iterator[tuple[int, str]]:
    for entry in entries:
        short = len(os.fsencode(entry.name)) <= NAME_BYTES_MAX
        if short and entry.name.endswith(SUFFIX) and not entry.name.startswith("."):
            with suppress(FileNotFoundError):
                yield entry.stat(follow_symlinks=False).st_mtime_ns, entry.name
