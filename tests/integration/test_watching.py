"""What watches the executor from outside: each query of the Grafana dashboard and of Prometheus' rules asks for what
/metrics serves, with labels that it has; and the page names every measurement."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from app.api.measuring import Measuring
from app.domain.refusals import Refusal
from app.exchanges.port import OutcomeKind
from app.observability.exposition import PROTOBUF, wants_protobuf
from app.observability.metrics import Metrics
from app.services.trading.execution_strategies import TWAPExecution
from tests.integration.test_cli import free_port
from tests.support.systems import in_virtual_time
from tests.support.trading_world import D, market, trading_world

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "trading-executor.json").read_text())
RULES = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text())
SCRAPE = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
PREFIX = "trading_executor_"


async def text_of(tmp_path: Path) -> str:
    text, _ = await served(tmp_path)
    return text.decode()


async def served(tmp_path: Path) -> tuple[bytes, bytes]:
    """What /metrics says of a system to which everything has happened that can: as text, and with native histograms."""
    said = {"lease": {"fires_at": 0, "ends_at": 0}}
    url = tmp_path / "desk.url"
    url.write_text("json://127.0.0.1:1/\n")
    url.chmod(0o600)
    told = {
        "channels": {"desk": {"url_file": str(url)}},
        "notices": {"all": {"channels": ["desk"], "quiet": "00:00-23:59"}},
    }
    async with trading_world(tmp_path, alerts=said, **told) as world:
        measuring = Measuring(world.system)
        await world.buy()
        await TWAPExecution(world.executor, {"duration": 2, "num_slices": 1}).execute(market(size="0.02"))
        resting = await world.rest()
        await world.executor.modify_order(resting.order_id, new_price=D("48999"))
        await world.executor.cancel_order(resting.order_id)
        await world.executor.place_order(market(size="1000"))
        await world.executor.record_refusal((Refusal("input", "size", "x", "is no number"),), principal="api:me")
        world.exchange.answer_next("place", OutcomeKind.REJECTED, code="51008", message="insufficient balance")
        await world.executor.place_order(market())
        turn = world.system.ledger.turn("system")
        turn.anomaly("made_up", {})
        await turn.commit()
        await world.clock.sleep(3)
        return measuring.text()[0], measuring.text(PROTOBUF)[0]


def samples(text: str) -> dict[str, set[str]]:
    """Their names, with their labels."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith(PREFIX):
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


def queries() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def test_every_query_asks_for_what_is_served(tmp_path: Path) -> None:
    known = samples(in_virtual_time(text_of(tmp_path)))
    wrong: list[str] = []
    used: set[str] = set()
    for where, query in queries():
        names = re.findall(rf"{PREFIX}\w+", query)
        assert names, where
        labels = {label for name in names for label in known.get(name, ())} | {"job"}
        asked = {each.strip() for by in re.findall(r"by \(([\w, ]+)\)", query) for each in by.split(",")}
        asked |= set(re.findall(r"[{,]\s*(\w+)\s*=", query))
        wrong += [f"{where}: {name} is not served" for name in names if name not in known]
        wrong += [f"{where}: no label {label}" for label in sorted(asked - labels)]
        assert query.count("(") == query.count(")"), where
        used |= {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in names}
    assert wrong == []
    families = {re.sub(r"_(bucket|sum|count|total|created)$", "", name) for name in known}
    assert families - used == set(), "nobody looks at these"
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+)`", page.partition("## Metrics")[2].partition("\n## ")[0]))
    assert {name.removeprefix(PREFIX) for name in families} - named == set()


async def counted(tmp_path: Path) -> tuple[dict[tuple[str, str], float], set[str]]:
    async with trading_world(tmp_path) as world:
        measuring = Measuring(world.system)
        resting = await world.rest()
        for price in ("48999", "48998", "48997"):
            await world.executor.modify_order(resting.order_id, new_price=D(price))
            await world.clock.sleep(1)
        await world.executor.cancel_order(resting.order_id)
        await world.clock.sleep(1)
        running = measuring.text()[0].decode()
        world.system.gate.enter("starting")
        stopped = measuring.text()[0].decode()
        world.system.gate.enter("running")
    families = [each for each in text_string_to_metric_families(running) if each.name == f"{PREFIX}orders"]
    entered = {
        sample.labels["status"]: sample.value for each in families for sample in each.samples if sample.value < 99
    }
    figures = {f"{PREFIX}{name}" for name in ("equity", "risk_limit", "risk_limit_used")}
    assert figures <= samples(running).keys()
    return entered, figures & samples(stopped).keys()


def test_an_order_that_changes_enters_no_status_anew_and_no_figure_outlives_what_it_was_of(tmp_path: Path) -> None:
    entered, stale = in_virtual_time(counted(tmp_path))
    assert {status: number for status, number in entered.items() if status != "pending"} == {"live": 1, "canceled": 1}
    assert stale == set()


def test_the_dashboard_is_one() -> None:
    panels = DASHBOARD["panels"]
    assert len({each["id"] for each in panels}) == len(panels)
    for each in panels:
        assert each["title"]
        assert each["type"] in ("stat", "timeseries")
        assert each["datasource"]["uid"] == "${datasource}"
        assert len({target["refId"] for target in each["targets"]}) == len(each["targets"])
        place = each["gridPos"]
        assert 0 <= place["x"] <= place["x"] + place["w"] <= 24
    places = [(p["x"], p["y"], p["w"], p["h"]) for p in (each["gridPos"] for each in panels)]
    for number, (x, y, w, h) in enumerate(places):
        for x2, y2, w2, h2 in places[number + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y, "panels lie over one another"
    (variable,) = DASHBOARD["templating"]["list"]
    assert (variable["name"], variable["type"]) == ("datasource", "datasource")


def test_the_rules_say_what_is_wrong_and_how_bad_it_is() -> None:
    rules = [rule for group in RULES["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"]
        assert re.fullmatch(r"[0-9]+[sm]", rule.get("for", "0s"))
    assert SCRAPE["rule_files"] == ["rules.yml"]
    assert SCRAPE["scrape_configs"][0]["metrics_path"] == "/metrics"


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="Debian's package prometheus is not installed")
def test_a_prometheus_scrapes_it_takes_the_rules_and_answers_every_query(tmp_path: Path) -> None:
    (text, protobuf), port = in_virtual_time(served(tmp_path)), free_port()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            native = self.path == "/native" and wants_protobuf(self.headers["accept"])
            self.send_response(200)
            self.send_header("content-type", PROTOBUF if native else Metrics.content_type)
            self.end_headers()
            self.wfile.write(protobuf if native else text)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = SCRAPE | {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}}
    config["rule_files"] = [str(ROOT / "deploy" / "prometheus" / "rules.yml")]
    target = [{"targets": [f"127.0.0.1:{server.server_port}"]}]
    native = {"job_name": "native", "metrics_path": "/native", "static_configs": target}
    config["scrape_configs"] = [{"job_name": "trading-executor", "static_configs": target}, native]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    words = [
        "--enable-feature=native-histograms",
        f"--config.file={tmp_path}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path}/tsdb",
    ]
    with subprocess.Popen(
        ["prometheus", *words, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    ) as process:
        try:
            until_scraped = time.monotonic() + 60
            while len(ask(port, f"{PREFIX}ready")) < 2 and time.monotonic() < until_scraped:
                time.sleep(0.2)
            for stage in ("signal_to_wire", "ack", "change", "fill", "commit", "loop_lag"):
                seen = ask(port, f'sum(histogram_count({PREFIX}{stage}_seconds{{job="native"}}))')
                told = ask(port, f'sum({PREFIX}{stage}_seconds_count{{job="trading-executor"}})')
                assert seen[0]["value"][1] == told[0]["value"][1] != "0", stage
                middle = ask(port, f'histogram_quantile(0.5, sum({PREFIX}{stage}_seconds{{job="native"}}))')
                assert 0 <= float(middle[0]["value"][1]) < 60, stage
            found = {query: ask(port, query.replace("$__rate_interval", "1m")) for _, query in queries()}
        finally:
            process.terminate()
            server.shutdown()
    assert all(found[each["targets"][0]["expr"]] for each in DASHBOARD["panels"] if each["type"] == "stat")


def ask(port: int, query: str) -> list[Any]:
    """Raises for a query that Prometheus does not take."""
    path = f"http://127.0.0.1:{port}/api/v1/query?{urlencode({'query': query})}"
    try:
        with urlopen(path, timeout=60) as answer:
            return json.loads(answer.read())["data"]["result"]
    except HTTPError as error:
        if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
            return []  # it listens before its store is open
        raise AssertionError(f"{query}: {error.read()!r}") from None
    except URLError:
        return []  # it is not up yet
