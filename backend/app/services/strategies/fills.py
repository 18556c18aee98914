"""A row of a trade as the strategy whose it is is told of it. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.domain.orders import PositionSide
from app.services.strategies import budgets
from app.strategies.strategy import OwnFill


def own_fill(row: Mapping[str, Any], held: budgets.Books) -> OwnFill:
    """A trade's row as its strategy is told of it."""
    instrument_id, side = row["instrument_id"], PositionSide(row["position_side"])
    return OwnFill(
        instrument_id=instrument_id,
        trade_id=row["trade_id"],
        order_id=row["order_id"],
        side=row["side"],
        price=row["price"],
        size=row["size"],
        fee=row["fee_amount"],
        fee_currency=row["fee_currency"],
        traded_ns=row["traded_ns"],
        held=budgets.by_instrument(held).get(instrument_id, Decimal(0)),
        position_side=side,
        held_side=budgets.by_side(held).get(instrument_id, {}).get(side, Decimal(0)),
    )
