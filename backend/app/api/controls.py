"""The operator's levers over HTTP: cancel everything, flatten, kill switch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api.approvals import Approval, shown
from app.api.documents import UNRECORDED, documented, listed, problems
from app.api.encoding import json_response
from app.api.executions import Execution, execution
from app.api.guard import check_content_type
from app.api.parameters import InstrumentFilter, known_parameters
from app.api.refusals import journalled
from app.api.replies import Keyed
from app.api.requests import CANCEL_ALL, FLATTEN, KILL_SWITCH
from app.api.runtime import Granted, Principal, Running, Runtime
from app.api.scopes import check, needs
from app.api.trading import placed, refused_for_now
from app.clock import utc
from app.domain.access import Scope
from app.domain.approvals import Act
from app.services.trading.account.approvals import Approvals, release_asked
from app.services.trading.exits.to_close import FlattenPlan, LeftOut
from app.services.trading.risk_in_force import RiskInForce, in_force
from app.services.trading.schemas import OrderResponse

router = APIRouter(prefix="/api/v1/trading", tags=["controls"], dependencies=[Depends(known_parameters)])

ENGAGE = b'{"engaged": true, "reason": "asked without a reason"}'
"""What a request for the kill switch without a body says."""

ORDERS = listed("AffectedOrders", "orders", OrderResponse)
FLATTENED = listed(
    "Flattened",
    "orders",
    OrderResponse,
    executions=(list[documented(Execution)], ...),
    left_out=(list[documented(LeftOut)], ...),
)


@dataclass(frozen=True, slots=True)
class KillSwitchState:
    """Whether new orders and amends are blocked, since when, why, and on whose word; None where it never was set.
    approval: its release waits for a second person."""

    engaged: bool
    reason: str
    principal: str
    since: datetime | None
    approval: Approval | None


def _state(runtime: Runtime, approval: Approval | None = None) -> KillSwitchState:
    switch = runtime.ledger.kill_switch
    since = utc(switch.at_ns) if switch.at_ns else None
    return KillSwitchState(switch.engaged, switch.reason, switch.principal, since, approval)


@router.post(
    "/orders/cancel-all",
    response_model=ORDERS,
    responses=UNRECORDED | problems(409),
    openapi_extra=CANCEL_ALL.openapi(),
    summary="Cancel every open order",
)
@needs(Scope.CANCEL)
async def cancel_all(request: Request, runtime: Running, principal: Principal, keyed: Keyed) -> Response:
    """Of one instrument or of all; our own orders and those that others placed on the account. Executions end too,
    so that none places anything afterwards; conditional orders that can only reduce stay, unless `protection` is
    true."""
    async with journalled(runtime, principal):
        wanted = CANCEL_ALL.read(await request.body() or b"{}")
        if wanted["instrument_id"] is not None:
            runtime.ledger.instrument(wanted["instrument_id"])

    async def act() -> object:
        orders = await runtime.executor.cancel_all(
            wanted["instrument_id"], protection=wanted["protection"], principal=principal
        )
        return {"orders": orders}

    return await keyed.once("orders/cancel-all", wanted, act)


@router.post(
    "/positions/flatten",
    response_model=FLATTENED,
    responses=problems(409),
    openapi_extra=FLATTEN.openapi(),
    summary="Cancel all, then close every position at market",
)
@needs(Scope.EXIT)
async def flatten(request: Request, runtime: Running, principal: Principal, keyed: Keyed) -> Response:
    """Of one instrument or of all. What one order can take is one order, refused ones with their reasons; what is more
    than the book, the price collar or the limits of one order allow goes on in pieces as an execution, whose first
    order is among the orders. What was left out is listed with size, value and reason: of an asset what is nobody's
    (there before us, sent in, bought by a hand at the exchange) stays unless `all` is true.

    503 with Retry-After when only the moment kept all of it from going out (an outage, a start): asked again with the
    same key it is tried anew, as is what was refused so beside orders that went out."""
    async with journalled(runtime, principal):
        wanted = FLATTEN.read(await request.body())
        if wanted["instrument_id"] is not None:
            runtime.ledger.instrument(wanted["instrument_id"])

    async def act() -> dict[str, Any]:
        key = None if keyed.key is None else f"flatten {keyed.key}"
        done = await runtime.executor.flatten(
            wanted["instrument_id"], all=wanted["all"], principal=principal, idempotency_key=key
        )
        if done.orders and not done.parents and all(map(refused_for_now, done.orders)):
            placed(done.orders[0])  # raises the problem
        parents = [execution(parent) for parent in done.parents]
        return {"orders": done.orders, "executions": parents, "left_out": done.left_out}

    return await keyed.once(
        "positions/flatten", wanted, act, final=lambda done: not any(map(refused_for_now, done["orders"]))
    )


@router.get(
    "/positions/flatten",
    response_model=documented(FlattenPlan),
    responses=problems(),
    summary="What a flatten would close and leave",
)
@needs(Scope.READ)
async def flatten_plan(runtime: Running, instrument_id: InstrumentFilter = None, all: bool = False) -> Response:
    """As it stands now, before anything is cancelled; nothing is done."""
    return json_response(runtime.executor.flatten_plan(instrument_id, all=all))


@router.get("/kill-switch", response_model=documented(KillSwitchState), responses=problems(), summary="The kill switch")
@needs(Scope.READ)
async def kill_switch(runtime: Running) -> Response:
    return json_response(_state(runtime))


@router.post(
    "/kill-switch",
    response_model=documented(KillSwitchState),
    responses=UNRECORDED | problems(409),
    openapi_extra=KILL_SWITCH.openapi(),
    summary="Engage or release the kill switch",
)
@needs(Scope.HALT, Scope.RESUME)
async def set_kill_switch(
    request: Request, runtime: Running, principal: Principal, granted: Granted, keyed: Keyed
) -> Response:
    """Engaged, also after a restart: no new order and no amend but exits (flatten), and every open order is cancelled.
    Without a body it is engaged (scope halt); to release it takes one, with Content-Type: application/json, and the
    scope resume; where that needs a second person, 202 with the `approval` that waits for one."""
    async with journalled(runtime, principal):
        wanted = KILL_SWITCH.read(await request.body() or ENGAGE)
        if not wanted["engaged"]:
            check_content_type(request.method, request.scope["headers"])
        check(granted, frozenset({Scope.HALT if wanted["engaged"] else Scope.RESUME}))
        if not wanted["engaged"] and (pending := _second_person(runtime)) is not None:
            asked = release_asked(runtime.ledger, wanted["reason"])
            approval = await pending.ask(Act.RELEASE, "kill_switch", asked, granted)
            return json_response(_state(runtime, shown(runtime, approval)), 202)

    async def act() -> object:
        if wanted["engaged"]:
            await runtime.executor.engage_kill_switch(wanted["reason"], principal=principal)
        else:
            await runtime.executor.release_kill_switch(wanted["reason"], principal=principal)
        return _state(runtime)

    return await keyed.once("kill-switch", wanted, act)


def _second_person(runtime: Runtime) -> Approvals | None:
    """Where a release asks for one; None where nothing needs one."""
    keys = runtime.access_keys
    if keys is None or not keys.approvals.needed(Act.RELEASE):
        return None
    return keys.approvals if runtime.ledger.kill_switch.engaged else None


@router.get(
    "/risk-limits",
    response_model=documented(RiskInForce),
    responses=problems(),
    summary="The risk limits in force, and what is used of each",
)
@needs(Scope.READ)
async def risk_limits(runtime: Running, principal: Principal) -> Response:
    """As the checks would measure an order that comes now; with the limits of the key that asks."""
    return json_response(in_force(runtime.risk.limits, runtime.ledger, runtime.risk.prices, principal))
