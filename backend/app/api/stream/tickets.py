"""Tickets: what a browser gets for its key and may put in an address, for it opens one stream, once, and soon."""

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.api.errors import Problem
from app.clock import NS_PER_SECOND, Clock, utc
from app.domain.access import Grant

SECONDS = 30
BYTES = 32
PRINCIPAL_MAX = 100
TOTAL_MAX = 1_000


Standing = Callable[[], bool]
"""Whether the key by which somebody came still opens."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One that was just made; nobody is told it again."""

    ticket: str
    expires_at: datetime


class Tickets:
    """Those not yet used, by their SHA-256, in the order of their making. They live in memory: a restart ends them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: OrderedDict[bytes, tuple[Grant, Standing, int]] = OrderedDict()

    def make(self, grant: Grant, standing: Standing) -> Ticket:
        """Raises Problem (503) when too many are open."""
        self._expire()
        held = sum(whose.principal == grant.principal for whose, *_ in self._open.values())
        if held >= PRINCIPAL_MAX or len(self._open) >= TOTAL_MAX:
            detail = f"{PRINCIPAL_MAX} tickets of one principal, or {TOTAL_MAX} in all, are open, the most allowed"
            raise Problem(503, detail, kind="crowded", headers={"Retry-After": "1"})
        ticket = "tet_" + base64.urlsafe_b64encode(self._clock.token(BYTES)).decode().rstrip("=")
        ends_ns = self._clock.monotonic_ns() + SECONDS * NS_PER_SECOND
        self._open[_digest(ticket)] = (grant, standing, ends_ns)
        return Ticket(ticket, utc(self._clock.now_ns() + SECONDS * NS_PER_SECOND))

    def use(self, ticket: str) -> tuple[Grant, Standing] | None:
        """What who got it may do, and for how long, this once; None for one that is not open."""
        self._expire()
        found = self._open.pop(_digest(ticket), None)
        return None if found is None else found[:2]

    def _expire(self) -> None:
        now_ns = self._clock.monotonic_ns()
        while self._open and next(iter(self._open.values()))[2] <= now_ns:
            self._open.popitem(last=False)


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).digest()
