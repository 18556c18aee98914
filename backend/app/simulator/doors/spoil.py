"""The fault `bad_field`: single members of rows are sent as no document lists them, in REST lists and in pushes alike.

Its value is one mutation or a list of them: {"where": "account/positions", "match": {"instId": "BTC-USDT-SWAP"},
"field": "pos", "to": "many"}. where: the REST path below /api/v5/ or the channel; match: members that the row has, all
rows without it; to: any JSON value; without `to` the member is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.simulator.faults import Faults

KNOB = "bad_field"


def spoiled(faults: Faults, where: str, body: bytes) -> bytes:
    """The body of an answer or push, with the mutations that are for it."""
    given = faults.value(KNOB, [])
    mutations = [each for each in (given if isinstance(given, list) else [given]) if each["where"] == where]
    if not mutations or not faults.fires(KNOB):
        return body
    message: dict[str, Any] = msgspec.json.decode(body)
    for mutation in mutations:
        _mutate(message.get("data"), mutation)
    return msgspec.json.encode(message)


def _mutate(node: Any, mutation: Mapping[str, Any]) -> None:
    if isinstance(node, list):
        for each in node:
            _mutate(each, mutation)
        return
    if not isinstance(node, dict):
        return
    for each in list(node.values()):
        _mutate(each, mutation)
    field, match = mutation["field"], mutation.get("match", {})
    if field not in node or any(node.get(name) != value for name, value in match.items()):
        return
    if "to" in mutation:
        node[field] = mutation["to"]
    else:
        del node[field]
