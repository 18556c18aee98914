"""A simulated exchange of our own: a child process with generated credentials and its accounts in the data folder.

The child ends with us, however we end: its standard input is a pipe that closes with this process.
"""

import asyncio
import base64
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from app.cli.errors import CommandError
from app.clock import Clock
from app.store.folders import private_folder

if TYPE_CHECKING:
    from app.settings import Settings

FOLDER = "simulator"
CREDENTIALS = "credentials.key"
ADDRESS = "address"
LOG = "simulator.log"
START_SECONDS = 30
STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Credentials:
    """One account at the simulated exchange; the account's name decides its uid."""

    account: str
    api_key: str
    secret: str
    passphrase: str


def credentials(data_dir: Path, clock: Clock) -> Credentials:
    """Those of the data folder, drawn at the first start into a file that only its owner reads."""
    path = data_dir / FOLDER / CREDENTIALS
    try:
        private_folder(path.parent)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return Credentials(**json.loads(path.read_text("utf-8")))
        drawn = Credentials(f"demo-{clock.token(4).hex()}", *(_text(clock, size) for size in (16, 24, 16)))
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(drawn), file)
        return drawn
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    except (ValueError, TypeError):
        raise CommandError(f"{path}: is no credentials file; remove {path.parent} to begin anew") from None


def address(data_dir: Path) -> str | None:
    """host:port of the exchange that runs on this data folder now, None when none does."""
    try:
        return (data_dir / FOLDER / ADDRESS).read_text("utf-8").strip() or None
    except OSError:
        return None


def settings_of(found: Credentials, at: str) -> dict[str, Any]:
    """The settings that lead to an exchange of ours, listening on host:port."""
    return {
        "exchange": "okx",
        "environment": "simulated",
        "okx_api_key": SecretStr(found.api_key),
        "okx_secret_key": SecretStr(found.secret),
        "okx_passphrase": SecretStr(found.passphrase),
        "okx_rest_url": f"http://{at}",
        "okx_ws_url": f"ws://{at}/ws/v5",
    }


def pointed_at(found: "Settings", clock: Clock) -> "Settings":
    """The settings, led to the exchange that a demo runs on the data folder, where they name no exchange themselves."""
    at = address(found.data_dir)
    if found.exchange != "okx" or found.environment != "simulated" or found.okx_api_key or at is None:
        return found
    return found.model_copy(update=settings_of(credentials(found.data_dir, clock), at))


class LocalExchange:
    """The child process. `address` is host:port once it listens."""

    def __init__(self, data_dir: Path, process: asyncio.subprocess.Process, found: str) -> None:
        self.address = found
        self._data_dir = data_dir
        self._process = process

    async def ended(self) -> str:
        """Wait until it ends by itself; what to say about it."""
        status = await self._process.wait()
        return f"the simulated exchange ended with status {status}{last_words(self._data_dir)}"

    async def stop(self) -> None:
        """Let it save its state and end; force it after a while."""
        (self._data_dir / FOLDER / ADDRESS).unlink(missing_ok=True)
        if self._process.returncode is not None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def start(data_dir: Path, *, seed: int, replay: Sequence[Path], speed: float) -> LocalExchange:
    """Start it and wait until it listens. Raises CommandError with its own last words when it does not."""
    folder = data_dir / FOLDER
    command = [sys.executable, "-m", "app.simulator", "--port", "0", "--end-with-stdin"]
    command += ["--credentials", str(folder / CREDENTIALS), "--data-dir", str(folder), "--seed", str(seed)]
    if replay:
        command += ["--loop", "--speed", str(speed), "--replay", *map(str, replay)]
    log = os.open(data_dir / LOG, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=_environment(),
            # Ctrl-C reaches the whole group of a terminal; the exchange must outlive the executor's orderly end.
            start_new_session=True,
        )
    finally:
        os.close(log)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    found = re.search(rb"https?://(\S+)", line)
    if found is None:
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise CommandError(f"the simulated exchange did not start{last_words(data_dir)}")
    exchange = LocalExchange(data_dir, process, found[1].decode())
    (folder / ADDRESS).write_text(exchange.address)
    return exchange


def last_words(data_dir: Path) -> str:
    """The last line that it wrote to its log, ready to be appended."""
    try:
        lines = (data_dir / LOG).read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return f": {lines[-1]}" if lines else ""


def _environment() -> dict[str, str]:
    """Ours, with this very package to be found, and without anybody's secrets."""
    package = Path(__file__).resolve().parents[2]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OKX_", "TRADING_EXECUTOR_"))}
    kept.pop("DATABASE_URL", None)
    paths = [str(package), *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths)}


def _text(clock: Clock, size: int) -> str:
    return base64.urlsafe_b64encode(clock.token(size)).decode().rstrip("=")
