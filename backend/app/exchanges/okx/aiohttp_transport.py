"""The transport over real sockets: one aiohttp session, TLS verified, no redirects, no proxy but one that is set."""

import ssl

import aiohttp
from yarl import URL

from app.exchanges.okx.transport import Closed, Connection, NotSent, Response

FRAME_BYTES_MAX = 4 * 1024 * 1024
RESPONSE_BYTES_MAX = 16 * 1024 * 1024
KEEP_ALIVE_SECONDS = 25
CLOSE_SECONDS = 2.0
_CONTROL = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)


class AiohttpConnection:
    """One WebSocket of an aiohttp session."""

    __slots__ = ("_socket",)

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    @property
    def closed(self) -> bool:
        return self._socket.closed

    async def send(self, text: str) -> None:
        await self._socket.send_str(text)

    async def receive(self) -> str:
        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            return message.data
        if message.type in _CONTROL:
            raise Closed(self._socket.close_code or 0, str(message.extra or ""))
        if message.type is aiohttp.WSMsgType.BINARY:
            await self._socket.close()
            raise Closed(1003, "a binary frame, where the protocol has text only")
        raise Closed(self._socket.close_code or 0, f"{type(message.data).__name__}: {message.data}")

    async def close(self) -> None:
        await self._socket.close()


def _trusted(url: str) -> ssl.SSLContext | bool:
    """Whom to believe. Reading the authorities takes a fifth of a start, and a simulator over plain HTTP needs none;
    True: those of aiohttp, should the same session come to TLS after all."""
    if url.startswith(("http:", "ws:")):
        return True
    return ssl.create_default_context()


class AiohttpTransport:
    """Opens its session at the first use, because a session belongs to the running event loop.

    proxy: http://[user:password@]host:port of an HTTP proxy, "" for none; TLS to the exchange goes through it unread.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, proxy: str = "") -> None:
        self._tls = tls
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def _opened(self, url: str) -> aiohttp.ClientSession:
        if self._closed:
            raise NotSent("the transport is closed")
        if self._session is None or self._session.closed:
            tls = self._tls or _trusted(url)
            if isinstance(tls, ssl.SSLContext):
                tls.minimum_version = max(tls.minimum_version, ssl.TLSVersion.TLSv1_2)
            # No limit of connections: a cancel must not queue behind a slow read; the rate limits bound them.
            connector = aiohttp.TCPConnector(ssl=tls, limit=0, ttl_dns_cache=300, keepalive_timeout=KEEP_ALIVE_SECONDS)
            self._session = aiohttp.ClientSession(
                connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
            )
        return self._session

    async def request(
        self, method: str, url: str, headers: dict[str, str], body: str, timeout_seconds: float
    ) -> Response:
        timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        async with self._opened(url).request(
            method,
            # The signature covers the path as it stands, so it must not be quoted again.
            _verbatim(url),
            headers=headers,
            data=body.encode() if body else None,
            timeout=timeout,
            allow_redirects=False,
            proxy=self._proxy,
        ) as response:
            content = await response.content.read(RESPONSE_BYTES_MAX + 1)
            while not response.content.at_eof() and len(content) <= RESPONSE_BYTES_MAX:
                content += await response.content.read(RESPONSE_BYTES_MAX + 1 - len(content))
            if len(content) > RESPONSE_BYTES_MAX:
                raise aiohttp.ClientPayloadError(f"answer longer than {RESPONSE_BYTES_MAX} bytes")
            return Response(response.status, content)

    async def connect(self, url: str, timeout_seconds: float) -> Connection:
        socket = await self._opened(url).ws_connect(
            _verbatim(url),
            timeout=aiohttp.ClientWSTimeout(None, CLOSE_SECONDS),  # pyright: ignore[reportCallIssue]
            max_msg_size=FRAME_BYTES_MAX,
            autoping=True,
            compress=0,
            proxy=self._proxy,
        )
        return AiohttpConnection(socket)

    def open(self) -> None:
        self._closed = False

    async def close(self) -> None:
        """Nothing is sent afterwards, until open()."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _verbatim(url: str) -> URL:
    return URL(url, encoded=True)
