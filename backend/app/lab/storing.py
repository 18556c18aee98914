"""Results on the disk: a file for each run, named by its key, there as a whole and durable or not at all."""

import os
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path

import msgspec

from app.domain.refusals import InvalidValue
from app.lab.runs import FORMAT, Run

UNFINISHED = ".part"
KEYED = "[0-9a-f]" * 32 + ".json"
"""Run.key()'s, which is how results are named."""


class Parent(msgspec.Struct, frozen=True):
    """performing.Outcome, read back."""

    block_ns: int
    side: str
    status: str
    completion: Decimal | None
    bps: dict[str, Decimal] | None
    maker_share: Decimal | None
    participation: Decimal | None
    schedule_error: Decimal | None
    duration_seconds: float | None
    orders: int
    why: str


class Result(msgspec.Struct, frozen=True):
    """What a run came to, with all that it follows from."""

    format: int
    version: str
    name: str
    instrument_id: str
    tape: str | None
    tape_name: str | None
    strategy: str
    config: dict[str, object]
    latency_ms: float
    fees: tuple[str | None, str | None]
    queue_model: str
    block_seconds: int
    notional: str
    seed: int
    dark: tuple[int, ...]
    parents: tuple[Parent, ...]
    limit_offset_pct: str | None = None


class _Formatted(msgspec.Struct, frozen=True):
    """What results of every format begin with, whatever else is in them."""

    format: int


_decoder, _formatted = msgspec.json.Decoder(Result), msgspec.json.Decoder(_Formatted)


def decoded(data: bytes) -> Result:
    return _decoder.decode(data)


def keep(folder: Path, key: str, data: bytes) -> None:
    """Raises OSError."""
    unfinished = folder / (key + UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / f"{key}.json")
    keep_names(folder)


def keep_names(folder: Path) -> None:
    """Which files there are in it becomes durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def left_to_do(folder: Path, runs: Collection[Run]) -> dict[str, Run]:
    """Those without a result, by key, each once."""
    wanted = {run.key(): run for run in runs}
    return {key: run for key, run in wanted.items() if not (folder / f"{key}.json").exists()}


def results(folder: Path) -> list[Result]:
    """As held(), and raises InvalidValue where there is none."""
    found = held(folder)
    if not found:
        raise InvalidValue("results", str(folder), "holds no result; `trading-executor lab run` makes them")
    return found


def held(folder: Path) -> list[Result]:
    """All of this format that the folder holds; files of other names are not ours. Raises InvalidValue for one that
    cannot be read."""
    found: list[Result] = []
    for path in sorted(folder.glob(KEYED)):
        try:
            data = path.read_bytes()
            if _formatted.decode(data).format == FORMAT:
                found.append(decoded(data))
        except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
            raise InvalidValue(
                "results", str(path), f"cannot be read: {error}; remove it to have it made anew"
            ) from None
    return found
