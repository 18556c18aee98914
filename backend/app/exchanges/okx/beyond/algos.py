"""Algo orders of one account: place, amend, cancel, read and track. Beyond the port; sends have its four outcomes.

They go by REST alone (OKX has no WebSocket operation for them), know no expTime, and are never sent twice: an UNKNOWN
one is found by its client id (order()), or not at all.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from app.clock import Clock
from app.exchanges.errors import ExchangeError, ExchangeRefused
from app.exchanges.okx import endpoints, requests, wire
from app.exchanges.okx.batches import CANCEL_WAIT_SECONDS
from app.exchanges.okx.beyond import algo_orders
from app.exchanges.okx.beyond.algo_orders import (
    AlgoAmendment,
    AlgoKind,
    AlgoName,
    AlgoReport,
    AlgoRequest,
    AlgoState,
)
from app.exchanges.okx.config import OkxConfig
from app.exchanges.okx.endpoints import Endpoint
from app.exchanges.okx.outcomes import INVALID_REQUEST, RATE_LIMITED, Policy, not_sent
from app.exchanges.okx.pages import PAGE_SIZE, read_all
from app.exchanges.okx.rate_limits import RateLimits
from app.exchanges.okx.reads import ORDER_NOT_FOUND
from app.exchanges.okx.rest import Query, RestClient
from app.exchanges.okx.sends import LIMIT_PAUSE_SECONDS, judge
from app.exchanges.okx.trade_modes import TradeModes
from app.exchanges.port import Outcome, OutcomeKind

REMEMBERED_MAX = 10_000
"""Client ids of sent algo orders, and algo orders tracked, that are kept in memory."""

RESYNC_PAUSE_SECONDS = 1.0
RESYNC_PAUSE_MAX_SECONDS = 30.0

OnAlgo = Callable[[AlgoReport], None]

log = structlog.get_logger(__name__)


class Algos:
    """The algo orders of one account."""

    def __init__(
        self, config: OkxConfig, clock: Clock, rest: RestClient, limits: RateLimits, modes: TradeModes
    ) -> None:
        self._config = config
        self._clock = clock
        self._rest = rest
        self._limits = limits
        self._modes = modes
        self._sent: OrderedDict[str, None] = OrderedDict()
        self._known: OrderedDict[str, AlgoReport] = OrderedDict()
        self._on_algo: OnAlgo | None = None
        self._resyncing = self._resync_due = False

    # --- sends ---

    async def submit(self, request: AlgoRequest) -> Outcome:
        """Outcome.venue_order_id is OKX's algo id. Raises RuntimeError for a client id that was sent before."""
        problem = algo_orders.refusal(request)
        if problem:
            return not_sent(INVALID_REQUEST, problem)
        name = request.client_order_id
        if name in self._sent:
            raise RuntimeError(f"algo client order id {name} was handed to the wire before")
        endpoint, instrument_id = endpoints.ALGO_PLACE, request.instrument.instrument_id
        if not await self._token(endpoint, instrument_id, self._config.wait_for_token_seconds):
            return _rate_limited(endpoint)
        self._sent[name] = None
        if len(self._sent) > REMEMBERED_MAX:
            self._sent.popitem(last=False)
        mode = self._modes.of(request.instrument, request.trade_mode)
        return await self._send(endpoint, algo_orders.place(request, mode, self._config.order_tag), name, "")

    async def amend(self, name: AlgoName, amendment: AlgoAmendment) -> Outcome:
        """ACCEPTED says that OKX took the request; the result comes as a report with its request_id."""
        problem = requests.id_refusal("request_id", amendment.request_id) or _nameless(name)
        problem = problem or algo_orders.amendment_refusal(name, amendment)
        if problem:
            return not_sent(INVALID_REQUEST, problem)
        if not await self._token(endpoints.ALGO_AMEND, name.instrument_id, self._config.wait_for_token_seconds):
            return _rate_limited(endpoints.ALGO_AMEND)
        body = algo_orders.amend(name, amendment)
        return await self._send(endpoints.ALGO_AMEND, body, name.client_order_id, name.algo_id)

    async def cancel(self, name: AlgoName) -> Outcome:
        """Cancels may be repeated."""
        problem = _nameless(name)
        if problem:
            return not_sent(INVALID_REQUEST, problem)
        outcome = await self._cancel(endpoints.ALGO_CANCEL, name)
        if name.kind is AlgoKind.TRAILING and outcome.kind is OutcomeKind.REJECTED:
            # Whether OKX cancels these by the common door or by an old one of their own is not documented any more.
            older = await self._cancel(endpoints.ALGO_CANCEL_ADVANCED, name)
            return outcome if older.kind is OutcomeKind.REJECTED else older
        return outcome

    async def _cancel(self, endpoint: Endpoint, name: AlgoName) -> Outcome:
        if not await self._token(endpoint, name.instrument_id, CANCEL_WAIT_SECONDS):
            return _rate_limited(endpoint)
        return await self._send(endpoint, [algo_orders.cancel(name)], name.client_order_id, name.algo_id)

    async def _token(self, endpoint: Endpoint, instrument_id: str, within_seconds: float) -> bool:
        return await self._limits.take(endpoint.limit, instrument_id, within_seconds=within_seconds)

    async def _send(self, endpoint: Endpoint, body: object, client_order_id: str, algo_id: str) -> Outcome:
        reply = await self._rest.send(endpoint, body, "")
        # The ids have names of their own; with the usual ones the one judgement of replies holds here too.
        rows = [wire.ActionRow(row.algoId, row.algoClOrdId, row.sCode, row.sMsg, row.subCode) for row in reply.rows]
        outcome, policy = judge(replace(reply, rows=rows), client_order_id, algo_id)
        if policy is Policy.BACK_OFF:
            self._limits.pause(endpoint.limit, LIMIT_PAUSE_SECONDS)
        elif policy is Policy.STOP:
            log.error("okx refuses us", operation=endpoint.path, code=outcome.code, error=outcome.message)
        return outcome

    # --- reads; all raise ExchangeError ---

    async def order(self, *, client_order_id: str = "", algo_id: str = "") -> AlgoReport | None:
        """None on OKX's definite answer that there is none, which may still mean: not yet."""
        named = {"algoId": algo_id} if algo_id else {"algoClOrdId": client_order_id}
        try:
            row = await self._rest.row(Query(endpoints.ALGO_ORDER, named), wire.AlgoRow)
        except ExchangeRefused as error:
            if error.code == ORDER_NOT_FOUND:
                return None
            raise
        return algo_orders.report(row)

    async def pending(self) -> list[AlgoReport]:
        """Everything that waits for its price, all kinds, oldest first."""
        found: list[AlgoReport] = []
        for kind in AlgoKind:
            rows = await self._pages(endpoints.ALGO_PENDING, {"ordType": kind.value}, 0)
            found += [algo_orders.report(row) for row in rows]
        return sorted(found, key=_age)

    async def history(
        self,
        since_ns: int,
        *,
        states: Sequence[AlgoState] = (AlgoState.EFFECTIVE, AlgoState.CANCELED, AlgoState.FAILED),
    ) -> list[AlgoReport]:
        """What ended in one of the states, created at since_ns or later, oldest first. OKX keeps three months."""
        found: list[AlgoReport] = []
        for kind in AlgoKind:
            for state in states:
                parameters = {"ordType": kind.value, "state": state.value}
                rows = await self._pages(endpoints.ALGO_HISTORY, parameters, since_ns)
                found += [algo_orders.report(row) for row in rows]
        return sorted((each for each in found if each.created_ns >= since_ns), key=_age)

    async def _pages(self, endpoint: Endpoint, parameters: dict[str, str], since_ns: int) -> list[wire.AlgoRow]:
        async def fetch(after: str) -> list[wire.AlgoRow]:
            query = Query(endpoint, {**parameters, "limit": str(PAGE_SIZE), "after": after})
            rows = await self._rest.rows(query, wire.AlgoRow)
            # Newest first: a page that reaches what is too old is the last one that matters.
            return [row for row in rows if algo_orders.report(row).created_ns >= since_ns]

        return await read_all(fetch, lambda row: row.algoId, contiguous=False)

    # --- tracking ---

    def track(self, on_algo: OnAlgo) -> None:
        """From now on tell every new state of every algo order; see OkxExchange.track_algos, which subscribes."""
        self._on_algo = on_algo

    @property
    def tracking(self) -> bool:
        return self._on_algo is not None

    def live(self) -> list[AlgoReport]:
        """What is known to wait for its price, oldest first."""
        return sorted((each for each in self._known.values() if not each.state.terminal), key=_age)

    def take(self, report: AlgoReport) -> None:
        """A report, from push or read, in any order and as often as it comes: what is not news is not told."""
        before = self._known.get(report.algo_id)
        if before is not None and not _is_news(before, report):
            return
        self._known[report.algo_id] = report
        self._forget_old()
        if self._on_algo is not None:
            self._on_algo(report)

    async def resync(self) -> None:
        """After the stream was away (it has no snapshot): read what waits, and ask for what no longer does."""
        self._resync_due = True
        if self._resyncing:
            return
        self._resyncing = True
        pause_seconds = RESYNC_PAUSE_SECONDS
        try:
            while self._resync_due:
                self._resync_due = False
                try:
                    await self._read_all()
                    continue
                except ExchangeError as error:
                    self._resync_due = True
                    log.warning("okx algo orders not read", error=str(error), retry_seconds=pause_seconds)
                await self._clock.sleep(pause_seconds)
                pause_seconds = min(2 * pause_seconds, RESYNC_PAUSE_MAX_SECONDS)
        finally:
            self._resyncing = False

    async def _read_all(self) -> None:
        before = self.live()
        pending = {report.algo_id: report for report in await self.pending()}
        for report in pending.values():
            self.take(report)
        for known in before:
            if known.algo_id not in pending:
                ended = await self.order(algo_id=known.algo_id)
                if ended is not None:
                    self.take(ended)

    def _forget_old(self) -> None:
        if len(self._known) <= REMEMBERED_MAX:
            return
        over = next((name for name, each in self._known.items() if each.state.terminal), next(iter(self._known)))
        del self._known[over]


def _is_news(before: AlgoReport, report: AlgoReport) -> bool:
    if before.state.terminal and not report.state.terminal:
        return False
    if report.venue_time_ns != before.venue_time_ns:
        return report.venue_time_ns > before.venue_time_ns
    # Of the same millisecond: a read does not say which amendment it shows, so only other facts count.
    bare = {"amend_request_id": "", "amend_result": ""}
    return replace(report, **bare) != replace(before, **bare)


def _nameless(name: AlgoName) -> str:
    return "" if name.client_order_id or name.algo_id else "one of the algo order's ids is needed"


def _rate_limited(endpoint: Endpoint) -> Outcome:
    return not_sent(RATE_LIMITED, f"{endpoint.path}: no room within OKX's limit")


def _age(report: AlgoReport) -> tuple[int, str]:
    return report.created_ns, report.algo_id
