"""What the opening balances and positions hold already: decided by what the exchange listed when they were read.

Clocks do not decide it (INVARIANTS S16): the exchange's may be seconds from what we took it for. What was listed then
is held; time speaks of what is older than the list, and never of a fill whose order has an intent here.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import msgspec

from app.clock import NS_PER_MS, NS_PER_SECOND
from app.domain.events import EventKind
from app.domain.orders import Fill, Order, OrderReport, VenueState
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.port import Balance, Bill, VenuePosition
from app.store import queries
from app.store.database import Database

LISTED_NS = 120 * NS_PER_SECOND
"""How far back the first start lists fills, bills and orders; no two clocks that trade together are so far apart."""
READS_MAX = 5

_OVER = frozenset({VenueState.FILLED, VenueState.CANCELED})

FillName = tuple[str, str, str]
"""(instrument id, trade id, venue order id)."""


class Lists(Protocol):
    """The reads of the exchange port that say what had happened."""

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]: ...

    async def fills(self, since_ns: int) -> Sequence[OrderReport]: ...

    async def bills(self, since_ns: int) -> Sequence[Bill]: ...


class Holdings(Lists, Protocol):
    """Those and the reads of what there is."""

    async def open_orders(self) -> Sequence[OrderReport]: ...

    async def balances(self) -> Sequence[Balance]: ...

    async def positions(self) -> Sequence[VenuePosition]: ...

    def server_time_ns(self) -> int: ...


class _Recorded(msgspec.Struct):
    began_ns: int
    fills: tuple[FillName, ...]
    bills: tuple[str, ...]
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """began_ns: when the ledger began (exchange time). fills, bills, orders (that were over): listed then, since
    listed_ns. A database of an earlier release has no lists, and its time decides."""

    began_ns: int = 0
    listed_ns: int = 0
    fills: frozenset[FillName] = frozenset()
    bills: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()

    def holds_fill(self, fill: Fill) -> bool:
        """Whether it is older than the ledger; ask of fills whose order has no intent here."""
        return fill.time_ns < self.listed_ns or _name(fill) in self.fills or fill.venue_order_id in self.orders

    def holds_bill(self, bill: Bill) -> bool:
        # Bills are timed in milliseconds.
        return bill.time_ns // NS_PER_MS < self.listed_ns // NS_PER_MS or bill.bill_id in self.bills

    def lists(self, report: OrderReport) -> bool:
        """Whether a report tells only what was listed when the ledger began."""
        if report.fill is not None:
            return _name(report.fill) in self.fills or report.fill.venue_order_id in self.orders
        return report.state in _OVER and report.venue_order_id in self.orders

    def payload(self) -> dict[str, object]:
        """For the journal."""
        return {
            "began_ns": self.began_ns,
            "fills": sorted(self.fills),
            "bills": sorted(self.bills),
            "orders": sorted(self.orders),
        }


async def list_what_was(exchange: Lists, began_ns: int) -> Opening:
    """What the exchange lists now, since LISTED_NS before began_ns. Raises ExchangeError."""
    since_ns = began_ns - LISTED_NS
    orders = await exchange.order_history(since_ns)
    fills = await exchange.fills(since_ns)
    bills = await exchange.bills(since_ns)
    return Opening(
        began_ns,
        since_ns,
        frozenset(_name(report.fill) for report in fills if report.fill is not None),
        frozenset(bill.bill_id for bill in bills),
        frozenset(report.venue_order_id for report in orders if report.state in _OVER),
    )


async def read_holdings(
    exchange: Holdings, machine_ns: Callable[[], int]
) -> tuple[Opening, Sequence[Balance], Sequence[VenuePosition], Sequence[OrderReport]]:
    """Balances, positions and open orders of one moment, and what was listed before and after: the same, so that
    nothing moved meanwhile. Raises ExchangeError.

    machine_ns: the machine's time. The ledger begins at that of the clock that is behind: what is listed from before it
    is held by name, and what an exchange whose clock was ahead would tell of later would seem older than the ledger.
    """
    for _ in range(READS_MAX):
        began_ns = min(exchange.server_time_ns(), machine_ns())
        orders = await exchange.open_orders()
        before = await list_what_was(exchange, began_ns)
        balances, positions = await exchange.balances(), await exchange.positions()
        after = await list_what_was(exchange, began_ns)
        if after == before and _filled(await exchange.open_orders()) == _filled(orders):
            return before, balances, positions, orders
    raise ExchangeUnavailable(
        f"the account is in use: money moved during each of {READS_MAX} reads of what it holds; "
        "pause whatever trades it until the first start is done"
    )


def _filled(orders: Sequence[OrderReport]) -> dict[str, Decimal]:
    """The cumulative fill of each order that has any."""
    return {report.venue_order_id: report.filled for report in orders if report.filled}


async def recorded(database: Database, account: str, began_ns: int) -> Opening:
    """The opening of a ledger that began at began_ns, as the journal has it."""
    rows = await asyncio.to_thread(queries.events, database, account, kind=EventKind.ACCOUNT_OPENED.value)
    if not rows:
        return Opening(began_ns, began_ns)
    read = msgspec.json.decode(rows[0]["payload"], type=_Recorded)
    return Opening(
        read.began_ns,
        read.began_ns - LISTED_NS,
        frozenset(read.fills),
        frozenset(read.bills),
        frozenset(read.orders),
    )


def is_held(opening: Opening, order: Order | None, report: OrderReport) -> bool:
    """Whether the fill of a report is in the opening. order: the one that it belongs to, None when nobody here knows
    it. A fill of an order with an intent here always counts."""
    fill = report.fill
    if fill is None or (order is not None and (not order.request.external or fill.key in order.fills)):
        return False
    if opening.holds_fill(fill):
        return True
    if order is None or not order.filled_before:
        return False
    if report.filled is not None and report.filled <= order.filled_before:
        # The cumulative fill that comes with it is no more than what had filled before.
        return True
    # Listed late: with it more would have filled than the exchange says. Should it say more, it is asked for again.
    return fill.time_ns < opening.began_ns and order.accounted + fill.size > order.filled_size


def _name(fill: Fill) -> FillName:
    return fill.instrument_id, fill.trade_id, fill.venue_order_id
