"""Channels and rules as the settings declare them:

    [channels.desk]
    url_file = "/etc/trading-executor/desk.url"      an address of Apprise's, in a file that its owner alone reads
    [notices.night]
    channels = ["desk"]
    severity = "critical"

The addresses hold passwords and tokens, so they stand in no settings file and in no variable.
"""

import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import time
from typing import Any

from app.clock import Clock
from app.domain.refusals import InvalidValue
from app.journal.journal import Journal
from app.notifications.channels import Channel
from app.notifications.notifier import Notifier, Turn
from app.notifications.rules import Quiet, Rule
from app.notifications.words import KINDS, Severity
from app.store.address import path_of
from app.store.database import Database

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
SECONDS_MAX = 7 * 86_400
Tables = Mapping[str, Mapping[str, Any]]


def rules_and_channels(
    notices: Tables, channels: Tables, hide: Callable[[str], None]
) -> tuple[list[Rule], dict[str, Channel]]:
    """hide: told of each address, which no log may show. Raises InvalidValue naming the key at fault."""
    known = {name: _channel(_named("channels", name), name, given, hide) for name, given in channels.items()}
    return [_rule(_named("notices", name), name, given, known) for name, given in notices.items()], known


def make_notifier(
    notices: Tables,
    channels: Tables,
    hide: Callable[[str], None],
    writes: tuple[Journal, Database, Callable[[], Turn]],
    clock: Clock,
    environment: str,
) -> Notifier:
    """writes: what a Notifier reads from and writes to. Raises InvalidValue naming the key at fault."""
    return Notifier(*rules_and_channels(notices, channels, hide), *writes, clock, environment)


def _named(table: str, name: str) -> str:
    if not NAME.fullmatch(name):
        raise InvalidValue(f"{table}.{name}", name, "must be 1 to 32 of a-z, 0-9, '_' and '-'")
    return f"{table}.{name}"


def _channel(at: str, name: str, given: Mapping[str, Any], hide: Callable[[str], None]) -> Channel:
    _only_known(at, given, ("url_file",))
    path = path_of(f"{at}.url_file", _text(f"{at}.url_file", given.get("url_file")))
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        url = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise InvalidValue(f"{at}.url_file", str(path), str(reason)) from None
    if mode & 0o077:
        raise InvalidValue(f"{at}.url_file", str(path), f"has mode {mode:04o}: it holds a secret, so it must be 0600")
    hide(url)
    try:
        return Channel(name, url)
    except ValueError as error:
        raise InvalidValue(f"{at}.url_file", str(path), str(error)) from None


def _rule(at: str, name: str, given: Mapping[str, Any], known: Mapping[str, Channel]) -> Rule:
    _only_known(at, given, [each.name for each in fields(Rule) if each.name != "name"])
    named = _texts(f"{at}.channels", given.get("channels", []))
    if not named:
        raise InvalidValue(f"{at}.channels", "none", "must name one at least")
    for channel in named:
        if channel not in known:
            raise InvalidValue(f"{at}.channels", channel, f"is no channel; there are: {', '.join(known) or 'none'}")
    read: dict[str, Callable[[str, Any], Any]] = {
        "events": _events,
        "severity": _severity,
        "strategies": _texts,
        "instruments": _texts,
        "digest_seconds": _seconds,
        "repeat_seconds": _seconds,
        "quiet": _quiet,
    }
    return Rule(name, named, **{key: parse(f"{at}.{key}", given[key]) for key, parse in read.items() if key in given})


def _only_known(at: str, given: object, names: "list[str] | tuple[str, ...]") -> None:
    if not isinstance(given, Mapping):
        raise InvalidValue(at, str(given)[:80], "must be a table")
    for key in given:
        if key not in names:
            raise InvalidValue(f"{at}.{key}", "given", f"is no setting here; known are {', '.join(names)}")


def _events(at: str, said: Any) -> tuple[str, ...]:
    from fnmatch import fnmatchcase

    patterns = _texts(at, said)
    for pattern in patterns:
        if not any(fnmatchcase(kind, pattern) for kind in KINDS):
            raise InvalidValue(at, pattern, f"matches no event that is told; there are {', '.join(KINDS)}")
    return patterns


def _severity(at: str, said: Any) -> Severity:
    try:
        return Severity[_text(at, said).upper()]
    except KeyError:
        names = ", ".join(each.name.lower() for each in Severity)
        raise InvalidValue(at, said, f"must be one of {names}") from None


def _seconds(at: str, said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= SECONDS_MAX:
        raise InvalidValue(at, str(said), f"must be a whole number from 0 to {SECONDS_MAX}")
    return said


def _quiet(at: str, said: Any) -> Quiet:
    found = re.fullmatch(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})", _text(at, said), re.ASCII)
    try:
        if found is not None and found[1] != found[2]:
            return Quiet(time.fromisoformat(found[1]), time.fromisoformat(found[2]))
    except ValueError:
        pass
    raise InvalidValue(at, said, "must be HH:MM-HH:MM, UTC, such as 22:00-06:30")


def _texts(at: str, said: Any) -> tuple[str, ...]:
    if not isinstance(said, list | tuple):
        raise InvalidValue(at, str(said)[:80], "must be a list")
    return tuple(_text(at, each) for each in said)


def _text(at: str, said: Any) -> str:
    if not isinstance(said, str) or not said:
        raise InvalidValue(at, str(said)[:80], "must be text")
    return said
