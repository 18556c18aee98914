"""What the public traded of an instrument, for people and programs to look at: as it was heard since it is followed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.clock import utc
from app.domain.market import PublicTrade
from app.domain.orders import OrderSide
from app.market_data.feeds import TAPE_MAX, MarketData
from app.services.trading.account.ledger import Ledger

MOST, USUAL = TAPE_MAX, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketTrade:
    """One public trade. side: of who took; size: in the instrument's unit; exchange_at: by the exchange's clock."""

    trade_id: str
    side: OrderSide
    price: Decimal
    size: Decimal
    exchange_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketTrades:
    """Newest first. followed: whether they are heard at all; what traded before that, or while the stream was away, is
    not among them."""

    instrument_id: str
    followed: bool
    trades: tuple[MarketTrade, ...]


class ShownTrades:
    def __init__(self, ledger: Ledger, market: MarketData) -> None:
        self._ledger = ledger
        self._market = market

    def read(self, instrument_id: str, limit: int = USUAL) -> MarketTrades:
        """The newest so many; follows nothing. Raises InvalidValue."""
        self._ledger.instrument(instrument_id)
        newest = self._market.tape(instrument_id)[::-1][:limit]
        return MarketTrades(
            instrument_id=instrument_id,
            followed=instrument_id in self._market.followed,
            trades=tuple(map(_shown, newest)),
        )


def _shown(trade: PublicTrade) -> MarketTrade:
    return MarketTrade(
        trade_id=trade.trade_id,
        side=OrderSide.BUY if trade.buyer_is_taker else OrderSide.SELL,
        price=trade.price,
        size=trade.size,
        exchange_at=utc(trade.venue_time_ns),
    )
