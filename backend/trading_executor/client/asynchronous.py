"""The client for asyncio: the same calls, awaited."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

import aiohttp
from yarl import URL

from trading_executor.client import calls, following, wire
from trading_executor.client.errors import NotAvailable
from trading_executor.client.handles import OVER, POLL_SECONDS, SETTLING_SECONDS, Handle
from trading_executor.client.messages import EventMessage
from trading_executor.client.models import Execution, OrderResponse, ParentFigures
from trading_executor.client.wire import Answer, Attempts, Call, Lost, Patience

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT_SECONDS = 20.0
IDLE_SECONDS = 2.0
"""A connection is used again within this: less than the server keeps it, so that none is asked that is closing."""
LINE_BYTES_MAX = 8 * 1024 * 1024


class _sends(Generic[P, T]):
    """A method that sends the call which a function of `calls` builds, and gives the answer in its type."""

    def __init__(self, build: Callable[P, Call[T]]) -> None:
        self._build = build

    @overload
    def __get__(self, client: None, owner: type) -> _sends[P, T]: ...

    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, client: AsyncClient | None, owner: type) -> _sends[P, T] | Callable[P, Coroutine[Any, Any, T]]:
        if client is None:
            return self

        @functools.wraps(self._build)
        async def send(*arguments: P.args, **named: P.kwargs) -> T:
            return await client.send(self._build(*arguments, **named))

        return send


class _starts(Generic[P]):
    """The same of an execution, which gives a handle of what it started."""

    def __init__(self, build: Callable[P, Call[Execution]]) -> None:
        self._build = build

    @overload
    def __get__(self, client: None, owner: type) -> _starts[P]: ...

    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Coroutine[Any, Any, AsyncExecutionHandle]]: ...

    def __get__(
        self, client: AsyncClient | None, owner: type
    ) -> _starts[P] | Callable[P, Coroutine[Any, Any, AsyncExecutionHandle]]:
        if client is None:
            return self

        @functools.wraps(self._build)
        async def start(*arguments: P.args, **named: P.kwargs) -> AsyncExecutionHandle:
            return AsyncExecutionHandle(client, await client.send(self._build(*arguments, **named)))

        return start


class AsyncClient:
    """A system's API. `async with AsyncClient(url) as client`, or close() at the end; its parameters are Client's."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        patience: Patience = wire.USUAL,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.url = wire.check_url(url)
        self._headers = wire.headers(api_key)
        self._timeout, self._patience = timeout, patience
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    place_order = _sends(calls.place_order)
    order_history = _sends(calls.order_history)
    active_orders = _sends(calls.active_orders)
    get_order = _sends(calls.get_order)
    modify_order = _sends(calls.modify_order)
    cancel_order = _sends(calls.cancel_order)
    cancel_all = _sends(calls.cancel_all)
    resolve_order = _sends(calls.resolve_order)
    send_signal = _sends(calls.send_signal)
    preview_signal = _sends(calls.preview_signal)
    start_execution = _sends(calls.start_execution)
    execute = _starts(calls.start_execution)
    preview_execution = _sends(calls.preview_execution)
    executions = _sends(calls.executions)
    get_execution = _sends(calls.get_execution)
    execution_progress = _sends(calls.execution_progress)
    execution_figures = _sends(calls.execution_figures)
    execution_orders = _sends(calls.execution_orders)
    pause_execution = _sends(calls.pause_execution)
    resume_execution = _sends(calls.resume_execution)
    amend_execution = _sends(calls.amend_execution)
    cancel_execution = _sends(calls.cancel_execution)
    settle_execution = _sends(calls.settle_execution)
    strategies = _sends(calls.strategies)
    execution_cost = _sends(calls.execution_cost)
    order_cost = _sends(calls.order_cost)
    cost_estimate = _sends(calls.cost_estimate)
    cost_report = _sends(calls.cost_report)
    volume_curve = _sends(calls.volume_curve)
    positions = _sends(calls.positions)
    get_position = _sends(calls.get_position)
    sync_positions = _sends(calls.sync_positions)
    flatten_plan = _sends(calls.flatten_plan)
    flatten = _sends(calls.flatten)
    account = _sends(calls.account)
    instruments = _sends(calls.instruments)
    instrument = _sends(calls.instrument)
    candles = _sends(calls.candles)
    book = _sends(calls.book)
    market_trades = _sends(calls.market_trades)
    risk_limits = _sends(calls.risk_limits)
    leverage = _sends(calls.leverage)
    set_leverage = _sends(calls.set_leverage)
    trades = _sends(calls.trades)
    tax_lots = _sends(calls.tax_lots)
    tear_sheet = _sends(calls.tear_sheet)
    performance = _sends(calls.performance)
    statistics = _sends(calls.statistics)
    kill_switch = _sends(calls.kill_switch)
    engage_kill_switch = _sends(calls.engage_kill_switch)
    release_kill_switch = _sends(calls.release_kill_switch)
    declare_balance = _sends(calls.declare_balance)
    accept_difference = _sends(calls.accept_difference)
    hooks = _sends(calls.hooks)
    try_hook = _sends(calls.try_hook)
    own_strategies = _sends(calls.own_strategies)
    own_strategy = _sends(calls.own_strategy)
    start_strategy = _sends(calls.start_strategy)
    reload_strategy = _sends(calls.reload_strategy)
    stop_strategy = _sends(calls.stop_strategy)
    keys = _sends(calls.keys)
    create_key = _sends(calls.create_key)
    rotate_key = _sends(calls.rotate_key)
    revoke_key = _sends(calls.revoke_key)
    disable_key = _sends(calls.disable_key)
    enable_key = _sends(calls.enable_key)
    limit_key = _sends(calls.limit_key)
    page_token = _sends(calls.page_token)
    approvals = _sends(calls.approvals)
    confirm_approval = _sends(calls.confirm_approval)
    refuse_approval = _sends(calls.refuse_approval)
    propose_order = _sends(calls.propose_order)
    propose_execution = _sends(calls.propose_execution)
    proposals = _sends(calls.proposals)
    proposal = _sends(calls.proposal)
    confirm_proposal = _sends(calls.confirm_proposal)
    refuse_proposal = _sends(calls.refuse_proposal)
    alerts = _sends(calls.alerts)
    acknowledge_alert = _sends(calls.acknowledge_alert)
    faults = _sends(calls.faults)
    arm_fault = _sends(calls.arm_fault)
    repair_faults = _sends(calls.repair_faults)
    alive = _sends(calls.alive)
    ready = _sends(calls.ready)
    status = _sends(calls.status)
    events = _sends(calls.events)
    search_events = _sends(calls.search_events)
    stream_ticket = _sends(calls.stream_ticket)

    async def send(self, call: Call[T]) -> T:
        """The call's answer in its type. Raises ClientError."""
        return wire.typed(call, await self.fetch(call))

    async def fetch(self, call: Call[Any]) -> Any:
        """The call's answer as its JSON. Raises ClientError."""
        now = asyncio.get_running_loop().time
        attempts = Attempts(self.url, call, self._patience, now())
        while True:
            try:
                answer = await self._once(call, attempts, now())
            except Lost as lost:
                wait = attempts.after_lost(lost, now())
            else:
                wait = attempts.after_answer(answer, now())
                if wait is None:
                    return attempts.result(answer)
            await asyncio.sleep(wait)

    async def execution(self, parent_id: str) -> AsyncExecutionHandle:
        """A handle of one that was started before."""
        return AsyncExecutionHandle(self, await self.send(calls.get_execution(parent_id)))

    async def wait_for(self, order_id: str, timeout: float = SETTLING_SECONDS) -> OrderResponse:
        """The order once it is over and its fills are in hand. Raises TimeoutError, ClientError."""
        async with asyncio.timeout(timeout):
            while not (order := await self.send(calls.get_order(order_id))).settled:  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(POLL_SECONDS)
        return order

    async def stream(
        self,
        *,
        after: int | None = None,
        channels: Sequence[str] = (),
        books: Sequence[str] = (),
        for_seconds: int | None = None,
    ) -> AsyncGenerator[following.Message]:
        """As Client.stream."""
        told = self.messages(after=after, channels=channels, books=books, for_seconds=for_seconds)
        async with aclosing(told):
            async for message in told:
                if (found := following.typed(message)) is not None:
                    yield found

    async def events_after(
        self, after: int | None = None, channels: Sequence[str] = ()
    ) -> AsyncGenerator[EventMessage]:
        """As Client.events_after."""
        told = self.stream(after=after, channels=channels)
        async with aclosing(told):
            async for message in told:
                if isinstance(message, EventMessage):
                    yield message

    async def messages(
        self,
        *,
        after: int | None = None,
        channels: Sequence[str] = (),
        books: Sequence[str] = (),
        for_seconds: int | None = None,
        on_break: Callable[[str, int | None], object] = following.silent,
    ) -> AsyncGenerator[dict[str, Any]]:
        """As Client.messages."""
        course = following.Course(after, channels, books, for_seconds)
        while True:
            try:
                async with aclosing(self._lines(course.query)) as lines:
                    async for line in lines:
                        if (message := wire.of_line(line)) is not None:
                            course.saw(message)
                            yield message
                why = course.ended()
            except (Lost, NotAvailable) as error:
                why = course.broke(error, self.url)
            if why is None:
                return
            on_break(why, course.after)
            await asyncio.sleep(following.AGAIN_SECONDS)

    async def _once(self, call: Call[Any], attempts: Attempts, now: float) -> Answer:
        timeout = aiohttp.ClientTimeout(total=min(self._timeout, attempts.seconds_left(now)))
        headers = self._headers | attempts.headers
        try:
            async with self._opened().request(
                call.method,
                self._address(wire.target(call)),
                data=wire.content(call),
                headers=headers,
                timeout=timeout,
                middlewares=(_Once(),),
            ) as response:
                content = await response.read()
        except aiohttp.ClientConnectorError as error:
            raise Lost(str(error), sent=False) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost(f"no answer ({str(error) or type(error).__name__})", sent=True) from None
        return Answer(response.status, content, response.headers.get("Retry-After"))

    async def _lines(self, query: Mapping[str, Any]) -> AsyncGenerator[str]:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._timeout, sock_read=self._timeout)
        try:
            async with self._opened().get(
                self._address(following.PATH), params=dict(query), headers=self._headers, timeout=timeout
            ) as response:
                if response.status >= 400:
                    content = await response.read()
                    raise wire.refusal_of(Answer(response.status, content, response.headers.get("Retry-After")))
                while line := await response.content.readline():
                    yield line.decode().rstrip("\n")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost(str(error) or type(error).__name__, sent=True) from None

    def _address(self, target: str) -> Any:
        return URL(self.url + target, encoded=True)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._tls or True, keepalive_timeout=IDLE_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, read_bufsize=LINE_BYTES_MAX)
        return self._session


class _Once:
    """Sends a request once: aiohttp would repeat GET and DELETE by itself, and a repeat is to be known as one."""

    def __init__(self) -> None:
        self._sent = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._sent:
            raise Lost("no answer (the connection was closed)", sent=True)
        self._sent = True
        return await handler(request)


class AsyncExecutionHandle(Handle):
    """One execution: look at it, wait for its end, steer it. `await handle` gives it when it is over or laid aside."""

    def __init__(self, client: AsyncClient, latest: Execution) -> None:
        super().__init__(latest)
        self._client = client

    def __await__(self) -> Any:
        return self.wait().__await__()

    async def refresh(self) -> Execution:
        return self._keep(await self._client.send(calls.get_execution(self.parent_id)))

    async def wait(self, timeout: float | None = None) -> Execution:
        """Until it is over, or laid aside (`latest.status` says which). Raises TimeoutError, ClientError."""
        async with asyncio.timeout(timeout):
            while self.latest.status not in OVER:
                await asyncio.sleep(POLL_SECONDS)
                await self.refresh()
        return self.latest

    async def progress(self) -> ParentFigures:
        return await self._client.send(calls.execution_progress(self.parent_id))

    async def orders(self) -> tuple[OrderResponse, ...]:
        return await self._client.send(calls.execution_orders(self.parent_id))

    async def pause(self, *, clock: str = "kept", reason: str | None = None) -> Execution:
        return self._keep(await self._client.send(calls.pause_execution(self.parent_id, clock=clock, reason=reason)))

    async def resume(self, *, reason: str | None = None) -> Execution:
        return self._keep(await self._client.send(calls.resume_execution(self.parent_id, reason=reason)))

    async def amend(self, **terms: Any) -> Execution:
        """The terms of amend_execution."""
        return self._keep(await self._client.send(calls.amend_execution(self.parent_id, **terms)))

    async def cancel(self, *, reason: str | None = None) -> Execution:
        return self._keep(await self._client.send(calls.cancel_execution(self.parent_id, reason=reason)))
