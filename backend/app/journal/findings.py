"""What an audit found: one broken statement each, with the rule it breaks and the row it is about."""

from dataclasses import dataclass

FINDINGS_MAX = 1_000
"""An audit of a badly damaged database stops collecting here; one finding is enough to act on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """rule: which promise of INVARIANTS is broken. subject: the row. text: what is, and what should be."""

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
