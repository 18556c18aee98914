"""The ledger of a system beside the simulated exchange's own truth, order by order and fill by fill.

Both sides are read without any conclusion of the system: the exchange's control ledger against the tables.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.domain.instruments import InstrumentKind
from app.domain.orders import Order, OrderStatus
from app.journal.audit import audit
from app.services.trading.holdings import valuation
from app.store import queries
from app.store.queries import TradeFilter
from app.store.queries_base import order_select, read_orders, snapshot
from app.system import System
from tests.support.simulated_okx import SimulatedVenue

REFUSED = (OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.NEVER_ACCEPTED, OrderStatus.NOT_SENT)
STATES = {
    "live": OrderStatus.LIVE,
    "partially_filled": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "mmp_canceled": OrderStatus.CANCELED,
}
ALARMS = ("overfill", "fill_without_acceptance", "alive_after_refusal", "conflicting_fill", "illegal_transition")
FORCED = {"full_liquidation", "partial_liquidation", "adl", "delivery"}
DOLLARS = ("USDT", "USDC", "USD")
PLAUSIBLE = Decimal("0.01")
"""How far a worth may be off, as a part of all that is held: a spread, a moment."""
ROUNDING = Decimal("1e-8")
"""An exchange rounds realised profit, the ledger keeps eighteen decimals: what that may come to in a run."""

PARENTS_MAX = 500
"""The newest, of a run."""

Truth = Mapping[str, Any]


def findings(system: System, truth: Truth) -> list[str]:
    """Everything in which they differ, a line each; empty when they agree."""
    return [
        *_orders(system, truth),
        *_fills(system, truth),
        *_balances(system, truth),
        *_bills(system, truth),
        *_positions(system, truth),
        *_holdings(system),
        *_parents(system),
        *_switch(system, truth),
        *_journal(system),
    ]


def _orders(system: System, truth: Truth) -> Iterator[str]:
    with snapshot(system.database) as connection:
        ours = list(read_orders(connection, order_select("account"), account=system.ledger.account))
    by_id = {order.venue_order_id: order for order in ours if order.venue_order_id}
    theirs = {row["ordId"]: row for row in truth["orders"]}
    for order in ours:
        if order.status not in REFUSED and order.venue_order_id not in theirs:
            yield f"order {order.order_id}: {order.status.value} here, not at the exchange ({order.venue_order_id!r})"
    for venue_id, row in theirs.items():
        order = by_id.get(venue_id)
        if order is not None:
            yield from _order(order, row)
        elif not _foreign_and_empty(row):
            yield f"order {venue_id} ({row['clOrdId']}): {row['state']} at the exchange, not here"


def _foreign_and_empty(row: Mapping[str, Any]) -> bool:
    """Somebody else's order that came and went without a fill need not be known."""
    return row["state"] == "canceled" and not Decimal(row["accFillSz"] or 0)


def _order(order: Order, row: Mapping[str, Any]) -> Iterator[str]:
    pairs: list[tuple[str, Any, Any]] = [
        ("status", order.status, STATES[row["state"]]),
        ("filled", order.filled_size, Decimal(row["accFillSz"] or 0)),
        ("size", order.size, Decimal(row["sz"])),
        ("price", order.price, Decimal(row["px"]) if row["px"] and order.price is not None else order.price),
    ]
    for what, here, there in pairs:
        if here != there:
            yield f"order {order.order_id} {row['clOrdId']}: {what} {here} here, {there} at the exchange"
    if order.terminal and not order.settled:
        yield f"order {order.order_id}: over, but not settled"
    if not order.terminal and order.amendments:
        yield f"order {order.order_id}: still waits for {len(order.amendments)} amendments"


def _fills(system: System, truth: Truth) -> Iterator[str]:
    ours: dict[Any, Any] = {}
    fees_here: defaultdict[str, Decimal] = defaultdict(Decimal)
    fees_there: defaultdict[str, Decimal] = defaultdict(Decimal)
    for rows in queries.iter_trades(system.database, system.ledger.account, TradeFilter()):
        for row in rows:
            key = (row["instrument_id"], row["trade_id"], row["exchange_order_id"])
            if key in ours:
                yield f"fill {key}: twice here"
            ours[key] = (row["side"], row["price"], row["size"], row["fee_amount"], row["fee_currency"])
            if row["fee_amount"] is not None:
                fees_here[row["fee_currency"]] += row["fee_amount"]
    theirs: dict[Any, Any] = {}
    for row in truth["fills"]:
        fee = -Decimal(row["fee"])
        fees_there[row["feeCcy"]] += fee
        theirs[(row["instId"], row["tradeId"], row["ordId"])] = (
            row["side"], Decimal(row["fillPx"]), Decimal(row["fillSz"]), fee, row["feeCcy"],
        )  # fmt: skip
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            yield f"fill {key}: {ours.get(key, 'missing')} here, {theirs.get(key, 'missing')} at the exchange"
    if dict(fees_here) != dict(fees_there):
        yield f"fees: {dict(fees_here)} here, {dict(fees_there)} at the exchange"


def _balances(system: System, truth: Truth) -> Iterator[str]:
    theirs = {currency: Decimal(amount) for currency, amount in truth["cash"].items()}
    for currency in sorted({*theirs, *system.ledger.balances}):
        here, there = system.ledger.balances.get(currency, Decimal(0)), theirs.get(currency, Decimal(0))
        if abs(here - there) > ROUNDING:
            yield f"balance {currency}: {here} here, {there} at the exchange"
    rounded: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in _movements(system):
        if row["kind"] == "rounding":
            rounded[row["currency"]] += abs(row["amount"])
        elif row["kind"] != "opening" and row["bill_id"] is None:
            yield f"balance {row['currency']}: {row['amount']} moved without a fill ({row['kind']})"
    for currency, amount in rounded.items():
        if amount > ROUNDING:
            yield f"balance {currency}: {amount} are more than what rounding comes to"


def _bills(system: System, truth: Truth) -> Iterator[str]:
    """Funding and whatever else is no trade: each bill once, with its amount."""
    ours: Counter[Any] = Counter(
        (row["bill_id"], row["currency"], row["amount"]) for row in _movements(system) if row["bill_id"] is not None
    )
    opened_ms = system.ledger.opening.began_ns // 1_000_000
    theirs: Counter[Any] = Counter(
        (row["billId"], row["ccy"], Decimal(row["balChg"]))
        for row in truth["bills"]
        if not row["tradeId"] and int(row["ts"]) >= opened_ms and Decimal(row["balChg"])
    )
    for bill in sorted((ours - theirs) + (theirs - ours)):
        yield f"bill {bill}: {ours[bill]} times here, {theirs[bill]} at the exchange"


def _movements(system: System) -> Iterator[Mapping[str, Any]]:
    after = 0
    while page := queries.cash_movements(system.database, system.ledger.account, after=after):
        yield from page
        after = page[-1]["movement"]


def _positions(system: System, truth: Truth) -> Iterator[str]:
    """Contracts by instrument, side and margin mode."""
    theirs: dict[str, Decimal] = {}
    for row in truth["positions"]:
        sign = -1 if row["posSide"] == "short" else 1
        theirs[f"{row['instId']}/{row['posSide']}/{row['mgnMode']}"] = sign * Decimal(row["pos"])
    ours = {
        key.label: fold.position.size
        for key, fold in system.ledger.folds.items()
        if system.ledger.instruments[key.instrument_id].kind is InstrumentKind.SWAP and fold.position.size
    }
    for label in sorted({*theirs, *ours}):
        here, there = ours.get(label, Decimal(0)), theirs.get(label, Decimal(0))
        if here != there:
            yield f"position {label}: {here} here, {there} at the exchange"


def _holdings(system: System) -> Iterator[str]:
    """The books of an asset together are its balance (the currency that costs are counted in has none)."""
    assets = system.ledger.assets
    for asset in sorted({*system.ledger.balances, *assets.held} - {assets.currency}):
        held, balance = assets.of(asset).quantity, system.ledger.balances.get(asset, Decimal(0))
        if held != balance:
            yield f"holding {asset}: the books hold {held}, the balance is {balance}"


def _parents(system: System) -> Iterator[str]:
    """A parent has filled what its children have, and no more than it was to; one that is over has nothing at work."""
    for found in system.parents.history(limit=PARENTS_MAX):
        parent = found.parent
        children = system.parents.orders(parent.parent_id)
        filled = sum((child.filled_size for child in children), Decimal(0))
        if filled != found.filled_size:
            yield f"parent {parent.parent_id} ({parent.strategy}): {found.filled_size} filled, its children {filled}"
        if filled > parent.size:
            yield f"parent {parent.parent_id} ({parent.strategy}): {filled} filled of {parent.size}"
        working = [child.order_id for child in children if parent.status.terminal and not child.status.terminal]
        if working:
            yield f"parent {parent.parent_id} ({parent.strategy}): over ({parent.reason}), but {working} is not"
        if parent.status.terminal and not parent.reason:
            yield f"parent {parent.parent_id} ({parent.strategy}): {parent.status.value} without a reason"


def _switch(system: System, truth: Truth) -> Iterator[str]:
    """Nobody here throws the kill switch, and the exchange only when it takes positions over."""
    forced = {row["category"] for row in truth["orders"]} & FORCED
    for event in queries.events(system.database, system.ledger.account, kind="kill_switch.on"):
        if not forced:
            yield f"kill switch without a cause: {event['payload']}"


def worth_findings(system: System, venue: SimulatedVenue, truth: Truth) -> Iterator[str]:
    """The equity shown is about what the exchange's own markets make of its cash and positions."""
    shown = valuation.equity(system.ledger, system.prices)
    cash = {currency: Decimal(amount) for currency, amount in truth["cash"].items() if Decimal(amount)}
    rate = _dollars(venue, shown.currency)
    worth = gross = Decimal(0)
    for currency, amount in cash.items():
        price = _dollars(venue, currency)
        if (price is None) != (currency in shown.unvalued):
            yield f"equity: {currency} is {'worth nothing' if price is None else price}, unvalued: {shown.unvalued}"
        worth += amount * (price or 0)
        gross += abs(amount) * (price or 0)
    for row in truth["positions"]:
        worth += Decimal(row["upl"]) * (_dollars(venue, row["ccy"]) or 0)
        gross += Decimal(row["notionalUsd"])
    if rate is None:
        yield f"equity: counted in {shown.currency}, which no market prices"
    elif abs(shown.equity * rate - worth) > gross * PLAUSIBLE:
        yield f"equity {shown.equity} {shown.currency}: {worth} USD at the exchange"


def _dollars(venue: SimulatedVenue, currency: str) -> Decimal | None:
    """What one unit is worth at the exchange's markets, a dollar being any dollar; None without one."""
    if currency in DOLLARS:
        return Decimal(1)
    found = {(m.inst.base, m.inst.quote): m.mark_price() for m in venue.exchange.markets.values() if m.inst.is_spot}
    for quote in (*DOLLARS, "BTC", "EUR"):
        if (currency, quote) in found and quote != currency:
            return found[currency, quote] * (_dollars(venue, quote) or 0)
        if (quote, currency) in found and quote in (*DOLLARS, "BTC"):
            return (_dollars(venue, quote) or Decimal(0)) / found[quote, currency]
    return None


def _journal(system: System) -> Iterator[str]:
    report = audit(system.database, system.ledger.account, system.ledger.instruments)
    for finding in report.findings[:10]:
        yield f"audit: {finding}"
    alarms = [
        row["payload"]
        for row in queries.events(system.database, system.ledger.account, kind="anomaly")
        if any(code in row["payload"] for code in ALARMS)
    ]
    for alarm in alarms[:10]:
        yield f"anomaly: {alarm}"
    if closed := system.gate.closed():
        yield f"not ready at the end: {[str(reason) for reason in closed]}"
    if undecided := [o.order_id for o in system.ledger.open_orders() if o.status is OrderStatus.UNKNOWN]:
        yield f"undecided orders: {undecided}"
