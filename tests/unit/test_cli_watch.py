"""`execute --watch`: what stands on the screen of one that is short, and what Ctrl-C makes of one that is not."""

from __future__ import annotations

import io
from typing import Any

import pytest

from app.cli import executing
from app.cli.errors import CommandError
from trading_executor.client.wire import Call

Answer = str | type[KeyboardInterrupt] | CommandError


class Person(io.StringIO):
    """A terminal that somebody types at; what they type after the end is Ctrl-D."""

    def isatty(self) -> bool:
        return True


class Executor:
    """Answers what is asked in turn; an interrupt is a person's Ctrl-C meanwhile."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = iter(answers)
        self.asked: list[tuple[str, str]] = []

    def ask(self, call: Call[Any]) -> Any:
        self.asked.append((call.method, call.path.rpartition("/")[2]))
        status = next(self._answers)
        if not isinstance(status, str):
            raise status
        return execution(status)


def execution(status: str) -> dict[str, Any]:
    filled = "2" if status == "completed" else "1"
    return {
        "parent_id": "P1", "status": status, "size": "2", "filled_size": filled, "waiting_for": None, "reason": "",
    }  # fmt: skip


def watch(monkeypatch: pytest.MonkeyPatch, executor: Executor, first: str = "running", *, types: str = "") -> str:
    """The status that it was left with."""
    monkeypatch.setattr(executing, "POLL_SECONDS", 0)
    monkeypatch.setattr("sys.stdin", Person(types))
    shown = executing._watched(executor, execution(first), quiet=False)  # type: ignore[arg-type]  # pyright: ignore[reportPrivateUsage, reportArgumentType]
    return str(shown["status"])


def test_one_that_is_over_when_it_is_answered_has_its_last_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    executor = Executor()
    assert watch(monkeypatch, executor, "completed") == "completed"
    assert (executor.asked, "100 % 2 of 2 completed" in capsys.readouterr().out.replace("100.0", "100")) == ([], True)


def test_one_that_ends_between_two_looks_has_its_last_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(monkeypatch, Executor("completed")) == "completed"
    assert [line.rpartition("] ")[2] for line in capsys.readouterr().out.splitlines()] == [
        "50.0 % 1 of 2 running",
        "100.0 % 2 of 2 completed",
    ]


@pytest.mark.parametrize(
    ("types", "then", "asked", "ends"),
    [
        ("\n", ["running"], ("GET", "P1"), "running"),
        ("", ["running"], ("GET", "P1"), "running"),
        ("l\n", ["running"], ("GET", "P1"), "running"),
        ("what?\nPause\n", ["paused"], ("POST", "pause"), "paused"),
        ("c\n", ["canceling", "canceled"], ("POST", "cancel"), "canceled"),
        ("c\n", [CommandError("is over", 2), "completed"], ("POST", "cancel"), "completed"),
    ],
)
def test_ctrl_c_asks_what_becomes_of_it(
    monkeypatch: pytest.MonkeyPatch, types: str, then: list[Answer], asked: tuple[str, str], ends: str
) -> None:
    """A cancel is watched to its end; nothing, Ctrl-D and a word that is none leave it as it is, or are asked again."""
    executor = Executor("running", KeyboardInterrupt, *then)
    assert watch(monkeypatch, executor, types=types) == ends
    assert executor.asked[2] == asked


def test_where_nobody_can_be_asked_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    executor = Executor(KeyboardInterrupt, "running")
    monkeypatch.setattr(Person, "isatty", lambda self: False)
    assert watch(monkeypatch, executor) == "running"
    assert "it goes on" in capsys.readouterr().err
