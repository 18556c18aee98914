"""The instruments as OKX last described them: the domain's view, and what only OKX's wire needs to know of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.instruments import Instrument
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, wire


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
        """Take in one row; the instrument when it is new or differs from what was known. Raises ProtocolError."""
        entry = _entry(row)
        before = self._entries.get(row.instId)
        self._entries[row.instId] = entry
        if entry.code is not None:
            self._codes[row.instId] = entry.code
        return entry.instrument if before is None or before.instrument != entry.instrument else None

    def load(self, rows: Iterable[wire.InstrumentRow]) -> list[str]:
        """Take in a listing; returns why rows were left out (announced instruments have no lattice yet)."""
        left_out: list[str] = []
        for row in rows:
            try:
                self.update(row)
            except ProtocolError as error:
                left_out.append(f"{row.instId}: {error}")
        return left_out


def _entry(row: wire.InstrumentRow) -> Entry:
    code = str(row.instIdCode or "")
    number = int(code) if codec.is_whole(code) else None
    return Entry(codec.instrument(row), row.instType, number, row.instFamily or "", row.groupId or "")
