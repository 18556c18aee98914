"""Four eyes over HTTP: what waits for a second person, who confirms it or refuses it.

What is asked for is asked on its own route (keys.py, controls.py), which then answers 202 with what waits here.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from app.api.bodies import Body, BodyField, optional, reason
from app.api.documents import documented, listed, problems
from app.api.encoding import json_response
from app.api.errors import Problem
from app.api.parameters import known_parameters
from app.api.refusals import journalled
from app.api.requests import NOTHING
from app.api.runtime import Granted, Running, Runtime
from app.api.scopes import check, needs
from app.api.shapes import REASON_MAX, nullable, text
from app.clock import utc
from app.domain import approvals
from app.domain.access import Scope
from app.domain.refusals import InvalidValue
from app.services.trading.account.access_keys import AccessKeys
from app.services.trading.account.approvals import Approvals
from app.store import queries

SHOWN_MAX = 200
ACTS = frozenset(act for act in approvals.Act if not act.proposes)

router = APIRouter(prefix="/api/v1/approvals", tags=["approvals"], dependencies=[Depends(known_parameters)])

ApprovalId = Annotated[str, Path(min_length=1, max_length=64, description="What waits for a second person")]


@dataclass(frozen=True, slots=True)
class Approval:
    """What was asked for, and what became of it. state: pending, confirmed, refused or expired. subject: the key, or
    kill_switch. wanted: what is to be done, in words; decided_by: who confirmed or refused it."""

    approval_id: str
    act: str
    state: str
    subject: str
    wanted: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str


APPROVALS = listed("Approvals", "approvals", Approval)
WHY = Body(
    "RefusalOfApproval",
    (BodyField("reason", optional(reason), nullable(text(REASON_MAX)), None),),
    {"Without words": {}, "With a reason": {"reason": "not agreed with the desk"}},
)


@router.get("", response_model=APPROVALS, responses=problems(), summary="List what needs a second person")
@needs(Scope.KEYS, Scope.RESUME, Scope.AUDIT)
async def list_approvals(runtime: Running) -> Response:
    """The last 200, newest first, decided or not. Proposals have a list of their own."""
    rows = await asyncio.to_thread(queries.approvals, runtime.database, runtime.ledger.account, ACTS, SHOWN_MAX)
    return json_response({"approvals": [shown(runtime, approvals.Approval.of(row)) for row in rows]})


@router.post(
    "/{approval_id}/confirm",
    response_model=documented(Approval),
    responses=problems(),
    openapi_extra=NOTHING.openapi(),
    summary="Confirm what another one asked for",
)
@needs(Scope.KEYS, Scope.RESUME)
async def confirm_approval(request: Request, runtime: Running, granted: Granted, approval_id: ApprovalId) -> Response:
    """It is done at once. Who asked for it cannot; nor can who made that one's key, or whose key that one made."""
    async with journalled(runtime, granted.principal):
        NOTHING.read(await request.body())
        keys = access_keys(runtime)
        check(granted, frozenset({_act(keys.approvals, approval_id).scope}))
        decided = await keys.confirm(approval_id, granted)
    return json_response(shown(runtime, decided))


@router.post(
    "/{approval_id}/refuse",
    response_model=documented(Approval),
    responses=problems(),
    openapi_extra=WHY.openapi(),
    summary="Refuse what was asked for",
)
@needs(Scope.KEYS, Scope.RESUME)
async def refuse_approval(request: Request, runtime: Running, granted: Granted, approval_id: ApprovalId) -> Response:
    """It is not done. Who asked for it may take it back so."""
    async with journalled(runtime, granted.principal):
        why = WHY.read(await request.body() or b"{}")["reason"] or ""
        pending = access_keys(runtime).approvals
        check(granted, frozenset({_act(pending, approval_id).scope}))
        decided = await pending.refuse(approval_id, granted, why)
    return json_response(shown(runtime, decided))


def _act(pending: Approvals, approval_id: str) -> approvals.Act:
    act = pending.book.find(approval_id).act
    if act.proposes:
        raise InvalidValue("approval_id", approval_id, "is a proposal; see /api/v1/proposals")
    return act


def shown(runtime: Runtime, approval: approvals.Approval) -> Approval:
    """As an answer has it: never a digest of a key."""
    return Approval(
        approval.approval_id,
        approval.act.value,
        approval.shown_state(runtime.clock.now_ns()),
        approval.subject,
        _words(approval),
        approval.asked_by,
        utc(approval.asked_ns),
        utc(approval.expires_ns),
        approval.decided_by,
        None if approval.decided_ns is None else utc(approval.decided_ns),
        approval.reason,
    )


def _words(approval: approvals.Approval) -> str:
    wanted = approval.wanted
    match approval.act:
        case approvals.Act.CREATE:
            key = wanted["key"]
            return f"scopes {key['scopes']}, limits {key['limits']}, addresses {key['addresses']}"
        case approvals.Act.ROTATE:
            return f"a new secret; the old one goes on for {wanted['overlap_seconds']} s"
        case approvals.Act.LIMITS:
            return f"limits {wanted['limits']}"
        case approvals.Act.ENABLE:
            return "open again"
        case approvals.Act.RELEASE:
            return str(wanted["reason"])
        case approvals.Act.ORDER | approvals.Act.EXECUTION:
            return str(wanted["request"])


def access_keys(runtime: Runtime) -> AccessKeys:
    """Raises Problem where the server only reads."""
    keys = runtime.access_keys
    if keys is None:
        raise Problem(405, "this server only reads", kind="read-only", headers={"Allow": "GET"})
    return keys
