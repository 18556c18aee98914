"""The search for planted secrets finds every form, and only in files that may not hold them."""

import base64
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import canary

# Not the session's planted values: this test writes them down on purpose.
SECRETS = canary.PlantedSecrets(
    "key/1+abcdefgh", "sec/2+abcdefgh", "pas/3+abcdefgh", "dbp/4+abcdefgh", "api/5+abcdefgh"
)


@pytest.mark.parametrize("prefix", ["", "a", "ab", "abc"])
def test_base64_is_found_at_any_offset(prefix: str):
    text = base64.b64encode(f"{prefix}{SECRETS.api_key}:tail".encode()).decode()
    assert any("api_key" in name for name in canary.search_text(SECRETS, text))


@pytest.mark.parametrize("form", [str, lambda s: quote(s, safe=""), lambda s: s.encode().hex()])
def test_plain_quoted_and_hexadecimal_forms_are_found(form: Callable[[str], str]):
    found = canary.search_text(SECRETS, f"x={form(SECRETS.okx_secret_key)};")
    assert found
    assert all(name.startswith("okx_secret_key") for name in found)


def test_other_text_is_not_a_leak():
    assert canary.search_text(SECRETS, "canary okx_secret_key=*** key/1") == []


def test_files(tmp_path: Path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text(f"login {SECRETS.okx_passphrase}")
    (tmp_path / "api.key").write_text(SECRETS.api_key)
    (tmp_path / "clean.db").write_bytes(b"\0\1")
    assert canary.search_files(SECRETS, tmp_path) == ["logs/a.log: okx_passphrase (raw)"]
