"""Instruments with the fees and leverage in force, candles, books, and the risk limits with what is used of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2

from app.api.application import ApiOptions, build
from app.api.read_only import StoredRuntime
from app.clock import SystemClock
from app.domain.access_keys import KeyLimits
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import Bar, Candle, PublicTrade
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.memory.instruments import ODD_INSTRUMENTS
from app.exchanges.port import Listing, RowKind, Unreadable
from app.market_data.feeds import TAPE_MAX
from app.services.trading.venue.shown_trades import MarketTrades
from tests.support.api_world import MARKET_BUY, ORDERS, RISK, ApiWorld, api_world
from tests.support.okx_system import BTC, SWAP, okx_system
from tests.support.systems import in_virtual_time

D = Decimal
API = "/api/v1/trading"
MINUTE_NS = 60_000_000_000


async def told(world: ApiWorld, path: str, **query: Any) -> Any:
    answer = await world.client.get(f"{API}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


# --- instruments ---


async def test_an_instrument_has_its_steps_its_state_and_the_terms_in_force(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        world.exchange.venue.maker_rate, world.exchange.venue.taker_rate = D("-0.00005"), D("0.0005")
        spot = await told(world, "instruments/BTC-USDT")
        known = world.system.ledger.instruments["BTC-USDT"]
        assert [D(spot[name]) for name in ("tick", "lot", "min_size", "contract_value")] == [
            known.tick,
            known.lot,
            known.min_size,
            1,
        ]
        assert (spot["live"], spot["kind"], spot["leverages"]) == (True, "spot", [])
        assert (spot["fees"]["maker"], spot["fees"]["taker"]) == ("-0.00005", "0.0005")
        await world.client.post(f"{API}/leverage", json={"instrument_id": SWAP, "leverage": "3"})
        swap = await told(world, f"instruments/{SWAP}")
        assert [(each["trade_mode"], each["position_side"], each["leverage"]) for each in swap["leverages"]] == [
            ("cross", "net", "3")
        ]
        listed = {each["instrument_id"]: each for each in (await told(world, "instruments"))["instruments"]}
        assert listed[SWAP]["leverages"][0]["leverage"] == "3"
        assert listed["BTC-USDT"]["fees"]["taker"] == "0.0005"
        unread = {name for name, each in listed.items() if each["fees"] is None}
        assert not unread & {"BTC-USDT", SWAP}
        assert world.system.risk.terms.taker_fees["BTC-USDT"] == D("0.0005"), "what is shown is what risk counts with"


async def test_a_fee_that_was_just_read_is_not_asked_for_again_and_an_outage_is_told(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        for name in ("X", "Y"):
            tiny, lot = D("0.000000001"), D(1000)
            listed = Instrument(f"{name}-BTC", InstrumentKind.SPOT, name, "BTC", "BTC", tiny, lot, lot, live=False)
            world.system.ledger.catalogue.put(listed)
        first = await told(world, "instruments/X-BTC")
        assert (first["live"], first["lot"], first["tick"]) == (False, "1000", "0.000000001")

        async def nobody(_: str) -> None:
            raise ExchangeUnavailable("account/trade-fee: no answer")

        setattr(world.exchange, "fee_rates", nobody)  # noqa: B010 - the exchange's answer is what is tested
        assert (await told(world, "instruments/X-BTC"))["fees"]["taker"] == first["fees"]["taker"]
        silent = await world.client.get(f"{API}/instruments/Y-BTC")
        assert (silent.status_code, silent.headers["retry-after"]) == (503, "1")


async def test_whatever_many_ask_of_an_instrument_the_exchange_is_asked_once_a_minute(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        known = world.system.ledger.instruments[SWAP]
        world.system.ledger.catalogue.put(replace(known, instrument_id="X-USDT-SWAP"))
        asked: list[str] = []
        for name in ("leverage", "fee_rates"):
            setattr(world.exchange, name, _slowly(getattr(world.exchange, name), asked, name))
        for _ in range(2):
            found = await asyncio.gather(*(told(world, "instruments/X-USDT-SWAP") for _ in range(20)))
            assert {(each["leverages"][0]["leverage"], each["fees"]["taker"]) for each in found} == {("1", "0.001")}
        assert sorted(asked) == ["fee_rates", "leverage"]


def _slowly(call: Callable[..., Awaitable[Any]], asked: list[str], name: str) -> Callable[..., Awaitable[Any]]:
    async def answer(*args: Any) -> Any:
        asked.append(name)
        await asyncio.sleep(0.01)
        return await call(*args)

    return answer


# --- candles ---


class Remembered:
    """A minute of every minute, up to the present one; what was asked for."""

    def __init__(self, world: ApiWorld, *, unread: bool = False) -> None:
        self.asked: list[tuple[Bar, int, int]] = []
        self.now_ns = world.system.clock.now_ns()
        self._unread = unread
        setattr(world.exchange, "candles", self)  # noqa: B010 - the exchange in memory has none of its own

    async def __call__(self, instrument_id: str, bar: Bar, since_ns: int, until_ns: int) -> Sequence[Candle]:
        self.asked.append((bar, since_ns, until_ns))
        step_ns = bar.seconds * 1_000_000_000
        first = -(-since_ns // step_ns) * step_ns
        moments = range(first, min(until_ns, self.now_ns), step_ns)
        rows = [Candle(at, D(1), D(3), D("0.5"), D(2), D(10), at + step_ns <= self.now_ns) for at in moments]
        bad = [Unreadable(RowKind.CANDLE, instrument_id, "candle: unreadable")] if self._unread else []
        return Listing(rows, bad)


async def test_the_last_candles_end_with_the_one_that_is_not_over(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        answer = await world.client.get(f"{API}/candles/BTC-USDT")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:trading-executor:problem:not-offered")
        remembered = Remembered(world, unread=True)
        page = await told(world, "candles/BTC-USDT", bar="5m", limit=3)
        assert (page["bar"], page["instrument_id"], page["next_start"], page["unread"]) == ("5m", "BTC-USDT", None, 1)
        assert [each["complete"] for each in page["candles"]] == [True, True, False]
        assert {D(page["candles"][0][name]) for name in ("open", "high", "low", "close")} == {1, 3, D("0.5"), 2}
        assert len((await told(world, "candles/BTC-USDT"))["candles"]) == 100
        assert [bar for bar, *_ in remembered.asked] == [Bar.M5, Bar.M1]
        page = await told(world, "candles/BTC-USDT", bar="1h", end_date="2026-01-31T14:30:00Z", limit=2)
        hours = [each["opened_at"] for each in page["candles"]]
        assert hours == ["2026-01-31T13:00:00Z", "2026-01-31T14:00:00Z"], "the last that began before"


async def test_candles_from_a_moment_on_come_page_by_page_without_a_gap_or_a_repeat(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        start_ns = (Remembered(world).now_ns // MINUTE_NS - 25) * MINUTE_NS + 1
        start: str | None = datetime.fromtimestamp(start_ns / 1e9, UTC).replace(microsecond=1).isoformat()
        end = datetime.fromtimestamp((start_ns + 21 * MINUTE_NS) / 1e9, UTC).isoformat()
        found: list[str] = []
        pages = 0
        while start is not None:
            page = await told(world, "candles/BTC-USDT", start_date=start, end_date=end, limit=7)
            found += [each["opened_at"] for each in page["candles"]]
            start, pages = page["next_start"], pages + 1
        moments = [datetime.fromisoformat(each) for each in found]
        assert (len(moments), pages) == (20, 3)
        assert {(b - a).total_seconds() for a, b in pairwise(moments)} == {60}


def test_the_simulated_exchange_remembers_candles_of_every_bar(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with okx_system(tmp_path) as world:
            for bar in Bar:
                page = await world.system.asked.candles.read(BTC, bar, limit=3)
                moments = [each.opened_at for each in page.candles]
                assert len(moments) in (2, 3), bar  # where nobody trades now, there is none of now
                assert (moments[1] - moments[0]).total_seconds() == bar.seconds
                assert moments[0].timestamp() % bar.seconds == 0, "days begin at 00:00 UTC"
            swap = await world.system.asked.listings.one(SWAP)
            assert swap.fees is not None
            assert swap.fees.taker > 0
            assert [each.leverage for each in swap.leverages] != []
            unfollowed = await world.system.asked.books.read(SWAP, 3)
            assert (unfollowed.followed, len(unfollowed.bids), len(unfollowed.asks)) == (False, 3, 3)
            assert unfollowed.spread is not None
            assert unfollowed.spread > 0
            assert SWAP not in world.system.market.followed

    in_virtual_time(scenario())


# --- books ---


async def test_the_book_that_orders_are_judged_by(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        book = await told(world, "book/BTC-USDT", depth=1)
        assert (book["bids"], book["asks"]) == ([["49999.9", "1000"]], [["50000.1", "1000"]])
        assert (book["mid"], book["spread"], book["followed"], book["unusable"]) == ("50000", "0.2", True, None)
        world.quote("50001", "50000")
        assert (await told(world, "book/BTC-USDT"))["unusable"] == "is crossed: bid 50001 at or above ask 50000"
        world.system.market.on_stream_down()
        asked = await told(world, "book/BTC-USDT")
        assert (asked["followed"], asked["bids"][0][0]) == (False, "50001")


# --- public trades ---


async def test_what_the_public_traded_is_told_newest_first_and_bounded(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        at_ns = world.system.clock.now_ns()
        for number in range(TAPE_MAX + 5):
            bought = number % 2 == 1
            world.exchange.trade(
                PublicTrade("BTC-USDT", str(number), D("50000.1"), D("0.01"), bought, at_ns + number * 1_000_000)
            )
        found = await told(world, "market-trades/BTC-USDT", limit=2)
        newest, before = found["trades"]
        assert (newest["trade_id"], newest["side"], before["trade_id"], before["side"]) == ("204", "sell", "203", "buy")
        assert (newest["price"], newest["size"]) == ("50000.1", "0.01")
        everything = (await told(world, "market-trades/BTC-USDT", limit=TAPE_MAX))["trades"]
        assert [each["trade_id"] for each in everything] == [str(each) for each in range(204, 4, -1)]
        assert datetime.fromisoformat(newest["exchange_at"]) > datetime.fromisoformat(before["exchange_at"])


def test_of_what_is_not_followed_no_trades_are_known_and_none_are_asked_for(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with okx_system(tmp_path) as world:
            found = world.system.asked.trades.read(SWAP)
            assert found == MarketTrades(instrument_id=SWAP, followed=False, trades=())
            assert SWAP not in world.system.market.followed

    in_virtual_time(scenario())


async def test_trades_of_no_instrument_or_too_many_are_refused_by_their_field(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        for wrong, field in (("market-trades/NO-SUCH", "instrument_id"), ("market-trades/BTC-USDT?limit=201", "limit")):
            refused = await world.client.get(f"{API}/{wrong}")
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


# --- risk limits ---


def limit(found: Any, name: str) -> Any:
    return next(each for each in found["limits"] if each["name"] == name)


async def test_what_is_left_of_a_limit_is_what_an_order_may_still_be(tmp_path: Path) -> None:
    risk = RISK | {"max_daily_notional": "5000", "max_open_orders": 2, "max_position_value_pct": "0.002"}
    async with api_world(tmp_path, risk=risk) as world:
        fresh = await told(world, "risk-limits")
        assert (fresh["currency"], fresh["kill_switch"], fresh["allowed_instruments"]) == ("USDT", False, None)
        assert fresh["key"]["principal"] == "api:local"
        assert [limit(fresh, name)["used"] for name in ("max_open_orders", "max_daily_loss")] == ["0", "0"]
        assert limit(fresh, "max_order_value") == {
            **limit(fresh, "max_order_value"),
            "of": "order",
            "limit": "10000",
            "used": None,
            "left": None,
            "unit": "USDT",
        }
        await world.fill(size="0.01")
        await world.place(size="0.02")
        used = await told(world, "risk-limits")
        assert limit(used, "max_open_orders")["left"] == "1"
        notional = limit(used, "max_daily_notional")
        assert (notional["limit"], D(notional["used"]) + D(notional["left"])) == ("5000", 5000)
        assert 1500 < D(notional["used"]) < 1501
        (btc,) = used["positions"]
        assert (btc["position"], D(btc["worth"]) > 1499) == ("BTC", True)
        left = D(limit(used, "max_position_value_pct")["left"]) * D(used["equity"])
        assert 499 < left < 501
        fits, over = str((left - 5) / D("50000.1"))[:7], "0.0102"
        assert (await world.client.post(ORDERS, json=MARKET_BUY | {"size": over})).status_code == 422
        assert (await world.client.post(ORDERS, json=MARKET_BUY | {"size": fits})).status_code == 201
        world.system.ledger.catalogue.put(next(each for each in ODD_INSTRUMENTS if each.base == "PEPE"))
        coins = {"currency": "PEPE", "amount": "5", "by": "me", "why": "found"}
        declared = await world.control.post(f"{API}/balances/declare", json=coins)
        assert declared.status_code == 200, declared.text
        unpriced = await told(world, "risk-limits")
        assert limit(unpriced, "max_position_value_pct")["why"] == "PEPE: no price, or no equity"
        assert D(limit(unpriced, "max_position_value_pct")["used"]) > D("0.0015"), (
            "what has a price is known all the same"
        )
        assert unpriced["positions"][1] == {"position": "PEPE", "worth": None, "of_equity": None}


async def test_a_short_counts_as_what_it_may_become_at_worst(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        for side, size in (("sell", "15"), ("buy", "10")):
            params = {**MARKET_BUY, "instrument_id": SWAP, "side": side, "size": size, "trade_mode": "cross"}
            if side == "buy":
                params |= {"order_type": "limit", "price": "49000"}
            assert (await world.client.post(ORDERS, json=params)).status_code == 201, side
        found = {each["position"]: D(each["worth"]) for each in (await told(world, "risk-limits"))["positions"]}
        contract = world.system.ledger.instruments[SWAP].contract_value
        assert found[f"{SWAP}/net/cross"] == 15 * contract * 50000
        assert found["BTC"] == 15 * contract * 50000


async def test_a_key_sees_its_own_limits_and_what_it_used_of_its_day(tmp_path: Path) -> None:
    limits = KeyLimits(frozenset({"BTC-USDT"}), None, D(2000), D(3000))
    async with api_world(tmp_path) as world:
        made = await world.control.post(
            "/api/v1/keys", json={"name": "bot", "scopes": ["read", "orders:place"], **limits.told()}
        )
        assert made.status_code == 201, made.text
        headers = {"X-API-Key": made.json()["secret"]}
        assert (await world.client.post(ORDERS, json=MARKET_BUY, headers=headers)).status_code == 201
        shown = (await world.client.get(f"{API}/risk-limits", headers=headers)).json()["key"]
        assert (shown["principal"], shown["instruments"], shown["strategies"]) == ("api:bot", ["BTC-USDT"], None)
        assert (shown["max_order_notional"], shown["max_daily_notional"]) == ("2000", "3000")
        assert 50 < D(shown["traded_today"]) < 53


# --- bad input ---


BAD: tuple[tuple[str, dict[str, str], str], ...] = (
    ("instruments/NO-SUCH", {}, "instrument_id"),
    ("instruments", {"containing": "BTC"}, "containing"),
    ("candles/NO-SUCH", {}, "instrument_id"),
    ("candles/BTC-USDT", {"bar": "7m"}, "bar"),
    ("candles/BTC-USDT", {"limit": "0"}, "limit"),
    ("candles/BTC-USDT", {"limit": "501"}, "limit"),
    ("candles/BTC-USDT", {"start_date": "2024"}, "start_date"),
    ("candles/BTC-USDT", {"start_date": "2024-01-02T00:00:00Z", "end_date": "2024-01-01T00:00:00Z"}, "end_date"),
    ("book/NO-SUCH", {}, "instrument_id"),
    ("book/BTC-USDT", {"depth": "51"}, "depth"),
    ("book/BTC-USDT", {"levels": "5"}, "levels"),
    ("risk-limits", {"instrument_id": "BTC-USDT"}, "instrument_id"),
)


async def test_bad_input_names_its_field_and_asks_the_exchange_nothing(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        remembered = Remembered(world)
        for path, query, field in BAD:
            answer = await world.client.get(f"{API}/{path}", params=query)
            assert answer.status_code == 422, answer.text
            assert [error["field"] for error in answer.json()["errors"]] == [field], path
        assert remembered.asked == []


async def test_a_server_that_only_reads_lists_instruments_and_says_what_it_has_not(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        known = world.system.ledger.instruments
        runtime = StoredRuntime(world.system.database, world.system.ledger.account, SystemClock(), known)
        app: Any = build(runtime, ApiOptions(("127.0.0.1",), read_only=True))
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1:8000"
        ) as client:
            listed = (await client.get(f"{API}/instruments")).json()["instruments"]
            assert {each["instrument_id"] for each in listed} == set(known)
            assert (await client.get(f"{API}/instruments/BTC-USDT")).json()["fees"] is None
            for path in ("candles/BTC-USDT", "book/BTC-USDT", "risk-limits"):
                answer = await client.get(f"{API}/{path}")
                assert (answer.status_code, answer.json()["type"]) == (503, "urn:trading-executor:problem:not-ready")
