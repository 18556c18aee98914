"""An OpenID issuer of tests: a real HTTP server with real keys, which signs whatever it is told to."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

AUDIENCE = "trading-executor"
GRANTS = {"desk": ["trader"], "eyes": "viewer", "stop": ["read", "halt"], "office": ["admin"]}
# Drawing one takes its time.
FIRST, SECOND = (RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}) for name in ("one", "two"))
CURVE = ECKey.generate_key("P-256", {"kid": "curve"})


class LocalIssuer:
    """keys: those that it tells of. asked: how often. broken: what it answers in the place of its keys."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.keys: list[Any] = [FIRST]
        self.asked = 0
        self.broken: web.Response | None = None
        self.metadata: dict[str, Any] = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}

    @property
    def settings(self) -> dict[str, Any]:
        return {"issuer": self.url, "audience": AUDIENCE, "grants": GRANTS}

    def claims(self, name: str = "alice", *groups: str, **changes: Any) -> dict[str, Any]:
        """For five minutes; a change of None takes a claim away."""
        now = int(time.time())
        made = {"iss": self.url, "aud": AUDIENCE, "sub": name, "groups": list(groups), "iat": now, "exp": now + 300}
        return {key: value for key, value in (made | changes).items() if value is not None}

    def token(self, name: str = "alice", *groups: str, key: Any = FIRST, header: Any = None, **changes: Any) -> str:
        head = {"alg": "ES256" if key is CURVE else "RS256", "kid": key.kid} | (header or {})
        head = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(head, self.claims(name, *groups, **changes), key, algorithms=["RS256", "RS512", "ES256"])

    def bearer(self, *given: Any, **changes: Any) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(*given, **changes)}"}

    async def tell_keys(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.broken is not None:
            return self.broken
        keys = [key.as_dict(private=False) for key in self.keys]
        junk = [{"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}, {"kty": "PQ", "kid": "new"}, "?", {"kty": "RSA"}]
        return web.json_response({"keys": [*junk, *keys]})

    async def tell_of_itself(self, _: web.Request) -> web.Response:
        return web.Response(text=json.dumps(self.metadata), content_type="application/json")


@asynccontextmanager
async def local_issuer() -> AsyncIterator[LocalIssuer]:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await (made.tell_keys if request.path == "/keys" else made.tell_of_itself)(request)

    app = web.Application()
    for path in ("/.well-known/openid-configuration", "/keys"):
        app.router.add_get(path, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made = LocalIssuer(runner.addresses[0][1])
    try:
        yield made
    finally:
        await runner.cleanup()
