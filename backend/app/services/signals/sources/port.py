"""What a source of signals is, and the part of its settings that all have.

A source gives each message at least once: again after a crash, until done() or refused() has settled it. What makes one
signal of many deliveries is its id, or the key that it bears itself.
"""

import importlib.util
import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from app.domain.access import Scope
from app.domain.access_keys import HOOK_SCOPES
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.threads import OwnThread
from app.store.address import path_of

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,26}")
WINDOW_SECONDS = 60
WINDOW_MAX = 7 * 86_400
CALL_SECONDS = 10
"""Of a file system; one that hangs is asked again."""


class SourceFailed(Exception):
    """It cannot be reached or read now; it is tried again."""


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery. id: the same for every delivery of it; sent_ns: when it was put there; handle: the source's own."""

    id: str
    body: bytes
    sent_ns: int
    handle: Any = None


class SignalSource(Protocol):
    """Raises SourceFailed from every call."""

    @property
    def where(self) -> str:
        """For the log."""
        ...

    async def open(self) -> None: ...

    async def next(self) -> Message | None:
        """The next one, those first that an earlier life did not settle; None when there is none for a while."""
        ...

    async def done(self, message: Message, told: Mapping[str, Any]) -> None:
        """It was taken, and never comes again. told: what became of it."""
        ...

    async def refused(self, message: Message, reasons: Sequence[Refusal]) -> None:
        """It is refused for good, and never comes again."""
        ...

    async def close(self) -> None:
        """Raises nothing."""
        ...


@dataclass(slots=True)
class Declared:
    """A table below signal_sources. window_seconds: a signal that says no end itself is wanted for so long after it was
    sent. key: the named key whose scopes and limits hold; without, all that moves money, as source:NAME."""

    name: str
    kind: str
    window_seconds: int
    key: str | None
    given: Mapping[str, Any]
    read: set[str] = field(default_factory=lambda: {"kind", "window_seconds", "key"})

    @classmethod
    def of(cls, name: str, said: object) -> "Declared":
        at = f"signal_sources.{name}"
        if not NAME.fullmatch(name):
            raise InvalidValue(at, name, "must be 1 to 27 of a-z, 0-9, '_' and '-'")
        if not isinstance(said, Mapping):
            raise InvalidValue(at, type(said).__name__, "must be a table")
        window = said.get("window_seconds", WINDOW_SECONDS)
        if isinstance(window, bool) or not isinstance(window, int) or not 1 <= window <= WINDOW_MAX:
            rule = f"must be a whole number from 1 to {WINDOW_MAX}"
            raise InvalidValue(f"{at}.window_seconds", window, rule)
        made = cls(name, "", window, None, said)
        made.kind, made.key = made.text("kind"), made.optional("key")
        return made

    @property
    def principal(self) -> str:
        return f"source:{self.name}"

    @property
    def scopes(self) -> frozenset[Scope]:
        return HOOK_SCOPES

    def text(self, key: str) -> str:
        """A setting that is required."""
        found = self.optional(key)
        if found is None:
            raise InvalidValue(f"signal_sources.{self.name}.{key}", "missing", "is required")
        return found

    def optional(self, key: str) -> str | None:
        self.read.add(key)
        found = self.given.get(key)
        if found is not None and (not isinstance(found, str) or not 1 <= len(found) <= 500):
            rule = "must be text of 1 to 500 characters"
            raise InvalidValue(f"signal_sources.{self.name}.{key}", type(found).__name__, rule)
        return found

    def address(self, *schemes: str) -> str:
        """The setting url: of one of these schemes, without a password, which would stand in the settings for all."""
        found = self.text("url")
        scheme, _, rest = found.partition("://")
        if scheme not in schemes or not rest or "@" in rest:
            rule = f"must be {' or '.join(schemes)}://HOST:PORT, the password in password_file"
            raise InvalidValue(f"signal_sources.{self.name}.url", scheme, rule)
        return found

    def password_file(self) -> Path | None:
        found = self.optional("password_file")
        return None if found is None else path_of(f"signal_sources.{self.name}.password_file", found)

    def path(self) -> Path:
        return path_of(f"signal_sources.{self.name}.path", self.text("path"))

    def needs(self, module: str, extra: str) -> None:
        """Raises InvalidValue where a library is not installed."""
        if importlib.util.find_spec(module) is None:
            rule = f"needs a library: pip install 'trading-executor[{extra}]'"
            raise InvalidValue(f"signal_sources.{self.name}.kind", self.kind, rule)

    def check_read(self) -> None:
        """Raises InvalidValue for a setting that nothing has read."""
        for key in self.given:
            if key not in self.read:
                rule = f"is no setting of a {self.kind} source; known are {', '.join(sorted(self.read))}"
                raise InvalidValue(f"signal_sources.{self.name}.{key}", "given", rule)


SourceKind = Callable[[Declared], SignalSource]


async def password_in(path: Path | None, thread: OwnThread) -> str | None:
    """What a file of mode 0600 says. Raises SourceFailed."""
    try:
        return None if path is None else await thread.run(CALL_SECONDS, _password, path)
    except TimeoutError as error:
        raise SourceFailed(f"{path}: {error}") from None


def _password(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY)
        with os.fdopen(handle, encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
                raise SourceFailed(f"{path}: holds a password, so its mode must be 0600")
            return file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceFailed(f"{path}: {error}") from None
