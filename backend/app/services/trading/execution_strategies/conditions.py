"""Conditional orders as orders: the parent that OrderParams asks for, and a parent shown as an order. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import msgspec

from app.clock import utc
from app.domain.conditional_types import CONDITIONS, ConditionalType
from app.domain.money import ZERO, plain, shown_price
from app.domain.orders import OrderStatus, OrderType
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.services.trading.schemas import OrderParams, OrderResponse, ParentResponse

_STRATEGIES: Mapping[ConditionalType, tuple[str, tuple[str, ...]]] = {
    ConditionalType.STOP: ("stop", ("trigger_price",)),
    ConditionalType.STOP_LIMIT: ("stop", ("trigger_price",)),
    ConditionalType.TAKE_PROFIT: ("take_profit", ("trigger_price",)),
    ConditionalType.TAKE_PROFIT_LIMIT: ("take_profit", ("trigger_price",)),
    ConditionalType.TRAILING_STOP: ("trailing_stop", ("distance", "distance_pct")),
    ConditionalType.OCO: ("oco", ("take_profit", "stop_loss")),
}
PARENT_ID_LENGTH = 20
PARENT_PREFIX = "P"
_BRACKET = ("take_profit", "stop_loss")
GET_IN_SECONDS = {OrderType.MARKET: 60, OrderType.LIMIT: 2_592_000}
"""How long an order with a take-profit or a stop-loss may take to get in; with a price it rests for 30 days at most."""

_ENDS = {
    ParentStatus.COMPLETED: OrderStatus.FILLED,
    ParentStatus.COMPLETED_WITH_DUST: OrderStatus.FILLED,
    ParentStatus.REJECTED: OrderStatus.REJECTED,
    ParentStatus.FAILED: OrderStatus.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parent that is asked for."""

    strategy: str
    config: dict[str, object]
    params: OrderParams


def wanted(params: OrderParams) -> Wanted | None:
    """The parent that an order asks for; None for one that goes to the exchange. Raises InvalidValue for what does not
    go with its type."""
    if not params.waits:
        return None
    kind = params.order_type
    if isinstance(kind, ConditionalType):
        strategy, names = _STRATEGIES[kind]
        if params.price is not None and not kind.has_price:
            raise InvalidValue("price", plain(params.price), f"goes not with order type {kind.value}")
    elif kind in GET_IN_SECONDS:
        strategy, names = "bracket", _BRACKET
    else:
        raise InvalidValue("order_type", kind.value, "takes no take_profit or stop_loss: only market and limit do")
    words = {"trigger_by": params.trigger_by, "held": params.held}
    config: dict[str, object] = {name: word for name, word in words.items() if word is not None}
    if strategy == "bracket" and config and params.take_profit is None and params.stop_loss is None:
        name, word = next(iter(config.items()))
        raise InvalidValue(name, word, f"goes not with order type {kind.value} without take_profit or stop_loss")
    for name in CONDITIONS:
        value = getattr(params, name)
        if value is not None and name not in names:
            raise InvalidValue(name, plain(value), f"goes not with order type {kind.value}")
        if value is not None:
            config[name] = value
    if isinstance(kind, OrderType):
        config["timeout"] = GET_IN_SECONDS[kind]
    bare = replace(
        params,
        order_type=OrderType.MARKET if params.price is None else OrderType.LIMIT,
        trigger_by=None,
        held=None,
        **dict.fromkeys(CONDITIONS),
    )
    return Wanted(strategy, config, bare)


def is_parent(order_id: str) -> bool:
    """Whether an id looks like a parent's."""
    return order_id.startswith(PARENT_PREFIX) and len(order_id) == PARENT_ID_LENGTH + len(PARENT_PREFIX)


def asks_for(found: ParentResponse, asked: Wanted) -> bool:
    """Whether this is the parent that was asked for, as far as it was said; its terms may have been amended since."""
    parent, params = found.parent, asked.params
    config = msgspec.json.decode(parent.config)
    said = {name: plain(each) if isinstance(each, Decimal) else each for name, each in asked.config.items()}
    same = (parent.strategy, parent.key, parent.side, parent.strategy_id)
    terms = (parent.size, parent.limit_price) == (params.size, params.price) and all(
        str(config.get(name)) == str(value) for name, value in said.items()
    )
    return same == (asked.strategy, params.key, params.side, params.strategy_id) and (terms or parent.amended_step > 0)


def shown(found: ParentResponse, orders: Sequence[OrderResponse]) -> OrderResponse:
    """A parent as the order that it was asked for as: pending until it has fired. orders: what it has placed."""
    parent = found.parent
    cost = sum((each.filled_size * (each.average_fill_price or ZERO) for each in orders), ZERO)
    fees: dict[str, Decimal] = {}
    for each in orders:
        for currency, fee in each.fees.items():
            fees[currency] = fees.get(currency, ZERO) + fee
    last = orders[-1] if orders else None
    return OrderResponse(
        order_id=parent.parent_id,
        client_order_id="" if last is None else last.client_order_id,
        exchange_order_id=None if last is None else last.exchange_order_id,
        account=parent.account,
        instrument_id=parent.instrument_id,
        side=parent.side,
        order_type=_type(found),
        trade_mode=parent.trade_mode,
        position_side=parent.position_side,
        reduce_only=parent.reduce_only,
        size=parent.size,
        price=parent.limit_price,
        status=_status(found, orders),
        settled=parent.status.terminal and all(each.settled for each in orders),
        filled_size=found.filled_size,
        remaining_size=max(parent.size - found.filled_size, ZERO),
        average_fill_price=_average(cost, found.filled_size),
        fees=fees,
        cancel_requested=parent.status in (ParentStatus.CANCELING, ParentStatus.CANCELED),
        error_code=None if last is None else last.error_code,
        error_message=found.waiting_for or parent.reason or None,
        refusal=None if last is None else last.refusal,
        reasons=() if last is None else last.reasons,
        strategy_id=parent.strategy_id,
        parent_id=parent.parent_id,
        exit=parent.exit,
        created_at=utc(parent.created_ns),
        sent_at=None if not orders else orders[0].sent_at,
        acknowledged_at=None if not orders else orders[0].acknowledged_at,
        updated_at=utc(parent.updated_ns or parent.created_ns),
        completed_at=utc(parent.updated_ns) if parent.status.terminal else None,
    )


def _average(cost: Decimal, filled: Decimal) -> Decimal | None:
    return shown_price(cost / filled) if filled else None


def _type(found: ParentResponse) -> OrderType | ConditionalType:
    strategy, priced = found.parent.strategy, found.parent.limit_price is not None
    for kind, (name, _) in _STRATEGIES.items():
        if name == strategy and (kind.has_price is priced or name in ("oco", "trailing_stop")):
            return kind
    return OrderType.LIMIT if priced else OrderType.MARKET


def _status(found: ParentResponse, orders: Sequence[OrderResponse]) -> OrderStatus:
    parent = found.parent
    if parent.status.terminal:
        return _ENDS.get(parent.status, OrderStatus.CANCELED)
    if found.filled_size:
        return OrderStatus.PARTIALLY_FILLED
    return OrderStatus.PENDING if all(order.settled for order in orders) else OrderStatus.LIVE


__all__ = ["GET_IN_SECONDS", "PARENT_ID_LENGTH", "PARENT_PREFIX", "Wanted", "asks_for", "is_parent", "shown", "wanted"]
