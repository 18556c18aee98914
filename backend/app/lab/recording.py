"""An exchange's live book and trades of one instrument, in the form that the simulated exchange replays: its terms,
then `<local receive time, ns> <JSON>` a line. Sizes are in base currency, as recordings have them.
"""

import asyncio
import gzip
import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from app.clock import NS_PER_SECOND, Clock
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import BookAction, BookUpdate, Level, PublicTrade
from app.domain.money import places, plain
from app.domain.orders import OrderReport
from app.domain.refusals import InvalidValue
from app.exchanges.port import Balance, Exchange, Stream, StreamState, Unreadable, VenuePosition
from app.lab.storing import UNFINISHED, keep_names

FIRST_SECONDS = 30
LINES_MAX = 500_000
"""Of one second; of more the disk does not keep up."""


class RecordingFailed(Exception):
    """What was recorded until then is kept, in the file with UNFINISHED at its end; no book, no file."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """books: snapshots and changes. gaps: how often the book was broken, and began anew."""

    instrument_id: str
    path: str
    seconds: float
    books: int
    trades: int
    gaps: int


class Recorder:
    """The exchange's listener: lines, as things come; `take` hands them over. Before the first snapshot nothing is."""

    def __init__(self, instrument: Instrument, clock: Clock) -> None:
        self._instrument, self._clock = instrument, clock
        self._symbol = f"{instrument.base}{instrument.quote}".lower()
        self._price_places = places(instrument.tick)
        self._size_places = places(instrument.lot * instrument.contract_value)
        self._lines: list[bytes] = []
        self._last_ns, self._number, self._whole = 0, 0, False
        self.books, self.trades, self.gaps = 0, 0, 0
        self.refused = ""

    def take(self) -> list[bytes]:
        taken, self._lines = self._lines, []
        return taken

    def on_book(self, update: BookUpdate) -> None:
        if update.instrument_id != self._instrument.instrument_id:
            return
        if update.action is BookAction.INVALID:
            self.gaps += self._whole
            self._whole = False
        elif update.action is BookAction.SNAPSHOT:
            self._whole = True
            self._number += 1
            self._book(
                {"lastUpdateId": self._number, "bids": self._levels(update.bids), "asks": self._levels(update.asks)}
            )
        elif self._whole:
            self._number += 1
            contract = {} if self._instrument.kind is InstrumentKind.SPOT else {"pu": self._number - 1}
            changed = {"b": self._levels(update.bids), "a": self._levels(update.asks)}
            self._book({"stream": f"{self._symbol}@depth", "data": {"u": self._number, **contract, **changed}})

    def on_trade(self, trade: PublicTrade) -> None:
        if trade.instrument_id != self._instrument.instrument_id or not self.books:
            return
        self.trades += 1
        price, size = self._price(trade.price), self._size(trade.size)
        data = {"p": price, "q": size, "m": not trade.buyer_is_taker}
        self._add({"stream": f"{self._symbol}@trade", "data": data})

    def on_not_followed(self, instrument_id: str, reason: str) -> None:
        self.refused = reason

    def on_order(self, report: OrderReport) -> None: ...

    def on_balances(self, balances: Sequence[Balance]) -> None: ...

    def on_positions(self, positions: Sequence[VenuePosition]) -> None: ...

    def on_instrument(self, instrument: Instrument) -> None: ...

    def on_stream(self, stream: Stream, state: StreamState, reason: str) -> None: ...

    def on_heartbeat(self, stream: Stream) -> None: ...

    def on_gap(self, reason: str, raw: str) -> None: ...

    def on_unreadable(self, row: Unreadable) -> None: ...

    def _book(self, said: dict[str, object]) -> None:
        self.books += 1
        self._add(said)

    def _add(self, said: dict[str, object]) -> None:
        """Time never goes back in a recording, whatever the machine's clock does."""
        self._last_ns = max(self._last_ns, self._clock.now_ns())
        self._lines.append(b"%d %s\n" % (self._last_ns, msgspec.json.encode(said)))

    def _levels(self, levels: Sequence[Level]) -> list[tuple[str, str]]:
        return [(self._price(price), self._size(size)) for price, size in levels]

    def _price(self, price: Decimal) -> str:
        return f"{price:.{self._price_places}f}"

    def _size(self, size: Decimal) -> str:
        return f"{size * self._instrument.contract_value:.{self._size_places}f}"


async def record(
    exchange: Exchange, clock: Clock, instrument_id: str, path: Path, seconds: float, stop: asyncio.Event
) -> Recorded:
    """Until so many seconds are over, or stop is set, into a new file, which has its name when it is whole. Where
    another has that name by then, both are kept. Raises InvalidValue, ExchangeError, RecordingFailed and OSError."""
    found = {each.instrument_id: each for each in await exchange.instruments()}
    instrument = found.get(instrument_id)
    if instrument is None or instrument.inverse:
        rule = (
            "is none of the exchange's" if instrument is None else "is inverse; spot and linear contracts are replayed"
        )
        raise InvalidValue("instrument", instrument_id, rule)
    recorder, unfinished = Recorder(instrument, clock), path.with_name(path.name + UNFINISHED)
    await exchange.start(recorder)
    try:
        await exchange.follow(instrument_id)
        began_ns = clock.monotonic_ns()
        await _write(unfinished, path.suffix == ".gz", recorder, instrument, clock, seconds, stop)
        if not recorder.books:
            raise RecordingFailed(f"no book of {instrument_id} came")
        _name(unfinished, path)
        lasted = (clock.monotonic_ns() - began_ns) / NS_PER_SECOND
        return Recorded(instrument_id, str(path), lasted, recorder.books, recorder.trades, recorder.gaps)
    finally:
        await exchange.stop()


def _name(unfinished: Path, path: Path) -> None:
    """Raises InvalidValue where the name is taken."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise InvalidValue("out", str(path), f"is there already; what was recorded is in {unfinished}") from None
    unfinished.unlink()
    keep_names(path.parent)


async def _write(
    path: Path,
    packed: bool,
    recorder: Recorder,
    instrument: Instrument,
    clock: Clock,
    seconds: float,
    stop: asyncio.Event,
) -> None:
    """What came in each second into a new file, durable before the next. Where nothing came there is no file."""
    written = 0
    with path.open("xb") as raw:
        file: Any = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) if packed else raw
        begun_ns = clock.monotonic_ns()
        try:
            keep_names(path.parent)
            file.write(terms_line(instrument, clock.now_ns()))
            while True:
                lasted = (clock.monotonic_ns() - begun_ns) / NS_PER_SECOND
                lines = recorder.take()
                file.writelines(lines)
                file.flush()
                os.fsync(raw.fileno())
                written += len(lines)
                if len(lines) > LINES_MAX or recorder.refused:
                    raise RecordingFailed(recorder.refused or "more comes than can be written")
                if stop.is_set() or lasted >= seconds or (not written and lasted >= FIRST_SECONDS):
                    return
                await clock.sleep(min(1.0, max(seconds - lasted, 0.0)))
        finally:
            if not written:
                os.unlink(path)
            if packed:
                file.close()
            os.fsync(raw.fileno())


def terms_line(instrument: Instrument, now_ns: int) -> bytes:
    """What a recording begins with."""
    spot = instrument.kind is InstrumentKind.SPOT
    said = {
        "inst_id": instrument.instrument_id,
        "inst_type": "SPOT" if spot else "SWAP",
        "base": instrument.base,
        "quote": instrument.quote,
        "settle": instrument.settle,
        **{name: plain(getattr(instrument, name)) for name in ("tick", "lot", "min_size", "contract_value")},
    }
    return b"%d %s\n" % (now_ns, msgspec.json.encode({"instrument": said}))
