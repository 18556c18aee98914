"""The kill switch pulled by a person: recorded, and every open order cancelled, whatever the disk says."""

from collections.abc import Awaitable, Callable

from app.domain.kill_switch import KillSwitch
from app.services.trading.account.ledger import Ledger
from app.services.trading.schemas import OrderResponse
from app.services.trading.venue.cancels import CancelsUnrecorded, SentCancel
from app.store.durable import Durable
from app.store.writer import StoreFailed


async def engage(
    ledger: Ledger, reason: str, principal: str, cancel: Callable[[], Awaitable[list[OrderResponse]]]
) -> list[OrderResponse]:
    """Engage it, then cancel(). Raises CancelsUnrecorded when the database does not take it: the cancels went, and the
    ledger in memory holds the switch, which is written as soon as the database is back."""
    try:
        turn = ledger.turn(principal)
        turn.set_kill_switch(True, reason)
        recorded = turn.commit()
    except StoreFailed as error:
        ledger.kill_switch = KillSwitch(True, reason, principal, ledger.clock.now_ns())
        recorded = Durable()
        recorded.settle(error)
    sent: tuple[SentCancel, ...] = ()
    try:
        cancelled = await cancel()
        sent = tuple(SentCancel.seen(order) for order in cancelled)
        await recorded
    except StoreFailed as error:
        sent = error.sent if isinstance(error, CancelsUnrecorded) else sent
        raise CancelsUnrecorded(str(error), sent, engaged=True) from None
    return cancelled
