"""A strategy of one's own by itself: what its handlers are given and answer, its candles, what the settings say."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.domain.market import PublicTrade
from app.domain.orders import OrderSide, PositionKey, PositionSide, TradeMode
from app.domain.refusals import InvalidValue
from app.market_data.view import BookView
from app.services.strategies.budgets import at_worst
from app.services.strategies.declared import Declared
from app.strategies.candles import Candle, Candles
from app.strategies.handling import Handling
from app.strategies.messages import Batch, Begin, Begun, Handled, Raised, encode

D = Decimal
ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "strategies.md").read_text()
BTC, SWAP = "BTC-USDT", "BTC-USDT-SWAP"
GOOD = {"file": "dip.py:Dip", "instruments": [BTC]}


def begin(source: str, name: str = "Dip", config: str = "{}", state: str = "{}") -> Begin:
    return Begin("dip", "dip.py", source, name, config, (BTC,), state, {}, 1)


def book(bid: str, ask: str) -> Batch:
    view = BookView.of(BTC, (D(bid), D(1)), (D(ask), D(1)), received_ns=1)
    return Batch(2, (), [], [msgspec.Raw(encode(view))], False)


def test_the_strategy_of_the_page_buys_the_dip_once():
    source = PAGE.split("```python\n")[1].split("```")[0]
    handling = Handling()
    begun = handling.begin(begin(source, config='{"size": "0.002"}'))
    assert isinstance(begun, Begun)
    assert begun.handlers == ("on_book", "on_fill")
    seen = [handling.handle(book(*prices)) for prices in (("100", "101"), ("90", "91"), ("80", "81"))]
    assert all(isinstance(each, Handled) for each in seen)
    assert [each.signals for each in seen if isinstance(each, Handled)] == [
        (),
        ({"type": "buy", "instrument_id": BTC, "size": "0.002"},),
        (),
    ]


@pytest.mark.parametrize(
    ("body", "where", "error"),
    [
        ("return 1", "on_book", "must be a Signal, several, or None"),
        ("raise SystemExit(3)", "on_book", "SystemExit: 3"),
        ("self.state['x'] = self", "state", "not JSON serializable"),
        ("self.state = []", "state", "must be a dict"),
        ("return [None]", "on_book", "must be a Signal, several, or None"),
    ],
)
def test_what_a_handler_does_wrong_is_told_by_its_name(body: str, where: str, error: str):
    text = (
        f"from trading_executor.strategies import Strategy\nclass Dip(Strategy):\n def on_book(self, book):\n  {body}"
    )
    handling = Handling()
    assert isinstance(handling.begin(begin(text)), Begun)
    answer = handling.handle(book("1", "2"))
    assert isinstance(answer, Raised)
    assert answer.where == where
    assert error in answer.error


def test_an_unknown_parameter_is_refused():
    source = PAGE.split("```python\n")[1].split("```")[0]
    answer = Handling().begin(begin(source, config='{"sizes": 1}'))
    assert isinstance(answer, Raised)
    assert (answer.where, "unknown key; known are size, drop" in answer.error) == ("config", True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sizes": 1}, "strategies.dip.sizes"),
        ({"file": "dip.py"}, "strategies.dip.file"),
        ({"file": 3}, "strategies.dip.file"),
        ({"instruments": []}, "strategies.dip.instruments"),
        ({"instruments": [BTC, BTC]}, "strategies.dip.instruments"),
        ({"budget": 0}, "strategies.dip.budget"),
        ({"handler_seconds": 61}, "strategies.dip.handler_seconds"),
        ({"execution": "tweap"}, "strategies.dip.execution"),
        ({"execution_config": {"duration": 3}}, "strategies.dip.execution_config"),
        ({"config": 3}, "strategies.dip.config"),
        ({"execution": "twap", "execution_config": {"durtion": 3}}, "strategies.dip.execution_config.durtion"),
        ({"execution": "twap", "execution_config": {"duration": 0}}, "strategies.dip.execution_config.duration"),
        ({"signals_per_minute": 0.5}, "strategies.dip.signals_per_minute"),
        ({"schedule": {"hours": ["9-17"]}}, "strategies.dip.schedule.hours"),
    ],
)
def test_what_the_settings_say_wrongly_is_named(change: dict[str, Any], field: str):
    with pytest.raises(InvalidValue) as raised:
        Declared.of("dip", GOOD | change)
    assert raised.value.refusal.field == field


def test_floats_of_the_settings_are_the_decimals_that_they_show():
    declared = Declared.of("dip", GOOD | {"budget": 0.1, "config": {"size": 0.1}})
    assert (declared.budget, json.loads(declared.config_text())) == (D("0.1"), {"size": "0.1"})


def trade(second: float, price: str, size: str = "1") -> PublicTrade:
    return PublicTrade(BTC, f"{second}", D(price), D(size), True, int(second * 10**9))


def test_candles_are_told_when_they_are_whole_and_the_one_begun_before_is_not():
    candles = Candles(60, since_ns=30 * 10**9)
    told = [
        each
        for one in (trade(40, "9"), trade(61, "10"), trade(70, "12", "2"), trade(119, "11"))
        for each in candles.add(one)
    ]
    assert told == []
    assert list(candles.over(119 * 10**9)) == []
    whole = Candle(BTC, 60 * 10**9, 60, D(10), D(12), D(10), D(11), D(4))
    assert list(candles.over(120 * 10**9)) == [whole]
    assert list(candles.add(trade(100, "1"))) == []


NET, LONG, SHORT = (PositionKey(SWAP, side, TradeMode.CROSS) for side in PositionSide)
ALONE = PositionKey(SWAP, PositionSide.NET, TradeMode.ISOLATED)
BUY, SELL = OrderSide.BUY, OrderSide.SELL


@pytest.mark.parametrize(
    ("held", "coming", "worst"),
    [
        ({}, {(NET, BUY): "2"}, "2"),
        ({NET: "3"}, {(NET, SELL): "2"}, "3"),
        ({NET: "3"}, {(NET, BUY): "3"}, "6"),
        ({NET: "1"}, {(NET, SELL): "4"}, "3"),
        ({NET: "-2"}, {(NET, SELL): "1", (NET, BUY): "1"}, "3"),
        ({LONG: "3", SHORT: "-2"}, {}, "5"),
        ({LONG: "3", SHORT: "-2"}, {(LONG, SELL): "3", (SHORT, SELL): "1"}, "6"),
        ({NET: "3", ALONE: "-3"}, {}, "6"),
    ],
)
def test_the_worst_that_it_may_come_to_is_of_each_position_by_itself(
    held: dict[PositionKey, str], coming: dict[tuple[PositionKey, OrderSide], str], worst: str
):
    elsewhere = {PositionKey(BTC): D(9)}
    sizes = {key: D(size) for key, size in held.items()} | elsewhere
    assert at_worst(SWAP, sizes, {key: D(size) for key, size in coming.items()}) == D(worst)


def test_every_setting_stands_on_the_page():
    named = set(re.findall(r"`(\w+)`", PAGE.split("| key | meaning |")[1].split("\n\n")[0]))
    known = {each.name for each in fields(Declared)} - {"name"}
    assert named >= known
