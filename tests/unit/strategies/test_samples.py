"""The two sample strategies: what they signal, that they are deterministic and bounded, and how they are configured."""

import random
from collections.abc import Iterable
from decimal import Decimal as D
from itertools import pairwise
from typing import Any

import pytest

from app.clock import NS_PER_SECOND
from app.domain.market import Level, PublicTrade
from app.domain.refusals import InvalidValue
from app.market_data.view import BookView
from app.strategies import book_pressure, trade_flow
from app.strategies.base import SignalStrategy
from app.strategies.registry import SIGNAL_STRATEGIES, build_strategy
from app.strategies.signals import Signal, SignalType
from app.strategies.stance import Stance, StanceRules

BTC = "BTC-USDT"
Event = PublicTrade | BookView


def trade(second: float, size: str = "1", *, bought: bool = True, instrument_id: str = BTC) -> PublicTrade:
    return PublicTrade(instrument_id, f"{second}", D(50_000), D(size), bought, int(second * NS_PER_SECOND))


def book(second: float, bid: Level | None, ask: Level | None, *, valid: bool = True) -> BookView:
    time_ns = int(second * NS_PER_SECOND)
    return BookView.of(BTC, bid, ask, received_ns=time_ns, venue_time_ns=time_ns, valid=valid)


def queues(second: float, bid_size: int, ask_size: int) -> BookView:
    return book(second, (D("50000"), D(bid_size)), (D("50000.1"), D(ask_size)))


def signals(strategy: SignalStrategy, events: Iterable[Event]) -> list[tuple[float, Signal]]:
    """(venue second, signal) of every signal, in order."""
    found: list[tuple[float, Signal]] = []
    for event in events:
        signal = strategy.on_trade(event) if isinstance(event, PublicTrade) else strategy.on_book(event)
        if signal is not None:
            found.append((event.venue_time_ns / NS_PER_SECOND, signal))
    return found


def kinds(found: list[tuple[float, Signal]]) -> list[tuple[float, str]]:
    return [(second, signal.type.value) for second, signal in found]


def synthetic_market(seed: int, seconds: int) -> list[Event]:
    """Twenty events a second: a seventh of them trades of either side, the rest touches with lasting queues."""
    draw = random.Random(seed)
    events: list[Event] = []
    bid_size, ask_size = 10, 10
    for number in range(seconds * 20):
        second = number / 20
        if draw.random() < 1 / 7:
            events.append(trade(second, str(draw.randint(1, 50)), bought=draw.random() < 0.5))
        else:
            if draw.random() < 0.05:
                bid_size, ask_size = draw.randint(1, 20), draw.randint(1, 20)
            events.append(queues(second, bid_size, ask_size))
    return events


def test_trade_flow_follows_the_takers_and_leaves_when_they_turn() -> None:
    strategy = build_strategy("trade_flow", {"window_seconds": 5, "cooldown_seconds": 2, "hold_seconds_max": 60})
    rising = [trade(second) for second in range(8)]
    falling = [trade(8 + second, "3", bought=False) for second in range(4)]
    found = signals(strategy, rising + falling)
    assert kinds(found) == [(4, "buy"), (9, "close")]
    entry, leaving = found[0][1], found[1][1]
    assert (entry.instrument_id, entry.size, entry.price, entry.confidence) == (BTC, D("0.01"), None, 1.0)
    assert entry.metadata == {
        "score": "1",
        "bought": "5",
        "sold": "0",
        "last_price": "50000",
        "venue_time_ns": 4 * NS_PER_SECOND,
    }
    assert (leaving.size, leaving.metadata["bought"], leaving.metadata["sold"]) == (None, "4", "6")


def test_trade_flow_leaves_after_the_longest_hold_and_rests_in_between() -> None:
    strategy = build_strategy("trade_flow", {"cooldown_seconds": 3, "hold_seconds_max": 10})
    found = signals(strategy, [trade(second) for second in range(30)])
    assert kinds(found) == [(4, "buy"), (14, "close"), (17, "buy"), (27, "close")]


def test_trade_flow_goes_short_only_when_it_may() -> None:
    falling = [trade(second, bought=False) for second in range(30)]
    assert signals(build_strategy("trade_flow"), falling) == []
    found = signals(build_strategy("trade_flow", {"allow_short": True}), falling)
    assert kinds(found) == [(4, "sell"), (19, "close"), (23, "sell")]


def test_trade_flow_passes_over_other_instruments() -> None:
    strategy = build_strategy("trade_flow")
    assert signals(strategy, [trade(second, instrument_id="ETH-USDT") for second in range(30)]) == []
    assert strategy.on_book(queues(1, 1, 1)) is None


def test_book_pressure_leans_to_the_longer_queue() -> None:
    strategy = build_strategy("book_pressure", {"hold_seconds_max": 60})
    bullish = [queues(second / 2, 3, 1) for second in range(12)]
    bearish = [queues(6 + second / 2, 1, 4) for second in range(12)]
    found = signals(strategy, bullish + bearish)
    assert kinds(found) == [(1, "buy"), (7.5, "close")]
    entry = found[0][1]
    assert (entry.size, entry.confidence) == (D("0.01"), 0.5)
    assert entry.metadata == {
        "score": "0.5",
        "pressure": "0.5",
        "mid": "50000.05",
        "venue_time_ns": NS_PER_SECOND,
    }


def test_C7_book_pressure_passes_over_books_that_may_not_be_used() -> None:
    strategy = build_strategy("book_pressure")
    bid, ask = (D(50_000), D(9)), (D(50_001), D(1))
    events: list[Event] = []
    for second in range(30):
        events += [
            book(second, bid, ask, valid=False),
            book(second, None, ask),
            book(second, bid, None),
            book(second, (D(50_001), D(9)), ask),
            book(second, (D(50_002), D(9)), ask),
        ]
    assert signals(strategy, events) == []


def test_book_pressure_does_not_enter_over_a_wide_spread() -> None:
    wide = [book(second, (D(50_000), D(9)), (D(50_026), D(1))) for second in range(30)]
    assert signals(build_strategy("book_pressure"), wide) == []
    assert signals(build_strategy("book_pressure", {"spread_bps_max": "5.3"}), wide) != []


@pytest.mark.parametrize("kind", sorted(SIGNAL_STRATEGIES))
def test_the_same_events_give_the_same_signals(kind: str, seed: int) -> None:
    events = synthetic_market(seed, seconds=300)
    first, second = signals(build_strategy(kind), events), signals(build_strategy(kind), events)
    assert first == second
    assert first != []


@pytest.mark.parametrize("kind", sorted(SIGNAL_STRATEGIES))
def test_round_trips_appear_within_minutes_and_entries_and_exits_alternate(kind: str, seed: int) -> None:
    found = kinds(signals(build_strategy(kind), synthetic_market(seed, seconds=600)))
    assert [what for _, what in found[:2]] == ["buy", "close"]
    assert found[1][0] <= 300
    assert {first + second for (_, first), (_, second) in pairwise(found)} == {
        "buyclose",
        "closebuy",
    }
    gaps = [round(later - earlier, 6) for (earlier, _), (later, _) in pairwise(found)]
    assert min(gaps) >= 4


def test_memory_is_bounded(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trade_flow, "TRADES_MAX", 50)
    monkeypatch.setattr(book_pressure, "SAMPLES_MAX", 50)
    given = {"window_seconds": 3600}
    flow = trade_flow.TradeFlow(trade_flow.TradeFlowConfig(**given))
    pressure = book_pressure.BookPressure(book_pressure.BookPressureConfig(**given))
    events = synthetic_market(seed, seconds=60)
    signals(flow, [event for event in events if isinstance(event, PublicTrade)])
    signals(pressure, [event for event in events if isinstance(event, BookView)])
    trades = [event for event in events if isinstance(event, PublicTrade)][-50:]
    inside = flow._flows[BTC]
    assert (inside.trades, inside.bought + inside.sold) == (50, sum(item.size for item in trades))
    assert len(pressure._averages[BTC]._samples) == 50


def test_an_event_from_the_past_does_not_turn_time_back() -> None:
    stance = Stance(StanceRules(D("0.5"), D("0.5"), D(10), D(60), allow_short=False))
    times = [(D(1), 100), (D(-1), 50), (D(-1), 109), (D(-1), 110)]
    decided = [stance.decide(score, second * NS_PER_SECOND) for score, second in times]
    assert decided == [SignalType.BUY, None, None, SignalType.CLOSE]


def test_floats_in_a_configuration_become_the_decimals_that_a_person_reads() -> None:
    strategy = build_strategy("trade_flow", {"size": 0.1, "instruments": ["ETH-USDT"]}, name="mine")
    assert isinstance(strategy, trade_flow.TradeFlow)
    assert (strategy.config.size, strategy.instruments, strategy.name) == (D("0.1"), ("ETH-USDT",), "mine")


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("trade_flow", {"sise": 1}, "sise"),
    ("book_pressure", {"trades_min": 5}, "trades_min"),
    ("trade_flow", {"size": 0}, "size"),
    ("trade_flow", {"size": float("nan")}, "size"),
    ("trade_flow", {"enter": "1.1"}, "enter"),
    ("trade_flow", {"trades_min": 0}, "trades_min"),
    ("trade_flow", {"trades_min": True}, "trades_min"),
    ("trade_flow", {"allow_short": "no"}, "allow_short"),
    ("book_pressure", {"allow_short": 1}, "allow_short"),
    ("trade_flow", {"instruments": []}, "instruments"),
    ("trade_flow", {"instruments": "BTC-USDT"}, "instruments"),
    ("book_pressure", {"instruments": [BTC, BTC]}, "instruments"),
    ("book_pressure", {"instruments": [[]]}, "instruments"),
    ("book_pressure", {"window_seconds": 0}, "window_seconds"),
    ("moon", {}, "strategy"),
]


@pytest.mark.parametrize(("kind", "config", "field"), BAD)
def test_bad_configurations_name_the_field(kind: str, config: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        build_strategy(kind, config)
    assert caught.value.refusal.field == field
