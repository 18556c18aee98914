"""The running system as commands use it, through the typed client: every failure a CommandError.

A lost answer is asked for again for a while, under the same key, so that nothing is done twice.
"""

import os
import ssl
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.api import control_socket
from app.cli.errors import BAD_INPUT, FAILED, REFUSED, CommandError
from app.cli.options import settings
from trading_executor.client.blocking import Client
from trading_executor.client.errors import ClientError, NoAnswer, Problem
from trading_executor.client.wire import Call, Patience

if TYPE_CHECKING:
    from app.settings import Settings

TIMEOUT_SECONDS = 20
PATIENCE = Patience(seconds=30, unavailable=False)
KEY_FILE = "api.key"
ADDRESS_FILE = "serving.url"
"""Written by a system that serves, removed when it ends."""
_REFUSALS = frozenset({"order-denied", "order-not-sent", "execution-denied", "amend-refused"})
"""Kinds of problem that are risk's word on an order, where they are final (422)."""
_LATTICE = frozenset({"instrument", "tick_size", "lot_size", "minimum_size", "execution_strategy"})
"""What these checks find could not be traded by anybody: it is bad input."""
_WIRE = frozenset({"exchange", "not_sent"})
"""The word of the exchange and of the way to it, not risk's."""
_BAD_INPUT_STATUSES = frozenset({400, 404, 405, 409, 413, 415, 422})


class Running:
    """One running system. Raises CommandError: status 2 for what the system calls bad input, 1 for the rest."""

    def __init__(
        self, url: str, api_key: str | None = None, control: Path | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        """control: the data folder by whose control socket to ask, while its system has one. tls: whom to believe."""
        dial = None if control is None else lambda seconds: control_socket.connected(control, seconds)
        try:
            self._client = Client(url, api_key, timeout=TIMEOUT_SECONDS, patience=PATIENCE, tls=tls, dial=dial)
        except ValueError as error:
            raise CommandError(str(error), BAD_INPUT) from None

    def ask(self, call: Call[Any]) -> Any:
        """The answer, as the system wrote it."""
        try:
            return self._client.fetch(call)
        except ClientError as error:
            raise said(error) from None

    def messages(
        self,
        *,
        after: int | None,
        channels: Sequence[str],
        books: Sequence[str],
        for_seconds: int | None,
        on_break: Callable[[str, int | None], object],
    ) -> Generator[dict[str, Any]]:
        """What the stream tells, over breaks."""
        told = self._client.messages(
            after=after, channels=channels, books=books, for_seconds=for_seconds, on_break=on_break
        )
        try:
            with closing(told):
                yield from told
        except ClientError as error:
            raise said(error) from None


def connect(url: str | None, data_dir: Path | None, *, control: bool = False) -> Running:
    """The system that --url names, else the one that serves this data folder, else the settings' address;
    the key out of the environment or the data folder. control: for what ends risk or administers; asked of the data
    folder's own system it goes by the control socket, which nothing can crowd out, and by HTTP only where there is
    none."""
    found = settings(data_dir=data_dir)
    url, ours, tls = address(found, url)
    by_socket = found.data_dir if control and ours else None
    key = found.api_key.get_secret_value() if found.api_key else _key_of(found.data_dir / KEY_FILE)
    return Running(url, key, by_socket, tls)


def address(found: "Settings", url: str | None) -> tuple[str, bool, ssl.SSLContext | None]:
    """Where to ask, whether that is the system of the settings' data folder, and whom to believe over TLS. Raises
    CommandError."""
    served = _served(found.data_dir)
    ours = url in (None, served)
    url = url or served
    if url is None:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(found.host, found.host)  # noqa: S104 - compared only
        shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
        url = f"{'http' if found.tls_certificate is None else 'https'}://{shown}:{found.port}"
    return url, ours, _own(found.tls_certificate) if ours and found.tls_certificate is not None else None


def _own(certificate: Path) -> ssl.SSLContext:
    """Believes the very certificate that the settings name, whatever names it bears. Raises CommandError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        first, _, _ = certificate.read_text("ascii").partition("-----END CERTIFICATE-----")
        context.load_verify_locations(cadata=f"{first}-----END CERTIFICATE-----\n")
    except (OSError, ValueError, ssl.SSLError) as error:
        raise CommandError(f"tls_certificate={certificate}: cannot be read: {error}") from None
    return context


def said(error: ClientError) -> CommandError:
    """How a command says what kept it from its answer."""
    if isinstance(error, Problem):
        return _refused(error)
    if not isinstance(error, NoAnswer):
        return CommandError(_printable(str(error)))
    text = f"url={error.url}: {error.why}"
    if error.never_sent:
        text += "; is it running? (trading-executor serve, or demo)"
    elif error.open:
        text += "; whether it was done is open: look before you repeat it"
        if error.idempotency_key is not None:
            text += f", or repeat it under its Idempotency-Key {error.idempotency_key}"
    return CommandError(_printable(text))


def _refused(problem: Problem) -> CommandError:
    message = _printable(str(problem))
    errors = [
        {"field": each.field, "value": each.value, "rule": each.rule, "check": each.check} for each in problem.errors
    ]
    final = problem.status == 422 and problem.kind in _REFUSALS
    if final and errors and not any(each.check in _LATTICE | _WIRE for each in problem.errors):
        return CommandError(message, REFUSED, errors)
    return CommandError(message, BAD_INPUT if problem.status in _BAD_INPUT_STATUSES else FAILED, errors)


def _served(data_dir: Path) -> str | None:
    """Where the system whose data folder this is says that it listens; None when it does not run."""
    try:
        return (data_dir / ADDRESS_FILE).read_text("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _key_of(path: Path) -> str | None:
    try:
        if path.stat().st_mode & 0o077 and os.name == "posix":
            raise CommandError(f"{path}: holds the API key, so its mode must be 0600", FAILED)
        return path.read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from None


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
