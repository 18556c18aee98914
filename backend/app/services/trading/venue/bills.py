"""What moves cash without a trade: funding, interest, transfers, each bill of the exchange booked once for ever.

Stands before the comparison of balances in reconciler.py, so that only what no bill explains is unexplained.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from app.clock import utc
from app.domain.cash import CashKind
from app.domain.money import plain
from app.exchanges.port import Bill, Unreadable, unreadable_of
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import VENUE, Turn
from app.services.trading.venue.watermarks import TwoClocks
from app.store import queries
from app.store.database import Database

BILLS = "bills"
"""The watermark: every bill up to this moment (ns) is booked."""

log = structlog.get_logger("bills")


class BillReads(Protocol):
    """The read of the exchange port that is needed here."""

    async def bills(self, since_ns: int) -> Sequence[Bill]: ...


class BillBook:
    """Turns the exchange's bills into cash movements."""

    def __init__(self, ledger: Ledger, database: Database, exchange: BillReads) -> None:
        self._ledger = ledger
        self._database = database
        self._exchange = exchange
        self._one_at_a_time = asyncio.Lock()
        self.unreadable: tuple[Unreadable, ...] = ()
        """What of the bills could not be read last time; the watermark waits for them."""

    async def take(self, read: TwoClocks, first_ns: int) -> int:
        """Book every bill since the watermark (first_ns in a database without one) that is not booked yet.

        Returns how many. They and the new watermark are one turn. read: the moment before this reading.
        Raises ExchangeError, and then nothing is booked; StoreFailed, and then nothing or all of it.
        """
        async with self._one_at_a_time:
            return await self._take(read, first_ns)

    async def _take(self, read: TwoClocks, first_ns: int) -> int:
        marked_ns = self._marked(first_ns)
        opening = self._ledger.opening
        listed = await self._exchange.bills(max(opening.listed_ns, read.since(marked_ns)))
        self.unreadable = unreadable_of(listed)
        bills = {bill.bill_id: bill for bill in listed if not opening.holds_bill(bill)}
        if not bills:
            return 0
        known = queries.booked_bills(self._database, self._ledger.account, list(bills))
        fresh = [bill for bill_id, bill in bills.items() if bill_id not in known]
        if fresh:
            turn = self._ledger.turn(VENUE)
            for bill in fresh:
                _book(turn, bill)
            self.advance(turn, None if self.unreadable else read, first_ns)
            await turn.commit()
        return len(fresh)

    def advance(self, turn: Turn, read: TwoClocks | None, first_ns: int) -> None:
        """Say in a turn that everything up to this moment is booked. None: that nothing more is than was, which a
        database without the watermark must remember too."""
        marked_ns = self._marked(first_ns)
        turn.watermark(BILLS, marked_ns if read is None else read.mark(marked_ns))

    def _marked(self, first_ns: int) -> int:
        return self._ledger.watermarks.get(BILLS, first_ns)


def _book(turn: Turn, bill: Bill) -> None:
    note = " ".join(filter(None, ("bill", bill.bill_id, bill.venue_kind, utc(bill.time_ns).isoformat())))
    turn.move_cash(
        bill.currency,
        bill.amount,
        CashKind(bill.kind.value),
        note,
        instrument_id=bill.instrument_id or None,
        bill_id=bill.bill_id,
    )
    log.info("bill.booked", kind=bill.kind.value, currency=bill.currency, amount=plain(bill.amount), bill=bill.bill_id)
