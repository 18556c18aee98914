"""The one way in for signals of others: each wish is durable before anything is done, and done once for its key.

    take()     the key's row, or a new one: the wish with the size that it comes to now, committed
    _act()     execute_signal under a key made of it, so that what was begun is found again, also after a kill -9
    _refuse()  what is refused for good is kept with the row, and is the answer to every repeat

What a repeat finds stands in the database; who asks for the same at the same time waits for the first.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from app.clock import utc
from app.domain.access import Grant
from app.domain.events import EventKind
from app.domain.money import plain
from app.domain.refusals import InvalidValue, Refusal, storable
from app.journal.codec import content_hash, encode
from app.services.signals.sizing import Sizing
from app.services.signals.wishes import Wish, read
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.refusal_classes import denied_for_now, of_the_moment
from app.services.trading.errors import IdempotencyConflict, NotReady, OrderNotFound, ParentRefused
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.execution_strategies.views import ParentPreview
from app.services.trading.executor import TradeExecutor
from app.services.trading.holdings.signal_orders import decision_of, signal_orders
from app.services.trading.order_manager import OrderManager
from app.services.trading.placing import record_refusal
from app.services.trading.schemas import OrderParams, OrderResponse, ParentResponse
from app.services.trading.working import parent_key
from app.store import queries
from app.store.database import Database
from app.strategies.signals import SignalType

IN_FLIGHT_MAX = 1_000
KEY_BYTES = 16
REFUSED, TAKEN = 422, 202
"""What a kept row's status says: refused for good, or taken; what became of it is looked up."""


class SignalRefused(InvalidValue):
    """A wish that is refused; journalled where it is raised, with every reason."""

    def __init__(self, reasons: Sequence[Refusal]) -> None:
        first = reasons[0]
        super().__init__(first.field, first.value, first.rule, check=first.check)
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a wish. size: in the instrument's unit. order: the order that it became, of a parent the first,
    None while there is none; parent: the execution that works it; both None for HOLD."""

    key: str
    wish: Wish
    size: Decimal | None
    order: OrderResponse | None
    parent: ParentResponse | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of a wish now. refused: why it would be refused. orders: without an execution strategy."""

    wish: Wish
    size: Decimal | None
    orders: tuple[OrderParams, ...]
    execution: ParentPreview | None
    refused: tuple[Refusal, ...]


class SignalIntake:
    """Takes the wishes of one account."""

    def __init__(
        self,
        database: Database,
        executor: TradeExecutor,
        orders: OrderManager,
        risk: ExecutionRiskControl,
        sizing: Sizing,
    ) -> None:
        self._ledger: Ledger = risk.ledger
        self._database = database
        self._executor = executor
        self._orders = orders
        self._risk = risk
        self._sizing = sizing
        self._in_flight: dict[str, tuple[str, asyncio.Future[Taken]]] = {}

    async def take(
        self,
        wish: Wish,
        grant: Grant,
        key: str | None = None,
        *,
        first_counts: bool = False,
        came_ns: int | None = None,
    ) -> Taken:
        """Do what is wished, once for a key of this principal. first_counts: another wish with the same key is a repeat
        of the first; it is refused otherwise. came_ns: when it was sent, where that is known; now otherwise.

        Raises SignalRefused (for good: the same key gets it again), IdempotencyConflict, NotReady and StoreFailed (ask
        again with the same key).
        """
        if beyond := out_of_scope(wish, grant):
            await self.refused(beyond, grant.principal)
        key = self._ledger.clock.token(KEY_BYTES).hex() if key is None else key
        name, content = f"signals {grant.principal} {key}", content_hash(encode(wish.plain()))
        running = self._in_flight.get(name)
        if running is not None:
            if running[0] != content and not first_counts:
                raise IdempotencyConflict(key)
            return await asyncio.shield(running[1])
        if len(self._in_flight) >= IN_FLIGHT_MAX:
            raise NotReady([f"{IN_FLIGHT_MAX} signals are being taken, the most allowed"])
        future: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._in_flight[name] = (content, future)
        try:
            asked = _Asked(wish, grant, key, name, content, came_ns=came_ns)
            taken = await self._once(asked, first_counts=first_counts)
            future.set_result(taken)
            return taken
        except BaseException as error:
            future.set_exception(error if isinstance(error, Exception) else NotReady(["the first request ended"]))
            future.exception()  # seen: nobody may be waiting for it
            raise
        finally:
            del self._in_flight[name]

    async def preview(self, wish: Wish, grant: Grant) -> Foreseen:
        """What would become of it now; nothing is done, and nothing is written. Raises NotReady."""
        size, beyond = wish.size, out_of_scope(wish, grant)
        try:
            self._in_time(wish)
            size = await self._sizing.size(wish)
            signal = wish.signal(size)
            decision_of(signal, self._ledger.clock.now_ns())
            how = wish.worked(signal)
            orders = signal_orders(self._ledger, signal, wish.strategy_id)
            if how is not None and wish.type is not SignalType.HOLD:
                preview = self._executor.parent_orders.preview
                execution = await preview(how.strategy, how.config, orders[0], principal=grant.principal)
                return Foreseen(wish, size, (), execution, beyond)
        except ParentRefused as error:
            return Foreseen(wish, size, (), None, (*beyond, *error.reasons))
        except InvalidValue as error:
            return Foreseen(wish, size, (), None, (*beyond, error.refusal))
        closes, who = wish.type is SignalType.CLOSE, grant.principal
        asked = [self._risk.first_piece(each) if closes else each for each in orders]
        found = [self._risk.approve(each, exit=closes, principal=who).result.reasons for each in asked]
        return Foreseen(wish, size, tuple(orders), None, (*beyond, *(why for reasons in found for why in reasons)))

    async def refused(self, reasons: Sequence[Refusal], principal: str) -> NoReturn:
        """Journal what is refused, and raise it."""
        await self.journal(reasons, principal)
        raise SignalRefused(tuple(map(storable, reasons)))

    async def journal(self, reasons: Sequence[Refusal], principal: str) -> None:
        """A line for what is refused."""
        await record_refusal(self._ledger, tuple(map(storable, reasons)), principal)

    async def _once(self, asked: "_Asked", *, first_counts: bool) -> Taken:
        row = await asyncio.to_thread(queries.idempotent, self._database, self._ledger.account, asked.name)
        if row is None:
            await self._in_time_or_refused(asked)
            await self._not_in_vain(asked)
            asked.size = await self._sized(asked)
            await self._keep(asked, TAKEN)
            return await self._act(asked)
        if row["body_hash"] != asked.content and not first_counts:
            raise IdempotencyConflict(asked.key)
        kept = json.loads(row["response"])
        if row["status_code"] == REFUSED:
            raise SignalRefused([Refusal(**each) for each in kept["refused"]])
        wish = read(kept["signal"])
        size = None if kept["size"] is None else Decimal(kept["size"])
        came_ns = kept.get("came_ns", row["at_ns"])
        asked = _Asked(wish, asked.grant, asked.key, asked.name, row["body_hash"], size, row["at_ns"], came_ns)
        found = await self._begun(asked)
        if found is not None and not _for_now(found.order):
            return found
        await self._in_time_or_refused(asked)
        return await self._act(asked)

    async def _act(self, asked: "_Asked") -> Taken:
        wish = asked.wish
        try:
            order = await self._executor.execute_signal(
                wish.signal(asked.size, None if asked.came_ns is None else utc(asked.came_ns)),
                strategy_id=wish.strategy_id,
                strategy=wish.strategy,
                config=wish.config,
                principal=asked.grant.principal,
                idempotency_key=asked.own_key,
            )
        except NotReady:
            begun = await self._begun(asked)  # its parent is durable, and has placed no order yet
            if begun is None or begun.parent is None:
                raise
            return begun
        except ParentRefused as error:
            if error.passing:
                raise
            await self._keep(asked, REFUSED, error.reasons)
            raise SignalRefused(error.reasons) from None
        except InvalidValue as error:
            await self._keep(asked, REFUSED, (error.refusal,))
            if error.journalled:
                raise SignalRefused((error.refusal,)) from None
            await self.refused((error.refusal,), asked.grant.principal)
        return self._taken(asked, order)

    async def _begun(self, asked: "_Asked") -> Taken | None:
        """What this wish began before, if it did."""
        runner = self._executor.parent_orders
        for key in (parent_key(asked.own_key), f"close {asked.own_key}"):
            begun = await runner.begun(key)
            if begun is not None:
                first = next(iter(runner.orders(begun.parent_id)), None)
                return asked.taken(first, begun)
        row = await asyncio.to_thread(queries.idempotent, self._database, self._ledger.account, asked.own_key)
        if row is None or row["order_id"] is None:
            return None
        try:
            return self._taken(asked, await asyncio.to_thread(self._orders.get_order, row["order_id"]))
        except OrderNotFound:
            return None

    def _taken(self, asked: "_Asked", order: OrderResponse | None) -> Taken:
        parent_id = None if order is None else order.parent_id
        return asked.taken(order, None if parent_id is None else self._executor.parent_orders.get(parent_id))

    async def _sized(self, asked: "_Asked") -> Decimal | None:
        try:
            return await self._sizing.size(asked.wish)
        except InvalidValue as error:
            await self._keep(asked, REFUSED, (error.refusal,))
            await self.refused((error.refusal,), asked.grant.principal)

    def _in_time(self, wish: Wish) -> None:
        now_ns = self._ledger.clock.now_ns()
        if wish.expires_at is not None and wish.expired(now_ns):
            rule = f"is over: it is {utc(now_ns).isoformat()}; nothing was sent"
            raise InvalidValue("expires_at", wish.expires_at.isoformat(), rule, check="signal")

    async def _in_time_or_refused(self, asked: "_Asked") -> None:
        try:
            self._in_time(asked.wish)
        except InvalidValue as error:
            await self.refused((error.refusal,), asked.grant.principal)

    async def _not_in_vain(self, asked: "_Asked") -> None:
        """Of who was refused so often in this minute that no more is written, only what would go out now is kept."""
        if not self._ledger.refused_lines.full(asked.grant.principal):
            return
        refused = (await self.preview(asked.wish, asked.grant)).refused
        if denied_for_now(refused):
            raise NotReady([str(each) for each in refused])
        if refused:
            await self.refused(refused, asked.grant.principal)

    async def _keep(self, asked: "_Asked", status: int, refused: Sequence[Refusal] = ()) -> None:
        """The key's row and its event, durable."""
        turn = self._ledger.turn(asked.grant.principal)
        if asked.came_ns is None:
            asked.came_ns = turn.now_ns
        said: dict[str, Any] = {
            "signal": asked.wish.plain(),
            "size": None if asked.size is None else plain(asked.size),
            "refused": [_refusal(each) for each in refused],
            "came_ns": asked.came_ns,
        }
        at_ns = turn.now_ns if asked.at_ns is None else asked.at_ns
        row = {
            "key": asked.name,
            "body_hash": asked.content,
            "status_code": status,
            "response": json.dumps(said),
            "at_ns": at_ns,
        }
        turn.row("idempotent_requests", {"account": self._ledger.account, **row}, replace=asked.at_ns is not None)
        turn.event(EventKind.REQUEST_KEPT, row)
        durable = turn.commit()
        asked.at_ns = at_ns
        await durable


@dataclass(slots=True)
class _Asked:
    """A wish on its way. name: its row's key; content: the hash of the wish; at_ns: since when the row is there;
    came_ns: when it was sent, or came."""

    wish: Wish
    grant: Grant
    key: str
    name: str
    content: str
    size: Decimal | None = None
    at_ns: int | None = None
    came_ns: int | None = None

    @property
    def own_key(self) -> str:
        """Of what it begins: no key of another principal or route is like it."""
        return "signal-" + hashlib.sha256(self.name.encode()).hexdigest()[:40]

    def taken(self, order: OrderResponse | None, parent: ParentResponse | None) -> Taken:
        return Taken(self.key, self.wish, self.size, order, parent)


def out_of_scope(wish: Wish, grant: Grant) -> tuple[Refusal, ...]:
    """Why who asks may not wish for this."""
    if wish.scope is None or wish.scope in grant.scopes:
        return ()
    return (Refusal("access", "type", wish.type, f"asks for the scope {wish.scope}; {grant.principal} has it not"),)


def _for_now(order: OrderResponse | None) -> bool:
    """Whether only the moment refused it, so that the same may be tried anew."""
    return order is not None and of_the_moment(order.status, order.reasons, order.refusal)


def _refusal(reason: Refusal) -> Mapping[str, str]:
    return {"check": reason.check, "field": reason.field, "value": reason.value, "rule": reason.rule}
