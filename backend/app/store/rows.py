"""Rows to state and back: how an order, a fill and a position stand in their tables.

An order's row has readable columns for people and queries, and `facts`, its whole state as JSON, for an exact reload.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec

from app.domain.instruments import Instrument
from app.domain.money import ZERO, rounded
from app.domain.orders import (
    Amendment,
    Ending,
    Fill,
    Liquidity,
    Order,
    OrderRequest,
    OrderSide,
    PositionKey,
    PositionSide,
    TradeMode,
)
from app.domain.positions import FillOrder, Position, PositionFold, anchored, fill_order
from app.domain.refusals import Refusal, RefusalClass

_encode = msgspec.json.Encoder(decimal_format="string").encode


def storable(text: str) -> str:
    """Text that both databases take: PostgreSQL refuses NUL, and one such word would fail every later commit."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


class _Facts(msgspec.Struct, omit_defaults=True):
    request: OrderRequest
    size: Decimal
    price: Decimal | None = None
    sent: bool = False
    unanswered: bool = False
    acknowledged: bool = False
    venue_order_id: str = ""
    ending: Ending | None = None
    reported_filled: Decimal = Decimal(0)
    filled: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    terms_ns: int = 0
    cancel_requested: bool = False
    amendments: tuple[Amendment, ...] = ()
    settled_amendments: tuple[str, ...] = ()
    error_code: str = ""
    error_message: str = ""
    cancel_source: str = ""
    reasons: tuple[Refusal, ...] = ()
    sent_ns: int | None = None
    acknowledged_ns: int | None = None
    completed_ns: int | None = None
    updated_ns: int = 0
    # None, so that it is left out where there is none and rows of earlier versions keep their bytes.
    filled_before: Decimal | None = None
    refusal: RefusalClass | None = None
    exit: bool = False
    asked: tuple[tuple[int, Amendment], ...] = ()
    asked_before: int = 0
    terms_done: int = 0
    terms_filled: Decimal | None = None
    terms_asked: int = 0
    terms_read: int = 0


_decode_facts = msgspec.json.Decoder(_Facts).decode


def order_facts(order: Order) -> str:
    """The order's whole state but its fills (they are rows of their own), as canonical JSON."""
    facts = _Facts(
        order.request,
        order.size,
        order.price,
        order.sent,
        order.unanswered,
        order.acknowledged,
        order.venue_order_id,
        order.ending,
        order.reported_filled,
        order.filled,
        order.cost,
        order.terms_ns,
        order.cancel_requested,
        order.amendments,
        tuple(sorted(order.settled_amendments)),
        order.error_code,
        order.error_message,
        order.cancel_source,
        order.reasons,
        order.sent_ns,
        order.acknowledged_ns,
        order.completed_ns,
        order.updated_ns,
        order.filled_before or None,
        order.refusal,
        order.exit,
        order.asked,
        order.asked_before,
        order.terms_done,
        order.terms_filled or None,
        order.terms_asked,
        order.terms_read,
    )
    return _encode(facts).decode()


def order_from_facts(facts: str, fills: Sequence[Fill]) -> Order:
    """The order as it was written, with its fills."""
    read = _decode_facts(facts)
    return Order(
        request=read.request,
        size=read.size,
        price=read.price,
        sent=read.sent,
        unanswered=read.unanswered,
        acknowledged=read.acknowledged,
        venue_order_id=read.venue_order_id,
        ending=read.ending,
        reported_filled=read.reported_filled,
        fills=MappingProxyType({fill.key: fill for fill in fills}),
        filled=read.filled,
        cost=read.cost,
        terms_ns=read.terms_ns,
        cancel_requested=read.cancel_requested,
        amendments=read.amendments,
        settled_amendments=frozenset(read.settled_amendments),
        error_code=read.error_code,
        error_message=read.error_message,
        cancel_source=read.cancel_source,
        reasons=read.reasons,
        sent_ns=read.sent_ns,
        acknowledged_ns=read.acknowledged_ns,
        completed_ns=read.completed_ns,
        updated_ns=read.updated_ns,
        filled_before=read.filled_before or ZERO,
        exit=read.exit,
        refusal=read.refusal,
        asked=read.asked,
        asked_before=read.asked_before,
        terms_done=read.terms_done,
        terms_filled=read.terms_filled or ZERO,
        terms_asked=read.terms_asked,
        terms_read=read.terms_read,
    )


ORDER_FIXED = (
    "account",
    "client_order_id",
    "instrument_id",
    "side",
    "order_type",
    "trade_mode",
    "position_side",
    "reduce_only",
    "size_unit",
    "strategy_id",
    "parent_id",
    "parent_step",
    "external",
    "intent_hash",
    "risk_decision",
    "created_ns",
)
ORDER_CHANGING = (
    "exchange_order_id",
    "size",
    "price",
    "status",
    "filled_size",
    "reported_filled",
    "average_fill_price",
    "error_code",
    "error_message",
    "refusal",
    "cancel_source",
    "cancel_requested",
    "facts",
    "is_open",
    "sent_ns",
    "acknowledged_ns",
    "updated_ns",
    "completed_ns",
)
ORDER_KEY = ("order_id",)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order's first row: with the decision and the hash that its intent rests on."""

    order: Order
    intent_hash: str
    risk_decision: str | None = None


def order_fixed_values(new: NewOrder, order: Order) -> tuple[Any, ...]:
    request = order.request
    return (
        request.account,
        request.client_order_id,
        request.instrument_id,
        request.side.value,
        request.order_type.value,
        request.trade_mode.value,
        request.position_side.value,
        request.reduce_only,
        request.size_unit.value,
        request.strategy_id,
        request.parent_id,
        request.parent_step,
        request.external,
        new.intent_hash,
        new.risk_decision,
        request.created_ns,
    )


def order_changing_values(order: Order) -> tuple[Any, ...]:
    return (
        order.venue_order_id or None,
        order.size,
        order.price,
        order.status.value,
        order.filled_size,
        order.reported_filled,
        None if order.average_price is None else rounded(order.average_price, step=order.cost),
        storable(order.error_code) or None,
        storable(order.error_message) or None,
        None if order.refusal is None else order.refusal.value,
        storable(order.cancel_source) or None,
        order.cancel_requested,
        order_facts(order),
        not order.settled,
        order.sent_ns,
        order.acknowledged_ns,
        order.updated_ns,
        order.completed_ns,
    )


TRADE_COLUMNS = (
    "account",
    "instrument_id",
    "trade_id",
    "exchange_order_id",
    "order_id",
    "client_order_id",
    "side",
    "position_side",
    "price",
    "size",
    "liquidity",
    "category",
    "strategy_id",
    "parent_id",
    "traded_ns",
    "recorded_ns",
    "trade_mode",
    "pnl",
)
FEE_COLUMNS = ("account", "instrument_id", "trade_id", "exchange_order_id", "currency", "amount", "recorded_ns")


def trade_values(order: Order, fill: Fill, recorded_ns: int) -> tuple[Any, ...]:
    request = order.request
    return (
        request.account,
        fill.instrument_id,
        fill.trade_id,
        fill.venue_order_id,
        request.order_id,
        request.client_order_id,
        fill.side.value,
        fill.position_side.value,
        fill.price,
        fill.size,
        fill.liquidity.value if fill.liquidity else None,
        storable(fill.category),
        request.strategy_id,
        request.parent_id,
        fill.time_ns,
        recorded_ns,
        fill.trade_mode.value if fill.trade_mode else None,
        fill.pnl,
    )


def fee_values(account: str, fill: Fill, recorded_ns: int) -> tuple[Any, ...]:
    return (
        account,
        fill.instrument_id,
        fill.trade_id,
        fill.venue_order_id,
        fill.fee_currency,
        fill.fee,
        recorded_ns,
    )


def fill_from_row(row: Mapping[str, Any]) -> Fill:
    """A Fill from a row of trades joined with fees (fee_amount, fee_currency may be None)."""
    return Fill(
        instrument_id=row["instrument_id"],
        trade_id=row["trade_id"],
        venue_order_id=row["exchange_order_id"],
        side=OrderSide(row["side"]),
        price=row["price"],
        size=row["size"],
        time_ns=row["traded_ns"],
        fee=row["fee_amount"],
        fee_currency=row["fee_currency"] or "",
        liquidity=Liquidity(row["liquidity"]) if row["liquidity"] else None,
        position_side=PositionSide(row["position_side"]),
        category=row["category"],
        trade_mode=TradeMode(row["trade_mode"]) if row["trade_mode"] else None,
        pnl=row["pnl"],
    )


UNKNOWN_MODE = "unknown"
"""The trade mode of positions and books that were written before modes told them apart, until a start has named it."""

POSITION_KEY = ("account", "instrument_id", "position_side", "trade_mode")
POSITION_CHANGING = (
    "size",
    "cost",
    "entry_price",
    "realised_pnl",
    "fee_value",
    "fees",
    "fill_count",
    "last_fill_order",
    "event_seq",
    "updated_ns",
)


def position_changing_values(
    fold: PositionFold, instrument: Instrument | None, event_seq: int, now_ns: int
) -> tuple[Any, ...]:
    position = fold.position
    entry = None if instrument is None else position.entry_price(instrument)
    last = fill_order(fold.recent[-1]) if fold.recent else fold.base_order
    return (
        position.size,
        position.cost,
        None if entry is None or instrument is None else rounded(entry, step=instrument.tick),
        position.realised_pnl,
        position.fee_value,
        _encode(dict(sorted(position.fees.items()))).decode(),
        position.fill_count,
        None if last is None else _encode(last).decode(),
        event_seq,
        now_ns,
    )


def fold_from_row(row: Mapping[str, Any], key: PositionKey) -> PositionFold:
    fees = msgspec.json.decode(row["fees"], type=dict[str, Decimal])
    last = None if row["last_fill_order"] is None else msgspec.json.decode(row["last_fill_order"], type=FillOrder)
    position = Position(
        instrument_id=key.instrument_id,
        side=key.side,
        mode=key.mode,
        size=row["size"],
        cost=row["cost"],
        realised_pnl=row["realised_pnl"],
        fee_value=row["fee_value"],
        fees=MappingProxyType(fees),
        fill_count=row["fill_count"],
        last_fill_ns=last[0] if last else 0,
    )
    return anchored(position, last)
