"""Which scope a route needs: said once, beside the route, and read by the guard before anything of it runs.

    @router.get("/orders", ...)
    @needs(Scope.READ)
    def list_orders(...)

A route that says none stops the start.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.api.errors import Problem
from app.domain.access import LOCAL, Grant, Scope

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Needed = frozenset[Scope]
"""Any one of these will do; where it is more than one, the route looks closer itself. Empty: open to everybody."""

_NEEDED = "needed_scopes"
_OF_ITS_OWN = "asks_for_a_secret_of_its_own"
_PARAMETER = re.compile(r"\{[^}]*\}")


class UndeclaredScope(Exception):
    """A route that does not say what it needs."""


def needs(*scopes: Scope) -> Callable[[Endpoint], Endpoint]:
    """Declare what a route needs: one of these scopes."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _NEEDED, frozenset(scopes))
        return endpoint

    return declare


def opened_by_secret(*scopes: Scope) -> Callable[[Endpoint], Endpoint]:
    """Declare a route that no key of the API opens but a secret that the request shows as the route reads it: the
    guard lets it by with no grant, and the route asks `admit_alert` of its state."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _OF_ITS_OWN, True)
        return needs(*scopes)(endpoint)

    return declare


open_to_all = needs()
"""Declares a route that is answered without a key: it holds no data."""


class RouteScopes:
    """What each route of an application needs, by method and path."""

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        """Raises UndeclaredScope."""
        self._exact: dict[tuple[str, str], Needed] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Needed]] = []
        self._declared: dict[tuple[str, str], Needed] = {}
        self._by_secret: list[tuple[str, re.Pattern[str]]] = []
        for router in routers:
            for route in router.routes:
                self._learn(route)

    def find(self, method: str, path: str) -> Needed | None:
        """None where there is no such route: whoever has a key may hear that."""
        found = self._exact.get((method, path))
        if found is not None:
            return found
        for of_method, pattern, needed in self._patterns:
            if of_method == method and pattern.fullmatch(path):
                return needed
        return None

    def by_secret(self, method: str, path: str) -> bool:
        """Whether the route itself asks for a secret of its own."""
        return any(of_method == method and pattern.fullmatch(path) for of_method, pattern in self._by_secret)

    def shown(self, method: str, path: str) -> list[str]:
        """As the OpenAPI description lists what a route needs."""
        return sorted(self._declared[method.upper(), path])

    def _learn(self, route: object) -> None:
        assert isinstance(route, APIRoute), f"{route}: only routes of the API are served"
        methods = route.methods or set[str]()
        needed: Needed | None = getattr(route.endpoint, _NEEDED, None)
        if needed is None:
            raise UndeclaredScope(f"{sorted(methods)} {route.path}: declares no scope; see app.api.scopes")
        for method in methods:
            self._declared[method, route.path] = needed
            if getattr(route.endpoint, _OF_ITS_OWN, False):
                self._by_secret.append((method, _pattern(route.path)))
            if "{" not in route.path:
                self._exact[method, route.path] = needed
            else:
                self._patterns.append((method, _pattern(route.path), needed))


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, _PARAMETER.split(path))))


def check(grant: Grant, needed: Needed) -> None:
    """Raises Problem, which names the scope, when the caller has none of those needed."""
    if not needed or not needed.isdisjoint(grant.scopes):
        return
    names = " or ".join(sorted(needed))
    how = (
        "a request without a key has it not; use the command line on this machine, or a key that has it"
        if grant.principal == LOCAL
        else f"{grant.principal} has it not"
    )
    extra = {"scopes": sorted(needed), "principal": grant.principal}
    raise Problem(403, f"this asks for the scope {names}; {how}", kind="scope-needed", extra=extra)
