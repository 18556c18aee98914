"""What ships beside the program is what the program does: the names in the files of deploy/ are its own."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from app.observability.logging import configure_logging

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
LOG_FILE = "/var/lib/trading-executor/log/trading-executor.log"


def read(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def line() -> dict[str, Any]:
    """One of the log, as JSON."""
    stream, before = io.StringIO(), structlog.get_config()
    pump = configure_logging(log_format="json", level="INFO", now_ns=lambda: 1_767_225_600_000_000_001, stream=stream)
    try:
        structlog.get_logger("orders").info("order.filled", order_id="ord-1")
    finally:
        pump.close()
        structlog.configure(**before)
    return json.loads(stream.getvalue())


def test_vector_reads_the_unit_s_log_by_its_names(line: dict[str, Any]) -> None:
    told = read("logs/vector.yaml")
    sources, (transform,), (sink,) = told["sources"], told["transforms"].values(), told["sinks"].values()
    unit = DEPLOY / sources["journal"]["include_units"][0]
    assert unit.exists()
    assert sources["file"]["include"] == [LOG_FILE]
    assert set(transform["inputs"]) <= sources.keys()
    assert sink["inputs"] == list(told["transforms"])
    assert "parse_json(.message)" in transform["source"]
    labels = {name.strip("{} ") for name in sink["labels"].values() if name.startswith("{{")}
    assert labels <= line.keys()
    assert sink["labels"]["job"] == "trading-executor"
    assert (sink["buffer"]["type"], sink["buffer"]["when_full"]) == ("disk", "drop_newest")


def test_promtail_reads_the_log_file_by_its_names(line: dict[str, Any]) -> None:
    (scrape,) = read("logs/promtail.yml")["scrape_configs"]
    stages = {name: stage for each in scrape["pipeline_stages"] for name, stage in each.items()}
    named = stages["json"]["expressions"]
    assert set(named.values()) <= line.keys()
    assert stages["timestamp"]["source"] in named
    assert stages["labels"].keys() <= named.keys()
    assert scrape["static_configs"][0]["labels"]["__path__"] == LOG_FILE
    assert line["timestamp"] == "2026-01-01T00:00:00.000000Z", "RFC3339, as Promtail and Vector read it"
