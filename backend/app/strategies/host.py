"""The process that one strategy runs in: takes messages over a socket, answers each, ends with the socket.

It is started without the executor's environment and descriptors: no exchange, no key, no database. It is one thread
that blocks; who gives it too much to do finds it busy, and whoever waits too long for it kills it.
"""

import os
import socket
import sys
from io import BufferedReader

from app.strategies.handling import Handling
from app.strategies.messages import LENGTH_BYTES, Raised, decode_batch, decode_begin, frame


def main() -> None:
    """argv[1]: the socket's descriptor. The first frame is Begin, every later one a Batch."""
    with socket.socket(fileno=int(sys.argv[1])) as line, line.makefile("rb") as stream:
        try:
            _serve(line, stream)
        except ConnectionError:
            return
    os._exit(0)  # whatever threads a strategy began end with it


def _serve(line: socket.socket, stream: BufferedReader) -> None:
    handling = Handling()
    first = _read(stream)
    if first is None:
        return
    answer = handling.begin(decode_begin(first))
    line.sendall(frame(answer))
    while not isinstance(answer, Raised) and (body := _read(stream)) is not None:
        answer = handling.handle(decode_batch(body))
        line.sendall(frame(answer))


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
