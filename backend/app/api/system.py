"""Health, status, metrics and the journal over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from app.api.documents import listed, problems
from app.api.encoding import json_response, plain_text
from app.api.parameters import (
    AfterSeq,
    Cursor,
    EndDate,
    InstrumentFilter,
    Limit,
    StartDate,
    TextFilter,
    check_instrument,
    known_parameters,
)
from app.api.runtime import Running
from app.api.scopes import needs, open_to_all
from app.clock import utc
from app.domain.access import Scope
from app.domain.events import EventKind
from app.domain.refusals import InvalidValue
from app.services.trading.reports.window import window
from app.store import queries

Kind = Annotated[
    TextFilter, Query(description="Only this kind", json_schema_extra={"enum": [*map(str, EventKind), None]})
]

router = APIRouter(tags=["system"], dependencies=[Depends(known_parameters)])


class Liveness(BaseModel):
    """The process answers."""

    alive: bool


class Readiness(BaseModel):
    """Whether new orders are accepted, and every reason why not."""

    ready: bool
    reasons: list[str]


class StatusReport(BaseModel):
    """Everything about the system's state that an operator asks first."""

    model_config = ConfigDict(extra="allow")

    ready: bool
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """One event. payload: what happened, in full; cause_seq: the event that led to it; hash: of the chain."""

    seq: int
    at: datetime
    kind: str
    principal: str
    order_id: str | None
    trade_id: str | None
    position: str | None
    parent_id: str | None
    cause_seq: int | None
    payload: Mapping[str, Any]
    hash: str


EVENT_PAGE = listed("EventPage", "events", JournalEvent, next_cursor=(str | None, ...))


@router.get("/health/live", response_model=Liveness, summary="Is the process alive?")
@open_to_all
async def live() -> Response:
    return json_response({"alive": True})


@router.get(
    "/health/ready",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "New orders are not accepted"}},
    summary="Are new orders accepted?",
)
@open_to_all
async def ready(runtime: Running) -> Response:
    reasons = list(runtime.not_ready_reasons)
    return json_response({"ready": runtime.ready, "reasons": reasons}, 200 if runtime.ready else 503)


@router.get("/api/v1/status", response_model=StatusReport, responses=problems(), summary="The system's state")
@needs(Scope.READ)
async def status(runtime: Running) -> Response:
    return json_response(runtime.status())


@router.get("/metrics", response_class=Response, responses=problems(), summary="Measurements for Prometheus")
@needs(Scope.READ)
async def metrics(request: Request, runtime: Running) -> Response:
    """Text; to who would rather have Prometheus' protobuf, that, with native histograms."""
    body, content_type = runtime.metrics_text(request.headers.get("accept", ""))
    return Response(body, headers={"content-type": content_type})


@router.get(
    "/api/v1/events",
    response_model=listed("EventList", "events", JournalEvent),
    responses=problems(),
    summary="The journal, oldest first",
)
@needs(Scope.AUDIT)
def events(
    runtime: Running,
    after_seq: AfterSeq = 0,
    order_id: TextFilter = None,
    kind: Kind = None,
    limit: Limit = 100,
) -> Response:
    """Every state change with its cause, gapless and hash-chained."""
    _check_kind(kind)
    rows = queries.events(
        runtime.database,
        runtime.ledger.account,
        after_seq=after_seq,
        limit=limit,
        order_id=order_id or "",
        kind=kind or "",
    )
    return json_response({"events": [_event(row) for row in rows]})


@router.get(
    "/api/v1/events/search",
    response_model=EVENT_PAGE,
    responses=problems(),
    summary="What the journal tells of something, newest first",
)
@needs(Scope.AUDIT)
def search_events(
    runtime: Running,
    kind: Kind = None,
    order_id: TextFilter = None,
    parent_id: TextFilter = None,
    instrument_id: InstrumentFilter = None,
    strategy_id: TextFilter = None,
    start_date: StartDate = None,
    end_date: EndDate = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Of an order; of an execution (parent_id) with its orders; of an instrument or a strategy. A page looks through
    20,000 events at most: it may be short, or empty, though there is a next_cursor."""
    _check_kind(kind)
    start_ns, end_ns = window(start_date, end_date)
    wanted = queries.EventFilter(
        kind=kind,
        order_id=order_id,
        parent_id=parent_id,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
        told_from_ns=start_ns,
        told_to_ns=end_ns,
    )
    page = queries.event_pages(runtime.database, runtime.ledger.account, wanted, limit=limit, cursor=cursor)
    check_instrument(runtime.ledger, instrument_id, page.rows or page.next_cursor)
    return json_response({"events": [_event(row) for row in page.rows], "next_cursor": page.next_cursor})


def _check_kind(kind: str | None) -> None:
    """Raises InvalidValue."""
    if kind is not None and kind not in list(EventKind):
        raise InvalidValue("kind", kind, f"must be one of {', '.join(EventKind)}")


def _event(row: queries.Row) -> JournalEvent:
    payload = plain_text(msgspec.json.decode(row["payload"]))
    return JournalEvent(
        seq=row["seq"],
        at=utc(row["at_ns"]),
        kind=row["kind"],
        principal=row["principal"],
        order_id=row["order_id"],
        trade_id=row["trade_id"],
        position=row["position"],
        parent_id=row["parent_id"],
        cause_seq=row["cause_seq"],
        payload=payload if isinstance(payload, dict) else {"value": payload},
        hash=row["hash"],
    )
