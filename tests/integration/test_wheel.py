"""What is installed from the wheel alone serves: the pages, the migrations and the command are in it. It is built from
the source distribution, which holds everything that the repository does.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

import pytest

import app
from tests.support.demo_run import environment

ROOT = Path(app.__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel that is made of it."""
    made = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--directory", str(made), "--target"]
    subprocess.run([*build, "sdist"], cwd=ROOT, check=True, capture_output=True, timeout=120)
    with tarfile.open(next(made.glob("*.tar.gz"))) as packed:
        packed.extractall(made, filter="data")
    (unpacked,) = (each for each in made.iterdir() if each.is_dir())
    subprocess.run([*build, "wheel"], cwd=unpacked, check=True, capture_output=True, timeout=120)
    return made


@pytest.fixture(scope="module")
def installed(built: Path) -> Path:
    """A folder with nothing but what pip installs of the wheel, its command's script among it."""
    (wheel,) = built.glob("*.whl")
    options = ["--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check", "--ignore-installed"]
    install = [sys.executable, "-m", "pip", "install", "-q", *options, "--prefix", str(built / "at"), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    return built / "at"


@pytest.fixture(scope="module")
def site(installed: Path) -> Path:
    (packages,) = installed.glob("lib/python*/site-packages")
    return packages


def test_it_holds_every_file_of_the_packages(site: Path) -> None:
    for package in ("app", "trading_executor"):
        here = ROOT / "backend" / package
        ours = {
            path.relative_to(here.parent)
            for path in here.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {path.relative_to(site) for path in (site / package).rglob("*") if path.is_file()} == ours


def test_the_command_is_installed(installed: Path, site: Path, tmp_path: Path) -> None:
    command = [str(installed / "bin" / "trading-executor"), "--version"]
    environ = environment() | {"PYTHONPATH": str(site)}
    said = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    (metadata,) = site.glob("trading_executor-*.dist-info/METADATA")
    version = re.search(r"^Version: (\S+)$", metadata.read_text(), re.MULTILINE)
    assert version is not None
    assert (said.returncode, version[1] in said.stdout) == (0, True), said.stderr


def test_the_source_distribution_holds_the_repository(built: Path) -> None:
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as packed:
        there = {member.name.partition("/")[2] for member in packed if member.isfile()}
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no checkout that says what belongs to it")
    told = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    ours = {name for name in told.stdout.splitlines() if not name.startswith(".") and (ROOT / name).exists()}
    assert ours - there == set()
    assert {name.split("/")[0] for name in there} - {name.split("/")[0] for name in ours} <= {"PKG-INFO", ".gitignore"}


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
