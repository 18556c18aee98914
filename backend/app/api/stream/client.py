"""One client's way: from where it was, page by page, to the present, and on with everybody else.

Nothing waits for it. It has no queue of its own: what it has not taken yet stands in the journal, the newest of it in
memory. One that was at the present and falls behind what is in memory, or takes no bytes for a while, is let go.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from app.api.errors import Problem
from app.api.stream.feed import Feed, Form, Pieces, written
from app.api.stream.limits import DONE, FAILED, GONE, NO_LONGER, SLOW, End
from app.api.stream.tickets import Standing
from app.api.stream.views import view_names
from app.api.stream.wanted import Wanted
from app.clock import NS_PER_SECOND, Clock
from app.store.errors import StoreError

_encode = msgspec.json.Encoder().encode


class Client:
    """send(pieces) writes messages that `form` has made, and returns when the transport has room for more."""

    def __init__(
        self,
        feed: Feed,
        clock: Clock,
        wanted: Wanted,
        standing: Standing,
        form: Form,
        send: Callable[[Pieces], Awaitable[None]],
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._wanted = wanted
        self._standing = standing
        self._form = form
        self._send = send
        self._views = view_names(wanted.channels, wanted.books)
        self._seen = dict.fromkeys(self._views, 0)
        self._woken = asyncio.Event()
        self._ended: End | None = None
        self._cursor = 0
        self._live = False
        self._heard_ns = 0

    def wake(self) -> None:
        self._woken.set()

    def end(self, end: End) -> None:
        self._ended = self._ended or end
        self._woken.set()

    async def run(self, hello: dict[str, object]) -> End:
        """Serve it to its end, and say why it ended."""
        feed, renderer = self._feed, self._feed.renderer()
        feed.views.want(self._views)
        try:
            self._cursor, head = await feed.join(self, self._wanted.after)
            began_ns = self._heard_ns = self._clock.monotonic_ns()
            first = {"type": "hello", "seq": None, **hello, "after": self._cursor, "head": head}
            await self._write([self._form(None, _encode(first))])
            while self._ended is None:
                if self._cursor < feed.floor:
                    if self._live:
                        return SLOW
                    page = await feed.read(renderer, self._cursor)
                    self._cursor = page[-1].seq
                    await self._write([*written(page, self._wanted.channels, self._form), *self._heartbeat()])
                    continue
                self._live = True
                done = self._time_is_up(began_ns) and self._cursor >= head
                if not await self._go_on() and done:
                    return DONE
            return self._ended
        except TimeoutError:
            return SLOW
        except StoreError:
            return FAILED
        except OSError:
            return GONE
        except Problem as problem:
            return End.of(problem)
        finally:
            feed.views.unwant(self._views)
            await feed.leave(self)

    async def _go_on(self) -> bool:
        """Send what there is, or wait for more; whether something was sent."""
        self._woken.clear()
        upto, news = self._feed.batch(self._cursor, self._wanted.channels, self._form)
        self._cursor, present = upto, upto >= self._feed.told
        pieces = [*news, *(self._states() if present else ()), *self._heartbeat()]
        if pieces:
            await self._write(pieces)
        elif present:
            await self._wait()
        return bool(pieces)

    async def _wait(self) -> None:
        limits = self._feed.limits
        most = limits.heartbeat_seconds if self._wanted.for_seconds is None else limits.view_seconds
        try:
            async with asyncio.timeout(most):
                await self._woken.wait()
        except TimeoutError:
            return

    def _time_is_up(self, began_ns: int) -> bool:
        seconds = self._wanted.for_seconds
        return seconds is not None and self._clock.monotonic_ns() - began_ns >= seconds * NS_PER_SECOND

    def _states(self) -> Pieces:
        """The views that are newer than those it has, when it has the events that they hold."""
        newer = Pieces()
        for name in self._views:
            view = self._feed.views.newest.get(name)
            if view is not None and view.version > self._seen[name] and view.as_of <= self._cursor:
                self._seen[name] = view.version
                newer.append(self._form(None, view.text))
        return newer

    def _heartbeat(self) -> Pieces:
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._heard_ns < self._feed.limits.heartbeat_seconds * NS_PER_SECOND:
            return []
        self._heard_ns = now_ns
        if not self._standing():
            self.end(NO_LONGER)
        text = _encode({"type": "heartbeat", "seq": None, "as_of": self._cursor})
        return [self._form(self._cursor, text)]

    async def _write(self, pieces: Pieces) -> None:
        """Raises TimeoutError when it takes nothing, OSError when it is gone."""
        if pieces:
            async with asyncio.timeout(self._feed.limits.write_seconds):
                await self._send(pieces)
