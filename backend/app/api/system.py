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
from app.api.parameters import AfterSeq, Limit, TextFilter, known_parameters
from app.api.runtime import Running
from app.api.scopes import needs, open_to_all
from app.clock import utc
from app.domain.access import Scope
from app.domain.events import EventKind
from app.domain.refusals import InvalidValue
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
    if kind is not None and kind not in list(EventKind):
        raise InvalidValue("kind", kind, f"must be one of {', '.join(EventKind)}")
    rows = queries.events(
        runtime.database,
        runtime.ledger.account,
        after_seq=after_seq,
        limit=limit,
        order_id=order_id or "",
        kind=kind or "",
    )
    return json_response({"events": [_event(row) for row in rows]})


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
