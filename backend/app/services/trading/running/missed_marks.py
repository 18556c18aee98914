"""Marks whose moment nobody saw: from the exchange's own record of trades and minutes where that is near enough, or
empty."""

from collections.abc import Sequence

import structlog

from app.clock import NS_PER_MS
from app.domain.market import MinuteClose, PublicTrade
from app.domain.tca.marks import Mark, from_minute, from_trade
from app.exchanges.errors import ExchangeError
from app.exchanges.histories import MinuteHistory, TradeHistory
from app.exchanges.port import Exchange
from app.services.trading.running.cost_rows import Watched, venue_base_ns

TOO_MANY = "too many marks were due"
NO_TRADE = "no public trade after it is near enough"
NO_MINUTE = "no minute that was over by then is near enough"
NOT_TOLD = "the exchange did not say what traded then"
TRIES_MAX = 5
TRADES_A_ROUND = 20
"""So many trades are asked for at most, each a request of its own; what is beyond waits for the next round."""
WAITING_MAX = 20_000
"""Fills and ends that wait to be asked for; of more the marks stay empty."""
MINUTE_MS = 60_000

log = structlog.get_logger("costs")


class MissedMarks:
    """Asks once for each mark, again in the next round when it is not answered, and no more often than TRIES_MAX times
    in a row."""

    def __init__(self, exchange: Exchange) -> None:
        self._trades = exchange if isinstance(exchange, TradeHistory) else None
        self._minutes = exchange if isinstance(exchange, MinuteHistory) else None
        self._waiting: dict[str, list[Watched]] = {}
        self._tries: dict[str, int] = {}

    def take(self, watched: Watched) -> bool:
        """Whether it is asked for: it lacks a mark, the exchange can tell, and there is room; without, it says so."""
        if not any(map(self._by_trade, watched.marks)) and not any(map(self._by_minute, watched.marks)):
            return False
        if sum(map(len, self._waiting.values())) >= WAITING_MAX:
            watched.marks[:] = [each._replace(why=TOO_MANY) if each.mid is None else each for each in watched.marks]
            return False
        self._waiting.setdefault(watched.instrument_id, []).append(watched)
        return True

    async def ask(self) -> list[Watched]:
        """Those that were asked for, as full as they get."""
        done: list[Watched] = []
        left = TRADES_A_ROUND
        for instrument_id, waiting in tuple(self._waiting.items()):
            asked, left = self._within(waiting, left)
            if not asked:
                continue
            done += await self._ask(instrument_id, asked)
        return done

    def _within(self, waiting: Sequence[Watched], left: int) -> tuple[tuple[Watched, ...], int]:
        """Those, the oldest first, whose trades a round may ask for, one at least while there is any room; and how many
        trades may be asked for after them."""
        some: list[Watched] = []
        for each in waiting:
            wanted = sum(map(self._by_trade, each.marks))
            if wanted and left <= 0:
                break
            some.append(each)
            left -= wanted
        return tuple(some), left

    async def _ask(self, instrument_id: str, asked: Sequence[Watched]) -> Sequence[Watched]:
        """Of one instrument; nothing where it is to be asked again."""
        failed: ExchangeError | None = None
        try:
            for each in asked:
                await self._fill_by_trades(each)
            await self._fill_by_minutes(instrument_id, asked)
        except ExchangeError as error:
            failed = error
        if failed is not None:
            self._tries[instrument_id] = self._tries.get(instrument_id, 0) + 1
            log.warning("costs.prices_not_read", instrument_id=instrument_id, reason=str(failed))
            if self._tries[instrument_id] < TRIES_MAX:
                return ()
        self._tries.pop(instrument_id, None)
        waiting = self._waiting[instrument_id]
        del waiting[: len(asked)]  # what was taken meanwhile waits behind them, for a question of its own
        if not waiting:
            del self._waiting[instrument_id]
        for each in asked:
            each.marks[:] = [self._explained(mark, told=failed is None) for mark in each.marks]
        return asked

    async def _fill_by_trades(self, watched: Watched) -> None:
        if self._trades is None:
            return
        since_ns = venue_base_ns(watched)
        for place, mark in enumerate(watched.marks):
            if self._by_trade(mark):
                due_ns = since_ns + mark.horizon_ms * NS_PER_MS
                trade = await self._trades.trade_before(watched.instrument_id, due_ns)
                watched.marks[place] = _of_trade(mark, watched, trade)

    async def _fill_by_minutes(self, instrument_id: str, asked: Sequence[Watched]) -> None:
        lacking = [each for each in asked if any(map(self._by_minute, each.marks))]
        if not lacking or self._minutes is None:
            return
        since_ns = min(map(venue_base_ns, lacking))
        closes = list(await self._minutes.minute_closes(instrument_id, since_ns))
        for each in lacking:
            each.marks[:] = [_of_minute(m, each, closes) if self._by_minute(m) else m for m in each.marks]

    def _by_trade(self, mark: Mark) -> bool:
        return self._trades is not None and _lacks(mark)

    def _by_minute(self, mark: Mark) -> bool:
        return self._minutes is not None and mark.horizon_ms >= MINUTE_MS and _lacks(mark)

    def _explained(self, mark: Mark, *, told: bool) -> Mark:
        """What stays empty after it was asked for says so. told: the exchange answered."""
        asked = ((self._by_trade(mark), NO_TRADE), (self._by_minute(mark), NO_MINUTE))
        found = [said for was_asked, said in asked if was_asked]
        return mark._replace(why="; ".join([mark.why, *(found if told else [NOT_TOLD])])) if found else mark


def _lacks(mark: Mark) -> bool:
    return mark.mid is None and mark.why != TOO_MANY


def _of_trade(mark: Mark, watched: Watched, trade: PublicTrade | None) -> Mark:
    if trade is None:
        return mark
    found = from_trade(mark.horizon_ms, venue_base_ns(watched), trade.venue_time_ns, trade.price)
    return mark if found is None else _by_our_clock(found, watched)


def _of_minute(mark: Mark, watched: Watched, closes: Sequence[MinuteClose]) -> Mark:
    since_ns = venue_base_ns(watched)
    found = [from_minute(mark.horizon_ms, since_ns, each.closed_ns, each.price) for each in closes]
    newest = max((each for each in found if each is not None), key=lambda each: each.at_ns, default=None)
    return mark if newest is None else _by_our_clock(newest, watched)


def _by_our_clock(mark: Mark, watched: Watched) -> Mark:
    return mark._replace(at_ns=mark.at_ns - watched.ahead_ns)
