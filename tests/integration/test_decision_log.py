"""Every decision is one line in the log: signal, order with risk's word, its end, an execution strategy's step."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.services.trading.execution_strategies import TWAPExecution
from app.strategies.signals import Signal, SignalType
from tests.support.trading_world import BTC, VirtualTimePolicy, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def test_each_decision_is_one_line(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        with capture_logs() as lines:
            signal = Signal(type=SignalType.BUY, instrument_id=BTC, size=Decimal("0.02"))
            filled = await world.executor.execute_signal(signal, strategy_id="mine")
            assert filled is not None
            denied = await world.executor.place_order(market(size="1000"))
            await world.clock.sleep(1)
        told = [(line["event"], line.get("order_id")) for line in lines if line["event"].startswith(("order", "sig"))]
        assert told == [
            ("signal.received", None),
            ("order.approved", filled.order_id),
            ("order.filled", filled.order_id),
            ("order.denied", denied.order_id),
        ]
        by_event = {line["event"]: line for line in lines}
        assert by_event["order.filled"]["filled"] == "0.02"
        assert by_event["order.approved"]["strategy_id"] == "mine"
        assert any("max_order_size" in reason for reason in by_event["order.denied"]["reasons"])


async def test_a_strategy_s_steps_are_told(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        with capture_logs() as lines:
            await TWAPExecution(world.executor, {"duration": 10, "num_slices": 2}).execute(market(size="0.02"))
        steps = [(line["step"], line["act"]) for line in lines if line["event"] == "parent.step"]
        assert steps == [(1, "place"), (2, "place")]
