"""Volume curves over HTTP: what an instrument trades by hour of the week, as VWAP takes it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.documents import documented, problems
from app.api.encoding import json_response
from app.api.parameters import InstrumentId, known_parameters
from app.api.runtime import Running
from app.api.scopes import needs
from app.domain.access import Scope
from app.services.trading.venue.volume_curves import DAYS_MAX, DAYS_USUAL, VolumeCurve

router = APIRouter(prefix="/api/v1/trading", tags=["executions"], dependencies=[Depends(known_parameters)])


@router.get(
    "/volume-curve/{instrument}",
    response_model=documented(VolumeCurve),
    responses=problems(404),
    summary="What an instrument trades by hour of the week",
)
@needs(Scope.READ)
async def volume_curve(
    runtime: Running,
    instrument: InstrumentId,
    days: Annotated[
        int, Query(ge=1, le=DAYS_MAX, description="Learned from the whole UTC days among the last so many")
    ] = DAYS_USUAL,
) -> Response:
    """Learned from the exchange's hourly volumes now, for `volume_curve` of vwap; 404 where the exchange tells none."""
    return json_response(await runtime.volume_curves.learn(instrument, days))
