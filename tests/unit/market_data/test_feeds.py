"""MarketData by its front door: freshness, invalidity, volumes, waiting, and subscribers that cannot fall behind."""

import asyncio
from collections.abc import Coroutine
from decimal import Decimal as D
from typing import Any, TypeVar

import pytest

from app.clock import NS_PER_SECOND, SimulatedClock
from app.domain.conditions import Watched
from app.domain.market import BookAction, BookUpdate, PublicTrade
from app.domain.orders import OrderSide
from app.market_data import feeds
from app.market_data.feeds import MarketData
from app.market_data.subscriptions import MarketChange
from app.market_data.view import VolumeBucket
from tests.support.systems import in_virtual_time

BTC, ETH = "BTC-USDT", "ETH-USDT"
T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return in_virtual_time(coroutine)


def snapshot(instrument_id: str = BTC, bid: str = "100", ask: str = "101") -> BookUpdate:
    return BookUpdate(instrument_id, BookAction.SNAPSHOT, ((D(bid), D(1)),), ((D(ask), D(1)),), 1, 1)


def keep_alive(instrument_id: str = BTC) -> BookUpdate:
    return BookUpdate(instrument_id, BookAction.UPDATE, (), (), 1, 1)


def invalid(instrument_id: str = BTC) -> BookUpdate:
    return BookUpdate(instrument_id, BookAction.INVALID, (), (), 1, 1)


def trade(number: int, price: str = "100", size: str = "1", second: float = 0, *, bought: bool = True) -> PublicTrade:
    return PublicTrade(BTC, str(number), D(price), D(size), bought, int(second * NS_PER_SECOND))


def rule(market: MarketData, instrument_id: str = BTC) -> str | None:
    refusal = market.book_refusal(instrument_id)
    return refusal.rule if refusal else None


def test_C7_freshness_follows_the_connection_and_the_books_own_keep_alive() -> None:
    async def scenario() -> list[str | None]:
        clock = SimulatedClock()
        market = MarketData(clock, max_age_seconds=2, max_silence_seconds=90)
        seen = [rule(market)]
        market.on_book(snapshot())
        await clock.sleep(2)
        seen.append(rule(market))  # two seconds old: still fresh
        await clock.sleep(1)
        seen.append(rule(market))  # nothing heard for three seconds
        market.on_book(snapshot(ETH))
        seen.append(rule(market))  # the connection talks: the book has not changed, or it would have said so
        for _ in range(45):
            await clock.sleep(2)
            market.on_heartbeat()
        seen.append(rule(market))  # the connection talks, but this book has been mute beyond its keep-alive
        market.on_book(keep_alive())
        seen.append(rule(market))
        market.on_stream_down()
        market.on_heartbeat()
        seen.append(rule(market))
        market.on_book(keep_alive())
        seen.append(rule(market))  # what is not a snapshot does not revive it
        market.on_book(snapshot())
        seen.append(rule(market))
        market.on_book(invalid())
        seen.append(rule(market))
        return seen

    assert run(scenario()) == [
        "has no book",
        None,
        "was confirmed 3.000 s ago, above the limit of 2 s",
        None,
        "was confirmed 3.000 s ago, above the limit of 2 s",
        None,
        "is invalid until the next snapshot",
        "is invalid until the next snapshot",
        None,
        "is invalid until the next snapshot",
    ]


def test_without_a_limit_of_silence_the_connection_alone_confirms() -> None:
    async def scenario() -> str | None:
        clock = SimulatedClock()
        market = MarketData(clock, max_silence_seconds=None)
        market.on_book(snapshot())
        await clock.sleep(100_000)
        market.on_heartbeat()
        return rule(market)

    assert run(scenario()) is None


def test_an_invalid_of_the_adapters_own_proves_no_life() -> None:
    async def scenario() -> str | None:
        clock = SimulatedClock()
        market = MarketData(clock)
        market.on_book(snapshot())
        await clock.sleep(5)
        market.on_book(invalid(ETH))
        return rule(market)

    assert run(scenario()) == "was confirmed 5.000 s ago, above the limit of 2 s"


def test_a_mark_is_good_while_it_is_said_again_and_its_stream_is_up() -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        market = MarketData(clock)

        def prices() -> dict[Watched, D]:
            return dict(market.view(BTC, clock.now_ns()).prices)

        assert prices() == {}
        market.on_price(BTC, Watched.MARK, D(100))
        market.on_price(BTC, Watched.INDEX, D(101))
        market.on_price(BTC, Watched.MARK, D(0))
        assert (prices(), market.ignored) == ({Watched.MARK: D(100), Watched.INDEX: D(101)}, 1)
        await clock.sleep(89)
        market.on_price(BTC, Watched.INDEX, D(101))
        await clock.sleep(2)
        assert prices() == {Watched.INDEX: D(101)}, "the connection may live, and a channel on it be mute"
        market.on_stream_down()
        assert prices() == {}

    run(scenario())


def test_reference_price_needs_a_usable_book_and_mark_price_does_not() -> None:
    async def scenario() -> list[D | None]:
        clock = SimulatedClock()
        market = MarketData(clock)
        seen = [market.reference_price(BTC), market.mark_price(BTC)]
        market.on_trade(trade(1, price="99"))
        seen += [market.reference_price(BTC), market.mark_price(BTC)]
        market.on_book(snapshot())
        seen += [market.reference_price(BTC), market.mark_price(BTC)]
        market.on_book(snapshot(bid="102"))
        seen += [market.reference_price(BTC), market.mark_price(BTC)]
        return seen

    assert run(scenario()) == [None, None, None, D(99), D("100.5"), D("100.5"), None, D(99)]


def test_the_touch_is_cached_until_something_changes() -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        market = MarketData(clock)
        market.on_book(snapshot())
        first = market.book(BTC)
        assert market.book(BTC) is first
        await clock.sleep(1)
        market.on_heartbeat()
        second = market.book(BTC)
        assert first is not None
        assert second is not None
        assert second.received_ns - first.received_ns == NS_PER_SECOND
        assert (second.bid, second.ask, second.venue_time_ns) == (first.bid, first.ask, first.venue_time_ns)

    run(scenario())


def test_volume_by_seconds_with_replays_late_and_impossible_trades() -> None:
    async def scenario() -> None:
        market = MarketData(SimulatedClock())
        for item in (
            trade(1, second=10.2),
            trade(2, size="3", second=10.9, bought=False),
            trade(2, size="3", second=10.9, bought=False),  # replayed
            trade(3, price="102", size="2", second=12),
            trade(4, size="5", second=11.5),  # late: its second was never begun, so it joins the one before
            trade(5, size="7", second=9),  # older than all
            trade(6, price="0", second=13),
            trade(7, size="NaN", second=13),
        ):
            market.on_trade(item)
        view = market.view(BTC, 13 * NS_PER_SECOND)
        assert view.volume == (
            VolumeBucket(10 * NS_PER_SECOND, D(9), D(6), D(900), 3, D(100), D(100)),
            VolumeBucket(12 * NS_PER_SECOND, D(2), D(2), D(204), 1, D(102), D(102)),
        )
        assert (view.traded_volume(11 * NS_PER_SECOND), market.ignored) == (D(2), 2)
        assert (view.last_trade, market.last_trade(BTC)) == (trade(3, price="102", size="2", second=12),) * 2

    run(scenario())


def test_everything_held_of_a_market_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "INSTRUMENTS_MAX", 3)

    async def scenario() -> None:
        market = MarketData(SimulatedClock())
        for number in range(3_000):
            market.on_trade(trade(number, second=number))
        view = market.view(BTC, 0)
        assert len(view.volume) == feeds.VOLUME_SECONDS_MAX
        assert view.volume[-1].start_ns == 2_999 * NS_PER_SECOND
        market.follow("A-USDT")
        market.follow("B-USDT")
        market.on_book(snapshot("C-USDT"))
        assert (market.followed, market.ignored) == ((BTC, "A-USDT", "B-USDT"), 1)
        assert (market.follow("D-USDT"), market.book("C-USDT")) == (False, None)
        assert await market.wait_usable("C-USDT", 1) is None

    run(scenario())


def test_a_view_is_a_snapshot() -> None:
    async def scenario() -> None:
        market = MarketData(SimulatedClock())
        market.on_book(snapshot())
        before = market.view(BTC, 1)
        market.on_book(snapshot(bid="90", ask="91"))
        assert before.walk(OrderSide.BUY, D(1)).average == D(101)
        assert market.view(BTC, 2).walk(OrderSide.BUY, D(1)).average == D(91)
        assert market.view("NO-SUCH", 3).book is None

    run(scenario())


@pytest.mark.parametrize(("arrives_after", "expected"), [(1.0, (D("100.5"), 1.0)), (5.0, (None, 3.0))])
def test_wait_usable_ends_with_the_book_or_the_timeout(arrives_after: float, expected: tuple[D | None, float]) -> None:
    async def scenario() -> tuple[D | None, float]:
        clock = SimulatedClock()
        market = MarketData(clock)
        loop = asyncio.get_running_loop()
        loop.call_later(0.5, market.on_book, snapshot(bid="200"))  # crossed: not good enough
        loop.call_later(arrives_after, market.on_book, snapshot())
        started = clock.monotonic_ns()
        book = await market.wait_usable(BTC, D(3))
        return (book.mid if book else None), (clock.monotonic_ns() - started) / NS_PER_SECOND

    assert run(scenario()) == expected


def test_wait_usable_wakes_on_a_heartbeat_and_all_who_wait() -> None:
    async def scenario() -> list[bool]:
        clock = SimulatedClock()
        market = MarketData(clock)
        market.on_book(snapshot())
        await clock.sleep(10)
        asyncio.get_running_loop().call_later(1, market.on_heartbeat)
        waiting = [asyncio.create_task(market.wait_usable(BTC, 3)) for _ in range(3)]
        impatient = asyncio.create_task(market.wait_usable(BTC, 3))
        await clock.sleep(0)
        impatient.cancel()
        return [book is not None for book in await asyncio.gather(*waiting)] + [bool(market._waited_for)]

    assert run(scenario()) == [True, True, True, False]


def test_who_waits_for_a_book_is_served_in_the_order_of_asking() -> None:
    """Once the order was that of memory addresses: unfair, and no seed of a simulation could be replayed."""

    async def scenario() -> list[int]:
        market, served = MarketData(SimulatedClock()), list[int]()

        async def wait(number: int) -> None:
            await market.wait_usable(BTC, 3)
            served.append(number)

        waiting = [asyncio.create_task(wait(number)) for number in range(50)]
        await asyncio.sleep(0)
        market.on_book(snapshot())
        await asyncio.gather(*waiting)
        return served

    assert run(scenario()) == list(range(50))


def test_C8_changes_are_conflated_and_the_callback_reads_the_latest() -> None:
    async def scenario() -> list[tuple[str, MarketChange, D | None]]:
        clock = SimulatedClock()
        market = MarketData(clock)
        seen: list[tuple[str, MarketChange, D | None]] = []
        end = market.subscribe(lambda i, kind: seen.append((i, kind, market.mark_price(i))))
        for number in range(50_000):
            market.on_book(snapshot(ask=str(102 + number % 7)))
        market.on_book(snapshot(ETH))
        market.on_trade(trade(1))
        assert seen == []
        await clock.sleep(0)
        market.on_book(keep_alive())
        await clock.sleep(0)
        market.on_stream_down()
        await clock.sleep(0)
        market.on_book(snapshot())
        end()
        await clock.sleep(0)
        market.on_book(snapshot())
        await clock.sleep(0)
        return seen

    last_ask = 102 + 49_999 % 7
    mid = (D(100) + last_ask) / 2
    assert run(scenario()) == [
        (BTC, MarketChange.BOOK, mid),
        (ETH, MarketChange.BOOK, D("100.5")),
        (BTC, MarketChange.TRADE, mid),
        (BTC, MarketChange.BOOK, D(100)),
        (ETH, MarketChange.BOOK, None),
    ]


def test_C10_a_raising_subscriber_harms_nobody() -> None:
    async def scenario() -> tuple[list[str], list[str], list[str]]:
        market = MarketData(SimulatedClock())
        faults: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(str(context["exception"])))
        calls: list[str] = []
        good: list[str] = []

        def bad(instrument_id: str, kind: MarketChange) -> None:
            calls.append(instrument_id)
            raise RuntimeError(f"no {instrument_id}")

        market.subscribe(bad)
        market.subscribe(lambda instrument_id, kind: good.append(instrument_id))
        market.on_book(snapshot())
        market.on_book(snapshot(ETH))
        for _ in range(5):
            await asyncio.sleep(0)
        return calls, good, faults

    assert run(scenario()) == ([BTC, ETH], [BTC, ETH], [f"no {BTC}", f"no {ETH}"])


def test_C8_every_trade_is_handed_over_in_order_from_a_bounded_tape() -> None:
    async def scenario() -> None:
        market = MarketData(SimulatedClock())
        seen: list[str] = []
        end = market.subscribe_trades(lambda item: seen.append(item.trade_id))
        for number in range(100):
            market.on_trade(trade(number))
        await asyncio.sleep(0)
        assert seen == [str(number) for number in range(100)]
        seen.clear()
        for number in range(100, 10_200):
            market.on_trade(trade(number))
        await asyncio.sleep(0)
        assert (len(seen), seen[0], seen[-1]) == (10_000, "200", "10199")
        market.on_trade(trade(10_200))
        end()
        await asyncio.sleep(0)
        assert len(seen) == 10_000

    run(scenario())
