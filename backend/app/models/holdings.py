"""The tables of what is held by asset and book. Beside app.models.trading."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import msgspec
from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.orm import Mapped

from app.domain.holdings import EntryKind, Lot, Origin
from app.models.columns import AMOUNTS_IN_ORDER, Form, column, to_json, word
from app.models.trading import Base
from app.models.types import Money

__all__ = ["Base", "HoldingBook", "HoldingEntry"]

_lots = msgspec.json.Decoder(dict[Origin, tuple[Decimal, Decimal, Decimal]]).decode


def _write_lots(lots: Mapping[Origin, Lot]) -> str:
    return to_json({origin.value: tuple(lot) for origin, lot in lots.items()})


def _read_lots(text: str) -> Mapping[Origin, Lot]:
    return MappingProxyType({origin: Lot(*lot) for origin, lot in _lots(text).items()})


# The order of lots and debts is part of the state: what a division leaves goes to the last.
LOTS = Form(_write_lots, _read_lots, json=True)


class HoldingBook(Base):
    """One book's part of what is held of an asset, as the fold of its entries (app.domain.holdings.Book).

    priced: the part of quantity whose cost is known. cost, realised and fee_value: in the currency that costs are
    counted in (event holdings.begun). lots, owed, fees, unvalued: JSON.
    """

    __tablename__ = "holding_books"

    account: Mapped[str] = column(Text, "account", key=True)
    asset: Mapped[str] = column(Text, "asset", key=True)
    book: Mapped[str] = column(Text, "name", key=True)
    quantity: Mapped[Decimal] = column(Money, "book.whole.quantity", changes=True)
    priced: Mapped[Decimal] = column(Money, "book.whole.priced", changes=True)
    cost: Mapped[Decimal] = column(Money, "book.whole.cost", changes=True)
    lots: Mapped[str] = column(Text, "book.lots", LOTS, changes=True)
    owed: Mapped[str] = column(Text, "book.owed", AMOUNTS_IN_ORDER, changes=True)
    owed_ns: Mapped[int] = column(BigInteger, "book.owed_ns", changes=True)
    realised: Mapped[Decimal] = column(Money, "book.realised", changes=True)
    fee_value: Mapped[Decimal] = column(Money, "book.fee_value", changes=True)
    fees: Mapped[str] = column(Text, "book.fees", AMOUNTS_IN_ORDER, changes=True)
    unvalued: Mapped[str] = column(Text, "book.unvalued", AMOUNTS_IN_ORDER, changes=True)
    fill_count: Mapped[int] = column(BigInteger, "book.fill_count", changes=True)
    last_ns: Mapped[int] = column(BigInteger, "book.last_ns", changes=True)
    instrument_id: Mapped[str] = column(Text, "book.instrument_id", changes=True)


class HoldingEntry(Base):
    """One change of one book (app.domain.holdings.Entry), never changed; seq: the event that tells it.

    value: what the quantity was worth when it moved, None where nobody knew; source: how that was found. at_ns: the
    time of its fill or bill.
    """

    __tablename__ = "holding_entries"

    account: Mapped[str] = column(Text, "account", key=True)
    entry: Mapped[int] = column(BigInteger, "number", key=True)
    seq: Mapped[int] = column(BigInteger, "seq")
    asset: Mapped[str] = column(Text, "entry.asset")
    book: Mapped[str] = column(Text, "entry.book")
    by_book: Mapped[str] = column(Text, "entry.by")
    kind: Mapped[str] = column(Text, "entry.kind", word(EntryKind))
    quantity: Mapped[Decimal] = column(Money, "entry.quantity")
    value: Mapped[Decimal | None] = column(Money, "entry.value")
    realised: Mapped[Decimal] = column(Money, "entry.realised")
    at_ns: Mapped[int] = column(BigInteger, "entry.time_ns")
    source: Mapped[str] = column(Text, "entry.cause.source")
    instrument_id: Mapped[str] = column(Text, "entry.cause.instrument_id")
    trade_id: Mapped[str] = column(Text, "entry.cause.trade_id")
    exchange_order_id: Mapped[str] = column(Text, "entry.cause.order_id")
    traded: Mapped[str] = column(Text, "entry.cause.traded")

    __table_args__ = (Index("ix_holding_entries_at", "account", "at_ns", "entry"),)
