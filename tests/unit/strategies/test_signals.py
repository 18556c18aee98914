"""A Signal is checked when it is made: what may not pass names field, value and rule."""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any

import pytest

from app.domain.refusals import InvalidValue
from app.strategies.signals import Signal, SignalType


def test_the_specifications_example() -> None:
    signal = Signal(
        type=SignalType.BUY, instrument_id="BTC-USDT", price=Decimal("50000"), size=Decimal("0.1"), confidence=0.85
    )
    assert (signal.type, signal.instrument_id) == ("buy", "BTC-USDT")
    assert (signal.price, signal.size, signal.confidence) == (Decimal("50000"), Decimal("0.1"), 0.85)
    assert signal.metadata == {}


@pytest.mark.parametrize("kind", ["close", "hold", SignalType.CLOSE, SignalType.HOLD])
def test_close_and_hold_need_no_size(kind: Any) -> None:
    signal = Signal(type=kind, instrument_id="BTC-USDT")
    assert (signal.type, signal.size, signal.price, signal.confidence) == (SignalType(kind), None, None, 1.0)


def test_text_and_integers_become_exact() -> None:
    given: dict[str, Any] = {"price": "50000.10", "size": 2, "confidence": Decimal("0.5")}
    signal = Signal(type=SignalType.SELL, instrument_id="BTC-USDT", **given)
    assert (signal.price, signal.size, signal.confidence) == (Decimal("50000.10"), Decimal(2), 0.5)
    assert type(signal.confidence) is float


FLOAT_RULE = "must be a decimal as text, int or Decimal; float is refused because it is not exact"
DIGITS_RULE = "must have at most 24 digits before and 24 after the point"
CONFIDENCE_RULE = "must be from 0 to 1"

REFUSED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"size": None}, "size", "None", "is required for a buy signal"),
    ({"type": "sell", "size": None}, "size", "None", "is required for a sell signal"),
    ({"type": "BUY"}, "type", "'BUY'", "must be one of buy, sell, close, hold"),
    ({"type": None}, "type", "None", "must be one of buy, sell, close, hold"),
    ({"type": []}, "type", "[]", "must be one of buy, sell, close, hold"),
    ({"size": 0.1}, "size", "0.1", FLOAT_RULE),
    ({"price": 50000.0}, "price", "50000.0", FLOAT_RULE),
    ({"size": True}, "size", "True", FLOAT_RULE),
    ({"size": "0"}, "size", "0", "must be above zero"),
    ({"size": "-1"}, "size", "-1", "must be above zero"),
    ({"price": "-0.1"}, "price", "-0.1", "must be above zero"),
    ({"price": "1e400"}, "price", "1e400", DIGITS_RULE),
    ({"size": "NaN"}, "size", "NaN", "must be finite"),
    ({"size": "Infinity"}, "size", "Infinity", "must be finite"),
    ({"size": "much"}, "size", "'much'", "must be a decimal number, such as 0.001"),
    ({"confidence": 1.01}, "confidence", "1.01", CONFIDENCE_RULE),
    ({"confidence": -0.01}, "confidence", "-0.01", CONFIDENCE_RULE),
    ({"confidence": float("nan")}, "confidence", "nan", CONFIDENCE_RULE),
    ({"confidence": Decimal("sNaN")}, "confidence", "sNaN", CONFIDENCE_RULE),
    ({"confidence": 10**5000}, "confidence", "a number above 64 bits", CONFIDENCE_RULE),
    ({"confidence": "0.5"}, "confidence", "'0.5'", "must be a number from 0 to 1"),
    ({"confidence": True}, "confidence", "True", "must be a number from 0 to 1"),
    ({"metadata": [1]}, "metadata", "[1]", "must be a mapping of names to JSON scalars"),
    ({"metadata": {str(n): n for n in range(33)}}, "metadata", "33 entries", "must have at most 32 entries"),
    ({"metadata": {1: 1}}, "metadata", "1", "names must be text of 1 to 64 characters"),
    ({"metadata": {"": 1}}, "metadata", "''", "names must be text of 1 to 64 characters"),
    ({"metadata": {"a": "x" * 1025}}, "metadata.a", "1025 characters", "must have at most 1024 characters"),
    ({"metadata": {"a": 2**63}}, "metadata.a", "64 bits", "must fit in 64 bits; write it as text"),
    ({"metadata": {"a": float("inf")}}, "metadata.a", "inf", "must be finite"),
    (
        {"metadata": {"a": Decimal(1)}},
        "metadata.a",
        "Decimal('1')",
        "must be text, an integer, a float, a boolean or None; write a Decimal as text",
    ),
]


@pytest.mark.parametrize(("change", "field", "value", "rule"), REFUSED)
def test_refused(change: Mapping[str, Any], field: str, value: str, rule: str) -> None:
    given: dict[str, Any] = {"type": "buy", "instrument_id": "BTC-USDT", "size": "1", **change}
    with pytest.raises(InvalidValue) as caught:
        Signal(**given)
    refusal = caught.value.refusal
    assert (refusal.field, refusal.value, refusal.rule) == (field, value, rule)


@pytest.mark.parametrize("instrument_id", ["", "BTC USDT", "BTC\n", "x" * 65, None, 5])
def test_refused_instrument_ids(instrument_id: Any) -> None:
    with pytest.raises(InvalidValue) as caught:
        Signal(type=SignalType.HOLD, instrument_id=instrument_id)
    assert caught.value.refusal.field == "instrument_id"


def test_a_signal_does_not_change() -> None:
    metadata: dict[str, Any] = {"text": "a", "whole": 1, "part": 0.5, "flag": True, "nothing": None}
    signal = Signal(type=SignalType.HOLD, instrument_id="BTC-USDT", metadata=metadata)
    same = Signal(type=SignalType.HOLD, instrument_id="BTC-USDT", metadata=dict(metadata))
    assert (signal == same, hash(signal) == hash(same)) == (True, True)
    metadata["later"] = "no"
    assert dict(signal.metadata) == {"text": "a", "whole": 1, "part": 0.5, "flag": True, "nothing": None}
    with pytest.raises(TypeError):
        signal.metadata["later"] = "no"  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        signal.size = Decimal(1)  # type: ignore[misc]


def test_an_unknown_argument_is_no_signal() -> None:
    with pytest.raises(TypeError, match="strategy_id"):
        Signal(type=SignalType.HOLD, instrument_id="BTC-USDT", strategy_id="x")  # type: ignore[call-arg]
