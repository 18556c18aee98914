"""What a fill, a fee and a movement of cash change in the holdings, valued at the rates of their moment.

Stands between fills and app.domain.holdings. Rates are given: what one unit of a currency is worth in the valuation
currency, None where nobody knows. The valuation currency itself is the measure, so it has no holding.
"""

from collections.abc import Mapping
from decimal import Decimal

from app.domain.holdings import UNATTRIBUTED, Change, EntryKind
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import Fill

Rates = Mapping[str, Decimal | None]

_MOVEMENTS = {
    "opening": EntryKind.OPENING,
    "transfer": EntryKind.TRANSFER,
    "unexplained": EntryKind.UNEXPLAINED,
    "funding": EntryKind.EARNED,
    "interest": EntryKind.EARNED,
    "liquidation": EntryKind.EARNED,
    "rounding": EntryKind.EARNED,
}


def trade_changes(instrument: Instrument, fill: Fill, book: str, rates: Rates) -> list[Change]:
    """The two sides of a spot fill, each worth what the other is: base comes or goes, quote is spent or received.
    Nothing for contracts: what they realise is cash (profit_change)."""
    if instrument.kind is not InstrumentKind.SPOT:
        return []
    change = fill.side.sign * fill.size
    paid = fill.size * fill.price
    value = _value(paid, rates.get(instrument.quote), fill.size, rates.get(instrument.base))
    return [
        Change(instrument.base, book, EntryKind.TRADE, change, value, fill.time_ns),
        Change(instrument.quote, book, EntryKind.SPENT, -fill.side.sign * paid, value, fill.time_ns),
    ]


def fee_change(instrument: Instrument, fill: Fill, book: str, rates: Rates) -> Change | None:
    """The fee leaves (a rebate comes) at what it is worth now; a spot fee in base at the price of its fill."""
    if not fill.fee:
        return None
    size, rate = abs(fill.fee), rates.get(fill.fee_currency)
    quote = rates.get(instrument.quote)
    if fill.fee_currency == instrument.base and quote is not None:
        rate = fill.price * quote
    value = None if rate is None else size * rate
    return Change(fill.fee_currency, book, EntryKind.FEE, -fill.fee, value, fill.time_ns)


def profit_change(currency: str, amount: Decimal, book: str, rates: Rates, time_ns: int) -> Change:
    """What a contract realised, in the currency that it settles in."""
    rate = rates.get(currency)
    value = None if rate is None else abs(amount) * rate
    return Change(currency, book, EntryKind.PROFIT, amount, value, time_ns)


def cash_change(currency: str, amount: Decimal, kind: str, price: Decimal | None, time_ns: int) -> Change:
    """A movement of cash is nobody's; what is neither earned nor known came from or went outside."""
    value = None if price is None else abs(amount) * price
    found = _MOVEMENTS.get(kind, EntryKind.TRANSFER)
    return Change(currency, UNATTRIBUTED, found, amount, value, time_ns)


def _value(paid: Decimal, quote: Decimal | None, size: Decimal, base: Decimal | None) -> Decimal | None:
    if quote is not None:
        return paid * quote
    return None if base is None else size * base
