"""A short-lived token for a browser's page, got with a key: the page keeps the token in its memory, and no key.

It reads unless more is asked for, never does more than its key, never makes keys, and dies with its key or with this
process, whose signing key is in memory alone. It is renewed with itself until its session ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api.bodies import Body, BodyField, optional, words
from app.api.documents import documented, problems
from app.api.encoding import json_response
from app.api.errors import Problem
from app.api.parameters import known_parameters
from app.api.runtime import Granted, Running
from app.api.scopes import needs
from app.clock import NS_PER_SECOND, Clock, utc
from app.domain.access import Grant, Scope
from app.domain.refusals import InvalidValue
from app.services.trading.account.key_book import KeyBook

PATH = "/api/v1/tokens"
PREFIX = "ext_"
SECONDS = 15 * 60
SESSION_SECONDS = 12 * 3600
SIGNING_BYTES = 32
ALGORITHM = "HS256"
_CLAIMS = {"kid": str, "scp": list, "exp": int, "end": int}

router = APIRouter(prefix=PATH, tags=["keys"], dependencies=[Depends(known_parameters)])


@dataclass(frozen=True, slots=True)
class Session:
    """What a token stands for. key_id: whose it is; scopes: what was asked for; until: of it, and of its session."""

    key_id: str
    scopes: frozenset[Scope]
    expires_ns: int
    ends_ns: int


@dataclass(frozen=True, slots=True)
class Token:
    """A token, shown this once. scopes: what it may do. expires_at: renew it before that, until ends_at.
    made_at: when, by the clock that those two are of, so that how long it counts is known without one that agrees."""

    token: str
    principal: str
    scopes: list[str]
    made_at: datetime
    expires_at: datetime
    ends_at: datetime


class Tokens:
    """Makes and reads those of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._signing = clock.token(SIGNING_BYTES)

    def make(self, key_id: str, grant: Grant, wanted: frozenset[Scope], ends_ns: int | None = None) -> Token:
        """ends_ns: of the session that it goes on with; None for a new one. Raises Problem for one that could do
        nothing."""
        scopes = wanted & grant.scopes
        if not scopes:
            names = ", ".join(sorted(wanted))
            detail = f"{grant.principal} has none of the scopes {names}"
            raise Problem(403, detail, kind="scope-needed", extra={"scopes": sorted(wanted)})
        import jwt  # brings cryptography along: for those who ask for tokens

        now_ns = self._clock.now_ns()
        ends_ns = now_ns + SESSION_SECONDS * NS_PER_SECOND if ends_ns is None else ends_ns
        expires_ns = min(now_ns + SECONDS * NS_PER_SECOND, ends_ns)
        claims = {"kid": key_id, "scp": sorted(scopes), "exp": expires_ns, "end": ends_ns}
        token = PREFIX + jwt.encode(claims, self._signing, ALGORITHM)
        return Token(token, grant.principal, sorted(scopes), utc(now_ns), utc(expires_ns), utc(ends_ns))

    def read(self, presented: str) -> Session | None:
        """None for one that is not of this process, or over."""
        import jwt

        # The claims' times are nanoseconds of our clock, so that they are looked at here.
        options: Any = {"verify_exp": False, "require": list(_CLAIMS)}
        try:
            claims: Mapping[str, Any] = jwt.decode(
                presented.removeprefix(PREFIX), self._signing, [ALGORITHM], options=options
            )
        except jwt.InvalidTokenError:
            return None
        session = Session(claims["kid"], frozenset(map(Scope, claims["scp"])), claims["exp"], claims["end"])
        return session if self._clock.now_ns() < session.expires_ns else None

    def grant(self, presented: str, address: str | None, keys: KeyBook) -> tuple[Grant, Session] | None:
        """What it may do now, from there: no more than its key."""
        session = self.read(presented)
        known = None if session is None else keys.stands(session.key_id, address)
        if session is None or known is None:
            return None
        return Grant(known.principal, known.scopes & session.scopes), session


def scopes(name: str, value: Any) -> frozenset[Scope]:
    given = words(name, value)
    if not given:
        raise InvalidValue(name, "[]", "must name a scope")
    for each in given:
        if each not in tuple(Scope) or each == Scope.KEYS:
            allowed = ", ".join(scope for scope in Scope if scope is not Scope.KEYS)
            raise InvalidValue(name, each, f"must be of {allowed}: a token makes no keys")
    return frozenset(map(Scope, given))


WANTED = Body(
    "TokenRequest",
    (
        BodyField(
            "scopes",
            optional(scopes),
            {
                "type": ["array", "null"],
                "minItems": 1,
                "items": {"type": "string", "enum": [each for each in Scope if each is not Scope.KEYS]},
            },
            None,
        ),
    ),
    {"Reads": {}, "Reads and stops": {"scopes": ["read", "audit:read", "halt"]}},
)


@router.post(
    "",
    status_code=201,
    response_model=documented(Token),
    responses=problems(409),
    openapi_extra=WANTED.openapi(),
    summary="Get a token for a page",
)
@needs(*Scope)
async def make_token(request: Request, runtime: Running, granted: Granted) -> Response:
    """With a key: for 15 minutes, with the scope `read`, or with those of `scopes` that the key has. With a token: its
    next one, of the same scopes, until 12 hours after the key was shown."""
    wanted = WANTED.read(await request.body() or b"{}")["scopes"]
    state, tokens = request.scope["state"], request.app.state.tokens
    session: Session | None = state.get("session")
    if session is not None:
        asked = session.scopes if wanted is None else wanted & session.scopes
        return json_response(tokens.make(session.key_id, granted, asked, session.ends_ns), 201)
    key_id = state.get("key_id")
    if key_id is None:
        detail = "no key was shown: give the key that the token shall be of"
        raise Problem(409, detail, kind="no-key")
    return json_response(tokens.make(key_id, granted, wanted or frozenset({Scope.READ})), 201)
