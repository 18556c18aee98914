"""Planted secrets: unique values that tests use wherever a secret is wanted, and a search for them in all output.

A value found in captured output, a log or any file that a test left fails the session. The search knows the forms a
secret takes on its way out: raw, base64, URL-quoted, hexadecimal, JSON-escaped.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

_FILE_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True)
class PlantedSecrets:
    """One value a secret; characters that quoting and base64 change are in each of them."""

    okx_api_key: str
    okx_secret_key: str
    okx_passphrase: str
    database_password: str
    api_key: str

    @cached_property
    def encodings(self) -> dict[str, bytes]:
        """{name and encoding: the bytes to look for}"""
        found: dict[str, bytes] = {}
        for field in fields(self):
            found.update({f"{field.name} ({form})": text for form, text in _forms(getattr(self, field.name)).items()})
        return found


def plant() -> PlantedSecrets:
    """Draw the session's secrets; the workers of a parallel run share those of the first process."""
    inherited = os.environ.get("TEST_CANARIES")
    if inherited:
        return PlantedSecrets(**json.loads(inherited))
    planted = PlantedSecrets(
        **{field.name: f"canary/{secrets.token_hex(9)}+{field.name[:4]}" for field in fields(PlantedSecrets)}
    )
    os.environ["TEST_CANARIES"] = json.dumps({f.name: getattr(planted, f.name) for f in fields(planted)})
    return planted


def search_text(planted: PlantedSecrets, text: str) -> list[str]:
    data = text.encode("utf-8", "replace")
    return [name for name, needle in planted.encodings.items() if needle in data]


def search_files(planted: PlantedSecrets, directory: Path) -> list[str]:
    """Which files under the directory hold a planted secret; a file for secrets (0600 and named *.key) may."""
    needles = planted.encodings
    found: list[str] = []
    for path in sorted(directory.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix == ".key" or path.stat().st_size > _FILE_BYTES_MAX:
            continue
        try:
            data = path.read_bytes()
        except OSError:
            continue
        found += [f"{path.relative_to(directory)}: {name}" for name, needle in needles.items() if needle in data]
    return found


def _forms(value: str) -> dict[str, bytes]:
    raw = value.encode()
    # A value inside a longer base64 text starts at one of three offsets; its inner characters are the same in each.
    inner = {
        f"base64 at {offset}": base64.b64encode(b"\0" * offset + raw)[4 if offset else 0 : -4] for offset in range(3)
    }
    return {
        "raw": raw,
        "url-quoted": quote(value, safe="").encode(),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "json": json.dumps(value).strip('"').replace("/", "\\/").encode(),
        **inner,
    }
