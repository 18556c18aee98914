"""Where settings stand besides pydantic's own sources: plain variables, files of secrets, trading-executor.toml."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from app.settings.names import PLAIN_NAMES, PREFIX, SECRETS, environment_name
from app.settings.values import AROUND

TOML_FILE = "trading-executor.toml"


class SettingsError(ValueError):
    """Settings that cannot be used; `problems` has one line each, naming field, value and rule."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NamedSource(PydanticBaseSettingsSource):
    """Values read elsewhere, by field name."""

    def __init__(self, settings_cls: type[BaseSettings], values: dict[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(self._values)


def from_plain_names() -> dict[str, str]:
    return {name: value for name in sorted(PLAIN_NAMES) if (value := os.environ.get(name.upper()))}


def from_files() -> dict[str, str]:
    """NAME_FILE holds the path of a file with the value: Docker's and systemd's way to hand over a secret."""
    values: dict[str, str] = {}
    for name in SECRETS:
        variable = f"{environment_name(name)}_FILE"
        path = os.environ.get(variable)
        if not path:
            continue
        try:
            values[name] = Path(path).read_text("utf-8").strip(AROUND)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
            raise SettingsError([f"{variable}: {path}: {reason}"]) from None
        if not values[name]:
            raise SettingsError([f"{variable}: {path}: the file is empty"])
    return values


def files_read() -> list[Path]:
    """The files that settings are read from: the TOML file, and those with a secret."""
    named = [os.environ.get(f"{environment_name(name)}_FILE") for name in SECRETS]
    paths = [toml_path(), *(Path(path) for path in named if path)]
    return [path for path in paths if path.is_file()]


def toml_path() -> Path:
    return Path(os.environ.get(f"{PREFIX}CONFIG", TOML_FILE))


def from_toml(path: Path, *, required: bool) -> dict[str, Any]:
    """The file's tables. It must be readable TOML, and private when it holds a secret."""
    if not path.exists():
        if required:
            raise SettingsError([f"{PREFIX}CONFIG: {path}: no such file"])
        return {}
    try:
        tables = tomllib.loads(path.read_text("utf-8").removeprefix("\ufeff"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([f"{path}: {error}"]) from None
    secret = sorted(tables.keys() & set(SECRETS))
    mode = stat.S_IMODE(path.stat().st_mode)
    if secret and mode & 0o077:
        raise SettingsError([f"{path}: mode {mode:04o}: holds {secret[0]}, so it must be 0600"])
    return tables
