"""/docs: the OpenAPI description as a page to read, without a script or anything from elsewhere; served where the
description is published."""

import html
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api import description
from app.api.scopes import needs
from app.domain.access import Scope

router = APIRouter(include_in_schema=False)

PATH = "/docs"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em;border-radius:4px}h2{margin-top:2rem}section{border-top:1px solid #8884}"
    "dt{font-weight:600}dd{margin:0 0 .4rem 1rem}.method{display:inline-block;min-width:4.5rem;font-weight:700}"
)


@router.get(PATH)
@needs(Scope.READ)
async def reference(request: Request) -> Response:
    body = page(await description.of(request))
    return Response(body, media_type="text/html", headers={"content-security-policy": POLICY})


def page(schema: Mapping[str, Any]) -> str:
    """The description's routes by tag, each with its words, parameters and answers."""
    info = schema["info"]
    by_tag: dict[str, list[str]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["system"])[0]
            by_tag.setdefault(tag, []).append(_operation(method, path, operation))
    sections = "".join(f"<h2>{html.escape(tag)}</h2>{''.join(parts)}" for tag, parts in by_tag.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(info["title"])}</title>'
        f"<style>{_STYLE}</style><h1>{html.escape(info['title'])} {html.escape(info['version'])}</h1>"
        f"<p>{html.escape(info.get('description', ''))}</p>"
        f'<p>For programs: <a href="/openapi.json">/openapi.json</a>.</p>{sections}</html>'
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parameters = [
        (f"{each['name']} ({each['in']}{', required' if each.get('required') else ''})", each.get("description", ""))
        for each in operation.get("parameters", ())
    ]
    answers = [(status, each.get("description", "")) for status, each in operation.get("responses", {}).items()]
    return (
        f'<section><h3><span class="method">{method.upper()}</span> <code>{html.escape(path)}</code></h3>'
        f"<p>{html.escape(operation.get('summary', ''))}. {html.escape(operation.get('description', ''))}</p>"
        f"{_list('Parameters', parameters)}{_list('Answers', answers)}</section>"
    )


def _list(title: str, entries: list[tuple[str, str]]) -> str:
    if not entries:
        return ""
    items = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in entries)
    return f"<details><summary>{title}</summary><dl>{items}</dl></details>"
