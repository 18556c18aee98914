"""Marks that nobody saw, out of what the exchange remembers: trades first, then minutes, or empty with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from app.domain.market import MinuteClose, PublicTrade
from app.domain.tca.markout import HORIZONS_MS
from app.domain.tca.marks import BOOK, NOBODY_LOOKED, Mark
from app.exchanges.errors import ExchangeUnavailable
from app.services.trading.running import missed_marks
from app.services.trading.running.cost_rows import FillWatch
from app.services.trading.running.missed_marks import (
    NO_MINUTE,
    NO_TRADE,
    NOT_TOLD,
    TOO_MANY,
    TRADES_A_ROUND,
    TRIES_MAX,
    MissedMarks,
)

SECOND = 1_000_000_000
FILLED = 1_000_000 * SECOND


class Tape:
    """Trades at these seconds after the fill, each at that price; and the closes of minutes."""

    def __init__(self, *seconds: str, closes: Sequence[tuple[int, int]] = ()) -> None:
        self.trades = [(FILLED + int(Decimal(each) * SECOND), Decimal(each)) for each in seconds]
        self.closes = [MinuteClose(FILLED + at * SECOND, Decimal(price)) for at, price in closes]
        self.asked = 0
        self.fails = False

    async def trade_before(self, instrument_id: str, at_ns: int) -> PublicTrade | None:
        self.asked += 1
        if self.fails:
            raise ExchangeUnavailable("away")
        past = [(traded_ns, price) for traded_ns, price in self.trades if traded_ns <= at_ns]
        return PublicTrade(instrument_id, "1", past[-1][1], Decimal(1), True, past[-1][0]) if past else None

    async def minute_closes(self, instrument_id: str, since_ns: int) -> Sequence[MinuteClose]:
        if self.fails:
            raise ExchangeUnavailable("away")
        return [each for each in self.closes if each.closed_ns - 60 * SECOND >= since_ns]


def missed(tape: Tape) -> MissedMarks:
    return MissedMarks(tape)  # type: ignore[arg-type]  # of an exchange it has what is asked


def fill(*seen: Mark, why: str = NOBODY_LOOKED) -> FillWatch:
    watched = FillWatch("BTC-USDT", "t", "v", "o", FILLED)
    watched.marks = [*seen, *(Mark(each, None, 0, "", why) for each in HORIZONS_MS[len(seen) :])]
    return watched


def told(watched: FillWatch) -> list[tuple[int, Decimal | None, str, str]]:
    return [(mark.horizon_ms, mark.mid, mark.source, mark.why) for mark in watched.marks]


async def test_each_mark_is_the_last_trade_before_it_that_is_near_enough_then_a_minute_or_says_why() -> None:
    tape = Tape("0", "0.05", "4.5", "7", "29", "200", closes=[(100, 1), (290, 2)])
    marks, watched = missed(tape), fill()
    assert marks.take(watched)
    assert await marks.ask() == [watched]
    assert told(watched) == [
        (100, Decimal("0.05"), "public trade", ""),
        (1_000, Decimal("0.05"), "public trade", ""),
        (5_000, Decimal("4.5"), "public trade", ""),
        (10_000, None, "", f"{NOBODY_LOOKED}; {NO_TRADE}"),
        (30_000, Decimal(29), "public trade", ""),
        (60_000, None, "", f"{NOBODY_LOOKED}; {NO_TRADE}; {NO_MINUTE}"),
        (300_000, Decimal(2), "minute candle", ""),
    ]
    assert (await marks.ask(), tape.asked) == ([], len(HORIZONS_MS))


async def test_what_was_seen_stays_and_what_was_too_much_is_not_asked_for() -> None:
    tape, seen = Tape("1"), [Mark(each, Decimal(7), FILLED, BOOK) for each in HORIZONS_MS]
    marks = missed(tape)
    assert not marks.take(fill(*seen))
    assert not marks.take(fill(*seen[:3], why=TOO_MANY))
    assert (await marks.ask(), tape.asked) == ([], 0)


async def test_more_than_may_wait_are_not_asked_for_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed_marks, "WAITING_MAX", 2)
    tape, seen = Tape("0.05"), Mark(HORIZONS_MS[0], Decimal(7), FILLED, BOOK)
    marks, fills, beyond = missed(tape), [fill(), fill()], fill(seen)
    assert [marks.take(each) for each in (*fills, beyond)] == [True, True, False]
    assert told(beyond) == [(100, Decimal(7), BOOK, ""), *((each, None, "", TOO_MANY) for each in HORIZONS_MS[1:])]
    assert await marks.ask() == fills
    assert marks.take(fill())


async def test_many_are_asked_for_in_turns() -> None:
    tape = Tape("0.05")
    marks, fills = missed(tape), [fill() for _ in range(10)]
    for each in fills:
        marks.take(each)
    done: list[object] = []
    while found := await marks.ask():
        assert tape.asked < TRADES_A_ROUND + len(HORIZONS_MS)
        tape.asked = 0
        done += found
    assert done == fills


async def test_one_that_is_not_answered_is_asked_again_a_few_times_and_then_says_so() -> None:
    tape = Tape("0.05")
    marks, watched = missed(tape), fill()
    marks.take(watched)
    tape.fails = True
    for _ in range(TRIES_MAX - 1):
        assert await marks.ask() == []
    assert await marks.ask() == [watched]
    assert {mark.why for mark in watched.marks} == {f"{NOBODY_LOOKED}; {NOT_TOLD}"}
    marks.take(again := fill())
    tape.fails = False
    assert (await marks.ask(), again.marks[0].mid) == ([again], Decimal("0.05"))
