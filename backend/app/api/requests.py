"""The bodies that the API takes, as tables of fields (bodies.py), with the examples of the OpenAPI page."""

from app.api import shapes
from app.api.bodies import (
    Body,
    BodyField,
    amount,
    configuration,
    fraction,
    moment,
    one_of,
    optional,
    reason,
    scalars,
    signed,
    text,
    truth,
    words,
)
from app.api.member_rules import NEED_A_PRICE, ORDER_RULES, where
from app.domain.conditional_types import CONDITIONS, ConditionalType
from app.domain.orders import OrderSide, OrderType, PositionSide, TradeMode
from app.services.signals.wishes import PRICED, SizeOf
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.conditional import TriggerBy
from app.services.trading.execution_strategies.parameters import json_schema
from app.services.trading.execution_strategies.standing import Held
from app.services.trading.execution_strategies.terms import TAG_MAX, TAGS_MAX, PauseClock, SizeIn
from app.services.trading.execution_strategies.wheel import WHEEL
from app.strategies.signals import METADATA_KEY_LENGTH_MAX, METADATA_KEYS_MAX, METADATA_TEXT_LENGTH_MAX, SignalType

_DECIMAL = shapes.amount()
_INSTRUMENT = shapes.text(examples=["BTC-USDT"])
_LABEL = shapes.text(type=["string", "null"])
_REASON = shapes.text(shapes.REASON_MAX)
_nullable = shapes.nullable


def _choice(kind: type[OrderSide] | type[OrderType] | type[TradeMode] | type[PositionSide]) -> dict[str, object]:
    return {"type": "string", "enum": [member.value for member in kind]}


_SIDES = [member.value for member in OrderSide]
_TYPES = [member.value for member in OrderType]
_MODES = [member.value for member in TradeMode]
_MARGIN_MODES = [TradeMode.CROSS.value, TradeMode.ISOLATED.value]
_POSITION_SIDES = [member.value for member in PositionSide]

_ORDER_FIELDS = (
    BodyField("instrument_id", text, _INSTRUMENT),
    BodyField("side", one_of(_SIDES), _choice(OrderSide)),
    BodyField("order_type", one_of(_TYPES), _choice(OrderType)),
    BodyField("size", amount, _DECIMAL),
    BodyField("price", optional(amount), _nullable(_DECIMAL), None),
    BodyField("trade_mode", one_of(_MODES), _choice(TradeMode), TradeMode.CASH.value),
    BodyField("position_side", one_of(_POSITION_SIDES), _choice(PositionSide), PositionSide.NET.value),
    BodyField("reduce_only", truth, {"type": "boolean"}, False),
    BodyField("strategy_id", optional(text), _LABEL, None),
)

_LEVEL = shapes.amount(description="Of a conditional order, or of a bracket: docs/conditional.md")
_CONDITIONS = tuple(BodyField(name, optional(amount), _nullable(_LEVEL), None) for name in CONDITIONS)
_WATCHED = [each.value for each in TriggerBy]
_HELD = [each.value for each in Held]
_WAITING_TYPES = [*_TYPES, *(each.value for each in ConditionalType)]

ORDER = Body(
    "OrderRequest",
    (
        *(
            BodyField("order_type", one_of(_WAITING_TYPES), {"type": "string", "enum": _WAITING_TYPES})
            if field.name == "order_type"
            else field
            for field in _ORDER_FIELDS
        ),
        *_CONDITIONS,
        BodyField("trigger_by", optional(one_of(_WATCHED)), _nullable({"type": "string", "enum": _WATCHED}), None),
        BodyField("held", optional(one_of(_HELD)), _nullable({"type": "string", "enum": _HELD}), None),
    ),
    {
        "A market order": {
            "instrument_id": "BTC-USDT",
            "side": "buy",
            "order_type": "market",
            "size": "0.001",
            "trade_mode": "cash",
        },
        "A limit order": {
            "instrument_id": "BTC-USDT",
            "side": "sell",
            "order_type": "limit",
            "size": "0.001",
            "price": "52000",
            "strategy_id": "my_strategy",
        },
        "A stop": {
            "instrument_id": "BTC-USDT",
            "side": "sell",
            "order_type": "stop",
            "size": "0.001",
            "trigger_price": "48000",
        },
        "A stop that waits at the exchange": {
            "instrument_id": "BTC-USDT",
            "side": "sell",
            "order_type": "stop",
            "size": "0.001",
            "trigger_price": "48000",
            "held": "exchange",
        },
    },
    rules=ORDER_RULES,
)

AMENDMENT = Body(
    "AmendRequest",
    (
        BodyField("size", optional(amount), _nullable(_DECIMAL), None),
        BodyField("price", optional(amount), _nullable(_DECIMAL), None),
        BodyField("trigger_price", optional(amount), _nullable(_LEVEL), None),
    ),
    {"A new price": {"price": "51500"}, "A new size": {"size": "0.002"}},
    rules={"anyOf": [shapes.told(name) for name in ("size", "price", "trigger_price")]},
)

FLATTEN = Body(
    "FlattenRequest",
    (
        BodyField("instrument_id", optional(text), _nullable(_INSTRUMENT), None),
        BodyField("all", truth, {"type": "boolean"}, False),
    ),
    {
        "Everything that is ours": {},
        "One instrument": {"instrument_id": "BTC-USDT"},
        "Coins of before us too": {"all": True},
    },
)

CANCEL_ALL = Body(
    "CancelAllRequest",
    (
        BodyField("instrument_id", optional(text), _nullable(_INSTRUMENT), None),
        BodyField(
            "protection",
            truth,
            {"type": "boolean", "description": "Also conditional orders that can only reduce what is held"},
            False,
        ),
    ),
    {"Everything but protection": {}, "One instrument": {"instrument_id": "BTC-USDT"}, "All": {"protection": True}},
    bare=True,
)

NOTHING = Body("EmptyRequest", (), {"Nothing to say": {}})

KILL_SWITCH = Body(
    "KillSwitchRequest",
    (BodyField("engaged", truth, {"type": "boolean"}), BodyField("reason", reason, _REASON)),
    {
        "Stop": {"engaged": True, "reason": "spreads look wrong"},
        "Go on": {"engaged": False, "reason": "checked with the desk"},
    },
    bare=True,
)

WORD = Body(
    "ReasonRequest",
    (BodyField("reason", optional(reason), _nullable(_REASON), None),),
    {"Without": {}, "With a reason": {"reason": "funds have arrived"}},
)

LEVERAGE = Body(
    "LeverageRequest",
    (
        BodyField("instrument_id", text, _INSTRUMENT),
        BodyField("leverage", amount, _DECIMAL),
        BodyField("trade_mode", one_of(_MARGIN_MODES), {"type": "string", "enum": _MARGIN_MODES}, "cross"),
        BodyField("position_side", optional(one_of(_POSITION_SIDES)), _nullable(_choice(PositionSide)), None),
    ),
    {
        "Of both sides": {"instrument_id": "BTC-USDT-SWAP", "leverage": "3"},
        "Of one side": {
            "instrument_id": "BTC-USDT-SWAP",
            "leverage": "3",
            "trade_mode": "isolated",
            "position_side": "long",
        },
    },
)

_CLOCKS = [clock.value for clock in PauseClock]

PAUSE = Body(
    "PauseRequest",
    (
        BodyField(
            "clock",
            one_of(_CLOCKS),
            {
                "type": "string",
                "enum": _CLOCKS,
                "description": "kept: its time goes on; frozen: its schedule and its end move by the pause",
            },
            PauseClock.KEPT.value,
        ),
        BodyField("reason", optional(reason), _nullable(_REASON), None),
    ),
    {"For a moment": {}, "Its time stands": {"clock": "frozen", "reason": "news at three"}},
)

_OFFSET: dict[str, object] = {
    "type": "string",
    "pattern": shapes.OFFSET,
    "description": "Instead of a price: a limit so far beyond the mid when it was accepted (a fraction, nearer than it "
    "when negative), made once and kept",
    "examples": ["0.002"],
}
_END_AT = shapes.moment(description="Instead of the duration or timeout of its config")

EXECUTION_CHANGE = Body(
    "ExecutionAmendment",
    (
        BodyField("size", optional(amount), _nullable(_DECIMAL), None),
        BodyField("price", optional(amount), _nullable(_DECIMAL), None),
        BodyField("limit_offset_pct", optional(signed), _nullable(_OFFSET), None),
        BodyField("end_at", optional(moment), _nullable(_END_AT), None),
        BodyField("config", configuration, shapes.SETTINGS, {}),
        BodyField("reason", optional(reason), _nullable(_REASON), None),
    ),
    {"Half an hour more": {"config": {"duration": 2100}}, "A new size and limit": {"size": "0.02", "price": "52000"}},
)

_SIZE_IN = [unit.value for unit in SizeIn]

TERMS = (
    BodyField(
        "size_in",
        one_of(_SIZE_IN),
        {
            "type": "string",
            "enum": _SIZE_IN,
            "description": "What size counts. instrument: base for spot, contracts for swaps; quote: what it may "
            "cost in all, fees apart",
        },
        SizeIn.INSTRUMENT.value,
    ),
    BodyField(
        "start_at",
        optional(moment),
        _nullable(shapes.moment(description="Not before then; at once without")),
        None,
    ),
    BodyField("end_at", optional(moment), _nullable(_END_AT), None),
    BodyField("limit_offset_pct", optional(signed), _nullable(_OFFSET), None),
    BodyField(
        "decision_at",
        optional(moment),
        _nullable(shapes.moment(description="When the caller decided")),
        None,
    ),
    BodyField("decision_price", optional(amount), _nullable(_DECIMAL), None),
    BodyField(
        "tags",
        words,
        {
            "type": "array",
            "maxItems": TAGS_MAX,
            "items": shapes.text(TAG_MAX, pattern=shapes.TAG),
            "description": "Words to find it by",
        },
        [],
    ),
)
"""The fields of ParentTerms."""

_STRATEGIES = sorted((*STRATEGIES, WHEEL))

EXECUTION = Body(
    "ExecutionRequest",
    (
        BodyField("strategy", one_of(_STRATEGIES), {"type": "string", "enum": _STRATEGIES}),
        BodyField("config", configuration, {"anyOf": [json_schema(each) for each in STRATEGIES.values()]}, {}),
        *_ORDER_FIELDS,
        *TERMS,
    ),
    {
        "TWAP over five minutes": {
            "strategy": "twap",
            "config": {"duration": 300, "num_slices": 10},
            "instrument_id": "BTC-USDT",
            "side": "buy",
            "order_type": "market",
            "size": "0.01",
        },
        "TWAP of two hours, with a limit and a word to find it by": {
            "strategy": "twap",
            "config": {"duration": 7200},
            "instrument_id": "BTC-USDT",
            "side": "buy",
            "order_type": "market",
            "size": "0.01",
            "limit_offset_pct": "0.005",
            "tags": ["rebalance"],
        },
    },
    rules={
        "allOf": [
            NEED_A_PRICE,
        ]
    },
)


_SIGNAL_TYPES = [each.value for each in SignalType]
_NEVER: dict[str, object] = {"type": "null"}
_SIZES = [each.value for each in SizeOf]
_EXPIRES = shapes.moment(description="Later it is refused")
_METADATA: dict[str, object] = {
    "type": "object",
    "maxProperties": METADATA_KEYS_MAX,
    "propertyNames": {"minLength": 1, "maxLength": METADATA_KEY_LENGTH_MAX},
    "additionalProperties": {
        "anyOf": [
            {"type": "string", "maxLength": METADATA_TEXT_LENGTH_MAX},
            {"type": "integer", "minimum": -(2**63) + 1, "maximum": 2**63 - 1},
            {"type": ["number", "boolean", "null"]},
        ]
    },
}

WISH = (
    BodyField("type", one_of(_SIGNAL_TYPES), {"type": "string", "enum": _SIGNAL_TYPES}),
    BodyField("instrument_id", text, {**_INSTRUMENT, "pattern": shapes.WORD}),
    BodyField("price", optional(amount), _nullable(_DECIMAL), None),
    BodyField("size", optional(amount), _nullable(_DECIMAL), None),
    BodyField(
        "size_in",
        one_of(_SIZES),
        {
            "type": "string",
            "enum": _SIZES,
            "description": "What size counts. instrument: base for spot, contracts for swaps; quote: what it comes to "
            "at the touch; equity_percent: hundredths of the account's equity",
        },
        SizeOf.INSTRUMENT.value,
    ),
    BodyField("confidence", fraction, {"type": "number", "minimum": 0, "maximum": 1}, 1),
    BodyField("metadata", scalars, _METADATA, {}),
    BodyField("position_side", optional(one_of(_POSITION_SIDES)), _nullable(_choice(PositionSide)), None),
    BodyField("trade_mode", optional(one_of(_MODES)), _nullable(_choice(TradeMode)), None),
    BodyField("take_profit", optional(amount), _nullable(_LEVEL), None),
    BodyField("stop_loss", optional(amount), _nullable(_LEVEL), None),
    BodyField("strategy_id", optional(text), _LABEL, None),
    BodyField(
        "strategy",
        optional(one_of(_STRATEGIES)),
        _nullable({"type": "string", "enum": _STRATEGIES}),
        None,
    ),
    BodyField("config", optional(configuration), _nullable(shapes.SETTINGS), None),
    BodyField("expires_at", optional(moment), _nullable(_EXPIRES), None),
    BodyField(
        "decision_at",
        optional(moment),
        _nullable(shapes.moment(description="When it was decided; when it came, without")),
        None,
    ),
    BodyField("decision_price", optional(amount), _nullable(_DECIMAL), None),
)
"""The fields of Wish."""

SIGNAL = Body(
    "SignalRequest",
    (
        *WISH,
        BodyField(
            "idempotency_key",
            optional(text),
            {**_LABEL, "pattern": shapes.VISIBLE, "description": "As the header Idempotency-Key; of both, the same"},
            None,
        ),
    ),
    {
        "Buy at market": {"type": "buy", "instrument_id": "BTC-USDT", "size": "0.001", "strategy_id": "mine"},
        "A hundredth of the equity, worked for five minutes, wanted until then": {
            "type": "buy",
            "instrument_id": "BTC-USDT",
            "size": "1",
            "size_in": "equity_percent",
            "strategy": "twap",
            "config": {"duration": 300},
            "expires_at": "2030-01-31T14:30:00Z",
            "idempotency_key": "bar-2030-01-31T14:29",
        },
        "Get out": {"type": "close", "instrument_id": "BTC-USDT", "strategy_id": "mine"},
    },
    rules={
        "allOf": [
            where("type", ["buy", "sell"], shapes.told("size")),
            where("type", ["close"], {"properties": {"strategy": _NEVER}}),
            where("type", ["close", "hold"], {"properties": {"take_profit": _NEVER, "stop_loss": _NEVER}}),
            where("size_in", [word for word in _SIZES if word != SizeOf.INSTRUMENT], shapes.told("size")),
            where("type", ["close"], {"properties": {"size_in": {"not": {"enum": sorted(PRICED)}}}}),
            {"if": shapes.told("config"), "then": shapes.told("strategy")},
        ]
    },
)
