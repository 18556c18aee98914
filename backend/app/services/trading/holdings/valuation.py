"""What the account is worth now, in the valuation currency, from the ledger and the market, both in memory.

Something held without a price is left out and named, never a loss. A debt or an open contract counts at its last price
known, of whatever age; one that never had any is left out too, and is to be closed for new risk.
Cost: a few microseconds per currency held and per open contract, nothing per order or per past trade.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO, rounded
from app.domain.positions import Position, pnl_currency, unrealised_pnl
from app.domain.routes import PriceKind, Value
from app.services.trading.account.day_figures import Contract, DayParts, Held
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.schemas import Account, CurrencyBalance

SHOWN_PLACES = 18


@dataclass(frozen=True, slots=True)
class SwapValue:
    """An open contract position. mark, unrealised: None without any price; unrealised in the position's pnl currency.
    value: unrealised in the valuation currency, None where something of it has no price."""

    instrument: Instrument
    position: Position
    mark: Decimal | None
    unrealised: Decimal | None
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Valuation:
    """equity: balances plus unrealised profit of contracts, in the currency named. compared: as the day's result counts
    it, where what has lost its price leaves at its last one, and so stands at it. unvalued: currencies and contracts
    without a price, not in equity. stale: those in it at an older price. closed: for the debts and contracts among the
    unvalued, why new risk in them is to be refused. values: the price of each currency."""

    equity: Decimal
    compared: Decimal
    currency: str
    unvalued: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    closed: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    swaps: tuple[SwapValue, ...] = ()


def equity(ledger: Ledger, prices: Prices) -> Valuation:
    """The account's worth."""
    total, left, unvalued, stale, closed = ZERO, ZERO, list[str](), list[str](), dict[str, str]()
    values: dict[str, Value] = {}
    for currency, amount in ledger.balances.items():
        if not amount:
            continue
        value = prices.value(currency)
        if value.price is None:
            known = prices.known(currency)
            value = known if amount < 0 else value
            left += amount * known.price if known.price is not None and amount > 0 else ZERO
        values[currency] = value
        if value.price is None:
            unvalued.append(currency)
            if amount < 0:
                closed[currency] = f"{currency} is owed and has no price in {prices.currency}"
            continue
        total += amount * value.price
        if value.kind is PriceKind.STALE:
            stale.append(currency)
    swaps = _swaps(ledger, prices)
    for swap in swaps:
        name = swap.instrument.instrument_id
        if swap.value is None:
            unvalued.append(name)
            closed[name] = f"the position in it has no price in {prices.currency}"
            continue
        total += swap.value
        quote = prices.quote(name)
        if quote is None or not quote.fresh:
            stale.append(name)
    return Valuation(total, total + left, prices.currency, tuple(unvalued), tuple(stale), closed, values, swaps)


def day_base(
    ledger: Ledger, prices: Prices, worth: Valuation, equity_at_start: Decimal | None = None
) -> Decimal | None:
    """What the day's result is measured against: the equity at 00:00 UTC (another, where one is given) and what was
    moved in since. None: no day is open, or it was opened without its parts and something has no price, so that
    nothing can be compared."""
    day = ledger.equity_of_day
    if day is None or day.currency != prices.currency or (day.parts is None and worth.unvalued):
        return None
    start = day.equity if equity_at_start is None else equity_at_start
    return ledger.day.base(start, lambda currency: prices.last(currency).price)


def day_parts(worth: Valuation, ledger: Ledger) -> DayParts:
    """What the equity of a day that begins now is made of."""
    return DayParts(
        {currency: Held(ledger.balances[currency], value.price) for currency, value in worth.values.items()},
        {
            "/".join((swap.instrument.instrument_id, swap.position.side.value, swap.position.mode.value)): Contract(
                swap.position.size, swap.mark, swap.value
            )
            for swap in worth.swaps
        },
    )


def account_of(ledger: Ledger, prices: Prices) -> Account:
    """The present account. day_start_equity is the present equity until a day was opened."""
    worth = equity(ledger, prices)
    day = ledger.equity_of_day
    start = day.equity if day is not None and day.currency == worth.currency else worth.equity
    base = day_base(ledger, prices, worth)
    return Account(
        id=ledger.account,
        balances={currency: _balance(ledger, currency, total, worth) for currency, total in ledger.balances.items()},
        equity=rounded(worth.equity, SHOWN_PLACES),
        day_start_equity=rounded(start, SHOWN_PLACES),
        moved_today=ZERO if base is None else rounded(base - start, SHOWN_PLACES),
        valuation_currency=worth.currency,
        unvalued=worth.unvalued,
        stale=worth.stale,
    )


def _balance(ledger: Ledger, currency: str, total: Decimal, worth: Valuation) -> CurrencyBalance:
    value = worth.values.get(currency)
    price = value.price if value is not None else None
    return CurrencyBalance(
        currency=currency,
        total=total,
        available=total - ledger.exposure.hold(currency),
        price=price,
        value=None if price is None else rounded(total * price, SHOWN_PLACES),
        price_kind=value.kind.value if value is not None else PriceKind.NONE.value,
        price_route=value.route if value is not None else (),
        price_age_seconds=None if value is None or price is None else value.age_ns // 1_000_000 / 1_000,
    )


def _swaps(ledger: Ledger, prices: Prices) -> tuple[SwapValue, ...]:
    found: list[SwapValue] = []
    instruments = ledger.instruments
    for key, fold in ledger.folds.items():
        position = fold.position
        if not position.size:
            continue
        instrument = instruments.get(key[0])
        if instrument is None or instrument.kind is InstrumentKind.SPOT:
            continue
        mark = prices.mark(key[0])
        pnl = unrealised_pnl(position, instrument, mark) if mark is not None else None
        rate = prices.last(pnl_currency(instrument)).price
        value = pnl * rate if pnl is not None and rate is not None else None
        found.append(SwapValue(instrument, position, mark, pnl, value))
    return tuple(found)
