"""Order book channels: books, books5, bbo-tbt and the two l2-tbt, each one publisher per instrument.

A publisher is shared by all connections, so that sequence numbers agree between them. seqId is the book's change
counter; prevSeqId is the last one published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.simulator.market.markets import Market
from app.simulator.market.matching import BUY, SELL

MS = 1_000_000
KEEP_ALIVE_NS = 60_000 * MS


@dataclass(frozen=True, slots=True)
class DepthKind:
    """One book channel: levels, shortest interval, whether it sends differences, and its place among pushes."""

    levels: int
    interval_ns: int
    incremental: bool
    rank: int


DEPTH_KINDS: dict[str, DepthKind] = {
    "bbo-tbt": DepthKind(1, 10 * MS, False, 0),
    "books-l2-tbt": DepthKind(400, 10 * MS, True, 1),
    "books50-l2-tbt": DepthKind(50, 10 * MS, True, 2),
    "books": DepthKind(400, 100 * MS, True, 3),
    "books5": DepthKind(5, 100 * MS, False, 4),
}
Rows = dict[int, tuple[int, int]]


class DepthPublisher:
    """State of one channel of one instrument: what subscribers have seen, and when the next push is due."""

    def __init__(self, channel: str, market: Market, now_ns: int) -> None:
        self.kind = DEPTH_KINDS[channel]
        self.market = market
        self.last_ns = now_ns
        self._bids, self._asks = self._capture()
        self.seq = self._version = market.book.version
        self._crossed: int | None = None

    def _capture(self) -> tuple[Rows, Rows]:
        book, count = self.market.book, self.kind.levels
        return (
            {price: (size, number) for price, size, number in book.levels(BUY, count)},
            {price: (size, number) for price, size, number in book.levels(SELL, count)},
        )

    def due_ns(self) -> int:
        """When the next push may go: after the interval if the book changed, else at the keep-alive."""
        wait = self.kind.interval_ns if self.market.book.version != self._version else KEEP_ALIVE_NS
        return self.last_ns + wait

    def _rows(self, rows: Rows) -> list[list[str]]:
        price, size = self.market.price_text, self.market.size_text
        return [[price(p), size(s), "0", str(n)] for p, (s, n) in rows.items()]

    def _data(self, bids: Rows, asks: Rows, previous: int, now_ns: int) -> dict[str, Any]:
        data: dict[str, Any] = {"asks": self._rows(asks), "bids": self._rows(bids)}
        if not self.kind.incremental:
            return data | {"instId": self.market.inst.inst_id, "ts": str(now_ns // MS), "seqId": self.seq}
        return data | {"ts": str(now_ns // MS), "checksum": 0, "seqId": self.seq, "prevSeqId": previous}

    def snapshot(self, now_ns: int) -> dict[str, Any]:
        """What a new subscriber gets: the last published state, so that the next difference continues it."""
        body = {"data": [self._data(self._bids, self._asks, -1, now_ns)]}
        return {"action": "snapshot"} | body if self.kind.incremental else body

    def push(self, now_ns: int) -> dict[str, Any] | None:
        """The next message, or None when nothing in view changed."""
        quiet = now_ns - self.last_ns
        self.last_ns = now_ns
        if self.market.book.version == self._version and self._crossed is None:
            if not self.kind.incremental or quiet < KEEP_ALIVE_NS:
                return None
            return {"action": "update", "data": [self._data({}, {}, self.seq, now_ns)]}
        if self.market.book.version == self.seq:
            self.market.book.version += 1  # taking a crossed view back is a change of its own
        self._version = self.market.book.version
        bids, asks = self._capture()
        if self._crossed is not None:
            bids[self._crossed], self._crossed = (1_000_000, 1), None
            self._version = -1  # so that the next push is due and takes it back
        if not self.kind.incremental:
            return self._push_whole(bids, asks, now_ns)
        changes = _difference(self._bids, bids), _difference(self._asks, asks)
        self._bids, self._asks = bids, asks
        if not changes[0] and not changes[1]:
            return None
        previous, self.seq = self.seq, self.market.book.version
        return {"action": "update", "data": [self._data(*changes, previous, now_ns)]}

    def cross(self) -> None:
        """Make the next push show a bid above the best ask, and the one after it take that back."""
        best = self.market.book.best(SELL)
        if best is not None:
            self._crossed = best + 10

    def _push_whole(self, bids: Rows, asks: Rows, now_ns: int) -> dict[str, Any] | None:
        if bids == self._bids and asks == self._asks:
            return None
        self._bids, self._asks = bids, asks
        self.seq = self.market.book.version
        return {"data": [self._data(bids, asks, -1, now_ns)]}


def _difference(old: Rows, new: Rows) -> Rows:
    """Levels that changed, and those that went as size 0; in the new book's order, gone ones last."""
    changed = {price: row for price, row in new.items() if old.get(price) != row}
    for price in old:
        if price not in new:
            changed[price] = (0, 0)
    return changed
