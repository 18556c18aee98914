"""The rarely written tables, row by row, for the API, the command line and read-only servers."""

import functools
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from app.domain.access_keys import KeyCharge
from app.domain.alerts import AlertState
from app.domain.approvals import Act
from app.models.base import Base
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
from app.store.queries_base import PAGE_MAX, Row, among, equal, mappings, number, of_account, page_limit, snapshot
from app.store.queries_keys import newest_approvals, read_charges, read_keys


def accounts(database: Database) -> list[Row]:
    """Every account that this database was made for."""
    with database.reading() as connection:
        return mappings(connection, _accounts())


@functools.cache
def _accounts() -> sa.Select[Any]:
    return sa.select(AccountRow.__table__).order_by(AccountRow.account)


def idempotent(database: Database, account: str, key: str) -> Row | None:
    """The answer that was given to an idempotency key, None when it was never used."""
    return _one(database, IdempotentRequest, account=account, key=key)


def old_requests(database: Database, account: str, before_ns: int, limit: int) -> list[str]:
    """Idempotency keys that were first used before an instant, some of them."""
    with database.reading() as connection:
        given = {"account": account, "before_ns": before_ns, "limit": limit}
        return [*connection.scalars(_old_requests(), given)]


@functools.cache
def _old_requests() -> sa.Select[Any]:
    own = sa.select(IdempotentRequest.key).where(*equal(IdempotentRequest, "account"))
    return own.where(IdempotentRequest.at_ns < sa.bindparam("before_ns")).limit(number("limit"))


def lease(database: Database, account: str) -> Row | None:
    """Who may write for the account; None when nobody ever did."""
    return _one(database, Lease, account=account)


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
    return _one(database, ApprovalRow, account=account, approval_id=approval_id)


def alerts(database: Database, account: str, *, open_only: bool = False, limit: int = 200) -> list[Row]:
    """The rows of what fired last, newest first."""
    with database.reading() as connection:
        given = {"account": account, "resolved": AlertState.RESOLVED.value, "limit": limit}
        return mappings(connection, _alerts(open_only=open_only), **given)


@functools.cache
def _alerts(*, open_only: bool) -> sa.Select[Any]:
    statement = of_account(AlertRow)
    if open_only:
        statement = statement.where(AlertRow.state != sa.bindparam("resolved"))
    return statement.order_by(AlertRow.fired_ns.desc(), AlertRow.alert_id).limit(number("limit"))


def notice_places(database: Database, account: str) -> dict[tuple[str, str], int]:
    """Up to which event each rule has told its channel, by (rule, channel)."""
    with database.reading() as connection:
        found = mappings(connection, of_account(NoticePlace), account=account)
    return {(row["rule"], row["channel"]): row["seq"] for row in found}


def strategy_state(database: Database, account: str, strategy_id: str) -> Row | None:
    """What a strategy of one's own has kept."""
    return _one(database, StrategyState, account=account, strategy_id=strategy_id)


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
    given = {"account": account, "limit": page_limit(limit)}
    if before is not None:
        given |= dict(zip(("created_ns", "parent_id"), before, strict=True))
    statement = _parents(open_only=open_only, tag=tag, after_one=before is not None)
    with database.reading() as connection:
        return mappings(connection, statement, **given)


@functools.lru_cache(maxsize=64)
def _parents(*, open_only: bool, tag: str | None, after_one: bool) -> sa.Select[Any]:
    statement = of_account(ParentOrder)
    if open_only:
        statement = statement.where(ParentOrder.is_open == sa.true())
    if tag is not None:
        statement = statement.where(sa.or_(*(ParentOrder.params.like(each, escape="!") for each in tagged(tag))))
    place = (ParentOrder.created_ns, ParentOrder.parent_id)
    if after_one:
        before = sa.tuple_(*(sa.bindparam(column.key, type_=column.type) for column in place))
        statement = statement.where(sa.tuple_(*place) < before)
    return statement.order_by(*(column.desc() for column in place)).limit(number("limit"))


def parent(database: Database, account: str, parent_id: str) -> OpenParent | None:
    """One parent, open or over, with its steps and children; None when there is none."""
    with snapshot(database) as connection:
        found = mappings(connection, of_account(ParentOrder, "parent_id"), account=account, parent_id=parent_id)
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
    with database.reading() as connection:
        return mappings(connection, _equity_days(), account=account, since_day=since_day, until_day=until_day)


@functools.cache
def _equity_days() -> sa.Select[Any]:
    within = EquityDay.day.between(sa.bindparam("since_day"), sa.bindparam("until_day"))
    return of_account(EquityDay).where(within).order_by(EquityDay.day)


def cash_movements(database: Database, account: str, *, after: int = 0, limit: int = 500) -> list[Row]:
    """Cash movements with a higher number, oldest first."""
    with database.reading() as connection:
        return mappings(
            connection, _later(CashMovement, "movement"), account=account, after=after, limit=page_limit(limit)
        )


@functools.cache
def _later(table: type[Base], number_of: str) -> sa.Select[Any]:
    """The rows of an account with a higher number, lowest first."""
    column = table.__table__.c[number_of]
    later = of_account(table).where(column > sa.bindparam("after"))
    return later.order_by(column).limit(number("limit"))


def booked_bills(database: Database, account: str, bill_ids: Sequence[str]) -> set[str]:
    """Which of these bills are cash movements already."""
    found: set[str] = set()
    with database.reading() as connection:
        for start in range(0, len(bill_ids), PAGE_MAX):
            given = {"account": account, "bill_ids": bill_ids[start : start + PAGE_MAX]}
            found.update(connection.scalars(_bills(), given))
    return found


@functools.cache
def _bills() -> sa.Select[Any]:
    return sa.select(CashMovement.bill_id).where(*equal(CashMovement, "account"), among(CashMovement.bill_id))


def positions(database: Database, account: str, *, instrument_id: str = "") -> list[Row]:
    """Positions with the venue's figures beside them; flat ones too."""
    statement = _positions(*(("instrument_id",) if instrument_id else ()))
    with database.reading() as connection:
        return mappings(connection, statement, account=account, instrument_id=instrument_id)


@functools.cache
def _positions(*names: str) -> sa.Select[Any]:
    place = (Position.instrument_id, Position.position_side, Position.trade_mode)
    return of_account(Position, *names).order_by(*place)


def quarantine(database: Database, account: str, *, after_seq: int = 0, limit: int = 500) -> list[Row]:
    """Venue messages that could not be read or applied, oldest first."""
    with database.reading() as connection:
        return mappings(
            connection, _later(Quarantine, "seq"), account=account, after=after_seq, limit=page_limit(limit)
        )


def _one(database: Database, table: type[Base], **key: str) -> Row | None:
    with database.reading() as connection:
        found = mappings(connection, of_account(table, *(name for name in key if name != "account")), **key)
    return found[0] if found else None
