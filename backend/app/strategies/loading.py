"""A strategy's file: which it is, that nobody else may write it, and the class in it.

The executor reads and checks the file and hands its text to the host process, so that what was checked is what runs.
"""

import os
import stat
import sys
import types
from dataclasses import dataclass
from pathlib import Path

from app.domain.refusals import InvalidValue
from app.store.address import path_of
from app.strategies.strategy import Strategy

SOURCE_BYTES_MAX = 1 << 20
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class StrategyFile:
    """FILE.py:Class as somebody named it."""

    path: Path
    class_name: str

    @classmethod
    def of(cls, field: str, said: object, folder: Path | None = None) -> "StrategyFile":
        """folder: what a relative path is relative to. Raises InvalidValue."""
        path, _, class_name = str(said).rpartition(":")
        if not isinstance(said, str) or not path.endswith(".py") or not class_name.isidentifier():
            raise InvalidValue(field, said, "must be FILE.py:Class", check="strategy")
        found = path_of(field, path, check="strategy")
        return cls(Path(os.path.abspath((folder or Path()) / found)), class_name)

    def __str__(self) -> str:
        return f"{self.path}:{self.class_name}"

    def source(self) -> str:
        """The file's text. Raises InvalidValue for one that is not there, or that somebody else may write."""
        try:
            folder = self.path.parent.stat()
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                self._check(found, folder)
                read = file.read(SOURCE_BYTES_MAX + 1)
            if len(read) > SOURCE_BYTES_MAX:
                raise InvalidValue(
                    "file", str(self.path), f"must have at most {SOURCE_BYTES_MAX} bytes", check="strategy"
                )
            return read.decode("utf-8")
        except OSError as error:
            raise InvalidValue("file", str(self.path), error.strerror or str(error), check="strategy") from None
        except UnicodeDecodeError:
            raise InvalidValue("file", str(self.path), "must be UTF-8", check="strategy") from None

    def _check(self, file: os.stat_result, folder: os.stat_result) -> None:
        for what, found in ((self.path, file), (self.path.parent, folder)):
            if found.st_uid not in (os.geteuid(), 0):
                rule = f"belongs to user {found.st_uid}: it must be yours or root's"
                raise InvalidValue("file", str(what), rule, check="strategy")
            if found.st_mode & OTHERS_WRITE and not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
                rule = f"mode {stat.S_IMODE(found.st_mode):04o}: others may write it; chmod go-w {what}"
                raise InvalidValue("file", str(what), rule, check="strategy")
        if not stat.S_ISREG(file.st_mode):
            raise InvalidValue("file", str(self.path), "must be a file", check="strategy")


def load_class(source: str, path: str, class_name: str) -> type[Strategy]:
    """Run the text as a module, and take the class out of it. Raises what the text raises, and InvalidValue."""
    module = types.ModuleType("strategy")
    module.__file__ = path
    sys.modules[module.__name__] = module  # where dataclasses look for what annotations name
    exec(compile(source, path, "exec"), module.__dict__)  # noqa: S102  a file that the user named is what is to run
    found = getattr(module, class_name, None)
    if not isinstance(found, type) or not issubclass(found, Strategy):
        rule = (
            "is no class of the file" if found is None else "must be a subclass of trading_executor.strategies.Strategy"
        )
        raise InvalidValue("class", class_name, rule, check="strategy")
    return found
