"""Pages of the journal, newest first: what each filter finds, how far one page looks, and clocks that were set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.event import listen

from app.domain.order_changes import new_order
from app.store import queries, queries_events
from app.store.database import Database
from app.store.group import Group, PlainRow
from app.store.queries import BadCursor, EventFilter
from app.store.rows import NewOrder
from tests.support import store

PARENT = {
    "account": store.ACCOUNT,
    "parent_id": "parent",
    "strategy": "twap",
    "config": "{}",
    "params": '{"instrument_id":"ETH-USDT","strategy_id":"slow"}',
    "status": "running",
    "reason": None,
    "next_step": 1,
    "is_open": True,
    "state": "{}",
    "created_ns": 1,
    "updated_ns": 1,
}
CHILD = new_order(store.request(1, instrument_id="ETH-USDT", strategy_id="slow", parent_id="parent"))
ALONE = new_order(store.request(2, instrument_id="BTC-USDT", strategy_id="fast"))
EVENTS = [
    store.event(1, "session.started"),
    store.event(2, "signal.received", '{"instrument_id":"BTC-USDT","strategy_id":"fast"}'),
    store.event(3, "order.intent", order_id=ALONE.order_id),
    store.event(4, "parent.changed", parent_id="parent"),
    store.event(5, "order.intent", order_id=CHILD.order_id, parent_id="parent"),
    store.event(6, "parent.step", order_id=CHILD.order_id, parent_id="parent"),
    store.event(7, "order.report", order_id=CHILD.order_id),
    store.event(8, "leverage.set", '{"instrument_id":"BTC-USDT-SWAP"}'),
    store.event(9, "position.opening", position="BTC-USDT/net/cash"),
    store.event(10, "kill_switch.on"),
]
FOUND = {
    "all": (EventFilter(), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
    "an order": (EventFilter(order_id=CHILD.order_id), [7, 6, 5]),
    "an execution and its orders": (EventFilter(parent_id="parent"), [7, 6, 5, 4]),
    "a kind of the execution's": (EventFilter(parent_id="parent", kind="parent.changed"), [4]),
    "a rare kind": (EventFilter(kind="kill_switch.on"), [10]),
    "a kind of orders": (EventFilter(kind="order.intent"), [5, 3]),
    "an instrument": (EventFilter(instrument_id="BTC-USDT"), [9, 3, 2]),
    "an instrument whose name begins as another's": (EventFilter(instrument_id="BTC-USDT-SWAP"), [8]),
    "an instrument by its execution": (EventFilter(instrument_id="ETH-USDT"), [7, 6, 5, 4]),
    "a strategy": (EventFilter(strategy_id="fast"), [3, 2]),
    "a strategy by its execution": (EventFilter(strategy_id="slow"), [7, 6, 5, 4]),
    "both": (EventFilter(strategy_id="slow", instrument_id="BTC-USDT"), []),
    "one of no journal": (EventFilter(instrument_id='"%'), []),
}


def written(database: Database, *groups: Group) -> None:
    committer = store.committer(database)
    store.run_groups(committer, *groups)
    committer.close()


def seqs(database: Database, wanted: EventFilter, **more: Any) -> list[int]:
    return [row["seq"] for row in queries.event_pages(database, store.ACCOUNT, wanted, **more).rows]


def all_pages(database: Database, wanted: EventFilter, limit: int) -> list[list[int]]:
    found: list[list[int]] = []
    cursor: str | None = None
    while True:
        page = queries.event_pages(database, store.ACCOUNT, wanted, limit=limit, cursor=cursor)
        found.append([row["seq"] for row in page.rows])
        if (cursor := page.next_cursor) is None:
            return found


def fill(database: Database) -> None:
    new = {order.order_id: NewOrder(order, "hash", "{}") for order in (CHILD, ALONE)}
    written(database, Group(plain=[PlainRow("parent_orders", PARENT)], new_orders=new, events=EVENTS))


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    with store.opened(tables_url) as database:
        fill(database)
        yield database


def test_each_filter_finds_what_is_about_it_newest_first(database: Database):
    assert {name: seqs(database, wanted) for name, (wanted, _) in FOUND.items()} == {
        name: numbers for name, (_, numbers) in FOUND.items()
    }


@pytest.mark.parametrize("name", ["an order", "an execution and its orders", "a kind of the execution's"])
@pytest.mark.parametrize("told", [{}, {"told_from_ns": store.T0, "told_to_ns": store.T0 + 99}], ids=["ever", "then"])
def test_no_page_of_an_order_or_an_execution_walks_the_journal(sqlite_url: str, name: str, told: dict[str, int]):
    """SQLite chooses its plan by the indexes alone; of the statement that reads rows, made of no empty journal."""
    with store.opened(sqlite_url) as database:
        fill(database)
        seen: list[tuple[str, Any]] = []
        listen(
            database.read_engine,
            "before_cursor_execute",
            lambda _conn, _cursor, statement, parameters, *_rest: seen.append((statement, parameters)),
        )
        assert seqs(database, replace(FOUND[name][0], **told), cursor="11") == FOUND[name][1]
        statement, parameters = seen[-1]
        with database.read_engine.connect() as connection:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    outer = next(line for line in plan if "execution_events" in line)
    assert outer.endswith(("AND seq=?)", "(order_id=?)")), plan
    assert any("ix_events_order" in line for line in plan)


def test_pages_follow_each_other_and_a_page_looks_only_so_far(database: Database, monkeypatch: pytest.MonkeyPatch):
    assert all_pages(database, EventFilter(), 4) == [[10, 9, 8, 7], [6, 5, 4, 3], [2, 1]]
    assert all_pages(database, EventFilter(kind="order.intent"), 1) == [[5], [3]]
    monkeypatch.setattr(queries_events, "LOOKED_THROUGH_MAX", 3)
    assert all_pages(database, EventFilter(strategy_id="fast"), 4) == [[], [], [3, 2], []]
    with pytest.raises(BadCursor):
        seqs(database, EventFilter(), cursor="WzFd")
    with pytest.raises(ValueError, match="limit=501: must be 1 to 500"):
        seqs(database, EventFilter(), limit=501)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (EventFilter(told_from_ns=12), [7, 6, 5, 3]),
        (EventFilter(told_to_ns=12), [4, 2, 1]),
        (EventFilter(told_from_ns=11, told_to_ns=13), [6, 5, 4, 2]),
        (EventFilter(told_from_ns=99), []),
        (EventFilter(told_to_ns=10), []),
    ],
)
def test_a_time_that_came_twice_is_found_twice(tables_url: str, told: EventFilter, wanted: list[int]):
    """The machine's clock was set back between two runs: 10, 11, 13, and then 11, 12, 12, 14."""
    at = [10, 11, 13, 11, 12, 12, 14]
    kinds = {1: "session.started", 4: "session.started"}
    told_events = [store.event(n, kinds.get(n, "anomaly"))._replace(at_ns=ns) for n, ns in enumerate(at, 1)]
    with store.opened(tables_url) as database:
        assert seqs(database, told) == []  # of an empty journal
        written(database, Group(events=told_events))
        assert seqs(database, told) == wanted


def test_a_strategy_whose_name_differs_in_its_capitals_is_another(database: Database):
    assert [seqs(database, EventFilter(strategy_id=name)) for name in ("fast", "Fast", "SLOW")] == [[3, 2], [], []]


def test_an_order_or_execution_of_another_account_is_told_of_nowhere_but_there(database: Database):
    numbers = {n: store.event(n)._replace(account="other") for n in range(1, 8)}
    theirs = (numbers | {3: store.event(3, order_id="theirs")._replace(account="other")}).values()
    committer = store.committer(database, account="other")
    store.run_groups(committer, Group(events=list(theirs)))
    committer.close()
    assert seqs(database, EventFilter(order_id="theirs")) == []
    page = queries.event_pages(database, "other", EventFilter(order_id=CHILD.order_id))
    assert [row["seq"] for row in page.rows] == []
    page = queries.event_pages(database, "other", EventFilter(order_id="theirs"))
    assert [row["seq"] for row in page.rows] == [3]
