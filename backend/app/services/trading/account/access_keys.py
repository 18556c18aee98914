"""The named keys of an account: who comes in by one, and how they are made, rotated, laid aside and revoked.

All are in memory, for the door asks with every request; each change is a row and an event of one turn. A revocation
counts at once, whatever the disk says. When a key was last used is written by run(), a minute late, in no order's turn.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Protocol

from app.clock import NS_PER_SECOND, Clock
from app.domain.access import CONTROL, ROLES, Grant, Scope
from app.domain.access_keys import (
    HOOK,
    HOOK_SCOPES,
    LEGACY_NAME,
    NAME,
    NAME_MAX,
    NO_LIMITS,
    RESERVED,
    Key,
    KeyLimits,
    digest_of,
    written,
)
from app.domain.events import EventKind
from app.domain.instruments import Instrument
from app.domain.refusals import InvalidValue
from app.services.trading.account.key_book import KeyBook
from app.services.trading.account.ledger import Ledger

SECRET_BYTES = 32
ID_BYTES = 5
USED_SECONDS = 60
KEYS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to be made. expires_ns: until when; None for always."""

    name: str
    scopes: frozenset[Scope]
    limits: KeyLimits = NO_LIMITS
    addresses: tuple[str, ...] = ()
    expires_ns: int | None = None


class Priced(Protocol):
    """What instruments are worth in the valuation currency (holdings.prices)."""

    def mark(self, instrument_id: str) -> Decimal | None: ...

    def worth(self, instrument: Instrument, size: Decimal, price: Decimal) -> Decimal | None: ...


class AccessKeys(KeyBook):
    """The keys of a running system."""

    def __init__(self, ledger: Ledger, clock: Clock, environment: str, prices: Priced) -> None:
        super().__init__(clock, environment, partial(_worth, ledger, prices))
        self._ledger = ledger
        ledger.keys = self

    async def create(self, wanted: Wanted, by: Grant) -> tuple[Key, str]:
        """A new key and, once, its secret, when it is durable. Raises InvalidValue."""
        hook = wanted.name.startswith(HOOK)
        if not NAME.fullmatch(wanted.name.removeprefix(HOOK)) or wanted.name in RESERVED or len(wanted.name) > NAME_MAX:
            rule = "must be 1 to 32 of a-z, 0-9, '.', '_' and '-', and none of " + ", ".join(sorted(RESERVED))
            raise InvalidValue("name", wanted.name, rule)
        if hook and not wanted.scopes <= HOOK_SCOPES:
            beyond = ", ".join(sorted(wanted.scopes - HOOK_SCOPES))
            raise InvalidValue("scopes", beyond, f"are nothing to a hook: {', '.join(sorted(HOOK_SCOPES))}")
        if any(key.name == wanted.name for key in self.keys.values()):
            raise InvalidValue("name", wanted.name, "was used before; the journal must tell keys apart by their names")
        if len(self.keys) >= KEYS_MAX:
            raise InvalidValue("name", wanted.name, f"would be one key more than {KEYS_MAX}, the most kept")
        now_ns = self._clock.now_ns()
        if wanted.expires_ns is not None and wanted.expires_ns <= now_ns:
            raise InvalidValue("expires_at", wanted.name, "must be in the future")
        self._may_grant(by, wanted.scopes)
        return await self._make(wanted, by.principal, now_ns)

    async def rotate(self, name: str, overlap_seconds: int, by: Grant) -> tuple[Key, str]:
        """A new secret for a name; the old one goes on for so long. Raises InvalidValue."""
        now_ns = self._clock.now_ns()
        living = [key for key in self.named(name) if key.alive(now_ns)]
        if not living or name == LEGACY_NAME:
            raise InvalidValue("name", name, "cannot be rotated: it is revoked, expired or no named key")
        newest = living[-1]
        self._may_grant(by, newest.scopes)
        ends_ns = now_ns + overlap_seconds * NS_PER_SECOND
        wanted = Wanted(name, newest.scopes, newest.limits, newest.addresses, newest.expires_ns)
        old = [
            replace(key, expires_ns=ends_ns if key.expires_ns is None else min(ends_ns, key.expires_ns))
            for key in living
        ]
        return await self._make(wanted, by.principal, now_ns, old)

    async def revoke(self, name: str, by: Grant) -> list[Key]:
        """End every key of a name, for ever and at once. Raises InvalidValue."""
        if name == LEGACY_NAME:
            return [await self._revoke_legacy(by.principal)]
        now_ns = self._clock.now_ns()
        ended = [replace(key, revoked_ns=key.revoked_ns or now_ns) for key in self.named(name)]
        await self._write({EventKind.KEY_REVOKED: ended}, by.principal)
        return ended

    async def lay_aside(self, name: str, by: Grant, *, disabled: bool) -> list[Key]:
        """Have the keys of a name open nothing, or open again. Raises InvalidValue."""
        found = self.named(name)
        if not disabled:
            for key in found:
                self._may_grant(by, key.scopes)
        changed = [replace(key, disabled=disabled) for key in found]
        await self._write({EventKind.KEY_DISABLED if disabled else EventKind.KEY_ENABLED: changed}, by.principal)
        return changed

    async def run(self) -> None:
        """Write when the keys were last used, once a minute."""
        await self._clock.sleep(USED_SECONDS)
        await self.write_used()

    async def write_used(self) -> None:
        """Write the last uses that are not written yet."""
        used, self.used = self.used, {}
        used = {key_id: at_ns for key_id, at_ns in used.items() if key_id in self.keys}
        if not used or self._ledger.writer_failed:
            return
        turn = self._ledger.turn("system")
        for key_id, at_ns in used.items():
            self.keys[key_id] = replace(self.keys[key_id], used_ns=at_ns)
            turn.change_row("api_keys", {"used_ns": at_ns, "account": self._ledger.account, "key_id": key_id})
        await turn.commit()

    async def _make(self, wanted: Wanted, principal: str, now_ns: int, old: Iterable[Key] = ()) -> tuple[Key, str]:
        key_id = self._clock.token(ID_BYTES).hex()
        token = base64.urlsafe_b64encode(self._clock.token(SECRET_BYTES)).decode().rstrip("=")
        secret = written(key_id, token)
        key = Key(
            key_id,
            wanted.name,
            digest_of(secret),
            wanted.scopes,
            wanted.limits,
            wanted.addresses,
            self._environment,
            now_ns,
            principal,
            wanted.expires_ns,
        )
        await self._write({EventKind.KEY_ROTATED: list(old), EventKind.KEY_CREATED: [key]}, principal)
        return key, secret

    async def _revoke_legacy(self, principal: str) -> Key:
        if not self._legacy:
            raise InvalidValue("name", LEGACY_NAME, "is no key here: neither the settings nor the data folder has one")
        now_ns = self._clock.now_ns()
        scopes = ROLES["admin"]
        key = Key(
            *(LEGACY_NAME, LEGACY_NAME, self._legacy, scopes, NO_LIMITS, (), self._environment, now_ns, principal),
            revoked_ns=now_ns,
        )
        await self._write({EventKind.KEY_REVOKED: [key]}, principal)
        return key

    async def _write(self, changed: Mapping[EventKind, Iterable[Key]], principal: str) -> None:
        turn = self._ledger.turn(principal)
        for kind, keys in changed.items():
            for key in keys:
                row = key.columns()
                values = {"account": self._ledger.account, **row, "used_ns": key.used_ns}
                turn.row("api_keys", values, replace=True)
                turn.event(kind, row)
        durable = turn.commit()
        for keys in changed.values():
            self.put(keys)
        await durable

    def _may_grant(self, by: Grant, scopes: frozenset[Scope]) -> None:
        """Nobody hands out more than he has; the control socket is the owner's."""
        beyond = sorted(scopes - by.scopes)
        if beyond and by.principal != CONTROL:
            raise InvalidValue("scopes", ", ".join(beyond), f"{by.principal} has not got them, so it cannot grant them")
        own = self.limits_of(by.principal)
        if own:
            raise InvalidValue("limits", by.principal, "has limits of its own, so it cannot grant anything")


def _worth(ledger: Ledger, prices: Priced, instrument_id: str, size: Decimal, price: Decimal | None) -> Decimal | None:
    """At a price or at the present one; None without."""
    instrument, price = ledger.instruments.get(instrument_id), price or prices.mark(instrument_id)
    return None if instrument is None or price is None else prices.worth(instrument, size, price)
