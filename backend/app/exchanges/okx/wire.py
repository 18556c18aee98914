"""The shapes of OKX's messages that the adapter reads: msgspec structs, everything optional, unknown fields ignored.

Numbers arrive as text and "" means absent (OKX v5), so the fields are text; codec.py makes values of them. Values of
JSON type null are taken as absent.
"""

# The field names are OKX's own.
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from app.exchanges.errors import ProtocolError

Text = str | None
Loose = Any
"""What only informs: of whatever type it comes, it must not make its row unreadable."""


class Argument(msgspec.Struct):
    """Which channel a message belongs to."""

    channel: str = ""
    instType: Text = None
    instFamily: Text = None
    instId: Text = None


class Message(msgspec.Struct):
    """Any WebSocket message: a push (arg, data), an event, or the reply to an operation (op, id)."""

    event: str = ""
    op: str = ""
    id: Text = None
    arg: Argument | None = None
    action: Text = None
    data: msgspec.Raw = msgspec.Raw(b"")
    code: str | int | None = None
    msg: Text = None
    channel: Text = None


class Envelope(msgspec.Struct):
    """A REST answer."""

    code: str | int | None = None
    msg: Text = None
    data: msgspec.Raw = msgspec.Raw(b"")
    detailMsg: Text = None


class ActionRow(msgspec.Struct):
    """One order's part of the answer to a place, amend or cancel."""

    ordId: Text = None
    clOrdId: Text = None
    sCode: str | int | None = None
    sMsg: Text = None
    subCode: Text = None
    reqId: Text = None
    ts: Text = None
    algoId: Text = None
    algoClOrdId: Text = None


class OrderRow(msgspec.Struct):
    """An order, in REST answers and in the orders channel (where fill* is this update's execution)."""

    instId: str
    ordId: str
    instType: Text = None
    clOrdId: Text = None
    algoClOrdId: Text = None
    state: Text = None
    side: Text = None
    ordType: Text = None
    posSide: Text = None
    tdMode: Text = None
    sz: Text = None
    px: Text = None
    tgtCcy: Text = None
    accFillSz: Text = None
    fillPx: Text = None
    fillSz: Text = None
    tradeId: Text = None
    fillTime: Text = None
    fillFee: Text = None
    fillFeeCcy: Text = None
    fillPnl: Text = None
    execType: Loose = None
    category: Text = None
    cancelSource: Loose = None
    amendResult: Text = None
    reqId: Text = None
    code: Loose = None
    msg: Loose = None
    uTime: Text = None
    cTime: Text = None


class FillRow(msgspec.Struct):
    """One execution of fills and fills-history."""

    instId: str
    ordId: str
    tradeId: Text = None
    instType: Text = None
    clOrdId: Text = None
    billId: Text = None
    side: Text = None
    posSide: Text = None
    fillPx: Text = None
    fillSz: Text = None
    fillPnl: Text = None
    execType: Loose = None
    fee: Text = None
    feeCcy: Text = None
    subType: Text = None
    ts: Text = None
    fillTime: Text = None


class BillRow(msgspec.Struct):
    """One change of a currency's balance, of account/bills and bills-archive."""

    billId: str
    ccy: str
    type: Text = None
    subType: Text = None
    balChg: Text = None
    instType: Text = None
    instId: Text = None
    ts: Text = None


class BalanceDetail(msgspec.Struct):
    ccy: str
    cashBal: Text = None
    availBal: Text = None
    availEq: Text = None
    eq: Text = None
    uTime: Loose = None


class BalanceRow(msgspec.Struct):
    """details: one BalanceDetail for each currency, unread."""

    details: list[msgspec.Raw] = []
    uTime: Loose = None


class PositionRow(msgspec.Struct):
    instId: str
    instType: Text = None
    mgnMode: Text = None
    posSide: Text = None
    pos: Text = None
    avgPx: Text = None
    markPx: Loose = None
    upl: Loose = None
    margin: Loose = None
    imr: Loose = None
    lever: Loose = None
    liqPx: Loose = None
    uTime: Loose = None


class AccountRow(msgspec.Struct):
    uid: Text = None
    acctLv: Text = None
    posMode: Text = None
    perm: Text = None
    feeType: Text = None


class FeeGroup(msgspec.Struct):
    groupId: Text = None
    maker: Text = None
    taker: Text = None


class FeeRow(msgspec.Struct):
    maker: Text = None
    taker: Text = None
    makerU: Text = None
    takerU: Text = None
    feeGroup: list[FeeGroup] | None = None


class LeverageRow(msgspec.Struct):
    instId: Text = None
    mgnMode: Text = None
    posSide: Text = None
    lever: Text = None


class InstrumentRow(msgspec.Struct):
    instId: str
    instType: str
    instIdCode: Loose = None
    instFamily: Text = None
    baseCcy: Text = None
    quoteCcy: Text = None
    settleCcy: Text = None
    ctVal: Text = None
    ctMult: Text = None
    ctType: Text = None
    tickSz: Text = None
    lotSz: Text = None
    minSz: Text = None
    maxLmtSz: Text = None
    maxMktSz: Text = None
    groupId: Loose = None
    state: Text = None


Levels = list[tuple[Decimal, Decimal, Any, Any]]
"""[price, size, "0", number of orders]; decimals here, because books are what there is most of."""


class BookRow(msgspec.Struct):
    asks: Levels = []
    bids: Levels = []
    ts: Text = None
    seqId: int | None = None
    prevSeqId: int | None = None


class WideBookRow(msgspec.Struct):
    """A book whose levels have another number of columns than they used to."""

    asks: list[list[Any]] = []
    bids: list[list[Any]] = []
    ts: Text = None
    seqId: int | None = None
    prevSeqId: int | None = None


class TradeRow(msgspec.Struct):
    instId: str
    tradeId: str
    px: str
    sz: str
    side: str
    ts: str


class TickerRow(msgspec.Struct):
    instId: str
    last: Text = None
    bidPx: Text = None
    askPx: Text = None
    ts: Text = None


class TimeRow(msgspec.Struct):
    ts: str


class TriggerRow(msgspec.Struct):
    triggerTime: Text = None


class MarkPriceRow(msgspec.Struct):
    instId: str
    markPx: Text = None
    ts: Text = None


class IndexRow(msgspec.Struct):
    instId: str
    idxPx: Text = None


class FundingRow(msgspec.Struct):
    instId: str
    fundingRate: Text = None
    fundingTime: Text = None
    nextFundingTime: Text = None


class CandleRow(msgspec.Struct, array_like=True):
    """A candle is an array: open time, open, high, low, close, three volumes, and whether it is complete."""

    ts: str
    o: str
    h: str
    l: str  # noqa: E741 - OKX's own name
    c: str
    vol: str
    volCcy: Text = None
    volCcyQuote: Text = None
    confirm: Text = None


class LinkedOrder(msgspec.Struct):
    ordId: Text = None


class AlgoRow(msgspec.Struct):
    """An algo order, in REST answers and in the channels orders-algo and algo-advance."""

    instId: str
    algoId: str
    algoClOrdId: Text = None
    instType: Text = None
    ordType: Text = None
    state: Text = None
    side: Text = None
    sz: Text = None
    tgtCcy: Text = None
    tpTriggerPx: Text = None
    tpTriggerPxType: Text = None
    tpOrdPx: Text = None
    slTriggerPx: Text = None
    slTriggerPxType: Text = None
    slOrdPx: Text = None
    triggerPx: Text = None
    triggerPxType: Text = None
    ordPx: Text = None
    callbackRatio: Text = None
    callbackSpread: Text = None
    activePx: Text = None
    moveTriggerPx: Text = None
    ordId: Text = None
    ordIdList: list[str] | None = None
    actualSide: Text = None
    failCode: Text = None
    linkedOrd: LinkedOrder | None = None
    reqId: Text = None
    amendResult: Text = None
    triggerTime: Text = None
    cTime: Text = None
    uTime: Text = None


Row = TypeVar("Row", bound=msgspec.Struct)

_MESSAGE = msgspec.json.Decoder(Message)
_ENVELOPE = msgspec.json.Decoder(Envelope)
_RAW_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_encoder = msgspec.json.Encoder()

# RecursionError is what msgspec raises for nesting beyond its limit.
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


def read_message(text: str | bytes) -> Message:
    """Raises ProtocolError with the raw text."""
    try:
        return _MESSAGE.decode(text)
    except UNREADABLE as error:
        raise ProtocolError(f"unreadable message: {error}", _as_text(text)) from error


def read_envelope(body: bytes) -> Envelope:
    """Raises ProtocolError with the raw text."""
    try:
        return _ENVELOPE.decode(body)
    except UNREADABLE as error:
        raise ProtocolError(f"unreadable answer: {error}", _as_text(body)) from error


def raw_rows(data: msgspec.Raw) -> list[msgspec.Raw]:
    """The elements of a data array, unread, so that a bad one does not take the others with it."""
    if not bytes(data):
        return []
    try:
        return _RAW_ROWS.decode(data)
    except UNREADABLE as error:
        raise ProtocolError(f"data is not an array: {error}", _as_text(bytes(data))) from error


def read_row(row: msgspec.Raw, shape: type[Row]) -> Row:
    """Raises ProtocolError with the raw text of the row."""
    decoder = _decoders.get(shape)
    if decoder is None:
        decoder = _decoders[shape] = msgspec.json.Decoder(shape)
    try:
        return decoder.decode(row)
    except UNREADABLE as error:
        raise ProtocolError(f"unreadable {shape.__name__}: {error}", _as_text(bytes(row))) from error


def read_book(raw: msgspec.Raw) -> BookRow:
    """A book row; columns beyond price and size may come and go. Raises ProtocolError."""
    try:
        return read_row(raw, BookRow)
    except ProtocolError:
        wide = read_row(raw, WideBookRow)
    try:
        asks, bids = ([(*level[:2], None, None) for level in side] for side in (wide.asks, wide.bids))
        return BookRow(
            msgspec.convert(asks, Levels), msgspec.convert(bids, Levels), wide.ts, wide.seqId, wide.prevSeqId
        )
    except msgspec.ValidationError as error:
        raise ProtocolError(f"unreadable book level: {error}", _as_text(bytes(raw))) from error


def read_rows(data: msgspec.Raw, shape: type[Row]) -> list[Row]:
    """All rows of a data array; raises ProtocolError for the first bad one."""
    return [read_row(row, shape) for row in raw_rows(data)]


def write(value: object) -> str:
    """Compact JSON text."""
    return _encoder.encode(value).decode()


def _as_text(raw: str | bytes) -> str:
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
