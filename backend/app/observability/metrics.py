"""What Prometheus scrapes. One object of plain methods, handed by system to those who have something to report.

Labels are few and bounded (statuses, names of checks, rules and streams), never ids. Times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from app.observability.exposition import PROTOBUF, delimited, wants_protobuf
from app.observability.native import NativeBuckets

_LATENCY_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_LATE_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_GROUP_TURNS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The process's measurements, in a registry of their own; `answer` gives them as Prometheus reads them."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._stages: list[Stage] = []
        self._orders = self._counter("orders", "Orders that entered a status", "status")
        self._open = self._gauge("open_orders", "Orders not in a terminal status", "status")
        self._refusals = self._counter("risk_refusals", "Refusals by risk check; one order may have several", "check")
        self._refused = self._counter(
            "exchange_refusals", "Orders that the exchange refused, by what would help", "kind"
        )
        self._requests = self._counter("requests_refused", "Requests that were refused at the door, with a line")
        self._executions = self._counter("executions", "Executions that entered a status", "status")
        self._open_executions = self._gauge("open_executions", "Executions that are not over")
        self._fills = self._counter("fills", "Fills recorded", "liquidity")
        self._anomalies = self._counter("anomalies", "What should not happen and was handled", "kind")
        self._ack = self._histogram(
            "ack_seconds", "Handed to the exchange's connection until its answer", _LATENCY_SECONDS
        )
        self._wire = self._histogram(
            "signal_to_wire_seconds", "Decision until it is handed to the exchange's connection", _LATENCY_SECONDS
        )
        self._fill = self._histogram("fill_seconds", "The exchange's time of a fill until it is booked", _LATE_SECONDS)
        self._change = self._histogram(
            "change_seconds", "A cancel or an amendment from its intent to its answer", _LATENCY_SECONDS, "change"
        )
        self._commit = self._histogram("commit_seconds", "One durable commit of a group", _LATENCY_SECONDS)
        self._group = self._histogram("commit_turns", "Turns made durable by one commit", _GROUP_TURNS)
        self._lag = self._histogram("loop_lag_seconds", "How late the event loop runs what is due", _LATENCY_SECONDS)
        self._stream_age = self._gauge("stream_age_seconds", "Since a stream last spoke; NaN: never", "stream")
        self._stream_up = self._gauge("stream_up", "1 while a stream of the exchange is up", "stream")
        self._kill = self._gauge("kill_switch", "1 while the kill switch is set")
        self._ready = self._gauge("ready", "1 while new orders are accepted")
        self._differing = self._gauge("differences_standing", "Differences from the exchange that have lasted too long")
        self._alerts = self._gauge("alerts_open", "Alerts that are not over, by rule and state", "rule", "state")
        self._fired = self._counter("alerts_fired", "Alerts that fired", "rule")
        self._limit = self._gauge("risk_limit", "A limit in force, in its unit", "limit")
        self._used = self._gauge("risk_limit_used", "What is used of a limit, in its unit", "limit")
        self._equity = self._gauge("equity", "What the account is worth, in the valuation currency", "currency")
        self._notices = self._gauge("notices_waiting", "Notices that wait to be told, by rule and channel", "notice")
        self._failing = self._gauge("notice_failures", "Failures in a row of a rule's channel", "notice")

    # --- as it happens ---

    def order_entered(self, status: str) -> None:
        self._orders.labels(status).inc()

    def risk_refused(self, check: str) -> None:
        self._refusals.labels(check).inc()

    def exchange_refused(self, kind: str) -> None:
        self._refused.labels(kind).inc()

    def request_refused(self) -> None:
        self._requests.inc()

    def execution_entered(self, status: str) -> None:
        self._executions.labels(status).inc()

    def fill_recorded(self, liquidity: str, seconds: float) -> None:
        """seconds: since the exchange's time of it."""
        self._fills.labels(liquidity).inc()
        self._fill.observe(seconds)

    def anomaly(self, kind: str) -> None:
        self._anomalies.labels(kind).inc()

    def alert_fired(self, rule: str) -> None:
        self._fired.labels(rule).inc()

    def acknowledged(self, seconds: float) -> None:
        self._ack.observe(seconds)

    def reached_wire(self, seconds: float) -> None:
        self._wire.observe(seconds)

    def change_answered(self, change: str, seconds: float) -> None:
        self._change.observe(seconds, change)

    def committed(self, seconds: float, turns: int) -> None:
        self._commit.observe(seconds)
        self._group.observe(turns)

    def loop_lagged(self, seconds: float) -> None:
        self._lag.observe(seconds)

    # --- as it stands at a scrape; what is not given is not there ---

    def open_orders(self, by_status: Mapping[str, int]) -> None:
        _set(self._open, {(status,): count for status, count in by_status.items()})

    def open_executions(self, count: int) -> None:
        self._open_executions.set(count)

    def kill_switch(self, on: bool) -> None:
        self._kill.set(on)

    def ready(self, yes: bool) -> None:
        self._ready.set(yes)

    def differences_standing(self, count: int) -> None:
        self._differing.set(count)

    def streams(self, states: Mapping[str, tuple[bool, float | None]]) -> None:
        """By name: whether it is up, and its age; None means that it has never spoken."""
        _set(self._stream_up, {(name,): up for name, (up, _) in states.items()})
        ages = {(name,): math.nan if age is None else age for name, (_, age) in states.items()}
        _set(self._stream_age, ages)

    def alerts_open(self, counts: Mapping[tuple[str, str], int]) -> None:
        """By rule and state."""
        _set(self._alerts, counts)

    def limits(self, limits: Iterable[tuple[str, float | None, float | None]]) -> None:
        """(name, limit, used), each in its unit; None: there is none, or it is not known."""
        known = list(limits)
        _set(self._limit, {(name,): limit for name, limit, _ in known if limit is not None})
        _set(self._used, {(name,): used for name, _, used in known if used is not None})

    def equity(self, currency: str, amount: float) -> None:
        _set(self._equity, {(currency,): amount})

    def no_limits(self) -> None:
        """Nor equity: what was known of them is no longer so."""
        for gauge in (self._limit, self._used, self._equity):
            gauge.clear()

    def notices(self, waiting: Mapping[str, tuple[int, int]]) -> None:
        """By rule and channel: how many wait, and how often it failed in a row."""
        _set(self._notices, {(name,): count for name, (count, _) in waiting.items()})
        _set(self._failing, {(name,): failures for name, (_, failures) in waiting.items()})

    def watch(self, name: str, description: str, value: Callable[[], float]) -> None:
        """Ask for one more gauge at each scrape: the size of a queue, the journal's head."""
        self._gauge(name, description).set_function(value)

    def answer(self, accept: str) -> tuple[bytes, str]:
        """What GET /metrics answers to who takes that, and its type: with native histograms where asked for."""
        if wants_protobuf(accept):
            return delimited(self.registry, {each.name: each.native for each in self._stages}), PROTOBUF
        return generate_latest(self.registry), self.content_type

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        return Counter(f"trading_executor_{name}", description, labels, registry=self.registry)

    def _gauge(self, name: str, description: str, *labels: str) -> Gauge:
        return Gauge(f"trading_executor_{name}", description, labels, registry=self.registry)

    def _histogram(self, name: str, description: str, buckets: tuple[float, ...], *labels: str) -> Stage:
        name = f"trading_executor_{name}"
        stage = Stage(name, Histogram(name, description, labels, buckets=buckets, registry=self.registry))
        self._stages.append(stage)
        return stage


class Stage:
    """A histogram with both kinds of buckets: classic ones for whoever reads text, native ones for who asks."""

    def __init__(self, name: str, classic: Histogram) -> None:
        self.name = name
        self.native: dict[tuple[str, ...], NativeBuckets] = {}
        self._classic = classic

    def observe(self, value: float, *labels: str) -> None:
        (self._classic.labels(*labels) if labels else self._classic).observe(value)
        buckets = self.native.get(labels)
        if buckets is None:
            buckets = self.native[labels] = NativeBuckets()
        buckets.observe(value)


def _set(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
