"""What both clients' handles of an execution have: which it is and how it was last seen."""

from __future__ import annotations

from app.domain.parents import ParentStatus
from trading_executor.client.models import Execution

POLL_SECONDS = 0.5
SETTLING_SECONDS = 30.0
_GOING = {ParentStatus.NEW, ParentStatus.SCHEDULED, ParentStatus.RUNNING, ParentStatus.CANCELING}
OVER = frozenset(ParentStatus) - _GOING
"""Ended, or laid aside until somebody resumes it."""


class Handle:
    """latest: the execution as it was last told."""

    def __init__(self, latest: Execution) -> None:
        self.latest = latest

    @property
    def parent_id(self) -> str:
        return self.latest.parent_id

    def _keep(self, told: Execution) -> Execution:
        self.latest = told
        return told
