"""Marks whose moment nobody saw: from the exchange's own record of the minutes where that is near enough, or empty."""

from collections.abc import Iterable

import structlog

from app.domain.market import MinuteClose
from app.domain.tca.marks import Mark, from_minute
from app.exchanges.errors import ExchangeError
from app.exchanges.histories import MinuteHistory
from app.exchanges.port import Exchange
from app.services.trading.running.cost_rows import Watched, base_ns

NOBODY_LOOKED = "nobody looked at that moment: the process was down, or it was too long ago"
UNUSABLE = "the order book could not be used"
TOO_MANY = "too many marks were due"
NO_MINUTE = "no minute that was over by then is near enough"
TRIES_MAX = 5

log = structlog.get_logger("costs")


class MissedMarks:
    """Asks once for all of an instrument's, again in the next round when it is not answered, and no more often than
    TRIES_MAX times in a row."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._waiting: dict[str, list[Watched]] = {}
        self._tries: dict[str, int] = {}

    def take(self, watched: Watched) -> bool:
        """Whether it is worth asking: it lacks a mark that a minute could fill, and the exchange can tell."""
        if not isinstance(self._exchange, MinuteHistory) or not any(map(_could_be_filled, watched.marks)):
            return False
        self._waiting.setdefault(watched.instrument_id, []).append(watched)
        return True

    async def ask(self) -> list[Watched]:
        """Those that were asked for, as full as they get."""
        done: list[Watched] = []
        for instrument_id, waiting in tuple(self._waiting.items()):
            asked = tuple(waiting)  # what is taken meanwhile waits behind them, for a question of its own
            since_ns = min(base_ns(each) for each in asked)
            try:
                assert isinstance(self._exchange, MinuteHistory), "take() asked"
                closes = list(await self._exchange.minute_closes(instrument_id, since_ns))
            except ExchangeError as error:
                self._tries[instrument_id] = self._tries.get(instrument_id, 0) + 1
                log.warning("costs.minutes_not_read", instrument_id=instrument_id, reason=str(error))
                if self._tries[instrument_id] < TRIES_MAX:
                    continue
                closes = []
            self._tries.pop(instrument_id, None)
            del waiting[: len(asked)]
            if not waiting:
                del self._waiting[instrument_id]
            for each in asked:
                each.marks[:] = [_filled(mark, base_ns(each), closes) for mark in each.marks]
                done.append(each)
        return done


def _could_be_filled(mark: Mark) -> bool:
    return mark.mid is None and mark.horizon_ms >= 60_000 and mark.why != TOO_MANY


def _filled(mark: Mark, since_ns: int, closes: Iterable[MinuteClose]) -> Mark:
    if not _could_be_filled(mark):
        return mark
    found = [from_minute(mark.horizon_ms, since_ns, each.closed_ns, each.price) for each in closes]
    newest = max((each for each in found if each is not None), key=lambda each: each.at_ns, default=None)
    return newest or mark._replace(why=f"{mark.why}; {NO_MINUTE}")
