"""The watch of one account, made of the parts of its system."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from app.services.alerts import habits
from app.services.alerts.acting import Acting
from app.services.alerts.counting import Counting
from app.services.alerts.declared import declared
from app.services.alerts.habits import Habits
from app.services.alerts.rules import slippage, unlike_itself
from app.services.alerts.sight import Learned, Sight, Times
from app.services.alerts.slippages import SlippageReader
from app.services.alerts.tallies import Tallies
from app.services.alerts.watch import AlertWatch
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.running.status import RunningStatus
from app.services.trading.venue.fees import FeeReader
from app.store.database import Database

__all__ = ["AlertWatch", "Times", "make_watch"]

log = structlog.get_logger("alerts")


def make_watch(
    said: Mapping[str, Mapping[str, Any]],
    status: RunningStatus,
    risk: ExecutionRiskControl,
    fees: FeeReader,
    times: Times,
    folder: Path,
    database: Database,
    acting: Acting,
) -> AlertWatch:
    """said: the settings' tables. Raises InvalidValue for what they say of a rule that is not."""
    ledger, clock, rules = status.ledger, status.clock, declared(said)
    if not habits.INSTALLED:
        log.info("alerts.rule_not_watched", rule=unlike_itself.RULE.name, reason="the extra detectors is not installed")
    counting, tallies = Counting(ledger, clock, status.gate), Tallies(ledger)
    ledger.subscribe(tallies.on_commit, tells=True)
    learned = Learned(
        tallies,
        SlippageReader(ledger, database, clock) if slippage.RULE.name in {rule.name for rule in rules} else None,
        Habits() if unlike_itself.RULE.name in {rule.name for rule in rules} else None,
    )
    sight = Sight(status, risk, fees, times, folder, counting, learned)
    return AlertWatch(rules, sight, counting, ledger, database, clock, acting)
