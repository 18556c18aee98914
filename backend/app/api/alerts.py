"""Alerts over HTTP: what is out of bounds, and who has taken it up (services/alerts)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from app.api.bodies import Body, BodyField, optional, reason
from app.api.documents import documented, listed, problems
from app.api.encoding import json_response
from app.api.parameters import known_parameters
from app.api.refusals import journalled
from app.api.runtime import Granted, Running
from app.api.scopes import needs
from app.clock import utc
from app.domain import alerts
from app.domain.access import Scope
from app.domain.alerts import AlertAction, AlertSeverity, AlertState
from app.store import queries

SHOWN_MAX = 200

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"], dependencies=[Depends(known_parameters)])

AlertId = Annotated[str, Path(min_length=1, max_length=64, description="An alert that goes on")]


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """What a rule found out of bounds. subject: a stream, an instrument, strategy:ID; account for all of it. what: as
    it was when it fired; advice: what to do, and why its action failed. action: what was done; failed: it is tried
    again. note: of who acknowledged it."""

    alert_id: str
    rule: str
    subject: str
    severity: AlertSeverity
    state: AlertState
    action: AlertAction
    what: str
    advice: str
    fired_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    note: str
    resolved_at: datetime | None


ALERTS = listed("RaisedAlerts", "alerts", RaisedAlert)
NOTE = Body(
    "AcknowledgementOfAlert",
    (BodyField("note", optional(reason), {"type": ["string", "null"], "minLength": 1, "maxLength": 500}, None),),
    {"Without words": {}, "With a note": {"note": "the network team looks at it"}},
)


@router.get("", response_model=ALERTS, responses=problems(), summary="List alerts")
@needs(Scope.READ)
async def list_alerts(
    runtime: Running, open_only: Annotated[bool, Query(description="Only those not over")] = False
) -> Response:
    """The last 200, newest first."""
    rows = await asyncio.to_thread(
        queries.alerts, runtime.database, runtime.ledger.account, open_only=open_only, limit=SHOWN_MAX
    )
    return json_response({"alerts": [shown(alerts.Alert.of(row)) for row in rows]})


@router.post(
    "/{alert_id}/acknowledge",
    response_model=documented(RaisedAlert),
    responses=problems(),
    openapi_extra=NOTE.openapi(),
    summary="Acknowledge an alert",
)
@needs(Scope.HALT)
async def acknowledge_alert(request: Request, runtime: Running, granted: Granted, alert_id: AlertId) -> Response:
    """Say that somebody has taken it up; it goes on until it is over. Who was first stays."""
    async with journalled(runtime, granted.principal):
        note = NOTE.read(await request.body() or b"{}")["note"] or ""
        taken = await runtime.alert_watch.acknowledge(alert_id, granted.principal, note)
    return json_response(shown(taken))


def shown(alert: alerts.Alert) -> RaisedAlert:
    return RaisedAlert(
        alert_id=alert.alert_id,
        rule=alert.rule,
        subject=alert.subject,
        severity=alert.severity,
        state=alert.state,
        action=alert.action,
        what=alert.what,
        advice=alert.advice,
        fired_at=utc(alert.fired_ns),
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=None if alert.acknowledged_ns is None else utc(alert.acknowledged_ns),
        note=alert.note,
        resolved_at=None if alert.resolved_ns is None else utc(alert.resolved_ns),
    )
