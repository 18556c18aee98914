"""The levers on parent orders over HTTP: lay aside, go on, change, end.

Each takes an Idempotency-Key as orders do: its answer is a row in the act's own turn.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api.bodies import Body
from app.api.documents import documented, problems
from app.api.executions import Execution, ParentId, execution
from app.api.parameters import known_parameters
from app.api.refusals import journalled
from app.api.replies import Keyed, KeyedRequest
from app.api.requests import EXECUTION_CHANGE, NOTHING, PAUSE, WORD
from app.api.scopes import needs
from app.domain.access import Scope
from app.services.trading.execution_strategies.terms import PauseClock
from app.services.trading.schemas import ParentResponse

router = APIRouter(prefix="/api/v1/trading", tags=["executions"], dependencies=[Depends(known_parameters)])

Said = Mapping[str, Any]
Act = Callable[[Said, Mapping[str, Any]], Awaitable[ParentResponse]]
_ANSWERS: Mapping[str, Any] = {"response_model": documented(Execution), "responses": problems(404, 409)}


@router.delete("/executions/{parent_id}", summary="Cancel an execution", **_ANSWERS)
@needs(Scope.EXECUTIONS, Scope.CANCEL)
async def cancel_execution(request: Request, keyed: Keyed, parent_id: ParentId) -> Response:
    """Cancel its open orders, then end it; what has filled stays filled."""

    async def act(said: Said, word: Mapping[str, Any]) -> ParentResponse:
        return await keyed.runtime.parents.cancel(parent_id, **word)

    return await _controlled(request, keyed, "cancel", NOTHING, parent_id, act)


@router.post(
    "/executions/{parent_id}/cancel",
    openapi_extra=WORD.openapi(),
    summary="Cancel an execution, and say why",
    **_ANSWERS,
)
@needs(Scope.EXECUTIONS, Scope.CANCEL)
async def cancel_execution_because(request: Request, keyed: Keyed, parent_id: ParentId) -> Response:
    """As DELETE, with a reason."""

    async def act(said: Said, word: Mapping[str, Any]) -> ParentResponse:
        return await keyed.runtime.parents.cancel(parent_id, **word)

    return await _controlled(request, keyed, "cancel", WORD, parent_id, act)


@router.post(
    "/executions/{parent_id}/pause", openapi_extra=PAUSE.openapi(), summary="Lay an execution aside", **_ANSWERS
)
@needs(Scope.EXECUTIONS)
async def pause_execution(request: Request, keyed: Keyed, parent_id: ParentId) -> Response:
    """Take its open orders back. Its time goes on, or, with a frozen clock, its schedule and its end move by the pause;
    it can be resumed or amended."""

    async def act(said: Said, word: Mapping[str, Any]) -> ParentResponse:
        return await keyed.runtime.parents.pause(parent_id, clock=PauseClock(said["clock"]), **word)

    return await _controlled(request, keyed, "pause", PAUSE, parent_id, act)


@router.post(
    "/executions/{parent_id}/resume", openapi_extra=WORD.openapi(), summary="Go on with an execution", **_ANSWERS
)
@needs(Scope.EXECUTIONS)
async def resume_execution(request: Request, keyed: Keyed, parent_id: ParentId) -> Response:
    """Go on with one that was paused, or suspended by the kill switch or a refusal; what failed before is forgiven."""

    async def act(said: Said, word: Mapping[str, Any]) -> ParentResponse:
        return await keyed.runtime.parents.resume(parent_id, **word)

    return await _controlled(request, keyed, "resume", WORD, parent_id, act)


@router.patch(
    "/executions/{parent_id}",
    openapi_extra=EXECUTION_CHANGE.openapi(),
    summary="Change an execution's terms",
    **_ANSWERS,
)
@needs(Scope.EXECUTIONS)
async def amend_execution(request: Request, keyed: Keyed, parent_id: ParentId) -> Response:
    """A new size (in all), limit, end, or keys of its config; what is left is planned anew. Laid aside it stays so."""

    async def act(said: Said, word: Mapping[str, Any]) -> ParentResponse:
        terms = {name: said[name] for name in ("size", "price", "limit_offset_pct", "end_at", "config")}
        return await keyed.runtime.parents.amend(parent_id, **terms, **word)

    return await _controlled(request, keyed, "amend", EXECUTION_CHANGE, parent_id, act)


async def _controlled(
    request: Request, keyed: KeyedRequest, control: str, body: Body, parent_id: str, act: Act
) -> Response:
    async with journalled(keyed.runtime, keyed.principal):
        said = body.read(await request.body())
        route, whole = f"executions/{control}", {"parent_id": parent_id, **said}
        keeper = keyed.keeper(route, whole)
        keep = None if keeper is None else lambda turn, found: keeper(turn, execution(found))
        word = {"principal": keyed.principal, "reason": said.get("reason") or "", "keep": keep}

        async def acted() -> object:
            return execution(await act(said, word))

        return await keyed.once(route, whole, acted, final=lambda _: False)
