"""The benchmark of parent orders has something to do for every strategy, and what one replaces is there."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

from app.services.trading.execution_strategies import STRATEGIES
from benchmarks import execution_speed


def test_every_registered_strategy_is_measured() -> None:
    assert set(execution_speed.CONFIGS) == set(STRATEGIES)


def test_what_a_benchmark_replaces_is_there() -> None:
    files = Path(execution_speed.__file__).parent.rglob("*.py")
    names = [name for path in files for name in re.findall(r'\bpatch\("([\w.]+)"', path.read_text("utf-8"))]
    assert names
    assert all(map(pkgutil.resolve_name, names))
