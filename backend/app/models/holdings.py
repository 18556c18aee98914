"""The tables of what is held by asset and book. Beside app.models.trading."""

from decimal import Decimal

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.trading import Base
from app.models.types import Money

__all__ = ["Base", "HoldingBook", "HoldingEntry"]


class HoldingBook(Base):
    """One book's part of what is held of an asset, as the fold of its entries (app.domain.holdings.Book).

    priced: the part of quantity whose cost is known. cost, realised and fee_value: in the currency that costs are
    counted in (event holdings.begun). lots, owed, fees, unvalued: JSON.
    """

    __tablename__ = "holding_books"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    asset: Mapped[str] = mapped_column(Text, primary_key=True)
    book: Mapped[str] = mapped_column(Text, primary_key=True)
    quantity: Mapped[Decimal] = mapped_column(Money)
    priced: Mapped[Decimal] = mapped_column(Money)
    cost: Mapped[Decimal] = mapped_column(Money)
    lots: Mapped[str] = mapped_column(Text)
    owed: Mapped[str] = mapped_column(Text)
    owed_ns: Mapped[int] = mapped_column(BigInteger)
    realised: Mapped[Decimal] = mapped_column(Money)
    fee_value: Mapped[Decimal] = mapped_column(Money)
    fees: Mapped[str] = mapped_column(Text)
    unvalued: Mapped[str] = mapped_column(Text)
    fill_count: Mapped[int] = mapped_column(BigInteger)
    last_ns: Mapped[int] = mapped_column(BigInteger)
    instrument_id: Mapped[str] = mapped_column(Text)


class HoldingEntry(Base):
    """One change of one book (app.domain.holdings.Entry), never changed; seq: the event that tells it.

    value: what the quantity was worth when it moved, None where nobody knew; source: how that was found. at_ns: the
    time of its fill or bill.
    """

    __tablename__ = "holding_entries"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    asset: Mapped[str] = mapped_column(Text)
    book: Mapped[str] = mapped_column(Text)
    by_book: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(Money)
    value: Mapped[Decimal | None] = mapped_column(Money)
    realised: Mapped[Decimal] = mapped_column(Money)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    instrument_id: Mapped[str] = mapped_column(Text)
    trade_id: Mapped[str] = mapped_column(Text)
    exchange_order_id: Mapped[str] = mapped_column(Text)
    traded: Mapped[str] = mapped_column(Text)
