"""How a parent order starts: one for a key however often it is asked for, checked at the door, durable, then driven."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from weakref import WeakValueDictionary

from app.domain.approvals import Second
from app.domain.arrivals import Arrival
from app.domain.events import EventKind
from app.domain.instruments import Instrument
from app.domain.money import plain
from app.domain.orders import OrderSide, OrderType
from app.domain.quote_sizes import sizing_price
from app.domain.refusals import InvalidValue, Refusal
from app.market_data.feeds import MarketData
from app.services.trading.account.ids import encode_base32, random_text
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.refusal_classes import denied_for_now
from app.services.trading.account.turn import SYSTEM
from app.services.trading.errors import NotReady, ParentRefused
from app.services.trading.execution_strategies import ExecutionStrategy, ExitExecution
from app.services.trading.execution_strategies.conditions import PARENT_ID_LENGTH, PARENT_PREFIX
from app.services.trading.execution_strategies.terms import NO_TERMS, ParentTerms, ended, start_ns
from app.services.trading.execution_strategies.views import ParentPreview
from app.services.trading.execution_strategies.wheel import WHEEL
from app.services.trading.parents.brackets import getting_out
from app.services.trading.parents.driver import ParentDriver
from app.services.trading.parents.foresight import Foresight
from app.services.trading.parents.outlook import Outlook
from app.services.trading.parents.records import Begin, Record, new_parent, response_from_row
from app.services.trading.parents.sizes import amounts, bought, own_size
from app.services.trading.parents.wheels import Wheel, Wheels, of_arm
from app.services.trading.schemas import OrderParams, ParentResponse
from app.services.trading.venue.fees import rates_in_force
from app.services.trading.venue.following import subscribe
from app.store import queries
from app.store.database import Database

RUNNING_MAX = 500


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, when it has been looked at. params: in the instrument's own terms. quote: the amount that its
    size comes of."""

    strategy: str
    config: Mapping[str, object]
    terms: ParentTerms
    params: OrderParams
    arrival: Arrival | None
    quote: Decimal | None


class Starts:
    """Starts parents into `running`; spawn(record) drives one in a task."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        market: MarketData,
        follow: Callable[[str], Awaitable[None]],
        driver: ParentDriver,
        running: dict[str, Record],
        spawn: Callable[[Record], None],
        strategies: Mapping[str, type[ExecutionStrategy]],
        outlook: Outlook,
        wheels: Wheels,
    ) -> None:
        self._ledger = ledger
        self._clock = ledger.clock
        self._database = database
        self._market = market
        self._follow = follow
        self._driver = driver
        self._standings = driver.standings
        self._foresight = Foresight(ledger.clock, market, driver.standings, outlook.at_worst)
        self._running = running
        self._spawn = spawn
        self._strategies = strategies
        self._outlook = outlook
        self._wheels = wheels
        # Each lives for as long as somebody starts, or waits for who starts, the parent of a key.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def id_of(self, key: str) -> str:
        """The id of the parent that this key starts, for ever."""
        digest = hashlib.sha256(f"{self._ledger.account} {key}".encode()).digest()
        drawn = int.from_bytes(digest[: PARENT_ID_LENGTH * 5 // 8], "big")
        return PARENT_PREFIX + encode_base32(drawn, PARENT_ID_LENGTH)

    async def start(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        principal: str,
        parent_id: str,
        *,
        terms: ParentTerms = NO_TERMS,
        exit: bool = False,
        second: Second | None = None,
    ) -> Record:
        """A parent that is durable and driven. Raises as ParentOrders.start."""
        self._room(strategy)
        arm = None
        if strategy == WHEEL:
            arm = (await self._wheel(config, params, terms, principal)).drawn(parent_id)
            strategy, config = arm.strategy, arm.config
        asked = await self._asked(strategy, config, params, principal, terms)
        # No await from here to the commit: the parent begins at the moment of the event that tells it.
        turn = self._ledger.turn(principal, terms.signal_seq)
        record = self._made(asked, parent_id, turn.now_ns, exit=exit, arm=None if arm is None else arm.name)
        refusals = self.too_large(record, principal)
        if second is not None:
            refusals = refusals or self._beyond_key(record, second.principal)
        if refusals:
            # One that is too large by the present limits is refused now, not by its first child a moment later.
            await self._refuse(record.strategy, asked.params, refusals, principal)
        parent, both = record.parent, [each for each in (record, self._getting_out(record)) if each is not None]
        for each in both:
            self._driver.put(turn, each, each.parent)
        of = (parent.parent_id, parent.instrument_id, parent.size, self.dearest(record))
        for who in [principal] if second is None else [principal, second.principal]:
            turn.also(partial(self._ledger.keys.charge, who, *of, turn.now_ns))
        if second is not None:
            second.stage(turn, parent.parent_id)
        durable = turn.commit()
        for each in both:
            self._running[each.parent.parent_id] = each
            # No await starts it: whoever asked may go away (FAULTS A3), and what is durable is driven all the same.
            durable.then(partial(self._begun, each))
        await durable
        return record

    def _getting_out(self, record: Record) -> Record | None:
        """What gets out of what this one gets into, for a strategy that says so."""
        wanted = record.strategy.exits
        if wanted is None:
            return None
        policy = self.strategy(*wanted)
        return Record(getting_out(record.parent, self.id_of(f"exits {record.parent.parent_id}"), policy), policy)

    async def preview(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        *,
        terms: ParentTerms = NO_TERMS,
        principal: str = SYSTEM,
    ) -> ParentPreview:
        """What start() would begin for who asks; nothing is done, and nothing is written."""
        self._room(strategy)
        if strategy == WHEEL:
            wheel = await self._wheel(config, params, terms, principal, told=False)
            rule = f"is drawn when it starts: preview the arms, {', '.join(arm.name for arm in wheel.arms)}"
            raise InvalidValue("strategy", strategy, rule)
        asked = await self._asked(strategy, config, params, None, terms)
        rates = await rates_in_force(self._outlook.fee_rates, params.instrument_id)
        record = self._made(asked, self.draw_id(), self._clock.now_ns())
        refusals = self.too_large(record, principal)
        if refusals:
            raise ParentRefused(refusals, passing=denied_for_now(refusals))
        return self._foresight.preview(record, rates, self._waiting_beside(record))

    async def check(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        *,
        terms: ParentTerms = NO_TERMS,
        principal: str = SYSTEM,
    ) -> None:
        """Raises what start() would for who asks, also for what a wheel assigns; nothing is written."""
        if strategy != WHEEL:
            await self.preview(strategy, config, params, terms=terms, principal=principal)
            return
        self._room(strategy)
        await self._wheel(config, params, terms, principal, told=False)

    async def _wheel(
        self,
        config: Mapping[str, object],
        params: OrderParams,
        terms: ParentTerms,
        principal: str,
        *,
        told: bool = True,
    ) -> Wheel:
        """The wheel that assigns it, each of whose arms could work it as things stand, for who asks: if what is refused
        hung on what is drawn, what is left of the arms would not be alike. told: the journal is, of a refusal. Raises
        InvalidValue and ParentRefused, naming the arm."""
        wheel = self._wheels.wheel(params.strategy_id, config)
        for arm in wheel.arms:
            try:
                asked = await self._asked(arm.strategy, arm.config, params, None, terms)
                record = self._made(asked, self.draw_id(), self._clock.now_ns())
                refusals = self.too_large(record, principal)
            except ParentRefused as error:
                refusals = error.reasons
            except InvalidValue as error:
                refused = error.refusal
                raise InvalidValue(refused.field, refused.value, f"{refused.rule} (arm {arm.name})") from None
            if refusals:
                policy = self.strategy(arm.strategy, arm.config)
                await self._refuse(policy, params, of_arm(arm, refusals), principal if told else None)
        return wheel

    def _room(self, strategy: str) -> None:
        full = len(self._running) >= RUNNING_MAX and strategy != ExitExecution.name
        if self._driver.stopping or full:
            raise NotReady(
                ["stopping" if self._driver.stopping else f"{RUNNING_MAX} parent orders are open, the most allowed"]
            )

    async def _asked(
        self,
        strategy: str,
        config: Mapping[str, object],
        params: OrderParams,
        principal: str | None,
        terms: ParentTerms,
    ) -> _Asked:
        """What could be a parent. principal: who wants it, for the journal of what is refused; None where nobody
        does."""
        policy, _ = self._timed(strategy, config, terms, self._clock.now_ns())
        instrument = self._instrument(policy, params)
        by_market = terms.limit_offset_pct is not None or amounts(terms.size_in, instrument)
        if not by_market:
            params = replace(params, size=own_size(params.size, terms.size_in, instrument))
            await self._check(policy, params, instrument, principal)
        await subscribe(self._market, self._follow, params.instrument_id)
        await self.follow_price(policy, params.instrument_id)
        arrival = self._foresight.arrival(params.instrument_id)
        quote = None
        if by_market:
            params = self._priced(params, terms, arrival)
            params, quote = self._valued(policy, params, terms, arrival)
            await self._check(policy, params, instrument, principal)
        return _Asked(strategy, config, terms, params, arrival, quote)

    async def follow_price(self, policy: ExecutionStrategy, instrument_id: str, *, wait: bool = True) -> None:
        """What it watches besides book and trades. Raises InvalidValue where the exchange has no such price."""
        if policy.price_followed is not None:
            await self._outlook.follow_price(instrument_id, policy.price_followed, wait=wait)

    def _made(
        self, asked: _Asked, parent_id: str, now_ns: int, *, exit: bool = False, arm: str | None = None
    ) -> Record:
        """A parent that begins now, which only memory knows. Raises InvalidValue for a time that is over by now."""
        policy, begin_ns = self._timed(asked.strategy, asked.config, asked.terms, now_ns)
        seed = int.from_bytes(self._clock.token(4), "big")
        begin = Begin(parent_id, now_ns, begin_ns, seed, asked.arrival, exit, asked.quote, arm)
        return Record(new_parent(self._ledger.account, policy, asked.params, asked.terms, begin), policy)

    def _valued(
        self, policy: ExecutionStrategy, params: OrderParams, terms: ParentTerms, arrival: Arrival | None
    ) -> tuple[OrderParams, Decimal | None]:
        """With the size that an amount comes to now, and the amount. Raises InvalidValue and NotReady."""
        instrument = self._instrument(policy, params)
        if not amounts(terms.size_in, instrument):
            return replace(params, size=own_size(params.size, terms.size_in, instrument)), None
        if not policy.takes_quote:
            rule = f"has no meaning for {policy.name}: give its size in {instrument.size_unit.value}"
            raise InvalidValue("size_in", terms.size_in, rule)
        far = None if arrival is None else arrival.ask if params.side is OrderSide.BUY else arrival.bid
        price = sizing_price(params.side, far, params.price)
        if price is None:
            raise NotReady([f"{params.instrument_id} has no usable book to turn an amount into a size by"])
        return replace(params, size=bought(params.size, instrument, price)), params.size

    def _timed(
        self, strategy: str, config: Mapping[str, object], terms: ParentTerms, now_ns: int
    ) -> tuple[ExecutionStrategy, int]:
        """The strategy with its end, and when it starts. Raises InvalidValue."""
        begin_ns = start_ns(terms, now_ns)
        return self.strategy(strategy, ended(self.known(strategy).Config, config, terms.end_at, begin_ns)), begin_ns

    def _priced(self, params: OrderParams, terms: ParentTerms, arrival: Arrival | None) -> OrderParams:
        """With the limit that was asked for as a distance from the arrival. Raises InvalidValue and NotReady."""
        offset = terms.limit_offset_pct
        if offset is None:
            return params
        if params.price is not None:
            raise InvalidValue("limit_offset_pct", plain(offset), "goes not with price: give one of them")
        if arrival is None:
            raise NotReady([f"{params.instrument_id} has no usable book for limit_offset_pct to go by"])
        instrument = self._standings.instrument(params.instrument_id)
        price = instrument.passive_price(arrival.cap(params.side, offset), buying=params.side.sign > 0)
        return replace(params, price=price)

    def _begun(self, record: Record, error: Exception | None) -> None:
        if error is None:
            self._spawn(record)
        else:
            self._running.pop(record.parent.parent_id, None)

    def strategy(self, name: str, config: Mapping[str, object]) -> ExecutionStrategy:
        """The strategy of that name. Raises InvalidValue."""
        return self.known(name)(None, config)

    def known(self, name: str) -> type[ExecutionStrategy]:
        """Raises InvalidValue."""
        made = self._strategies.get(name)
        if made is None:
            raise InvalidValue("strategy", name, f"must be one of {', '.join((*self._strategies, WHEEL))}")
        return made

    def _instrument(self, policy: ExecutionStrategy, params: OrderParams) -> Instrument:
        return (self._ledger if policy.gets_out else self._standings).instrument(params.instrument_id)

    async def _check(
        self, policy: ExecutionStrategy, params: OrderParams, instrument: Instrument, principal: str | None
    ) -> None:
        if params.order_type not in (OrderType.MARKET, OrderType.LIMIT):
            rule = "must be market or limit: a strategy chooses its children's types itself"
            raise InvalidValue("order_type", params.order_type, rule)
        refusals = policy.refusals(params.size, params.price, instrument)
        refusals += policy.given_refusals(policy.given, params.size, instrument)
        if policy.at_exchange and not self._driver.waits_at_exchange:
            rule = "cannot be: this exchange holds no conditional orders; without it they are held here"
            refusals.append(Refusal("execution_strategy", "held", "exchange", rule))
        if not refusals:
            return
        await self._refuse(policy, params, refusals, principal)

    async def _refuse(
        self, policy: ExecutionStrategy, params: OrderParams, refusals: Sequence[Refusal], principal: str | None
    ) -> None:
        told = None if principal is None else self._ledger.refused_lines.told(principal, refusals)
        if principal is not None and told is not None:
            turn = self._ledger.turn(principal)
            turn.event(EventKind.REQUEST_REFUSED, {"strategy": policy.name, "params": params, "reasons": told})
            await turn.commit()
        raise ParentRefused(refusals, passing=denied_for_now(refusals))

    def too_large(self, record: Record, principal: str = SYSTEM) -> Sequence[Refusal]:
        """Why its first child or its whole size is too large, whatever the moment, or beyond what the key of who asks
        allows one order; or too dear by the book."""
        if beyond := self._beyond_key(record, principal):
            return beyond
        market = self._market.view(record.parent.instrument_id, self._clock.now_ns())
        dear = record.strategy.market_refusals(self._standings.progress(record), market)
        first = self._foresight.first_child(record)
        if dear or first is None:
            return dear
        whole = record.parent.size + self._waiting_beside(record)
        refused = self._outlook.size_refusals(first, whole, at_once=record.strategy.conditional)
        return refused or self._through_the_collar(record, first)

    def _waiting_beside(self, record: Record) -> Decimal:
        """What other conditional orders may still add to the position that this one adds to: all may fire together."""
        parent, waiting = record.parent, Decimal(0)
        if not record.strategy.conditional:
            return waiting
        for other in self._running.values():
            beside = other.parent
            if not other.strategy.conditional or beside.only_reduces or beside.parent_id == parent.parent_id:
                continue
            if (beside.key, beside.side) == (parent.key, parent.side):
                waiting += max(self._standings.progress(other).unplaced, Decimal(0))
        return waiting

    def _beyond_key(self, record: Record, principal: str) -> Sequence[Refusal]:
        parent, keys = record.parent, self._ledger.keys
        book = self._market.book(parent.instrument_id)
        prices = [price for price in (self.dearest(record), book.mid if book else None) if price is not None]
        value = keys.use.worth(parent.instrument_id, parent.size, max(prices, default=None))
        return keys.order_refusals(
            principal,
            parent.instrument_id,
            parent.strategy_id,
            parent.size,
            value,
            gets_out=record.strategy.gets_out or record.protects,
            of=parent.parent_id,
        )

    def dearest(self, record: Record) -> Decimal | None:
        """The dearest price that is known beforehand: its limit, or that of what it waits for; None for the present."""
        first = self._foresight.first_child(record) if record.strategy.conditional else None
        known = (record.parent.limit_price, None if first is None else first.price)
        return max((price for price in known if price is not None), default=None)

    def _through_the_collar(self, record: Record, first: OrderParams) -> Sequence[Refusal]:
        """Risk would let no order trade at the price of its first one."""
        elsewhere = record.strategy.gets_out or record.strategy.conditional
        bounds = None if elsewhere else self._standings.bounds(first.instrument_id, first.side)
        if bounds is None or first.price is None or first.side.sign * (first.price - bounds.price) <= 0:
            return ()
        rule = f"is through the collar: {plain(bounds.price)} is as far as risk lets one of its orders go now"
        return (Refusal("max_price_deviation", "price", plain(first.price), rule),)

    async def once(self, key: str | None, start: Callable[[str], Awaitable[Record]]) -> ParentResponse:
        """The parent that this key starts, one however many ask for it at once; without a key always another."""
        if key is None:
            return self._standings.response(await start(self.draw_id()))
        parent_id = self.id_of(key)
        lock = self._locks.setdefault(parent_id, asyncio.Lock())
        async with lock:
            return await self.begun(parent_id) or self._standings.response(await start(parent_id))

    async def begun(self, parent_id: str) -> ParentResponse | None:
        """The parent with this id, open or over, if there is one."""
        record = self._running.get(parent_id)
        if record is not None:
            return self._standings.response(record)
        loaded = await asyncio.to_thread(queries.parent, self._database, self._ledger.account, parent_id)
        return response_from_row(loaded.row) if loaded is not None else None

    def draw_id(self) -> str:
        """Of a parent that no key names."""
        return PARENT_PREFIX + random_text(self._clock, PARENT_ID_LENGTH)
