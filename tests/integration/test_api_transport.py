"""How the API is reached from other machines: TLS over a socket, certificates of clients, and declared proxies."""

from __future__ import annotations

import asyncio
import datetime
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.application import ApiOptions, build
from app.api.connections import CERTIFICATE
from app.api.running import RunningSystem
from app.api.transport import TransportError
from app.cli.client import connect
from app.cli.serving import listening_socket
from app.main import create_app, transport
from app.settings import SettingsError, load_settings
from tests.support.api_world import BASE_URL, ORDERS, RESTING_BUY, ApiWorld, api_world
from tests.support.certificates import Authority
from tests.support.stream import client_at, serving
from trading_executor.client import AsyncClient, Client, NoAnswer, Patience, calls, tls_files

KEYS = "/api/v1/keys"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path / "data") as made:
        yield made


async def make(world: ApiWorld, name: str, **terms: Any) -> dict[str, str]:
    answer = await world.control.post(KEYS, json={"name": name, **terms})
    assert answer.status_code == 201, answer.text
    return {"x-api-key": answer.json()["secret"]}


async def test_tls_over_a_socket_and_a_certificate_in_place_of_a_key(world: ApiWorld, tmp_path: Path) -> None:
    """Who shows a certificate of our authority does what the key of that name may, while it stands."""
    ours, other = Authority(tmp_path), Authority(tmp_path, "other")
    own = ours.signed("localhost")
    settings = world.system.settings.model_copy(
        update={"tls_certificate": own.certificate, "tls_key": own.key, "tls_client_ca": ours.certificate}
    )
    headers = await make(world, "grid-bot", role="trader", max_order_notional="100")

    def asking(client: str = "", authority: Authority = ours) -> httpx2.AsyncClient:
        context = ssl.create_default_context(cafile=ours.certificate)
        if client:
            shown = authority.signed(client, file=f"client-{client}")
            context.load_cert_chain(shown.certificate, shown.key)
        return client_at(base, verify=context)

    async with serving(create_app(world.system), settings) as plain:
        base = plain.replace("http:", "https:")
        with pytest.raises(httpx2.HTTPError):
            async with httpx2.AsyncClient() as client:
                await client.get(plain + ORDERS)
        async with asking() as client:
            assert (await client.get(ORDERS, headers=headers)).status_code == 200
        async with asking("grid-bot") as client:
            assert (await client.post(ORDERS, json=RESTING_BUY)).status_code == 201
            assert world.events("order.intent")[-1]["principal"] == "api:grid-bot"
            beyond = await client.post(ORDERS, json=RESTING_BUY | {"size": "0.01"})
            assert beyond.json()["errors"][0]["check"] == "key_limits"
            assert (await client.post(KEYS, json={"name": "x", "role": "viewer"})).status_code == 403
        for name in ("nobody", "legacy", "local"):
            async with asking(name) as client:
                assert (await client.get(ORDERS)).status_code == 401, name
        with pytest.raises((httpx2.HTTPError, ssl.SSLError)):
            async with asking("grid-bot", other) as client:
                await client.get(ORDERS)
        await world.control.post(f"{KEYS}/grid-bot/revoke", json={})
        async with asking("grid-bot") as client:
            assert (await client.get(ORDERS)).status_code == 401


async def test_the_python_client_believes_an_authority_and_shows_a_certificate(world: ApiWorld, tmp_path: Path) -> None:
    ours, other = Authority(tmp_path), Authority(tmp_path, "other")
    own, shown = ours.signed("localhost"), ours.signed("grid-bot", file="client")
    settings = world.system.settings.model_copy(
        update={"tls_certificate": own.certificate, "tls_key": own.key, "tls_client_ca": ours.certificate}
    )
    key = (await make(world, "grid-bot", role="trader"))["x-api-key"]
    by_key = tls_files(ours.certificate)
    by_certificate = tls_files(ours.certificate, shown.certificate, shown.key)
    async with serving(create_app(world.system), settings) as plain:
        url = plain.replace("http:", "https:")
        for given, tls in ((key, by_key), (None, by_certificate)):
            async with AsyncClient(url, given, tls=tls) as client:
                assert (await client.status())["ready"]
                told = [each["type"] async for each in client.messages(after=0, for_seconds=0)]
                assert "event" in told, "the stream too"
            assert (await asyncio.to_thread(Client(url, given, tls=tls).status))["ready"]
        for tls in (None, tls_files(other.certificate)):
            stranger = {"tls": tls, "patience": Patience(seconds=0)}
            async with AsyncClient(url, key, **stranger) as client:
                with pytest.raises(NoAnswer, match=r"(?i)certificate") as lost:
                    await client.status()
                assert lost.value.never_sent, "no key has left"
            with pytest.raises(NoAnswer, match=r"(?i)certificate"):
                await asyncio.to_thread(Client(url, key, **stranger).status)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("SSL_CERT_FILE", str(ours.certificate))
            environment.setenv("TRADING_EXECUTOR_API_KEY", key)
            assert (await asyncio.to_thread(connect(url, tmp_path / "elsewhere").ask, calls.status()))["ready"]


def test_files_of_a_client_that_are_none(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    one, two = ours.signed("one"), ours.signed("two")
    for given, said in (
        ({"authority": tmp_path / "nothing"}, "authority=.*nothing: must be"),
        ({"authority": one.key}, "authority=.*one-key.pem: must be"),
        ({"certificate": one.certificate}, "certificate, key: give both or none"),
        ({"certificate": one.certificate, "key": two.key}, "certificate=.*one-cert.pem: must be"),
    ):
        with pytest.raises(ValueError, match=said):
            tls_files(**given)


async def test_the_command_line_believes_the_very_certificate_of_its_settings(world: ApiWorld, tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    own, others = ours.signed("desk.example"), ours.signed("desk.example", file="others")
    settings = world.system.settings.model_copy(update={"tls_certificate": own.certificate, "tls_key": own.key})
    async with serving(create_app(world.system), settings) as plain:
        served = world.system.settings.data_dir / "serving.url"
        served.write_text(plain.replace("http:", "https:"))
        for pair, fits in ((own, True), (others, False)):
            with pytest.MonkeyPatch.context() as environment:
                environment.setenv("TRADING_EXECUTOR_TLS_CERTIFICATE", str(pair.certificate))
                client = connect(None, world.system.settings.data_dir)
            if fits:
                assert (await asyncio.to_thread(client.ask, calls.status()))["ready"]
            else:
                with pytest.raises(Exception, match="certificate"):
                    await asyncio.to_thread(client.ask, calls.status())


def test_a_start_that_others_could_read_along_is_refused(tmp_path: Path) -> None:
    made = Authority(tmp_path)
    good, other = made.signed("localhost"), made.signed("other")
    old = made.signed("old", ends=datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC))
    open_key = tmp_path / "open-key.pem"
    shutil.copy(good.key, open_key)
    open_key.chmod(0o644)

    def refused(**given: Any) -> str:
        with pytest.raises(TransportError) as error:
            transport(load_settings(data_dir=tmp_path, **given))
        return str(error.value)

    both = {"tls_certificate": good.certificate, "tls_key": good.key}
    assert "in the clear" in refused(host="0.0.0.0")
    assert "in the clear" in refused(host="box.example")
    assert "both or none" in refused(tls_certificate=good.certificate)
    assert "mode 0644" in refused(**both | {"tls_key": open_key})
    assert "cannot be read" in refused(**both | {"tls_key": tmp_path / "nothing"})
    assert "and it is" in refused(tls_certificate=old.certificate, tls_key=old.key)
    assert "unencrypted private key" in refused(**both | {"tls_key": other.key})
    assert "no certificate in PEM" in refused(**both | {"tls_certificate": good.key})
    assert "authority" in refused(**both, tls_client_ca=good.key)
    hooks = load_settings(data_dir=tmp_path, hooks_host="0.0.0.0", hooks_port=0)
    with pytest.raises(TransportError, match="in the clear"):
        listening_socket(hooks)  # before anything starts
    for fine in (both, {"trusted_proxies": "10.0.0.7"}):
        transport(load_settings(data_dir=tmp_path, host="0.0.0.0", **fine))
    assert transport(load_settings(data_dir=tmp_path)) is None


@pytest.mark.parametrize("given", ["10.0.0.1/8", "proxy.example", "0.0.0.0/0"])
def test_proxies_that_are_none(given: str) -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        load_settings(trusted_proxies=given)


def test_a_new_certificate_in_the_same_files_is_taken_up(tmp_path: Path) -> None:
    made = Authority(tmp_path)
    own = made.signed("localhost")
    found = transport(load_settings(data_dir=tmp_path, tls_certificate=own.certificate, tls_key=own.key))
    assert found is not None
    first = shown_by(found.context)
    whole = own.certificate.read_bytes()
    own.certificate.write_text("half a file")
    found.renew()
    assert shown_by(found.context) == first, "what cannot be used is left alone"
    own.certificate.write_bytes(whole)
    whole = own.key.read_bytes()
    made.signed("localhost")
    new = own.key.read_bytes()
    own.key.write_bytes(whole)
    found.renew()
    assert shown_by(found.context) == first, "its key has not come yet"
    own.key.write_bytes(new)
    found.renew()
    assert shown_by(found.context) not in (None, first)


def shown_by(server: ssl.SSLContext) -> bytes | None:
    """The certificate that a server shows whoever connects now."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    there, here = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = (client.wrap_bio(here, there), server.wrap_bio(there, here, server_side=True))
    for _ in range(5):
        for side in sides:
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return sides[0].getpeercert(binary_form=True)


PROXY, OUTSIDE = "10.0.0.7", "203.0.113.9"


ASKED = [
    (PROXY, OUTSIDE, 200),
    (PROXY, f"198.51.100.1, {OUTSIDE}", 200),  # what the caller wrote before it counts for nothing
    (PROXY, f"{OUTSIDE}, 198.51.100.1", 401),
    (PROXY, f"{OUTSIDE}, 10.0.0.8", 200),  # two of our own, one behind the other
    (PROXY, f"[::ffff:{OUTSIDE}]:4711", 200),
    (PROXY, f"{OUTSIDE}:4711", 200),
    (PROXY, None, 401),
    (PROXY, "unknown", 401),
    (PROXY, "", 401),
    (OUTSIDE, None, 403),  # past the proxy, in the clear
    (OUTSIDE, OUTSIDE, 403),
    ("198.51.100.1", OUTSIDE, 403),
    ("127.0.0.1", OUTSIDE, 401),  # this machine is none of them: what it says of others counts for nothing
]


async def test_who_asks_through_a_proxy(world: ApiWorld) -> None:
    """A key that is for one address, shown through proxies."""
    key = await make(world, "desk", role="viewer", addresses=[OUTSIDE])
    options = ApiOptions(allowed_hosts=("127.0.0.1",), key_needed=True, proxies=("10.0.0.0/29", "10.0.0.8"))
    app = build(RunningSystem(world.system), options)
    for peer, said, status in ASKED:
        headers = key if said is None else key | {"x-forwarded-for": said}
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, client=(peer, 1)), base_url=BASE_URL
        ) as client:
            assert (await client.get(ORDERS, headers=headers)).status_code == status, (peer, said)
            assert (await client.get("/health/live")).status_code == 200


async def test_a_certificate_that_the_proxy_shows_is_nobodys_key(world: ApiWorld) -> None:
    await make(world, "proxy", role="trader")
    for proxies, status in (((), 200), ((PROXY,), 401)):
        options = ApiOptions(allowed_hosts=("127.0.0.1",), key_needed=True, proxies=proxies, plain=False)
        app = build(RunningSystem(world.system), options)

        async def over_tls(scope: Any, receive: Any, send: Any, app: Any = app) -> None:
            await app({**scope, "state": {CERTIFICATE: "proxy"}}, receive, send)

        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=over_tls, client=(PROXY, 1)), base_url=BASE_URL
        ) as client:
            assert (await client.get(ORDERS)).status_code == status


async def test_a_page_behind_a_proxy_that_ends_tls_may_write(world: ApiWorld) -> None:
    """Its origin is https, as the proxy says; without a declared proxy nobody says so."""
    headers = await make(world, "desk", role="trader")
    page = {"origin": BASE_URL.replace("http:", "https:"), "x-forwarded-proto": "https", "x-forwarded-for": OUTSIDE}
    for proxies, status in (((PROXY,), 201), ((), 403)):
        options = ApiOptions(allowed_hosts=("127.0.0.1",), key_needed=True, proxies=proxies)
        app = build(RunningSystem(world.system), options)
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, client=(PROXY, 1)), base_url=BASE_URL
        ) as client:
            answer = await client.post(ORDERS, json=RESTING_BUY, headers=headers | page)
            assert answer.status_code == status, answer.text
