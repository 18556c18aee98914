"""Truth after silence: the exchange's snapshot through the one door, at start, after every gap, and every half minute.

Pending orders, order history, fills and bills since the watermark (less an overlap), balances, positions. What then is
not explained is shown as a difference, and watched (differences.py).
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

import structlog

from app.clock import Clock
from app.domain.cash import CashKind
from app.domain.instruments import InstrumentKind
from app.domain.money import ZERO, plain
from app.domain.orders import Order, OrderReport, OrderStatus, PositionKey, Source
from app.exchanges.conditional import ConditionalVenue
from app.exchanges.errors import ExchangeError, ProtocolError
from app.exchanges.port import Balance, Bill, RowKind, Unreadable, VenuePosition, unreadable_of
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.report_door import concerns
from app.services.trading.account.turn import SYSTEM
from app.services.trading.order_manager import SyncResult
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.position_manager import PositionDifference, PositionManager
from app.services.trading.venue.bills import BillBook
from app.services.trading.venue.counts import Counts
from app.services.trading.venue.differences import Difference, DifferenceKind, Differences
from app.services.trading.venue.resolver import Resolver
from app.services.trading.venue.set_aside import SetAside
from app.services.trading.venue.watermarks import TwoClocks
from app.store.database import Database

FILLS = "fills"
ROUNDING_MAX = Decimal("0.00000001")
"""In any currency: balances that differ by no more, where contracts were settled, differ by rounding."""
SHOWN_MAX = Decimal("0.0000000001")
"""The same in any account: a balance may be shown to fewer places (twelve at the simulated exchange) than a fee has."""

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


def shown(result: Reconciliation | None) -> dict[str, list[dict[str, str]]]:
    """The differences of a comparison, ready for JSON."""
    return {
        "balances": [
            {"currency": d.currency, "ledger": plain(d.ledger), "venue": plain(d.venue)}
            for d in (result.balances if result else ())
        ],
        "positions": [
            {
                "instrument_id": d.instrument_id,
                "position_side": d.position_side.value,
                "trade_mode": d.trade_mode.value,
                "ledger": plain(d.ledger_size),
                "venue": plain(d.venue_size),
            }
            for d in (result.positions if result else ())
        ],
    }


class Reconciler:
    """Compares the account with the exchange; `last` is the newest result, `doing` what is being read or booked.

    wall: the machine's clock as it is, where clock is a corrected one.
    """

    def __init__(
        self,
        ledger: Ledger,
        tracker: OrderTracker,
        positions: PositionManager,
        resolver: Resolver,
        exchange: Snapshots,
        clock: Clock,
        database: Database,
        set_aside: SetAside,
        differences: Differences,
        wall: Clock | None = None,
    ) -> None:
        self.last: Reconciliation | None = None
        self.doing = ""
        self._ledger = ledger
        self._tracker = tracker
        self._positions = positions
        self._resolver = resolver
        self._exchange = exchange
        self._clock = clock
        self._wall = wall or clock
        self._bills = BillBook(ledger, database, exchange)
        self._set_aside = set_aside
        self._differences = differences
        self._counts = Counts()

    async def run(self, source: Source = Source.SNAPSHOT) -> Reconciliation:
        """One full comparison. Raises ExchangeError and StoreFailed; then nothing moves the watermark."""
        await self._differences.load()
        began = self._two_clocks()
        seq_before = self._ledger.seq
        orders = await self.orders(source)
        self.doing = "reading bills, balances and positions"
        bills_read = await self._take_bills(began)
        read_ns = self._clock.monotonic_ns()
        balances = await self._exchange.balances()
        positions = await self._exchange.positions()
        self._set_aside.listed([RowKind.BALANCE, RowKind.POSITION], unreadable_of(balances, positions), read_ns)
        quiet = self._ledger.open_count == 0 or self._all_resting()
        quiet = quiet and self._ledger.seq == seq_before
        result = await self._compare(orders, balances, positions, quiet, bills_read)
        await self._advance(began, bills_read)
        self.last = result
        return result

    async def _take_bills(self, began: TwoClocks) -> bool:
        """Whether the bills could be read. Trading does not wait for them; calling a difference unexplained does."""
        asked_ns = self._clock.monotonic_ns()
        try:
            await self._bills.take(began, self._fills_read_ns(began))
        except ExchangeError as error:
            log.warning("bills.not_read", reason=str(error))
            return False
        self._set_aside.listed([RowKind.BILL], self._bills.unreadable, asked_ns)
        return True

    async def orders(self, source: Source = Source.SNAPSHOT) -> SyncResult:
        """Orders and fills alone: everything that the exchange lists goes through the door, then what it does not list
        is asked for one by one. Raises ExchangeError."""
        asked_ns = self._clock.monotonic_ns()
        opening, now = self._ledger.opening, self._two_clocks()
        since_ns = max(opening.listed_ns, now.since(self._fills_read_ns(now)))
        open_before = {order.order_id for order in self._ledger.open_orders()}
        self.doing = "reading the open orders"
        answers = [await self._read(self._exchange.open_orders())]
        self.doing = f"{len(answers[0][1])} open orders read, reading the order history"
        answers.append(await self._read(self._exchange.order_history(since_ns)))
        self.doing = f"{len(answers[0][1]) + len(answers[1][1])} orders read, reading the fills"
        answers.append(await self._read(self._exchange.fills(since_ns)))
        unread = list(unreadable_of(*(answer for _, answer in answers)))
        answers.append(await self._read(self._waiting()))
        changed = 0
        listed: set[str] = set()
        reports = [replace(report, read=read) for read, answer in answers for report in answer]
        counts = Counts()
        for number, report in enumerate(reports):
            self.doing = f"booking {number} of {len(reports)} reports"
            if opening.lists(report):
                continue
            seq = self._ledger.seq
            try:
                order = await self._book(report, source)
            except ProtocolError as error:
                unread.append(Unreadable(RowKind.ORDER, report.instrument_id, f"order: {error}", error.raw))
                continue
            changed += self._ledger.seq != seq
            counts.take(report, order, opening)
            if order is not None and report.state is not None:
                # A fill alone says nothing of how its order stands now.
                listed.add(order.order_id)
        missing = [self._ledger.orders.get(order_id) for order_id in sorted(open_before - listed)]
        asked = [o for o in missing if o is not None and o.status is not OrderStatus.PENDING and not o.settled]
        self.doing = f"asking for {len(asked)} orders that are in no list"
        for order, error in await self._resolver.resolve_all(asked):
            reason = f"order {order.order_id}: {error}"
            unread.append(Unreadable(RowKind.ORDER, order.request.instrument_id, reason, error.raw))
        self._set_aside.listed([RowKind.ORDER, RowKind.FILL], unread, asked_ns)
        counts.take_open(self._ledger.open_orders())
        self._counts = counts
        unknown = sum(order.status is OrderStatus.UNKNOWN for order in self._ledger.open_orders())
        return SyncResult(checked=len(open_before | listed), changed=changed, unknown=unknown)

    async def _book(self, report: OrderReport, source: Source) -> Order | None:
        """Through the door. Raises ProtocolError for what only an unreadable instrument or order would explain."""
        if report.instrument_id not in self._ledger.instruments and self._set_aside.has(RowKind.INSTRUMENT):
            raise ProtocolError(f"{report.instrument_id} cannot be read, so it is not known what its sizes mean")
        return await self._tracker.on_order_update(replace(report, source=source))

    async def _waiting(self) -> Sequence[OrderReport]:
        """What stands at the exchange for a price, if any of ours may."""
        venue = self._exchange
        if not isinstance(venue, ConditionalVenue) or not any(order.waits for order in self._ledger.open_orders()):
            return ()
        self.doing = "reading what waits for a price at the exchange"
        return [report for report in await venue.conditional_orders() if concerns(report)]

    async def _read(self, asking: Awaitable[Sequence[OrderReport]]) -> tuple[int, Sequence[OrderReport]]:
        """An answer and its serial number, drawn before asking: it may be as old as that."""
        read = self._ledger.reads.next()
        return read, await asking

    def _two_clocks(self) -> TwoClocks:
        return TwoClocks(self._exchange.server_time_ns(), self._wall.now_ns())

    def _fills_read_ns(self, now: TwoClocks) -> int:
        return self._ledger.watermarks.get(FILLS, now.behind_ns)

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
        unread = {row.subject for row in unreadable_of(balances)}
        missing_means_none = "" not in unread
        found = tuple(
            BalanceDifference(currency=currency, ledger=ours, venue=theirs)
            for currency in sorted({*venue, *self._ledger.balances} - unread)
            if (currency in venue or missing_means_none)
            and (ours := self._ledger.balances.get(currency, ZERO)) != (theirs := venue.get(currency, ZERO))
        )
        rounding = tuple(difference for difference in found if self._is_rounding(difference))
        found = tuple(difference for difference in found if difference not in rounding)
        self._positions.on_venue_positions(positions)
        turn = self._ledger.turn(SYSTEM)
        for currency, total in venue.items():
            if self._ledger.venue_balances.get(currency) != total:
                turn.bookings.venue_balance(currency, total)
        if quiet and bills_read:
            rounding = tuple(d for d in rounding if not self._set_aside.doubts(d.currency))
            for difference in rounding:
                note = "the venue rounds the profits of contracts and the balances that it shows"
                turn.move_cash(difference.currency, difference.amount, CashKind.ROUNDING, note)
        if turn.has_changes:
            await turn.commit()
        unread = {row.subject for row in unreadable_of(positions)}
        differences = tuple(
            difference
            for difference in self._positions.differences(positions)
            if difference.instrument_id not in unread and not ("" in unread and not difference.venue_size)
        )
        balances_unread = {row.subject for row in unreadable_of(balances)}

        def uncompared(name: str) -> bool:
            kind, _, subject = name.partition(":")
            if kind == DifferenceKind.BALANCE:
                doubted = not bills_read or self._set_aside.doubts(subject)
                return doubted or subject in balances_unread or "" in balances_unread
            instrument_id = subject.partition("/")[0]
            if self._set_aside.doubts_trading(instrument_id):
                return True
            return kind == DifferenceKind.POSITION and ("" in unread or instrument_id in unread)

        lasting = [*map(_of_balance, found), *map(_of_position, differences), *self._counts.differences()]
        sure = [each for each in lasting if not uncompared(each.name)]
        await self._differences.compared(sure, uncompared, quiet=quiet)
        return Reconciliation(
            orders=orders, balances=found, positions=differences, quiet=quiet, at_ns=self._clock.now_ns()
        )

    def _is_rounding(self, difference: BalanceDifference) -> bool:
        """The venue rounds a contract's profit, which is a quotient, and every balance that it shows."""
        settled = any(
            instrument.settle == difference.currency
            for key in self._ledger.folds
            if (instrument := self._ledger.instruments.get(key.instrument_id))
            and instrument.kind is InstrumentKind.SWAP
        )
        return abs(difference.amount) <= (ROUNDING_MAX if settled else SHOWN_MAX)

    async def _advance(self, began: TwoClocks, bills_read: bool) -> None:
        """Only now that everything from before `began` is durable may the watermark pass it (FAULTS D6); not while an
        order or fill before it could not be read or is missing here, which is read again until it can be."""
        await self._ledger.writer.drain()
        turn = self._ledger.turn(SYSTEM)
        marked_ns = self._fills_read_ns(began)
        held = self._set_aside.has(RowKind.ORDER) or self._set_aside.has(RowKind.FILL)
        held = held or any(not self._differences.is_accepted(each) for each in self._counts.differences())
        turn.watermark(FILLS, marked_ns if held else began.mark(marked_ns))
        bills_read = bills_read and not self._bills.unreadable
        self._bills.advance(turn, began if bills_read else None, marked_ns)
        await turn.commit()


def _of_balance(difference: BalanceDifference) -> Difference:
    figures = {"ledger": difference.ledger, "venue": difference.venue}
    return Difference(kind=DifferenceKind.BALANCE, subject=difference.currency, **figures)


def _of_position(difference: PositionDifference) -> Difference:
    key = PositionKey(difference.instrument_id, difference.position_side, difference.trade_mode)
    figures = {"ledger": difference.ledger_size, "venue": difference.venue_size}
    return Difference(kind=DifferenceKind.POSITION, subject=key.label, **figures)
