"""A column said once: beside its type stand where its value comes from, how it is written and read, and if it changes.

A RowType makes of a table's columns the tuples that are inserted and updated and the values that rows are read into: a
column of the table's class is in all of them, and a field that no column holds is an error at import.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

T = TypeVar("T")

Values = tuple[Any, ...]
Row = Mapping[str, Any]


_encode = msgspec.json.Encoder(decimal_format="string").encode


def to_json(value: object) -> str:
    return _encode(value).decode()


def storable(text: str) -> str:
    """Text that both databases take: PostgreSQL refuses NUL, and one such word would fail every later commit."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def _storable_or_none(text: str) -> str | None:
    return storable(text) if text else None


def _or_none(text: str) -> str | None:
    return text or None


@dataclass(frozen=True, slots=True)
class Form:
    """How a value stands in its column. write, read: None for as it is; a value of None is never given to them.
    words: all that it may be, where it is one of a few; json: it is text that holds JSON. An audit asks for both."""

    write: Callable[[Any], Any] | None = None
    read: Callable[[Any], Any] | None = None
    words: frozenset[str] = frozenset()
    json: bool = False


def word(kind: type[StrEnum], *others: str) -> Form:
    """A member of an enumeration by its value. others: what else may stand there."""
    return Form(read=kind, words=frozenset({*kind, *others}))


AS_IS = Form()
FOREIGN = Form(storable)
"""Text in somebody else's words."""
FOREIGN_OR_NULL = Form(_storable_or_none)
TEXT_OR_NULL = Form(_or_none)
JSON = Form(json=True)

_amounts = msgspec.json.Decoder(dict[str, Decimal]).decode


def _read_amounts(text: str) -> Mapping[str, Decimal]:
    return MappingProxyType(_amounts(text))


AMOUNTS = Form(lambda amounts: to_json(dict(sorted(amounts.items()))), _read_amounts, json=True)
"""Amounts by name, sorted by it."""
AMOUNTS_IN_ORDER = Form(lambda amounts: to_json(dict(amounts)), _read_amounts, json=True)
"""Where their order is part of the state."""

UNKNOWN_MODE = "unknown"
"""The trade mode of positions and books that were written before modes told them apart, until a start has named it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A value that is made of others: function(*paths)."""

    function: Callable[..., Any]
    paths: tuple[str, ...]


def made(function: Callable[..., Any], *paths: str) -> Made:
    return Made(function, paths)


@dataclass(frozen=True, slots=True)
class Told:
    """What a column says of itself. source: a path of attributes from one of the things that its row is made of, or
    what is made of such; "" where rows are given by name."""

    source: str | Made = ""
    form: Form = AS_IS
    changes: bool = False


_TOLD = "told"


def column(
    kind: Any, source: str | Made = "", form: Form = AS_IS, *, key: bool = False, changes: bool = False
) -> MappedColumn[Any]:
    """A column of a table's class. kind: its type, or foreign key. changes: it is written again after the insert."""
    return mapped_column(kind, primary_key=key, info={_TOLD: Told(source, form, changes)})


def told(of: Any) -> Told | None:
    """What a column says of itself; None for one that no row type writes."""
    return of.info.get(_TOLD)


def form_of(of: Any) -> Form:
    said = told(of)
    return AS_IS if said is None else said.form


class RowType:
    """How rows of one table are made and read. given: the names of what a row is made of, as the sources begin.

    insert(*given): the values of `columns`. update(...): those of `changing`, then of `key`, made of the part of given
    that they need. Both are compiled once; nothing here costs anything an order.
    """

    def __init__(self, table: type[DeclarativeBase], *given: str) -> None:
        """Raises TypeError when a source begins with none of the given names, or one of these is not used."""
        assert isinstance(table.__table__, sa.Table)
        self.table: sa.Table = table.__table__
        self.name: str = table.__tablename__
        self._told: dict[str, Told] = {c.name: said for c in self.table.columns if (said := told(c)) is not None}
        self.columns: tuple[str, ...] = tuple(self._told)
        self.key: tuple[str, ...] = tuple(c.name for c in self.table.primary_key.columns)
        self.changing: tuple[str, ...] = tuple(name for name, said in self._told.items() if said.changes)
        used = self._given_for(self.columns)
        if used != set(given):
            raise TypeError(f"{self.name}: its columns are made of {sorted(used)}, but given are {sorted(given)}")
        self.insert = self._writer(given, self.columns)
        for_update = self._given_for((*self.changing, *self.key))
        self.update = self._writer([name for name in given if name in for_update], (*self.changing, *self.key))

    def named(self, *given: Any) -> dict[str, Any]:
        """A row's values by column."""
        return dict(zip(self.columns, self.insert(*given), strict=True))

    def select(self, columns: Iterable[str] | None = None) -> list[sa.ColumnElement[Any]]:
        """The columns for a SELECT, by default all that are written."""
        return [self.table.c[name] for name in columns or self.columns]

    def of(self, source: str) -> tuple[str, ...]:
        """The columns that are written from fields of source."""
        return tuple(self._holding(source).values())

    def source_of(self, name: str) -> str | Made:
        return self._told[name].source

    def loader(self, kind: type[T], source: str, *apart: str) -> Callable[..., T]:
        """What makes a value of `kind` of a row: each field from the column that is written from source.<field>; where
        source is "", from the column of its name.

        apart: fields that are given by name with the row. Raises TypeError for a field that no column holds.
        """
        held = self._holding(source) if source else {name: name for name in self._told}
        wanted = [name for name in _fields(kind) if name not in apart]
        if missing := [name for name in wanted if name not in held]:
            raise TypeError(f"{self.name}: no column holds {kind.__name__}.{', '.join(missing)}")
        names: dict[str, Any] = {"kind": kind}
        parts = [f"{name}={self._read(held[name], names)}" for name in wanted]
        return _compiled(f"lambda row, **apart: kind({', '.join(parts)}, **apart)", names)

    def _holding(self, source: str) -> dict[str, str]:
        return {
            said.source.removeprefix(f"{source}."): name
            for name, said in self._told.items()
            if isinstance(said.source, str) and said.source.startswith(f"{source}.")
        }

    def _given_for(self, columns: Iterable[str]) -> set[str]:
        sources = [self._told[name].source for name in columns]
        paths = [path for s in sources for path in (s.paths if isinstance(s, Made) else (s,))]
        return {path.partition(".")[0] for path in paths}

    def _writer(self, given: Iterable[str], columns: Iterable[str]) -> Callable[..., Values]:
        names: dict[str, Any] = {}
        parts = [self._written(name, names) for name in columns]
        return _compiled(f"lambda {', '.join(given)}: ({', '.join(parts)},)", names)

    def _written(self, name: str, names: dict[str, Any]) -> str:
        said, nullable = self._told[name], self.table.c[name].nullable
        if isinstance(said.source, Made):
            names[f"made_{name}"] = said.source.function
            return f"made_{name}({', '.join(said.source.paths)})"
        path = said.source
        if said.form.words:
            # As member.value, which Python looks up far more slowly.
            return f"None if {path} is None else {path}._value_" if nullable else f"{path}._value_"
        if said.form.write is None:
            return path
        names[f"write_{name}"] = said.form.write
        written = f"write_{name}({path})"
        return f"None if {path} is None else {written}" if nullable else written

    def _read(self, name: str, names: dict[str, Any]) -> str:
        form, value = self._told[name].form, f"row[{name!r}]"
        if form.read is None:
            return value
        names[f"read_{name}"] = form.read
        read = f"read_{name}({value})"
        return f"None if {value} is None else {read}" if self.table.c[name].nullable else read


def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else kind._fields


def _compiled(source: str, names: dict[str, Any]) -> Callable[..., Any]:
    """A function of one expression: a closure a column would cost more than the column."""
    return eval(source, {"__builtins__": {}, **names})  # noqa: S307  the text is made of our own tables' classes
