"""Liquidation: the exchange closes positions that no longer cover their maintenance margin."""

from __future__ import annotations

from app.simulator.market.instruments import ZERO, Instrument
from app.simulator.market.matching import BUY, SELL
from app.simulator.trading.accounts import Account, Position
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.margin import view
from app.simulator.trading.orders import Order


def liquidate(desk: OrderDesk, account: Account) -> None:
    """Close what no longer covers its maintenance margin: isolated by itself, cross by settlement currency."""
    rate = desk.config.maintenance_rate
    for position in list(account.held()):
        if position.mode == "isolated":
            mark = desk.mark(position.inst)
            need = position.inst.notional(abs(position.contracts), mark) * rate
            if position.margin + position.pnl_at(mark) < need:
                take_over(desk, account, position, abs(position.quantity))
    for ccy in sorted({p.inst.settle for p in account.held() if p.mode == "cross"}):
        seen = view(account, ccy, desk.mark, rate)
        if seen.equity - seen.isolated_equity >= seen.maintenance_margin:
            continue
        for order in list(account.pending.values()):
            if not order.inst.is_spot and order.inst.settle == ccy:
                desk.withdraw(account, order, "3")
        for position in [p for p in account.held() if p.mode == "cross" and p.inst.settle == ccy]:
            take_over(desk, account, position, abs(position.quantity))


def take_over(desk: OrderDesk, account: Account, position: Position, lots: int) -> Order:
    """The exchange closes `lots` of a position at the touch: category *_liquidation, negative tradeId."""
    inst, counters = position.inst, desk.counters
    market = desk.markets[inst.inst_id]
    side = SELL if position.quantity > 0 else BUY
    whole = lots >= abs(position.quantity)
    price = market.book.best(-side) or market.last_price
    counters.liquidation_id += 1
    order = Order(
        counters.next_order(),
        account.name,
        inst,
        side,
        "market",
        position.mode,
        lots,
        px=price,
        pos_side=position.pos_side,
        category="full_liquidation" if whole else "partial_liquidation",
        c_time_ms=desk.now.ms,
        u_time_ms=desk.now.ms,
    )
    account.add_pending(order)
    desk.settle(account, order, price, lots, "T", -counters.liquidation_id)
    _cover_gap(desk, account, inst)
    desk.listener.account_changed(account, "liquidation", (inst.settle,))
    return order


def _cover_gap(desk: OrderDesk, account: Account, inst: Instrument) -> None:
    """The insurance fund pays what a liquidation left below zero."""
    missing = account.cash.get(inst.settle, ZERO)
    if missing < 0:
        bill_id = desk.counters.next_bill()
        account.post(bill_id, inst.settle, -missing, "5", "110", desk.now.ms, inst_id=inst.inst_id)
