"""Amending orders: the acknowledgement at once, the result a moment later on the orders channel, as at OKX.

Size down at the same price keeps the turn; a new price or a larger size loses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.market.instruments import parse_number
from app.simulator.market.markets import Market
from app.simulator.trading.accounts import Account
from app.simulator.trading.algo_rules import flag, flag_problem
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.entry import CLIENT_ID, check_band, check_size, clean
from app.simulator.trading.orders import CANCELED, FILLED, AmendNote, Order

IN_FLIGHT_MAX = 3


class Amendment:
    """One accepted amend request, waiting to be applied."""

    __slots__ = ("account", "cancel_on_fail", "clip", "new_px", "new_size", "order", "req_id")

    def __init__(self, account: Account, order: Order, params: Mapping[str, Any]) -> None:
        self.account = account
        self.order = order
        self.req_id = str(params.get("reqId", ""))
        self.cancel_on_fail = flag(params.get("cxlOnFail"))
        self.clip = params.get("pxAmendType") == "1"
        self.new_px: int | None = None
        self.new_size: int | None = None


def read_amend(account: Account, raw: Mapping[str, Any], market: Market | None) -> Amendment | Refusal:
    """Check an amend request's form and that its order is open; the caller schedules `apply_amend`."""
    params = clean(raw)
    if market is None:
        return refuse("51001")
    if "ordId" not in params and "clOrdId" not in params:
        return refuse("51003")
    if "newPx" not in params and "newSz" not in params:
        return refuse("50015", "newSz or newPx")
    req_id = params.get("reqId")
    if req_id is not None and (not isinstance(req_id, str) or not CLIENT_ID.match(req_id)):
        return refuse("51000", "reqId")
    problem = flag_problem(params)
    if problem is not None:
        return problem
    order = account.find(market.inst.inst_id, str(params.get("ordId", "")), str(params.get("clOrdId", "")))
    if order is None or not order.open:
        return refuse("51503")
    if order.px is None:
        return refuse("51506")
    if order.amends_in_flight >= IN_FLIGHT_MAX:
        return refuse("51513")
    amendment = Amendment(account, order, params)
    problem = _read_numbers(amendment, params, market)
    if problem is not None:
        return problem
    order.amends_in_flight += 1
    return amendment


def _read_numbers(amendment: Amendment, params: Mapping[str, Any], market: Market) -> Refusal | None:
    inst = market.inst
    if "newPx" in params:
        price = parse_number(params["newPx"])
        if price is None or not price:
            return refuse("51000", "newPx")
        amendment.new_px = inst.ticks(price)
        if amendment.new_px is None:
            return refuse("51150")
    if "newSz" in params:
        size = parse_number(params["newSz"])
        if size is None or not size:
            return refuse("51000", "newSz")
        amendment.new_size = inst.lots(size)
        if amendment.new_size is None:
            return refuse("51121")
        if size < market.smallest:
            return refuse("51020")
    return None


def apply_amend(desk: OrderDesk, amendment: Amendment) -> None:
    """Do it, or report why not with amendResult -1 (1 when the order was cancelled for it)."""
    order, account = amendment.order, amendment.account
    order.amends_in_flight -= 1
    problem = refuse("51503") if not order.open else _try(desk, amendment)
    if problem is None:
        return
    if order.open and amendment.cancel_on_fail:
        note = AmendNote("1", amendment.req_id, problem.code, problem.message)
        desk.withdraw(account, order, "1", note)
        return
    note = AmendNote("-1", amendment.req_id, problem.code, problem.message)
    desk.listener.order_changed(account, order, None, note)


def _try(desk: OrderDesk, amendment: Amendment) -> Refusal | None:
    order, account = amendment.order, amendment.account
    market = desk.markets[order.inst.inst_id]
    old_px, old_size = order.px, order.size
    note = AmendNote("0", amendment.req_id)
    if amendment.new_size is not None and amendment.new_size <= order.filled:
        _finish(desk, account, order, note)
        return None
    order.px = amendment.new_px if amendment.new_px is not None else order.px
    order.size = amendment.new_size if amendment.new_size is not None else order.size
    problem = _check(desk, amendment, market, old_px, old_size)
    if problem is not None:
        order.px, order.size = old_px, old_size
        return problem
    order.u_time_ms = desk.now.ms
    resting = order.resting
    if order.px == old_px and order.size <= old_size and resting is not None:
        if order.leaves < resting.leaves:
            market.book.reduce(resting, order.leaves)
        desk.hold(account, order)
        desk.listener.order_changed(account, order, None, note)
    else:
        if resting is not None:
            market.book.remove(resting)
            order.resting = None
        desk.hold(account, order)
        desk.listener.order_changed(account, order, None, note)
        desk.run(account, order, market)
    desk.tell_account(account, order)
    return None


def _check(desk: OrderDesk, amendment: Amendment, market: Market, old_px: int | None, old_size: int) -> Refusal | None:
    order, account = amendment.order, amendment.account
    if order.px != old_px:
        problem = check_band(order, market, desk.config.price_band, clip=amendment.clip)
        if problem is not None:
            return problem
        best = market.book.best(-order.side)
        assert order.px is not None
        if order.ord_type == "post_only" and best is not None and (best - order.px) * order.side <= 0:
            return refuse("51511")
    problem = check_size(order, market)
    if problem is not None:
        return problem
    return desk.check_amended_money(account, order)


def _finish(desk: OrderDesk, account: Account, order: Order, note: AmendNote) -> None:
    """A total size at or below what is filled leaves nothing: the order is filled (or gone, if nothing was)."""
    if order.resting is not None:
        desk.markets[order.inst.inst_id].book.remove(order.resting)
        order.resting = None
    order.size = order.filled
    desk.end(account, order, FILLED if order.filled else CANCELED, "" if order.filled else "1", note)
