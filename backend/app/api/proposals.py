"""Proposals over HTTP: an order or an execution that a program asks for and a person lets happen.

A proposal is looked at as an order would be, and is durable before anybody hears of it. Confirmed, it is placed under
an Idempotency-Key made of its id, and its confirmation stands in the turn of what it becomes, so that no crash and no
second confirmation makes two. It is placed on the word of who proposed it, and within the limits of both.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from app.api.approvals import SHOWN_MAX, WHY, access_keys
from app.api.bodies import read_object
from app.api.documents import documented, listed, problems
from app.api.encoding import json_ready, json_response
from app.api.errors import Problem, invalid
from app.api.executions import Execution, execution, read_order
from app.api.parameters import known_parameters
from app.api.refusals import journalled
from app.api.replies import Keyed
from app.api.requests import EXECUTION, NOTHING, ORDER
from app.api.runtime import Granted, Running, Runtime
from app.api.scopes import check, needs
from app.api.trading import placed
from app.clock import utc
from app.domain.access import Grant, Scope
from app.domain.approvals import Act, Approval, ApprovalState
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.account.approvals import Approvals
from app.services.trading.account.refusal_classes import denied_for_now
from app.services.trading.errors import NotReady
from app.services.trading.execution_strategies.conditions import is_parent
from app.services.trading.execution_strategies.conditions import wanted as wanted_parent
from app.services.trading.schemas import OrderParams, OrderResponse
from app.store import queries
from app.store.errors import StoreError

WAITS_SECONDS = 3_600.0
"""How long a proposal waits for a person: the market that it was made for goes on."""
REQUEST_MAX = 8_192

log = structlog.get_logger("api")

router = APIRouter(prefix="/api/v1/proposals", tags=["proposals"], dependencies=[Depends(known_parameters)])

ProposalId = Annotated[str, Path(min_length=1, max_length=64, description="What waits for a person")]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was proposed, and what became of it. act: order.place or execution.start. request: the body, as given.
    state: pending, confirmed, refused or expired. became: the id of the order or execution that it is, once confirmed.
    reason: why it was refused; of one that waits or has expired, what kept it back when it was confirmed last.
    """

    proposal_id: str
    act: str
    instrument_id: str
    request: Mapping[str, Any]
    state: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    became: str | None


@dataclass(frozen=True, slots=True)
class ProposalDone:
    """order: as it stands, of a proposed order; execution: of a proposed execution."""

    proposal: Proposal
    order: OrderResponse | None
    execution: Execution | None


PROPOSALS = listed("Proposals", "proposals", Proposal)
ACTS = frozenset(act for act in Act if act.proposes)


@router.get("", response_model=PROPOSALS, responses=problems(), summary="List what was proposed, newest first")
@needs(Scope.READ)
async def list_proposals(runtime: Running) -> Response:
    """The last 200, decided or not."""
    rows = await asyncio.to_thread(queries.approvals, runtime.database, runtime.ledger.account, ACTS, SHOWN_MAX)
    return json_response({"proposals": [shown(runtime, each) for each in map(Approval.of, rows)]})


@router.get(
    "/{approval_id}", response_model=documented(Proposal), responses=problems(404), summary="Show one, however old"
)
@needs(Scope.READ)
async def get_proposal(runtime: Running, approval_id: ProposalId) -> Response:
    """As it stands, and what it has become."""
    return json_response(shown(runtime, await _asked(runtime, approval_id)))


@router.post(
    "/orders",
    status_code=202,
    response_model=documented(Proposal),
    responses=problems(409),
    openapi_extra=ORDER.openapi(),
    summary="Propose an order",
)
@needs(Scope.PROPOSE, Scope.PLACE)
async def propose_order(request: Request, runtime: Running, granted: Granted, keyed: Keyed) -> Response:
    """Nothing is placed: it waits an hour for a person with the scope orders:place. 422: risk would refuse it now, with
    every reason. The same proposal of the same key is one while it waits."""
    async with journalled(runtime, granted.principal):
        raw = await request.body()
        wanted = ORDER.read(raw)
        params = OrderParams(**wanted)

        async def act() -> object:
            await _check_order(runtime, params, granted.principal)
            return shown(runtime, await _ask(runtime, Act.ORDER, params.instrument_id, raw, granted))

        return await keyed.once("proposals/orders", wanted, act, status_code=202)


@router.post(
    "/executions",
    status_code=202,
    response_model=documented(Proposal),
    responses=problems(409),
    openapi_extra=EXECUTION.openapi(),
    summary="Propose an execution",
)
@needs(Scope.PROPOSE, Scope.EXECUTIONS)
async def propose_execution(request: Request, runtime: Running, granted: Granted, keyed: Keyed) -> Response:
    """Nothing is started: as a proposed order, for a person with the scope executions."""
    async with journalled(runtime, granted.principal):
        raw = await request.body()
        wanted: dict[str, Any] = EXECUTION.read(raw)
        params, terms = read_order(wanted)

        async def act() -> object:
            how = wanted["strategy"], wanted["config"], params
            await runtime.parents.check(*how, terms=terms, principal=granted.principal)
            return shown(runtime, await _ask(runtime, Act.EXECUTION, params.instrument_id, raw, granted))

        return await keyed.once("proposals/executions", wanted, act, status_code=202)


@router.post(
    "/{approval_id}/confirm",
    response_model=documented(ProposalDone),
    responses=problems(404, 409),
    openapi_extra=NOTHING.openapi(),
    summary="Let a proposal happen",
)
@needs(Scope.PLACE, Scope.EXECUTIONS)
async def confirm_proposal(request: Request, runtime: Running, granted: Granted, approval_id: ProposalId) -> Response:
    """Placed at once, as POST /orders or /executions would. Not by who proposed it, nor by who made that one's key.
    What is refused (422, 503), by risk or by the exchange, waits on; of one that was confirmed, what it became."""
    async with journalled(runtime, granted.principal):
        NOTHING.read(await request.body())
        pending = access_keys(runtime).approvals
        approval = await _asked(runtime, approval_id)
        _check_scope(granted, approval)
        if approval.state is ApprovalState.CONFIRMED:
            order, parent = await _became(runtime, approval)
        else:
            with pending.book.deciding(approval_id):
                order, parent = await _let_happen(runtime, await _asked(runtime, approval_id), granted)
            approval = await _asked(runtime, approval_id)
    if order is not None:
        placed(order)  # raises what says why it was refused
    return json_response(ProposalDone(shown(runtime, approval), order, parent))


@router.post(
    "/{approval_id}/refuse",
    response_model=documented(Proposal),
    responses=problems(404, 409),
    openapi_extra=WHY.openapi(),
    summary="Let a proposal not happen",
)
@needs(Scope.PROPOSE, Scope.PLACE, Scope.EXECUTIONS)
async def refuse_proposal(request: Request, runtime: Running, granted: Granted, approval_id: ProposalId) -> Response:
    """Who proposed it may take it back so. Of one that was refused, that again; 409: it was confirmed."""
    async with journalled(runtime, granted.principal):
        why = WHY.read(await request.body() or b"{}")["reason"] or ""
        pending = access_keys(runtime).approvals
        approval = await _asked(runtime, approval_id)
        if approval.asked_by != granted.principal:
            _check_scope(granted, approval)
        with pending.book.deciding(approval_id):
            approval = await _asked(runtime, approval_id)
            if approval.state is ApprovalState.CONFIRMED:
                rule = f"was confirmed by {approval.decided_by}, and is {approval.became}"
                raise _problem(409, approval_id, rule, "proposal-confirmed")
            if approval.state is not ApprovalState.REFUSED:
                _check_waits(pending, approval)
                approval = await pending.refuse(approval_id, granted, why)
    return json_response(shown(runtime, approval))


def shown(runtime: Runtime, approval: Approval) -> Proposal:
    """As an answer has it."""
    return Proposal(
        approval.approval_id,
        approval.act.value,
        approval.subject,
        json_ready(read_object(approval.wanted["request"].encode())),
        approval.shown_state(runtime.clock.now_ns()),
        approval.asked_by,
        utc(approval.asked_ns),
        utc(approval.expires_ns),
        approval.decided_by,
        None if approval.decided_ns is None else utc(approval.decided_ns),
        approval.reason,
        approval.became,
    )


async def _ask(runtime: Runtime, act: Act, instrument_id: str, raw: bytes, by: Grant) -> Approval:
    if len(raw) > REQUEST_MAX:
        raise Problem(413, f"a proposal may have at most {REQUEST_MAX} bytes")
    pending = access_keys(runtime).approvals
    return await pending.ask(act, instrument_id, {"request": raw.decode()}, by, WAITS_SECONDS)


async def _check_order(runtime: Runtime, params: OrderParams, principal: str) -> None:
    """As its placing would be decided now. Raises what says why not."""
    held = wanted_parent(params)
    if held is not None:
        await runtime.parents.preview(held.strategy, held.config, held.params, principal=principal)
        return
    runtime.ledger.instrument(params.instrument_id)
    await runtime.follow(params.instrument_id)
    await runtime.risk.prepare(params)
    reasons = runtime.risk.approve(params, principal=principal).result.reasons
    if denied_for_now(reasons):
        raise NotReady([str(reason) for reason in reasons])
    if reasons:
        raise invalid(reasons, kind="order-denied")


async def _let_happen(runtime: Runtime, approval: Approval, by: Grant) -> tuple[OrderResponse | None, Execution | None]:
    """What it is, confirmed now or by somebody else a moment ago. Raises what says why not; that then stands beside it,
    and a journal that cannot be written does not hide what is raised."""
    pending = access_keys(runtime).approvals
    if approval.state is ApprovalState.CONFIRMED:
        return await _became(runtime, approval)
    _check_waits(pending, approval)
    approval = pending.confirmable(approval.approval_id, by)
    try:
        return await _done(runtime, approval, by)
    except (InvalidValue, NotReady) as error:
        try:
            await pending.kept_back(approval, by, str(error))
        except StoreError as failure:
            log.warning("proposal.not_journalled", approval_id=approval.approval_id, reason=str(failure))
        raise


async def _done(runtime: Runtime, approval: Approval, by: Grant) -> tuple[OrderResponse | None, Execution | None]:
    """What was proposed, placed or started, once; that it was confirmed stands in the same turn. Raises what says why
    not; then it waits on."""
    raw, second = approval.wanted["request"].encode(), access_keys(runtime).approvals.second(approval, by)
    who, key = approval.asked_by, f"proposal {approval.approval_id}"  # with a blank, which nobody else's can have
    if approval.act is Act.ORDER:
        params = OrderParams(**ORDER.read(raw))
        order = await runtime.executor.place_order(params, principal=who, idempotency_key=key, second=second)
        return order, None
    wanted: dict[str, Any] = EXECUTION.read(raw)
    params, terms = read_order(wanted)
    how = wanted["strategy"], wanted["config"], params
    started = await runtime.parents.start(*how, terms=terms, principal=who, key=key, second=second)
    return None, execution(started)


async def _became(runtime: Runtime, approval: Approval) -> tuple[OrderResponse | None, Execution | None]:
    """What a confirmed one is, as it stands."""
    name = approval.wanted["became"]
    if approval.act is Act.EXECUTION:
        return None, execution(await asyncio.to_thread(runtime.parents.get, name))
    held = runtime.executor.held_order(name) if is_parent(name) else None
    return held or await asyncio.to_thread(runtime.orders.get_order, name), None


async def _asked(runtime: Runtime, proposal_id: str) -> Approval:
    """As it durably stands. Raises Problem for what is no proposal."""
    access_keys(runtime)
    await runtime.ledger.writer.drain()
    row = await asyncio.to_thread(queries.approval, runtime.database, runtime.ledger.account, proposal_id)
    approval = None if row is None else Approval.of(row)
    if approval is None or not approval.act.proposes:
        rule = "was never asked for" if approval is None else "is no proposal; see /api/v1/approvals"
        raise _problem(404, proposal_id, rule, "proposal-not-found")
    return approval


def _check_waits(pending: Approvals, approval: Approval) -> None:
    """Raises Problem for one that is over, with what became of it."""
    try:
        pending.book.find(approval.approval_id)
    except InvalidValue:
        over = f"was refused by {approval.decided_by}" if approval.state is ApprovalState.REFUSED else "has expired"
        rule = f"{over}: {approval.reason}" if approval.reason else over
        raise _problem(404, approval.approval_id, rule, "proposal-not-found") from None


def _problem(status: int, proposal_id: str, rule: str, kind: str) -> Problem:
    refusal = Refusal("input", "approval_id", proposal_id, rule)
    return Problem(status, str(refusal), kind=kind, errors=[refusal])


def _check_scope(granted: Grant, approval: Approval) -> None:
    check(granted, frozenset({approval.act.scope}))
