"""The OpenAPI description is the API: generated requests never get a 5xx, every answer has the shape it promises."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.stream import paths
from app.domain.volume_curves import HOUR_NS, HourVolume
from app.main import create_app, server
from tests.support.api_world import api_world

EXAMPLES_MAX = 6
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
            setattr(world.exchange, "hourly_volumes", _remembered)  # noqa: B010 - the one in memory has none of its own
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


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with BackgroundApi(tmp_path_factory.mktemp("api")) as api:
        yield api.base


def test_every_answer_is_as_described(base: str) -> None:
    described = schemathesis.openapi.from_url(f"{base}/openapi.json")
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
    @hypothesis.settings(
        max_examples=EXAMPLES_MAX,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_described(case: schemathesis.Case) -> None:
        case.validate_response(case.call(timeout=10), checks=CHECKS)

    answers_as_described()
