"""The process that only writes: takes transactions over a socket, commits one after another, answers each.

It lives as long as the other end of its socket. When the executor is gone, however it went, a transaction that came in
whole is still committed, as it would have been had the executor died a moment later, and the process ends; one that
is late is refused by the lease. Frames are four bytes of length (big-endian) and msgpack.
"""

import gc
import socket
import sqlite3
import sys
from collections.abc import Sequence
from io import BufferedReader
from typing import Any

import msgspec

from app.store import transaction
from app.store.errors import not_committed
from app.store.transaction import Address, Row, Statement

LENGTH_BYTES = 4

CHECKPOINT_BYTES = 16 << 20
"""When SQLite's log may have grown by so much it is copied into the database: after the answer, for within COMMIT one
order in some hundreds would wait for it."""
LOG_BYTES_A_ROW = 8_192
"""The pages that a row touches, beside its own length."""
LOG_MAX_PAGES = 65_536
"""A log of so many pages (256 MB) is kept by a reader that does not end, and told."""


class Work(msgspec.Struct, array_like=True):
    """One transaction. new: statements that are used from here on, numbered on from those before; writes: number of the
    statement, and its rows."""

    new: Sequence[Statement]
    writes: Sequence[tuple[int, Sequence[Row]]]


class Answer(msgspec.Struct, array_like=True):
    """What became of a transaction; no failure: it is durable. refused: by a constraint. note: what the operator should
    hear of. lost: by the lease."""

    failure: str = ""
    refused: bool = False
    note: str = ""
    lost: bool = False


def frame(message: object) -> bytes:
    """A message as it goes over the socket. Decimals go as text, which both databases take."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def main() -> None:
    """argv[1]: the socket's descriptor. The first frame is the Address, every later one Work; each is answered."""
    with socket.socket(fileno=int(sys.argv[1])) as line, line.makefile("rb") as stream:
        try:
            _serve(line, stream)
        except ConnectionError:
            return


def _serve(line: socket.socket, stream: BufferedReader) -> None:
    first = _read(stream)
    if first is None:
        return
    connection: Any = None
    try:
        address = msgspec.msgpack.decode(first, type=Address)
        connection = address.connect()
    except Exception as error:  # noqa: BLE001  whatever it is, the other end tells it
        line.sendall(_told(error))
        return
    line.sendall(frame(Answer()))
    # Nothing here makes cycles, and a collection in the midst of a commit is time that an order waits.
    gc.freeze()
    gc.disable()
    decode = msgspec.msgpack.Decoder(Work).decode
    known: list[Statement] = []
    written, done = 0, frame(Answer())
    if address.sqlite:
        connection.execute("PRAGMA wal_autocheckpoint=0").close()
    try:
        while (body := _read(stream)) is not None:
            try:
                work = decode(body)
                known.extend(work.new)
                transaction.commit(connection, address.sqlite, [(known[number], rows) for number, rows in work.writes])
            except Exception as error:  # noqa: BLE001  as above
                line.sendall(_told(error))
            else:
                line.sendall(done)
                written += len(body) + LOG_BYTES_A_ROW * sum(len(rows) for _, rows in work.writes)
            if address.sqlite and written >= CHECKPOINT_BYTES:
                written, done = 0, frame(Answer(note=_checkpoint(connection)))
    finally:
        connection.close()


def _checkpoint(connection: Any) -> str:
    """As much as readers allow. What fails is left in the log, which is as durable, and tried again; returns what there
    is to tell of it."""
    try:
        _, pages, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.Error as error:
        return f"SQLite's log cannot be copied into its database: {error}"
    if pages > LOG_MAX_PAGES:
        return f"SQLite's log has {pages} pages, {copied} of them copied: a reader does not end"
    return ""


def _told(error: Exception) -> bytes:
    why = not_committed(error)
    return frame(Answer(str(why), why.refused, lost=why.lost))


def _read(stream: BufferedReader) -> bytes | None:
    """The next frame's body; None when the other end is gone."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return body if len(body) == length else None


if __name__ == "__main__":
    main()
