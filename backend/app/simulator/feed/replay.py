"""Replay of a recorded session into a RecordedBook: depth exact to the record, trades filling our queue positions.

Recorded time is mapped onto the present, divided by `speed`; speed 0 runs a chunk whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.simulator.feed.recording import (
    DEPTH,
    SNAPSHOT,
    TERMS,
    TICKER,
    Peek,
    depth_decoder,
    kind_of,
    lines,
    snapshot_decoder,
    trade_decoder,
)
from app.simulator.market.markets import Market
from app.simulator.market.matching import BUY, SELL, FillMaker, Match
from app.simulator.market.recorded_book import RecordedBook

CHUNK_LINES = 2000
TEXTS_KEPT = 200_000


class ReplayFeed:
    """One instrument's recording. `next_ns` is when its next line is due, None at its end."""

    def __init__(
        self,
        market: Market,
        book: RecordedBook,
        paths: list[str],
        found: Peek,
        *,
        session_ns: int,
        start_ns: int,
        speed: float,
        set_now: Callable[[int], None],
        fill_maker: FillMaker,
    ) -> None:
        inst = market.inst
        self._market = market
        self._book = book
        self._paths = paths
        self._session_ns = session_ns
        self._start_ns = start_ns
        self._speed = speed
        self._set_now = set_now
        self._fill_maker = fill_maker
        self._price_divisor = int(inst.tick / found.unit)
        lot = inst.lot * inst.contract_value
        self._size_unit: tuple[int, int] | None = None
        # The same texts come again and again; looking them up is several times cheaper than reading them.
        self._prices: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._lot = lot
        self._now_ns = start_ns
        self.events = 0
        self.next_ns: int | None = start_ns
        self._line = b""
        self._path = paths[0]
        self._lines = self._all_lines()
        self._applied = 0
        self._to_snapshot()

    def _all_lines(self) -> Iterator[bytes]:
        for path in self._paths:
            self._path = path
            yield from lines(path)

    def restart(self, start_ns: int) -> None:
        """Begin again: the book is rebuilt and its sequence starts from a lower number, as after maintenance."""
        self._start_ns = self._now_ns = start_ns
        self._lines = self._all_lines()
        self._book.clear()
        self._book.version = 0
        self._to_snapshot()

    def _to_snapshot(self) -> None:
        """Read up to and including the snapshot; differences recorded before it are applied if it lacks them."""
        early: list[bytes] = []
        for line in self._lines:
            kind = kind_of(line, self._path)
            if kind == SNAPSHOT:
                self._apply_snapshot(line)
                break
            if kind == DEPTH:
                early.append(line)
        for line in early:
            self._apply_depth(line[20:])
        self._read_next()

    def _apply_snapshot(self, line: bytes) -> None:
        snapshot = snapshot_decoder.decode(line[line.index(b" ") + 1 :])
        self._applied = snapshot.lastUpdateId
        self._book.clear()
        for side, levels in ((BUY, snapshot.bids), (SELL, snapshot.asks)):
            self._book.rebuild(side, {self._price(price): self._size(size) for price, size in levels})

    def _price(self, text: str) -> int:
        return int(text.replace(".", "")) // self._price_divisor

    def _size(self, text: str) -> int:
        """Size text to lots; recordings of futures count base currency, instruments contracts."""
        if self._size_unit is None:
            decimals = len(text.partition(".")[2])
            ratio = self._lot.scaleb(decimals)
            # ratio is (lot in units of the text's last digit): multiply by its inverse as whole numbers.
            self._size_unit = (int(1 / ratio), 1) if ratio < 1 else (1, int(ratio))
        times, divisor = self._size_unit
        return int(text.replace(".", "")) * times // divisor

    def empty(self) -> None:
        """The recorded depth goes; what the recording says from now on comes back."""
        self._book.clear()

    def elapsed_ns(self, now_ns: int) -> int:
        """Recorded time gone by since the session's start; 0 once the recording has ended."""
        if not self._line:
            return 0
        if self._speed:
            return int((now_ns - self._start_ns) * self._speed) if self._speed != 1 else now_ns - self._start_ns
        return int(self._line[:19]) - self._session_ns

    def _read_next(self) -> None:
        line = self._line = next(self._lines, b"")
        if not line:
            self.next_ns = None
        elif self._speed == 1:
            self.next_ns = self._start_ns + int(line[:19]) - self._session_ns
        elif self._speed:
            self._read_time()

    def skip_to(self, elapsed_ns: int) -> None:
        """Go to a place in the recording without printing trades or moving time (a restart)."""
        limit = self._session_ns + elapsed_ns
        while self._line and int(self._line[:19]) < limit:
            if kind_of(self._line, self._path) in (DEPTH, SNAPSHOT):
                self._apply(self._line)
            self._read_next()
        self._start_ns -= elapsed_ns if self._speed == 1 or not self._speed else int(elapsed_ns / self._speed)
        if self._line:
            self._read_time()

    def _read_time(self) -> None:
        if self._speed:
            self.next_ns = self._start_ns + int((int(self._line[:19]) - self._session_ns) / self._speed)

    def run_until(self, limit_ns: int) -> None:
        """Apply all lines due up to `limit_ns` (with speed 0: the next chunk of lines, at `limit_ns`)."""
        if not self._speed and self.next_ns is not None:
            self._run_chunk(limit_ns)
            return
        while self.next_ns is not None and self.next_ns <= limit_ns:
            self._now_ns = self.next_ns
            self._set_now(self.next_ns)
            self._apply(self._line)
            self._read_next()

    def _run_chunk(self, limit_ns: int) -> None:
        self._now_ns = limit_ns
        self._set_now(limit_ns)
        for _ in range(CHUNK_LINES):
            self._apply(self._line)
            self._read_next()
            if not self._line:
                return
        self.next_ns = limit_ns + 1

    def _apply(self, line: bytes) -> None:
        self.events += 1
        kind = kind_of(line, self._path)
        if kind in (TICKER, TERMS):
            return
        if kind == SNAPSHOT:
            self._apply_snapshot(line)
            return
        body = line[20:]
        if kind == DEPTH:
            self._apply_depth(body)
        else:
            self._apply_trade(body)

    def _apply_depth(self, body: bytes) -> None:
        data = depth_decoder.decode(body).data
        if data.u <= self._applied:
            return
        self._applied = data.u
        book, prices, sizes = self._book, self._prices, self._sizes
        for side, levels in ((BUY, data.b), (SELL, data.a)):
            if not levels:
                continue
            whole: list[tuple[int, int]] = []
            for price_text, size_text in levels:
                price, size = prices.get(price_text), sizes.get(size_text)
                if price is None:
                    price = prices[price_text] = self._price(price_text)
                if size is None:
                    size = sizes[size_text] = self._size(size_text)
                whole.append((price, size))
            book.set_levels(side, whole)
        if len(prices) + len(sizes) > TEXTS_KEPT:
            prices.clear()
            sizes.clear()
        if book.has_orders:
            self._fill(book.uncross(), 0)

    def _apply_trade(self, body: bytes) -> None:
        data = trade_decoder.decode(body).data
        price, size, taker = self._price(data.p), self._size(data.q), SELL if data.m else BUY
        market = self._market
        if self._book.has_orders:
            self._fill(self._book.trade(taker, price, size), taker)
        market.print_trade(market.trade_id(), price, size, taker, self._now_ns // 1_000_000)

    def _fill(self, matches: list[Match], taker: int) -> None:
        """Settle fills of our resting orders; those without a recorded trade (an uncrossing) are printed as one."""
        market = self._market
        for match in matches:
            assert match.maker is not None
            trade_id = market.trade_id()
            if not taker:
                market.print_trade(trade_id, match.price, match.size, -match.maker.side, self._now_ns // 1_000_000)
            self._fill_maker(match.maker, match.price, match.size, trade_id)
