"""The kill switch as it was last set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """engaged: no new order and no amend, but for exits that a person asks for. on whose word, why and when (ns); all
    empty where it never was set."""

    engaged: bool = False
    reason: str = ""
    principal: str = ""
    at_ns: int = 0
