"""What the dashboard costs a browser: how soon its first view is of use, how much script that took, and how it holds up
under 4,000 messages of the stream a second, which a socket made in the page says, as the server would.

    python benchmarks/dashboard.py [--seconds 10] [--rate 4000]
"""

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BACKEND = Path(__file__).resolve().parents[1] / "backend"
ASSETS = BACKEND / "app" / "dashboard" / "assets"
KEYS = 30

# So many events a second, late ones made up for: of five hundred open orders, each fills a little further.
FLOOD = """(rate) => {
  const open = [...Array(500).keys()].map((at) => JSON.stringify({
    type: "event", seq: -1, at: "2026-01-01T00:00:00Z", kind: "order.report", principal: "venue",
    order: {
      order_id: "ord-" + at, client_order_id: "c" + at, instrument_id: "BTC-USDT", side: at % 2 ? "buy" : "sell",
      order_type: "limit", size: "1", price: String(49000 + at), filled_size: "0.FILLED", remaining_size: "1",
      status: "partially_filled", cancel_requested: false, strategy_id: "bench", parent_id: null,
      created_at: "2026-01-01T00:00:00Z", reasons: [],
    },
  }));
  const hello = {type: "hello", seq: null, account: "main", after: 0, head: 0, channels: [], books: [], principal: ""};
  window.WebSocket = class {
    constructor() {
      this.seq = 0;
      setTimeout(() => {
        this.onopen?.({});
        this.onmessage?.({data: JSON.stringify(hello)});
        this.began = performance.now();
        this.timer = setInterval(() => this.flood(), 10);
      }, 0);
    }
    flood() {
      const due = Math.floor((performance.now() - this.began) * rate / 1000);
      while (this.seq < due) {
        const told = open[++this.seq % 500].replace(-1, this.seq).replace("FILLED", this.seq % 1000);
        this.onmessage?.({data: told});
      }
      window.flooded = this.seq;
    }
    send() {}
    close() { clearInterval(this.timer); }
  };
}"""
DELAYS = """() => {
  window.delays = [];
  const heard = (list) => list.getEntries().forEach((each) => window.delays.push(each.duration));
  new PerformanceObserver(heard).observe({type: "event", durationThreshold: 16});
}"""


def first_view(page: Page, base: str) -> tuple[float, float]:
    """Seconds to the first numbers, and kB of script that came for it, as they came over the wire."""
    page.goto(base)
    page.locator("#verdict").wait_for()
    seconds = page.evaluate("performance.now()") / 1000
    loaded = page.evaluate("performance.getEntriesByType('resource').map(each => each.name)")
    names = {Path(name).name for name in loaded if name.endswith(".js")}
    return seconds, sum(len(gzip.compress((ASSETS / name).read_bytes())) for name in names) / 1000


def under_load(page: Page, base: str, rate: int, seconds: float) -> dict[str, float]:
    """What a flood costs: the share of a core that the page's process works, the flood's making included, and how late
    a key's effect is at worst."""
    page.add_init_script(f"({FLOOD})({rate})")
    page.goto(base)
    page.locator("#verdict").wait_for()
    page.wait_for_timeout(2000)
    page.evaluate(DELAYS)
    browser = page.context.browser
    assert browser is not None
    tools = browser.new_browser_cdp_session()

    def work() -> float:
        told = tools.send("SystemInfo.getProcessInfo")["processInfo"]
        return sum(each["cpuTime"] for each in told if each["type"] == "renderer")

    before, began, heard = work(), time.monotonic(), page.evaluate("window.flooded")
    for _ in range(KEYS):
        page.keyboard.press("d")
        page.wait_for_timeout(seconds * 1000 / KEYS)
    spent, passed, more = work() - before, time.monotonic() - began, page.evaluate("window.flooded")
    delays: list[float] = page.evaluate("window.delays")
    return {
        "dashboard.updates_per_second": (more - heard) / passed,
        "dashboard.core_share": spent / passed,
        "dashboard.input_ms_worst": max(delays, default=16.0),
    }


def measure(rate: int = 4000, seconds: float = 10) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = subprocess.Popen(
            [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", "0", "--data-dir", folder],
            env=os.environ | {"PYTHONPATH": str(BACKEND), "TRADING_EXECUTOR_EXCHANGE": "memory"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert server.stdout is not None
            base = server.stdout.readline().replace(";", " ").split()[1]
            urllib.request.urlopen(base).close()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context: Any = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_init_script("localStorage.setItem('toured', 'yes')")
            first_seconds, kilobytes = first_view(context.new_page(), base)
            figures = {"dashboard.first_view_seconds": first_seconds, "dashboard.script_kb": kilobytes}
            figures |= under_load(context.new_page(), base, rate, seconds)
            browser.close()
            return figures
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=4000)
    parser.add_argument("--seconds", type=float, default=10)
    asked = parser.parse_args()
    for name, value in measure(asked.rate, asked.seconds).items():
        print(f"{name:34} {value:10.3f}")
