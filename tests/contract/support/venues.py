"""The exchanges that the contract suite runs on, each with what a test must be able to do to a venue.

Every venue trades BTC-USDT around 50,000 with 0.0 < spread, has BTC-USDT-SWAP, and an account with USDT and BTC. A test
of another kind of instrument gives the Setting that it is played in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Protocol

from app.clock import Clock, SimulatedClock
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import BookUpdate, PublicTrade
from app.domain.orders import (
    Amendment,
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionSide,
    TradeMode,
)
from app.exchanges import memory
from app.exchanges.okx import OkxExchange
from app.exchanges.port import AccountConfig as MemoryAccount
from app.exchanges.port import (
    Balance,
    CommittedIntent,
    Exchange,
    Outcome,
    OutcomeKind,
    Stream,
    StreamState,
    Unreadable,
    VenuePosition,
)
from app.simulator import AccountConfig, Config
from app.simulator.market.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time
from tests.unit.domain.builders import INVERSE

NS_PER_SECOND = 1_000_000_000
SPOT, SWAP = "BTC-USDT", "BTC-USDT-SWAP"
BALANCES = {"USDT": Decimal(100_000), "BTC": Decimal(2)}


RICH = {
    currency: Decimal(amount)
    for currency, amount in {"USDT": "100000", "BTC": "20", "ETH": "200", "EUR": "100000", "PEPE": "1e15"}.items()
}


@dataclass(frozen=True)
class Setting:
    """In what a scenario is played. quotes: what the memory exchange shows, bid and ask by instrument."""

    balances: Mapping[str, Decimal] = field(default_factory=lambda: BALANCES)
    hedged: bool = False
    everything: bool = False
    """Odd instruments and inverse contracts are listed too."""
    quotes: Mapping[str, tuple[str, str]] = field(default_factory=lambda: QUOTES)


QUOTES = {SPOT: ("49999.8", "50000.2"), SWAP: ("49999.8", "50000.2")}
USUAL = Setting()


class Recorder:
    """A Listener that keeps everything in order of arrival."""

    def __init__(self) -> None:
        self.orders: list[OrderReport] = []
        self.balances: dict[str, Balance] = {}
        self.positions: list[VenuePosition] = []
        self.books: list[BookUpdate] = []
        self.trades: list[PublicTrade] = []
        self.instruments: list[Instrument] = []
        self.streams: list[tuple[Stream, StreamState]] = []
        self.heartbeats: dict[Stream, int] = {}
        self.gaps: list[tuple[str, str]] = []
        self.unreadable: list[Unreadable] = []
        self.not_followed: list[str] = []

    def on_order(self, report: OrderReport) -> None:
        self.orders.append(report)

    def on_balances(self, balances: Sequence[Balance]) -> None:
        self.balances.update({balance.currency: balance for balance in balances})

    def on_positions(self, positions: Sequence[VenuePosition]) -> None:
        self.positions.extend(positions)

    def on_book(self, update: BookUpdate) -> None:
        self.books.append(update)

    def on_trade(self, trade: PublicTrade) -> None:
        self.trades.append(trade)

    def on_instrument(self, instrument: Instrument) -> None:
        self.instruments.append(instrument)

    def on_stream(self, stream: Stream, state: StreamState, reason: str) -> None:
        self.streams.append((stream, state))

    def on_heartbeat(self, stream: Stream) -> None:
        self.heartbeats[stream] = self.heartbeats.get(stream, 0) + 1

    def on_gap(self, reason: str, raw: str) -> None:
        self.gaps.append((reason, raw))

    def on_unreadable(self, row: Unreadable) -> None:
        self.unreadable.append(row)
        self.on_gap(row.reason, row.raw)

    def on_not_followed(self, instrument_id: str, reason: str) -> None:
        self.not_followed.append(instrument_id)
        self.on_gap(f"{instrument_id} is no longer followed: {reason}", "")

    def of(self, client_order_id: str) -> list[OrderReport]:
        return [report for report in self.orders if report.client_order_id == client_order_id]


class Venue(Protocol):
    """One exchange under test."""

    exchange: Exchange
    clock: Clock
    heard: Recorder

    async def open(self) -> None: ...

    async def trade_through(self, side: OrderSide, price: Decimal, size: Decimal, instrument_id: str = SPOT) -> None:
        """Somebody else takes `size` from resting orders of `side` at `price`."""
        ...

    def next_place_is_unknown(self, *, taken: bool) -> None: ...

    def pay_funding(self, rate: Decimal, instrument_id: str = SWAP) -> None:
        """Funding falls due on the position of a contract."""
        ...

    def break_streams(self) -> None: ...

    async def mend_streams(self) -> None: ...


class MemoryVenueUnderTest:
    def __init__(self, setting: Setting = USUAL) -> None:
        self.clock = SimulatedClock()
        listed = (*memory.DEFAULT_INSTRUMENTS, *memory.ODD_INSTRUMENTS, INVERSE)
        account = MemoryAccount("memory-1", "memory", setting.hedged, "2", frozenset({"read_only", "trade"}))
        instruments = listed if setting.everything else memory.DEFAULT_INSTRUMENTS
        self.memory = memory.MemoryExchange(self.clock, instruments, setting.balances, account=account)
        self.exchange: Exchange = self.memory
        self.heard = Recorder()
        self._quotes = setting.quotes

    async def open(self) -> None:
        for instrument_id in self._quotes:
            self._quote(instrument_id)
        await self.exchange.start(self.heard)

    def _quote(self, instrument_id: str) -> None:
        bid, ask = map(Decimal, self._quotes[instrument_id])
        self.memory.set_book(instrument_id, bid, ask, Decimal(10**12 if "PEPE" in instrument_id else 100))

    async def trade_through(self, side: OrderSide, price: Decimal, size: Decimal, instrument_id: str = SPOT) -> None:
        tick = self.memory.venue.instruments[instrument_id].tick
        bid, ask = (price - tick, price) if side is OrderSide.BUY else (price, price + tick)
        self.memory.set_book(instrument_id, bid, ask, size)
        self._quote(instrument_id)

    def next_place_is_unknown(self, *, taken: bool) -> None:
        self.memory.answer_next("place", OutcomeKind.UNKNOWN, taken=taken, message="no reply")

    def pay_funding(self, rate: Decimal, instrument_id: str = SWAP) -> None:
        self.memory.pay_funding(instrument_id, rate)

    def break_streams(self) -> None:
        self.memory.break_streams()

    async def mend_streams(self) -> None:
        self.memory.restore_streams()


class OkxVenueUnderTest:
    """The OKX adapter on the simulator's core, over a transport in memory."""

    def __init__(self, setting: Setting = USUAL) -> None:
        self.clock = SimulatedClock()
        other = AccountConfig("other", "key-other", "secret-other", "pass-other", balances={**BALANCES, **RICH})
        mode = "long_short_mode" if setting.hedged else "net_mode"
        main = replace(MAIN, balances=setting.balances, position_mode=mode)
        listed = (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS) if setting.everything else DEFAULT_INSTRUMENTS
        self.venue = SimulatedVenue(self.clock, Config((main, other), listed, flow_rate=0.0))
        self.exchange: Exchange = OkxExchange(okx_config(), self.clock, self.venue.transport())
        self._other = OkxExchange(okx_config(other), self.clock, self.venue.transport())
        self.heard = Recorder()
        self._others_orders = 0

    async def open(self) -> None:
        await self._other.start(Recorder())
        await self.exchange.start(self.heard)
        await self.clock.sleep(1)

    async def trade_through(self, side: OrderSide, price: Decimal, size: Decimal, instrument_id: str = SPOT) -> None:
        self._others_orders += 1
        instruments = {each.instrument_id: each for each in await self._other.instruments()}
        name, taker = f"other{self._others_orders}", side.opposite
        intent = order(instruments[instrument_id], name, taker, OrderType.IOC, size, price, self.clock)
        outcome = await self._other.submit(intent)
        assert outcome.kind is OutcomeKind.ACCEPTED, outcome

    def next_place_is_unknown(self, *, taken: bool) -> None:
        self.venue.set_faults({"drop_reply" if taken else "drop_request": {"at": [1], "times": 1}})

    def pay_funding(self, rate: Decimal, instrument_id: str = SWAP) -> None:
        self.venue.act("funding", instId=instrument_id, rate=str(rate))

    def break_streams(self) -> None:
        self.venue.cut_all()

    async def mend_streams(self) -> None:
        await self.clock.sleep(5)


VENUES: dict[str, Callable[..., Venue]] = {"memory": MemoryVenueUnderTest, "okx": OkxVenueUnderTest}


def order(
    instrument: Instrument,
    client_order_id: str,
    side: OrderSide,
    order_type: OrderType,
    size: Decimal | str,
    price: Decimal | str | None,
    clock: Clock,
    *,
    reduce_only: bool = False,
    expires_ns: int | None = None,
    amendment: Amendment | None = None,
    trade_mode: TradeMode | None = None,
    position_side: PositionSide = PositionSide.NET,
) -> CommittedIntent:
    spot = instrument.kind is InstrumentKind.SPOT
    request = OrderRequest(
        order_id=client_order_id,
        account="main",
        client_order_id=client_order_id,
        instrument_id=instrument.instrument_id,
        side=side,
        order_type=order_type,
        size=Decimal(size),
        size_unit=instrument.size_unit,
        price=None if price is None else Decimal(price),
        trade_mode=trade_mode or (TradeMode.CASH if spot else TradeMode.CROSS),
        created_ns=clock.now_ns(),
        position_side=position_side,
        reduce_only=reduce_only,
        expires_ns=clock.now_ns() + 5 * NS_PER_SECOND if expires_ns is None else expires_ns,
    )
    return CommittedIntent(request, instrument, amendment)


class Bench:
    """A venue with the shortcuts that make contract tests short."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.exchange = venue.exchange
        self.clock = venue.clock
        self.heard = venue.heard
        self.instruments: dict[str, Instrument] = {}
        self.intents: dict[str, CommittedIntent] = {}

    async def open(self) -> None:
        await self.venue.open()
        self.instruments = {each.instrument_id: each for each in await self.exchange.instruments()}
        await self.settle()

    async def settle(self) -> None:
        """Let everything that is under way arrive."""
        await self.clock.sleep(0.5)

    def intent(
        self,
        client_order_id: str,
        side: OrderSide,
        order_type: OrderType,
        size: str,
        price: str | None = None,
        instrument_id: str = SPOT,
        **more: Any,
    ) -> CommittedIntent:
        intent = order(
            self.instruments[instrument_id], client_order_id, side, order_type, size, price, self.clock, **more
        )
        return self.intents.setdefault(client_order_id, intent)

    async def place(self, *arguments: Any, **more: Any) -> Outcome:
        outcome = await self.exchange.submit(self.intent(*arguments, **more))
        await self.settle()
        return outcome

    async def amend(
        self, client_order_id: str, request_id: str, *, size: str | None = None, price: str | None = None
    ) -> Outcome:
        placed = self.intents[client_order_id]
        amendment = Amendment(
            request_id,
            None if size is None else Decimal(size),
            None if price is None else Decimal(price),
            self.clock.now_ns(),
            self.clock.now_ns() + 5 * NS_PER_SECOND,
        )
        outcome = await self.exchange.amend(CommittedIntent(placed.request, placed.instrument, amendment))
        await self.settle()
        return outcome


def play(make: Callable[[], Venue], scenario: Callable[[Bench], Awaitable[None]]) -> None:
    """Run a scenario in virtual time on a fresh venue."""

    async def run() -> None:
        bench = Bench(make())
        await bench.open()
        try:
            await scenario(bench)
        finally:
            await bench.exchange.stop()

    in_virtual_time(run())
