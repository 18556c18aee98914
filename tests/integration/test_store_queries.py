"""Reads: filters, cursors, and that no read of the present walks through the past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.kill_switch import KillSwitch
from app.domain.order_changes import deny, mark_accepted, mark_unanswered, new_order
from app.domain.orders import Ending, Order, OrderSide, OrderStatus, PositionKey
from app.domain.refusals import Refusal
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError
from app.store.group import Group, PlainRow
from app.store.queries import BadCursor, EventFilter, OrderFilter, TradeFilter
from app.store.rows import NewOrder
from tests.support import store

ORDERS = 60


def order(number: int) -> Order:
    """Every fifth order is of its own kind: filled, denied, unknown, live, canceled; two instruments and strategies."""
    request = store.request(
        number,
        side=OrderSide.BUY if number % 2 else OrderSide.SELL,
        instrument_id="BTC-USDT" if number % 3 else "ETH-USDT",
        strategy_id=("fast", "slow", None)[number % 3],
        parent_id="parent" if number in (4, 9) else None,
    )
    made = new_order(request)
    if number % 5 == 0:
        return store.with_fills(made, store.fill(made, number, "0.2"), store.fill(made, 1000 + number, "0.3"))
    if number % 5 == 1:
        return deny(made, [Refusal("max_order_size", "size", "0.5", "is too much")], 1)
    if number % 5 == 2:
        return mark_unanswered(made, 1, 2)
    accepted = mark_accepted(made, f"v{number}", 1, 2)
    return accepted if number % 5 == 3 else replace(accepted, ending=Ending.CANCELED)


ALL = {number: order(number) for number in range(1, ORDERS + 1)}


@contextmanager
def filled(url: str) -> Iterator[Database]:
    """A database with all the orders."""
    with store.opened(url) as database:
        committer = store.committer(database)
        group = Group(
            new_orders={made.order_id: NewOrder(made, "hash", "{}") for made in ALL.values()},
            fills=[(made, fill, 1) for made in ALL.values() for fill in made.fills.values()],
            fees=[(fill, 1) for made in ALL.values() for fill in made.fills.values()],
        )
        store.run_groups(committer, group)
        committer.close()
        yield database


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    with filled(tables_url) as database:
        yield database


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def read_only(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all tests that only read."""
    if request.param == "sqlite":
        with filled(f"sqlite:///{tmp_path_factory.mktemp('queries') / 'executor.db'}") as database:
            yield database
        return
    with request.getfixturevalue("embedded_postgres").fresh_database() as url, filled(url) as database:
        yield database


S = OrderStatus
FILTERS: dict[str, tuple[OrderFilter, Any]] = {
    "all": (OrderFilter(), lambda n, o: True),
    "instrument": (OrderFilter(instrument_id="ETH-USDT"), lambda n, o: n % 3 == 0),
    "side": (OrderFilter(side=OrderSide.SELL), lambda n, o: n % 2 == 0),
    "strategy": (OrderFilter(strategy_id="slow"), lambda n, o: n % 3 == 1),
    "parent": (OrderFilter(parent_id="parent"), lambda n, o: n in (4, 9)),
    "the exchange's id": (OrderFilter(exchange_order_id="v3"), lambda n, o: n == 3),
    "filled": (OrderFilter(statuses=[S.FILLED]), lambda n, o: n % 5 == 0),
    "denied": (OrderFilter(statuses=[S.DENIED]), lambda n, o: n % 5 == 1),
    "open": (OrderFilter(statuses=(S.UNKNOWN, S.LIVE)), lambda n, o: n % 5 in (2, 3)),
    "mixed": (OrderFilter(statuses={S.LIVE, S.CANCELED}), lambda n, o: n % 5 in (3, 4)),
    "time": (
        OrderFilter(created_from_ns=store.T0 + 10 * 10**9, created_to_ns=store.T0 + 20 * 10**9),
        lambda n, o: 10 <= n < 20,
    ),
    "many": (
        OrderFilter(instrument_id="BTC-USDT", statuses=[S.DENIED], side=OrderSide.BUY, strategy_id="slow"),
        lambda n, o: n % 3 == 1 and n % 5 == 1 and n % 2 == 1,
    ),
    "nothing": (OrderFilter(instrument_id="DOGE-USDT"), lambda n, o: False),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filtered_orders_newest_first(read_only: Database, name: str):
    wanted, matches = FILTERS[name]
    expected = [made for number, made in sorted(ALL.items(), reverse=True) if matches(number, made)]
    assert list(queries.order_history(read_only, store.ACCOUNT, wanted, limit=500).rows) == expected
    half = max(1, len(expected) // 2)
    page = queries.order_history(read_only, store.ACCOUNT, wanted, limit=half)
    rest = list(page.rows)
    while page.next_cursor is not None:
        page = queries.order_history(read_only, store.ACCOUNT, wanted, limit=half, cursor=page.next_cursor)
        rest.extend(page.rows)
    assert rest == expected
    assert queries.order_history(read_only, "another account", wanted).rows == ()


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (TradeFilter(), lambda n: True),
        (TradeFilter(instrument_id="ETH-USDT"), lambda n: n % 3 == 0),
        (TradeFilter(side=OrderSide.BUY), lambda n: n % 2 == 1),
        (TradeFilter(strategy_id="fast"), lambda n: n % 3 == 0),
        (TradeFilter(order_id="order-000010"), lambda n: n == 10),
        (TradeFilter(parent_id="parent"), lambda n: False),
        (TradeFilter(traded_from_ns=store.T0 + 20 * 10**9, traded_to_ns=store.T0 + 40 * 10**9), lambda n: 20 <= n < 40),
    ],
)
def test_filtered_trades_newest_first(read_only: Database, wanted: TradeFilter, matches: Any):
    fills = [fill for number, made in ALL.items() if matches(number) for fill in made.fills.values()]
    expected = [fill.trade_id for fill in sorted(fills, key=lambda fill: fill.time_ns, reverse=True)]
    found = queries.trades(read_only, store.ACCOUNT, wanted, limit=500)
    assert [row["trade_id"] for row in found.rows] == expected
    assert {row["fee_amount"] for row in found.rows} <= {Decimal("0.01")}
    assert queries.trades(read_only, "another account", wanted).rows == ()
    walked = [row["trade_id"] for chunk in queries.iter_trades(read_only, store.ACCOUNT, wanted) for row in chunk]
    assert walked == expected[::-1]


def test_a_trade_is_found_by_its_id_alone_and_in_pages(read_only: Database):
    (wanted,) = [fill for fill in ALL[10].fills.values() if fill.trade_id.endswith("1010")]
    for given in (TradeFilter(trade_id=wanted.trade_id), TradeFilter(trade_id=wanted.trade_id, side=OrderSide.SELL)):
        page = queries.trades(read_only, store.ACCOUNT, given, limit=1)
        assert [(row["trade_id"], row["size"], page.next_cursor) for row in page.rows] == [
            (wanted.trade_id, wanted.size, None)
        ]
    for given in (TradeFilter(trade_id="1"), TradeFilter(trade_id=wanted.trade_id, instrument_id="ETH-USDT")):
        assert queries.trades(read_only, store.ACCOUNT, given).rows == ()
    assert queries.trades(read_only, "another account", TradeFilter(trade_id=wanted.trade_id)).rows == ()


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "bnVsbA", "WzEsMl0", "WyJhIiwxXQ", "é"])
def test_a_cursor_that_nobody_gave_out_is_refused(read_only: Database, cursor: str):
    for read in (queries.order_history, queries.trades):
        with pytest.raises(BadCursor, match=r"cursor=.* is not one that a page of this list gave out"):
            read(read_only, store.ACCOUNT, cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_page_has_a_bound(read_only: Database, limit: int):
    with pytest.raises(ValueError, match=f"limit={limit}: must be 1 to 500"):
        queries.order_history(read_only, store.ACCOUNT, limit=limit)


def test_an_order_is_found_by_each_id_and_only_in_its_account(read_only: Database):
    made = ALL[3]
    for ids in ({"order_id": made.order_id}, {"client_order_id": "client000003"}, {"venue_order_id": "v3"}):
        assert queries.find_order(read_only, store.ACCOUNT, **ids) == made
        assert queries.find_order(read_only, "another account", **ids) is None
    with pytest.raises(ValueError, match="must be given"):
        queries.find_order(read_only, store.ACCOUNT)


def test_the_small_tables(database: Database):
    committer = store.committer(database, last_seq=1)
    account = {"account": store.ACCOUNT}
    parent = {
        "parent_id": "parent",
        **account,
        "strategy": "twap",
        "config": "{}",
        "params": "{}",
        "status": "running",
        "reason": None,
        "next_step": 2,
        "is_open": True,
        "state": "{}",
        "created_ns": 5,
        "updated_ns": 6,
    }
    step = {
        "parent_id": "parent",
        "step": 1,
        "kind": "place",
        "order_id": "order-000004",
        "client_order_id": "client000004",
        "content": "{}",
        "decided_ns": 5,
    }
    kill = {**account, "engaged": True, "reason": "a test", "principal": "operator:me", "at_ns": 9}
    day = {**account, "day": "2026-11-22", "equity": Decimal("1.50"), "currency": "USDT", "at_ns": 1}
    cash = {
        **account,
        "movement": 1,
        "currency": "USDT",
        "amount": Decimal("-2.5"),
        "kind": "transfer",
        "instrument_id": None,
        "price": None,
        "note": "",
        "at_ns": 2,
        "bill_id": "b1",
        "equity": None,
    }
    key = {**account, "key": "k", "body_hash": "h", "order_id": "o", "status_code": None, "response": None, "at_ns": 3}
    bad = {**account, "seq": 4, "reason": "unreadable", "raw": "\x00{", "at_ns": 4}
    group = Group(
        plain=[
            PlainRow("parent_steps", step),
            PlainRow("parent_orders", parent),
            PlainRow("kill_switch", kill),
            PlainRow("kill_switch", {**kill, "reason": "again"}, replace=True),
            PlainRow("equity_days", day),
            PlainRow("cash_movements", cash),
            PlainRow("idempotent_requests", key),
            PlainRow("quarantine", bad),
        ],
        balances={"USDT": (Decimal("7.10"), Decimal(8), 5)},
    )
    store.run_groups(committer, group)
    committer.close()
    assert queries.parents(database, store.ACCOUNT) == [parent]
    assert queries.parents(database, store.ACCOUNT, open_only=True, before=(6, "")) == [parent]
    assert queries.parents(database, store.ACCOUNT, before=(5, "parent")) == []
    open_parent = queries.parent(database, store.ACCOUNT, "parent")
    assert open_parent is not None
    assert (open_parent.row, open_parent.steps, open_parent.children) == (parent, (step,), (ALL[4], ALL[9]))
    assert queries.load_account(database, store.ACCOUNT).parents == {"parent": open_parent}
    assert queries.parent(database, "another account", "parent") is None
    switch = queries.load_account(database, store.ACCOUNT).kill_switch
    assert (switch.engaged, switch.reason, switch.principal, switch.at_ns) == (True, "again", "operator:me", 9)
    assert queries.load_account(database, "another account").kill_switch == KillSwitch()
    assert queries.equity_days(database, store.ACCOUNT, since_day="2026-11-22", until_day="2026-11-22") == [
        {**day, "parts": None}
    ]
    assert queries.equity_days(database, store.ACCOUNT, since_day="2026-11-23") == []
    assert queries.cash_movements(database, store.ACCOUNT) == [cash]
    assert queries.booked_bills(database, store.ACCOUNT, [f"b{number}" for number in range(2_000)]) == {"b1"}
    assert queries.booked_bills(database, "another account", ["b1"]) == set()
    assert queries.idempotent(database, store.ACCOUNT, "k") == key
    assert queries.idempotent(database, store.ACCOUNT, "another key") is None
    assert queries.quarantine(database, store.ACCOUNT) == [{**bad, "raw": "\ufffd{"}]
    loaded = queries.load_account(database, store.ACCOUNT)
    assert (loaded.balances, loaded.venue_balances) == ({"USDT": Decimal("7.10")}, {"USDT": Decimal(8)})
    assert queries.positions(database, store.ACCOUNT) == []
    held = queries.lease(database, store.ACCOUNT)
    assert held is not None
    assert held["epoch"] == 2
    assert queries.accounts(database) == []


def test_reading_never_writes(read_only: Database):
    with (
        pytest.raises((StoreError, sa.exc.DBAPIError)),
        read_only.reading() as connection,
    ):
        connection.execute(sa.text("UPDATE orders SET size = '1'"))


def test_one_snapshot_sees_one_commit(database: Database):
    count = sa.text("SELECT count(*) FROM execution_events")
    committer = store.committer(database)
    with queries.snapshot(database) as connection:
        before = connection.execute(count).scalar_one()
        store.run_groups(committer, Group(events=[store.event(1)]))
        assert connection.execute(count).scalar_one() == before
    committer.close()
    with queries.snapshot(database) as connection:
        assert connection.execute(count).scalar_one() == before + 1


CURSOR = "WzE3OTUwMDAwNjAwMDAwMDAwMDAsIm8iXQ"


def _history(name: str) -> Any:
    return lambda db: queries.order_history(db, store.ACCOUNT, FILTERS[name][0], limit=5, cursor=CURSOR)


READS: dict[str, tuple[Any, list[str]]] = {
    "start": (
        lambda db: queries.load_account(db, store.ACCOUNT),
        [
            "execution_events USING INDEX sqlite_autoindex_execution_events_1 (account=?)",
            "cash_movements USING COVERING INDEX sqlite_autoindex_cash_movements_1 (account=?)",
            "orders USING INDEX ix_orders_open (account=? AND is_open=?)",
            "cash_movements USING INDEX ix_cash_movements_at (account=? AND at_ns>?)",
            "execution_events USING INDEX ix_events_rare (account=? AND kind=? AND seq>?)",
            "execution_events USING INDEX ix_events_rare (account=? AND kind=? AND seq>?)",
            "execution_events USING INDEX ix_events_rare (account=? AND kind=? AND seq>?)",
            "execution_events USING INDEX ix_events_rare (account=? AND kind=? AND seq>?)",
            "holding_entries USING COVERING INDEX sqlite_autoindex_holding_entries_1 (account=?)",
        ],
    ),
    "order by id": (
        lambda db: queries.find_order(db, store.ACCOUNT, order_id="order-000001"),
        ["orders USING INDEX sqlite_autoindex_orders_1 (order_id=?)"],
    ),
    "order by client id": (
        lambda db: queries.find_order(db, store.ACCOUNT, client_order_id="client000001"),
        ["orders USING INDEX sqlite_autoindex_orders_2 (account=? AND client_order_id=?)"],
    ),
    "order by venue id": (
        lambda db: queries.find_order(db, store.ACCOUNT, venue_order_id="v3"),
        ["orders USING INDEX ix_orders_exchange_order_id (account=? AND exchange_order_id=?)"],
    ),
    **{
        f"orders: {name}": (_history(name), [f"orders USING INDEX {index}"])
        for name, index in {
            "all": "ix_orders_created (account=? AND created_ns<?)",
            "instrument": "ix_orders_instrument_created (account=? AND instrument_id=? AND created_ns<?)",
            "strategy": "ix_orders_strategy_created (account=? AND strategy_id=? AND created_ns<?)",
            "parent": "ix_orders_parent (account=? AND parent_id=?)",
            "the exchange's id": "ix_orders_exchange_order_id (account=? AND exchange_order_id=?)",
            "denied": "ix_orders_refused (account=? AND status=? AND created_ns<?)",
            "open": "ix_orders_open (account=? AND is_open=?)",
        }.items()
    },
    "trades": (
        lambda db: queries.trades(db, store.ACCOUNT, limit=5),
        ["trades USING INDEX ix_trades_traded (account=?)"],
    ),
    "trades of an order": (
        lambda db: queries.trades(db, store.ACCOUNT, TradeFilter(order_id="order-000005")),
        [
            "trades USING INDEX ix_trades_order (order_id=?)",
            "orders USING INDEX sqlite_autoindex_orders_1 (order_id=?)",
        ],
    ),
    "trades of a parent": (
        lambda db: queries.trades(db, store.ACCOUNT, TradeFilter(parent_id="parent")),
        [
            "trades USING INDEX ix_trades_order (order_id=?)",
            "orders USING INDEX ix_orders_parent (account=? AND parent_id=?)",
        ],
    ),
    "events": (
        lambda db: queries.events(db, store.ACCOUNT, after_seq=10),
        ["execution_events USING INDEX sqlite_autoindex_execution_events_1 (account=? AND seq>?)"],
    ),
    "events of an order": (
        lambda db: queries.events(db, store.ACCOUNT, order_id="order-000001"),
        ["execution_events USING INDEX ix_events_order (order_id=?)"],
    ),
    "rare events": (
        lambda db: queries.events(db, store.ACCOUNT, kind="kill_switch.on"),
        ["execution_events USING INDEX ix_events_rare (account=? AND kind=? AND seq>?)"],
    ),
    "pages of events": (
        lambda db: queries.event_pages(db, store.ACCOUNT),
        ["execution_events USING COVERING INDEX sqlite_autoindex_execution_events_1 (account=?)"],
    ),
    "pages of an order's events": (
        lambda db: queries.event_pages(db, store.ACCOUNT, EventFilter(order_id="order-000001")),
        [
            "execution_events USING COVERING INDEX sqlite_autoindex_execution_events_1 (account=? AND seq=?)",
            "execution_events USING INDEX ix_events_order (order_id=?)",
        ],
    ),
    "pages of an execution's events": (
        lambda db: queries.event_pages(db, store.ACCOUNT, EventFilter(parent_id="parent")),
        [
            "execution_events USING COVERING INDEX sqlite_autoindex_execution_events_1 (account=? AND seq=?)",
            "execution_events USING INDEX ix_events_parent (account=? AND parent_id=?)",
            "execution_events USING INDEX ix_events_order (order_id=?)",
            "orders USING INDEX ix_orders_parent (account=? AND parent_id=?)",
        ],
    ),
    "pages of rare events": (
        lambda db: queries.event_pages(db, store.ACCOUNT, EventFilter(kind="kill_switch.on", instrument_id="BTC-USDT")),
        ["execution_events USING COVERING INDEX ix_events_rare (account=? AND kind=?)"],
    ),
    "events of a time": (
        lambda db: queries.event_pages(db, store.ACCOUNT, EventFilter(told_from_ns=1, told_to_ns=2)),
        [
            "execution_events USING INDEX ix_events_rare (account=? AND kind=?)",
            *["execution_events USING COVERING INDEX sqlite_autoindex_execution_events_1 (account=?)"] * 3,
        ],
    ),
    "a trade by its id": (
        lambda db: queries.trades(db, store.ACCOUNT, TradeFilter(trade_id="5")),
        [
            "trades USING INDEX sqlite_autoindex_trades_1 (account=? AND instrument_id=? AND trade_id=?)",
            "trades USING COVERING INDEX ix_trades_instrument_traded (account=?)",
            "trades USING COVERING INDEX ix_trades_instrument_traded (account=? AND instrument_id>?)",
        ],
    ),
    "booked bills": (
        lambda db: queries.booked_bills(db, store.ACCOUNT, ["1", "2"]),
        ["cash_movements USING COVERING INDEX ux_cash_movements_bill (account=? AND bill_id=?)"],
    ),
    "a position's fills": (
        lambda db: queries.fills_of_position(db, store.ACCOUNT, PositionKey("BTC-USDT")),
        ["trades USING INDEX ix_trades_instrument_traded (account=? AND instrument_id=?)"],
    ),
}
GROWING = ("orders", "trades", "execution_events", "cash_movements", "holding_entries")


@pytest.mark.parametrize("name", READS)
def test_no_read_of_the_present_walks_the_past(sqlite_url: str, name: str):
    """SQLite chooses its plan by the indexes alone, so that a small database shows the plan of a large one."""
    read, expected = READS[name]
    with store.opened(sqlite_url) as database:
        committer = store.committer(database)
        day = {"account": store.ACCOUNT, "day": "2026-11-22", "equity": Decimal(1), "currency": "USDT", "at_ns": 1}
        store.run_groups(committer, Group(plain=[PlainRow("equity_days", day)]))
        seen: list[tuple[str, Any]] = []
        sa.event.listen(
            database.read_engine,
            "before_cursor_execute",
            lambda _conn, _cursor, statement, parameters, *_rest: seen.append((statement, parameters)),
        )
        read(database)
        plans: list[str] = []
        for statement, parameters in [item for item in seen if item[0].startswith(("SELECT", "WITH"))]:
            with database.read_engine.connect() as connection:
                plans += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        committer.close()
    of_growing = [line.removeprefix("SEARCH ") for line in plans if any(f" {table} " in line for table in GROWING)]
    assert sorted(of_growing) == sorted(expected)
