"""Spans on the wire: OpenTelemetry's protocol over HTTP, in protobuf, and what a collector answers."""

from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp

from app.services.tracing.declared import Traces
from app.services.tracing.spans import Span, Value
from app.version import installed_version

SCOPE = "trading-executor"
ATTRIBUTE = "trading."
"""Before the name of each attribute of ours; OpenTelemetry has no words for trading."""
ANSWER_BYTES_MAX = 64 * 1024
AGAIN = frozenset({408, 429, 502, 503, 504})
"""Answers after which the same may be sent again (OTLP)."""
REASON_MAX = 200


class NotTaken(Exception):
    """A collector did not take spans. again: the same may be taken later."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason[:REASON_MAX])
        self.again = again


def encoded(spans: Iterable[Span], account: str, environment: str) -> bytes:
    """A request with these spans; without any it asks only whether somebody listens."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    of = request.resource_spans.add()
    resource: dict[str, Value] = {
        "service.name": SCOPE,
        "service.version": installed_version(),
        "service.instance.id": account,
        "deployment.environment.name": environment,
    }
    _put(of.resource.attributes, resource)
    scope = of.scope_spans.add()
    scope.scope.name, scope.scope.version = SCOPE, installed_version()
    for span in spans:
        one = scope.spans.add()
        one.trace_id, one.span_id, one.parent_span_id = span.trace_id, span.span_id, span.above
        one.name, one.kind = span.name, one.SPAN_KIND_INTERNAL
        one.start_time_unix_nano, one.end_time_unix_nano = span.start_ns, span.end_ns
        _put(one.attributes, {f"{ATTRIBUTE}{name}": value for name, value in span.attributes.items()})
        if span.failed:
            one.status.code, one.status.message = one.status.STATUS_CODE_ERROR, span.failed
    return request.SerializeToString()


def _put(attributes: Any, values: Mapping[str, Value]) -> None:
    for name, value in values.items():
        one = attributes.add()
        one.key = name
        if isinstance(value, bool):
            one.value.bool_value = value
        elif isinstance(value, int):
            one.value.int_value = value
        else:
            one.value.string_value = value


async def sent(traces: Traces, body: bytes) -> int:
    """How many of its spans the collector says that it threw away. Raises NotTaken, whose text has no secret."""
    headers = {**traces.headers, "Content-Type": "application/x-protobuf", "Accept": "application/x-protobuf"}
    timeout = aiohttp.ClientTimeout(total=traces.timeout_seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(traces.url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            content = await answer.content.read(ANSWER_BYTES_MAX)
            status = answer.status
    except TimeoutError:
        raise NotTaken(f"no answer within {traces.timeout_seconds} s", again=True) from None
    except (aiohttp.ClientError, OSError) as error:
        raise NotTaken(str(error) or type(error).__name__, again=True) from None
    if status != 200:
        raise NotTaken(f"it answered {status}", again=status in AGAIN)
    return _refused(content)


def _refused(content: bytes) -> int:
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    try:
        return ExportTraceServiceResponse.FromString(content).partial_success.rejected_spans
    except DecodeError:
        return 0  # it said 200, and is no reader of ours: some answer with JSON or with nothing
