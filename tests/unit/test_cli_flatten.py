"""What `flatten` says at its end, and with which status: all closed, nothing held, something left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.cli import flattening, main
from trading_executor.client import calls
from trading_executor.client.wire import Call

ORDER = {
    "order_id": "o1", "instrument_id": "BTC-USDT", "status": "filled", "size": "5", "filled_size": "5",
    "parent_id": None, "reasons": [], "error_message": None,
}  # fmt: skip
EXIT = {
    "parent_id": "P1", "instrument_id": "BTC-USDT", "status": "running", "size": "6", "filled_size": "5",
    "reason": "", "waiting_for": "no usable market",
}  # fmt: skip
DUST = {"instrument_id": "ETH-USDT", "size": "0.00001", "dust": True, "reason": "is below the smallest order"}
DENIED = {"check": "max_price_deviation", "field": "book", "value": "BTC-USDT", "rule": "has no book"}


class FakeClient:
    """A system that answers a flatten so, and an execution's end afterwards."""

    def __init__(self, answer: dict[str, Any], ended: dict[str, Any] | None = None) -> None:
        self.answer, self.ended = answer, ended

    def ask(self, call: Call[Any]) -> Any:
        if call == calls.flatten():
            return {"orders": [], "executions": [], "left_out": [], **self.answer}
        assert call == calls.get_execution("P1")
        return self.ended


def run(monkeypatch: pytest.MonkeyPatch, client: FakeClient, *arguments: str) -> int:
    monkeypatch.setattr(flattening, "connect", lambda *_, **__: client)
    monkeypatch.setattr(flattening, "POLL_SECONDS", 0)
    with pytest.raises(SystemExit) as ended:
        main(["flatten", "--yes", *arguments])
    return int(ended.value.code or 0)


def test_all_is_closed_dust_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, FakeClient({"orders": [ORDER], "left_out": [DUST]})) == 0


def test_nothing_was_held(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, FakeClient({"left_out": [DUST]})) == 4
    assert capsys.readouterr().err == "trading-executor: nothing was held that could be closed\n"


def test_an_exit_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = {**EXIT, "status": "completed", "filled_size": "6"}
    assert run(monkeypatch, FakeClient({"executions": [EXIT]}, ended)) == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"executions": [EXIT]}, "1 BTC-USDT (1 of 6 left: the book is dry)"),
        (
            {"orders": [{**ORDER, "status": "denied", "filled_size": "0", "reasons": [DENIED]}]},
            "5 BTC-USDT (denied: max_price_deviation: book=BTC-USDT: has no book)",
        ),
        ({"orders": [{**ORDER, "status": "canceled", "filled_size": "3"}]}, "2 BTC-USDT (canceled: the book did"),
        ({"orders": [ORDER], "left_out": [{**DUST, "dust": False, "reason": "not listed"}]}, "ETH-USDT (not listed)"),
    ],
)
def test_something_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: dict[str, Any], said: str
) -> None:
    ended = {**EXIT, "status": "partial_expired", "reason": "1 of 6 left: the book is dry"}
    assert run(monkeypatch, FakeClient(answer, ended), "--json") == 5
    shown = capsys.readouterr()
    assert said in shown.err
    assert any(said in left for left in json.loads(shown.out)["left"])
