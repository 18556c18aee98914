"""OkxExchange: the exchange port on OKX v5. Puts the parts of this package together and keeps their tasks.

Public and private WebSocket stay up by themselves; sends take the private one or REST (sends.py); reads are REST
(reads.py); everything pushed goes through pushes.py to the listener. What is beyond the port: beyond/.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.conditions import Watched
from app.domain.instruments import Instrument
from app.domain.market import BookUpdate, Ticker
from app.domain.orders import OrderReport, PositionSide, TradeMode
from app.exchanges.errors import AccessRefused, ExchangeError, ExchangeUnavailable
from app.exchanges.okx import wire
from app.exchanges.okx.account_check import check_account
from app.exchanges.okx.aiohttp_transport import AiohttpTransport
from app.exchanges.okx.beyond import algo_orders, watches
from app.exchanges.okx.beyond.algo_orders import AlgoReport, AttachedExits
from app.exchanges.okx.beyond.algos import Algos
from app.exchanges.okx.beyond.conditionals import MAY_BE_LATE_NS, Conditionals
from app.exchanges.okx.beyond.watches import Read, Watches
from app.exchanges.okx.catalogue import Catalogue
from app.exchanges.okx.config import OkxConfig
from app.exchanges.okx.histories import Histories
from app.exchanges.okx.link import Link, Subject, Subscription, subscription
from app.exchanges.okx.market_rows import Candle, FundingRate
from app.exchanges.okx.pushes import RAW_LENGTH_MAX, REASON_LENGTH_MAX, Pushes, trade_channel
from app.exchanges.okx.rate_limits import RateLimits
from app.exchanges.okx.reads import Reads
from app.exchanges.okx.rest import Reply, RestClient
from app.exchanges.okx.sends import Sender, late_reports
from app.exchanges.okx.signing import Signer
from app.exchanges.okx.stream import KeptStream
from app.exchanges.okx.tasks import R, begin
from app.exchanges.okx.time_keeping import TimeKeeping
from app.exchanges.okx.time_sync import TimeSync
from app.exchanges.okx.trade_modes import TradeModes
from app.exchanges.okx.transport import Guard, Transport
from app.exchanges.port import (
    AccountConfig,
    Balance,
    Bill,
    CancelRequest,
    CommittedIntent,
    FeeRates,
    Listener,
    Outcome,
    Stream,
    StreamState,
    VenuePosition,
)

FIRST_TIME_SAMPLES = 3
RESTART_SECONDS = 1.0
PING_AFTER_SECONDS: Mapping[str, float] = MappingProxyType({"public": 0.7, "private": 5.0, "business": 5.0})
"""Silence after which a stream is asked for a sign of life. OKX closes after 30 s of it; ours is shorter, because a
quiet book counts as fresh only while its connection talks, and a dead one is to be found out soon."""


log = structlog.get_logger(__name__)


class OkxExchange(Histories):
    """One OKX account. transport: real sockets when None."""

    name = "okx"
    may_be_late_ns = MAY_BE_LATE_NS

    def __init__(self, config: OkxConfig, clock: Clock, transport: Transport | None = None) -> None:
        self.config = config
        self._clock = clock
        self._transport: Transport = transport or AiohttpTransport(proxy=config.proxy)
        self._signer = Signer(config)
        self._limits = RateLimits(clock)
        self._catalogue = Catalogue()
        self.time_sync = TimeSync(clock)
        self._rest = RestClient(config, clock, self._transport, self._signer, self._limits, self.time_sync)
        self._time_keeping = TimeKeeping(clock, self._rest, self.time_sync, self._spawn, config.time_sync_seconds)
        modes = TradeModes()
        self.reads = Reads(config, clock, self._rest, self._catalogue, modes, self.time_sync)
        self._private = self._stream(
            "private",
            (
                subscription("orders", instType="ANY"),
                subscription("account"),
                subscription("positions", instType="ANY"),
            ),
        )
        self._public = self._stream(
            "public", (), tuple(subscription("instruments", instType=kind) for kind in config.instrument_types)
        )
        # Not connected until something of it is followed: OKX closes what subscribes nothing.
        self._business = self._stream("business", ())
        self._business_wanted = False
        self._watches = Watches()
        self.algos = Algos(config, clock, self._rest, self._limits, modes)
        self._conditionals = Conditionals(self.algos, self.reads, self.track_algos, self._heard, self.server_time_ns)
        self.conditional_order, self.conditional_orders = self._conditionals.order, self._conditionals.waiting
        self._sender = Sender(
            config,
            clock,
            self._rest,
            self._private,
            self._limits,
            self._catalogue,
            modes,
            self._spawn,
            self.on_late_reply,
            self.on_clock_refused,
        )
        self._listener: Listener | None = None
        self._pushes: Pushes | None = None
        self._group: asyncio.TaskGroup | None = None
        self._root: asyncio.Task[None] | None = None
        self._told: dict[Stream, StreamState] = {}

    def _stream(
        self, name: str, required: tuple[Subscription, ...], optional: tuple[Subscription, ...] = ()
    ) -> KeptStream:
        config = self.config
        return KeptStream(
            name,
            f"{config.ws_url}/{name}",
            self._clock,
            self._transport,
            Guard(config),
            self,
            login=None if name == "public" else lambda: self._signer.login(self.time_sync.now_ns()),
            required=required,
            optional=optional,
            timeout_seconds=config.connect_timeout_seconds,
            ping_after_seconds=PING_AFTER_SECONDS[name],
        )

    # --- life ---

    async def start(self, listener: Listener) -> None:
        """Connect, log in, subscribe. Raises ExchangeUnavailable or AccessRefused, with everything stopped again."""
        if self._root is not None:
            raise RuntimeError("the exchange is already started")
        if not self._signer.complete:
            raise AccessRefused("credentials", "API key, secret key and passphrase are not all set")
        self._transport.open()
        for stream in (self._private, self._public, self._business):
            stream.start_over()
        self._listener = listener
        self._pushes = Pushes(listener, self._catalogue, self._public.renew, self.config, self._watches.reader)
        try:
            for _ in range(FIRST_TIME_SAMPLES):
                await self._rest.sync_time()
            await self.reads.instruments()
            check_account(self.config, await self.reads.account_config())
            # The one task without a group: it holds the group, and stop() awaits it.
            self._root = asyncio.get_running_loop().create_task(self._run())  # house: tasks - stop() awaits it
            await self._wait_until_up()
        except BaseException:
            await self.stop()
            raise

    async def _wait_until_up(self) -> None:
        assert self._root is not None, "start() made it"
        streams = (self._private, self._public)
        try:
            async with asyncio.timeout(self.config.connect_timeout_seconds):
                for stream in streams:
                    await stream.settled.wait()
        except TimeoutError:
            errors = "; ".join(f"{s.name}: {s.last_error or 'no answer'}" for s in streams if not s.up)
            raise ExchangeUnavailable(f"okx not up in {self.config.connect_timeout_seconds:g} s: {errors}") from None
        for stream in streams:
            if stream.refused is not None:
                raise stream.refused

    async def stop(self) -> None:
        root, self._root = self._root, None
        if root is not None:
            root.cancel()
            await asyncio.gather(root, return_exceptions=True)
            for kind in Stream:
                self._tell(kind, StreamState.DOWN, "stopped")
        self._group = None
        await self._transport.close()

    async def _run(self) -> None:
        """Everything that runs beside the callers; what fails here for a bug is told, and all of it begins anew."""
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    self._group = group
                    group.create_task(self._private.run(), name="okx-private")
                    group.create_task(self._public.run(), name="okx-public")
                    group.create_task(self._time_keeping.run(), name="okx-time")
                    group.create_task(self._time_keeping.watch(), name="okx-clock-watch")
                    if self._business_wanted:
                        group.create_task(self._business.run(), name="okx-business")
            except ExceptionGroup as errors:
                log.exception("okx adapter failed", error=str(errors))
                for kind in Stream:
                    self._tell(kind, StreamState.DOWN, f"adapter failed: {errors}")
                if self._pushes is not None:
                    self._pushes.lost()
                if self._root is None:
                    return  # it was stopped, and that failed
                await self._clock.sleep(RESTART_SECONDS)

    def on_clock_refused(self) -> None:
        self._time_keeping.doubt()

    async def confirm_server_time(self) -> int:
        await self._rest.resync_time()
        return self.time_sync.uncertainty_ns()

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, R]], /) -> asyncio.Task[R] | None:
        return begin(self._group, work) if self._root is not None and not self._root.done() else None

    # --- sends ---

    async def submit(self, intent: CommittedIntent) -> Outcome:
        way = self._sender if intent.request.condition is None else self._conditionals
        return await way.submit(intent)

    async def amend(self, intent: CommittedIntent) -> Outcome:
        fired = intent.request.condition is None or intent.venue_order_id
        return await (self._sender if fired else self._conditionals).amend(intent)

    async def cancel(self, request: CancelRequest) -> Outcome:
        return await (self._sender if request.waits is None else self._conditionals).cancel(request)

    # --- market data ---

    async def follow(self, instrument_id: str) -> None:
        """Raises ExchangeRefused for an instrument that OKX does not stream."""
        book = subscription(self.config.book_channel, instId=instrument_id)
        await self._public.add((book, trade_channel(instrument_id)))

    def server_time_ns(self) -> int:
        return self._time_keeping.now_ns()

    # --- reads ---

    async def instruments(self) -> Sequence[Instrument]:
        return await self.reads.instruments()

    async def account_config(self) -> AccountConfig:
        return await self.reads.account_config()

    async def balances(self) -> Sequence[Balance]:
        return await self.reads.balances()

    async def positions(self) -> Sequence[VenuePosition]:
        return await self.reads.positions()

    async def order(
        self, instrument_id: str, *, client_order_id: str = "", venue_order_id: str = ""
    ) -> OrderReport | None:
        return await self.reads.order(instrument_id, client_order_id=client_order_id, venue_order_id=venue_order_id)

    async def open_orders(self) -> Sequence[OrderReport]:
        return await self.reads.open_orders()

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]:
        return await self.reads.order_history(since_ns)

    async def fills(self, since_ns: int, *, instrument_id: str = "", venue_order_id: str = "") -> Sequence[OrderReport]:
        return await self.reads.fills(since_ns, instrument_id=instrument_id, venue_order_id=venue_order_id)

    async def bills(self, since_ns: int) -> Sequence[Bill]:
        return await self.reads.bills(since_ns)

    async def ticker(self, instrument_id: str) -> Ticker:
        return await self.reads.ticker(instrument_id)

    async def book(self, instrument_id: str) -> BookUpdate:
        return await self.reads.book(instrument_id)

    async def fee_rates(self, instrument_id: str) -> FeeRates:
        if self._catalogue.get(instrument_id) is None:
            await self.reads.instruments()
        return await self.reads.fee_rates(instrument_id)

    async def leverage(self, instrument_id: str, trade_mode: TradeMode) -> dict[PositionSide, Decimal]:
        return await self.reads.leverage(instrument_id, trade_mode)

    async def set_leverage(
        self,
        instrument_id: str,
        leverage: Decimal,
        trade_mode: TradeMode,
        position_side: PositionSide = PositionSide.NET,
    ) -> Decimal:
        return await self.reads.set_leverage(instrument_id, leverage, trade_mode, position_side)

    # --- beyond the port ---

    async def submit_with_exits(self, intent: CommittedIntent, exits: Sequence[AttachedExits]) -> Outcome:
        """As submit; OKX sets the exits up as algo orders when the order has filled. Raises ValueError for an empty
        one."""
        return await self._sender.submit(intent, [algo_orders.attached(each) for each in exits])

    async def track_algos(self, tell: Callable[[AlgoReport], None]) -> None:
        """Tell every algo order and every change of one, from now on and over every reconnect."""
        channels, read = watches.algo_channels()
        self.algos.track(tell)
        for one in channels:
            self._watches.add(one, read, self.algos.take)
        await self._use_business(channels)
        if self._business.up:
            self._resync_algos()

    def _heard(self, report: OrderReport) -> None:
        if self._listener is not None:
            self._listener.on_order(report)

    async def follow_ticker(self, instrument_id: str, tell: Callable[[Ticker], None]) -> None:
        """This and the others that follow something raise ExchangeRefused for an instrument that OKX does not
        stream; tell is called on the event loop, returns fast and must not raise."""
        await self._follow(self._public, watches.tickers(instrument_id), tell)

    async def follow_price(self, instrument_id: str, watched: Watched, tell: Callable[[Decimal], None]) -> None:
        entry = self._catalogue.get(instrument_id)
        family = "" if entry is None else entry.family
        await self._follow(self._public, watches.prices(instrument_id, family, watched), tell)

    async def follow_funding_rate(self, instrument_id: str, tell: Callable[[FundingRate], None]) -> None:
        await self._follow(self._public, watches.funding_rates(instrument_id), tell)

    async def follow_candles(self, instrument_id: str, bar: str, tell: Callable[[Candle], None]) -> None:
        """The bar under way, about once a second. Raises ValueError for a bar that OKX does not have."""
        await self._follow(self._business, watches.candles(instrument_id, bar), tell)

    async def _follow(self, stream: KeptStream, what: tuple[Subscription, Read], tell: Callable[[Any], None]) -> None:
        one, read = what
        self._watches.add(one, read, tell)
        try:
            await (self._use_business((one,)) if stream is self._business else stream.add((one,)))
        except ExchangeError:
            self._watches.remove(one)
            raise

    async def _use_business(self, channels: tuple[Subscription, ...]) -> None:
        await self._business.add(channels)
        if not self._business_wanted:
            self._business_wanted = True
            self._spawn(self._business.run)

    def _resync_algos(self) -> None:
        if self.algos.tracking:
            self._spawn(self.algos.resync)

    async def cancel_all_after(self, seconds: int, tag: str = "") -> None:
        await self.reads.cancel_all_after(seconds, tag)

    def clock_offset_seconds(self) -> Decimal:
        """OKX's clock minus this computer's."""
        return Decimal(self.time_sync.wall_offset_ns()) / NS_PER_SECOND

    # --- what the streams say ---

    def on_push(self, link: Link, message: wire.Message, raw: str) -> None:
        if self._pushes is not None:
            self._pushes.take(link, message, raw)

    def on_unreadable(self, reason: str, raw: str) -> None:
        log.warning("okx message not understood", reason=reason)
        if self._listener is not None:
            self._listener.on_gap(reason[:REASON_LENGTH_MAX], raw[:RAW_LENGTH_MAX])

    def on_channel_refused(self, one: Subscription, reason: str) -> None:
        log.warning("okx channel refused and no longer followed", channel=dict(one), reason=reason)
        named = dict(one)
        if self._listener is not None and named["channel"] in (self.config.book_channel, "trades"):
            self._listener.on_not_followed(named.get("instId", ""), reason[:REASON_LENGTH_MAX])

    def is_sound(self, one: Subscription) -> bool:
        return self._pushes is None or self._pushes.is_sound(one)

    def on_late_reply(self, subject: Subject, reply: Reply) -> None:
        if self._listener is not None:
            for report in late_reports(subject, reply):
                self._listener.on_order(report)

    def on_alive(self, stream: KeptStream) -> None:
        kind = self._kind(stream)
        if self._listener is not None and kind is not None and stream.up:
            self._listener.on_heartbeat(kind)

    def on_up(self, stream: KeptStream, reason: str) -> None:
        self._tell(self._kind(stream), StreamState.UP, reason)
        if stream is self._business:
            self._resync_algos()

    def on_down(self, stream: KeptStream, reason: str) -> None:
        self._tell(self._kind(stream), StreamState.DOWN, reason)
        if stream is self._public and self._pushes is not None:
            self._pushes.lost()

    def _tell(self, kind: Stream | None, state: StreamState, reason: str) -> None:
        if self._listener is not None and kind is not None and self._told.get(kind) is not state:
            self._told[kind] = state
            self._listener.on_stream(kind, state, reason)

    def _kind(self, stream: KeptStream) -> Stream | None:
        """What the stream is to the port; business is nothing that readiness depends on."""
        if stream is self._business:
            return None
        return Stream.EXECUTION if stream is self._private else Stream.MARKET
