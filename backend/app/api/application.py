"""The application: routes, guard and error answers around one runtime."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from fastapi import FastAPI

from app.api import (
    alerts,
    approvals,
    controls,
    dashboard,
    description,
    execution_controls,
    executions,
    exports,
    faults,
    hooks,
    keys,
    leverage,
    market,
    operator,
    portfolio,
    proposals,
    reference,
    signals,
    strategies,
    system,
    tca,
    tokens,
    trading,
    volume_curves,
)
from app.api.errors import add_error_handlers
from app.api.guard import Guard, GuardRules
from app.api.issuer import Issuer
from app.api.memo import Memo
from app.api.replies import Replies
from app.api.runtime import Runtime
from app.api.scopes import RouteScopes
from app.api.sign_on import SignOn
from app.api.stream import asyncapi, doors
from app.api.stream.streams import Streams
from app.api.stream.tickets import Tickets

ROUTERS = (
    system.router,
    controls.router,
    leverage.router,
    operator.router,
    trading.router,
    portfolio.router,
    exports.router,
    market.router,
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
    proposals.router,
    alerts.router,
    faults.router,
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
    without TLS of our own, so that where there are proxies nobody else may ask from another machine. sign_on: whose
    tokens count beside keys."""

    allowed_hosts: tuple[str, ...]
    api_key: str | None = None
    key_needed: bool | None = None
    docs: bool = True
    read_only: bool = False
    control: bool = False
    hooks_only: bool = False
    proxies: tuple[str, ...] = ()
    plain: bool = True
    sign_on: SignOn | None = None
    version: str = "0"


def build(runtime: Runtime, options: ApiOptions, *, lifespan: Lifespan | None = None) -> FastAPI:
    """The ASGI application. It neither starts nor stops the runtime; lifespan may."""
    app = FastAPI(
        title=description.TITLE,
        version=options.version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.runtime = runtime
    app.state.replies = Replies()
    app.state.memo = Memo(runtime.clock)
    app.state.exports = exports.Exports()
    app.state.streams = Streams(runtime)
    tickets = app.state.tickets = Tickets(runtime.clock)
    made = app.state.tokens = tokens.Tokens(runtime.clock)
    routers = (*ROUTERS, description.router, reference.router, asyncapi.router) if options.docs else ROUTERS
    routers = (hooks.door,) if options.hooks_only else routers
    # Not by include_router: it makes every route anew, 60 ms at the first request, for prefixes that ours have already.
    app.router.routes.extend(route for router in routers for route in router.routes)
    routes = RouteScopes(routers)
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
        None if options.sign_on is None else Issuer(options.sign_on, runtime.clock),
    )
    app.add_middleware(Guard, rules=rules, runtime=runtime)
    app.openapi = functools.partial(_document, options.version, key_needed)
    return app


@functools.cache
def _document(version: str, key_needed: bool) -> dict[str, Any]:
    return description.document(ROUTERS, version, key_needed)
