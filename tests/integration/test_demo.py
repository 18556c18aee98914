"""The demo as users run it: to its end, a second time, over a recording, and killed at any moment.

After kills and restarts our ledger and the exchange's own must be the same, to the last fill and the last satoshi.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import stat
import time
from pathlib import Path

import pytest

from app.cli import main
from tests.support.demo_run import (
    DemoProcess,
    Pressure,
    ask,
    audit_findings,
    exchange_books,
    our_books,
)

KILLS = 3
RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "binance_capture"
FILES = [RECORDED / "spot_btcusdt_20240808.gz", RECORDED / "spot_btcusdt_20240809.gz"]

pytestmark = pytest.mark.timeout(240)


def test_it_ends_with_a_summary_and_a_second_run_goes_on(tmp_path: Path, searched) -> None:
    first = DemoProcess(tmp_path, "--exit", "--seconds", "7")
    assert first.ended() == 0, first.output
    output = searched(first.output)
    for name in ("signal", "risk", "order", "fill", "position"):
        assert any(line[10:].startswith(name) for line in output.splitlines()), f"no {name} line:\n{output}"
    for title in ("This run", "Positions", "Account", "Performance", "Differences from the exchange", "Audit"):
        assert any(line.startswith(title) for line in output.splitlines()), f"no {title}:\n{output}"
    assert "creating the tables" in output
    before = our_books(tmp_path)
    assert before.fills
    assert before == exchange_books(tmp_path)

    second = DemoProcess(tmp_path, "--exit", "--seconds", "2")
    assert second.ended() == 0, second.output
    assert "creating the tables" not in second.output
    after = our_books(tmp_path)
    assert after == exchange_books(tmp_path)
    assert after.fills >= before.fills
    assert after.orders.keys() >= before.orders.keys()
    assert audit_findings(tmp_path) == []
    for path in (tmp_path / "trading-executor.db", tmp_path / "simulator" / "credentials.key", tmp_path / "demo.log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_over_a_recorded_market(tmp_path: Path) -> None:
    if not all(path.exists() for path in FILES):
        pytest.skip(f"the recorded market is not here: {FILES[0].name}")
    demo = DemoProcess(tmp_path, "--exit", "--seconds", "8", "--replay", *map(str, FILES))
    assert demo.ended() == 0, demo.output
    books = our_books(tmp_path)
    assert books == exchange_books(tmp_path, FILES)
    prices = [fill[4] for fill in books.fills if fill[0] == "BTC-USDT"]
    assert prices, demo.output
    assert all(61_000 < price < 63_000 for price in prices), "not the recorded prices"


def test_ctrl_c_ends_it_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = DemoProcess(tmp_path)
    demo.wait_trading()
    for name in ("OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"):
        monkeypatch.delenv(name)
    outcomes = [_reconcile(tmp_path) for _ in range(3)]
    assert 0 in outcomes, "while it trades a fill may be between the two reads, but not three times"
    status, body = ask(demo.url.removeprefix("http://"), "GET", "/health/ready")
    assert (status, body["ready"]) == (200, True)
    assert demo.interrupt() == 0, demo.output
    assert "Audit of the journal" in demo.output
    assert our_books(tmp_path) == exchange_books(tmp_path)


def _reconcile(data_dir: Path) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["reconcile", "--data-dir", str(data_dir)])
    return ended.value.code


def test_on_postgresql(tmp_path: Path, postgres_url: str, searched) -> None:
    demo = DemoProcess(tmp_path, "--exit", "--seconds", "3", DATABASE_URL=postgres_url)
    assert demo.ended() == 0, demo.output
    assert "creating the tables in postgresql" in searched(demo.output)
    assert not (tmp_path / "trading-executor.db").exists()


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = DemoProcess(tmp_path, "--port", str(port))
        assert demo.ended() == 1
    assert demo.output == (
        f"trading-executor: port={port}: 127.0.0.1 cannot be listened on (Address already in use); "
        "give another with --port\n"
    )


def test_an_exchange_that_dies_is_told(tmp_path: Path) -> None:
    demo = DemoProcess(tmp_path)
    demo.wait_trading()
    children = Path(f"/proc/{demo.process.pid}/task/{demo.process.pid}/children").read_text().split()
    (simulator,) = [pid for pid in children if b"simulator" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(int(simulator), signal.SIGKILL)
    assert demo.ended() == 1
    last = demo.output.splitlines()[-1]
    assert last == "trading-executor: the simulated exchange ended with status -9"


def test_another_exchange_account_is_refused(tmp_path: Path) -> None:
    assert DemoProcess(tmp_path, "--exit", "--seconds", "1").ended() == 0
    (tmp_path / "simulator" / "credentials.key").unlink()
    demo = DemoProcess(tmp_path, "--exit", "--seconds", "1")
    assert demo.ended() == 1
    assert "belongs to uid=" in demo.output.splitlines()[-1]


def test_killed_again_and_again_both_ledgers_end_the_same(tmp_path: Path, seed: int) -> None:
    drawn = random.Random(seed)
    for _ in range(KILLS):
        demo = DemoProcess(tmp_path, "--seed", str(drawn.randrange(1000)))
        demo.wait_trading()
        pressure = Pressure(demo.url, drawn.randrange(2**32))
        time.sleep(drawn.uniform(0.3, 2.5))
        demo.kill()
        pressure.stop()
        assert pressure.sent, "no order was under way"
    last = DemoProcess(tmp_path, "--exit", "--seconds", "3")
    last.wait_trading()
    ask(last.url.removeprefix("http://"), "POST", "/api/v1/trading/orders/cancel-all", {})
    assert last.ended() == 0, last.output
    ours, theirs = our_books(tmp_path), exchange_books(tmp_path)
    assert ours.orders == theirs.orders
    assert ours.fills == theirs.fills
    assert ours.balances == theirs.balances
    assert ours.positions == theirs.positions
    assert audit_findings(tmp_path) == []
