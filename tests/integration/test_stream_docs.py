"""What docs/stream.md prints runs as printed, and the command `stream` shows what happens and goes on after a break."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.api.stream.limits import DONE, FAILED, NO_MORE, RESTART, SLOW
from app.api.stream.messages import CHANNELS, EVENT_CHANNELS, MESSAGES
from app.main import create_app
from tests.support.api_world import ApiWorld, api_world
from tests.support.demo_run import environment
from tests.support.stream import journal_of, serving

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "stream.md").read_text()
COMMAND = (sys.executable, "-m", "trading_executor", "stream")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


def block(language: str, base: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found.replace("127.0.0.1:8000", base.removeprefix("http://"))


async def output_of(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment()
    )
    async with asyncio.timeout(60):
        out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return out.decode()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_curl_line(world: ApiWorld) -> None:
    await world.fill()
    async with serving(create_app(world.system), world.system.settings) as base:
        line = block("bash", base).replace("curl ", "curl -sS ", 1)
        out = await output_of("sh", "-c", line)
        messages = [json.loads(line.removeprefix("data: ")) for line in out.splitlines() if line.startswith("data: ")]
        assert [m for m in messages if m["type"] == "event"] == await journal_of(
            base, "?after=0&for_seconds=0&channels=orders,fills"
        )


async def test_the_python_example(world: ApiWorld) -> None:
    await world.fill()
    async with serving(create_app(world.system), world.system.settings) as base:
        out = await output_of(sys.executable, "-c", block("python", base))
        (event,) = [message for message in await journal_of(base) if "fills" in message]
    assert out == f"{event['seq']} buy 0.001 BTC-USDT at 50000.1\n"


def test_the_page_names_every_channel_message_member_and_code() -> None:
    named = set(re.findall(r"`([\w=]+)`", PAGE))
    assert {*CHANNELS, *EVENT_CHANNELS, *MESSAGES} <= named
    codes = set(map(int, re.findall(r"\b(1\d{3}|4[0-5]\d\d)\b", PAGE.partition("## How it ends")[2])))
    assert {end.code for end in (DONE, FAILED, NO_MORE, RESTART, SLOW)} < codes


async def test_the_command_prints_a_line_an_event(world: ApiWorld) -> None:
    filled = await world.fill()
    async with serving(create_app(world.system), world.system.settings) as base:
        lines = (await output_of(*COMMAND, "--url", base, "--after", "0", "--for", "0")).splitlines()
        told = await journal_of(base)
        assert [int(line.split()[0]) for line in lines] == [message["seq"] for message in told]
        assert any("order.report" in line and filled["order_id"] in line and "50000.1" in line for line in lines)
        as_json = await output_of(*COMMAND, "--url", base, "--after", "0", "--for", "0", "--json")
        messages = [json.loads(line) for line in as_json.splitlines()]
        assert [message for message in messages if message["type"] == "event"] == told


async def test_the_command_goes_on_after_a_restart_where_it_was(world: ApiWorld) -> None:
    settings = world.system.settings
    async with serving(create_app(world.system), settings) as base:
        port = int(base.rpartition(":")[2])
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "--url", base, "--after", "0", "--json", "--channels", "fills",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment(),
        )  # fmt: skip
        assert process.stdout is not None

        async def next_fill() -> str:
            while True:
                message = json.loads(await process.stdout.readline())
                if message["type"] == "event":
                    return message["fills"][0]["order_id"]

        try:
            async with asyncio.timeout(60):
                first = await world.fill()
                assert await next_fill() == first["order_id"]
        except BaseException:
            process.kill()
            raise
    second = await world.fill()
    async with serving(create_app(world.system), settings, port=port), asyncio.timeout(60):
        assert await next_fill() == second["order_id"]
        process.terminate()
        await process.communicate()


async def test_the_command_refuses_what_the_stream_refuses(world: ApiWorld) -> None:
    async with serving(create_app(world.system), world.system.settings) as base:
        for arguments in (("--after", "1000000"), ("--channels", "orderz"), ("--books", "NO-SUCH")):
            process = await asyncio.create_subprocess_exec(
                *COMMAND, "--url", base, *arguments,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment(),
            )  # fmt: skip
            async with asyncio.timeout(60):
                _, error = await process.communicate()
            assert (process.returncode, error.count(b"\n")) == (2, 1), error
            assert arguments[0].removeprefix("--").encode() in error
