"""Columns of a Feather file (Arrow IPC, LZ4 frames or plain) of fixed-width numbers: just enough for recorded candles.

pyarrow reads them too, and is fifty megabytes.
"""

import struct
from array import array
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"ARROW1"
LZ4_MAGIC = b"\x04\x22\x4d\x18"
NOT_COMPRESSED = -1


def columns(path: Path, wanted: dict[str, str]) -> dict[str, array]:  # type: ignore[type-arg]
    """wanted: type code of `array` by column. Raises ValueError for a file that is none, or lacks one."""
    data = path.read_bytes()
    if data[:6] != MAGIC or data[-6:] != MAGIC:
        raise ValueError(f"{path} is no Feather file")
    (length,) = struct.unpack_from("<i", data, len(data) - 10)
    footer = _Table.root(data, len(data) - 10 - length)
    names = [field.text(0) for field in footer.table(1).tables(1)]
    if missing := wanted.keys() - set(names):
        raise ValueError(f"{path} lacks {', '.join(sorted(missing))}")
    found = {name: array(code) for name, code in wanted.items()}
    for offset, header_length, _ in footer.structs(3, "<qi4xq"):
        message = _Table.root(data, offset + 8)
        body, buffers = offset + header_length, list(message.table(2).structs(2, "<qq"))
        packed = message.table(2).has(3)
        for name, into in found.items():
            start, size = buffers[2 * names.index(name) + 1]  # a validity bitmap and the values, each column
            raw = data[body + start : body + start + size]
            into.frombytes(_unpacked(raw) if packed else raw)
    return found


class _Table:
    """A flatbuffers table; fields by their number."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        self._fields = at - struct.unpack_from("<i", data, at)[0]

    @classmethod
    def root(cls, data: bytes, at: int) -> "_Table":
        return cls(data, at + struct.unpack_from("<I", data, at)[0])

    def _place(self, number: int) -> int:
        """Where a field stands, 0 for one that is left out."""
        (size,) = struct.unpack_from("<H", self._data, self._fields)
        if 4 + 2 * number >= size:
            return 0
        (offset,) = struct.unpack_from("<H", self._data, self._fields + 4 + 2 * number)
        return self._at + offset if offset else 0

    def has(self, number: int) -> bool:
        return self._place(number) != 0

    def _target(self, number: int) -> int:
        at = self._place(number)
        return at + struct.unpack_from("<I", self._data, at)[0]

    def table(self, number: int) -> "_Table":
        return _Table(self._data, self._target(number))

    def text(self, number: int) -> str:
        at = self._target(number)
        (length,) = struct.unpack_from("<I", self._data, at)
        return self._data[at + 4 : at + 4 + length].decode()

    def tables(self, number: int) -> Iterator["_Table"]:
        at = self._target(number)
        for index in range(struct.unpack_from("<I", self._data, at)[0]):
            yield _Table.root(self._data, at + 4 + 4 * index)

    def structs(self, number: int, form: str) -> Iterator[tuple[int, ...]]:
        at = self._target(number)
        for index in range(struct.unpack_from("<I", self._data, at)[0]):
            yield struct.unpack_from(form, self._data, at + 4 + struct.calcsize(form) * index)


def _unpacked(raw: bytes) -> bytes:
    """A buffer behind its length."""
    (length,) = struct.unpack_from("<q", raw)
    body = raw[8:]
    unpacked = body if length == NOT_COMPRESSED else _lz4_frame(body)
    return unpacked[: len(unpacked) if length == NOT_COMPRESSED else length]


def _lz4_frame(raw: bytes) -> bytes:
    """Checksums are not checked."""
    if raw[:4] != LZ4_MAGIC:
        raise ValueError("no LZ4 frame")
    flags = raw[4]
    at = 7 + 8 * bool(flags & 8) + 4 * bool(flags & 1)
    out = bytearray()
    while True:
        (size,) = struct.unpack_from("<I", raw, at)
        at += 4
        if size == 0:
            return bytes(out)
        block = raw[at : at + (size & 0x7FFFFFFF)]
        at += len(block) + 4 * bool(flags & 16)
        if size & 0x80000000:
            out += block
        else:
            _lz4_block(block, out)


def _lz4_block(block: bytes, out: bytearray) -> None:
    """Blocks may refer to what was unpacked before them."""
    at = 0
    while at < len(block):
        token = block[at]
        count, at = _count(token >> 4, block, at + 1)
        out += block[at : at + count]
        at += count
        if at == len(block):
            return
        back = block[at] | block[at + 1] << 8
        count, at = _count(token & 15, block, at + 2)
        start, count = len(out) - back, count + 4
        part = bytes(out[start : start + count])
        out += (part * (count // back + 1))[:count] if back < count else part


def _count(count: int, block: bytes, at: int) -> tuple[int, int]:
    if count == 15:
        while True:
            more = block[at]
            count, at = count + more, at + 1
            if more != 255:
                break
    return count, at
