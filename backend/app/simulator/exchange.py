"""The simulated OKX exchange, sans I/O: requests and frames in, answers and frames out, time passed in.

`http` and `receive` first live through everything due before their time. Same config and same calls give the same
bytes. What persistence has to write is in `changes`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.simulator.acts import Acts
from app.simulator.clockwork import Clockwork
from app.simulator.config import SECOND, AccountConfig, Config, LatencyLeg
from app.simulator.doors.actions import Actions
from app.simulator.doors.channels.hub import PublicHub
from app.simulator.doors.channels.private import PrivateChannels
from app.simulator.doors.connections import Close, Connections
from app.simulator.doors.limits import CONNECTS, RateLimiter
from app.simulator.doors.operations import Operations
from app.simulator.doors.rest.account import AccountEndpoints, master_uid
from app.simulator.doors.rest.algo import AlgoEndpoints
from app.simulator.doors.rest.contracts import ContractEndpoints
from app.simulator.doors.rest.control import Control
from app.simulator.doors.rest.door import Response, RestDoor
from app.simulator.doors.rest.market import MarketEndpoints
from app.simulator.doors.rest.trade import TradeEndpoints
from app.simulator.doors.streams import Streams
from app.simulator.doors.views.algos import algo_row
from app.simulator.faults import Faults
from app.simulator.feed.feeds import Feeds, build_feeds
from app.simulator.market.markets import Market
from app.simulator.now import Now, Timers
from app.simulator.trading.accounts import Account
from app.simulator.trading.algos import Algo, Algos
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.orders import FILLED, AmendNote, Fill, Order
from app.simulator.trading.records import restore
from app.simulator.trading.settlement import Counters

BATCH_NS = 10_000_000
CONTROL_PREFIX = "/simulator/v1/"
LISTED_MS = 1_606_468_572_000


@dataclass(slots=True)
class Changes:
    """What persistence has to write: objects, not copies."""

    orders: dict[int, tuple[Account, Order]] = field(default_factory=dict[int, tuple[Account, Order]])
    accounts: dict[str, Account] = field(default_factory=dict[str, Account])

    def __bool__(self) -> bool:
        return bool(self.orders or self.accounts)


class SimulatedExchange:
    """One exchange with any number of accounts. Times are Unix nanoseconds and never go back."""

    def __init__(self, config: Config, now_ns: int, saved: Mapping[str, Any] | None = None) -> None:
        """`saved` is what persistence.Store.load returned, or None for a fresh exchange."""
        self.config = config
        self.now = Now(now_ns)
        self.changes = Changes()
        self.faults = Faults(config.faults, config.seed)
        self._random = random.Random(f"latency:{config.seed}")
        self._timers = Timers()
        self._limiter = RateLimiter(enabled=config.rate_limits)
        self._connects = RateLimiter(enabled=config.connect_limit)
        self._build_trading(saved or {})
        self._build_doors()
        self.apply_skew()
        if saved is not None:
            restore(saved, self.desk, self.algos)

    def _build_trading(self, saved: Mapping[str, Any]) -> None:
        """Accounts, their desk and the markets it acts on."""
        config = self.config
        self.counters = Counters(**saved.get("counters", {}))
        self.accounts = {entry.name: _open_account(entry, self.now.ms, config.history_max) for entry in config.accounts}
        self.markets: dict[str, Market] = {}
        self.desk = OrderDesk(config, self.markets, self.accounts, self.counters, self.now, self)
        self.feeds: Feeds = build_feeds(config, self.now, self.markets, saved, self.desk.fill_maker, self._announce)
        self.desk.user_taken = self.feeds.user_taken
        self.algos = Algos(self.desk, self._algo_changed, self._algo_parts)

    def _build_doors(self) -> None:
        """What clients and operators speak to, and what happens by the clock."""
        config, now, faults, desk, markets = self.config, self.now, self.faults, self.desk, self.markets
        schedule, by_key = self._timers.schedule, {entry.config.api_key: entry for entry in self.accounts.values()}
        self.connections = Connections(now, faults, schedule, lambda: self._draw(config.feed))
        self.public = PublicHub(config, now, markets, faults, self.connections, LISTED_MS)
        self.private = PrivateChannels(desk, faults, self.connections, schedule)
        actions = Actions(desk, self._limiter, faults, schedule, config.amend_delay_ns)
        operations = Operations(
            config, now, markets, actions, faults, self.connections, schedule, self._response_delay_ns
        )
        self.streams = Streams(
            now, by_key, self._limiter, faults, self.connections, operations, self.public, self.private
        )
        public_reads = MarketEndpoints(config, now, markets, LISTED_MS)
        self.notices = public_reads.notices
        routes = (
            public_reads.routes()
            | AccountEndpoints(desk, markets, LISTED_MS).routes()
            | TradeEndpoints(actions, desk, markets, faults, self._account_touched).routes()
            | AlgoEndpoints(self.algos, markets).routes()
            | ContractEndpoints(desk, markets).routes()
        )
        self.rest = RestDoor(config, now, by_key, self._limiter, faults, routes, self._response_delay_ns)
        acts = Acts(desk, faults, self.feeds, self.connections, self.public)
        self.clockwork = Clockwork(desk, faults, acts, self.connections, self.private, schedule, self._order_touched)
        self.control = Control(desk, faults, self.connections, acts.run, self.apply_skew)

    def apply_skew(self) -> None:
        """Take the clock_skew knob's value over; called when knobs change."""
        skewed = self.faults.active("clock_skew")
        self.now.skew_ns = int(self.faults.value("clock_skew", 0)) * 1_000_000 if skewed else 0

    # -- the surface -----------------------------------------------------------------------------------------------

    def http(self, method: str, target: str, headers: Mapping[str, str], body: bytes, now_ns: int) -> Response:
        """Answer one HTTP request; `target` is the raw path with query, as received."""
        self.advance(now_ns)
        if target.startswith(CONTROL_PREFIX):
            response = self.control.handle(method, target, body)
        else:
            response = self.rest.handle(method, target, headers, body)
        self._end_turn()
        return response

    def open_stream(self, path: str, now_ns: int, peer: str = "") -> int:
        """A WebSocket connection to `path`; ValueError for an unknown path, ConnectionRefusedError over the limit."""
        self.advance(now_ns)
        if not self._connects.allow(("connect", peer), *CONNECTS, now_ns):
            raise ConnectionRefusedError("more than 3 connections a second from one address")
        return self.connections.accept(path)

    def receive(self, stream_id: int, text: str, now_ns: int) -> None:
        """A text frame from a client. With an entry leg it takes effect that much later, in order per exchange."""
        self.advance(now_ns)
        delay = self.entry_delay_ns()
        if delay:
            self._timers.schedule(self.now.ns + delay, lambda: self.streams.receive(stream_id, text))
        else:
            self.streams.receive(stream_id, text)
        self._end_turn()

    def close_stream(self, stream_id: int) -> None:
        self.connections.closed(stream_id)

    def outbox(self) -> list[tuple[int, str | Close]]:
        """Frames to send now, in order; taken once."""
        return self.connections.take_outbox()

    def entry_delay_ns(self) -> int:
        """One draw of the entry leg: a transport waits this long before it hands an HTTP request in."""
        return self._draw(self.config.entry)

    def next_event_ns(self) -> int | None:
        """When `advance` next has something to do, or None."""
        due = (self._timers.next_ns(), self.public.next_ns(), self.connections.next_ns(), self.feeds.next_ns())
        return min((moment for moment in due if moment is not None), default=None)

    def advance(self, now_ns: int) -> None:
        """Live through everything due up to `now_ns`: market, timers, pushes, delayed frames."""
        while True:
            due = self.next_event_ns()
            if due is None or due > now_ns:
                break
            horizon = now_ns
            if self.public.busy or self.algos.live:
                horizon = min(horizon, max(due, self.now.ns) + BATCH_NS)
            timer_ns = self._timers.next_ns()
            if timer_ns is not None:
                horizon = min(horizon, max(timer_ns, due))
            self.feeds.run_until(horizon)
            self.now.reach(due)
            self._timers.run(self.now)
            self.connections.release()
            self._end_turn()
        self.now.reach(now_ns)

    def _end_turn(self) -> None:
        if self.algos.live:
            self.algos.check()
        self.private.flush()
        if self.public.busy:
            self.public.collect_trades()
            self.public.tick()

    def _response_delay_ns(self) -> int:
        return self._draw(self.config.response)

    def _draw(self, leg: LatencyLeg) -> int:
        if not leg.active:
            return 0
        delay = leg.base_ns + (int(self._random.random() * leg.jitter_ns) if leg.jitter_ns else 0)
        spike = leg.spike_probability and self._random.random() < leg.spike_probability
        return delay + (leg.spike_ns if spike else 0)

    def _announce(self, title: str) -> None:
        self.notices.append((self.now.ms, title))
        self.public.announce(title)

    # -- what the desk tells ---------------------------------------------------------------------------------------

    def order_changed(self, account: Account, order: Order, fill: Fill | None, amend: AmendNote | None) -> None:
        self._order_touched(account, order)
        self.private.order_changed(account, order, fill, amend)
        if not order.open:
            order.fixed = None  # rows of ended orders are rare: not worth their memory
        if order.attached and fill is not None and order.state == FILLED:
            self.algos.attach(account, order)

    def _algo_changed(self, account: Account, algo: Algo, more: dict[str, str]) -> None:
        self._account_touched(account)
        self.private.algo_changed(account, algo.kind, algo_row(algo, self.markets[algo.inst_id], more))

    def _algo_parts(self) -> int:
        return int(self.faults.value("split_algo", 2)) if self.faults.fires("split_algo") else 1

    def account_changed(self, account: Account, event: str, ccys: tuple[str, ...]) -> None:
        self._account_touched(account)
        self.private.account_changed(account, event, ccys)

    def _order_touched(self, account: Account, order: Order) -> None:
        self.changes.orders[order.order_id] = (account, order)

    def _account_touched(self, account: Account) -> None:
        self.changes.accounts[account.name] = account


def _open_account(entry: AccountConfig, now_ms: int, history_max: int) -> Account:
    account = Account(entry, master_uid(entry.name), entry.position_mode)
    account.cash = {ccy: Decimal(amount) for ccy, amount in entry.balances.items()}
    account.initial, account.opening = dict(account.cash), dict(account.cash)
    account.history_max = history_max
    account.changed_ms = dict.fromkeys(account.cash, now_ms)
    return account


__all__ = ["SECOND", "Close", "Response", "SimulatedExchange"]
