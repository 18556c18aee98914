"""What may follow what in the life of a parent order."""

from collections.abc import Mapping
from types import MappingProxyType

from app.domain.parents import TERMINAL_PARENT_STATUSES, ParentStatus

_P = ParentStatus
_ENDS_OF_OPEN = TERMINAL_PARENT_STATUSES - {_P.REJECTED}

PARENT_TRANSITIONS: Mapping[ParentStatus, frozenset[ParentStatus]] = MappingProxyType(
    {
        _P.NEW: frozenset({_P.RUNNING, _P.CANCELING, _P.REJECTED, _P.FAILED}),
        _P.SCHEDULED: _ENDS_OF_OPEN | {_P.RUNNING, _P.PAUSED, _P.SUSPENDED, _P.CANCELING},
        _P.RUNNING: _ENDS_OF_OPEN | {_P.PAUSED, _P.SUSPENDED, _P.CANCELING},
        _P.PAUSED: _ENDS_OF_OPEN | {_P.RUNNING, _P.SCHEDULED, _P.SUSPENDED, _P.CANCELING},
        _P.SUSPENDED: _ENDS_OF_OPEN | {_P.RUNNING, _P.PAUSED, _P.CANCELING},
        _P.CANCELING: _ENDS_OF_OPEN,
        **{status: frozenset[ParentStatus]() for status in TERMINAL_PARENT_STATUSES},
    }
)
