"""Whose of a contract position a fill closes, where several books hold it: one rule for the ledger and for performance.

Pure. A spot holding is divided by app.domain.holding_entries.
"""

from collections.abc import Mapping
from decimal import Decimal

from app.domain.holding_entries import GRAIN, shares
from app.domain.holdings import UNATTRIBUTED
from app.domain.money import ZERO
from app.domain.orders import OrderSide, PositionSide

_CLOSES = {PositionSide.LONG: OrderSide.SELL, PositionSide.SHORT: OrderSide.BUY}


def only_reduces(position_side: PositionSide, side: OrderSide, reduce_only: bool) -> bool:
    """Whether a contract order of this kind cannot but make a position smaller; the exchange sees to it."""
    return reduce_only if position_side is PositionSide.NET else _CLOSES[position_side] is side


def closed_of_others(
    sizes: Mapping[str, Decimal],
    own: str,
    change: Decimal,
    lot: Decimal,
    *,
    only_reduces: bool,
    by_strategy: bool,
) -> dict[str, Decimal]:
    """What a fill closes of other books than its own, positive, by book: of what is nobody's first, then in proportion.

    sizes: what each book holds of the position before it, signed. change: of the position by the fill, signed.
    only_reduces: it cannot open (a sell of a long side, a buy of a short one): all that its own book does not hold is
    of others. Else, of a net position, that is what it makes the position smaller by, and only where no strategy did
    it: strategies may hold the two sides of it.
    """
    if by_strategy and not only_reduces:
        return {}
    mine = sizes.get(own, ZERO)
    closing = min(abs(change), abs(mine)) if mine * change < 0 else ZERO
    wanted = abs(change) - closing
    if not only_reduces:
        whole = sum(sizes.values(), ZERO)
        wanted = min(wanted, abs(whole) - closing) if whole * change < 0 else ZERO
    held = {name: abs(size) for name, size in sizes.items() if name != own and size * change < 0}
    if wanted <= 0 or not held:
        return {}
    nobodys = min(wanted, held.pop(UNATTRIBUTED, ZERO))
    given = {UNATTRIBUTED: nobodys} if nobodys else {}
    return {**given, **shares(wanted - nobodys, held, lot or GRAIN)}
