"""Candles of an instrument, out of what the exchange remembers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog

from app.clock import NS_PER_SECOND, Clock, utc
from app.domain.market import Bar
from app.exchanges.errors import NotOffered
from app.exchanges.histories import CandleHistory
from app.exchanges.port import Exchange, unreadable_of
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.window import window

MOST, USUAL = 500, 100

log = structlog.get_logger("candles")


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleShown:
    """What was traded in the bar that began at opened_at; volume in the instrument's unit. complete: it is over."""

    opened_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CandlePage:
    """Oldest first. next_start: the start_date to ask for more with; null when these are all. unread: so many the
    exchange sent that could not be read."""

    instrument_id: str
    bar: Bar
    candles: tuple[CandleShown, ...]
    next_start: datetime | None
    unread: int


class Candles:
    """Asks an exchange that can tell (histories.CandleHistory)."""

    def __init__(self, ledger: Ledger, exchange: Exchange, clock: Clock) -> None:
        self._ledger = ledger
        self._exchange = exchange
        self._clock = clock

    async def read(
        self,
        instrument_id: str,
        bar: Bar,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        limit: int = USUAL,
    ) -> CandlePage:
        """Bars that began from start_date on and before end_date, the first `limit` of them; without a start the last
        `limit` before the end, which is now unless said. Raises InvalidValue, ExchangeError; NotOffered where the
        exchange remembers nothing."""
        self._ledger.instrument(instrument_id)
        start_ns, end_ns = window(start_date, end_date)
        if not isinstance(self._exchange, CandleHistory):
            raise NotOffered(f"exchange {self._exchange.name!r} does not tell what was traded in the past")
        step_ns = bar.seconds * NS_PER_SECOND
        newest_ns = self._clock.now_ns() // step_ns * step_ns + step_ns
        end_ns = newest_ns if end_ns is None else min(end_ns, newest_ns)
        more_ns = None
        if start_ns is None:
            start_ns = -(-end_ns // step_ns) * step_ns - limit * step_ns
        else:
            first_ns = -(-start_ns // step_ns) * step_ns
            until_ns = first_ns + limit * step_ns
            more_ns = until_ns if until_ns < end_ns else None
            end_ns = min(end_ns, until_ns)
        told = await self._exchange.candles(instrument_id, bar, start_ns, end_ns) if start_ns < end_ns else []
        if unread := unreadable_of(told):
            log.warning("candles.not_read", instrument_id=instrument_id, rows=len(unread), first=unread[0].reason)
        return CandlePage(
            instrument_id=instrument_id,
            bar=bar,
            candles=tuple(
                CandleShown(
                    opened_at=utc(each.opened_ns),
                    open=each.open,
                    high=each.high,
                    low=each.low,
                    close=each.close,
                    volume=each.volume,
                    complete=each.complete,
                )
                for each in told[-limit:]
            ),
            next_start=None if more_ns is None else utc(more_ns),
            unread=len(unread),
        )
