"""What people and programs ask of the exchange beside trading: its terms for this account, and its markets."""

from app.clock import Clock
from app.exchanges.port import Exchange
from app.market_data.feeds import MarketData
from app.services.trading.account.ledger import Ledger
from app.services.trading.risk_checks import VenueTerms
from app.services.trading.schemas import OrderParams
from app.services.trading.venue.candles import Candles
from app.services.trading.venue.estimates import PreTrade
from app.services.trading.venue.fees import FeeReader
from app.services.trading.venue.leverages import Leverages
from app.services.trading.venue.listings import Listings
from app.services.trading.venue.shown_books import ShownBooks
from app.services.trading.venue.shown_trades import ShownTrades
from app.services.trading.venue.valued_markets import ValuedMarkets
from app.services.trading.venue.volume_curves import VolumeCurves


class AskedOfVenue:
    """Of one account. terms: what the risk checks know of it, kept here."""

    def __init__(self, ledger: Ledger, market: MarketData, exchange: Exchange, clock: Clock) -> None:
        self.terms = VenueTerms()
        self.leverages = Leverages(ledger, market, exchange, clock, self.terms.leverages)
        self.fees = FeeReader(ledger, market, exchange, clock, self.terms.taker_fees)
        self.listings = Listings(ledger, self.fees, self.leverages)
        self.books = ShownBooks(ledger, market, exchange, clock)
        self.estimates = PreTrade(ledger, market, self.books, clock)
        self.trades = ShownTrades(ledger, market)
        self.candles = Candles(ledger, exchange, clock)
        self.volume_curves = VolumeCurves(ledger, exchange, clock)
        self._ledger = ledger

    async def prepare(self, valued: ValuedMarkets, params: OrderParams) -> None:
        """What risk needs to know of an order and does not yet."""
        await valued.make_valued(self._ledger.instruments[params.instrument_id])
        await self.leverages.make_known(params.key)
