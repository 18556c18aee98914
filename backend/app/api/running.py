"""A running system as the API sees it, with the measurements that Prometheus reads.

Measured from the outside: from the groups that the ledger commits and the system's own status.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

import msgspec

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import Event, EventKind
from app.domain.orders import OrderStatus
from app.journal.journal import Journal
from app.market_data.feeds import MarketData
from app.observability.metrics import Metrics
from app.services.alerts.watch import AlertWatch
from app.services.signals.inlets import Inlets
from app.services.strategies.hosted import HostedStrategies
from app.services.trading.account.access_keys import AccessKeys
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.ledger import Ledger
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.executor import TradeExecutor
from app.services.trading.order_manager import OrderManager
from app.services.trading.parents.orders import ParentOrders
from app.services.trading.position_manager import PositionManager
from app.services.trading.trade_recorder import TradeRecorder
from app.services.trading.venue.asked import AskedOfVenue
from app.services.trading.venue.differences import Differences
from app.services.trading.venue.leverages import Leverages
from app.services.trading.venue.volume_curves import VolumeCurves
from app.store.database import Database
from app.store.group import Group

_ANSWERS = frozenset({EventKind.ORDER_ACCEPTED.value, EventKind.ORDER_REJECTED.value})


class _Anomaly(msgspec.Struct):
    code: str


_read_anomaly = msgspec.json.Decoder(_Anomaly).decode


class SystemParts(Protocol):
    """What is used of app.system.System."""

    @property
    def clock(self) -> Clock: ...

    database: Database
    ledger: Ledger
    gate: TradingGate
    orders: OrderManager
    positions: PositionManager
    recorder: TradeRecorder
    executor: TradeExecutor
    inlets: Inlets
    alerts: AlertWatch
    strategies: HostedStrategies
    leverages: Leverages
    volume_curves: VolumeCurves
    asked: AskedOfVenue
    risk: ExecutionRiskControl
    parents: ParentOrders
    differences: Differences
    keys: AccessKeys
    journal: Journal
    market: MarketData

    @property
    def ready(self) -> bool: ...
    @property
    def not_ready_reasons(self) -> list[str]: ...

    def status(self) -> dict[str, Any]: ...
    async def follow(self, instrument_id: str) -> None: ...


class RunningSystem:
    """The Runtime of a system."""

    def __init__(self, system: SystemParts) -> None:
        self._system = system
        self.clock = system.clock
        self.database = system.database
        self.ledger = system.ledger
        self.orders = system.orders
        self.positions = system.positions
        self.recorder = system.recorder
        self.executor = system.executor
        self.signals = system.inlets.intake
        self.alerts = system.inlets.alerts
        self.alert_watch = system.alerts
        self.strategies = system.strategies
        self.leverages = system.leverages
        self.volume_curves = system.volume_curves
        self.asked = system.asked
        self.risk = system.risk
        self.parents = system.parents
        self.differences = system.differences
        self.keys = system.keys
        self.market = system.market
        self.metrics = Metrics()
        self._streams: set[str] = set()
        system.ledger.subscribe(self._measure)
        system.gate.lag_heard.append(self.metrics.loop_lagged)
        self.metrics.watch(
            "writer_backlog_turns", "Turns that wait to be committed", lambda: self.ledger.writer.backlog
        )
        self.metrics.watch("journal_followers", "Readers of the journal as it grows", lambda: system.journal.followers)
        self.metrics.watch(
            "refusals_not_written",
            "Refused requests that got no line in the journal, since the start",
            lambda: self.ledger.refused_lines.dropped,
        )
        self.metrics.watch("journal_head", "Number of the newest event", lambda: self.ledger.seq)

    @property
    def ready(self) -> bool:
        return self._system.ready

    @property
    def not_ready_reasons(self) -> list[str]:
        return self._system.not_ready_reasons

    def refresh_keys(self) -> None:
        """They are written here."""

    def status(self) -> Mapping[str, Any]:
        return self._system.status()

    def events_after(self, seq: int, limit: int) -> list[Event]:
        return self._system.journal.read_after(seq, limit)

    def journal_after(self, seq: int) -> AsyncGenerator[Event]:
        return self._system.journal.follow(seq)

    async def follow(self, instrument_id: str) -> None:
        if instrument_id not in self.market.followed:
            await self._system.follow(instrument_id)

    def metrics_text(self) -> tuple[bytes, str]:
        counts = Counter(order.status for order in self.ledger.open_orders())
        self.metrics.open_orders({status.value: counts[status] for status in OrderStatus if not status.terminal})
        self.metrics.kill_switch(self.ledger.kill_switch.engaged)
        self.metrics.ready(self.ready)
        self.metrics.differences_standing(len(self.differences.standing))
        for name in self._system.status().get("streams", {}):
            if name not in self._streams:
                self._streams.add(name)
                self.metrics.watch_stream(name, lambda name=name: self._system.status()["streams"][name]["age_seconds"])
        return self.metrics.render(), Metrics.content_type

    def _measure(self, group: Group) -> None:
        for new in group.new_orders.values():
            self._entered(new.order.status)
            for reason in new.order.reasons:
                self.metrics.risk_refused(reason.check)
        for order in group.orders.values():
            self._entered(order.status)
        for _, fill, _ in group.fills:
            self.metrics.fill_recorded(fill.liquidity.value if fill.liquidity else "unknown")
        for event in group.events:
            if event.kind == EventKind.ANOMALY:
                self.metrics.anomaly(_read_anomaly(event.payload).code)
            elif event.kind in _ANSWERS:
                self._answered(event, group)
        self.metrics.committed(group.commit_ns / NS_PER_SECOND, group.turns)

    def _answered(self, event: Event, group: Group) -> None:
        """The exchange's answer to an order: how long it took, and how long the order had taken to leave."""
        order = group.orders.get(event.order_id or "")
        if order is None or order.sent_ns is None:
            return
        self.metrics.acknowledged(max(0, event.at_ns - order.sent_ns) / NS_PER_SECOND)
        self.metrics.reached_wire(max(0, order.sent_ns - order.request.created_ns) / NS_PER_SECOND)

    def _entered(self, status: OrderStatus) -> None:
        self.metrics.order_entered(status.value)
