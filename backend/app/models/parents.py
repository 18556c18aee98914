"""The tables of parent orders and their steps. Beside app.models.trading."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.parents import ParentStatus
from app.models.base import Base
from app.models.columns import JSON, column, word


class ParentOrder(Base):
    """An order that an execution strategy works: the row is the state (app.domain.parents)."""

    __tablename__ = "parent_orders"

    parent_id: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text)
    strategy: Mapped[str] = mapped_column(Text)
    config: Mapped[str] = column(Text, form=JSON)
    params: Mapped[str] = column(Text, form=JSON)
    status: Mapped[str] = column(Text, form=word(ParentStatus))
    reason: Mapped[str | None] = mapped_column(Text)
    next_step: Mapped[int] = mapped_column(Integer)
    is_open: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = column(Text, form=JSON)
    created_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_parents_created", "account", "created_ns"),
        Index(
            "ix_parents_open", "account", "is_open", sqlite_where=text("is_open = 1"), postgresql_where=text("is_open")
        ),
    )


class ParentStep(Base):
    """One decided step of a parent, a row before it is an act; a place step names its one child for ever."""

    __tablename__ = "parent_steps"

    parent_id: Mapped[str] = mapped_column(ForeignKey("parent_orders.parent_id"), primary_key=True)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    order_id: Mapped[str | None] = mapped_column(Text)
    client_order_id: Mapped[str | None] = mapped_column(Text)
    content: Mapped[str] = column(Text, form=JSON)
    decided_ns: Mapped[int] = mapped_column(BigInteger)
