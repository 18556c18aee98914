"""Order books kept honest by OKX's sequence numbers: what does not join on to what came before is not passed on.

Rule (OKX v5, books channel, 2026): prevSeqId of an update equals seqId of the one before. seqId equal to prevSeqId is
a keep-alive, seqId below prevSeqId a reset after maintenance; both are legal. Anything else is a gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.market import BookAction, BookUpdate
from app.exchanges.okx import market_rows, wire


@dataclass(slots=True)
class _State:
    source: object
    sequence: int
    valid: bool


class Books:
    """The continuity of every followed book. source: whatever object a message came by; compared by identity."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}

    def accept(self, source: object, instrument_id: str, action: str | None, row: wire.BookRow) -> BookUpdate | None:
        """The update to pass on; None for what is to be ignored. BookAction.INVALID says that a gap was found.

        Raises ProtocolError for levels that cannot be read; the caller then calls invalidate().
        """
        if action == "snapshot":
            update = market_rows.book(instrument_id, row, BookAction.SNAPSHOT)
            self._states[instrument_id] = _State(source, update.sequence, True)
            return update
        state = self._states.get(instrument_id)
        if state is None or not state.valid or state.source is not source:
            # Waiting for a snapshot, or the other one of two overlapping connections.
            return None
        if row.prevSeqId is None or row.seqId is None or row.prevSeqId != state.sequence:
            return self.invalidate(instrument_id)
        update = market_rows.book(instrument_id, row, BookAction.UPDATE)
        state.sequence = row.seqId
        return update

    def invalidate(self, instrument_id: str) -> BookUpdate | None:
        """Mark a book broken until its next snapshot; None when it already was."""
        state = self._states.get(instrument_id)
        if state is None or not state.valid:
            return None
        state.valid = False
        return invalid(instrument_id)

    def invalidate_all(self) -> list[BookUpdate]:
        broken: Iterable[BookUpdate | None] = [self.invalidate(instrument_id) for instrument_id in self._states]
        return [update for update in broken if update is not None]

    def is_valid(self, instrument_id: str) -> bool:
        state = self._states.get(instrument_id)
        return state is not None and state.valid

    def lives_elsewhere(self, source: object, instrument_id: str) -> bool:
        """Whether a valid book came by another source than this."""
        state = self._states.get(instrument_id)
        return state is not None and state.valid and state.source is not source


def invalid(instrument_id: str) -> BookUpdate:
    return BookUpdate(instrument_id, BookAction.INVALID, (), (), 0, 0)
