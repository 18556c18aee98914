"""The gate before every route: host, key, origin, content type, size and patience; and the headers of every answer.

Plain ASGI, so that nothing of a refused request is read or parsed. A browser page on another site reaches nothing:
no cookie exists, no CORS is granted, writes need a JSON content type, and a foreign Host (DNS rebinding) is refused.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.attempts import Attempts
from app.api.auth import credentials
from app.api.connections import CERTIFICATE
from app.api.errors import Problem, problem_response
from app.api.headers import SECURITY_HEADERS
from app.api.issuer import Issuer, header_of
from app.api.places import Places
from app.api.proxies import Networks, comes_by, seen_through
from app.api.refusals import record
from app.api.runtime import Runtime
from app.api.scopes import RouteScopes, check
from app.api.stream import paths
from app.api.stream.tickets import Tickets
from app.api.tokens import PATH, PREFIX, Tokens
from app.domain.access import MOVES_MONEY, OF_CONTROL, OF_LOCAL, UNKNOWN, Grant
from app.domain.access import Scope as Needed
from app.domain.access_keys import LEGACY_NAME, key_id_of
from app.domain.refusals import Refusal

BODY_BYTES_MAX = 64 * 1024
BODY_SECONDS_MAX = 10
READING = frozenset({"GET", "HEAD", "OPTIONS"})

CANCEL_ALL, KILL_SWITCH = "/api/v1/trading/orders/cancel-all", "/api/v1/trading/kill-switch"
UNTYPED_PATHS = frozenset({CANCEL_ALL, KILL_SWITCH})
"""What stops risk is taken from any program, however it labels its body; its Origin tells a page of another site."""
URGENT_PATHS = UNTYPED_PATHS | {"/api/v1/trading/positions/flatten"}
"""These, and every DELETE, find a place in any crowd."""

HEALTH_PATHS = frozenset({"/health/live", "/health/ready"})
"""Answered whatever the Host says: a load balancer asks by address, and they say only whether orders are accepted."""

_CHANGE_NOTHING = frozenset({paths.TICKETS, PATH})

_JOURNALLED = MOVES_MONEY | {Needed.KEYS}
_TURNED_AWAY = frozenset({"api-key-refused", "scope-needed"})
"""What leaves a line in the journal where money could have moved, or keys."""
KEY_HEADERS = frozenset({b"x-api-key", b"authorization"})

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class GuardRules:
    """allowed_hosts: names without port, IPv6 in brackets. key_needed: whether this machine is asked for one too.
    routes: which scope each asks for. tickets: each opens one stream, in the place of a key;
    tokens: a page shows one for a key. read_only: no request that
    changes anything is taken. control: the requests come by the control socket, whose file is the key, whatever the
    headers say. proxies, plain: see ApiOptions. issuer: whose tokens of single sign-on count."""

    allowed_hosts: frozenset[str]
    key_needed: bool
    routes: RouteScopes
    tickets: Tickets
    tokens: Tokens
    read_only: bool = False
    control: bool = False
    proxies: Networks = ()
    plain: bool = True
    issuer: Issuer | None = None


class Guard:
    """ASGI middleware. A request that passes has its principal and what it may do in scope["state"]."""

    def __init__(self, app: ASGIApp, rules: GuardRules, runtime: Runtime) -> None:
        self._app = app
        self._rules = rules
        self._runtime = runtime
        self._places = Places()
        self._attempts = Attempts(runtime.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send, direct = _with_headers(send), comes_by(scope, self._rules.proxies)
        scope = seen_through(scope, self._rules.proxies)
        if self._rules.proxies and self._rules.plain and not direct and scope["path"] not in HEALTH_PATHS:
            detail = "ask through the proxy: without TLS nobody else is answered"
            await problem_response(Problem(403, detail, kind="past-the-proxy"))(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        scope.setdefault("state", {}).update(head_only=scope["method"] == "HEAD", standing=_always)
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        try:
            if self._rules.read_only:
                await asyncio.to_thread(self._runtime.refresh_keys)
            grant = await self._admitted(scope)
            principal = grant.principal
            scope["state"].update(principal=principal, grant=grant)
            if scope["path"] in paths.STREAMS:
                await self._app(scope, receive, send)
                return
            urgent = _is_urgent(scope)
            # What ends risk takes a place only when it is whole: the places kept for it are not for slow senders.
            body = await _body(scope, receive) if urgent else b""
            with self._places.take(principal, urgent=urgent):
                body = body if urgent else await _body(scope, receive)
                await self._app(scope, _replay(body, receive), send)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)

    async def _admitted(self, scope: Scope) -> Grant:
        """_admit; what is turned away where money could have moved, or keys, leaves a line in the journal."""
        needed = self._rules.routes.find(scope["method"], scope["path"]) or frozenset()
        try:
            if needed:
                await self._prepare(credentials(scope["headers"]))
            return self._admit(scope)
        except Problem as problem:
            if problem.kind in _TURNED_AWAY and not self._rules.read_only and needed & _JOURNALLED:
                await self._journal(scope, problem)
            raise

    async def _journal(self, scope: Scope, problem: Problem) -> None:
        said = Refusal("access", "key", f"{scope['method']} {scope['path']}"[:200], problem.detail)
        await record(self._runtime, (said,), problem.extra.get("principal", UNKNOWN))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket, of which there is one. A caller who shows nothing yet is to say who it is in its first message:
        the state then has no grant, and `admit`, which says what a key may do."""
        rules, headers, state = self._rules, scope["headers"], scope.setdefault("state", {})
        state["standing"] = _always
        try:
            if scope["path"] != paths.SOCKET:
                raise Problem(404, "there is no WebSocket here")
            if rules.read_only:
                await asyncio.to_thread(self._runtime.refresh_keys)
            if rules.control:
                state["grant"] = OF_CONTROL
            else:
                _check_host(headers, rules.allowed_hosts)
                _check_origin(headers, {"ws": "http", "wss": "https"}[scope["scheme"]])
                shows = (
                    CERTIFICATE in state
                    or _ticket(scope) is not None
                    or any(name in KEY_HEADERS for name, _ in headers)
                )
                asked = shows or (not rules.key_needed and _is_local(_address(scope)))
                await self._prepare(credentials(headers))
                state["grant"] = self._caller(scope) if asked else None
                state["admit"] = lambda key: self._of_first_message(key, scope)
            if state["grant"] is not None:
                check(state["grant"], frozenset({Needed.READ}))
            await self._app(scope, receive, send)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)

    def _admit(self, scope: Scope) -> Grant:
        """What the caller may do. Raises Problem for a request that may not pass."""
        rules, headers = self._rules, scope["headers"]
        needed = rules.routes.find(scope["method"], scope["path"])
        if rules.control:
            check(OF_CONTROL, needed or frozenset())
            scope["state"]["admit_alert"] = lambda hook, secret: self._of_hook(hook, secret, scope)
            return OF_CONTROL
        if scope["path"] not in HEALTH_PATHS:
            _check_host(headers, rules.allowed_hosts)
        grant, by_secret = OF_LOCAL, rules.routes.by_secret(scope["method"], scope["path"])
        if by_secret:
            grant = Grant(UNKNOWN, needed or frozenset())
            scope["state"]["admit_alert"] = lambda hook, secret: self._of_hook(hook, secret, scope)
        elif needed is None or needed:
            grant = self._caller(scope)
        if rules.read_only and scope["method"] not in READING and scope["path"] not in _CHANGE_NOTHING:
            detail = "this server only reads; send changes to the executor's own address"
            raise Problem(405, detail, kind="read-only", headers={"Allow": "GET"})
        check(grant, needed or frozenset())
        if scope["method"] not in READING or scope["path"] in paths.STREAMS:
            _check_origin(headers, scope.get("scheme", "http"))
            if scope["method"] not in READING and scope["path"] not in UNTYPED_PATHS and not by_secret:
                check_content_type(scope["method"], headers)
        return grant

    def _caller(self, scope: Scope) -> Grant:
        """Who asks. Raises Problem (401, or 429 when it was tried too often in vain)."""
        ticket, presented = _ticket(scope), credentials(scope["headers"])
        if ticket is not None:
            grant, scope["state"]["standing"] = self._rules.tickets.use(ticket) or (None, _always)
            return self._known(grant, scope)
        if not presented:
            if (name := scope["state"].get(CERTIFICATE)) is not None:
                return self._of_certificate(name, scope)
            if not self._rules.key_needed and _is_local(_address(scope)):
                return OF_LOCAL
            raise _key_needed("api-key-needed")
        return self._of_key(next(iter(presented)) if len(presented) == 1 else None, scope)

    def _of_key(self, key: str | None, scope: Scope) -> Grant:
        """What a key may do that is used from there; a stream's first message asks here too. Raises as _caller does."""
        keys, address, tokens = self._runtime.keys, _address(scope), self._rules.tokens
        if key is not None and key.startswith(PREFIX):
            of_token = tokens.grant(key, address, keys)
            scope["state"]["standing"] = lambda: tokens.grant(key, address, keys) is not None
            scope["state"]["session"] = None if of_token is None else of_token[1]
            return self._known(None if of_token is None else of_token[0], scope)
        if key is not None and self._rules.issuer is not None and header_of(key) is not None:
            return self._signed_on(self._rules.issuer, key, scope)
        known = None if key is None else keys.admit(key, address)
        scope["state"]["key_id"] = key_id_of(key or "") or LEGACY_NAME
        scope["state"]["standing"] = lambda: keys.admit(key or "", address) is not None
        return self._known(known, scope)

    async def _of_first_message(self, key: str, scope: Scope) -> Grant:
        await self._prepare((key,))
        return self._of_key(key, scope)

    async def _prepare(self, presented: Iterable[str]) -> None:
        """Have what a token of single sign-on is checked by. Raises Problem where it cannot be had."""
        if self._rules.issuer is not None and not self._rules.control:
            for each in presented:
                await self._rules.issuer.prepare(each)

    def _signed_on(self, issuer: Issuer, token: str, scope: Scope) -> Grant:
        found = issuer.admit(token)
        scope["state"]["standing"] = lambda: found is not None and issuer.stands(found)
        return self._known(None if found is None else found.grant, scope)

    def _of_certificate(self, name: str, scope: Scope) -> Grant:
        """What who shows a certificate may do that bears the name of a key: what that key may."""
        keys, address = self._runtime.keys, _address(scope)
        scope["state"]["standing"] = lambda: keys.of_name(name, address) is not None
        return self._known(keys.of_name(name, address), scope)

    def _of_hook(self, hook: str, secret: str | None, scope: Scope) -> Grant:
        """What a hook's secret may do that an alert shows. Raises as _caller does."""
        keys = self._runtime.keys
        return self._known(None if secret is None else keys.admit(secret, _address(scope), hook), scope)

    def _known(self, grant: Grant | None, scope: Scope) -> Grant:
        if grant is None:
            self._attempts.failed(_address(scope) or "")
            raise _key_needed("api-key-refused")
        return grant


def _always() -> bool:
    """How long who came without a key may stay."""
    return True


def _ticket(scope: Scope) -> str | None:
    """The ticket in a stream's address."""
    if scope["path"] not in paths.STREAMS:
        return None
    return dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("ticket")


def _key_needed(kind: str) -> Problem:
    """One answer, whether a key is unknown, expired, disabled, revoked or may not be used from there."""
    detail = "give an API key that is valid, from here, as X-API-Key or as Authorization: Bearer"
    return Problem(401, detail, kind=kind, headers={"WWW-Authenticate": "Bearer"})


def _address(scope: Scope) -> str | None:
    client = scope.get("client")
    return None if client is None else str(client[0])


def _is_local(address: str | None) -> bool:
    """Whether a request comes from this machine; a socket without addresses is a file of it."""
    try:
        return address is None or ip_address(address).is_loopback
    except ValueError:
        return False


def _check_host(headers: Headers, allowed: frozenset[str]) -> None:
    hosts = _values(headers, b"host")
    if len(hosts) != 1:
        raise Problem(400, "exactly one Host header is needed")
    if _host_name(hosts[0]) not in allowed:
        detail = f"Host {hosts[0][:100]!r} is not served here; TRADING_EXECUTOR_ALLOWED_HOSTS names those that are"
        raise Problem(421, detail)


def _is_urgent(scope: Scope) -> bool:
    return scope["method"] == "DELETE" or (scope["method"] == "POST" and scope["path"] in URGENT_PATHS)


def _check_origin(headers: Headers, scheme: str) -> None:
    """A page may only ask of the server that it came from: the same scheme, host and port."""
    for site in _values(headers, b"sec-fetch-site"):
        if site not in ("same-origin", "none"):
            raise Problem(403, "requests from pages of other sites are refused", kind="cross-site")
    own = {f"{scheme}://{host.lower()}" for host in _values(headers, b"host")}
    for origin in _values(headers, b"origin"):
        if origin.lower() not in own:
            raise Problem(403, "requests from pages of other sites are refused", kind="cross-site")


def check_content_type(method: str, headers: Headers) -> None:
    """POST, PUT and PATCH always need it, with or without a body: a form of a foreign page cannot say it."""
    types = _values(headers, b"content-type")
    if not types and method == "DELETE" and not _has_body(headers):
        return
    essence = types[0].partition(";")[0].strip().lower() if len(types) == 1 else ""
    if essence != "application/json":
        raise Problem(415, "send Content-Type: application/json")


def _has_body(headers: Headers) -> bool:
    lengths = _values(headers, b"content-length")
    return bool(_values(headers, b"transfer-encoding")) or any(length != "0" for length in lengths)


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises Problem when it is too large, too slow, or broken off."""
    lengths = _values(scope["headers"], b"content-length")
    if any(not length.isdecimal() or int(length[:12]) > BODY_BYTES_MAX for length in lengths):
        raise Problem(413, f"a request may have at most {BODY_BYTES_MAX} bytes")
    parts, size = list[bytes](), 0
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Problem(400, "the request broke off")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > BODY_BYTES_MAX:
                    raise Problem(413, f"a request may have at most {BODY_BYTES_MAX} bytes")
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise Problem(408, f"the request took longer than {BODY_SECONDS_MAX} s to arrive") from None


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body once, then whatever comes after it (a disconnect)."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _without_body(send: Send) -> Send:
    """HEAD: all that the GET would say, but its body."""

    async def sending(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sending


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"].endswith("http.response.start"):  # of a WebSocket's refusal too
            own = {name.lower() for name, _ in message.setdefault("headers", [])}
            message["headers"] = [
                *message["headers"],
                *(
                    (name.encode(), value.encode())
                    for name, value in SECURITY_HEADERS.items()
                    if name.encode() not in own
                ),
            ]
        await send(message)

    return sending


def _values(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for key, value in headers if key == name]


def _host_name(host: str) -> str:
    """The name of "name:port" or "[::1]:port", in lower case; empty for what is no host."""
    if host.startswith("["):
        name, bracket, rest = host.partition("]")
        return f"{name}]".lower() if bracket and (not rest or rest[1:].isdecimal()) else ""
    name, _, port = host.partition(":")
    return name.lower().rstrip(".") if not port or port.isdecimal() else ""
