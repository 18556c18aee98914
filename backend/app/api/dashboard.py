"""The dashboard: the files that frontend/ is built into, under a policy that lets the page load and reach nothing but
this server, and run no script that stands in the page itself."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.errors import Problem
from app.api.scopes import open_to_all

FOLDER = Path(__file__).resolve().parent.parent / "dashboard"
TYPES: Mapping[str, str] = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _File:
    """packed: with gzip. tag: of what is in it, so that a browser asks for it once as long as it stays the same."""

    body: bytes
    packed: bytes
    media_type: str
    tag: str


@router.get("/")
@open_to_all
def page(request: Request) -> Response:
    return _answer(request, "index.html")


@router.get("/assets/{name}")
@open_to_all
def asset(request: Request, name: str) -> Response:
    return _answer(request, f"assets/{name}")


def _answer(request: Request, name: str) -> Response:
    found = _files().get(name)
    if found is None:
        raise Problem(404, "there is no such file of the dashboard")
    packed = "gzip" in request.headers.get("accept-encoding", "")
    tag = f'"{found.tag}{"-gzip" if packed else ""}"'
    headers = {"content-security-policy": POLICY, "cache-control": "no-cache", "etag": tag, "vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", "").split(", "):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(found.packed if packed else found.body, media_type=found.media_type, headers=headers)


@cache
def _files() -> Mapping[str, _File]:
    """All of them by their path: nothing else of the disk is ever served."""
    paths = (path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(FOLDER).as_posix(): _read(path) for path in paths}


def _read(path: Path) -> _File:
    body = path.read_bytes()
    return _File(body, gzip.compress(body, mtime=0), TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:32])
