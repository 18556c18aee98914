"""The one writer of an account: turns gather in a group, and one transaction commits the group.

While a group commits, the next fills; so memory is ahead of the disk by at most two groups. A commit that fails is
ambiguous: every later group fails with it, and the account's memory must be rebuilt from the database (INVARIANTS P2).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from app.store.durable import Durable, anew
from app.store.errors import StoreError, not_committed
from app.store.group import Group

EARLY_TURNS = 32
"""A group of so many turns is begun in the midst of a round of the loop: the disk works while the loop goes on."""

FEW_TURNS = 4
"""After a group of at most so many turns few are under way: nothing is gained by waiting for others to join."""


class StoreFailed(StoreError):
    """A commit failed or its outcome is unknown; nothing after it is written until the account is reloaded."""


class RefusedByDatabase(StoreFailed):
    """A constraint refused the group: what it held will be refused again. group: what it held."""

    def __init__(self, message: str, group: Group) -> None:
        self.group = group
        super().__init__(message)


class NotOpen(StoreFailed):
    """The account is not open yet: nothing was written, and no order was made."""


class LeaseGone(StoreFailed):
    """The right to write ran out or is another's: nothing was written, and it may be asked for again."""


class Committer(Protocol):
    """Commits one group after another. commit() takes what prepare() returned once the group before is committed; it
    returns what ends when the group is durable, None when it is, and raises when it is not known to be (so may what it
    returns). close() returns what is to be awaited, if anything."""

    def prepare(self, group: Group) -> Any: ...

    def commit(self, prepared: Any) -> Durable | None: ...

    def close(self, release: bool = True) -> Awaitable[None] | None: ...


class GroupWriter:
    """Collects turns into groups, each with what ends when it is durable; lives on the event loop.

    `filling` is the group that the next turn writes into; flush() asks for it to be committed. Groups are committed
    one at a time, in order; on_commit(group) is called on the loop after each commit, before who waits goes on, and
    told(group) once they do.
    overlaps: the committer works while the loop does, so that a large group is worth beginning early.
    """

    def __init__(
        self,
        committer: Committer,
        *,
        on_commit: Callable[[Group], None],
        told: Callable[[Group], None] | None = None,
        overlaps: bool = False,
    ) -> None:
        self.filling = Group()
        self.failed: StoreFailed | None = None
        self._committer = committer
        self._on_commit = on_commit
        self._told = told
        self._overlaps = overlaps
        self._loop = asyncio.get_running_loop()
        self._durable = Durable()
        self._committing: tuple[Group, Durable] | None = None
        self._scheduled = False
        self._few = False
        self._closed = False

    def flush(self) -> Durable:
        """Have the group being filled committed as soon as the disk is free; the turn that calls this joins it.

        Raises StoreFailed when the writer has failed.
        """
        self._ask_for_commit()
        return self._durable

    def hurry(self) -> None:
        """A new order is in `filling`: it goes out once that is durable. While few are under way it is not kept waiting
        for the other turns of this round."""
        if self._few and self._overlaps and self._committing is None and self.failed is None:
            self._start()

    def renew(self) -> Durable:
        """A commit without rows: it renews the lease. Raises StoreFailed."""
        durable = self.flush()
        self.filling.turns += 1
        return durable

    @property
    def backlog(self) -> int:
        """Turns waiting in the group being filled."""
        return self.filling.turns

    @property
    def pending(self) -> bool:
        """Whether anything is not durable yet."""
        return self._committing is not None or bool(self.filling)

    async def drain(self) -> None:
        """Wait until every turn taken so far is durable; turns that others take meanwhile are not waited for.

        Raises StoreFailed, also when the commit that failed has ended before.
        """
        if self.failed is not None:
            raise anew(self.failed)
        if self.filling:
            durable = self._durable
            self._ask_for_commit()
            await durable
        elif self._committing is not None:
            await self._committing[1]

    async def close(self) -> None:
        """Commit what is left, let go of the lease and of the disk; later turns are refused. Again: does nothing.

        Raises StoreFailed when what was left could not be committed; everything is let go all the same.
        """
        if self._closed:
            return
        try:
            while self.failed is None and self.pending:
                await self.drain()
        finally:
            self._closed = True
            release = self.failed is None and not self.pending
            self.failed = self.failed or StoreFailed("the account's writer was closed")
            if not self._durable.done:
                self._durable.settle(self.failed)
            ending = self._committer.close(release=release)
            if ending is not None:
                await ending

    def _ask_for_commit(self) -> None:
        if self.failed is not None:
            raise anew(self.failed)
        if self._committing is not None:
            return
        if self.filling.turns >= EARLY_TURNS and self._overlaps:
            self._start()
        elif not self._scheduled:
            # Turns that are taken in this same round of the loop join the group.
            self._scheduled = True
            self._loop.call_soon(self._begin)

    def _begin(self) -> None:
        self._scheduled = False
        if self._committing is None and self.failed is None and self.filling:
            self._start()

    def _start(self) -> None:
        group = self.filling
        self._committing = (group, self._durable)
        self.filling, self._durable = Group(), Durable()
        self._few = group.turns <= FEW_TURNS
        try:
            ending = self._committer.commit(self._committer.prepare(group))
        except Exception as error:  # noqa: BLE001  the outermost edge of the writer: every failure is an unknown outcome
            # In a round of its own: whoever flushes may be in the midst of a turn.
            self._loop.call_soon(self._finish, error)
            return
        if ending is None:
            self._finish(None)
        else:
            ending.then(self._finish)

    def _finish(self, error: Exception | None) -> None:
        """The group that was under way has been committed, or not."""
        assert self._committing is not None
        group, durable = self._committing
        self._committing = None
        if error is not None:
            self._fail(_failure(error, group), durable)
            return
        if self.filling and self.failed is None:
            self._start()
        self._on_commit(group)
        durable.settle()
        if self._told is not None:
            # Behind the sends that have just been begun: an order does not wait for a line in the log.
            self._loop.call_soon(self._told, group)
        self._begin()

    def _fail(self, error: StoreFailed, durable: Durable) -> None:
        self.failed = error
        durable.settle(error)
        if not self._durable.done:
            self._durable.settle(error)


def _failure(error: Exception, group: Group) -> StoreFailed:
    why = not_committed(error)
    message = f"commit failed: {why}"
    failed = LeaseGone if why.lost else StoreFailed
    failure = RefusedByDatabase(message, group) if why.refused else failed(message)
    failure.__cause__ = error
    return failure


class _NoDisk:
    """A committer of nothing, behind a writer that has failed before it began."""

    def prepare(self, group: Group) -> Any:
        raise AssertionError("nothing is written before the account is loaded")

    def commit(self, prepared: Any) -> Durable | None:
        raise AssertionError("nothing is written before the account is loaded")

    def close(self, release: bool = True) -> None:
        return


def without_right(reason: str) -> GroupWriter:
    """A writer that takes nothing: the account is not loaded, or another process holds it."""
    writer = GroupWriter(_NoDisk(), on_commit=lambda _: None)
    writer.failed = NotOpen(reason)
    return writer
