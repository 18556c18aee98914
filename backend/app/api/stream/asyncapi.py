"""The AsyncAPI description of the stream, read off the messages' dataclasses.

A server publishes it beside the OpenAPI description; `python -m app.api.stream.asyncapi` prints it.
"""

import json
import sys
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from app.api.documents import documented
from app.api.encoding import JSON
from app.api.scopes import needs
from app.api.stream import paths
from app.api.stream.messages import CHANNELS, EVENT_CHANNELS, MESSAGES
from app.api.stream.wanted import FirstMessage
from app.domain.access import Scope

PATH = "/asyncapi.json"
REF = "#/components/schemas/{model}"
CODES = {
    1000: "for_seconds is over",
    1009: "the first message is longer than 4 KiB",
    1011: "the stream failed; resume",
    1012: "the server stops; resume",
    4400: "an unreadable first message, or a second one",
    4401: "no valid key or ticket",
    4403: "the scope read is missing",
    4408: "no first message in time",
    4409: "after is ahead of the journal",
    4410: "what comes after is no longer there",
    4422: "a value breaks a rule",
    4499: "too slow; resume",
    4503: "too many streams, or not available now",
}

router = APIRouter(include_in_schema=False)


@router.get(PATH)
@needs(Scope.READ)
async def asyncapi(request: Request) -> Response:
    return Response(msgspec.json.encode(document(request.app.version)), media_type=JSON)


def document(version: str) -> dict[str, Any]:
    """The description, of a release."""
    models = [(documented(kind), "serialization") for kind in MESSAGES.values()]
    _, defined = models_json_schema(models, ref_template=REF)  # type: ignore[arg-type]
    schemas: dict[str, Any] = dict(sorted(defined["$defs"].items()))
    for name, kind in MESSAGES.items():
        schemas[kind.__name__]["properties"]["type"] = {"const": name}
    event = schemas[MESSAGES["event"].__name__]
    event["required"] = [member for member in event["required"] if member not in EVENT_CHANNELS]
    (first,), of_first = msgspec.json.schema_components([FirstMessage], ref_template=REF.replace("model", "name"))
    schemas |= of_first
    messages = {name: {"payload": _ref(f"schemas/{kind.__name__}")} for name, kind in MESSAGES.items()}
    messages["first"] = {"payload": first}
    told = [name for name in messages if name != "first"]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Trading Executor, the stream", "version": version, "description": _description()},
        "channels": {
            "socket": _channel(paths.SOCKET, "WebSocket", list(messages)),
            "events": _channel(paths.EVENTS, "Server-sent events: each message as data", told),
        },
        "operations": {
            "tellOverSocket": _operation("send", "socket", told),
            "tellAsEvents": _operation("send", "events", told),
            "sayWhoAsks": _operation("receive", "socket", ["first"]),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _ref(place: str) -> dict[str, str]:
    return {"$ref": f"#/components/{place}"}


def _channel(address: str, title: str, names: list[str]) -> dict[str, Any]:
    return {"address": address, "title": title, "messages": {name: _ref(f"messages/{name}") for name in names}}


def _operation(action: str, channel: str, names: list[str]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": messages}


def _description() -> str:
    channels = "\n".join(f"- `{name}`: {what}" for name, what in CHANNELS.items())
    codes = "\n".join(f"- {code}: {what}" for code, what in CODES.items())
    return f"docs/stream.md tells it to people. Channels:\n\n{channels}\n\nA WebSocket closes with:\n\n{codes}"


if __name__ == "__main__":
    json.dump(document("0"), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
