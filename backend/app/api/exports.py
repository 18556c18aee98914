"""Whole tables over HTTP, as CSV: read and sent in pieces, so that no history is ever in memory."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.api.connections import cut_off
from app.api.documents import problems
from app.api.encoding import json_ready
from app.api.parameters import (
    EndDate,
    ExportedWord,
    InstrumentFilter,
    LotMethodWord,
    StartDate,
    TextFilter,
    check_instrument,
    known_parameters,
)
from app.api.runtime import Running
from app.api.scopes import needs
from app.domain import access
from app.domain.exported import COLUMNS, Exported, Kind, no_formula
from app.services.trading.errors import NotReady
from app.services.trading.reports.exports import ExportFilter, exported

router = APIRouter(prefix="/api/v1/trading/exports", tags=["exports"], dependencies=[Depends(known_parameters)])

EXPORTS_MAX = 2
"""How many are under way at a time: each keeps a thread and the disk busy."""
CHUNK_ROWS = 2_000
TAKE_SECONDS = 30.0
"""How long whoever downloads may take nothing: then the connection is cut, for a place is wanted by others."""
WHOLE_SECONDS = 900.0
"""How long a download may take in all: behind one of disposals stands an open reading of the database."""

Row = Mapping[str, Any]

log = structlog.get_logger("api")


class Exports:
    """Those under way. One instance serves one application."""

    def __init__(self) -> None:
        self._under_way = 0

    def __enter__(self) -> None:
        """Raises NotReady while as many as may be are under way."""
        if self._under_way >= EXPORTS_MAX:
            raise NotReady([f"{EXPORTS_MAX} exports are under way, the most allowed at a time"])
        self._under_way += 1

    def __exit__(self, *_: object) -> None:
        self._under_way -= 1


class CsvDownload(StreamingResponse):
    """A table as it is read. What cannot be read raises NotReady or StoreError before the head is sent, and cuts the
    connection after it: no half of a table passes for a whole one."""

    def __init__(self, exports: Exports, name: str, columns: Mapping[str, Kind], rows: Iterator[Row]) -> None:
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        super().__init__(self._pieces(), media_type="text/csv; header=present", headers=headers)
        self._exports, self._columns, self._rows = exports, columns, rows
        self._first = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + WHOLE_SECONDS

        async def send_in_time(message: Message) -> None:
            try:
                async with asyncio.timeout_at(min(loop.time() + TAKE_SECONDS, ends)):
                    await send(message)
            except TimeoutError:
                log.warning("export.not_taken", path=scope["path"])
                cut_off(scope)

        with self._exports:
            self._first = await self._next()
            await super().__call__(scope, receive, send_in_time)

    async def _pieces(self) -> AsyncGenerator[bytes]:
        yield _head(self._columns)
        piece = self._first
        while piece:
            yield piece
            piece = await self._next()

    async def _next(self) -> bytes:
        return await run_in_threadpool(lambda: _csv(list(islice(self._rows, CHUNK_ROWS)), self._columns))


def _head(columns: Mapping[str, Kind]) -> bytes:
    text = io.StringIO(newline="")
    csv.DictWriter(text, list(columns)).writeheader()
    return text.getvalue().encode()


def _csv(rows: Sequence[Row], columns: Mapping[str, Kind]) -> bytes:
    text = io.StringIO(newline="")
    csv.DictWriter(text, list(columns)).writerows(no_formula(json_ready(row), columns) for row in rows)
    return text.getvalue().encode()


@router.get(
    "/{what}",
    response_class=Response,
    responses={200: {"description": "A table", "content": {"text/csv": {"schema": {"type": "string"}}}}, **problems()},
    summary="A whole table, as CSV",
)
@needs(access.Scope.READ)
async def export(
    request: Request,
    runtime: Running,
    what: Annotated[ExportedWord, Path(description=", ".join(Exported), examples=["trades"])],
    start_date: StartDate = None,
    end_date: EndDate = None,
    instrument_id: InstrumentFilter = None,
    strategy_id: TextFilter = None,
    method: Annotated[
        LotMethodWord | None, Query(description="Of tax: fifo unless said, or average", examples=["fifo"])
    ] = None,
) -> Response:
    """Oldest first, all of it: trades, orders, positions, bills, or disposals for tax. Decimals are exact, instants in
    UTC. Where it cannot be sent to its end, the connection is cut."""
    asked = ExportFilter(
        start_date=start_date, end_date=end_date, instrument_id=instrument_id, strategy_id=strategy_id, method=method
    )
    with request.app.state.exports:  # before the first row of tax lies the whole history
        rows = await run_in_threadpool(exported, runtime.database, runtime.ledger.account, what, asked)
        first = await run_in_threadpool(lambda: list(islice(rows, 1)))
    check_instrument(runtime.ledger, instrument_id, first)
    left = () if request.state.head_only else chain(first, rows)
    return CsvDownload(request.app.state.exports, f"{what}.csv", COLUMNS[what], iter(left))
