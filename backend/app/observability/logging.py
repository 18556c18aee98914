"""Structured logs: structlog over the standard library's, written by a thread so that the event loop never waits.

Other rooms call structlog.get_logger() and need nothing from here. The queue is bounded: when it fills, debug lines
go first, then info, then all, each counted and reported once there is room.
"""

from __future__ import annotations

import atexit
import logging
import queue
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Protocol

import structlog
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.typing import EventDict, WrappedLogger

from app.clock import utc
from app.domain.money import plain
from app.observability.redaction import mask_by_name, redact

QUEUE_RECORDS_MAX = 10_000
# A level is taken while the queue is below this share of its bound.
_SHARES = ((logging.WARNING, 1.0), (logging.INFO, 0.9), (logging.NOTSET, 0.5))
# Their debug output shows headers, and with them signatures; alembic tells of itself, not of what it does.
_QUIET_LOGGERS = ("aiohttp", "alembic", "asyncio", "httpcore", "httpx", "websockets", "uvicorn.access")


class LogStream(Protocol):
    """Where lines go: a text stream, or a PrivateLog."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> None: ...

    def isatty(self) -> bool: ...


Record = tuple[int, str, int, dict[str, Any]]  # level, logger, nanoseconds UTC, event
Render = Callable[[Record], str]

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160), 0x2028, 0x2029)}
_CONTROL.update({ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t", 0x2028: "\\u2028", 0x2029: "\\u2029"})


class LogPump:
    """The running log. `close` writes what is queued and ends the thread; a second call does nothing."""

    def __init__(self, stream: LogStream, render: Render, records_max: int, now_ns: Callable[[], int]) -> None:
        self._stream = stream
        self._render = render
        self._now_ns = now_ns
        # Bounded by submit's policy; unbounded itself, so that the end always fits in.
        self._records: queue.Queue[Record | None] = queue.Queue()
        self._limits = tuple((level, int(records_max * share)) for level, share in _SHARES)
        self._dropped: Counter[str] = Counter()
        self._dropped_reported = 0
        self._failed = 0
        self._handler = _StandardLibraryHandler(self)
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> Mapping[str, int]:
        """Records dropped because the queue was full, by level."""
        return dict(self._dropped)

    @property
    def failed(self) -> int:
        """Records that could not be written: a full disk, a closed pipe, a value that does not print."""
        return self._failed

    def submit(self, level: int, logger: str, event: dict[str, Any]) -> None:
        """Queue one record, or drop and count it by the policy at the top of the file. Never waits."""
        waiting = self._records.qsize()
        limit = next(limit for least, limit in self._limits if level >= least)
        if waiting >= limit:
            self._dropped[logging.getLevelName(level)] += 1
            return
        total = self._dropped.total()
        if total > self._dropped_reported and waiting < self._limits[-1][1]:
            self._dropped_reported = total
            notice = {"event": "log records dropped", **dict(sorted(self._dropped.items()))}
            self._records.put_nowait((logging.WARNING, __name__, self._now_ns(), notice))
        self._records.put_nowait((level, logger, self._now_ns(), event))

    def flush(self) -> None:
        """Wait until everything queued so far is written."""
        self._records.join()

    def close(self) -> None:
        logging.getLogger().removeHandler(self._handler)
        if self._thread.is_alive():
            self._records.put_nowait(None)
            self._thread.join()
        atexit.unregister(self.close)

    def _write_all(self) -> None:
        while (record := self._records.get()) is not None:
            self._write(record)
            self._records.task_done()
        self._records.task_done()

    def _write(self, record: Record) -> None:
        try:
            self._stream.write(redact(self._render(record)) + "\n")
            if self._records.empty():
                self._stream.flush()
        except Exception:  # noqa: BLE001 - the log's own edge: nothing may be said about a record that cannot be shown
            self._failed += 1


def configure_logging(
    *,
    log_format: Literal["console", "json"],
    level: str,
    now_ns: Callable[[], int],
    stream: LogStream | None = None,
    queue_records_max: int = QUEUE_RECORDS_MAX,
) -> LogPump:
    """Take over the process's logging: one line a record, to `stream` (default: standard error).

    now_ns: the clock's wall time, nanoseconds UTC. Call it once a process, and `close` the result at the end.
    """
    out = stream or sys.stderr
    pump = LogPump(out, _renderer(log_format, colours=out.isatty()), queue_records_max, now_ns)
    least = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[merge_contextvars, _hold_exception, _as_argument],
        logger_factory=lambda *names: _PumpLogger(pump, names[0] if names else "app"),
        wrapper_class=structlog.make_filtering_bound_logger(least),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.addHandler(pump._handler)  # pyright: ignore[reportPrivateUsage] - one file, one thing
    root.setLevel(least)
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, least))
    atexit.register(pump.close)
    return pump


class _PumpLogger:
    """What structlog's bound loggers call at the end of their processors: one method a level."""

    def __init__(self, pump: LogPump, name: str) -> None:
        self._pump = pump
        self._name = name

    def debug(self, event: dict[str, Any]) -> None:
        self._pump.submit(logging.DEBUG, self._name, event)

    def info(self, event: dict[str, Any]) -> None:
        self._pump.submit(logging.INFO, self._name, event)

    def warning(self, event: dict[str, Any]) -> None:
        self._pump.submit(logging.WARNING, self._name, event)

    def error(self, event: dict[str, Any]) -> None:
        self._pump.submit(logging.ERROR, self._name, event)

    def critical(self, event: dict[str, Any]) -> None:
        self._pump.submit(logging.CRITICAL, self._name, event)

    exception = error


class _StandardLibraryHandler(logging.Handler):
    """Libraries log through the standard library: the same queue, the same ids."""

    def __init__(self, pump: LogPump) -> None:
        super().__init__()
        self._pump = pump

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - a library's wrong format string must not reach whoever called the library
            message = str(record.msg)
        event = {**get_contextvars(), "event": message}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        self._pump.submit(record.levelno, record.name, event)


def _hold_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # "The present exception" is a fact of this thread; the writing thread has none.
    if event.get("exc_info") is True:
        event["exc_info"] = sys.exc_info()
    return event


def _as_argument(_logger: WrappedLogger, _method: str, event: EventDict) -> tuple[tuple[EventDict], dict[str, Any]]:
    return (event,), {}


def _renderer(log_format: str, *, colours: bool) -> Render:
    json = structlog.processors.JSONRenderer(default=_plain)
    console = structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=28, sort_keys=False)

    def render(record: Record) -> str:
        level, logger, now_ns, event = record
        moment = utc(now_ns).isoformat(timespec="microseconds").replace("+00:00", "Z")
        whole: EventDict = {
            "timestamp": moment,
            "level": logging.getLevelName(level).lower(),
            "logger": logger,
            **mask_by_name(structlog.processors.format_exc_info(None, "", dict(event))),
        }
        if log_format == "json":
            return str(json(None, "", whole))
        return console(None, "", _console_safe(whole))

    return render


def _console_safe(event: EventDict) -> EventDict:
    """No value may start a line of its own or steer the terminal; a traceback's lines are indented instead."""
    traceback = event.pop("exception", None)
    safe = {name: _one_line(value) for name, value in event.items()}
    if traceback:
        lines = (line.translate(_CONTROL) for line in str(traceback).splitlines())
        safe["exception"] = "\n".join(f"    {line}" for line in lines)
    return safe


def _one_line(value: Any) -> Any:
    if isinstance(value, bool | int | None):
        return value
    return str(_plain(value) if not isinstance(value, str) else value).translate(_CONTROL)


def _plain(value: Any) -> Any:
    """What JSON has no form for: decimals as text, enums by value, moments in ISO 8601, the rest as they print."""
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return repr(value)
