"""What a recorded file holds, read line by line before anything is begun on it: a line that the replay could not read
is named by its number, with the reason.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from app.simulator.feed.recording import (
    DEPTH,
    SNAPSHOT,
    TERMS,
    TICKER,
    depth_decoder,
    kind_of,
    lines,
    snapshot_decoder,
    terms_in,
    trade_decoder,
)

_STAMP = re.compile(rb"[0-9]{19} ")
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Survey:
    """digest: of its lines, packed or not. begin_ns, end_ns: of the first and the last one. snapshot_ns: of its first
    depth snapshot; None where it goes on from another file. news: the whole seconds since 1970 in which the book
    changed."""

    digest: str
    begin_ns: int
    end_ns: int
    snapshot_ns: int | None
    news: frozenset[int]


def survey(path: str) -> Survey:
    """Read all of a file. ValueError names the line and what is wrong with it."""
    digest, news = hashlib.sha256(), set[int]()
    begin_ns = end_ns = number = 0
    snapshot_ns: int | None = None
    for number, line in enumerate(_numbered(path), 1):
        try:
            stamp_ns, kind = _read(line, path)
        except (ValueError, msgspec.MsgspecError) as problem:
            reason = str(problem).removeprefix(f"recording {path}: ")
            raise ValueError(f"recording {path}, line {number}: {reason}") from problem
        digest.update(line + b"\n")
        begin_ns, end_ns = begin_ns or stamp_ns, stamp_ns
        if kind == SNAPSHOT and snapshot_ns is None:
            snapshot_ns = stamp_ns
        if kind in (SNAPSHOT, DEPTH):
            news.add(stamp_ns // SECOND_NS)
    if not number:
        raise ValueError(f"recording {path}: is empty")
    return Survey(digest.hexdigest(), begin_ns, end_ns, snapshot_ns, frozenset(news))


def _numbered(path: str) -> Iterator[bytes]:
    """Its lines; where it breaks off, after which one."""
    number = 0
    try:
        for line in lines(path):
            number += 1
            yield line
    except ValueError as problem:
        where = f", after line {number}" if number else ""
        raise ValueError(f"{problem}{where}") from problem


def _read(line: bytes, path: str) -> tuple[int, str]:
    """When and what; ValueError where the replay could not use it."""
    stamp = _STAMP.match(line)
    if stamp is None:
        raise ValueError(f"must begin with nanoseconds since 1970 and a blank: {line[:40]!r}")
    kind, body = kind_of(line, path), line[stamp.end() :]
    if kind == DEPTH:
        data = depth_decoder.decode(body).data
        _check([*data.b, *data.a])
    elif kind == SNAPSHOT:
        snapshot = snapshot_decoder.decode(body)
        if not snapshot.bids or not snapshot.asks:
            raise ValueError("a depth snapshot without both sides")
        _check([*snapshot.bids, *snapshot.asks])
    elif kind == TERMS:
        terms_in(line)
    elif kind != TICKER:
        trade = trade_decoder.decode(body).data
        _check([(trade.p, trade.q)])
    return int(stamp[0]), kind


def _check(levels: list[tuple[str, str]]) -> None:
    for price, size in levels:
        try:
            int(price.replace(".", "", 1))
            int(size.replace(".", "", 1))
        except ValueError:
            raise ValueError(f"not a price and a size: {price!r}, {size!r}") from None
