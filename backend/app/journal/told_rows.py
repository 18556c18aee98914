"""Rows of the rarely written tables as events tell them, read by the tables' own columns.

A column that is added to a table is read from the payload and compared from then on.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa

from app.journal.findings import Findings
from app.models.base import Base
from app.models.columns import storable
from app.models.types import Money

Row = Mapping[str, Any]


def told_row(table: type[Base], *apart: str, later: tuple[str, ...] = ()) -> Callable[[str], dict[str, Any]]:
    """What reads a payload as the table's columns by name, without those apart; it raises MsgspecError.

    later: what events of earlier releases do not tell: None then, as what may be NULL.
    """
    columns = [column for column in table.__table__.columns if column.name not in apart]
    fields = [_field(column, optional=column.nullable or column.name in later) for column in columns]
    decode = msgspec.json.Decoder(msgspec.defstruct(table.__name__, fields, kw_only=True)).decode
    return lambda payload: msgspec.structs.asdict(decode(payload))


def compare_row(findings: Findings, rule: str, subject: str, row: Row, read: Row, *apart: str) -> None:
    """A row against what the journal told of it last."""
    for column, value in read.items():
        if column not in apart:
            findings.compare(rule, subject, column, row[column], storable(value) if isinstance(value, str) else value)


def _field(column: Any, *, optional: bool) -> tuple[Any, ...]:
    kind = Decimal if isinstance(column.type, Money) else _PYTHON[type(column.type)]
    return (column.name, kind | None, None) if optional else (column.name, kind)


_PYTHON: Mapping[type[Any], type[Any]] = {sa.Text: str, sa.BigInteger: int, sa.Integer: int, sa.Boolean: bool}
