"""Hooks over HTTP: the door that alerts come in by, which each hook's own secret opens; and looking, trying.

Who sends an alert shows the secret in it, where the hook's template says, or as X-API-Key or Authorization: Bearer.
"""

import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from app.api.auth import credentials
from app.api.bodies import Body, BodyField, JsonFloat
from app.api.documents import documented, listed, problems
from app.api.encoding import json_response
from app.api.errors import Problem
from app.api.parameters import known_parameters
from app.api.refusals import record
from app.api.runtime import Running, Runtime
from app.api.scopes import check, needs, opened_by_secret
from app.api.signals import SignalForeseen, SignalTaken, answered, foreseen
from app.domain.access import UNKNOWN, Grant, Scope
from app.domain.access_keys import HOOK, HOOK_SCOPES
from app.domain.refusals import InvalidValue, Refusal
from app.services.signals.alerts import TooManyAlerts
from app.services.signals.hooks import Hook

router = APIRouter(prefix="/api/v1/hooks", tags=["signals"], dependencies=[Depends(known_parameters)])
door = APIRouter(prefix="/api/v1/hooks", tags=["signals"])

HookName = Annotated[str, Path(min_length=1, max_length=32, description="The name of a hook in the settings")]


@dataclass(frozen=True, slots=True)
class DeclaredHook:
    """A hook of the settings. form: json or text. one_by: what makes an alert one. states: of its secrets, newest
    last."""

    name: str
    path: str
    form: str
    one_by: str
    window_seconds: int
    alerts_per_minute: int
    max_bytes: int
    symbols: dict[str, str]
    states: list[str]


@dataclass(frozen=True, slots=True)
class AlertForeseen:
    """What an alert would do. key: alerts of the same are one."""

    key: str
    signal: SignalForeseen


def _sent(name: str, value: Any) -> str:
    """Text of any characters and lines; its length the hook bounds."""
    if isinstance(value, JsonFloat) or not isinstance(value, str) or not value:
        raise InvalidValue(name, type(value).__name__, "must be text: the alert as the tool sends it")
    return value


HOOKS = listed("HookList", "hooks", DeclaredHook)
TRIED = Body(
    "TriedAlert",
    (BodyField("alert", _sent, {"type": "string", "minLength": 1}),),
    {"As the tool sends it": {"alert": '{"action": "buy", "ticker": "BTCUSDT", "size": "0.001"}'}},
)


_SENT: dict[str, object] = {"secret": "exk_...", "time": "2030-01-31T14:29:00Z", "action": "buy", "ticker": "BTCUSDT"}
_ALERTS = {
    "schema": {"type": "string"},
    "examples": {
        "Of a charting tool": {"value": json.dumps(_SENT | {"contracts": 0.001})},
        "A line of text": {"value": "exk_... buy 0.001 of BTCUSDT at 2030-01-31T14:29:00Z"},
    },
}


@door.post(
    "/{name}",
    status_code=201,
    response_model=documented(SignalTaken),
    responses={
        200: {"description": "hold: nothing is to be done", "model": documented(SignalTaken)},
        202: {"description": "Sent, but unanswered: it is being looked for"},
    }
    | problems(404, 409, 429),
    openapi_extra={"requestBody": {"required": True, "content": {"*/*": _ALERTS}}},
    summary="Send an alert",
)
@opened_by_secret(*HOOK_SCOPES)
async def take_alert(request: Request, runtime: Running, name: HookName) -> Response:
    """What a tool sends, as the hook's template reads it; of any Content-Type. Repeats of an alert get what became of
    the first. 422: what does not map, or is refused, by field. 429: more than the hook's rate."""
    raw = await request.body()
    hook = runtime.alerts.hooks.get(name)
    shown = credentials(request.scope["headers"])
    alert, unreadable = None, None
    try:
        alert = None if hook is None else hook.alert(raw)
    except InvalidValue as error:
        unreadable = error.refusal
    secrets = shown | ({alert.secret} if alert is not None and alert.secret is not None else set())
    grant = await _admitted(request, runtime, name, next(iter(secrets)) if len(secrets) == 1 else None)
    known_parameters(request)
    if hook is None:
        refusal = Refusal("input", "name", name, "is no hook of the settings")
        await record(runtime, (refusal,), grant.principal)
        raise Problem(404, str(refusal), errors=[refusal])
    if alert is None:
        assert unreadable is not None
        await runtime.alerts.unreadable(unreadable, grant.principal)
    assert alert is not None
    try:
        return answered(await runtime.alerts.take(hook, alert, grant))
    except TooManyAlerts as error:
        headers = {"Retry-After": str(error.seconds)}
        raise Problem(429, str(error), kind="too-many-alerts", errors=[error.refusal], headers=headers) from None


@router.get("", response_model=HOOKS, responses=problems(), summary="List the hooks")
@needs(Scope.READ)
async def list_hooks(runtime: Running) -> Response:
    """Those of the settings; without a secret none lets anybody in."""
    return json_response({"hooks": [_declared(runtime, hook) for hook in runtime.alerts.hooks.values()]})


@router.post(
    "/{name}/try",
    response_model=documented(AlertForeseen),
    responses=problems(404),
    openapi_extra=TRIED.openapi(),
    summary="What an alert would do",
)
@needs(Scope.READ)
async def try_hook(request: Request, runtime: Running, name: HookName) -> Response:
    """An alert as the tool would send it (its secret may be missing): what it maps to, what that would do, and why it
    would be refused. Nothing is done, and nothing is written."""
    said = TRIED.read(await request.body())["alert"].encode("utf-8", "surrogatepass")
    hook = runtime.alerts.hooks.get(name)
    if hook is None:
        raise Problem(404, f"name={name}: is no hook of the settings")
    found, key = await runtime.alerts.preview(hook, said, _grant_of(runtime, name))
    return json_response(AlertForeseen(key, foreseen(found)))


async def _admitted(request: Request, runtime: Runtime, name: str, secret: str | None) -> Grant:
    """Who the secret lets in. Raises Problem; the journal has a line then, but for what is only told to wait."""
    try:
        grant: Grant = request.state.admit_alert(name, secret)
        check(grant, HOOK_SCOPES)
    except Problem as problem:
        if problem.status != 429:
            said = Refusal("access", "key", f"POST {request.url.path}"[:200], problem.detail)
            await record(runtime, (said,), problem.extra.get("principal", UNKNOWN))
        raise
    request.state.principal = grant.principal
    return grant


def _grant_of(runtime: Runtime, name: str) -> Grant:
    """What the hook's newest secret may do; nothing where there is none."""
    living = [key for key in runtime.keys.keys.values() if key.hook == name and key.alive(runtime.clock.now_ns())]
    return living[-1].grant if living else Grant(HOOK + name, frozenset())


def _declared(runtime: Runtime, hook: Hook) -> DeclaredHook:
    now_ns = runtime.clock.now_ns()
    one_by = hook.id.said if hook.id is not None else "all of it, with its time"
    return DeclaredHook(
        hook.name,
        f"/api/v1/hooks/{hook.name}",
        "json" if hook.text is None else "text",
        one_by,
        hook.window_seconds,
        hook.alerts_per_minute,
        hook.max_bytes,
        dict(hook.symbols),
        [key.state(now_ns) for key in runtime.keys.keys.values() if key.hook == hook.name],
    )
