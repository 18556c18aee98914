"""How a hook of the settings reads an alert: templates, symbols, words, what makes it one; what is refused, by name."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from app.clock import NS_PER_SECOND
from app.domain.refusals import InvalidValue
from app.services.signals.hooks import Hook
from app.services.signals.wishes import SizeOf, Wish
from app.strategies.signals import SignalType

NOW_NS = 1_767_225_600 * NS_PER_SECOND  # 2026-01-01T00:00:00Z
SECRET = "exk_0a1b2c3d4e_" + "s" * 43
SIGNAL: dict[str, Any] = {"type": "{action}", "instrument_id": "{ticker}", "size": "{size}"}
TV: dict[str, Any] = {
    "secret": "{secret}",
    "time": "{time}",
    "symbols": {"BTCUSDT": "BTC-USDT", "OKX:ETHUSDT": "ETH-USDT"},
    "words": {"Long": "buy", "flat": "close"},
    "signal": SIGNAL,
}
ALERT: dict[str, Any] = {
    "secret": SECRET,
    "time": "2026-01-01T00:00:00Z",
    "action": "buy",
    "ticker": "BTCUSDT",
    "size": 0.25,
}


def asked(declared: dict[str, Any], alert: Any) -> tuple[Wish, str]:
    hook = Hook.of("tv", declared)
    raw = alert.encode() if isinstance(alert, str) else json.dumps(alert).encode()
    return hook.wish(hook.alert(raw), NOW_NS)


def test_an_alert_of_a_charting_tool_becomes_a_wish() -> None:
    wish, _ = asked(TV, ALERT)
    assert (wish.type, wish.instrument_id, wish.size) == (SignalType.BUY, "BTC-USDT", Decimal("0.25"))
    assert wish.expires_at is not None
    assert wish.expires_at.isoformat() == "2026-01-01T00:05:00+00:00"
    assert wish.decision_at is not None
    assert wish.decision_at.isoformat() == "2026-01-01T00:00:00+00:00", "when the alert was sent"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"action": "long"}, ("type", SignalType.BUY)),
        ({"action": "SELL"}, ("type", SignalType.SELL)),
        ({"ticker": "OKX:ETHUSDT"}, ("instrument_id", "ETH-USDT")),
        ({"size": "0.1"}, ("size", Decimal("0.1"))),
        ({"size": 1e-9}, ("size", Decimal("1e-9"))),
        ({"size": 12345678901234567890}, ("size", Decimal("12345678901234567890"))),
    ],
)
def test_words_symbols_and_digits(given: dict[str, Any], expected: tuple[str, Any]) -> None:
    wish, _ = asked(TV, ALERT | given)
    assert getattr(wish, expected[0]) == expected[1]


def test_numbers_are_read_by_their_digits() -> None:
    raw = json.dumps(ALERT).replace("0.25", "0.10000000000000000001")
    assert asked(TV, raw)[0].size == Decimal("0.10000000000000000001")


def test_everything_of_a_signal_can_be_mapped() -> None:
    declared = TV | {
        "signal": {
            "type": "{strategy.order.action}",
            "instrument_id": "{market}-{quote}",
            "size": "{amounts.1}",
            "size_in": "equity_percent",
            "price": "{limit?}",
            "stop_loss": "{stop?}",
            "strategy_id": "tv-{interval}",
            "confidence": "{sure}",
            "metadata": {"bar": "{interval}", "close": "{close}", "note": "{note?}"},
        },
        "symbols": {},
    }
    alert = {
        "time": 1767225600,
        "strategy": {"order": {"action": "buy"}},
        "market": "BTC",
        "quote": "USDT",
        "amounts": [1, 2.5],
        "limit": "",
        "stop": 48000.5,
        "interval": 15,
        "sure": 0.5,
        "close": 50000.1,
    }
    wish, _ = asked(declared, alert)
    assert (wish.instrument_id, wish.size, wish.size_in) == ("BTC-USDT", Decimal("2.5"), SizeOf.EQUITY_PERCENT)
    assert (wish.price, wish.stop_loss, wish.strategy_id) == (None, Decimal("48000.5"), "tv-15")
    assert (wish.confidence, wish.metadata) == (0.5, {"bar": 15, "close": "50000.1"})


def test_what_the_settings_say_themselves_is_exact() -> None:
    signal = {"type": "{action}", "instrument_id": "ETH-USDT", "size": 0.1, "size_in": "equity_percent"}
    config = {"duration": 300, "max_slippage_pct": 0.001}
    wish, _ = asked(TV | {"signal": signal | {"strategy": "twap", "config": config}}, ALERT)
    assert (wish.instrument_id, wish.size) == ("ETH-USDT", Decimal("0.1"))
    assert wish.config == {"duration": 300, "max_slippage_pct": Decimal("0.001")}


def test_a_line_of_text_is_taken_apart() -> None:
    declared = TV | {"text": "{secret}: {action} {size} of {ticker} @ {time}"}
    wish, _ = asked(declared, f"{SECRET}: long 0.25 of BTCUSDT @ 2026-01-01T00:00:00Z\n")
    assert (wish.type, wish.instrument_id, wish.size) == (SignalType.BUY, "BTC-USDT", Decimal("0.25"))
    for text in ("", "buy", f"{SECRET} buy 0.25 BTCUSDT", f"{SECRET}: buy  of BTCUSDT @ "):
        with pytest.raises(InvalidValue, match="must read as") as refused:
            asked(declared, text)
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({}, {"secret": "another"}, True),  # it was rotated meanwhile
        ({}, {"time": "2026-01-01T00:00:01Z"}, False),
        ({}, {"size": 0.26}, False),
        ({}, {"comment": "x"}, False),
    ],
)
def test_what_makes_an_alert_one_is_all_of_it(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (asked(TV, ALERT | one)[1] == asked(TV, ALERT | other)[1]) is same
    assert asked(TV, dict(reversed(ALERT.items())))[1] == asked(TV, ALERT)[1], "in whatever order"


def test_what_makes_an_alert_one_is_its_id() -> None:
    declared = TV | {"id": "{ticker} {bar}"}
    key = asked(declared, ALERT | {"bar": 7})[1]
    assert asked(declared, ALERT | {"bar": 7, "size": 9, "time": "2026-01-01T00:00:09Z"})[1] == key
    assert asked(declared, ALERT | {"bar": 8})[1] != key
    other = Hook.of("other", declared)
    assert other.wish(other.alert(json.dumps(ALERT | {"bar": 7}).encode()), NOW_NS)[1] != key


def test_the_secret_stands_nowhere_after_it_was_read() -> None:
    hook = Hook.of("tv", TV)
    alert = hook.alert(json.dumps(ALERT | {"note": f"by {SECRET}", SECRET: [SECRET, "exk_ff_" + "a" * 40]}).encode())
    assert alert.secret == SECRET
    assert "exk_" not in json.dumps(alert.fields, default=str)
    assert hook.alert(json.dumps(ALERT | {"secret": 7}).encode()).secret is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ticker": "DOGE"}, "instrument_id"),
        ({"ticker": 7}, "instrument_id"),
        ({"ticker": None}, "hooks.tv.signal.instrument_id"),
        ({"size": "NaN"}, "size"),
        ({"size": "1_000"}, "size"),
        ({"size": True}, "size"),
        ({"size": [1]}, "size"),
        ({"size": "-1"}, "size"),
        ({"action": "hodl"}, "type"),
        ({"action": {}}, "type"),
        ({"action": "\ud800"}, "type"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-01-01T00:00:00"}, "time"),
        ({"time": "2026-01-01T00:02:00Z"}, "time"),
        ({"time": 99}, "time"),
        ({"time": None}, "hooks.tv.time"),
    ],
)
def test_what_does_not_map_is_refused_by_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        asked(TV, ALERT | given)
    assert refused.value.refusal.field == field


@pytest.mark.parametrize("raw", ["", "null", "[]", "7", '{"a": 1, "a": 2}', '{"a": NaN}', "{" * 9_000, "[" * 5_000])
def test_what_is_no_object_is_refused(raw: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Hook.of("tv", TV).alert(raw.encode())
    assert refused.value.refusal.field == "body"


def test_bytes_that_are_no_text_are_refused() -> None:
    for declared in (TV, TV | {"text": "{secret} {action}"}):
        with pytest.raises(InvalidValue, match="UTF-8"):
            Hook.of("tv", declared).alert(b"\xff\xfe")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sekret": "x"}, "hooks.tv.sekret"),
        ({"signal": SIGNAL | {"qty": "1"}}, "hooks.tv.signal.qty"),
        ({"signal": {"type": "buy"}}, "hooks.tv.signal.instrument_id"),
        ({"signal": SIGNAL | {"size": "{size"}}, "hooks.tv.signal.size"),
        ({"signal": SIGNAL | {"size": "{a b}"}}, "hooks.tv.signal.size"),
        ({"signal": "buy"}, "hooks.tv.signal"),
        ({"time": "now"}, "hooks.tv.time"),
        ({"time": 5}, "hooks.tv.time"),
        ({"secret": "x{secret}"}, "hooks.tv.secret"),
        ({"text": "{action}{ticker}"}, "hooks.tv.text"),
        ({"text": "plain"}, "hooks.tv.text"),
        ({"window_seconds": 0}, "hooks.tv.window_seconds"),
        ({"window_seconds": "5"}, "hooks.tv.window_seconds"),
        ({"alerts_per_minute": True}, "hooks.tv.alerts_per_minute"),
        ({"max_bytes": 1_000_000}, "hooks.tv.max_bytes"),
        ({"symbols": ["BTC-USDT"]}, "hooks.tv.symbols"),
        ({"words": {"long": 1}}, "hooks.tv.words.long"),
        ({"words": {"long": "by"}}, "hooks.tv.words.long"),
        ({"signal": SIGNAL | {"size_in": "percent"}}, "hooks.tv.signal.size_in"),
        ({"signal": SIGNAL | {"type": 1}}, "hooks.tv.signal.type"),
    ],
)
def test_a_hook_that_cannot_be_is_refused_by_its_key(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Hook.of("tv", TV | changes)
    assert refused.value.refusal.field == field


def test_a_hook_says_what_makes_an_alert_one() -> None:
    with pytest.raises(InvalidValue, match=r"hooks\.tv\.id"):
        Hook.of("tv", {name: value for name, value in TV.items() if name != "time"})
    for name in ("TV", "a b", "", "x" * 28, "../x"):
        with pytest.raises(InvalidValue, match="must be 1 to 27"):
            Hook.of(name, TV)
