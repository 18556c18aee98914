"""Trade rows as the performance package wants them: fees and prices valued in one currency, with notes on what could
not be. Stands between the trades table and app.domain.performance.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.holdings import book_of
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE, ZERO
from app.domain.orders import OrderSide
from app.domain.performance import TripFill
from app.domain.routes import Quote, Routes, price_along
from app.journal.order_fold import EXTERNAL_ORDER_PREFIX
from app.store.queries import Row

InstrumentOf = Callable[[str], Instrument | None]


@dataclass(slots=True)
class Rates:
    """Present prices, and what was assumed or missing while using them.

    marks: price in quote by instrument id. routes: the ways from currency to currency over the listed markets. A
    historical amount in another currency is valued at the present price, because the past ones are not stored; each
    such currency leaves a note.
    """

    marks: Mapping[str, Decimal]
    routes: Routes
    notes: dict[str, None] = field(default_factory=dict[str, None])

    def rate(self, currency: str, to: str) -> Decimal | None:
        """Units of `to` for one of `currency`; None when no market that is followed says."""
        if currency == to:
            return ONE
        value = price_along(self.routes.between(currency, to), self._quote)
        if value.price is None:
            return None
        markets = [name for name in value.route if "=" not in name]
        if markets:
            self.note(f"{currency} valued at the present price of {' and '.join(markets)}")
        for pair in value.route:
            if "=" in pair:
                self.note(f"{pair.replace('=', ' taken at par with ')}")
        return value.price

    def _quote(self, instrument_id: str) -> Quote | None:
        price = self.marks.get(instrument_id)
        return Quote(price) if price else None

    def note(self, text: str) -> None:
        self.notes[text] = None


def trip_fills(
    rows: Iterable[Row], instrument_of: InstrumentOf, rates: Rates, valuation_currency: str
) -> Iterator[TripFill]:
    """Each row as a TripFill in valuation_currency, in the order given.

    Spot is held, never short: a sale of more than recorded buys brought in is an unmatched close, not a short trip.
    A row of an instrument that is not known, or whose quote currency has no rate, is left out and noted; a fee that
    cannot be valued counts as zero and is noted.
    """
    for row in rows:
        instrument = instrument_of(row["instrument_id"])
        if instrument is None:
            rates.note(f"{row['instrument_id']} left out: not an instrument of this exchange now")
            continue
        rate = rates.rate(instrument.quote, valuation_currency)
        if rate is None:
            rates.note(f"{instrument.instrument_id} left out: no price of {instrument.quote} in {valuation_currency}")
            continue
        yield _trip_fill(row, instrument, rate, rates)


def _trip_fill(row: Row, instrument: Instrument, rate: Decimal, rates: Rates) -> TripFill:
    spot = instrument.kind is InstrumentKind.SPOT
    fee_quote, fee_base = _fee(row, instrument, rates)
    return TripFill(
        instrument_id=instrument.instrument_id,
        position_side="long" if spot else row["position_side"],
        side=OrderSide(row["side"]).sign,
        price=row["price"] * rate,
        size=row["size"],
        fee_quote=fee_quote * rate,
        # An inverse contract's value is in quote: scaled too, its base amount stays what it was.
        multiplier=instrument.contract_value * (rate if instrument.inverse else ONE),
        inverse=instrument.inverse,
        time_ns=row["traded_ns"],
        strategy_id=row["strategy_id"],
        trade_key=(row["trade_id"], row["exchange_order_id"]),
        fee_base=fee_base,
        lot=instrument.lot,
        book=book_of(row["strategy_id"], external=row["order_id"].startswith(EXTERNAL_ORDER_PREFIX)),
        trade_mode="" if spot else row["trade_mode"] or "",
    )


def _fee(row: Row, instrument: Instrument, rates: Rates) -> tuple[Decimal, Decimal]:
    """The fee in quote, and the part of it taken out of a spot holding in base."""
    amount: Decimal | None = row["fee_amount"]
    currency: str | None = row["fee_currency"]
    if not amount or not currency:
        return ZERO, ZERO
    if currency == instrument.quote:
        return amount, ZERO
    if currency == instrument.base:
        base = amount if instrument.kind is InstrumentKind.SPOT else ZERO
        return amount * row["price"], base
    rate = rates.rate(currency, instrument.quote)
    if rate is None:
        rates.note(f"fees in {currency} not counted: no price of {currency} in {instrument.quote}")
        return ZERO, ZERO
    return amount * rate, ZERO
