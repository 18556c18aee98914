"""A NATS subject that a JetStream stream keeps: read by a durable consumer, acknowledged when it is settled.

Plain NATS forgets what nobody hears; a stream gives a message again until it is acknowledged. Its number in the stream
makes it one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.domain.refusals import Refusal
from app.services.signals.sources.port import Declared, Message, SourceFailed, password_in
from app.services.trading.threads import OwnThread

DURABLE = "trading-executor"
WAIT_SECONDS = 1.0
TIMEOUT_SECONDS = 5
ACK_WAIT_SECONDS = 30


class NatsSubject:
    """SignalSource."""

    def __init__(
        self, url: str, stream: str, subject: str, durable: str, username: str | None, password_file: Path | None
    ) -> None:
        self._url = url
        self._stream = stream
        self._subject = subject
        self._durable = durable
        self._username = username
        self._password_file = password_file
        self._thread = OwnThread(f"password of {stream}")
        self._nats: Any = None
        self._messages: Any = None

    @classmethod
    def of(cls, declared: Declared) -> "NatsSubject":
        declared.needs("nats", "nats")
        return cls(
            declared.address("nats", "tls"),
            declared.text("stream"),
            declared.text("subject"),
            declared.optional("durable") or DURABLE,
            declared.optional("username"),
            declared.password_file(),
        )

    @property
    def where(self) -> str:
        return f"{self._url} {self._subject}"

    async def open(self) -> None:
        import nats
        from nats.errors import Error
        from nats.js.api import AckPolicy, ConsumerConfig

        options: dict[str, Any] = {}
        if self._username is not None:
            options = {"user": self._username, "password": await password_in(self._password_file, self._thread)}
        try:
            self._nats = await nats.connect(
                self._url, connect_timeout=TIMEOUT_SECONDS, allow_reconnect=False, error_cb=_nothing, **options
            )
            stream = self._nats.jetstream(timeout=TIMEOUT_SECONDS)
            self._messages = await stream.pull_subscribe(
                self._subject,
                self._durable,
                self._stream,
                config=ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=ACK_WAIT_SECONDS),
            )
        except (Error, OSError, TimeoutError) as error:
            raise SourceFailed(str(error) or type(error).__name__) from None

    async def next(self) -> Message | None:
        from nats.errors import Error

        try:
            found = await self._messages.fetch(1, timeout=WAIT_SECONDS)
        except TimeoutError:  # nats.errors.TimeoutError is one
            return None
        except (Error, OSError) as error:
            raise SourceFailed(str(error) or type(error).__name__) from None
        message = found[0]
        metadata = message.metadata
        sent_ns = int(metadata.timestamp.timestamp() * 1_000_000) * 1_000
        return Message(f"{self._stream} {metadata.sequence.stream}", message.data, sent_ns, message)

    async def done(self, message: Message, told: Mapping[str, Any]) -> None:
        await self._settle(message.handle.ack_sync(timeout=TIMEOUT_SECONDS))

    async def refused(self, message: Message, reasons: Sequence[Refusal]) -> None:
        await self._settle(message.handle.term())

    async def close(self) -> None:
        from nats.errors import Error

        if self._nats is not None:
            with suppress(Error, OSError, asyncio.TimeoutError):
                await self._nats.close()
        self._nats = self._messages = None

    async def _settle(self, answer: Any) -> None:
        from nats.errors import Error

        try:
            await answer
        except (Error, OSError, TimeoutError) as error:
            raise SourceFailed(str(error) or type(error).__name__) from None


async def _nothing(error: Exception) -> None:
    """What breaks is told by the call that it breaks."""
