"""The gate: every reason why nothing may be sent, each alone, and all of them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from app.clock import NS_PER_SECOND
from app.services.trading.account.gate import GateLimits, TradingGate


@dataclass
class HandClock:
    """Time as the test says."""

    now: int = 1_000 * NS_PER_SECOND
    monotonic: int = 0
    random: Random = field(default_factory=Random)

    def now_ns(self) -> int:
        return self.now

    def monotonic_ns(self) -> int:
        return self.monotonic


@dataclass
class Store:
    writer_failed: bool = False


@dataclass
class Bench:
    clock: HandClock
    store: Store
    gate: TradingGate
    server_ns: int

    def fields(self) -> list[str]:
        return [reason.field for reason in self.gate.closed()]


@pytest.fixture
def bench() -> Bench:
    clock, store = HandClock(), Store()
    made: Any = None
    gate = TradingGate(store, clock, lambda: made.server_ns, GateLimits())  # type: ignore[arg-type]
    made = Bench(clock, store, gate, clock.now)
    gate.phase, gate.execution_up, gate.reconciled, gate.renewed_ns = "running", True, True, clock.now
    return made


def test_open(bench: Bench) -> None:
    assert bench.fields() == []


CLOSED: dict[str, tuple[Callable[[Bench], object], list[str]]] = {
    "not running": (lambda b: setattr(b.gate, "phase", "stopping"), ["phase"]),
    "stream down": (lambda b: setattr(b.gate, "execution_up", False), ["execution_stream"]),
    "not compared": (lambda b: setattr(b.gate, "reconciled", False), ["reconciled"]),
    "lost track": (lambda b: b.gate.lose_track(), ["reconciled"]),
    "store failed": (lambda b: setattr(b.store, "writer_failed", True), ["store"]),
    "lease nearly over": (lambda b: setattr(b.gate, "renewed_ns", b.clock.now - 14 * NS_PER_SECOND), ["lease"]),
    "clock ahead": (lambda b: setattr(b, "server_ns", b.clock.now - 6 * NS_PER_SECOND), ["clock_offset_seconds"]),
    "clock behind": (lambda b: setattr(b, "server_ns", b.clock.now + 6 * NS_PER_SECOND), ["clock_offset_seconds"]),
    "a stall measured": (lambda b: setattr(b.gate, "loop_lag_seconds", 1.1), ["loop_lag_seconds"]),
    "a stall not measured yet": (lambda b: setattr(b.gate, "beat_due_ns", -2 * NS_PER_SECOND), ["loop_lag_seconds"]),
}


@pytest.mark.parametrize(("break_it", "fields"), CLOSED.values(), ids=CLOSED.keys())
def test_closed_for_one_reason(bench: Bench, break_it: Callable[[Bench], object], fields: list[str]) -> None:
    break_it(bench)
    assert bench.fields() == fields


def test_every_reason_is_told(bench: Bench) -> None:
    for name in ("stream down", "store failed", "clock ahead", "a stall measured"):
        CLOSED[name][0](bench)
    assert bench.fields() == ["execution_stream", "store", "clock_offset_seconds", "loop_lag_seconds"]


def test_a_comparison_opens_only_what_it_has_seen(bench: Bench) -> None:
    gate = bench.gate
    gate.lose_track()
    began = gate.breaks
    gate.lose_track()
    gate.compared(began)
    assert bench.fields() == ["reconciled"], "something was missed while it compared"
    gate.compared(gate.breaks)
    assert bench.fields() == []
