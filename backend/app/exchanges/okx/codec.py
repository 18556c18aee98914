"""OKX's rows as values of the domain: a tolerant reader (unknown words are kept, never raised).

Only what money depends on is insisted upon: a fill without side, price or size is no fill but a ProtocolError.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from app.clock import NS_PER_MS
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE, ZERO, exact, plain
from app.domain.orders import (
    AmendOutcome,
    Fill,
    Liquidity,
    OrderReport,
    OrderSide,
    OrderType,
    PositionSide,
    Source,
    TradeMode,
    VenueState,
)
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import rows, wire, words
from app.exchanges.port import AccountConfig, Balance, FeeRates, Listing, RowKind, VenuePosition

NUMBER_LENGTH_MAX = 100
WORD_LENGTH_MAX = 100
"""OKX's own ids have at most 32 characters."""

STATES: Mapping[str, VenueState] = MappingProxyType(
    {
        "live": VenueState.LIVE,
        "partially_filled": VenueState.PARTIALLY_FILLED,
        "filled": VenueState.FILLED,
        "canceled": VenueState.CANCELED,
        "mmp_canceled": VenueState.CANCELED,
    }
)
AMEND_RESULTS: Mapping[str, AmendOutcome] = MappingProxyType(
    {"0": AmendOutcome.DONE, "-1": AmendOutcome.FAILED, "1": AmendOutcome.CANCELED, "2": AmendOutcome.DONE}
)
SIDES: Mapping[str, OrderSide] = MappingProxyType({side.value: side for side in OrderSide})
ORDER_TYPES: Mapping[str, OrderType] = MappingProxyType({kind.value: kind for kind in OrderType})
POSITION_SIDES: Mapping[str, PositionSide] = MappingProxyType({side.value: side for side in PositionSide})
TRADE_MODES: Mapping[str, TradeMode] = MappingProxyType({mode.value: mode for mode in TradeMode})
LIQUIDITY: Mapping[str, Liquidity] = MappingProxyType({"M": Liquidity.MAKER, "T": Liquidity.TAKER})

HEDGED: Mapping[str, bool] = MappingProxyType({"long_short_mode": True, "net_mode": False})
CONTRACT_TYPES: Mapping[str, bool] = MappingProxyType({"linear": False, "inverse": True})
"""Whether contracts are inverse."""

_SCIENTIFIC = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,3}", re.ASCII)
_PLAIN = re.compile(r"-?[0-9]{1,24}(?:\.[0-9]{1,24})?", re.ASCII)
_ID = re.compile(r"-?[1-9][0-9]{0,39}", re.ASCII)
"""Ids of OKX's own are whole numbers; those of liquidation trades are below zero (PROTOCOL)."""
_CURRENCY = re.compile(r"(?=.*[A-Z])[!-`{-~]{1,40}", re.ASCII)
"""A currency's code has a capital letter, and none that is small."""


def number(field: str, text: str | None) -> Decimal | None:
    """A decimal, or None where OKX says nothing. Raises ProtocolError for what is no finite decimal."""
    if not text:
        return None
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if len(text) > NUMBER_LENGTH_MAX or not _SCIENTIFIC.fullmatch(text):
        raise ProtocolError(f"{field} {text[:40]!r} is no decimal number", text)
    try:
        return exact(field, text)
    except InvalidValue as error:
        raise ProtocolError(str(error), text) from error


def needed(field: str, text: str | None) -> Decimal:
    """As `number`, but absence is a ProtocolError."""
    value = number(field, text)
    if value is None:
        raise ProtocolError(f"{field} is missing")
    return value


def _amount(field: str, text: str | None) -> Decimal:
    """A number, 0 where OKX says "nothing" (""); not to be told at all is a ProtocolError."""
    if text is None:
        raise ProtocolError(f"{field} is missing")
    return number(field, text) or ZERO


def is_whole(text: str) -> bool:
    """Whether it is a number of at most 19 ASCII digits, which int() takes ('³' is a digit, and no number)."""
    return text.isascii() and text.isdecimal() and len(text) < 20


def moment(field: str, text: str | None) -> int:
    """OKX's milliseconds as nanoseconds; 0 when absent. Raises ProtocolError."""
    if not text:
        return 0
    if not is_whole(text) or len(text) > 15:
        raise ProtocolError(f"{field} {text[:40]!r} is no time in milliseconds", text)
    return int(text) * NS_PER_MS


def word(field: str, text: str | None) -> str:
    """An id or a currency, "" when absent. Raises ProtocolError for one that no table could hold as a key: with NUL or
    other control characters, half a surrogate pair, or endless."""
    if not text:
        return ""
    if len(text) > WORD_LENGTH_MAX or not text.isprintable():
        raise ProtocolError(f"{field} {text[:40]!r} is not 1 to {WORD_LENGTH_MAX} printable characters", text)
    return text


def own_id(field: str, text: str | None) -> str:
    """An id that OKX gave. Raises ProtocolError for absence and any other word: by it nothing is counted twice."""
    if text is None or not is_own_id(text):
        raise ProtocolError(f"{field} {(text or '')[:40]!r} is no id of OKX's", text or "")
    return text


def is_own_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def currency(field: str, text: str | None) -> str:
    """A currency's code: under any other word money would be booked of which there is none. Raises ProtocolError."""
    if text is None or not _CURRENCY.fullmatch(text):
        raise ProtocolError(f"{field} {(text or '')[:40]!r} is no currency's code", text or "")
    return text


def side_of_position(text: str | None) -> PositionSide:
    """A side that nobody knows is taken for the net one, where the comparison of positions shows what is wrong."""
    return words.meaning("posSide", text, POSITION_SIDES, PositionSide.NET)


def amount_or_none(field: str, text: str | None) -> Decimal | None:
    """A number where 0 and less mean that there is none, as in px of a market order."""
    value = number(field, text)
    return value if value is not None and value > 0 else None


def informative(text: object) -> Decimal | None:
    """A number above zero that nothing hangs on: what cannot be read of it is simply not known."""
    value = informative_signed(text)
    return value if value is not None and value > 0 else None


def informative_signed(text: object) -> Decimal | None:
    try:
        return number("", text) if isinstance(text, str) else None
    except ProtocolError:
        return None


def informative_moment(text: object) -> int:
    return int(text) * NS_PER_MS if isinstance(text, str) and is_whole(text) and len(text) <= 15 else 0


def informative_text(text: object) -> str:
    return str(text) if isinstance(text, (str, int)) and text else ""


def _named(field: str, text: str | None) -> str:
    """As `word`, but absence is a ProtocolError."""
    value = word(field, text)
    if not value:
        raise ProtocolError(f"{field} is missing")
    return value


def stream_fill(row: wire.OrderRow) -> Fill | None:
    """The execution that an orders push carries; None without a trade id or size (PROTOCOL: both come with a fill)."""
    size = number("fillSz", row.fillSz)
    if not row.tradeId or not size:
        return None
    filled = number("accFillSz", row.accFillSz)
    if filled is not None and size > filled:
        raise ProtocolError(f"fill {row.tradeId} of {row.instId} has size {plain(size)}, its order {plain(filled)}")
    return _fill(
        row.instId,
        row.tradeId,
        row.ordId,
        row.side,
        row.posSide,
        row.fillPx,
        size,
        moment("fillTime", row.fillTime or row.uTime),
        row.fillFee,
        row.fillFeeCcy,
        row.execType,
        row.category or "normal",
        row.fillPnl,
    )


def _fill(
    instrument_id: str,
    trade_id: str,
    venue_order_id: str,
    side_text: str | None,
    position_side: str | None,
    price: str | None,
    size: Decimal,
    time_ns: int,
    fee_text: str | None,
    fee_currency: str | None,
    execution: object,
    category: str,
    pnl: str | None,
) -> Fill:
    side = SIDES.get(side_text or "")
    if side is None:
        raise ProtocolError(f"fill {trade_id} of {instrument_id} has side {side_text!r}, neither buy nor sell")
    at = needed("fillPx", price)
    if at <= 0 or size <= 0:
        raise ProtocolError(f"fill {trade_id} of {instrument_id} has price {plain(at)} and size {plain(size)}")
    if not time_ns:
        raise ProtocolError(f"fill {trade_id} of {instrument_id} has no time")
    fee, charged_in = _fee(fee_text, fee_currency)
    return Fill(
        instrument_id,
        own_id("tradeId", trade_id),
        own_id("ordId", venue_order_id),
        side,
        at,
        size,
        time_ns,
        fee,
        charged_in,
        words.meaning("execType", informative_text(execution), LIQUIDITY, None),
        side_of_position(position_side),
        category,
        pnl=number("fillPnl", pnl),
    )


def _fee(text: str | None, currency_text: str | None) -> tuple[Decimal | None, str]:
    """What was charged, and in what. None while OKX has not said, which nothing in no currency is too."""
    fee = number("fee", text)
    if fee is None or (not fee and not currency_text):
        return None, ""
    # OKX writes what is charged as negative, a rebate as positive.
    return -fee, currency("fillFeeCcy", currency_text)


def order_report(row: wire.OrderRow, source: Source, raw: bytes = b"") -> OrderReport:
    """An order row as a report. From the stream it carries the push's fill; REST rows name only the last fill without
    its fee, so their fill is left to the fills endpoint.
    """
    # Of an order in a state that nobody knows, only that it exists is certain: it stays open, and is asked for.
    state = words.meaning("state", row.state, STATES, VenueState.OTHER) if row.state else None
    code = informative_text(row.code)
    return OrderReport(
        word("instId", row.instId),
        source,
        # An order that an algo order placed goes by that one's id.
        word("clOrdId", row.clOrdId) or word("algoClOrdId", row.algoClOrdId),
        own_id("ordId", row.ordId),
        state,
        number("accFillSz", row.accFillSz),
        # Someone's market order by quote amount: its size is not in the instrument's unit.
        None if row.tgtCcy == "quote_ccy" else amount_or_none("sz", row.sz),
        amount_or_none("px", row.px),
        stream_fill(row) if source is Source.STREAM else None,
        moment("uTime", row.uTime or row.cTime),
        word("reqId", row.reqId),
        words.meaning("amendResult", row.amendResult, AMEND_RESULTS, None),
        words.cancel_source(informative_text(row.cancelSource)),
        row.category or "normal",
        "" if code == "0" else code,
        informative_text(row.msg),
        words.meaning("side", row.side, SIDES, None),
        words.meaning("ordType", row.ordType, ORDER_TYPES, None),
        raw.decode("utf-8", "replace") if state is VenueState.OTHER else "",
        POSITION_SIDES.get(row.posSide or ""),
        # Spot is cash here, whatever the account's level calls it.
        TradeMode.CASH if row.instType == "SPOT" else TRADE_MODES.get(row.tdMode or ""),
    )


def fill_report(row: wire.FillRow) -> OrderReport:
    """An execution of the fills endpoints: ids and the fill, nothing else."""
    fill = _fill(
        row.instId,
        row.tradeId or "",
        row.ordId,
        row.side,
        row.posSide,
        row.fillPx,
        needed("fillSz", row.fillSz),
        moment("fillTime", row.fillTime or row.ts),
        row.fee,
        row.feeCcy,
        row.execType,
        SUB_TYPE_CATEGORIES.get(row.subType or "", "normal"),
        row.fillPnl,
    )
    return OrderReport(
        word("instId", row.instId),
        Source.POLL,
        client_order_id=word("clOrdId", row.clOrdId),
        venue_order_id=word("ordId", row.ordId),
        fill=fill,
        category=fill.category,
    )


def _categories() -> dict[str, str]:
    partial = {str(code): "partial_liquidation" for code in range(100, 104)}
    full = {str(code): "full_liquidation" for code in range(104, 108)}
    adl = {str(code): "adl" for code in range(125, 129)}
    return {**partial, **full, **adl, "112": "delivery", "113": "delivery"}


SUB_TYPE_CATEGORIES: Mapping[str, str] = MappingProxyType(_categories())
"""Bill sub-types that are nobody's order (OKX v5 fills): liquidation, auto-deleveraging, delivery."""


def balances(row: wire.BalanceRow) -> Listing[Balance]:
    # A currency has a time of its own that reservations do not move, the account one that they do.
    account_ns = informative_moment(row.uTime)

    def balance(detail: wire.BalanceDetail) -> Balance:
        return Balance(
            currency("ccy", detail.ccy),
            _amount("cashBal", detail.cashBal or detail.eq),
            number("availBal", detail.availBal or detail.availEq) or ZERO,
            max(informative_moment(detail.uTime), account_ns),
        )

    parsed = (rows.parse(raw, wire.BalanceDetail, "ccy") for raw in row.details)
    return rows.listing(RowKind.BALANCE, parsed, balance)


def position(row: wire.PositionRow) -> VenuePosition:
    """Insists on what is held and at what price; the rest only informs."""
    side = side_of_position(row.posSide)
    size = _amount("pos", row.pos)
    if side is PositionSide.SHORT:
        size = -abs(size)
    return VenuePosition(
        _named("instId", row.instId),
        side,
        size,
        amount_or_none("avgPx", row.avgPx),
        informative(row.markPx),
        informative_signed(row.upl),
        informative(row.margin) or informative(row.imr),
        informative(row.lever),
        informative(row.liqPx),
        informative_moment(row.uTime),
        TRADE_MODES.get(row.mgnMode or "", TradeMode.CROSS),
    )


def account_config(row: wire.AccountRow, environment: str) -> AccountConfig:
    permissions = frozenset(part.strip() for part in (row.perm or "").split(",") if part.strip())
    hedged = words.meaning("posMode", row.posMode, HEDGED, False)
    # feeType 0: in the currency received, 1: in quote (OKX v5, set-fee-type); any other word reserves the fee.
    in_quote = (row.feeType or "0") != "0"
    return AccountConfig(row.uid or "", environment, hedged, row.acctLv or "", permissions, in_quote)


def fee_rates(row: wire.FeeRow, group_id: str, settle: str) -> FeeRates:
    """OKX writes a fee that is paid as negative; the port the other way round. Raises ProtocolError without rates."""
    groups = {group.groupId or "": group for group in row.feeGroup or []}
    group = groups.get(group_id) or (next(iter(groups.values())) if len(groups) == 1 else None)
    if group is not None and group.maker and group.taker:
        maker, taker = group.maker, group.taker
    elif settle in ("USDT", "USDC") and row.makerU and row.takerU:
        maker, taker = row.makerU, row.takerU
    else:
        maker, taker = row.maker, row.taker
    return FeeRates(-needed("maker", maker), -needed("taker", taker))


def announced(row: wire.InstrumentRow) -> bool:
    """Listed, but without a lattice of prices and sizes yet: not traded, and nothing is wrong with it."""
    return not (row.tickSz and row.lotSz and row.minSz)


def instrument(row: wire.InstrumentRow) -> Instrument:
    """Raises ProtocolError and InvalidValue for one whose prices, sizes or currencies cannot be relied upon."""
    shared: dict[str, Any] = {
        "instrument_id": _named("instId", row.instId),
        "tick": needed("tickSz", row.tickSz),
        "lot": needed("lotSz", row.lotSz),
        "min_size": needed("minSz", row.minSz),
        "live": row.state == "live",
        "max_limit_size": amount_or_none("maxLmtSz", row.maxLmtSz),
    }
    base, _, quote = (row.instFamily or row.instId).partition("-")  # house: spelling - OKX names no other
    if row.instType == "SPOT":
        base, quote = currency("baseCcy", row.baseCcy or base), currency("quoteCcy", row.quoteCcy or quote)
        # maxMktSz of spot is an amount of USDT, not a size, so it is left out.
        return Instrument(kind=InstrumentKind.SPOT, base=base, quote=quote, settle=quote, **shared)
    if row.instType != "SWAP":
        raise ProtocolError(f"instrument {row.instId} is of type {row.instType}, which is not traded here")
    inverse = words.meaning("ctType", row.ctType, CONTRACT_TYPES, None)
    if inverse is None:
        # What its contracts are worth would be a guess.
        raise ProtocolError(f"instrument {row.instId} has contracts of type {row.ctType!r}, neither linear nor inverse")
    return Instrument(
        kind=InstrumentKind.SWAP,
        base=currency("base", base),
        quote=currency("quote", quote.partition("-")[0]),  # house: spelling - OKX names no other
        settle=currency("settleCcy", row.settleCcy),
        contract_value=needed("ctVal", row.ctVal) * (number("ctMult", row.ctMult) or ONE),
        inverse=inverse,
        max_market_size=amount_or_none("maxMktSz", row.maxMktSz),
        **shared,
    )
