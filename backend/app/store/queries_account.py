"""What a start reads: the whole state that an account keeps in memory.

Cost grows with what is open, not with history.
"""

import functools
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain import positions
from app.domain.access_keys import KeyCharge
from app.domain.events import GENESIS, EventKind
from app.domain.holdings import Book, Entry
from app.domain.kill_switch import KillSwitch
from app.domain.orders import Fill, Order, PositionKey, PositionSide, TradeMode
from app.domain.positions import PositionFold, PositionMarks, read_label
from app.models.base import Base
from app.models.columns import UNKNOWN_MODE
from app.models.holdings import HoldingEntry
from app.models.trading import (
    AccountRow,
    BalanceRow,
    CashMovement,
    EquityDay,
    ExecutionEvent,
    KillSwitchRow,
    ParentOrder,
    ParentStep,
    Position,
    StrategyHolding,
    Trade,
    Watermark,
)
from app.models.trading import Order as OrderRow
from app.store import rows
from app.store.database import Database
from app.store.group import StrategyKey
from app.store.queries_base import (
    HIGHEST,
    Row,
    equal,
    fill_select,
    mappings,
    of_account,
    order_select,
    read_events,
    read_fills,
    read_orders,
    snapshot,
)
from app.store.queries_holdings import books_begun_ns, holding_books, holding_entries
from app.store.queries_keys import read_approvals, read_charges, read_keys


@dataclass(frozen=True, slots=True)
class OpenParent:
    """An open parent: its row, its steps by number, and every child order, settled ones included."""

    row: Row
    steps: tuple[Row, ...]
    children: tuple[Order, ...]


ModelessKey = tuple[str, PositionSide]
"""(instrument id, side): all that positions of before modes told them apart had for a key."""


@dataclass(frozen=True, slots=True)
class LoadedState:
    """An account as the database has it after the last commit.

    account: its row, None in a new database. seq, hash: the journal's last event (0 and GENESIS without one).
    open_orders: every order that is not settled, oldest first, with all its fills. openings: the holdings that
    positions start from. modeless, modeless_sizes: positions and books of before modes told them apart, not yet named.
    modes: what the modes of the named ones turned out to be. balances: totals by the ledger, per currency;
    venue_balances: by the venue, where it has said one. books: holdings by (asset, book); cost_currency: of their
    costs, None before they began; books_begun: whether they hold everything; next_entry: the number of their next one.
    equity_days: the newest ones, newest first. day_movements: the cash movements since the newest of them.
    next_movement: the number of the next one. watermarks: stream to nanoseconds. keys: named keys of the API, by row;
    charges: what counts against their day. approvals: what waits for a second person, and proposals that are open
    orders, by row.
    """

    account: Row | None
    seq: int
    hash: str
    open_orders: Mapping[str, Order]
    positions: Mapping[PositionKey, PositionFold]
    marks: Mapping[PositionKey, PositionMarks]
    openings: Mapping[PositionKey, PositionFold]
    balances: Mapping[str, Decimal]
    venue_balances: Mapping[str, Decimal]
    kill_switch: KillSwitch
    equity_days: tuple[Row, ...]
    day_movements: tuple[Row, ...]
    next_movement: int
    watermarks: Mapping[str, int]
    strategy_sizes: Mapping[StrategyKey, Decimal]
    modeless: Mapping[ModelessKey, PositionFold]
    modeless_sizes: Mapping[tuple[str, ModelessKey], Decimal]
    modes: Mapping[ModelessKey, TradeMode]
    books: Mapping[tuple[str, str], Book]
    cost_currency: str | None
    books_begun: bool
    next_entry: int
    parents: Mapping[str, OpenParent]
    keys: tuple[Row, ...] = ()
    charges: tuple[KeyCharge, ...] = ()
    approvals: tuple[Row, ...] = ()


EQUITY_DAYS_LOADED = 2


class _Holding(msgspec.Struct):
    """The payload of a position.opening event; cost as Position.cost."""

    size: Decimal
    cost: Decimal


def load_account(database: Database, account: str, now_ns: int | None = None) -> LoadedState:
    """The account's state in one snapshot. Days that were opened after now_ns, by a clock that was ahead, are not
    looked at. Raises StoreError when the database cannot be read."""
    with snapshot(database) as connection:
        own = {"account": account}
        last = connection.execute(_last_event(), own).first()
        account_row = mappings(connection, of_account(AccountRow), **own)
        folds, modeless, marks = _positions(connection, account)
        sizes, modeless_sizes = _books(connection, account)
        balances = mappings(connection, of_account(BalanceRow), **own)
        last_movement = connection.scalar(_highest(CashMovement, "movement"), own)
        open_orders = {order.order_id: order for order in read_orders(connection, _open_orders(), **own)}
        last_entry = connection.scalar(_highest(HoldingEntry, "entry"), own)
        currency, begun = _books_begun(connection, account)
        until_ns = HIGHEST if now_ns is None else now_ns
        days = mappings(connection, _newest_days(), until_ns=until_ns, **own)
        moved = mappings(connection, _movements_since(), since_ns=days[0]["at_ns"], **own) if days else []
        return LoadedState(
            account=account_row[0] if account_row else None,
            seq=last.seq if last else 0,
            hash=last.hash if last else GENESIS,
            open_orders=open_orders,
            positions=folds,
            marks=marks,
            openings=_openings(connection, account, modes := position_modes(connection, account)),
            balances={row["currency"]: row["total"] for row in balances},
            venue_balances={row["currency"]: row["venue_total"] for row in balances if row["venue_total"] is not None},
            kill_switch=read_kill_switch(connection, account),
            equity_days=tuple(days),
            day_movements=tuple(moved),
            next_movement=(last_movement or 0) + 1,
            watermarks={row["stream"]: row["at_ns"] for row in mappings(connection, of_account(Watermark), **own)},
            strategy_sizes=sizes,
            modeless=modeless,
            modeless_sizes=modeless_sizes,
            modes=modes,
            books=holding_books(connection, account),
            cost_currency=currency,
            books_begun=begun,
            next_entry=(last_entry or 0) + 1,
            parents=_open_parents(connection, account),
            keys=tuple(keys := read_keys(connection, account)),
            charges=tuple(read_charges(connection, account, keys, now_ns)) if now_ns is not None else (),
            approvals=tuple(read_approvals(connection, account, open_orders)),
        )


@functools.cache
def _last_event() -> sa.Executable:
    statement = sa.select(ExecutionEvent.seq, ExecutionEvent.hash).where(*equal(ExecutionEvent, "account"))
    return statement.order_by(ExecutionEvent.seq.desc()).limit(1)


@functools.cache
def _highest(table: type[Base], column: str) -> sa.Select[Any]:
    return sa.select(sa.func.max(table.__table__.c[column])).where(*equal(table, "account"))


@functools.cache
def _open_orders() -> sa.Select[Any]:
    return order_select("account").where(OrderRow.is_open == sa.true())


def _positions(
    connection: Connection, account: str
) -> tuple[dict[PositionKey, PositionFold], dict[ModelessKey, PositionFold], dict[PositionKey, PositionMarks]]:
    folds: dict[PositionKey, PositionFold] = {}
    modeless: dict[ModelessKey, PositionFold] = {}
    marks: dict[PositionKey, PositionMarks] = {}
    for row in mappings(connection, of_account(Position), account=account):
        key, named = _key_of(row)
        fold = rows.fold_from_row(row, key)
        if not named:
            modeless[key.instrument_id, key.side] = fold
            continue
        folds[key] = fold
        marks[key] = PositionMarks(
            row["mark_price"], row["unrealised_pnl"], row["margin"], row["leverage"], row["marked_ns"]
        )
    return folds, modeless, marks


class _Begun(msgspec.Struct):
    currency: str


def _books_begun(connection: Connection, account: str) -> tuple[str | None, bool]:
    """The currency of the costs, as the first event of the books says, and whether they hold all of the past."""
    read = read_events(connection, account, kind=EventKind.HOLDINGS_READ.value, limit=1)
    begun = read_events(connection, account, kind=EventKind.HOLDINGS_BEGUN.value, limit=1)
    for row in (*read, *begun):
        return msgspec.json.decode(row["payload"], type=_Begun).currency, bool(begun)
    return None, False


def costs_counted_in(connection: Connection, account: str) -> str | None:
    """The currency of the costs; None before the books began."""
    return _books_begun(connection, account)[0]


def _books(
    connection: Connection, account: str
) -> tuple[dict[StrategyKey, Decimal], dict[tuple[str, ModelessKey], Decimal]]:
    sizes: dict[StrategyKey, Decimal] = {}
    modeless: dict[tuple[str, ModelessKey], Decimal] = {}
    for row in mappings(connection, of_account(StrategyHolding), account=account):
        key, named = _key_of(row)
        if named:
            sizes[row["strategy_id"], key] = row["size"]
        else:
            modeless[row["strategy_id"], (key.instrument_id, key.side)] = row["size"]
    return sizes, modeless


def _key_of(row: Row) -> tuple[PositionKey, bool]:
    """A row's key, and whether its mode is named."""
    side, named = PositionSide(row["position_side"]), row["trade_mode"] != UNKNOWN_MODE
    return PositionKey(row["instrument_id"], side, TradeMode(row["trade_mode"]) if named else TradeMode.CASH), named


def position_modes(connection: Connection, account: str) -> dict[ModelessKey, TradeMode]:
    """The modes of positions of before modes told them apart, as starts have named them (events position.mode)."""
    found: dict[ModelessKey, TradeMode] = {}
    for row in read_events(connection, account, kind=EventKind.POSITION_MODE.value):
        instrument_id, side, mode = read_label(row["position"])
        found[instrument_id, PositionSide(side)] = TradeMode(mode)
    return found


def _openings(
    connection: Connection, account: str, modes: Mapping[ModelessKey, TradeMode]
) -> dict[PositionKey, PositionFold]:
    found: dict[PositionKey, PositionFold] = {}
    for row in read_events(connection, account, kind=EventKind.POSITION_OPENING.value):
        holding = msgspec.json.decode(row["payload"], type=_Holding)
        instrument_id, side_text, told = read_label(row["position"])
        side = PositionSide(side_text)
        mode = TradeMode(told) if told else modes.get((instrument_id, side), TradeMode.CASH)
        position = positions.Position(instrument_id, side, size=holding.size, cost=holding.cost, mode=mode)
        found[position.key] = positions.anchored(position, None)
    return found


class BookHistory(NamedTuple):
    """Of one commit: what positions held before their first fill, when the books began (None: not yet), what each book
    holds, by (asset, book), and every entry, in order, while the snapshot of `connection` lasts."""

    openings: tuple[PositionFold, ...]
    begun_ns: int | None
    books: Mapping[tuple[str, str], Book]
    entries: Generator[Entry]
    connection: Connection


@contextmanager
def book_history(database: Database, account: str) -> Generator[BookHistory]:
    """How the books came to be what they are."""
    with snapshot(database) as connection:
        yield BookHistory(
            tuple(_openings(connection, account, position_modes(connection, account)).values()),
            books_begun_ns(connection, account),
            holding_books(connection, account),
            holding_entries(connection, account),
            connection,
        )


def opening_of(database: Database, account: str, key: PositionKey) -> PositionFold | None:
    """What a position held before its first fill, by the journal."""
    with database.reading() as connection:
        return _openings(connection, account, position_modes(connection, account)).get(key)


@functools.cache
def _newest_days() -> sa.Select[Any]:
    statement = of_account(EquityDay).where(EquityDay.at_ns <= sa.bindparam("until_ns"))
    return statement.order_by(EquityDay.day.desc()).limit(EQUITY_DAYS_LOADED)


@functools.cache
def _movements_since() -> sa.Select[Any]:
    return of_account(CashMovement).where(CashMovement.at_ns > sa.bindparam("since_ns")).order_by(CashMovement.movement)


def _open_parents(connection: Connection, account: str) -> dict[str, OpenParent]:
    parents = mappings(connection, open_parent_select(), account=account)
    return {row["parent_id"]: parent_with_children(connection, row) for row in parents}


@functools.cache
def open_parent_select() -> sa.Select[Any]:
    return of_account(ParentOrder).where(ParentOrder.is_open == sa.true())


def parent_with_children(connection: Connection, row: Row) -> OpenParent:
    account, parent_id = row["account"], row["parent_id"]
    steps = mappings(connection, steps_of_parent(), parent_id=parent_id)
    children = read_orders(connection, order_select("account", "parent_id"), account=account, parent_id=parent_id)
    return OpenParent(row, tuple(steps), tuple(children))


@functools.cache
def steps_of_parent() -> sa.Select[Any]:
    return sa.select(ParentStep.__table__).where(*equal(ParentStep, "parent_id")).order_by(ParentStep.step)


def read_kill_switch(connection: Connection, account: str) -> KillSwitch:
    found = mappings(connection, of_account(KillSwitchRow), account=account)
    if not found:
        return KillSwitch()
    row = found[0]
    return KillSwitch(bool(row["engaged"]), row["reason"], row["principal"], row["at_ns"])


def find_order(
    database: Database, account: str, *, order_id: str = "", client_order_id: str = "", venue_order_id: str = ""
) -> Order | None:
    """One order with its fills, by the first of the ids that is given; None when there is none.

    Raises ValueError when no id is given.
    """
    given = {"order_id": order_id, "client_order_id": client_order_id, "exchange_order_id": venue_order_id}
    name = next((name for name, value in given.items() if value), None)
    if name is None:
        raise ValueError("one of order_id, client_order_id, venue_order_id must be given")
    with snapshot(database) as connection:
        found = read_orders(connection, order_select("account", name), **{"account": account, name: given[name]})
    return found[0] if found else None


def fills_of_position(database: Database, account: str, key: PositionKey, *, modeless: bool = False) -> list[Fill]:
    """Every fill of one position with its fee, oldest first: the history that a refold needs. modeless: with those of
    before modes told positions apart."""
    wanted = {"instrument_id": key.instrument_id, "position_side": key.side.value, "trade_mode": key.mode.value}
    with database.reading() as connection:
        return read_fills(connection, _fills_of_position(modeless=modeless), account=account, **wanted)


@functools.cache
def _fills_of_position(*, modeless: bool) -> sa.Select[Any]:
    return trades_of_position(modeless=modeless).order_by(Trade.traded_ns, Trade.trade_id)


def trades_of_position(*, modeless: bool) -> sa.Select[Any]:
    """The trades of a position, and with `modeless` those of before modes told positions apart."""
    (same,) = equal(Trade, "trade_mode")
    of_mode = sa.or_(same, Trade.trade_mode.is_(None)) if modeless else same
    return fill_select().where(*equal(Trade, "account", "instrument_id", "position_side"), of_mode)


def ordered_modes(database: Database, account: str) -> dict[ModelessKey, set[TradeMode]]:
    """In which modes orders of our own were placed, by instrument and side."""
    found: dict[ModelessKey, set[TradeMode]] = {}
    with database.reading() as connection:
        for instrument_id, side, mode in connection.execute(_ordered_modes(), {"account": account}):
            found.setdefault((instrument_id, PositionSide(side)), set()).add(TradeMode(mode))
    return found


@functools.cache
def _ordered_modes() -> sa.Executable:
    columns = (OrderRow.instrument_id, OrderRow.position_side, OrderRow.trade_mode)
    return sa.select(*columns).where(*equal(OrderRow, "account"), OrderRow.external == sa.false()).distinct()
