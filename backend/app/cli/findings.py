"""What `doctor` says of one thing: a verdict, what is seen, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """FINE; LOOK: it works, and a person should look at it; WRONG: a start would fail, or money is at risk."""

    FINE = "fine"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """advice: what to do, empty where all is fine."""

    what: str
    verdict: Verdict
    seen: str
    advice: str = ""


def fine(what: str, seen: str) -> Finding:
    return Finding(what, Verdict.FINE, seen)


def look(what: str, seen: str, advice: str) -> Finding:
    return Finding(what, Verdict.LOOK, seen, advice)


def wrong(what: str, seen: str, advice: str) -> Finding:
    return Finding(what, Verdict.WRONG, seen, advice)
