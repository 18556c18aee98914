"""What happens by the clock: idle connections, cancel-all-after, the two-hour purge, regular pushes, funding,
liquidation. One tick a second, scheduled on the exchange's own timers.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from app.simulator.doors.rest.trade import UNFILLED_KEPT_NS
from app.simulator.doors.views.market import FUNDING_MS, next_funding_ms
from app.simulator.market.instruments import ZERO, Instrument
from app.simulator.market.matching import BUY, SELL
from app.simulator.trading.accounts import EXACT, Account, Bill, Position
from app.simulator.trading.margin import view
from app.simulator.trading.orders import Order

if TYPE_CHECKING:
    from app.simulator.exchange import SimulatedExchange

TICK_NS = 1_000_000_000


class Clockwork:
    """Timers of one exchange."""

    def __init__(self, exchange: SimulatedExchange) -> None:
        self._exchange = exchange
        self._funding_ms = next_funding_ms(exchange.now.ms)
        self._purge_ns = exchange.now.ns
        exchange.schedule(exchange.now.ns + TICK_NS, self._tick)

    def _tick(self) -> None:
        exchange = self._exchange
        exchange.schedule(exchange.now.ns + TICK_NS, self._tick)
        exchange.streams.close_idle()
        exchange.private.regular()
        for account in exchange.accounts.values():
            self._dead_man(account)
            if exchange.faults.any:
                exchange.acts.by_chance(account)
            if account.positions:
                self._liquidate(account)
        if exchange.now.ms >= self._funding_ms:
            self._pay_funding()
        if exchange.now.ns - self._purge_ns >= 60 * TICK_NS:
            self._purge()

    def _dead_man(self, account: Account) -> None:
        """Cancel-all-after: timers that ran out cancel what they cover, cancelSource 20."""
        exchange = self._exchange
        for tag, due_ns in list(account.dead_man_ns.items()):
            if due_ns > exchange.now.ns:
                continue
            del account.dead_man_ns[tag]
            for order in list(account.pending.values()):
                if tag in ("", order.tag):
                    exchange.desk.withdraw(account, order, "20")

    def _purge(self) -> None:
        """Forget cancelled orders without a fill two hours after their end."""
        exchange = self._exchange
        self._purge_ns = exchange.now.ns
        for account in exchange.accounts.values():
            gone = [
                order
                for order in account.history.values()
                if not order.filled and exchange.now.ns - order.terminal_ns >= UNFILLED_KEPT_NS
            ]
            for order in gone:
                account.forget(order)
                exchange.changes.orders[order.order_id] = (account, order)

    # -- funding ---------------------------------------------------------------------------------------------------

    def _pay_funding(self) -> None:
        """At 00, 08 and 16 UTC longs pay notional x rate to shorts (the other way for a negative rate)."""
        exchange = self._exchange
        self._funding_ms += FUNDING_MS
        for account in exchange.accounts.values():
            for position in account.held():
                self.fund(account, position, exchange.config.funding_rate)

    def fund(self, account: Account, position: Position, rate: Decimal) -> Bill:
        """One position's payment, positive when it receives."""
        exchange, inst = self._exchange, position.inst
        value = inst.notional(position.contracts, exchange.desk.mark(inst))
        paid = (-value * rate).quantize(EXACT, ROUND_HALF_EVEN)
        position.funding += paid
        bill = account.post(
            exchange.counters.next_bill(),
            inst.settle,
            paid,
            "8",
            "173" if paid < 0 else "174",
            exchange.now.ms,
            inst_id=inst.inst_id,
            pnl=paid,
        )
        if position.mode == "isolated":
            position.margin += paid
        exchange.account_changed(account, "funding_fee", (inst.settle,))
        return bill

    # -- liquidation -----------------------------------------------------------------------------------------------

    def _liquidate(self, account: Account) -> None:
        """Close what no longer covers its maintenance margin: isolated by itself, cross by settlement currency."""
        exchange = self._exchange
        rate = exchange.config.maintenance_rate
        for position in list(account.held()):
            if position.mode == "isolated":
                mark = exchange.desk.mark(position.inst)
                need = position.inst.notional(abs(position.contracts), mark) * rate
                if position.margin + position.pnl_at(mark) < need:
                    self.take_over(account, position, abs(position.quantity))
        for ccy in sorted({p.inst.settle for p in account.held() if p.mode == "cross"}):
            seen = view(account, ccy, exchange.desk.mark, rate)
            if seen.equity - seen.isolated_equity >= seen.maintenance_margin:
                continue
            for order in list(account.pending.values()):
                if not order.inst.is_spot and order.inst.settle == ccy:
                    exchange.desk.withdraw(account, order, "3")
            for position in [p for p in account.held() if p.mode == "cross" and p.inst.settle == ccy]:
                self.take_over(account, position, abs(position.quantity))

    def take_over(self, account: Account, position: Position, lots: int) -> Order:
        """The exchange closes `lots` of a position at the touch: category *_liquidation, negative tradeId."""
        exchange, inst = self._exchange, position.inst
        market = exchange.markets[inst.inst_id]
        side = SELL if position.quantity > 0 else BUY
        whole = lots >= abs(position.quantity)
        price = market.book.best(-side) or market.last_price
        exchange.counters.liquidation_id += 1
        order = Order(
            exchange.counters.next_order(),
            account.name,
            inst,
            side,
            "market",
            position.mode,
            lots,
            px=price,
            pos_side=position.pos_side,
            category="full_liquidation" if whole else "partial_liquidation",
            c_time_ms=exchange.now.ms,
            u_time_ms=exchange.now.ms,
        )
        account.add_pending(order)
        exchange.desk.settle(account, order, price, lots, "T", -exchange.counters.liquidation_id)
        self._cover_gap(account, inst)
        exchange.account_changed(account, "liquidation", (inst.settle,))
        return order

    def _cover_gap(self, account: Account, inst: Instrument) -> None:
        """The insurance fund pays what a liquidation left below zero."""
        missing = account.cash.get(inst.settle, ZERO)
        if missing < 0:
            account.post(
                self._exchange.counters.next_bill(),
                inst.settle,
                -missing,
                "5",
                "110",
                self._exchange.now.ms,
                inst_id=inst.inst_id,
            )
