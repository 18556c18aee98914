"""Recordings that strategies are compared on: read to their end before anything begins, and cut into blocks.

A block begins at a whole multiple of its length since 1970, so that two recordings of one time, of whichever
instruments, have the same blocks.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.backtest.world import LISTED, unreadable
from app.clock import NS_PER_SECOND, utc
from app.domain.refusals import InvalidValue
from app.simulator.feed.feeds import group_recordings
from app.simulator.feed.recording import terms_of
from app.simulator.feed.survey import Survey, survey
from app.simulator.market.instruments import Instrument

SETTLE_SECONDS, SETTLE_LATENCIES = 5, 100


@dataclass(frozen=True, slots=True)
class Tape:
    """One session of one instrument, by its own terms or as the simulated exchange lists it. digest: of what is in its
    files. start_ns: of its first snapshot. blocks: the beginnings of those that lie in it and in which the book
    changed; dark: of the others that lie in it."""

    instrument: Instrument
    paths: tuple[str, ...]
    digest: str
    start_ns: int
    blocks: tuple[int, ...]
    dark: tuple[int, ...]

    @property
    def instrument_id(self) -> str:
        return self.instrument.inst_id

    @property
    def name(self) -> str:
        return "+".join(Path(path).name for path in self.paths)


def settle_ns(latency_ms: float) -> int:
    """Before the first block, for the system to start and the first book to come: a start asks the exchange some eighty
    times, each time waiting for the answer."""
    return round(max(SETTLE_SECONDS, SETTLE_LATENCIES * latency_ms / 1_000) * NS_PER_SECOND)


def read_tapes(
    paths: Sequence[Path], block_seconds: int, *, skip: float = 0, seconds: float | None = None, latency_ms: float = 0
) -> list[Tape]:
    """The sessions that the files are: one without a snapshot of its own goes on with that before it of its instrument.
    skip, seconds: of each session only what lies so long after its beginning, and so long. latency_ms: the most that
    there will be. Raises InvalidValue."""
    settled_ns = max(settle_ns(latency_ms), round(skip * NS_PER_SECOND))
    most_ns = None if seconds is None else round((skip + seconds) * NS_PER_SECOND)
    sessions: dict[str, list[list[tuple[str, Survey]]]] = {}
    instruments: dict[str, Instrument] = {}
    for path in map(str, paths):
        try:
            found, terms = survey(path), terms_of(path)
            (instrument_id,) = group_recordings((path,), LISTED if terms is None else {terms.inst_id: terms})
        except ValueError as error:
            raise unreadable(path, error) from None
        known = terms or LISTED[instrument_id]
        if instruments.setdefault(instrument_id, known) != known:
            raise InvalidValue("tape", path, f"has other terms of {instrument_id} than the one before it")
        of_instrument = sessions.setdefault(instrument_id, [])
        if found.snapshot_ns is not None:
            of_instrument.append([(path, found)])
        elif of_instrument:
            of_instrument[-1].append((path, found))
        else:
            rule = "has no depth snapshot, and no file before it that it goes on from"
            raise InvalidValue("tape", path, rule)
    return [
        _tape(instruments[instrument_id], session, block_seconds * NS_PER_SECOND, settled_ns, most_ns)
        for instrument_id, of_instrument in sessions.items()
        for session in of_instrument
    ]


def check_unchanged(tape: Tape) -> None:
    """Raises InvalidValue where its files are not what they were when it was read, or not there."""
    try:
        now = _digest(map(survey, tape.paths))
    except ValueError as error:
        raise InvalidValue("tape", tape.name, str(error)) from None
    if now != tape.digest:
        raise InvalidValue("tape", ", ".join(tape.paths), "holds something else than what was read")


def _digest(found: Iterable[Survey]) -> str:
    return hashlib.sha256("".join(each.digest for each in found).encode()).hexdigest()


def _tape(
    instrument: Instrument, session: list[tuple[str, Survey]], block_ns: int, settled_ns: int, most_ns: int | None
) -> Tape:
    paths, start_ns = tuple(path for path, _ in session), session[0][1].snapshot_ns
    assert start_ns is not None
    end_ns = max(found.end_ns for _, found in session)
    begin_ns = start_ns + settled_ns
    until_ns = end_ns if most_ns is None else min(end_ns, start_ns + most_ns)
    first_ns = -(-begin_ns // block_ns) * block_ns
    whole = range(first_ns, until_ns - block_ns + 1, block_ns)
    news = frozenset[int]().union(*(found.news for _, found in session))
    lit = tuple(at for at in whole if _lit(range(at, at + block_ns, NS_PER_SECOND), news))
    if not lit:
        window = f"{utc(begin_ns).isoformat()} to {utc(until_ns).isoformat()}" if until_ns > begin_ns else "nothing"
        rule = (
            f"holds no block of {block_ns // NS_PER_SECOND} s with market data in {window}; "
            f"it goes from {utc(start_ns).isoformat()} to {utc(end_ns).isoformat()}"
        )
        raise InvalidValue("tape", ", ".join(paths), rule)
    dark = tuple(sorted(set(whole).difference(lit)))
    return Tape(instrument, paths, _digest(found for _, found in session), start_ns, lit, dark)


def _lit(moments: Iterable[int], news: frozenset[int]) -> bool:
    return any(at // NS_PER_SECOND in news for at in moments)
