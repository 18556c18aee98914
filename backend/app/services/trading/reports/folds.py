"""What a question about the past finds in folds (fold_making.py), and what is left to read trade by trade: the trades
of the stretch in which its window begins, and those after the last stretch that lies within it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

import msgspec
from sqlalchemy.engine import Connection

from app.domain.performance.paths import Bend, Walk
from app.domain.performance.stretches import Stretch
from app.domain.performance.trip_state import Places
from app.domain.positions import PositionFold
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.fold_making import Basis, basis_of, read_places
from app.store import queries
from app.store.database import Database
from app.store.queries import Row

_read_stretch = msgspec.json.Decoder(Stretch).decode
_read_bends = msgspec.json.Decoder(list[Bend]).decode
_read_basis = msgspec.json.Decoder(Basis).decode


class FoldsChanged(Exception):
    """Folds were made anew while they were read: what they say is read trade by trade."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Where trades are read: from_ns <= traded < until_ns (None: on and on), on top of what was held then."""

    from_ns: int
    until_ns: int | None
    places: Places


@dataclass(frozen=True, slots=True)
class Past:
    """stretches: those of a series within the window, oldest first, as far as it did something. left: the part of a
    stretch in which the window begins, None where it begins with a stretch or after them; right: what comes after the
    last stretch. first: what was held where the stretches begin, None where something else says it."""

    stretches: tuple[Stretch, ...]
    walks: tuple[Walk, ...]
    left: Edge | None
    right: Edge
    first: Places | None


class FoldReader:
    """Reads in one snapshot, for one calculation. currency: that everything is counted in."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        connection: Connection,
        currency: str,
        openings: Sequence[PositionFold],
    ) -> None:
        self._ledger = ledger
        self._database = database
        self._connection = connection
        self._currency = currency
        self._openings = openings

    def heads(self) -> list[Row]:
        """The stretches that hold by what is so now, oldest first, without a gap."""
        sound = dict[str, bool]()
        found: list[Row] = []
        for row in queries.folds(self._connection, self._ledger.account):
            text = row["basis"]
            if text not in sound:
                sound[text] = self._holds(_read_basis(text))
            if not sound[text] or row["from_ns"] != (found[-1]["until_ns"] if found else 0):
                break
            found.append(row)
        return found

    def _holds(self, basis: Basis) -> bool:
        return basis == basis_of(self._ledger, self._currency, self._openings, basis.instruments)

    def past(self, series: tuple[str, str], start_ns: int | None, end_ns: int | None) -> Past | None:
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
        rows = queries.fold_parts(self._connection, self._ledger.account, *series, after, base)
        stretches = tuple(_read_stretch(row["figures"]) for row in rows)
        walks = tuple(
            Walk(stretch.path, partial(self._bends, series, row))
            for stretch, row in zip(stretches, rows, strict=True)
            if stretch.path is not None
        )
        return Past(stretches, walks, left, right, first)

    def _held(self, at_ns: int, series: tuple[str, str]) -> Places:
        if not at_ns:
            return {}
        places = read_places(queries.held_at(self._connection, self._ledger.account, at_ns))
        return {place: books for place, books in places.items() if series[0] in ("", place[0])}

    def _bends(self, series: tuple[str, str], row: Row) -> Sequence[Bend]:
        """Raises FoldsChanged."""
        text = queries.fold_bends(self._database, self._ledger.account, *series, row)
        if text is None:
            raise FoldsChanged
        return _read_bends(text)


def sound_folds(ledger: Ledger, database: Database, currency: str) -> list[Row]:
    """The stretches of past trades that hold by what is so now, oldest first: until_ns, from_ns and basis of each.
    Raises StoreError."""
    with queries.book_history(database, ledger.account) as history:
        openings = history.openings
    with queries.snapshot(database) as connection:
        return FoldReader(ledger, database, connection, currency, openings).heads()
