"""Orders that wait at OKX for a price, as orders of the port: algo orders under the client order id of the order.

OKX has two things of each: the algo order, and the ordinary orders that it places when it fires, most often one, which
name it (algoClOrdId) and have no client order id of their own. Here all are one, told under one id (decision 0027).
Which orders are all of them is known from the algo order's last state (effective), not while it is partially_effective.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import structlog

from app.clock import NS_PER_SECOND
from app.domain.conditions import Condition, Trail, Watched
from app.domain.orders import TRIGGER_FAILED, AmendOutcome, OrderReport, Source, VenueState
from app.exchanges.errors import ExchangeError, ExchangeUnavailable
from app.exchanges.okx.beyond.algo_orders import (
    AlgoAmendment,
    AlgoKind,
    AlgoName,
    AlgoReport,
    AlgoRequest,
    AlgoState,
    Trigger,
    TriggerBy,
)
from app.exchanges.okx.beyond.algos import Algos, OnAlgo
from app.exchanges.okx.outcomes import INVALID_REQUEST, not_sent
from app.exchanges.okx.reads import Reads
from app.exchanges.port import CancelRequest, CommittedIntent, Outcome

MAY_BE_LATE_NS = 60 * NS_PER_SECOND
"""A request is signed within the wait for a token, and OKX takes none whose signature is older than 30 s."""
FORGOTTEN_NS = 7200 * NS_PER_SECOND
"""OKX keeps an order that was canceled without a fill for two hours."""

_STATES: Mapping[AlgoState, VenueState] = MappingProxyType(
    {
        AlgoState.LIVE: VenueState.LIVE,
        AlgoState.PAUSED: VenueState.LIVE,
        # How the orders stand that it placed is told by those; that it placed none is told below.
        AlgoState.EFFECTIVE: VenueState.LIVE,
        AlgoState.PARTIALLY_EFFECTIVE: VenueState.LIVE,
        AlgoState.PARTIALLY_FAILED: VenueState.LIVE,
        AlgoState.CANCELED: VenueState.LIVE,
        AlgoState.FAILED: VenueState.LIVE,
    }
)
_FAILED = frozenset({AlgoState.FAILED, AlgoState.PARTIALLY_FAILED})
_AMENDED: Mapping[str, AmendOutcome] = MappingProxyType({"0": AmendOutcome.DONE, "-1": AmendOutcome.FAILED})

log = structlog.get_logger(__name__)


class Conditionals:
    """Of one account. follow: has every change of an algo order told from now on. tell: who is told of an order's."""

    def __init__(
        self,
        algos: Algos,
        reads: Reads,
        follow: Callable[[OnAlgo], Awaitable[None]],
        tell: Callable[[OrderReport], None],
        now_ns: Callable[[], int],
    ) -> None:
        self._algos = algos
        self._reads = reads
        self._follow = follow
        self._tell = tell
        self._now_ns = now_ns

    async def submit(self, intent: CommittedIntent) -> Outcome:
        request, condition = intent.take(), intent.request.condition
        assert condition is not None, "the caller asked"
        await self._listen()
        take_profit, stop_loss = _triggers(condition, request.price)
        trail = condition.trail or Trail()
        outcome = await self._algos.submit(
            AlgoRequest(
                client_order_id=request.client_order_id,
                instrument=intent.instrument,
                kind=_kind(condition),
                side=request.side,
                size=request.size,
                trade_mode=request.trade_mode,
                position_side=request.position_side,
                reduce_only=request.reduce_only,
                take_profit=take_profit,
                stop_loss=stop_loss,
                callback_ratio=trail.ratio,
                callback_spread=trail.spread,
                activation_price=trail.activation,
            )
        )
        return _unnamed(outcome)

    async def amend(self, intent: CommittedIntent) -> Outcome:
        request, amendment = intent.take(), intent.amendment
        if amendment is None:
            return not_sent(INVALID_REQUEST, "amendment is missing")
        if amendment.price is not None and amendment.condition is None:
            return not_sent(INVALID_REQUEST, "a new price goes with the condition that it is for")
        take_profit, stop_loss = _triggers(amendment.condition, amendment.price)
        wanted = AlgoAmendment(amendment.request_id, amendment.size, take_profit, stop_loss)
        name = _name(request.instrument_id, request.client_order_id, request.condition)
        return _unnamed(await self._algos.amend(name, wanted))

    async def cancel(self, request: CancelRequest) -> Outcome:
        name = _name(request.instrument_id, request.client_order_id, request.waits)
        return _unnamed(await self._algos.cancel(name))

    async def order(
        self, instrument_id: str, client_order_id: str, venue_order_ids: Sequence[str] = ()
    ) -> list[OrderReport]:
        """As ConditionalVenue.conditional_order."""
        await self._listen()
        algo = await self._algos.order(client_order_id=client_order_id)
        whole = None if algo is None else as_order_report(algo, Source.POLL)
        found = [] if whole is None else [whole]
        for name in sorted({*venue_order_ids, *(algo.order_ids if algo is not None else ())}):
            placed = await self._placed(instrument_id, client_order_id, name)
            if placed is None and algo is not None:
                placed = self._gone(algo, client_order_id, name)
            found += [] if placed is None else [placed]
        return found

    def _gone(self, algo: AlgoReport, client_order_id: str, venue_order_id: str) -> OrderReport:
        """Of an order that was placed and is not shown: OKX forgets one that was canceled without a fill. Raises
        ExchangeUnavailable while it may only not be shown yet."""
        if self._now_ns() - algo.triggered_ns < FORGOTTEN_NS:
            raise ExchangeUnavailable(f"algo order {algo.algo_id} has fired, and its order is not shown yet")
        gone = OrderReport(algo.instrument_id, Source.POLL, client_order_id, venue_order_id, VenueState.CANCELED)
        return replace(gone, cancel_source="absent")

    async def waiting(self) -> list[OrderReport]:
        """As ConditionalVenue.conditional_orders."""
        await self._listen()
        told = (as_order_report(algo, Source.SNAPSHOT) for algo in await self._algos.pending())
        return [report for report in told if report is not None]

    async def _placed(self, instrument_id: str, client_order_id: str, venue_order_id: str) -> OrderReport | None:
        report = await self._reads.order(instrument_id, client_order_id="", venue_order_id=venue_order_id)
        return None if report is None else replace(report, client_order_id=client_order_id)

    def _take(self, algo: AlgoReport) -> None:
        report = as_order_report(algo, Source.STREAM)
        if report is not None:
            self._tell(report)

    async def _listen(self) -> None:
        """Without their channel they are read now and then all the same."""
        if self._algos.tracking:
            return
        try:
            await self._follow(self._take)
        except ExchangeError as error:
            log.warning("okx algo orders not followed", error=str(error))


def as_order_report(algo: AlgoReport, source: Source) -> OrderReport | None:
    """None for one that has no client id or waits for nothing that a Condition can say: then it is not ours."""
    condition = _condition(algo)
    if condition is None or not algo.client_order_id:
        return None
    trigger = algo.stop_loss or algo.take_profit
    failed = algo.state in _FAILED
    made = algo.order_ids if algo.state.terminal else ()
    canceled = not made and (failed or algo.state is AlgoState.CANCELED)
    return OrderReport(
        algo.instrument_id,
        source,
        client_order_id=algo.client_order_id,
        venue_order_id=min(made, default=""),
        state=VenueState.CANCELED if canceled else _STATES.get(algo.state, VenueState.OTHER),
        size=algo.size,
        price=None if trigger is None else trigger.order_price,
        venue_time_ns=algo.venue_time_ns,
        amend_request_id=algo.amend_request_id,
        amend_outcome=_AMENDED.get(algo.amend_result) if algo.amend_request_id else None,
        cancel_source=f"{TRIGGER_FAILED}:{algo.fail_code}" if failed else "",
        code=algo.fail_code,
        side=algo.side,
        raw=algo.raw_state,
        condition=condition,
        made=made,
    )


def _condition(algo: AlgoReport) -> Condition | None:
    if algo.kind is AlgoKind.TRAILING:
        # One that follows waits for nothing before that, whatever its row still says.
        trail = (algo.callback_ratio, algo.callback_spread, None if algo.follows else algo.activation_price)
        return Condition(trail=Trail(*(number or None for number in trail)))
    triggers = [each for each in (algo.take_profit, algo.stop_loss) if each is not None]
    if not triggers:
        return None
    watched = Watched(triggers[0].by.value)
    take_profit, stop_loss = algo.take_profit, algo.stop_loss
    return Condition(take_profit.price if take_profit else None, stop_loss.price if stop_loss else None, watched)


def _triggers(condition: Condition | None, price: Decimal | None) -> tuple[Trigger | None, Trigger | None]:
    if condition is None:
        return None, None
    by = TriggerBy(condition.watched.value)
    prices = (condition.take_profit, condition.stop_loss)
    take_profit, stop_loss = (None if each is None else Trigger(each, price, by) for each in prices)
    return take_profit, stop_loss


def _kind(condition: Condition) -> AlgoKind:
    if condition.trail is not None:
        return AlgoKind.TRAILING
    return AlgoKind.CONDITIONAL if None in (condition.take_profit, condition.stop_loss) else AlgoKind.OCO


def _name(instrument_id: str, client_order_id: str, condition: Condition | None) -> AlgoName:
    assert condition is not None, "the caller asked"
    return AlgoName(instrument_id, _kind(condition), client_order_id)


def _unnamed(outcome: Outcome) -> Outcome:
    """The algo order's id is no order's: that comes when it fires."""
    return replace(outcome, venue_order_id="")
