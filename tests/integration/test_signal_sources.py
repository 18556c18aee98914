"""Signals out of a folder, a Redis stream and a NATS subject, over real sockets: each is one order, however often it
comes, and what is none is settled with its reason."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from app.domain.refusals import InvalidValue
from app.services.signals.feeds import Feeds
from app.services.signals.sources import port
from app.services.signals.sources.port import SourceFailed
from tests.support.api_world import ApiWorld, api_world
from tests.support.late import Late
from tests.support.nats_server import NatsServer, nats_server

if TYPE_CHECKING:
    from redis import Redis

fakeredis, redis_client = Late("fakeredis"), Late("redis")

BUY = {"type": "buy", "instrument_id": "BTC-USDT", "size": "0.001", "strategy_id": "desk"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path / "data") as made:
        yield made


@asynccontextmanager
async def fed(world: ApiWorld, **declared: Any) -> AsyncIterator[Feeds]:
    """The system fed by these sources, as by those of its settings."""
    system = world.system
    feeds = Feeds(declared, system.inlets.intake, system.keys, system.clock)
    tasks = [asyncio.create_task(feeds.follow(*each)) for each in feeds.sources]
    try:
        yield feeds
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - servers and folders set no event of ours
            await asyncio.sleep(0.02)


def sent(world: ApiWorld) -> int:
    return len(world.exchange.sends)


def refused(world: ApiWorld) -> list[str]:
    return [event["payload"] for event in world.events("request.refused")]


def lost_once(feeds: Feeds) -> list[str]:
    """The first word that a signal is done gets lost, as when the process or the line dies after the order."""
    ((_, source),) = feeds.sources
    real, tried = source.done, list[str]()

    async def done(message: port.Message, told: Any) -> None:
        tried.append(message.id)
        if len(tried) == 1:
            raise SourceFailed("the line broke")
        await real(message, told)

    source.done = done  # type: ignore[method-assign]
    return tried


@pytest.mark.parametrize("answer", [None, SourceFailed("the line broke")])
async def test_a_source_that_swallows_its_end_ends(
    world: ApiWorld, tmp_path: Path, answer: SourceFailed | None
) -> None:
    reading = asyncio.Event()

    async def deaf() -> None:
        reading.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        reading.clear()
        if answer is not None:
            raise answer

    async with asyncio.timeout(60):
        async with fed(world, desk=directory(folder_of(tmp_path))) as feeds:
            ((_, source),) = feeds.sources
            source.next = deaf  # type: ignore[method-assign]
            await reading.wait()
    assert not reading.is_set()


# --- a folder ---


def put(folder: Path, name: str, body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    draft = folder / f".{name}"
    draft.write_text(text)
    draft.replace(folder / name)


def folder_of(tmp_path: Path) -> Path:
    folder = tmp_path / "signals"
    folder.mkdir(mode=0o700)
    return folder


def directory(folder: Path, **more: Any) -> dict[str, Any]:
    return {"kind": "directory", "path": str(folder), **more}


async def test_a_file_is_an_order_once_and_moves_to_done(world: ApiWorld, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    async with fed(world, desk=directory(folder)):
        put(folder, "a.json", BUY)
        await until((folder / "done" / "a.json").exists)
        told = json.loads((folder / "done" / "a.json.result.json").read_text())
        assert (told["order_status"], told["parent_id"]) == ("filled", None)
        (folder / "done" / "a.json").replace(folder / "a.json")  # it is put back as it was
        await until((folder / "done" / "a.json").exists)
        assert json.loads((folder / "done" / "a.json.result.json").read_text())["order_id"] == told["order_id"]
        assert sent(world) == 1
        put(folder, "a.json", BUY)  # written anew: another
        await until(lambda: sent(world) == 2)
        put(folder, "b.json", BUY | {"idempotency_key": "k"})
        put(folder, "c.json", BUY | {"idempotency_key": "k", "expires_at": None})
        await until((folder / "done" / "b.json").exists)
    assert world.events("order.intent")[-1]["principal"] == "source:desk"


async def test_a_crash_before_a_file_moved_makes_no_second_order(world: ApiWorld, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    put(folder, "a.json", BUY)
    async with fed(world, desk=directory(folder)) as feeds:
        tried = lost_once(feeds)
        await until(lambda: len(tried) == 2)
        await until((folder / "done" / "a.json").exists)
    assert sent(world) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{", "body"),
        ("[]", "body"),
        ('{"type": "buy", "type": "sell"}', "body"),
        ("x" * 70_000, "body"),
        (BUY | {"size": 0.001}, "size"),
        (BUY | {"sise": "1"}, "sise"),
        (BUY | {"size": "1000000"}, "size"),
        (BUY | {"type": "hodl"}, "type"),
        (BUY | {"expires_at": "2026-01-01T00:00:00Z"}, "expires_at"),
        (BUY | {"idempotency_key": "a b"}, "idempotency_key"),
        (BUY | {"metadata": {"a": "\ud800"}}, "metadata"),
    ],
)
async def test_a_file_that_is_no_signal_moves_to_refused_with_the_reason(
    world: ApiWorld, tmp_path: Path, body: object, field: str
) -> None:
    folder = folder_of(tmp_path)
    put(folder, "bad.json", body)
    put(folder, "good.json", BUY)
    async with fed(world, desk=directory(folder)):
        await until((folder / "refused" / "bad.json").exists)
        await until((folder / "done" / "good.json").exists)
    reasons = json.loads((folder / "refused" / "bad.json.reason.json").read_text())["errors"]
    assert field in [reason["field"] for reason in reasons]
    assert refused(world) or world.events("order.denied"), "a journal line where money could have moved"
    assert sent(world) == 1


async def test_a_file_that_lay_too_long_is_not_wanted_any_more(world: ApiWorld, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    put(folder, "old.json", BUY)
    os.utime(folder / "old.json", (time.time() - 61, time.time() - 61))
    async with fed(world, desk=directory(folder)):
        await until((folder / "refused" / "old.json").exists)
    assert sent(world) == 0


async def test_links_and_folders_are_not_followed(world: ApiWorld, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    secret = tmp_path / "elsewhere.json"
    secret.write_text(json.dumps(BUY))
    (folder / "link.json").symlink_to(secret)
    (folder / "folder.json").mkdir()
    (folder / ".draft.json").write_text(json.dumps(BUY))
    async with fed(world, desk=directory(folder)):
        await until((folder / "refused" / "link.json").is_symlink)
        await until((folder / "refused" / "folder.json").exists)
    assert (sent(world), secret.exists()) == (0, True)


async def test_a_folder_that_others_may_write_is_not_read(world: ApiWorld, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.chmod(0o777)
    put(folder, "a.json", BUY)
    with capture_logs() as said:
        async with fed(world, desk=directory(folder)):
            await until(lambda: any("others may write signals there" in str(each.values()) for each in said))
    assert ((folder / "a.json").exists(), sent(world)) == (True, 0)


async def test_a_named_key_says_what_a_source_may_do(world: ApiWorld, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    limits = {"role": "trader", "max_order_notional": "100"}
    await world.control.post("/api/v1/keys", json={"name": "grid", **limits})
    async with fed(world, desk=directory(folder, key="grid")):
        put(folder, "small.json", BUY)
        put(folder, "large.json", BUY | {"size": "0.01"})
        await until((folder / "done" / "small.json").exists)
        await until((folder / "refused" / "large.json").exists)
        assert world.events("order.intent")[-1]["principal"] == "api:grid"
        await world.control.post("/api/v1/keys/grid/revoke", json={})
        put(folder, "late.json", BUY)
        await until((folder / "refused" / "late.json").exists)
    assert "is revoked" in (folder / "refused" / "late.json.reason.json").read_text()
    assert sent(world) == 1


async def test_what_the_moment_keeps_back_is_tried_again(world: ApiWorld, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    world.exchange.break_streams()
    async with fed(world, desk=directory(folder)):
        put(folder, "a.json", BUY)
        await until(lambda: world.events("order.denied"))
        assert (folder / "a.json").exists()
        world.exchange.restore_streams()
        await until((folder / "done" / "a.json").exists)
    assert sent(world) == 1


async def test_the_settings_feed_the_system(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    put(folder, "a.json", BUY)
    async with api_world(tmp_path / "data", signal_sources={"desk": directory(folder)}) as world:
        await until((folder / "done" / "a.json").exists)
        assert sent(world) == 1


# --- Redis ---


@pytest.fixture
def redis() -> Iterator[Redis]:
    server = fakeredis.TcpFakeServer(("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with redis_client.Redis(host="127.0.0.1", port=server.server_address[1]) as client:
        yield client
    server.shutdown()
    server.server_close()
    thread.join(10)


def stream_of(redis: Redis) -> dict[str, Any]:
    port = redis.connection_pool.connection_kwargs["port"]
    return {"kind": "redis", "url": f"redis://127.0.0.1:{port}/0", "stream": "signals"}


def settled(redis: Redis) -> bool:
    return redis.xpending("signals", "trading-executor")["pending"] == 0  # type: ignore[index]


async def test_an_entry_of_a_redis_stream_is_an_order_once(world: ApiWorld, redis: Redis) -> None:
    redis.xadd("signals", {"signal": json.dumps(BUY)})
    async with fed(world, desk=stream_of(redis)) as feeds:
        tried = lost_once(feeds)
        await until(lambda: len(tried) == 2 and settled(redis))
        assert (sent(world), len(set(tried))) == (1, 1)
        redis.xadd("signals", {"signal": json.dumps(BUY)})
        await until(lambda: sent(world) == 2)
        await until(lambda: settled(redis))
        for body in ({"signal": "{"}, {"other": "x"}, {"signal": json.dumps(BUY | {"size": "0"})}):
            redis.xadd("signals", body)
        await until(lambda: redis.xlen("signals:refused") == 3 and settled(redis))
    assert len(refused(world)) == 3
    assert sent(world) == 2


async def test_what_was_not_settled_comes_again_in_the_next_life(world: ApiWorld, redis: Redis) -> None:
    async with fed(world, desk=stream_of(redis)) as feeds:
        ((_, source),) = feeds.sources
        source.done = _never  # type: ignore[method-assign]
        redis.xadd("signals", {"signal": json.dumps(BUY)})
        await until(lambda: sent(world) == 1)
    assert not settled(redis)
    async with fed(world, desk=stream_of(redis)):
        await until(lambda: settled(redis))
    assert sent(world) == 1


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


# --- NATS ---


@pytest.fixture
async def nats() -> AsyncIterator[NatsServer]:
    async with nats_server("SIGNALS", "signals.desk") as made:
        yield made


def subject_of(nats: NatsServer, **more: Any) -> dict[str, Any]:
    return {"kind": "nats", "url": nats.url, "stream": "SIGNALS", "subject": "signals.desk", **more}


def over(nats: NatsServer) -> set[int]:
    return {seq for consumer in nats.consumers.values() for seq in consumer.settled}


async def test_a_message_of_a_nats_subject_is_an_order_once(world: ApiWorld, nats: NatsServer) -> None:
    nats.publish(json.dumps(BUY).encode())
    async with fed(world, desk=subject_of(nats)) as feeds:
        tried = lost_once(feeds)
        await until(lambda: over(nats) == {1})
        assert (sent(world), len(tried), len(set(tried))) == (1, 2, 1)
        nats.publish(b"{")
        nats.publish(json.dumps(BUY | {"instrument_id": "NO-SUCH"}).encode())
        await until(lambda: over(nats) == {1, 2, 3})
        nats.drop()
        nats.publish(json.dumps(BUY).encode())
        await until(lambda: over(nats) == {1, 2, 3, 4})
    assert sent(world) == 2
    assert len(refused(world)) == 2


async def test_a_password_comes_from_a_private_file(world: ApiWorld, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("nats-password\n")
    secret.chmod(0o644)
    async with nats_server("SIGNALS", "signals.desk", "nats-password") as nats:
        nats.publish(json.dumps(BUY).encode())
        declared = subject_of(nats, username="desk", password_file=str(secret))
        async with fed(world, desk=declared) as feeds:
            ((_, source),) = feeds.sources
            with pytest.raises(SourceFailed, match="mode must be 0600"):
                await source.open()
            secret.chmod(0o600)
            await until(lambda: over(nats) == {1})
    assert sent(world) == 1


# --- settings ---


@pytest.mark.parametrize(
    ("declared", "field"),
    [
        ("folder", "desk"),
        ({}, "desk.kind"),
        ({"kind": "kafka"}, "desk.kind"),
        ({"kind": "directory"}, "desk.path"),
        ({"kind": "directory", "path": 5}, "desk.path"),
        ({"kind": "directory", "path": "x", "pathh": "x"}, "desk.pathh"),
        ({"kind": "directory", "path": "x", "window_seconds": 0}, "desk.window_seconds"),
        ({"kind": "redis", "url": "http://x", "stream": "s"}, "desk.url"),
        ({"kind": "redis", "url": "redis://user:secret@x", "stream": "s"}, "desk.url"),
        ({"kind": "redis", "url": "redis://x"}, "desk.stream"),
        ({"kind": "nats", "url": "nats://x", "stream": "s"}, "desk.subject"),
    ],
)
def test_settings_that_are_no_source_are_refused_by_their_key(world: ApiWorld, declared: Any, field: str) -> None:
    system = world.system
    with pytest.raises(InvalidValue) as error:
        Feeds({"desk": declared}, system.inlets.intake, system.keys, system.clock)
    assert error.value.refusal.field == f"signal_sources.{field}"
    assert "secret" not in str(error.value)
