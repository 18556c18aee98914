"""What is installed from the wheel alone serves: the pages, the migrations and the command are in it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

import app
from tests.support.demo_run import environment

ROOT = Path(app.__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but what the wheel puts into site-packages."""
    made = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(made)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = made.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(made / "site")
    return made / "site"


def test_it_holds_every_file_of_the_packages(site: Path) -> None:
    for package in ("app", "trading_executor"):
        here = ROOT / "backend" / package
        ours = {
            path.relative_to(here.parent)
            for path in here.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {path.relative_to(site) for path in (site / package).rglob("*") if path.is_file()} == ours


def test_it_serves_by_itself(site: Path, tmp_path: Path) -> None:
    settings = {
        "PYTHONPATH": str(site),
        "TRADING_EXECUTOR_DATA_DIR": str(tmp_path / "data"),
        "TRADING_EXECUTOR_EXCHANGE": "memory",
    }
    command = [sys.executable, "-m", "trading_executor"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "serve", "--port", "0"],
            cwd=tmp_path,
            env=environment() | settings,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        words = process.stdout.readline().replace(";", " ").split()
        assert words[:1] == ["serving"], (tmp_path / "log").read_text()
        with urllib.request.urlopen(words[1], timeout=30) as page:
            assert b"<html" in page.read()
        with urllib.request.urlopen(f"{words[1]}/openapi.json", timeout=30) as page:
            assert "/api/v1/trading/orders" in json.load(page)["paths"]
        where = "import app; print(app.__file__)"
        told = subprocess.run(
            [sys.executable, "-c", where], cwd=tmp_path, env=environment() | settings, capture_output=True, check=True
        )
        assert told.stdout.decode().strip().startswith(str(site)), "another copy was tested"
    finally:
        process.terminate()
        assert process.wait(30) == 0
