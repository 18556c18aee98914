"""The client for programs without an event loop: each call waits for its answer."""

from __future__ import annotations

import functools
import http.client
import ssl
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import Any, Generic, ParamSpec, TypeVar, overload
from urllib.parse import urlencode, urlsplit

from trading_executor.client import calls, following, wire
from trading_executor.client.errors import NotAvailable
from trading_executor.client.handles import OVER, POLL_SECONDS, SETTLING_SECONDS, Handle
from trading_executor.client.messages import EventMessage
from trading_executor.client.models import Execution, OrderResponse, ParentFigures
from trading_executor.client.wire import Answer, Attempts, Call, Lost, Patience

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT_SECONDS = 20.0
STREAM_PATH = following.PATH


class _sends(Generic[P, T]):
    """A method that sends the call which a function of `calls` builds, and gives the answer in its type."""

    def __init__(self, build: Callable[P, Call[T]]) -> None:
        self._build = build

    @overload
    def __get__(self, client: None, owner: type) -> _sends[P, T]: ...

    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, T]: ...

    def __get__(self, client: Client | None, owner: type) -> _sends[P, T] | Callable[P, T]:
        if client is None:
            return self

        @functools.wraps(self._build)
        def send(*arguments: P.args, **named: P.kwargs) -> T:
            return client.send(self._build(*arguments, **named))

        return send


class _starts(Generic[P]):
    """The same of an execution, which gives a handle of what it started."""

    def __init__(self, build: Callable[P, Call[Execution]]) -> None:
        self._build = build

    @overload
    def __get__(self, client: None, owner: type) -> _starts[P]: ...

    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, ExecutionHandle]: ...

    def __get__(self, client: Client | None, owner: type) -> _starts[P] | Callable[P, ExecutionHandle]:
        if client is None:
            return self

        @functools.wraps(self._build)
        def start(*arguments: P.args, **named: P.kwargs) -> ExecutionHandle:
            return ExecutionHandle(client, client.send(self._build(*arguments, **named)))

        return start


class Client:
    """A system's API. One instance may serve several threads: it holds no connection between calls.

    api_key: where one is asked for (docs/keys.md). timeout: for the answer of one attempt. patience: for a call
    with its repeats. tls: whom to believe at an https address, and what to show there (tls_files). dial: makes the
    connection instead, as by a control socket; where it gives None, the address counts. Raises ValueError for a bad
    url.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        patience: Patience = wire.USUAL,
        tls: ssl.SSLContext | None = None,
        dial: Callable[[float], Any] | None = None,
    ) -> None:
        self.url = wire.check_url(url)
        self._parts = urlsplit(self.url)
        self._headers = wire.headers(api_key)
        self._timeout, self._patience = timeout, patience
        self._tls, self._dial = tls, dial

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

    def send(self, call: Call[T]) -> T:
        """The call's answer in its type. Raises ClientError."""
        return wire.typed(call, self.fetch(call))

    def fetch(self, call: Call[Any]) -> Any:
        """The call's answer as its JSON. Raises ClientError."""
        attempts = Attempts(self.url, call, self._patience, time.monotonic())
        while True:
            try:
                answer = self._once(call, attempts)
            except Lost as lost:
                wait = attempts.after_lost(lost, time.monotonic())
            else:
                wait = attempts.after_answer(answer, time.monotonic())
                if wait is None:
                    return attempts.result(answer)
            time.sleep(wait)

    def execution(self, parent_id: str) -> ExecutionHandle:
        """A handle of one that was started before."""
        return ExecutionHandle(self, self.send(calls.get_execution(parent_id)))

    def wait_for(self, order_id: str, timeout: float = SETTLING_SECONDS) -> OrderResponse:
        """The order once it is over and its fills are in hand. Raises TimeoutError, ClientError."""
        deadline = time.monotonic() + timeout
        while not (order := self.send(calls.get_order(order_id))).settled:
            if time.monotonic() > deadline:
                raise TimeoutError(f"order {order_id} is {order.status.value} after {timeout} s")
            time.sleep(POLL_SECONDS)
        return order

    def stream(
        self,
        *,
        after: int | None = None,
        channels: Sequence[str] = (),
        books: Sequence[str] = (),
        for_seconds: int | None = None,
    ) -> Generator[following.Message]:
        """What happens, as it happens, as types (messages.py): every event once, over breaks and restarts, for ever or
        for_seconds. after: goes on after that event; 0: all since the beginning; None: from now on. Raises ClientError
        for a stream that cannot begin, or will not go on."""
        for message in self.messages(after=after, channels=channels, books=books, for_seconds=for_seconds):
            if (found := following.typed(message)) is not None:
                yield found

    def events_after(self, after: int | None = None, channels: Sequence[str] = ()) -> Generator[EventMessage]:
        """The stream's events alone: keep the `seq` of the last that you dealt with, and begin from it again."""
        for message in self.stream(after=after, channels=channels):
            if isinstance(message, EventMessage):
                yield message

    def messages(
        self,
        *,
        after: int | None = None,
        channels: Sequence[str] = (),
        books: Sequence[str] = (),
        for_seconds: int | None = None,
        on_break: Callable[[str, int | None], object] = following.silent,
    ) -> Generator[dict[str, Any]]:
        """The same as JSON. on_break: is told why it breaks off, and after which event it goes on."""
        course = following.Course(after, channels, books, for_seconds)
        while True:
            try:
                with closing(self._lines(course.query)) as lines:
                    for message in wire.of_lines(lines):
                        course.saw(message)
                        yield message
                why = course.ended()
            except (Lost, NotAvailable) as error:
                why = course.broke(error, self.url)
            if why is None:
                return
            on_break(why, course.after)
            time.sleep(following.AGAIN_SECONDS)

    def _once(self, call: Call[Any], attempts: Attempts) -> Answer:
        timeout = min(self._timeout, attempts.seconds_left(time.monotonic()))
        with closing(self._connected(timeout)) as connection:
            try:
                connection.request(
                    call.method,
                    self._parts.path + wire.target(call),
                    wire.content(call),
                    self._headers | attempts.headers,
                )
                response = connection.getresponse()
                content = response.read(wire.ANSWER_BYTES_MAX)
                short = len(content) < wire.ANSWER_BYTES_MAX and response.length
                if short or not (content or response.chunked or response.headers.get("Content-Length")):
                    raise http.client.IncompleteRead(content, short or None)
            except (OSError, http.client.HTTPException) as error:
                raise Lost(f"no answer ({error or type(error).__name__})", sent=True) from None
        return Answer(response.status, content, response.headers.get("Retry-After"))

    def _lines(self, query: Mapping[str, Any]) -> Generator[str]:
        with closing(self._connected(self._timeout)) as connection:
            try:
                connection.request("GET", f"{self._parts.path}{STREAM_PATH}?{urlencode(query)}", None, self._headers)
                response = connection.getresponse()
                if response.status >= 400:
                    content = response.read(wire.ANSWER_BYTES_MAX)
                    raise wire.refusal_of(Answer(response.status, content, response.headers.get("Retry-After")))
                while line := response.readline():
                    yield line.decode().rstrip("\n")
            except (OSError, http.client.HTTPException) as error:
                raise Lost(str(error) or type(error).__name__, sent=True) from None

    def _connected(self, timeout: float) -> http.client.HTTPConnection:
        """Raises Lost: nobody was reached."""
        line = None if self._dial is None else self._dial(timeout)
        if line is not None:
            connection = http.client.HTTPConnection("control.local")
            connection.sock = line
            return connection
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=self._tls)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise Lost(error.strerror or str(error) or type(error).__name__, sent=False) from None
        return connection


class ExecutionHandle(Handle):
    """One execution: look at it, wait for its end, steer it."""

    def __init__(self, client: Client, latest: Execution) -> None:
        super().__init__(latest)
        self._client = client

    def refresh(self) -> Execution:
        return self._keep(self._client.send(calls.get_execution(self.parent_id)))

    def wait(self, timeout: float | None = None) -> Execution:
        """Until it is over, or laid aside (`latest.status` says which). Raises TimeoutError, ClientError."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.latest.status not in OVER:
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"execution {self.parent_id} is {self.latest.status.value} after {timeout} s")
            time.sleep(POLL_SECONDS)
            self.refresh()
        return self.latest

    def progress(self) -> ParentFigures:
        return self._client.send(calls.execution_progress(self.parent_id))

    def orders(self) -> tuple[OrderResponse, ...]:
        return self._client.send(calls.execution_orders(self.parent_id))

    def pause(self, *, clock: str = "kept", reason: str | None = None) -> Execution:
        return self._keep(self._client.send(calls.pause_execution(self.parent_id, clock=clock, reason=reason)))

    def resume(self, *, reason: str | None = None) -> Execution:
        return self._keep(self._client.send(calls.resume_execution(self.parent_id, reason=reason)))

    def amend(self, **terms: Any) -> Execution:
        """The terms of amend_execution."""
        return self._keep(self._client.send(calls.amend_execution(self.parent_id, **terms)))

    def cancel(self, *, reason: str | None = None) -> Execution:
        return self._keep(self._client.send(calls.cancel_execution(self.parent_id, reason=reason)))
