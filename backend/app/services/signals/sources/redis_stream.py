"""A Redis stream, read as a group: each entry's field `signal` is one, its id makes it one, and it is acknowledged when
it is settled. Refused ones are told in the stream STREAM:refused, which keeps the last ten thousand.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.clock import NS_PER_MS
from app.domain.refusals import Refusal
from app.services.signals.sources.port import Declared, Message, SourceFailed, password_in
from app.services.trading.threads import OwnThread

GROUP = "trading-executor"
CONSUMER = "executor"
FIELD = b"signal"
BLOCK_MS = 1_000
TIMEOUT_SECONDS = 5
REFUSED_KEPT = 10_000


class RedisStream:
    """SignalSource."""

    def __init__(self, url: str, stream: str, group: str, username: str | None, password_file: Path | None) -> None:
        self._url = url
        self._stream = stream
        self._group = group
        self._username = username
        self._password_file = password_file
        self._thread = OwnThread(f"password of {stream}")
        self._redis: Any = None
        self._from = b"0"
        """What was delivered and not settled comes first; then ">", what was never delivered."""

    @classmethod
    def of(cls, declared: Declared) -> "RedisStream":
        declared.needs("redis", "redis")
        return cls(
            declared.address("redis", "rediss", "unix"),
            declared.text("stream"),
            declared.optional("group") or GROUP,
            declared.optional("username"),
            declared.password_file(),
        )

    @property
    def where(self) -> str:
        return f"{self._url} {self._stream}"

    async def open(self) -> None:
        from redis import asyncio as redis
        from redis.exceptions import RedisError, ResponseError

        password = await password_in(self._password_file, self._thread)
        self._redis = redis.Redis.from_url(
            self._url,
            username=self._username,
            password=password,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        self._from = b"0"
        try:
            await self._redis.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):  # it is there from another time
                raise SourceFailed(str(error)) from None
        except (RedisError, OSError) as error:
            raise SourceFailed(str(error)) from None

    async def next(self) -> Message | None:
        found = await self._ask(
            "xreadgroup", self._group, CONSUMER, {self._stream: self._from.decode()}, count=1, block=BLOCK_MS
        )
        entries = found[0][1] if found else []
        if not entries:
            self._from = b">"
            return None
        entry_id, values = entries[0]
        if self._from != b">":
            self._from = entry_id
        if values is None:  # it was deleted while it waited for its end
            await self._ask("xack", self._stream, self._group, entry_id)
            return None
        sent_ms = int(entry_id.partition(b"-")[0])
        return Message(f"{self._stream} {entry_id.decode()}", values.get(FIELD, b""), sent_ms * NS_PER_MS, entry_id)

    async def done(self, message: Message, told: Mapping[str, Any]) -> None:
        await self._ask("xack", self._stream, self._group, message.handle)

    async def refused(self, message: Message, reasons: Sequence[Refusal]) -> None:
        told = {"id": message.handle, "reason": json.dumps([str(each) for each in reasons])}
        await self._ask("xadd", f"{self._stream}:refused", told, maxlen=REFUSED_KEPT, approximate=True)
        await self._ask("xack", self._stream, self._group, message.handle)

    async def close(self) -> None:
        from redis.exceptions import RedisError

        if self._redis is not None:
            with suppress(RedisError, OSError):
                await self._redis.aclose()
        self._redis = None

    async def _ask(self, command: str, *arguments: Any, **named: Any) -> Any:
        from redis.exceptions import RedisError

        try:
            return await getattr(self._redis, command)(*arguments, **named)
        except (RedisError, OSError, TimeoutError) as error:
            raise SourceFailed(f"{command}: {error or type(error).__name__}") from None
