"""Trade rows as the performance package wants them: fees and prices valued in one currency, with notes on what could
not be. Stands between the trades table and app.domain.performance.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.domain.holdings import UNATTRIBUTED, book_of
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE, ZERO
from app.domain.orders import OrderSide, PositionSide, TradeMode
from app.domain.performance import TripFill
from app.domain.positions import PositionFold, pnl_currency
from app.domain.routes import Quote, Routes, Value, price_along
from app.journal.order_fold import EXTERNAL_ORDER_PREFIX
from app.services.trading.reports.contract_values import Amount, ContractValues
from app.store.queries import Row

InstrumentOf = Callable[[str], Instrument | None]


@dataclass(slots=True)
class Rates:
    """Present prices, and what was assumed or missing while using them.

    marks: price in quote by instrument id. routes: the ways from currency to currency over the listed markets. A
    historical amount in another currency whose price of that time was not stored is valued at the present one; each
    such currency leaves a note.
    """

    marks: Mapping[str, Decimal]
    routes: Routes
    notes: dict[str, None] = field(default_factory=dict[str, None])

    def rate(self, currency: str, to: str) -> Decimal | None:
        """Units of `to` for one of `currency`; None when no market that is followed says."""
        if currency == to:
            return ONE
        value = self._value(currency, to)
        if value.price is None:
            return None
        markets = [name for name in value.route if "=" not in name]
        if markets:
            self.note(f"{currency} valued at the present price of {' and '.join(markets)}")
        for pair in value.route:
            if "=" in pair:
                self.note(f"{pair.replace('=', ' taken at par with ')}")
        return value.price

    def present(self, currency: str, to: str) -> Decimal | None:
        """As rate(), of an amount of the present: it assumes nothing, and leaves no note."""
        return ONE if currency == to else self._value(currency, to).price

    def _value(self, currency: str, to: str) -> Value:
        return price_along(self.routes.between(currency, to), self._quote)

    def _quote(self, instrument_id: str) -> Quote | None:
        price = self.marks.get(instrument_id)
        return Quote(price) if price else None

    def note(self, text: str) -> None:
        self.notes[text] = None


def with_mode(row: Row, modes: Mapping[tuple[str, PositionSide], TradeMode]) -> Row:
    """A trade of before modes told positions apart, with the mode that its position turned out to have."""
    named = modes.get((row["instrument_id"], PositionSide(row["position_side"])))
    return row if row["trade_mode"] or named is None else {**row, "trade_mode": named.value}


def left_out(instrument_id: str) -> str:
    """What is noted of fills of an instrument that is not known."""
    return f"{instrument_id} left out: not an instrument of this exchange now"


def is_contract(row: Row, instrument_of: InstrumentOf) -> bool:
    """Whether a trade is folded as one; what was done with assets stands in their books."""
    instrument = instrument_of(row["instrument_id"])
    if instrument is None:
        return row["trade_mode"] not in (None, TradeMode.CASH.value)
    return instrument.kind is not InstrumentKind.SPOT


def trip_fills(
    rows: Iterable[Row],
    instrument_of: InstrumentOf,
    rates: Rates,
    valuation_currency: str,
    told: ContractValues | None = None,
) -> Iterator[TripFill]:
    """Each row as a TripFill whose profit and fee are in valuation_currency, in the order given.

    Spot is held, never short: a sale of more than recorded buys brought in is an unmatched close, not a short trip.
    told: values of contracts at their time. A row of an instrument that is not known, or whose quote currency has no
    rate, is left out and noted; a fee that cannot be valued counts as zero and is noted.
    """
    told = told or ContractValues()
    for row in rows:
        instrument = instrument_of(row["instrument_id"])
        if instrument is None:
            rates.note(left_out(row["instrument_id"]))
            continue
        key = (row["instrument_id"], row["trade_id"], row["exchange_order_id"])
        earned = told.rate(key, pnl_currency(instrument), row["recorded_ns"])
        fee, fee_base = _fee_then(row, instrument, told.fees.get(key), earned), ZERO
        rate, volume_in = None if instrument.inverse else earned, ""
        if instrument.inverse and earned is not None and fee is not None:
            # All but the traded value is known in coin, at the coin's price.
            rate, volume_in = ONE, instrument.quote if instrument.quote != valuation_currency else ""
        if rate is None:
            rate = rates.rate(instrument.quote, valuation_currency)
        if rate is None:
            rates.note(f"{instrument.instrument_id} left out: no price of {instrument.quote} in {valuation_currency}")
            continue
        if fee is None:
            fee, fee_base = _fee(row, instrument, rates, rate, valuation_currency)
        coin = ZERO
        if instrument.inverse and told.knows(row["recorded_ns"]):
            coin = earned or row["price"] * rate
        made = _trip_fill(row, instrument, fee, fee_base, rate, coin)
        yield replace(made, volume_in=volume_in) if volume_in else made


def _fee_then(row: Row, instrument: Instrument, valued: Amount | None, coin: Decimal | None) -> Decimal | None:
    """The fee at its time; None where nothing says what it was worth. coin: the price of what the fill settled in."""
    amount: Decimal | None = row["fee_amount"]
    if not amount or not row["fee_currency"]:
        return ZERO
    if valued is not None and valued.currency == row["fee_currency"]:
        return valued.value
    return amount * coin if instrument.inverse and coin is not None and row["fee_currency"] == instrument.base else None


def _trip_fill(
    row: Row, instrument: Instrument, fee: Decimal, fee_base: Decimal, rate: Decimal, coin: Decimal
) -> TripFill:
    spot = instrument.kind is InstrumentKind.SPOT
    return TripFill(
        instrument_id=instrument.instrument_id,
        position_side="long" if spot else row["position_side"],
        side=OrderSide(row["side"]).sign,
        price=row["price"],
        size=row["size"],
        fee_quote=fee,
        multiplier=instrument.contract_value,
        inverse=instrument.inverse,
        time_ns=row["traded_ns"],
        strategy_id=row["strategy_id"],
        trade_key=(row["trade_id"], row["exchange_order_id"]),
        fee_base=fee_base,
        lot=instrument.lot,
        book=book_of(row["strategy_id"], external=row["order_id"].startswith(EXTERNAL_ORDER_PREFIX)),
        trade_mode="" if spot else row["trade_mode"] or "",
        nobodys=row["strategy_id"] is None,
        rate=rate,
        coin=coin,
    )


def opening_fills(openings: Iterable[PositionFold], instrument_of: InstrumentOf) -> Iterator[TripFill]:
    """Contract positions of before the first fill, as if entered then at what they cost; they are nobody's."""
    for fold in openings:
        position = fold.position
        instrument = instrument_of(position.instrument_id)
        price = None if instrument is None else position.entry_price(instrument)
        if instrument is None or price is None or instrument.kind is InstrumentKind.SPOT:
            continue
        yield TripFill(
            instrument_id=instrument.instrument_id,
            position_side=position.side.value,
            side=1 if position.size > 0 else -1,
            price=price,
            size=abs(position.size),
            fee_quote=ZERO,
            multiplier=instrument.contract_value,
            inverse=instrument.inverse,
            time_ns=0,
            strategy_id=None,
            trade_key="opening",
            lot=instrument.lot,
            book=UNATTRIBUTED,
            trade_mode="" if position.mode is TradeMode.CASH else position.mode.value,
        )


def _fee(
    row: Row, instrument: Instrument, rates: Rates, rate: Decimal, valuation_currency: str
) -> tuple[Decimal, Decimal]:
    """The fee in the valuation currency, and the part of it taken out of a spot holding in base."""
    amount: Decimal | None = row["fee_amount"]
    currency: str | None = row["fee_currency"]
    if not amount or not currency:
        return ZERO, ZERO
    if currency == instrument.quote:
        return amount * rate, ZERO
    if currency == instrument.base:
        base = amount if instrument.kind is InstrumentKind.SPOT else ZERO
        return amount * row["price"] * rate, base
    if currency == valuation_currency:
        return amount, ZERO
    other = rates.rate(currency, instrument.quote)
    if other is None:
        rates.note(f"fees in {currency} not counted: no price of {currency} in {instrument.quote}")
        return ZERO, ZERO
    return amount * other * rate, ZERO
