"""What fails while it is told to end does not keep the system from its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.services.alerts.watch import AlertWatch
from app.services.trading.running.cost_capture import CostCapture
from app.services.trading.running.position_marks import MarkKeeper
from app.store.errors import StoreError
from tests.support.trading_world import VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.mark.parametrize("error", [RuntimeError("a bug"), StoreError("no database")])
async def test_costs_that_cannot_be_put_in_order_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(_: CostCapture) -> None:
        raise error

    async with asyncio.timeout(600), trading_world(tmp_path) as world:
        await world.buy("0.1")
        await world.clock.sleep(5)
        monkeypatch.setattr(CostCapture, "_all_dirty", fails)


@pytest.mark.parametrize("error", [RuntimeError("a bug"), StoreError("no database")])
@pytest.mark.parametrize(("kind", "round_"), [(AlertWatch, "_round"), (MarkKeeper, "run")])
async def test_a_round_that_fails_when_it_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type, round_: str, error: Exception
) -> None:
    begun = asyncio.Event()

    async def fails(_: object) -> None:
        begun.set()
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            raise error from None

    monkeypatch.setattr(kind, round_, fails)
    async with asyncio.timeout(600), trading_world(tmp_path):
        await begun.wait()
