"""IMPLEMENTATION SHORTFALL: sooner than evenly, as much as the risk of waiting outweighs the impact of hurrying
(Almgren and Chriss; app.domain.trajectories). Pure policy.

How much of what is left is due in a slice is solved anew at each, from what is left then: as long as urgency stays that
is the same trajectory; after an outage or a change of the market it is the best from there. A slice's size is decided
once, by its first child.
"""

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import ClassVar

from app.domain.money import ONE, ZERO, plain
from app.domain.parents import Progress
from app.domain.refusals import InvalidValue
from app.domain.slicing import whole_lots
from app.domain.trajectories import held_after, next_share, urgency
from app.market_data.mids import variance_a_second
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import Executor
from app.services.trading.execution_strategies.config import (
    CHECK,
    NS_PER_SECOND,
    StrategyConfig,
    Unit,
    member,
    number,
    seconds_ns,
)
from app.services.trading.execution_strategies.scheduled import (
    Schedule,
    Weight,
    children_of,
)
from app.services.trading.execution_strategies.styled import StyledConfig, StyledExecution

HALF = Decimal("0.5")
_ALL_AT_ONCE = Decimal(1_000)
"""A κτ with which nothing is left for later: what the book gives for nothing more than the touch is taken now."""


class Urgency(StrEnum):
    """How much sooner than evenly."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


_KAPPA_T = {Urgency.LOW: Decimal(1), Urgency.MEDIUM: Decimal(3), Urgency.HIGH: Decimal(6)}
"""κT over the whole window: of ten slices the first is then 15, 27 or 45 % of the whole."""


@dataclass(frozen=True)
class ImplementationShortfallConfig(StyledConfig):
    """A schedule, and how soon: one of three ways to say it."""

    urgency: Urgency = member(  # noqa: RUF009 (a dataclass field)
        Urgency.MEDIUM, "how much sooner than evenly: of ten slices the first is 15, 27 or 45 %"
    )
    half_life: Decimal | None = number(
        None,
        "instead of urgency: in which what is left falls to 1/e of itself while the end is far",
        Unit.SECONDS,
        above="0",
        at_most="31536000",
    )
    risk_aversion: Decimal | None = number(
        None,
        "instead of both: λ of Almgren and Chriss per unit of quote currency, weighed at each slice by the volatility "
        "of the last minutes' mids and the slope of the book; while those are not known, urgency stands in",
        above="0",
        at_most="1000000",
    )


class ImplementationShortfallExecution(StyledExecution[ImplementationShortfallConfig]):
    """Sooner than evenly, for the least sum of impact and risk since the decision."""

    name: ClassVar[str] = "implementation_shortfall"
    Config: ClassVar[type[StrategyConfig]] = ImplementationShortfallConfig

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        super().__init__(executor, config)
        if self.config.size_jitter:
            rule = "must be 0: how much is due is solved anew at each slice"
            raise InvalidValue("size_jitter", plain(self.config.size_jitter), rule, check=CHECK)
        if self.config.half_life is not None and self.config.risk_aversion is not None:
            raise InvalidValue(
                "risk_aversion", plain(self.config.risk_aversion), "goes not with half_life: give one", check=CHECK
            )

    def weights(self, progress: Progress, slices: int) -> Sequence[Weight]:
        held = held_after(self._kappa_tau(progress, slices), slices)
        return [before - after for before, after in pairwise((ONE, *held))]

    def due(self, progress: Progress, market: MarketView | None, schedule: Schedule, k: int) -> Decimal:
        mine = children_of(progress, schedule, k)
        committed = sum((child.max_possible for child in mine), ZERO)
        if mine and self.config.max_clip is None:
            return mine[0].size - committed
        slices, lot = len(schedule.targets), progress.instrument.lot
        left = whole_lots(max(progress.unplaced + committed, ZERO), lot)  # when the slice began
        kappa_tau = self._weighed(progress, market, schedule)
        if kappa_tau is None:
            kappa_tau = self._kappa_tau(progress, slices)
        with decimal.localcontext(prec=50):
            lots = (left * next_share(kappa_tau, slices - k) + HALF).to_integral_value(decimal.ROUND_FLOOR)
        return lots * lot - committed

    def _kappa_tau(self, progress: Progress, slices: int) -> Decimal:
        """Of one slice, by half_life or urgency: as long as the slices stay so, an amendment changes it not."""
        config = self.config
        whole = _KAPPA_T[config.urgency] if config.half_life is None else config.duration / config.half_life
        return whole * self.window_ns(progress.parent) / (seconds_ns(config.duration) * slices)

    def _weighed(self, progress: Progress, market: MarketView | None, schedule: Schedule) -> Decimal | None:
        """κτ by risk aversion, volatility and the book's slope; None where it is not asked for, or they are not known.

        Taking n in a slice of τ seconds costs slope·n a unit, so the temporary impact is slope·τ."""
        aversion = self.config.risk_aversion
        if aversion is None or market is None or market.book is None or market.book.mid is None:
            return None
        variance = variance_a_second(market.mids, market.now_ns)
        walk = market.walk(progress.parent.side, max(progress.unplaced, ZERO))
        far = market.book.far(progress.parent.side)
        if variance is None or walk.average is None or far is None or walk.filled <= 0:
            return None
        slope = abs(walk.average - far) / walk.filled
        if slope == 0:
            return _ALL_AT_ONCE
        seconds = Decimal(schedule.duration_ns) / NS_PER_SECOND / len(schedule.targets)
        unit = progress.instrument.base_quantity(ONE, market.book.mid)
        return urgency(aversion * unit * variance * seconds / slope)
