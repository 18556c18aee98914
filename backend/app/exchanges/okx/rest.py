"""OKX over REST: reads with a timeout and a retry budget, and sends that are never repeated.

Reads raise ExchangeError. Sends do not raise: they come back as a Reply, which sends.py judges.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import aiohttp
import msgspec

from app.clock import NS_PER_SECOND, Clock
from app.domain.refusals import RefusalClass
from app.exchanges.errors import ExchangeError, ExchangeUnavailable, ProtocolError
from app.exchanges.okx import codec, endpoints, outcomes, wire
from app.exchanges.okx.config import OkxConfig
from app.exchanges.okx.endpoints import Endpoint
from app.exchanges.okx.rate_limits import RateLimits
from app.exchanges.okx.signing import Signer
from app.exchanges.okx.time_sync import TimeSync
from app.exchanges.okx.transport import AnswerLost, Forbidden, Guard, KeysMissing, NotSent, Response, Transport
from app.exchanges.port import OutcomeKind

TRANSPORT_ERRORS = (aiohttp.ClientError, NotSent, AnswerLost, OSError)  # OSError includes TimeoutError
RETRY_BASE_SECONDS = 0.1
RETRY_MAX_SECONDS = 2.0
LIMIT_PAUSE_SECONDS = 1.05
"""After 50011. OKX counts over 2 s: the third of three attempts falls into the next window."""
READ_WAIT_SECONDS = 10.0
RESYNC_PAUSE_NS = NS_PER_SECOND
"""Between two readings of the venue's clock that refusals asked for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one send, from REST or WebSocket. kind is set when no answer did.

    orders: how many orders the request was about. refusal: of which class it is that nothing was sent.
    """

    kind: OutcomeKind | None = None
    code: str = ""
    message: str = ""
    rows: Sequence[wire.ActionRow] = ()
    status: int = 200
    orders: int = 1
    refusal: RefusalClass | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A GET: where, with what, and on account of which instrument its limit is counted."""

    endpoint: Endpoint
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    instrument_id: str = ""

    @property
    def path(self) -> str:
        pairs = [f"{name}={quote(value, safe='')}" for name, value in self.parameters.items() if value]
        return self.endpoint.path + ("?" + "&".join(pairs) if pairs else "")


class RestClient:
    """One account's REST calls."""

    def __init__(
        self,
        config: OkxConfig,
        clock: Clock,
        transport: Transport,
        signer: Signer,
        limits: RateLimits,
        time_sync: TimeSync,
    ) -> None:
        self._config = config
        self._clock = clock
        self._transport = transport
        self._guard = Guard(config)
        self._signer = signer
        self._limits = limits
        self._time_sync = time_sync
        self._resyncing = asyncio.Lock()
        self._resynced_ns = -RESYNC_PAUSE_NS

    # --- reads ---

    async def read(self, query: Query) -> msgspec.Raw:
        """The data array of a GET. Raises ExchangeError once the retry budget is used up."""
        for attempt in range(1, self._config.read_attempts + 1):
            try:
                return await self._read_once(query)
            except ExchangeUnavailable:
                if attempt == self._config.read_attempts:
                    raise
            pause = min(RETRY_BASE_SECONDS * 2**attempt, RETRY_MAX_SECONDS)
            await self._clock.sleep(pause * (0.5 + self._clock.random.random() / 2))
        raise AssertionError("read_attempts is at least 1")

    async def raw_rows(self, query: Query) -> list[msgspec.Raw]:
        """As `read`, the rows unread. Raises ProtocolError for what is no list."""
        return wire.raw_rows(await self.read(query))

    async def rows(self, query: Query, shape: type[wire.Row]) -> list[wire.Row]:
        """As `read`, with every row decoded. Raises ProtocolError for a row that cannot be."""
        return wire.read_rows(await self.read(query), shape)

    async def row(self, query: Query, shape: type[wire.Row]) -> wire.Row:
        """The only row of an answer. Raises ProtocolError when there is none."""
        rows = await self.rows(query, shape)
        if not rows:
            raise ProtocolError(f"{query.endpoint.path} answered without data")
        return rows[0]

    async def _read_once(self, query: Query) -> msgspec.Raw:
        limit = query.endpoint.limit
        if not await self._limits.take(limit, query.instrument_id, within_seconds=READ_WAIT_SECONDS):
            raise ExchangeUnavailable(f"{query.endpoint.path}: our own rate limit is used up")
        try:
            response = await self._exchange(query.endpoint, query.path, "", "")
        except TRANSPORT_ERRORS as error:
            raise ExchangeUnavailable(f"{query.endpoint.path}: {_describe(error)}") from error
        except Forbidden as error:
            raise ExchangeError(str(error)) from error
        envelope = _envelope(query.endpoint, response)
        code = _code(envelope.code)
        if code == "0" and response.status == 200:
            return envelope.data
        raise await self._refusal(query, code, envelope, response.status)

    async def _refusal(self, query: Query, code: str, envelope: wire.Envelope, status: int) -> ExchangeError:
        verdict = outcomes.verdict(code, status)
        if verdict.policy is outcomes.Policy.BACK_OFF:
            self._limits.pause(query.endpoint.limit, LIMIT_PAUSE_SECONDS)
        if verdict.policy is outcomes.Policy.RESYNC_CLOCK and query.endpoint is not endpoints.TIME:
            await self.resync_time()
        return outcomes.read_error(code, envelope.msg or envelope.detailMsg or "", verdict)

    async def resync_time(self) -> None:
        """As `sync_time`, for whoever has a reason to doubt the estimate: one reading serves all who ask meanwhile, and
        there is a pause between two. Raises ExchangeError."""
        asked_ns = self._clock.monotonic_ns()
        async with self._resyncing:
            sampled_ns = self._time_sync.sampled_ns
            if sampled_ns is not None and sampled_ns > asked_ns:
                return
            since_ns = self._clock.monotonic_ns() - self._resynced_ns
            if since_ns < RESYNC_PAUSE_NS:
                await self._clock.sleep((RESYNC_PAUSE_NS - since_ns) / NS_PER_SECOND)
            self._resynced_ns = self._clock.monotonic_ns()
            await self.sync_time()

    async def sync_time(self) -> None:
        """One sample of the venue's clock. Raises ExchangeError."""
        query = Query(endpoints.TIME)
        if not await self._limits.take(endpoints.TIME.limit, within_seconds=READ_WAIT_SECONDS):
            raise ExchangeUnavailable("public/time: our own rate limit is used up")
        sent_ns = self._clock.monotonic_ns()
        try:
            response = await self._exchange(endpoints.TIME, query.path, "", "")
        except TRANSPORT_ERRORS as error:
            raise ExchangeUnavailable(f"public/time: {_describe(error)}") from error
        received_ns = self._clock.monotonic_ns()
        envelope = _envelope(endpoints.TIME, response)
        rows = wire.read_rows(envelope.data, wire.TimeRow) if _code(envelope.code) == "0" else []
        if not rows or not codec.is_whole(rows[0].ts):
            raise ExchangeUnavailable(f"public/time answered {response.status} {_code(envelope.code)} without a time")
        self._time_sync.add(sent_ns, received_ns, int(rows[0].ts))

    # --- sends ---

    async def send(self, endpoint: Endpoint, arguments: object, expires_ms: str) -> Reply:
        """One POST, once. The rate limit is the caller's business. Never raises but for cancellation of the caller."""
        try:
            response = await self._exchange(endpoint, endpoint.path, wire.write(arguments), expires_ms)
        except (*TRANSPORT_ERRORS, Forbidden) as error:
            verdict = outcomes.of_exception(error)
            return Reply(verdict.kind, message=_describe(error), refusal=verdict.refusal)
        try:
            envelope = wire.read_envelope(response.body)
            rows = wire.read_rows(envelope.data, wire.ActionRow) if bytes(envelope.data)[:1] == b"[" else []
        except ProtocolError as error:
            return Reply(None, f"HTTP {response.status}", str(error)[:200], status=response.status)
        return Reply(None, _code(envelope.code), envelope.msg or "", rows, response.status)

    async def command(self, endpoint: Endpoint, arguments: object, shape: type[wire.Row]) -> wire.Row:
        """A POST that may be repeated by its caller because it sets a value (leverage, dead man's switch).

        Raises ExchangeError; ExchangeUnavailable leaves open whether it was done.
        """
        if not await self._limits.take(endpoint.limit, within_seconds=READ_WAIT_SECONDS):
            raise ExchangeUnavailable(f"{endpoint.path}: our own rate limit is used up")
        try:
            response = await self._exchange(endpoint, endpoint.path, wire.write(arguments), "")
        except TRANSPORT_ERRORS as error:
            raise ExchangeUnavailable(f"{endpoint.path}: {_describe(error)}") from error
        envelope = _envelope(endpoint, response)
        code = _code(envelope.code)
        if code != "0" or response.status != 200:
            raise outcomes.read_error(code, envelope.msg or "", outcomes.verdict(code, response.status))
        rows = wire.read_rows(envelope.data, shape)
        if not rows:
            raise ProtocolError(f"{endpoint.path} answered without data")
        return rows[0]

    async def _exchange(self, endpoint: Endpoint, path: str, body: str, expires_ms: str) -> Response:
        url = self._config.rest_url + path
        self._guard.check_request(endpoint.method, url)
        if endpoint.private:
            if not self._signer.complete:
                raise KeysMissing("API key, secret and passphrase are not all set")
            headers = self._signer.headers(self._time_sync.now_ns(), endpoint.method, path, body)
        else:
            headers = self._signer.public_headers()
        if expires_ms:
            headers["expTime"] = expires_ms
        timeout_seconds = self._config.request_timeout_seconds
        async with asyncio.timeout(timeout_seconds):
            return await self._transport.request(endpoint.method, url, headers, body, timeout_seconds)


def _envelope(endpoint: Endpoint, response: Response) -> wire.Envelope:
    """What OKX answered. What is none of its answers comes from what stands before it (a maintenance page, a body cut
    short): by its status, and with 200 it is an exchange that cannot answer now. Raises ExchangeError."""
    try:
        return wire.read_envelope(response.body)
    except ProtocolError as error:
        if response.status == 200:
            raise ExchangeUnavailable(f"{endpoint.path}: {error}") from error
        code, verdict = f"HTTP {response.status}", outcomes.of_status(response.status)
        raise outcomes.read_error(code, error.raw[:200], verdict) from None


def _code(code: str | int | None) -> str:
    return "" if code is None else str(code)


def _describe(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer in time"
    return f"{type(error).__name__}: {error}"
