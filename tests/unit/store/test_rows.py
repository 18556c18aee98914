"""A column is said once: what its table's class says is written and read, and what it does not say is found."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.domain.arrivals import Arrival
from app.domain.conditions import Condition, Watched
from app.domain.decisions import Decision
from app.domain.events import Event
from app.domain.holdings import Book, Cause, Entry, EntryKind, Lot, Origin
from app.domain.instruments import SizeUnit
from app.domain.order_words import Part
from app.domain.orders import (
    Amendment,
    Ending,
    Fill,
    Liquidity,
    Order,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionKey,
    PositionSide,
    TradeMode,
)
from app.domain.parents import OnRestart, ParentOrder, ParentStatus
from app.domain.positions import Position, anchored
from app.domain.refusals import Refusal, RefusalClass
from app.models import columns
from app.models.columns import RowType, column, word
from app.models.trading import ExecutionEvent
from app.services.trading.parents.records import parent_row
from app.store import rows
from app.store.rows import parent_from_row
from app.store.statements import EVENT_COLUMNS

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

CONDITION = Condition(D("5E-9"), D("1E-9"), Watched.MARK)
REQUEST = OrderRequest(
    "o1", "main", "c1", "BTC-USDT-SWAP", OrderSide.SELL, OrderType.IOC, D("0.50"), SizeUnit.CONTRACTS, D("1E-9"),
    TradeMode.ISOLATED, 2**53 + 1, PositionSide.SHORT, True, D("2E-9"), "alpha", "p1", 3, 2**60, True, CONDITION,
    Decision(4, D("2E-9")),
)  # fmt: skip
AMENDMENT = Amendment("r1", D("1.0"), None, 5, 6, CONDITION)
ORDER = Order(
    request=REQUEST, size=D("0.60"), price=D("3E-9"), sent=True, unanswered=True, acknowledged=True,
    venue_order_id="v1", ending=Ending.REJECTED, reported_filled=D("0.10"), fills=MappingProxyType({FILL.key: FILL}),
    filled=D("0.10"), cost=D("1E-10"), terms_ns=1, cancel_requested=True, amendments=(AMENDMENT,),
    settled_amendments=frozenset({"b", "a"}), error_code="51008", error_message="no \x00 funds", cancel_source="20",
    reasons=(Refusal("balance", "size", "0.6", "is too much"),), sent_ns=2, acknowledged_ns=3, completed_ns=4,
    updated_ns=5, filled_before=D("0.010"), refusal=RefusalClass.PASSING, exit=True, asked=((1, AMENDMENT),),
    asked_before=2, terms_done=1, terms_filled=D("0.1"), terms_asked=1, terms_read=9, protects=True,
    condition=dataclasses.replace(CONDITION, stop_loss=None), condition_ns=6,
    parts=(Part("v1", D("0.30"), D("0.10"), Ending.FILLED), Part("v2")), made=("v1", "v2"),
)  # fmt: skip

PARENT = ParentOrder(
    "P1", "main", "BTC-USDT-SWAP", OrderSide.SELL, D("2.50"), "twap", '{"duration":60}', D("1E-9"), 1, 2, 3, 4,
    TradeMode.ISOLATED, PositionSide.LONG, True, "alpha", OnRestart.CANCEL, ParentStatus.SUSPENDED, 5, D("0.10"),
    "why", 6, 7, D("3.0"), 1, True, Arrival(D("1.0"), D(2), D("1.1"), D(3), 8, 9, D("4.0"), D(5)),
    10, D("1.20"), D("-0.10"), ("a", "b_c"), 11, D("0.20"), 12, ((13, 14), (15, 17)), 3, D("5E+3"),
    extreme=D("48000.5"), extreme_ns=18, entry_id="P2", entry_over=True, arm="a", signal_seq=19,
)  # fmt: skip


def there_and_back() -> dict[str, tuple[Any, Callable[[], Any]]]:
    """A value with no field at its default, and what is read of the row that it makes."""
    fee = {"fee_amount": FILL.fee, "fee_currency": FILL.fee_currency}
    fold = anchored(POSITION, (8, 1, "t", "v"))
    key = POSITION.key
    return {
        "order": (ORDER, lambda: rows.order_from_row(rows.ORDER.named(ORDER, "hash", None), [FILL])),
        "parent": (PARENT, lambda: parent_from_row(parent_row(PARENT, 3))),
        "fill": (FILL, lambda: rows.fill_from_row(rows.TRADE.named(ORDER, FILL, 1) | fee)),
        "entry": (ENTRY, lambda: rows.entry_from_row(rows.ENTRY.named("main", 1, 2, ENTRY))),
        "book": (BOOK, lambda: rows.book_from_row(rows.BOOK.named("main", "BTC", "own", BOOK))),
        "position": (fold, lambda: rows.fold_from_row(rows.POSITION.named("main", key, fold, None, 3, 4), key)),
    }


@pytest.mark.parametrize("name", there_and_back())
def test_what_is_written_is_what_is_read(name: str) -> None:
    value, back = there_and_back()[name]
    assert digits(back()) == digits(value)


def digits(value: object) -> str:
    """To the digit, which equality would not be; a set has no order."""
    return re.sub(r"frozenset\(\{(.*?)\}\)", lambda found: str(sorted(found[1].split(", "))), repr(value))


@pytest.mark.parametrize("value", [FILL, BOOK, POSITION, ORDER, REQUEST, AMENDMENT, PARENT])
def test_no_field_of_these_is_at_its_default(value: Any) -> None:
    for field in dataclasses.fields(value):
        default = field.default_factory() if callable(field.default_factory) else field.default
        assert getattr(value, field.name) != default, f"{field.name}: a column that is not read would go unseen"


@pytest.mark.parametrize("row_type", TYPES, ids=lambda row_type: row_type.name)
def test_every_column_of_a_row_type_is_written(row_type: RowType) -> None:
    left = {column.name for column in row_type.table.columns} - set(row_type.columns)
    assert left == (VENUE_FIGURES if row_type is rows.POSITION else set())
    assert set(row_type.key).isdisjoint(row_type.changing)


def test_a_changed_order_does_not_write_its_request_again() -> None:
    request = set(rows.ORDER.of("order.request"))
    assert request.isdisjoint(rows.ORDER.changing)
    assert REQUEST.order_id in rows.ORDER.update(ORDER), "it is found by its key"
    for value in (REQUEST.client_order_id, REQUEST.strategy_id, REQUEST.parent_id, str(REQUEST.created_ns)):
        assert str(value) not in repr(rows.ORDER.update(ORDER))
    assert {field.name for field in dataclasses.fields(OrderRequest)} == {
        rows.ORDER.source_of(name).removeprefix("order.request.") for name in request
    }


def test_amounts_that_are_zero_are_left_out_however_they_are_written() -> None:
    zeros = {"filled": D("0.00"), "cost": D(0), "reported_filled": D("0E-9"), "filled_before": D("-0")}
    none = dataclasses.replace(ORDER, parts=(), **zeros)
    bare = rows.ORDER.named(none, "hash", None)["facts"]
    assert all(f'"{name}"' not in bare for name in ("filled", "cost", "reported_filled", "filled_before"))
    assert (
        rows.ORDER.named(rows.order_from_row(rows.ORDER.named(none, "hash", None), []), "hash", None)["facts"] == bare
    )


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
