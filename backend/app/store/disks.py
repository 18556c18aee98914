"""Where an account's transactions go: how a disk (committer.Disk) is opened, by who composes a system."""

from collections.abc import Awaitable, Callable

from app.store.committer import ConnectionDisk, Disk
from app.store.database import Database, explain
from app.store.errors import StoreError
from app.store.writer_process import WriterProcess

OpenDisk = Callable[[Database], Awaitable[Disk]]
"""Opens a new one each time an account is loaded. Raises StoreError."""


async def own_process(database: Database) -> Disk:
    """A writer in a process of its own: the disk works while this one decides. As in life."""
    try:
        return await WriterProcess.start(database.writer_address())
    except StoreError as error:
        raise StoreError(explain(error, database)) from None


async def this_process(database: Database) -> Disk:
    """A connection of this process. For simulations, examples and tools."""
    return ConnectionDisk(database)
