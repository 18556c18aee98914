"""The application: routes, guard and error answers around one runtime."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from fastapi import FastAPI

from app.api import (
    approvals,
    controls,
    dashboard,
    execution_controls,
    executions,
    hooks,
    keys,
    leverage,
    operator,
    portfolio,
    reference,
    signals,
    strategies,
    system,
    tca,
    tokens,
    trading,
    volume_curves,
)
from app.api.documents import ProblemDetails
from app.api.errors import add_error_handlers
from app.api.guard import Guard, GuardRules
from app.api.memo import Memo
from app.api.replies import Replies
from app.api.runtime import Runtime
from app.api.scopes import RouteScopes
from app.api.stream import asyncapi, doors
from app.api.stream.streams import Streams
from app.api.stream.tickets import Tickets
from app.domain.access import Scope

OPENAPI_PATH = "/openapi.json"
DESCRIPTION = """Signals and orders in, through risk checks and a durable journal, to the exchange.

Decimals are text, both ways; a JSON float for size or price is refused. Instants are ISO 8601 in UTC. Errors are
problem+json and name field, value and rule. An Idempotency-Key on a POST makes a repeated request safe."""

ROUTERS = (
    system.router,
    controls.router,
    leverage.router,
    operator.router,
    trading.router,
    portfolio.router,
    executions.router,
    execution_controls.router,
    signals.router,
    hooks.router,
    hooks.door,
    strategies.router,
    tca.router,
    volume_curves.router,
    keys.router,
    approvals.router,
    tokens.router,
    doors.router,
    dashboard.router,
)
"""Fixed paths before those with a parameter: /orders/active is no order id."""

Lifespan = Callable[[FastAPI], Any]


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """allowed_hosts: Host names that are served. api_key: the installation's own, if it has one. key_needed: whether a
    key is asked for; not said, where there is one of the installation's. docs: publish the OpenAPI
    description. read_only: refuse every request that changes something. control: for the control socket alone.
    hooks_only: serve the hooks' door and nothing else. proxies: networks whose word on who asks counts; plain: it comes
    without TLS of our own, so that where there are proxies nobody else may ask from another machine."""

    allowed_hosts: tuple[str, ...]
    api_key: str | None = None
    key_needed: bool | None = None
    docs: bool = True
    read_only: bool = False
    control: bool = False
    hooks_only: bool = False
    proxies: tuple[str, ...] = ()
    plain: bool = True
    version: str = "0"


def build(runtime: Runtime, options: ApiOptions, *, lifespan: Lifespan | None = None) -> FastAPI:
    """The ASGI application. It neither starts nor stops the runtime; lifespan may."""
    app = FastAPI(
        title="Trading Executor",
        version=options.version,
        description=DESCRIPTION,
        openapi_url=OPENAPI_PATH if options.docs else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.runtime = runtime
    app.state.replies = Replies()
    app.state.memo = Memo(runtime.clock)
    app.state.streams = Streams(runtime)
    tickets = app.state.tickets = Tickets(runtime.clock)
    made = app.state.tokens = tokens.Tokens(runtime.clock)
    routers = (*ROUTERS, reference.router, asyncapi.router) if options.docs else ROUTERS
    routers = (hooks.door,) if options.hooks_only else routers
    for router in routers:
        app.include_router(router)
    routes = RouteScopes(routers, {OPENAPI_PATH: frozenset({Scope.READ})} if options.docs else {})
    add_error_handlers(app)
    if options.api_key is not None:
        runtime.keys.know_legacy(options.api_key)
    key_needed = options.api_key is not None if options.key_needed is None else options.key_needed
    hosts = frozenset(host.lower() for host in options.allowed_hosts)
    if not options.hooks_only:
        app.router.routes.append(doors.socket_route(lambda: app.state.streams, tickets))
    rules = GuardRules(
        hosts,
        key_needed,
        routes,
        tickets,
        made,
        options.read_only,
        options.control,
        tuple(map(ip_network, options.proxies)),
        options.plain,
    )
    app.add_middleware(Guard, rules=rules, runtime=runtime)
    _describe(app, routes, key_needed=key_needed)
    return app


def _describe(app: FastAPI, routes: RouteScopes, *, key_needed: bool) -> None:
    """Complete the OpenAPI description: the problem's schema, how a key is given, and the scopes of each operation, of
    which one is needed (`x-scopes`)."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            components = schema.setdefault("components", {})
            problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = components.setdefault("schemas", {})
            schemas.update(problem.pop("$defs", {}))
            schemas["ProblemDetails"] = problem
            if key_needed:
                components["securitySchemes"] = {
                    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                    "Bearer": {"type": "http", "scheme": "bearer"},
                }
            for path, operations in schema["paths"].items():
                for method, operation in operations.items():
                    needed = operation["x-scopes"] = routes.shown(method, path)
                    if routes.by_secret(method.upper(), path):
                        operation["x-opened-by"] = "a secret of its own"
                    elif key_needed:
                        operation["security"] = [{"ApiKey": []}, {"Bearer": []}] if needed else []
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi
