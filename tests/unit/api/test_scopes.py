"""Every route says which scope it needs, once; one that does not stops the start."""

from __future__ import annotations

import pytest
from fastapi import APIRouter

from app.api import description
from app.api.application import ROUTERS
from app.api.errors import Problem
from app.api.scopes import RouteScopes, UndeclaredScope, check, needs, open_to_all
from app.domain.access import OF_CONTROL, OF_LOCAL, ROLES, Grant, Scope


async def _answer() -> None: ...


def test_a_route_without_a_scope_stops_the_start() -> None:
    router = APIRouter(prefix="/api/v1")
    router.add_api_route("/new", _answer, methods=["POST"])
    with pytest.raises(UndeclaredScope, match=r"POST.* /api/v1/new: declares no scope"):
        RouteScopes([*ROUTERS, router])


def test_what_a_route_needs_is_found_by_method_and_path() -> None:
    routes = RouteScopes([*ROUTERS, description.router])
    found = {
        ("GET", "/"): set(),
        ("GET", "/health/live"): set(),
        ("GET", "/openapi.json"): {Scope.READ},
        ("GET", "/api/v1/trading/orders"): {Scope.READ},
        ("GET", "/api/v1/trading/orders/active"): {Scope.READ},
        ("POST", "/api/v1/trading/orders"): {Scope.PLACE},
        ("PATCH", "/api/v1/trading/orders/ord-1"): {Scope.PLACE},
        ("DELETE", "/api/v1/trading/orders/ord-1"): {Scope.CANCEL},
        ("POST", "/api/v1/trading/orders/ord-1/resolve"): {Scope.RISK},
        ("POST", "/api/v1/trading/positions/flatten"): {Scope.EXIT},
        ("POST", "/api/v1/trading/kill-switch"): {Scope.HALT, Scope.RESUME},
        ("GET", "/api/v1/events"): {Scope.AUDIT},
        ("GET", "/api/v1/events/search"): {Scope.AUDIT},
    }
    assert {route: routes.find(*route) for route in found} == found
    for method, path in (("DELETE", "/"), ("GET", "/nothing"), ("POST", "/api/v1/trading/orders/a/b/resolve")):
        assert routes.find(method, path) is None


def test_roles_are_named_sets() -> None:
    assert ROLES["admin"] == frozenset(Scope)
    for role in ("viewer", "trader", "risk"):
        assert ROLES["viewer"] <= ROLES[role]
        assert Scope.KEYS not in ROLES[role]
    assert not ROLES["trader"] & {Scope.RESUME, Scope.RISK}
    assert ROLES["trader"] == OF_LOCAL.scopes
    assert not ROLES["risk"] & {Scope.PLACE, Scope.EXECUTIONS}
    assert not OF_CONTROL.scopes & {Scope.PLACE, Scope.EXECUTIONS}


def test_who_lacks_the_scope_hears_its_name() -> None:
    needed = frozenset({Scope.HALT, Scope.RESUME})
    check(Grant("api:bot", frozenset({Scope.HALT})), needed)
    check(Grant("api:bot", frozenset()), frozenset())
    with pytest.raises(Problem, match="this asks for the scope halt or resume; api:bot has it not") as caught:
        check(Grant("api:bot", frozenset({Scope.READ})), needed)
    assert (caught.value.status, caught.value.kind) == (403, "scope-needed")
    with pytest.raises(Problem, match="use the command line"):
        check(OF_LOCAL, frozenset({Scope.RISK}))


def test_a_scope_is_declared_beside_its_route() -> None:
    router = APIRouter()

    @router.get("/a")
    @needs(Scope.READ)
    async def readers() -> None: ...

    @router.get("/b")
    @open_to_all
    async def everybody() -> None: ...

    routes = RouteScopes([router])
    assert (routes.find("GET", "/a"), routes.find("GET", "/b")) == ({Scope.READ}, frozenset())
    assert routes.shown("get", "/b") == []
