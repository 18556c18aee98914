"""A request to start a parent, repeated: the key names the parent, whatever happened to the first answer."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from app.domain.parents import ParentStatus
from tests.simulation.parent_stack import World, buy, in_virtual_time


def test_a_key_finds_its_parent_also_after_a_crash_before_the_answer(tmp_path: Path) -> None:
    async def work() -> None:
        world = World(tmp_path / "parents.db")
        process = await world.process()
        config = {"duration": 60, "num_slices": 3}
        first = await process.parents.start("twap", config, buy("0.3"), key="a key")
        again = await process.parents.start("twap", config, buy("0.3"), key="a key")
        other = await process.parents.start("twap", config, buy("0.3"), key="another key")
        await process.kill()
        process = await world.process()
        after = await process.parents.start("twap", config, buy("0.3"), key="a key")
        started = {parent.parent.parent_id for parent in process.parents.history()}
        assert {first.parent.parent_id, other.parent.parent_id} == started
        assert [again.parent.parent_id, after.parent.parent_id] == [first.parent.parent_id] * 2
        await process.stop()
        world.close()

    in_virtual_time(work())


@pytest.mark.parametrize("rounds", range(8))
def test_who_asks_may_go_away_at_any_await_of_a_start(rounds: int, tmp_path: Path) -> None:
    """What is durable is driven and can be cancelled; else the key starts it later."""

    async def work() -> None:
        world = World(tmp_path / "parents.db")
        process = await world.process()
        config = {"duration": 60, "num_slices": 3}
        asked = asyncio.create_task(process.parents.start("twap", config, buy("0.3"), key="a key"))
        for _ in range(rounds):
            await asyncio.sleep(0)
        asked.cancel()
        with suppress(asyncio.CancelledError):
            await asked
        await world.clock.sleep(1)
        open_rows = [parent.parent.parent_id for parent in process.parents.history(open_only=True)]
        assert len(open_rows) == process.parents.open_count
        again = await process.parents.start("twap", config, buy("0.3"), key="a key")
        assert open_rows in ([], [again.parent_id])
        await world.clock.sleep(61)
        assert process.parents.get(again.parent_id).status is ParentStatus.COMPLETED
        assert str(world.filled) == "0.3"
        await process.stop()
        world.close()

    in_virtual_time(work())
