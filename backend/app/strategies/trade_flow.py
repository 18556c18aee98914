"""Sample strategy on trades: follows the side that has been crossing the spread.

Score = (bought - sold) / (bought + sold) over the takers' trades of the last window_seconds of venue time. A sample
to show the machinery with; it promises no profit.
"""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from app.domain.market import PublicTrade
from app.domain.money import ZERO, plain
from app.domain.refusals import InvalidValue
from app.market_data.view import BookView
from app.strategies.base import settle_decimals, settle_instruments
from app.strategies.signals import Signal
from app.strategies.stance import NS_PER_SECOND, StanceStrategy

NAME = "trade_flow"
TRADES_MAX = 5_000


@dataclass(frozen=True, slots=True)
class TradeFlowConfig:
    """size: of each entry, in the instrument's unit; the other keys: see StanceRules. trades_min: below that many in
    the window there is no entry."""

    instruments: tuple[str, ...] = ("BTC-USDT",)
    size: Decimal = Decimal("0.01")
    window_seconds: Decimal = Decimal(10)
    trades_min: int = 5
    enter: Decimal = Decimal("0.15")
    leave: Decimal = Decimal("0.15")
    cooldown_seconds: Decimal = Decimal(4)
    hold_seconds_max: Decimal = Decimal(15)
    allow_short: bool = False

    def __post_init__(self) -> None:
        settle_instruments(self)
        settle_decimals(
            self,
            size=("0.00000001", "1000000000"),
            window_seconds=("0.1", "3600"),
            enter=("0.01", "1"),
            leave=("0", "1"),
            cooldown_seconds=("0", "86400"),
            hold_seconds_max=("0.1", "86400"),
        )
        if (
            isinstance(self.trades_min, bool)
            or not isinstance(self.trades_min, int)
            or not 1 <= self.trades_min <= 1000
        ):
            raise InvalidValue("trades_min", self.trades_min, "must be a whole number from 1 to 1000", check="config")
        if not isinstance(self.allow_short, bool):
            raise InvalidValue("allow_short", self.allow_short, "must be true or false", check="config")


class _Flow:
    """Bought and sold size over a window of time, at most TRADES_MAX trades of it. Sums are exact."""

    __slots__ = ("_trades", "_window_ns", "bought", "sold")

    def __init__(self, window_ns: int) -> None:
        self.bought = ZERO
        self.sold = ZERO
        self._window_ns = window_ns
        self._trades: deque[tuple[int, Decimal, bool]] = deque()

    def add(self, trade: PublicTrade) -> None:
        self._trades.append((trade.venue_time_ns, trade.size, trade.buyer_is_taker))
        self._count(trade.size, trade.buyer_is_taker)
        oldest_ns = trade.venue_time_ns - self._window_ns
        while self._trades[0][0] < oldest_ns or len(self._trades) > TRADES_MAX:
            _, size, bought = self._trades.popleft()
            self._count(-size, bought)

    def _count(self, size: Decimal, bought: bool) -> None:
        if bought:
            self.bought += size
        else:
            self.sold += size

    @property
    def trades(self) -> int:
        return len(self._trades)

    @property
    def score(self) -> Decimal:
        """-1 (only sellers crossed) to 1 (only buyers did)."""
        return (self.bought - self.sold) / (self.bought + self.sold)


class TradeFlow(StanceStrategy):
    """A SignalStrategy; on_trade does the work, books are not looked at."""

    def __init__(self, config: TradeFlowConfig | None = None, name: str = NAME) -> None:
        self.config = config or TradeFlowConfig()
        super().__init__(self.config, name)
        window_ns = int(self.config.window_seconds * NS_PER_SECOND)
        self._flows = {instrument_id: _Flow(window_ns) for instrument_id in self.config.instruments}

    def on_trade(self, trade: PublicTrade) -> Signal | None:
        flow = self._flows.get(trade.instrument_id)
        if flow is None:
            return None
        flow.add(trade)
        return self.follow(
            trade.instrument_id,
            flow.score if flow.trades >= self.config.trades_min else ZERO,
            trade.venue_time_ns,
            lambda: {"bought": plain(flow.bought), "sold": plain(flow.sold), "last_price": plain(trade.price)},
        )

    def on_book(self, view: BookView) -> Signal | None:
        return None
