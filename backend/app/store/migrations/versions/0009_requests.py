"""An order's request stands in columns of its own, written once; `facts` holds what changes, amounts only if any."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from app.models.types import Money

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHUNK = 5_000

_COLUMNS = {"requested_size": Money, "requested_price": Money, "reference_price": Money, "expires_ns": sa.BigInteger}
_AMOUNTS = ("reported_filled", "filled", "cost")
_REQUEST: Mapping[str, str] = {
    "order_id": "order_id",
    "account": "account",
    "client_order_id": "client_order_id",
    "instrument_id": "instrument_id",
    "side": "side",
    "order_type": "order_type",
    "size": "requested_size",
    "size_unit": "size_unit",
    "price": "requested_price",
    "trade_mode": "trade_mode",
    "created_ns": "created_ns",
    "position_side": "position_side",
    "reduce_only": "reduce_only",
    "reference_price": "reference_price",
    "strategy_id": "strategy_id",
    "parent_id": "parent_id",
    "parent_step": "parent_step",
    "expires_ns": "expires_ns",
    "external": "external",
}
"""What the request was in facts, field by field in its order, and where it stands now."""


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column("orders", sa.Column(name, kind(), nullable=True))
    _rewrite(_taken_apart)
    with op.batch_alter_table("orders") as batch_op:
        batch_op.alter_column("requested_size", existing_type=Money(), nullable=False)


def downgrade() -> None:
    _rewrite(_put_together)
    with op.batch_alter_table("orders") as batch_op:
        for name in _COLUMNS:
            batch_op.drop_column(name)


def _rewrite(change: Callable[[sa.RowMapping], dict[str, Any]]) -> None:
    """Every row of orders with what `change` makes of it."""
    names = {name: sa.Boolean if name in ("reduce_only", "external") else None for name in _REQUEST.values()}
    money = ("requested_size", "requested_price", "reference_price")
    orders = sa.table(
        "orders",
        sa.column("facts", sa.Text),
        *(sa.column(name, Money() if name in money else kind) for name, kind in names.items()),
    )
    bind = op.get_bind()
    statement = sa.select(orders).order_by(orders.c.order_id).limit(CHUNK)
    found = bind.execute(statement).mappings().all()
    while found:
        changed = [{"its_id": row["order_id"], **change(row)} for row in found]
        values = {name: sa.bindparam(name) for name in changed[0] if name != "its_id"}
        bind.execute(sa.update(orders).where(orders.c.order_id == sa.bindparam("its_id")).values(values), changed)
        found = bind.execute(statement.where(orders.c.order_id > found[-1]["order_id"])).mappings().all()


def _taken_apart(row: sa.RowMapping) -> dict[str, Any]:
    facts = _facts(row)
    request = json.loads(bytes(facts.pop("request")))
    kept = {key: value for key, value in facts.items() if key not in _AMOUNTS or Decimal(json.loads(bytes(value)))}
    return {
        "facts": msgspec.json.encode(kept).decode(),
        "requested_size": Decimal(request["size"]),
        "requested_price": _decimal(request["price"]),
        "reference_price": _decimal(request["reference_price"]),
        "expires_ns": request["expires_ns"],
    }


def _put_together(row: sa.RowMapping) -> dict[str, Any]:
    facts = _facts(row)
    request = {field: row[name] for field, name in _REQUEST.items()}
    amounts = {name: facts.pop(name, msgspec.Raw(b'"0"')) for name in _AMOUNTS}
    whole: dict[str, Any] = {"request": request}
    for key in _ORDER:
        if key in amounts or key in facts:
            whole[key] = amounts.get(key) or facts[key]
    return {"facts": msgspec.json.Encoder(decimal_format="string").encode(whole).decode()}


_ORDER = (
    *("size", "price", "sent", "unanswered", "acknowledged", "venue_order_id", "ending", *_AMOUNTS, "terms_ns"),
    *("cancel_requested", "amendments", "settled_amendments", "error_code", "error_message", "cancel_source"),
    *("reasons", "sent_ns", "acknowledged_ns", "completed_ns", "updated_ns", "filled_before", "refusal", "exit"),
    *("asked", "asked_before", "terms_done", "terms_filled", "terms_asked", "terms_read"),
)
"""The keys of facts as their bytes had them."""


def _facts(row: sa.RowMapping) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(row["facts"], type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeError) as error:
        text = f"orders {row['order_id']}: facts cannot be read ({error}); nothing was migrated"
        raise ValueError(text) from error


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
