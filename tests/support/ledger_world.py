"""A random account on a real database: the ledger, the managers and the sends of production, a venue played by dice.

Everything is drawn from one seed. The venue answers or loses answers, fills in any order, sends reports twice, late
and without fees; the audit must find nothing in what comes of it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.domain.events import EventKind
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.order_changes import request_amend
from app.domain.orders import (
    Amendment,
    AmendOutcome,
    Fill,
    Order,
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    Source,
    TradeMode,
    VenueState,
)
from app.domain.positions import PositionFold, anchored, opened
from app.domain.refusals import Refusal
from app.exchanges.port import CancelRequest, CommittedIntent, Outcome, OutcomeKind
from app.services.trading.account.ledger import Ledger
from app.services.trading.order_manager import OrderManager
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.venue.sending import Sender
from app.store.database import Database
from app.store.group import PositionKey
from app.store.writer import GroupWriter
from tests.support import store

D = Decimal

INSTRUMENTS = {
    instrument.instrument_id: instrument
    for instrument in (
        store.BTC_USDT,
        Instrument(
            "ETH-USDT-SWAP",
            InstrumentKind.SWAP,
            "ETH",
            "USDT",
            "USDT",
            D("0.01"),
            D("0.01"),
            D("0.01"),
            contract_value=D("0.1"),
        ),
        Instrument(
            "BTC-USD-SWAP",
            InstrumentKind.SWAP,
            "BTC",
            "USD",
            "BTC",
            D("0.1"),
            D(1),
            D(1),
            contract_value=D(100),
            inverse=True,
        ),
    )
}


class TickingClock:
    """Each look is a microsecond later."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._now_ns = store.T0

    def now_ns(self) -> int:
        self._now_ns += 1_000
        return self._now_ns

    def set_back(self, by_ns: int) -> None:
        self._now_ns -= by_ns

    def monotonic_ns(self) -> int:
        return self.now_ns() - store.T0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def token(self, size: int) -> bytes:
        return self.random.randbytes(size)


class Dice:
    """The sends of the port; each answer is drawn."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._number = 0

    async def submit(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        self._number += 1
        kind = self._draw.choices(
            (OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN, OutcomeKind.NOT_SENT), (80, 6, 10, 4)
        )[0]
        if kind is OutcomeKind.ACCEPTED:
            return Outcome(kind, venue_order_id=f"v{request.order_id}")
        return Outcome(kind, code="51008", message="insufficient balance")

    async def amend(self, intent: CommittedIntent) -> Outcome:
        intent.take()
        return Outcome(self._draw.choice((OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN)))

    async def cancel(self, request: CancelRequest) -> Outcome:
        return Outcome(OutcomeKind.ACCEPTED)

    async def order(self, instrument_id: str, **_ids: str) -> OrderReport | None:
        return None

    def server_time_ns(self) -> int:
        return 0


class OpenGate:
    def closed(self) -> Sequence[Refusal]:
        return ()


def nothing_is_lost(reason: str) -> None:
    raise AssertionError(f"a report could not be taken: {reason}")


@dataclass
class World:
    """One account; `orders` in the order of creation."""

    ledger: Ledger
    database: Database
    manager: OrderManager
    tracker: OrderTracker
    sender: Sender
    draw: random.Random
    clock: TickingClock
    orders: list[str] = field(default_factory=list)
    sent: list[OrderReport] = field(default_factory=list)
    trades: int = 0
    openings: dict[PositionKey, PositionFold] = field(default_factory=dict)

    async def step(self) -> None:
        """One thing happens."""
        acts = (self.place, self.place, self.report, self.report, self.report, self.again, self.cancel, self.amend)
        rare = (self.move_cash, self.stranger, self.kill_or_resume, self.set_aside)
        await self.draw.choice(acts if self.draw.random() < 0.93 else rare)()

    async def place(self) -> None:
        number = len(self.orders) + 1
        instrument = self.draw.choice(list(INSTRUMENTS.values()))
        turn = self.ledger.turn("api:test")
        request = self._request(number, instrument, turn.now_ns)
        refusals = (Refusal("max_order_size", "size", str(request.size), "is too much"),) if self._one_in(12) else ()
        self.manager.create_order(turn, request, refusals=refusals, checked=("max_order_size",))
        durable = turn.commit()
        self.orders.append(request.order_id)
        if refusals:
            return
        await durable
        await self.sender.submit(CommittedIntent(request, instrument))

    async def report(self) -> None:
        """News of an order that may exist at the venue."""
        known = [self.ledger.orders[order_id] for order_id in self.orders if order_id in self.ledger.orders]
        alive = [order for order in known if order.sent and order.ending is None]
        if alive:
            await self._tell(self._news(self.draw.choice(alive)))

    async def again(self) -> None:
        """An old report a second time, or a fill that it left out, or its fee."""
        if not self.sent:
            return
        report = self.draw.choice(self.sent)
        if report.fill is not None and report.fill.fee is None:
            fee = D(self.draw.randint(-5, 40)).scaleb(-3)
            report = replace(report, fill=replace(report.fill, fee=fee, fee_currency="USDT"))
        await self._tell(report)

    async def cancel(self) -> None:
        alive = [order for order in self.ledger.open_orders() if order.acknowledged and not order.terminal]
        if alive:
            await self.sender.cancel(self.draw.choice(alive), "api:test")

    async def amend(self) -> None:
        alive = [order for order in self.ledger.open_orders() if order.acknowledged and order.ending is None]
        if not alive:
            return
        order = self.draw.choice(alive)
        turn = self.ledger.turn("api:test")
        amendment = Amendment(f"amend{turn.now_ns}", order.size + self._lots(order), None, turn.now_ns)
        turn.put(amended := request_amend(turn.order(order.order_id), amendment, turn.now_ns))
        payload = {"amendment": amendment, "checked": (), "number": amended.asked_before + len(amended.asked)}
        turn.event(EventKind.AMEND_INTENT, payload, order_id=order.order_id)
        await turn.commit()
        instrument = INSTRUMENTS[order.request.instrument_id]
        await self.sender.amend(CommittedIntent(order.request, instrument, amendment, order.venue_order_id))
        if self._one_in(2):
            outcome = self.draw.choice(tuple(AmendOutcome))
            await self._tell(
                replace(self._empty(order), amend_request_id=amendment.request_id, amend_outcome=outcome, size=None)
            )

    async def stranger(self) -> None:
        """A fill of an order that is not ours."""
        self.trades += 1
        order_id = f"manual{self.trades}"
        instrument = self.draw.choice(list(INSTRUMENTS.values()))
        fill = self._fill(instrument, order_id, OrderSide.SELL, instrument.lot * self.draw.randint(1, 50))
        report = OrderReport(
            instrument.instrument_id,
            Source.STREAM,
            venue_order_id=order_id,
            state=VenueState.FILLED,
            filled=fill.size,
            size=fill.size,
            fill=fill,
            side=fill.side,
            order_type=OrderType.MARKET,
        )
        await self._tell(report)

    async def move_cash(self) -> None:
        turn = self.ledger.turn("system")
        amount = D(self.draw.randint(-1_000, 1_000)).scaleb(-2)
        turn.move_cash("USDT", amount, "transfer", "a test", price=self.draw.choice((None, D(1))))
        await turn.commit()

    async def kill_or_resume(self) -> None:
        turn = self.ledger.turn("operator:test")
        turn.set_kill_switch(not self.ledger.kill_switch.engaged, "a test")
        await turn.commit()

    async def set_aside(self) -> None:
        turn = self.ledger.turn("venue")
        seq = turn.event(EventKind.QUARANTINED, {"reason": "unreadable", "raw": "{"})
        row = {"account": self.ledger.account, "seq": seq, "reason": "unreadable", "raw": "{", "at_ns": turn.now_ns}
        turn.row("quarantine", row)
        await turn.commit()

    # --- what the venue says ---

    async def _tell(self, report: OrderReport) -> None:
        self.sent.append(report)
        await self.tracker.on_order_update(report)
        if self.ledger.kill_switch.engaged and self._one_in(2):
            await self.kill_or_resume()

    def _news(self, order: Order) -> OrderReport:
        report = replace(self._empty(order), state=VenueState.LIVE, filled=order.filled_size, size=order.size)
        kind = self.draw.random()
        if kind < 0.15:
            return replace(report, state=VenueState.CANCELED, cancel_source="user")
        if kind < 0.9 and order.remaining:
            instrument = INSTRUMENTS[order.request.instrument_id]
            lots = int(order.remaining / instrument.lot)
            size = instrument.lot * (lots if self._one_in(2) else self.draw.randint(1, max(1, lots)))
            venue_id = order.venue_order_id or f"v{order.order_id}"
            fill = self._fill(instrument, venue_id, order.request.side, size)
            if self._one_in(4):
                return replace(self._empty(order), source=Source.POLL, venue_time_ns=0, fill=fill)
            filled = order.filled_size + size
            state = VenueState.FILLED if filled >= order.size else VenueState.PARTIALLY_FILLED
            return replace(report, state=state, filled=filled, fill=fill)
        return report

    def _empty(self, order: Order) -> OrderReport:
        return OrderReport(
            order.request.instrument_id,
            Source.STREAM,
            client_order_id="" if order.request.external else order.request.client_order_id,
            venue_order_id=order.venue_order_id or f"v{order.order_id}",
            venue_time_ns=self.clock.now_ns(),
        )

    def _fill(self, instrument: Instrument, venue_order_id: str, side: OrderSide, size: Decimal) -> Fill:
        self.trades += 1
        fee: Decimal | None = D(self.draw.randint(-10, 90)).scaleb(-4) if self.draw.random() < 0.8 else None
        currency = self.draw.choice((instrument.base, instrument.settle, "OKB"))
        # Some trades come late, and some share their nanosecond.
        time_ns = self.clock.now_ns() - self.draw.choice((0, 0, 0, 5_000, 10**9))
        return Fill(
            instrument_id=instrument.instrument_id,
            trade_id=str(self.trades),
            venue_order_id=venue_order_id,
            side=side,
            price=D(self.draw.randint(400_000, 600_000)).scaleb(-1),
            size=size,
            time_ns=time_ns // 4_000 * 4_000,
            fee=fee,
            fee_currency="" if fee is None else currency,
        )

    def _request(self, number: int, instrument: Instrument, now_ns: int) -> OrderRequest:
        limit = self.draw.random() < 0.7
        return OrderRequest(
            order_id=f"{self.ledger.account}-{number:05}",
            account=self.ledger.account,
            client_order_id=f"c{self.ledger.account}{number:05}",
            instrument_id=instrument.instrument_id,
            side=self.draw.choice(tuple(OrderSide)),
            order_type=OrderType.LIMIT if limit else OrderType.MARKET,
            size=instrument.lot * self.draw.randint(1, 2_000),
            size_unit=instrument.size_unit,
            price=D(self.draw.randint(400_000, 600_000)).scaleb(-1) if limit else None,
            trade_mode=TradeMode.CASH if instrument.kind is InstrumentKind.SPOT else TradeMode.CROSS,
            created_ns=now_ns,
            strategy_id=self.draw.choice((None, "s1", "s2")),
            reference_price=D(50_000),
        )

    def _lots(self, order: Order) -> Decimal:
        return INSTRUMENTS[order.request.instrument_id].lot * self.draw.randint(1, 100)

    def _one_in(self, n: int) -> bool:
        return self.draw.randrange(n) == 0


async def world(database: Database, account: str, seed: int, tasks: asyncio.TaskGroup) -> World:
    """A fresh account with an opening holding and some cash, ready for steps."""
    clock, draw = TickingClock(seed), random.Random(seed)
    ledger = Ledger(account, clock)
    ledger.instruments.update(INSTRUMENTS)
    committer = store.committer(database, account=account)
    ledger.writer = GroupWriter(committer, on_commit=ledger.committed)
    manager = OrderManager(ledger, database)
    dice: Any = Dice(draw)
    tracker = OrderTracker(ledger, database, manager, dice, tasks, nothing_is_lost)  # type: ignore[arg-type]
    sender = Sender(ledger, dice, None, OpenGate(), clock)  # type: ignore[arg-type]
    made = World(ledger, database, manager, tracker, sender, draw, clock)
    turn = ledger.turn("system")
    turn.move_cash("USDT", D(1_000_000), "opening", "declared", price=D(1))
    held = opened(PositionKey("BTC-USDT")).position
    fold = anchored(replace(held, size=D(2), cost=D(90_000)), None)
    key = PositionKey("BTC-USDT")
    turn.open_position(key, fold)
    turn.move_cash("BTC", D(2), "opening", "declared", instrument_id="BTC-USDT", price=D(45_000))
    turn.open_day("2026-11-22", D(1_090_000), "USDT")
    await turn.commit()
    made.openings[key] = fold
    return made
