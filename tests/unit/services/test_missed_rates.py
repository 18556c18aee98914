"""What a fee in a third currency was worth then: each market is asked once for all its fills, and not for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from app.clock import NS_PER_SECOND
from app.domain.instruments import Instrument
from app.domain.market import MinuteClose
from app.domain.tca.marks import NOBODY_LOOKED, Mark
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.services.trading.running.cost_rows import FillWatch
from app.services.trading.running.missed_marks import MissedMarks
from app.services.trading.running.missed_rates import TRIES_MAX, MissedRates

MINUTE = 60 * NS_PER_SECOND
NOW = 1_000_000 * MINUTE


class Minutes:
    """Its close is the number of the minute."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.fails = False
        self.meanwhile: Callable[[], object] = lambda: None

    async def minute_closes(self, instrument_id: str, since_ns: int) -> Sequence[MinuteClose]:
        self.asked.append((instrument_id, since_ns))
        self.meanwhile()
        if self.fails:
            raise ExchangeUnavailable("away")
        return [MinuteClose(at, Decimal(at // MINUTE)) for at in range(-(-since_ns // MINUTE) * MINUTE, NOW, MINUTE)]


def made() -> tuple[MissedRates, Minutes]:
    listed: dict[str, Instrument] = {each.instrument_id: each for each in DEFAULT_INSTRUMENTS}
    ledger: Any = SimpleNamespace(instruments=listed)
    minutes = Minutes()
    return MissedRates(ledger, minutes), minutes  # type: ignore[arg-type]  # of an exchange it has what is asked


def fill(minutes_ago: int) -> FillWatch:
    return FillWatch("BTC-USDT", f"t{minutes_ago}", "v", "o", NOW - minutes_ago * MINUTE)


async def test_many_fills_of_a_market_are_one_request() -> None:
    rates, minutes = made()
    fills = [fill(ago) for ago in (5, 90, 30)]
    for each in fills:
        rates.take(each, "ETH")
    assert await rates.ask() == fills
    assert minutes.asked == [("ETH-USDT", NOW - 93 * MINUTE)]
    assert [each.fee_rate for each in fills] == [Decimal(each.traded_ns // MINUTE) for each in fills]
    assert (await rates.ask(), len(minutes.asked)) == ([], 1)


async def test_what_is_not_answered_is_asked_again_a_few_times() -> None:
    rates, minutes = made()
    minutes.fails = True
    rates.take(fill(5), "ETH")
    rates.take(fill(6), "ETH")
    for _ in range(TRIES_MAX + 3):
        assert await rates.ask() == []
    assert len(minutes.asked) == TRIES_MAX


async def test_a_fill_that_comes_while_its_market_is_asked_is_asked_for_itself() -> None:
    """It is older than what the question reached back to; then once more, while a question goes unanswered."""
    rates, minutes = made()
    first, late, later = fill(5), fill(90), fill(200)
    rates.take(first, "ETH")
    minutes.meanwhile = lambda: rates.take(late, "ETH")
    assert await rates.ask() == [first]
    minutes.fails, minutes.meanwhile = True, lambda: rates.take(later, "ETH")
    assert await rates.ask() == []
    minutes.fails, minutes.meanwhile = False, lambda: None
    assert await rates.ask() == [late, later]
    assert [since_ns for _, since_ns in minutes.asked] == [NOW - ago * MINUTE for ago in (8, 93, 203)]
    assert [each.fee_rate for each in (first, late, later)] == [
        Decimal(each.traded_ns // MINUTE) for each in (first, late, later)
    ]
    assert (await rates.ask(), len(minutes.asked)) == ([], 3)


async def test_a_mark_that_comes_while_its_market_is_asked_is_asked_for_itself() -> None:
    minutes = Minutes()
    missed = MissedMarks(minutes)  # type: ignore[arg-type]  # of an exchange it has what is asked
    first, late = fill(5), fill(90)
    for each in (first, late):
        each.marks.append(Mark(60_000, None, 0, "", NOBODY_LOOKED))
    assert missed.take(first)
    minutes.meanwhile = lambda: missed.take(late)
    assert await missed.ask() == [first]
    minutes.meanwhile = lambda: None
    assert await missed.ask() == [late]
    assert [each.marks[0].at_ns for each in (first, late)] == [each.traded_ns + MINUTE for each in (first, late)]
    assert (await missed.ask(), len(minutes.asked)) == ([], 2)
