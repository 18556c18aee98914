"""OKX's own algo orders as values: what is asked for, what is sent for it, and what OKX says of one.

Conditional (take-profit or stop-loss), OCO (both), trigger and trailing stop. They live at OKX and place an ordinary
order when their price is reached; they hold no money before. Sources: OKX v5 trade/order-algo, amend-algos.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import plain
from app.domain.orders import OrderSide, PositionSide, TradeMode
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, requests, wire, words
from app.exchanges.okx.requests import Arguments

AT_MARKET = "-1"
"""OKX's order price for "at market"."""


class AlgoKind(StrEnum):
    CONDITIONAL = "conditional"
    OCO = "oco"
    TRIGGER = "trigger"
    TRAILING = "move_order_stop"


class TriggerBy(StrEnum):
    """Which price is watched."""

    LAST = "last"
    INDEX = "index"
    MARK = "mark"


class AlgoState(StrEnum):
    """OTHER: a word that no document lists; the report keeps it."""

    LIVE = "live"
    PAUSED = "pause"
    PARTIALLY_EFFECTIVE = "partially_effective"
    EFFECTIVE = "effective"
    CANCELED = "canceled"
    FAILED = "order_failed"
    PARTIALLY_FAILED = "partially_failed"
    OTHER = "other"

    @property
    def terminal(self) -> bool:
        return self in TERMINAL_STATES


TERMINAL_STATES = frozenset({AlgoState.EFFECTIVE, AlgoState.CANCELED, AlgoState.FAILED, AlgoState.PARTIALLY_FAILED})
STATES: Mapping[str, AlgoState] = MappingProxyType(
    {state.value: state for state in AlgoState if state is not AlgoState.OTHER}
)
TRIGGERED_BY: Mapping[str, TriggerBy] = MappingProxyType({by.value: by for by in TriggerBy})
KINDS: Mapping[str, AlgoKind] = MappingProxyType({kind.value: kind for kind in AlgoKind})


CALLBACK_RATIO_MIN, CALLBACK_RATIO_MAX = Decimal("0.001"), Decimal(1)


@dataclass(frozen=True, slots=True)
class Trigger:
    """At `price` an order goes out: a limit order at order_price, or a market order when that is None."""

    price: Decimal
    order_price: Decimal | None = None
    by: TriggerBy = TriggerBy.LAST


@dataclass(frozen=True, slots=True)
class AttachedExits:
    """Take-profit and stop-loss that OKX sets up once the order they came with has filled; at least one of them."""

    client_order_id: str
    take_profit: Trigger | None = None
    stop_loss: Trigger | None = None


@dataclass(frozen=True, slots=True)
class AlgoRequest:
    """One algo order. size: in the instrument's unit; None closes the whole position of a contract, at market, by
    CONDITIONAL or OCO, one such order a position.

    CONDITIONAL has take_profit or stop_loss, OCO both, TRIGGER trigger, TRAILING one of callback_ratio (0.01 is 1 %,
    from 0.1 % to all) and callback_spread, and may wait for activation_price. Spot orders watch the last price alone.
    """

    client_order_id: str
    instrument: Instrument
    kind: AlgoKind
    side: OrderSide
    size: Decimal | None
    trade_mode: TradeMode
    position_side: PositionSide = PositionSide.NET
    reduce_only: bool = False
    take_profit: Trigger | None = None
    stop_loss: Trigger | None = None
    trigger: Trigger | None = None
    callback_ratio: Decimal | None = None
    callback_spread: Decimal | None = None
    activation_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AlgoName:
    """Which algo order is meant; either id is enough, OKX's own goes first."""

    instrument_id: str
    kind: AlgoKind
    client_order_id: str = ""
    algo_id: str = ""


@dataclass(frozen=True, slots=True)
class AlgoAmendment:
    """New values; None leaves as is. request_id comes back with the result."""

    request_id: str
    size: Decimal | None = None
    take_profit: Trigger | None = None
    stop_loss: Trigger | None = None
    trigger: Trigger | None = None


@dataclass(frozen=True, slots=True)
class AlgoReport:
    """What OKX says of one algo order. order_ids: the ordinary orders that it placed. actual_side: "tp", "sl" or "".

    fail_code: why the order it wanted to place was refused. attached_to: the order that it came with. follows: a
    trailing one that waits for no activation price any more. Times in ns.
    """

    algo_id: str
    client_order_id: str
    instrument_id: str
    kind: AlgoKind | None
    state: AlgoState
    side: OrderSide | None
    size: Decimal | None
    take_profit: Trigger | None = None
    stop_loss: Trigger | None = None
    trigger: Trigger | None = None
    callback_ratio: Decimal | None = None
    callback_spread: Decimal | None = None
    activation_price: Decimal | None = None
    follows: bool = False
    order_ids: tuple[str, ...] = ()
    actual_side: str = ""
    fail_code: str = ""
    attached_to: str = ""
    amend_request_id: str = ""
    amend_result: str = ""
    created_ns: int = 0
    triggered_ns: int = 0
    venue_time_ns: int = 0
    raw_state: str = ""


# --- what is sent ---


def refusal(request: AlgoRequest) -> str:
    """Why the request is not one of the kinds above, or ""."""
    needed: dict[AlgoKind, tuple[str, bool]] = {
        AlgoKind.CONDITIONAL: (
            "either take_profit or stop_loss",
            (request.take_profit is None) != (request.stop_loss is None),
        ),
        AlgoKind.OCO: ("take_profit and stop_loss", None not in (request.take_profit, request.stop_loss)),
        AlgoKind.TRIGGER: ("trigger", request.trigger is not None),
        AlgoKind.TRAILING: (
            "either callback_ratio or callback_spread",
            (request.callback_ratio is None) != (request.callback_spread is None),
        ),
    }
    what, there = needed[request.kind]
    if not there:
        return f"kind {request.kind.value} needs {what}"
    return (
        _closing_refusal(request)
        or _number_refusal(request)
        or _watched_refusal(request)
        or requests.id_refusal("client_order_id", request.client_order_id)
    )


def _closing_refusal(request: AlgoRequest) -> str:
    if request.size is not None:
        return ""
    if request.instrument.kind is InstrumentKind.SPOT:
        return "size None closes a position, and spot has none"
    if request.kind not in (AlgoKind.CONDITIONAL, AlgoKind.OCO):
        return f"size None closes a position by kind conditional or oco, not {request.kind.value}"
    priced = next((each for each in _triggers(request) if each.order_price is not None), None)
    return "" if priced is None else f"size None closes at market; order_price must be None, not {priced.order_price}"


def amendment_refusal(name: AlgoName, amendment: AlgoAmendment) -> str:
    """Why the amendment is none of such an order, or ""."""
    if name.kind is AlgoKind.TRAILING:
        return "OKX does not amend trailing stops; cancel and place anew"
    if amendment == AlgoAmendment(amendment.request_id):
        return "an amendment that changes nothing"
    exits = [each for each in (amendment.take_profit, amendment.stop_loss) if each is not None]
    if exits and name.kind is AlgoKind.TRIGGER:
        return "kind trigger has neither take_profit nor stop_loss"
    if amendment.trigger is not None and name.kind is not AlgoKind.TRIGGER:
        return f"kind {name.kind.value} has no trigger"
    return _not_above_zero({"size": amendment.size}, _triggers(amendment))


def _number_refusal(request: AlgoRequest) -> str:
    numbers = {
        "size": request.size,
        "callback_ratio": request.callback_ratio,
        "callback_spread": request.callback_spread,
        "activation_price": request.activation_price,
    }
    problem = _not_above_zero(numbers, _triggers(request))
    if problem:
        return problem
    ratio = request.callback_ratio
    if ratio is not None and not CALLBACK_RATIO_MIN <= ratio <= CALLBACK_RATIO_MAX:
        return f"callback_ratio {plain(ratio)} must be from {CALLBACK_RATIO_MIN} to {CALLBACK_RATIO_MAX}"
    return ""


def _not_above_zero(numbers: dict[str, Decimal | None], triggers: Sequence[Trigger]) -> str:
    for each in triggers:
        numbers |= {f"price at {each.price}": each.price, f"order_price at {each.price}": each.order_price}
    for name, number in numbers.items():
        if number is not None and not (number.is_finite() and number > 0):
            return f"{name} {number} must be above zero"
    return ""


def _watched_refusal(request: AlgoRequest) -> str:
    other = next((each.by for each in _triggers(request) if each.by is not TriggerBy.LAST), None)
    if other is None or request.instrument.kind is not InstrumentKind.SPOT:
        return ""
    return f"a spot order watches the last price; by must be last, not {other.value}"


def _triggers(request: AlgoRequest | AlgoAmendment) -> list[Trigger]:
    given = (request.take_profit, request.stop_loss, request.trigger)
    return [each for each in given if each is not None]


def place(request: AlgoRequest, trade_mode: TradeMode, tag: str = "") -> Arguments:
    """trade_mode: as OKX calls it (trade_modes.py)."""
    arguments: Arguments = {
        "instId": request.instrument.instrument_id,
        "tdMode": trade_mode.value,
        "side": request.side.value,
        "ordType": request.kind.value,
        "algoClOrdId": request.client_order_id,
    }
    if request.size is None:
        arguments["closeFraction"] = "1"
    else:
        arguments["sz"] = plain(request.size)
    if request.instrument.kind is InstrumentKind.SPOT:
        # By default a market buy's size would be an amount of quote currency; elsewhere OKX knows no tgtCcy. Whether
        # it does of a trigger order is not documented; one that it refuses (51281) is better than one misunderstood.
        if request.side is OrderSide.BUY and _buys_at_market(request):
            arguments["tgtCcy"] = "base_ccy"
    elif request.position_side is not PositionSide.NET:
        arguments["posSide"] = request.position_side.value
    elif request.reduce_only or request.size is None:
        arguments["reduceOnly"] = True
    arguments |= _exits(request.take_profit, request.stop_loss)
    if request.trigger is not None:
        arguments |= _named(("triggerPx", "orderPx", "triggerPxType"), request.trigger)
    for name, value in (
        ("callbackRatio", request.callback_ratio),
        ("callbackSpread", request.callback_spread),
        ("activePx", request.activation_price),
    ):
        if value is not None:
            arguments[name] = plain(value)
    return arguments | ({"tag": tag} if tag else {})


def _buys_at_market(request: AlgoRequest) -> bool:
    return request.kind is AlgoKind.TRAILING or any(each.order_price is None for each in _triggers(request))


def amend(name: AlgoName, amendment: AlgoAmendment) -> Arguments:
    arguments = cancel(name) | {"reqId": amendment.request_id}
    if amendment.size is not None:
        arguments["newSz"] = plain(amendment.size)
    exits = _exits(amendment.take_profit, amendment.stop_loss)
    arguments |= {f"new{key[0].upper()}{key[1:]}": value for key, value in exits.items()}
    if amendment.trigger is not None:
        # Placing has orderPx, amending newOrdPx, and every answer ordPx.
        arguments |= _named(("newTriggerPx", "newOrdPx", "newTriggerPxType"), amendment.trigger)
    return arguments


def cancel(name: AlgoName) -> Arguments:
    named = {"algoId": name.algo_id} if name.algo_id else {"algoClOrdId": name.client_order_id}
    return {"instId": name.instrument_id, **named}


def attached(exits: AttachedExits) -> dict[str, str]:
    """One element of attachAlgoOrds. Raises ValueError for exits without an exit."""
    if exits.take_profit is None and exits.stop_loss is None:
        raise ValueError("attached exits need take_profit, stop_loss or both")
    return {"attachAlgoClOrdId": exits.client_order_id, **_exits(exits.take_profit, exits.stop_loss)}


def _exits(take_profit: Trigger | None, stop_loss: Trigger | None) -> dict[str, str]:
    parts: dict[str, str] = {}
    if take_profit is not None:
        parts |= _named(("tpTriggerPx", "tpOrdPx", "tpTriggerPxType"), take_profit)
    if stop_loss is not None:
        parts |= _named(("slTriggerPx", "slOrdPx", "slTriggerPxType"), stop_loss)
    return parts


def _named(names: tuple[str, str, str], trigger: Trigger) -> dict[str, str]:
    order_price = AT_MARKET if trigger.order_price is None else plain(trigger.order_price)
    return dict(zip(names, (plain(trigger.price), order_price, trigger.by.value), strict=True))


# --- what comes back ---


def report(row: wire.AlgoRow) -> AlgoReport:
    """Raises ProtocolError for numbers and times that are none, and for a row without an id."""
    if not row.algoId:
        raise ProtocolError(f"an algo order of {row.instId} without an id")
    state = words.meaning("algo state", row.state, STATES, AlgoState.OTHER)
    order_ids = tuple(each for each in row.ordIdList or () if each) or ((row.ordId,) if row.ordId else ())
    return AlgoReport(
        algo_id=row.algoId,
        client_order_id=row.algoClOrdId or "",
        instrument_id=row.instId,
        kind=words.meaning("algo ordType", row.ordType, KINDS, None),
        state=state,
        side=words.meaning("side", row.side, codec.SIDES, None),
        size=codec.number("sz", row.sz),
        take_profit=_trigger("tp", row.tpTriggerPx, row.tpOrdPx, row.tpTriggerPxType),
        stop_loss=_trigger("sl", row.slTriggerPx, row.slOrdPx, row.slTriggerPxType),
        trigger=_trigger("trigger", row.triggerPx, row.ordPx, row.triggerPxType),
        callback_ratio=codec.number("callbackRatio", row.callbackRatio),
        callback_spread=codec.number("callbackSpread", row.callbackSpread),
        activation_price=codec.number("activePx", row.activePx),
        follows=bool(codec.number("moveTriggerPx", row.moveTriggerPx)),
        order_ids=order_ids,
        actual_side=row.actualSide or "",
        fail_code=row.failCode if row.failCode and row.failCode != "0" else "",
        attached_to=(row.linkedOrd.ordId or "") if row.linkedOrd is not None else "",
        amend_request_id=row.reqId or "",
        amend_result=row.amendResult or "",
        created_ns=codec.moment("cTime", row.cTime),
        triggered_ns=codec.moment("triggerTime", row.triggerTime),
        venue_time_ns=codec.moment("uTime", row.uTime or row.cTime),
        raw_state=(row.state or "") if state is AlgoState.OTHER else "",
    )


def _trigger(name: str, price: str | None, order_price: str | None, by: str | None) -> Trigger | None:
    watched = codec.number(f"{name} trigger price", price)
    if not watched:
        return None
    wanted = codec.number(f"{name} order price", order_price)
    at_market = wanted is None or wanted <= 0
    return Trigger(
        watched, None if at_market else wanted, words.meaning("trigger price type", by, TRIGGERED_BY, TriggerBy.LAST)
    )
