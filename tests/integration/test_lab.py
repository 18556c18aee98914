"""The lab: strategies over one market, costs that are known beforehand, results that are durable one by one."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from app.cli.program import main
from app.domain.refusals import InvalidValue
from app.lab import cluster, performing, spreading
from app.lab.comparing import compared
from app.lab.runs import FORMAT, Pace, Run, World, arm_of, planned
from app.lab.storing import Result, decoded, results
from app.lab.tables import tabled
from app.lab.tapes import read_tapes

BASE = 1_700_000_000
STILL = [
    f'{{"stream":"btcusdt@depth","data":{{"u":{k + 11},"b":[["100.00","{5 + k % 2}.0"]],"a":[]}}}}' for k in range(44)
]
SNAPSHOT = '{"lastUpdateId":10,"bids":[["100.00","5.0"]],"asks":[["101.00","5.0"]]}'
FREE = World(20, "0", "0", "risk_averse")


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """45 s of 100 bid and 101 asked, without a trade; the book says so once a second."""
    return written(tmp_path / "still", [SNAPSHOT, *STILL])


def written(path: Path, lines: list[str], begin: int = BASE) -> Path:
    path.write_text("".join(f"{begin + k}000000000 {line}\n" for k, line in enumerate(lines)))
    return path


def lab(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["lab", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def one(tape: Path | None, strategy: str = "market", world: World = FREE, seed: int = 1) -> Run:
    found = read_tapes([tape], 10)[0] if tape else None
    return planned([("BTC-USDT", found)], [arm_of(strategy, 10)], [world], Pace(10, "100"), [seed])[0]


DONE: dict[str, bytes] = {}
"""By key, for the tests together: the same run is the same."""


def performed(run: Run) -> Result:
    return decoded(data_of(run))


def data_of(run: Run) -> bytes:
    if run.key() not in DONE:
        DONE.update(spreading.here({run.key(): run}))
    return DONE[run.key()]


def test_a_market_order_costs_half_the_spread_and_what_the_fee_is_more(tape: Path) -> None:
    """100 USDT a side at a mid of 100.5, against 101 and 100: the injected fee of 1 bps is found again."""
    free, dear = performed(one(tape)), performed(one(tape, world=World(20, "0", "0.0001", "risk_averse")))
    assert [(each.side, each.status, each.completion, each.maker_share) for each in free.parents] == [
        *[("buy", "completed", 1, 0)] * 3,
        *[("sell", "completed", 1, 0)] * 3,
    ]
    assert [each.block_ns // 10**9 - BASE for each in free.parents] == [10, 20, 30] * 2
    first, second = (tabled([each])[0].arms[0] for each in (free, dear))
    assert first.bps == pytest.approx(
        {"spread": 1e4 / 201, "execution": 0, "opportunity": 0, "fees": 0, "cleanup": 0, "total": 1e4 / 201}
    )
    assert second.bps["total"] == pytest.approx(1e4 / 201 + 1, abs=0.05)
    assert (first.pairs, first.blocks, first.unmeasured) == (3, 3, 0)


def test_a_coin_of_a_billionth_is_ordered_by_the_trillion() -> None:
    """5,000 USDT of it are 4,050,879,040,000, in lots of 1,000; both sides are measured."""
    (run,) = planned([("PEPE-USDT", None)], [arm_of("market", 10)], [FREE], Pace(10, "5000"), [1])
    assert [(each.completion, each.bps is not None) for each in performed(run).parents] == [(1, True)] * 2


def test_what_is_left_is_taken_from_the_market_and_costs_what_that_costs(tape: Path) -> None:
    """Nothing trades, so nothing that rests is filled: in the end it costs what a market order does, with its fee."""
    passive = performed(one(tape, "twap:style=passive,completion=cancel_residual", World(20, "0", "0.001", "log1")))
    assert {(each.status, each.completion, each.orders > 0) for each in passive.parents} == {
        ("partial_expired", 0, True)
    }
    (arm,) = tabled([passive])[0].arms
    half = 1e4 / 201
    nothing = dict.fromkeys(("spread", "execution", "opportunity", "fees"), 0.0)
    assert arm.bps == pytest.approx({**nothing, "cleanup": half + 10, "total": half + 10}, abs=0.001)


def test_what_is_left_and_may_not_be_ordered_has_no_cost_and_says_why(tmp_path: Path) -> None:
    """In the second block the price rises by half, and what 900 million bought is more than one order may be worth."""
    risen = [
        '{"stream":"btcusdt@depth","data":{"u":33,"b":[["150.00","5.0"]],"a":[["101.00","0.0"],["151.00","5.0"]]}}',
        *(
            f'{{"stream":"btcusdt@depth","data":{{"u":{k + 34},"b":[["150.00","{5 + k % 2}.0"]],"a":[]}}}}'
            for k in range(10)
        ),
    ]
    (found,) = read_tapes([written(tmp_path / "risen", [SNAPSHOT, *STILL[:22], *risen])], 10)
    waiting = arm_of("pov:force_completion=false", 10)
    (run,) = planned([("BTC-USDT", found)], [waiting], [FREE], Pace(10, "900000000"), [1])
    result = performed(run)
    whys = [each.why.split(": ") for each in result.parents]
    taken = "what was left could not be taken from the market"
    assert [(each.status, each.completion, each.bps) for each in result.parents] == [("partial_expired", 0, None)] * 4
    assert [why[0] for why in whys] == [taken] * 4
    assert ["above max_order_value 1000000000" in why[-1] for why in whys] == [False, True, False, True]
    (arm,) = tabled([result])[0].arms
    assert (arm.pairs, arm.unmeasured) == (0, 4)


def test_a_limit_may_be_so_far_from_the_mid_of_its_start(tape: Path) -> None:
    """A sniper that pays up to 0.5 % beyond the mid, 101.0, shoots; one of 0.49 % never does, and pays in the end."""
    shot, never = (performed(one(tape, f"sniper:limit_offset_pct={beyond}")) for beyond in ("0.005", "0.0049"))
    assert [{parent.completion for parent in each.parents} for each in (shot, never)] == [{1}, {0}]
    (first, second) = (tabled([each])[0].arms[0].bps for each in (shot, never))
    assert [first["spread"], second["cleanup"]] == pytest.approx([1e4 / 201] * 2)
    assert shot.name == "sniper:limit_offset_pct=0.005"


def test_the_same_run_is_the_same_to_the_byte_here_and_in_processes(
    tape: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runs = {run.key(): run for run in (one(tape), one(None, seed=3))}
    assert len(runs) == 2
    with spreading.quiet():
        here = {key: data_of(run) for key, run in runs.items()}
        assert here == dict(spreading.over_processes(runs, 2))
    assert "".join(capfd.readouterr()) == "", "a process logs into the command's output"


def test_a_local_ray_of_two_workers_gives_the_same_bytes(tape: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed")
    runs = {run.key(): run for run in (one(tape, "twap"), one(None, seed=3))}
    local = import_module("ray.cluster_utils").Cluster(
        initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False}
    )
    try:
        cluster.check_answers(local.address)
        assert dict(cluster.over_ray(runs, local.address)) == dict(spreading.here(runs))
        tape.write_text(tape.read_text() + tape.read_text().splitlines(keepends=True)[-1])
        with pytest.raises(spreading.WorkerLost, match="holds something else than what was read"):
            list(cluster.over_ray(runs, local.address))
    finally:
        local.shutdown()


def test_an_address_that_is_no_cluster_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: object())
    monkeypatch.setattr(cluster, "_JOIN", "import time; time.sleep(60)")
    monkeypatch.setattr(cluster, "JOIN_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for address, said in (
            ("auto", "ray=auto: must be HOST:PORT or ray://HOST:PORT"),
            ("127.0.0.1:99999", "does not answer:"),
            (f"127.0.0.1:{port}", f"ray=127.0.0.1:{port}: does not answer as a Ray cluster within 0.2 s"),
        ):
            assert lab("run", tmp_path / "found", "--synthetic", "BTC-USDT", "--ray", address) == 2
            assert said in capsys.readouterr().err
    assert lab("run", tmp_path / "found", "--synthetic", "BTC-USDT", "--ray", f"ray://127.0.0.1:{port}") == 2
    assert "Connection refused" in capsys.readouterr().err
    assert not (tmp_path / "found").exists()


def test_a_start_that_takes_long_takes_nothing_of_the_first_block(tape: Path) -> None:
    """Half a second each way: the system is ready some forty seconds after the market began."""
    slow = performed(one(None, world=World(500, "0", "0", "risk_averse")))
    assert [(each.status, each.completion) for each in slow.parents] == [("completed", 1)] * 2
    assert all(1 < (each.duration_seconds or 0) < 2.5 for each in slow.parents)
    (found,) = read_tapes([tape], 10, latency_ms=150)
    assert [at // 10**9 - BASE for at in found.blocks] == [20, 30]


def test_a_key_goes_by_what_is_in_the_tape_and_not_by_where_it_lies(tape: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.write_bytes(tape.read_bytes())
    longer = written(tmp_path / "longer", [SNAPSHOT, *STILL, *STILL[:20]])
    assert one(tape).key() == one(moved).key()
    others = [one(longer), one(tape, "twap"), one(tape, seed=2), one(tape, world=World(21, "0", "0", "risk_averse"))]
    assert len({one(tape).key(), *(each.key() for each in others)}) == 5


def test_it_goes_on_where_it_was_stopped(
    tape: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C after the first of two runs; asked again only the second is made, and the table has both."""
    folder, performed_ = tmp_path / "found", performing.perform
    asked = ["run", folder, "--tape", tape, "--block", 10, "--notional", 100, "--processes", 1]
    asked += ["--strategy", "market", "--strategy", "limit"]

    def stopped(answers: Iterator[bytes]) -> Callable[[Run], bytes]:
        def perform(run: Run) -> bytes:
            made.append(run.arm.name)
            if next(answers, None) is None:
                raise KeyboardInterrupt
            return performed_(run)

        return perform

    made: list[str] = []
    monkeypatch.setattr(spreading, "perform", stopped(iter([b"first"])))
    monkeypatch.setattr(spreading, "over_processes", lambda runs, _: spreading.here(runs))
    assert lab(*asked) == 130
    assert "1 of 2 runs are kept" in capsys.readouterr().err
    assert [path.suffix for path in folder.iterdir()] == [".json"]
    monkeypatch.setattr(spreading, "perform", stopped(iter([b"second"])))
    assert lab(*asked, "--json", "--html", tmp_path / "page.html") == 0
    assert made == ["market", "limit", "limit"]
    (market,) = json.loads(capsys.readouterr().out)["markets"]
    assert [(each["name"], each["blocks"]) for each in market["arms"]] == [("market", 3), ("limit", 3)]
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert lab(*asked) == 0
    assert made == ["market", "limit", "limit"], "all of it is there"
    assert "too few blocks: 3, an interval takes 20" in capsys.readouterr().out


def test_two_recordings_of_one_market_are_one_and_their_blocks_are_those_of_the_clock(
    tape: Path, tmp_path: Path
) -> None:
    """The second without a snapshot goes on with the first; a third begins a session of its own."""
    second = written(tmp_path / "second", STILL[:30], BASE + 45)
    third = written(tmp_path / "third", [SNAPSHOT, *STILL[:32]], BASE + 1_003)
    (long, other) = read_tapes([tape, second, third], 10)
    assert [at // 10**9 - BASE for at in long.blocks] == [10, 20, 30, 40, 50, 60]
    assert [at // 10**9 - BASE for at in other.blocks] == [1_010, 1_020]
    (part,) = read_tapes([tape], 10, skip=18, seconds=25)
    assert [at // 10**9 - BASE for at in part.blocks] == [20, 30]


def test_nothing_is_begun_where_the_recording_has_a_hole(tmp_path: Path) -> None:
    lines = [SNAPSHOT, *STILL, *STILL[:14]]
    kept = [line for k, line in enumerate(lines) if not 19 <= k < 31]
    path = tmp_path / "hole"
    stamps = [k for k in range(len(lines)) if not 19 <= k < 31]
    path.write_text("".join(f"{BASE + k}000000000 {line}\n" for k, line in zip(stamps, kept, strict=True)))
    (found,) = read_tapes([path], 10)
    assert [[at // 10**9 - BASE for at in blocks] for blocks in (found.blocks, found.dark)] == [[10, 30, 40], [20]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "give --tape FILE, --synthetic INSTRUMENT, or both"),
        (["--synthetic", "XYZ-USDT"], "instruments=XYZ-USDT: is none of the simulated exchange's"),
        (["--strategy", "twop"], "strategy=twop: is no strategy; the lab compares market, limit, twap"),
        (["--strategy", "stop"], "strategy=stop: waits for a price or a position"),
        (["--strategy", "twap:slices=3"], "slices='3': unknown key"),
        (["--strategy", "sniper:limit_offset_pct=near"], "limit_offset_pct='near'"),
        (["--strategy", "twap:num_slices"], "must be NAME, or NAME:KEY=VALUE,KEY=VALUE"),
        (["--queue-model", "kind"], "queue_model=kind: is none; there are risk_averse"),
        (["--maker", "0.001"], "fees=0.001: --maker and --taker go together"),
        (["--maker", "0", "--taker", "1"], "taker=1: must be a fraction from -0.01 to 0.01"),
        (["--skip", "100"], "holds no block of 10 s with market data"),
        (["--tape", "none"], "none: [Errno 2] No such file or directory"),
        (["--tape", "bad"], "bad: line 2: Input data was truncated"),
        (["--tape", "goes_on"], "has no depth snapshot, and no file before it that it goes on from"),
        (["--block", "5"], "5 is below 10"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    tape: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    asked: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "bad", [STILL[0], STILL[1][:40], SNAPSHOT])
    written(tmp_path / "goes_on", STILL[:3])
    market = [] if not asked or "--tape" in asked or "--synthetic" in asked else ["--tape", tape.name]
    assert lab("run", "found", "--block", 10, *market, *asked) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "found").exists()


@pytest.mark.parametrize("data", [b"{}", b"", b'{"format": 3', b'{"format": 3, "name": "x"}', b'{"format": "\xff"}'])
def test_a_result_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes) -> None:
    assert lab("show", tmp_path) == 2
    assert "holds no result" in capsys.readouterr().err
    (tmp_path / f"{'0f' * 16}.json").write_bytes(data)
    for asked in (("show", tmp_path), ("compare", tmp_path, "twap", "market")):
        assert lab(*asked) == 2
        assert f"{'0f' * 16}.json: cannot be read" in " ".join(capsys.readouterr().err.split())


def test_what_lies_in_the_folder_beside_the_results_is_left_alone(tape: Path, tmp_path: Path) -> None:
    """Files of others under names of their own, and results of another format, whatever is in those."""
    run, folder = one(tape), tmp_path / "found"
    folder.mkdir()
    for name in ("package", "0" * 31, "0" * 33, f"{'0' * 31}g", f"{'0' * 32}.json", "notes of monday"):
        (folder / f"{name}.json").write_bytes(b"not ours")
    for place, format_ in enumerate((1, 2, 99)):
        (folder / f"{place:032x}.json").write_text(json.dumps({"format": format_, "parents": "told otherwise"}))
    assert lab("show", folder) == 2
    (folder / f"{run.key()}.json").write_bytes(data_of(run))
    assert results(folder) == [performed(run)]
    assert lab("show", folder) == 0


NOTHING = dict.fromkeys(("spread", "execution", "opportunity", "fees", "cleanup"), "0")


def made_up(
    name: str,
    blocks: int,
    mean: float,
    *,
    tape: str | None = "t",
    seed: int = 1,
    noise: float = 1.0,
    version: str = "1.0.0",
    dark: Sequence[int] = (),
) -> Result:
    """A result whose sells cost 10 bps more than its buys."""
    draw = random.Random(f"{name}{seed}")
    parents = [
        {
            "block_ns": block * 10**9, "side": side, "status": "completed", "completion": "1",
            "bps": NOTHING | {"total": str(cost + apart)},
            "maker_share": "0", "participation": None, "schedule_error": None, "duration_seconds": 1.0, "orders": 1,
            "why": "",
        }
        for block in range(blocks)
        for cost in [mean + draw.gauss(0, noise)]
        for side, apart in (("buy", -5), ("sell", 5))
    ]  # fmt: skip
    facts: dict[str, Any] = {
        "format": FORMAT, "version": version, "name": name, "instrument_id": "BTC-USDT", "tape": tape,
        "tape_name": tape, "strategy": name, "config": {}, "latency_ms": 20.0, "fees": [None, None],
        "queue_model": "risk_averse", "block_seconds": 30, "notional": "1", "seed": seed, "dark": list(dark),
    }  # fmt: skip
    return decoded(json.dumps({**facts, "parents": parents}).encode())


def test_a_winner_is_stated_from_twenty_blocks_on_and_only_when_the_interval_says_so() -> None:
    def verdict(blocks: int, mean: float) -> tuple[int, str | None, str]:
        (found,) = compared([made_up("a", blocks, 10 + mean), made_up("b", blocks, 10)], "a", "b")
        return found.blocks, found.winner, found.said.partition(";")[0].partition(",")[0]

    assert verdict(19, -9) == (19, None, "too few blocks: 19")
    assert verdict(20, -9) == (20, "a", "a is cheaper")
    assert verdict(60, 5) == (60, "b", "b is cheaper")
    assert verdict(60, 0.1) == (60, None, "not decided: the interval holds zero")


def test_what_two_releases_found_is_not_mixed() -> None:
    """Not within a strategy, not between two, and not over two recordings of a market; another market may be older."""
    old = made_up("market", 20, 9, version="0.9.0")
    said = "results=BTC-USDT: stands for two releases; begin another folder"
    for new in (made_up("market", 20, 9, seed=2), made_up("twap", 20, 5), made_up("twap", 20, 5, tape="u")):
        for ask in (tabled, lambda found: compared(found, "market", "twap")):
            with pytest.raises(InvalidValue) as refused:
                ask([old, made_up("twap", 20, 3), new])
            assert str(refused.value) == said
    apart = made_up("market", 20, 9, tape=None)
    assert len(tabled([old, apart])) == 2


def test_nothing_is_run_into_the_results_of_another_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Said before anything is run, and what is there can still be shown; another market may be run."""
    folder, asked = tmp_path / "found", ("--block", 10, "--notional", 100, "--strategy", "market", "--processes", 1)
    free = ("--maker", 0, "--taker", 0)
    folder.mkdir()
    older = msgspec.json.decode(data_of(one(None))) | {"version": "0.0.9"}
    (folder / f"{'0' * 32}.json").write_bytes(msgspec.json.encode(older))
    assert lab("run", folder, "--synthetic", "BTC-USDT", *asked, *free) == 2
    assert "results=BTC-USDT: stands for two releases; begin another folder" in capsys.readouterr().err
    assert [path.stem for path in folder.iterdir()] == ["0" * 32]
    assert lab("show", folder) == 0
    assert lab("run", folder, "--synthetic", "BTC-USDT", *asked, *free, "--queue-model", "log1") == 0


def test_seeds_of_one_recording_are_one_draw_and_those_of_synthetic_markets_are_many() -> None:
    recorded = [made_up(name, 20, mean, seed=seed) for name, mean in (("market", 9), ("x", 8)) for seed in range(5)]
    drawn = [
        made_up(name, 1, mean, seed=seed, tape=None) for name, mean in (("market", 9), ("x", 8)) for seed in range(25)
    ]
    tables = tabled([*recorded, *drawn])
    assert [[(arm.name, arm.pairs, arm.blocks) for arm in table.arms] for table in tables] == [
        [("market", 100, 20), ("x", 100, 20)],
        [("market", 25, 25), ("x", 25, 25)],
    ]
    for table in tables:
        (apart,) = table.arms[1].against
        assert apart.interval is not None
        assert apart.interval.low < -1 < apart.interval.high
    assert [each.why for each in tabled(recorded[:1])[0].arms[0].against] == []


def test_a_tape_of_which_a_part_was_run_first_counts_once() -> None:
    """Two blocks of five, or those and the other three, beside all five; each of the parts has a dark one too."""
    whole = made_up("market", 5, 5, dark=(7, 9))
    halves = [
        replace(whole, parents=whole.parents[:4], dark=(7,)),
        replace(whole, parents=whole.parents[4:], dark=(9,)),
    ]
    lost = replace(whole.parents[0], bps=None, completion=None, why="nobody looked")
    for part in (halves, [replace(halves[0], parents=(lost, *halves[0].parents[1:]))]):
        assert tabled([whole, *part]) == tabled([*part, whole]) == tabled([whole])
    assert tabled(halves) == tabled([whole])
    (table,) = tabled([whole])
    assert (table.dark, table.arms[0].pairs, table.arms[0].unmeasured) == (2, 5, 0)
    unmeasured = [replace(each, parents=(lost, *each.parents[1:])) for each in (whole, halves[0])]
    (arm,) = tabled(unmeasured)[0].arms
    assert (arm.pairs, arm.unmeasured, arm.figures["completion"]) == (4, 1, 1)


def test_two_recordings_of_one_time_are_one_draw_and_are_compared_each_with_itself() -> None:
    """Of another tape the other strategy's costs are as good as those of another market."""
    (first, second) = ([made_up(name, 20, 5, tape=tape) for name in ("market", "x")] for tape in ("t", "u"))
    assert [(arm.pairs, arm.blocks) for arm in tabled([*first, *second])[0].arms] == [(40, 20)] * 2
    assert tabled([first[0], second[1]])[0].arms[1].against[0].blocks == 0
    with pytest.raises(InvalidValue, match="shares no measured block"):
        compared([first[0], second[1]], "market", "x")


def test_a_side_that_is_not_measured_takes_its_pair_out_and_is_counted() -> None:
    whole = made_up("market", 3, 5, noise=0)
    lost = replace(whole.parents[0], bps=None, why="nobody looked")
    found = replace(whole, parents=(lost, *whole.parents[1:]))
    (arm,) = tabled([found])[0].arms
    assert (arm.pairs, arm.blocks, arm.unmeasured, arm.why, arm.bps["total"]) == (2, 2, 1, "nobody looked", 5)


def test_what_a_folder_holds_is_read_back(tmp_path: Path, tape: Path) -> None:
    run = one(tape)
    (tmp_path / "found").mkdir()
    (tmp_path / "found" / f"{run.key()}.json").write_bytes(data_of(run))
    (tmp_path / "found" / "x.part").write_bytes(b"half")
    assert results(tmp_path / "found") == [performed(run)]
