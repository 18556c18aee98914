"""The lab's table on the recorded sessions of ../shared/data, as docs/execution.md has it.

`python benchmarks/execution/recorded.py FOLDER` makes what the folder lacks (some twenty minutes of a core) and prints
the table in Markdown; stopped, it goes on.
"""

import subprocess
import sys
from pathlib import Path

from app.cli.lab import parts_of, rest_of
from app.lab.storing import results
from app.lab.tables import Market, tabled

CAPTURE = Path(__file__).resolve().parents[3] / "shared" / "data" / "binance_capture"
SESSIONS = (
    "spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz", "spot_ethusdt_20240808.gz", "spot_ethusdt_20240809.gz",
    "usdm_btcusdt_20240808.gz", "usdm_ethusdt_20240808.gz",
)  # fmt: skip
COLUMNS = ("strategy", "spread", "execution", "opportunity", "fees", "cleanup", "total", "completion", "maker_share",
           "participation", "schedule_error", "less_market", "less_twap")  # fmt: skip


def main(folder: Path) -> int:
    tapes = [word for name in SESSIONS for word in ("--tape", str(CAPTURE / name))]
    made = subprocess.run(
        [sys.executable, "-m", "trading_executor", "lab", "run", str(folder), *tapes],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if made.returncode:
        return made.returncode
    print("\n\n".join(table(market) for market in tabled(results(folder))))
    return 0


def table(market: Market) -> str:
    blocks = max(arm.blocks for arm in market.arms)
    few = next((each.why for arm in market.arms for each in arm.against if each.why), "")
    head = (
        f"{market.instrument_id}, {blocks} blocks of {market.block_seconds} s, {market.notional} a side; {market.world}"
    )
    lines = [
        head + (f" (no intervals: {few}):" if few else ":"),
        "",
        "| " + " | ".join(name.replace("_", " ") for name in COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
    ]
    for arm in market.arms:
        cells = {**parts_of(arm), **rest_of(arm)}
        said = [str(cells.get(name) or "").removesuffix(few).strip() for name in COLUMNS]
        lines.append("| " + " | ".join(said) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
