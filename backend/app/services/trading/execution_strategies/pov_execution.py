"""POV: a part of whatever trades, own part included, for as long as it takes. Pure policy.

Own prints stand in the public tape and are taken out of it, so that it never follows itself: with a participation of p
its own size is p / (1 - p) of what the others traded. Measured over a window that moves along, so that neither an
outage nor a quiet hour is caught up later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.money import ONE, plain
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.domain.refusals import InvalidValue
from app.domain.slicing import minimum_lots, part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy, Executor
from app.services.trading.execution_strategies.config import (
    CHECK,
    ClippedConfig,
    StrategyConfig,
    Unit,
    flag,
    number,
    seconds_ns,
)
from app.services.trading.execution_strategies.steps import Crossing, conclude, cross, sweep, traded


@dataclass(frozen=True)
class POVConfig(ClippedConfig):
    """How much of the market, and for how long."""

    participation: Decimal = number(
        "0.1", "of all that trades, own part included", Unit.FRACTION, above="0", at_most="0.5"
    )
    min_participation: Decimal | None = number(
        None,
        "with a duration: as little as this, where less than participation is enough to be done by the end",
        Unit.FRACTION,
        above="0",
        at_most="0.5",
    )
    max_participation: Decimal | None = number(
        None,
        "with a duration: as much as this, where participation is too little to be done by the end",
        Unit.FRACTION,
        above="0",
        at_most="0.5",
    )
    window: Decimal = number("300", "over which it is measured", Unit.SECONDS, at_least="10", at_most="900")
    interval: Decimal = number("5", "between two children at least", Unit.SECONDS, at_least="1", at_most="300")
    max_catch_up: Decimal = number(
        "3", "no child is more than so many times what is due in an interval", at_least="1", at_most="100"
    )
    duration: Decimal | None = number(
        None, "to the end; none is open-ended", Unit.SECONDS, above="0", at_most="31536000"
    )
    force_completion: bool = flag(False, "cross for what is left at the end; otherwise it expires")


class POVExecution(ExecutionStrategy):
    """A part of whatever trades, as a percentage of volume. A limit price given with the order caps every child."""

    name: ClassVar[str] = "pov"
    Config: ClassVar[type[StrategyConfig]] = POVConfig
    config: POVConfig

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        super().__init__(executor, config)
        least, usual, most = self.config.min_participation, self.config.participation, self.config.max_participation
        for name, given, wrong, rule in (
            ("min_participation", least, least is not None and least > usual, "must be at most participation"),
            ("max_participation", most, most is not None and most < usual, "must be at least participation"),
        ):
            if given is not None and self.config.duration is None:
                raise InvalidValue(name, plain(given), "needs a duration: by when it is to be done", check=CHECK)
            if given is not None and wrong:
                raise InvalidValue(name, plain(given), f"{rule} {plain(usual)}", check=CHECK)

    def end_ns(self, start_ns: int) -> int | None:
        return None if self.config.duration is None else start_ns + seconds_ns(self.config.duration)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        parent = progress.parent
        if now_ns < parent.start_ns:
            return Wait(parent.start_ns, "for the start")
        if parent.end_ns is not None and now_ns >= parent.end_ns:
            if self.config.force_completion:
                return sweep(progress, market, now_ns, self.crossing(parent), progress.remaining)
            reason = f"{plain(progress.remaining)} left at the end"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        if progress.open_children:
            return Wait(None, "for the child's end")
        next_ns = now_ns + seconds_ns(self.config.interval)
        if market is None:
            return Wait(next_ns, "no market yet", on_market=True)
        others, own = traded(progress, market, self._since_ns(progress, now_ns))
        part = self._part(progress, others, now_ns)
        smallest = minimum_lots(progress.instrument) * progress.instrument.lot
        usual = part * seconds_ns(self.config.interval) / max(now_ns - self._since_ns(progress, now_ns), 1)
        largest = max(self.config.max_catch_up * usual, smallest)
        size = part_size(part - own, progress.remaining, largest, progress.instrument)
        seen = f"others traded {plain(others)}, this {plain(own)}"
        if size == 0:
            return Wait(next_ns, f"for volume: {seen}")
        terms = self.crossing(parent)
        pace = Crossing(terms.cap, terms.slippage, terms.book_age_seconds, seconds_ns(self.config.interval))
        return cross(progress, market, now_ns, size, pace, f"its part: {seen}")

    def expected_end_ns(self, progress: Progress, market: MarketView | None, now_ns: int) -> int | None:
        """By what the others traded in the window."""
        end_ns = progress.parent.end_ns
        if market is None:
            return end_ns
        others, _ = traded(progress, market, self._since_ns(progress, now_ns))
        part = self._part(progress, others, now_ns)
        if not part:
            return end_ns
        needed_ns = int(progress.unplaced * (now_ns - self._since_ns(progress, now_ns)) / part)
        return now_ns + needed_ns if end_ns is None else min(now_ns + needed_ns, end_ns)

    def _part(self, progress: Progress, others: Decimal, now_ns: int) -> Decimal:
        """Its own part beside what the others traded in the window."""
        rate = self.rate(progress, others, now_ns)
        return rate / (ONE - rate) * others

    def rate(self, progress: Progress, others: Decimal, now_ns: int) -> Decimal:
        """Its part of all that trades: the one that gets it done by its end if the others go on as in the window,
        between the least and the most that were given."""
        config, end_ns = self.config, progress.parent.end_ns
        seen_ns = now_ns - self._since_ns(progress, now_ns)
        fixed = config.min_participation is None and config.max_participation is None
        if fixed or end_ns is None or not others or seen_ns <= 0 or progress.unplaced <= 0:
            return config.participation
        # Two intervals before its end, for what is due is only sent at the next one.
        going_ns = max(end_ns - 2 * seconds_ns(config.interval) - now_ns, 0)
        left, coming = progress.unplaced, others * going_ns / seen_ns
        least = config.participation if config.min_participation is None else config.min_participation
        most = config.participation if config.max_participation is None else config.max_participation
        return min(max(left / (left + coming), least), most)

    def _since_ns(self, progress: Progress, now_ns: int) -> int:
        return max(progress.parent.going_ns, now_ns - seconds_ns(self.config.window))
