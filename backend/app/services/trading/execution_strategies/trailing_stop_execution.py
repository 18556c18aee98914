"""TRAILING STOP: a stop that follows the market at a distance, and never goes back. Pure policy.

What it follows, the best price so far (parent.extreme), is written down in steps of a part of the distance, each
durable before the stop moves: a restart goes on from where it stood. At the exchange that follows it, from when it
stands there on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from app.domain.child_views import ChildView
from app.domain.conditions import Condition, Trail
from app.domain.instruments import Instrument
from app.domain.money import ONE, ZERO, plain
from app.domain.orders import OrderSide
from app.domain.parents import ParentOrder, Progress, Remember, Step, Wait
from app.domain.refusals import Refusal
from app.market_data.view import MarketView, PriceRange
from app.services.trading.execution_strategies.conditional import Level, stops
from app.services.trading.execution_strategies.config import CHECK, StrategyConfig, Unit, number
from app.services.trading.execution_strategies.standing import StandingConfig, StandingExecution

STEPS = 20
"""So many steps of following make up the distance."""


@dataclass(frozen=True)
class TrailingStopConfig(StandingConfig):
    """How far behind it stands."""

    distance_pct: Decimal | None = number(
        None,
        "how far behind the best price it stands; it or distance is needed",
        Unit.FRACTION,
        above="0",
        at_most="0.5",
    )
    distance: Decimal | None = number(None, "the same as a difference of prices", Unit.PRICE, above="0")
    activate_at: Decimal | None = number(
        None, "it follows only once a sale's market is at it or above, a buy's at it or below", Unit.PRICE, above="0"
    )


class TrailingStopExecution(StandingExecution[TrailingStopConfig]):
    """A stop that follows the market at a distance and never goes back."""

    name: ClassVar[str] = "trailing_stop"
    Config: ClassVar[type[StrategyConfig]] = TrailingStopConfig

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        if limit_price is not None:
            rule = "has no meaning for trailing_stop: its price follows the market"
            found.append(Refusal(CHECK, "price", plain(limit_price), rule))
        config = self.config
        if self.at_exchange and config.trigger_by.followed is not None:
            rule = "must be last: behind another price an exchange does not follow; it can be held here"
            found.append(Refusal(CHECK, "trigger_by", config.trigger_by.value, rule))
        if (config.distance_pct is None) is (config.distance is None):
            given = "None" if config.distance is None else plain(config.distance)
            found.append(Refusal(CHECK, "distance", given, "give either distance_pct or distance"))
        return found

    def market_refusals(self, progress: Progress, market: MarketView | None) -> list[Refusal]:
        parent, distance = progress.parent, self.config.distance
        began = progress.children or parent.entry_id is not None
        price = None if market is None or began else self.present(parent, market)
        if price is None or distance is None or distance < price or parent.side is OrderSide.BUY:
            return []
        return [Refusal(CHECK, "distance", plain(distance), f"must be below the price, which is {plain(price)}")]

    def levels(self, parent: ParentOrder) -> Sequence[Level]:
        return self._levels(parent, parent.extreme)

    def condition(self, parent: ParentOrder) -> Condition:
        config = self.config
        # What has been reached is none that the exchange could wait for.
        activation = config.activate_at if parent.extreme is None else None
        return Condition(trail=Trail(config.distance_pct, config.distance, activation))

    def same(self, told: Condition | None, wanted: Condition) -> bool:
        """Once it follows, what it waited for before that is no difference."""
        if told is None or told.trail is None or wanted.trail is None or wanted.trail.activation is not None:
            return told == wanted
        return replace(told, trail=replace(told.trail, activation=None)) == wanted

    def stands(self, progress: Progress, waiting: ChildView, market: MarketView | None, now_ns: int) -> Step:
        """That it follows there, by the exchange's word or what was seen, is written down: changed, it does at once."""
        parent, told = progress.parent, waiting.condition
        if self.config.activate_at is not None and parent.extreme is None and told is not None and told.trail:
            activation, falls = told.trail.activation, parent.side is OrderSide.BUY
            if activation is None:
                price = None if market is None else self.present(parent, market)
                if price is None:
                    return Wait(None, "it follows at the exchange; no market yet", on_market=True)
                return Remember(price, now_ns, f"follows at the exchange; it is {plain(price)}")
            seen, level = self.seen(progress, market, now_ns), Level("activate_at", activation, above=not falls)
            if isinstance(seen, PriceRange) and level.reached(seen.low, seen.high):
                best = seen.low if falls else seen.high
                return Remember(best, seen.last_ns, f"follows at the exchange, {plain(best)}")
        return super().stands(progress, waiting, market, now_ns)

    def wanted(self, parent: ParentOrder) -> str:
        if not self.at_exchange:
            return super().wanted(parent)
        config = self.config
        far = (
            plain(config.distance) if config.distance is not None else f"{plain((config.distance_pct or ONE) * 100)} %"
        )
        return f"the market to come back by {far}"

    def expected_price(self, parent: ParentOrder, market: MarketView | None) -> Decimal | None:
        present = None if market is None else self.present(parent, market)
        return None if present is None else self._stop(parent, present)

    def watch(self, progress: Progress, market: MarketView | None, now_ns: int, seen: PriceRange) -> Step:
        parent, falls = progress.parent, progress.parent.side is OrderSide.BUY
        best, extreme = (seen.low if falls else seen.high), parent.extreme
        start = self.config.activate_at if extreme is None else None
        if start is not None and not Level("activate_at", start, above=not falls).reached(seen.low, seen.high):
            return Wait(None, f"for activate_at {plain(start)}; it is {plain(seen.last)}", on_market=True)
        gained = None if extreme is None else (extreme - best) if falls else (best - extreme)
        remember = Remember(best, seen.last_ns, f"follows {plain(best)}")
        better = gained is None or gained > 0
        if better and any(level.reached(seen.last, seen.last) for level in self._levels(parent, best)):
            # Behind a price that is not written down yet. That it fires is found at once, by the next look: what keeps
            # it from trading may last longer than anybody sees that price.
            return replace(remember, extreme_ns=seen.last_ns - 1)
        hit = self.hit(parent, seen)
        if hit is not None:
            return self.fire(progress, market, now_ns, f"{hit.words} was reached")
        if gained is None or gained >= max(self._distance(extreme or best) / STEPS, progress.instrument.tick):
            return remember
        return self.waits(parent, seen)

    def _levels(self, parent: ParentOrder, extreme: Decimal | None) -> list[Level]:
        return [] if extreme is None else stops(parent.side, "stop", self._stop(parent, extreme))

    def _stop(self, parent: ParentOrder, extreme: Decimal) -> Decimal:
        return max(extreme + parent.side.sign * self._distance(extreme), ZERO)

    def _distance(self, extreme: Decimal) -> Decimal:
        return self.config.distance if self.config.distance is not None else extreme * (self.config.distance_pct or ONE)
