"""`lab record`: what a live exchange shows, over sockets, is replayed and traded on like any other recording."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import stat
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.cli.program import main
from app.clock import SimulatedClock, VirtualTimeLoop
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import BookAction, BookUpdate, PublicTrade
from app.domain.refusals import InvalidValue
from app.exchanges.memory import MemoryExchange
from app.exchanges.port import Listener
from app.lab import recording, spreading
from app.lab.recording import Recorder, RecordingFailed, terms_line
from app.lab.runs import Pace, World, arm_of, planned
from app.lab.storing import decoded
from app.lab.tapes import read_tapes
from app.simulator.__main__ import config, parser
from app.simulator.exchange import SimulatedExchange
from app.simulator.feed.survey import survey
from tests.support.simulator_process import simulator_process

D = Decimal
SECOND = 1_000_000_000
BASE = 1_700_000_000
SWAP = Instrument(
    "XYZ-USDT-SWAP", InstrumentKind.SWAP, base="XYZ", quote="USDT", settle="USDT", tick=D("0.5"), lot=D("0.1"),
    min_size=D("0.1"), contract_value=D("0.01"),
)  # fmt: skip


class Ticking:
    """A clock that a test sets."""

    at = BASE

    def now_ns(self) -> int:
        return self.at * SECOND


def status_of(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["lab", "record", *map(str, arguments)])
    return int(ended.value.code or 0)


def replayed(path: Path) -> SimulatedExchange:
    """The simulated exchange, as its command line makes it, at the end of the recording."""
    keys = ["--api-key", "k", "--secret", "s", "--passphrase", "p"]
    exchange = SimulatedExchange(config(parser().parse_args([*keys, "--replay", str(path)])), BASE * SECOND)
    exchange.advance((BASE + 60) * SECOND)
    return exchange


def book_of(exchange: SimulatedExchange, instrument_id: str) -> dict[str, Any]:
    answer = exchange.http("GET", f"/api/v5/market/books?instId={instrument_id}&sz=2", {}, b"", (BASE + 60) * SECOND)
    return json.loads(answer.body)["data"][0]


def test_what_an_exchange_shows_over_sockets_is_a_tape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, data = tmp_path / "live.gz", ("--data-dir", tmp_path / "data", "--seconds", 1)
    with simulator_process(monkeypatch):
        assert status_of("BTC-USDT", "--out", out, "--json", *data) == 0
        told = json.loads(capsys.readouterr().out)
        for instrument, said in (("BTC-USD-SWAP", "is inverse"), ("XYZ-USDT", "is none of the exchange's")):
            assert status_of(instrument, "--out", tmp_path / "other", *data) == 2
            assert f"instrument={instrument}: {said}" in capsys.readouterr().err
        assert status_of("BTC-USDT", "--out", out, *data) == 2
        assert "is there already" in capsys.readouterr().err
    assert (told["instrument_id"], told["gaps"]) == ("BTC-USDT", 0)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["live.gz"]
    lines = gzip.decompress(out.read_bytes()).splitlines()
    assert len(lines) == 1 + told["books"] + told["trades"]
    assert survey(str(out)).snapshot_ns is not None
    shown = book_of(replayed(out), "BTC-USDT")
    assert D(shown["bids"][0][0]) < D(shown["asks"][0][0]) < 2 * D(shown["bids"][0][0])


def test_a_contract_that_nobody_lists_is_replayed_and_traded_on_its_own_terms(tmp_path: Path) -> None:
    """Ten contracts of 0.01 XYZ are 0.100 in the file, and ten again in the replay; a broken book begins anew."""
    clock, path = Ticking(), tmp_path / "tape"
    recorder = Recorder(SWAP, clock)  # pyright: ignore[reportArgumentType]

    def book(action: BookAction, bids: str, asks: str) -> None:
        """Of levels such as 100x10."""
        sides = [
            tuple((D(price), D(size)) for price, size in (each.split("x") for each in said.split()))
            for said in (bids, asks)
        ]
        recorder.on_book(BookUpdate("XYZ-USDT-SWAP", action, sides[0], sides[1], 0, 0))
        clock.at += 1

    recorder.on_trade(PublicTrade("XYZ-USDT-SWAP", "1", D(99), D(1), True, 0))  # before the first book: nothing
    book(BookAction.SNAPSHOT, "90x1", "91x2")
    book(BookAction.UPDATE, "90x12.3", "91x0 91.5x4")
    recorder.on_trade(PublicTrade("XYZ-USDT-SWAP", "2", D(90), D("0.3"), False, 0))
    book(BookAction.INVALID, "", "")
    book(BookAction.UPDATE, "1x1", "")  # of a broken book: nothing
    clock.at -= 100  # the machine's clock is set back, and the recording's time is not
    book(BookAction.SNAPSHOT, "100x10 99x5", "101x7")
    clock.at += 100
    for more in range(20):
        book(BookAction.UPDATE, f"99x{5 + more % 2}", "")
    assert (recorder.books, recorder.trades, recorder.gaps) == (23, 1, 1)
    path.write_bytes(terms_line(SWAP, BASE * SECOND) + b"".join(recorder.take()))
    lines = path.read_text().splitlines()
    assert lines[2].endswith(
        '{"stream":"xyzusdt@depth","data":{"u":2,"pu":1,"b":[["90.0","0.123"]],"a":[["91.0","0.000"],["91.5","0.040"]]}}'
    )
    assert lines[3].endswith('{"stream":"xyzusdt@trade","data":{"p":"90.0","q":"0.003","m":true}}')
    assert [line[:19] for line in lines] == sorted(line[:19] for line in lines)
    shown = book_of(replayed(path), "XYZ-USDT-SWAP")
    assert [each[:2] for each in shown["bids"] + shown["asks"]] == [["100", "10"], ["99", "6"], ["101", "7"]]
    (tape,) = read_tapes([path], 10)
    world = World(20, "0", "0", "risk_averse")
    (run,) = planned([(tape.instrument_id, tape)], [arm_of("market", 10)], [world], Pace(10, "5"), [1])
    result = decoded(dict(spreading.here({run.key(): run}))[run.key()])
    costs = [(each.side, each.completion, each.bps and float(each.bps["total"])) for each in result.parents]
    assert costs == [("buy", 1, pytest.approx(1e4 / 201)), ("sell", 1, pytest.approx(1e4 / 201))]


def test_an_exchange_that_shows_nothing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_EXCHANGE", "memory")
    monkeypatch.setattr(recording, "FIRST_SECONDS", 0)
    folder = tmp_path / "here"
    folder.mkdir()
    assert status_of("BTC-USDT", "--out", folder / "tape", "--seconds", 9, "--data-dir", tmp_path / "data") == 1
    assert "no book of BTC-USDT came" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


class Showing(MemoryExchange):
    """book: it shows one at once. refused: and then says why there is no more."""

    def __init__(self, clock: SimulatedClock, *, book: bool = True, refused: str = "") -> None:
        super().__init__(clock)
        self.shows, self.refused = book, refused

    async def start(self, listener: Listener) -> None:
        await super().start(listener)
        self.told = listener

    async def follow(self, instrument_id: str) -> None:
        await super().follow(instrument_id)
        if self.shows:
            self.set_book(instrument_id, D(100), D(101), D(1))
        if self.refused:
            self.told.on_not_followed(instrument_id, self.refused)


def recorded(path: Path, **shown: Any) -> recording.Recorded:
    """Three seconds of virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        clock = SimulatedClock(BASE * SECOND)
        meanwhile: Callable[[], object] = shown.pop("meanwhile", lambda: None)
        runner.get_loop().call_later(1.5, meanwhile)
        return runner.run(recording.record(Showing(clock, **shown), clock, "BTC-USDT", path, 3, asyncio.Event()))


@pytest.mark.parametrize("name", ["tape", "tape.gz"])
def test_a_stream_that_is_refused_before_its_first_book_leaves_nothing(tmp_path: Path, name: str) -> None:
    for _ in range(2):
        with pytest.raises(RecordingFailed, match="is not for you"):
            recorded(tmp_path / name, book=False, refused="is not for you")
        assert list(tmp_path.iterdir()) == []
    recorded(tmp_path / name)
    assert survey(str(tmp_path / name)).snapshot_ns is not None


def test_what_came_before_a_stream_was_refused_is_kept(tmp_path: Path) -> None:
    with pytest.raises(RecordingFailed, match="no longer"):
        recorded(tmp_path / "tape", refused="no longer")
    assert [path.name for path in tmp_path.iterdir()] == ["tape.part"]
    assert survey(str(tmp_path / "tape.part")).snapshot_ns is not None


def test_a_file_that_came_to_have_the_name_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    with pytest.raises(InvalidValue) as refused:
        recorded(path, meanwhile=lambda: path.write_text("theirs"))
    assert str(refused.value) == f"out={path}: is there already; what was recorded is in {path}.part"
    assert path.read_text() == "theirs"
    assert survey(f"{path}.part").snapshot_ns is not None


def test_a_recording_has_its_name_durably(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is brought onto the disk when it has the file, and when the file has its name."""
    names, fsync = list[list[str]](), os.fsync

    def seen(descriptor: int) -> None:
        fsync(descriptor)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            names.append(os.listdir(descriptor))

    monkeypatch.setattr(os, "fsync", seen)
    recorded(tmp_path / "tape")
    assert names == [["tape.part"], ["tape"]]
