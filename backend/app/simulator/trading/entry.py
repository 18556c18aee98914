"""Order entry checks: from raw request parameters to an Order, or the refusal OKX would give.

Only form, instrument limits and price band are checked here; money is checked by the desk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.market.instruments import Instrument, parse_number, text
from app.simulator.market.markets import Market
from app.simulator.trading.accounts import PENDING_INSTRUMENT_MAX, PENDING_MAX, Account
from app.simulator.trading.algo_rules import attached_problem, flag, flag_problem, mode_problem
from app.simulator.trading.margin import is_opening
from app.simulator.trading.orders import Order

CLIENT_ID = re.compile(r"^[A-Za-z0-9]{1,32}$")
TAG = re.compile(r"^[A-Za-z0-9]{1,16}$")
PRICED = ("limit", "post_only", "fok", "ioc")
SWAP_ONLY = ("optimal_limit_ioc",)
STP_MODES = ("cancel_maker", "cancel_taker", "cancel_both")


def clean(params: Mapping[str, Any]) -> dict[str, Any]:
    """Drop null and empty members: OKX treats them as absent."""
    return {key: value for key, value in params.items() if value is not None and value != ""}


def read_order(
    params: Mapping[str, Any], account: Account, market: Market, order_id: int, band: Decimal, now_ms: int
) -> Order | Refusal:
    """Build the order that `params` (already cleaned) ask for."""
    inst = market.inst
    if market.state != "live":
        return refuse("51022")
    problem = _check_words(params, account, inst) or _check_ids(params, account)
    if problem is not None:
        return problem
    ord_type, side = str(params["ordType"]), 1 if params["side"] == "buy" else -1
    pos_side = str(params.get("posSide", "net"))
    order = Order(
        order_id,
        account.name,
        inst,
        side,
        ord_type,
        str(params["tdMode"]),
        0,
        cl_ord_id=str(params.get("clOrdId", "")),
        tag=str(params.get("tag", "")),
        pos_side="" if inst.is_spot else pos_side,
        ccy=str(params.get("ccy", "")),
        stp_mode=str(params.get("stpMode", "cancel_maker")),
        lever="" if inst.is_spot else text(account.lever(inst, str(params["tdMode"]), pos_side)),
        c_time_ms=now_ms,
        u_time_ms=now_ms,
        attached=params.get("attachAlgoOrds", []),
    )
    if not inst.is_spot:
        order.reduce_only = flag(params.get("reduceOnly")) or (
            account.position_mode != "net_mode" and not is_opening(order)
        )
    return (
        _read_price(order, params, market, band)
        or _read_size(order, params, market)
        or _check_attached(order, params, market)
        or _check_caps(account, order)
        or order
    )


def _check_words(params: Mapping[str, Any], account: Account, inst: Instrument) -> Refusal | None:
    for name in ("tdMode", "side", "ordType", "sz"):
        if name not in params:
            return refuse("50014", name)
    if params["side"] not in ("buy", "sell"):
        return refuse("51000", "side")
    mode = params["tdMode"]
    if mode not in ("cash", "cross", "isolated"):
        return refuse("51000", "tdMode")
    problem = mode_problem(str(mode), account, inst)
    if problem is not None:
        return problem
    ord_type = params["ordType"]
    if ord_type not in PRICED and ord_type != "market" and (inst.is_spot or ord_type not in SWAP_ONLY):
        return refuse("51000", "ordType")
    pos_side = params.get("posSide", "net")
    hedged = not inst.is_spot and account.position_mode != "net_mode"
    if pos_side not in (("long", "short") if hedged else ("net",)):
        return refuse("51000", "posSide")
    if params.get("stpMode", "cancel_maker") not in STP_MODES:
        return refuse("51000", "stpMode")
    if params.get("stpMode") == "cancel_both" and ord_type == "fok":
        return refuse("54036")
    if params.get("tradeQuoteCcy", inst.quote) != inst.quote:
        return refuse("51000", "tradeQuoteCcy")
    return flag_problem(params)


def _check_ids(params: Mapping[str, Any], account: Account) -> Refusal | None:
    client_id = params.get("clOrdId")
    if client_id is not None:
        if not isinstance(client_id, str) or not CLIENT_ID.match(client_id):
            return refuse("51000", "clOrdId")
        if client_id in account.pending_ids:
            return refuse("51016")
    tag = params.get("tag")
    if tag is not None and (not isinstance(tag, str) or not TAG.match(tag)):
        return refuse("51000", "tag")
    return None


def _read_price(order: Order, params: Mapping[str, Any], market: Market, band: Decimal) -> Refusal | None:
    highest, lowest = market.band(band)
    if order.ord_type not in PRICED:
        if not order.inst.is_spot:
            order.px = highest if order.side > 0 else lowest
        return None
    if "px" not in params:
        return refuse("50014", "px")
    price = parse_number(params["px"])
    if price is None or not price:
        return refuse("51000", "px")
    order.px = order.inst.ticks(price)
    if order.px is None:
        return refuse("51150")
    return check_band(order, market, band, clip=params.get("pxAmendType") == "1")


def check_band(order: Order, market: Market, band: Decimal, *, clip: bool = False) -> Refusal | None:
    """Refuse (or with `clip` move) a price outside the band: buys above the highest, sells below the lowest."""
    highest, lowest = market.band(band)
    assert order.px is not None
    too_high, too_low = order.side > 0 and order.px > highest, order.side < 0 and order.px < lowest
    if not too_high and not too_low:
        return None
    if clip:
        order.px = highest if too_high else lowest
        return None
    high_text, low_text = market.price_text(highest), market.price_text(lowest)
    if not order.inst.is_spot:
        return refuse("51006", high_text, low_text)
    return refuse("51137", high_text) if too_high else refuse("51138", low_text)


def _read_size(order: Order, params: Mapping[str, Any], market: Market) -> Refusal | None:
    inst = order.inst
    size = parse_number(params["sz"])
    if size is None or not size:
        return refuse("51000", "sz")
    if inst.is_spot and order.ord_type == "market":
        default = "quote_ccy" if order.side > 0 else "base_ccy"
        order.tgt_ccy = str(params.get("tgtCcy", default))
        if order.tgt_ccy not in ("base_ccy", "quote_ccy"):
            return refuse("51000", "tgtCcy")
        if order.tgt_ccy == "quote_ccy":
            return _read_quote_size(order, size, market)
    lots = inst.lots(size)
    if lots is None:
        return refuse("51121")
    if size < market.smallest:
        return refuse("51020")
    order.size = lots
    return check_size(order, market)


def _read_quote_size(order: Order, amount: Decimal, market: Market) -> Refusal | None:
    inst = order.inst
    if amount > inst.max_market_amount:
        return refuse("51201", text(inst.max_market_amount))
    best = market.book.best(-order.side)
    price = inst.price(best if best is not None else market.last_price)
    if amount < market.smallest * price:
        return refuse("51020")
    order.quote_size = amount
    return None


def check_size(order: Order, market: Market) -> Refusal | None:
    """Refuse sizes and values beyond the instrument's limits."""
    inst, size = order.inst, order.inst.size(order.size)
    if order.ord_type in ("market", "optimal_limit_ioc"):
        if inst.is_spot and size * market.mark_price() > inst.max_market_amount:
            return refuse("51201", text(inst.max_market_amount))
        return refuse("51202") if not inst.is_spot and size > inst.max_market_size else None
    if size > inst.max_limit_size:
        return refuse("51005") if inst.is_spot else refuse("51101")
    assert order.px is not None
    usd = size * inst.contract_value * (1 if inst.is_inverse else inst.price(order.px))
    return refuse("51185", text(inst.max_limit_amount)) if usd > inst.max_limit_amount else None


def _check_attached(order: Order, params: Mapping[str, Any], market: Market) -> Refusal | None:
    attached = params.get("attachAlgoOrds", [])
    price = order.inst.price(order.px) if order.ord_type in PRICED and order.px is not None else None
    if attached and not order.inst.is_spot and flag(params.get("reduceOnly")):
        return refuse("51100")
    problem = attached_problem(attached, buys=order.side > 0, price=price, market=market)
    for one in [] if problem is not None else attached:
        client_id = one.get("attachAlgoClOrdId")
        if client_id and not (isinstance(client_id, str) and CLIENT_ID.match(client_id)):
            return refuse("51000", "attachAlgoClOrdId")
    return problem


def _check_caps(account: Account, order: Order) -> Refusal | None:
    if len(account.pending) >= PENDING_MAX:
        return refuse("51025")
    inst_id = order.inst.inst_id
    if account.pending_count.get(inst_id, 0) >= PENDING_INSTRUMENT_MAX:
        return refuse("51174", inst_id, PENDING_INSTRUMENT_MAX)
    return None
