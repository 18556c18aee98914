"""Traces: the lives of orders and executions as a collector receives them that reads OpenTelemetry's own messages; and
a collector that is not there, which costs no trading and is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from app.cli.examining_parts import traces as examined
from app.clock import to_ns, utc
from app.domain.events import EventKind
from app.domain.refusals import InvalidValue
from app.exchanges.port import OutcomeKind
from app.services.tracing import declared as declaring
from app.services.tracing import tracer
from app.services.tracing.declared import declared
from app.services.tracing.otlp import NotTaken
from app.services.trading.execution_strategies import TWAPExecution
from app.store import queries
from app.store.errors import StoreError
from app.strategies.signals import Signal, SignalType
from tests.integration.test_cli import free_port
from tests.support.api_world import ApiWorld, api_world
from tests.support.systems import in_virtual_time
from tests.support.trading_world import D, market, trading_world

Attributes = dict[str, Any]


class Received:
    """What a collector makes of the requests that it takes, each span by its name as a whole."""

    def __init__(self) -> None:
        self.resource: Attributes = {}
        self.spans: list[Any] = []

    def take(self, body: bytes) -> None:
        for of in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource = attributes(of.resource)
            self.spans += [span for scope in of.scope_spans for span in scope.spans]

    def called(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]

    def under(self, span: Any) -> list[str]:
        """The names of its parts, in the order of time."""
        parts = [each for each in self.spans if each.parent_span_id == span.span_id]
        assert {each.trace_id for each in parts} <= {span.trace_id}
        return [each.name for each in sorted(parts, key=lambda each: each.start_time_unix_nano)]


def attributes(of: Any) -> Attributes:
    found = {each.key.removeprefix("trading."): each.value for each in of.attributes}
    return {name: getattr(value, str(value.WhichOneof("value"))) for name, value in found.items()}


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Received:
    """A collector inside the process, for lives in virtual time."""
    collector = Received()

    async def sent(_: Any, body: bytes) -> int:
        collector.take(body)
        return 0

    monkeypatch.setattr(tracer, "sent", sent)
    return collector


TRACES = {"url": "http://127.0.0.1:4318/v1/traces"}


async def over(world: Any) -> None:
    await world.clock.sleep(tracer.SETTLE_SECONDS + 2 * tracer.PAUSE_SECONDS)


def test_an_order_from_its_signal_to_its_fill(tmp_path: Path, received: Received) -> None:
    async def life() -> None:
        async with trading_world(tmp_path, traces=TRACES) as world:
            signal = Signal(SignalType.BUY, "BTC-USDT", size=D("0.1"), confidence=1.0)
            order = await world.executor.execute_signal(signal, strategy_id="mine")
            assert order is not None
            await world.executor.wait_for(order.order_id, 5)
            await over(world)

    in_virtual_time(life())
    (order,) = received.called("order buy BTC-USDT")
    (signal,) = (span for span in received.spans if not span.parent_span_id)
    assert (signal.name, received.under(signal)) == ("signal buy BTC-USDT", ["order buy BTC-USDT"])
    told = attributes(order)
    assert received.under(order) == ["risk and record", "to the wire", "answer", "fill"]
    assert len(received.spans) == 6
    assert {name: told[name] for name in ("size", "status", "filled_size", "fills", "signal", "strategy_id")} == {
        "size": "0.1",
        "status": "filled",
        "filled_size": "0.1",
        "fills": 1,
        "signal": "buy",
        "strategy_id": "mine",
    }
    (fill,) = received.called("fill")
    assert attributes(fill)["price"] == "50000.1"
    assert order.status.code == order.status.STATUS_CODE_UNSET
    assert signal.start_time_unix_nano <= order.start_time_unix_nano
    assert signal.end_time_unix_nano == order.end_time_unix_nano
    for part in received.spans:
        if part is signal:
            continue
        assert order.start_time_unix_nano <= part.start_time_unix_nano <= part.end_time_unix_nano
        assert part.end_time_unix_nano <= order.end_time_unix_nano
    assert received.resource["service.name"] == "trading-executor"
    assert received.resource["service.instance.id"] == "main"


def test_an_execution_is_one_trace_and_its_orders_are_parts_of_it(tmp_path: Path, received: Received) -> None:
    async def life() -> None:
        async with trading_world(tmp_path, traces=TRACES) as world:
            await TWAPExecution(world.executor, {"duration": 30, "num_slices": 3}).execute(market(size="0.03"))
            await over(world)

    in_virtual_time(life())
    (whole,) = (span for span in received.spans if not span.parent_span_id)
    assert (whole.name, {span.trace_id for span in received.spans}) == ("execution twap buy BTC-USDT", {whole.trace_id})
    assert received.under(whole) == ["order buy BTC-USDT"] * 3
    told = attributes(whole)
    assert (told["status"], told["size"], told["filled_size"]) == ("completed", "0.03", "0.03")
    assert whole.end_time_unix_nano - whole.start_time_unix_nano >= 20 * 10**9


def test_a_signal_that_an_execution_works_is_one_trace_to_the_last_fill(tmp_path: Path, received: Received) -> None:
    async def life() -> Any:
        async with trading_world(tmp_path, traces=TRACES) as world:
            decided_at = utc(world.clock.now_ns()) - timedelta(seconds=5)
            signal = Signal(SignalType.SELL, "BTC-USDT", size=D("0.03"), confidence=0.75, decision_at=decided_at)
            how: Any = {"strategy": "twap", "config": {"duration": 30, "num_slices": 3}}
            first = await world.executor.execute_signal(signal, strategy_id="mine", **how)
            assert first is not None
            await world.system.parents.wait(first.parent_id or "")
            await over(world)
            (event,) = world.events(EventKind.SIGNAL_RECEIVED)
            return first.parent_id, event["seq"], to_ns(decided_at)

    parent_id, seq, decided_ns = in_virtual_time(life())
    (signal,) = (span for span in received.spans if not span.parent_span_id)
    (execution,) = received.called("execution twap sell BTC-USDT")
    orders = received.called("order sell BTC-USDT")
    assert {span.trace_id for span in received.spans} == {signal.trace_id}
    assert (signal.name, received.under(signal)) == ("signal sell BTC-USDT", [execution.name])
    assert received.under(execution) == ["order sell BTC-USDT"] * 3
    assert [received.under(order) for order in orders] == [["risk and record", "to the wire", "answer", "fill"]] * 3
    assert attributes(signal) == {
        "signal": "sell",
        "signal_seq": seq,
        "instrument_id": "BTC-USDT",
        "size": "0.03",
        "confidence": "0.75",
        "strategy_id": "mine",
        "execution_strategy": "twap",
    }
    told = attributes(execution)
    assert (told["execution_id"], told["signal_seq"], told["filled_size"]) == (parent_id, seq, "0.03")
    assert (signal.start_time_unix_nano, signal.end_time_unix_nano) == (decided_ns, execution.end_time_unix_nano)


def test_what_went_wrong_is_told_as_an_error(tmp_path: Path, received: Received) -> None:
    async def life() -> None:
        async with trading_world(tmp_path, traces=TRACES) as world:
            await world.executor.place_order(market(size="1000"))
            world.exchange.answer_next("place", OutcomeKind.REJECTED, code="51008", message="insufficient balance")
            await world.executor.place_order(market())
            resting = await world.rest()
            await world.executor.modify_order(resting.order_id, new_price=D("48999"))
            await world.executor.cancel_order(resting.order_id)
            await over(world)

    in_virtual_time(life())
    denied, rejected, canceled = received.called("order buy BTC-USDT")
    assert denied.status.code == rejected.status.code == denied.status.STATUS_CODE_ERROR
    assert (attributes(denied)["status"], received.under(denied)) == ("denied", [])
    assert "max_order_size" in denied.status.message or "balance" in denied.status.message
    assert rejected.status.message == "51008 insufficient balance"
    assert received.under(rejected) == ["risk and record", "to the wire", "answer"]
    assert received.under(canceled) == ["risk and record", "to the wire", "answer", "amend", "cancel"]
    assert canceled.status.code == canceled.status.STATUS_CODE_UNSET


def test_what_the_exchange_left_unanswered_is_resolved(tmp_path: Path, received: Received) -> None:
    async def life() -> None:
        async with trading_world(tmp_path, traces=TRACES) as world:
            world.exchange.answer_next("place", OutcomeKind.UNKNOWN, taken=True, message="no answer")
            order = await world.executor.place_order(market())
            await world.executor.wait_for(order.order_id, 30)
            await over(world)

    in_virtual_time(life())
    (order,) = received.called("order buy BTC-USDT")
    assert attributes(order)["status"] == "filled"
    parts = received.under(order)
    assert parts[:2] == ["risk and record", "to the wire"]
    assert sorted(parts[2:]) == ["answer", "fill", "resolve"]
    (answer,) = received.called("answer")
    assert (attributes(answer)["outcome"], answer.status.code) == ("unknown", answer.status.STATUS_CODE_ERROR)


def test_what_comes_long_after_the_end_is_told_by_itself_and_nothing_twice(tmp_path: Path, received: Received) -> None:
    async def life() -> None:
        async with trading_world(tmp_path, traces=TRACES) as world:
            await world.buy()
            await over(world)
            first = len(received.spans)
            order_id = attributes(received.called("order buy BTC-USDT")[0])["order_id"]
            turn = world.system.ledger.turn("system")
            turn.put(turn.order(order_id))
            turn.event(EventKind.CANCEL_ANSWERED, {"kind": "rejected", "code": "51400"}, order_id=order_id)
            await turn.commit()
            await over(world)
            assert [span.name for span in received.spans[first:]] == ["cancel"]

    in_virtual_time(life())
    assert len({span.span_id for span in received.spans}) == len(received.spans)


def test_a_share_of_the_traces_has_each_of_them_whole(tmp_path: Path, received: Received) -> None:
    async def life() -> int:
        async with trading_world(tmp_path, traces={**TRACES, "share": 0.5}) as world:
            for _ in range(40):
                await world.buy("0.001")
            await over(world)
            return world.system.traces.status()["sent"]  # type: ignore[index]

    told = in_virtual_time(life())
    assert 8 <= told <= 32
    assert len(received.called("order buy BTC-USDT")) == len(received.called("fill")) == told


def test_a_collector_that_is_away_for_long_costs_traces_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracer, "WAITING_MAX", 20)
    collector, away = Received(), True

    async def sent(_: Any, body: bytes) -> int:
        if away:
            raise NotTaken("Connection refused", again=True)
        collector.take(body)
        return 0

    monkeypatch.setattr(tracer, "sent", sent)

    async def life() -> tuple[Any, Any]:
        nonlocal away
        async with trading_world(tmp_path, traces=TRACES) as world:
            first = await world.buy("0.001")
            await world.clock.sleep(10)
            for _ in range(30):
                assert (await world.buy("0.001")).status == "filled"
            missing = world.system.status()["traces"]
            (failed,) = world.events(EventKind.TRACES_FAILED)
            assert failed["payload"] == '{"collector":"127.0.0.1:4318","reason":"Connection refused"}'
            away = False
            await world.clock.sleep(tracer.RETRY_MAX_SECONDS + 10)
            assert len(world.events(EventKind.TRACES_RESUMED)) == 1
            assert attributes(collector.called("order buy BTC-USDT")[0])["order_id"] == first.order_id
            return missing, world.system.status()["traces"]

    missing, later = in_virtual_time(life())
    assert (missing["waiting"], missing["sent"], missing["dropped"]) == (20, 0, 10)
    assert (missing["failures"] >= 3, missing["last_error"]) == (True, "Connection refused")
    assert later == {"waiting": 0, "sent": 21, "dropped": 10, "failures": 0, "last_error": None}


def test_what_cannot_be_read_now_is_told_later_whole_and_once(
    tmp_path: Path, received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second order of a batch, so that the first was read already."""
    asked: list[object] = []

    async def life() -> Any:
        async with trading_world(tmp_path, traces=TRACES) as world:
            for _ in range(3):
                await world.buy("0.001")
            events = queries.events

            def unreadable(*given: Any, **more: Any) -> Any:
                asked.append(more)
                if len(asked) == 2:
                    raise StoreError("planted")
                return events(*given, **more)

            monkeypatch.setattr(tracer, "queries", SimpleNamespace(events=unreadable))
            await over(world)
            assert len(asked) == 2
            assert world.system.status()["traces"]["waiting"] == 3
            await world.clock.sleep(tracer.BROKEN_SECONDS + 2)
            return world.system.status()["traces"]

    said = in_virtual_time(life())
    assert (said["waiting"], said["sent"], said["dropped"]) == (0, 3, 0)
    assert [received.under(order) for order in received.called("order buy BTC-USDT")] == [
        ["risk and record", "to the wire", "answer", "fill"]
    ] * 3
    assert len({span.span_id for span in received.spans}) == len(received.spans) == 15


def test_what_waits_while_it_cannot_be_read_is_dropped_by_the_bound_alone(
    tmp_path: Path, received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracer, "WAITING_MAX", 5)

    def unreadable(*_: Any, **__: Any) -> Any:
        raise StoreError("planted")

    async def life() -> tuple[Any, Any, list[str]]:
        async with trading_world(tmp_path, traces=TRACES) as world:
            with monkeypatch.context() as away:
                away.setattr(tracer, "queries", SimpleNamespace(events=unreadable))
                ids = [(await world.buy("0.001")).order_id for _ in range(4)]
                await world.clock.sleep(20)
                ids += [(await world.buy("0.001")).order_id for _ in range(4)]
                await world.clock.sleep(20)
                during = world.system.status()["traces"]
            await world.clock.sleep(20)
            return during, world.system.status()["traces"], ids

    during, later, ids = in_virtual_time(life())
    assert (during["waiting"], during["sent"], during["dropped"]) == (5, 0, 3)
    assert (later["waiting"], later["sent"], later["dropped"]) == (0, 5, 3)
    assert [attributes(each)["order_id"] for each in received.called("order buy BTC-USDT")] == ids[3:]


def test_a_collector_that_took_it_took_it_though_that_it_is_back_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does that it fails: both are said once the database takes them, each once."""
    collector, away, closed, said = Received(), True, True, list[EventKind]()

    async def sent(_: Any, body: bytes) -> int:
        if away:
            raise NotTaken("Connection refused", again=True)
        collector.take(body)
        return 0

    class Turn:
        def event(self, kind: EventKind, payload: Any) -> int:
            self.kind = kind
            return 0

        async def commit(self) -> None:
            if closed:
                raise StoreError("planted")
            said.append(self.kind)

    monkeypatch.setattr(tracer, "sent", sent)

    async def life() -> None:
        nonlocal away, closed
        async with trading_world(tmp_path) as world:
            system = world.system
            wanted = declared(TRACES, lambda _: None)
            mine = tracer.Tracer(wanted, system.database, "main", "demo", Turn, world.clock)
            system.ledger.subscribe(mine.on_commit)
            running = asyncio.create_task(mine.run())
            await world.buy("0.001")
            await world.clock.sleep(30)
            assert (mine.failures >= 3, said) == (True, [])
            closed = False
            await world.clock.sleep(90)
            assert said == [EventKind.TRACES_FAILED]
            away, closed = False, True
            await world.clock.sleep(tracer.RETRY_MAX_SECONDS + 10)
            assert (mine.sent, mine.dropped, mine.waiting, said[1:]) == (1, 0, 0, [])
            closed = False
            await world.clock.sleep(10)
            assert said == [EventKind.TRACES_FAILED, EventKind.TRACES_RESUMED]
            running.cancel()

    in_virtual_time(life())
    assert len(collector.called("order buy BTC-USDT")) == 1


class Collector(Received):
    """One over HTTP. status: what it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.status, self.refuses = 200, 0
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"] or 0))
                outer.asked.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
                if outer.status == 200:
                    outer.take(body)
                answer = ExportTraceServiceResponse()
                answer.partial_success.rejected_spans = outer.refuses
                content = answer.SerializeToString()
                self.send_response(outer.status)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setattr(tracer, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(tracer, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(tracer, "RETRY_FIRST_SECONDS", 0.01)
    server = Collector()
    yield server
    server.close()


async def until(there: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not there():  # noqa: ASYNC110 - what comes over sockets of threads has no event
            await asyncio.sleep(0.01)


def told_of(world: ApiWorld) -> dict[str, Any]:
    return world.system.status()["traces"]


async def test_over_http_with_its_headers_through_an_outage(tmp_path: Path, collector: Collector) -> None:
    secret = tmp_path / "collector.headers"
    secret.write_text("Authorization: Bearer a-token-of-a-collector\nX-Scope: desk\n")
    secret.chmod(0o600)
    collector.status = 503
    traces = {"url": collector.url, "headers_file": str(secret)}
    async with api_world(tmp_path / "data", traces=traces) as world:
        await world.fill()
        await until(lambda: world.events(EventKind.TRACES_FAILED))
        assert told_of(world)["last_error"] == "it answered 503"
        collector.status = 200
        await until(lambda: told_of(world)["sent"] == 1)
        collector.status = 400  # what it will not have is not sent again
        await world.fill()
        await until(lambda: told_of(world)["dropped"] == 1)
        collector.status = 200
        await world.fill(instrument_id="ETH-USDT", size="0.01")
        await until(lambda: told_of(world)["sent"] == 2)
    assert [span.name for span in collector.spans if not span.parent_span_id] == [
        "order buy BTC-USDT",
        "order buy ETH-USDT",
    ]
    (asked,) = {
        (each["path"], each["content-type"], each["authorization"], each["x-scope"]) for each in collector.asked
    }
    assert asked == ("/v1/traces", "application/x-protobuf", "Bearer a-token-of-a-collector", "desk")


async def test_a_signal_over_http_is_one_trace_and_its_execution_names_it(tmp_path: Path, collector: Collector) -> None:
    wish = {"type": "buy", "instrument_id": "BTC-USDT", "size": "0.002", "strategy": "market"}
    async with api_world(tmp_path / "data", traces={"url": collector.url}) as world:
        taken = await world.client.post("/api/v1/signals", json=wish, headers={"Idempotency-Key": "k"})
        assert taken.status_code == 201, taken.text
        parent_id = taken.json()["execution"]["parent_id"]
        await until(lambda: told_of(world)["sent"] == 2)
        shown = (await world.client.get(f"/api/v1/trading/executions/{parent_id}")).json()
        (event,) = world.events(EventKind.SIGNAL_RECEIVED)
        assert shown["signal_seq"] == event["seq"]
    (signal,) = (span for span in collector.spans if not span.parent_span_id)
    assert {span.trace_id for span in collector.spans} == {signal.trace_id}
    names, span = [signal.name], signal
    while parts := [each for each in collector.spans if each.parent_span_id == span.span_id]:
        span = max(parts, key=lambda each: each.start_time_unix_nano)
        names.append(span.name)
    assert names[:3] == ["signal buy BTC-USDT", "execution market buy BTC-USDT", "order buy BTC-USDT"]
    assert "fill" in collector.under(collector.called("order buy BTC-USDT")[0])


async def test_doctor_asks_the_collector(collector: Collector) -> None:
    found = {"url": collector.url, "timeout_seconds": 1}
    (listens,) = [each async for each in examined(found)]
    collector.status = 404
    (elsewhere,) = [each async for each in examined(found)]
    (nobody,) = [each async for each in examined({"url": f"http://127.0.0.1:{free_port()}/v1/traces"})]
    assert [each async for each in examined({})] == []
    assert [each.verdict for each in (listens, elsewhere, nobody)] == ["fine", "look", "look"]
    assert "it answered 404" in elsewhere.seen
    assert all("nothing of trading waits" in each.advice for each in (elsewhere, nobody))
    assert collector.spans == []


@pytest.mark.parametrize("missing", [None, ModuleNotFoundError("No module named 'opentelemetry'")])
def test_without_the_extra_it_is_named(missing: Exception | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def find_spec(_: str) -> None:
        if missing is not None:
            raise missing

    monkeypatch.setattr(declaring, "find_spec", find_spec)
    assert declared({}, lambda _: None) is None
    with pytest.raises(InvalidValue, match=r"pip install 'trading-executor\[otel\]'"):
        declared(TRACES, lambda _: None)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"share": 1}, "traces.url"),
        ({"url": "collector:4318"}, "traces.url"),
        ({"url": "ftp://collector/v1/traces"}, "traces.url"),
        ({"url": "http://me:hunter2-hunter2@collector/v1/traces"}, "traces.url"),
        ({"url": "http://collector/v1/traces?key=hunter2-hunter2"}, "traces.url"),
        ({"url": "http://collector:port/"}, "traces.url"),
        ({**TRACES, "share": 0}, "traces.share"),
        ({**TRACES, "share": 1.5}, "traces.share"),
        ({**TRACES, "share": "half"}, "traces.share"),
        ({**TRACES, "timeout_seconds": 0}, "traces.timeout_seconds"),
        ({**TRACES, "timeout_seconds": True}, "traces.timeout_seconds"),
        ({**TRACES, "sample": 1}, "traces.sample"),
        ({**TRACES, "headers_file": "not-there"}, "traces.headers_file"),
        ({**TRACES, "headers_file": "open"}, "traces.headers_file"),
        ({**TRACES, "headers_file": "bad"}, "traces.headers_file"),
        ({**TRACES, "headers_file": "own"}, "traces.headers_file"),
    ],
)
def test_a_bad_setting_is_named(
    said: dict[str, Any], field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text, mode in (
        ("open", "X-Key: hunter2-hunter2", 0o644),
        ("bad", "hunter2-hunter2", 0o600),
        ("own", "Content-Type: hunter2-hunter2", 0o600),
    ):
        Path(name).write_text(text)
        Path(name).chmod(mode)
    with pytest.raises(InvalidValue) as refused:
        declared(said, lambda _: None)
    assert refused.value.refusal.field == field
    assert "hunter2" not in str(refused.value)
