"""The system of production over the simulated exchange, in one process and in virtual time, for as long as a block
lasts. Time is virtual, ids are drawn from the seed, the database lies in a folder that goes.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from app.backtest.venue import REST_URL, WS_URL, LocalVenue
from app.clock import NS_PER_SECOND, SimulatedClock
from app.domain.refusals import InvalidValue
from app.exchanges.okx import OkxConfig, OkxExchange
from app.services.strategies.inline import InlineHost
from app.settings import Settings
from app.simulator import AccountConfig, Config
from app.simulator.feed.recording import peek
from app.simulator.feed.survey import survey
from app.simulator.market.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS, Instrument
from app.store.committer import ConnectionDisk, Disk
from app.store.database import Database
from app.system import System

START_NS = 1_767_225_600 * NS_PER_SECOND
"""Of a synthetic market: 2026-01-01T00:00:00Z."""
KEYS = ("key-backtest", "secret-backtest", "pass-backtest")
LISTED: Mapping[str, Instrument] = {each.inst_id: each for each in (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS)}


def listed(instrument_id: str) -> Instrument:
    """As the simulated exchange lists it. Raises InvalidValue."""
    if instrument_id not in LISTED:
        rule = f"is none of the simulated exchange's: {', '.join(LISTED)}"
        raise InvalidValue("instruments", instrument_id, rule)
    return LISTED[instrument_id]


def start_of(tape: tuple[Path, ...]) -> int:
    """When the market begins. Raises InvalidValue for a recording that cannot be read to its end."""
    if not tape:
        return START_NS
    for path in map(str, tape):
        try:
            survey(path)
        except ValueError as error:
            raise unreadable(path, error) from None
    try:
        return peek([str(tape[0])]).start_ns
    except ValueError as error:
        raise unreadable(str(tape[0]), error) from None


def unreadable(path: str, error: ValueError) -> InvalidValue:
    """Of a recording, with the reason alone."""
    return InvalidValue("tape", path, str(error).removeprefix(f"recording {path}").lstrip(" ,:"))


def by_default(**given: Any) -> Settings:
    """Settings that nothing but the program says: what follows from them is the same on every machine."""
    return Settings.model_construct(**given)


def account(settings: Settings, balances: Mapping[str, Decimal]) -> AccountConfig:
    """The one that is traded on, with what it begins with."""
    mode = "long_short_mode" if settings.okx_expected_hedged else "net_mode"
    return AccountConfig("backtest", *KEYS, balances=balances, position_mode=mode)


@asynccontextmanager
async def started(
    settings: Settings, config: Config, start_ns: int, folder: Path
) -> AsyncIterator[tuple[System, LocalVenue]]:
    """On a VirtualTimeLoop. config: of the exchange, whose first account is `account`'s. Nothing reaches out of it:
    risk, timing and strategies of the settings stay."""
    clock = SimulatedClock(start_ns - round(asyncio.get_running_loop().time() * NS_PER_SECOND), config.seed)
    venue = LocalVenue(clock, config)
    hedged = settings.okx_expected_hedged
    access = OkxConfig(*KEYS, REST_URL, WS_URL, expected_hedged=hedged)
    system = System(
        _private(settings, folder),
        clock=clock,
        exchange=OkxExchange(access, clock, venue.transport()),
        disk=_forgetful,
        progress=lambda _: None,
        start_host=InlineHost,
    )
    await system.start()
    try:
        yield system, venue
    finally:
        await system.stop()


def _private(settings: Settings, folder: Path) -> Settings:
    """The settings without anything that reaches out: risk, timing and strategies stay."""
    alone: dict[str, Any] = {
        "exchange": "okx",
        "environment": "simulated",
        "data_dir": folder,
        "database_url": SecretStr(f"sqlite:///{folder / 'backtest.db'}"),
        "hooks": {},
        "signal_sources": {},
        "channels": {},
        "notices": {},
        # How full this machine's disk is must not show in what is found.
        "alerts": {**settings.alerts, "disk": {"enabled": False}},
    }
    return settings.model_copy(update=alone)


async def _forgetful(database: Database) -> Disk:
    """A disk that waits for no platter: what is on it goes with the folder."""
    disk = ConnectionDisk(database)
    disk.connection.execute("PRAGMA synchronous=OFF").close()
    return disk
