"""What a fill, a fee and a movement of cash change in the holdings, valued at the rates of their moment.

Stands between fills and app.domain.holdings. Rates are given: what one unit of a currency is worth in the currency that
costs are counted in. That currency is the measure itself, so it has no holding: what would change it is left out, but
for fees, which are a cost.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from app.domain.holding_entries import GRAIN
from app.domain.holdings import EXIT, OWN, UNATTRIBUTED, Cause, Change, EntryKind
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE
from app.domain.orders import Fill


class Rate(NamedTuple):
    """price: None where nobody knows it. source: how it was found."""

    price: Decimal | None
    source: str


ITSELF = Rate(ONE, "itself")
UNKNOWN = Rate(None, "none")

RateOf = Callable[[str], Rate]
"""Of a currency; asked only of those that a value hangs on, for a price costs looking up."""

_MOVEMENTS = {
    "opening": EntryKind.OPENING,
    "transfer": EntryKind.TRANSFER,
    "unexplained": EntryKind.UNEXPLAINED,
    "funding": EntryKind.EARNED,
    "interest": EntryKind.EARNED,
    "liquidation": EntryKind.EARNED,
    "rounding": EntryKind.EARNED,
}


def trade_changes(instrument: Instrument, fill: Fill, book: str, rate_of: RateOf) -> list[Change]:
    """The two sides of a spot fill, each worth what the other is: base comes or goes, quote is spent or received.
    Nothing for contracts: what they realise is cash (profit_change)."""
    if instrument.kind is not InstrumentKind.SPOT:
        return []
    sign, paid = fill.side.sign, fill.size * fill.price
    quote = rate_of(instrument.quote)
    base = rate_of(instrument.base) if quote is not ITSELF else None
    if quote.price is None or base is ITSELF:
        assert base is not None
        value = None if base.price is None else fill.size * base.price
        source = base.source
    else:
        value, source = paid * quote.price, quote.source
    cause = _cause(instrument, fill, source)
    changes: list[Change] = []
    if base is not ITSELF:
        name = book if sign < 0 else _paid(book)
        changes.append(Change(instrument.base, name, EntryKind.TRADE, sign * fill.size, value, fill.time_ns, cause))
    if quote is not ITSELF:
        spent = -sign * paid
        changes.append(Change(instrument.quote, _paid(book), EntryKind.SPENT, spent, value, fill.time_ns, cause))
    return changes


def fee_change(instrument: Instrument, fill: Fill, book: str, rate_of: RateOf) -> Change | None:
    """The fee leaves (a rebate comes) at what it is worth now; a spot fee in base at the price of its fill, and so one
    in quote where nothing else tells what that is worth."""
    if not fill.fee:
        return None
    quote = rate_of(instrument.quote)
    measured_in_quote = quote is ITSELF or (quote.price is not None and rate_of(instrument.base) is not ITSELF)
    if fill.fee_currency == instrument.base and measured_in_quote:
        assert quote.price is not None
        rate = Rate(fill.price * quote.price, quote.source)
    else:
        rate = rate_of(fill.fee_currency)
    value = None if rate.price is None else abs(fill.fee) * rate.price
    kind = EntryKind.COST if rate is ITSELF else EntryKind.FEE
    by_fill = instrument.kind is InstrumentKind.SPOT and fill.fee_currency == instrument.quote
    if by_fill and value is None and fill.price:
        base = rate_of(instrument.base)
        if base.price is not None:
            rate = base
            value = (abs(fill.fee) * base.price / fill.price).quantize(GRAIN, ROUND_HALF_EVEN)
    traded = instrument.base if instrument.kind is InstrumentKind.SPOT else ""
    cause = _cause(instrument, fill, rate.source, traded)
    return Change(fill.fee_currency, _paid(book), kind, -fill.fee, value, fill.time_ns, cause)


def profit_change(instrument: Instrument, fill: Fill, amount: Decimal, book: str, rate_of: RateOf) -> Change | None:
    """What a contract's fill realised, in the currency that it settles in."""
    if not amount:
        return None
    rate = rate_of(instrument.settle)
    if rate is ITSELF:
        return None
    value = None if rate.price is None else abs(amount) * rate.price
    cause = _cause(instrument, fill, rate.source)
    return Change(instrument.settle, _paid(book), EntryKind.PROFIT, amount, value, fill.time_ns, cause)


def cash_change(currency: str, amount: Decimal, kind: str, rate: Rate, time_ns: int) -> Change | None:
    """A movement of cash is nobody's; what is neither earned nor known came from or went outside."""
    if rate is ITSELF:
        return None
    value = None if rate.price is None else abs(amount) * rate.price
    found = _MOVEMENTS.get(kind, EntryKind.TRANSFER)
    return Change(currency, UNATTRIBUTED, found, amount, value, time_ns, Cause(rate.source))


def _paid(book: str) -> str:
    """Who is paid, and pays the fee, when all books are sold out of."""
    return OWN if book == EXIT else book


def _cause(instrument: Instrument, fill: Fill, source: str, traded: str = "") -> Cause:
    return Cause(source, instrument.instrument_id, fill.trade_id, fill.venue_order_id, traded)
