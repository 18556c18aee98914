"""How a slice of a schedule is worked: it crosses, rests for its time, or rests first and then crosses. Pure policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, TypeVar

from app.domain.instruments import Instrument
from app.domain.money import ONE, ZERO, ceil_to, plain
from app.domain.parents import Place, Progress, Step, Wait
from app.domain.refusals import InvalidValue, Refusal
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import Executor
from app.services.trading.execution_strategies.config import (
    CHECK,
    NS_PER_SECOND,
    StrategyConfig,
    Unit,
    choice,
    flag,
    number,
)
from app.services.trading.execution_strategies.quoting import REQUOTES_MAX, overtaken, resting, within
from app.services.trading.execution_strategies.scheduled import Schedule, ScheduledConfig, ScheduledExecution
from app.services.trading.execution_strategies.steps import PACE_NS, clear, rest, usable_book


class Style(StrEnum):
    """From patient to sure."""

    PASSIVE = "passive"
    PASSIVE_THEN_CROSS = "passive_then_cross"
    TAKER = "taker"


@dataclass(frozen=True)
class StyledConfig(ScheduledConfig):
    """A schedule, and how its slices are worked."""

    use_limit_orders: bool = flag(
        False, "each slice rests until the next is due, then its rest moves on; otherwise it crosses"
    )
    price_offset_pct: Decimal = number(
        "0.001",
        "distance of such a limit from its own side's touch: positive is away from the market "
        "(a buy at bid × (1 − p)), negative towards it and through it",
        Unit.FRACTION,
        at_least="-0.5",
        at_most="0.5",
    )
    style: Style | None = choice(  # noqa: RUF009 (a dataclass field)
        Style,
        "instead of use_limit_orders: taker crosses; passive rests post-only at the touch and follows it until the "
        "next slice is due; passive_then_cross does so until cross_after, then crosses for the slice's rest",
    )
    cross_after: Decimal = number(
        "0.8",
        "of a slice's time, after which passive_then_cross crosses",
        Unit.FRACTION,
        at_least="0.05",
        at_most="0.95",
    )


C = TypeVar("C", bound=StyledConfig)


class StyledExecution(ScheduledExecution[C]):
    """Refuses use_limit_orders beside a style: each says how a slice is worked."""

    Config: ClassVar[type[StrategyConfig]] = StyledConfig

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        super().__init__(executor, config)
        if self.config.style is not None and self.config.use_limit_orders:
            rule = f"goes not with style {self.config.style}: give one of them"
            raise InvalidValue("use_limit_orders", "True", rule, check=CHECK)

    @property
    def takes(self) -> bool:
        """Whether every slice crosses at once."""
        return self.config.style is Style.TAKER or (self.config.style is None and not self.config.use_limit_orders)

    def maker_share(self, first: Place | None) -> Decimal:
        """A slice that rests for a part of its time is taken to fill evenly over it."""
        if self.takes:
            return ZERO
        return self.config.cross_after if self.config.style is Style.PASSIVE_THEN_CROSS else ONE

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        seconds = max(self.config.duration * NS_PER_SECOND // PACE_NS, ONE)
        if self.max_clip is not None and self.takes and self.max_clip * seconds < size:
            rule = f"must be at least {plain(ceil_to(size / seconds, instrument.lot))}: one child a second, no more"
            found.append(Refusal(CHECK, "max_clip", plain(self.max_clip), rule))
        return found

    def work(self, progress: Progress, market: MarketView | None, now_ns: int, schedule: Schedule, k: int) -> Step:
        if self.takes:
            return self.take(progress, market, now_ns, schedule, k)
        if self.config.style is None:
            return self._limit(progress, market, now_ns, schedule, k)
        if self.config.style is Style.PASSIVE or not self.may_cross(progress, market):
            return self.quote(progress, market, now_ns, schedule, k)
        begins_ns = schedule.begins_ns(k)
        cross_ns = begins_ns + int(self.config.cross_after * (schedule.begins_ns(k + 1) - begins_ns))
        if now_ns < cross_ns and overtaken(progress) < REQUOTES_MAX:
            step = self.quote(progress, market, now_ns, schedule, k)
            if isinstance(step, Wait):
                return Wait(min(step.until_ns or cross_ns, cross_ns), step.reason, step.on_market)
            return step
        step_ = clear(progress, resting(progress), f"{schedule.named(k)} is to be done", now_ns)
        return step_ or self.take(progress, market, now_ns, schedule, k, why="its rest")

    def _limit(self, progress: Progress, market: MarketView | None, now_ns: int, schedule: Schedule, k: int) -> Step:
        """As the specification has it: a limit order so far from the touch, for as long as the slice lasts."""
        if progress.open_children:
            late = tuple(child for child in progress.open_children if child.placed_ns < schedule.begins_ns(k))
            step = clear(progress, late, f"slice {k + 1} is due", now_ns)
            return step or Wait(schedule.begins_ns(k + 1), f"{schedule.named(k)} rests")
        size = self.size(progress, market, now_ns, schedule, k)
        if isinstance(size, Wait):
            return size
        book = usable_book(market, self.config.max_book_age)
        if isinstance(book, Wait):
            return book
        side, cap, offset = progress.parent.side, self.price_cap(progress.parent), self.config.price_offset_pct
        near, mid = book.near(side), book.mid
        assert near is not None  # a usable book has both sides
        assert mid is not None
        from_mid = progress.parent.rules == 1
        price = mid * (ONE + side.sign * offset) if from_mid else near * (ONE - side.sign * offset)
        if cap is not None:
            price = within(side, price, cap)
        return rest(progress, market, now_ns, size, price, self.config.max_book_age, schedule.named(k, size))
