"""The dashboard as a person has it: a real Chromium, the server and the simulated exchange as processes of their own.

One world serves a whole file of tests (`world`, scope module): a test leaves no open order and no execution behind.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.demo_run import command, environment
from tests.support.simulator_process import KEYS, simulator_process

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
KEY = "tek_a-key-of-the-tests-of-the-page"
GIVEN = 60.0
"""Seconds within which a busy machine comes to something."""
WIDTHS = {1440: 900, 768: 1024, 390: 844}
THEMES = ("dark", "light")
TOURED = "localStorage.setItem('toured', 'yes')"


class DashboardWorld:
    """A server that asks for KEY, and pages of it. `said`: what the pages wrote to their console that is no fault of a
    connection that a test cuts."""

    def __init__(self, data: Path, exchange: str, browser: Browser) -> None:
        self.data, self.browser = data, browser
        self.said: list[str] = []
        self._exchange = exchange
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.base, headers={"X-API-Key": KEY}, timeout=GIVEN)

    def start(self) -> None:
        """Until orders are taken; again on the same port."""
        settings = KEYS | {
            "TRADING_EXECUTOR_EXCHANGE": "okx",
            "TRADING_EXECUTOR_ENVIRONMENT": "simulated",
            "TRADING_EXECUTOR_API_KEY": KEY,
            # A killed one keeps its successor waiting no longer than this.
            "TRADING_EXECUTOR_TIMING__LEASE_SECONDS": "6",
            "TRADING_EXECUTOR_TIMING__LEASE_RENEWAL_SECONDS": "2",
            # However far the price of its coin wanders while a busy machine takes its time, the page has no word of it.
            "TRADING_EXECUTOR_RISK__MAX_POSITION_VALUE_PCT": "1",
            "TRADING_EXECUTOR_RISK__MAX_DAILY_LOSS": "1",
            "OKX_REST_URL": f"http://{self._exchange}",
            "OKX_WS_URL": f"ws://{self._exchange}/ws/v5",
        }
        self._process = subprocess.Popen(
            command("serve", "--port", str(self._port), "--data-dir", str(self.data)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment() | settings,
        )
        assert self._process.stdout is not None
        words = self._process.stdout.readline().replace(";", " ").split()
        assert words[:1] == ["serving"], words
        self._port = int(words[1].rpartition(":")[2])
        self.until(lambda: self.api.get("/health/ready").status_code == 200)

    def clear(self) -> None:
        """Until no order and no execution is open: one test's end is no other's beginning."""
        self.api.post("/api/v1/trading/orders/cancel-all", json={})
        self.until(
            lambda: (
                not self.api.get("/api/v1/trading/orders/active").json()["orders"]
                and not self.api.get("/api/v1/trading/executions?open_only=true").json()["executions"]
            )
        )

    def kill(self) -> None:
        """As a crash ends it."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        if self._process is not None:
            self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(by)
        self._process.communicate(timeout=GIVEN)
        self._process = None

    def until(self, condition: Callable[[], Any], seconds: float = GIVEN) -> Any:
        ends = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < ends, "it did not come about in time"
            time.sleep(0.05)
        return found

    @contextmanager
    def page(
        self,
        path: str = "/",
        *,
        width: int = 1440,
        theme: str = "dark",
        reach: str | None = "trade",
        tour: bool = False,
    ) -> Iterator[Page]:
        """A page of its own browser context at the address `path`. reach: as what the key is shown; None for no key."""
        assert theme in THEMES
        context = self.browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]},
            color_scheme="dark" if theme == "dark" else "light",
            base_url=self.base,
        )
        context.set_default_timeout(GIVEN * 1000)
        if not tour:
            context.add_init_script(TOURED)
        page = context.new_page()
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.said.append(f"pageerror {error}"))
        page.goto(f"/#{path}")
        try:
            if reach is not None:
                show_key(page, reach)
            yield page
        finally:
            context.close()

    def _hear(self, kind: str, text: str) -> None:
        cut = "Failed to load resource" in text or "WebSocket connection" in text
        if kind in ("error", "warning") and not cut:
            self.said.append(f"{kind} {text}")


def show_key(page: Page, reach: str, key: str = KEY, *, keep: bool = False) -> None:
    """Answer the page's question for a key, and wait for what it opens."""
    asked = page.get_by_role("dialog", name="API key")
    asked.get_by_label("Key", exact=True).fill(key)
    if keep:
        asked.get_by_label("Go on in this tab").check()
    asked.locator(f"input[value={reach}]").check()
    asked.get_by_role("button", name="Continue").click()
    asked.wait_for(state="detached")
    page.locator("#verdict").or_(page.locator("main section")).first.wait_for()


def faults_of(page: Page) -> list[str]:
    """What axe finds against the rules of accessibility."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}" for each in found]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=GIVEN * 1000)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[DashboardWorld]:
    with pytest.MonkeyPatch.context() as patch, simulator_process(patch) as exchange:
        made = DashboardWorld(tmp_path_factory.mktemp("dashboard"), exchange, browser)
        made.start()
        try:
            yield made
        finally:
            made.stop()
