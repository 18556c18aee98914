"""What an installation needs, looked at one thing at a time: nothing is made, migrated or traded, and each finding that
is not fine says what to do."""

import os
import resource
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.api.auth import KEY_FILE, KeyFileError, read_key
from app.api.control_socket import connected
from app.api.transport import TransportError
from app.chosen_exchange import make_exchange
from app.cli.errors import CommandError
from app.cli.examining_parts import log_file, tables, traces, versions
from app.cli.findings import Finding, fine, look, wrong
from app.cli.local_exchange import CREDENTIALS, FOLDER
from app.cli.serving import listening_socket
from app.clock import NS_PER_SECOND, Clock
from app.exchanges.errors import AccessRefused, ExchangeError
from app.settings import Settings, SettingsError, files_read
from app.store import queries, schema
from app.store.address import SQLITE
from app.store.database import Database
from app.store.errors import StoreError
from app.store.leases import owner_is_dead

if TYPE_CHECKING:
    from app.exchanges.port import Exchange

FREE_BYTES_LEAST, FREE_BYTES_FEW = 100 * 2**20, 2**30
"""Below the first a day's journal may not fit; below the second it is time to look."""
OPEN_FILES_FEW = 1024
CONTROL_SECONDS = 1.0
OTHERS_READ, OTHERS_WRITE = 0o077, 0o022


async def everything(found: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """One finding after the other, as they are had."""
    for each in (
        *versions(),
        *tables(found),
        *process_limits(),
        *data_folder(found),
        *private_files(found),
        *log_file(found),
        disk(found),
    ):
        yield each
    running = is_running(found)
    yield address(found, running)
    for each in database(found, running):
        yield each
    async for each in exchange(found, clock):
        yield each
    async for each in traces(found.traces):
        yield each


def process_limits() -> Iterator[Finding]:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    what, seen = "open files", f"at most {soft}"
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES_FEW:
        yield look(what, seen, f"allow {OPEN_FILES_FEW} or more: `ulimit -n`, in a systemd unit LimitNOFILE")
    else:
        yield fine(what, seen if soft != resource.RLIM_INFINITY else "unlimited")


def data_folder(found: Settings) -> Iterator[Finding]:
    what, folder = "data folder", found.data_dir
    if not folder.exists():
        above = _nearest(folder)
        if os.access(above, os.W_OK | os.X_OK):
            yield fine(what, f"{folder} is made by the first start")
        else:
            yield wrong(what, f"{folder} is not there, and {above} cannot be written", "make it, or name another")
        return
    if not folder.is_dir():
        yield wrong(what, f"{folder} is no folder", "name another with --data-dir or TRADING_EXECUTOR_DATA_DIR")
        return
    status = folder.stat()
    mode = stat.S_IMODE(status.st_mode)
    if not os.access(folder, os.W_OK | os.X_OK):
        yield wrong(what, f"{folder} cannot be written by user {os.getuid()}", f"chown {os.getuid()} {folder}")
    elif status.st_uid != os.getuid():
        yield look(what, f"{folder} belongs to user {status.st_uid}", "run as that user, or give it to this one")
    elif mode & OTHERS_READ:
        yield look(what, f"{folder} has mode {mode:04o}: others look into it", f"chmod 700 {folder}")
    else:
        yield fine(what, str(folder))


def private_files(found: Settings) -> Iterator[Finding]:
    """Files that hold secrets or money, and what may write the settings."""
    key = found.data_dir / KEY_FILE
    if key.exists():
        try:
            read_key(key)
            yield fine("API key", f"in {key}, for its owner alone")
        except KeyFileError as error:
            yield wrong("API key", str(error), f"chmod 600 {key}, or remove it and a start makes another")
    elif found.api_key is not None:
        yield fine("API key", "given by the settings")
    elif not found.api_key_required:
        yield fine("API key", "none is needed: a simulated exchange, reached from this machine alone")
    else:
        yield fine("API key", f"{key} is made by the first start")
    kept = [found.data_dir / FOLDER / CREDENTIALS]
    if found.database_address.backend == SQLITE:
        kept.append(Path(found.database_address.database))
    for path in filter(Path.exists, kept):
        if (mode := stat.S_IMODE(path.stat().st_mode)) & OTHERS_READ:
            yield look(path.name, f"{path} has mode {mode:04o}: others can read it", f"chmod 600 {path}")
    for path in files_read():
        if (mode := stat.S_IMODE(path.stat().st_mode)) & OTHERS_WRITE:
            yield wrong(path.name, f"{path} has mode {mode:04o}: others can change it", f"chmod go-w {path}")


def disk(found: Settings) -> Finding:
    above = _nearest(found.data_dir)
    free = shutil.disk_usage(above).free
    seen = f"{free / 2**30:.1f} GiB free at {above}"
    if free < FREE_BYTES_LEAST:
        return wrong("disk", seen, "make room: a system that cannot write stops trading")
    if free < FREE_BYTES_FEW:
        return look("disk", seen, "make room soon")
    return fine("disk", seen)


def is_running(found: Settings) -> bool:
    """Whether a system serves on this data folder now."""
    connection = connected(found.data_dir, CONTROL_SECONDS)
    if connection is None:
        return False
    connection.close()
    return True


def address(found: Settings, running: bool) -> Finding:
    where = f"{found.host}:{found.port}"
    if running:
        return fine("address", f"a system serves on this data folder; {where} is in the settings")
    try:
        listening_socket(found.model_copy(update={"oidc": {}})).close()  # `tables` tells of that
    except (CommandError, TransportError) as error:
        return wrong("address", str(error), "end what listens there, choose another port, or mend its certificate")
    return fine("address", f"{where} is free")


def database(found: Settings, running: bool) -> Iterator[Finding]:
    where = found.database_address
    if where.backend == SQLITE and not Path(where.database).exists():
        yield fine("database", f"{where.database} is made by the first start")
        return
    opened: Database | None = None
    try:
        opened = Database(found.database_url.get_secret_value())
        opened.check()
        yield from _durability(opened)
        if pending := schema.pending(opened):
            advice = "`backup`, then `migrate`; a start does the second by itself"
            yield look("database", f"{opened.describe()} is {len(pending)} revision(s) behind", advice)
        else:
            yield fine("database", f"{opened.describe()}, at revision {schema.current(opened)}")
            yield _lease(opened, found.account, running)
    except StoreError as error:
        yield wrong(
            "database", str(error), "mend DATABASE_URL, the server or the file; `backup` copies are whole files"
        )
    finally:
        if opened is not None:
            opened.close()


def _durability(opened: Database) -> Iterator[Finding]:
    """An order is on disk before it leaves: a server that only says so breaks the first promise."""
    if opened.is_sqlite:
        yield fine("durability", f"SQLite {sqlite3.sqlite_version}, written ahead and synced at every commit")
        return
    with opened.reading() as connection:
        settings = {name: connection.execute(sa.text(f"SHOW {name}")).scalar_one() for name in _SERVER_SETTINGS}
    lax = {name: value for name, value in settings.items() if value == "off"}
    seen = f"PostgreSQL {settings.pop('server_version')}, " + ", ".join(f"{n} {v}" for n, v in settings.items())
    if lax:
        yield wrong("durability", seen, f"switch {' and '.join(lax)} on: a crash of the server would lose orders")
    else:
        yield fine("durability", seen)


_SERVER_SETTINGS = ("server_version", "fsync", "full_page_writes", "synchronous_commit")


def _lease(opened: Database, account: str, running: bool) -> Finding:
    row = queries.lease(opened, account)
    owner = row["owner"] if row else None
    if not owner:
        return fine("lease", f"nobody trades account {account}")
    if running or not owner_is_dead(owner):
        return fine("lease", f"account {account} is held by {owner}")
    return look("lease", f"account {account} was held by {owner}, which is gone", "a start takes it over and compares")


async def exchange(found: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Logs in, listens and leaves: what a start does, without an order."""
    what = f"exchange {found.exchange}, {found.environment}"
    if found.exchange == "memory":
        yield fine(what, "inside the process")
        return
    try:
        venue = make_exchange(found, clock)
    except SettingsError as error:
        advice = "set them, each by a file with NAME_FILE; `demo` needs none"
        yield wrong(what, "; ".join(error.problems), advice)
        return
    try:
        await venue.start(Deaf())
        account = await venue.account_config()
        modes = "long and short apart" if account.hedged else "net positions"
        allowed = ", ".join(sorted(account.permissions)) or "not told"
        yield fine(what, f"account {account.uid}, {account.level}, {modes}; the key may: {allowed}")
        yield _clock(found, venue, clock)
    except AccessRefused as error:
        yield wrong(what, str(error), "mend the key, its permissions or addresses at the exchange, or what is declared")
    except ExchangeError as error:
        yield wrong(what, str(error), "look at network, firewall and TRADING_EXECUTOR_OKX_PROXY; a start would wait")
    finally:
        await venue.stop()


def _clock(found: Settings, venue: "Exchange", clock: Clock) -> Finding:
    off = abs(venue.server_time_ns() - clock.now_ns()) / NS_PER_SECOND
    seen = f"{off:.3f} s off the exchange's"
    if off > found.timing.clock_offset_stop_seconds:
        return wrong("clock", seen, "set it (systemd-timesyncd, chrony): trading stops while it is so far off")
    if off > found.timing.clock_offset_alarm_seconds:
        return look("clock", seen, "keep it right with systemd-timesyncd or chrony")
    return fine("clock", seen)


class Deaf:
    """A listener to nothing: whoever looks at the exchange this way changes nothing here."""

    def _nothing(self, *_: Any, **__: Any) -> None:
        pass

    on_order = on_balances = on_positions = on_book = on_trade = on_instrument = _nothing
    on_stream = on_heartbeat = on_gap = on_unreadable = on_not_followed = _nothing


def _nearest(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    full = path.absolute()
    return next(each for each in (full, *full.parents) if each.exists())
