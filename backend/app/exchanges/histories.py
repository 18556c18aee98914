"""What an exchange may offer beside its port: what was traded in the past. Whoever needs one of these asks whether the
exchange at hand is one (isinstance), and says so where it is not. All raise ExchangeError."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from app.domain.market import Bar, Candle, MinuteClose, PublicTrade
from app.domain.volume_curves import HourVolume


@runtime_checkable
class VolumeHistory(Protocol):
    async def hourly_volumes(self, instrument_id: str, since_ns: int) -> Sequence[HourVolume]:
        """Of each hour that began at since_ns or later and is over, as far as the venue remembers, oldest first."""
        ...


@runtime_checkable
class MinuteHistory(Protocol):
    async def minute_closes(self, instrument_id: str, since_ns: int) -> Sequence[MinuteClose]:
        """Of each minute that began at since_ns or later and is over, as far as the venue remembers, oldest first."""
        ...


@runtime_checkable
class TradeHistory(Protocol):
    async def trade_before(self, instrument_id: str, at_ns: int) -> PublicTrade | None:
        """The newest public trade at that moment or before it (the venue's time); None where it remembers none."""
        ...


@runtime_checkable
class CandleHistory(Protocol):
    async def candles(self, instrument_id: str, bar: Bar, since_ns: int, until_ns: int) -> Sequence[Candle]:
        """Of each bar that began at since_ns or later and before until_ns, as far as the venue remembers, oldest
        first; one that is not over too."""
        ...
