"""Pictures of the dashboard's pages, at three widths, light and dark, of a system that trades: docs/images/dashboard/.

Look at them after every change of a page: PYTHONPATH=backend python -m tests.support.dashboard_pictures [PAGE ...]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.dashboard import CHROMIUM, THEMES, TOURED, WIDTHS
from tests.support.demo_run import DemoProcess

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images" / "dashboard"
PAGES = {
    "overview": "/",
    "trade": "/trade?instrument=BTC-USDT",
    "executions": "/executions",
    "history": "/history",
    "events": "/history/events",
    "performance": "/history/performance",
    "costs": "/history/costs",
    "system": "/system",
}
SETTLED_MS = 4000


def take(base: str, names: list[str]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width, height in WIDTHS.items():
            for theme in THEMES:
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
                context.add_init_script(TOURED)
                page = context.new_page()
                for name in names:
                    page.goto(f"{base}/#{PAGES[name]}")
                    page.wait_for_timeout(SETTLED_MS)
                    path = FOLDER / f"{name}-{width}-{theme}.jpg"
                    page.screenshot(path=path, full_page=width < max(WIDTHS), type="jpeg", quality=60)
                    print(path)
                context.close()
        browser.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = DemoProcess(Path(folder))
        try:
            demo.wait_trading()
            take(demo.url, sys.argv[1:] or list(PAGES))
        finally:
            demo.kill()


if __name__ == "__main__":
    main()
