"""The package `trading_executor` gives the public names of `app`, and notices another `app` in its way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import trading_executor


@pytest.mark.parametrize("name", trading_executor.__all__)
def test_every_public_name_is_the_one_of_app(name: str):
    value = getattr(trading_executor, name)
    assert value.__name__ == name
    assert value.__module__.startswith("app.")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = trading_executor.Nothing


def test_importing_it_loads_nothing():
    code = "import sys, trading_executor; print(sorted(m for m in sys.modules if m == 'app' or m.startswith('app.')))"
    assert _run(code, Path.cwd()).stdout == "[]\n"


def test_another_app_in_the_way_is_named(tmp_path: Path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("")
    result = _run("import trading_executor; trading_executor.Signal", tmp_path)
    assert result.returncode == 1
    assert (
        result.stderr.strip().splitlines()[-1].startswith(f"ImportError: the name 'app' leads to {tmp_path / 'app'},")
    )


def _run(code: str, directory: Path) -> subprocess.CompletedProcess[str]:
    backend = Path(trading_executor.__file__).resolve().parents[1]
    environment = os.environ | {"PYTHONPATH": f"{directory}{os.pathsep}{backend}"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
