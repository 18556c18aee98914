"""The rarely written tables, row by row, for the API, the command line and read-only servers."""

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from app.domain.access_keys import KeyCharge
from app.domain.alerts import AlertState
from app.domain.approvals import Act
from app.models.parents import tagged
from app.models.trading import (
    AccountRow,
    AlertRow,
    ApprovalRow,
    CashMovement,
    EquityDay,
    IdempotentRequest,
    Lease,
    NoticePlace,
    ParentOrder,
    Position,
    Quarantine,
    StrategyState,
)
from app.store.database import Database
from app.store.queries_account import OpenParent, parent_with_children
from app.store.queries_base import PAGE_MAX, Row, mappings, of_account, page_limit, snapshot
from app.store.queries_keys import newest_approvals, read_charges, read_keys


def accounts(database: Database) -> list[Row]:
    """Every account that this database was made for."""
    with database.reading() as connection:
        return mappings(connection, sa.select(AccountRow.__table__).order_by(AccountRow.account))


def idempotent(database: Database, account: str, key: str) -> Row | None:
    """The answer that was given to an idempotency key, None when it was never used."""
    return _one(
        database, IdempotentRequest.__table__, IdempotentRequest.account == account, IdempotentRequest.key == key
    )


def old_requests(database: Database, account: str, before_ns: int, limit: int) -> list[str]:
    """Idempotency keys that were first used before an instant, some of them."""
    table = IdempotentRequest.__table__
    wanted = sa.select(table.c.key).where(table.c.account == account, table.c.at_ns < before_ns).limit(limit)
    with database.reading() as connection:
        return [row["key"] for row in mappings(connection, wanted)]


def lease(database: Database, account: str) -> Row | None:
    """Who may write for the account; None when nobody ever did."""
    return _one(database, Lease.__table__, Lease.account == account)


def api_keys(database: Database, account: str) -> list[Row]:
    """The rows of the named keys of the API."""
    with database.reading() as connection:
        return read_keys(connection, account)


def key_charges(database: Database, account: str, now_ns: int) -> list[KeyCharge]:
    """What the orders of the keys with a daily limit count for, by what the database has."""
    with database.reading() as connection:
        return read_charges(connection, account, read_keys(connection, account), now_ns)


def approvals(database: Database, account: str, acts: Collection[Act], limit: int) -> list[Row]:
    """The rows of what was asked of a second person of these acts, newest first."""
    with database.reading() as connection:
        return newest_approvals(connection, account, acts, limit)


def approval(database: Database, account: str, approval_id: str) -> Row | None:
    """The row of what was asked for under this id."""
    table = ApprovalRow.__table__
    return _one(database, table, ApprovalRow.account == account, ApprovalRow.approval_id == approval_id)


def alerts(database: Database, account: str, *, open_only: bool = False, limit: int = 200) -> list[Row]:
    """The rows of what fired last, newest first."""
    statement = of_account(AlertRow, account)
    if open_only:
        statement = statement.where(AlertRow.state != AlertState.RESOLVED.value)
    statement = statement.order_by(AlertRow.fired_ns.desc(), AlertRow.alert_id)
    with database.reading() as connection:
        return mappings(connection, statement.limit(limit))


def notice_places(database: Database, account: str) -> dict[tuple[str, str], int]:
    """Up to which event each rule has told its channel, by (rule, channel)."""
    table = NoticePlace.__table__
    with database.reading() as connection:
        found = mappings(connection, sa.select(table).where(NoticePlace.account == account))
    return {(row["rule"], row["channel"]): row["seq"] for row in found}


def strategy_state(database: Database, account: str, strategy_id: str) -> Row | None:
    """What a strategy of one's own has kept."""
    own = (StrategyState.account == account, StrategyState.strategy_id == strategy_id)
    return _one(database, StrategyState.__table__, *own)


def parents(
    database: Database,
    account: str,
    *,
    open_only: bool = False,
    tag: str | None = None,
    before: tuple[int, str] | None = None,
    limit: int = 100,
) -> list[Row]:
    """Parent orders, newest first. tag: those that bear it. before: (created_ns, parent_id) of the last one of the page
    before."""
    statement = of_account(ParentOrder, account)
    if open_only:
        statement = statement.where(ParentOrder.is_open == sa.true())
    if tag is not None:
        statement = statement.where(sa.or_(*(ParentOrder.params.like(each, escape="!") for each in tagged(tag))))
    place = (ParentOrder.created_ns, ParentOrder.parent_id)
    if before is not None:
        statement = statement.where(sa.tuple_(*place) < sa.tuple_(*before))
    statement = statement.order_by(*(column.desc() for column in place)).limit(page_limit(limit))
    with database.reading() as connection:
        return mappings(connection, statement)


def parent(database: Database, account: str, parent_id: str) -> OpenParent | None:
    """One parent, open or over, with its steps and children; None when there is none."""
    statement = sa.select(ParentOrder.__table__).where(
        ParentOrder.account == account, ParentOrder.parent_id == parent_id
    )
    with snapshot(database) as connection:
        found = mappings(connection, statement)
        return parent_with_children(connection, found[0]) if found else None


def open_parents(database: Database, account: str, more: Iterable[str] = ()) -> dict[str, OpenParent]:
    """Every parent that is open, and these, with their steps and children."""
    wanted, before = dict.fromkeys(more), None
    while rows := parents(database, account, open_only=True, before=before):
        wanted.update(dict.fromkeys(row["parent_id"] for row in rows))
        before = (rows[-1]["created_ns"], rows[-1]["parent_id"])
    found = {parent_id: parent(database, account, parent_id) for parent_id in wanted}
    return {parent_id: loaded for parent_id, loaded in found.items() if loaded is not None}


def equity_days(database: Database, account: str, *, since_day: str = "", until_day: str = "9999-12-31") -> list[Row]:
    """Equity at the start of each day from since_day to until_day ("2026-11-22", both included), oldest first."""
    statement = sa.select(EquityDay.__table__).where(
        EquityDay.account == account, EquityDay.day.between(since_day, until_day)
    )
    with database.reading() as connection:
        return mappings(connection, statement.order_by(EquityDay.day))


def cash_movements(database: Database, account: str, *, after: int = 0, limit: int = 500) -> list[Row]:
    """Cash movements with a higher number, oldest first."""
    statement = sa.select(CashMovement.__table__).where(CashMovement.account == account, CashMovement.movement > after)
    with database.reading() as connection:
        return mappings(connection, statement.order_by(CashMovement.movement).limit(page_limit(limit)))


def booked_bills(database: Database, account: str, bill_ids: Sequence[str]) -> set[str]:
    """Which of these bills are cash movements already."""
    found: set[str] = set()
    with database.reading() as connection:
        for start in range(0, len(bill_ids), PAGE_MAX):
            wanted = CashMovement.bill_id.in_(bill_ids[start : start + PAGE_MAX])
            statement = sa.select(CashMovement.bill_id).where(CashMovement.account == account, wanted)
            found.update(bill_id for (bill_id,) in connection.execute(statement) if bill_id is not None)
    return found


def positions(database: Database, account: str, *, instrument_id: str = "") -> list[Row]:
    """Positions with the venue's figures beside them; flat ones too."""
    statement = of_account(Position, account)
    if instrument_id:
        statement = statement.where(Position.instrument_id == instrument_id)
    with database.reading() as connection:
        return mappings(
            connection, statement.order_by(Position.instrument_id, Position.position_side, Position.trade_mode)
        )


def quarantine(database: Database, account: str, *, after_seq: int = 0, limit: int = 500) -> list[Row]:
    """Venue messages that could not be read or applied, oldest first."""
    statement = sa.select(Quarantine.__table__).where(Quarantine.account == account, Quarantine.seq > after_seq)
    with database.reading() as connection:
        return mappings(connection, statement.order_by(Quarantine.seq).limit(page_limit(limit)))


def _one(database: Database, table: sa.FromClause, *conditions: ColumnElement[bool]) -> Row | None:
    with database.reading() as connection:
        found = mappings(connection, sa.select(table).where(*conditions))
    return found[0] if found else None
