"""A browser listens from the page that the server gives it: a WebSocket by its first message, an EventSource by a
ticket, and not from a page of another site."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets

from app.api.application import ApiOptions, build
from app.api.running import RunningSystem
from tests.support.api_world import ApiWorld, api_world
from tests.support.stream import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
KEY = "tek_a-key-of-the-tests"
OVER_SOCKET = f"""new Promise((told, failed) => {{
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/api/v1/stream");
  socket.onopen = () => socket.send(JSON.stringify({{key: "{KEY}", channels: ["fills"], after: 0}}));
  socket.onmessage = ({{data}}) => {{ const m = JSON.parse(data); if (m.fills) told(m.fills[0].order_id); }};
  socket.onclose = ({{code}}) => failed("closed " + code);
}})"""
BY_TICKET = f"""fetch("/api/v1/stream/tickets", {{method: "POST", body: "{{}}",
  headers: {{"X-API-Key": "{KEY}", "Content-Type": "application/json"}}}})
  .then(answer => answer.json()).then(({{ticket}}) => new Promise((told, failed) => {{
    const source = new EventSource("/api/v1/stream/events?channels=fills&after=0&ticket=" + ticket);
    source.onmessage = ({{data, lastEventId}}) => {{
      const m = JSON.parse(data); if (m.fills) told(m.fills[0].order_id + " " + (lastEventId === String(m.seq))); }};
    source.onerror = () => failed("no stream");
  }}))"""
FROM_ELSEWHERE = """new Promise(told => {
  const socket = new WebSocket("BASE/api/v1/stream".replace("http", "ws"));
  socket.onopen = () => told("open");
  socket.onclose = ({code}) => told("refused " + code);
})"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
Evaluate = Callable[[str, str], Awaitable[str]]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path / "data") as made:
        yield made


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Evaluate]:
    """What evaluates a script's promise on a page."""
    process = await asyncio.create_subprocess_exec(
        str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
        f"--user-data-dir={folder}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            address = ""
            while not address:
                line = (await process.stderr.readline()).decode()
                assert line, "the browser did not start"
                address = line.partition("DevTools listening on ")[2].strip()
            async with websockets.connect(address, proxy=None, max_size=None) as tools:
                numbers = itertools.count(1)

                async def ask(method: str, session: str = "", **params: Any) -> dict[str, Any]:
                    number = next(numbers)
                    said = {"id": number, "method": method, "params": params}
                    await tools.send(json.dumps(said | ({"sessionId": session} if session else {})))
                    while (answer := json.loads(await tools.recv())).get("id") != number:
                        pass
                    return answer.get("result", {})  # none from a page that has just gone

                async def evaluate(url: str, script: str) -> str:
                    target = (await ask("Target.createTarget", url=url))["targetId"]
                    session = (await ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
                    where = "location.href + ' ' + document.readyState"
                    while True:
                        found = await ask("Runtime.evaluate", session, expression=where, returnByValue=True)
                        if found.get("result", {}).get("value") == f"{url} complete":
                            break
                    found = await ask(
                        "Runtime.evaluate", session, expression=script, awaitPromise=True, returnByValue=True
                    )
                    return str(found["result"].get("value") or found)

                yield evaluate
    finally:
        process.kill()
        await process.wait()


async def test_a_browser_listens_both_ways_and_a_foreign_page_does_not(world: ApiWorld, tmp_path: Path) -> None:
    filled = await world.fill()
    app = build(RunningSystem(world.system), ApiOptions(allowed_hosts=("127.0.0.1", "localhost"), api_key=KEY))
    async with serving(app, world.system.settings) as base, browser(tmp_path / "browser") as evaluate:
        assert await evaluate(f"{base}/", OVER_SOCKET) == filled["order_id"]
        assert await evaluate(f"{base}/", BY_TICKET) == f"{filled['order_id']} true"
        assert await evaluate("data:text/html,hello", FROM_ELSEWHERE.replace("BASE", base)) == "refused 1006"
