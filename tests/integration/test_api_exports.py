"""Whole tables over HTTP: the bytes of the command's files, refusals by name, no half of a table for a whole one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.api import exports
from app.domain.exported import Kind
from app.store import queries
from app.store.errors import StoreError
from tests.integration.test_cli import run
from tests.support.api_world import ApiWorld, D, api_world

EXPORTS = "/api/v1/trading/exports"
WHOLE = ("trades", "orders", "positions", "bills", "tax")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path / "data") as made:
        yield made


async def traded(world: ApiWorld) -> None:
    await world.fill("buy", "0.01", strategy_id="mine")
    await world.fill("sell", "0.004", strategy_id="mine")
    await world.fill("buy", "0.02", strategy_id="=1+1")
    await world.place(price="48000.5")


async def by_command(world: ApiWorld, folder: Path, what: str, *options: str) -> str:
    file = folder / "told.csv"
    told = ("export", what, "--csv", str(file), *options, "--data-dir", str(folder / "data"))
    said = await asyncio.to_thread(run, *told)
    assert said.status == 0, said.err
    return file.read_bytes().decode()


@pytest.mark.parametrize("what", WHOLE)
async def test_a_table_is_what_the_command_writes_byte_for_byte(world: ApiWorld, tmp_path: Path, what: str) -> None:
    await traded(world)
    answer = await world.client.get(f"{EXPORTS}/{what}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{what}.csv"'
    assert answer.text == await by_command(world, tmp_path, what)
    assert answer.text.count("\r\n") > 1
    assert ",=1+1" not in answer.text
    assert (",'=1+1," in answer.text) == (what in ("trades", "orders"))


async def test_filters_are_those_of_the_command(world: ApiWorld, tmp_path: Path) -> None:
    await traded(world)
    mine = await world.client.get(f"{EXPORTS}/trades", params={"strategy_id": "mine", "instrument_id": "BTC-USDT"})
    assert mine.text == await by_command(world, tmp_path, "trades", "--strategy", "mine", "--instrument", "BTC-USDT")
    assert mine.text.count("\r\n") == 3
    average = await world.client.get(f"{EXPORTS}/tax", params={"method": "average"})
    assert average.text == await by_command(world, tmp_path, "tax", "--method", "average")
    none = await world.client.get(f"{EXPORTS}/trades", params={"end_date": "2001-01-01T00:00:00Z"})
    assert none.text == mine.text.split("\r\n")[0] + "\r\n"
    head = await world.client.head(f"{EXPORTS}/trades")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("asked", "field", "rule"),
    [
        ("bonds", "what", "must be one of trades, orders, positions, bills, tax"),
        ("bills?instrument_id=BTC-USDT", "instrument_id", "is no filter of bills"),
        ("positions?start_date=2026-01-01T00:00:00Z", "start_date", "is no filter of positions"),
        ("trades?method=fifo", "method", "is no filter of trades"),
        ("trades?instrument_id=BTC-EUR", "instrument_id", "is not an instrument of this exchange"),
        ("trades?strategy_id=nobody", "strategy_id", "has never ordered"),
        ("tax?method=lifo", "method", "must be one of fifo, average"),
        ("trades?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", "end_date", "must be after"),
        ("trades?instrument=BTC-USDT", "instrument", "unknown parameter; did you mean instrument_id?"),
    ],
)
async def test_what_no_table_has_is_refused_by_name(world: ApiWorld, asked: str, field: str, rule: str) -> None:
    answer = await world.client.get(f"{EXPORTS}/{asked}")
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert rule in error["rule"]


async def test_a_third_export_at_a_time_is_told_to_come_again(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await traded(world)
    both, real = asyncio.Barrier(3), exports.CsvDownload._next

    async def held(download: Any) -> bytes:
        await both.wait()
        return await real(download)

    with monkeypatch.context() as patched:
        patched.setattr(exports.CsvDownload, "_next", held)
        under_way = [asyncio.ensure_future(world.client.get(f"{EXPORTS}/trades")) for _ in range(2)]
        while both.n_waiting < 2:  # noqa: ASYNC110 - nothing tells that a request has come so far
            await asyncio.sleep(0)
        read: list[Any] = []
        patched.setattr(queries, "book_history", lambda *asked: read.append(asked))
        third = await world.client.get(f"{EXPORTS}/tax")
        assert (third.status_code, read) == (503, []), "before the first row of tax lies the whole history"
        assert third.json()["errors"][0]["rule"] == "2 exports are under way, the most allowed at a time"
        assert "retry-after" in third.headers
        patched.setattr(exports.CsvDownload, "_next", real)
        await both.wait()
        assert {answer.status_code for answer in await asyncio.gather(*under_way)} == {200}
    assert (await world.client.get(f"{EXPORTS}/trades")).status_code == 200


async def test_a_table_that_cannot_be_read_to_its_end_is_no_table(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await traded(world)
    real = queries.iter_trades

    def failing(*asked: Any) -> Iterator[Any]:
        (chunk,) = real(*asked)
        yield chunk * 1_000
        raise StoreError("the disk is gone")

    monkeypatch.setattr(queries, "iter_trades", failing)
    with pytest.raises(RuntimeError, match="response already started") as raised:
        await world.client.get(f"{EXPORTS}/trades")
    assert isinstance(raised.value.__cause__, StoreError)
    monkeypatch.setattr(queries, "iter_trades", real)
    assert (await world.client.get(f"{EXPORTS}/trades")).status_code == 200


async def test_who_takes_nothing_is_cut_off_and_gives_the_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "TAKE_SECONDS", 0.0)
    under_way, cut = exports.Exports(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await cut.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    scope = {"type": "http", "path": "/t", "state": {"abort": cut.set}, "asgi": {"spec_version": "2.3"}}
    rows = iter([{"size": D(1)}])
    await exports.CsvDownload(under_way, "t.csv", {"size": Kind.MONEY}, rows)(scope, receive, send)
    assert cut.is_set()
    for _ in range(exports.EXPORTS_MAX):
        under_way.__enter__()
