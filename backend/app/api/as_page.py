"""A report as JSON, or as one page for who asks for text/html: a file to keep, never shown on this host."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.encoding import json_response

Draw = Callable[[Mapping[str, Any]], str]
PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/html": {"schema": {"type": "string"}, "example": "<!doctype html><title>Performance</title>"},
        }
    }
}
"""The `responses` of a route that answers with a page too."""


async def json_or_page(request: Request, found: object, draw: Draw, name: str) -> Response:
    """The page where text/html is asked for and JSON is not; `name` is that of its file."""
    answer = json_response(found)
    kinds = {each.partition(";")[0].strip().lower() for each in request.headers.get("accept", "").split(",")}
    if "text/html" not in kinds or "application/json" in kinds:
        return answer
    page = await run_in_threadpool(lambda: draw(json.loads(bytes(answer.body))))
    return Response(page, media_type="text/html", headers={"content-disposition": f'attachment; filename="{name}"'})
