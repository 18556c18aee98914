"""What the account is worth now, in the valuation currency, from the ledger and the market, both in memory.

Cost: about a microsecond per currency held and per open swap position, nothing per order or per past trade.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE, ZERO
from app.domain.positions import Position, pnl_currency, unrealised_pnl
from app.market_data.feeds import MarketData
from app.services.trading.ledger import Ledger
from app.services.trading.schemas import Account, CurrencyBalance

VALUATION_CURRENCY = "USDT"

Marks = dict[str, Decimal]
"""The last price seen of each instrument, for when its book cannot be used; grows with instruments, not with time."""


@dataclass(frozen=True, slots=True)
class SwapValue:
    """An open swap position. mark, unrealised: None without any price; unrealised in the position's pnl currency."""

    instrument: Instrument
    position: Position
    mark: Decimal | None
    unrealised: Decimal | None


@dataclass(frozen=True, slots=True)
class Valuation:
    """equity: balances plus unrealised profit of swaps, in VALUATION_CURRENCY. unvalued: currencies and swaps that have
    no price and count as nothing. certain: False when one of those is a debt or a swap, so that equity may be less.
    """

    equity: Decimal
    unvalued: tuple[str, ...]
    certain: bool
    swaps: tuple[SwapValue, ...]


def equity(ledger: Ledger, market: MarketData, marks: Marks | None = None) -> Valuation:
    """The account's worth. marks: where the caller keeps last prices; without it only the market's own are known."""
    marks = {} if marks is None else marks
    total, unvalued, certain = ZERO, list[str](), True
    for currency, amount in ledger.balances.items():
        if not amount:
            continue
        price = price_of(currency, market, marks)
        if price is None:
            unvalued.append(currency)
            certain = certain and amount > 0
        else:
            total += amount * price
    swaps = _swaps(ledger, market, marks)
    for swap in swaps:
        price = price_of(pnl_currency(swap.instrument), market, marks)
        if swap.unrealised is None or price is None:
            unvalued.append(swap.instrument.instrument_id)
            certain = False
        else:
            total += swap.unrealised * price
    return Valuation(total, tuple(unvalued), certain, swaps)


def account_of(ledger: Ledger, market: MarketData, marks: Marks | None = None) -> Account:
    """The present account. day_start_equity is the present equity until a day was opened."""
    worth = equity(ledger, market, marks)
    day = ledger.equity_of_day
    balances = {
        currency: CurrencyBalance(currency=currency, total=total, available=total - ledger.exposure.hold(currency))
        for currency, total in ledger.balances.items()
    }
    return Account(
        id=ledger.account,
        balances=balances,
        equity=worth.equity,
        day_start_equity=day.equity if day is not None else worth.equity,
        valuation_currency=VALUATION_CURRENCY,
        unvalued=worth.unvalued,
    )


def price_of(currency: str, market: MarketData, marks: Marks) -> Decimal | None:
    """Price of one unit of a currency in VALUATION_CURRENCY, by its spot pair; None when it has none."""
    return ONE if currency == VALUATION_CURRENCY else mark_of(f"{currency}-{VALUATION_CURRENCY}", market, marks)


def mark_of(instrument_id: str, market: MarketData, marks: Marks) -> Decimal | None:
    """The mid of a usable book, else the last trade's price, else the last of these that was seen."""
    price = market.mark_price(instrument_id)
    if price is None:
        return marks.get(instrument_id)
    marks[instrument_id] = price
    return price


def _swaps(ledger: Ledger, market: MarketData, marks: Marks) -> tuple[SwapValue, ...]:
    found: list[SwapValue] = []
    instruments = ledger.instruments
    for key, fold in ledger.folds.items():
        position = fold.position
        if not position.size:
            continue
        instrument = instruments.get(key[0])
        if instrument is None or instrument.kind is InstrumentKind.SPOT:
            continue
        mark = mark_of(key[0], market, marks)
        pnl = unrealised_pnl(position, instrument, mark) if mark is not None else None
        found.append(SwapValue(instrument, position, mark, pnl))
    return tuple(found)
