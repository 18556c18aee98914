"""A named key: who made it, what it may do and within which limits, until when, and from where. Never the key itself.

A key reads exk_<id>_<secret>: its id finds it, and its SHA-256 is compared in constant time. The secret has 256 bits of
randomness, so that a fast hash is the right one.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from app.domain.access import LEGACY, Grant, Scope

PREFIX = "exk_"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
NAME_MAX = 32
LEGACY_NAME = LEGACY.partition(":")[2]
HOOK = "hook:"
"""How the name of a hook's secret begins: it opens that hook and nothing else, and the journal calls it just so."""
HOOK_SCOPES = frozenset({Scope.PLACE, Scope.EXECUTIONS, Scope.EXIT})
RESERVED = frozenset({"local", LEGACY_NAME, "control", "unknown"})
SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What orders of a key may be; None: no limit of its own. Amounts are in the valuation currency."""

    instruments: frozenset[str] | None = None
    strategies: frozenset[str] | None = None
    max_order_notional: Decimal | None = None
    max_daily_notional: Decimal | None = None

    def __bool__(self) -> bool:
        return self != NO_LIMITS

    def looser_than(self, other: "KeyLimits") -> bool:
        """Whether anything is allowed that the other does not allow."""
        return (
            _more(self.instruments, other.instruments)
            or _more(self.strategies, other.strategies)
            or _higher(self.max_order_notional, other.max_order_notional)
            or _higher(self.max_daily_notional, other.max_daily_notional)
        )

    def told(self) -> dict[str, Any]:
        """As JSON has them."""
        return {
            "instruments": _listed(self.instruments),
            "strategies": _listed(self.strategies),
            "max_order_notional": _text(self.max_order_notional),
            "max_daily_notional": _text(self.max_daily_notional),
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "KeyLimits":
        """From what told() gives."""
        return cls(
            _set(told["instruments"]),
            _set(told["strategies"]),
            _decimal(told["max_order_notional"]),
            _decimal(told["max_daily_notional"]),
        )


NO_LIMITS = KeyLimits()


@dataclass(frozen=True, slots=True)
class Key:
    """One secret of a name: a rotated name has two for a while. addresses: networks that it may be used from, any where
    there is none. environment: the exchange that it was made for."""

    key_id: str
    name: str
    digest: str
    scopes: frozenset[Scope]
    limits: KeyLimits
    addresses: tuple[str, ...]
    environment: str
    created_ns: int
    created_by: str
    expires_ns: int | None = None
    disabled: bool = False
    revoked_ns: int | None = None
    used_ns: int | None = None

    @property
    def principal(self) -> str:
        return self.name if self.hook else f"api:{self.name}"

    @property
    def hook(self) -> str:
        """Which hook it opens; empty for a key of the API."""
        return self.name.removeprefix(HOOK) if self.name.startswith(HOOK) else ""

    @property
    def grant(self) -> Grant:
        return Grant(self.principal, self.scopes)

    def alive(self, now_ns: int) -> bool:
        """Whether it is neither revoked nor expired; it may be disabled."""
        return self.revoked_ns is None and (self.expires_ns is None or now_ns < self.expires_ns)

    def opens(self, now_ns: int, address: str | None, environment: str) -> bool:
        """Whether it lets somebody in now, from there. A key of the simulated exchange opens nothing else."""
        made_here = environment == SIMULATED or self.environment != SIMULATED
        return made_here and not self.disabled and self.alive(now_ns) and self._reaches(address)

    def state(self, now_ns: int) -> str:
        if self.revoked_ns is not None:
            return "revoked"
        return "expired" if not self.alive(now_ns) else "disabled" if self.disabled else "active"

    def _reaches(self, address: str | None) -> bool:
        if not self.addresses:
            return True
        try:
            found = ip_address(address or "")
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in _network(each) for each in self.addresses)

    def columns(self) -> dict[str, Any]:
        """As a row of api_keys, but for the account and its last use."""
        return {
            "key_id": self.key_id,
            "name": self.name,
            "digest": self.digest,
            "scopes": json.dumps(sorted(self.scopes)),
            "limits": json.dumps(self.limits.told()),
            "addresses": json.dumps(self.addresses),
            "environment": self.environment,
            "created_ns": self.created_ns,
            "created_by": self.created_by,
            "expires_ns": self.expires_ns,
            "disabled": self.disabled,
            "revoked_ns": self.revoked_ns,
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Key":
        """From a row of api_keys."""
        return cls(
            key_id=row["key_id"],
            name=row["name"],
            digest=row["digest"],
            scopes=frozenset(map(Scope, json.loads(row["scopes"]))),
            limits=KeyLimits.of(json.loads(row["limits"])),
            addresses=tuple(json.loads(row["addresses"])),
            environment=row["environment"],
            created_ns=row["created_ns"],
            created_by=row["created_by"],
            expires_ns=row["expires_ns"],
            disabled=row["disabled"],
            revoked_ns=row["revoked_ns"],
            used_ns=row["used_ns"],
        )


@dataclass(frozen=True, slots=True)
class KeyCharge:
    """What an order or execution counts for against its key's day: a size at the dearest price asked for, None for the
    present one. day: when it was asked for, in days since 1970 UTC. open: it may still fill."""

    principal: str
    of: str
    instrument_id: str
    size: Decimal
    price: Decimal | None
    open: bool
    day: int


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def written(key_id: str, secret: str) -> str:
    """The key as its owner gets it, once."""
    return f"{PREFIX}{key_id}_{secret}"


def key_id_of(presented: str) -> str:
    """The id that a presented text names; empty for what is no named key."""
    return presented[len(PREFIX) :].partition("_")[0] if presented.startswith(PREFIX) else ""


def digest_of(presented: str) -> str:
    return hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()


def same(digest: str, other: str) -> bool:
    """In constant time."""
    return hmac.compare_digest(digest, other)


def _more(names: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    return others is not None and (names is None or not names <= others)


def _higher(amount: Decimal | None, other: Decimal | None) -> bool:
    return other is not None and (amount is None or amount > other)


def _listed(values: Iterable[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)


def _set(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
