"""What OKX asks of an algo order before it takes it: words, size or closeFraction, prices and their side.

The same for what comes attached to an order. Source: OKX v5 trade/order-algo and amend-algos, and the error table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.market.instruments import Instrument, parse_number, text
from app.simulator.market.markets import Market
from app.simulator.trading.accounts import Account

KINDS = ("conditional", "oco", "trigger", "move_order_stop")
AT_MARKET = "-1"
EXITS = ("tp", "sl")
TRIGGER_PRICES = ("tpTriggerPx", "slTriggerPx", "triggerPx", "activePx")
CALLBACKS = ("callbackRatio", "callbackSpread")
ORDER_PRICES = ("tpOrdPx", "slOrdPx", "ordPx")
"""As answers name them. A request names a trigger order's price orderPx, an amendment newOrdPx."""
CALLBACK_RANGE = (Decimal("0.001"), Decimal(1))
FLAGS = ("reduceOnly", "banAmend", "cxlOnFail", "cxlOnClosePos")
WATCHED = ("last", "index", "mark")
_BEYOND = {
    "last": ("51277", "51278", "51279", "51280"),
    "mark": ("51300", "51302", "51303", "51304"),
    "index": ("51305", "51306", "51307", "51308"),
}
"""By watched price: a buy's take-profit too high, its stop-loss too low; a sell's too low, its stop-loss too high."""


def flag(value: object) -> bool:
    return value is True or value == "true"


def flag_problem(params: Mapping[str, Any]) -> Refusal | None:
    """Are yes and no written as such? Another word would be a no that nobody said."""
    for name in FLAGS:
        given = params.get(name, False)
        if not isinstance(given, bool) and given not in ("true", "false"):
            return refuse("51000", name)
    return None


def mode_problem(mode: str, account: Account, inst: Instrument) -> Refusal | None:
    """Is it a tdMode of such an instrument in an account of this level?"""
    if inst.is_spot:
        wrong = "51010" if account.spot_mode == "cash" else "51000"
        return None if mode == account.spot_mode else refuse(wrong, "tdMode")
    return refuse("51010") if mode == "cash" or account.config.account_mode == "1" else None


def word_problem(params: Mapping[str, Any], account: Account, market: Market) -> Refusal | None:
    """Are the words those of an algo order of this market and account?"""
    inst, kind = market.inst, params.get("ordType")
    if kind not in KINDS:
        return refuse("51000", "ordType") if kind else refuse("50014", "ordType")
    for name, known in (("side", ("buy", "sell")), ("tdMode", ("cash", "cross", "isolated"))):
        if params.get(name) not in known:
            return refuse("51000", name) if params.get(name) else refuse("50014", name)
    problem = mode_problem(str(params["tdMode"]), account, inst)
    if problem is not None:
        return problem
    hedged = not inst.is_spot and account.position_mode != "net_mode"
    if params.get("posSide", "net") not in (("long", "short") if hedged else ("net",)):
        return refuse("51000", "posSide")
    if "tgtCcy" in params:
        if kind == "trigger":
            return refuse("51281")
        if not inst.is_spot or params["tgtCcy"] not in ("base_ccy", "quote_ccy"):
            return refuse("51000", "tgtCcy")
    for name in ("tpTriggerPxType", "slTriggerPxType", "triggerPxType"):
        watched = params.get(name, "last")
        if watched not in WATCHED:
            return refuse("51000", name)
        if inst.is_spot and watched != "last":
            return refuse("51415")
    return flag_problem(params)


# -- size --------------------------------------------------------------------------------------------------------------


def size_problem(params: Mapping[str, Any], market: Market) -> Refusal | None:
    """Is `sz` a size of this market? A spot buy at market may be sized in quote."""
    inst, size = market.inst, parse_number(params["sz"])
    if size is None or not size:
        return refuse("51000", "sz")
    if _in_quote(params, market):
        return refuse("51020") if size < market.smallest * market.mark_price() else None
    if inst.lots(size) is None:
        return refuse("51121")
    if size < market.smallest:
        return refuse("51020")
    most = inst.max_limit_size if params["ordType"] == "trigger" or inst.is_spot else inst.max_market_size
    return refuse("51252") if size > most else None


def _in_quote(params: Mapping[str, Any], market: Market) -> bool:
    buys_at_market = params["side"] == "buy" and (params["ordType"] == "move_order_stop" or any(_at_market(params)))
    return market.inst.is_spot and buys_at_market and params.get("tgtCcy", "quote_ccy") == "quote_ccy"


def _at_market(params: Mapping[str, Any]) -> Iterable[bool]:
    return (str(params[name]) == AT_MARKET for name in ORDER_PRICES if name in params)


def close_problem(
    params: Mapping[str, Any], account: Account, market: Market, others: Iterable[Mapping[str, Any]]
) -> Refusal | None:
    """closeFraction: contracts, take-profit or stop-loss at market, reducing, once a position. `others` live there."""
    if params["closeFraction"] != "1":
        return refuse("51000", "closeFraction")
    if market.inst.is_spot:
        return refuse("51327")
    pos_side = str(params.get("posSide", "net"))
    if params["ordType"] not in ("conditional", "oco") or not all(_at_market(params)):
        return refuse("51330")
    if pos_side == "net" and not flag(params.get("reduceOnly")):
        return refuse("51328")
    position = account.position(market.inst, str(params["tdMode"]), pos_side)
    if position is None or not position.quantity:
        return refuse("51058")
    if (params["side"] == "buy") == (position.quantity > 0):
        return refuse("51331")
    key = ("instId", "tdMode", "posSide")
    mine = [params.get(name, "net") for name in key]
    if any("closeFraction" in other and [other.get(name, "net") for name in key] == mine for other in others):
        return refuse("51088")
    return None


# -- prices ------------------------------------------------------------------------------------------------------------


def price_problem(params: Mapping[str, Any], market: Market) -> Refusal | None:
    """Are the prices that its kind needs there, and numbers? Order prices may be -1 (market)."""
    kind = params["ordType"]
    problem = None
    if kind == "trigger":
        problem = _needed(params, "triggerPx", "ordPx")
    elif kind == "move_order_stop":
        problem = _callback_problem(params)
    else:
        problem = _exits_problem(params, both=kind == "oco")
    if problem is not None:
        return problem
    for name in TRIGGER_PRICES:
        if name in params and not parse_number(params[name]):
            return refuse("51000", name)
    for name in ORDER_PRICES:
        if name in params and str(params[name]) != AT_MARKET and not parse_number(params[name]):
            return refuse("51000", "orderPx" if name == "ordPx" else name)
    return side_problem(params, market)


def _needed(params: Mapping[str, Any], *names: str) -> Refusal | None:
    missing = next((name for name in names if name not in params), None)
    return None if missing is None else refuse("50014", "orderPx" if missing == "ordPx" else missing)


def _exits_problem(params: Mapping[str, Any], *, both: bool) -> Refusal | None:
    wanted = [exit for exit in EXITS if both or f"{exit}TriggerPx" in params or f"{exit}OrdPx" in params]
    if not wanted:
        return refuse("50015", "tpTriggerPx or slTriggerPx")
    return _needed(params, *(f"{exit}{part}" for exit in wanted for part in ("TriggerPx", "OrdPx")))


def _callback_problem(params: Mapping[str, Any]) -> Refusal | None:
    given = [name for name in CALLBACKS if name in params]
    if not given:
        return refuse("50015", " or ".join(CALLBACKS))
    if len(given) > 1:
        return refuse("50024", *CALLBACKS)
    value = parse_number(params[given[0]])
    if not value:
        return refuse("51000", given[0])
    least, most = CALLBACK_RANGE
    if given == ["callbackRatio"] and not least <= value <= most:
        return refuse("51311", text(least), text(most))
    return None


def side_problem(params: Mapping[str, Any], market: Market) -> Refusal | None:
    """A take-profit stands beyond the market in the exit's favour, a stop-loss against it; never on it."""
    buys = params["side"] == "buy"
    for exit in EXITS:
        trigger = parse_number(params.get(f"{exit}TriggerPx"))
        if trigger is None:
            continue
        watched = str(params.get(f"{exit}TriggerPxType", "last"))
        above = (exit == "tp") != buys
        if _not_beyond(trigger, watched_price(market, watched), above=above):
            return refuse(_BEYOND[watched][EXITS.index(exit) + (0 if buys else 2)])
    active = parse_number(params.get("activePx"))
    if active is not None and _not_beyond(active, watched_price(market, "last"), above=not buys):
        return refuse("51259" if buys else "51258")
    return None


def _not_beyond(price: Decimal, market: Decimal, *, above: bool) -> bool:
    return price <= market if above else price >= market


def watched_price(market: Market, watched: str) -> Decimal:
    """The price that a trigger of that type is compared with."""
    if watched == "last":
        return market.inst.price(market.last_price)
    return market.index_price() if watched == "index" else market.mark_price()


def attached_problem(attached: object, *, buys: bool, price: Decimal | None, market: Market) -> Refusal | None:
    """Take-profits and stop-losses that come with an order at `price`; None is an order at market."""
    if not isinstance(attached, list) or not all(isinstance(one, dict) for one in attached):
        return refuse("51000", "attachAlgoOrds")
    reference = market.inst.price(market.last_price) if price is None else price
    for raw in attached:
        one = {name: value for name, value in raw.items() if value not in (None, "")}
        if not any(f"{exit}TriggerPx" in one for exit in EXITS):
            return refuse("51178")
        problem = _exits_problem(one, both=False)
        if problem is not None:
            return problem
        for position, exit in enumerate(EXITS):
            trigger, order_price = parse_number(one.get(f"{exit}TriggerPx")), one.get(f"{exit}OrdPx", AT_MARKET)
            if f"{exit}TriggerPx" in one and not trigger:
                return refuse("51000", f"{exit}TriggerPx")
            if str(order_price) != AT_MARKET and not parse_number(order_price):
                return refuse("51000", f"{exit}OrdPx")
            if market.inst.is_spot and one.get(f"{exit}TriggerPxType", "last") != "last":
                return refuse("51415")
            if trigger and _not_beyond(trigger, reference, above=(exit == "tp") == buys):
                return refuse(("51046", "51047", "51048", "51049")[position + (0 if buys else 2)])
    return None
