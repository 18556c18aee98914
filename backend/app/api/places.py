"""How many requests may be under way: a bound for each principal, one for all, and places that are kept for what ends
risk, so that a crowd of readers keeps nobody from canceling or from the kill switch.
"""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from app.api.errors import Problem

PRINCIPAL_MAX = 256
TOTAL_MAX = 512
KEPT_MAX = 64
"""For urgent requests alone, when the others' places are taken."""
RETRY_AFTER_SECONDS = 1


class Places:
    """The requests of one application."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._kept = 0

    @contextmanager
    def take(self, principal: str, *, urgent: bool) -> Generator[None]:
        """A place while the request is under way. Raises Problem (503, Retry-After) when there is none."""
        if self._taken[principal] < PRINCIPAL_MAX and self._taken.total() < TOTAL_MAX:
            self._taken[principal] += 1
            try:
                yield
            finally:
                self._taken[principal] -= 1
                if not self._taken[principal]:
                    del self._taken[principal]
        elif urgent and self._kept < KEPT_MAX:
            self._kept += 1
            try:
                yield
            finally:
                self._kept -= 1
        else:
            raise Problem(
                503,
                f"{PRINCIPAL_MAX} requests of one principal, or {TOTAL_MAX} in all, are under way, the most allowed",
                kind="crowded",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
