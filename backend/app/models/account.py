"""The tables of the account itself: who owns and writes it, its money and its days, how far its histories were read.

Rows that are given by name (app.store.group.PlainRow) say no source. Beside app.models.trading.
"""

from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.alerts import AlertAction, AlertSeverity, AlertState
from app.domain.approvals import Act, ApprovalState
from app.domain.orders import PositionSide, TradeMode
from app.models.base import Base
from app.models.columns import JSON, UNKNOWN_MODE, column, word
from app.models.types import Money


class AccountRow(Base):
    """The account that this database was made for; another exchange or uid is refused at start."""

    __tablename__ = "accounts"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    exchange: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    uid: Mapped[str] = mapped_column(Text)
    installation: Mapped[str] = mapped_column(Text)
    created_ns: Mapped[int] = mapped_column(BigInteger)


class Lease(Base):
    """Who may write for an account: every commit renews seq under its epoch, or fails (INVARIANTS S8)."""

    __tablename__ = "leases"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(Text)
    seq: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)


class CashMovement(Base):
    """A change of a currency's balance that no fill explains: opening, rounding, unexplained, or a bill of the venue
    (funding, interest, transfer, ...).

    price: what one unit was worth in the valuation currency when it came (declared or marked), None if unknown.
    bill_id: the venue's; the database takes each once. equity: what the account was worth just before, in the valuation
    currency; NULL at the founding and in rows of before that was kept (of funding and fees later than of transfers).
    """

    __tablename__ = "cash_movements"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    movement: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    currency: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Money)
    kind: Mapped[str] = mapped_column(Text)
    instrument_id: Mapped[str | None] = mapped_column(Text)
    price: Mapped[Decimal | None] = mapped_column(Money)
    note: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    bill_id: Mapped[str | None] = mapped_column(Text)
    equity: Mapped[Decimal | None] = mapped_column(Money)

    __table_args__ = (
        Index("ix_cash_movements_at", "account", "at_ns"),
        Index("ux_cash_movements_bill", "account", "bill_id", unique=True),
    )


class BalanceRow(Base):
    """A currency's balance by the ledger: movements plus the legs and fees of all trades."""

    __tablename__ = "balances"

    account: Mapped[str] = column(Text, "account", key=True)
    currency: Mapped[str] = column(Text, "currency", key=True)
    total: Mapped[Decimal] = column(Money, "total", changes=True)
    venue_total: Mapped[Decimal | None] = column(Money, "venue_total", changes=True)
    updated_ns: Mapped[int] = column(BigInteger, "updated_ns", changes=True)


class StrategyHolding(Base):
    """What a strategy holds by its own fills: what its CLOSE closes."""

    __tablename__ = "strategy_holdings"

    account: Mapped[str] = column(Text, "account", key=True)
    strategy_id: Mapped[str] = column(Text, "strategy_id", key=True)
    instrument_id: Mapped[str] = column(Text, "key.instrument_id", key=True)
    position_side: Mapped[str] = column(Text, "key.side", word(PositionSide), key=True)
    trade_mode: Mapped[str] = column(Text, "key.mode", word(TradeMode, UNKNOWN_MODE), key=True)
    size: Mapped[Decimal] = column(Money, "size", changes=True)


class EquityDay(Base):
    """Equity at the start of a UTC day (00:00, or the first moment of the day that we saw).

    parts: what it was made of, as JSON (services.trading.account.day_figures.DayParts); null in days of earlier
    releases.
    """

    __tablename__ = "equity_days"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    equity: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[str | None] = mapped_column(Text)


class KillSwitchRow(Base):
    """Engaged means: no new order and no amend, whatever asks; cancels go on. Survives restarts."""

    __tablename__ = "kill_switch"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    engaged: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    principal: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class ApiKeyRow(Base):
    """A named key of the API (domain.access_keys.Key): its SHA-256, never itself. used_ns: when it last opened, written
    a minute late and told by no event."""

    __tablename__ = "api_keys"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    key_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    scopes: Mapped[str] = column(Text, form=JSON)
    limits: Mapped[str] = column(Text, form=JSON)
    addresses: Mapped[str] = column(Text, form=JSON)
    environment: Mapped[str] = mapped_column(Text)
    created_ns: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(Text)
    expires_ns: Mapped[int | None] = mapped_column(BigInteger)
    disabled: Mapped[bool] = mapped_column(Boolean)
    revoked_ns: Mapped[int | None] = mapped_column(BigInteger)
    used_ns: Mapped[int | None] = mapped_column(BigInteger)


class ApprovalRow(Base):
    """What one person asked for and a second one lets happen (domain.approvals.Approval)."""

    __tablename__ = "approvals"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    approval_id: Mapped[str] = mapped_column(Text, primary_key=True)
    act: Mapped[str] = column(Text, form=word(Act))
    subject: Mapped[str] = mapped_column(Text)
    wanted: Mapped[str] = column(Text, form=JSON)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_ns: Mapped[int] = mapped_column(BigInteger)
    expires_ns: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = column(Text, form=word(ApprovalState))
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_ns: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)


class AlertRow(Base):
    """What a rule found out of bounds, from its firing to its end (domain.alerts.Alert)."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_fired", "account", "fired_ns"),)

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    alert_id: Mapped[str] = mapped_column(Text, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = column(Text, form=word(AlertSeverity))
    action: Mapped[str] = column(Text, form=word(AlertAction))
    what: Mapped[str] = mapped_column(Text)
    advice: Mapped[str] = mapped_column(Text)
    fired_ns: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = column(Text, form=word(AlertState))
    acknowledged_by: Mapped[str | None] = mapped_column(Text)
    acknowledged_ns: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text)
    resolved_ns: Mapped[int | None] = mapped_column(BigInteger)


class StrategyState(Base):
    """What a strategy of one's own keeps over restarts, told by no event. cursor: the newest event whose fill its state
    has seen; standing: services.strategies.running.Standing; reason: of that."""

    __tablename__ = "strategy_states"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    strategy_id: Mapped[str] = mapped_column(Text, primary_key=True)
    cursor: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = column(Text, form=JSON)
    standing: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class Watermark(Base):
    """How far a venue history has been read and committed."""

    __tablename__ = "watermarks"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class NoticePlace(Base):
    """Up to which event a rule has told its channel; told by no event."""

    __tablename__ = "notice_places"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    rule: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class Quarantine(Base):
    """A venue message that could not be read or applied, kept with its raw text."""

    __tablename__ = "quarantine"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class IdempotentRequest(Base):
    """A POST that was answered: the same key and body get the same answer, another body is refused."""

    __tablename__ = "idempotent_requests"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    body_hash: Mapped[str] = mapped_column(Text)
    order_id: Mapped[str | None] = mapped_column(Text)
    status_code: Mapped[int | None] = mapped_column(Integer)
    response: Mapped[str | None] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)
