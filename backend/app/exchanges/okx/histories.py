"""What OKX remembers of its markets, as app.exchanges.histories has it."""

from collections.abc import Sequence

from app.domain import market
from app.domain.market import Bar, MinuteClose, PublicTrade
from app.domain.volume_curves import HourVolume
from app.exchanges.okx.reads import Reads
from app.exchanges.port import Listing

BARS = {
    Bar.M1: "1m",
    Bar.M5: "5m",
    Bar.M15: "15m",
    Bar.M30: "30m",
    Bar.H1: "1H",
    Bar.H4: "4H",
    Bar.D1: "1Dutc",
}
"""OKX's names; a day that does not say utc begins at 00:00 UTC+8."""


class Histories:
    """Of the exchange whose reads these are."""

    reads: Reads

    async def hourly_volumes(self, instrument_id: str, since_ns: int) -> Sequence[HourVolume]:
        return await self.reads.hourly_volumes(instrument_id, since_ns)

    async def minute_closes(self, instrument_id: str, since_ns: int) -> Sequence[MinuteClose]:
        return await self.reads.minute_closes(instrument_id, since_ns)

    async def trade_before(self, instrument_id: str, at_ns: int) -> PublicTrade | None:
        return await self.reads.trade_before(instrument_id, at_ns)

    async def candles(self, instrument_id: str, bar: Bar, since_ns: int, until_ns: int) -> Sequence[market.Candle]:
        listed = await self.reads.candles(instrument_id, BARS[bar], since_ns, until_ns)
        told = (
            market.Candle(each.opened_ns, each.open, each.high, each.low, each.close, each.volume, each.complete)
            for each in listed
        )
        return Listing(told, listed.unreadable)
