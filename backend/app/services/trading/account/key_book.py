"""What the door and risk know of the named keys: whom each lets in, and what its orders may be."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.clock import Clock
from app.domain.access import LEGACY, OF_CONTROL, OF_LEGACY, OF_LOCAL, Grant, Scope
from app.domain.access_keys import (
    LEGACY_NAME,
    NO_LIMITS,
    SIMULATED,
    Key,
    KeyCharge,
    KeyLimits,
    digest_of,
    key_id_of,
    same,
)
from app.domain.money import plain, rounded
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.account.key_use import DAY_NS, KeyUse, Worth

CHECK = "key_limits"
Row = Mapping[str, Any]
_NOBODY = digest_of("")
_ALWAYS = {grant.principal: grant.scopes for grant in (OF_LOCAL, OF_CONTROL, OF_LEGACY)}


class KeyBook:
    """Keys by id, and the one key of the settings or the data folder: what the door knows. environment: where they
    shall open. A read-only server has one of its own."""

    def __init__(self, clock: Clock, environment: str = SIMULATED, worth: Worth = lambda *_: None) -> None:
        self._clock = clock
        self.environment = environment
        self._legacy = ""
        self._limits: dict[str, KeyLimits] = {}
        self.keys: dict[str, Key] = {}
        self.used: dict[str, int] = {}
        self.use = KeyUse(worth)

    def load(self, rows: Iterable[Row], charges: Iterable[KeyCharge] = ()) -> None:
        """Begin from what the database has. charges: what counts today."""
        self.use.load(charges)
        self.keys, self._limits = {}, {}
        self.put(Key.of(row) for row in rows)

    def put(self, keys: Iterable[Key]) -> None:
        """New keys, or new states of known ones. Those of one name have the same limits."""
        for key in keys:
            self.keys[key.key_id] = key
            self._limits[key.principal] = key.limits

    def know_legacy(self, key: str) -> None:
        """The key of the settings or of the data folder's file."""
        self._legacy = digest_of(key)

    def _legacy_stands(self) -> bool:
        """Whether there is such a key, and nobody revoked it."""
        revoked = self.keys.get(LEGACY_NAME)
        return bool(self._legacy) and (revoked is None or not same(revoked.digest, self._legacy))

    @property
    def legacy(self) -> str:
        """Its digest; empty where there is none."""
        return self._legacy

    def admit(self, presented: str, address: str | None, hook: str = "") -> Grant | None:
        """What a key may do; None for one that does not open, whatever the reason. hook: whose secret it must be."""
        digest, key_id = digest_of(presented), key_id_of(presented)
        key = self.keys.get(key_id)
        of_legacy = same(digest, self._legacy or _NOBODY) and bool(presented) and self._legacy_stands()
        of_key = same(digest, key.digest if key is not None else _NOBODY)
        if of_legacy and not hook:
            return OF_LEGACY
        now_ns = self._clock.now_ns()
        if key is None or not of_key or key.hook != hook or not key.opens(now_ns, address, self.environment):
            return None
        self.used[key_id] = now_ns
        return key.grant

    def stands(self, key_id: str, address: str | None) -> Grant | None:
        """What the key of that id may do now from there, where its secret was shown before."""
        if key_id == LEGACY_NAME:
            return OF_LEGACY if self._legacy_stands() else None
        key = self.keys.get(key_id)
        return key.grant if key is not None and key.opens(self._clock.now_ns(), address, self.environment) else None

    def of_name(self, name: str, address: str | None) -> Grant | None:
        """What the key of that name may do now from there, for who proves the name by a certificate."""
        now_ns = self._clock.now_ns()
        for key in self.keys.values():
            if key.name == name and not key.hook and key.opens(now_ns, address, self.environment):
                self.used[key.key_id] = now_ns
                return key.grant
        return None

    def scopes_of(self, principal: str) -> frozenset[Scope] | None:
        """What somebody may do now; None for one that neither is here always nor has a key."""
        if principal in _ALWAYS:
            return _ALWAYS[principal] if principal != LEGACY or self._legacy_stands() else frozenset()
        keys = self._of(principal)
        now_ns = self._clock.now_ns()
        return (
            frozenset().union(*(each.scopes for each in keys if each.alive(now_ns) and not each.disabled))
            if keys
            else None
        )

    def makers(self, principal: str, *, ever: bool = False) -> set[str]:
        """Who made the keys that open for somebody, or ever did, and saw their secrets."""
        now_ns = self._clock.now_ns()
        return {key.created_by for key in self._of(principal) if ever or key.alive(now_ns)}

    def _of(self, principal: str) -> list[Key]:
        return [key for key in self.keys.values() if key.principal == principal]

    def named(self, name: str) -> list[Key]:
        """Every key of a name, oldest first. Raises InvalidValue for a name that there is not."""
        found = [key for key in self.keys.values() if key.name == name]
        if not found:
            raise InvalidValue("name", name, "is no key of this account")
        return sorted(found, key=lambda key: key.created_ns)

    def limits_of(self, principal: str) -> KeyLimits:
        """The limits of who comes by this key; none of others."""
        return self._limits.get(principal, NO_LIMITS)

    def check_instrument(self, principal: str, instrument_id: str) -> None:
        """Raises InvalidValue for one that the key of who asks may not trade."""
        allowed = self.limits_of(principal).instruments
        if allowed is not None and instrument_id not in allowed:
            raise InvalidValue("instrument_id", instrument_id, f"is none that {principal} may trade", check=CHECK)

    def check_reach(self, principal: str, instrument_id: str, strategy_id: str | None) -> None:
        """As check_instrument, and of a strategy that it may trade for."""
        self.check_instrument(principal, instrument_id)
        allowed = self.limits_of(principal).strategies
        if allowed is not None and strategy_id not in allowed:
            rule = f"is none that {principal} may trade for; they are {', '.join(sorted(allowed))}"
            raise InvalidValue("strategy_id", strategy_id or "none", rule, check=CHECK)

    def counts(self, principal: str, of: str) -> bool:
        """Whether an order or execution of theirs counts against a day: their key has a limit of it."""
        return self.limits_of(principal).max_daily_notional is not None or self.use.knows(of)

    def charge(
        self, principal: str, of: str, instrument_id: str, size: Decimal, price: Decimal | None, now_ns: int
    ) -> None:
        """An order or execution was taken: it counts against the day of its key, if that has a limit."""
        if self.counts(principal, of):
            self.use.charge(KeyCharge(principal, of, instrument_id, size, price, True, now_ns // DAY_NS))

    def order_refusals(
        self,
        principal: str,
        instrument_id: str,
        strategy_id: str | None,
        size: Decimal,
        value: Decimal | None,
        *,
        gets_out: bool,
        of: str = "",
    ) -> list[Refusal]:
        """Why an order is beyond the limits of the key that asks for it. value: in the valuation currency, None where
        no price says; what only takes away of what is held may be of any. of: the order or execution, if amended."""
        limits, found = self.limits_of(principal), list[Refusal]()
        if not limits:
            return found
        try:
            self.check_reach(principal, instrument_id, strategy_id)
        except InvalidValue as error:
            found.append(error.refusal)
        most = limits.max_order_notional
        if most is not None and not gets_out and (value is None or value > most):
            worth = "cannot be valued" if value is None else f"is worth {plain(rounded(value, 8))}"
            rule = f"{worth}, and {principal} may place orders of at most {plain(most)}"
            found.append(Refusal(CHECK, "size", plain(size), rule))
        if limits.max_daily_notional is not None and not gets_out:
            found.extend(self._beyond_day(principal, limits.max_daily_notional, size, value, of))
        return found

    def _beyond_day(
        self, principal: str, most: Decimal, size: Decimal, value: Decimal | None, of: str
    ) -> Iterable[Refusal]:
        spent = self.use.total(principal, self._clock.now_ns(), of)
        if value is not None and spent is not None and spent + value <= most:
            return
        rule = "cannot be valued with all that was asked for today"
        if value is not None and spent is not None:
            rule = f"could bring what {principal} trades today to {plain(rounded(spent + value, 8))}"
        yield Refusal(CHECK, "size", plain(size), f"{rule}, and it may be at most {plain(most)}")
