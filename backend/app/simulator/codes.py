"""OKX error codes the simulated exchange can answer with: message and HTTP status, one table.

Message texts follow the public error table in meaning; `{}` takes the offending parameter or limit.
"""

from __future__ import annotations

from typing import NamedTuple

_MESSAGES: dict[str, tuple[int, str]] = {
    "50000": (400, "Body for POST request cannot be empty."),
    "50001": (503, "Service temporarily unavailable. Try again later."),
    "50002": (400, "JSON syntax error"),
    "50004": (
        400,
        "API endpoint request timeout (does not mean that the request was successful or failed, "
        "please check the request result).",
    ),
    "50006": (400, 'Invalid Content-Type. Please use "application/JSON".'),
    "50011": (429, "Too Many Requests"),
    "50013": (429, "Systems are busy. Please try again later."),
    "50014": (400, "Parameter {} can not be empty."),
    "50015": (400, "Either parameter {} is required."),
    "50016": (400, "Parameter {} does not match."),
    "50024": (200, "Parameter {} and {} can not exist at the same time."),
    "50025": (200, "Parameter {} count exceeds the limit {}"),
    "50026": (500, "System error. Try again later"),
    "50036": (200, "The expTime can't be earlier than the current system time. Please adjust it and try again."),
    "50037": (200, "Order expired."),
    "50061": (200, "Sub-account rate limit exceeded."),
    "50072": (200, "Isolated margin is not available in the current account mode."),
    "50101": (401, "APIKey does not match current environment."),
    "50102": (401, "Timestamp request expired"),
    "50103": (401, "Request header OK-ACCESS-KEY can not be empty."),
    "50104": (401, "Request header OK-ACCESS-PASSPHRASE can not be empty."),
    "50105": (401, "Request header OK-ACCESS-PASSPHRASE incorrect."),
    "50106": (401, "Request header OK-ACCESS-SIGN can not be empty."),
    "50107": (401, "Request header OK-ACCESS-TIMESTAMP can not be empty."),
    "50110": (401, "Your IP is not included in your API key's IP whitelist."),
    "50111": (401, "Invalid OK-ACCESS-KEY"),
    "50112": (401, "Invalid OK-ACCESS-TIMESTAMP"),
    "50113": (401, "Invalid Sign"),
    "50114": (401, "Invalid authorization"),
    "50120": (200, "This API key doesn't have permission to use this function"),
    "51000": (400, "Parameter {} error"),
    "51001": (200, "Instrument ID, Instrument ID code, or Spread ID doesn't exist."),
    "51003": (200, "Either client order ID or order ID is required."),
    "51005": (200, "Your order amount exceeds the max order amount."),
    "51006": (200, "Order price is not within the price limit (max buy price: {} min sell price: {})"),
    "51008": (200, "Order failed. Insufficient {} balance in account."),
    "51010": (200, "Request unsupported under current account mode"),
    "51016": (200, "Duplicated client order ID"),
    "51020": (200, "Your order should meet or exceed the minimum order amount."),
    "51025": (200, "Order count exceeds the limit"),
    "51039": (200, "Leverage cannot be adjusted: the position or its pending orders do not allow it."),
    "51046": (200, "The take profit trigger price must be higher than the order price"),
    "51047": (200, "The stop loss trigger price must be lower than the order price"),
    "51048": (200, "The take profit trigger price must be lower than the order price"),
    "51049": (200, "The stop loss trigger price must be higher than the order price"),
    "51054": (500, "Request timed out. Please try again."),
    "51058": (200, "No available position for this algo order"),
    "51059": (200, "The position mode cannot be switched while there are positions or pending orders."),
    "51065": (200, "algoClOrdId already exists."),
    "51071": (200, "Cancel All After does not support more than 20 tags."),
    "51088": (200, "You can only place 1 TP/SL order to close an entire position"),
    "51100": (200, "Unable to place order. Take profit/Stop loss conditions cannot be added to reduce-only orders."),
    "51101": (200, "Entered amount exceeds the max pending order amount (Cont) per transaction"),
    "51102": (200, "Entered amount exceeds the max pending count"),
    "51121": (200, "Order quantity must be a multiple of the lot size."),
    "51137": (200, "The highest price limit for buy orders is {}."),
    "51138": (200, "The lowest price limit for sell orders is {}."),
    "51149": (500, "Order timed out. Please try again."),
    "51150": (200, "The trading amount or price exceeds the accuracy limit."),
    "51169": (200, "Order failed because you don't have any positions in this direction to reduce or close."),
    "51170": (200, "Order failed. A reduce-only order can't be in the same direction as your existing positions."),
    "51174": (200, "Order failed. The number of {} pending orders reached the upper limit of {} (orders)."),
    "51178": (200, "tpTriggerPx&tpOrdPx or slTriggerPx&slOrdPx can't be empty when using attachAlgoClOrdId."),
    "51185": (200, "The maximum value allowed per order is {} USD"),
    "51201": (200, "The value of a market order can't exceed {} USDT"),
    "51202": (200, "Market order amount exceeds the max amount"),
    "51205": (200, "Reduce Only is not available."),
    "51252": (200, "Algo order amount is out of the available range."),
    "51258": (
        200,
        "Trailing stop order placement failed. The trigger price of a sell order must be higher than the "
        "last transaction price.",
    ),
    "51259": (
        200,
        "Trailing stop order placement failed. The trigger price of a buy order must be lower than the "
        "last transaction price.",
    ),
    "51277": (200, "TP trigger price cannot be higher than the last price"),
    "51278": (200, "SL trigger price cannot be lower than the last price"),
    "51279": (200, "TP trigger price cannot be lower than the last price"),
    "51280": (200, "SL trigger price cannot be higher than the last price"),
    "51281": (200, "Trigger order do not support the tgtCcy parameter."),
    "51299": (200, "Order did not go through. You can hold a maximum of {} orders of this type."),
    "51300": (200, "TP trigger price cannot be higher than the mark price"),
    "51302": (200, "SL trigger price cannot be lower than the mark price"),
    "51303": (200, "TP trigger price cannot be lower than the mark price"),
    "51304": (200, "SL trigger price cannot be higher than the mark price"),
    "51305": (200, "TP trigger price cannot be higher than the index price"),
    "51306": (200, "SL trigger price cannot be lower than the index price"),
    "51307": (200, "TP trigger price cannot be lower than the index price"),
    "51308": (200, "SL trigger price cannot be higher than the index price"),
    "51311": (200, "Failed to place trailing stop order. Callback rate should be within {}<x<={}"),
    "51327": (200, "closeFraction is only available for Expiry Futures and Perpetual Futures"),
    "51328": (200, "closeFraction is only available for reduceOnly orders"),
    "51330": (200, "closeFraction is only available for stop market orders"),
    "51331": (200, "closeFraction is only available for close position orders"),
    "51415": (
        200,
        "Unable to place order. Spot trading only supports using the last price as trigger price. "
        'Please select "Last" and try again.',
    ),
    "51400": (200, "Order cancellation failed as the order has been filled, canceled or does not exist."),
    "51500": (200, "You must enter a price, quantity, or TP/SL"),
    "51502": (200, "Order failed to modify because of insufficient {} balance."),
    "51503": (200, "Order modification failed as the order has been filled, canceled or does not exist."),
    "51506": (200, "Order modification unsupported for this order type"),
    "51511": (200, "Operation failed as the order price would trigger post-only."),
    "51512": (200, "Failed to amend orders in batches. You cannot submit the same order twice in one batch."),
    "51513": (200, "Number of modification requests that are currently in progress for an order cannot exceed 3."),
    "51603": (200, "Order does not exist"),
    "51022": (200, "Instrument suspended."),
    "51023": (200, "Position does not exist"),
    "54036": (200, "You can't place FOK orders with cancel_both self-trade prevention."),
    "59000": (200, "Setting failed. Cancel any open orders, close positions, and stop trading bots first."),
    "59102": (200, "Leverage exceeds the maximum limit. Please lower the leverage."),
    "60003": (200, "Connection limit reached."),
    "60004": (200, "Invalid timestamp"),
    "60005": (200, "Invalid apiKey"),
    "60006": (200, "Timestamp request expired"),
    "60007": (200, "Invalid sign"),
    "60009": (200, "Login failed."),
    "60011": (200, "Please log in"),
    "60012": (200, "Invalid request: {}"),
    "60013": (200, "Invalid args"),
    "60014": (200, "Requests too frequent"),
    "60018": (
        200,
        "Wrong URL or {} doesn't exist. Please use the correct URL, channel and parameters referring to API document.",
    ),
    "60019": (200, "Invalid op: {}"),
    "60024": (200, "Wrong passphrase"),
    "60031": (200, "The WebSocket endpoint does not allow multiple or repeated logins."),
    "60032": (200, "The API key doesn't exist."),
    "64000": (200, "Subscription parameter uly is unavailable anymore, please replace uly with instFamily."),
    "64003": (200, "Your trading fee tier doesn't meet the requirement to access this channel"),
    "64004": (200, "Subscribe to both books-l2-tbt and books in the same connection is not allowed"),
    "64007": (200, "Operation failed due to internal errors. Please retry with the WebSocket or via REST API later."),
    "64008": (200, "The connection will soon be closed for a service upgrade. Please reconnect."),
}


class Refusal(NamedTuple):
    """Why a request was not done, as OKX words it. A value, not an exception."""

    code: str
    message: str
    sub_code: str = ""


def refuse(code: str, *values: object) -> Refusal:
    """Build the refusal for `code`; `values` fill the placeholders of its message in order."""
    message = _MESSAGES[code][1]
    return Refusal(code, message.format(*values) if values else message)


def refuse_any(code: str) -> Refusal:
    """The refusal for any code a fault may name, also one this exchange never gives by itself."""
    return refuse(code) if code in _MESSAGES else Refusal(code, f"Error {code}")


def http_status(code: str) -> int:
    """HTTP status for a request-level error; 200 for what OKX answers in the envelope alone."""
    return _MESSAGES[code][0] if code in _MESSAGES else 200
