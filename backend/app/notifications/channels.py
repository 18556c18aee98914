"""Where notices go: any address that Apprise knows, such as mailtos://, slack://, tgram://, discord:// or json://."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from app.notifications.rules import Message
from app.notifications.words import Severity

if TYPE_CHECKING:
    pass

SEND_SECONDS = 30.0
REASON_MAX = 200


class NotDelivered(Exception):
    """A channel did not take a message; the text names no address and no secret."""


class Channel:
    """One address. Raises ValueError, which does not repeat it, for one that Apprise does not know."""

    def __init__(self, name: str, url: str) -> None:
        import apprise

        self.name = name
        asset = apprise.AppriseAsset(app_id="Trading Executor", app_desc="notices")
        service = apprise.Apprise.instantiate(url, asset=asset)
        if service is None:
            scheme, found, _ = url.partition("://")
            what = repr(scheme[:20]) if found and scheme.isalnum() else "what stands there"  # it may be a token alone
            raise ValueError(f"{what} is no address that Apprise takes, or lacks a part; see its list of services")
        self._service = service
        # A thread of its own: one that hangs must not take a thread from those by which the lease is renewed.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"notices-{name}")

    async def send(self, message: Message) -> None:
        """Raises NotDelivered."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                reason = await asyncio.get_running_loop().run_in_executor(self._thread, self._notify, message)
        except TimeoutError:
            raise NotDelivered(f"no answer within {SEND_SECONDS:g} s") from None
        if reason:
            raise NotDelivered(reason)

    def _notify(self, message: Message) -> str:
        """Why it was not taken, "" when it was."""
        import apprise

        kinds: dict[Severity, apprise.NotifyType] = {
            Severity.INFO: apprise.NotifyType.INFO,
            Severity.WARNING: apprise.NotifyType.WARNING,
            Severity.CRITICAL: apprise.NotifyType.FAILURE,
        }
        heard = _Heard()
        logger = logging.getLogger("apprise")
        logger.propagate = False  # what it has to say of a failure, we say
        logger.addHandler(heard)
        try:
            taken = self._service.notify(body=message.body, title=message.title, notify_type=kinds[message.severity])
        finally:
            logger.removeHandler(heard)
        return "" if taken else " ".join(heard.lines)[:REASON_MAX] or "it did not take the message"


class _Heard(logging.Handler):
    """What Apprise warns of in this thread: it tells success and failure alone."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.lines.append(record.getMessage())
