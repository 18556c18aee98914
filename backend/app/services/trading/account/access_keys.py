"""The named keys of an account: who comes in by one, and how they are made, rotated, laid aside and revoked.

All are in memory, for the door asks with every request; each change is a row and an event of one turn. A revocation
counts at once, whatever the disk says. When a key was last used is written by run(), a minute late, in no order's turn.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

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
    KeyCharge,
    KeyLimits,
    digest_of,
    written,
)
from app.domain.approvals import Act, Approval, SecondPerson
from app.domain.events import EventKind
from app.domain.instruments import Instrument
from app.domain.refusals import InvalidValue
from app.services.trading.account.approvals import Approvals
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.ids import ORDER_PREFIX
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import Turn
from app.store import queries
from app.store.database import Database

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


@dataclass(frozen=True, slots=True)
class Made:
    """A key and its secret. approval: it opens nothing before a second person confirms that."""

    key: Key
    secret: str
    approval: Approval | None = None


_KEPT = ("scopes", "limits", "addresses", "expires_ns", "disabled")
"""What a new secret of a name has of the newest before it."""
Changed = Mapping[EventKind, list[Key]]
ChargesOf = Callable[[], Awaitable[list[KeyCharge]]]
"""What counts against the keys' day, by what is durable."""
Second = tuple[Iterable[SecondPerson], float]
"""What needs a second person, and how many seconds an ask waits."""


class Priced(Protocol):
    """What instruments are worth in the valuation currency (holdings.prices)."""

    def mark(self, instrument_id: str) -> Decimal | None: ...

    def worth(self, instrument: Instrument, size: Decimal, price: Decimal) -> Decimal | None: ...


class AccessKeys:
    """Changes the keys of a running system, which the ledger's book has. charges_of: what counts against their day, by
    what is durable. second: what needs a second person."""

    def __init__(self, ledger: Ledger, clock: Clock, charges_of: ChargesOf, second: Second) -> None:
        self._ledger = ledger
        self._clock = clock
        self._book = ledger.keys
        self._charges_of = charges_of
        self.approvals = Approvals(ledger, clock, *second)
        for act in (Act.CREATE, Act.ROTATE, Act.ENABLE, Act.LIMITS):
            self.approvals.does(act, self._perform)

    async def create(self, wanted: Wanted, by: Grant) -> Made:
        """A new key and, once, its secret, when it is durable. Raises InvalidValue."""
        self._check_name(wanted)
        self._check_wanted(wanted, by)
        key, secret = self._drawn(wanted, by.principal)
        if not self.approvals.needed(Act.CREATE):
            await self._write({EventKind.KEY_CREATED: [key]}, by.principal)
            return Made(key, secret)
        return Made(key, secret, await self.approvals.ask(Act.CREATE, key.name, {"key": key.columns()}, by))

    def _check_name(self, wanted: Wanted) -> None:
        hook = wanted.name.startswith(HOOK)
        if not NAME.fullmatch(wanted.name.removeprefix(HOOK)) or wanted.name in RESERVED or len(wanted.name) > NAME_MAX:
            rule = "must be 1 to 32 of a-z, 0-9, '.', '_' and '-', and none of " + ", ".join(sorted(RESERVED))
            raise InvalidValue("name", wanted.name, rule)
        if hook and not wanted.scopes <= HOOK_SCOPES:
            beyond = ", ".join(sorted(wanted.scopes - HOOK_SCOPES))
            raise InvalidValue("scopes", beyond, f"are nothing to a hook: {', '.join(sorted(HOOK_SCOPES))}")
        if any(key.name == wanted.name for key in self._book.keys.values()):
            raise InvalidValue("name", wanted.name, "was used before; the journal must tell keys apart by their names")
        self._check_waits(Act.CREATE, wanted.name)
        if len(self._book.keys) >= KEYS_MAX:
            raise InvalidValue("name", wanted.name, f"would be one key more than {KEYS_MAX}, the most kept")

    def _check_wanted(self, wanted: Wanted | Key, by: Grant) -> None:
        if wanted.expires_ns is not None and wanted.expires_ns <= self._clock.now_ns():
            raise InvalidValue("expires_at", wanted.name, "must be in the future")
        self._may_grant(by, wanted.scopes)

    async def rotate(self, name: str, overlap_seconds: int, by: Grant) -> Made:
        """A new secret for a name, which is laid aside where that is; the old one goes on for so long. Raises
        InvalidValue."""
        newest = self._newest(name)
        self._may_grant(by, newest.scopes)
        wanted = Wanted(name, newest.scopes, newest.limits, newest.addresses, newest.expires_ns)
        key, secret = self._drawn(wanted, by.principal)
        key = replace(key, disabled=newest.disabled)
        if not self.approvals.needed(Act.ROTATE):
            await self._write(self._rotated(key, overlap_seconds), by.principal)
            return Made(key, secret)
        self._check_waits(Act.ROTATE, name)
        asked = {"key": key.columns(), "overlap_seconds": overlap_seconds}
        return Made(key, secret, await self.approvals.ask(Act.ROTATE, name, asked, by))

    def _newest(self, name: str) -> Key:
        now_ns = self._clock.now_ns()
        living = [key for key in self._book.named(name) if key.alive(now_ns)]
        if not living or name == LEGACY_NAME:
            raise InvalidValue("name", name, "cannot be rotated: it is revoked, expired or no named key")
        return living[-1]

    def _rotated(self, new: Key, overlap_seconds: int) -> Changed:
        now_ns = self._clock.now_ns()
        ends_ns = now_ns + overlap_seconds * NS_PER_SECOND
        old = [
            replace(key, expires_ns=ends_ns if key.expires_ns is None else min(ends_ns, key.expires_ns))
            for key in self._book.named(new.name)
            if key.alive(now_ns)
        ]
        return {EventKind.KEY_ROTATED: old, EventKind.KEY_CREATED: [new]}

    async def revoke(self, name: str, by: Grant) -> list[Key]:
        """End every key of a name, for ever and at once. Raises InvalidValue."""
        if name == LEGACY_NAME:
            return [await self._revoke_legacy(by.principal)]
        now_ns = self._clock.now_ns()
        ended = [replace(key, revoked_ns=key.revoked_ns or now_ns) for key in self._book.named(name)]
        await self._write({EventKind.KEY_REVOKED: ended}, by.principal)
        return ended

    async def disable(self, name: str, by: Grant) -> list[Key]:
        """Have the keys of a name open nothing until they are enabled. Raises InvalidValue."""
        changed = [replace(key, disabled=True) for key in self._book.named(name)]
        await self._write({EventKind.KEY_DISABLED: changed}, by.principal)
        return changed

    async def enable(self, name: str, by: Grant) -> tuple[list[Key], Approval | None]:
        """Have them open again. Raises InvalidValue."""
        changed = self._enabled(name, by)
        if self.approvals.needed(Act.ENABLE) and any(key.disabled for key in self._book.named(name)):
            return self._book.named(name), await self.approvals.ask(Act.ENABLE, name, {}, by)
        await self._write({EventKind.KEY_ENABLED: changed}, by.principal)
        return changed, None

    def _enabled(self, name: str, by: Grant) -> list[Key]:
        for key in self._book.named(name):
            self._may_grant(by, key.scopes)
        return [replace(key, disabled=False) for key in self._book.named(name)]

    async def limit(self, name: str, limits: KeyLimits, by: Grant) -> tuple[list[Key], Approval | None]:
        """Give the keys of a name other limits. What is looser than before asks for more of who gives it, and may need
        a second person. Raises InvalidValue."""
        changed, looser = self._limited(name, limits, by)
        if looser and self.approvals.needed(Act.LIMITS):
            return self._book.named(name), await self.approvals.ask(Act.LIMITS, name, {"limits": limits.told()}, by)
        await self._write({EventKind.KEY_LIMITED: changed}, by.principal)
        await self._count_day(changed)
        return changed, None

    async def confirm(self, approval_id: str, by: Grant) -> Approval:
        """Do what another one asked for (Approvals.confirm). Raises InvalidValue."""
        decided = await self.approvals.confirm(approval_id, by)
        if decided.act is Act.LIMITS:
            await self._count_day(self._book.named(decided.subject))
        return decided

    def _limited(self, name: str, limits: KeyLimits, by: Grant) -> tuple[list[Key], bool]:
        keys = self._book.named(name)
        if name == LEGACY_NAME:
            raise InvalidValue("name", name, "has no limits, and is revoked")
        looser = any(limits.looser_than(key.limits) for key in keys)
        for key in keys if looser else ():
            self._may_grant(by, key.scopes)
        return [replace(key, limits=limits) for key in keys], looser

    async def _count_day(self, keys: Iterable[Key]) -> None:
        """A limit of a day that is set in its midst counts what was asked for before."""
        names = {key.principal for key in keys if key.limits.max_daily_notional is not None}
        if names:
            known = self._ledger.orders
            for charge in await self._charges_of():
                if charge.principal in names and not self._book.use.knows(charge.of):
                    over = charge.of.startswith(ORDER_PREFIX) and (charge.of not in known or known[charge.of].settled)
                    self._book.use.charge(replace(charge, open=charge.open and not over))

    def _perform(self, approval: Approval, by: Grant) -> Callable[[Turn], Callable[[], None]]:
        """What a second person confirms, looked at anew."""
        wanted, name = approval.wanted, approval.subject
        match approval.act:
            case Act.ENABLE:
                changed: Changed = {EventKind.KEY_ENABLED: self._enabled(name, by)}
            case Act.LIMITS:
                changed = {EventKind.KEY_LIMITED: self._limited(name, KeyLimits.of(wanted["limits"]), by)[0]}
            case Act.ROTATE:
                newest = self._newest(name)
                now = {each: getattr(newest, each) for each in _KEPT}
                key = replace(self._asked(wanted, by), **now)
                changed = self._rotated(key, wanted["overlap_seconds"])
            case _:
                key = self._asked(wanted, by)
                if any(each.name == name for each in self._book.keys.values()):
                    raise InvalidValue("name", name, "was used since it was asked for")
                changed = {EventKind.KEY_CREATED: [key]}
        return partial(self._stage, changed)

    def _asked(self, wanted: Mapping[str, Any], by: Grant) -> Key:
        """The key that was asked for, made now. Raises InvalidValue."""
        key = replace(Key.of({**wanted["key"], "used_ns": None}), created_ns=self._clock.now_ns())
        self._check_wanted(key, by)
        return key

    def _check_waits(self, act: Act, name: str) -> None:
        if self.approvals.waiting(act, name):
            rule = "was asked for and waits for a second person, who may refuse it; its secret was shown"
            raise InvalidValue("name", name, rule)

    async def run(self) -> None:
        """Write when the keys were last used, and end the asks that nobody decided in time, once a minute."""
        await self._clock.sleep(USED_SECONDS)
        await self.write_used()
        await self.approvals.end_expired()

    async def write_used(self) -> None:
        """Write the last uses that are not written yet."""
        used, self._book.used = self._book.used, {}
        used = {key_id: at_ns for key_id, at_ns in used.items() if key_id in self._book.keys}
        if not used or self._ledger.writer_failed:
            return
        turn = self._ledger.turn("system")
        for key_id, at_ns in used.items():
            self._book.keys[key_id] = replace(self._book.keys[key_id], used_ns=at_ns)
            turn.change_row("api_keys", {"used_ns": at_ns, "account": self._ledger.account, "key_id": key_id})
        await turn.commit()

    def _drawn(self, wanted: Wanted, principal: str) -> tuple[Key, str]:
        """A key as it would be, and its secret."""
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
            self._book.environment,
            self._clock.now_ns(),
            principal,
            wanted.expires_ns,
        )
        return key, secret

    async def _revoke_legacy(self, principal: str) -> Key:
        if not self._book.legacy:
            raise InvalidValue("name", LEGACY_NAME, "is no key here: neither the settings nor the data folder has one")
        now_ns = self._clock.now_ns()
        scopes = ROLES["admin"]
        of = (LEGACY_NAME, LEGACY_NAME, self._book.legacy, scopes, NO_LIMITS, ())
        key = Key(
            *of,
            self._book.environment,
            now_ns,
            principal,
            revoked_ns=now_ns,
        )
        await self._write({EventKind.KEY_REVOKED: [key]}, principal)
        return key

    async def _write(self, changed: Changed, principal: str) -> None:
        turn = self._ledger.turn(principal)
        taken = self._stage(changed, turn)
        durable = turn.commit()
        taken()
        await durable

    def _stage(self, changed: Changed, turn: Turn) -> Callable[[], None]:
        """Their rows and events; gives what takes them into memory, once that is committed."""
        for kind, keys in changed.items():
            for key in keys:
                row = key.columns()
                values = {"account": self._ledger.account, **row, "used_ns": key.used_ns}
                turn.row("api_keys", values, replace=True)
                turn.event(kind, row)
        return lambda: self._book.put(key for keys in changed.values() for key in keys)

    def _may_grant(self, by: Grant, scopes: frozenset[Scope]) -> None:
        """Nobody hands out more than he has; the control socket is the owner's."""
        beyond = sorted(scopes - by.scopes)
        if beyond and by.principal != CONTROL:
            raise InvalidValue("scopes", ", ".join(beyond), f"{by.principal} has not got them, so it cannot grant them")
        own = self._book.limits_of(by.principal)
        if own:
            raise InvalidValue("limits", by.principal, "has limits of its own, so it cannot grant anything")


def key_worth(
    catalogue: Catalogue, prices: Priced, instrument_id: str, size: Decimal, price: Decimal | None
) -> Decimal | None:
    """What an order comes to, at a price or at the present one; None without."""
    instrument, price = catalogue.instruments.get(instrument_id), price or prices.mark(instrument_id)
    return None if instrument is None or price is None else prices.worth(instrument, size, price)


async def key_charges(database: Database, account: str, clock: Clock) -> list[KeyCharge]:
    """What the database has counting against the keys' days."""
    return await asyncio.to_thread(queries.key_charges, database, account, clock.now_ns())
