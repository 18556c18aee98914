"""Proposals over HTTP: an order or an execution that a program asks for and a person lets happen.

A proposal is looked at as an order would be, and is durable before anybody hears of it. Confirmed, it is placed under
an Idempotency-Key made of its id, so that no crash and no second confirmation makes two; on the word and within the
limits of who proposed it, and within the limits of who confirms it too.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

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
from app.api.trading import placed, refused_for_now
from app.clock import utc
from app.domain.access import Grant, Scope
from app.domain.approvals import Act, Approval
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.account.approvals import Approvals
from app.services.trading.execution_strategies.terms import NO_TERMS, ParentTerms, SizeIn
from app.services.trading.executor import held_key
from app.services.trading.risk_checks import key_limits
from app.services.trading.schemas import OrderParams, OrderResponse
from app.store import queries

WAITS_SECONDS = 3_600.0
"""How long a proposal waits for a person: the market that it was made for goes on."""
REQUEST_MAX = 8_192

router = APIRouter(prefix="/api/v1/proposals", tags=["proposals"], dependencies=[Depends(known_parameters)])

ProposalId = Annotated[str, Path(min_length=1, max_length=64, description="What waits for a person")]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was proposed, and what became of it. act: order.place or execution.start. request: the body, as given.
    state: pending, confirmed, refused or expired. became: the id of the order or execution that it is, once confirmed.
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
_under_way: set[str] = set()
"""Proposals that are being decided in this process."""


@router.get("", response_model=PROPOSALS, responses=problems(), summary="List what was proposed, newest first")
@needs(Scope.READ)
async def list_proposals(runtime: Running) -> Response:
    """Of the last 200 that needed a second person, decided or not."""
    rows = await asyncio.to_thread(queries.approvals, runtime.database, runtime.ledger.account, SHOWN_MAX)
    found = [each for each in map(Approval.of, rows) if each.act.proposes]
    return json_response({"proposals": [shown(runtime, each) for each in found]})


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
            await _check_key(runtime, params, granted.principal, terms)
            await runtime.parents.preview(wanted["strategy"], wanted["config"], params, terms=terms)
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
    """Placed at once, as POST /orders or /executions would. Not by who proposed it, nor by who made that one's key. One
    that only the moment kept from going out (503) waits on."""
    async with journalled(runtime, granted.principal):
        NOTHING.read(await request.body())
        pending = access_keys(runtime).approvals
        _check_scope(granted, _waiting(pending, approval_id))
        approval = pending.confirmable(approval_id, granted)
        with _deciding(approval_id):
            order, parent = await _done(runtime, approval, granted)
            became = order.order_id if order is not None else parent.parent_id if parent is not None else ""
            decided = await pending.became(approval, granted, became)
    if order is not None:
        placed(order)  # raises what says why it was refused
    return json_response(ProposalDone(shown(runtime, decided), order, parent))


@router.post(
    "/{approval_id}/refuse",
    response_model=documented(Proposal),
    responses=problems(404, 409),
    openapi_extra=WHY.openapi(),
    summary="Let a proposal not happen",
)
@needs(Scope.PROPOSE, Scope.PLACE, Scope.EXECUTIONS)
async def refuse_proposal(request: Request, runtime: Running, granted: Granted, approval_id: ProposalId) -> Response:
    """Who proposed it may take it back so."""
    async with journalled(runtime, granted.principal):
        why = WHY.read(await request.body() or b"{}")["reason"] or ""
        pending = access_keys(runtime).approvals
        approval = _waiting(pending, approval_id)
        if approval.asked_by != granted.principal:
            _check_scope(granted, approval)
        with _deciding(approval_id):
            name = await _became(runtime, approval)
            if name is not None:  # confirmed before a crash, and not written
                decided = await pending.became(approval, granted, name)
            else:
                decided = await pending.refuse(approval_id, granted, why)
    return json_response(shown(runtime, decided))


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
        approval.wanted.get("became"),
    )


async def _ask(runtime: Runtime, act: Act, instrument_id: str, raw: bytes, by: Grant) -> Approval:
    if len(raw) > REQUEST_MAX:
        raise Problem(413, f"a proposal may have at most {REQUEST_MAX} bytes")
    pending = access_keys(runtime).approvals
    return await pending.ask(act, instrument_id, {"request": raw.decode()}, by, WAITS_SECONDS)


async def _check_order(runtime: Runtime, params: OrderParams, principal: str) -> None:
    """As its placing would be decided now. Raises what says why not."""
    runtime.ledger.instrument(params.instrument_id)
    await runtime.follow(params.instrument_id)
    await runtime.risk.prepare(params)
    result = runtime.risk.approve(params, principal=principal).result
    if not result.passed:
        raise invalid(result.reasons, kind="order-denied")


async def _done(runtime: Runtime, approval: Approval, by: Grant) -> tuple[OrderResponse | None, Execution | None]:
    """What was proposed, placed or started, once. Raises what says why not; then it waits on."""
    raw, who, key = approval.wanted["request"].encode(), approval.asked_by, _key_of(approval)
    if approval.act is Act.ORDER:
        params = OrderParams(**ORDER.read(raw))
        await _check_key(runtime, params, by.principal)
        order = await runtime.executor.place_order(params, principal=who, idempotency_key=key)
        if refused_for_now(order):
            placed(order)
        return order, None
    wanted: dict[str, Any] = EXECUTION.read(raw)
    params, terms = read_order(wanted)
    await _check_key(runtime, params, by.principal, terms)
    started = await runtime.parents.start(
        wanted["strategy"], wanted["config"], params, terms=terms, principal=who, key=key
    )
    return None, execution(started)


async def _check_key(runtime: Runtime, params: OrderParams, principal: str, terms: ParentTerms = NO_TERMS) -> None:
    """Whether it is within the limits of the key that proposes or confirms. Raises what says why not."""
    if not runtime.keys.limits_of(principal):
        return
    instrument = runtime.ledger.instrument(params.instrument_id)
    await runtime.follow(params.instrument_id)
    await runtime.risk.prepare(params)
    if terms.size_in is SizeIn.QUOTE:
        rate = runtime.risk.prices.last(instrument.quote).price
        value = None if rate is None else params.size * rate
        of = (principal, params.instrument_id, params.strategy_id, params.size, value)
        beyond = runtime.keys.order_refusals(*of, gets_out=False)
    else:
        reasons = runtime.risk.approve(params, principal=principal).result.reasons
        beyond = [each for each in reasons if each.check == key_limits.NAME]
    if beyond:
        raise invalid(beyond, kind="order-denied")


async def _became(runtime: Runtime, approval: Approval) -> str | None:
    """The order or execution that it is already; None where there is none, but for one that the moment kept back."""
    key = _key_of(approval)
    if approval.act is Act.EXECUTION:
        begun = await runtime.parents.begun(key)
        return None if begun is None else begun.parent.parent_id
    if (held := await runtime.parents.begun(held_key(key))) is not None:
        return held.parent.parent_id
    row = await asyncio.to_thread(queries.idempotent, runtime.database, runtime.ledger.account, key)
    if row is None or row["order_id"] is None:
        return None
    order = await asyncio.to_thread(runtime.orders.get_order, row["order_id"])
    return None if refused_for_now(order) else row["order_id"]


def _key_of(approval: Approval) -> str:
    """Its Idempotency-Key: with a blank, which nobody else's can have."""
    return f"proposal {approval.approval_id}"


def _waiting(pending: Approvals, proposal_id: str) -> Approval:
    """Raises Problem for one that does not wait."""
    try:
        approval = pending.find(proposal_id)
    except InvalidValue as error:
        raise Problem(404, str(error), kind="proposal-not-found", errors=[error.refusal]) from None
    if not approval.act.proposes:
        refusal = Refusal("input", "approval_id", proposal_id, "is no proposal; see /api/v1/approvals")
        raise Problem(404, str(refusal), kind="proposal-not-found", errors=[refusal])
    return approval


def _check_scope(granted: Grant, approval: Approval) -> None:
    check(granted, frozenset({approval.act.scope}))


@contextmanager
def _deciding(proposal_id: str) -> Iterator[None]:
    """One at a time: between a look and its end nobody else decides. Raises InvalidValue."""
    if proposal_id in _under_way:
        raise InvalidValue("proposal_id", proposal_id, "is being decided just now")
    _under_way.add(proposal_id)
    try:
        yield
    finally:
        _under_way.discard(proposal_id)
