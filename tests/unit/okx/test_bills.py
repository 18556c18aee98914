"""What OKX's bills become, and that every page of them is read: executions left out, unknown kinds kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from app.exchanges.errors import ExchangeUnavailable, ProtocolError
from app.exchanges.okx import bills, wire
from app.exchanges.okx.pages import PAGE_SIZE, RESTARTS_MAX
from app.exchanges.okx.transport import Response
from app.exchanges.port import Bill, BillKind
from tests.unit.okx.fake_venue import Stage, ok, play

DAY_MS = 86_400_000
PATH = "account/bills"
FUNDING: dict[str, Any] = {
    "billId": "623950854533513219",
    "ccy": "USDT",
    "type": "8",
    "subType": "173",
    "balChg": "-0.0521",
    "pnl": "-0.0521",
    "instType": "SWAP",
    "instId": "BTC-USDT-SWAP",
    "ts": "1695033476167",
    "bal": "8694.21",
    "tradeId": "",
    "ordId": "",
}


def row(**changes: Any) -> wire.BillRow:
    return msgspec.json.decode(json.dumps({**FUNDING, **changes}), type=wire.BillRow)


def bill_row(number: int, time_ms: int, **changes: Any) -> dict[str, Any]:
    return {**FUNDING, "billId": str(number), "ts": str(time_ms), **changes}


def test_a_funding_payment() -> None:
    assert bills.bill(row()) == Bill(
        "623950854533513219",
        BillKind.FUNDING,
        "USDT",
        Decimal("-0.0521"),
        1695033476167_000_000,
        "BTC-USDT-SWAP",
        "8/173",
    )


@pytest.mark.parametrize(
    ("kind", "sub_type", "expected"),
    [
        ("1", "11", BillKind.TRANSFER),
        ("12", "200", BillKind.TRANSFER),
        ("7", "9", BillKind.INTEREST),
        ("8", "174", BillKind.FUNDING),
        ("5", "110", BillKind.LIQUIDATION),
        ("10", "108", BillKind.LIQUIDATION),
        ("6", "160", BillKind.MARGIN),
        ("16", "306", BillKind.LOAN),
        ("28", "236", BillKind.CONVERSION),
        ("34", "355", BillKind.OTHER),
        ("999", "1000", BillKind.OTHER),
    ],
)
def test_kinds(kind: str | None, sub_type: str | None, expected: BillKind) -> None:
    found = row(type=kind, subType=sub_type)
    assert not bills.is_execution(found)
    assert (bills.bill(found).kind, bills.bill(found).venue_kind) == (expected, f"{kind or '?'}/{sub_type or '?'}")


@pytest.mark.parametrize(
    "changes",
    [{name: bad} for name in ("type", "billId") for bad in ("", "NaN", "1e5", "١", "1_000", " 2", "-", "0")]
    + [{"type": None}, {"type": "5", "subType": None}, {"type": "9", "subType": "adl"}, {"ccy": "NaN"}, {"ts": None}],
    ids=str,
)
def test_a_bill_that_does_not_say_what_it_is_for_is_neither_booked_nor_left_out(changes: dict[str, str | None]) -> None:
    bad = row(**changes)
    with pytest.raises(ProtocolError):
        bills.is_execution(bad) or bills.bill(bad)


@pytest.mark.parametrize(
    ("kind", "sub_type"), [("2", "1"), ("2", "6"), ("2", "777"), ("5", "104"), ("9", "127"), ("3", "112")]
)
def test_executions_are_told_apart(kind: str, sub_type: str) -> None:
    assert bills.is_execution(row(type=kind, subType=sub_type))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"balChg": None}, "balChg is missing"),
        ({"balChg": "NaN"}, "no decimal number"),
        ({"ts": "yesterday"}, "no time"),
        ({"billId": ""}, "no id"),
        ({"billId": "1\x002"}, "no id"),
    ],
)
def test_a_bill_that_cannot_be_booked_is_a_protocol_error(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(ProtocolError, match=what):
        bills.bill(row(**changes))


def serve(rows: list[dict[str, Any]]) -> Callable[[str, dict[str, str], str], Response]:
    """OKX's paging over rows that are oldest first here."""

    def page(query: str, headers: dict[str, str], body: str) -> Response:
        after = int(parse_qs(query).get("after", ["9" * 20])[0])
        return ok(*[each for each in reversed(rows) if int(each["billId"]) < after][:PAGE_SIZE])

    return page


def test_executions_and_what_moves_nothing_are_left_out_but_trades_elsewhere_are_not() -> None:
    async def scenario(stage: Stage) -> None:
        now_ms = stage.clock.now_ns() // 1_000_000
        stage.venue.rest[PATH] = serve(
            [
                bill_row(1, now_ms, type="2", subType="1", instType="SPOT", instId="BTC-USDT", ccy="BTC"),
                bill_row(2, now_ms, balChg="0", posBalChg="-0.1", mgnMode="isolated"),
                bill_row(3, now_ms, type="2", subType="1", instType="FUTURES", instId="BTC-USDT-261225"),
                bill_row(4, now_ms),
            ]
        )
        found = await stage.exchange.bills(now_ms * 1_000_000)
        assert [(each.bill_id, each.kind, each.venue_kind) for each in found] == [
            ("3", BillKind.OTHER, "2/1"),
            ("4", BillKind.FUNDING, "8/173"),
        ]

    play(scenario)


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_d13_every_page_is_read_oldest_first(count: int) -> None:
    async def scenario(stage: Stage) -> None:
        now_ms = stage.clock.now_ns() // 1_000_000
        stage.venue.rest[PATH] = serve([bill_row(number, now_ms) for number in range(1, count + 1)])
        found = await stage.exchange.bills(now_ms * 1_000_000)
        assert sorted(int(each.bill_id) for each in found) == list(range(1, count + 1))

    play(scenario)


def test_d13_pages_that_repeat_and_grow_bring_each_bill_once() -> None:
    async def scenario(stage: Stage) -> None:
        now_ms = stage.clock.now_ns() // 1_000_000
        rows = [bill_row(number, now_ms) for number in range(1, 151)]
        honest = serve(rows)

        def page(query: str, headers: dict[str, str], body: str) -> Response:
            rows.append(bill_row(len(rows) + 1, now_ms))
            return honest(query, headers, body)

        stage.venue.rest[PATH] = page
        found = [each.bill_id for each in await stage.exchange.bills(now_ms * 1_000_000)]
        assert len(found) == len(set(found))
        assert {str(number) for number in range(1, 151)} <= set(found)

    play(scenario)


def test_d13_a_lost_page_is_read_anew_and_never_taken_for_the_end() -> None:
    async def scenario(stage: Stage) -> None:
        now_ms = stage.clock.now_ns() // 1_000_000
        honest = serve([bill_row(number, now_ms) for number in range(1, 251)])
        asked: list[str] = []

        def lossy(query: str, headers: dict[str, str], body: str) -> Response:
            asked.append(query)
            return ok() if "after" in query and len(asked) < 4 else honest(query, headers, body)

        stage.venue.rest[PATH] = lossy
        assert len(await stage.exchange.bills(now_ms * 1_000_000)) == 250
        stage.venue.rest[PATH] = lambda query, headers, body: ok() if "after" in query else honest(query, headers, body)
        before = len(stage.venue.requests)
        with pytest.raises(ExchangeUnavailable, match="kept changing"):
            await stage.exchange.bills(now_ms * 1_000_000)
        assert len(stage.venue.requests) - before == 2 * RESTARTS_MAX

    play(scenario)


def test_beyond_seven_days_bills_come_from_the_archive_as_well() -> None:
    async def scenario(stage: Stage) -> None:
        old_ms = stage.clock.now_ns() // 1_000_000 - 20 * DAY_MS
        stage.venue.rest[PATH] = serve([bill_row(8, old_ms + 13 * DAY_MS), bill_row(9, old_ms + 19 * DAY_MS)])
        stage.venue.rest[f"{PATH}-archive"] = serve([bill_row(7, old_ms), bill_row(8, old_ms + 13 * DAY_MS)])
        assert [each.bill_id for each in await stage.exchange.bills(old_ms * 1_000_000)] == ["7", "8", "9"]
        assert [each.bill_id for each in await stage.exchange.bills((old_ms + 19 * DAY_MS) * 1_000_000)] == ["8", "9"]

    play(scenario)


def test_bills_are_asked_for_no_faster_than_okx_allows() -> None:
    async def scenario(stage: Stage) -> None:
        began_ns = stage.clock.now_ns()
        stage.venue.rest[PATH] = serve([bill_row(number, began_ns // 1_000_000) for number in range(1, 901)])
        assert len(await stage.exchange.bills(began_ns)) == 900
        assert stage.clock.now_ns() - began_ns >= 2_000_000_000  # ten pages, four a second

    play(scenario)
