"""The streams of one application: who may have one, and what each client asked for, checked before it begins."""

from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

from app.api.errors import Problem, invalid
from app.api.runtime import Runtime
from app.api.stream.client import Client
from app.api.stream.feed import Feed, Form, Pieces
from app.api.stream.limits import LIMITS, End, StreamLimits
from app.api.stream.tickets import Standing
from app.api.stream.wanted import Wanted
from app.domain.refusals import Refusal


class Streams:
    """The feed, and the places of its clients."""

    def __init__(self, runtime: Runtime, limits: StreamLimits = LIMITS) -> None:
        self.limits = limits
        self._runtime = runtime
        self._feed = Feed(runtime, limits)
        self._taken: Counter[str] = Counter()
        self._waiting = 0

    @property
    def open(self) -> int:
        """How many clients have a place."""
        return self._taken.total()

    @contextmanager
    def place(self, principal: str) -> Generator[None]:
        """One client's place. Raises Problem (503) when there is none."""
        limits = self.limits
        if self._taken[principal] >= limits.clients_per_principal or self._taken.total() >= limits.clients:
            most = f"{limits.clients_per_principal} streams of one principal, or {limits.clients} in all"
            raise _crowded(f"{most}, are open, the most allowed")
        self._taken[principal] += 1
        try:
            yield
        finally:
            self._taken[principal] -= 1

    @contextmanager
    def waiting_room(self) -> Generator[None]:
        """While a client's first message is waited for. Raises Problem (503)."""
        if self._waiting >= self.limits.unauthenticated:
            raise _crowded(f"{self.limits.unauthenticated} clients have not said who they are yet, the most allowed")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def check(self, wanted: Wanted) -> None:
        """Raises Problem for what nobody can get, ExchangeError for a book that the exchange refuses, StoreError."""
        runtime = self._runtime
        known = runtime.ledger.instruments
        unknown = [name for name in wanted.books if name not in known]
        if unknown:
            rule = "is not an instrument of this exchange"
            raise invalid([Refusal("input", "books", name, rule) for name in unknown])
        for name in wanted.books:
            await runtime.follow(name)
        await self._feed.check(wanted.after)

    async def run(
        self,
        wanted: Wanted,
        principal: str,
        standing: Standing,
        form: Form,
        send: Callable[[Pieces], Awaitable[None]],
    ) -> End:
        """Serve a client that is checked and has a place, to its end. standing: whether its key still opens."""
        hello = {
            "account": self._runtime.ledger.account,
            "channels": sorted(wanted.channels),
            "books": wanted.books,
            "principal": principal,
        }
        return await Client(self._feed, self._runtime.clock, wanted, standing, form, send).run(hello)

    def close(self) -> None:
        """The server stops: every client is told so."""
        self._feed.close()


def _crowded(detail: str) -> Problem:
    return Problem(503, detail, kind="crowded", headers={"Retry-After": "1"})
