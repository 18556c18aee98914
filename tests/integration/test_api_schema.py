"""The OpenAPI description is the API: generated requests never get a 5xx, every answer has the shape it promises, what
the schema allows is refused only for what no schema can say, and what it refuses is refused.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import pytest
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api import shapes
from app.api.stream import paths
from app.domain.market import Bar, Candle
from app.domain.volume_curves import HOUR_NS, HourVolume
from app.main import create_app, server
from tests.support.api_world import api_world
from tests.support.stream import GIVEN_SECONDS

EXAMPLES_MAX = int(os.environ.get("SCHEMA_EXAMPLES", "0"))
"""Of each operation and kind. 0: two, of texts in ASCII alone, for drawing those of all scripts takes the most time."""
SEED = int(os.environ.get("SCHEMA_SEED", "20261129"))
BEYOND_A_SCHEMA = {
    "what there is": "is not an instrument of this exchange|was never held|has never ordered"
    "|is not one that a page of this list gave",
    "what stands": "is of orders that are held here alone|position mode of this account|holds no position"
    "|is no alert that goes on",
    "the present": "must be within|must not be over",
    "one value beside another": "must be after start_date|differs from the header Idempotency-Key|% of equity",
    "how a number is written": "must be a decimal in quotes|must have at most 24 digits|must be a whole number",
}
JUDGED = {"order-denied", "order-rejected", "execution-denied", "signal-denied", "signal-refused", "amend-refused"}
"""Kinds of refusals that are the word of risk, the exchange or the position on this moment; what a strategy says of its
own configuration is left out too."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class BackgroundApi:
    """The API on a free port, in a thread with an event loop of its own, for callers without one."""

    def __init__(self, data_dir: Path) -> None:
        self.base = ""
        self.error: BaseException | None = None
        self._data_dir = data_dir
        self._up = threading.Event()
        self._server: Any = None
        self._thread = threading.Thread(target=self._run, name="api")

    def __enter__(self) -> BackgroundApi:
        self._thread.start()
        assert self._up.wait(30), "the API did not start"
        assert self.error is None, self.error
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(30)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self.error = error
        finally:
            self._up.set()

    async def _serve(self) -> None:
        async with api_world(self._data_dir) as world, asyncio.TaskGroup() as tasks:
            await world.place()
            await world.fill()
            for name, told in (("hourly_volumes", _remembered), ("candles", _candles)):
                setattr(world.exchange, name, told)  # the one in memory has none of its own
            settings = world.system.settings.model_copy(update={"port": 0})
            self._server = server(create_app(world.system), settings)
            tasks.create_task(self._server.serve())
            while not self._server.started:  # noqa: ASYNC110 - uvicorn offers no event
                await asyncio.sleep(0.01)
            port = self._server.servers[0].sockets[0].getsockname()[1]
            self.base = f"http://127.0.0.1:{port}"
            self._up.set()


async def _remembered(instrument_id: str, since_ns: int) -> list[HourVolume]:
    """A whole day, and what it traded."""
    return [HourVolume(since_ns + hour * HOUR_NS, Decimal(1 + hour)) for hour in range(24)]


async def _candles(instrument_id: str, bar: Bar, since_ns: int, until_ns: int) -> list[Candle]:
    return [Candle(since_ns, Decimal(1), Decimal(3), Decimal("0.5"), Decimal(2), Decimal(10), complete=True)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with BackgroundApi(tmp_path_factory.mktemp("api")) as api:
        yield api.base


@pytest.mark.timeout(400)  # hundreds of requests
def test_every_answer_is_as_described_and_the_schema_refuses_what_the_routes_refuse(base: str) -> None:
    print(f"SCHEMA_SEED={SEED}")
    document = httpx2.get(f"{base}/openapi.json", timeout=GIVEN_SECONDS).text
    if not EXAMPLES_MAX:
        assert shapes.BEYOND_ASCII in document
        document = document.replace(shapes.BEYOND_ASCII, "")
    described = schemathesis.openapi.from_dict(json.loads(document))
    described.config.update(base_url=base)
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) >= 25
    endless = [operation for operation in operations if operation.path == paths.EVENTS]  # test_stream.py asks it
    operations.remove(*endless)
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _try(operation, mode)
            except Unsatisfiable:  # it takes nothing that could be wrong
                assert mode is GenerationMode.NEGATIVE


def _try(operation: Any, mode: GenerationMode) -> None:
    @hypothesis.seed(SEED)
    @hypothesis.settings(
        database=None,
        deadline=None,
        max_examples=EXAMPLES_MAX or 2,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_described(case: schemathesis.Case) -> None:
        response = case.call(timeout=GIVEN_SECONDS)
        case.validate_response(response, checks=CHECKS)
        if mode is GenerationMode.POSITIVE and response.status_code in (400, 415, 422):
            _check_refusal(response.json())
        if mode is GenerationMode.NEGATIVE and _body_is_wrong(case):
            assert response.status_code >= 400, f"the schema refuses what was taken: {case.body!r}"

    answers_as_described()


def _check_refusal(problem: dict[str, Any]) -> None:
    """Of a request that the schema allows."""
    if problem["type"].rpartition(":")[2] in JUDGED:
        return
    beyond = "|".join(BEYOND_A_SCHEMA.values())
    unsaid = [
        error
        for error in problem["errors"]
        if error["check"] != "execution_strategy" and not re.search(beyond, error["rule"])
    ]
    assert problem["errors"], f"refused as a whole: {problem['detail']}"
    assert not unsaid, f"the schema allows what is refused: {unsaid}"


def _body_is_wrong(case: schemathesis.Case) -> bool:
    part = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    if part is None or part.mode is not GenerationMode.NEGATIVE or isinstance(case.body, NotSet):
        return False
    said = json.dumps(case.body, ensure_ascii=False, default=repr)
    if not EXAMPLES_MAX:
        return said.isascii()
    # A route takes the letters of every script, where a pattern names those of some.
    return not any(letter.isprintable() and not re.match(shapes.PRINTABLE, letter) for letter in said)
