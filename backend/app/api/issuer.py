"""Bearer tokens of single sign-on: who signed them is asked for its keys, and what they grant is SignOn's.

The keys are fetched when a token first asks for them, kept, and fetched again when they are old or a token names one
that is not among them; so seldom that nobody can have us ask at his pace. Those that are known go on meanwhile, and for
a while where the issuer cannot be reached: only who names one that is not known waits for it.
"""

import asyncio
import base64
import hashlib
import json
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog

from app.api.errors import Problem
from app.api.sign_on import SignOn, check_address
from app.clock import NS_PER_SECOND, Clock
from app.domain.access import Grant
from app.services.trading.tasks import TaskGroup

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Those whose keys are public: a secret that both sides know would let whoever knows it sign."""
TYPES = ("jwt", "at+jwt", "application/at+jwt")
FETCH_SECONDS = 5
FETCH_BYTES = 1024 * 1024
KEYS_SECONDS, KEYS_SECONDS_MAX = 3600, 24 * 3600
"""How old the keys may be: then they are fetched anew; then they count no longer."""
AGAIN_SECONDS = 10
"""Between two attempts to fetch them."""
LEEWAY_SECONDS = 30
"""So far the issuer's clock may be from ours."""
TOKEN_SECONDS_MAX = 24 * 3600
RSA_BITS_MIN = 2048
OPENED_MAX = 1_000
"""Tokens that are known to open; to check a signature takes longer than many a read."""

Fetch = Callable[[str], Awaitable[bytes]]
log = structlog.get_logger("api")


class Unreachable(Exception):
    """What an issuer says of itself cannot be had, or used."""


@dataclass(frozen=True, slots=True)
class SignedOn:
    """What a token gives, until when, and by which key of which name."""

    grant: Grant
    ends_ns: int
    key_id: str | None
    key: Any


async def fetched(url: str) -> bytes:
    """Raises Unreachable."""
    timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status != 200:
                raise Unreachable(f"{url}: answered {answer.status}")
            found = bytearray()
            async for part in answer.content.iter_chunked(64 * 1024):
                found += part
                if len(found) > FETCH_BYTES:
                    raise Unreachable(f"{url}: has more than {FETCH_BYTES} bytes")
            return bytes(found)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unreachable(f"{url}: {error or type(error).__name__}") from None


class Issuer:
    """The tokens of one. fetch: gets what stands at an address."""

    def __init__(self, sign_on: SignOn, clock: Clock, fetch: Fetch = fetched) -> None:
        self._sign_on, self._clock, self._fetch = sign_on, clock, fetch
        self._keys: dict[str | None, Any] = {}
        self._fetched_ns: int | None = None
        self._tried_ns: int | None = None
        self._opened: OrderedDict[bytes, SignedOn] = OrderedDict()
        self._fetching = asyncio.Lock()
        self._tasks = TaskGroup()

    async def prepare(self, presented: str) -> None:
        """Have the key that a token names, if there is one. Raises Problem where none can be had."""
        header = header_of(presented)
        if header is None or header.get("alg") not in ALGORITHMS:
            return
        if self._find(header.get("kid")) is not None and self._known():
            if self._age() >= KEYS_SECONDS and not self._just_tried() and not self._tasks.running:
                self._tasks.spawn(self._once_renewed(), "keys of single sign-on")
            return
        await self._once_renewed()
        if not self._known():
            detail = "the keys of single sign-on cannot be had from its issuer"
            raise Problem(503, detail, kind="issuer-unreachable", headers={"Retry-After": str(AGAIN_SECONDS)})

    def admit(self, presented: str) -> SignedOn | None:
        """What a token gives; None for one that does not open, whatever the reason. One that opened is not checked
        anew while it stands."""
        digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).digest()
        found = self._opened.get(digest)
        if found is not None and self.stands(found):
            return found
        found = self._checked(presented)
        if found is not None:
            self._opened[digest] = found
            if len(self._opened) > OPENED_MAX:
                self._opened.popitem(last=False)
        return found

    def _checked(self, presented: str) -> SignedOn | None:
        from joserfc import jwt
        from joserfc.errors import JoseError

        header = header_of(presented)
        key = None if header is None or not self._known() else self._find(header.get("kid"))
        if header is None or key is None or not _fits(header, key):
            return None
        now_ns = self._clock.now_ns()
        registry = jwt.JWTClaimsRegistry(
            now=now_ns // NS_PER_SECOND,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._sign_on.issuer},
            aud={"essential": True, "value": self._sign_on.audience},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(presented, key, algorithms=[header["alg"]]).claims
            registry.validate(claims)
        except (JoseError, ValueError, TypeError):
            return None
        ends = claims["exp"]
        if not math.isfinite(ends) or ends - now_ns / NS_PER_SECOND > TOKEN_SECONDS_MAX:
            return None
        grant = self._sign_on.grant(claims)
        ends_ns = int((ends + LEEWAY_SECONDS) * NS_PER_SECOND)
        return None if grant is None else SignedOn(grant, ends_ns, header.get("kid"), key)

    def stands(self, signed_on: SignedOn) -> bool:
        """Whether it is good still: not over, and signed by a key that the issuer has not withdrawn."""
        by = self._find(signed_on.key_id)
        return self._clock.now_ns() < signed_on.ends_ns and self._known() and by is signed_on.key

    def _known(self) -> bool:
        """Whether there are keys that count."""
        return self._age() < KEYS_SECONDS_MAX

    def _age(self) -> float:
        return self._since(self._fetched_ns)

    def _just_tried(self) -> bool:
        return self._since(self._tried_ns) < AGAIN_SECONDS

    def _since(self, then_ns: int | None) -> float:
        return math.inf if then_ns is None else (self._clock.monotonic_ns() - then_ns) / NS_PER_SECOND

    def _find(self, named: object) -> Any:
        """A key by its name; that of a token which names none, where there is but one."""
        if isinstance(named, str):
            return self._keys.get(named)
        return next(iter(self._keys.values())) if named is None and len(self._keys) == 1 else None

    async def _once_renewed(self) -> None:
        """Fetch the keys, unless that was just tried; one at a time."""
        if self._just_tried():
            return
        async with self._fetching:
            if not self._just_tried():
                await self._renew()

    async def _renew(self) -> None:
        """What cannot be had is told, and the old ones go on. A key that is the same stays the same object."""
        asked_ns = self._clock.monotonic_ns()
        try:
            found, old = await self._read(), self._keys
            self._keys = {name: old[name] if _same(old.get(name), key) else key for name, key in found.items()}
        except Unreachable as error:
            log.warning("api.issuer_unreachable", reason=str(error))
        else:
            self._fetched_ns = asked_ns
            self._opened.clear()
        self._tried_ns = self._clock.monotonic_ns()

    async def _read(self) -> dict[str | None, Any]:
        from authlib.oidc.discovery import get_well_known_url

        url = get_well_known_url(self._sign_on.issuer, external=True)
        said = _object(url, await self._fetch(url))
        if said.get("issuer") != self._sign_on.issuer:
            raise Unreachable(f"{url}: is of another issuer, {str(said.get('issuer'))[:100]!r}")
        place = said.get("jwks_uri")
        if not isinstance(place, str) or not check_address(place):
            raise Unreachable(f"{url}: jwks_uri must be an address with https")
        listed = _object(place, await self._fetch(place)).get("keys")
        found = keys_of(listed if isinstance(listed, list) else [])
        if not found:
            raise Unreachable(f"{place}: has no key to check signatures with")
        return found


def header_of(presented: str) -> Mapping[str, Any] | None:
    """The header of what looks like a signed token, unchecked; None for what is none."""
    head, dot, rest = presented.partition(".")
    if not dot or rest.count(".") != 1:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and "alg" in found else None


def keys_of(listed: list[Any]) -> dict[str | None, Any]:
    """Those that check signatures, by their name; None: one that has none. What is no such key is passed over."""
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey, import_key

    found: dict[str | None, Any] = {}
    for each in listed:
        if not isinstance(each, dict) or each.get("kty") not in ("RSA", "EC", "OKP") or each.get("use", "sig") != "sig":
            continue
        try:
            key = import_key(each)
            weak = isinstance(key, RSAKey) and key.raw_value.key_size < RSA_BITS_MIN
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if not weak:
            name = each.get("kid")
            found[name if isinstance(name, str) else None] = key
    return found


def _same(old: Any, key: Any) -> bool:
    """Whether they check the same signatures; a name may be given to another key."""
    return old is not None and old.as_dict(private=False) == key.as_dict(private=False)


def _fits(header: Mapping[str, Any], key: Any) -> bool:
    """Whether a token says to be signed as keys of this kind sign, and is none of another purpose."""
    alg, kind = header.get("alg"), str(header.get("typ", "JWT")).lower()
    return alg in ALGORITHMS and kind in TYPES and key.get("alg", alg) == alg


def _object(url: str, raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unreachable(f"{url}: is no JSON object")
    return found
