"""The stream's routes: the WebSocket, server-sent events on the same path family, and tickets for browsers."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from websockets.frames import Frame, Opcode

from app.api.connections import FRAMES, cut_off
from app.api.documents import documented, problems
from app.api.encoding import json_ready, json_response
from app.api.errors import Problem, invalid, problem_body, problem_of
from app.api.parameters import SEQ_MAX, Whole, known_parameters
from app.api.requests import NOTHING
from app.api.runtime import Principal
from app.api.scopes import check, needs
from app.api.stream import paths
from app.api.stream import wanted as asked
from app.api.stream.feed import Pieces
from app.api.stream.limits import FAILED, GONE, NO_MORE, End
from app.api.stream.messages import CHANNELS
from app.api.stream.streams import Streams
from app.api.stream.tickets import Ticket, Tickets
from app.api.stream.wanted import Wanted
from app.domain.access import Grant
from app.domain.access import Scope as Needs
from app.domain.refusals import Refusal
from app.services.trading.tasks import TaskGroup

CLOSE_SECONDS = 2
"""For the last words to a client; one that takes none is cut off."""
SOCKET_NAMES = ("channels", "after", "books", "ticket")
EVENT_NAMES = (*SOCKET_NAMES, "for_seconds")

_encode = msgspec.json.Encoder().encode

router = APIRouter(tags=["stream"])


def socket_route(streams: Callable[[], Streams], tickets: Tickets) -> WebSocketRoute:
    """The route of the WebSocket."""
    return WebSocketRoute(paths.SOCKET, SocketDoor(streams, tickets), name="stream")


class SocketDoor:
    """An ASGI application. The guard has looked at host, origin, header and ticket; without a grant from there the
    first message must say who asks."""

    def __init__(self, streams: Callable[[], Streams], tickets: Tickets) -> None:
        self._streams, self._tickets = streams, tickets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        streams, given, grant = (
            self._streams(),
            asked.query_of(scope["query_string"], SOCKET_NAMES),
            scope["state"]["grant"],
        )
        wanted = asked.read(given, streams.limits)
        if grant is not None:
            await streams.check(wanted)
            with streams.place(grant.principal):
                await send({"type": "websocket.accept"})
                end = await _serve(streams, wanted, grant.principal, scope, receive, send)
        else:
            with streams.waiting_room():
                await send({"type": "websocket.accept"})
                admitted = await self._admitted(streams, given, scope, receive)
            end = (
                admitted if isinstance(admitted, End) else await _over_socket(streams, *admitted, scope, receive, send)
            )
        await _close(send, end, scope)

    async def _admitted(
        self, streams: Streams, given: dict[str, str], scope: Scope, receive: Receive
    ) -> tuple[Wanted, str] | End:
        """What the first message says and whose it is, or why the stream is over."""
        seconds = streams.limits.first_message_seconds
        try:
            async with asyncio.timeout(seconds):
                message = await receive()
        except TimeoutError:
            return End.of(Problem(408, f"no first message came within {seconds} s", kind="first-message-late"))
        if message["type"] != "websocket.receive":
            return GONE
        try:
            first = asked.first_message(message.get("text") or message.get("bytes") or b"")
            grant = await self._grant(first, scope["state"])
            said = {name: value for name in SOCKET_NAMES[:3] if (value := getattr(first, name)) is not None}
            if twice := sorted(said.keys() & given.keys()):
                raise invalid([Refusal("input", name, given[name], "stands in the address too") for name in twice])
            return asked.read(given | said, streams.limits), grant.principal
        except Problem as problem:
            return End.of(problem)

    async def _grant(self, first: asked.FirstMessage, state: dict[str, Any]) -> Grant:
        """Raises Problem."""
        if (first.key is None) == (first.ticket is None):
            raise Problem(401, "the first message must hold a key or a ticket", kind="api-key-needed")
        if first.key is not None:
            found: Grant = await state["admit"](first.key)
        else:
            used = self._tickets.use(first.ticket or "")
            if used is None:
                raise Problem(401, "no such ticket is open", kind="api-key-refused")
            found, state["standing"] = used
        check(found, frozenset({Needs.READ}))
        return found


async def _over_socket(
    streams: Streams, wanted: Wanted, principal: str, scope: Scope, receive: Receive, send: Send
) -> End:
    """For a client that was accepted before it was known."""
    try:
        await streams.check(wanted)
        with streams.place(principal):
            return await _serve(streams, wanted, principal, scope, receive, send)
    except Exception as error:  # noqa: BLE001  it is told, as a route's would be
        return End.of(problem_of(error))


async def _serve(streams: Streams, wanted: Wanted, principal: str, scope: Scope, receive: Receive, send: Send) -> End:
    """Until the client goes, says what it must not, or its stream ends."""
    frames = FRAMES in scope.get("extensions", {})

    async def pieces(data: Pieces) -> None:
        if frames:
            await send({"type": FRAMES, "data": b"".join(data)})
            return
        for each in data:
            await send({"type": "websocket.send", "text": each.decode()})

    async def listen() -> End:
        message = await receive()
        return NO_MORE if message["type"] == "websocket.receive" else GONE

    standing, form = scope["state"]["standing"], _frame if frames else _plain
    return await _first(listen(), streams.run(wanted, principal, standing, form, pieces))


async def _first(listening: Coroutine[Any, Any, End], sending: Coroutine[Any, Any, End]) -> End:
    """The end of whichever ends first; one that fails is logged by its group."""
    tasks = TaskGroup()
    both = [tasks.spawn(sending, "stream-client"), tasks.spawn(listening, "stream-listen")]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        ended = next(task for task in both if task.done())
        return FAILED if ended.cancelled() or ended.exception() else ended.result()
    finally:
        await tasks.stop()


async def _close(send: Send, end: End, scope: Scope) -> None:
    """Say why, and close."""
    if end is GONE:
        return
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            if end.problem is not None:
                await send({"type": "websocket.send", "text": _encode(error_message(end.problem)).decode()})
            await send({"type": "websocket.close", "code": end.code, "reason": end.word})
    except TimeoutError:
        cut_off(scope)
    except OSError:
        return


def error_message(problem: Problem) -> dict[str, Any]:
    return {"type": "error", "seq": None, "problem": json_ready(problem_body(problem))}


def _frame(_seq: int | None, text: bytes) -> bytes:
    return Frame(Opcode.TEXT, text).serialize(mask=False)


def _plain(_seq: int | None, text: bytes) -> bytes:
    return text


def _line(seq: int | None, text: bytes) -> bytes:
    return b"data: %b\n\n" % text if seq is None else b"id: %d\ndata: %b\n\n" % (seq, text)


class EventStream(Response):
    """Server-sent events, until the client goes or its stream ends."""

    def __init__(self, streams: Streams, wanted: Wanted, principal: str) -> None:
        super().__init__(media_type="text/event-stream", headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._streams, self._wanted, self._principal = streams, wanted, principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.place(self._principal):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

            async def pieces(data: Pieces) -> None:
                await send({"type": "http.response.body", "body": b"".join(data), "more_body": True})

            async def listen() -> End:
                while (await receive())["type"] != "http.disconnect":
                    pass
                return GONE

            end = await _first(
                listen(), self._streams.run(self._wanted, self._principal, scope["state"]["standing"], _line, pieces)
            )
        if end is GONE:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                if end.problem is not None:
                    await pieces([_line(None, _encode(error_message(end.problem)))])
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            cut_off(scope)
            await listen()


LIST = r"^[\x21-\x7e]+$"
Channels = Annotated[
    str | None, Query(max_length=200, pattern=LIST, description=f"Some of {', '.join(CHANNELS)}, by commas; else all")
]
After = Annotated[
    Whole | None, Query(ge=0, le=SEQ_MAX, description="Events with a higher number; without it, from now on")
]
Books = Annotated[str | None, Query(max_length=2_000, pattern=LIST, description="Order books too, by commas")]
ForSeconds = Annotated[Whole | None, Query(ge=0, le=86_400, description="End when caught up and after so long")]
TicketGiven = Annotated[str | None, Query(max_length=100, description="A ticket instead of a key, for browsers")]


def _no_key_in_address(request: Request) -> None:
    asked.query_of(request.scope["query_string"], EVENT_NAMES)


@router.get(
    paths.EVENTS,
    dependencies=[Depends(_no_key_in_address), Depends(known_parameters)],
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Messages, as asyncapi"},
        **problems(409, 410),
    },
    response_class=Response,
    summary="The stream as server-sent events",
)
@needs(Needs.READ)
async def stream_events(
    request: Request,
    principal: Principal,
    channels: Channels = None,
    after: After = None,
    books: Books = None,
    for_seconds: ForSeconds = None,
    ticket: TicketGiven = None,
) -> Response:
    """Each message as `data`, with the journal's number as `id` where it may be resumed after; Last-Event-ID counts
    before `after`, so that a browser's own reconnect goes on where it was."""
    streams: Streams = request.app.state.streams
    given = {"channels": channels, "after": after, "books": books, "for_seconds": for_seconds}
    if request.state.head_only:
        return Response(media_type="text/event-stream")
    last = request.headers.get("last-event-id")
    wanted = asked.read(given | ({"after": last} if last else {}), streams.limits)
    await streams.check(wanted)
    return EventStream(streams, wanted, principal)


@router.post(
    paths.TICKETS,
    status_code=201,
    dependencies=[Depends(known_parameters)],
    response_model=documented(Ticket),
    responses=problems(),
    openapi_extra=NOTHING.openapi(),
    summary="A ticket that opens one stream",
)
@needs(Needs.READ)
async def make_ticket(request: Request) -> Response:
    """For a browser, which can give an EventSource no header: valid once, for half a minute, as `ticket` in the
    address or the first message."""
    NOTHING.read(await request.body())
    return json_response(request.app.state.tickets.make(request.state.grant, request.state.standing), 201)
