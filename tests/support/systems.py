"""How tests make a System and how they run it: in one process and, where nothing has to be real, in virtual time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from app.clock import NS_PER_SECOND, Clock, VirtualTimeLoop
from app.exchanges.port import Exchange
from app.services.strategies.process import HostProcess, StartHost
from app.settings import Settings, load_settings
from app.system import System
from tests.support.databases import fresh_database
from tests.support.disks import unsynced

T = TypeVar("T")

_KEPT_MAX = 100
_SAID = ("TRADING_EXECUTOR_", "OKX_", "DATABASE_")
_kept: dict[str, Settings] = {}


def settings_of(**given: Any) -> Settings:
    """As load_settings, but read once for all lives of a world: that takes longer than to read its open orders."""
    if any(isinstance(value, SecretStr) for value in given.values()):  # which all look alike
        return load_settings(**given)
    environment = sorted(each for each in os.environ.items() if each[0].startswith(_SAID))
    said = repr((sorted(given.items()), environment))
    if said not in _kept:
        if len(_kept) == _KEPT_MAX:
            _kept.clear()
        _kept[said] = load_settings(**given)
    return _kept[said]


def system_in(
    folder: Path,
    exchange: Exchange,
    clock: Clock,
    /,
    *,
    progress: Callable[[str], None] = lambda _: None,
    start_host: StartHost = HostProcess,
    **settings: Any,
) -> System:
    """A system that has not been started; its database is the folder's, a fresh one where there is none."""
    path = folder / "executor.db"
    if not path.exists():
        fresh_database(path)
    given = {"data_dir": folder, "database_url": f"sqlite:///{path}"}
    loaded = settings_of(**(given | settings))
    return System(loaded, clock=clock, exchange=exchange, disk=unsynced, progress=progress, start_host=start_host)


def in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a loop of its own, where waiting costs nothing."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)


def stall(loop: VirtualTimeLoop, seconds: float) -> None:
    """Time passes in which the loop does nothing: it was blocked, or the machine slept."""
    loop._virtual_time += seconds
    loop.time_ns = round(loop._virtual_time * NS_PER_SECOND)
