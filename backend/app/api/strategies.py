"""Strategies of one's own over HTTP: how each stands, and its start, stop and loading anew (services/strategies)."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from app.api.bodies import Body, BodyField, optional, reason
from app.api.documents import documented, listed, problems
from app.api.encoding import json_response
from app.api.errors import Problem
from app.api.memo import Memo
from app.api.parameters import known_parameters
from app.api.refusals import journalled
from app.api.requests import NOTHING
from app.api.runtime import Granted, Running, Runtime
from app.api.scopes import needs
from app.api.shapes import REASON_MAX, nullable, text
from app.domain.access import Scope
from app.domain.refusals import InvalidValue
from app.services.strategies.declared import Declared
from app.services.strategies.hosted import StrategyView
from app.services.strategies.running import Standing
from app.services.trading.schemas import PerformanceMetrics

router = APIRouter(prefix="/api/v1/strategies", tags=["strategies"], dependencies=[Depends(known_parameters)])

StrategyName = Annotated[str, Path(min_length=1, max_length=32, description="The name of a strategy of the settings")]


@dataclass(frozen=True, slots=True)
class StrategyFigures:
    """A strategy of one's own, what it keeps (JSON), and the performance of all its orders so far."""

    strategy: StrategyView
    state: str
    performance: PerformanceMetrics


BUSY = (Standing.STARTING, Standing.RUNNING)
STRATEGIES = listed("OwnStrategies", "strategies", StrategyView)
WHY = Body(
    "StopOfStrategy",
    (BodyField("reason", optional(reason), nullable(text(REASON_MAX)), None),),
    {"Without words": {}, "With a reason": {"reason": "it buys too much"}},
)


@router.get("", response_model=STRATEGIES, responses=problems(), summary="List strategies of one's own")
@needs(Scope.READ)
async def list_strategies(runtime: Running) -> Response:
    """Those of the settings: how each stands, what it holds, has at risk, and was refused."""
    return json_response({"strategies": runtime.strategies.views()})


@router.get(
    "/{name}", response_model=documented(StrategyFigures), responses=problems(404), summary="A strategy of one's own"
)
@needs(Scope.READ)
async def get_strategy(request: Request, runtime: Running, name: StrategyName) -> Response:
    """How it stands, and its profit and loss by its own fills."""
    view, present, memo = _view(runtime, name), runtime.recorder.present(), _memo(request)

    def fold() -> PerformanceMetrics:
        return runtime.recorder.calculate_performance(strategy_id=name, present=present)

    asked = ("performance", None, None, None, name)
    found: PerformanceMetrics = await memo.get(asked, runtime.ledger.seq, fold)
    return json_response(StrategyFigures(view, runtime.strategies.state(name), found))


@router.post(
    "/{name}/start",
    response_model=documented(StrategyView),
    responses=problems(404),
    openapi_extra=NOTHING.openapi(),
    summary="Start a strategy of one's own",
)
@needs(Scope.EXECUTIONS)
async def start_strategy(request: Request, runtime: Running, granted: Granted, name: StrategyName) -> Response:
    """One that stopped or failed, or that has been put into the settings since; one that runs goes on as it is. How it
    fares then, its `standing` tells. A key with limits of its own starts only what its limits leave free."""
    async with journalled(runtime, granted.principal):
        NOTHING.read(await request.body() or b"{}")
        wanted = await _wanted(runtime, name)
        _within_limits(runtime, granted.principal, wanted)
    running = [view for view in runtime.strategies.views() if view.strategy_id == name and view.standing in BUSY]
    return json_response(running[0] if running else await runtime.strategies.begin(wanted, granted.principal))


@router.post(
    "/{name}/reload",
    response_model=documented(StrategyView),
    responses=problems(404),
    openapi_extra=NOTHING.openapi(),
    summary="Load a strategy's file anew",
)
@needs(Scope.EXECUTIONS)
async def reload_strategy(request: Request, runtime: Running, granted: Granted, name: StrategyName) -> Response:
    """Ended and begun with its file, and its table of the settings, as they are now; its state, book and orders go on,
    and so does everything else. 422: what the settings say of it is wrong; it goes on as it is."""
    async with journalled(runtime, granted.principal):
        NOTHING.read(await request.body() or b"{}")
        wanted = await _wanted(runtime, name)
        _within_limits(runtime, granted.principal, wanted)
    return json_response(await runtime.strategies.begin(wanted, granted.principal))


@router.post(
    "/{name}/stop",
    response_model=documented(StrategyView),
    responses=problems(404),
    openapi_extra=WHY.openapi(),
    summary="Stop a strategy of one's own",
)
@needs(Scope.HALT)
async def stop_strategy(request: Request, runtime: Running, granted: Granted, name: StrategyName) -> Response:
    """It stays stopped over restarts, until it is started. Its orders and what it holds stay as they are."""
    async with journalled(runtime, granted.principal):
        why = WHY.read(await request.body() or b"{}")["reason"]
        _view(runtime, name)
    return json_response(await runtime.strategies.end(name, granted.principal, why or f"by {granted.principal}"))


def _view(runtime: Runtime, name: str) -> StrategyView:
    """Raises Problem."""
    try:
        return runtime.strategies.view(name)
    except InvalidValue as error:
        raise Problem(404, str(error), errors=[error.refusal]) from None


async def _wanted(runtime: Runtime, name: str) -> Declared:
    """As it would begin now. Raises Problem for one that there is not, InvalidValue for wrong settings."""
    try:
        return await runtime.strategies.read(name)
    except InvalidValue as error:
        if error.refusal.field != "strategy_id":
            raise
        raise Problem(404, str(error), errors=[error.refusal]) from None


def _within_limits(runtime: Runtime, principal: str, wanted: Declared) -> None:
    """A strategy's orders are its own, and would not count for the key that started it. Raises InvalidValue."""
    limits, rule = runtime.keys.limits_of(principal), ""
    if limits.strategies is not None and wanted.name not in limits.strategies:
        rule = f"is none of the strategies of {principal}"
    elif limits.instruments is not None and not limits.instruments.issuperset(wanted.instruments):
        rule = f"trades {', '.join(wanted.instruments)}, and {principal} not all of them"
    elif limits.max_order_notional is not None or limits.max_daily_notional is not None:
        rule = f"has limits of its own, and those of {principal} in money would not hold for it"
    if rule:
        raise InvalidValue("strategies", wanted.name, rule, check="key_limits")


def _memo(request: Request) -> Memo:
    return request.app.state.memo
