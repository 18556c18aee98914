"""A running system as the API sees it."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

from app.api.measuring import Measuring
from app.clock import Clock
from app.domain.events import Event
from app.exchanges.port import FaultKnobs
from app.journal.journal import Journal
from app.market_data.feeds import MarketData
from app.notifications.notifier import Notifier
from app.services.alerts.watch import AlertWatch
from app.services.signals.inlets import Inlets
from app.services.strategies.hosted import HostedStrategies
from app.services.tracing.tracer import Tracer
from app.services.trading.account.access_keys import AccessKeys
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.key_book import KeyBook
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
    keys: KeyBook
    access_keys: AccessKeys
    journal: Journal
    notifier: Notifier
    traces: Tracer
    market: MarketData
    fault_knobs: FaultKnobs | None

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
        self.access_keys = system.access_keys
        self.market = system.market
        self._measuring = Measuring(system)

    @property
    def fault_knobs(self) -> FaultKnobs | None:
        return self._system.fault_knobs

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

    def metrics_text(self, accept: str) -> tuple[bytes, str]:
        return self._measuring.text(accept)
