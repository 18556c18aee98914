"""Can every value of every row be read at all? Asked before anything is compared, so that one bad row is named.

Amounts must be finite decimals, words must be in their enumeration, JSON columns must hold JSON.
"""

import functools
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.journal.findings import Findings
from app.models.columns import form_of
from app.models.trading import Base
from app.models.types import Money
from app.store.queries_base import Paged, paged, pages_within


def check_readable(connection: Connection, account: str, findings: Findings) -> None:
    """A finding for each value of the account's rows that cannot be read."""
    for table, columns, statement in _tables():
        for row in chain.from_iterable(pages_within(connection, statement, account=account)):
            _check_row(table, columns, row, findings)


@functools.cache
def _tables() -> list[tuple[sa.Table, list[sa.Column[Any]], Paged]]:
    """The tables of an account with their columns to check, and what reads key and columns as the driver has them."""
    found: list[tuple[sa.Table, list[sa.Column[Any]], Paged]] = []
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.c if _is_checked(column)]
        if columns and "account" in table.c:
            key = list(table.primary_key.columns)
            wanted = {column.name: column for column in (*key, *columns)}
            raw: list[sa.ColumnElement[Any]] = [
                sa.type_coerce(column, sa.Text).label(name) for name, column in wanted.items()
            ]
            statement = sa.select(*raw).where(table.c.account == sa.bindparam("account"))
            found.append((table, columns, paged(statement, *key)))
    return found


def _is_checked(column: sa.Column[Any]) -> bool:
    form = form_of(column)
    return isinstance(column.type, Money) or bool(form.words) or form.json


def _check_row(table: sa.Table, columns: list[sa.Column[Any]], row: Mapping[Any, Any], findings: Findings) -> None:
    for column in columns:
        fault = _fault(column, row[column.name])
        if fault:
            key = "/".join(str(row[part.name]) for part in table.primary_key.columns)
            findings.add("P4", f"{table.name} {key}", f"{column.name} is {str(row[column.name])[:80]!r}, {fault}")


def _fault(column: sa.Column[Any], value: Any) -> str:
    """Why a value cannot be what its column says; "" when it can."""
    form = form_of(column)
    if value is None:
        return "" if column.nullable else "which may not be missing"
    if form.words:
        return "" if value in form.words else f"which is none of {', '.join(sorted(form.words))}"
    if form.json:
        return _json_fault(value)
    try:
        return "" if Decimal(value).is_finite() else "which is no finite number"
    except (InvalidOperation, TypeError, ValueError):
        return "which is no decimal number"


def _json_fault(value: Any) -> str:
    try:
        msgspec.json.decode(value)
    except (msgspec.MsgspecError, TypeError, UnicodeError):
        return "which is no JSON"
    return ""
