"""The executor's end of the writer's process: hands transactions over and hears of each when it is durable.

A process of its own, because Python runs on one core a process: the disk's work and SQLite's would else take turns with
the decisions (docs/decisions/0010).
"""

import asyncio
import json
import socket
import subprocess
import sys

import msgspec
import structlog

from app.store.durable import Durable
from app.store.errors import NotCommitted, StoreError
from app.store.transaction import Address, Statement, Writes
from app.store.writer_child import LENGTH_BYTES, Answer, frame

START_SECONDS = 30.0
END_SECONDS = 30.0
"""How long it may take to commit what it has and to end, before it is killed."""
SEND_BUFFER_BYTES = 1 << 20
RECEIVE_BYTES = 1 << 16

_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from app.store.writer_child import main; main()"

log = structlog.get_logger("store")


class WriterProcess:
    """committer.Disk: one transaction at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._line, theirs = socket.socketpair()
        self._line.setblocking(False)
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        with theirs:
            # -P and our own path: a package called app in the working directory is none of ours.
            command = [sys.executable, "-P", "-c", _BOOT, str(theirs.fileno()), json.dumps(sys.path)]
            self.process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        self._numbers: dict[Statement, int] = {}
        self._received = b""
        self._unsent = memoryview(b"")
        self._waiting: Durable | None = None
        self._ended: NotCommitted | None = None
        self._loop.add_reader(self._line, self._receive)

    @classmethod
    async def start(cls, address: Address) -> "WriterProcess":
        """A process that has its connection. Raises StoreError."""
        made = cls()
        try:
            async with asyncio.timeout(START_SECONDS):
                await made._ask(frame(address))
        except BaseException as error:
            made._end("the writer's process was not started")
            made.process.kill()
            made.process.wait()
            if isinstance(error, (TimeoutError, NotCommitted)):
                why = str(error) or f"no answer within {START_SECONDS:.0f} s"
                raise StoreError(f"the writer's process has not begun: {why}") from None
            raise
        return made

    def commit(self, writes: Writes) -> Durable:
        """One transaction; what is returned ends with NotCommitted when it failed or cannot be known."""
        new: list[Statement] = []
        numbered: list[tuple[int, object]] = []
        for statement, rows in writes:
            number = self._numbers.get(statement)
            if number is None:
                number = self._numbers[statement] = len(self._numbers)
                new.append(statement)
            numbered.append((number, rows))
        return self._ask(frame((new, numbered)))

    async def close(self, last: Writes) -> None:
        """Commit `last`; wait until the process has ended, what was under way told. Raises StoreError if it failed."""
        try:
            if last and self._ended is None:
                async with asyncio.timeout(END_SECONDS):
                    await self.commit(last)
        except TimeoutError:
            raise StoreError(f"the writer's process has not answered within {END_SECONDS:.0f} s") from None
        finally:
            if self._ended is None:
                self._line.shutdown(socket.SHUT_WR)
            await asyncio.to_thread(self._reap)
            while self._ended is None:
                self._receive()

    def _reap(self) -> None:
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            log.error("writer.killed", reason=f"it has not ended within {END_SECONDS:.0f} s")
            self.process.kill()
            self.process.wait()

    def _ask(self, data: bytes) -> Durable:
        assert self._waiting is None, "one transaction at a time"
        durable = self._waiting = Durable()
        if self._ended is not None:
            # Told in a round of its own: whoever hands over is in the midst of a turn.
            self._loop.call_soon(self._settle, self._ended)
            return durable
        self._unsent = memoryview(data)
        self._send()
        if self._unsent:
            self._loop.add_writer(self._line, self._send_rest)
        return durable

    def _send_rest(self) -> None:
        self._send()
        if not self._unsent:
            self._loop.remove_writer(self._line)

    def _send(self) -> None:
        try:
            self._unsent = self._unsent[self._line.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError as error:
            self._unsent = memoryview(b"")
            self._loop.call_soon(self._end, f"the writer's process is gone: {error.strerror}")

    def _receive(self) -> None:
        try:
            data = self._line.recv(RECEIVE_BYTES)
        except OSError as error:
            self._end(f"the writer's process is gone: {error.strerror}")
            return
        if not data:
            self._end("the writer's process has ended")
            return
        self._received += data
        size = LENGTH_BYTES + int.from_bytes(self._received[:LENGTH_BYTES], "big")
        if len(self._received) >= max(size, LENGTH_BYTES + 1):
            answer = msgspec.msgpack.decode(self._received[LENGTH_BYTES:size], type=Answer)
            self._received = self._received[size:]
            self._settle(NotCommitted(answer.failure, refused=answer.refused) if answer.failure else None)

    def _settle(self, error: NotCommitted | None) -> None:
        durable, self._waiting = self._waiting, None
        if durable is not None:
            durable.settle(error)

    def _end(self, reason: str) -> None:
        """Nothing more is heard of it; whether what was under way is durable cannot be known."""
        if self._ended is None:
            self._ended = NotCommitted(reason)
            self._loop.remove_reader(self._line)
            self._loop.remove_writer(self._line)
            self._line.close()
        self._settle(self._ended)
