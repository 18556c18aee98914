"""One piece of what is to trade now: what the visible book, the limits of one order and what is there allow. Pure."""

from decimal import Decimal

from app.domain.money import ONE, plain
from app.domain.orders import OrderType
from app.domain.parents import Place, Progress, Wait
from app.domain.slicing import minimum_lots, part_size
from app.market_data.view import BookView, MarketView
from app.services.trading.execution_strategies.steps import PACE_NS, hold_back, nearer, usable_book


def piece(
    progress: Progress,
    market: MarketView | None,
    now_ns: int,
    slippage: Decimal,
    book_age_seconds: Decimal,
    reason: str,
) -> Place | Wait:
    """An IOC limit at the collar of the risk limits (slippage beyond the far touch, or the parent's limit price, where
    one is nearer) for as much as the book shows within it; or what it waits for."""
    last = progress.children[-1] if progress.children else None
    # A book that took all of the last piece is asked again at once; one that did not needs time to refill.
    wait = hold_back(progress, now_ns, 0 if last is None or last.filled >= last.size else PACE_NS)
    if wait is not None:
        return wait
    book = usable_book(market, book_age_seconds)
    if isinstance(book, Wait):
        return book
    bounds = progress.bounds
    if bounds is None:
        return Wait(None, "no usable market: the book is too old for risk", on_market=True)
    assert market is not None  # it has a usable book
    price = _price(progress, book, bounds.price, slippage)
    there = market.within(progress.parent.side, price)
    if not there:
        return Wait(None, f"the visible book holds nothing within {plain(price)}", on_market=True)
    minimum = minimum_lots(progress.instrument) * progress.instrument.lot
    most = min(max(there, minimum), bounds.largest)
    size = part_size(most, progress.remaining, most, progress.instrument)
    if not size:
        return Wait(None, f"the limits of one order allow only {plain(most)}", on_market=True)
    return Place(Decimal(plain(size)), OrderType.IOC, Decimal(plain(price)), reason)


def _price(progress: Progress, book: BookView, collar: Decimal, slippage: Decimal) -> Decimal:
    """The worst price of a piece: of the cap, the slippage and the collar the one that is nearest to the market."""
    parent = progress.parent
    sign, far = parent.side.sign, book.far(parent.side)
    assert far is not None  # a usable book has both sides
    worst = [collar, far * (ONE + sign * slippage)]
    if parent.limit_price is not None:
        worst.append(parent.limit_price)
    # Over all pieces: what this exchange takes is learned once, for time is short.
    price = nearer(parent.side, far, min(worst) if sign > 0 else max(worst), progress.children)
    return progress.instrument.passive_price(price, buying=sign > 0)


__all__ = ["piece"]
