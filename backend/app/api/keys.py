"""Named keys over HTTP: made, listed, rotated, laid aside and revoked, by who has the scope `keys`.

A key is shown once, in the answer that makes it; no Idempotency-Key keeps that answer. Asked again, a name is taken.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from ipaddress import ip_network
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from app.api import shapes
from app.api.approvals import Approval, access_keys, shown
from app.api.bodies import Body, BodyField, JsonFloat, amount, moment, one_of, optional, text, words
from app.api.documents import PENDING, documented, listed, problems
from app.api.encoding import json_response
from app.api.parameters import known_parameters
from app.api.refusals import journalled
from app.api.requests import NOTHING
from app.api.runtime import Granted, Running, Runtime
from app.api.scopes import needs
from app.clock import utc
from app.domain import approvals
from app.domain.access import ROLES, Scope
from app.domain.access_keys import Key, KeyLimits
from app.domain.refusals import InvalidValue
from app.observability.redaction import register_secret
from app.services.trading.account.access_keys import Made, Wanted

ADDRESSES_MAX = 32
NAMES_MAX = 1_000
OVERLAP_MAX = 90 * 86_400

router = APIRouter(prefix="/api/v1/keys", tags=["keys"], dependencies=[Depends(known_parameters)])

KeyName = Annotated[str, Path(min_length=1, max_length=32, description="The name of a key", examples=["dashboard"])]


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key, never its secret. state: active, disabled, expired or revoked. Limits are None where there is none of its
    own; amounts are in the valuation currency. used_at: a minute late."""

    key_id: str
    name: str
    principal: str
    state: str
    scopes: list[str]
    instruments: list[str] | None
    strategies: list[str] | None
    max_order_notional: Decimal | None
    max_daily_notional: Decimal | None
    addresses: list[str]
    environment: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    used_at: datetime | None


WAITS = {"approval": (documented(Approval) | None, None)}
KEY_LIST = listed("NamedKeys", "keys", NamedKey, **WAITS)
MADE = listed("NewKey", "replaced", NamedKey, key=(documented(NamedKey), ...), secret=(str, ...), **WAITS)


def addresses(name: str, value: Any) -> tuple[str, ...]:
    """Networks, such as 10.0.0.0/8; a plain address is one of its own."""
    given = words(name, value)
    if len(given) > ADDRESSES_MAX:
        raise InvalidValue(name, str(len(given)), f"must be at most {ADDRESSES_MAX} networks")
    found: list[str] = []
    for each in given:
        try:
            found.append(str(ip_network(each)))
        except ValueError:
            raise InvalidValue(name, each, "must be an address or a network, such as 10.0.0.0/8") from None
    return tuple(found)


def scopes(name: str, value: Any) -> frozenset[Scope]:
    given = words(name, value)
    for each in given:
        if each not in tuple(Scope):
            raise InvalidValue(name, each, f"must be of {', '.join(Scope)}")
    if not given:
        raise InvalidValue(name, "[]", "must name a scope")
    return frozenset(map(Scope, given))


def names(name: str, value: Any) -> frozenset[str]:
    given = words(name, value)
    if not 1 <= len(given) <= NAMES_MAX:
        raise InvalidValue(name, str(len(given)), f"must be 1 to {NAMES_MAX} words, or null for all")
    return frozenset(given)


def seconds(name: str, value: Any) -> int:
    if isinstance(value, (bool, JsonFloat)) or not isinstance(value, int) or not 0 <= value <= OVERLAP_MAX:
        raise InvalidValue(name, str(value)[:64], f"must be a whole number from 0 to {OVERLAP_MAX}")
    return value


_WORDS = {"type": ["array", "null"], "items": shapes.text()}
_AMOUNT = shapes.nullable(shapes.amount())

_LIMITS = (
    BodyField("instruments", optional(names), {**_WORDS, "minItems": 1}, None),
    BodyField("strategies", optional(names), {**_WORDS, "minItems": 1}, None),
    BodyField("max_order_notional", optional(amount), _AMOUNT, None),
    BodyField("max_daily_notional", optional(amount), _AMOUNT, None),
)

LIMITS = Body(
    "KeyLimits",
    _LIMITS,
    {"None": {}, "An instrument and a day": {"instruments": ["BTC-USDT"], "max_daily_notional": "20000"}},
)

NEW = Body(
    "KeyRequest",
    (
        BodyField("name", text, {"type": "string", "pattern": "^(hook:)?[a-z0-9][a-z0-9._-]{0,31}$", "maxLength": 32}),
        BodyField("role", optional(one_of(sorted(ROLES))), {"type": ["string", "null"], "enum": [*ROLES, None]}, None),
        BodyField(
            "scopes",
            optional(scopes),
            {**_WORDS, "minItems": 1, "items": {"type": "string", "enum": list(Scope)}},
            None,
        ),
        *_LIMITS,
        BodyField("addresses", optional(addresses), {**_WORDS, "maxItems": ADDRESSES_MAX}, None),
        BodyField("expires_at", optional(moment), shapes.nullable(shapes.moment()), None),
    ),
    {
        "Reads": {"name": "dashboard", "role": "viewer"},
        "A program of limited reach": {
            "name": "grid-bot",
            "role": "trader",
            "instruments": ["BTC-USDT"],
            "max_order_notional": "1000",
            "max_daily_notional": "20000",
            "addresses": ["10.0.0.0/8"],
        },
    },
    rules={"oneOf": [shapes.told("role"), shapes.told("scopes")]},
)

ROTATION = Body(
    "RotationRequest",
    (BodyField("overlap_seconds", seconds, {"type": "integer", "minimum": 0, "maximum": OVERLAP_MAX}, 0),),
    {"At once": {}, "The old one for an hour more": {"overlap_seconds": 3600}},
)


@router.get("", response_model=KEY_LIST, responses=problems(), summary="List the named keys")
@needs(Scope.KEYS, Scope.AUDIT)
async def list_keys(runtime: Running) -> Response:
    """Oldest first, with those that open nothing any more; a rotated name has an entry each."""
    return json_response({"keys": [_shown(runtime, key) for key in runtime.keys.keys.values()]})


@router.post(
    "",
    status_code=201,
    response_model=MADE,
    responses=PENDING | problems(),
    openapi_extra=NEW.openapi(),
    summary="Make a key",
)
@needs(Scope.KEYS)
async def create_key(request: Request, runtime: Running, granted: Granted) -> Response:
    """With a role or scopes, never with more than the asker has. `secret` is the key; it is shown this once."""
    async with journalled(runtime, granted.principal):
        said = NEW.read(await request.body())
        if (said["role"] is None) == (said["scopes"] is None):
            raise InvalidValue("role", str(said["role"]), "give a role or scopes, one of both")
        limits = KeyLimits(**{field.name: said[field.name] for field in _LIMITS})
        expires = said["expires_at"]
        wanted = Wanted(
            said["name"],
            said["scopes"] or ROLES[said["role"]],
            limits,
            said["addresses"] or (),
            None if expires is None else int(expires.timestamp()) * 1_000_000_000,
        )
        made = await access_keys(runtime).create(wanted, granted)
    return _made(runtime, made, [])


@router.post(
    "/{name}/rotate",
    status_code=201,
    response_model=MADE,
    responses=PENDING | problems(),
    openapi_extra=ROTATION.openapi(),
    summary="Give a name a new key",
)
@needs(Scope.KEYS)
async def rotate_key(request: Request, runtime: Running, granted: Granted, name: KeyName) -> Response:
    """Of the same scopes and limits; the old one opens for `overlap_seconds` more."""
    async with journalled(runtime, granted.principal):
        overlap = ROTATION.read(await request.body())["overlap_seconds"]
        made = await access_keys(runtime).rotate(name, overlap, granted)
        old = [each for each in runtime.keys.named(name) if each.key_id != made.key.key_id]
    return _made(runtime, made, old)


@router.post(
    "/{name}/revoke",
    response_model=KEY_LIST,
    responses=problems(),
    openapi_extra=NOTHING.openapi(),
    summary="End a key",
)
@needs(Scope.KEYS)
async def revoke_key(request: Request, runtime: Running, granted: Granted, name: KeyName) -> Response:
    """At once and for ever, every key of the name; `legacy` is the installation's own."""
    async with journalled(runtime, granted.principal):
        NOTHING.read(await request.body())
        ended = await access_keys(runtime).revoke(name, granted)
    return json_response({"keys": [_shown(runtime, key) for key in ended]})


@router.post(
    "/{name}/disable",
    response_model=KEY_LIST,
    responses=problems(),
    openapi_extra=NOTHING.openapi(),
    summary="Lay a key aside",
)
@needs(Scope.KEYS)
async def disable_key(request: Request, runtime: Running, granted: Granted, name: KeyName) -> Response:
    """It opens nothing until it is enabled."""
    async with journalled(runtime, granted.principal):
        NOTHING.read(await request.body())
        changed = await access_keys(runtime).disable(name, granted)
    return json_response({"keys": [_shown(runtime, key) for key in changed]})


@router.post(
    "/{name}/enable",
    response_model=KEY_LIST,
    responses=PENDING | problems(),
    openapi_extra=NOTHING.openapi(),
    summary="Take a key up again",
)
@needs(Scope.KEYS)
async def enable_key(request: Request, runtime: Running, granted: Granted, name: KeyName) -> Response:
    """It opens again; 202 where a second person is to confirm that."""
    async with journalled(runtime, granted.principal):
        NOTHING.read(await request.body())
        keys, approval = await access_keys(runtime).enable(name, granted)
    return _answered(runtime, {"keys": [_shown(runtime, key) for key in keys]}, approval, 200)


@router.post(
    "/{name}/limits",
    response_model=KEY_LIST,
    responses=PENDING | problems(),
    openapi_extra=LIMITS.openapi(),
    summary="Give a key other limits",
)
@needs(Scope.KEYS)
async def limit_key(request: Request, runtime: Running, granted: Granted, name: KeyName) -> Response:
    """All of them: what is not given is not limited. 202 where a second person is to confirm looser ones."""
    async with journalled(runtime, granted.principal):
        said = LIMITS.read(await request.body())
        keys, approval = await access_keys(runtime).limit(name, KeyLimits(**said), granted)
    return _answered(runtime, {"keys": [_shown(runtime, key) for key in keys]}, approval, 200)


def _made(runtime: Runtime, made: Made, replaced: list[Key]) -> Response:
    register_secret(made.secret)
    told = {
        "key": _shown(runtime, made.key),
        "secret": made.secret,
        "replaced": [_shown(runtime, each) for each in replaced],
    }
    return _answered(runtime, told, made.approval, 201)


def _answered(runtime: Runtime, told: dict[str, Any], approval: approvals.Approval | None, status: int) -> Response:
    """What was done, or 202 and what a second person is to confirm."""
    if approval is None:
        return json_response(told, status)
    return json_response({**told, "approval": shown(runtime, approval)}, 202)


def _shown(runtime: Runtime, key: Key) -> NamedKey:
    limits = key.limits
    used_ns = max(runtime.keys.used.get(key.key_id, 0), key.used_ns or 0)
    return NamedKey(
        key.key_id,
        key.name,
        key.principal,
        key.state(runtime.clock.now_ns()),
        sorted(key.scopes),
        None if limits.instruments is None else sorted(limits.instruments),
        None if limits.strategies is None else sorted(limits.strategies),
        limits.max_order_notional,
        limits.max_daily_notional,
        list(key.addresses),
        key.environment,
        utc(key.created_ns),
        key.created_by,
        None if key.expires_ns is None else utc(key.expires_ns),
        utc(used_ns) if used_ns else None,
    )
