"""Every route of the OpenAPI document shows what is asked and answered, and each example is as its schema says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema

from tests.support.client_models import openapi

TEXT = {"GET /metrics", "GET /api/v1/stream/events", "GET /api/v1/trading/exports/{what}"}
"""Whose answer is no JSON."""


def examples_of(shown: dict[str, Any]) -> list[Any]:
    """Of a parameter or a content: its own, else its schema's."""
    if "example" in shown:
        return [shown["example"]]
    if "examples" in shown:
        return [each["value"] for each in shown["examples"].values()]
    return list(shown.get("schema", {}).get("examples", ()))


def parts(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What of an operation has to have an example: its parameters, its body, each of its answers."""
    for parameter in operation.get("parameters", ()):
        yield f"parameter {parameter['name']}", parameter
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"request {kind}", content
    for status, answer in operation["responses"].items():
        for kind, content in answer.get("content", {}).items():
            yield f"answer {status} {kind}", content


def findings(document: dict[str, Any]) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            answered = {status for status, answer in operation["responses"].items() if answer.get("content")}
            if name not in TEXT and not any(status.startswith("2") for status in answered):
                yield f"{name}: no answer is described"
            for part, shown in parts(operation):
                found = examples_of(shown)
                if not found:
                    yield f"{name}: {part}: no example; answers are recorded by python -m tests.support.api_examples"
                whole = {**shown.get("schema", {}), "components": document["components"]}
                judge = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
                yield from (f"{name}: {part}: {each.message}" for one in found for each in judge.iter_errors(one))


def test_every_route_has_examples_that_are_as_its_schema_says() -> None:
    document = dict(openapi())
    assert sum(len(methods) for methods in document["paths"].values()) >= 80
    assert list(findings(document)) == []


def test_a_route_without_an_example_and_an_example_that_is_none_are_found() -> None:
    account: dict[str, Any] = openapi()["paths"]["/api/v1/trading/account"]["get"]
    answers = {**account["responses"]}
    content = answers["200"]["content"]["application/json"]
    for changed in ({"schema": content["schema"]}, {**content, "example": {**content["example"], "equity": 1.5}}):
        answers["200"] = {"content": {"application/json": changed}}
        paths = {"/api/v1/trading/account": {"get": {**account, "responses": answers}}}
        assert len(list(findings({"paths": paths, "components": openapi()["components"]}))) == 1
