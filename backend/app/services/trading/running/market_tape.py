"""What markets were of late, as costs are measured by it: their mids, the time integral, and the windows that count
what trades. Bounded, in memory; who asks for a moment that it does not reach back to is told so.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from app.clock import NS_PER_MS, NS_PER_SECOND
from app.domain.instruments import Instrument
from app.domain.market import PublicTrade
from app.domain.money import ZERO
from app.domain.tca.marks import BOOK, NOBODY_LOOKED, UNUSABLE, Mark, unseen
from app.domain.tca.twap import NOTHING_SEEN, MidIntegral
from app.market_data.feeds import MarketData
from app.market_data.view import BookView

FRESH_NS = NS_PER_SECOND // 4
"""For so long an unchanged book that could be used still can."""
SEEN_MAX, QUIET_MAX = 4_096, 512
"""So many changes of the mid are kept at least; fewer of an instrument that nothing is measured of."""
KEPT_NS, KEPT_MAX = 60 * NS_PER_SECOND, 32_768
"""Those of so long are kept too, up to so many: the first marks are taken after ten seconds (due_marks.FIRST_MS), later
where a round waits for the exchange."""


@dataclass(slots=True, eq=False)
class Window:
    """What a row of tca_windows says, as it grows. before: the tape's integral when this began, or was taken up;
    carried: what an earlier process saw of it. closed: the tape's integral at its end. decision: the mid when
    it was decided, where who did told no price. marked: its end
    has marks of its own. written_ns: when its row was last handed on. ahead_ns: the exchange's clock less ours, at its
    end.
    """

    subject_id: str
    kind: str
    instrument_id: str
    started_ns: int
    bid: Decimal | None = None
    ask: Decimal | None = None
    walk_price: Decimal | None = None
    square_root_bps: Decimal | None = None
    size: Decimal = ZERO
    other: Decimal = ZERO
    before: MidIntegral = NOTHING_SEEN
    carried: MidIntegral = NOTHING_SEEN
    ended_ns: int | None = None
    end_mid: Decimal | None = None
    marks: list[Mark] = field(default_factory=list[Mark])
    decision: Mark | None = None
    closed: MidIntegral | None = None
    marked: bool = True
    written_ns: int = 0
    ahead_ns: int = 0

    def seen(self, integral: MidIntegral) -> MidIntegral:
        """All that was seen of its mid, up to the tape's integral or its own end."""
        until, before, carried = self.closed or integral, self.before, self.carried
        return MidIntegral(until.area - before.area + carried.area, until.seen_ns - before.seen_ns + carried.seen_ns)

    def count(self, trade: PublicTrade, at_ns: int, other: Decimal) -> None:
        """A public trade, if it was in the window by our time."""
        ended_ns = self.ended_ns
        if self.started_ns <= at_ns and (ended_ns is None or at_ns <= ended_ns):
            self.size += trade.size
            self.other += other


class MarketTape:
    """Of one instrument. windows: those that count now. book, usable, touches, looked_ns: as it was looked at last."""

    def __init__(self, instrument: Instrument) -> None:
        self.windows: dict[str, Window] = {}
        self.book: BookView | None = None
        self.usable, self.touches, self.looked_ns = False, 0, 0
        self._inverse = instrument.inverse
        self._heard: list[int] = []
        self._told: list[int] = []
        self._mids: list[Decimal | None] = []
        self._integral = NOTHING_SEEN
        self._reckoned = (0, NOTHING_SEEN)
        self._full = 2 * QUIET_MAX

    def note(self, now_ns: int, venue_ns: int, mid: Decimal | None) -> None:
        """From now on (our time) the mid is this; None: the book cannot be used. venue_ns: of that change."""
        if self._mids:
            before = self._mids[-1]
            if before == mid:
                return
            self._integral = self._integral.held(before, now_ns - self._heard[-1])
        self._heard.append(now_ns)
        self._told.append(venue_ns)
        self._mids.append(mid)
        if len(self._mids) >= self._full:
            self._forget(now_ns)

    def _forget(self, now_ns: int) -> None:
        """What is neither among the newest nor young, once as much again is there as was left the last time."""
        least = SEEN_MAX if self.windows else QUIET_MAX
        gone = min(len(self._mids) - least, bisect_left(self._heard, now_ns - KEPT_NS))
        gone = max(0, gone, len(self._mids) - KEPT_MAX)
        for each in (self._heard, self._told, self._mids):
            del each[:gone]
        self._full = 2 * max(least, len(self._mids))

    def trade(self, trade: PublicTrade, ahead_ns: int) -> None:
        """A public trade, to every window that counts. ahead_ns: the exchange's clock less ours."""
        other = trade.size / trade.price if self._inverse else trade.size * trade.price
        for window in self.windows.values():
            window.count(trade, trade.venue_time_ns - ahead_ns, other)

    def integral(self, now_ns: int) -> MidIntegral:
        """Since the tape began. Many ask at one moment."""
        if self._reckoned[0] != now_ns and self._mids:
            self._reckoned = now_ns, self._integral.held(self._mids[-1], now_ns - self._heard[-1])
        return self._reckoned[1]

    def marks(self, since_ns: int, horizons_ms: Iterable[int]) -> list[Mark]:
        """The mids so long after a moment of ours; a mark without one, and why, where nobody looked then or the book
        could not be used."""
        heard, mids, found = self._heard, self._mids, list[Mark]()
        for horizon_ms in horizons_ms:
            at_ns = since_ns + horizon_ms * NS_PER_MS
            if not heard or at_ns < heard[0]:
                found.append(unseen(horizon_ms, NOBODY_LOOKED))
                continue
            mid = mids[-1] if at_ns >= heard[-1] else mids[bisect_right(heard, at_ns) - 1]
            found.append(unseen(horizon_ms, UNUSABLE) if mid is None else Mark(horizon_ms, mid, at_ns, BOOK))
        return found

    def before(self, venue_ns: int) -> Decimal | None:
        """The mid just before that moment of the exchange's; None when it is not known."""
        for place in range(len(self._told) - 1, -1, -1):
            if self._told[place] < venue_ns:
                return self._mids[place]
        return None


class MarketTapes:
    """Of all markets that were asked for. known: by instrument."""

    def __init__(
        self, market: MarketData, listed: Callable[[str], Instrument | None], ahead_ns: Callable[[int], int]
    ) -> None:
        self._market = market
        self._listed = listed
        self._ahead_ns = ahead_ns
        """The exchange's clock less ours, at a moment of ours."""
        self.known: dict[str, MarketTape] = {}

    def of(self, instrument_id: str) -> MarketTape | None:
        """None for an instrument that the exchange does not list any more."""
        tape = self.known.get(instrument_id)
        if tape is None and (instrument := self._listed(instrument_id)) is not None:
            tape = self.known[instrument_id] = MarketTape(instrument)
        return tape

    def look(self, instrument_id: str, tape: MarketTape, now_ns: int) -> BookView | None:
        """The book, if it can be used, which the tape is told of. One that has just been looked at is as it was."""
        if now_ns == tape.looked_ns:
            return tape.book if tape.usable else None
        book = self._market.book(instrument_id)
        if book is tape.book and 0 <= now_ns - tape.looked_ns < FRESH_NS:
            return book if tape.usable else None
        usable = book is not None and book.usable(now_ns, self._market.max_age_seconds) is None
        tape.book, tape.usable, tape.looked_ns = book, usable, now_ns
        tape.touches = self._market.touches(instrument_id)
        if book is None or not usable:
            tape.note(now_ns, now_ns + self._ahead_ns(now_ns), None)
            return None
        tape.note(now_ns, book.venue_time_ns, book.mid)
        return book

    def look_at_all(self, now_ns: int) -> None:
        for instrument_id, tape in self.known.items():
            self.look(instrument_id, tape, now_ns)

    def changed(self, instrument_id: str, now_ns: Callable[[], int]) -> None:
        """Its book was told of: a look at it if its touch is another, or none could be used."""
        tape = self.of(instrument_id)
        if tape is not None and (not tape.usable or self._market.touches(instrument_id) != tape.touches):
            tape.looked_ns = 0
            self.look(instrument_id, tape, now_ns())

    def marks(self, instrument_id: str, since_ns: int, horizons_ms: Iterable[int]) -> list[Mark]:
        """As MarketTape.marks; of an instrument that nobody looked at too."""
        tape = self.known.get(instrument_id)
        if tape is None:
            return [unseen(each, NOBODY_LOOKED) for each in horizons_ms]
        return tape.marks(since_ns, horizons_ms)
