"""The watch of one account, made of the parts of its system."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.services.alerts.acting import Acting
from app.services.alerts.counting import Counting
from app.services.alerts.declared import declared
from app.services.alerts.sight import Sight, Times
from app.services.alerts.watch import AlertWatch
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.running.status import RunningStatus
from app.store.database import Database

__all__ = ["AlertWatch", "Times", "make_watch"]


def make_watch(
    said: Mapping[str, Mapping[str, Any]],
    status: RunningStatus,
    risk: ExecutionRiskControl,
    times: Times,
    folder: Path,
    database: Database,
    acting: Acting,
) -> AlertWatch:
    """said: the settings' tables. Raises InvalidValue for what they say of a rule that is not."""
    counting = Counting(status.ledger, status.clock, status.gate)
    sight = Sight(status, risk, times, folder, counting)
    return AlertWatch(declared(said), sight, counting, status.ledger, database, status.clock, acting)
