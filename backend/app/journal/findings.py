"""What an audit found: one broken statement each, with the rule it breaks and the row it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FINDINGS_MAX = 1_000
"""An audit of a badly damaged database stops collecting here; one finding is enough to act on."""


PROMISES: Mapping[str, str] = MappingProxyType(
    {
        "M1": "A position is the fold of its fills on top of what was there at first, and the exchange's at rest.",
        "M2": "A balance is what was there at first plus every trade, fee and bill in its currency.",
        "P3": "The journal has no gaps, and each event is chained to the one before by its hash.",
        "P4": "What is stored is what the journal, folded again, gives.",
        "P6": "A message that could not be booked is kept as it came, and named in the journal.",
        "S1": "What goes to the exchange was durable as an intent before, with exactly this content.",
        "S2": "A client order id is sent at most once, for ever; so is the id of an amendment.",
        "S3": (
            "Each fill is recorded once, by account, instrument, trade id and order id, is never changed, "
            "and the fills of a settled order are all that the exchange reported."
        ),
        "S4": "What the children of a parent have filled and may still fill is never more than its size.",
        "S5": (
            "Every order with an id of ours has an intent here, and an unknown one stays open until "
            "evidence decides: silence and time alone never do."
        ),
        "S8": (
            "One process writes for an account: each commit renews its lease in the same transaction, and "
            "what it sent expires before the lease does."
        ),
        "S11": (
            "Risk decides on exactly what is sent, its exposure reserved, in the turn of the intent; while "
            "the kill switch is set only exits that a person asked for pass, and what protects what is held."
        ),
        "S13": (
            "Only what the exchange records as a fill is a trade; what differs otherwise is shown and "
            "booked as unexplained."
        ),
        "S14": (
            "A request has a principal; the same key with the same content has the same result, with other "
            "content it is a conflict."
        ),
        "S15": (
            "Account number, environment and position mode at the exchange are those of this database and "
            "of the settings, or nothing is sent."
        ),
    }
)
"""What an audit can find broken, as docs/invariants.md says it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """rule: which of PROMISES is broken. subject: the row. text: what is, and what should be."""

    rule: str
    subject: str
    text: str

    def __str__(self) -> str:
        return f"[{self.rule}] {self.subject}: {self.text}"


class Findings:
    """A bounded list of findings; `dropped` counts what did not fit."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.dropped = 0

    def add(self, rule: str, subject: str, text: str) -> None:
        if len(self.found) >= FINDINGS_MAX:
            self.dropped += 1
            return
        self.found.append(Finding(rule, subject, text))

    def compare(self, rule: str, subject: str, field: str, stored: object, replayed: object) -> None:
        """A finding unless both are equal (decimals by value)."""
        if stored != replayed:
            self.add(rule, subject, f"{field} is {_shown(stored)}, but the journal gives {_shown(replayed)}")


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
