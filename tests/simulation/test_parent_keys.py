"""A request to start a parent, repeated: the key names the parent, whatever happened to the first answer."""

from pathlib import Path

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
