"""EXIT: out of what is held, in pieces that the visible book, the limits of one order and the holding allow.

Pure policy. Each piece is an IOC limit at the collar of the risk limits; what the book does not take now is tried
again until it is done or its time is over, and what is left is named with the reason.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.money import plain
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import StrategyConfig, Unit, flag, number, seconds_ns
from app.services.trading.execution_strategies.pieces import piece
from app.services.trading.execution_strategies.steps import conclude


@dataclass(frozen=True)
class ExitConfig(StrategyConfig):
    """How long, and of what."""

    timeout: Decimal = number("300", "to get out in", Unit.SECONDS, above="0", at_most="86400")
    max_slippage_pct: Decimal = number(
        "0.5", "beside the collar of the risk limits, which always holds", Unit.FRACTION, at_least="0", at_most="0.5"
    )
    max_book_age: Decimal = number(
        "3600", "beside the age of the risk limits, which always holds", Unit.SECONDS, above="0", at_most="3600"
    )
    unattributed: bool = flag(False, "coins too that no book holds (flatten --all)", amendable=False)


class ExitExecution(ExecutionStrategy):
    """Out of what is held, as fast as the book allows. A limit price given with the order is a cap. It may come to
    nothing because others closed what was there; then it is complete."""

    name: ClassVar[str] = "exit"
    Config: ClassVar[type[StrategyConfig]] = ExitConfig
    config: ExitConfig
    takes_quote: ClassVar[bool] = False
    wants_bounds: ClassVar[bool] = True
    gets_out: ClassVar[bool] = True
    when_nothing_is_there: ClassVar[ParentStatus] = ParentStatus.COMPLETED
    standing_max: ClassVar[int] = 5  # what others took meanwhile is refused until it is booked

    @property
    def books_only(self) -> bool:
        return not self.config.unattributed

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.timeout)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        if progress.open_children:
            return Wait(None, "for the piece's end")
        number = f"piece {len(progress.children) + 1}"
        step = piece(progress, market, now_ns, self.config.max_slippage_pct, self.config.max_book_age, number)
        end_ns = progress.parent.end_ns
        if end_ns is None or now_ns < end_ns:
            return step
        why = step.reason if isinstance(step, Wait) else "the book did not take it in its time"
        reason = f"{plain(progress.unplaced)} of {plain(progress.parent.size)} left: {why}"
        return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
