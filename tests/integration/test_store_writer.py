"""What the committer writes is what is read back, on both databases; what cannot be written leaves nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.instruments import SizeUnit
from app.domain.money import ZERO
from app.domain.order_changes import mark_accepted, new_order
from app.domain.orders import (
    Amendment,
    Ending,
    Fill,
    Liquidity,
    Order,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionKey,
    PositionSide,
    TradeMode,
)
from app.domain.positions import refold
from app.domain.refusals import Refusal
from app.models.trading import Trade
from app.store import queries
from app.store.database import Database
from app.store.group import Group, PlainRow
from app.store.queries_base import fill_select, read_fills
from app.store.rows import NewOrder
from tests.support import store

NUMBERS = itertools.count(1)


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    with store.opened(tables_url) as database:
        yield database


money = st.decimals(min_value="0.000000000001", max_value=10**9, allow_nan=False, places=12)
signed = st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False, places=18)
instants = st.integers(min_value=0, max_value=2**62)
ids = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
# Words of a venue: anything, also what PostgreSQL cannot store, and longer than anybody expects.
words = st.text(max_size=200)
reasons = st.builds(Refusal, words, words, words, words)
requests = st.builds(
    OrderRequest,
    order_id=st.just(""),
    account=st.just(store.ACCOUNT),
    client_order_id=st.just(""),
    instrument_id=st.sampled_from(["BTC-USDT", "X"]),
    side=st.sampled_from(OrderSide),
    order_type=st.sampled_from(OrderType),
    size=money,
    size_unit=st.sampled_from(SizeUnit),
    price=st.none() | money,
    trade_mode=st.sampled_from(TradeMode),
    created_ns=instants,
    position_side=st.sampled_from(PositionSide),
    reduce_only=st.booleans(),
    reference_price=st.none() | money,
    strategy_id=st.none() | ids,
    parent_step=st.none() | st.integers(1, 1000),
    expires_ns=st.none() | instants,
    external=st.booleans(),
)
amendments = st.lists(st.builds(Amendment, ids, st.none() | money, st.none() | money, instants, st.none() | instants))
fills = st.lists(
    st.builds(
        Fill,
        instrument_id=st.just("BTC-USDT"),
        trade_id=ids,
        venue_order_id=ids,
        side=st.sampled_from(OrderSide),
        price=money,
        size=money,
        time_ns=instants,
        fee=st.none() | signed,
        fee_currency=st.sampled_from(["USDT", "BTC", ""]),
        liquidity=st.none() | st.sampled_from(Liquidity),
        position_side=st.sampled_from(PositionSide),
    ),
    max_size=4,
    unique_by=lambda fill: fill.key,
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Any order that could be, and many that could not."""
    own = draw(fills)
    own = [fill if fill.fee is not None else replace(fill, fee_currency="") for fill in own]
    request = draw(requests)
    return Order(
        request=request,
        size=draw(money),
        price=draw(st.none() | money),
        sent=draw(st.booleans()),
        unanswered=draw(st.booleans()),
        acknowledged=draw(st.booleans()),
        venue_order_id=draw(st.just("") | ids),
        ending=draw(st.none() | st.sampled_from(Ending)),
        reported_filled=draw(st.just(ZERO) | money),
        fills=MappingProxyType({fill.key: fill for fill in own}),
        filled=sum((fill.size for fill in own), ZERO),
        cost=sum((fill.size * fill.price for fill in own), ZERO),
        terms_ns=draw(instants),
        cancel_requested=draw(st.booleans()),
        amendments=tuple(draw(amendments)),
        settled_amendments=frozenset(draw(st.lists(ids, max_size=3))),
        error_code=draw(words),
        error_message=draw(words),
        cancel_source=draw(words),
        reasons=tuple(draw(st.lists(reasons, max_size=2))),
        sent_ns=draw(st.none() | instants),
        acknowledged_ns=draw(st.none() | instants),
        completed_ns=draw(st.none() | instants),
        updated_ns=draw(instants),
    )


def named(order: Order, number: int, like: Order | None = None) -> Order:
    """The order under ids of its own; with `like`, a later state of that one."""
    if like is not None:
        return replace(order, request=like.request)
    request = replace(order.request, order_id=f"o{number}", client_order_id=f"c{number}")
    return replace(order, request=request)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=orders(), later=orders())
def test_any_order_is_read_back_as_it_was(database: Database, first: Order, later: Order):
    number = next(NUMBERS)
    first = named(replace(first, fills=MappingProxyType({})), number)
    # Trade ids of two examples may be the same; trades of two orders may not.
    unique = {
        (f"{number}-{trade_id}", venue_id): replace(fill, trade_id=f"{number}-{trade_id}")
        for (trade_id, venue_id), fill in later.fills.items()
    }
    later = named(replace(later, fills=MappingProxyType(unique)), number, like=first)
    committer = store.committer(database)
    store.run_groups(committer, Group(new_orders={first.order_id: NewOrder(first, "hash", "{}")}))
    assert queries.find_order(database, store.ACCOUNT, order_id=first.order_id) == first
    group = Group(
        orders={later.order_id: later},
        fills=[(later, fill, 1) for fill in later.fills.values()],
        fees=[(fill, 1) for fill in later.fills.values() if fill.fee is not None],
    )
    store.run_groups(committer, group)
    assert queries.find_order(database, store.ACCOUNT, client_order_id=later.request.client_order_id) == later
    with database.reading() as connection:
        stored = read_fills(connection, fill_select().where(Trade.order_id == later.order_id))
    assert sorted(stored, key=lambda fill: fill.key) == sorted(later.fills.values(), key=lambda fill: fill.key)
    state = queries.load_account(database, store.ACCOUNT)
    assert (later.order_id in state.open_orders) is not later.settled
    committer.close()


def test_a_position_goes_on_where_it_was(database: Database):
    order = new_order(store.request(1))
    own = [store.fill(order, number, "0.1", str(50_000 + number), "-0.2") for number in range(1, 100)]
    fold = refold(store.BTC_USDT, PositionKey("BTC-USDT"), own)
    committer = store.committer(database)
    group = Group(positions={PositionKey("BTC-USDT"): (fold, store.BTC_USDT, 7, 8)}, balances={"USDT": (ZERO, None, 9)})
    store.run_groups(committer, group)
    committer.close()
    read = queries.load_account(database, store.ACCOUNT).positions[PositionKey("BTC-USDT")]
    assert read.position == fold.position
    assert read.base_order == (own[-1].time_ns, 2, "99", own[-1].venue_order_id)


BROKEN: dict[str, Any] = {
    "the same client order id again": lambda: Group(
        new_orders={"other": NewOrder(new_order(store.request(1, order_id="other")), "hash")}
    ),
    "the same trade again": lambda: Group(fills=[(first(), store.fill(first(), 1, "0.1"), 1)]),
    "the same fee again": lambda: Group(fees=[(store.fill(first(), 1, "0.1"), 1)]),
    "the same event again": lambda: Group(events=[store.event(2), store.event(1)]),
    "an order that is not there": lambda: Group(orders={"nowhere": new_order(store.request(9, order_id="nowhere"))}),
    "a step of no parent": lambda: Group(
        plain=[
            PlainRow(
                "parent_steps",
                {"parent_id": "none", "step": 1, "kind": "place", "content": "{}", "decided_ns": 1},
            )
        ]
    ),
    "an unknown table": lambda: Group(plain=[PlainRow("nothing", {"a": 1})]),
}


def first() -> Order:
    return mark_accepted(new_order(store.request(1)), "v1", 1, 2)


@pytest.mark.parametrize("name", BROKEN)
def test_a_group_that_cannot_be_written_leaves_nothing(database: Database, name: str):
    committer = store.committer(database)
    order = first()
    fill = store.fill(order, 1, "0.1")
    group = Group(
        new_orders={order.order_id: NewOrder(order, "hash")},
        fills=[(order, fill, 1)],
        fees=[(fill, 1)],
        events=[store.event(1)],
    )
    store.run_groups(committer, group)
    before = rows_of(database)
    broken = BROKEN[name]()
    broken.balances["USDT"] = (Decimal(5), None, 1)
    if not broken.events:
        broken.events.append(store.event(2))
    with pytest.raises(Exception):  # noqa: B017  whatever the database says
        store.run_groups(committer, broken)
    assert rows_of(database) == before
    committer.close()


def rows_of(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with queries.snapshot(database) as connection:
        names = [name for name in sa.inspect(database.read_engine).get_table_names() if name != "leases"]
        return {name: [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))] for name in names}


def test_a_full_disk_leaves_nothing_and_says_so(sqlite_url: str):
    with store.opened(sqlite_url) as database:
        with database.writer_engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        committer = store.committer(database)
        committer.disk.connection.execute(f"PRAGMA max_page_count={pages + 4}").close()
        store.run_groups(committer, Group(events=[store.event(1)]))
        with pytest.raises(Exception, match="database or disk is full"):
            store.run_groups(committer, Group(events=[store.event(2, payload='"' + "x" * 100_000 + '"')]))
        store.run_groups(committer, Group(events=[store.event(2)]))
        committer.close()
        assert [row["seq"] for row in queries.events(database, store.ACCOUNT)] == [1, 2]


def test_a_lost_connection_leaves_nothing(postgres_url: str):
    with store.opened(postgres_url) as database:
        committer = store.committer(database)
        store.run_groups(committer, Group(events=[store.event(1)]))
        with database.read_engine.connect() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        with pytest.raises(Exception, match="terminating connection"):
            store.run_groups(committer, Group(events=[store.event(2)]))
        assert [row["seq"] for row in queries.events(database, store.ACCOUNT)] == [1]
        committer.close(release=False)
