"""The fee rates of this account, as the exchange has them now."""

from collections.abc import Awaitable, Callable

import structlog

from app.exchanges.errors import ExchangeError
from app.exchanges.port import FeeRates

ReadFees = Callable[[str], Awaitable[FeeRates]]

log = structlog.get_logger(__name__)


async def rates_in_force(read: ReadFees, instrument_id: str) -> FeeRates | None:
    """None where the exchange does not say; that is no reason to wait, or to do nothing."""
    try:
        return await read(instrument_id)
    except ExchangeError as error:
        log.warning("fees.not_read", instrument_id=instrument_id, reason=str(error))
        return None


__all__ = ["ReadFees", "rates_in_force"]
