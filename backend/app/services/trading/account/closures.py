"""What is closed for new risk, and why: one instrument, one currency, or everything, while the rest goes on trading.

Whoever finds a reason to doubt something (a row that cannot be read, a difference that stays) closes it here and opens
it again when the reason is gone. The risk check `closed` asks; orders that reduce, and cancels, always pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.instruments import Instrument, InstrumentKind

EVERYTHING = "*"
REASON_LENGTH_MAX = 300


@dataclass(frozen=True, slots=True)
class Closure:
    """subject: an instrument id, a currency, or EVERYTHING. source: who closed it."""

    subject: str
    source: str
    reason: str


class Closures:
    """The closures of one account in memory, one for each source and subject; a start finds them anew."""

    def __init__(self) -> None:
        self._closures: dict[tuple[str, str], Closure] = {}

    def close(self, source: str, subject: str, reason: str) -> bool:
        """Whether it was not closed by this source before."""
        key = (source, subject)
        known = key in self._closures
        self._closures[key] = Closure(subject, source, reason[:REASON_LENGTH_MAX])
        return not known

    def reopen(self, source: str, subject: str) -> bool:
        """Whether it was closed by this source."""
        return self._closures.pop((source, subject), None) is not None

    def replace(self, source: str, reasons: Mapping[str, str]) -> tuple[list[Closure], list[str]]:
        """Make `reasons` (by subject) all that the source closes. Returns what is new and which subjects reopened."""
        before = {subject for owner, subject in self._closures if owner == source}
        for subject in before - set(reasons):
            self.reopen(source, subject)
        new = [subject for subject, reason in reasons.items() if self.close(source, subject, reason)]
        return [self._closures[source, subject] for subject in new], sorted(before - set(reasons))

    def of(self, instrument: Instrument) -> Closure | None:
        """What closes an instrument: itself, a currency that its orders move, or everything."""
        if not self._closures:
            return None
        subjects = {EVERYTHING, instrument.instrument_id, *currencies(instrument)}
        return next((each for each in self._closures.values() if each.subject in subjects), None)

    def all(self) -> tuple[Closure, ...]:
        return tuple(sorted(self._closures.values(), key=lambda each: (each.subject, each.source)))


def currencies(instrument: Instrument) -> tuple[str, ...]:
    """The currencies whose balances an order of the instrument changes."""
    if instrument.kind is InstrumentKind.SPOT:
        return instrument.base, instrument.quote
    return (instrument.settle,)
