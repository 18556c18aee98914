"""Requests about orders and signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.orders import OrderStatus
from trading_executor.client import models
from trading_executor.client.calls.making import (
    API,
    SIGNALS,
    Amount,
    Config,
    Held,
    Mode,
    Moment,
    Side,
    get,
    post,
    previews,
)
from trading_executor.client.wire import Call, given, segment

# --- orders ---


def place_order(
    instrument_id: str,
    side: Side,
    order_type: str,
    size: Amount,
    *,
    price: Amount | None = None,
    trade_mode: Mode | None = None,
    position_side: Held | None = None,
    reduce_only: bool | None = None,
    strategy_id: str | None = None,
    trigger_price: Amount | None = None,
    trigger_by: str | None = None,
    held: str | None = None,
    distance: Amount | None = None,
    distance_pct: Amount | None = None,
    take_profit: Amount | None = None,
    stop_loss: Amount | None = None,
    idempotency_key: str | None = None,
) -> Call[models.OrderResponse]:
    """Check, record and send an order. Its status is `unknown` where the exchange has not answered: it is being looked
    for. Raises Refused with every reason."""
    body = given(
        instrument_id=instrument_id,
        side=side,
        order_type=order_type,
        size=size,
        price=price,
        trade_mode=trade_mode,
        position_side=position_side,
        reduce_only=reduce_only,
        strategy_id=strategy_id,
        trigger_price=trigger_price,
        trigger_by=trigger_by,
        held=held,
        distance=distance,
        distance_pct=distance_pct,
        take_profit=take_profit,
        stop_loss=stop_loss,
    )
    return post(f"{API}/orders", models.OrderResponse, body, idempotency_key)


def order_history(
    *,
    instrument_id: str | None = None,
    status: OrderStatus | str | Sequence[OrderStatus | str] | None = None,
    side: Side | None = None,
    strategy_id: str | None = None,
    parent_id: str | None = None,
    exchange_order_id: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Call[models.OrderPage]:
    """A page of orders, newest first; `next_cursor` asks for the next."""
    return get(
        f"{API}/orders",
        models.OrderPage,
        instrument_id=instrument_id,
        status=status,
        side=side,
        strategy_id=strategy_id,
        parent_id=parent_id,
        exchange_order_id=exchange_order_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
    )


def active_orders(instrument_id: str | None = None) -> Call[tuple[models.OrderResponse, ...]]:
    """What is not over, oldest first."""
    reads = tuple[models.OrderResponse, ...]
    return get(f"{API}/orders/active", reads, "orders", instrument_id=instrument_id)


def get_order(order_id: str) -> Call[models.OrderResponse]:
    """By our order id or the client order id."""
    return get(f"{API}/orders/{segment(order_id)}", models.OrderResponse)


def modify_order(
    order_id: str, *, size: Amount | None = None, price: Amount | None = None, trigger_price: Amount | None = None
) -> Call[models.OrderResponse]:
    """Amend the size (in all, what has filled included) or a price. It has no key, so a lost answer raises NoAnswer."""
    body = given(size=size, price=price, trigger_price=trigger_price)
    return Call("PATCH", f"{API}/orders/{segment(order_id)}", models.OrderResponse, body=body)


def cancel_order(order_id: str) -> Call[models.OrderResponse]:
    """Cancel; the order as it stands up to a second later. Raises Conflict when it was over."""
    return Call("DELETE", f"{API}/orders/{segment(order_id)}", models.OrderResponse, safe=True, over=True)


def cancel_all(
    instrument_id: str | None = None, *, protection: bool = False, idempotency_key: str | None = None
) -> Call[tuple[models.OrderResponse, ...]]:
    """Cancel every open order, and end executions; conditional orders that only reduce stay, but for `protection`."""
    body = given(instrument_id=instrument_id, protection=protection)
    return post(f"{API}/orders/cancel-all", tuple[models.OrderResponse, ...], body, idempotency_key, "orders")


def resolve_order(
    order_id: str,
    state: str,
    *,
    by: str,
    why: str,
    filled: Amount | None = None,
    fills: Sequence[Mapping[str, Any]] = (),
    venue_order_id: str | None = None,
    idempotency_key: str | None = None,
) -> Call[models.OrderResponse]:
    """End an order that the exchange no longer decides, on an operator's evidence."""
    body = given(state=state, filled=filled, fills=list(fills), venue_order_id=venue_order_id, by=by, why=why)
    return post(f"{API}/orders/{segment(order_id)}/resolve", models.OrderResponse, body, idempotency_key)


# --- signals ---


def send_signal(
    type: str,
    instrument_id: str,
    *,
    size: Amount | None = None,
    size_in: str | None = None,
    price: Amount | None = None,
    confidence: Amount | None = None,
    metadata: Mapping[str, Any] | None = None,
    position_side: Held | None = None,
    trade_mode: Mode | None = None,
    take_profit: Amount | None = None,
    stop_loss: Amount | None = None,
    strategy_id: str | None = None,
    strategy: str | None = None,
    config: Config | None = None,
    expires_at: Moment | None = None,
    decision_at: Moment | None = None,
    decision_price: Amount | None = None,
    idempotency_key: str | None = None,
) -> Call[models.SignalTaken]:
    """A wish, done once for its key: one order, or with `strategy` one execution, and what became of it."""
    body = given(
        type=type,
        instrument_id=instrument_id,
        size=size,
        size_in=size_in,
        price=price,
        confidence=confidence,
        metadata=metadata,
        position_side=position_side,
        trade_mode=trade_mode,
        take_profit=take_profit,
        stop_loss=stop_loss,
        strategy_id=strategy_id,
        strategy=strategy,
        config=config,
        expires_at=expires_at,
        decision_at=decision_at,
        decision_price=decision_price,
    )
    return post(SIGNALS, models.SignalTaken, body, idempotency_key)


def signal_preview_of(sent: Call[models.SignalTaken]) -> Call[models.SignalForeseen]:
    """The orders or the execution that such a signal would become now; nothing is done."""
    return Call("POST", f"{SIGNALS}/preview", models.SignalForeseen, body=sent.body, safe=True)


preview_signal = previews(send_signal, signal_preview_of)
