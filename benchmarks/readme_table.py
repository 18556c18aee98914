"""The README's table of figures, written by `make bench` and by nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"

ROWS = (
    ("complete lives a second on SQLite, 64 in flight", "order_life.sqlite.lives_per_second", "{:,.0f}"),
    ("the same on PostgreSQL", "order_life.postgresql.lives_per_second", "{:,.0f}"),
    ("the same by SQLAlchemy's asyncio ORM, a commit a change", "order_life.naive_orm.lives_per_second", "{:,.0f}"),
    ("a life takes longer with notices, alerts and metrics, by", "order_life.watched_percent", "{:.1f} %"),
    ("a life takes longer where the market around it is kept for costs, by", "order_life.captured_percent", "{:.1f} %"),
    ("signal to the first byte on the wire, p50", "signal_to_wire.p50_us", "{:,.0f} µs"),
    ("of which a bare durable commit takes, p50", "signal_to_wire.bare_commit_p50_us", "{:,.0f} µs"),
    ("signal to wire, p99, and a bare commit's p99", "signal_to_wire.p99_us", "{:,.0f} µs"),
    ("signal to wire with a million past orders, against none", "signal_to_wire.million_orders_ratio", "{:.2f}"),
    ("memory gained from 10,000 to 100,000 lives", "order_life.rss_growth_mb", "{:.0f} MB"),
    ("call to acknowledgement over loopback, p50, checked and durable", "place_latency.ours.p50_us", "{:,.0f} µs"),
    ("a bare durable commit and a bare frame, p50", "place_latency.commit_and_frame.p50_us", "{:,.0f} µs"),
    ("the bare call by ccxt.pro / ccxt / python-okx", "place_latency.ccxt_pro.p50_us", "{:,.0f}"),
    ("simulator: recorded book events a second", "simulator.replay.events_per_second", "{:,.0f}"),
    ("a decision of the slowest execution strategy, p99", "execution.decide_p99_us", "{:,.0f} µs"),
    ("of one core: 500 parent orders, each a child every ten seconds", "execution.parents_500_core_share", "{:.2f}"),
    ("a million book events under 50 parents, CPU", "execution.million_book_events_seconds", "{:,.0f} s"),
    ("the lab's 95 % intervals hold the truth: at one look, at every look", "lab.coverage_one_look", "{:.1%}"),
    ("fifty stream clients at 100 events a second: delay, p99", "stream.delay_p99_ms", "{:.0f} ms"),
    ("placing an order beside them, against alone, p50", "stream.place_ratio", "{:.2f}"),
    ("of one core: 20 strategies of one's own, 200 books a second each", "strategies.twenty_core_share", "{:.2f}"),
    ("VWAP by a learned curve, and TWAP: off the volume of eight pairs", "execution.vwap_deviation", "{:.2f}"),
)  # fmt: skip

BESIDE = {
    "signal_to_wire.p99_us": (("signal_to_wire.bare_commit_p99_us", "{:,.0f} µs"),),
    "place_latency.ccxt_pro.p50_us": (
        ("place_latency.ccxt_async.p50_us", "{:,.0f}"),
        ("place_latency.python_okx.p50_us", "{:,.0f} µs"),
    ),
    "strategies.twenty_core_share": (("strategies.twenty_markets_core_share", "{:.2f} with a market for each"),),
    "lab.coverage_one_look": (("lab.coverage_any_time", "{:.1%}"),),
    "execution.vwap_deviation": (("execution.twap_deviation", "{:.2f} %"),),
}


def put(path: Path, figures: Mapping[str, Any]) -> None:
    """Replace what stands between the marks. Raises ValueError when the file has none."""
    text = path.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} has no place for the figures")
    path.write_text(f"{before}{BEGIN}\n{table(figures)}\n{END}{after}", "utf-8")


def table(figures: Mapping[str, Any]) -> str:
    lines = ["| | |", "|---|---|"]
    for label, key, form in ROWS:
        if key not in figures:
            continue  # measured over recordings that are not everywhere
        values = [form.format(figures[key])]
        values += [other_form.format(figures[other]) for other, other_form in BESIDE.get(key, ())]
        lines.append(f"| {label} | {' / '.join(values)} |")
    lines.append("")
    lines.append(
        f"Commit {figures['commit']}, {figures['date'][:10]}, Python {figures['python']}, {figures['machine']}."
    )
    return "\n".join(lines)
