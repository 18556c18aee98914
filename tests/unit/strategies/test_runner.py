"""SignalRunner over a MarketData in virtual time: what reaches the strategies, and what comes out of them."""

import asyncio
from collections.abc import Coroutine
from decimal import Decimal as D
from typing import Any

import pytest

from app.clock import NS_PER_SECOND, SimulatedClock
from app.domain.market import BookAction, BookUpdate, PublicTrade
from app.market_data.feeds import MarketData
from app.market_data.view import BookView
from app.strategies import runner as runner_module
from app.strategies.runner import SignalRunner
from app.strategies.signals import Signal, SignalType
from tests.support.systems import in_virtual_time

BTC, ETH = "BTC-USDT", "ETH-USDT"


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    in_virtual_time(coroutine)


def trade(number: int, instrument_id: str = BTC) -> PublicTrade:
    return PublicTrade(instrument_id, str(number), D(100), D(1), True, number * NS_PER_SECOND)


def snapshot(instrument_id: str = BTC, bid: str = "100") -> BookUpdate:
    return BookUpdate(instrument_id, BookAction.SNAPSHOT, ((D(bid), D(1)),), ((D(101), D(1)),), 1, 1)


class Parrot:
    """Signals at every event, naming it; raises at trades if told to."""

    instruments = (BTC,)

    def __init__(self, name: str, *, raises: bool = False) -> None:
        self.name = name
        self._raises = raises

    def on_trade(self, trade: PublicTrade) -> Signal | None:
        if self._raises:
            raise RuntimeError(self.name)
        return Signal(SignalType.CLOSE, trade.instrument_id, metadata={"trade": trade.trade_id})

    def on_book(self, view: BookView) -> Signal | None:
        return Signal(SignalType.HOLD, view.instrument_id, metadata={"bid": str(view.bid)})


def described(signal: Signal, name: str) -> tuple[str, str, object]:
    return name, signal.type.value, next(iter(signal.metadata.values()))


def test_trades_one_by_one_books_conflated_and_usable_only() -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        market = MarketData(clock)
        executed: list[tuple[str, str, object]] = []
        made: list[tuple[str, str, object]] = []

        async def execute(signal: Signal, name: str) -> None:
            await clock.sleep(1)
            executed.append(described(signal, name))

        strategies = [Parrot("one"), Parrot("two")]
        runner = SignalRunner(market, strategies, execute, lambda signal, name: made.append(described(signal, name)))
        task = asyncio.ensure_future(runner.run())
        await clock.sleep(0)
        for number in range(3):
            market.on_trade(trade(number))
            market.on_trade(trade(number, ETH))
        market.on_book(snapshot(bid="98"))
        market.on_book(snapshot(bid="99"))
        market.on_book(snapshot(ETH))
        await clock.sleep(0.5)
        market.on_book(snapshot(bid="102"))  # crossed
        await clock.sleep(20)
        expected = [(name, "close", str(n)) for name in ("one", "two") for n in range(3)]
        expected += [("one", "hold", "99"), ("two", "hold", "99")]
        assert sorted(executed) == sorted(made) == sorted(expected)
        assert [item for item in executed if item[0] == "one"] == [*expected[:3], expected[6]]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        market.on_trade(trade(9))
        await clock.sleep(5)
        assert len(executed) == len(made) == 8

    run(scenario())


def test_C10_a_raising_strategy_does_not_blind_the_others() -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        market = MarketData(clock)
        faults: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(str(context["exception"])))
        executed: list[tuple[str, str, object]] = []

        async def execute(signal: Signal, name: str) -> None:
            executed.append(described(signal, name))

        runner = SignalRunner(market, [Parrot("bad", raises=True), Parrot("good")], execute)
        task = asyncio.ensure_future(runner.run())
        await clock.sleep(0)
        market.on_trade(trade(1))
        market.on_trade(trade(2))
        await clock.sleep(1)
        assert executed == [("good", "close", "1"), ("good", "close", "2")]
        assert faults == ["bad", "bad"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(scenario())


def test_C10_a_signal_whose_execution_hangs_delays_no_other_strategy() -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        market = MarketData(clock)
        executed: list[tuple[str, str, object]] = []

        async def execute(signal: Signal, name: str) -> None:
            if name == "stuck":
                await asyncio.get_running_loop().create_future()
            executed.append(described(signal, name))

        runner = SignalRunner(market, [Parrot("stuck"), Parrot("good")], execute)
        task = asyncio.ensure_future(runner.run())
        await clock.sleep(0)
        market.on_trade(trade(1))
        market.on_trade(trade(2))
        await clock.sleep(1)
        assert executed == [("good", "close", "1"), ("good", "close", "2")]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(scenario())


def test_signals_wait_in_a_bounded_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "WAITING_MAX", 3)

    async def scenario() -> None:
        clock = SimulatedClock()
        market = MarketData(clock)
        executed: list[object] = []

        async def execute(signal: Signal, name: str) -> None:
            await clock.sleep(1)
            executed.append(signal.metadata["trade"])

        runner = SignalRunner(market, [Parrot("one")], execute)
        task = asyncio.ensure_future(runner.run())
        await clock.sleep(0)
        for number in range(10):
            market.on_trade(trade(number))
        await clock.sleep(60)
        assert (executed, runner.lost) == (["0", "1", "2"], 7)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(scenario())


def test_what_execute_raises_ends_the_run() -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        market = MarketData(clock)

        async def execute(signal: Signal, name: str) -> None:
            raise ConnectionError("no more")

        runner = SignalRunner(market, [Parrot("one")], execute)
        asyncio.get_running_loop().call_later(1, market.on_trade, trade(1))
        with pytest.raises(ConnectionError):
            await runner.run()

    run(scenario())
