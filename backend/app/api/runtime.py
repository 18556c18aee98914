"""What the API needs of a running system, and how a route gets at it.

app.system's System is one; read_only.py makes another out of the database alone.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from app.clock import Clock
from app.domain.access import Grant
from app.domain.events import Event
from app.exchanges.port import FaultKnobs
from app.market_data.feeds import MarketData
from app.services.alerts.watch import AlertWatch
from app.services.signals.alerts import Alerts
from app.services.signals.intake import SignalIntake
from app.services.strategies.hosted import HostedStrategies
from app.services.trading.account.access_keys import AccessKeys
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


class Runtime(Protocol):
    """The services of one account. `ready`: new orders are accepted; not_ready_reasons: else why not."""

    @property
    def clock(self) -> Clock: ...
    @property
    def database(self) -> Database: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def orders(self) -> OrderManager: ...
    @property
    def positions(self) -> PositionManager: ...
    @property
    def recorder(self) -> TradeRecorder: ...
    @property
    def executor(self) -> TradeExecutor: ...
    @property
    def signals(self) -> SignalIntake: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def alert_watch(self) -> AlertWatch: ...
    @property
    def strategies(self) -> HostedStrategies: ...
    @property
    def leverages(self) -> Leverages: ...
    @property
    def asked(self) -> AskedOfVenue: ...
    @property
    def risk(self) -> ExecutionRiskControl: ...
    @property
    def volume_curves(self) -> VolumeCurves: ...
    @property
    def parents(self) -> ParentOrders: ...
    @property
    def differences(self) -> Differences: ...
    @property
    def keys(self) -> KeyBook: ...
    @property
    def access_keys(self) -> AccessKeys | None:
        """Of a running system."""
        ...

    @property
    def market(self) -> MarketData: ...
    @property
    def fault_knobs(self) -> FaultKnobs | None:
        """Of a simulated exchange."""
        ...

    @property
    def ready(self) -> bool: ...
    @property
    def not_ready_reasons(self) -> list[str]: ...

    def refresh_keys(self) -> None:
        """Look at the named keys again, where another process writes them; asked in a thread."""
        ...

    def status(self) -> Mapping[str, Any]:
        """JSON-ready: readiness, streams, lease, unknown orders, differences, clock and loop."""
        ...

    def events_after(self, seq: int, limit: int) -> list[Event]:
        """Durable events with a higher number, oldest first, out of the database."""
        ...

    def journal_after(self, seq: int) -> AsyncGenerator[Event]:
        """Every durable event after it, each once, in order, for ever; ends when the system stops."""
        ...

    async def follow(self, instrument_id: str) -> None:
        """Subscribe its book and trades, unless they are. Raises ExchangeError, NotReady."""
        ...

    def metrics_text(self, accept: str) -> tuple[bytes, str]:
        """The process's measurements as Prometheus reads them, and their content type."""
        ...


def _runtime(request: Request) -> Runtime:
    return request.app.state.runtime


def _principal(request: Request) -> str:
    return request.state.principal


def _grant(request: Request) -> Grant:
    return request.state.grant


Running = Annotated[Runtime, Depends(_runtime)]
Principal = Annotated[str, Depends(_principal)]
"""On whose word: "api:<name of the key>"; the guard has put it there."""
Granted = Annotated[Grant, Depends(_grant)]
"""What that caller may do."""
