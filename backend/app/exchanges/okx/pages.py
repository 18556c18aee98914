"""Lists that come in pages: pages overlap by one row, so that a row that slipped between two pages is noticed.

OKX lists the newest first and gives what is older than an id (parameter `after`, exclusive). Asking again from the
last row but one must bring the last row first; if it does not, the list changed under us and is read anew.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.exchanges.errors import ExchangeUnavailable, ProtocolError

PAGE_SIZE = 100
PAGES_MAX = 1_000
RESTARTS_MAX = 3

Row = TypeVar("Row")
FetchPage = Callable[[str], Awaitable[list[Row]]]
"""The page of rows older than an id, newest first; "" for the newest page."""


async def read_all(fetch: FetchPage[Row], id_of: Callable[[Row], str], *, contiguous: bool) -> list[Row]:
    """All rows, oldest first, each once.

    contiguous: rows never leave the list (history, fills), so the overlap must hold. Raises ExchangeUnavailable when
    it does not hold after RESTARTS_MAX readings, ProtocolError for more pages than can be.
    """
    for _ in range(RESTARTS_MAX):
        rows = await _read_once(fetch, id_of, contiguous)
        if rows is not None:
            rows.reverse()
            return rows
    raise ExchangeUnavailable(f"the list kept changing between pages, {RESTARTS_MAX} readings in a row")


async def _read_once(fetch: FetchPage[Row], id_of: Callable[[Row], str], contiguous: bool) -> list[Row] | None:
    """All rows newest first, or None when the overlap was broken. Rows without an id of their own are all kept."""
    found: dict[str, Row] = {}
    nameless: list[tuple[int, Row]] = []
    after, expected = "", ""
    for _ in range(PAGES_MAX):
        page = await fetch(after)
        named = [row for row in page if id_of(row)]
        if expected and contiguous and (not named or id_of(named[0]) != expected):
            return None
        before = len(found)
        for row in page:
            if id_of(row):
                found.setdefault(id_of(row), row)
            else:
                nameless.append((len(found), row))
        if len(page) < PAGE_SIZE or len(found) == before:
            rows = list(found.values())
            for place, row in reversed(nameless):
                rows.insert(place, row)
            return rows
        if len(named) < 2:
            raise ProtocolError("a page of a list without two rows that have an id: the next one cannot be asked for")
        after, expected = id_of(named[-2]), id_of(named[-1])
    raise ProtocolError(f"a list of more than {PAGES_MAX} pages of {PAGE_SIZE} rows")
