"""The faults of a simulated exchange over HTTP: break it, and watch the executor recover. A real one has none here."""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api import shapes
from app.api.bodies import Body, BodyField, fraction, optional, text
from app.api.documents import listed, problems
from app.api.encoding import json_response
from app.api.parameters import known_parameters
from app.api.runtime import Principal, Running, Runtime
from app.api.scopes import needs
from app.domain.access import Scope
from app.domain.refusals import InvalidValue
from app.exchanges.errors import NotOffered
from app.exchanges.port import FaultKnob, FaultKnobs

TIMES_MAX = 1_000_000

log = structlog.get_logger("api")
router = APIRouter(prefix="/api/v1/simulator", tags=["simulator"], dependencies=[Depends(known_parameters)])

FAULTS = listed("FaultList", "faults", FaultKnob)


def _times(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= TIMES_MAX:
        raise InvalidValue(name, str(value), f"must be a whole number from 1 to {TIMES_MAX}")
    return value


_NAME = shapes.text(examples=["drop_reply"])
ARMED = Body(
    "ArmedFault",
    (
        BodyField("name", text, _NAME),
        BodyField("probability", fraction, {"type": "number", "minimum": 0, "maximum": 1}, 1.0),
        BodyField(
            "times", optional(_times), shapes.nullable({"type": "integer", "minimum": 1, "maximum": TIMES_MAX}), None
        ),
        BodyField("value", optional(text), shapes.nullable(shapes.text()), None),
    ),
    {
        "One answer is lost": {"name": "drop_reply", "times": 1},
        "Half of them": {"name": "drop_reply", "probability": 0.5},
    },
)
REPAIRED = Body(
    "RepairedFault",
    (BodyField("name", optional(text), shapes.nullable(_NAME), None),),
    {"All": {}, "One": {"name": "drop_reply"}},
)


def _of(runtime: Runtime) -> FaultKnobs:
    """Raises NotOffered where the exchange is a real one, or has no faults to set."""
    if runtime.fault_knobs is None:
        raise NotOffered("the exchange is not the simulated one: nothing of it can be broken from here")
    return runtime.fault_knobs


async def _shown(knobs: FaultKnobs) -> Response:
    faults: Sequence[FaultKnob] = await knobs.read()
    return json_response({"faults": faults})


@router.get(
    "/faults", response_model=FAULTS, responses=problems(404), summary="The faults that the simulated exchange can have"
)
@needs(Scope.READ)
async def list_faults(runtime: Running) -> Response:
    """Every one, with whether it is set and how often it came. 404 where the exchange is a real one."""
    return await _shown(_of(runtime))


@router.post(
    "/faults",
    response_model=FAULTS,
    responses=problems(404),
    openapi_extra=ARMED.openapi(),
    summary="Break the simulated exchange",
)
@needs(Scope.RISK)
async def arm_fault(request: Request, runtime: Running, principal: Principal) -> Response:
    """From now on it has this fault, at each chance with this probability, at most so many times in all; set again, it
    begins anew. value: which code, how many milliseconds, as the fault's description says. It is logged on whose word.
    404 where the exchange is a real one."""
    wanted, knobs = ARMED.read(await request.body()), _of(runtime)
    await knobs.arm(wanted["name"], wanted["probability"], wanted["times"], wanted["value"])
    told = {name: wanted[name] for name in ("probability", "times", "value")}
    log.warning("simulator.broken", principal=principal, fault=wanted["name"], **told)
    return await _shown(knobs)


@router.post(
    "/faults/repair",
    response_model=FAULTS,
    responses=problems(404),
    openapi_extra=REPAIRED.openapi(),
    summary="Repair the simulated exchange",
)
@needs(Scope.RISK)
async def repair_faults(request: Request, runtime: Running, principal: Principal) -> Response:
    """It has this fault no longer, or none at all. It is logged on whose word. 404 where the exchange is a real one."""
    wanted, knobs = REPAIRED.read(await request.body()), _of(runtime)
    await knobs.repair(wanted["name"])
    log.warning("simulator.repaired", principal=principal, fault=wanted["name"] or "all")
    return await _shown(knobs)
