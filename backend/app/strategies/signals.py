"""Signals: what a strategy wants done, validated when it is made; TradeExecutor.execute_signal turns them into orders.

A Signal says nothing about who sent it: the strategy's id is an argument of execute_signal.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from app.domain.money import positive
from app.domain.orders import PositionSide, TradeMode
from app.domain.refusals import InvalidValue

METADATA_KEYS_MAX = 32
METADATA_KEY_LENGTH_MAX = 64
METADATA_TEXT_LENGTH_MAX = 1_024
INTEGER_MAX = 2**63 - 1
INSTRUMENT_ID_LENGTH_MAX = 64

W = TypeVar("W", PositionSide, TradeMode)

MetadataValue = str | int | float | bool | None


class SignalType(StrEnum):
    """BUY and SELL trade `size`; CLOSE ends the position; HOLD asks for nothing."""

    BUY = "buy"
    SELL = "sell"
    CLOSE = "close"
    HOLD = "hold"


NO_METADATA: Mapping[str, MetadataValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Signal:
    """One wish for one instrument; immutable.

    price: the worst price wanted, None for the market's; size: in the instrument's unit (base for spot, contracts for
    swaps), required for BUY and SELL. Both from Decimal, int or text; a float is refused. confidence: 0 to 1, no
    money, so a float or a Decimal; kept as float. metadata: up to 32 JSON scalars by name; exact numbers belong there
    as text.

    position_side: of contracts, long or short on an account that keeps them apart: without one BUY adds to long, SELL
    to short, and CLOSE ends every side that is held; with one all three act on it. trade_mode: cross or isolated;
    without one the mode that is held on that side, else cross. take_profit, stop_loss: of BUY and SELL, which are then
    a bracket: where to get out again. decision_at, decision_price: when (an aware instant) and at which price it was
    decided, from which its cost counts; without, when it is executed, at the mid of then.

    Raises InvalidValue naming field, value and rule.
    """

    type: SignalType
    instrument_id: str
    price: Decimal | None = None
    size: Decimal | None = None
    confidence: float = 1.0
    metadata: Mapping[str, MetadataValue] = field(default_factory=lambda: NO_METADATA, hash=False)
    position_side: PositionSide | None = None
    trade_mode: TradeMode | None = None
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    decision_at: datetime | None = None
    decision_price: Decimal | None = None

    def __post_init__(self) -> None:
        _set = object.__setattr__  # the door of a frozen value: what it keeps is what was checked
        if self.type.__class__ is not SignalType:
            _set(self, "type", _signal_type(self.type))
        _check_instrument_id(self.instrument_id)
        if self.price is not None:
            _set(self, "price", positive("price", self.price))
        if self.size is not None:
            _set(self, "size", positive("size", self.size))
        elif self.type in (SignalType.BUY, SignalType.SELL):
            raise InvalidValue("size", "None", f"is required for a {self.type} signal", check="signal")
        _set(self, "confidence", _confidence(self.confidence))
        for name in ("take_profit", "stop_loss"):
            level = getattr(self, name)
            if level is not None and self.type not in (SignalType.BUY, SignalType.SELL):
                raise InvalidValue(name, str(level), f"goes not with a {self.type} signal", check="signal")
            if level is not None:
                _set(self, name, positive(name, level))
        if self.decision_at is not None:
            _set(self, "decision_at", _instant("decision_at", self.decision_at))
        if self.decision_price is not None:
            _set(self, "decision_price", positive("decision_price", self.decision_price))
        if self.metadata is not NO_METADATA:
            _set(self, "metadata", _metadata(self.metadata))
        if self.position_side is not None and self.position_side.__class__ is not PositionSide:
            _set(self, "position_side", _word(PositionSide, "position_side", self.position_side))
        if self.trade_mode is not None and self.trade_mode.__class__ is not TradeMode:
            _set(self, "trade_mode", _word(TradeMode, "trade_mode", self.trade_mode))


def _signal_type(value: object) -> SignalType:
    try:
        return SignalType(value)  # type: ignore[arg-type]
    except ValueError:
        known = ", ".join(SignalType)
        raise InvalidValue("type", repr(value), f"must be one of {known}", check="signal") from None


def _word(kind: type[W], name: str, value: object) -> W:
    try:
        return kind(str(value).lower())
    except ValueError:
        raise InvalidValue(name, repr(value), f"must be one of {', '.join(kind)}", check="signal") from None


def _instant(name: str, value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None or not 1970 <= value.year <= 2261:
        raise InvalidValue(name, repr(value), "must be an instant with its zone, from 1970 to 2261", check="signal")
    return value.astimezone(UTC)


def _check_instrument_id(value: object) -> None:
    text = value if isinstance(value, str) else ""
    if not text or len(text) > INSTRUMENT_ID_LENGTH_MAX or not text.isprintable() or " " in text:
        rule = f"must be text of 1 to {INSTRUMENT_ID_LENGTH_MAX} printable characters without spaces"
        raise InvalidValue("instrument_id", repr(value), rule, check="signal")


def _confidence(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise InvalidValue("confidence", repr(value), "must be a number from 0 to 1", check="signal")
    # A Decimal that is not a number raises when compared; a float that is not one compares false.
    if (isinstance(value, Decimal) and not value.is_finite()) or not 0 <= value <= 1:
        shown = "a number above 64 bits" if isinstance(value, int) and abs(value) > INTEGER_MAX else value
        raise InvalidValue("confidence", shown, "must be from 0 to 1", check="signal")
    return float(value)


def _metadata(value: object) -> Mapping[str, MetadataValue]:
    if not isinstance(value, Mapping):
        raise InvalidValue("metadata", repr(value), "must be a mapping of names to JSON scalars", check="signal")
    if len(value) > METADATA_KEYS_MAX:
        rule = f"must have at most {METADATA_KEYS_MAX} entries"
        raise InvalidValue("metadata", f"{len(value)} entries", rule, check="signal")
    kept: dict[str, MetadataValue] = {}
    for key, item in value.items():
        if not isinstance(key, str) or not 1 <= len(key) <= METADATA_KEY_LENGTH_MAX:
            rule = f"names must be text of 1 to {METADATA_KEY_LENGTH_MAX} characters"
            raise InvalidValue("metadata", repr(key), rule, check="signal")
        kept[key] = _metadata_value(key, item)
    return MappingProxyType(kept)


def _metadata_value(key: str, item: object) -> MetadataValue:
    name = f"metadata.{key}"
    if item is None or isinstance(item, bool):
        return item
    if isinstance(item, str):
        if len(item) > METADATA_TEXT_LENGTH_MAX:
            rule = f"must have at most {METADATA_TEXT_LENGTH_MAX} characters"
            raise InvalidValue(name, f"{len(item)} characters", rule, check="signal")
        return str(item)
    if isinstance(item, int):
        if abs(item) > INTEGER_MAX:
            raise InvalidValue(
                name, f"{item.bit_length()} bits", "must fit in 64 bits; write it as text", check="signal"
            )
        return int(item)
    if isinstance(item, float):
        if not math.isfinite(item):
            raise InvalidValue(name, repr(item), "must be finite", check="signal")
        return item
    rule = "must be text, an integer, a float, a boolean or None; write a Decimal as text"
    raise InvalidValue(name, repr(item), rule, check="signal")
