"""The instruments as the exchange last listed them, kept beside the database for commands that work without it."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from app.domain.instruments import Instrument
from app.store.folders import private_folder

FILE = "instruments.json"

log = structlog.get_logger("catalogue")


def save(data_dir: Path, instruments: Mapping[str, Instrument]) -> None:
    """Replace the file; a disk that does not take it costs offline commands their contracts, not the start."""
    path = data_dir / FILE
    unfinished = path.with_suffix(".unfinished")
    listed = msgspec.json.encode(sorted(instruments.values(), key=lambda i: i.instrument_id))
    try:
        private_folder(data_dir)
        unfinished.write_bytes(listed)
        os.replace(unfinished, path)
    except OSError as error:
        log.warning("catalogue.not_saved", path=str(path), reason=error.strerror)


def load(data_dir: Path) -> dict[str, Instrument]:
    """By id; empty when there is no readable file."""
    try:
        listed = msgspec.json.decode((data_dir / FILE).read_bytes(), type=list[Instrument])
    except (OSError, msgspec.MsgspecError):
        return {}
    return {instrument.instrument_id: instrument for instrument in listed}
