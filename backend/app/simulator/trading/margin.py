"""What an account may still spend: spot balances, cross and isolated swap margin, equity and maintenance.

Reads accounts and mark prices, changes nothing. Amounts are in the named currency unless they say USD.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from app.simulator.market.instruments import ZERO, Instrument
from app.simulator.trading.accounts import EXACT, Account, Position
from app.simulator.trading.orders import Order

Mark = Callable[[Instrument], Decimal]


@dataclass(frozen=True, slots=True)
class CurrencyView:
    """One currency of an account: equity, cash, what may be used, and what holds the rest."""

    ccy: str
    cash: Decimal
    equity: Decimal
    available_balance: Decimal
    available_equity: Decimal
    frozen: Decimal
    order_frozen: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    unrealized: Decimal
    isolated_equity: Decimal
    isolated_unrealized: Decimal


def _worst_lots(position: Position | None, orders: list[Order]) -> int:
    """The largest position, in lots, that any subset of `orders` filling could leave (net mode)."""
    held = position.quantity if position else 0
    buys = sum(order.leaves for order in orders if order.side > 0)
    sells = sum(order.leaves for order in orders if order.side < 0)
    return max(abs(held + buys), abs(held - sells), abs(held))


def is_opening(order: Order) -> bool:
    """In long/short mode: does the order open (buy long, sell short)?"""
    return (order.pos_side == "long") == (order.side > 0)


def swap_margin(account: Account, inst: Instrument, mode: str, mark: Decimal, extra: Order | None = None) -> Decimal:
    """Initial margin of one instrument in one margin mode with its open orders and, if given, one more order."""
    orders = [o for o in account.pending.values() if o.inst is inst and o.td_mode == mode and not o.reduce_only]
    if extra is not None and not extra.reduce_only and extra not in orders:
        orders.append(extra)
    total = ZERO
    if account.position_mode == "net_mode":
        lots = _worst_lots(account.position(inst, mode, "net"), orders)
        total = inst.notional(inst.size(lots), mark) / account.lever(inst, mode, "net") if lots else ZERO
    else:
        for side in ("long", "short"):
            position = account.position(inst, mode, side)
            lots = abs(position.quantity) if position else 0
            lots += sum(o.leaves for o in orders if o.pos_side == side and is_opening(o))
            total += inst.notional(inst.size(lots), mark) / account.lever(inst, mode, side) if lots else ZERO
    return total.quantize(EXACT, ROUND_HALF_EVEN)


def _swaps(account: Account, ccy: str) -> list[tuple[Instrument, str]]:
    """Instruments and margin modes in which the account has a position or an order, settled in `ccy`."""
    found: dict[tuple[str, str], Instrument] = {}
    for position in account.held():
        found[position.inst.inst_id, position.mode] = position.inst
    for order in account.pending.values():
        if not order.inst.is_spot:
            found[order.inst.inst_id, order.td_mode] = order.inst
    return [(inst, key[1]) for key, inst in found.items() if inst.settle == ccy]


def view(account: Account, ccy: str, mark: Mark, rate: Decimal, extra: Order | None = None) -> CurrencyView:
    """Compute one currency's view; `extra` is an order being considered, counted as if it were open."""
    cash = account.cash.get(ccy, ZERO)
    spot_frozen = account.frozen.get(ccy, ZERO)
    if not account.positions and extra is None and account.swap_orders == 0:
        free = max(ZERO, cash - spot_frozen)
        return CurrencyView(ccy, cash, cash, free, free, spot_frozen, spot_frozen, ZERO, ZERO, ZERO, ZERO, ZERO)
    upl = isolated_equity = isolated_upl = initial = maintenance = isolated_orders = ZERO
    swaps = _swaps(account, ccy)
    if extra is not None and not extra.inst.is_spot and (extra.inst, extra.td_mode) not in swaps:
        swaps.append((extra.inst, extra.td_mode))
    for inst, mode in swaps:
        considered = extra if extra is not None and extra.inst is inst and extra.td_mode == mode else None
        needed = swap_margin(account, inst, mode, mark(inst), considered)
        if mode == "cross":
            initial += needed
        else:
            held = sum((p.margin for p in account.held() if p.inst is inst and p.mode == mode), ZERO)
            isolated_orders += max(ZERO, needed - held)
    for position in account.held():
        if position.inst.settle != ccy:
            continue
        price = mark(position.inst)
        gain = position.pnl_at(price)
        if position.mode == "cross":
            upl += gain
            maintenance += position.inst.notional(abs(position.contracts), price) * rate
        else:
            isolated_equity += position.margin + gain
            isolated_upl += gain
    set_aside = isolated_equity - isolated_upl
    cross_equity = cash - set_aside + upl
    free = cross_equity - initial - spot_frozen - isolated_orders
    return CurrencyView(
        ccy,
        cash,
        cross_equity + isolated_equity,
        max(ZERO, min(cash - set_aside - spot_frozen, free)),
        max(ZERO, free) if extra is None else free,
        spot_frozen + initial + isolated_orders,
        spot_frozen + isolated_orders,
        initial,
        maintenance,
        upl + isolated_upl,
        isolated_equity,
        isolated_upl,
    )


def liquidation_price(account: Account, position: Position, mark: Mark, rate: Decimal) -> Decimal:
    """Price at which margin and profit no longer cover maintenance (one position, others held still); 0 if none."""
    inst = position.inst
    if not position.quantity:
        return ZERO
    if position.mode == "isolated":
        cushion = position.margin
    else:
        seen = view(account, inst.settle, mark, rate)
        own = inst.notional(abs(position.contracts), mark(inst)) * rate
        cushion = seen.equity - seen.isolated_equity - position.pnl_at(mark(inst)) - (seen.maintenance_margin - own)
    size, direction = abs(position.contracts) * inst.contract_value, (1 if position.quantity > 0 else -1)
    if inst.is_inverse:
        below = cushion + size / position.average_price * direction
        price = size * (direction + rate) / below if below else ZERO
    else:
        price = (size * position.average_price * direction - cushion) / (size * (direction - rate))
    return max(ZERO, price).quantize(inst.tick, ROUND_HALF_EVEN)
