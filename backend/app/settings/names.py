"""What settings are called outside: variables with our prefix or without, files that hold a secret, and near names."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection

PREFIX = "TRADING_EXECUTOR_"

# Names that carry no prefix: the user's specification fixes them.
PLAIN_NAMES = {"okx_api_key", "okx_secret_key", "okx_passphrase", "okx_rest_url", "okx_ws_url", "database_url"}
SECRETS = ("okx_api_key", "okx_secret_key", "okx_passphrase", "database_url", "api_key", "okx_proxy")
# Where the file stands, for those who keep it elsewhere.
FILE_NAMES = {f"{PREFIX}CONFIG"}

# What other programs call them.
_MEANT = {
    "OKX_API_SECRET": "OKX_SECRET_KEY",
    "OKX_API_SECRET_KEY": "OKX_SECRET_KEY",
    "OKX_SECRET": "OKX_SECRET_KEY",
    "OKX_SECRETKEY": "OKX_SECRET_KEY",
    "OKX_APISECRET": "OKX_SECRET_KEY",
    "OKX_KEY": "OKX_API_KEY",
    "OKX_APIKEY": "OKX_API_KEY",
    "OKX_PASS": "OKX_PASSPHRASE",
    "OKX_PASSWORD": "OKX_PASSPHRASE",
    "OKX_API_PASSPHRASE": "OKX_PASSPHRASE",
    "OKX_API_PASSWORD": "OKX_PASSPHRASE",
    "DATABASE_URI": "DATABASE_URL",
}


def environment_name(field: str) -> str:
    """The environment variable of a field: OKX_API_KEY, TRADING_EXECUTOR_DATA_DIR."""
    return field.upper() if field in PLAIN_NAMES else PREFIX + field.upper()


def unknown_names(fields: Collection[str]) -> list[str]:
    """A misspelt variable would become a default in silence: refuse it, and say what was probably meant."""
    known = {environment_name(name) for name in fields} | FILE_NAMES
    known |= {f"{environment_name(name)}_FILE" for name in SECRETS}
    problems: list[str] = []
    for variable in sorted(os.environ):
        name = variable.upper()  # a name with our prefix is read in any case
        nested = name.partition("__")[0] in {f"{PREFIX}RISK", f"{PREFIX}TIMING"} and "__" in name
        if name.startswith(PREFIX) and name not in known and not nested:
            problems.append(unknown(variable, meant(name, known)))
    return problems + _near_names()


def _near_names() -> list[str]:
    """Names without our prefix may be another program's: one is refused only where the name that it is near to is
    missing, for then it was meant for us."""
    problems: list[str] = []
    known = {name.upper() for name in PLAIN_NAMES}
    known |= {f"{name.upper()}_FILE" for name in PLAIN_NAMES.intersection(SECRETS)}
    missing = {name for name in known if not (name in os.environ or f"{name}_FILE" in os.environ)}
    for variable in sorted(os.environ):
        name = variable.upper()
        if not name.startswith(("OKX_", "DATABASE_")) or variable in known:
            continue
        near = name if name in known else meant(name, known, 0.85)
        if near in missing:
            problems.append(unknown(variable, near))
    return problems


def meant(name: str, known: set[str], nearness: float = 0.6) -> str | None:
    """The variable that was probably meant, with the prefix or without it, as the value or as a file's path."""
    bare = name.removeprefix(PREFIX)
    if bare in known:
        return bare
    value = bare.removesuffix("_FILE")
    if (usual := _MEANT.get(value)) is not None:
        return usual + bare[len(value) :]
    return next(iter(difflib.get_close_matches(name, sorted(known), 1, nearness)), None)


def unknown(name: str, near: str | None) -> str:
    return f"{name}: unknown setting" + (f"; did you mean {near}?" if near else "")
