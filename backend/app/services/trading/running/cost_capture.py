"""What the market was when orders were sent, filled and over, kept so that costs can be told later (domain/tca).

Beside the turn: it hears what is committed, just before that is sent, and looks. Once a second it takes the marks that
have come due, by what the book was at that very moment, and writes what is new in a turn without an event. A price that
nobody saw is asked for at the exchange, or stays empty and says why.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.decisions import Decision
from app.domain.instruments import Instrument
from app.domain.market import PublicTrade
from app.domain.money import MAX_FRACTION_DIGITS, rounded
from app.domain.orders import Ending, Fill, Liquidity, Order, OrderSide, OrderStatus
from app.domain.parents import ParentOrder
from app.domain.tca.markout import HORIZONS_MS
from app.domain.tca.marks import Mark, unseen
from app.domain.tca.worth import cost_currency
from app.exchanges.errors import ExchangeError
from app.exchanges.port import Exchange
from app.market_data.feeds import MarketData
from app.market_data.subscriptions import MarketChange
from app.models.columns import Values
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.running.cost_rows import (
    FillWatch,
    Watched,
    ahead_ns,
    base_ns,
    fill_watch,
    watch,
    window_of,
)
from app.services.trading.running.due_marks import DueMarks
from app.services.trading.running.market_tape import MarketTapes, Window
from app.services.trading.running.missed_marks import TOO_MANY, MissedMarks
from app.services.trading.running.missed_rates import MissedRates
from app.services.trading.running.unfired import Unfired, fired_ns
from app.services.trading.venue.estimates import Estimates
from app.store import queries
from app.store.database import Database
from app.store.durable import Durable
from app.store.group import Group
from app.store.rows import TCA_FILL, TCA_WINDOW, parent_from_row

PERIOD_SECONDS = 1.0
LINGER_NS = 5 * NS_PER_SECOND
"""For so long after an end, prints of before it may still come."""
REWRITE_NS = 60 * NS_PER_SECOND
"""How often the row of a window that goes on is written anew."""
FIRST_WRITTEN_NS = 10 * NS_PER_SECOND
"""How long what is seen may wait in memory: rows are made when most of it is there, not once for every look; of marks
with that of due_marks.WRITTEN_AT_MS."""
LATE_NS = 60 * NS_PER_SECOND
"""A fill that is older when it is heard of has a fee whose worth was another."""
WATCHED_MAX = 20_000
ROWS_AT_ONCE = 250
"""In one turn: orders that are committed with them wait for them."""

log = structlog.get_logger("costs")


class CostCapture:
    """Of one account. It hears the ledger's commits and the market."""

    def __init__(
        self,
        ledger: Ledger,
        market: MarketData,
        database: Database,
        exchange: Exchange,
        clock: Clock,
        follow: Callable[[str], Awaitable[None]],
    ) -> None:
        self._ledger = ledger
        self._market = market
        self._database = database
        self._exchange = exchange
        self._clock = clock
        self._apart = (0, 0)
        """At a moment of ours, how far the exchange's clock was ahead."""
        self._follow = follow
        self._estimates = Estimates(market)
        self._missed = MissedMarks(exchange)
        self._rates = MissedRates(ledger, exchange)
        self._tapes = MarketTapes(market, self._listed, self._ahead_ns)
        self._windows: dict[str, Window] = {}
        """Those that go on."""
        self._ended = deque[Window]()
        """Those that have just ended, the first first."""
        self._sent_mids: dict[str, Decimal] = {}
        """At the send of open orders, for the fill that the book has no earlier mid for."""
        self._due = DueMarks()
        self._decided: dict[str, Mark] = {}
        """Of parents that wait for their start."""
        self._unfired = Unfired()
        self._dirty: dict[Watched, bool] = {}
        """What is to be written, and whether its row stays open."""
        self._early: list[Group] | None = []
        """Groups of before the windows of an earlier process were read."""
        ledger.subscribe(self.on_commit)
        market.subscribe(self._on_change)
        market.subscribe_trades(self._on_trade)

    # --- what is heard ---

    def on_commit(self, group: Group) -> None:
        """A durable group: what it sends, fills and ends."""
        now_ns = self._clock.now_ns()
        for new in group.new_orders.values():
            self._sent(new.order, now_ns)
        for order, fill, _ in group.fills:
            self._filled(order, fill, now_ns)
        if self._early is None:
            self._follow_windows(group, now_ns)
        else:
            self._early.append(group)

    def _follow_windows(self, group: Group, now_ns: int) -> None:
        for row in group.plain:
            if row.table == "parent_orders":
                self._parent(row.values, now_ns)
        for order in group.orders.values() if self._unfired else ():
            self._fires(order, now_ns)
        for order in (*group.orders.values(), *(new.order for new in group.new_orders.values())):
            if order.settled:
                self._sent_mids.pop(order.order_id, None)
                self._over(order.order_id, now_ns, by_fill=order.status is OrderStatus.FILLED)

    def _on_change(self, instrument_id: str, change: MarketChange) -> None:
        if change is MarketChange.BOOK:
            self._tapes.changed(instrument_id, self._clock.now_ns)

    def _on_trade(self, trade: PublicTrade) -> None:
        if (tape := self._tapes.known.get(trade.instrument_id)) is not None and tape.windows:
            tape.trade(trade, self._ahead_ns(self._clock.now_ns()))

    # --- what is noted ---

    def _listed(self, instrument_id: str) -> Instrument | None:
        return self._ledger.instruments.get(instrument_id)

    def _ahead_ns(self, now_ns: int) -> int:
        if self._apart[0] != now_ns:
            self._apart = now_ns, ahead_ns(self._exchange, now_ns)
        return self._apart[1]

    def _sent(self, order: Order, now_ns: int) -> None:
        request = order.request
        if request.external or order.ending is Ending.DENIED:
            return
        kind = "order" if request.parent_id is None else "child"
        order_id, instrument_id = request.order_id, request.instrument_id
        window = self._begin(order_id, kind, instrument_id, request.created_ns, now_ns)
        if window is None:
            return
        if request.parent_id is not None:
            self._fires(order, now_ns)
        tape = self._tapes.known[instrument_id]
        if tape.usable and tape.book is not None and tape.book.mid is not None:
            self._sent_mids[order_id] = tape.book.mid
        if kind == "order":
            window.decision = self._decision(instrument_id, request.decision, now_ns)
            self._estimate(window, request.side, request.size, now_ns)

    def _parent(self, row: Mapping[str, Any], now_ns: int) -> None:
        parent_id, status = row["parent_id"], row["status"]
        if not row["is_open"]:
            self._decided.pop(parent_id, None)
            self._unfired.forget(parent_id)
            self._over(parent_id, now_ns)
        elif parent_id not in self._windows:
            parent = parent_from_row(row)
            if parent_id not in self._decided and parent.decision_ns is not None:
                decided = Decision(parent.decision_ns, parent.decision_price)
                if (seen := self._decision(parent.instrument_id, decided, now_ns)) is not None:
                    self._decided[parent_id] = seen
            if status != "scheduled" and not self._unfired.take(row):
                self._begin_parent(parent, parent.start_ns, now_ns)

    def _fires(self, order: Order, now_ns: int) -> None:
        if (parent := self._unfired.fired_by(order)) is not None:
            self._begin_parent(parent, fired_ns(order, now_ns, self._ahead_ns(now_ns)), now_ns)

    def _begin_parent(self, parent: ParentOrder, started_ns: int, now_ns: int) -> None:
        window = self._begin(parent.parent_id, "execution", parent.instrument_id, started_ns, now_ns)
        if window is not None:
            window.decision = self._decided.pop(parent.parent_id, None)
            if now_ns - started_ns < FIRST_WRITTEN_NS:
                self._estimate(window, parent.side, parent.size, now_ns)
            else:  # a crash took what was seen, or it fired while nothing lived
                window.bid = window.ask = None

    def _decision(self, instrument_id: str, decided: Decision | None, now_ns: int) -> Mark | None:
        """The mid of when it was decided; None where that was not told, or a price with it."""
        if decided is None or decided.price is not None:
            return None
        (mark,) = self._tapes.marks(instrument_id, min(decided.at_ns, now_ns), (0,))
        return mark

    def _begin(self, subject_id: str, kind: str, instrument_id: str, started_ns: int, now_ns: int) -> Window | None:
        tape = self._tapes.of(instrument_id)
        if tape is None:
            return None
        window = Window(subject_id, kind, instrument_id, started_ns)
        if (book := self._tapes.look(instrument_id, tape, now_ns)) is not None:
            window.bid, window.ask = book.bid, book.ask
        if kind == "child":
            window.closed = window.before
            self._dirty[window] = False
        else:
            window.before = tape.integral(now_ns)
            window.written_ns = now_ns - REWRITE_NS + FIRST_WRITTEN_NS
            tape.windows[subject_id] = self._windows[subject_id] = window
        return window

    def _estimate(self, window: Window, side: OrderSide, size: Decimal, now_ns: int) -> None:
        window.walk_price = self._estimates.walk(window.instrument_id, side, size)
        window.square_root_bps = self._estimates.square_root(window.instrument_id, size, now_ns)

    def _over(self, subject_id: str, now_ns: int, *, by_fill: bool = False) -> None:
        """by_fill: its end is its last fill, whose marks are those of its end."""
        window = self._windows.pop(subject_id, None)
        if window is None:
            return
        tape = self._tapes.known[window.instrument_id]
        book = self._tapes.look(window.instrument_id, tape, now_ns)
        window.end_mid = None if book is None else book.mid
        window.ended_ns, window.ahead_ns = now_ns, self._ahead_ns(now_ns)
        window.closed = tape.integral(now_ns)
        self._ended.append(window)
        window.marked = not by_fill
        if window.marked:
            self._watch(window)

    def _filled(self, order: Order, fill: Fill, now_ns: int) -> None:
        watched = watch(order.order_id, fill, self._ahead_ns(now_ns))
        if (tape := self._tapes.of(fill.instrument_id)) is not None:
            watched.mid = tape.before(fill.time_ns)
        if watched.mid is None and fill.liquidity is Liquidity.TAKER:
            watched.mid = self._sent_mids.get(order.order_id)
        if fill.fee:
            self._rate(watched, fill.fee_currency, now_ns)
        self._watch(watched)

    def _rate(self, watched: FillWatch, currency: str, now_ns: int) -> None:
        """What a fee in a third currency was worth: by the price of now where that is the price of then."""
        instrument = self._ledger.instruments.get(watched.instrument_id)
        if instrument is None or currency in (instrument.base, instrument.quote):
            return
        of_fee, of_cost = self._ledger.price_of(currency), self._ledger.price_of(cost_currency(instrument))
        if of_fee is not None and of_cost and now_ns - base_ns(watched) < LATE_NS:
            watched.fee_rate = rounded(of_fee / of_cost, MAX_FRACTION_DIGITS)
        else:
            self._rates.take(watched, currency)

    def _watch(self, watched: Watched) -> None:
        """Look at its marks when they are due, from the first that it lacks."""
        if self._due.count >= WATCHED_MAX:
            watched.marks += [unseen(each, TOO_MANY) for each in HORIZONS_MS[len(watched.marks) :]]
            self._dirty[watched] = False
            return
        self._due.add(watched)

    # --- once a second ---

    async def run(self) -> None:
        """One round. Cut off by the orderly end, it hands on what it has."""
        try:
            if self._early is not None:
                await self._take_up()
            await self._clock.sleep(PERIOD_SECONDS)
            self.take_due()
            for watched in await self._missed.ask():
                self._dirty[watched] = False
            for watched in await self._rates.ask():
                self._dirty.setdefault(watched, len(watched.marks) < len(HORIZONS_MS))
            await self._write()
        except asyncio.CancelledError:
            self._all_dirty()
            self._stage(len(self._dirty))
            raise

    def take_due(self) -> None:
        """The marks that have come due, and the windows that are to be written."""
        now_ns = self._clock.now_ns()
        self._tapes.look_at_all(now_ns)
        for watched in self._due.take(now_ns, self._tapes.marks):
            full = len(watched.marks) == len(HORIZONS_MS)
            self._dirty[watched] = self._missed.take(watched) if full else True
        while self._ended and base_ns(self._ended[0]) + LINGER_NS <= now_ns:
            window = self._ended.popleft()
            self._tapes.known[window.instrument_id].windows.pop(window.subject_id, None)
            self._dirty.setdefault(window, window.marked)
        for window in self._windows.values():
            if now_ns - window.written_ns >= REWRITE_NS:
                window.written_ns = now_ns
                self._dirty[window] = True

    async def _write(self) -> None:
        """What is new; what could not be written is written in a later round. Raises StoreFailed."""
        for _ in range(0, len(self._dirty), ROWS_AT_ONCE):
            durable = self._stage(ROWS_AT_ONCE)
            if durable is not None:
                await durable

    def _all_dirty(self) -> None:
        """All that is still only in memory, and what can be seen of it by now."""
        self._due.take_all(self._clock.now_ns(), self._tapes.marks)
        for watched in self._due:
            self._dirty.setdefault(watched, True)
        for window in (*self._windows.values(), *self._ended):
            self._dirty.setdefault(window, window.ended_ns is None or window.marked)

    def _stage(self, most: int) -> Durable | None:
        ledger = self._ledger
        if not self._dirty or self._early is not None or not ledger.has_writer or ledger.writer_failed:
            return None
        dirty = dict(islice(self._dirty.items(), most))
        for watched in dirty:
            del self._dirty[watched]
        turn = ledger.turn(SYSTEM)
        windows, fills = list[Values](), list[Values]()
        for watched, is_open in dirty.items():
            if isinstance(watched, FillWatch):
                fills.append(TCA_FILL.insert(ledger.account, watched, is_open))
            else:
                seen = watched.seen(self._tapes.known[watched.instrument_id].integral(turn.now_ns))
                windows.append(TCA_WINDOW.insert(ledger.account, watched, seen, is_open))
        turn.bookings.cost_rows = (windows, fills)

        def again(error: Exception | None) -> None:
            if error is not None:
                self._dirty = {**dirty, **self._dirty}

        durable = turn.commit()
        durable.then(again)
        return durable

    # --- after a start ---

    async def _take_up(self) -> None:
        """What an earlier process left open; then what was committed meanwhile. Raises StoreError."""
        left = await asyncio.to_thread(queries.open_marks, self._database, self._ledger.account, WATCHED_MAX)
        heard = (each for each in (*self._dirty, *self._due) if isinstance(each, FillWatch))
        known = {(each.instrument_id, each.trade_id, each.venue_order_id) for each in heard}
        for row in (*left.fills, *left.unmarked):
            if (row["instrument_id"], row["trade_id"], row["exchange_order_id"]) not in known:
                now_ns = self._clock.now_ns()
                watched = fill_watch(row, self._ahead_ns(now_ns))
                if row.get("fee_amount"):
                    self._rate(watched, row["fee_currency"], now_ns)
                self._take_up_watch(watched)
        going = {row["parent_id"] for row in left.parents}
        for row in left.windows:
            window = window_of(row)
            tape = self._tapes.of(window.instrument_id)
            if tape is None or window.subject_id in self._windows:
                continue
            if window.ended_ns is not None:
                window.closed = window.before
                self._take_up_watch(window)
                continue
            now_ns = self._clock.now_ns()
            self._tapes.look(window.instrument_id, tape, now_ns)
            window.before = tape.integral(now_ns)
            tape.windows[window.subject_id] = self._windows[window.subject_id] = window
            order = self._ledger.orders.get(window.subject_id)
            if window.subject_id not in going and (order is None or order.settled):
                self._over(window.subject_id, now_ns)
        for row in left.parents:
            if row["parent_id"] not in self._windows:
                self._unfired.take(row)
        early, self._early = self._early or [], None
        for group in early:
            self._follow_windows(group, self._clock.now_ns())
        await self._follow_markets({each.instrument_id for each in self._due})

    def _take_up_watch(self, watched: Watched) -> None:
        if len(watched.marks) < len(HORIZONS_MS):
            self._watch(watched)
        else:
            self._dirty[watched] = self._missed.take(watched)

    async def _follow_markets(self, instrument_ids: set[str]) -> None:
        for instrument_id in sorted(instrument_ids - set(self._market.followed)):
            try:
                await self._follow(instrument_id)
            except ExchangeError as error:
                log.warning("costs.not_followed", instrument_id=instrument_id, reason=str(error))
