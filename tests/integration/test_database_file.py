"""The database file under a running system: removed, moved, replaced by a copy, put back (FAULTS E19)."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.support.trading_world import VirtualTimePolicy, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.mark.parametrize("how", ["removed", "moved away", "replaced by a copy"])
async def test_a_database_file_that_is_no_longer_ours_stops_new_orders(tmp_path: Path, how: str) -> None:
    async with trading_world(tmp_path) as world:
        resting = await world.rest()
        path, aside = tmp_path / "executor.db", tmp_path / "aside.db"
        if how == "removed":
            path.unlink()
        else:
            path.rename(aside)
        if how == "replaced by a copy":
            shutil.copyfile(aside, path)
        await world.clock.sleep(5)
        word = "is another one" if how == "replaced by a copy" else "is gone"
        assert any(word in reason for reason in world.system.not_ready_reasons)
        refused = await world.executor.place_order(market(size="0.01"))
        assert [reason.field for reason in refused.reasons] == ["store"]
        assert (await world.executor.cancel_order(resting.order_id)).status.value == "canceled"
        if how == "removed":
            return
        aside.replace(path)
        await world.clock.sleep(5)
        assert world.system.not_ready_reasons == []
        assert (await world.buy("0.01")).status.value == "filled"
