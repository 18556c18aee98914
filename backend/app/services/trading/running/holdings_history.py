"""The books of an account that was traded before there were any: read once from its trades and movements of cash.

At the first start after the migration, in pieces, each a turn: a start that is cut off goes on where it was. Prices of
the past are not recorded there, so what was paid in another currency than that of the costs, or one at par with it, has
a cost that nobody knows; so has what was moved in while the account was valued in such a one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice

from app.domain.events import EventKind
from app.domain.holding_changes import ITSELF, UNKNOWN, Rate, cash_change, fee_change, trade_changes
from app.domain.holdings import UNATTRIBUTED, Cause, Change, EntryKind, book_of
from app.domain.money import ONE, ZERO
from app.journal.order_fold import EXTERNAL_ORDER_PREFIX
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM, Turn
from app.store import queries
from app.store.database import Database
from app.store.queries import Row
from app.store.rows import fill_from_row

HOLDINGS = "holdings"
"""The watermark while the past is read: how many trades and movements are in the books."""

PIECE = 500


async def read_history(
    ledger: Ledger, database: Database, currency: str, par: Collection[str], progress: Callable[[str], None]
) -> None:
    """Fill the books with all that was booked before. Does nothing when they hold it. Raises StoreError, StoreFailed.

    currency: that the costs are counted in from now on. par: currencies taken for it.
    """
    if ledger.assets.begun:
        return
    done = ledger.watermarks.get(HOLDINGS, 0)
    if not done:
        ledger.assets.currency = currency
    progress("reading what is held, and by whom, from the trades of before")
    valued_in = await asyncio.to_thread(queries.valued_in, database, ledger.account)
    items = islice(queries.booked_history(database, ledger.account), done, None)
    while piece := await asyncio.to_thread(_piece, items):
        done += len(piece)
        turn = ledger.turn(SYSTEM)
        for name, row in piece:
            for change in _changes(ledger, name, row, par, valued_in):
                turn.bookings.assets.change(change)
        turn.watermark(HOLDINGS, done)
        turn.event(EventKind.HOLDINGS_READ, {"currency": ledger.assets.currency, "read": done})
        await turn.commit()
    turn = ledger.turn(SYSTEM)
    _settle(ledger, turn)
    turn.event(EventKind.HOLDINGS_BEGUN, {"currency": ledger.assets.currency})
    await turn.commit()
    ledger.assets.begun = True


def _piece(items: Iterator[tuple[str, Row]]) -> Sequence[tuple[str, Row]]:
    return list(islice(items, PIECE))


def _changes(ledger: Ledger, name: str, row: Row, par: Collection[str], valued_in: queries.ValuedIn) -> list[Change]:
    currency = ledger.assets.currency
    rates: defaultdict[str, Rate] = defaultdict(lambda: UNKNOWN)
    if currency in par:
        rates.update(dict.fromkeys(par, Rate(ONE, "par")))
    rates[currency] = ITSELF
    if name == "cash":
        rate, told = rates[row["currency"]], valued_in.at(row["at_ns"]) or currency
        if rate is not ITSELF and row["price"] is not None and rates[told] is not UNKNOWN:
            rate = Rate(row["price"], "given")
        moved = cash_change(row["currency"], row["amount"], row["kind"], rate, row["at_ns"])
        return [] if moved is None else [moved]
    instrument = ledger.instruments.get(row["instrument_id"])
    if instrument is None:
        return []
    fill = fill_from_row(row)
    book = book_of(row["strategy_id"], external=row["order_id"].startswith(EXTERNAL_ORDER_PREFIX))
    fee = fee_change(instrument, fill, book, rates.__getitem__)
    return [*trade_changes(instrument, fill, book, rates.__getitem__), *([] if fee is None else [fee])]


def _settle(ledger: Ledger, turn: Turn) -> None:
    """What the trades do not tell (profits of contracts, fills of what is not listed any more) is nobody's."""
    for currency in sorted({*ledger.balances, *ledger.assets.held} - {ledger.assets.currency}):
        missing = ledger.balances.get(currency, ZERO) - ledger.assets.of(currency).quantity
        if missing:
            change = Change(
                currency, UNATTRIBUTED, EntryKind.UNEXPLAINED, missing, None, turn.now_ns, Cause("not recorded")
            )
            turn.bookings.assets.change(change)
