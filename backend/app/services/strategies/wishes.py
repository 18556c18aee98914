"""What a strategy asks for, one wish after another: held against its budget and limits, then taken as everybody's
signals are (services/signals), under its own name.

A wish is begun when the state that it was made with is durable, and is not wanted any more WISH_SECONDS later.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.clock import NS_PER_SECOND, Clock, utc
from app.domain.access import Grant, Scope
from app.domain.orders import OrderSide, PositionKey
from app.domain.refusals import InvalidValue, Refusal
from app.market_data.feeds import MarketData
from app.services.signals.intake import SignalIntake
from app.services.signals.wishes import Wish, read
from app.services.strategies import budgets
from app.services.strategies.declared import Declared
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import NotReady
from app.services.trading.holdings.position_choice import moved_by
from app.services.trading.schemas import ParentResponse
from app.store.durable import Durable
from app.store.errors import StoreError
from app.strategies.signals import SignalType

WAITING_MAX = 100
WISH_SECONDS = 30
MINUTE_NS = 60 * NS_PER_SECOND
SCOPES = frozenset({Scope.PLACE, Scope.EXECUTIONS, Scope.EXIT})
OpenParents = Callable[[str], Iterable[ParentResponse]]


@dataclass(frozen=True, slots=True)
class _Asked:
    said: Mapping[str, Any]
    made_ns: int
    key: str | None
    durable: Durable | None


class Wishes:
    """Of one strategy. taken, refused, lost: how many; last_refusal: why the newest was refused."""

    def __init__(
        self,
        declared: Declared,
        intake: SignalIntake,
        ledger: Ledger,
        market: MarketData,
        clock: Clock,
        parents: OpenParents,
    ) -> None:
        self.declared = declared
        self.taken = self.refused = self.lost = 0
        self.last_refusal = ""
        self._intake = intake
        self._ledger = ledger
        self._market = market
        self._clock = clock
        self._parents = parents
        self._waiting: deque[_Asked] = deque()
        self._wake = asyncio.Event()
        self._times: deque[int] = deque()
        self._told: dict[tuple[str, str], int] = {}
        self._grant = Grant(f"strategy:{declared.name}", SCOPES)

    def add(self, signals: Iterable[Mapping[str, Any]], durable: Durable | None, *, first: int | None) -> None:
        """first: the first fill's event that they answer, which makes a wish of a fill that is told again the same."""
        for number, said in enumerate(signals):
            if len(self._waiting) >= WAITING_MAX:
                self.lost += 1
                continue
            key = None if first is None else f"fill-{first}-{number}"
            self._waiting.append(_Asked(said, self._clock.now_ns(), key, durable))
        self._wake.set()

    def drop(self) -> None:
        """Forget what was asked for and not begun."""
        self._waiting.clear()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._take(self._waiting.popleft())

    def at_risk(self) -> Decimal:
        """What it may lose at most, in quote currency: the sum over its instruments; what has no price is left out."""
        return sum((self._value(each, size) or Decimal(0) for each, size in self._at_worst().items()), Decimal(0))

    def open_orders(self) -> int:
        return sum(1 for order in self._ledger.open_orders() if order.request.strategy_id == self.declared.name)

    def open_executions(self) -> int:
        return sum(1 for _ in self._parents(self.declared.name))

    async def _take(self, asked: _Asked) -> None:
        try:
            if asked.durable is not None:
                await asked.durable
            wish = self._wish(asked)
            refused = self._out_of_turn(wish)
            if refused is not None and not self._worth_a_line(refused):
                raise InvalidValue(refused.field, refused.value, refused.rule, check=refused.check)
            refusals = self._over_budget(wish) if refused is None else [refused]
            if refusals:
                await self._intake.refused(refusals, self._grant.principal)
            await self._intake.take(wish, self._grant, asked.key, first_counts=True)
            self.taken += 1
        except (InvalidValue, NotReady, StoreError) as error:
            self.refused += 1
            self.last_refusal = str(error)[:1_000]

    def _wish(self, asked: _Asked) -> Wish:
        declared, said = self.declared, dict(asked.said)
        said["strategy_id"] = declared.name
        said.setdefault("decision_at", utc(asked.made_ns).isoformat())
        said["expires_at"] = (utc(asked.made_ns) + timedelta(seconds=WISH_SECONDS)).isoformat()
        enters = said["type"] in (SignalType.BUY, SignalType.SELL)
        if declared.execution is not None and enters and not {"take_profit", "stop_loss"} & said.keys():
            said |= {"strategy": declared.execution, "config": dict(declared.execution_config)}
        return read(said)

    def _out_of_turn(self, wish: Wish) -> Refusal | None:
        """What a strategy may ask for again and again, at every news of the market."""
        declared, now_ns = self.declared, self._clock.monotonic_ns()
        if wish.instrument_id not in declared.instruments:
            rule = f"is none of strategy {declared.name}'s: {', '.join(declared.instruments)}"
            return Refusal(budgets.CHECK, "instrument_id", wish.instrument_id, rule)
        if wish.type is SignalType.CLOSE:  # getting out is never rationed
            return None if self._at_worst()[wish.instrument_id] else self._nothing_to_close(wish)
        hours = declared.schedule
        if hours is not None and not hours.open(self._clock.now_ns()) and self._adds(wish):
            rule = f"is not in the hours of strategy {declared.name}: {hours.said}"
            return Refusal(budgets.CHECK, "signal", wish.type.value, rule)
        while self._times and now_ns - self._times[0] >= MINUTE_NS:
            self._times.popleft()
        if len(self._times) >= declared.signals_per_minute:
            rule = f"is one more than {declared.signals_per_minute} a minute, the most of strategy {declared.name}"
            return Refusal(budgets.CHECK, "signal", wish.type.value, rule)
        self._times.append(now_ns)
        return None

    def _nothing_to_close(self, wish: Wish) -> Refusal:
        rule = f"strategy {self.declared.name} holds nothing of {wish.instrument_id} and has no order in it"
        return Refusal(budgets.CHECK, "signal", wish.type.value, rule)

    def _worth_a_line(self, refused: Refusal) -> bool:
        """Whether the journal tells it: of each rule and instrument a line a minute, for a flood writes no journal."""
        now_ns, key = self._clock.monotonic_ns(), (refused.field, refused.rule)
        told_ns = self._told.get(key)
        if told_ns is not None and now_ns - told_ns < MINUTE_NS:
            return False
        self._told = {each: at_ns for each, at_ns in self._told.items() if now_ns - at_ns < MINUTE_NS} | {key: now_ns}
        return True

    def _over_budget(self, wish: Wish) -> list[Refusal]:
        """Nothing for a size that adds to no risk."""
        declared, instrument_id, size = self.declared, wish.instrument_id, wish.size
        unlimited = declared.budget is None and declared.max_order is None
        if unlimited or size is None or wish.type is SignalType.CLOSE:
            return []
        if not self._adds(wish):
            return []
        after = self._at_worst(self._added(wish))
        values = {
            each: self._value(each, worst, wish.price if each == instrument_id else None)
            for each, worst in after.items()
            if worst
        }
        value = self._value(instrument_id, size, wish.price)
        for each in (instrument_id, *values):
            if value is None or values[each] is None:
                return [Refusal(budgets.CHECK, "instrument_id", each, "has no price to hold a budget against")]
        return [
            *self._above(value, declared.max_order, "the largest order"),
            *self._above(sum(filter(None, values.values()), Decimal(0)), declared.budget, "the budget"),
        ]

    def _added(self, wish: Wish) -> tuple[PositionKey, OrderSide, Decimal] | None:
        """Which position it would add to; None for what has no size."""
        size = wish.size
        if size is None or wish.type not in (SignalType.BUY, SignalType.SELL):
            return None
        return moved_by(self._ledger, wish.signal(size)), OrderSide(wish.type.value), size

    def _adds(self, wish: Wish) -> bool:
        """Whether it may come to hold more than without it."""
        return self._at_worst(self._added(wish))[wish.instrument_id] > self._at_worst()[wish.instrument_id]

    def _above(self, value: Decimal | None, limit: Decimal | None, what: str) -> list[Refusal]:
        if value is None or limit is None or value <= limit:
            return []
        return [budgets.over(self.declared.name, limit, value, what)]

    def _at_worst(self, added: tuple[PositionKey, OrderSide, Decimal] | None = None) -> dict[str, Decimal]:
        """How much of each of its instruments it may come to hold, with an order more."""
        name, ledger = self.declared.name, self._ledger
        held = budgets.books(ledger.strategy_sizes.items(), name)
        still = budgets.coming(ledger.open_orders(), name)
        for each in self._parents(name):
            budgets.add(still, each.parent.key, each.parent.side, each.unsent_size)
        if added is not None:
            budgets.add(still, *added)
        return {each: budgets.at_worst(each, held, still) for each in self.declared.instruments}

    def _value(self, instrument_id: str, size: Decimal, at: Decimal | None = None) -> Decimal | None:
        instrument, price = self._ledger.instruments.get(instrument_id), self._price(instrument_id, at)
        return None if instrument is None or price is None else instrument.notional(size, price)

    def _price(self, instrument_id: str, own: Decimal | None) -> Decimal | None:
        book = self._market.book(instrument_id)
        seen = [price for price in (own, None if book is None else book.ask) if price is not None]
        return max(seen, default=None)
