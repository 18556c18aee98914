"""SNIPER: nothing rests; what the book shows at the limit price or better is taken when it is enough. Pure policy."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.instruments import Instrument
from app.domain.money import plain
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.domain.refusals import Refusal
from app.domain.slicing import minimum_lots, part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import (
    CHECK,
    ClippedConfig,
    StrategyConfig,
    Unit,
    number,
    seconds_ns,
)
from app.services.trading.execution_strategies.steps import Crossing, conclude, cross, usable_book


@dataclass(frozen=True)
class SniperConfig(ClippedConfig):
    """What is worth a shot."""

    timeout: Decimal = number(
        "3600", "to the end; the order must give a price", Unit.SECONDS, above="0", at_most="31536000"
    )
    take_pct: Decimal = number(
        "1", "of what is shown at the price or better, so much is taken", Unit.FRACTION, above="0", at_most="1"
    )
    min_shown: Decimal = number("0", "with less there it waits", Unit.SIZE, at_least="0")
    persist: Decimal = number(
        "0.2",
        "that the price must have been there without a break: a flicker is gone before a shot arrives",
        Unit.SECONDS,
        at_least="0",
        at_most="60",
    )
    cooldown: Decimal = number("1", "between two shots at least", Unit.SECONDS, at_least="0.1", at_most="3600")


class SniperExecution(ExecutionStrategy):
    """Hidden until the other side shows enough at the limit price, which the order must give."""

    name: ClassVar[str] = "sniper"
    Config: ClassVar[type[StrategyConfig]] = SniperConfig
    config: SniperConfig

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.timeout)

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        if limit_price is None:
            found.append(Refusal(CHECK, "price", "None", "is needed: a sniper waits for a price"))
        return found

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        parent, limit = progress.parent, progress.parent.limit_price
        assert limit is not None  # refusals() sees to it
        if parent.end_ns is not None and now_ns >= parent.end_ns:
            reason = f"{plain(progress.remaining)} left: too little was shown at {plain(limit)}"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        if progress.open_children:
            return Wait(None, "for the shot's end")
        book = usable_book(market, self.config.max_book_age)
        if isinstance(book, Wait):
            return book
        assert market is not None  # it has a book
        shown = market.within(parent.side, limit)
        instrument = progress.instrument
        enough = max(self.config.min_shown, minimum_lots(instrument) * instrument.lot)
        size = part_size(shown * self.config.take_pct, progress.remaining, shown, instrument)
        if shown < enough or size == 0:
            return Wait(None, f"{plain(shown)} is shown at {plain(limit)} or better", on_market=True)
        stood_ns, persist_ns = market.stood_ns(parent.side, limit), seconds_ns(self.config.persist)
        if stood_ns < persist_ns:
            return Wait(now_ns + persist_ns - stood_ns, "for the price to stay", on_market=True)
        terms = self.crossing(parent)
        pace = Crossing(terms.cap, terms.slippage, terms.book_age_seconds, seconds_ns(self.config.cooldown))
        return cross(progress, market, now_ns, size, pace, f"{plain(shown)} was shown")
