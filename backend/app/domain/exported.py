"""What may be exported for other programs, and the columns that each table has."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a column of a table holds: text as it is, a whole number, a float, an exact decimal, a truth, an instant in
    UTC."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    TRUTH = "truth"
    INSTANT = "instant"


class Exported(StrEnum):
    """What may be exported. tax: every disposal."""

    TRADES = "trades"
    ORDERS = "orders"
    POSITIONS = "positions"
    BILLS = "bills"
    TAX = "tax"


TEXT, WHOLE, MONEY, TRUTH, INSTANT = Kind.TEXT, Kind.WHOLE, Kind.MONEY, Kind.TRUTH, Kind.INSTANT

COLUMNS: Mapping[Exported, Mapping[str, Kind]] = {
    Exported.TRADES: {
        "traded_at": INSTANT, "instrument_id": TEXT, "side": TEXT, "position_side": TEXT, "trade_mode": TEXT,
        "size": MONEY, "price": MONEY, "fee": MONEY, "fee_currency": TEXT, "liquidity": TEXT, "category": TEXT,
        "pnl": MONEY, "strategy_id": TEXT, "parent_id": TEXT, "order_id": TEXT, "client_order_id": TEXT,
        "trade_id": TEXT, "exchange_order_id": TEXT, "recorded_at": INSTANT,
    },
    Exported.ORDERS: {
        "created_at": INSTANT, "order_id": TEXT, "client_order_id": TEXT, "exchange_order_id": TEXT,
        "instrument_id": TEXT, "side": TEXT, "position_side": TEXT, "trade_mode": TEXT, "order_type": TEXT,
        "reduce_only": TRUTH, "size": MONEY, "size_unit": TEXT, "price": MONEY, "requested_size": MONEY,
        "requested_price": MONEY, "status": TEXT, "filled_size": MONEY, "average_fill_price": MONEY,
        "error_code": TEXT, "error_message": TEXT, "strategy_id": TEXT, "parent_id": TEXT, "external": TRUTH,
        "sent_at": INSTANT, "acknowledged_at": INSTANT, "completed_at": INSTANT,
    },
    Exported.POSITIONS: {
        "instrument_id": TEXT, "position_side": TEXT, "trade_mode": TEXT, "size": MONEY, "cost": MONEY,
        "entry_price": MONEY, "realised_pnl": MONEY, "fee_value": MONEY, "fill_count": WHOLE, "mark_price": MONEY,
        "unrealised_pnl": MONEY, "margin": MONEY, "leverage": MONEY, "marked_at": INSTANT, "updated_at": INSTANT,
    },
    Exported.BILLS: {
        "at": INSTANT, "movement": WHOLE, "bill_id": TEXT, "kind": TEXT, "currency": TEXT, "amount": MONEY,
        "price": MONEY, "instrument_id": TEXT, "note": TEXT, "equity": MONEY,
    },
    Exported.TAX: {
        "number": WHOLE, "asset": TEXT, "quantity": MONEY, "acquired_at": INSTANT, "disposed_at": INSTANT,
        "cost": MONEY, "proceeds": MONEY, "fee": MONEY, "gain": MONEY, "currency": TEXT, "method": TEXT,
        "origin": TEXT, "disposal": TEXT, "instrument_id": TEXT, "trade_id": TEXT, "price_source": TEXT,
    },
}  # fmt: skip

_PERIOD = frozenset({"start_date", "end_date"})
TAKES: Mapping[Exported, frozenset[str]] = {
    Exported.TRADES: _PERIOD | {"instrument_id", "strategy_id"},
    Exported.ORDERS: _PERIOD | {"instrument_id", "strategy_id"},
    Exported.POSITIONS: frozenset({"instrument_id"}),
    Exported.BILLS: _PERIOD,
    Exported.TAX: _PERIOD | {"strategy_id", "method"},
}
"""By which filters each is asked for: any other would be none, in silence."""

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?", re.ASCII)


def no_formula(row: Mapping[str, Any], columns: Mapping[str, Kind]) -> dict[str, Any]:
    """The columns of a row of CSV. Text that a spreadsheet would calculate (a strategy's label, somebody else's words)
    begins with an apostrophe there, which makes it text; numbers are left as they are."""
    return {name: _inert(row.get(name)) if kind is Kind.TEXT else row.get(name) for name, kind in columns.items()}


def _inert(value: object) -> object:
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
