"""docs/keys.md: its commands run, in their order, against a system of their own; its table is the roles'."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import app
from app.domain.access import ROLES, Scope
from tests.integration.test_cli import run, serving

TEXT = (Path(app.__file__).resolve().parents[2] / "docs" / "keys.md").read_text("utf-8")


def test_the_table_is_what_the_roles_are() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("|")]
    (heads,) = [row for row in rows if row[0] == "scope"]
    table = {row[0].strip("`"): row[2:] for row in rows if row[0].strip("`") in tuple(Scope)}
    said = {
        role: frozenset(Scope(scope) for scope, marks in table.items() if marks[place] == "x")
        for place, role in enumerate(heads[2:])
    }
    assert said == ROLES


def test_the_commands_do_what_they_say(tmp_path: Path) -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    secret, secrets = "", list[str]()
    with serving(tmp_path) as url:
        for line in block.splitlines():
            words = shlex.split(line.replace("$KEY", secret).replace("http://127.0.0.1:8000", url))
            if words[0] == "curl":
                done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ, timeout=60)
                assert json.loads(done.stdout).keys() & {"orders", "positions"}, done.stdout
                continue
            said = run(*words[1:], "--data-dir", str(tmp_path))
            assert said.status == 0, said.err
            if found := re.search(r"shown this once: (exk_\S+)", said.out):
                secret = found[1]
                secrets.append(secret)
        listed = run("keys", "list", "--data-dir", str(tmp_path), "--json")
        states = [(key["name"], key["state"]) for key in listed.json["keys"]]
        assert states == [
            ("dashboard", "revoked"),
            ("grid-bot", "active"),
            ("watchman", "active"),
            ("grid-bot", "active"),
        ]
        assert run("keys", "revoke", "nobody", "--data-dir", str(tmp_path)).status == 2
        assert run("keys", "create", "x", "--role", "viewer", "--expires-in", "soon", "--url", url).status == 2
        refused = run("keys", "create", "x", "--role", "viewer", "--url", url.replace("127.0.0.1", "localhost"))
        assert (refused.status, "the scope keys" in refused.err) == (1, True)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(secrets) == 4
    assert not [each for each in secrets if each.encode() in written]
