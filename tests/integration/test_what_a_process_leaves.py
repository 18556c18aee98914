"""What a process leaves: no key in what captures its output, no core dump, and good advice for a damaged file."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import empty_database
from tests.support.demo_run import environment

SHOW = """
import sys
from pathlib import Path
from app.api.auth import ensure_key
from app.cli.serving import show_key
from app.clock import SystemClock
show_key(ensure_key(Path(sys.argv[1]), SystemClock()))
"""


def said_to(output: int, folder: Path) -> None:
    command = [sys.executable, "-c", SHOW, str(folder)]
    subprocess.run(command, stdout=output, check=True, timeout=60, env=environment())


def test_a_new_key_is_shown_to_a_terminal_and_kept_in_its_file(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    said_to(theirs, tmp_path)
    os.close(theirs)
    told = os.read(ours, 1000).decode()
    os.close(ours)
    assert (tmp_path / "api.key").read_text().strip() in told


def test_a_new_key_is_not_shown_to_what_captures_the_output(tmp_path: Path) -> None:
    with (tmp_path / "captured").open("wb") as captured:
        said_to(captured.fileno(), tmp_path)
    told = (tmp_path / "captured").read_text()
    assert told.strip() == f"API key, kept in {tmp_path / 'api.key'}"


def test_no_command_leaves_a_core_dump() -> None:
    script = "import atexit, resource as r; atexit.register(lambda: print(r.getrlimit(r.RLIMIT_CORE)))"
    command = [sys.executable, "-c", f"{script}; from app.cli import main; main(['--help'])"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment())
    assert ran.stdout.splitlines()[-1] == "(0, 0)"


@pytest.mark.parametrize("command", ["audit", "status --offline"])
def test_a_damaged_file_is_said_so_and_backup_is_named(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import main

    content = bytearray(empty_database())
    content[4096:] = os.urandom(len(content) - 4096)
    (tmp_path / "trading-executor.db").write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--data-dir", str(tmp_path)])
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "the file is damaged" in told
    assert "trading-executor backup" in told
