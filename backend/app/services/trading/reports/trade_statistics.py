"""Aggregates over trade rows: how much was traded, by whom, at what cost. One pass, constant memory."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from app.clock import utc
from app.domain.money import ZERO
from app.domain.orders import Liquidity, OrderSide
from app.services.trading.reports.trip_fills import InstrumentOf, Rates
from app.services.trading.schemas import TradeStatistics
from app.store.queries import Row

NO_STRATEGY = "none"


@dataclass(slots=True)
class _Sums:
    sides: Counter[str] = field(default_factory=Counter[str])
    strategies: Counter[str] = field(default_factory=Counter[str])
    volume: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    notional: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    fees: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    by_liquidity: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    valued: int = 0
    value: Decimal = ZERO
    largest: Decimal = ZERO
    first_ns: int | None = None
    last_ns: int | None = None


def trade_statistics(
    rows: Iterable[Row], instrument_of: InstrumentOf, rates: Rates, valuation_currency: str
) -> TradeStatistics:
    """Over rows in order of time.

    Volumes in each instrument's unit, notional_by_instrument in its quote currency; average and largest notional in
    valuation_currency, over the fills that can be valued. Shares are by that value among the fills whose liquidity is
    known, NaN when none is. by_strategy counts fills; those of no strategy stand under "none".
    """
    sums = _Sums()
    for row in rows:
        _add(sums, row, instrument_of, rates, valuation_currency)
    known = sum(sums.by_liquidity.values(), ZERO)
    return TradeStatistics(
        fill_count=sum(sums.sides.values()),
        buy_count=sums.sides[OrderSide.BUY.value],
        sell_count=sums.sides[OrderSide.SELL.value],
        volume_by_instrument=MappingProxyType(dict(sums.volume)),
        notional_by_instrument=MappingProxyType(dict(sums.notional)),
        fees_by_currency=MappingProxyType(dict(sums.fees)),
        maker_share=_share(sums.by_liquidity[Liquidity.MAKER.value], known),
        taker_share=_share(sums.by_liquidity[Liquidity.TAKER.value], known),
        average_fill_notional=sums.value / sums.valued if sums.valued else ZERO,
        largest_fill_notional=sums.largest,
        first_trade_at=None if sums.first_ns is None else utc(sums.first_ns),
        last_trade_at=None if sums.last_ns is None else utc(sums.last_ns),
        by_strategy=MappingProxyType(dict(sums.strategies)),
    )


def _add(sums: _Sums, row: Row, instrument_of: InstrumentOf, rates: Rates, valuation_currency: str) -> None:
    instrument_id = row["instrument_id"]
    sums.sides[row["side"]] += 1
    sums.strategies[row["strategy_id"] or NO_STRATEGY] += 1
    sums.volume[instrument_id] += row["size"]
    if row["fee_amount"] is not None:
        sums.fees[row["fee_currency"]] += row["fee_amount"]
    sums.first_ns = row["traded_ns"] if sums.first_ns is None else sums.first_ns
    sums.last_ns = row["traded_ns"]
    instrument = instrument_of(instrument_id)
    if instrument is None:
        return
    notional = instrument.notional(row["size"], row["price"])
    sums.notional[instrument_id] += notional
    rate = rates.rate(instrument.quote, valuation_currency)
    if rate is None:
        return
    value = notional * rate
    sums.valued += 1
    sums.value += value
    sums.largest = max(sums.largest, value)
    if row["liquidity"]:
        sums.by_liquidity[row["liquidity"]] += value


def _share(part: Decimal, whole: Decimal) -> float:
    return float(part / whole) if whole else math.nan  # house: floats - a share is a statistic
