"""Holdings as rows: a book's state, and the entries that made it. Beside app.store.rows."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec

from app.domain.holdings import Book, Cause, Entry, EntryKind, Lot, Origin

BOOK_KEY = ("account", "asset", "book")
BOOK_CHANGING = (
    "quantity",
    "priced",
    "cost",
    "lots",
    "owed",
    "owed_ns",
    "realised",
    "fee_value",
    "fees",
    "unvalued",
    "fill_count",
    "last_ns",
    "instrument_id",
)
ENTRY_COLUMNS = (
    "account",
    "entry",
    "seq",
    "asset",
    "book",
    "by_book",
    "kind",
    "quantity",
    "value",
    "realised",
    "at_ns",
    "source",
    "instrument_id",
    "trade_id",
    "exchange_order_id",
    "traded",
)

_encode = msgspec.json.Encoder(decimal_format="string").encode
# The order of lots and debts is part of the state: what a division leaves goes to the last.
_lots = msgspec.json.Decoder(dict[Origin, tuple[Decimal, Decimal, Decimal]]).decode
_amounts = msgspec.json.Decoder(dict[str, Decimal]).decode


def book_values(book: Book) -> tuple[Any, ...]:
    """The columns of BOOK_CHANGING."""
    whole = book.whole
    return (
        whole.quantity,
        whole.priced,
        whole.cost,
        _encode({origin.value: (lot.quantity, lot.priced, lot.cost) for origin, lot in book.lots.items()}).decode(),
        _encode(dict(book.owed)).decode(),
        book.owed_ns,
        book.realised,
        book.fee_value,
        _encode(dict(book.fees)).decode(),
        _encode(dict(book.unvalued)).decode(),
        book.fill_count,
        book.last_ns,
        book.instrument_id,
    )


def book_from_row(row: Mapping[str, Any]) -> Book:
    return Book(
        lots=MappingProxyType({origin: Lot(*lot) for origin, lot in _lots(row["lots"]).items()}),
        owed=MappingProxyType(_amounts(row["owed"])),
        owed_ns=row["owed_ns"],
        realised=row["realised"],
        fee_value=row["fee_value"],
        fees=MappingProxyType(_amounts(row["fees"])),
        unvalued=MappingProxyType(_amounts(row["unvalued"])),
        fill_count=row["fill_count"],
        last_ns=row["last_ns"],
        instrument_id=row["instrument_id"],
    )


def entry_values(account: str, number: int, seq: int, entry: Entry) -> tuple[Any, ...]:
    """The columns of ENTRY_COLUMNS."""
    cause = entry.cause
    return (
        account,
        number,
        seq,
        entry.asset,
        entry.book,
        entry.by,
        entry.kind.value,
        entry.quantity,
        entry.value,
        entry.realised,
        entry.time_ns,
        *cause,
    )


def entry_from_row(row: Mapping[str, Any]) -> Entry:
    return Entry(
        row["asset"],
        row["book"],
        row["by_book"],
        EntryKind(row["kind"]),
        row["quantity"],
        row["value"],
        row["realised"],
        row["at_ns"],
        Cause(row["source"], row["instrument_id"], row["trade_id"], row["exchange_order_id"], row["traded"]),
    )
