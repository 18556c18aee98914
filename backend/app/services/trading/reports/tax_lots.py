"""Disposals for tax, first in, first out or at average cost, in pages or all: app.domain.performance over the committed
entries of the books.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.clock import utc
from app.domain.holdings import book_of
from app.domain.money import ZERO
from app.domain.performance import Disposal, LotMethod, average_disposals, disposals, late_fees, with_fees
from app.domain.refusals import InvalidValue
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.window import window
from app.store import queries
from app.store.database import Database
from app.store.queries import BadCursor, page_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLot:
    """A part of one lot that went, matched first in, first out; or, at average cost, what went of all lots together.
    Positive quantity; cost and proceeds: what it was worth when it came and when it went, in `currency`; None where
    nobody knows, and then the gain is None too. fee: its part of the fee of the fill that sold it, not taken off the
    gain; zero for any other way of going.

    origin: how the lot came (ours, opening, transferred, hand, earned, unexplained). disposal: how it went (trade,
    spent as the quote of a pair, fee, transfer, profit of a contract, ...); instrument_id, trade_id: of its fill.
    price_source: how the worth at coming was found. At average cost acquired_at and origin are None.
    """

    number: int
    asset: str
    quantity: Decimal
    acquired_at: datetime | None
    disposed_at: datetime
    cost: Decimal | None
    proceeds: Decimal | None
    fee: Decimal | None
    gain: Decimal | None
    currency: str
    origin: str | None
    disposal: str
    instrument_id: str
    trade_id: str
    price_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLotPage:
    """Oldest first. gains: by asset, of all pages together, of what has a known cost and worth; unknown: how much of
    each asset went without. currency: that costs are counted in, of which no lots are kept. next_cursor: None at the
    end."""

    tax_lots: tuple[TaxLot, ...]
    next_cursor: str | None
    currency: str
    method: LotMethod
    gains: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    unknown: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])


def tax_lots(
    ledger: Ledger,
    database: Database,
    *,
    asset: str | None,
    strategy_id: str | None,
    start_date: datetime | None,
    end_date: datetime | None,
    limit: int,
    cursor: str | None,
    method: LotMethod,
) -> TaxLotPage:
    """See TradeRecorder.tax_lots."""
    inside = window(start_date, end_date)
    page_limit(limit)
    after = _after(cursor)
    _check_asset(ledger, asset)
    book = None if strategy_id is None else book_of(strategy_id)
    page: list[Disposal] = []
    more = False
    gains: dict[str, Decimal] = {}
    unknown: dict[str, Decimal] = {}
    for found in all_disposals(database, ledger.account, inside, method, asset=asset, book=book):
        known = unknown if found.gain is None else gains
        known[found.asset] = known.get(found.asset, ZERO) + (found.quantity if found.gain is None else found.gain)
        if found.number <= after:
            continue
        if len(page) < limit:
            page.append(found)
        else:
            more = True
    currency = ledger.assets.currency
    return TaxLotPage(
        tax_lots=tuple(tax_lot(each, currency) for each in page),
        next_cursor=str(page[-1].number) if more else None,
        currency=currency,
        method=method,
        gains=gains,
        unknown=unknown,
    )


def all_disposals(
    database: Database,
    account: str,
    inside: tuple[int | None, int | None],
    method: LotMethod,
    *,
    asset: str | None = None,
    book: str | None = None,
) -> Iterator[Disposal]:
    """Those of a period, oldest first, each with its fee. Raises StoreError."""
    start_ns, end_ns = inside
    matched = disposals if method is LotMethod.FIFO else average_disposals
    with queries.book_history(database, account) as history:
        late = late_fees(history.entries)
    with queries.book_history(database, account) as history:
        for found in with_fees(history.entries, matched, late, asset=asset, book=book):
            if found.booked_ns >= (start_ns or 0) and (end_ns is None or found.booked_ns < end_ns):
                yield found


def _after(cursor: object) -> int:
    if cursor is None:
        return 0
    if not isinstance(cursor, str) or not re.fullmatch(r"[0-9]{1,18}", cursor, re.ASCII):
        raise BadCursor(cursor)
    return int(cursor)


def _check_asset(ledger: Ledger, asset: str | None) -> None:
    if asset is None or asset in ledger.assets.held or asset in ledger.balances or not ledger.instruments:
        return
    if not any(asset in (one.base, one.quote, one.settle) for one in ledger.instruments.values()):
        raise InvalidValue("asset", asset, "was never held, and no instrument of this exchange is about it")


def tax_lot(found: Disposal, currency: str) -> TaxLot:
    """As it is shown; currency: of its money."""
    return TaxLot(
        number=found.number,
        asset=found.asset,
        quantity=found.quantity,
        acquired_at=None if found.acquired_ns is None else utc(found.acquired_ns),
        disposed_at=utc(found.disposed_ns),
        cost=found.cost,
        proceeds=found.proceeds,
        fee=found.fee,
        gain=found.gain,
        currency=currency,
        origin=None if found.origin is None else found.origin.value,
        disposal=found.kind.value,
        instrument_id=found.instrument_id,
        trade_id=found.trade_id,
        price_source=found.source,
    )
