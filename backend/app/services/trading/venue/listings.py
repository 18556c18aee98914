"""What can be traded, and on which terms: an instrument with the fees and the leverage in force."""

from dataclasses import dataclass, fields

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import TradeMode
from app.services.trading.account.ledger import Ledger
from app.services.trading.venue.fees import FeeReader, Fees
from app.services.trading.venue.leverages import Leverage, Leverages


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentTerms(Instrument):
    """An instrument as the exchange lists it, and this account's terms. tick, lot, min_size: steps of price and size,
    smallest order; size counts the base of spot and contracts of swaps. contract_value: base for a contract
    (linear), or value in the quote currency (inverse). live: whether the exchange takes new orders now. fees: null
    while they were not read. leverages: of a contract, by side and mode, as far as they were read."""

    fees: Fees | None
    leverages: tuple[Leverage, ...]


class Listings:
    def __init__(self, ledger: Ledger, fees: FeeReader, leverages: Leverages) -> None:
        self._ledger = ledger
        self._fees = fees
        self._leverages = leverages

    def all(self, contains: str = "") -> list[InstrumentTerms]:
        """By id; terms as far as they are known."""
        listed = sorted(self._ledger.instruments.items())
        return [self._terms(item, self._fees.known(name)) for name, item in listed if contains in name]

    async def one(self, instrument_id: str) -> InstrumentTerms:
        """With what the exchange said of fees, and of the leverage of cross margin, within a minute. Raises
        InvalidValue, ExchangeError."""
        instrument = self._ledger.instrument(instrument_id)
        fees = await self._fees.now(instrument_id)
        if instrument.kind is InstrumentKind.SWAP:
            await self._leverages.lately(instrument_id, TradeMode.CROSS)
        return self._terms(self._ledger.instrument(instrument_id), fees)

    def _terms(self, instrument: Instrument, fees: Fees | None) -> InstrumentTerms:
        return terms_of(instrument, fees, tuple(self._leverages.known(instrument)))


def terms_of(instrument: Instrument, fees: Fees | None = None, leverages: tuple[Leverage, ...] = ()) -> InstrumentTerms:
    listed = {each.name: getattr(instrument, each.name) for each in fields(Instrument)}
    return InstrumentTerms(**listed, fees=fees, leverages=leverages)
