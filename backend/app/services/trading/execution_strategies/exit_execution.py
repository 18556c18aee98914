"""EXIT: out of what is held, in pieces that the visible book, the limits of one order and the holding allow.

Pure policy. Each piece is an IOC limit at the collar of the risk limits; what the book does not take now is tried
again until it is done or its time is over, and what is left is named with the reason.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.money import ONE, plain
from app.domain.orders import OrderType
from app.domain.parents import ParentStatus, Place, Progress, Step, Wait
from app.domain.slicing import minimum_lots, part_size
from app.market_data.view import BookView, MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import StrategyConfig, Unit, flag, number, seconds_ns
from app.services.trading.execution_strategies.steps import PACE_NS, conclude, hold_back, nearer, usable_book


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
        step = self._piece(progress, market, now_ns)
        end_ns = progress.parent.end_ns
        if end_ns is None or now_ns < end_ns:
            return step
        why = step.reason if isinstance(step, Wait) else "the book did not take it in its time"
        reason = f"{plain(progress.unplaced)} of {plain(progress.parent.size)} left: {why}"
        return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)

    def _piece(self, progress: Progress, market: MarketView | None, now_ns: int) -> Place | Wait:
        last = progress.children[-1] if progress.children else None
        # A book that took all of the last piece is asked again at once; one that did not needs time to refill.
        wait = hold_back(progress, now_ns, 0 if last is None or last.filled >= last.size else PACE_NS)
        if wait is not None:
            return wait
        book = usable_book(market, self.config.max_book_age)
        if isinstance(book, Wait):
            return book
        bounds = progress.bounds
        if bounds is None:
            return Wait(None, "no usable market: the book is too old for risk", on_market=True)
        assert market is not None  # it has a usable book
        price = self._price(progress, book, bounds.price)
        there = market.within(progress.parent.side, price)
        if not there:
            return Wait(None, f"the visible book holds nothing within {plain(price)}", on_market=True)
        minimum = minimum_lots(progress.instrument) * progress.instrument.lot
        most = min(max(there, minimum), bounds.largest)
        size = part_size(most, progress.remaining, most, progress.instrument)
        if not size:
            return Wait(None, f"the limits of one order allow only {plain(most)}", on_market=True)
        return Place(Decimal(plain(size)), OrderType.IOC, Decimal(plain(price)), f"piece {len(progress.children) + 1}")

    def _price(self, progress: Progress, book: BookView, collar: Decimal) -> Decimal:
        """The worst price of a piece: of the cap, the slippage and the collar the one that is nearest to the market."""
        parent = progress.parent
        sign, far = parent.side.sign, book.far(parent.side)
        assert far is not None  # a usable book has both sides
        worst = [collar, far * (ONE + sign * self.config.max_slippage_pct)]
        if parent.limit_price is not None:
            worst.append(parent.limit_price)
        # Over all pieces: what this exchange takes is learned once, for time is short.
        price = nearer(parent.side, far, min(worst) if sign > 0 else max(worst), progress.children)
        return progress.instrument.passive_price(price, buying=sign > 0)
