"""Notices over real sockets: a mail server, webhooks and the shapes of chats; outages, restarts, a crowd of events."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

import app
from app.domain.events import EventKind
from app.notifications import channels, notifier
from app.store import queries
from tests.integration.test_cli import free_port, run
from tests.support.api_world import RESTING_BUY, ApiWorld, api_world

KILL = "/api/v1/trading/kill-switch"
PATIENCE_SECONDS = 60


class Server:
    """A web server that keeps what it is sent; status: what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Any]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"] or 0))
                if outer.status == 200:
                    outer.got.append((self.path, json.loads(body) if body.startswith(b"{") else body))
                self.send_response(outer.status)
                answer = b"ok" if self.path.startswith("/T1JJ3T3L2") else b'{"ok": true, "result": {}}'  # Slack's word
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def settings(folder: Path, rules: dict[str, Any], **urls: str) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    channels: dict[str, Any] = {}
    for name, url in urls.items():
        path = folder / f"{name}.url"
        path.write_text(url + "\n")
        path.chmod(0o600)
        channels[name] = {"url_file": str(path)}
    return {"channels": channels, "notices": rules}


async def until(there: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not there():  # noqa: ASYNC110 - what comes over sockets of threads has no event
            await asyncio.sleep(0.02)


async def kill(world: ApiWorld, why: str, *, engaged: bool = True) -> None:
    answer = await world.control.post(KILL, json={"engaged": engaged, "reason": why})
    assert answer.status_code == 200, answer.text


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[int]:
    def anybody(*_: Any) -> AuthResult:
        return AuthResult(success=True)

    port = free_port()
    server = Controller(
        mailbox, hostname="127.0.0.1", port=port, authenticator=anybody, auth_require_tls=False, auth_required=True
    )
    server.start()
    try:
        yield port
    finally:
        server.stop()


async def test_a_kill_switch_is_mailed_with_what_to_do(tmp_path: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        url = f"mailto://bot:hunter2@127.0.0.1:{port}?from=bot@example.com&to=desk@example.com&mode=insecure"
        told = settings(tmp_path / "channels", {"all": {"channels": ["desk"]}}, desk=url)
        async with api_world(tmp_path / "data", **told) as world:
            await kill(world, "a drill")
            await until(lambda: mailbox.mails)
    (mail,) = mailbox.mails
    assert mail["subject"] == "CRITICAL [main, simulated] The kill switch is on, by local:control: a drill"
    text = mail.get_body(("plain", "html")).get_content()
    assert "No order that adds risk is placed" in text
    assert "trading-executor resume" in text


async def test_fills_by_strategy_and_instrument_go_where_they_are_wanted(tmp_path: Path, hook: Server) -> None:
    rules = {
        "fills": {"channels": ["fills"], "events": ["order.report"], "severity": "info", "instruments": ["ETH-USDT"]},
        "all": {"channels": ["all"]},
    }
    base = f"json://127.0.0.1:{hook.port}"
    told = settings(tmp_path / "channels", rules, fills=f"{base}/fills", all=f"{base}/all")
    async with api_world(tmp_path / "data", **told) as world:
        await world.fill()
        await world.fill(instrument_id="ETH-USDT", size="0.01")
        await until(lambda: hook.got)
        await kill(world, "enough")
        await until(lambda: len(hook.got) == 2)
    (first, fill), (second, switch) = hook.got
    assert (first, second) == ("/fills", "/all")
    assert "0.01 ETH-USDT filled at" in fill["message"]
    assert (fill["type"], switch["type"]) == ("info", "failure")


async def test_an_outage_loses_nothing_is_told_to_the_others_and_delays_no_order(
    tmp_path: Path, hook: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "RETRY_FIRST_SECONDS", 0.01)
    other = Server()
    rules = {"broken": {"channels": ["broken"], "severity": "info"}, "watch": {"channels": ["watch"]}}
    urls = {"broken": f"json://127.0.0.1:{hook.port}/", "watch": f"json://127.0.0.1:{other.port}/"}
    told = settings(tmp_path / "channels", rules, **urls)
    hook.status = 503
    async with api_world(tmp_path / "data", **told) as world:
        filled = [(await world.fill())["order_id"] for _ in range(3)]
        await until(lambda: world.events(EventKind.NOTICES_FAILED))
        await until(lambda: other.got)
        assert "no longer reach broken" in other.got[0][1]["message"]
        (state,) = [each for each in world.system.status()["notices"] if each["channel"] == "broken"]
        assert (state["waiting"] > 0, state["failures"] >= 3) == (True, True)
        hook.status = 200
        await until(lambda: world.events(EventKind.NOTICES_RESUMED))
        assert len(world.events(EventKind.NOTICES_FAILED)) == 1, "once an outage"
    other.close()
    text = " ".join(body["message"] for _, body in hook.got)
    assert [order_id for order_id in filled if order_id not in text] == []


async def test_it_goes_on_over_a_restart_where_it_was(tmp_path: Path, hook: Server) -> None:
    """What was told is not told again; what happened while nobody told is."""
    rules = {"all": {"channels": ["all"], "events": ["kill_switch.*"], "repeat_seconds": 0}}
    told = settings(tmp_path / "channels", rules, all=f"json://127.0.0.1:{hook.port}/")
    async with api_world(tmp_path / "data", **told) as world:
        await kill(world, "first")
        await until(lambda: queries.notice_places(world.system.database, "main"))
    async with api_world(tmp_path / "data") as world:  # without channels
        await kill(world, "second", engaged=False)
    async with api_world(tmp_path / "data", **told) as world:
        await kill(world, "third")
        await until(lambda: "third" in str(hook.got))
    text = " ".join(body["message"] for _, body in hook.got)
    assert [text.count(word) for word in ("first", "second", "third")] == [1, 1, 1]


async def test_what_a_new_rule_could_not_tell_before_the_process_died_is_told_by_the_next(
    tmp_path: Path, hook: Server
) -> None:
    """It has told nothing yet, and where it began is known all the same."""
    told = settings(tmp_path / "channels", {"all": {"channels": ["all"]}}, all=f"json://127.0.0.1:{hook.port}/")
    hook.status = 503
    async with api_world(tmp_path / "data", **told) as world:
        await kill(world, "in the dark")
        (teller,) = world.system.notifier.tellers
        await until(lambda: teller.failures)
    hook.status = 200
    async with api_world(tmp_path / "data", **told):
        await until(lambda: "in the dark" in str(hook.got))


async def test_channels_that_hang_take_no_thread_from_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than the process has threads for reads of the database and for the lease."""
    names = [f"hung-{number}" for number in range(40)]
    urls = dict.fromkeys(names, "json://127.0.0.1:1/")
    told = settings(tmp_path / "channels", {"all": {"channels": names}}, **urls)
    release, hanging = threading.Event(), threading.Semaphore(0)

    def hang(*_: Any) -> str:
        hanging.release()
        release.wait(PATIENCE_SECONDS)
        return "released"

    monkeypatch.setattr(channels.Channel, "_notify", hang)
    async with api_world(tmp_path / "data", **told) as world:
        await kill(world, "now")
        try:
            await until(lambda: hanging.acquire(blocking=False))
            async with asyncio.timeout(PATIENCE_SECONDS / 2):
                assert (await world.client.get("/api/v1/trading/orders")).status_code == 200
                await asyncio.to_thread(world.system.journal.read_after, 0)
        finally:
            release.set()


async def test_a_crowd_of_notices_waits_in_the_journal_not_in_memory(
    tmp_path: Path, hook: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "QUEUE_MAX", 5)
    monkeypatch.setattr(notifier, "RETRY_FIRST_SECONDS", 0.01)
    rules = {"all": {"channels": ["all"], "events": ["order.denied"], "repeat_seconds": 0}}
    told = settings(tmp_path / "channels", rules, all=f"json://127.0.0.1:{hook.port}/")
    hook.status = 503
    async with api_world(tmp_path / "data", **told) as world:
        for number in range(40):
            size = str(1_000_000 + number)
            answer = await world.client.post("/api/v1/trading/orders", json=RESTING_BUY | {"size": size})
            assert answer.json().get("errors"), answer.text
        (teller,) = world.system.notifier.tellers
        await until(lambda: len(teller.waiting) == 5)
        assert len(teller.waiting) == 5
        hook.status = 200
        await until(lambda: str(1_000_039) in str(hook.got))
    text = " ".join(body["message"] for _, body in hook.got)
    assert [number for number in range(40) if f"buy {1_000_000 + number} " not in text] == []


async def test_what_is_repeated_is_counted_not_told_again(tmp_path: Path, hook: Server) -> None:
    rules = {"all": {"channels": ["all"], "events": ["kill_switch.on"], "repeat_seconds": 3600}}
    told = settings(tmp_path / "channels", rules, all=f"json://127.0.0.1:{hook.port}/")
    async with api_world(tmp_path / "data", **told) as world:
        for _ in range(3):
            await kill(world, "again")
            await kill(world, "no", engaged=False)
        (teller,) = world.system.notifier.tellers
        await until(lambda: teller.place == world.system.ledger.seq or teller.read_to >= world.system.ledger.seq)
        await until(lambda: hook.got)
    assert len(hook.got) == 1


TELEGRAM = "tgram://123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr/-100200"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#desk"
DISCORD = "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"


@pytest.mark.parametrize(
    ("plugin", "url", "path", "member"),
    [
        ("telegram.NotifyTelegram.notify_url", TELEGRAM, "sendMessage", "text"),
        ("slack.NotifySlack.webhook_url", SLACK, "/T1JJ3T3L2/", "attachments"),
        ("discord.NotifyDiscord.notify_url", DISCORD, "/4174216298/", "content"),
    ],
    ids=["telegram", "slack", "discord"],
)
def test_chats_are_spoken_to_in_their_own_shape(
    tmp_path: Path, hook: Server, monkeypatch: pytest.MonkeyPatch, plugin: str, url: str, path: str, member: str
) -> None:
    monkeypatch.setattr(f"apprise.plugins.{plugin}", f"http://127.0.0.1:{hook.port}/")
    monkeypatch.setattr(f"apprise.plugins.{plugin.rpartition('.')[0]}.request_rate_per_sec", 0)
    told = settings(tmp_path / "channels", {}, chat=url)
    monkeypatch.setenv("TRADING_EXECUTOR_CHANNELS", json.dumps(told["channels"]))
    said = run("notify", "test", "chat", "--json")
    assert (said.status, said.json["channels"][0]["delivered"]) == (0, True), said.out
    got, body = hook.got[-1]
    assert path in got
    assert "Notices reach this channel" in json.dumps(body[member])


def test_a_channel_that_cannot_be_reached_is_told_without_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = settings(tmp_path, {"all": {"channels": ["dead"]}}, dead="json://user:hunter2@127.0.0.1:1/")
    monkeypatch.setenv("TRADING_EXECUTOR_CHANNELS", json.dumps(told["channels"]))
    monkeypatch.setenv("TRADING_EXECUTOR_NOTICES", json.dumps(told["notices"]))
    said = run("notify", "test")
    assert (said.status, "not delivered: dead" in said.err) == (1, True)
    assert "hunter2" not in said.out + said.err
    listed = run("notify", "list", "--json").json["rules"]
    assert [(each["rule"], each["channel"], each["severity"]) for each in listed] == [("all", "dead", "warning")]
    assert run("notify", "test", "nobody").status == 2


async def test_a_bad_rule_keeps_the_system_from_starting_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"notices\.all\.channels=nowhere: is no channel"):
        async with api_world(tmp_path, notices={"all": {"channels": ["nowhere"]}}):
            raise AssertionError("it started")


def test_the_page_s_own_set_up_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(app.__file__).resolve().parents[2] / "docs" / "notifications.md").read_text("utf-8")
    commands, declared, *_ = re.findall(r"```(?:sh|toml)\n(.*?)```", page, re.DOTALL)  # the rest is test_notices_doc's
    subprocess.run(["bash", "-eu", "-c", commands], cwd=tmp_path, check=True)
    (tmp_path / "trading-executor.toml").write_text(declared)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRADING_EXECUTOR_CONFIG", raising=False)
    listed = run("notify", "list", "--json")
    assert listed.status == 0, listed.err
    assert [each["rule"] for each in listed.json["rules"]] == ["all", "fills", "night"]
