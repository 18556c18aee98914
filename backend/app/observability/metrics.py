"""What Prometheus scrapes. One object of plain methods, handed by system to those who have something to report.

Labels are few and bounded (statuses, check names, stream names), never ids. Times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_LATENCY_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_GROUP_TURNS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The process's measurements, in a registry of their own; `render` gives them as Prometheus reads them."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._orders = self._counter("orders", "Orders that entered a status", "status")
        self._open = self._gauge("open_orders", "Orders not in a terminal status", "status")
        self._refusals = self._counter("risk_refusals", "Refusals by risk check; one order may have several", "check")
        self._fills = self._counter("fills", "Fills recorded", "liquidity")
        self._anomalies = self._counter("anomalies", "What should not happen and was handled", "kind")
        self._ack = self._histogram(
            "ack_seconds", "Handed to the exchange's connection until its answer", _LATENCY_SECONDS
        )
        self._wire = self._histogram(
            "signal_to_wire_seconds", "Decision until it is handed to the exchange's connection", _LATENCY_SECONDS
        )
        self._commit = self._histogram("commit_seconds", "One durable commit of a group", _LATENCY_SECONDS)
        self._group = self._histogram("commit_turns", "Turns made durable by one commit", _GROUP_TURNS)
        self._lag = self._histogram("loop_lag_seconds", "How late the event loop runs what is due", _LATENCY_SECONDS)
        self._stream_age = self._gauge("stream_age_seconds", "Since a stream last spoke; NaN: never", "stream")
        self._kill = self._gauge("kill_switch", "1 while the kill switch is set")
        self._ready = self._gauge("ready", "1 while new orders are accepted")
        self._differing = self._gauge("differences_standing", "Differences from the exchange that have lasted too long")

    def order_entered(self, status: str) -> None:
        self._orders.labels(status).inc()

    def open_orders(self, by_status: Mapping[str, int]) -> None:
        """Set the number of open orders; a status that is not given has none."""
        self._open.clear()
        for status, count in by_status.items():
            self._open.labels(status).set(count)

    def risk_refused(self, check: str) -> None:
        self._refusals.labels(check).inc()

    def fill_recorded(self, liquidity: str) -> None:
        self._fills.labels(liquidity).inc()

    def anomaly(self, kind: str) -> None:
        self._anomalies.labels(kind).inc()

    def acknowledged(self, seconds: float) -> None:
        self._ack.observe(seconds)

    def reached_wire(self, seconds: float) -> None:
        self._wire.observe(seconds)

    def committed(self, seconds: float, turns: int) -> None:
        self._commit.observe(seconds)
        self._group.observe(turns)

    def loop_lagged(self, seconds: float) -> None:
        self._lag.observe(seconds)

    def kill_switch(self, on: bool) -> None:
        self._kill.set(on)

    def ready(self, yes: bool) -> None:
        self._ready.set(yes)

    def differences_standing(self, count: int) -> None:
        self._differing.set(count)

    def watch_stream(self, name: str, age_seconds: Callable[[], float | None]) -> None:
        """Ask for a stream's age at each scrape; None means that it has never spoken."""

        def age() -> float:
            seconds = age_seconds()
            return math.nan if seconds is None else seconds

        self._stream_age.labels(name).set_function(age)

    def watch(self, name: str, description: str, value: Callable[[], float]) -> None:
        """Ask for one more gauge at each scrape: the size of a queue, the journal's head."""
        self._gauge(name, description).set_function(value)

    def render(self) -> bytes:
        """The text that GET /metrics answers, of type `content_type`."""
        return generate_latest(self.registry)

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        return Counter(f"trading_executor_{name}", description, labels, registry=self.registry)

    def _gauge(self, name: str, description: str, *labels: str) -> Gauge:
        return Gauge(f"trading_executor_{name}", description, labels, registry=self.registry)

    def _histogram(self, name: str, description: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"trading_executor_{name}", description, buckets=buckets, registry=self.registry)
