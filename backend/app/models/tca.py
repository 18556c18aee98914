"""The tables of transaction costs: what the market was when orders were sent, filled and over. Beside the journal.

What is looked at, not what is decided: no event tells these rows, and no audit asks for them
(docs/decisions/0026-marks-stand-beside-the-journal.md). `marks`: a list of app.domain.tca.marks.Mark as JSON.
"""

from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Index, Text, text
from sqlalchemy.orm import Mapped

from app.models.base import Base
from app.models.columns import JSON, Form, column, made, to_json
from app.models.types import Money

MARK = Form(to_json, json=True)


class TcaWindow(Base):
    """The market of one order or parent order, from its beginning to its end.

    kind: order, child (of a parent; it has the touch at its send and nothing else) or execution. bid, ask: when it was
    sent, or accepted; NULL where the book could not be used. walk_price, square_root_bps: what it would cost, by the
    book and by the square-root law, as of then. traded_size, traded_other: domain.tca.vwap.Traded, own prints among it;
    mid_area, seen_ns: domain.tca.twap.MidIntegral. started_ns, ended_ns: by our clock, of which the exchange's was
    ahead_ns ahead at the end (NULL where nobody noted it). decision: a Mark, 0 after it was decided, where who did told
    no price. is_open: more is to be written.
    """

    __tablename__ = "tca_windows"

    account: Mapped[str] = column(Text, "account", key=True)
    subject_id: Mapped[str] = column(Text, "window.subject_id", key=True)
    kind: Mapped[str] = column(Text, "window.kind", changes=True)
    instrument_id: Mapped[str] = column(Text, "window.instrument_id", changes=True)
    started_ns: Mapped[int] = column(BigInteger, "window.started_ns", changes=True)
    bid: Mapped[Decimal | None] = column(Money, "window.bid", changes=True)
    ask: Mapped[Decimal | None] = column(Money, "window.ask", changes=True)
    walk_price: Mapped[Decimal | None] = column(Money, "window.walk_price", changes=True)
    square_root_bps: Mapped[Decimal | None] = column(Money, "window.square_root_bps", changes=True)
    traded_size: Mapped[Decimal] = column(Money, "window.size", changes=True)
    traded_other: Mapped[Decimal] = column(Money, "window.other", changes=True)
    mid_area: Mapped[Decimal] = column(Money, "seen.area", changes=True)
    seen_ns: Mapped[int] = column(BigInteger, "seen.seen_ns", changes=True)
    ended_ns: Mapped[int | None] = column(BigInteger, "window.ended_ns", changes=True)
    end_mid: Mapped[Decimal | None] = column(Money, "window.end_mid", changes=True)
    marks: Mapped[str] = column(Text, made(to_json, "window.marks"), JSON, changes=True)
    decision: Mapped[str | None] = column(Text, "window.decision", MARK, changes=True)
    ahead_ns: Mapped[int | None] = column(BigInteger, "window.ahead_ns", changes=True)
    is_open: Mapped[bool] = column(Boolean, "is_open", changes=True)

    __table_args__ = (
        Index(
            "ix_tca_windows_open",
            "account",
            "is_open",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(
            "ix_tca_windows_ended",
            "account",
            "ended_ns",
            "subject_id",
            sqlite_where=text("ended_ns IS NOT NULL"),
            postgresql_where=text("ended_ns IS NOT NULL"),
        ),
    )


class TcaFill(Base):
    """The market of one fill. mid: just before it; NULL where nobody saw it. fee_rate: of one unit of a fee in a third
    currency, in that of the costs, then. traded_ns: by the exchange's clock, which was ahead_ns ahead of ours.
    is_open: marks are to come."""

    __tablename__ = "tca_fills"

    account: Mapped[str] = column(Text, "account", key=True)
    instrument_id: Mapped[str] = column(Text, "watched.instrument_id", key=True)
    trade_id: Mapped[str] = column(Text, "watched.trade_id", key=True)
    exchange_order_id: Mapped[str] = column(Text, "watched.venue_order_id", key=True)
    order_id: Mapped[str] = column(Text, "watched.order_id", changes=True)
    traded_ns: Mapped[int] = column(BigInteger, "watched.traded_ns", changes=True)
    mid: Mapped[Decimal | None] = column(Money, "watched.mid", changes=True)
    fee_rate: Mapped[Decimal | None] = column(Money, "watched.fee_rate", changes=True)
    marks: Mapped[str] = column(Text, made(to_json, "watched.marks"), JSON, changes=True)
    ahead_ns: Mapped[int | None] = column(BigInteger, "watched.ahead_ns", changes=True)
    is_open: Mapped[bool] = column(Boolean, "is_open", changes=True)

    __table_args__ = (
        Index("ix_tca_fills_order", "order_id"),
        Index("ix_tca_fills_traded", "account", "traded_ns"),
        Index(
            "ix_tca_fills_open",
            "account",
            "is_open",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
    )
