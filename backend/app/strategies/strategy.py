"""Strategy: what a strategy of one's own is. It is shown the market and its own fills, and answers with Signals.

    class MyStrategy(Strategy):
        Config = MyConfig
        def on_book(self, book):
            if book.spread > self.config.wide:
                return Signal(SignalType.BUY, book.instrument_id, size=self.config.size)

The same file runs live and on the simulator. It has no exchange, no database and no thread of anybody
else; time is `now_ns`, that of the executor. Handlers may return a Signal, several, or None.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from app.clock import utc
from app.domain.market import PublicTrade
from app.domain.money import ZERO
from app.domain.orders import OrderSide, PositionSide
from app.domain.parameters import Parameters
from app.market_data.view import BookView
from app.strategies.candles import Candle
from app.strategies.signals import Signal

Wanted = Signal | Iterable[Signal] | None


@dataclass(frozen=True, slots=True)
class OwnFill:
    """A fill of an order of this strategy; told once. size: in the instrument's unit. fee: paid, negative a rebate,
    None while the exchange has not said. held: of the instrument by this strategy when it is told, signed;
    held_side: of that side of it, on an account that keeps long and short apart."""

    instrument_id: str
    trade_id: str
    order_id: str
    side: OrderSide
    price: Decimal
    size: Decimal
    fee: Decimal | None
    fee_currency: str | None
    traded_ns: int
    held: Decimal
    position_side: PositionSide = PositionSide.NET
    held_side: Decimal = ZERO


class Strategy:
    """Subclass it, and override the handlers that are of use; what is not overridden costs nothing.

    config: an instance of Config, from the settings. instruments: those of the settings. state: a dict of what JSON
    takes; what is in it is there again after a restart. held: what this strategy holds, signed, by instrument, long and
    short sides together; sides: by (instrument, side).
    timer_seconds, candle_seconds: None for none; the settings may say another timer.
    """

    Config: ClassVar[type[Parameters]] = Parameters
    timer_seconds: ClassVar[Decimal | int | None] = None
    candle_seconds: ClassVar[int | None] = None

    def __init__(self, name: str, instruments: tuple[str, ...], config: Any) -> None:
        self.name = name
        self.instruments = instruments
        self.config = config
        self.state: dict[str, Any] = {}
        self.held: Mapping[str, Decimal] = {}
        self.sides: Mapping[tuple[str, PositionSide], Decimal] = {}
        self.now_ns = 0

    @property
    def now(self) -> datetime:
        return utc(self.now_ns)

    def holding(self, instrument_id: str, side: PositionSide | None = None) -> Decimal:
        """Signed: a short one below zero. side: that one alone."""
        return self.held.get(instrument_id, ZERO) if side is None else self.sides.get((instrument_id, side), ZERO)

    def on_start(self) -> Wanted:
        """Once, before anything else; state and held are there."""

    def on_book(self, book: BookView) -> Wanted:
        """The touch of a book changed; when it changes faster than this returns, only the latest is shown."""

    def on_trade(self, trade: PublicTrade) -> Wanted:
        """Each public trade, in order."""

    def on_candle(self, candle: Candle) -> Wanted:
        """A candle of candle_seconds is complete."""

    def on_fill(self, fill: OwnFill) -> Wanted:
        """Each fill of this strategy's orders, once, also after a restart."""

    def on_timer(self) -> Wanted:
        """Every timer_seconds."""


HANDLERS = ("on_start", "on_book", "on_trade", "on_candle", "on_fill", "on_timer")


def handled(kind: type[Strategy]) -> frozenset[str]:
    """The handlers that a class overrides."""
    return frozenset(name for name in HANDLERS if getattr(kind, name) is not getattr(Strategy, name))
