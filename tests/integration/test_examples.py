"""The guide's code runs: its four uses as programs in simulated time, and the functions beside the services."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import app
from app.clock import utc
from app.models.trading import OrderSide, OrderStatus
from app.services.trading import example
from app.services.trading.risk_checks import RiskLimits
from examples import basic_order, performance, schedules, steered, trading_signal, twap, world
from tests.support.demo_run import environment
from tests.support.systems import in_virtual_time
from tests.support.trading_world import BTC, D, market, trading_world

README = Path(app.__file__).parent / "services" / "trading" / "README.md"
EXAMPLES = Path(world.__file__).parent


def test_basic_order() -> None:
    order = world.run(basic_order.main)
    assert (order.status, order.filled_size, order.side) == (OrderStatus.FILLED, D("0.1"), OrderSide.BUY)


def test_trading_signal() -> None:
    order = world.run(trading_signal.main)
    assert order is not None
    assert (order.status, order.strategy_id) == (OrderStatus.FILLED, "my_strategy")
    assert order.average_fill_price is not None
    assert order.average_fill_price <= D(50000)


def test_twap() -> None:
    orders = world.run(twap.main)
    assert [order.filled_size for order in orders] == [D("0.015")] * 10
    assert orders[-1].created_at - orders[0].created_at == pytest.approx(
        timedelta(seconds=270), abs=timedelta(seconds=1)
    )


def test_steered(capsys: pytest.CaptureFixture[str]) -> None:
    orders = world.run(steered.main)
    assert sum(order.filled_size for order in orders) == D("0.075")
    said = [line for line in capsys.readouterr().out.splitlines() if "[" not in line]  # beside the log's lines
    assert said == ["0.060 done, 0.000 ahead of its schedule", "completed, canceled"]


def outcome(picture: str) -> tuple[str, str]:
    """The strategy and how its order ended, and how high the line ends."""
    named = re.search(r'class="name">(\w+)</tspan> (\w+),', picture)
    last = re.search(r'class="done" points="[^"]*,([\d.]+)"', picture)
    assert named is not None
    assert last is not None
    return " ".join(named.groups()), last[1]


def test_the_pictures_of_the_strategies_are_what_they_do() -> None:
    drawn = schedules.pictures(world.run(schedules.main))
    kept = {path.name: path.read_text("utf-8") for path in schedules.FOLDER.iterdir()}
    assert {name: outcome(text) for name, text in kept.items()} == {name: outcome(text) for name, text in drawn.items()}
    assert schedules.missing() == set()
    page = (Path(schedules.__file__).parents[1] / "docs" / "execution.md").read_text("utf-8")
    assert [name for name in drawn if f"](images/execution/{name})" not in page] == []


def test_performance(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = world.run(performance.main)
    assert metrics.total_trades == 3
    assert "Win Rate: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("heading", "file"),
    [
        ("Basic order placement", "basic_order.py"),
        ("Execute a trading signal", "trading_signal.py"),
        ("Use an execution strategy", "twap.py"),
        ("Track performance", "performance.py"),
    ],
)
def test_the_guide_and_the_programs_say_the_same(heading: str, file: str) -> None:
    section = README.read_text().partition(f"## {heading}\n")[2]
    snippet = section.partition("```python\n")[2].partition("```")[0]
    program = (EXAMPLES / file).read_text().replace(")  # fmt: skip", ")")
    lines = [line.strip() for line in program.splitlines()]
    for part in filter(None, snippet.split("\n\n")):
        wanted = [line.strip() for line in part.splitlines()]
        assert any(lines[i : i + len(wanted)] == wanted for i in range(len(lines))), f"{file} lacks:\n{part}"


def test_the_guides_risk_configuration_is_the_default() -> None:
    found = re.search(r"risk_config = (\{.*?\n\})", README.read_text(), re.DOTALL)
    assert found is not None
    given: dict[str, Any] = eval(textwrap.dedent(found[1]))  # our own page
    assert RiskLimits.from_config(given) == RiskLimits()


def test_every_function_of_example_py(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with trading_world(tmp_path) as made:
            executor = made.executor
            assert (await example.place_market_order(executor)).status is OrderStatus.FILLED
            order = await example.execute_trading_signal(executor, D(51000))
            assert order is not None
            await executor.wait_for(order.order_id, 5)
            closed = await example.close_by_signal(executor)
            assert closed is not None
            assert closed.side is OrderSide.SELL
            assert (await example.amend_then_cancel(executor, D(49000), D(49500))).status is OrderStatus.CANCELED
            assert len(await example.execute_twap(executor, D("0.1"))) == 10
            assert sum(o.filled_size for o in await example.execute_limit(executor, D("0.1"), D(49000))) == D("0.1")
            assert sum(o.filled_size for o in await example.execute_iceberg(executor, D("0.1"), D(50100))) == D("0.1")
            assert await example.track_order(executor, made.tracker, D("0.1"))
            assert [p.instrument_id for p in example.look_at_positions(made.positions)] == [BTC]
            assert len(example.order_history_of(made.orders, "my_strategy")) == 2
            assert example.ask_risk_first(made.risk, market()) == []
            assert example.ask_risk_first(made.risk, market(size="11"))
            start = utc(made.clock.now_ns()) - timedelta(days=1)
            assert example.track_performance(made.recorder, start).fill_count > 0

    in_virtual_time(scenario())


def test_example_py_runs_as_a_program() -> None:
    """From its own folder's point of view too: no file beside it shadows one of Python's own."""
    ran = subprocess.run(
        [sys.executable, example.__file__], capture_output=True, text=True, timeout=120, check=True, env=environment()
    )
    assert ran.stderr == ""
    assert [line.split()[0] for line in ran.stdout.splitlines()] == [
        *("bought", "signal", "close", "amended", "twap", "limit", "iceberg", "tracked", "position", "history", "risk"),
        "net",
    ]


def test_no_file_of_the_services_shadows_the_standard_library() -> None:
    beside = {path.stem for path in Path(example.__file__).parent.glob("*.py")}
    assert not beside & sys.stdlib_module_names
