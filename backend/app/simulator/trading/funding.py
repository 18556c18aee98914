"""Funding: at 00, 08 and 16 UTC the longs of a swap pay its shorts, or the other way for a negative rate."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from app.simulator.trading.accounts import EXACT, Account, Bill, Position
from app.simulator.trading.desk import OrderDesk

FUNDING_MS = 8 * 3600 * 1000


def next_funding_ms(now_ms: int) -> int:
    """The next of 00, 08 and 16 UTC."""
    return (now_ms // FUNDING_MS + 1) * FUNDING_MS


def fund(desk: OrderDesk, account: Account, position: Position, rate: Decimal) -> Bill:
    """One position's payment, positive when it receives."""
    inst = position.inst
    value = inst.notional(position.contracts, desk.mark(inst))
    paid = (-value * rate).quantize(EXACT, ROUND_HALF_EVEN)
    position.funding += paid
    bill = account.post(
        desk.counters.next_bill(),
        inst.settle,
        paid,
        "8",
        "173" if paid < 0 else "174",
        desk.now.ms,
        inst_id=inst.inst_id,
        pnl=paid,
    )
    if position.mode == "isolated":
        position.margin += paid
    desk.listener.account_changed(account, "funding_fee", (inst.settle,))
    return bill
