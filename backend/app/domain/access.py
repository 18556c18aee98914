"""Who may do what: scopes, the roles that are named sets of them, and what is granted to a caller.

A principal is a name in the journal. Keys of their own bear "api:<name of the key>"; the three names below are always
there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LOCAL = "api:local"
"""Asks without a key, from this machine, where none is needed: a simulated exchange on a loopback address."""
LEGACY = "api:legacy"
"""The one key of the settings or of the data folder's file."""
CONTROL = "local:control"
"""Comes by the control socket of the data folder, whose file is the key."""
UNKNOWN = "api:unknown"
"""Tried to come in by a key that does not open."""


class Scope(StrEnum):
    READ = "read"
    PLACE = "orders:place"
    CANCEL = "orders:cancel"
    EXECUTIONS = "executions"
    EXIT = "exit"
    RISK = "risk:write"
    HALT = "halt"
    RESUME = "resume"
    KEYS = "keys"
    AUDIT = "audit:read"
    PROPOSE = "propose"


_TRADER = frozenset(
    {Scope.READ, Scope.PLACE, Scope.CANCEL, Scope.EXECUTIONS, Scope.EXIT, Scope.HALT, Scope.AUDIT, Scope.PROPOSE},
)
_RISK = frozenset({Scope.READ, Scope.CANCEL, Scope.EXIT, Scope.RISK, Scope.HALT, Scope.RESUME, Scope.AUDIT})

ROLES: Mapping[str, frozenset[Scope]] = {
    "viewer": frozenset({Scope.READ}),
    "trader": _TRADER,
    "risk": _RISK,
    "admin": frozenset(Scope),
}

MOVES_MONEY = frozenset({Scope.PLACE, Scope.CANCEL, Scope.EXECUTIONS, Scope.EXIT, Scope.RISK, Scope.HALT, Scope.RESUME})
"""An attempt at one of these that is turned away at the door leaves a line in the journal; so does one at keys."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a caller may do."""

    principal: str
    scopes: frozenset[Scope]


OF_LOCAL = Grant(LOCAL, ROLES["trader"])
OF_LEGACY = Grant(LEGACY, ROLES["admin"])
OF_CONTROL = Grant(CONTROL, frozenset(Scope) - {Scope.PLACE, Scope.EXECUTIONS})
"""The control socket ends risk and administers; what makes new risk is sent over HTTP, by who holds a key."""
