"""What the adapter writes: the arguments of place, amend and cancel, the same for REST and WebSocket.

A strict writer: only fields that OKX defines, numbers as plain text, the unit of spot market orders always explicit.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.clock import NS_PER_MS
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import plain
from app.domain.orders import Amendment, OrderRequest, OrderType, PositionSide, TradeMode

Arguments = dict[str, str | int | bool | list[dict[str, str]]]

CLIENT_ID_LENGTH_MAX = 32

_ORDER_TYPES: Mapping[OrderType, str] = MappingProxyType(
    {
        OrderType.MARKET: "market",
        OrderType.LIMIT: "limit",
        OrderType.POST_ONLY: "post_only",
        OrderType.IOC: "ioc",
        OrderType.FOK: "fok",
    }
)


def id_refusal(field: str, value: str) -> str:
    """Why OKX would not take this id (1 to 32 letters and digits), or ""."""
    if 0 < len(value) <= CLIENT_ID_LENGTH_MAX and value.isascii() and value.isalnum():
        return ""
    return f"{field} {value!r} must be 1 to {CLIENT_ID_LENGTH_MAX} letters and digits"


def place(
    request: OrderRequest, instrument: Instrument, trade_mode: TradeMode, stp_mode: str, tag: str = ""
) -> Arguments:
    """The arguments of one new order, without the instrument's name (REST and WebSocket name it differently).

    trade_mode: as OKX calls it (trade_modes.py). stp_mode: which of two orders of the account ends that would trade
    with each other (STP_MODES).
    """
    if request.order_type is OrderType.FOK and stp_mode == "cancel_both":
        # OKX takes no such order (54036); it ends whole or not at all, and so leaves the other one where it is.
        stp_mode = "cancel_taker"
    arguments: Arguments = {
        "tdMode": trade_mode.value,
        "side": request.side.value,
        "ordType": _ORDER_TYPES[request.order_type],
        "sz": plain(request.size),
        "clOrdId": request.client_order_id,
        "stpMode": stp_mode,
    }
    if request.price is not None and request.order_type.has_price:
        arguments["px"] = plain(request.price)
    if instrument.kind is InstrumentKind.SPOT:
        if request.order_type is OrderType.MARKET:
            # OKX's default for a market buy is an amount of quote currency, and it may shrink the order.
            arguments["tgtCcy"] = "base_ccy"
            arguments["banAmend"] = True
    elif request.position_side is not PositionSide.NET:
        arguments["posSide"] = request.position_side.value
    elif request.reduce_only:
        # In long/short mode closing orders reduce only by their nature, and OKX refuses the flag.
        arguments["reduceOnly"] = True
    if tag:
        arguments["tag"] = tag
    return arguments


def amend(client_order_id: str, venue_order_id: str, amendment: Amendment) -> Arguments:
    """newSz is the total, what has filled included, as in Amendment."""
    arguments = cancel(client_order_id, venue_order_id)
    arguments["reqId"] = amendment.request_id
    if amendment.size is not None:
        arguments["newSz"] = plain(amendment.size)
    if amendment.price is not None:
        arguments["newPx"] = plain(amendment.price)
    return arguments


def cancel(client_order_id: str, venue_order_id: str) -> Arguments:
    """OKX prefers ordId when both are given, so only one is: the venue's own where it is known."""
    return {"ordId": venue_order_id} if venue_order_id else {"clOrdId": client_order_id}


def expiry_ms(expires_ns: int | None) -> str:
    """expTime in the venue's milliseconds, rounded down; "" for none."""
    return "" if expires_ns is None else str(expires_ns // NS_PER_MS)
