"""What a card works with: one started adapter, minimum sizes, ids of its own, and an orderly desk afterwards."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from app.clock import NS_PER_SECOND, Clock
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import BookUpdate, PublicTrade
from app.domain.money import floor_to
from app.domain.orders import (
    Amendment,
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionSide,
    TradeMode,
    VenueState,
)
from app.exchanges.okx.adapter import OkxExchange
from app.exchanges.okx.beyond.algo_orders import AlgoKind, AlgoName
from app.exchanges.okx.rest import RestClient
from app.exchanges.okx.trade_modes import spot_mode
from app.exchanges.port import (
    AccountConfig,
    Balance,
    CancelRequest,
    CommittedIntent,
    Outcome,
    OutcomeKind,
    Stream,
    StreamState,
    Unreadable,
    VenuePosition,
)

PREFIX = "vc"
TAG = "venuecheck"
FAR = Decimal("0.98")
"""Where a resting buy is put, as a share of the bid: within every price band, and far from being hit."""

POLL_SECONDS = 0.05
EXPIRY_SECONDS = 5
OVER = frozenset({VenueState.FILLED, VenueState.CANCELED})

Value = TypeVar("Value")


class Verdict(StrEnum):
    AS_ASSUMED = "as assumed"
    DIFFERS = "differs"
    COULD_NOT_TELL = "could not tell"


@dataclass(frozen=True, slots=True)
class Finding:
    observed: str
    verdict: Verdict


class CannotTell(Exception):
    """The experiment could not be set up; the text says why."""


@dataclass(frozen=True, slots=True)
class Card:
    """One question to the venue. assumed: what the adapter (or the simulator) takes for granted."""

    number: int
    title: str
    assumed: str
    run: Callable[["Desk"], Awaitable[Finding]]


def as_assumed(observed: str, holds: bool) -> Finding:
    return Finding(observed, Verdict.AS_ASSUMED if holds else Verdict.DIFFERS)


class Heard:
    """A listener that keeps orders with the moment of their arrival, and lets everything else pass."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.orders: list[tuple[int, OrderReport]] = []
        self.gaps: list[str] = []

    def on_order(self, report: OrderReport) -> None:
        self.orders.append((self._clock.monotonic_ns(), report))

    def on_balances(self, balances: Sequence[Balance]) -> None: ...

    def on_positions(self, positions: Sequence[VenuePosition]) -> None: ...

    def on_book(self, update: BookUpdate) -> None: ...

    def on_trade(self, trade: PublicTrade) -> None: ...

    def on_instrument(self, instrument: Instrument) -> None: ...

    def on_stream(self, stream: Stream, state: StreamState, reason: str) -> None: ...

    def on_heartbeat(self, stream: Stream) -> None: ...

    def on_gap(self, reason: str, raw: str) -> None:
        self.gaps.append(reason)

    def on_unreadable(self, row: Unreadable) -> None:
        self.gaps.append(row.reason)

    def on_not_followed(self, instrument_id: str, reason: str) -> None:
        self.gaps.append(f"{instrument_id} is not followed: {reason}")

    def of(self, client_order_id: str) -> list[OrderReport]:
        return [report for _, report in self.orders if report.client_order_id == client_order_id]


@dataclass(slots=True)
class Desk:
    """stale_rest signs with a clock that is 45 s behind. swap is None where the account has none."""

    exchange: OkxExchange
    rest: RestClient
    stale_rest: RestClient
    clock: Clock
    heard: Heard
    account: AccountConfig
    spot: Instrument
    swap: Instrument | None
    name: str
    ids: int = 0

    def draw_id(self) -> str:
        self.ids += 1
        return f"{PREFIX}{self.name}{self.ids}"

    def mode(self, instrument: Instrument) -> TradeMode:
        spot = instrument.kind is InstrumentKind.SPOT
        return spot_mode(self.account.level) if spot else TradeMode.CROSS

    def contract(self) -> Instrument:
        """The swap. Raises CannotTell."""
        if self.swap is None or self.account.level == "1":
            raise CannotTell("the account has no swaps (level 1, or the instrument is not listed)")
        return self.swap

    async def bid_ask(self, instrument: Instrument) -> tuple[Decimal, Decimal]:
        ticker = await self.exchange.ticker(instrument.instrument_id)
        if ticker.bid is None or ticker.ask is None:
            raise CannotTell(f"{instrument.instrument_id} has no bid and ask")
        return ticker.bid, ticker.ask

    async def far_price(self, instrument: Instrument) -> Decimal:
        bid, _ = await self.bid_ask(instrument)
        return floor_to(bid * FAR, instrument.tick)

    def intent(
        self,
        instrument: Instrument,
        side: OrderSide,
        order_type: OrderType,
        price: Decimal | None = None,
        *,
        size: Decimal | None = None,
        client_order_id: str = "",
        expires_in_seconds: int = EXPIRY_SECONDS,
        trade_mode: TradeMode | None = None,
        position_side: PositionSide | None = None,
        reduce_only: bool = False,
    ) -> CommittedIntent:
        """An order of the minimum size unless said otherwise; a contract opens on the side it must in hedged mode."""
        name = client_order_id or self.draw_id()
        hedged = self.account.hedged and instrument.kind is InstrumentKind.SWAP
        opening = PositionSide.LONG if side is OrderSide.BUY else PositionSide.SHORT
        request = OrderRequest(
            order_id=name,
            account="venue-check",
            client_order_id=name,
            instrument_id=instrument.instrument_id,
            side=side,
            order_type=order_type,
            size=instrument.min_size if size is None else size,
            size_unit=instrument.size_unit,
            price=price,
            trade_mode=trade_mode or self.mode(instrument),
            created_ns=self.clock.now_ns(),
            position_side=position_side or (opening if hedged else PositionSide.NET),
            reduce_only=reduce_only,
            expires_ns=self.exchange.server_time_ns() + expires_in_seconds * NS_PER_SECOND,
        )
        return CommittedIntent(request, instrument)

    async def resting(self) -> CommittedIntent:
        """A minimum buy of the spot instrument far below the market, accepted. Raises CannotTell."""
        intent = self.intent(self.spot, OrderSide.BUY, OrderType.LIMIT, await self.far_price(self.spot))
        outcome = await self.exchange.submit(intent)
        if outcome.kind is not OutcomeKind.ACCEPTED:
            raise CannotTell(f"a resting order was not accepted: {shown(outcome)}")
        return intent

    async def bought(self, client_order_id: str = "") -> tuple[CommittedIntent, Outcome]:
        """The minimum of the spot instrument bought at the market, filled. Raises CannotTell."""
        intent = self.intent(self.spot, OrderSide.BUY, OrderType.MARKET, client_order_id=client_order_id)
        outcome = await self.exchange.submit(intent)
        if outcome.kind is not OutcomeKind.ACCEPTED:
            raise CannotTell(f"a market buy was not accepted: {shown(outcome)}")
        return intent, outcome

    async def sell_back(self, size: Decimal) -> None:
        """As much of what was bought as the account can sell; what is below the minimum stays."""
        free = {balance.currency: balance.available for balance in await self.exchange.balances()}
        size = min(size, self.spot.floor_size(free.get(self.spot.base, Decimal(0))))
        if size >= self.spot.min_size:
            await self.exchange.submit(self.intent(self.spot, OrderSide.SELL, OrderType.MARKET, size=size))

    async def amend(self, intent: CommittedIntent, price: Decimal) -> tuple[str, Outcome]:
        """(request id, answer)."""
        name = self.draw_id()
        now_ns = self.clock.now_ns()
        expires_ns = self.exchange.server_time_ns() + EXPIRY_SECONDS * NS_PER_SECOND
        amendment = Amendment(name, None, price, now_ns, expires_ns)
        return name, await self.exchange.amend(CommittedIntent(intent.request, intent.instrument, amendment))

    async def cancel(self, intent: CommittedIntent) -> Outcome:
        return await self.exchange.cancel(
            CancelRequest(intent.request.instrument_id, client_order_id=intent.request.client_order_id)
        )

    async def read(self, intent: CommittedIntent) -> OrderReport | None:
        request = intent.request
        return await self.exchange.order(request.instrument_id, client_order_id=request.client_order_id)

    async def ended(self, intent: CommittedIntent, seconds: float = 5) -> OrderReport:
        """The order once it is over, as read. Raises CannotTell when it is not within the time."""

        async def over() -> OrderReport | None:
            report = await self.read(intent)
            return report if report is not None and report.state in OVER else None

        report, _ = await self.until(over, seconds)
        if report is None:
            raise CannotTell(f"the order was not over within {seconds:g} s")
        return report

    async def until(self, ask: Callable[[], Awaitable[Value | None]], seconds: float) -> tuple[Value | None, float]:
        """Ask until there is something or the time is over; what there was, and after how many milliseconds."""
        began_ns = self.clock.monotonic_ns()
        while True:
            value = await ask()
            waited_ns = self.clock.monotonic_ns() - began_ns
            if value is not None or waited_ns >= seconds * NS_PER_SECOND:
                return value, waited_ns / 1e6
            await self.clock.sleep(POLL_SECONDS)

    async def tidy(self) -> None:
        """Cancel whatever of ours is left. Raises ExchangeError."""
        for report in await self.exchange.open_orders():
            if report.client_order_id.startswith(PREFIX + self.name):
                await self.exchange.cancel(CancelRequest(report.instrument_id, report.client_order_id))
        for algo in await self.exchange.algos.pending():
            if algo.client_order_id.startswith(PREFIX + self.name):
                kind = algo.kind or AlgoKind.CONDITIONAL
                await self.exchange.algos.cancel(AlgoName(algo.instrument_id, kind, algo_id=algo.algo_id))


def shown(outcome: Outcome) -> str:
    """accepted, or the refusal with its code and words."""
    return " ".join(part for part in (outcome.kind.value, outcome.code, outcome.message) if part and part != "0")
