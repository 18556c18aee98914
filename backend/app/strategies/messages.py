"""What the executor and a strategy's host process say to each other: frames of four bytes of length and msgpack.

Begin is answered by Begun, every Batch by Handled, in order; either may be answered by Raised, which is the end.
"""

from typing import Any

import msgspec

from app.domain.market import PublicTrade
from app.market_data.view import BookView
from app.strategies.signals import Signal
from app.strategies.strategy import OwnFill

LENGTH_BYTES = 4
FRAME_MAX = 4 << 20
"""More is no message of ours: whoever sends it is not listened to any more."""
STATE_BYTES_MAX = 256 << 10


class Begin(msgspec.Struct, array_like=True):
    """source: of the strategy's file, as it was checked. config, state: JSON. held: by instrument, as text;
    sides: by instrument and side."""

    name: str
    path: str
    source: str
    class_name: str
    config: str
    instruments: tuple[str, ...]
    state: str
    held: dict[str, str]
    now_ns: int
    sides: dict[str, dict[str, str]] = {}


class Begun(msgspec.Struct, array_like=True, tag="begun"):
    """handlers: those that the class has. config: as it was read, JSON. signals: of on_start."""

    handlers: tuple[str, ...]
    config: str
    timer_seconds: str | None
    state: str | None
    signals: tuple[dict[str, Any], ...]


class Batch(msgspec.Struct, array_like=True):
    """What happened since the last one. books, trades: encoded once for all who see them."""

    now_ns: int
    fills: tuple[OwnFill, ...]
    trades: list[msgspec.Raw]
    books: list[msgspec.Raw]
    timer: bool


class Handled(msgspec.Struct, array_like=True, tag="handled"):
    """signals: in order. state: JSON when it changed, else None. said: what the strategy printed."""

    signals: tuple[dict[str, Any], ...]
    state: str | None
    said: str


class Raised(msgspec.Struct, array_like=True, tag="raised"):
    """where: the handler, or what was done before there was one. trace: the last lines of it."""

    where: str
    error: str
    trace: str


Answer = Begun | Handled | Raised

encode = msgspec.msgpack.Encoder().encode
decode_begin = msgspec.msgpack.Decoder(Begin).decode
decode_batch = msgspec.msgpack.Decoder(Batch).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
decode_book = msgspec.msgpack.Decoder(BookView).decode
decode_trade = msgspec.msgpack.Decoder(PublicTrade).decode


def frame(message: object) -> bytes:
    body = encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def plain_signal(signal: Signal) -> dict[str, Any]:
    """A signal as plain values; services.signals reads it as it reads everybody's."""
    said: dict[str, Any] = {"type": signal.type.value, "instrument_id": signal.instrument_id}
    for name in ("price", "size", "take_profit", "stop_loss", "position_side", "trade_mode", "decision_price"):
        value = getattr(signal, name)
        if value is not None:
            said[name] = str(value)
    if signal.decision_at is not None:
        said["decision_at"] = signal.decision_at.isoformat()
    if signal.confidence != 1:
        said["confidence"] = signal.confidence
    if signal.metadata:
        said["metadata"] = dict(signal.metadata)
    return said
