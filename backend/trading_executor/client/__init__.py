"""A typed client of a running system's API: Client waits, AsyncClient is awaited. docs/client.md shows it.

Names are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from trading_executor import _check_app

if TYPE_CHECKING:
    from trading_executor.client.asynchronous import AsyncClient, AsyncExecutionHandle
    from trading_executor.client.blocking import Client, ExecutionHandle
    from trading_executor.client.errors import (
        ClientError,
        Conflict,
        DoneUnrecorded,
        InvalidRequest,
        NoAnswer,
        NotAllowed,
        NotAvailable,
        NotFound,
        Problem,
        Refused,
        Unreadable,
    )
    from trading_executor.client.messages import EventMessage
    from trading_executor.client.tls import tls_files
    from trading_executor.client.wire import Patience

_check_app()

__all__ = [
    "AsyncClient",
    "AsyncExecutionHandle",
    "Client",
    "ClientError",
    "Conflict",
    "DoneUnrecorded",
    "EventMessage",
    "ExecutionHandle",
    "InvalidRequest",
    "NoAnswer",
    "NotAllowed",
    "NotAvailable",
    "NotFound",
    "Patience",
    "Problem",
    "Refused",
    "Unreadable",
    "tls_files",
]

_HOMES = {
    "AsyncClient": "asynchronous",
    "AsyncExecutionHandle": "asynchronous",
    "Client": "blocking",
    "ExecutionHandle": "blocking",
    "EventMessage": "messages",
    "Patience": "wire",
    "tls_files": "tls",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'trading_executor.client' has no attribute {name!r}")
    home = importlib.import_module(f"trading_executor.client.{_HOMES.get(name, 'errors')}")
    globals()[name] = value = getattr(home, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
