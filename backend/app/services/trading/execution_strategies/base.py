"""What an execution strategy is: a validated configuration and one pure function, next_step.

A strategy knows nothing of databases, exchanges or tasks. execute() hands its name, configuration and the caller's
order to the executor's parent orders, which do the rest (parents/orders.py), also over a restart.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Collection, Generator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from app.domain.approvals import Second
from app.domain.conditions import Watched
from app.domain.instruments import Instrument
from app.domain.money import ONE, ZERO
from app.domain.parents import ParentOrder, ParentStatus, Place, Progress, Step, Wait
from app.domain.quote_sizes import afforded
from app.domain.refusals import Refusal
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.clips import clip_refusals, clipped, roomy
from app.services.trading.execution_strategies.config import (
    ClippedConfig,
    StrategyConfig,
    canonical,
    declarations,
    parse,
)
from app.services.trading.execution_strategies.steps import Crossing, bounded, envelope
from app.services.trading.execution_strategies.terms import NO_TERMS, ParentTerms, PauseClock
from app.services.trading.execution_strategies.views import ParentFigures, ParentPreview, PlannedChild
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
        terms: ParentTerms = NO_TERMS,
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

    async def run(
        self, strategy: str, config: Mapping[str, object], params: OrderParams, *, terms: ParentTerms = NO_TERMS
    ) -> list[OrderResponse]: ...

    async def start(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        *,
        terms: ParentTerms = NO_TERMS,
        principal: str = "system",
        key: str | None = None,
        second: Second | None = None,
    ) -> ParentResponse:
        """Start a parent; returns when it is durable. key: the same starts it once. second: who lets it happen."""
        ...

    async def preview(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        *,
        terms: ParentTerms = NO_TERMS,
        principal: str = "system",
    ) -> ParentPreview: ...

    async def wait(self, parent_id: str) -> list[OrderResponse]:
        """Its children when it is over or suspended."""
        ...

    def orders(self, parent_id: str) -> list[OrderResponse]: ...

    def figures(self, parent_id: str) -> ParentFigures: ...

    async def pause(
        self, parent_id: str, *, clock: PauseClock = PauseClock.KEPT, reason: str = ""
    ) -> ParentResponse: ...

    async def resume(self, parent_id: str, *, reason: str = "") -> ParentResponse: ...

    async def amend(
        self,
        parent_id: str,
        *,
        size: Decimal | None = None,
        price: Decimal | None = None,
        limit_offset_pct: Decimal | None = None,
        end_at: datetime | None = None,
        config: Mapping[str, object] | None = None,
        principal: str = "system",
        reason: str = "",
    ) -> ParentResponse: ...

    async def cancel(self, parent_id: str, *, principal: str = "system", reason: str = "") -> ParentResponse: ...

    def id_of(self, key: str) -> str:
        """The id of the parent that this key starts."""
        ...

    def protecting(self, instrument_id: str | None = None, *, fired: bool = True) -> frozenset[str]:
        """The open parents that wait for a price to take away of what is held. fired: also those that have begun to."""
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

    takes_quote: ClassVar[bool] = True
    """Whether its size may be an amount of quote currency."""

    conditional: ClassVar[bool] = False
    """Whether it waits for a price before it trades; one that can only reduce is protection."""

    gets_out: ClassVar[bool] = False
    """Whether it is out of what is held: all that is left may then be smaller than the smallest order of risk."""

    @property
    def at_exchange(self) -> bool:
        """Whether it, or what gets out of what it gets into, is to wait for its price at the exchange."""
        return False

    @property
    def price_followed(self) -> Watched | None:
        """What the exchange has to tell of for it besides book and trades."""
        return None

    @property
    def books_only(self) -> bool:
        """Whether it takes of an asset what the books hold alone (of its strategy, or of all), not what is nobody's."""
        return False

    @property
    def exits(self) -> tuple[str, Mapping[str, object]] | None:
        """Strategy and configuration of the parent that gets out of what this one gets into, made with it."""
        return None

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        self.executor = executor
        self.config = parse(self.Config, config)
        named = declarations(self.Config) if config is None or isinstance(config, StrategyConfig) else config
        whole: dict[str, object] = json.loads(self.canonical_config)
        self.given: Mapping[str, object] = {} if config is None else {name: whole[name] for name in named}
        """What was said of it, beside what is so unless it is said."""

    @property
    def canonical_config(self) -> str:
        """The whole configuration as text; equal configurations give equal text."""
        return canonical(self.config)

    async def execute(self, order_params: OrderParams, *, terms: ParentTerms = NO_TERMS) -> list[OrderResponse]:
        """Work the order to its end; returns its children in the order in which they were placed. terms: when it starts
        and ends, and how it is asked for.

        Raises InvalidValue when the order itself cannot be (size below the minimum, price off the tick and the like).
        """
        return await self._runner.run(self.name, self.given, order_params, terms=terms)

    async def start(
        self, order_params: OrderParams, *, terms: ParentTerms = NO_TERMS, key: str | None = None
    ) -> "Execution":
        """As execute(), but returns as soon as the parent is durable, with a handle to steer it. key: the same key
        starts it once, however often it is asked for."""
        started = await self._runner.start(self.name, self.given, order_params, terms=terms, key=key)
        return Execution(self._runner, started.parent_id)

    async def preview(self, order_params: OrderParams, *, terms: ParentTerms = NO_TERMS) -> ParentPreview:
        """What execute() would do, and cost by the book as it stands; nothing is done. Raises as it does."""
        return await self._runner.preview(self.name, self.given, order_params, terms=terms)

    @property
    def _runner(self) -> ParentRunner:
        if self.executor is None:
            raise RuntimeError(f"{type(self).__name__} was made without an executor: it can plan but not execute")
        return self.executor.parent_orders

    @property
    def min_clip(self) -> Decimal | None:
        return self.config.min_clip if isinstance(self.config, ClippedConfig) else None

    @property
    def max_clip(self) -> Decimal | None:
        return self.config.max_clip if isinstance(self.config, ClippedConfig) else None

    @abstractmethod
    def end_ns(self, start_ns: int) -> int | None:
        """When the parent should be done, if ever (UTC nanoseconds)."""

    def target(self, progress: Progress, now_ns: int) -> Decimal | None:
        """How much should be done or under way by now; None for a strategy without a schedule."""
        return None

    def replanned(self, progress: Progress, now_ns: int) -> tuple[int, Decimal]:
        """From when a plan for what is left counts that is made now, and what was done before it."""
        return now_ns, progress.filled

    def planned(self, progress: Progress, market: MarketView | None) -> list[PlannedChild]:
        """The children that it has planned, for one that has not begun; none for one that goes by the market."""
        return []

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
        found.extend(clip_refusals(self.min_clip, self.max_clip, size, instrument))
        return found

    def given_refusals(self, given: Collection[str], size: Decimal, instrument: Instrument) -> list[Refusal]:
        """Why these keys, which somebody has named, cannot be kept to the letter."""
        return []

    def market_refusals(self, progress: Progress, market: MarketView | None) -> list[Refusal]:
        """Why the market as it is now makes it not worth beginning."""
        return []

    def watches(self, progress: Progress) -> bool:
        """Whether it only looks yet, and so need not wait while other orders hold what is there."""
        return False

    def foreseen(self, progress: Progress, market: MarketView | None, now_ns: int) -> Place | None:
        """What it would place first, for the door to look at; None when that cannot be told."""
        step = self.next_step(progress, market, now_ns)
        return step if isinstance(step, Place) else None

    def maker_share(self, first: Place | None) -> Decimal:
        """What of it should fill at rest, as a fraction. first: what it would place first, where that can be told."""
        return ONE if first is not None and first.order_type.rests else ZERO

    def next_step(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        """What to do now: pure, so the same rows, market and time always give the same step."""
        watches = self.watches(progress)
        step = envelope(progress, now_ns, self.when_nothing_is_there, self.standing_max, watches=watches)
        if step is None:
            step = clipped(self.decide(roomy(progress, self.min_clip), market, now_ns), progress, self.max_clip)
        if isinstance(step, Place) and progress.quote_left is not None:
            far = None if market is None or market.book is None else market.book.far(progress.parent.side)
            step = afforded(step, progress, far) or Wait(None, "for a price that its amount pays for", on_market=True)
        return bounded(step, progress, now_ns)

    @abstractmethod
    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        """The strategy's own part: the parent is running, not complete, and not past its hard end."""

    def crossing(self, parent: ParentOrder) -> Crossing:
        """How far a crossing child of this parent may go."""
        return Crossing(self.price_cap(parent), self.config.max_slippage_pct, self.config.max_book_age)


class Execution:
    """A parent order that was started: await it for its children, look at it, steer it.

    Every method raises ParentNotFound and ParentOver as the parent orders do; what changes it is durable when it
    returns.
    """

    def __init__(self, runner: ParentRunner, parent_id: str) -> None:
        self.parent_id = parent_id
        self._runner = runner

    def __await__(self) -> Generator[Any, None, list[OrderResponse]]:
        """Its children, in the order of placing, when it is over or suspended; a pause is waited for."""
        return self._runner.wait(self.parent_id).__await__()

    @property
    def state(self) -> ParentResponse:
        """How far it is, and what it waits for."""
        return self._runner.get(self.parent_id)

    @property
    def figures(self) -> ParentFigures:
        """Its schedule against what is done, its price against its arrival, its fees, its orders and why."""
        return self._runner.figures(self.parent_id)

    @property
    def orders(self) -> list[OrderResponse]:
        return self._runner.orders(self.parent_id)

    async def pause(self, reason: str = "", *, clock: PauseClock = PauseClock.KEPT) -> ParentResponse:
        """Take its orders back and lay it aside. clock: whether its time goes on, or its schedule and its end move."""
        return await self._runner.pause(self.parent_id, clock=clock, reason=reason)

    async def resume(self, reason: str = "") -> ParentResponse:
        return await self._runner.resume(self.parent_id, reason=reason)

    async def amend(
        self,
        *,
        size: Decimal | None = None,
        price: Decimal | None = None,
        limit_offset_pct: Decimal | None = None,
        end_at: datetime | None = None,
        config: Mapping[str, object] | None = None,
        reason: str = "",
    ) -> ParentResponse:
        """A new size (in all), limit, end, or keys of its configuration; the rest is planned anew."""
        return await self._runner.amend(
            self.parent_id,
            size=size,
            price=price,
            limit_offset_pct=limit_offset_pct,
            end_at=end_at,
            config=config,
            reason=reason,
        )

    async def cancel(self, reason: str = "") -> ParentResponse:
        """Cancel its orders and end it."""
        return await self._runner.cancel(self.parent_id, reason=reason)


__all__ = ["Execution", "ExecutionStrategy", "Executor", "ParentRunner"]
