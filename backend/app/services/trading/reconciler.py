"""Truth after silence: the exchange's snapshot through the one door, at start, after every gap, and every half minute.

Pending orders, order history, fills and bills since the watermark (less an overlap), balances, positions. What then is
not explained is shown as a difference and, when it stays, booked as an unexplained cash movement, never as a trade.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import EventKind
from app.domain.instruments import InstrumentKind
from app.domain.money import ZERO, plain
from app.domain.orders import OrderReport, OrderStatus, Source
from app.exchanges.errors import ExchangeError
from app.exchanges.port import Balance, Bill, VenuePosition
from app.services.trading.bills import BillBook
from app.services.trading.ledger import SYSTEM, Ledger
from app.services.trading.order_manager import SyncResult
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.position_manager import PositionDifference, PositionManager
from app.services.trading.resolver import Resolver
from app.store.database import Database

OVERLAP_NS = 120 * NS_PER_SECOND
FILLS = "fills"
ROUNDING_MAX = Decimal("0.00000001")
"""In any currency: balances that differ by no more, where contracts were settled, differ by rounding."""
UNEXPLAINED_AFTER_NS = 20 * NS_PER_SECOND
"""A difference must stand this long in quiet: a fill may be missing in the fills list for 10 s (INVARIANTS 1.2)."""

log = structlog.get_logger("reconciler")


class Snapshots(Protocol):
    """The reads of the exchange port that a snapshot needs."""

    async def open_orders(self) -> Sequence[OrderReport]: ...

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]: ...

    async def fills(
        self, since_ns: int, *, instrument_id: str = "", venue_order_id: str = ""
    ) -> Sequence[OrderReport]: ...

    async def bills(self, since_ns: int) -> Sequence[Bill]: ...

    async def balances(self) -> Sequence[Balance]: ...

    async def positions(self) -> Sequence[VenuePosition]: ...

    def server_time_ns(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceDifference:
    """Venue total less ledger total of a currency."""

    currency: str
    ledger: Decimal
    venue: Decimal

    @property
    def amount(self) -> Decimal:
        return self.venue - self.ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What one comparison found. quiet: nothing was in flight, so that differences mean something."""

    orders: SyncResult
    balances: tuple[BalanceDifference, ...]
    positions: tuple[PositionDifference, ...]
    quiet: bool
    at_ns: int

    @property
    def clean(self) -> bool:
        return not self.balances and not self.positions and not self.orders.unknown


class Reconciler:
    """Compares the account with the exchange; `last` is the newest result."""

    def __init__(
        self,
        ledger: Ledger,
        tracker: OrderTracker,
        positions: PositionManager,
        resolver: Resolver,
        exchange: Snapshots,
        clock: Clock,
        database: Database,
    ) -> None:
        self.last: Reconciliation | None = None
        self._ledger = ledger
        self._tracker = tracker
        self._positions = positions
        self._resolver = resolver
        self._exchange = exchange
        self._clock = clock
        self._bills = BillBook(ledger, database, exchange)
        self._seen: dict[BalanceDifference, int] = {}

    async def run(self, source: Source = Source.SNAPSHOT) -> Reconciliation:
        """One full comparison. Raises ExchangeError and StoreFailed; then nothing moves the watermark."""
        began_ns = self._exchange.server_time_ns()
        seq_before = self._ledger.seq
        orders = await self.orders(source)
        bills_read = await self._take_bills(began_ns)
        balances = await self._exchange.balances()
        positions = await self._exchange.positions()
        quiet = self._ledger.open_count == 0 or self._all_resting()
        quiet = quiet and self._ledger.seq == seq_before
        result = await self._compare(orders, balances, positions, quiet, bills_read)
        await self._advance(began_ns, bills_read)
        self.last = result
        return result

    async def _take_bills(self, began_ns: int) -> bool:
        """Whether the bills could be read. Trading does not wait for them; calling a difference unexplained does."""
        try:
            await self._bills.take(began_ns, self._fills_read_ns(began_ns))
        except ExchangeError as error:
            log.warning("bills.not_read", reason=str(error))
            return False
        return True

    async def orders(self, source: Source = Source.SNAPSHOT) -> SyncResult:
        """Orders and fills alone: everything that the exchange lists goes through the door, then what it does not list
        is asked for one by one. Raises ExchangeError."""
        marked_ns = self._ledger.watermarks.get(FILLS, self._clock.now_ns())
        opening = self._ledger.opening
        since_ns = max(opening.listed_ns, marked_ns - OVERLAP_NS)
        open_before = {order.order_id for order in self._ledger.open_orders()}
        reports = [
            *await self._exchange.open_orders(),
            *await self._exchange.order_history(since_ns),
            *await self._exchange.fills(since_ns),
        ]
        changed = 0
        listed: set[str] = set()
        for report in reports:
            if opening.lists(report):
                continue
            seq = self._ledger.seq
            order = await self._tracker.on_order_update(replace(report, source=source))
            changed += self._ledger.seq != seq
            if order is not None and report.state is not None:
                # A fill alone says nothing of how its order stands now.
                listed.add(order.order_id)
        for order_id in sorted(open_before - listed):
            order = self._ledger.orders.get(order_id)
            if order is not None and order.status is not OrderStatus.PENDING and not order.settled:
                await self._resolver.resolve(order)
        unknown = sum(order.status is OrderStatus.UNKNOWN for order in self._ledger.open_orders())
        return SyncResult(checked=len(open_before | listed), changed=changed, unknown=unknown)

    def _fills_read_ns(self, otherwise_ns: int) -> int:
        return self._ledger.watermarks.get(FILLS, otherwise_ns)

    def _all_resting(self) -> bool:
        return all(
            order.status in (OrderStatus.LIVE, OrderStatus.PARTIALLY_FILLED) and order.accounted == order.filled_size
            for order in self._ledger.open_orders()
        )

    async def _compare(
        self,
        orders: SyncResult,
        balances: Sequence[Balance],
        positions: Sequence[VenuePosition],
        quiet: bool,
        bills_read: bool,
    ) -> Reconciliation:
        venue = {balance.currency: balance.total for balance in balances}
        found = tuple(
            BalanceDifference(currency=currency, ledger=ours, venue=theirs)
            for currency in sorted({*venue, *self._ledger.balances})
            if (ours := self._ledger.balances.get(currency, ZERO)) != (theirs := venue.get(currency, ZERO))
        )
        rounding = tuple(difference for difference in found if self._is_rounding(difference))
        found = tuple(difference for difference in found if difference not in rounding)
        self._positions.on_venue_positions(positions)
        turn = self._ledger.turn(SYSTEM)
        for currency, total in venue.items():
            if self._ledger.venue_balances.get(currency) != total:
                turn.venue_balance(currency, total)
        if quiet and bills_read:
            for difference in rounding:
                note = "the venue rounds the profits of contracts"
                turn.move_cash(difference.currency, difference.amount, "rounding", note)
            now_ns = self._clock.now_ns()
            first_seen = {d: self._seen.get(d, now_ns) for d in found}
            for difference, seen_ns in first_seen.items():
                if now_ns - seen_ns >= UNEXPLAINED_AFTER_NS:
                    note = "venue and ledger differ without a fill or bill that explains it, longer than one is unseen"
                    turn.move_cash(difference.currency, difference.amount, "unexplained", note)
                    turn.event(EventKind.DIFFERENCE, difference)
                    log.warning("balance.unexplained", currency=difference.currency, amount=plain(difference.amount))
            self._seen = first_seen
        if turn.has_changes:
            await turn.commit()
        differences = tuple(self._positions.differences(positions))
        return Reconciliation(
            orders=orders, balances=found, positions=differences, quiet=quiet, at_ns=self._clock.now_ns()
        )

    def _is_rounding(self, difference: BalanceDifference) -> bool:
        """A contract's profit is a quotient, which the venue rounds and the ledger keeps to 28 digits."""
        settled = any(
            instrument.settle == difference.currency
            for key in self._ledger.folds
            if (instrument := self._ledger.instruments.get(key.instrument_id))
            and instrument.kind is InstrumentKind.SWAP
        )
        return settled and abs(difference.amount) <= ROUNDING_MAX

    async def _advance(self, began_ns: int, bills_read: bool) -> None:
        """Only now that everything up to began_ns is durable may the watermark pass it (FAULTS D6)."""
        await self._ledger.writer.drain()
        turn = self._ledger.turn(SYSTEM)
        turn.watermark(FILLS, began_ns)
        self._bills.advance(turn, began_ns if bills_read else None, self._fills_read_ns(began_ns))
        await turn.commit()
