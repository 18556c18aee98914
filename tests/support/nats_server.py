"""A NATS server for tests, over real sockets: the client protocol, and of JetStream what a durable pull consumer asks.

What a connection had and did not acknowledge when it ended is given again, as after the server's ack wait.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

STARTED = "2026-01-01T00:00:00Z"
INFO = {"server_id": "test", "version": "2.10.0", "proto": 1, "headers": True, "max_payload": 1 << 20, "go": "none"}


@dataclass
class Stored:
    seq: int
    subject: str
    body: bytes
    at_ns: int


@dataclass
class Consumer:
    """held: which connection has a message and has not settled it."""

    settled: set[int] = field(default_factory=set)
    held: dict[int, Connection] = field(default_factory=dict)
    deliveries: dict[int, int] = field(default_factory=dict)
    waiting: list[tuple[Connection, str]] = field(default_factory=list)


@dataclass(eq=False)
class Connection:
    writer: asyncio.StreamWriter
    subscriptions: dict[str, str] = field(default_factory=dict)

    def send(self, subject: str, body: bytes, reply: str = "", to: str = "") -> None:
        """To the subscriptions that hear `to`."""
        for sid, pattern in self.subscriptions.items():
            if hears(pattern, to or subject):
                head = f"MSG {subject} {sid} {reply + ' ' if reply else ''}{len(body)}\r\n"
                self.writer.write(head.encode() + body + b"\r\n")


class NatsServer:
    """One stream. user, password: asked for, where given."""

    def __init__(self, stream: str, subject: str, password: str | None = None) -> None:
        self.stream, self.subject, self.password = stream, subject, password
        self.stored: list[Stored] = []
        self.consumers: dict[str, Consumer] = {}
        self.connections: list[Connection] = []
        self.url = ""

    def publish(self, body: bytes) -> None:
        self.stored.append(Stored(len(self.stored) + 1, self.subject, body, time.time_ns()))
        self._deliver()

    def drop(self) -> None:
        """Every connection breaks."""
        for connection in tuple(self.connections):
            connection.writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer)
        self.connections.append(connection)
        writer.write(f"INFO {json.dumps(INFO | {'auth_required': self.password is not None})}\r\n".encode())
        try:
            while line := await reader.readline():
                verb, *words = line.decode().split()
                if not await self._one(connection, verb.upper(), words, reader):
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections.remove(connection)
            for consumer in self.consumers.values():
                consumer.held = {seq: by for seq, by in consumer.held.items() if by is not connection}
                consumer.waiting = [each for each in consumer.waiting if each[0] is not connection]
            writer.close()

    async def _one(self, connection: Connection, verb: str, words: list[str], reader: asyncio.StreamReader) -> bool:
        if verb == "CONNECT":
            if self.password is not None and json.loads(" ".join(words)).get("pass") != self.password:
                connection.writer.write(b"-ERR 'Authorization Violation'\r\n")
                return False
        elif verb == "PING":
            connection.writer.write(b"PONG\r\n")
        elif verb == "SUB":
            connection.subscriptions[words[-1]] = words[0]
        elif verb == "UNSUB":
            connection.subscriptions.pop(words[0], None)
        elif verb in ("PUB", "HPUB"):
            body = await reader.readexactly(int(words[-1]))
            await reader.readexactly(2)
            reply = words[1] if len(words) == (3 if verb == "PUB" else 4) else ""
            self._published(connection, words[0], reply, body)
        return True

    def _published(self, connection: Connection, subject: str, reply: str, body: bytes) -> None:
        kind, _, rest = subject.removeprefix("$JS.API.CONSUMER.").partition(f".{self.stream}.")
        if subject.startswith("$JS.ACK."):
            _, _, _, name, _, seq, *_ = subject.split(".")
            consumer = self.consumers[name]
            consumer.held.pop(int(seq), None)
            consumer.settled.add(int(seq))
            if reply:
                connection.send(reply, b"")
        elif kind == "MSG.NEXT":
            self.consumers[rest].waiting.append((connection, reply))
            self._deliver()
        elif kind == "INFO":
            connection.send(reply, json.dumps(self._info(rest)).encode())
        elif kind == "CREATE":
            name = rest.partition(".")[0]
            self.consumers.setdefault(name, Consumer())
            connection.send(reply, json.dumps(self._info(name)).encode())
        else:
            raise AssertionError(f"this server knows no {subject}")

    def _info(self, name: str) -> dict[str, Any]:
        if name not in self.consumers:
            return {"error": {"code": 404, "err_code": 10014, "description": "consumer not found"}}
        none = {"consumer_seq": 0, "stream_seq": 0}
        config = {"durable_name": name, "ack_policy": "explicit", "filter_subject": self.subject}
        shown = {"stream_name": self.stream, "name": name, "created": STARTED, "config": config}
        return shown | {"delivered": none, "ack_floor": none, "num_pending": 0, "num_ack_pending": 0}

    def _deliver(self) -> None:
        for name, consumer in self.consumers.items():
            for stored in self.stored:
                if stored.seq in consumer.settled or stored.seq in consumer.held or not consumer.waiting:
                    continue
                connection, inbox = consumer.waiting.pop(0)
                consumer.held[stored.seq] = connection
                times = consumer.deliveries[stored.seq] = consumer.deliveries.get(stored.seq, 0) + 1
                reply = f"$JS.ACK.{self.stream}.{name}.{times}.{stored.seq}.{stored.seq}.{stored.at_ns}.0"
                connection.send(stored.subject, stored.body, reply, to=inbox)


def hears(pattern: str, subject: str) -> bool:
    wanted, given = pattern.split("."), subject.split(".")
    for place, word in enumerate(wanted):
        if word == ">":
            return len(given) > place
        if place >= len(given) or word not in ("*", given[place]):
            return False
    return len(wanted) == len(given)


@asynccontextmanager
async def nats_server(stream: str, subject: str, password: str | None = None) -> AsyncIterator[NatsServer]:
    made = NatsServer(stream, subject, password)
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    made.url = f"nats://{host}:{port}"
    try:
        yield made
    finally:
        listening.close()
        made.drop()
