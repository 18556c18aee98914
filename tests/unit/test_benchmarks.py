"""The benchmark of parent orders has something to do for every strategy."""

from __future__ import annotations

from app.services.trading.execution_strategies import STRATEGIES
from benchmarks import execution_speed


def test_every_registered_strategy_is_measured() -> None:
    assert set(execution_speed.CONFIGS) == set(STRATEGIES)
