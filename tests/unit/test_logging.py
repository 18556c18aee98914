"""Logs: one line a record, ids bound, secrets masked in every form, forged lines impossible, never waited for."""

from __future__ import annotations

import base64
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Literal
from urllib.parse import quote

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from app.observability.logging import LogPump, configure_logging
from app.observability.private_log import PrivateLog
from app.observability.redaction import Redactor, is_secret_name, register_secret

NOW_NS = 1_700_000_000_123_456_789
SECRET = "p/w+d=ä&1234567"

Lines = Callable[[], list[str]]


@contextmanager
def logging_to(stream: io.StringIO, log_format: Literal["console", "json"], **options: int) -> Iterator[LogPump]:
    """The process's logging turned to the stream, and back."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    root.handlers[:] = []
    pump = configure_logging(log_format=log_format, level="DEBUG", now_ns=lambda: NOW_NS, stream=stream, **options)
    try:
        yield pump
    finally:
        pump.close()
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


@pytest.fixture
def console() -> Iterator[Lines]:
    stream = io.StringIO()
    with logging_to(stream, "console") as pump:
        yield lambda: (pump.close(), stream.getvalue().splitlines())[1]


@pytest.fixture
def records() -> Iterator[Callable[[], list[dict[str, object]]]]:
    stream = io.StringIO()
    with logging_to(stream, "json") as pump:
        yield lambda: (pump.close(), [json.loads(line) for line in stream.getvalue().splitlines()])[1]


def test_a_json_record_whole(records):
    with bound_contextvars(order_id="o1", account="main"):
        structlog.get_logger("app.orders").info("order sent", price=Decimal("0.10"), size=Decimal("1E-8"))
        logging.getLogger("other").warning("plain %s", "text")
    assert records() == [
        {
            "timestamp": "2023-11-14T22:13:20.123456Z",
            "level": "info",
            "logger": "app.orders",
            "event": "order sent",
            "order_id": "o1",
            "account": "main",
            "price": "0.1",
            "size": "0.00000001",
        },
        {
            "timestamp": "2023-11-14T22:13:20.123456Z",
            "level": "warning",
            "logger": "other",
            "event": "plain text",
            "order_id": "o1",
            "account": "main",
        },
    ]


def test_ids_end_with_their_context(records):
    with bound_contextvars(parent_id="p1"), bound_contextvars(client_order_id="c1"):
        structlog.get_logger().info("in")
    structlog.get_logger().info("out")
    inside, outside = records()
    assert (inside["parent_id"], inside["client_order_id"]) == ("p1", "c1")
    assert "parent_id" not in outside


def test_values_under_secret_names_are_masked_at_any_depth(records):
    headers = {"OK-ACCESS-SIGN": "abc", "Content-Type": "json"}
    structlog.get_logger().info(
        "request", headers=headers, body=[{"apiKey": "k", "clOrdId": "c"}], signal="BUY", token=""
    )
    (record,) = records()
    assert record["headers"] == {"OK-ACCESS-SIGN": "***", "Content-Type": "json"}
    assert record["body"] == [{"apiKey": "***", "clOrdId": "c"}]
    assert (record["signal"], record["token"]) == ("BUY", "")
    assert headers["OK-ACCESS-SIGN"] == "abc"


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("authorization", True),
        ("X-API-Key", True),
        ("okx_secret_key", True),
        ("secretKey", True),
        ("OK-ACCESS-PASSPHRASE", True),
        ("sign", True),
        ("signal", False),
        ("idempotency_key", False),
        ("key_id", False),
        ("assigned", False),
        ("tokens_left", False),
    ],
)
def test_secret_names(name: str, secret: bool):
    assert is_secret_name(name) is secret


FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "in a sentence": lambda s: f"login with {s} failed",
    "url-quoted": lambda s: quote(s, safe=""),
    "url-quoted in lower case": lambda s: quote(s, safe="").lower(),
    "hex": lambda s: s.encode().hex(),
    "HEX": lambda s: s.encode().hex().upper(),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "json": json.dumps,
    "repr": repr,
    **{
        f"base64 after {n} bytes": lambda s, n=n: base64.b64encode(b"u" * n + s.encode() + b":tail").decode()
        for n in range(1, 5)
    },
    "urlsafe base64": lambda s: base64.urlsafe_b64encode(b"a:" + s.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_registered_values_are_masked_in_every_form(form: str):
    redactor = Redactor()
    text = FORMS[form](SECRET)
    assert redactor.redact(text) == text
    redactor.register(SECRET)
    assert "***" in redactor.redact(text)
    assert redactor.redact(redactor.redact(text)) == redactor.redact(text)
    assert SECRET[3:12] not in redactor.redact(text)


def test_short_values_do_not_mask_ordinary_words():
    redactor = Redactor()
    redactor.register("abc")
    assert redactor.redact("abcdef") == "abcdef"


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_no_secret_in_messages_values_or_tracebacks(log_format: str, request: pytest.FixtureRequest):
    secret = "traceback-secret/+1"
    register_secret(secret)
    lines: Lines = request.getfixturevalue("console") if log_format == "console" else None
    records = request.getfixturevalue("records") if log_format == "json" else None
    log = structlog.get_logger()
    try:
        raise RuntimeError(f"refused {secret}")
    except RuntimeError:
        log.exception("failed", detail=[secret], **{secret: 1})
        logging.getLogger("other").exception("also %s", secret)
    text = "\n".join(lines()) if lines else json.dumps(records())
    assert text.count("RuntimeError: refused ***") == 2
    assert secret not in text


def test_a_value_cannot_start_a_line_or_steer_the_terminal(console: Lines):
    log = structlog.get_logger()
    log.info("one\n2026-01-01 [info] forged", note="a\r\nb\x1b[2J\u2028c")
    try:
        raise ValueError("x\n2026-01-01T00:00:00Z [info     ] forged")
    except ValueError:
        log.error("bad", exc_info=True)
    first, second, *traceback = console()
    assert "one\\n2026-01-01 [info] forged" in first
    assert "a\\r\\nb\\x1b[2J\\u2028c" in first
    assert "bad" in second
    assert traceback
    assert all(line.startswith("    ") for line in traceback)


class StuckStream(io.StringIO):
    """A disk that does not answer until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.released = threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        assert self.released.wait(30)
        return super().write(text)


def test_a_full_queue_drops_debug_first_and_says_so():
    stream = StuckStream()
    with logging_to(stream, "json", queue_records_max=20) as pump:
        log = logging.getLogger("flood")
        log.warning("first")
        assert stream.reached.wait(30)
        for say in (log.debug, log.info, log.error):
            for _ in range(30):
                say(say.__name__)
        assert pump.dropped == {"DEBUG": 20, "INFO": 22, "ERROR": 28}
        stream.released.set()
        pump.flush()
        log.info("room again")
    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert events == [
        "first",
        *["debug"] * 10,
        *["info"] * 8,
        *["error"] * 2,
        "log records dropped",
        "room again",
    ]


def test_a_closed_stream_is_counted_and_raises_nothing():
    stream = io.StringIO()
    with logging_to(stream, "console") as pump:
        stream.close()
        logging.getLogger("lost").error("nobody hears")
        pump.close()
        assert pump.failed == 1


def test_a_private_log_is_for_its_owner_and_in_pieces_of_bounded_size(tmp_path):
    path = tmp_path / "executor.log"
    log = PrivateLog(path, piece_bytes_max=100)
    for number in range(50):
        log.write(f"{number:09d}\n")
    log.close()
    pieces = {piece.name: piece.read_text().split() for piece in tmp_path.iterdir()}
    assert sorted(pieces) == ["executor.log", *(f"executor.log.{number}" for number in range(1, 5))]
    kept = [line for name in sorted(pieces, reverse=True) for line in pieces[name]]
    assert kept == [f"{number:09d}" for number in range(50)]
    assert {piece.stat().st_mode & 0o777 for piece in tmp_path.iterdir()} == {0o600}
    assert max(piece.stat().st_size for piece in tmp_path.iterdir()) <= 100
    again = PrivateLog(path, piece_bytes_max=100)
    again.write("x" * 99 + "\n")
    again.close()
    assert (path.read_text(), len(list(tmp_path.iterdir()))) == ("x" * 99 + "\n", 6)
