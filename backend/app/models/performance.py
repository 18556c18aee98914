"""The tables of what past trades came to: stretches of history in brief, so that figures need not read every trade.

Nothing here is the truth of anything: all of it comes of trades, fees and entries of the books, and an audit makes it
again. Up to where it holds says the watermark `performance`. Beside app.models.trading.
"""

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.models.columns import JSON, column

__all__ = ["PerformanceFold", "PerformancePart"]


class PerformanceFold(Base):
    """A stretch of history, from_ns <= traded < until_ns, of at most one day's trades.

    basis: what it was made by besides those (services.trading.reports.fold_basis); held: what every book held at its
    end, with its open trips (services.trading.reports.held), from where the next one goes on.
    """

    __tablename__ = "performance_folds"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    until_ns: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    from_ns: Mapped[int] = mapped_column(BigInteger)
    basis: Mapped[str] = column(Text, form=JSON)
    held: Mapped[str] = column(Text, form=JSON)


class PerformancePart(Base):
    """What one series did in a stretch: an instrument, an asset ("asset BTC"), a book, both, or ("" and "") everything.

    figures, bends: domain.performance.stretches.Stretch, and the bends of its path (paths.Bend).
    """

    __tablename__ = "performance_parts"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Text, primary_key=True)
    book: Mapped[str] = mapped_column(Text, primary_key=True)
    until_ns: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    figures: Mapped[str] = column(Text, form=JSON)
    bends: Mapped[str] = column(Text, form=JSON)
