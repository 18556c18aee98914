"""The dashboard's page: one file without any other address in it, under a policy that lets it load and reach nothing
but this server."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from app.api.scopes import open_to_all

PAGE = Path(__file__).resolve().parent.parent / "dashboard" / "index.html"

router = APIRouter(include_in_schema=False)


@router.get("/")
@open_to_all
async def page() -> Response:
    body, policy = _loaded()
    return Response(body, media_type="text/html", headers={"content-security-policy": policy})


@cache
def _loaded() -> tuple[bytes, str]:
    """The page and its policy: its own script and style by their hashes, requests to this server alone."""
    text = PAGE.read_text("utf-8")
    scripts = " ".join(_hash(part) for part in re.findall(r"<script>(.*?)</script>", text, re.DOTALL))
    styles = " ".join(_hash(part) for part in re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text.encode(), policy


def _hash(content: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"
