"""OKX's words against our tables: a word that no table has is tolerated, named once in the log, and never an exception.

Each caller says what such a word means for it, which must be the careful reading: an order state that is unknown leaves
the order open, an instrument state that is unknown closes the instrument.
"""

from collections.abc import Mapping
from typing import TypeVar

import structlog

from app.domain.orders import SELF_TRADE

SELF_TRADE_SOURCE = "32"
NAMED_MAX = 1_000
WORD_SHOWN_MAX = 40

Meaning = TypeVar("Meaning")

log = structlog.get_logger(__name__)

_named: set[tuple[str, str]] = set()


def meaning(field: str, word: str | None, table: Mapping[str, Meaning], otherwise: Meaning) -> Meaning:
    """What the table says of the word; `otherwise` for none and for one that it does not have."""
    if not word:
        return otherwise
    found = table.get(word)
    if found is not None:
        return found
    name(field, word)
    return otherwise


def name(field: str, word: str) -> None:
    """Tell of a word that is in no table, once for each; a venue cannot fill the log with new ones."""
    known = (field, word[:WORD_SHOWN_MAX])
    if known not in _named and len(_named) < NAMED_MAX:
        _named.add(known)
        log.warning("okx.unknown_word", field=field, word=known[1])


def cancel_source(code: str) -> str:
    """OKX's number; of the one that the rest of the system goes by, self-trade prevention, with its word before it."""
    return f"{SELF_TRADE}:{code}" if code == SELF_TRADE_SOURCE else code
