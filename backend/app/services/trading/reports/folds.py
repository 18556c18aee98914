"""What a question about the past finds in folds (fold_making.py), and what is left to read trade by trade: the trades
of the stretch in which its window begins, and those after the last stretch that lies within it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import takewhile

import msgspec

from app.domain.performance.paths import Bend, Walk
from app.domain.performance.stretches import Stretch
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.fold_basis import Basis, BasisNow
from app.services.trading.reports.held import Held, Series, read_held
from app.store import queries
from app.store.database import Database
from app.store.queries import BookHistory, Row

_decode_stretch = msgspec.json.Decoder(Stretch).decode
_read_bends = msgspec.json.Decoder(list[Bend]).decode
_read_basis = msgspec.json.Decoder(Basis).decode


@lru_cache(maxsize=2_000)
def _read_stretch(text: str) -> Stretch:
    """Kept, for who asks once often asks again, and a stretch never changes."""
    return _decode_stretch(text)


class FoldsChanged(Exception):
    """Folds were made anew while they were read: what they say is read trade by trade."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Where is read trade by trade: from_ns <= time < until_ns (None: on and on), on top of what was held then."""

    from_ns: int = 0
    until_ns: int | None = None
    held: Held = field(default_factory=Held)


@dataclass(frozen=True, slots=True)
class Past:
    """stretches: those of a series within the window, oldest first, as far as it did something. left: the part of a
    stretch in which the window begins, None where it begins with a stretch or after them; right: what comes after the
    last stretch. first: what was held where the stretches begin, None where something else says it. unlisted: of which
    instruments fills were left out, for they are not listed."""

    stretches: tuple[Stretch, ...]
    walks: tuple[Walk, ...]
    left: Edge | None
    right: Edge
    first: Held | None
    unlisted: tuple[str, ...]


class FoldReader:
    """Reads in one snapshot, for one calculation. currency: that everything is counted in."""

    def __init__(self, ledger: Ledger, database: Database, history: BookHistory, currency: str) -> None:
        self._account = ledger.account
        self._database = database
        self._connection = history.connection
        self._now = BasisNow(ledger, currency, history)
        self._read: dict[str, Basis | None] = {}

    def heads(self) -> list[Row]:
        """The stretches that hold by what is so now, oldest first, without a gap."""
        found: list[Row] = []
        for row in queries.folds(self._connection, self._account):
            if self._sound(row["basis"]) is None or row["from_ns"] != (found[-1]["until_ns"] if found else 0):
                break
            found.append(row)
        return found

    def _sound(self, text: str) -> Basis | None:
        """What a stretch was made by, if that is still so."""
        if text not in self._read:
            basis = _read_basis(text)
            self._read[text] = basis if self._now.holds(basis) else None
        return self._read[text]

    def past(self, series: Series, start_ns: int | None, end_ns: int | None) -> Past | None:
        """What folds say of a series in [start_ns, end_ns); None where they are of no use."""
        start = start_ns or 0
        heads = list(takewhile(lambda row: end_ns is None or row["until_ns"] <= end_ns, self.heads()))
        if not heads:
            return None
        base = heads[-1]["until_ns"]
        right = Edge(base, None, self._held(base, series))
        split = next((row for row in heads if row["from_ns"] < start < row["until_ns"]), None)
        left = (
            None if split is None else Edge(split["from_ns"], split["until_ns"], self._held(split["from_ns"], series))
        )
        after = start if split is None else split["until_ns"]
        first = self._held(start, series) if split is None and 0 < start < base else None
        rows = queries.fold_parts(self._connection, self._account, *series, after, base)
        stretches = tuple(_read_stretch(row["figures"]) for row in rows)
        walks = tuple(
            Walk(stretch.path, partial(self._bends, series, row))
            for stretch, row in zip(stretches, rows, strict=True)
            if stretch.path is not None
        )
        return Past(stretches, walks, left, right, first, self._unlisted(heads, series[0]))

    def _held(self, at_ns: int, series: Series) -> Held:
        return read_held(queries.held_at(self._connection, self._account, at_ns)).of(series[0]) if at_ns else Held()

    def _unlisted(self, heads: Sequence[Row], name: str) -> tuple[str, ...]:
        bases = (self._sound(text) for text in dict.fromkeys(row["basis"] for row in heads))
        return tuple(one for basis in bases if basis is not None for one in basis.unlisted if name in ("", one))

    def _bends(self, series: Series, row: Row) -> Sequence[Bend]:
        """Raises FoldsChanged."""
        text = queries.fold_bends(self._database, self._account, *series, row)
        if text is None:
            raise FoldsChanged
        return _read_bends(text)


def sound_folds(ledger: Ledger, database: Database, currency: str) -> list[Row]:
    """The stretches of past trades that hold by what is so now, oldest first: until_ns, from_ns and basis of each.
    Raises StoreError."""
    with queries.book_history(database, ledger.account) as history:
        return FoldReader(ledger, database, history, currency).heads()
