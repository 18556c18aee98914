"""SCALE: a ladder of limit orders over a range of prices, all of them in the book at once. Pure policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.instruments import Instrument
from app.domain.money import ONE, ZERO, plain
from app.domain.orders import OrderSide
from app.domain.parents import ParentOrder, ParentStatus, Progress, Step, Wait
from app.domain.refusals import InvalidValue, Refusal
from app.domain.slicing import cumulative_targets, differences, minimum_lots, whole_lots
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy, Executor
from app.services.trading.execution_strategies.config import CHECK, StrategyConfig, Unit, number, seconds_ns
from app.services.trading.execution_strategies.steps import conclude, rest
from app.services.trading.execution_strategies.views import PlannedChild


@dataclass(frozen=True)
class ScaleConfig(StrategyConfig):
    """The ladder."""

    price_from: Decimal | None = number(None, "of the ladder's first rung; it is needed", Unit.PRICE, above="0")
    price_to: Decimal | None = number(None, "of its last rung; it is needed", Unit.PRICE, above="0")
    levels: int = number("5", "rungs", at_least="2", at_most="50", whole=True, amendable=False)
    size_skew: Decimal = number(
        "1", "the last rung's size over the first one's", at_least="0.01", at_most="100", amendable=False
    )
    timeout: Decimal | None = number(
        None, "to the end; none is open-ended", Unit.SECONDS, above="0", at_most="31536000"
    )


class ScaleExecution(ExecutionStrategy):
    """A ladder of limit orders over a range of prices. Rungs stand at equal distances, on the tick, no rung beyond a
    limit price given with the order."""

    name: ClassVar[str] = "scale"
    Config: ClassVar[type[StrategyConfig]] = ScaleConfig
    config: ScaleConfig
    takes_quote: ClassVar[bool] = False

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        super().__init__(executor, config)
        self._ladder: tuple[object, list[tuple[Decimal, Decimal]]] | None = None
        first, last = self.config.price_from, self.config.price_to
        if (first is None) is not (last is None):
            missing = "price_from" if first is None else "price_to"
            raise InvalidValue(missing, "None", "is needed where the ladder's other end is given", check=CHECK)

    def end_ns(self, start_ns: int) -> int | None:
        return None if self.config.timeout is None else start_ns + seconds_ns(self.config.timeout)

    def rungs(self, size: Decimal, side: OrderSide, instrument: Instrument) -> list[tuple[Decimal, Decimal]]:
        """(price, size) of each rung, in the instrument's unit; together exactly the whole lots of `size`. Made when
        something of it is new."""
        of = (size, side, instrument.lot, instrument.tick)
        if self._ladder is None or self._ladder[0] != of:
            self._ladder = of, self._rungs(size, side, instrument)
        return self._ladder[1]

    def _rungs(self, size: Decimal, side: OrderSide, instrument: Instrument) -> list[tuple[Decimal, Decimal]]:
        first, last, levels = self.config.price_from, self.config.price_to, self.config.levels
        assert first is not None  # refusals() sees to it
        assert last is not None
        step = (last - first) / (levels - 1)
        prices = [instrument.passive_price(first + k * step, buying=side.sign > 0) for k in range(levels)]
        weights = [ONE + (self.config.size_skew - ONE) * k / (levels - 1) for k in range(levels)]
        parts = differences(cumulative_targets(whole_lots(size, instrument.lot), weights))
        return [(price, part * instrument.lot) for price, part in zip(prices, parts, strict=True)]

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        first, last, levels = self.config.price_from, self.config.price_to, self.config.levels
        if first is None or last is None:
            return [*found, Refusal(CHECK, "price_from", "None", "is needed, and price_to: the ends of the ladder")]
        rungs = self.rungs(size, OrderSide.BUY, instrument)
        if abs(last - first) < (levels - 1) * instrument.tick:
            rule = f"must not be more than the ticks {plain(instrument.tick)} from {plain(first)} to {plain(last)}"
            found.append(Refusal(CHECK, "levels", str(levels), rule))
        smallest = minimum_lots(instrument) * instrument.lot
        if any(part < smallest for _, part in rungs):
            rule = f"makes rungs below the smallest order {plain(smallest)} out of {plain(size)}"
            found.append(Refusal(CHECK, "levels", str(levels), rule))
        return found

    def planned(self, progress: Progress, market: MarketView | None) -> list[PlannedChild]:
        parent, levels = progress.parent, self.config.levels
        return [
            PlannedChild(None, size, self._capped(parent, price), f"rung {number_}/{levels}")
            for number_, (price, size) in enumerate(self.rungs(parent.size, parent.side, progress.instrument), start=1)
        ]

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        parent, levels = progress.parent, self.config.levels
        if parent.end_ns is not None and now_ns >= parent.end_ns:
            reason = f"{plain(progress.parent.size - progress.filled)} still stood in the ladder at the end"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        smallest = minimum_lots(progress.instrument) * progress.instrument.lot
        standing: dict[str, Decimal] = {}
        for child in progress.children:
            standing[child.reason] = standing.get(child.reason, ZERO) + child.max_possible
        remaining = progress.instrument.floor_size(max(progress.remaining, ZERO))
        for number_, (price, size) in enumerate(self.rungs(parent.size, parent.side, progress.instrument), start=1):
            rung = f"rung {number_}/{levels}"
            due = min(size - standing.get(rung, ZERO), remaining)
            if due >= smallest:
                return rest(progress, market, now_ns, due, self._capped(parent, price), self.config.max_book_age, rung)
        return Wait(None, "for the rungs to fill")

    def _capped(self, parent: ParentOrder, price: Decimal) -> Decimal:
        cap = parent.limit_price
        if cap is None:
            return price
        return min(price, cap) if parent.side.sign > 0 else max(price, cap)
