"""`make crash`: the demo under pressure, killed again and again; after each round both ledgers must be the same.

Every round has a folder and a seed of its own; the first round that fails is told with its seed, and its folder stays.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.support.demo_run import DemoProcess, Pressure, ask, audit_findings, exchange_books, our_books


def main() -> int:
    made = argparse.ArgumentParser(prog="make crash", description=__doc__)
    made.add_argument("--rounds", type=int, default=10, help="folders, one after the other (default %(default)s)")
    made.add_argument("--kills", type=int, default=8, help="kills in each (default %(default)s)")
    made.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="of the whole campaign")
    given = made.parse_args()
    print(f"seed {given.seed}: {given.rounds} rounds of {given.kills} kills", flush=True)
    for number in range(given.rounds):
        seed = random.Random(f"{given.seed}:{number}").randrange(2**32)
        folder = Path(tempfile.mkdtemp(prefix=f"crash-{seed}-"))
        began = time.monotonic()
        problems = one_round(folder, seed, given.kills)
        print(f"round {number + 1}, seed {seed}: {time.monotonic() - began:.0f} s, "
              f"{'; '.join(problems) or 'the same'}", flush=True)  # fmt: skip
        if problems:
            print(f"its data: {folder}; again: make crash ARGS='--rounds {number + 1} --seed {given.seed}'")
            return 1
    return 0


def one_round(folder: Path, seed: int, kills: int) -> list[str]:
    """Kills at random moments, one orderly end; what then differs."""
    drawn = random.Random(seed)
    for _ in range(kills):
        demo = DemoProcess(folder, "--seed", str(drawn.randrange(1000)))
        demo.wait_trading()
        pressure = Pressure(demo.url, drawn.randrange(2**32))
        time.sleep(drawn.choice([drawn.uniform(0.05, 0.5), drawn.uniform(0.5, 8)]))
        demo.kill()
        pressure.stop()
    last = DemoProcess(folder, "--exit", "--seconds", "3")
    last.wait_trading()
    ask(last.url.removeprefix("http://"), "POST", "/api/v1/trading/orders/cancel-all", {})
    problems = [] if last.ended() == 0 else [f"the last run failed:\n{last.output}"]
    ours, theirs = our_books(folder), exchange_books(folder)
    for name in ("orders", "fills", "balances", "positions"):
        here, there = getattr(ours, name), getattr(theirs, name)
        if here != there:
            here, there = (set(part.items()) if isinstance(part, dict) else part for part in (here, there))
            problems.append(f"{name}: only here {sorted(here - there)}, only at the exchange {sorted(there - here)}")
    return problems + audit_findings(folder)


if __name__ == "__main__":
    sys.exit(main())
