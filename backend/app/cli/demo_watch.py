"""What the demo shows while it runs, read off the committed groups: nothing is told that is not durable."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from app.cli.demo_screen import Screen
from app.cli.demo_summary import Tally, percent
from app.clock import NS_PER_SECOND, Clock
from app.domain.events import EventKind
from app.domain.money import plain
from app.domain.orders import Fill, Order, OrderStatus
from app.domain.refusals import InvalidValue
from app.services.trading.schemas import PerformanceMetrics
from app.services.trading.tasks import TaskGroup
from app.store.errors import StoreError
from app.store.group import Group
from app.store.rows import NewOrder
from app.strategies.signals import Signal
from app.system import System

PERFORMANCE_SECONDS = 10


class Watch:
    """Prints signals, decisions, orders, fills and positions as they become durable, and counts them."""

    def __init__(self, system: System, screen: Screen, tally: Tally, clock: Clock) -> None:
        self.tally = tally
        self._system = system
        self._screen = screen
        self._clock = clock
        self._statuses: dict[str, OrderStatus] = {}
        self._performance: PerformanceMetrics | None = None
        self._measured_ns = 0
        self._tasks = TaskGroup()
        self._unsubscribe = system.ledger.subscribe(self._committed)

    def close(self) -> None:
        self._unsubscribe()

    def signal(self, signal: Signal, name: str) -> None:
        """A strategy has spoken."""
        self.tally.signals += 1
        size = f" {plain(signal.size)}" if signal.size is not None else ""
        score = signal.metadata.get("score", "-")
        said = f"{signal.type.value.upper()}{size} {signal.instrument_id}"
        self._screen.line("signal", f"{name}: {said}, confidence {signal.confidence:g}, score {score}")

    def show(self, until_ns: int | None) -> None:
        """Refresh the status."""
        now_ns = self._clock.now_ns()
        if now_ns - self._measured_ns > PERFORMANCE_SECONDS * NS_PER_SECOND:
            self._measured_ns = now_ns
            self._tasks.spawn(self._measure(), "performance")
        self._screen.status(list(self._facts(now_ns, until_ns)))

    def _facts(self, now_ns: int, until_ns: int | None) -> Iterable[tuple[str, str]]:
        system, tally = self._system, self.tally
        ready = "READY" if system.ready else "not ready: " + "; ".join(system.not_ready_reasons)
        left = "" if until_ns is None else f", {max(0, (until_ns - now_ns) // NS_PER_SECOND)} s left"
        yield "system", f"{ready}{left}"
        yield "market", ", ".join(self._quote(instrument_id) for instrument_id in system.market.followed[:3])
        orders = ", ".join(f"{count} {status}" for status, count in sorted(tally.orders.items())) or "none"
        yield "this run", f"{tally.signals} signals; orders: {orders}; {tally.fills} fills"
        for position in system.positions.get_all_positions():
            unrealised = "?" if position.unrealised_pnl is None else money(position.unrealised_pnl)
            held = f"{plain(position.size)} at {money(position.entry_price)}"
            gains = f"realised {money(position.realised_pnl)}, unrealised {unrealised} {position.pnl_currency}"
            yield position.instrument_id, f"{held}, {gains}"
        if (found := self._performance) is not None:
            yield "performance", performance_line(found)

    def _quote(self, instrument_id: str) -> str:
        view = self._system.market.book(instrument_id)
        if view is None or view.bid is None or view.ask is None:
            return f"{instrument_id} -"
        return f"{instrument_id} {plain(view.bid)} / {plain(view.ask)}"

    async def _measure(self) -> None:
        recorder = self._system.recorder
        try:
            self._performance = await asyncio.to_thread(recorder.calculate_performance, present=recorder.present())
        except (StoreError, InvalidValue) as error:
            self._screen.line("performance", f"not known: {error}")

    def _committed(self, group: Group) -> None:
        for event in group.events:
            if event.kind in (EventKind.KILL_SWITCH_ON, EventKind.KILL_SWITCH_OFF, EventKind.ANOMALY):
                self._screen.line("kill" if event.kind != EventKind.ANOMALY else "anomaly", event.payload)
        for new in group.new_orders.values():
            self._decided(new)
            self._order(new.order)
        for _, fill, _ in group.fills:
            self._fill(fill)
        for order in group.orders.values():
            self._order(order)
        for instrument_id in {fill.instrument_id: None for _, fill, _ in group.fills}:
            self._position(instrument_id)

    def _decided(self, new: NewOrder) -> None:
        decision = msgspec.json.decode(new.risk_decision or "{}")
        order = new.order
        if order.reasons:
            self._screen.line("refused", "; ".join(map(str, order.reasons)))
        elif not order.request.external:
            self._screen.line("risk", f"passed {len(decision.get('checked', ()))} checks")

    def _order(self, order: Order) -> None:
        status, request = order.status, order.request
        if self._statuses.get(order.order_id) is status:
            return
        self._statuses[order.order_id] = status
        what = f"{request.side.value} {plain(request.size)} {request.instrument_id} {request.order_type.value}"
        filled = ""
        if order.filled and order.average_price is not None:
            filled = f", {plain(order.filled)} at {money(order.average_price)}"
        said = f": {order.error_message}" if order.error_message and not order.reasons else ""
        self._screen.line("order", f"{order.order_id} {what}: {status.value}{filled}{said}")
        if status.terminal:
            self._statuses.pop(order.order_id)
            self.tally.orders[status.value] += 1

    def _fill(self, fill: Fill) -> None:
        self.tally.fills += 1
        fee = "not told yet" if fill.fee is None else f"{plain(fill.fee)} {fill.fee_currency}"
        kind = f" ({fill.liquidity.value})" if fill.liquidity else ""
        what = f"{fill.side.value} {plain(fill.size)} {fill.instrument_id} at {plain(fill.price)}"
        self._screen.line("fill", f"{what}, fee {fee}{kind}")

    def _position(self, instrument_id: str) -> None:
        position = self._system.positions.get_position(instrument_id)
        if position is None:
            return
        unrealised = "?" if position.unrealised_pnl is None else money(position.unrealised_pnl)
        self._screen.line(
            "position",
            f"{instrument_id} {plain(position.size)} at {money(position.entry_price)}, "
            f"realised {money(position.realised_pnl)}, unrealised {unrealised} {position.pnl_currency}",
        )


def money(amount: Decimal | None) -> str:
    """An amount for eyes: two decimals, thousands apart."""
    return "-" if amount is None else f"{amount:z,.2f}"


def performance_line(found: PerformanceMetrics) -> str:
    """The figures that say most, in one line."""
    return (
        f"{found.total_trades} round trips, win rate {percent(found.win_rate)}, "
        f"net profit {money(found.net_profit)} {found.valuation_currency} (fees {money(found.total_fees)})"
    )
