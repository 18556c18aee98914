"""Bodies: strict reading, and one table for reading and schema."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import requests
from app.api.bodies import Body, BodyField, amount, configuration, optional, read_object, truth
from app.api.errors import Problem

BODIES = [found for found in vars(requests).values() if isinstance(found, Body)]


def body(**fields: Any) -> Body:
    return Body("Test", tuple(BodyField(name, read, {}) for name, read in fields.items()), {})


@pytest.mark.parametrize(
    ("text", "value"),
    [('"0.001"', "0.001"), ("5", "5"), ('"1e-3"', "0.001"), (str(10**23), str(10**23))],
)
def test_amounts_are_exact(text: str, value: str) -> None:
    assert body(size=amount).read(b'{"size": ' + text.encode() + b"}") == {"size": Decimal(value)}


@given(st.floats())
def test_no_float_is_ever_money(number: float) -> None:
    with pytest.raises(Problem) as caught:
        body(size=amount).read(json.dumps({"size": number}).encode())
    assert caught.value.status == 422
    assert "JSON float" in caught.value.errors[0].rule


@given(st.decimals(min_value=Decimal("1e-20"), max_value=Decimal("1e20"), allow_nan=False, allow_infinity=False))
def test_decimals_come_through_to_the_last_digit(number: Decimal) -> None:
    text = format(number, "f")
    if len(text.partition(".")[2]) <= 24:
        assert body(size=amount).read(json.dumps({"size": text}).encode())["size"] == number


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_problem(raw: bytes) -> None:
    try:
        read = read_object(raw)
    except Problem as problem:
        status = problem.status
        read = None
    else:
        status = 200
    assert (status, type(read)) in ((400, type(None)), (200, dict))


def test_configuration_floats_are_what_they_show() -> None:
    read = body(config=configuration).read(b'{"config": {"visible_pct": 0.1, "slices": 10, "limit": true, "x": null}}')
    assert read == {"config": {"visible_pct": Decimal("0.1"), "slices": 10, "limit": True, "x": None}}
    with pytest.raises(Problem, match=r"config\.deep=.*: must be a number"):
        body(config=configuration).read(b'{"config": {"deep": {"a": 1}}}')


def test_null_is_not_given_where_that_is_said() -> None:
    reading = Body("Test", (BodyField("price", optional(amount), {}, None), BodyField("on", truth, {}, False)), {})
    assert reading.read(b'{"price": null}') == {"price": None, "on": False}
    with pytest.raises(Problem):
        reading.read(b'{"on": null}')


@pytest.mark.parametrize("found", BODIES, ids=lambda found: found.name)
def test_every_example_reads(found: Body) -> None:
    assert found.examples
    for example in found.examples.values():
        read = found.read(json.dumps(example).encode())
        assert set(read) == {field.name for field in found.fields}


@pytest.mark.parametrize("found", BODIES, ids=lambda found: found.name)
def test_the_schema_says_what_reading_does(found: Body) -> None:
    schema = found.openapi()["requestBody"]["content"]["application/json"]["schema"]
    assert list(schema["properties"]) == [field.name for field in found.fields]
    assert schema["additionalProperties"] is False
    assert schema.get("required", []) == [field.name for field in found.fields if field.required]
