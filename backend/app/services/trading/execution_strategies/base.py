"""What an execution strategy is: a validated configuration and one pure function, next_step.

A strategy knows nothing of databases, exchanges or tasks. execute() hands its name, configuration and the caller's
order to the executor's parent orders, which do the rest (parents/orders.py), also over a restart.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar, Protocol

from app.domain.instruments import Instrument
from app.domain.parents import ParentOrder, ParentStatus, Progress, Step
from app.domain.refusals import Refusal
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.config import StrategyConfig, canonical, parse
from app.services.trading.execution_strategies.steps import Crossing, bounded, envelope
from app.services.trading.schemas import OrderParams, OrderResponse, ParentResponse


class ParentRunner(Protocol):
    """Who works parent orders: run() returns the children when the parent is over or laid aside."""

    async def start_exit(
        self,
        params: OrderParams,
        *,
        principal: str,
        exit: bool,
        unattributed: bool = False,
        key: str | None = None,
    ) -> ParentResponse:
        """Start getting out of what is held, in pieces; returns when it is durable. exit: a person asked. unattributed:
        coins too that no book holds."""
        ...

    async def begun(self, key: str) -> ParentResponse | None:
        """The parent that was started with this key."""
        ...

    async def first_child(self, parent_id: str) -> str | None:
        """The order id of its first child, as soon as there is one; None when it ends without."""
        ...

    def get(self, parent_id: str) -> ParentResponse: ...

    async def run(self, strategy: str, config: str, params: OrderParams) -> list[OrderResponse]: ...

    def id_of(self, key: str) -> str:
        """The id of the parent that this key starts."""
        ...

    def end_all(
        self, instrument_id: str | None = None, *, principal: str, reason: str, but: Collection[str] = ()
    ) -> Sequence[Awaitable[None]]:
        """From this call on none of them places anything; what is returned ends when that is durable, each. but: these
        parents go on."""
        ...


class Executor(Protocol):
    """The part of TradeExecutor that a strategy uses."""

    @property
    def parent_orders(self) -> ParentRunner: ...


class ExecutionStrategy(ABC):
    """Base of all execution strategies.

    A new one names itself, declares its Config and writes decide(); registering it in execution_strategies/__init__
    is all else. config: a mapping (unknown keys refused with InvalidValue) or a Config.
    """

    name: ClassVar[str]
    Config: ClassVar[type[StrategyConfig]] = StrategyConfig
    wants_bounds: ClassVar[bool] = False
    """Whether progress.bounds is to be filled in."""
    when_nothing_is_there: ClassVar[ParentStatus] = ParentStatus.FAILED
    """How it ends when nothing of what it is to take was ever there."""
    standing_max: ClassVar[int] = 1
    """After so many refusals in a row by the exchange that stand it is laid aside."""

    gets_out: ClassVar[bool] = False
    """Whether it is out of what is held: all that is left may then be smaller than the smallest order of risk."""

    @property
    def books_only(self) -> bool:
        """Whether it takes of an asset what the books hold alone (of its strategy, or of all), not what is nobody's."""
        return False

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        self.executor = executor
        self.config = parse(self.Config, config)

    @property
    def canonical_config(self) -> str:
        """The whole configuration as text; equal configurations give equal text."""
        return canonical(self.config)

    async def execute(self, order_params: OrderParams) -> list[OrderResponse]:
        """Work the order to its end; returns its children in the order in which they were placed.

        Raises InvalidValue when the order itself cannot be (size below the minimum, price off the tick and the like).
        """
        if self.executor is None:
            raise RuntimeError(f"{type(self).__name__} was made without an executor: it can plan but not execute")
        return await self.executor.parent_orders.run(self.name, self.canonical_config, order_params)

    @abstractmethod
    def end_ns(self, start_ns: int) -> int | None:
        """When the parent should be done, if ever (UTC nanoseconds)."""

    def target(self, progress: Progress, now_ns: int) -> Decimal | None:
        """How much should be done or under way by now; None for a strategy without a schedule."""
        return None

    def ahead_ns(self, progress: Progress, now_ns: int) -> int | None:
        """How far before its schedule it is, behind it when negative; None without one."""
        return None

    def expected_end_ns(self, progress: Progress, market: MarketView | None, now_ns: int) -> int | None:
        """When it should be over, as things stand; None when that is open."""
        return progress.parent.end_ns

    def price_cap(self, parent: ParentOrder) -> Decimal | None:
        """The price beyond which no child may go; the driver holds every step to it."""
        return parent.limit_price

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        """Why this cannot be worked at all; empty when it can."""
        found = instrument.size_refusals(size)
        if limit_price is not None:
            found.extend(instrument.price_refusals(limit_price))
        return found

    def next_step(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        """What to do now: pure, so the same rows, market and time always give the same step."""
        step = envelope(progress, now_ns, self.when_nothing_is_there, self.standing_max)
        if step is None:
            step = self.decide(progress, market, now_ns)
        return bounded(step, progress, now_ns)

    @abstractmethod
    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        """The strategy's own part: the parent is running, not complete, and not past its hard end."""

    def crossing(self, parent: ParentOrder) -> Crossing:
        """How far a crossing child of this parent may go."""
        return Crossing(self.price_cap(parent), self.config.max_slippage_pct, self.config.max_book_age)


__all__ = ["ExecutionStrategy", "Executor", "ParentRunner"]
