"""What it costs order lives to be watched: notices out of the journal, the rules of alerts and the metrics, against a
system without any of them; and what counting costs an event.

Two systems in one process take turns, block by block; the ratio is the median of the pairs, so that what the machine's
other guests do falls on both.
"""

import contextlib
import gc
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import lives

from app.api.measuring import Measuring
from app.services.alerts.rules import RULES
from app.store.group import Group
from app.system import System

LASTING = {"timing": {"book_age_max_seconds": 3600, "loop_lag_stop_seconds": 3600, "lease_seconds": 3600}}
UNWATCHED = {**LASTING, "alerts": {name: {"enabled": False} for name in RULES}}
IN_FLIGHT = 64


class _Taking(BaseHTTPRequestHandler):
    """A channel that takes everything at once."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"] or 0))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextlib.contextmanager
def _watched() -> Iterator[dict[str, Any]]:
    """Settings: every fill is told, gathered for a second; what warns is told at once."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder) / "desk.url"
        address.touch(0o600)
        address.write_text(f"json://127.0.0.1:{server.server_port}/\n")
        fills = {"channels": ["desk"], "events": ["order.report"], "severity": "info", "digest_seconds": 1}
        yield {
            **LASTING,
            "channels": {"desk": {"url_file": str(address)}},
            "notices": {"all": {"channels": ["desk"]}, "fills": fills},
        }
    server.shutdown()
    server.server_close()


async def in_turns(
    bare: System,
    more: System,
    pairs: int,
    block: int,
    turn: Callable[[System], AbstractContextManager[object]] = contextlib.nullcontext,
) -> tuple[float, float]:
    """By how many percent a life of the second takes longer than one of the first, and more CPU. Both are warm. turn:
    around each block."""
    longer, dearer = list[float](), list[float]()
    for number in range(pairs):
        seconds, cpu = dict[int, float](), dict[int, float]()
        gc.collect()
        for system in (bare, more) if number % 2 == 0 else (more, bare):
            began = time.process_time()
            with turn(system):
                seconds[id(system)] = await lives.live(system, block, IN_FLIGHT)
            cpu[id(system)] = time.process_time() - began
        longer.append(seconds[id(more)] / seconds[id(bare)])
        dearer.append(cpu[id(more)] / cpu[id(bare)])
    return (statistics.median(longer) - 1) * 100, (statistics.median(dearer) - 1) * 100


async def cost(pairs: int = 30, block: int = 800) -> dict[str, float]:
    """By how many percent a watched life takes longer, and more CPU; and microseconds that counting takes an event."""
    groups: list[Group] = []
    with _watched() as watched:
        async with lives.running("", **UNWATCHED) as (bare, _), lives.running("", **watched) as (told, _):
            measuring = Measuring(told)
            for system in (bare, told):
                await lives.live(system, block, IN_FLIGHT)
            longer, more = await in_turns(bare, told, pairs, block)
            told.ledger.subscribe(groups.append)
            await lives.live(told, block, IN_FLIGHT)
            began = time.thread_time()
            for group in groups:
                measuring.on_commit(group)
            counting = time.thread_time() - began
    return {
        "order_life.watched_percent": longer,
        "order_life.watched_cpu_percent": more,
        "metrics.us_per_event": counting / sum(len(group.events) for group in groups) * 1e6,
    }


def run(pairs: int = 30, block: int = 800) -> dict[str, float]:
    return lives.run(cost(pairs, block))
