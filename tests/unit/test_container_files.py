"""The image and the composition: nothing runs as root, writes its root or carries a secret, and each name is one of the
program's. hadolint and promtool look too where they are installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import Settings, environment_name
from app.settings.names import SECRETS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = DEPLOY / "Containerfile"
COMPOSE = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KNOWN = {environment_name(name) for name in Settings.model_fields} | {
    f"{environment_name(name)}_FILE" for name in SECRETS
}
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Containers\n")[2].partition("\n## ")[0]


def instructions() -> list[tuple[str, str]]:
    """Of the Containerfile, with continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", CONTAINERFILE.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_ends_as_a_user_without_rights() -> None:
    told = instructions()
    last = dict(told)
    assert re.fullmatch(r"([1-9]\d*):\1", last["USER"])
    assert [word for word, _ in told].index("USER") > max(n for n, (word, _) in enumerate(told) if word == "RUN")
    assert json.loads(last["ENTRYPOINT"]) == ["trading-executor"]
    assert json.loads(last["CMD"]) == ["serve"]
    assert json.loads(last["HEALTHCHECK"].partition(" CMD ")[2])[0] == "trading-executor"
    assert (last["STOPSIGNAL"], last["VOLUME"]) == ("SIGTERM", "/data")
    assert not {"ADD", "MAINTAINER"} & last.keys()


def test_the_image_is_of_pinned_things() -> None:
    told = instructions()
    (version,) = (rest.partition("=")[2] for word, rest in told if word == "ARG")
    bases = [rest.split()[0] for word, rest in told if word == "FROM"]
    assert bases == ["python:${PYTHON}"] * 2
    assert re.fullmatch(r"3\.1[1-9]-slim-[a-z]+", version)
    installs = [rest for word, rest in told if word == "RUN" and "pip install" in rest]
    assert all("--require-hashes" in rest or "--no-deps" in rest for rest in installs)
    ours = [name for word, rest in told if word == "COPY" and "--from" not in rest for name in rest.split()[:-1]]
    assert all((ROOT / name).exists() for name in ours)
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert {name.split("/")[0] for name in ours} == set(sent), "what is copied is what is sent to the builder"


def test_the_image_s_settings_are_the_program_s() -> None:
    names = {
        pair.partition("=")[0]
        for word, rest in instructions()
        if word == "ENV"
        for pair in re.findall(r"\S+=\S+", rest)
    }
    assert {name for name in names if name.startswith(("TRADING_EXECUTOR", "OKX", "DATABASE"))} <= KNOWN


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_nothing_that_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].split(":")[0]) > 0
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices", "env_file"} & service.keys()
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    if name != "executor":
        assert re.fullmatch(r"[a-z]+(/[a-z]+)?:v?\d[\w.-]*", service["image"]), "a version, not `latest`"
    for mount in service.get("volumes", ()):
        source, target, *options = mount.split(":")
        if source.startswith("."):
            assert options == ["ro"]
            assert (DEPLOY / "compose" / source).exists()
        else:
            assert source in COMPOSE["volumes"], target


def test_secrets_are_files_and_every_one_is_read() -> None:
    declared = COMPOSE["secrets"]
    assert {name: told["file"] for name, told in declared.items()} == {name: f"./secrets/{name}" for name in declared}
    assert {each for service in SERVICES.values() for each in service["secrets"]} == declared.keys()
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if "/run/secrets/" in value:
                assert value.removeprefix("/run/secrets/") in service["secrets"], name
            assert not re.search(r"PASSWORD$|KEY$|PASSPHRASE$", variable) or value.startswith("/run/secrets/"), variable
    assert (DEPLOY / "compose" / ".gitignore").read_text().splitlines()[-1] == "secrets/"


def test_the_executor_s_settings_are_the_program_s() -> None:
    told = SERVICES["executor"]["environment"]
    assert told.keys() <= KNOWN
    hosts = told["TRADING_EXECUTOR_ALLOWED_HOSTS"].split(",")
    (scrape,) = yaml.safe_load((DEPLOY / "compose" / "prometheus.yml").read_text())["scrape_configs"]
    (target,) = scrape["static_configs"][0]["targets"]
    assert target.split(":")[0] in hosts
    assert (scrape["tls_config"]["server_name"], scrape["scheme"]) == (hosts[0], "https")
    read = {scrape["tls_config"]["ca_file"], scrape["authorization"]["credentials_file"]}
    assert read == {f"/run/secrets/{name}" for name in SERVICES["prometheus"]["secrets"]}


def test_grafana_finds_its_dashboard_and_its_source() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "trading-executor.yml").read_text())["providers"]
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    mounted = {mount.split(":")[1] for mount in SERVICES["grafana"]["volumes"]}
    assert {f"{provider['options']['path']}/trading-executor.json", "/etc/grafana/provisioning"} <= mounted
    assert source["url"].split("//")[1].split(":")[0] in SERVICES
    assert source["type"] == "prometheus"


def test_the_page_makes_every_secret_for_the_user_that_reads_it() -> None:
    made = dict(re.findall(r"-o (\d+) \S+ secrets/(\w+)", PAGE))
    owners = {name: owner for owner, name in re.findall(r"-o (\d+) \S+ secrets/(\w+)", PAGE)}
    owners |= {name: owner for owner, name in re.findall(r"chown (\d+) secrets/(\w+)", PAGE)}
    assert made
    readers = {name: service["user"].split(":")[0] for service in SERVICES.values() for name in service["secrets"]}
    everybody = "tls_certificate"
    like_the_first = {"okx_secret_key", "okx_passphrase"}
    assert owners == {name: user for name, user in readers.items() if name not in {everybody, *like_the_first}}
    assert all(f"`{name}`" in PAGE or name in PAGE for name in (everybody, *like_the_first))


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not on this machine")
def test_hadolint_has_nothing_to_say() -> None:
    said = subprocess.run(["hadolint", str(CONTAINERFILE)], check=False, capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
@pytest.mark.parametrize("name", ["prometheus/prometheus.yml", "compose/prometheus.yml"])
def test_prometheus_takes_the_configuration(name: str, tmp_path: Path) -> None:
    for path in (DEPLOY / name, DEPLOY / "prometheus" / "rules.yml"):
        shutil.copy(path, tmp_path)
    ask = ["promtool", "check", "config", "--syntax-only", "prometheus.yml"]
    said = subprocess.run(ask, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
