"""Whether a row is about the kinds of instruments that are traded here; others' futures are not ours to know.

A word that is no kind of OKX's says nothing: of an instrument that is traded here it makes the row unreadable, so that
neither a fill is left out nor its money booked a second time.
"""

from collections.abc import Collection

from app.exchanges.errors import ProtocolError
from app.exchanges.okx.catalogue import Catalogue

KINDS = frozenset({"SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION"})


class Kinds:
    """The instrument types that concern us."""

    def __init__(self, traded: Collection[str], catalogue: Catalogue) -> None:
        self._traded = frozenset(traded)
        self._catalogue = catalogue

    def concern(self, instrument_type: str | None, instrument_id: str | None) -> bool:
        """Of a row that says so, or that does not say of which type it is. Raises ProtocolError (see above)."""
        if not instrument_type or instrument_type in self._traded:
            return True
        if instrument_type not in KINDS and instrument_id and self._catalogue.get(instrument_id) is not None:
            raise ProtocolError(f"instType {instrument_type[:40]!r} of {instrument_id} is no kind of instrument")
        return False

    def may_concern(self, instrument_type: str) -> bool:
        """Of a row that cannot be read: unless it is surely about another type."""
        return instrument_type in self._traded or instrument_type not in KINDS
