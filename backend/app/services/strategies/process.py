"""The executor's end of a host process: starts it with nothing of ours, hands frames over and hears its answers.

A strategy sees its host through a small port, Host.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

import msgspec
import structlog

from app.services.trading.threads import OwnThread
from app.strategies.messages import FRAME_MAX, LENGTH_BYTES, Answer, Batch, Begin, decode_answer, frame

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ")
"""All that a host has of our environment: no key, no address, no database."""
END_SECONDS = 5

# Ctrl-C and a service manager's stop go to every process; the executor ends this one by closing its socket.
# Where the executor is killed it ends too (PR_SET_PDEATHSIG, of Linux), though a handler of it never returns. And where
# processor or memory are short the executor comes first.
_BOOT = """
import contextlib, ctypes, os, signal
with contextlib.suppress(OSError, AttributeError):
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
os.nice(5)
with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as first_to_go:
    first_to_go.write("1000")
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from app.strategies.host import main
main()
"""

log = structlog.get_logger("strategies")

OnAnswer = Callable[[Answer], None]
OnEnd = Callable[[str], None]
"""Told once, why it ended."""


class Host(Protocol):
    """Where a strategy runs. Answers come by on_answer, in order; after kill() nothing is heard."""

    @property
    def pid(self) -> int | None: ...
    def begin(self, begin: Begin) -> None: ...
    def handle(self, batch: Batch) -> None: ...
    def kill(self) -> None: ...


StartHost = Callable[[OnAnswer, OnEnd], Host]


class HostProcess(asyncio.Protocol):
    """A process of its own over a socket pair."""

    def __init__(self, on_answer: OnAnswer, on_end: OnEnd) -> None:
        """Raises OSError."""
        self._on_answer, self._on_end = on_answer, on_end
        self._received = bytearray()
        self._killed = False
        self._unsent: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                command = [sys.executable, "-I", "-c", _BOOT, str(theirs.fileno()), json.dumps(sys.path)]
                self._process = subprocess.Popen(
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=Path(os.sep),
                    env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
                )
        except OSError:
            ours.close()
            raise
        ours.setblocking(False)
        self._line = ours

    async def connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, sock=self._line)

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def begin(self, begin: Begin) -> None:
        self._send(frame(begin))

    def handle(self, batch: Batch) -> None:
        self._send(frame(batch))

    def kill(self) -> None:
        """At once; what it was doing is not waited for."""
        self._killed = True
        self._process.kill()
        if self._transport is not None:
            self._transport.abort()
        else:
            self._line.close()

    async def reaped(self) -> None:
        """Wait for its end; not for ever, where what it reads hangs."""
        try:
            await OwnThread(f"end of process {self.pid}").run(END_SECONDS, self._process.wait)
        except TimeoutError:
            log.warning("strategy.host_lingers", pid=self.pid)

    def _send(self, data: bytes) -> None:
        if self._transport is None:
            self._unsent.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        line = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self._transport = line
        if self._killed:
            line.abort()
        for data in self._unsent:
            line.write(data)
        self._unsent.clear()

    def data_received(self, data: bytes) -> None:
        self._received += data
        while not self._killed and len(self._received) >= LENGTH_BYTES:
            length = int.from_bytes(self._received[:LENGTH_BYTES], "big")
            if length > FRAME_MAX:
                self._ended(f"it sent a frame of {length} bytes, above {FRAME_MAX}")
                return
            end = LENGTH_BYTES + length
            if len(self._received) < end:
                return
            body = bytes(self._received[LENGTH_BYTES:end])
            del self._received[:end]
            try:
                answer = decode_answer(body)
            except msgspec.MsgspecError as error:
                self._ended(f"it sent what is no answer: {error}")
                return
            self._on_answer(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._killed:
            self._ended("its process ended")

    def _ended(self, why: str) -> None:
        if self._killed:
            return
        self.kill()
        self._on_end(why)
