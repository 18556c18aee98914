"""Native histograms: what Prometheus is told in protobuf, read by another implementation of it, and who is told it."""

from __future__ import annotations

import random
from math import inf
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal.decoder import _DecodeVarint32  # type: ignore[attr-defined]  # the library's own

from app.observability.exposition import PROTOBUF, wants_protobuf
from app.observability.metrics import Metrics
from app.observability.native import BUCKETS_MAX, SCHEMA, NativeBuckets

KINDS = {"string": 9, "double": 1, "uint64": 4, "sint32": 17, "sint64": 18, "uint32": 13, "int32": 5}
MESSAGES = {
    "LabelPair": "string name 1, string value 2",
    "Value": "double value 1",
    "Bucket": "uint64 cumulative_count 1, double upper_bound 2",
    "BucketSpan": "sint32 offset 1, uint32 length 2",
    "Histogram": "uint64 sample_count 1, double sample_sum 2, *Bucket bucket 3, sint32 schema 5, "
    "double zero_threshold 6, uint64 zero_count 7, *BucketSpan positive_span 12, *sint64 positive_delta 13",
    "Metric": "*LabelPair label 1, Value gauge 2, Value counter 3, Histogram histogram 7",
    "MetricFamily": "string name 1, string help 2, int32 type 3, *Metric metric 4",
}
"""Of io.prometheus.client's metrics.proto what is used here; a star: repeated."""


def family() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="metrics.proto", package="p", syntax="proto3")
    for name, members in MESSAGES.items():
        message = file.message_type.add(name=name)
        for member in members.split(", "):
            kind, field, number = member.strip().split()
            many, kind = kind.startswith("*"), kind.removeprefix("*")
            added = message.field.add(name=field, number=int(number), label=3 if many else 1)
            if kind in KINDS:
                added.type = KINDS[kind]  # type: ignore[assignment]  # by number
            else:
                added.type, added.type_name = 11, f".p.{kind}"  # type: ignore[assignment]  # a message
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)  # type: ignore[no-untyped-call]
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("p.MetricFamily"))


FAMILY = family()


def read(metrics: Metrics) -> dict[str, Any]:
    body, kind = metrics.answer(PROTOBUF)
    assert kind == PROTOBUF
    found, at = dict[str, Any](), 0
    while at < len(body):
        length, at = _DecodeVarint32(body, at)
        each = FAMILY.FromString(body[at : at + length])
        found[each.name.removeprefix("trading_executor_")] = each
        at += length
    return found


def counts(histogram: Any) -> dict[int, int]:
    """By the index of its bucket."""
    found, index, count, deltas = dict[int, int](), 0, 0, iter(histogram.positive_delta)
    for span in histogram.positive_span:
        index += span.offset
        for _ in range(span.length):
            count += next(deltas)
            found[index] = count
            index += 1
    return found


def test_a_stage_is_told_with_both_kinds_of_buckets() -> None:
    metrics, draw = Metrics(), random.Random(3)
    seconds = [draw.lognormvariate(-6, 2) for _ in range(500)]
    for each in seconds:
        metrics.acknowledged(each)
    metrics.change_answered("cancel", 0.0)
    metrics.change_answered("amend", 0.25)
    metrics.order_entered("live")
    found = read(metrics)
    told = found["ack_seconds"].metric[0].histogram
    assert (told.sample_count, told.sample_sum) == (500, pytest.approx(sum(seconds)))
    assert [bucket.cumulative_count for bucket in told.bucket if bucket.upper_bound == inf] == [500]
    base = 2**2**-told.schema
    for index, count in counts(told).items():
        assert count == sum(base ** (index - 1) < each <= base**index for each in seconds), index
    assert sum(counts(told).values()) + told.zero_count == 500
    changes = {each.label[0].value: each.histogram for each in found["change_seconds"].metric}
    assert {name: (each.zero_count, counts(each)) for name, each in changes.items()} == {
        "cancel": (1, {}),
        "amend": (0, {-2 * 2**SCHEMA: 1}),
    }
    assert (found["orders_total"].type, found["orders_total"].metric[0].counter.value) == (0, 1)
    assert (found["ready"].type, found["ready"].metric[0].gauge.value) == (1, 0)
    assert found["fill_seconds"].metric[0].histogram.zero_threshold > 0, "empty, and native all the same"


def test_however_far_values_spread_the_buckets_are_bounded() -> None:
    buckets = NativeBuckets()
    values = [2.0 ** ((number - 0.3) / 8) for number in range(-230, 230)]
    for value in values:
        buckets.observe(value)
    assert len(buckets.counts) <= BUCKETS_MAX
    assert buckets.schema < SCHEMA
    base = 2**2**-buckets.schema
    for index, count in buckets.counts.items():
        assert count == sum(base ** (index - 1) < each <= base**index for each in values)


@pytest.mark.parametrize(
    ("accept", "yes"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain", False),
        (PROTOBUF, True),
        (f"{PROTOBUF.replace(' ', '')},application/openmetrics-text;version=1.0.0;q=0.8,*/*;q=0.1", True),
        (f"application/openmetrics-text;version=1.0.0;q=0.6,{PROTOBUF};q=0.5", False),
        ("application/vnd.google.protobuf;encoding=text", False),
        (f"{PROTOBUF};q=0", False),
        (f"{PROTOBUF};q=much", False),
    ],
)
def test_who_would_rather_have_text_gets_text(accept: str, yes: bool) -> None:
    assert wants_protobuf(accept) is yes
    assert (Metrics().answer(accept)[1] == PROTOBUF) is yes
