"""The client's answers as types, written from the OpenAPI and AsyncAPI descriptions, so that they are what is served.

`python -m tests.support.client_models` writes them anew, and the examples of the description too; a test compares.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from app.api.application import ApiOptions, build
from app.api.stream import asyncapi
from app.clock import SystemClock
from app.domain import access, alerts, conditional_types, events, instruments, order_words, orders, parents, refusals
from app.domain.tca import grouping

TARGET = Path(__file__).resolve().parents[2] / "backend" / "trading_executor" / "client"
MODULES = (access, alerts, conditional_types, events, grouping, instruments, order_words, orders, parents, refusals)
LEFT_OUT = frozenset({"HTTPValidationError", "ValidationError", "ValueAtFault", "ProblemDetails", "FirstMessage"})
WIDTH = 118
Schema = Mapping[str, Any]


def openapi() -> Schema:
    runtime = MagicMock(clock=SystemClock())
    return build(runtime, ApiOptions(allowed_hosts=())).openapi()


def shared() -> dict[str, str]:
    """Types that the library has too, and where; the client gives those."""
    found: dict[str, str] = {}
    for module in MODULES:
        for name, kind in vars(module).items():
            is_type = isinstance(kind, type) and kind.__module__.startswith("app.domain.")
            if is_type and (issubclass(kind, Enum) or name in ("Refusal", "Instrument")):
                found[name] = kind.__module__
    return found


def files() -> dict[Path, str]:
    """Each generated file and its text."""
    of_rest = {name: schema for name, schema in openapi()["components"]["schemas"].items() if name not in LEFT_OUT}
    of_stream = {
        name: schema
        for name, schema in asyncapi.document("0")["components"]["schemas"].items()
        if name not in LEFT_OUT and name not in of_rest
    }
    rest = Writer(of_rest, "What the API answers, as types.")
    stream = Writer(of_stream, "What the stream tells, as types.", elsewhere=set(of_rest) - set(shared()))
    return {TARGET / "models.py": rest.text(), TARGET / "messages.py": stream.text()}


class Writer:
    """One module of structs."""

    def __init__(self, schemas: Mapping[str, Schema], title: str, elsewhere: set[str] | None = None) -> None:
        self._schemas = schemas
        self._title = title
        self._elsewhere = elsewhere or set()
        self._shared = shared()
        self._used: set[str] = set()

    def text(self) -> str:
        body = "\n\n".join(self._struct(name, schema) for name, schema in self._ordered())
        head = f'"""{self._title}\n\nWritten by `python -m tests.support.client_models`.\n"""'
        return f"{head}\n\n{self._imports()}\n\n{body}"

    def _ordered(self) -> Iterator[tuple[str, Schema]]:
        for name, schema in sorted(self._schemas.items()):
            if "properties" in schema and name not in self._shared:
                yield name, schema

    def _struct(self, name: str, schema: Schema) -> str:
        said = schema.get("description", "").strip()
        lines = [f"class {name}(msgspec.Struct, frozen=True, kw_only=True):"]
        if said:
            paragraphs = [textwrap.fill(part, WIDTH - 4) for part in f'"""{said}'.split("\n\n")]
            text = "\n\n".join(paragraphs) + ('"""' if len(paragraphs) == 1 else '\n"""')
            lines += [f"    {line}".rstrip() for line in text.splitlines()]
            lines.append("")
        required = set(schema.get("required", ()))
        for member, shape in schema["properties"].items():
            hint = self._hint(shape)
            late = member not in required
            if late and "None" not in hint.split(" | "):
                hint += " | None"
            lines.append(f"    {member}: {hint}" + (" = None" if late else ""))
        if schema.get("additionalProperties") is True:
            lines.append("    # the status has more members; Client.status() gives them all")
        return "\n".join(lines) + "\n"

    def _hint(self, shape: Schema) -> str:
        if "$ref" in shape:
            return self._named(shape["$ref"].rpartition("/")[2])
        if "anyOf" in shape:
            words = [self._words(each["$ref"]) for each in shape["anyOf"] if "$ref" in each]
            if len(words) > 1 and all(words):  # msgspec reads no union of two enumerations
                return self._literal([word for each in words for word in each])
            parts = [self._hint(each) for each in shape["anyOf"]]
            return " | ".join(dict.fromkeys(part for part in parts if part != "None")) + (
                " | None" if "None" in parts else ""
            )
        if "const" in shape:
            return self._use("Literal") + f'["{shape["const"]}"]'
        match shape.get("type"):
            case "string" if shape.get("format") == "date-time":
                return self._use("datetime")
            case "string" if "pattern" in shape:
                return self._use("Decimal")
            case "array" if "prefixItems" in shape:
                return f"tuple[{', '.join(map(self._hint, shape['prefixItems']))}]"
            case "array":
                return f"tuple[{self._hint(shape['items'])}, ...]"
            case "object":
                inner = shape.get("additionalProperties", True)
                return f"{self._use('Mapping')}[str, {self._hint({} if inner is True else inner)}]"
            case None:
                return self._use("Any")
            case kind:
                return {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}[kind]

    def _named(self, name: str) -> str:
        if name in self._shared or name in self._elsewhere:
            self._used.add(name)
            return name
        schema = self._schemas[name]
        if "enum" in schema:
            return self._literal(schema["enum"])
        return name if name in dict(self._ordered()) else self._use("Any")

    def _words(self, reference: str) -> list[str]:
        return self._schemas[reference.rpartition("/")[2]].get("enum", [])

    def _literal(self, words: list[str]) -> str:
        return f"{self._use('Literal')}[{', '.join(repr(word) for word in words)}]"

    def _use(self, name: str) -> str:
        self._used.add(name)
        return name

    def _imports(self) -> str:
        homes = {"Mapping": "collections.abc", "datetime": "datetime", "Decimal": "decimal", "Any": "typing"}
        homes |= {
            "Literal": "typing",
            **self._shared,
            **dict.fromkeys(self._elsewhere, "trading_executor.client.models"),
        }
        by_module: dict[str, list[str]] = {}
        for name in sorted(self._used):
            by_module.setdefault(homes[name], []).append(name)
        standard = {"collections.abc", "datetime", "decimal", "typing"}
        said = {module: f"from {module} import {', '.join(names)}" for module, names in sorted(by_module.items())}
        first = [line for module, line in said.items() if module in standard]
        own = [_folded(line) for module, line in said.items() if module not in standard]
        return "\n".join(["from __future__ import annotations", "", *first, "", "import msgspec", "", *own])


def _folded(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    before, _, names = line.partition(" import ")
    return f"{before} import (\n" + "".join(f"    {name},\n" for name in names.split(", ")) + ")"


def formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    for command in (("check", "--fix", "--exit-zero", "--quiet"), ("format",)):
        told = [ruff, *command, "--stdin-filename", str(TARGET / "models.py"), "-"]
        text = subprocess.run(told, input=text, capture_output=True, text=True, check=True).stdout
    return text


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(formatted(text))
    subprocess.run([sys.executable, "-m", "tests.support.api_examples"], check=True)
