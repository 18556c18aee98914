"""The order desk: place, cancel and amend against a market's book, with money checks and self-trade prevention.

Every effect is told to one listener in the order it happened; the desk knows neither REST nor streams.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from app.simulator.codes import Refusal, refuse
from app.simulator.config import Config, fee_rates
from app.simulator.market.instruments import ZERO, Instrument
from app.simulator.market.markets import Market
from app.simulator.market.matching import Match, Prevention, Resting, Sweep
from app.simulator.now import Now
from app.simulator.trading.accounts import Account
from app.simulator.trading.algo_rules import flag
from app.simulator.trading.entry import clean, read_order
from app.simulator.trading.margin import CurrencyView, swap_margin, view
from app.simulator.trading.orders import CANCELED, FILLED, AmendNote, Fill, Order
from app.simulator.trading.settlement import Counters, Settlement


class Listener(Protocol):
    """Who is told what happened. `fill` is the execution this update is about, if it is about one."""

    def order_changed(self, account: Account, order: Order, fill: Fill | None, amend: AmendNote | None) -> None: ...
    def account_changed(self, account: Account, event: str, ccys: tuple[str, ...]) -> None: ...


class OrderDesk:
    """Orders of all accounts in all markets."""

    def __init__(
        self,
        config: Config,
        markets: Mapping[str, Market],
        accounts: Mapping[str, Account],
        counters: Counters,
        now: Now,
        listener: Listener,
    ) -> None:
        self.config = config
        self.markets = markets
        self.accounts = accounts
        self.counters = counters
        self.now = now
        self.listener = listener
        self.settlement = Settlement(config, counters)
        self.user_taken: Callable[[Market, int, int], None] = lambda market, side, lots: None

    def mark(self, inst: Instrument) -> Decimal:
        return self.markets[inst.inst_id].mark_price()

    def view(self, account: Account, ccy: str, extra: Order | None = None) -> CurrencyView:
        return view(account, ccy, self.mark, self.config.maintenance_rate, extra)

    def place(
        self, account: Account, raw: Mapping[str, Any], market: Market | None, algo: tuple[str, str, str] | None = None
    ) -> Order | Refusal:
        """Accept and run an order, or refuse it. The returned order may already be terminal.

        `algo` is (source, algoId, algoClOrdId) when an algo order places it.
        """
        params = clean(raw)
        if market is None:
            return refuse("51001")
        order = read_order(params, account, market, self.counters.next_order(), self.config.price_band, self.now.ms)
        if isinstance(order, Refusal):
            return order
        if algo is not None:
            order.source, order.algo_id, order.algo_cl_ord_id = algo
        problem = self._check_money(account, order, market, ban_amend=flag(params.get("banAmend")))
        if problem is not None:
            return problem
        self.accept(account, order, market)
        return order

    def accept(self, account: Account, order: Order, market: Market) -> None:
        """Take a checked order into the book's care: announce it live, then match it."""
        account.add_pending(order)
        self.listener.order_changed(account, order, None, None)
        self.run(account, order, market)
        self.tell_account(account, order)

    def tell_account(self, account: Account, order: Order) -> None:
        """Say that `order` changed its account: by a fill, or by what it holds."""
        inst = order.inst
        ccys = (inst.base, inst.quote) if inst.is_spot else (inst.settle,)
        self.listener.account_changed(account, "filled" if order.filled else "order", ccys)

    # -- money -----------------------------------------------------------------------------------------------------

    def _check_money(self, account: Account, order: Order, market: Market, *, ban_amend: bool) -> Refusal | None:
        if not order.inst.is_spot:
            return self._check_reduce(account, order) or self._check_margin(account, order)
        ccy = order.inst.quote if order.side > 0 else order.inst.base
        free = self.view(account, ccy).available_balance
        if order.ord_type == "market":
            return self._size_spot_market(order, market, free, ccy, ban_amend=ban_amend)
        need = self._spot_hold(order)
        return refuse("51008", ccy) if need > free else None

    def hold(self, account: Account, order: Order) -> None:
        """Freeze what an open SPOT order needs from now on."""
        if order.inst.is_spot:
            account.set_frozen(order, order.inst.quote if order.side > 0 else order.inst.base, self._spot_hold(order))

    def check_amended_money(self, account: Account, order: Order) -> Refusal | None:
        """Would the order, with its new price and size, still be covered? 51502 if not."""
        inst = order.inst
        if inst.is_spot:
            ccy = inst.quote if order.side > 0 else inst.base
            short = self._spot_hold(order) - order.frozen > self.view(account, ccy).available_balance
            return refuse("51502", ccy) if short else None
        if order.reduce_only:
            return None
        short = self.view(account, inst.settle, order).available_equity < 0
        return refuse("51502", inst.settle) if short else None

    @staticmethod
    def _spot_hold(order: Order) -> Decimal:
        """What an open SPOT order holds: quote at its limit for buys, base for sells."""
        size = order.inst.size(order.leaves)
        return size * order.inst.price(order.px or 0) if order.side > 0 else size

    def _size_spot_market(
        self, order: Order, market: Market, free: Decimal, ccy: str, *, ban_amend: bool
    ) -> Refusal | None:
        """Turn a SPOT market order into lots: quote amounts walk the book, unaffordable sizes shrink unless banned."""
        inst = order.inst
        if order.quote_size is not None:
            if order.side > 0 and order.quote_size > free:
                return refuse("51008", ccy)
            order.size = lots_for_quote(market, order.side, order.quote_size)
        elif order.side > 0:
            affordable = lots_for_quote(market, 1, free, order.size)
            if affordable < order.size and affordable < market.book.available(1, None, order.size):
                if ban_amend or not affordable:
                    return refuse("51008", ccy)
                order.size = affordable
        if order.side < 0 and inst.size(order.size) > free:
            if order.tgt_ccy == "base_ccy" or ban_amend:
                return refuse("51008", ccy)
            order.size = int(free // inst.lot)
        return None if order.size or order.quote_size is not None else refuse("51008", ccy)

    def _check_reduce(self, account: Account, order: Order) -> Refusal | None:
        if not order.reduce_only:
            return None
        position = account.position(order.inst, order.td_mode, order.pos_side)
        if position is None or not position.quantity:
            return refuse("51169")
        if position.quantity * order.side > 0:
            return refuse("51170")
        others = sum(
            o.leaves
            for o in account.pending.values()
            if o.reduce_only and o.inst is order.inst and o.td_mode == order.td_mode and o.pos_side == order.pos_side
        )
        room = abs(position.quantity) - others
        if order.size > room and self.config.reduce_only_trims and room > 0:
            order.size = room
        return refuse("51205") if order.size > room else None

    def _check_margin(self, account: Account, order: Order) -> Refusal | None:
        inst = order.inst
        mark = self.mark(inst)
        if order.reduce_only:
            return None
        before = swap_margin(account, inst, order.td_mode, mark)
        if swap_margin(account, inst, order.td_mode, mark, order) <= before:
            return None
        fee = inst.notional(inst.size(order.leaves), mark) * fee_rates(account.config, self.config, spot=False)[1]
        free = self.view(account, inst.settle, order).available_equity
        return refuse("51008", inst.settle) if free < fee else None

    # -- matching --------------------------------------------------------------------------------------------------

    def run(self, account: Account, order: Order, market: Market) -> None:
        """Match a fresh (or re-priced) order and rest, cancel or finish what is left of it."""
        book, kind = market.book, order.ord_type
        limit = None if kind == "market" and order.inst.is_spot else order.px
        best = book.best(-order.side)
        crosses = best is not None and (limit is None or (best - limit) * order.side <= 0)
        if kind == "post_only" and crosses:
            self.end(account, order, CANCELED, "31")
            return
        unfilled = self._unfilled_whole(account, order, market, limit) if kind == "fok" else ""
        if unfilled:
            self.end(account, order, CANCELED, unfilled)
            return
        sweep = Sweep(left=order.leaves)
        if crosses and order.leaves:
            prevention = Prevention(lambda owner: self._is_self(account, owner), order.stp_mode)
            sweep = book.take(order.side, limit, order.leaves, prevention)
            self._settle_sweep(account, order, market, sweep)
        self._finish_run(account, order, market, sweep)

    def _finish_run(self, account: Account, order: Order, market: Market, sweep: Sweep) -> None:
        if not order.open:
            return
        if sweep.stopped:
            self.end(account, order, CANCELED, "32" if sweep.stopped == "stp" else "33")
        elif not order.leaves:
            self.end(account, order, FILLED if order.filled else CANCELED, "")
        elif order.ord_type in ("ioc", "fok", "optimal_limit_ioc"):
            self.end(account, order, CANCELED, "14")
        elif order.ord_type == "market" and order.inst.is_spot:
            self.end(account, order, CANCELED, "0")
        else:
            assert order.px is not None
            order.resting = Resting(order.side, order.px, order.leaves, order)
            market.book.rest(order.resting)
            self.hold(account, order)

    def _unfilled_whole(self, account: Account, order: Order, market: Market, limit: int | None) -> str:
        """Why a fill-or-kill order cannot be filled whole now, in cancelSource's number; own orders fill none of it."""
        side, size, book = order.side, order.leaves, market.book
        own = [
            (other.px, other.leaves)
            for each in self.accounts.values()
            if each.master == account.master
            for other in each.pending.values()
            if other.inst is order.inst and other.side == -side and other.resting is not None and other.px is not None
            if limit is None or (other.px - limit) * side <= 0
        ]
        in_the_way = sum(leaves for _, leaves in own)
        if book.available(side, limit, size + in_the_way) - in_the_way < size:
            return "13"
        if own and order.stp_mode != "cancel_maker":
            nearest = min(price * side for price, _ in own) * side
            return "" if book.available(side, nearest - side, size) >= size else "32"
        return ""

    def _is_self(self, account: Account, owner: Order) -> bool:
        return self.accounts[owner.account].master == account.master

    def _settle_sweep(self, account: Account, order: Order, market: Market, sweep: Sweep) -> None:
        for maker in sweep.self_hits:
            maker.owner.resting = None
            self.end(self.accounts[maker.owner.account], maker.owner, CANCELED, "32")
        for group in group_matches(sweep.matches):
            trade_id = 0
            total = sum(match.size for match in group)
            background = 0
            for match in group:
                if match.maker is None or match.maker.owner is None:
                    background += match.size
                    continue
                trade_id = market.trade_id()
                self.settle(account, order, match.price, match.size, "T", trade_id)
                self.fill_maker(match.maker, match.price, match.size, trade_id)
            if background:
                trade_id = market.trade_id()
                self.settle(account, order, group[0].price, background, "T", trade_id)
            market.print_trade(trade_id, group[0].price, total, order.side, self.now.ms, len(group))
            self.user_taken(market, order.side, total)

    def fill_maker(self, maker: Resting, price: int, size: int, trade_id: int) -> None:
        """Settle the maker's side of a match whose entry the book has already reduced."""
        owner: Order = maker.owner
        account = self.accounts[owner.account]
        if not maker.leaves:
            owner.resting = None
        self.settle(account, owner, price, size, "M", trade_id)
        self.tell_account(account, owner)

    def settle(self, account: Account, order: Order, price: int, size: int, exec_type: str, trade_id: int) -> None:
        """Settle one side of a match, end the order if that filled it, and tell."""
        fill = self.settlement.fill(account, order, price, size, exec_type, trade_id, self.now.ms)
        if order.inst.is_spot and order.frozen:
            account.set_frozen(order, order.frozen_ccy, self._spot_hold(order) if order.open else ZERO)
        if order.state == FILLED:
            order.terminal_ns = self.now.ns
            account.end_pending(order)
        self.listener.order_changed(account, order, fill, None)
        if not order.inst.is_spot:
            self._trim_reduce_only(account, order)

    def _trim_reduce_only(self, account: Account, cause: Order) -> None:
        """Cancel reduce-only orders that a changed position no longer backs."""
        position = account.position(cause.inst, cause.td_mode, cause.pos_side)
        held = position.quantity if position else 0
        for other in list(account.pending.values()):
            same = other.inst is cause.inst and other.td_mode == cause.td_mode and other.pos_side == cause.pos_side
            if other is cause or not same or not other.reduce_only:
                continue
            if held * other.side >= 0 or other.leaves > abs(held):
                self.withdraw(account, other, "17" if not held else "22")

    # -- ending ----------------------------------------------------------------------------------------------------

    def end(self, account: Account, order: Order, state: str, source: str, amend: AmendNote | None = None) -> None:
        """Make an order terminal and say so; it must no longer stand in a book."""
        order.state, order.cancel_source = state, source
        order.u_time_ms, order.terminal_ns = self.now.ms, self.now.ns
        if order.frozen:
            account.set_frozen(order, order.frozen_ccy, ZERO)
        account.end_pending(order)
        self.listener.order_changed(account, order, None, amend)
        self.tell_account(account, order)

    def withdraw(self, account: Account, order: Order, source: str, amend: AmendNote | None = None) -> None:
        """Take an open order out of its book and cancel it."""
        if order.resting is not None:
            self.markets[order.inst.inst_id].book.remove(order.resting)
            order.resting = None
        self.end(account, order, CANCELED, source, amend)

    def cancel(self, account: Account, inst_id: str, order_id: str, client_id: str) -> Order | Refusal:
        """User cancel; anything that cannot be cancelled gets 51400, whatever the reason, as at OKX."""
        if not order_id and not client_id:
            return refuse("51003")
        order = account.find(inst_id, order_id, client_id)
        if order is None or not order.open:
            return refuse("51400")
        self.withdraw(account, order, "1")
        return order


def group_matches(matches: list[Match]) -> list[list[Match]]:
    """Consecutive matches at one price: one line of the public tape."""
    groups: list[list[Match]] = []
    for match in matches:
        if groups and groups[-1][0].price == match.price:
            groups[-1].append(match)
        else:
            groups.append([match])
    return groups


def lots_for_quote(market: Market, side: int, amount: Decimal, most: int | None = None) -> int:
    """How many lots a quote amount buys (or must be sold to raise it) by walking the book from the best price."""
    inst, left, lots = market.inst, amount, 0
    for price, total, _ in market.book.levels(-side):
        unit = inst.price(price) * inst.lot
        take = min(total, int(left // unit))
        if most is not None:
            take = min(take, most - lots)
        lots += take
        left -= take * unit
        if take < total:
            break
    return lots
