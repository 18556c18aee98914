"""Recorded market data files, gzip or plain: `<receive time ns> <raw JSON>` of Binance spot and USD-M streams.

Depth differences, trades and best bid/ask, with a REST depth snapshot line inside the first file of a session. A file
may begin with a line of its instrument's terms, which then need not be among those that the simulator lists.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from app.simulator.market.instruments import ZERO, Instrument, parse_number

PEEK_LINES = 20_000
CHUNK_BYTES = 1 << 18
RECORDED_CODE = 100_000
MOST_LEVERAGE = Decimal(100)
DEPTH, TRADE, TICKER, SNAPSHOT, TERMS = "d", "t", "b", "s", "i"


class DepthData(msgspec.Struct):
    """A depth difference: final update id, new sizes per price."""

    u: int
    b: list[tuple[str, str]]
    a: list[tuple[str, str]]


class DepthMessage(msgspec.Struct):
    data: DepthData


class TradeData(msgspec.Struct):
    """A trade: price, size, and whether the buyer was the maker (so the taker sold)."""

    p: str
    q: str
    m: bool


class TradeMessage(msgspec.Struct):
    data: TradeData


class Snapshot(msgspec.Struct):
    """A REST depth snapshot."""

    lastUpdateId: int
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]


class TermsData(msgspec.Struct):
    """What an instrument is traded in; contract_value in base currency, 1 for a spot pair."""

    inst_id: str
    inst_type: str
    base: str
    quote: str
    settle: str
    tick: str
    lot: str
    min_size: str
    contract_value: str


class TermsMessage(msgspec.Struct):
    instrument: TermsData


depth_decoder = msgspec.json.Decoder(DepthMessage)
trade_decoder = msgspec.json.Decoder(TradeMessage)
terms_decoder = msgspec.json.Decoder(TermsMessage)
snapshot_decoder = msgspec.json.Decoder(Snapshot)


@dataclass(frozen=True, slots=True)
class Peek:
    """What a session's files are about: `unit` is ten to the minus decimals of its price texts, `tick` the step."""

    symbol: str
    futures: bool
    unit: Decimal
    tick: Decimal
    first_price: Decimal
    start_ns: int


def lines(path: str) -> Iterator[bytes]:
    """Lines of one file; ValueError names a file that cannot be read."""
    try:
        with open(path, "rb") as probe:
            packed = probe.read(2) == b"\x1f\x8b"
        rest = b""
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                whole = (rest + chunk).split(b"\n")
                rest = whole.pop()
                yield from whole
        if rest:
            yield rest
    except (OSError, EOFError) as problem:
        raise ValueError(f"recording {path}: {problem}") from problem


def kind_of(line: bytes, path: str) -> str:
    """DEPTH, TRADE, TICKER, SNAPSHOT or TERMS, from the stream's name; ValueError for anything else."""
    at = line.find(b"@", 20, 80)
    if at > 0:
        found = chr(line[at + 1])
        if found in (DEPTH, TRADE, TICKER):
            return found
    elif b'"lastUpdateId"' in line[:60]:
        return SNAPSHOT
    elif b'"instrument"' in line[:40]:
        return TERMS
    raise ValueError(f"recording {path}: not a depth, trade, bookTicker or snapshot line: {line[:80]!r}")


def symbol_of(path: str) -> tuple[str, bool]:
    """(symbol, is it a futures recording) of one file, from its first lines."""
    symbol = ""
    for number, line in enumerate(lines(path)):
        kind = kind_of(line, path)
        if kind not in (SNAPSHOT, TERMS) and not symbol:
            symbol = line[line.index(b'"stream":"') + 10 : line.index(b"@")].decode().upper()
        if kind == DEPTH and symbol:
            return symbol, b'"pu":' in line
        if number > PEEK_LINES:
            break
    raise ValueError(f"recording {path}: no depth line in its first {PEEK_LINES} lines")


def terms_of(path: str) -> Instrument | None:
    """Of a file that begins with them; ValueError for terms that nothing can be traded in."""
    for line in lines(path):
        return terms_in(line) if kind_of(line, path) == TERMS else None
    return None


def terms_in(line: bytes) -> Instrument:
    """Of a line of TERMS; ValueError."""
    try:
        said = terms_decoder.decode(line.partition(b" ")[2]).instrument
    except msgspec.MsgspecError as problem:
        raise ValueError(str(problem)) from problem
    steps = [parse_number(each) for each in (said.tick, said.lot, said.min_size, said.contract_value)]
    tick, lot, min_size, value = (each or ZERO for each in steps)
    if said.inst_type not in ("SPOT", "SWAP") or not (tick and lot and min_size and value):
        raise ValueError(f"not the terms of a spot pair or a linear swap: {line[20:300]!r}")
    return Instrument(
        said.inst_id,
        said.inst_type,
        said.base,
        said.quote,
        said.settle,
        tick,
        lot,
        min_size,
        RECORDED_CODE + zlib.crc32(said.inst_id.encode()) % RECORDED_CODE,
        contract_value=value,
        contract_type="" if said.inst_type == "SPOT" else "linear",
        max_leverage=MOST_LEVERAGE,
    )


def peek(paths: list[str]) -> Peek:
    """Find the session's snapshot and read price steps off it; ValueError when there is none."""
    symbol, futures = symbol_of(paths[0])
    for number, line in enumerate(lines(paths[0])):
        if kind_of(line, paths[0]) == SNAPSHOT:
            stamp, _, body = line.partition(b" ")
            snapshot = snapshot_decoder.decode(body)
            return _read_peek(symbol, futures, int(stamp), snapshot, terms_of(paths[0]))
        if number > PEEK_LINES:
            break
    raise ValueError(f"recording {paths[0]}: no depth snapshot in its first {PEEK_LINES} lines")


def _read_peek(symbol: str, futures: bool, start_ns: int, snapshot: Snapshot, terms: Instrument | None) -> Peek:
    texts = [price for price, _ in (*snapshot.bids, *snapshot.asks)]
    decimals = max(len(text.partition(".")[2]) for text in texts)
    step = math.gcd(*(int(text.replace(".", "")) for text in texts))
    zeros = 0
    while step % 10 ** (zeros + 1) == 0:
        zeros += 1
    unit = Decimal(1).scaleb(-decimals)
    tick = Decimal(1).scaleb(zeros - decimals) if terms is None else terms.tick
    return Peek(symbol, futures, unit, tick, Decimal(snapshot.bids[0][0]), start_ns)
