"""Rows that the exchange sent and nobody could read: each is named, and what it is about is closed for new risk alone.

A later reading of the same list that has no such row opens it again. What money depends on is never guessed: while an
order, a fill, a bill or a balance cannot be read, the currencies that it moves are in doubt.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.port import RowKind, Unreadable
from app.services.trading.account.closures import EVERYTHING, currencies
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import VENUE
from app.store.writer import StoreFailed

SHOWN_MAX = 100
NAMED_MAX = 200
NAMED_WINDOW_NS = 600 * NS_PER_SECOND

CLOSES_EVERYTHING = frozenset({RowKind.BALANCE, RowKind.POSITION, RowKind.ORDER, RowKind.FILL})
"""Kinds of which a row that does not even say what it is about may be about anything."""

log = structlog.get_logger("set_aside")


class Allowance:
    """At most `count` in any `window_ns`: what a venue that speaks another language may write to our disk."""

    def __init__(self, clock: Clock, count: int, window_ns: int) -> None:
        self._clock = clock
        self._window_ns = window_ns
        self._taken: deque[int] = deque(maxlen=count)

    def take(self) -> bool:
        now_ns = self._clock.monotonic_ns()
        if len(self._taken) == self._taken.maxlen and now_ns - self._taken[0] < self._window_ns:
            return False
        self._taken.append(now_ns)
        return True


class SetAside:
    """The unreadable rows of one account, by kind and subject; a start finds them anew."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._rows: dict[tuple[RowKind, str], tuple[Unreadable, int]] = {}
        self._named = Allowance(clock, NAMED_MAX, NAMED_WINDOW_NS)

    def heard(self, row: Unreadable) -> None:
        """One row of a push."""
        self._take([row])
        self._close([row.kind])

    def listed(self, kinds: Collection[RowKind], rows: Iterable[Unreadable], began_ns: int) -> None:
        """The lists of these kinds were read since began_ns (monotonic), and these rows of them could not be: what else
        was set aside of them before can be read again."""
        found = list(rows)
        still = {(row.kind, row.subject) for row in found}
        for key, (_, heard_ns) in list(self._rows.items()):
            if key[0] in kinds and key not in still and heard_ns < began_ns:
                del self._rows[key]
                log.info("row.readable_again", kind=key[0].value, subject=key[1])
        self._take(found)
        self._close(kinds)

    def has(self, kind: RowKind, subject: str | None = None) -> bool:
        if subject is not None:
            return (kind, subject) in self._rows
        return any(each is kind for each, _ in self._rows)

    def doubts(self, currency: str) -> bool:
        """Whether a row that cannot be read may have moved this currency: then no difference of it is unexplained."""
        return any(self._may_move(row, currency) for row, _ in self._rows.values())

    def doubts_trading(self, instrument_id: str) -> bool:
        """Whether an order, a fill or the instrument itself that cannot be read explains what differs of it; it is
        closed for that already, alone."""
        kinds = (RowKind.ORDER, RowKind.FILL)
        nameless = any(self.has(kind, "") for kind in kinds)
        return nameless or any(self.has(kind, instrument_id) for kind in (*kinds, RowKind.INSTRUMENT))

    def shown(self) -> list[dict[str, str]]:
        """For people."""
        rows = sorted((row for row, _ in self._rows.values()), key=lambda row: (row.kind, row.subject))
        return [{"kind": row.kind.value, "subject": row.subject, "reason": row.reason} for row in rows[:SHOWN_MAX]]

    def _may_move(self, row: Unreadable, currency: str) -> bool:
        if row.kind is RowKind.INSTRUMENT:
            return False
        if row.kind in (RowKind.BALANCE, RowKind.BILL):
            return row.subject in ("", currency)
        instrument = self._ledger.instruments.get(row.subject)
        return instrument is None or currency in currencies(instrument)

    def _take(self, rows: Sequence[Unreadable]) -> None:
        now_ns = self._clock.monotonic_ns()
        fresh = [row for row in rows if (row.kind, row.subject) not in self._rows]
        self._rows.update({(row.kind, row.subject): (row, now_ns) for row in rows})
        for row in fresh:
            self._name(row)

    def _close(self, kinds: Iterable[RowKind]) -> None:
        for kind in kinds:
            reasons: dict[str, str] = {}
            for (each, subject), (row, _) in self._rows.items():
                if each is kind and (subject or kind in CLOSES_EVERYTHING):
                    reasons[subject or EVERYTHING] = f"{row.reason}; it cannot be read"
            self._ledger.closures.replace(f"unreadable {kind.value}", reasons)

    def _name(self, row: Unreadable) -> None:
        """In the journal and the log, within bounds."""
        if not self._named.take():
            return
        log.warning("row.unreadable", kind=row.kind.value, subject=row.subject, reason=row.reason)
        if not self._ledger.has_writer:
            return
        try:
            turn = self._ledger.turn(VENUE)
            detail = {"kind": row.kind.value, "subject": row.subject, "reason": row.reason, "raw": row.raw}
            turn.anomaly("unreadable_row", detail)
            turn.commit()
        except StoreFailed as error:
            log.error("row.not_written", reason=str(error))
