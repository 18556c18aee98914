"""Lists of OKX's read row by row: a row that cannot be read is set aside under its name, and takes no other with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from app.domain.refusals import InvalidValue
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import wire
from app.exchanges.port import Listing, RowKind, Unreadable

REASON_LENGTH_MAX = 300
RAW_LENGTH_MAX = 4096
SUBJECT_LENGTH_MAX = 100

SUBJECTS = {RowKind.BALANCE: "ccy", RowKind.BILL: "ccy"}
"""The member that names what a row is about; instId for the others."""

_MEMBERS: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])

Row = TypeVar("Row", bound=msgspec.Struct)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Row]):
    """A row of a list. row: None when it cannot be read. id: what it is listed under, "" when that cannot be read."""

    id: str
    row: Row | None
    raw: msgspec.Raw
    problem: str = ""


def parse(raw: msgspec.Raw, shape: type[Row], id_name: str) -> Parsed[Row]:
    """One row; id_name: the member that is unique in its list, and that pages are asked for by."""
    try:
        row = wire.read_row(raw, shape)
        return Parsed(getattr(row, id_name) or "", row, raw)
    except ProtocolError as error:
        return Parsed(member(raw, id_name), None, raw, str(error))


def member(raw: msgspec.Raw, name: str) -> str:
    """A member of a row that cannot be read as a whole, "" unless it is a decent piece of text."""
    try:
        value: Any = _MEMBERS.decode(raw).get(name)
    except wire.UNREADABLE:
        return ""
    if isinstance(value, str) and value.isprintable() and len(value) <= SUBJECT_LENGTH_MAX:
        return value
    return ""


def unreadable(kind: RowKind, raw: msgspec.Raw, problem: object) -> Unreadable:
    """A row set aside."""
    text = bytes(raw).decode("utf-8", "replace")[:RAW_LENGTH_MAX]
    return Unreadable(kind, member(raw, SUBJECTS.get(kind, "instId")), f"{kind}: {problem}"[:REASON_LENGTH_MAX], text)


def listing(
    kind: RowKind,
    rows: Iterable[Parsed[Row]],
    make: Callable[[Row], Value | None],
    wanted: Callable[[str], bool] = lambda instrument_type: True,
) -> Listing[Value]:
    """The rows as values; make gives None for what is left out. wanted: whether rows of an instrument type concern us,
    asked of those that cannot be read."""
    found: list[Value] = []
    bad: list[Unreadable] = []
    for parsed in rows:
        problem: object = parsed.problem
        if parsed.row is not None:
            try:
                value = make(parsed.row)
            except (ProtocolError, InvalidValue) as error:
                problem = error
            else:
                if value is not None:
                    found.append(value)
                continue
        if wanted(member(parsed.raw, "instType")):
            bad.append(unreadable(kind, parsed.raw, problem))
    return Listing(found, bad)
