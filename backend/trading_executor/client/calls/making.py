"""What every request is made of: words for arguments, paths, and the kinds of call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ParamSpec, TypeAlias, TypeVar

from app.domain.orders import OrderSide, PositionSide, TradeMode
from trading_executor.client import models
from trading_executor.client.wire import Call

Amount: TypeAlias = Decimal | int | str
Moment: TypeAlias = datetime | str
Side: TypeAlias = OrderSide | str
Mode: TypeAlias = TradeMode | str
Held: TypeAlias = PositionSide | str
Config: TypeAlias = Mapping[str, Any]

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

ROOT = "/api/v1"
API = f"{ROOT}/trading"
KEYS = f"{ROOT}/keys"
APPROVALS = f"{ROOT}/approvals"
PROPOSALS = f"{ROOT}/proposals"
ALERTS = f"{ROOT}/alerts"
FAULTS = f"{ROOT}/simulator/faults"
SIGNALS = f"{ROOT}/signals"
HOOKS = f"{ROOT}/hooks"
STRATEGIES = f"{ROOT}/strategies"


def get(path: str, reads: Any, member: str | None = None, **query: Any) -> Call[Any]:
    return Call("GET", path, reads, query, safe=True, member=member)


def post(path: str, reads: Any, body: Mapping[str, Any], key: str | None, member: str | None = None) -> Call[Any]:
    return Call("POST", path, reads, body=body, keyed=True, key=key, member=member)


def unkeyed(path: str, reads: Any, body: Mapping[str, Any], member: str | None = None) -> Call[Any]:
    return Call("POST", path, reads, body=body, member=member)


def previews(send: Callable[P, Call[S]], preview_of: Callable[[Call[S]], Call[T]]) -> Callable[P, Call[T]]:
    """The same arguments, and what would come of them."""

    def preview(*arguments: P.args, **named: P.kwargs) -> Call[T]:
        return preview_of(send(*arguments, **named))

    functools.update_wrapper(preview, send)
    preview.__doc__ = preview_of.__doc__
    return preview


def proposes(path: str, words: str) -> Callable[[Call[Any]], Call[models.Proposal]]:
    def proposed(call: Call[Any]) -> Call[models.Proposal]:
        return replace(call, path=path, reads=models.Proposal)

    proposed.__doc__ = words
    return proposed
