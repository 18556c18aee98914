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
COMMIT_SECONDS = 60.0
"""After so long without an answer it is killed, and the database tells what it did. PostgreSQL gives up before."""
END_SECONDS = 30.0
SEND_BUFFER_BYTES = 1 << 20
RECEIVE_BYTES = 1 << 16

# Ctrl-C and a service manager's stop go to every process; the executor still has work for this one, and ends it.
_BOOT = """
import signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from app.store.writer_child import main
main()
"""

log = structlog.get_logger("store")


class WriterProcess:
    """committer.Disk: one transaction at a time."""

    overlaps = True

    def __init__(self) -> None:
        """Raises OSError."""
        self._loop = asyncio.get_running_loop()
        self._line, theirs = socket.socketpair()
        try:
            with theirs:
                # -I and our own path: a package called app in the working directory is none of ours.
                command = [sys.executable, "-I", "-c", _BOOT, str(theirs.fileno()), json.dumps(sys.path)]
                self.process = subprocess.Popen(
                    command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
                )
        except OSError:
            self._line.close()
            raise
        self._line.setblocking(False)
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._numbers: dict[Statement, int] = {}
        self._received = b""
        self._unsent = memoryview(b"")
        self._waiting: Durable | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._ended: NotCommitted | None = None
        self._loop.add_reader(self._line, self._receive)

    @classmethod
    async def start(cls, address: Address) -> "WriterProcess":
        """A process that has its connection. Raises StoreError."""
        try:
            made = cls()
        except OSError as error:
            raise StoreError(f"the writer's process cannot be started: {error}") from None
        try:
            await made._ask(frame(address), START_SECONDS)
        except BaseException as error:
            made._give_up("the writer's process was not started")
            made.process.wait()
            if isinstance(error, NotCommitted):
                raise StoreError(f"the writer's process has not begun: {error}") from None
            raise
        log.info("writer.started", pid=made.process.pid)
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
        return self._ask(frame((new, numbered)), COMMIT_SECONDS)

    async def close(self, last: Writes) -> None:
        """Commit `last`; wait until the process has ended, what was under way told. Raises StoreError if it failed."""
        try:
            if last and self._ended is None:
                await self.commit(last)
        finally:
            if self._ended is None:
                self._line.shutdown(socket.SHUT_WR)
            await asyncio.shield(asyncio.to_thread(self._reap))
            if self._ended is None:
                # At most one answer is left to hear; a process that cannot even be killed says no more.
                self._receive()
                self._end("the writer's process has ended")

    def _reap(self) -> None:
        try:
            status: int | str = self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = f"it did not end within {END_SECONDS:.0f} s and was killed"
        if status:
            log.error("writer.ended", pid=self.process.pid, status=status, reason=str(self._ended or ""))

    def _ask(self, data: bytes, seconds: float) -> Durable:
        assert self._waiting is None, "one transaction at a time"
        durable = self._waiting = Durable()
        if self._ended is not None:
            # Told in a round of its own: whoever hands over is in the midst of a turn.
            self._loop.call_soon(self._settle, self._ended)
            return durable
        self._patience = self._loop.call_later(seconds, self._give_up, f"no answer within {seconds:.0f} s")
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
            self._loop.call_soon(self._end, f"the writer's process has died: {error.strerror}")

    def _receive(self) -> None:
        try:
            data = self._line.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(f"the writer's process has died: {error.strerror}")
            return
        if not data:
            self._end("the writer's process has ended")
            return
        self._received += data
        if len(self._received) < LENGTH_BYTES:
            return
        end = LENGTH_BYTES + int.from_bytes(self._received[:LENGTH_BYTES], "big")
        if len(self._received) < end:
            return
        answer = msgspec.msgpack.decode(self._received[LENGTH_BYTES:end], type=Answer)
        self._received = self._received[end:]
        if answer.note:
            log.warning("writer.note", note=answer.note)
        self._settle(NotCommitted(answer.failure, refused=answer.refused, lost=answer.lost) if answer.failure else None)

    def _settle(self, error: NotCommitted | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        durable, self._waiting = self._waiting, None
        if durable is not None:
            durable.settle(error)

    def _give_up(self, reason: str) -> None:
        """What is loaded next is read after its death, under a new epoch of the lease."""
        self.process.kill()
        self._end(reason)

    def _end(self, reason: str) -> None:
        """Nothing more is heard of it; whether what was under way is durable cannot be known."""
        if self._ended is None:
            self._ended = NotCommitted(reason)
            self._loop.remove_reader(self._line)
            self._loop.remove_writer(self._line)
            self._line.close()
        self._settle(self._ended)
