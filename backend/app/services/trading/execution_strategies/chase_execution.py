"""CHASE: one post-only order at its own side's touch, which follows the market so far and no farther. Pure policy.

Never two orders: a re-price is cancel, wait until it is over and its fills are in hand, then a new one.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from app.domain.money import ONE, plain
from app.domain.orders import OrderType
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.domain.slicing import part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import StrategyConfig, Unit, member, number, seconds_ns
from app.services.trading.execution_strategies.quoting import Discipline, at_touch, follow, within
from app.services.trading.execution_strategies.steps import conclude, rest, sweep, usable_book


class Finish(StrEnum):
    """What becomes of the rest at the end."""

    CANCEL = "cancel"
    CROSS = "cross"


@dataclass(frozen=True)
class ChaseConfig(StrategyConfig):
    """How far, and what then."""

    timeout: Decimal = number("300", "to the end", Unit.SECONDS, above="0", at_most="2592000")
    max_chase_pct: Decimal = number(
        "0.005", "so far from its first price it follows the market", Unit.FRACTION, at_least="0", at_most="0.5"
    )
    min_rest: Decimal = number(
        "1", "that an order rests before it is priced anew", Unit.SECONDS, at_least="0.25", at_most="3600"
    )
    reprice_ticks: int = number(
        "1", "it moves when the touch is so many ticks away", at_least="1", at_most="1000", whole=True
    )
    finish: Finish = member(Finish.CANCEL, "what becomes of the rest at the end")  # noqa: RUF009 (a dataclass field)


class ChaseExecution(ExecutionStrategy):
    """A post-only order that follows the touch of its own side. A limit price given with the order caps the chase as
    well."""

    name: ClassVar[str] = "chase"
    Config: ClassVar[type[StrategyConfig]] = ChaseConfig
    config: ChaseConfig

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.timeout)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        end_ns, open_children = progress.parent.end_ns, progress.open_children
        if end_ns is not None and now_ns >= end_ns:
            if self.config.finish is Finish.CROSS:
                return sweep(progress, market, now_ns, self.crossing(progress.parent), progress.remaining)
            reason = f"{plain(progress.remaining)} left at the end of the chase"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        book = usable_book(market, self.config.max_book_age)
        wanted = book if isinstance(book, Wait) else at_touch(progress, book, self._farthest(progress))
        if open_children:
            how = Discipline(self.config.reprice_ticks, seconds_ns(self.config.min_rest))
            return follow(progress, market, now_ns, open_children, wanted, how)
        if isinstance(wanted, Wait):
            return wanted
        size = part_size(progress.remaining, progress.remaining, progress.remaining, progress.instrument)
        age, reason = self.config.max_book_age, f"chase {len(progress.children) + 1}"
        return rest(progress, market, now_ns, size, wanted, age, reason, OrderType.POST_ONLY)

    def _farthest(self, progress: Progress) -> Decimal | None:
        """As far as the chase goes."""
        parent = progress.parent
        first = next((child.price for child in progress.children if child.price is not None), None)
        if first is None:
            return parent.limit_price
        farthest = first * (ONE + parent.side.sign * self.config.max_chase_pct)
        return farthest if parent.limit_price is None else within(parent.side, farthest, parent.limit_price)
