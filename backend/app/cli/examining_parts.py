"""What `doctor` looks at beside machine, database and exchange: versions, the tables of the settings, the collector."""

import os
import platform
import re
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from app.api.sign_on import SignOn
from app.cli.findings import Finding, fine, look, wrong
from app.domain.refusals import InvalidValue
from app.notifications.chosen import rules_and_channels
from app.observability.redaction import register_secret
from app.services.alerts.declared import declared as alerts_declared
from app.services.signals import sources
from app.services.signals.hooks import Hook
from app.services.strategies.declared import declared as strategies_declared
from app.services.tracing import otlp
from app.services.tracing.declared import declared as traces_declared
from app.services.trading.risk_checks.limits import RiskLimits
from app.settings import Settings
from app.version import installed_version

DISTRIBUTION = "trading-executor"
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=([0-9][0-9.]*)")


def versions() -> Iterator[Finding]:
    """Libraries older than the first one known to work."""
    what = "versions"
    seen = f"{DISTRIBUTION} {installed_version()}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}"
    try:
        needed = [each for each in requires(DISTRIBUTION) or () if "extra ==" not in each]
    except PackageNotFoundError:
        yield look(what, f"{seen}; runs without being installed", "pip install it: then its libraries are known")
        return
    if unmet := [text for each in needed if (text := _unmet(each))]:
        yield wrong(
            what, f"{seen}; {', '.join(unmet)}", "install the locked set: pip install -r requirements/runtime.txt"
        )
    else:
        yield fine(what, seen)


def _unmet(requirement: str) -> str:
    """What is wrong with a library, "" where nothing is."""
    found = REQUIREMENT.fullmatch(requirement.partition(";")[0].strip())
    if found is None:
        return ""
    name, least = found.groups()
    try:
        there = version(name)
    except PackageNotFoundError:
        return f"{name} is missing"
    return f"{name} {there} is older than {least}" if _numbers(there) < _numbers(least) else ""


def _numbers(text: str) -> tuple[int, ...]:
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def tables(found: Settings) -> Iterator[Finding]:
    """What a start would refuse of the tables that their own rooms read."""
    read: dict[str, Callable[[], object]] = {
        "risk": lambda: RiskLimits.from_config(dict(found.risk)),
        "oidc": lambda: SignOn.of(found.oidc),
        "hooks": lambda: [Hook.of(name, said) for name, said in found.hooks.items()],
        "signal_sources": lambda: [sources.made(name, said) for name, said in found.signal_sources.items()],
        "notices": lambda: rules_and_channels(found.notices, found.channels, register_secret),
        "alerts": lambda: alerts_declared(found.alerts),
        "strategies": lambda: strategies_declared(found.strategies),
        "traces": lambda: traces_declared(found.traces, register_secret),
    }
    refused = 0
    for name, parse in read.items():
        try:
            parse()
        except InvalidValue as error:
            refused += 1
            yield wrong(name, str(error), "mend it in the settings: a start refuses it")
    if not refused:
        yield fine("tables of the settings", ", ".join(read))


def log_file(found: Settings) -> Iterator[Finding]:
    """Whether it can be written, where one is named, and moved aside for the next when it is full."""
    path = found.log_file
    if path is None:
        return
    what, folder = "log file", path.absolute().parent
    if path.exists() and not path.is_file():
        yield wrong(what, f"{path} is no file", "name a file, which need not be there yet, in a folder that is")
    elif path.exists() and not os.access(path, os.W_OK):
        yield wrong(what, f"{path} cannot be written by user {os.getuid()}", "let that user own it, or name another")
    elif not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        seen = f"in {folder} user {os.getuid()} can make no file: the log begins a new one every 10 MiB"
        yield wrong(what, seen, "make the folder, owned by that user, or name another")
    else:
        yield fine(what, str(path))


async def traces(said: Mapping[str, Any]) -> AsyncIterator[Finding]:
    """Whether the collector listens: it is sent no span. A bad table is told by `tables`."""
    try:
        wanted = traces_declared(said, register_secret)
    except InvalidValue:
        return
    if wanted is None:
        return
    try:
        await otlp.sent(wanted, otlp.encoded((), "", ""))
    except otlp.NotTaken as error:
        advice = "look at the collector and [traces] url: it must take OTLP by HTTP; nothing of trading waits for it"
        yield look("traces", f"{wanted.host}: {error}", advice)
    else:
        yield fine("traces", f"{wanted.host} takes them")
