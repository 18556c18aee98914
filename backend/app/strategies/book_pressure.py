"""Sample strategy on the book: leans to the side whose best queue is the longer one.

Pressure = (microprice - mid) / half the spread, which is the imbalance of the two best queues, -1 to 1. Score = its
time-weighted average over window_seconds of venue time. A sample to show the machinery with; it promises no profit.
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

NAME = "book_pressure"
SAMPLES_MAX = 5_000
PRESSURE_DIGITS = 6  # rounded, so that the running sums stay exact


@dataclass(frozen=True, slots=True)
class BookPressureConfig:
    """size: of each entry, in the instrument's unit; spread_bps_max: above it there is no entry; the other keys: see
    StanceRules."""

    instruments: tuple[str, ...] = ("BTC-USDT",)
    size: Decimal = Decimal("0.01")
    window_seconds: Decimal = Decimal(2)
    spread_bps_max: Decimal = Decimal(5)
    enter: Decimal = Decimal("0.2")
    leave: Decimal = Decimal("0.2")
    cooldown_seconds: Decimal = Decimal(4)
    hold_seconds_max: Decimal = Decimal(15)
    allow_short: bool = False

    def __post_init__(self) -> None:
        settle_instruments(self)
        settle_decimals(
            self,
            size=("0.00000001", "1000000000"),
            window_seconds=("0.1", "3600"),
            spread_bps_max=("0.0001", "10000"),
            enter=("0.01", "1"),
            leave=("0", "1"),
            cooldown_seconds=("0", "86400"),
            hold_seconds_max=("0.1", "86400"),
        )
        if not isinstance(self.allow_short, bool):
            raise InvalidValue("allow_short", self.allow_short, "must be true or false", check="config")


class _Average:
    """Time-weighted average of a value that holds until the next sample; at most SAMPLES_MAX samples of the window."""

    __slots__ = ("_area", "_samples", "_window_ns")

    def __init__(self, window_ns: int) -> None:
        self._area = ZERO  # sum of value * nanoseconds, from the first sample to the last
        self._samples: deque[tuple[int, Decimal]] = deque()
        self._window_ns = window_ns

    def add(self, time_ns: int, value: Decimal) -> None:
        samples = self._samples
        if samples:
            last_ns, last = samples[-1]
            time_ns = max(time_ns, last_ns)
            self._area += last * (time_ns - last_ns)
        samples.append((time_ns, value))
        while len(samples) > 1 and (samples[1][0] <= time_ns - self._window_ns or len(samples) > SAMPLES_MAX):
            first_ns, first = samples.popleft()
            self._area -= first * (samples[0][0] - first_ns)

    @property
    def score(self) -> Decimal:
        """0 until the samples span half the window: too young to speak."""
        span_ns = self._samples[-1][0] - self._samples[0][0]
        return self._area / span_ns if span_ns * 2 >= self._window_ns else ZERO


class BookPressure(StanceStrategy):
    """A SignalStrategy; on_book does the work, trades are not looked at."""

    def __init__(self, config: BookPressureConfig | None = None, name: str = NAME) -> None:
        self.config = config or BookPressureConfig()
        super().__init__(self.config, name)
        window_ns = int(self.config.window_seconds * NS_PER_SECOND)
        self._averages = {instrument_id: _Average(window_ns) for instrument_id in self.config.instruments}

    def on_trade(self, trade: PublicTrade) -> Signal | None:
        return None

    def on_book(self, view: BookView) -> Signal | None:
        """Invalid, crossed and one-sided books are passed over: they neither count nor cause a signal."""
        average = self._averages.get(view.instrument_id)
        mid, micro, spread = view.mid, view.microprice, view.spread
        if average is None or not view.valid or mid is None or micro is None or spread is None or spread <= 0:
            return None
        pressure = round((micro - mid) / (spread / 2), PRESSURE_DIGITS)
        average.add(view.venue_time_ns, pressure)
        narrow = spread * 10_000 <= self.config.spread_bps_max * mid
        return self.follow(
            view.instrument_id,
            average.score if narrow else ZERO,
            view.venue_time_ns,
            lambda: {"pressure": plain(pressure), "mid": plain(mid)},
        )
