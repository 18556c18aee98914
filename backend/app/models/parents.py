"""The tables of parent orders and their steps. Beside app.models.trading.

A field of app.domain.parents.ParentOrder that has no column of its own stands in `params`.
"""

from dataclasses import MISSING, Field, fields
from decimal import Decimal
from operator import attrgetter, not_
from typing import Any, get_type_hints

import msgspec
from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped

from app.domain.money import ZERO
from app.domain.parents import ParentOrder as Parent
from app.domain.parents import ParentStatus
from app.models.base import Base
from app.models.columns import JSON, TEXT_OR_NULL, column, made, to_json, told, word


class _State(msgspec.Struct, frozen=True, omit_defaults=True):
    """What changes, beside status and reason, as the `state` column has it."""

    filled: Decimal
    status_ns: int
    amended_step: int = 0
    accepted: Decimal | None = None


def _params(parent: Parent) -> str:
    return to_json(_Params(*_params_of(parent)))


def _state(parent: Parent) -> str:
    return to_json(_State(parent.filled, parent.status_ns, parent.amended_step, parent.accepted or None))


def _kind(act: object) -> str:
    return type(act).__name__.lower()


class ParentOrder(Base):
    """An order that an execution strategy works: the row is the state (app.domain.parents)."""

    __tablename__ = "parent_orders"

    parent_id: Mapped[str] = column(Text, "parent.parent_id", key=True)
    account: Mapped[str] = column(Text, "parent.account")
    strategy: Mapped[str] = column(Text, "parent.strategy")
    config: Mapped[str] = column(Text, "parent.config", JSON)
    params: Mapped[str] = column(Text, made(_params, "parent"), JSON)
    status: Mapped[str] = column(Text, "parent.status", word(ParentStatus))
    reason: Mapped[str | None] = column(Text, "parent.reason", TEXT_OR_NULL)
    next_step: Mapped[int] = column(Integer, "next_step")
    is_open: Mapped[bool] = column(Boolean, made(not_, "parent.status.terminal"))
    state: Mapped[str] = column(Text, made(_state, "parent"), JSON)
    created_ns: Mapped[int] = column(BigInteger, "parent.created_ns")
    updated_ns: Mapped[int] = column(BigInteger, "parent.updated_ns")

    __table_args__ = (
        Index("ix_parents_created", "account", "created_ns"),
        Index(
            "ix_parents_open", "account", "is_open", sqlite_where=text("is_open = 1"), postgresql_where=text("is_open")
        ),
    )


class ParentStep(Base):
    """One decided step of a parent, a row before it is an act; a place step names its one child for ever."""

    __tablename__ = "parent_steps"

    parent_id: Mapped[str] = column(ForeignKey("parent_orders.parent_id"), "parent_id", key=True)
    step: Mapped[int] = column(Integer, "step", key=True)
    kind: Mapped[str] = column(Text, made(_kind, "act"))
    order_id: Mapped[str | None] = column(Text, "order.request.order_id")
    client_order_id: Mapped[str | None] = column(Text, "order.request.client_order_id")
    content: Mapped[str] = column(Text, made(to_json, "act"), JSON)
    decided_ns: Mapped[int] = column(BigInteger, "decided_ns")


_FIELDS = {field.name: field for field in fields(Parent)}
_COLUMNS = {said.source for each in ParentOrder.__table__.columns if (said := told(each)) is not None}
STATE_FIELDS = _State.__struct_fields__
PARAM_FIELDS = tuple(n for n in _FIELDS if f"parent.{n}" not in _COLUMNS and n not in STATE_FIELDS)
_FIRST_FORM = tuple(_FIELDS)[: tuple(_FIELDS).index("accepted")]
_ABSENT = {"rules": 1}
"""What it means that a field is not there, where that is not the field's default."""


def _param(field: Field[Any], kinds: dict[str, Any]) -> tuple[Any, ...]:
    """Fields that came later are left out at what their absence means: rows of before keep their bytes."""
    if field.name in _FIRST_FORM or field.default is MISSING:
        return field.name, kinds[field.name]
    return field.name, kinds[field.name], _ABSENT.get(field.name, field.default)


_Params = msgspec.defstruct(
    "_Params", [_param(_FIELDS[name], get_type_hints(Parent)) for name in PARAM_FIELDS], omit_defaults=True
)
_params_of = attrgetter(*PARAM_FIELDS)
_read_params = msgspec.json.Decoder(_Params).decode
_read_state = msgspec.json.Decoder(_State).decode


def tagged(tag: str) -> list[str]:
    """The patterns (LIKE, escaped by !) of the params that hold this tag: no other value of them is a list of words."""
    word = "".join(f"!{char}" if char in "!%_" else char for char in tag)
    return [f'%"tags":[{before}"{word}"{after}%' for before in ("", "%,") for after in (",", "]")]


def read_parts(params: str, state: str) -> dict[str, Any]:
    """The fields that `params` and `state` hold. Raises MsgspecError."""
    parts = msgspec.structs.asdict(_read_params(params)) | msgspec.structs.asdict(_read_state(state))
    return parts | {"accepted": parts["accepted"] or ZERO}
