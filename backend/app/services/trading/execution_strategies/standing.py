"""What waits for a price at the exchange, where it has such orders, or here: stops, take-profit, one-cancels-other.

At the exchange it is one order with a condition, which goes on while nobody is connected; it is amended there, never
taken away for a change. What the exchange or risk will not have there is held here, and says so. Why: decision 0027.
"""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from app.domain.child_views import ChildView
from app.domain.conditions import Condition, Watched
from app.domain.instruments import Instrument
from app.domain.money import ZERO, plain
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.domain.parents import Amend, Done, ParentOrder, ParentStatus, Place, Progress, Step, Wait
from app.domain.refusals import Refusal
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.conditional import ConditionalConfig, ConditionalExecution, TriggerBy
from app.services.trading.execution_strategies.config import CHECK, NS_PER_SECOND, member
from app.services.trading.execution_strategies.steps import clear, hold_back

AMEND_PACE_NS = 2 * NS_PER_SECOND
"""Between two changes of what waits at the exchange; one that was refused is asked for again, ever more seldom."""
REFUSED_DOUBLINGS = 5
PRICES = ("trigger_price", "take_profit", "stop_loss", "activate_at")


class Held(StrEnum):
    """Where it waits for its price."""

    HERE = "here"
    EXCHANGE = "exchange"


HELD_HELP = "where it waits for its price: here, or at the exchange, where it fires while this process is down too"


@dataclass(frozen=True)
class StandingConfig(ConditionalConfig):
    """Of what may wait at the exchange."""

    held: Held = member(Held.HERE, HELD_HELP, amendable=False)  # noqa: RUF009 (a dataclass field)


S = TypeVar("S", bound=StandingConfig)


class StandingExecution(ConditionalExecution[S]):
    """Waits for a price, here or at the exchange, then trades."""

    @abstractmethod
    def condition(self, parent: ParentOrder) -> Condition:
        """What it waits for, as the exchange is told."""

    def same(self, told: Condition | None, wanted: Condition) -> bool:
        """Whether what waits at the exchange, as that tells it, is what is wanted."""
        return told == wanted

    @property
    def prices(self) -> Iterable[tuple[str, Decimal | None]]:
        """Those that the exchange is told, by the key that names each."""
        return [(name, getattr(self.config, name)) for name in PRICES if hasattr(self.config, name)]

    @property
    def watched(self) -> Watched:
        """What the exchange watches for it there."""
        return self.price_followed or Watched.LAST

    @property
    def at_exchange(self) -> bool:
        return self.config.held is Held.EXCHANGE

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        return found + by_refusals(self.config.held, self.config.trigger_by, self.prices, instrument)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        step = super().decide(progress, market, now_ns)
        if not self.at_exchange or not isinstance(step, Wait) or self.fired(progress) or progress.open_children:
            return step
        lost = _lost(progress)
        if lost is not None:
            reason = f"what waited at the exchange ({lost.order_id}) was canceled there by somebody else"
            return Done(ParentStatus.SUSPENDED, reason)
        declined = next((child for child in reversed(progress.children) if _stays_declined(child, progress)), None)
        if declined is not None:
            why = declined.error_message or declined.error_code or declined.status.value
            return Wait(step.until_ns, f"{step.reason}; held here, for the exchange will not: {why}", step.on_market)
        if progress.entry is not None and progress.remaining < self.smallest(progress):
            return step
        return self._stand(progress, step, now_ns)

    def stands(self, progress: Progress, waiting: ChildView, market: MarketView | None, now_ns: int) -> Step:
        parent = progress.parent
        if waiting.status is not OrderStatus.LIVE:
            return Wait(None, "for the exchange's answer")
        if progress.entry is None and progress.nothing_there:
            return _take_back(progress, waiting, now_ns, "what it protects is gone")
        size = self._size(progress, waiting)
        condition, price = self.condition(parent), self._price(parent, progress.instrument)
        other = not self.same(waiting.condition, condition) or (price is not None and waiting.price != price)
        if condition.trail is not None:
            # The exchange amends none: a change on somebody's word takes it back, and has it follow anew.
            other = other or (size != waiting.size and waiting.step < parent.amended_step)
            if other:
                return _take_back(progress, waiting, now_ns, "its terms were amended")
            return Wait(None, f"at the exchange, for {self.wanted(parent)}", on_market=True)
        if not other and size == waiting.size:
            return Wait(None, f"at the exchange, for {self.wanted(parent)}", on_market=True)
        seen = self.seen(progress, market, now_ns)
        if waiting.amends and other and not isinstance(seen, Wait) and (hit := self.hit(parent, seen)) is not None:
            # The exchange takes no trigger that the market has passed: it fires here.
            return _take_back(progress, waiting, now_ns, f"{hit.words} was reached")
        pace_ns = AMEND_PACE_NS << min(waiting.amends_refused, REFUSED_DOUBLINGS)
        due_ns = 0 if waiting.amend_ns is None else waiting.amend_ns + pace_ns
        if now_ns < due_ns:
            return Wait(due_ns, "for its change at the exchange")
        new_size = None if size == waiting.size else size
        more = "more" if size > waiting.size else "less"
        reason = "its terms were amended" if other else f"{more} is there to get out of"
        return Amend(waiting.order_id, new_size, price if other else None, reason, condition if other else None)

    def _size(self, progress: Progress, waiting: ChildView) -> Decimal:
        """What is to wait at the exchange: all that is left, but no more than is there: of more it makes no order."""
        instrument, there = progress.instrument, progress.held
        size = waiting.max_possible + instrument.floor_size(max(progress.remaining, ZERO))
        if there is not None and there.total >= self.smallest(progress):
            size = min(size, instrument.floor_size(there.total))
        # Between the two is what was asked for and not answered yet.
        return waiting.size if waiting.size <= size <= waiting.max_possible else size

    def _stand(self, progress: Progress, otherwise: Wait, now_ns: int) -> Step:
        """Have it wait at the exchange, for all that is left."""
        wait = hold_back(progress, now_ns, 0)
        if wait is not None:
            # Until it is asked again it is watched here.
            return Wait(wait.until_ns, f"{otherwise.reason}; {wait.reason}", otherwise.on_market)
        size = progress.instrument.floor_size(max(progress.remaining, ZERO))
        if size < self.smallest(progress):
            return Wait(otherwise.until_ns, "what is there is held by other open orders", on_market=True)
        price = self._price(progress.parent, progress.instrument)
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        parent = progress.parent
        return Place(Decimal(plain(size)), kind, price, f"waits for {self.wanted(parent)}", self.condition(parent))

    def _price(self, parent: ParentOrder, instrument: Instrument) -> Decimal | None:
        limit = parent.limit_price
        return None if limit is None else instrument.passive_price(limit, buying=parent.side is OrderSide.BUY)


def by_refusals(
    held: Held, trigger_by: TriggerBy, prices: Iterable[tuple[str, Decimal | None]], instrument: Instrument
) -> list[Refusal]:
    """Why an exchange cannot hold it so."""
    if held is Held.HERE:
        return []
    found: list[Refusal] = []
    if trigger_by is TriggerBy.BOOK:
        rule = "must be last, mark or index: an exchange watches no book"
        found.append(Refusal(CHECK, "trigger_by", trigger_by.value, rule))
    for name, price in prices:
        refusals = () if price is None else instrument.price_refusals(price)
        found.extend(Refusal(CHECK, name, refusal.value, refusal.rule) for refusal in refusals)
    return found


def _lost(progress: Progress) -> ChildView | None:
    """What waited at the exchange and was canceled there, by nobody here, since the parent's status last changed."""
    last = progress.children[-1] if progress.children else None
    if last is None or last.worked or last.cancels or last.status is not OrderStatus.CANCELED:
        return None
    return last if (last.ended_ns or 0) >= progress.parent.status_ns else None


def _stays_declined(child: ChildView, progress: Progress) -> bool:
    """Whether the exchange or risk would not have it; on other terms, or when it is resumed, they are asked again."""
    parent = progress.parent
    anew = child.step < parent.amended_step or (child.ended_ns or 0) < parent.status_ns
    return child.declined and not anew


def _take_back(progress: Progress, child: ChildView, now_ns: int, reason: str) -> Step:
    return clear(progress, (child,), reason, now_ns) or Wait(None, "for its order's end")


__all__ = ["HELD_HELP", "Held", "StandingConfig", "StandingExecution", "by_refusals"]
