"""The OpenAPI document: what the routers say, the problem's schema, how a key is given, the scopes of each operation.

It takes half a second to write, so it is written once in a process, and off the loop, which trades meanwhile.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from app.api.documents import ProblemDetails
from app.api.encoding import JSON
from app.api.examples import illustrate
from app.api.scopes import RouteScopes, needs
from app.domain.access import Scope

PATH = "/openapi.json"
TITLE = "Trading Executor"
WORDS = """Signals and orders in, through risk checks and a durable journal, to the exchange.

Decimals are text, both ways; a JSON float for size or price is refused. Instants are ISO 8601 in UTC. Errors are
problem+json and name field, value and rule. An Idempotency-Key on a POST makes a repeated request safe."""

router = APIRouter(include_in_schema=False)


@router.get(PATH)
@needs(Scope.READ)
async def openapi(request: Request) -> Response:
    return Response(msgspec.json.encode(await of(request)), media_type=JSON)


async def of(request: Request) -> dict[str, Any]:
    """The document of the application that is asked. Not to be changed: every application shares it."""
    return await asyncio.to_thread(request.app.openapi)


def document(routers: Sequence[APIRouter], version: str, key_needed: bool) -> dict[str, Any]:
    """The document of these routers, of a release. `x-scopes`: the scopes of an operation, of which one is needed."""
    served = [route for router in routers for route in router.routes]
    schema = get_openapi(title=TITLE, version=version, description=WORDS, routes=served)
    routes = RouteScopes(routers)
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
    illustrate(schema["paths"])
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            needed = operation["x-scopes"] = routes.shown(method, path)
            if routes.by_secret(method.upper(), path):
                operation["x-opened-by"] = "a secret of its own"
            elif key_needed:
                operation["security"] = [{"ApiKey": []}, {"Bearer": []}] if needed else []
    return schema
