"""The typed client against a system over real sockets: both kinds, lost answers, a stream that breaks, and its page."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.api.application import ApiOptions, build
from app.api.running import RunningSystem
from app.domain.instruments import Instrument
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.domain.parents import ParentStatus
from app.main import create_app
from tests.support.api_world import ApiWorld, api_world
from tests.support.demo_run import environment
from tests.support.lossy import lossy
from tests.support.stream import journal_of, serving
from trading_executor.client import (
    AsyncClient,
    Client,
    Conflict,
    EventMessage,
    InvalidRequest,
    NoAnswer,
    NotAllowed,
    NotFound,
    Patience,
    Refused,
)
from trading_executor.client.messages import BookMessage, HelloMessage, StatusMessage

D = Decimal
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "client.md").read_text()
RESTING = ("BTC-USDT", "buy", "limit", "0.001")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


@pytest.fixture
async def base(world: ApiWorld) -> AsyncIterator[str]:
    async with serving(create_app(world.system), world.system.settings) as url:
        yield url


async def test_orders_trades_and_positions_come_in_their_types(world: ApiWorld, base: str) -> None:
    async with AsyncClient(base) as client:
        placed = await client.place_order("BTC-USDT", OrderSide.BUY, OrderType.MARKET, D("0.001"), strategy_id="s")
        order = await client.wait_for(placed.order_id, 10)
        assert (order.status, order.filled_size, order.side) == (OrderStatus.FILLED, D("0.001"), OrderSide.BUY)
        assert abs(datetime.now(UTC) - order.created_at) < timedelta(minutes=1)
        (trade,) = (await client.trades(order_id=order.order_id)).trades
        assert (trade.price, trade.size, trade.order_id) == (D("50000.1"), D("0.001"), order.order_id)
        (position,) = await client.positions()
        assert position.books == {"strategy:s": trade.size - (trade.fee or D(0))}
        assert (await client.get_position("BTC-USDT")).size == position.size
        resting = await client.place_order(*RESTING, price="49000")
        assert [each.order_id for each in await client.active_orders()] == [resting.order_id]
        amended = await client.modify_order(resting.order_id, price=D(48000))
        assert amended.order_id == resting.order_id
        assert (await client.cancel_order(resting.order_id)).status is OrderStatus.CANCELED
        first = await client.order_history(limit=1)
        second = await client.order_history(limit=1, cursor=first.next_cursor)
        assert [page.orders[0].order_id for page in (first, second)] == [resting.order_id, order.order_id]
        instrument = {each.instrument_id: each for each in await client.instruments()}["BTC-USDT"]
        assert isinstance(instrument, Instrument)
        assert instrument == world.system.ledger.instruments["BTC-USDT"]
        figures = await client.performance()
        assert (figures.total_trades, figures.sharpe_ratio) == (0, None)
        assert (await client.account()).balances["USDT"].total == world.system.ledger.balances["USDT"]
        assert [each.kind for each in await client.events(limit=1)] == ["session.started"]
        assert (await client.status())["ready"] is True
        assert (await client.ready()).ready


async def test_the_client_without_a_loop_does_the_same(world: ApiWorld, base: str) -> None:
    client = Client(base)

    def trade() -> None:
        order = client.wait_for(client.place_order("BTC-USDT", "buy", "market", "0.001").order_id, 10)
        assert (order.status, order.average_fill_price) == (OrderStatus.FILLED, D("50000.1"))
        handle = client.execute("iceberg", "BTC-USDT", "buy", D("0.01"), price=D(49000), tags=["t"])
        assert handle.latest.status is ParentStatus.RUNNING
        assert [each.parent_id for each in client.executions(tag="t")] == [handle.parent_id]
        assert handle.pause(reason="lunch").status is ParentStatus.PAUSED
        assert handle.wait(5).reason == "lunch"
        assert handle.amend(size="0.02").size == D("0.02")
        assert handle.resume().status is ParentStatus.RUNNING
        assert handle.progress().parent_id == handle.parent_id
        assert {each.parent_id for each in handle.orders()} <= {handle.parent_id}
        with pytest.raises(TimeoutError, match=handle.parent_id):
            handle.wait(0)
        assert handle.cancel().status in (ParentStatus.CANCELING, ParentStatus.CANCELED)
        assert handle.wait(60).status is ParentStatus.CANCELED
        preview = client.preview_execution("twap", "BTC-USDT", "buy", "0.01", config={"duration": 60, "num_slices": 2})
        assert [child.size for child in preview.children] == [D("0.005"), D("0.005")]
        assert client.engage_kill_switch("drill").engaged

    await asyncio.to_thread(trade)
    assert world.system.ledger.kill_switch.engaged


async def test_an_execution_is_awaited(base: str) -> None:
    async with AsyncClient(base) as client:
        done = await (await client.execute("market", "BTC-USDT", "buy", "0.001"))
        assert (done.status, done.filled_size) == (ParentStatus.COMPLETED, D("0.001"))


async def test_what_is_refused_says_field_value_and_rule(base: str) -> None:
    async with AsyncClient(base) as client:
        with pytest.raises(InvalidRequest) as invalid:
            await client.place_order("BTC-USDT", "buy", "market", "0.0000000001")
        assert {(each.field, each.value) for each in invalid.value.errors} == {("size", "0.0000000001")}
        with pytest.raises(InvalidRequest) as bad:
            await client.place_order("BTC-USDT", "bye", "market", "1")
        assert [(each.field, each.value, each.rule) for each in bad.value.errors] == [
            ("side", "bye", "must be one of buy, sell")
        ]
        await client.engage_kill_switch("drill")
        with pytest.raises(Refused) as refused:
            await client.place_order("BTC-USDT", "buy", "market", "0.001")
        assert "kill_switch" in [each.field for each in refused.value.errors]
        assert refused.value.body["order"]["status"] == "denied"
        with pytest.raises(NotFound):
            await client.get_order("nosuch")
        with pytest.raises(NotAllowed, match="resume"):
            await client.release_kill_switch("on")


async def test_a_key_of_its_own_opens(world: ApiWorld) -> None:
    app = build(RunningSystem(world.system), ApiOptions(allowed_hosts=("127.0.0.1",), api_key="k" * 40))
    async with serving(app, world.system.settings) as base, AsyncClient(base, "k" * 40) as admin:
        made = await admin.create_key("reader", role="viewer")
        async with AsyncClient(base, made.secret) as reader:
            assert await reader.active_orders() == ()
            with pytest.raises(NotAllowed, match="orders:place"):
                await reader.place_order("BTC-USDT", "buy", "market", "0.001")
        async with AsyncClient(base) as nobody:
            with pytest.raises(NotAllowed):
                await nobody.active_orders()
        assert [each.state for each in await admin.revoke_key("reader")] == ["revoked"]


async def test_an_order_whose_answer_is_lost_is_placed_once(world: ApiWorld, base: str) -> None:
    async with lossy(base) as line, AsyncClient(line.url) as client:
        line.lose = 3
        order = await client.place_order(*RESTING, price="49000")
        assert (line.lose, len(world.system.ledger.orders), len(world.exchange.sends)) == (0, 1, 1)
        line.lose = 2
        assert (await asyncio.to_thread(Client(line.url).place_order, *RESTING, price="48000")).price == D(48000)
        assert len(world.exchange.sends) == 2
        line.lose = 1
        assert (await client.cancel_order(order.order_id)).status is OrderStatus.CANCELED
        with pytest.raises(Conflict):
            await client.cancel_order(order.order_id)


@pytest.mark.parametrize("cut", [17, 40, 43, -1])
async def test_an_answer_that_breaks_off_is_a_lost_one(cut: int) -> None:
    """After its first line, before its body or in it: it is asked for again with the same key, by both clients."""
    whole = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"orders":[]}'
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.lower().partition(b"idempotency-key: ")[2].partition(b"\r\n")[0])
        writer.write(whole[:cut] if len(asked) % 2 else whole)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        assert await asyncio.to_thread(Client(url).cancel_all) == ()
        async with AsyncClient(url) as client:
            assert await client.cancel_all() == ()
    assert (len(asked), len(set(asked)), asked[0] == asked[1], asked[2] == asked[3]) == (4, 2, True, True)


async def test_an_amend_whose_answer_is_lost_is_not_repeated(world: ApiWorld, base: str) -> None:
    async with lossy(base) as line, AsyncClient(line.url) as client:
        order = await client.place_order(*RESTING, price="49000")
        await client.close()
        line.lose, asked = 1, line.asked
        with pytest.raises(NoAnswer) as caught:
            await client.modify_order(order.order_id, price="48000")
        assert (caught.value.open, caught.value.idempotency_key, line.asked - asked) == (True, None, 1)


async def test_nobody_there_is_said_to_have_got_nothing(base: str) -> None:
    async with lossy(base) as line:
        gone = line.url
    hasty = Patience(seconds=5, unavailable=False)
    async with AsyncClient(gone, patience=hasty) as client:
        with pytest.raises(NoAnswer) as caught:
            await client.place_order(*RESTING, price="49000")
        assert (caught.value.never_sent, caught.value.open) == (True, False)
    with pytest.raises(NoAnswer) as waited:
        await asyncio.to_thread(Client(gone, patience=hasty).cancel_all)
    assert waited.value.never_sent


async def test_a_stream_that_breaks_tells_every_event_once(world: ApiWorld, base: str) -> None:
    seen: list[int] = []
    breaks: list[int | None] = []
    async with lossy(base) as line, AsyncClient(line.url) as client, AsyncClient(base) as other, asyncio.timeout(60):
        told = client.messages(after=0, on_break=lambda why, after: breaks.append(after))
        for price in (48000, 48001, 48002, 48003):
            order = await other.place_order(*RESTING, price=price)
            async for message in told:
                if message["type"] == "event":
                    seen.append(message["seq"])
                    if message.get("order", {}).get("order_id") == order.order_id:
                        break
            line.cut()
        await told.aclose()
    assert seen == [message["seq"] for message in await journal_of(base)][: len(seen)]
    assert len(breaks) == 3


async def test_the_stream_comes_in_its_types(world: ApiWorld, base: str) -> None:
    order = await world.fill()
    async with AsyncClient(base) as client:
        messages = [each async for each in client.stream(after=0, books=["BTC-USDT"], for_seconds=1)]
    assert isinstance(messages[0], HelloMessage)
    events = [each for each in messages if isinstance(each, EventMessage)]
    (fill,) = [fill for event in events for fill in event.fills or ()]
    assert (fill.order_id, fill.size) == (order["order_id"], D("0.001"))
    assert {StatusMessage, BookMessage} <= {type(each) for each in messages}
    blocking = await asyncio.to_thread(lambda: list(Client(base).stream(after=0, for_seconds=0, channels=["fills"])))
    assert [each.seq for each in blocking if isinstance(each, EventMessage)] == [
        event.seq for event in events if event.fills
    ]
    with pytest.raises(Conflict) as ahead:
        await asyncio.to_thread(lambda: next(Client(base).events_after(10_000)))
    assert ahead.value.kind == "resume-ahead"


async def output_of(code: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", code,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment(),
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return out.decode()


async def test_the_page_runs_as_printed(world: ApiWorld, base: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", PAGE, re.DOTALL)
    assert len(blocks) >= 3
    for code, printed in blocks:
        out = await output_of(code.replace("http://127.0.0.1:8000", base))
        if printed:
            assert re.sub(r"ord-\w+|par-\w+", "ID", out) == re.sub(r"ord-\w+|par-\w+", "ID", printed)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "http://", "http://x/?a=1", "http://x:port", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    made: Any
    for made in (Client, AsyncClient):
        with pytest.raises(ValueError, match="url="):
            made(url)
