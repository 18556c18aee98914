"""The leverage of contracts over HTTP: as the exchange has it, and set."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.api.documents import listed, problems
from app.api.encoding import json_response
from app.api.parameters import TradeModeWord, known_parameters
from app.api.refusals import journalled
from app.api.replies import Keyed
from app.api.requests import LEVERAGE
from app.api.runtime import Principal, Running
from app.api.scopes import needs
from app.domain.access import Scope
from app.domain.orders import TradeMode
from app.services.trading.venue.leverages import Leverage

router = APIRouter(prefix="/api/v1/trading", tags=["controls"], dependencies=[Depends(known_parameters)])

MarginMode = Annotated[TradeModeWord, Query(json_schema_extra={"enum": [TradeMode.CROSS, TradeMode.ISOLATED]})]

LEVERAGES = listed("Leverages", "leverages", Leverage)


@router.get("/leverage", response_model=LEVERAGES, responses=problems(), summary="The leverage of a contract")
@needs(Scope.READ)
async def get_leverage(
    runtime: Running,
    instrument_id: Annotated[str, Query(min_length=1, max_length=64, examples=["BTC-USDT-SWAP"])],
    trade_mode: MarginMode = TradeMode.CROSS,
) -> Response:
    """Asked of the exchange now, by position side; net on an account that does not keep long and short apart."""
    return json_response({"leverages": await runtime.leverages.get_leverage(instrument_id, trade_mode)})


@router.post(
    "/leverage",
    response_model=LEVERAGES,
    responses=problems(409),
    openapi_extra=LEVERAGE.openapi(),
    summary="Set the leverage of a contract",
)
@needs(Scope.PLACE)
async def set_leverage(request: Request, runtime: Running, principal: Principal, keyed: Keyed) -> Response:
    """Of both sides unless one is named, which an account that keeps long and short apart takes for isolated margin
    alone. Journalled once the exchange has taken it; without its answer it may be in force or not: ask."""
    async with journalled(runtime, principal):
        wanted = LEVERAGE.read(await request.body())
        runtime.keys.check_instrument(principal, wanted["instrument_id"])
        runtime.leverages.check(wanted["instrument_id"], wanted["trade_mode"], wanted["position_side"])

    async def act() -> object:
        return {
            "leverages": await runtime.leverages.set_leverage(
                wanted["instrument_id"],
                wanted["leverage"],
                trade_mode=wanted["trade_mode"],
                position_side=wanted["position_side"],
                principal=principal,
            )
        }

    return await keyed.once("leverage", wanted, act)
