"""What Prometheus reads of a running system, measured from outside: from the groups that its ledger commits as they
come, and from its parts as they stand when they are asked for."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from app.clock import NS_PER_SECOND
from app.domain.alerts import AlertState
from app.domain.events import Event, EventKind
from app.domain.orders import Ending, Order, OrderStatus
from app.journal.journal import Journal
from app.notifications.notifier import Notifier
from app.observability.metrics import Metrics
from app.services.alerts.watch import AlertWatch
from app.services.tracing.tracer import Tracer
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.ledger import Ledger
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.parents.orders import ParentOrders
from app.services.trading.risk_in_force import in_force
from app.services.trading.venue.differences import Differences
from app.store.group import Group

CHANGES_MAX = 10_000
"""Cancels and amendments whose answer is waited for; of more the oldest are not measured."""
STATUSES_MAX = 50_000
"""Orders whose status is remembered, those changed last: one that changes without entering another is not counted."""

_ANSWERS = frozenset({EventKind.ORDER_ACCEPTED.value, EventKind.ORDER_REJECTED.value})
_ASKED = {EventKind.CANCEL_REQUESTED.value: "cancel", EventKind.AMEND_INTENT.value: "amend"}
_CHANGED = {EventKind.CANCEL_ANSWERED.value: "cancel", EventKind.AMEND_ANSWERED.value: "amend"}


class _Anomaly(msgspec.Struct):
    code: str


_read_anomaly = msgspec.json.Decoder(_Anomaly).decode


class Measured(Protocol):
    """What is used of app.system.System."""

    ledger: Ledger
    gate: TradingGate
    risk: ExecutionRiskControl
    parents: ParentOrders
    differences: Differences
    alerts: AlertWatch
    notifier: Notifier
    journal: Journal
    traces: Tracer

    @property
    def ready(self) -> bool: ...

    def status(self) -> dict[str, Any]: ...


class Measuring:
    def __init__(self, system: Measured) -> None:
        self._system = system
        self._ledger = system.ledger
        self._executions: dict[str, str] = {}
        self._statuses: OrderedDict[str, OrderStatus] | None = None
        self._changing: OrderedDict[tuple[str, str], int] = OrderedDict()
        metrics = self._metrics = Metrics()
        system.ledger.subscribe(self.on_commit, tells=True)
        system.gate.lag_heard.append(metrics.loop_lagged)
        gate, journal, ledger = system.gate, system.journal, system.ledger
        metrics.watch("writer_backlog_turns", "Turns that wait to be committed", lambda: ledger.writer.backlog)
        metrics.watch("journal_followers", "Readers of the journal as it grows", lambda: journal.followers)
        metrics.watch("journal_head", "Number of the newest event", lambda: ledger.seq)
        metrics.watch(
            "refusals_not_written",
            "Refused requests that got no line in the journal, since the start",
            lambda: ledger.refused_lines.dropped,
        )
        traces = system.traces
        metrics.watch("traces_waiting", "Orders and executions whose trace waits", lambda: traces.waiting)
        metrics.watch("traces_dropped", "Traces that were dropped since the start", lambda: traces.dropped)
        metrics.watch("trace_failures", "Failures in a row of the collector of traces", lambda: traces.failures)
        metrics.watch("clock_offset_seconds", "The exchange's clock less this machine's", gate.clock_offset_seconds)
        metrics.watch(
            "lease_left_seconds", "Until the right to write runs out", lambda: gate.lease_left_ns() / NS_PER_SECOND
        )

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """Everything as it stands, and its content type. accept: what the reader takes."""
        system, metrics = self._system, self._metrics
        counts = Counter(order.status for order in self._ledger.open_orders())
        metrics.open_orders({status.value: counts[status] for status in OrderStatus if not status.terminal})
        metrics.open_executions(system.parents.open_count)
        metrics.kill_switch(self._ledger.kill_switch.engaged)
        metrics.ready(system.ready)
        metrics.differences_standing(len(system.differences.standing))
        metrics.alerts_open(system.alerts.counted())
        status = system.status()
        streams: Mapping[str, Mapping[str, Any]] = status.get("streams", {})
        metrics.streams({name: (each["up"], each["age_seconds"]) for name, each in streams.items()})
        told: list[dict[str, Any]] = status.get("notices", [])
        metrics.notices({f"{each['rule']}/{each['channel']}": (each["waiting"], each["failures"]) for each in told})
        if system.gate.phase == "running":
            limits = in_force(system.risk.limits, self._ledger, system.risk.prices, "")
            metrics.limits((each.name, _number(each.limit), _number(each.used)) for each in limits.limits)
            metrics.equity(limits.currency, float(limits.equity))
        else:
            metrics.no_limits()
        return metrics.answer(accept)

    def on_commit(self, group: Group) -> None:
        metrics = self._metrics
        if self._statuses is None:  # the first since the account was loaded
            known = (order for order in self._ledger.open_orders() if order.order_id not in group.orders)
            self._statuses = OrderedDict((order.order_id, order.status) for order in known)
        for new in group.new_orders.values():
            self._entered(new.order)
            for reason in new.order.reasons:
                metrics.risk_refused(reason.check)
        for order in group.orders.values():
            self._entered(order)
        for _, fill, recorded_ns in group.fills:
            liquidity = fill.liquidity.value if fill.liquidity else "unknown"
            metrics.fill_recorded(liquidity, max(0, recorded_ns - fill.time_ns) / NS_PER_SECOND)
        for row in group.plain:
            if row.table == "alerts" and row.values["state"] == AlertState.FIRING:
                metrics.alert_fired(row.values["rule"])
            elif row.table == "parent_orders":
                self._execution(row.values)
        for event in group.events:
            self._event(event, group)
        metrics.committed(group.commit_ns / NS_PER_SECOND, group.turns)

    def _entered(self, order: Order) -> None:
        assert self._statuses is not None, "the first group made it"
        if self._statuses.get(order.order_id) is not order.status:
            self._metrics.order_entered(order.status.value)
        self._statuses[order.order_id] = order.status
        self._statuses.move_to_end(order.order_id)
        if len(self._statuses) > STATUSES_MAX:
            self._statuses.popitem(last=False)

    def _execution(self, row: Mapping[str, Any]) -> None:
        """Its row is written at every step, in whatever status it is."""
        parent_id, status = row["parent_id"], row["status"]
        if self._executions.get(parent_id) != status:
            self._metrics.execution_entered(status)
        if row["is_open"]:
            self._executions[parent_id] = status
        else:
            self._executions.pop(parent_id, None)

    def _event(self, event: Event, group: Group) -> None:
        kind = event.kind
        if kind in _ANSWERS:
            self._answered(event, group)
        elif kind in _ASKED:
            self._changing[_ASKED[kind], event.order_id or ""] = event.at_ns
            if len(self._changing) > CHANGES_MAX:
                self._changing.popitem(last=False)
        elif kind in _CHANGED:
            change = _CHANGED[kind]
            asked_ns = self._changing.pop((change, event.order_id or ""), None)
            if asked_ns is not None:
                self._metrics.change_answered(change, max(0, event.at_ns - asked_ns) / NS_PER_SECOND)
        elif kind == EventKind.ANOMALY:
            self._metrics.anomaly(_read_anomaly(event.payload).code)
        elif kind == EventKind.REQUEST_REFUSED:
            self._metrics.request_refused()

    def _answered(self, event: Event, group: Group) -> None:
        """The exchange's answer to an order: how long it took, and how long the order had taken to leave."""
        order = group.orders.get(event.order_id or "")
        if order is None:
            return
        if event.kind == EventKind.ORDER_REJECTED and order.ending is Ending.REJECTED:
            self._metrics.exchange_refused(order.refusal.value if order.refusal else "unknown")
        if order.sent_ns is not None:
            self._metrics.acknowledged(max(0, event.at_ns - order.sent_ns) / NS_PER_SECOND)
            self._metrics.reached_wire(max(0, order.sent_ns - order.request.created_ns) / NS_PER_SECOND)


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
