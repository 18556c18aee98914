"""The instruments as OKX last described them: the domain's view, and what only OKX's wire needs to know of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from app.domain.instruments import Instrument
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, rows, wire
from app.exchanges.port import RowKind, Unreadable


@dataclass(frozen=True, slots=True)
class Entry:
    """code: the number that WebSocket orders name the instrument by; it differs between production and demo."""

    instrument: Instrument
    instrument_type: str
    code: int | None
    family: str
    group_id: str


class Catalogue:
    """Instruments by id. A push changes or adds, never removes: OKX may push only what changed (2026-09)."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._codes: dict[str, int] = {}

    def get(self, instrument_id: str) -> Entry | None:
        return self._entries.get(instrument_id)

    def code_of(self, instrument_id: str) -> int | None:
        return self._codes.get(instrument_id)

    def all(self) -> tuple[Instrument, ...]:
        return tuple(entry.instrument for entry in self._entries.values())

    def update(self, row: wire.InstrumentRow) -> Instrument | None:
        """Take in one row; the instrument when it is new or differs from what was known.

        Raises ProtocolError and InvalidValue, and then keeps what was known.
        """
        if codec.announced(row):
            return None
        entry = _entry(row)
        before = self._entries.get(row.instId)
        if before is not None and _money_of(before.instrument) != _money_of(entry.instrument):
            raise ProtocolError(f"instrument {row.instId} moves other money than before: {_money_of(entry.instrument)}")
        self._entries[row.instId] = entry
        if entry.code is not None:
            self._codes[row.instId] = entry.code
        return entry.instrument if before is None or before.instrument != entry.instrument else None

    def load(self, listed: Iterable[msgspec.Raw]) -> tuple[Unreadable, ...]:
        """Take in a listing; returns the rows that cannot be read."""
        parsed = (rows.parse(raw, wire.InstrumentRow, "instId") for raw in listed)
        return rows.listing(RowKind.INSTRUMENT, parsed, self.update).unreadable


def _money_of(instrument: Instrument) -> tuple[str, ...]:
    """What an instrument moves as long as it exists."""
    kind = "inverse" if instrument.inverse else "linear"
    return (instrument.kind.value, kind, instrument.base, instrument.quote, instrument.settle)


def _entry(row: wire.InstrumentRow) -> Entry:
    code = codec.informative_text(row.instIdCode)
    number = int(code) if codec.is_whole(code) else None
    group_id = codec.informative_text(row.groupId)
    return Entry(codec.instrument(row), row.instType, number, row.instFamily or "", group_id)
