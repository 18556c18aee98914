"""Repeated requests: the same Idempotency-Key with the same request gets the same answer, and one effect.

For orders the key is a row in the order's own turn (services/trading/account/idempotency.py); here are the other POSTs,
whose answers are rows of their own, after the act or in its turn (keeper). Keys of different routes never meet: a row's
key begins with the route's name.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.encoding import JSON, PROBLEM, json_ready
from app.api.errors import problem_of, problem_response
from app.api.parameters import IdempotencyKey
from app.api.runtime import Principal, Running, Runtime
from app.domain.events import EventKind
from app.services.trading.account.turn import Turn
from app.services.trading.errors import IdempotencyConflict, NotReady
from app.store import queries

IN_FLIGHT_MAX = 1_000

Act = Callable[[], Awaitable[Any]]


class Replies:
    """The answers given to keys. One instance serves one application."""

    def __init__(self) -> None:
        self._in_flight: dict[str, tuple[str, asyncio.Future[Response]]] = {}

    async def once(
        self,
        runtime: Runtime,
        route: str,
        key: str | None,
        request: Mapping[str, Any],
        act: Act,
        *,
        principal: str,
        status_code: int = 200,
        final: Callable[[Any], bool] = lambda _: True,
        refusal: type[Exception] | tuple[()] = (),
    ) -> Response:
        """act()'s result as JSON; for a key that was answered before, that answer again, without acting.

        A failed act leaves no answer, so the same key may try again, and neither does a result that is not final. But a
        `refusal` that act raises is an answer like any other, unless only the moment made it (503).
        Raises IdempotencyConflict when the key came with another request, NotReady when too many are under way, and
        what act raises.
        """
        if key is None:
            return _result(await act(), status_code)
        name, content = f"{route} {key}", _hash(request)
        running = self._in_flight.get(name)
        if running is not None:
            if running[0] != content:
                raise IdempotencyConflict(key)
            answered = await asyncio.shield(running[1])
            return _json(bytes(answered.body), answered.status_code)
        if len(self._in_flight) >= IN_FLIGHT_MAX:
            raise NotReady([f"{IN_FLIGHT_MAX} requests with an Idempotency-Key are under way, the most allowed"])
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._in_flight[name] = (content, future)
        try:
            answer = await self._answered(runtime, name, key, content)
            if answer is None:
                answer, kept = await _acted(act, status_code, final, refusal)
                refused = answer.status_code >= HTTPStatus.BAD_REQUEST
                if kept and not (refused and runtime.ledger.refused_lines.full(principal)):
                    await _remember(runtime, name, content, answer, principal)
            future.set_result(answer)
            return answer
        except BaseException as error:
            future.set_exception(error if isinstance(error, Exception) else RuntimeError("the first request ended"))
            future.exception()  # seen: nobody may be waiting for it
            raise
        finally:
            del self._in_flight[name]

    async def _answered(self, runtime: Runtime, name: str, key: str, content: str) -> Response | None:
        account = runtime.ledger.account
        row = await run_in_threadpool(queries.idempotent, runtime.database, account, name)
        if row is None:
            return None
        if row["body_hash"] != content:
            raise IdempotencyConflict(key)
        return _json(row["response"].encode(), row["status_code"])


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that changes something, and its key."""

    replies: Replies
    runtime: Runtime
    principal: str
    key: str | None

    async def once(
        self,
        route: str,
        request: Mapping[str, Any],
        act: Act,
        *,
        status_code: int = 200,
        final: Callable[[Any], bool] = lambda _: True,
        refusal: type[Exception] | tuple[()] = (),
    ) -> Response:
        """Replies.once."""
        return await self.replies.once(
            self.runtime,
            route,
            self.key,
            request,
            act,
            principal=self.principal,
            status_code=status_code,
            final=final,
            refusal=refusal,
        )

    def keeper(self, route: str, request: Mapping[str, Any]) -> Callable[[Turn, object], None] | None:
        """Stages the key's answer in the act's own turn, for an act that would do harm twice: no crash comes between.
        once() is then told that no result is final, so that it keeps none itself."""
        if self.key is None:
            return None
        name, content = f"{route} {self.key}", _hash(request)
        return lambda turn, result: _stage(self.runtime, turn, name, content, _result(result, HTTPStatus.OK))


async def _keyed(
    request: Request, runtime: Running, principal: Principal, idempotency_key: IdempotencyKey = None
) -> KeyedRequest:
    return KeyedRequest(request.app.state.replies, runtime, principal, idempotency_key)


Keyed = Annotated[KeyedRequest, Depends(_keyed)]


async def _acted(
    act: Act, status_code: int, final: Callable[[Any], bool], refusal: type[Exception] | tuple[()]
) -> tuple[Response, bool]:
    """What act came to, and whether that is the answer for ever. Raises what act does, but for a final refusal."""
    try:
        result = await act()
    except refusal as error:
        answer = problem_response(problem_of(error))
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return answer, True
    return _result(result, status_code), final(result)


async def _remember(runtime: Runtime, name: str, content: str, answer: Response, principal: str) -> None:
    turn = runtime.ledger.turn(principal)
    _stage(runtime, turn, name, content, answer)
    await turn.commit()


def _stage(runtime: Runtime, turn: Turn, name: str, content: str, answer: Response) -> None:
    row = {
        "key": name,
        "body_hash": content,
        "status_code": answer.status_code,
        "response": bytes(answer.body).decode(),
        "at_ns": turn.now_ns,
    }
    turn.row("idempotent_requests", {"account": runtime.ledger.account, **row})
    turn.event(EventKind.REQUEST_KEPT, row)


def _result(result: object, status_code: int) -> Response:
    return _json(msgspec.json.encode(json_ready(result)), status_code)


def _json(body: bytes, status_code: int) -> Response:
    return Response(body, status_code, media_type=JSON if status_code < HTTPStatus.BAD_REQUEST else PROBLEM)


def _hash(request: Mapping[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(json_ready(request))).hexdigest()
