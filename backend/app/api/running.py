"""A running system as the API sees it, with the measurements that Prometheus reads.

Measured from the outside: from the groups that the ledger commits and the system's own status.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import EventKind
from app.domain.orders import OrderStatus
from app.observability.metrics import Metrics
from app.services.trading.account.ledger import Ledger
from app.services.trading.executor import TradeExecutor
from app.services.trading.order_manager import OrderManager
from app.services.trading.parents.orders import ParentOrders
from app.services.trading.position_manager import PositionManager
from app.services.trading.trade_recorder import TradeRecorder
from app.services.trading.venue.differences import Differences
from app.services.trading.venue.leverages import Leverages
from app.store.database import Database
from app.store.group import Group


class SystemParts(Protocol):
    """What is used of app.system.System."""

    @property
    def clock(self) -> Clock: ...

    database: Database
    ledger: Ledger
    orders: OrderManager
    positions: PositionManager
    recorder: TradeRecorder
    executor: TradeExecutor
    leverages: Leverages
    parents: ParentOrders
    differences: Differences

    @property
    def ready(self) -> bool: ...
    @property
    def not_ready_reasons(self) -> list[str]: ...

    def status(self) -> dict[str, Any]: ...


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
        self.leverages = system.leverages
        self.parents = system.parents
        self.differences = system.differences
        self.metrics = Metrics()
        self._streams: set[str] = set()
        system.ledger.subscribe(self._measure)

    @property
    def ready(self) -> bool:
        return self._system.ready

    @property
    def not_ready_reasons(self) -> list[str]:
        return self._system.not_ready_reasons

    def status(self) -> Mapping[str, Any]:
        return self._system.status()

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
            answered_ns = order.acknowledged_ns
            if answered_ns is not None and order.sent_ns is not None and order.updated_ns == answered_ns:
                self.metrics.acknowledged((answered_ns - order.sent_ns) / NS_PER_SECOND)
        for _, fill, _ in group.fills:
            self.metrics.fill_recorded(fill.liquidity.value if fill.liquidity else "unknown")
        for event in group.events:
            if event.kind == EventKind.ANOMALY:
                self.metrics.anomaly("anomaly")

    def _entered(self, status: OrderStatus) -> None:
        self.metrics.order_entered(status.value)
