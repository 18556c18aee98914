"""Backtests: the same seed is the same to the byte, nothing is seen or done before its time, and the figures add up."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.api.encoding import json_ready
from app.backtest.results import BacktestResult
from app.backtest.running import BacktestOptions, run
from app.cli.program import main
from app.settings import load_settings

D = Decimal
BTC = "BTC-USDT"
IN_AND_OUT = """
from trading_executor.strategies import Signal, SignalType, Strategy

class Mine(Strategy):
    timer_seconds = 5

    def on_timer(self):
        self.state["asked"] = [*self.state.get("asked", []), self.now_ns]
        if self.holding("BTC-USDT") > 1 / 1000:
            return Signal(SignalType.CLOSE, "BTC-USDT")
        return Signal(SignalType.BUY, "BTC-USDT", size="0.02")

    def on_fill(self, fill):
        self.state["late_ms"] = [*self.state.get("late_ms", []), (fill.traded_ns - self.state["asked"][-1]) / 1e6]
        print(self.state["late_ms"][-1])
"""
RAISES = IN_AND_OUT.replace("def on_fill(self, fill):", "def on_fill(self, fill):\n        raise ValueError('no idea')")


def written(folder: Path, text: str = IN_AND_OUT) -> str:
    path = folder / "mine.py"
    path.write_text(text)
    path.chmod(0o600)
    return f"{path}:Mine"


def backtested(file: str, *instruments: str, **options: Any) -> BacktestResult:
    settings = load_settings().model_copy(
        update={"strategies": {"mine": {"file": file, "instruments": [*instruments] or [BTC]}}}
    )
    return run(settings, BacktestOptions(**{"seconds": 30, **options}))


def text_of(result: BacktestResult) -> bytes:
    return msgspec.json.encode(json_ready(result))


def test_the_same_seed_is_the_same_to_the_byte_and_another_is_not(tmp_path: Path) -> None:
    file = written(tmp_path)
    first = text_of(backtested(file))
    assert first == text_of(backtested(file))
    assert first != text_of(backtested(file, seed=2))


def test_what_it_made_is_what_the_account_is_worth_more(tmp_path: Path) -> None:
    result = backtested(written(tmp_path), seconds=60, balances={"USDT": D(5_000)})
    (mine,) = result.strategies
    figures, curve = mine.performance, [point.equity for point in result.equity]
    assert (curve[0], len(result.trades)) == (5_000, 11)
    assert figures.unrealized_pnl is not None
    assert curve[-1] == 5_000 + figures.net_profit + figures.unrealized_pnl
    assert figures.net_profit == figures.realised_pnl - figures.total_fees
    assert mine.shortfall_unknown == 0
    assert mine.shortfall["USDT"] > 0
    assert mine.fees.keys() == {"BTC", "USDT"}
    assert [trade.traded_at for trade in result.trades] == sorted(trade.traded_at for trade in result.trades)


@pytest.mark.parametrize("latency_ms", [0, 250])
def test_an_order_is_filled_no_earlier_than_it_can_be_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], latency_ms: float
) -> None:
    log = tmp_path / "log"
    arguments = ["backtest", written(tmp_path), "--instrument", BTC, "--seconds", "20", "--log", str(log), "--json"]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--latency-ms", str(latency_ms)])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["strategies"][0]["strategy"]["signals_taken"] == 3
    # to the millisecond, as the exchange tells it
    late = [float(each) for each in re.findall(r"strategy\.said.*text=\D*([0-9.]+)", log.read_text())]
    assert len(late) == 3
    assert all(latency_ms - 1 <= each < latency_ms + 100 for each in late), late


def test_one_that_raises_ends_the_backtest_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["backtest", written(tmp_path, RAISES), "--instrument", BTC, "--seconds", "3600", "--json"])
    told = capsys.readouterr()
    assert ended.value.code == 1
    assert "failed: mine: on_fill raised ValueError: no idea" in told.err
    assert json.loads(told.out)["strategies"][0]["strategy"]["standing"] == "failed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.py:Mine", "--instrument", BTC], "file="),
        (["other"], "strategy=other: is neither FILE.py:Class nor a strategy of the settings"),
        (["mine.py:Mine"], "--strategy and --instrument go together"),
        (["mine.py:Mine", "--instrument", "XYZ-USDT"], "instruments=XYZ-USDT: is none of the simulated exchange's"),
        (["mine.py:Mine", "--instrument", BTC, "--balance", "USDT"], "balance=USDT: must be CURRENCY=AMOUNT"),
        (["mine.py:Mine", "--instrument", BTC, "--tape", "none.gz"], "tape=none.gz: there is no such file"),
        (
            ["mine.py:Mine", "--instrument", BTC, "--tape", "mine.py"],
            "mine.py: line 1: must begin with nanoseconds since 1970",
        ),
        (["mine.py:Mine", "--instrument", BTC, "--tape", "cut"], "cut: line 2: Input data was truncated"),
    ],
)
def test_what_cannot_be_is_said_by_its_name(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    written(tmp_path)
    snapshot = '{"lastUpdateId":10,"bids":[["100.00","5.0"]],"asks":[["101.00","3.0"]]}'
    lines = [snapshot, '{"stream":"btcusdt@trade","data":{"p":"100.0', snapshot]
    (tmp_path / "cut").write_text("".join(f"{1_700_000_000 + n}000000000 {line}\n" for n, line in enumerate(lines)))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["backtest", *arguments])
    told = capsys.readouterr()
    assert ended.value.code in (1, 2)
    assert said in told.err


def test_a_tape_is_played_to_its_end_at_its_own_time(tmp_path: Path) -> None:
    """Ten seconds of a market that a person can see through: 100 bid, 101 asked, from 2023-11-14T22:13:20Z."""
    base = 1_700_000_000_000_000_000
    depth = '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","U":%d,"u":%d,"b":[["100.00","%d.0"]],"a":[]}}'
    lines = [(0, '{"lastUpdateId":10,"bids":[["100.00","5.0"]],"asks":[["101.00","3.0"]]}')]
    lines += [(100 * step, depth % (10 + step, 10 + step, 5 + step % 2)) for step in range(1, 101)]
    tape = tmp_path / "tape"
    tape.write_text("".join(f"{base + ms * 1_000_000} {text}\n" for ms, text in lines))
    result = backtested(written(tmp_path), seconds=None, tape=(tape,))
    assert (result.began_at.year, (result.ended_at - result.began_at).seconds) == (2023, 12)
    assert [(trade.side.value, trade.price, trade.size) for trade in result.trades] == [("buy", D(101), D("0.02"))]
