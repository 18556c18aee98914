"""A column is said once: what its table's class says is written and read, and what it does not say is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.domain.events import Event
from app.domain.holdings import Book, Cause, Entry, EntryKind, Lot, Origin
from app.domain.orders import Fill, Liquidity, OrderSide, PositionKey, PositionSide, TradeMode
from app.domain.positions import Position, anchored
from app.models import columns
from app.models.columns import RowType, column, word
from app.models.trading import ExecutionEvent
from app.store import rows
from app.store.statements import EVENT_COLUMNS
from tests.support import store

D = Decimal
TYPES = [value for value in vars(rows).values() if isinstance(value, RowType)]
VENUE_FIGURES = {"mark_price", "unrealised_pnl", "margin", "leverage", "marked_ns"}
"""Of a position, by the exchange: they are no part of what its fills make of it."""

FILL = Fill(
    instrument_id="BTC-USDT-SWAP", trade_id="t1", venue_order_id="v1", side=OrderSide.SELL, price=D("1E-9"),
    size=D("0.10"), time_ns=2**53 + 1, fee=D("-0.1"), fee_currency="USDT", liquidity=Liquidity.MAKER,
    position_side=PositionSide.SHORT, category="adl", trade_mode=TradeMode.ISOLATED, pnl=D("-3.0"),
)  # fmt: skip
ENTRY = Entry(
    "BTC",
    "strategy:a",
    "own",
    EntryKind.TRANSFER,
    D("-1.50"),
    D("3"),
    D("0.25"),
    5,
    Cause("par", "BTC-USDT", "t", "o", "ETH"),
)
BOOK = Book(
    lots=MappingProxyType({Origin.OURS: Lot(D("2.0"), D(1), D(3)), Origin.OPENING: Lot(D(1), D(0), D(0))}),
    owed=MappingProxyType({"z": D("1.0"), "a": D(2)}), owed_ns=7, realised=D("-1.0"), fee_value=D("0.50"),
    fees=MappingProxyType({"USDT": D("0.10")}), unvalued=MappingProxyType({"OKB": D(1)}), fill_count=9, last_ns=11,
    instrument_id="BTC-USDT",
)  # fmt: skip
POSITION = Position(
    "BTC-USDT-SWAP", PositionSide.SHORT, size=D("-1.0"), cost=D("5E+3"), realised_pnl=D("1.10"), fee_value=D("0.2"),
    fees=MappingProxyType({"USDT": D("0.20")}), fill_count=3, last_fill_ns=8, mode=TradeMode.CROSS,
)  # fmt: skip


def there_and_back() -> dict[str, tuple[Any, Callable[[], Any]]]:
    """A value with no field at its default, and what is read of the row that it makes."""
    order = store.request(1)
    fee = {"fee_amount": FILL.fee, "fee_currency": FILL.fee_currency}
    fold = anchored(POSITION, (8, 1, "t", "v"))
    key = POSITION.key
    return {
        "fill": (FILL, lambda: rows.fill_from_row(rows.TRADE.named(rows_order(order), FILL, 1) | fee)),
        "entry": (ENTRY, lambda: rows.entry_from_row(rows.ENTRY.named("main", 1, 2, ENTRY))),
        "book": (BOOK, lambda: rows.book_from_row(rows.BOOK.named("main", "BTC", "own", BOOK))),
        "position": (fold, lambda: rows.fold_from_row(rows.POSITION.named("main", key, fold, None, 3, 4), key)),
    }


def rows_order(request: Any) -> Any:
    return dataclasses.make_dataclass("OrderLike", ["request"])(request)


@pytest.mark.parametrize("name", there_and_back())
def test_what_is_written_is_what_is_read(name: str) -> None:
    value, back = there_and_back()[name]
    assert repr(back()) == repr(value)


@pytest.mark.parametrize("value", [FILL, BOOK, POSITION])
def test_no_field_of_these_is_at_its_default(value: Any) -> None:
    for field in dataclasses.fields(value):
        default = field.default_factory() if callable(field.default_factory) else field.default
        assert getattr(value, field.name) != default, f"{field.name}: a column that is not read would go unseen"


@pytest.mark.parametrize("row_type", TYPES, ids=lambda row_type: row_type.name)
def test_every_column_of_a_row_type_is_written(row_type: RowType) -> None:
    left = {column.name for column in row_type.table.columns} - set(row_type.columns)
    assert left == (VENUE_FIGURES if row_type is rows.POSITION else set())
    assert set(row_type.key).isdisjoint(row_type.changing)


def test_the_journals_columns_are_the_events_own() -> None:
    assert {column.name for column in ExecutionEvent.__table__.columns} == set(EVENT_COLUMNS)
    assert (*Event._fields, "hash") == EVENT_COLUMNS


def test_a_field_that_no_column_holds_is_found() -> None:
    class Longer(Entry):
        _fields = (*Entry._fields, "tax")

    with pytest.raises(TypeError, match=r"holding_entries: no column holds Longer\.tax"):
        rows.ENTRY.loader(Longer, "entry", "cause")


@pytest.fixture
def table() -> Any:
    class Apart(DeclarativeBase):
        pass

    class Made(Apart):
        __tablename__ = "made_for_a_test"
        key: Mapped[str] = column(Text, "key", key=True)
        side: Mapped[str | None] = column(Text, "order.side", word(OrderSide), changes=True)
        beside: Mapped[str | None] = mapped_column(Text)

    return Made


def test_a_source_that_is_not_given_is_found(table: Any) -> None:
    with pytest.raises(
        TypeError, match=r"made_for_a_test: its columns are made of .'key', 'order'., but given are .'key'."
    ):
        RowType(table, "key")
    with pytest.raises(TypeError, match=r"given are .'key', 'more', 'order'."):
        RowType(table, "key", "order", "more")


def test_a_column_that_says_nothing_is_not_written_and_has_no_form(table: Any) -> None:
    made = RowType(table, "key", "order")
    assert (made.columns, made.changing, made.key) == (("key", "side"), ("side",), ("key",))
    assert columns.told(table.__table__.c.beside) is None
    assert made.insert("k", FILL) == ("k", "sell")
    assert made.update("k", dataclasses.replace(FILL, side=None)) == (None, "k")
    assert made.named("k", FILL) == {"key": "k", "side": "sell"}


def test_a_key_of_positions_is_told_by_the_words_of_the_domain() -> None:
    row = rows.STRATEGY_SIZE.named("main", "a", PositionKey("BTC-USDT", PositionSide.LONG, TradeMode.CROSS), D(1))
    assert row == {
        "account": "main", "strategy_id": "a", "instrument_id": "BTC-USDT", "position_side": "long",
        "trade_mode": "cross", "size": D(1),
    }  # fmt: skip
    assert all(type(value) in (str, Decimal) for value in row.values())
