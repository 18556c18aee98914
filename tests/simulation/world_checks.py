"""What must hold in a simulated world: the venue's truth against the ledger, the tables and the journal.

Nothing here believes a conclusion of the system: status, sums and positions are worked out anew from the venue's own
orders and fills.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from app.domain.exposure import exposure_of
from app.domain.instruments import InstrumentKind
from app.domain.orders import Order, OrderStatus, VenueState
from app.exchanges.memory.venue import VenueOrder
from app.journal.audit import audit
from app.store import queries
from app.store.queries import TradeFilter
from tests.simulation.world import REFUSED as REFUSED_AT_FIRST
from tests.simulation.world import World

REFUSED = (OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.NEVER_ACCEPTED, OrderStatus.NOT_SENT)
ENDED = (VenueState.FILLED, VenueState.CANCELED)
ROUNDING = Decimal("1e-8")
ALARMS = ("overfill", "fill_without_acceptance", "alive_after_refusal", "conflicting_fill", "illegal_transition")


def venue_orders(world: World) -> dict[str, VenueOrder]:
    """By the venue's id."""
    venue = world.exchange.venue
    return {order.venue_order_id: order for order in (*venue.open.values(), *venue.finished)}


def check_step(world: World) -> None:
    """At any instant, whatever is broken just now."""
    assert not world.wire.broken, world.wire.broken
    assert not world.errors, world.errors
    process = world.process
    if process is None or process.dead or not process.ready:
        return
    ledger = process.system.ledger
    known = [(o, ledger.instruments[o.request.instrument_id]) for o in ledger.open_orders()]
    assert ledger.exposure == exposure_of(known), "the running exposure is not the sum of the open orders"
    venue = world.exchange.venue
    for order in ledger.orders.values():
        if world.verified.get(order.order_id) is order:
            continue
        client_order_id = "" if order.request.external else order.request.client_order_id
        truth = venue.find(client_order_id, order.venue_order_id if order.request.external else "")
        check_order(order, truth)
        if order.settled and truth is not None and truth.state in ENDED:
            world.verified[order.order_id] = order


def check_order(order: Order, truth: VenueOrder | None) -> None:
    """One order in memory against the venue: nothing forgotten (S5), no fill that is none (S3, S13), no early end."""
    where = f"{order.order_id} ({order.status.value})"
    if truth is None:
        assert not order.filled_size, f"{where} has fills, but is not at the venue"
        return
    assert order.status not in REFUSED, f"S5: {where} is {truth.state.value} at the venue"
    assert order.filled_size <= truth.filled, f"S3: {where} has {order.filled_size} filled of {truth.filled}"
    if order.terminal:
        assert truth.state in ENDED, f"S5: {where} is still {truth.state.value} at the venue"
    else:
        least = max(truth.filled, truth.size if truth.state not in ENDED else truth.filled)
        assert order.max_possible >= least, f"exposure: {where} counts {order.max_possible}, the venue may fill {least}"


def check_end(world: World) -> None:
    """Long after the last fault: everything is as the venue has it, in memory, in the tables, in the journal."""
    check_step(world)
    process = world.process
    assert process is not None
    assert process.ready
    system = process.system
    closed = [str(reason) for reason in system.gate.closed()]
    assert not closed, f"L6: not ready again: {closed}"
    _check_orders(world)
    _check_fills(world)
    _check_money(world)
    _check_promises(world)
    _check_switch(world)
    _check_journal(world)


def _check_orders(world: World) -> None:
    system = _system(world)
    truths = venue_orders(world)
    rows = _all_orders(world)
    unknown = [o.order_id for o in rows.values() if o.status in (OrderStatus.UNKNOWN, OrderStatus.SENT)]
    assert not unknown, f"L2: undecided: {unknown}"
    for truth in truths.values():
        ours = truth.request.client_order_id in world.wire.places
        found = [o for o in rows.values() if o.venue_order_id == truth.venue_order_id]
        name = f"venue order {truth.venue_order_id} ({truth.request.client_order_id}, {truth.state.value})"
        if not found:
            untouched = not ours and not truth.filled and truth.state is VenueState.CANCELED
            assert untouched or truth.created_ns < system.ledger.opening.began_ns, f"S5: {name} is in no row"
            continue
        (order,) = found
        assert order.request.external is not ours, name
        assert order.accounted == order.filled_size == truth.filled, f"{name}: {order.accounted} of {truth.filled}"
        if truth.state in ENDED:
            assert order.settled, f"L1: {name} is {order.status.value}"
            filled = truth.filled >= truth.size
            assert order.status is (OrderStatus.FILLED if filled else OrderStatus.CANCELED), name
        else:
            assert order.status in (OrderStatus.LIVE, OrderStatus.PARTIALLY_FILLED), f"{name} is {order.status.value}"
            assert (order.size, order.price) == (truth.size, truth.price), f"{name} has other terms"
            assert not order.amendments, f"{name} still waits for {order.amendments}"
            assert not order.cancel_requested, f"{name} was to be cancelled, and lives"
    for order in rows.values():
        assert order.venue_order_id in truths or order.status in REFUSED, f"{order.order_id} is {order.status.value}"


def _check_fills(world: World) -> None:
    ledger = _system(world).ledger
    booked = {
        (row["trade_id"], row["exchange_order_id"]): (
            row["instrument_id"],
            row["side"],
            row["price"],
            row["size"],
            row["fee_amount"],
            row["fee_currency"],
            row["traded_ns"],
        )
        for rows in queries.iter_trades(_system(world).database, ledger.account, TradeFilter())
        for row in rows
    }
    truth = {
        fill.key: (fill.instrument_id, fill.side, fill.price, fill.size, fill.fee, fill.fee_currency, fill.time_ns)
        for fill in world.exchange.venue.fills
        if fill.time_ns >= ledger.opening.began_ns
    }
    assert booked == truth, "S7: the trades are not the venue's fills"


def _check_money(world: World) -> None:
    ledger, venue = _system(world).ledger, world.exchange.venue
    theirs = {currency: total for currency, total in venue.ledger.total.items() if total}
    ours = {currency: total for currency, total in ledger.balances.items() if total}
    assert ours == theirs, f"M2: balances {ours}, at the venue {theirs}"
    movements = queries.cash_movements(_system(world).database, ledger.account)
    moved = Counter((row["bill_id"], row["currency"], row["amount"]) for row in movements if row["bill_id"] is not None)
    bills = Counter(
        (bill.bill_id, bill.currency, bill.amount) for bill in venue.bills if bill.time_ns >= ledger.opening.began_ns
    )
    assert moved == bills, f"S13: {moved - bills} moved, {bills - moved} at the venue"
    invented = [
        (row["currency"], row["amount"], row["kind"])
        for row in movements
        if row["bill_id"] is None and row["kind"] != "opening" and not _rounds(row)
    ]
    assert not invented, f"S13: {invented}"
    for key, fold in ledger.folds.items():
        instrument = ledger.instruments[key.instrument_id]
        if instrument.kind is InstrumentKind.SWAP:
            truth = venue.ledger.held(key)
            assert fold.position.size == truth, f"M1: {key.label} {fold.position.size}, at the venue {truth}"
    for key, held in venue.ledger.holdings.items():
        assert not held.size or key in ledger.folds, f"M1: {key.label} {held.size} at the venue, unknown here"


def _rounds(row: Any) -> bool:
    return row["kind"] == "rounding" and abs(row["amount"]) <= ROUNDING


def _check_switch(world: World) -> None:
    """In drawn worlds only the clients' drills throw it."""
    system = _system(world)
    thrown = [row["payload"] for row in queries.events(system.database, system.ledger.account, kind="kill_switch.on")]
    without = [payload for payload in thrown if world.odd and "drill" not in payload]
    assert not without, f"kill switch without a cause: {without}"


def _check_promises(world: World) -> None:
    """P1: what a client was told stands in the tables."""
    rows = _all_orders(world)
    for order_id, promise in world.promises.items():
        told, now = promise.order, rows.get(order_id)
        assert now is not None, f"P1: order {order_id} was acknowledged and is gone"
        if told.status.terminal:
            late = (told.status, now.status) == (OrderStatus.CANCELED, OrderStatus.FILLED)
            assert now.status is told.status or late, f"P1: {order_id} was {told.status}, is {now.status}"
        assert now.filled_size >= told.filled_size, f"P1: {order_id} unfilled"
    by_key = {row: order_id for row, (_, order_id) in world.keys.items() if order_id is not None}
    for key, order_id in by_key.items():
        stored = queries.idempotent(_system(world).database, _system(world).ledger.account, key)
        assert stored is not None, f"S14: key {key} is gone"
        # A refusal of the moment may have been asked again, by a client that heard no answer any more.
        told = world.promises.get(order_id)
        asked_again = told is not None and told.order.status in REFUSED_AT_FIRST
        assert stored["order_id"] == order_id or asked_again, f"S14: key {key} names another order"


def _check_journal(world: World) -> None:
    system = _system(world)
    report = audit(system.database, system.ledger.account, system.ledger.instruments)
    assert report.clean, report.findings[:5]
    alarms = [
        row["payload"]
        for row in queries.events(system.database, system.ledger.account, kind="anomaly")
        if any(code in row["payload"] for code in ALARMS)
    ]
    assert not alarms, alarms[:3]
    quarantined = list(queries.events(system.database, system.ledger.account, kind="message.quarantined"))
    assert not quarantined, quarantined[:2]
    ledger, state = system.ledger, queries.load_account(system.database, system.ledger.account)
    assert state.seq == ledger.seq, "P3"
    assert dict(state.open_orders) == {o.order_id: o for o in ledger.open_orders()}, "P4: open orders"
    positions = {key: fold.position for key, fold in state.positions.items()}
    assert positions == {key: fold.position for key, fold in ledger.folds.items()}, "P4: positions"
    assert dict(state.balances) == ledger.balances, "P4: balances"
    assert dict(state.strategy_sizes) == ledger.strategy_sizes, "P4: strategy sizes"
    books = {(asset, name): book for asset, held in ledger.assets.held.items() for name, book in held.books.items()}
    assert dict(state.books) == books, "P4: books"
    for asset, total in ledger.balances.items():
        assert asset == ledger.assets.currency or ledger.assets.of(asset).quantity == total, f"S17: {asset}"
    assert state.kill_switch.engaged == ledger.kill_switch.engaged, "P4: kill switch"


def _system(world: World) -> Any:
    assert world.process is not None
    return world.process.system


def _all_orders(world: World) -> dict[str, Order]:
    """Every order in the tables, with its fills."""
    from app.store.queries_base import order_select, read_orders, snapshot

    with snapshot(_system(world).database) as connection:
        return {order.order_id: order for order in read_orders(connection, order_select())}
