"""Structured logs: structlog over the standard library's, written by a thread so that the event loop never waits.

Other rooms call structlog.get_logger() and need nothing from here. The queue is bounded: when it fills, debug lines
go first, then info, then all, each counted and reported once there is room.
"""

from __future__ import annotations

import atexit
import logging
import logging.handlers
import queue
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, TextIO

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from app.clock import utc
from app.observability.redaction import mask_by_name, redact

QUEUE_RECORDS_MAX = 10_000
# A level is taken while the queue is below this share of its bound.
_SHARES = ((logging.WARNING, 1.0), (logging.INFO, 0.9), (logging.NOTSET, 0.5))
# Their debug output shows headers, and with them signatures.
_QUIET_LOGGERS = ("aiohttp", "asyncio", "httpcore", "httpx", "websockets", "uvicorn.access")
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160), 0x2028, 0x2029)}
_CONTROL.update({ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t", 0x2028: "\\u2028", 0x2029: "\\u2029"})


class LogPump:
    """The running log. `close` writes what is queued and ends the thread; a second call does nothing."""

    def __init__(self, listener: logging.handlers.QueueListener, handler: _BoundedHandler, writer: _Writer) -> None:
        self._listener = listener
        self._handler = handler
        self._writer = writer
        self._open = True

    @property
    def dropped(self) -> Mapping[str, int]:
        """Records dropped because the queue was full, by level."""
        return dict(self._handler.dropped)

    @property
    def failed(self) -> int:
        """Records that could not be written (a full disk, a closed pipe)."""
        return self._writer.failed

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        logging.getLogger().removeHandler(self._handler)
        self._listener.stop()
        atexit.unregister(self.close)


def configure_logging(
    *,
    log_format: Literal["console", "json"],
    level: str,
    now_ns: Callable[[], int],
    stream: TextIO | None = None,
    queue_records_max: int = QUEUE_RECORDS_MAX,
) -> LogPump:
    """Take over the process's logging: one line a record, to `stream` (default: standard error).

    now_ns: the clock's wall time, nanoseconds UTC. Call it once a process, and `close` the result at the end.
    """
    out = stream or sys.stderr
    records: queue.Queue[logging.LogRecord] = queue.Queue()  # bounded by the handler, so that the end always fits in
    handler = _BoundedHandler(records, queue_records_max, now_ns)
    writer = _Writer(out)
    writer.setFormatter(_formatter(log_format, colours=log_format == "console" and out.isatty()))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            _hold_exception,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    listener = logging.handlers.QueueListener(records, writer)
    listener.start()
    pump = LogPump(listener, handler, writer)
    atexit.register(pump.close)
    return pump


def log_ids(
    *,
    order_id: str | None = None,
    client_order_id: str | None = None,
    parent_id: str | None = None,
    account: str | None = None,
) -> AbstractContextManager[Any]:
    """Within this context every line of this task carries the given ids; those not given stay as they are."""
    given = {"order_id": order_id, "client_order_id": client_order_id, "parent_id": parent_id, "account": account}
    return bound_contextvars(**{name: value for name, value in given.items() if value is not None})


class _BoundedHandler(logging.handlers.QueueHandler):
    """Hands records to the writing thread, or drops and counts them by the policy at the top of the file."""

    def __init__(self, records: queue.Queue[logging.LogRecord], limit: int, now_ns: Callable[[], int]) -> None:
        super().__init__(records)
        self.dropped: Counter[str] = Counter()
        self._reported = 0
        self._records = records
        self._limits = tuple((level, int(limit * share)) for level, share in _SHARES)
        self._now_ns = now_ns

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        # The standard library renders here, on the caller's thread; our writer renders on its own.
        record.now_ns = self._now_ns()
        if not isinstance(record.msg, dict):
            record.context = get_contextvars()
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        waiting = self._records.qsize()
        limit = next(limit for level, limit in self._limits if record.levelno >= level)
        if waiting >= limit:
            self.dropped[record.levelname] += 1
            return
        total = self.dropped.total()
        if total > self._reported and waiting < self._limits[-1][1]:
            self._reported = total
            self._records.put_nowait(self._drop_notice())
        self._records.put_nowait(record)

    def _drop_notice(self) -> logging.LogRecord:
        counts = " ".join(f"{level}={count}" for level, count in sorted(self.dropped.items()))
        record = logging.LogRecord(__name__, logging.WARNING, "", 0, "log records dropped: %s", (counts,), None)
        return self.prepare(record)


class _Writer(logging.StreamHandler[TextIO]):
    """Writes; a failure is counted and not printed, for the record's own text may be what cannot be shown."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.failed = 0

    def handleError(self, record: logging.LogRecord) -> None:
        self.failed += 1


def _formatter(log_format: str, *, colours: bool) -> logging.Formatter:
    shared: list[Processor] = [_origin, structlog.processors.format_exc_info, _mask]
    if log_format == "json":
        render: list[Processor] = [structlog.processors.JSONRenderer(default=_plain)]
    else:
        render = [_console_safe, structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=28, sort_keys=False)]
    return _RedactingFormatter(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        foreign_pre_chain=[_foreign_context],
    )


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """The last word on every line: whatever the processors made of it, no registered secret leaves."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _hold_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # "The present exception" is a fact of this thread; the writing thread has none.
    if event.get("exc_info") is True:
        event["exc_info"] = sys.exc_info()
    return event


def _foreign_context(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {**getattr(event["_record"], "context", {}), **event}


def _origin(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    moment = utc(getattr(record, "now_ns", 0))
    return {
        "timestamp": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        **event,
    }


def _mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    meta = {name: event.pop(name) for name in ("_record", "_from_structlog") if name in event}
    return {**mask_by_name(event), **meta}


def _console_safe(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
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
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return repr(value)
