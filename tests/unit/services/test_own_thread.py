"""Calls that may never come back: given up, asked for again later, and in nobody else's way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.services.signals.sources import directory
from app.services.signals.sources.port import SourceFailed
from app.services.trading.threads import OwnThread


@pytest.fixture
def stuck() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


async def test_a_call_that_hangs_is_given_up_and_another_is_refused_until_it_is_back(stuck: threading.Event) -> None:
    thread = OwnThread("test")
    with pytest.raises(TimeoutError, match=r"no answer within 0.01 s"):
        await thread.run(0.01, stuck.wait)
    with pytest.raises(TimeoutError, match="an earlier call has not come back"):
        await thread.run(10, str, 1)
    stuck.set()
    async with asyncio.timeout(10):
        while True:
            try:
                assert await thread.run(10, str, 1) == "1"
                return
            except TimeoutError:
                await asyncio.sleep(0)


async def test_what_a_call_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await OwnThread("test").run(10, lambda: 1 // 0)


async def test_a_folder_that_hangs_is_a_source_that_failed_and_takes_no_thread_of_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: threading.Event
) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))

    def scandir(path: Any) -> Any:
        stuck.wait()
        raise OSError(5, "gone")

    monkeypatch.setattr(directory, "CALL_SECONDS", 0.01)
    source = directory.Directory(tmp_path)
    monkeypatch.setattr(directory.os, "scandir", scandir)
    for why in ("no answer within 0.01 s", "an earlier call has not come back"):
        with pytest.raises(SourceFailed, match=why):
            await source.next()
    assert await asyncio.to_thread(str, 1) == "1"


async def test_a_name_that_has_no_room_for_its_note_is_no_signal(tmp_path: Path) -> None:
    """It could never be settled, and would keep back all that came after it."""
    folder = tmp_path / "signals"
    source = directory.Directory(folder)
    await source.open()
    for name in ("ü" * 120 + ".json", "fine.json"):
        (folder / name).write_text("{}")
    message = await source.next()
    assert message is not None
    assert message.handle.name == "fine.json"
