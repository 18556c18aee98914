"""The transport over real sockets: what goes out is what was signed, once, and only to where it may go."""

from __future__ import annotations

import logging
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from app.clock import SystemClock
from app.exchanges.okx import OkxConfig, OkxExchange, Secret
from app.exchanges.okx.aiohttp_transport import AiohttpTransport
from app.exchanges.okx.endpoints import ALL
from app.exchanges.okx.signing import Signer, iso_milliseconds, sign
from app.exchanges.okx.transport import Closed, Forbidden, Guard, NotSent
from app.exchanges.port import OutcomeKind
from tests.unit.okx.fake_venue import CONFIG, intent

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"


@pytest.mark.parametrize(
    ("prehash", "signature"),
    [
        (
            "2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC",
            "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=",
        ),
        (
            "2020-12-08T09:08:57.715ZPOST/api/v5/trade/order"
            '{"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"}',
            "dI6rrL9rXW/HdaPKJ/6LC1OgvH4/PYju6R3CqixMTNQ=",
        ),
        ("1704876947GET/users/self/verify", "5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU="),
    ],
)
def test_signatures_agree_with_known_answers(prehash: str, signature: str) -> None:
    assert sign(SECRET, prehash) == signature


def test_d2_timestamps_are_utc_milliseconds() -> None:
    assert iso_milliseconds(1_607_418_537_715_999_999) == "2020-12-08T09:08:57.715Z"
    assert iso_milliseconds(2_147_483_648_005_000_000) == "2038-01-19T03:14:08.005Z"


def test_demo_adds_its_header_and_live_does_not() -> None:
    demo = OkxConfig("k", "s", "p", demo=True)
    assert Signer(demo).headers(0, "GET", "/", "")["x-simulated-trading"] == "1"
    assert "x-simulated-trading" not in Signer(OkxConfig("k", "s", "p")).headers(0, "GET", "/", "")


def test_secrets_show_nowhere() -> None:
    config = OkxConfig("the-api-key", "the-secret", "the-passphrase")
    shown = f"{config!r} {config.secret_key!r} {config.passphrase!s} {Signer(config)!r} {vars(OkxExchange)!r}"
    assert not any(word in shown for word in ("the-api-key", "the-secret", "the-passphrase"))
    with pytest.raises(TypeError):
        pickle.dumps(Secret("x"))


@pytest.mark.parametrize("field", ["rest_url", "ws_url"])
@pytest.mark.parametrize("url", ["", "ftp://okx.com", "https://", "https://user@okx.com", "wss://okx.com?x=1"])
def test_addresses_are_checked(field: str, url: str) -> None:
    with pytest.raises(ValueError, match=field):
        OkxConfig("k", "s", "p", **{field: url})


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", "https://okx.invalid/api/v5/asset/withdrawal"),
        ("POST", "https://okx.invalid/api/v5/asset/transfer"),
        ("GET", "https://okx.invalid/api/v5/trade/order/../../asset/withdrawal"),
        ("DELETE", "https://okx.invalid/api/v5/trade/order"),
        ("POST", "https://elsewhere.invalid/api/v5/trade/order"),
        ("POST", "https://okx.invalid:444/api/v5/trade/order"),
        ("POST", "https://okx.invalid@evil.invalid/api/v5/trade/order"),
    ],
)
def test_egress_is_refused_before_a_socket_is_touched(method: str, url: str) -> None:
    with pytest.raises(Forbidden):
        Guard(CONFIG).check_request(method, url)


def test_egress_of_websockets() -> None:
    guard = Guard(CONFIG)
    for path in ("public", "private", "business"):
        guard.check_connect(f"wss://okx.invalid/ws/v5/{path}")
    for url in ("wss://evil.invalid/ws/v5/private", "wss://okx.invalid/ws/v5/other", "wss://okx.invalid/private"):
        with pytest.raises(Forbidden):
            guard.check_connect(url)


def test_the_table_of_endpoints_has_no_way_to_move_money_out() -> None:
    assert not [each.path for each in ALL if "/asset/" in each.path or "withdraw" in each.path]
    Guard(CONFIG).check_request("POST", "https://okx.invalid/api/v5/trade/order")


# --- real sockets ---


@asynccontextmanager
async def served(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def submit_to(url: str, caplog: pytest.LogCaptureFixture) -> OutcomeKind:
    config = OkxConfig("canary-key", "canary-secret", "canary-pass", url, url.replace("http", "ws") + "/ws/v5")
    exchange = OkxExchange(config, SystemClock())
    caplog.set_level(logging.DEBUG)
    try:
        outcome = await exchange.submit(intent(SystemClock()))
    finally:
        await exchange.stop()
    assert "canary" not in caplog.text + outcome.message
    return outcome.kind


async def test_a2_a_redirect_is_not_followed_and_unknown(caplog: pytest.LogCaptureFixture) -> None:
    paths: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with served(redirect) as url:
        assert await submit_to(url, caplog) is OutcomeKind.UNKNOWN
    assert paths == ["/api/v5/trade/order"]


async def test_a2_a_connection_dropped_after_the_request_is_unknown_and_not_repeated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bodies: list[bytes] = []

    async def drop(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with served(drop) as url:
        assert await submit_to(url, caplog) is OutcomeKind.UNKNOWN
    assert len(bodies) == 1


async def test_a2_nobody_listens_and_nothing_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    async def silent(request: web.Request) -> web.Response:
        return web.Response()

    async with served(silent) as url:
        gone = url
    url = gone
    assert await submit_to(url, caplog) is OutcomeKind.NOT_SENT


async def test_the_path_goes_out_as_it_was_signed() -> None:
    targets: list[str] = []

    async def keep(request: web.Request) -> web.Response:
        targets.append(request.raw_path)
        return web.json_response({"code": "0", "msg": "", "data": []})

    async with served(keep) as url:
        transport = AiohttpTransport()
        await transport.request("GET", f"{url}/api/v5/x?a=%2B%2C&b=1,2", {}, "", 2)
        await transport.close()
    assert targets == ["/api/v5/x?a=%2B%2C&b=1,2"]


async def test_environment_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="{}")

    async with served(answer) as url:
        transport = AiohttpTransport()
        response = await transport.request("GET", url + "/", {}, "", 2)
        await transport.close()
    assert response.status == 200


async def test_websockets_carry_text_and_tell_their_close_code() -> None:
    async def echo_once(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(await socket.receive_str())
        await socket.close(code=4005, message=b"Buffer is full")
        return socket

    async with served(echo_once) as url:
        transport = AiohttpTransport()
        connection = await transport.connect(url.replace("http", "ws") + "/ws", 2)
        await connection.send("ping")
        assert await connection.receive() == "ping"
        with pytest.raises(Closed) as closed:
            await connection.receive()
        assert (closed.value.code, connection.closed) == (4005, True)
        await transport.close()


async def test_a_closed_transport_sends_nothing() -> None:
    transport = AiohttpTransport()
    await transport.close()
    with pytest.raises(NotSent):
        await transport.request("GET", "http://127.0.0.1:9/", {}, "", 1)


async def test_an_answer_without_end_is_cut() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(40):
            await response.write(b" " * 1_000_000)
        return response

    async with served(endless) as url:
        transport = AiohttpTransport()
        with pytest.raises(aiohttp.ClientPayloadError):
            await transport.request("GET", url + "/", {}, "", 10)
        await transport.close()
