"""Measurements as Prometheus reads them when it asks for native histograms: protobuf, which prometheus_client has not.

Messages of io.prometheus.client (metrics.proto), each after its length. A reader that does not ask gets text.
"""

import struct
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.samples import Sample

from app.observability.native import ZERO_THRESHOLD, NativeBuckets

PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

Labels = tuple[str, ...]
Natives = Mapping[str, Mapping[Labels, NativeBuckets]]
"""By the name of a measurement and the values of its labels."""

_COUNTER, _GAUGE, _HISTOGRAM = 0, 1, 4
_VARINT, _DOUBLE, _BYTES = 0, 1, 2


def wants_protobuf(accept: str) -> bool:
    """Whether a reader would rather have it than all else that it takes."""
    weights: dict[bool, float] = {}
    for each in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in each.split(";"))
        told = dict(part.split("=", 1) for part in parameters if "=" in part)
        ours = kind == "application/vnd.google.protobuf" and told.get("encoding") == "delimited"
        weights[ours] = max(weights.get(ours, 0.0), _weight(told.get("q", "1")))
    return weights.get(True, 0.0) > 0 and weights[True] >= weights.get(False, 0.0)


def _weight(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        return 0.0


def delimited(registry: CollectorRegistry, natives: Natives) -> bytes:
    """Every measurement, histograms with both kinds of buckets."""
    messages = (_family(metric, natives.get(metric.name, {})) for metric in registry.collect())
    return b"".join(_varint(len(message)) + message for message in messages)


def _family(metric: Metric, natives: Mapping[Labels, NativeBuckets]) -> bytes:
    kind = {"counter": _COUNTER, "histogram": _HISTOGRAM}.get(metric.type, _GAUGE)
    name = f"{metric.name}_total" if kind == _COUNTER else metric.name
    metrics = _histograms(metric, natives) if kind == _HISTOGRAM else _numbers(metric, name, kind)
    head = _bytes(1, name.encode()) + _bytes(2, metric.documentation.encode()) + _number(3, kind)
    return head + b"".join(_bytes(4, each) for each in metrics)


def _numbers(metric: Metric, name: str, kind: int) -> Iterator[bytes]:
    for sample in metric.samples:
        if sample.name == name:
            yield _labels(sample.labels) + _bytes(3 if kind == _COUNTER else 2, _double(1, sample.value))


def _histograms(metric: Metric, natives: Mapping[Labels, NativeBuckets]) -> Iterator[bytes]:
    found: dict[Labels, list[Sample]] = {}
    for sample in metric.samples:
        found.setdefault(tuple(_but_le(sample.labels).values()), []).append(sample)
    for labels, samples in found.items():
        parts = {each.name.removeprefix(metric.name): each.value for each in samples}
        body = _number(1, int(parts["_count"])) + _double(2, parts["_sum"])
        for each in samples:
            if each.name.endswith("_bucket"):
                bucket = _number(1, int(each.value)) + _double(2, float(each.labels["le"]))
                body += _bytes(3, bucket)
        yield _labels(_but_le(samples[0].labels)) + _bytes(7, body + _native(natives.get(labels, NativeBuckets())))


def _but_le(labels: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in labels.items() if name != "le"}


def _native(buckets: NativeBuckets) -> bytes:
    """Counts are told as how much each is more than the one before."""
    spans, deltas, before = b"", b"", 0
    for offset, counts in buckets.spans():
        spans += _bytes(12, _number(1, _zigzag(offset)) + _number(2, len(counts)))
        for count in counts:
            deltas += _varint(_zigzag(count - before))
            before = count
    head = _number(5, _zigzag(buckets.schema)) + _double(6, ZERO_THRESHOLD) + _number(7, buckets.zeros)
    return head + spans + (_bytes(13, deltas) if deltas else b"")


def _labels(labels: Mapping[str, str]) -> bytes:
    return b"".join(_bytes(1, _bytes(1, name.encode()) + _bytes(2, value.encode())) for name, value in labels.items())


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | _DOUBLE) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(value)) + value


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
