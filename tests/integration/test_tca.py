"""What orders cost, told from what was kept of the market: as it is seen, over restarts, in odd currencies.

Whole systems in virtual time over an exchange in memory.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app.api.encoding import json_ready
from app.api.pages.costs import groups_page, order_page
from app.api.pages.plots import Axis
from app.clock import SimulatedClock, to_ns, utc
from app.domain.market import MinuteClose, PublicTrade
from app.domain.orders import Liquidity, OrderSide, OrderStatus, TradeMode
from app.domain.refusals import InvalidValue, RefusalClass
from app.domain.tca.grouping import Grouping
from app.domain.tca.markout import HORIZONS_MS
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.memory.ledger import Booked
from app.exchanges.port import OutcomeKind
from app.journal.audit import audit
from app.services.trading.execution_strategies.conditions import is_parent
from app.services.trading.execution_strategies.terms import ParentTerms
from app.services.trading.reports.cost_groups import cost_report
from app.services.trading.reports.cost_views import CostReport, Estimate, ExecutionCost, PriceAt, UnlistedOrders
from app.services.trading.reports.costs import execution_cost, order_cost
from tests.support.trading_world import BTC, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
WIDE = {"max_order_value": 1_000_000, "max_order_size": 100, "max_position_value_pct": 5}
SECOND = 1_000_000_000
SWAP = "BTC-USDT-SWAP"


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


class MinutesExchange(MemoryExchange):
    """Remembers the closes of its minutes."""

    closes: tuple[MinuteClose, ...] = ()

    async def minute_closes(self, instrument_id: str, since_ns: int) -> list[MinuteClose]:
        return [each for each in self.closes if each.closed_ns - 60 * SECOND >= since_ns]


def cost(world: TradingWorld, subject_id: str) -> ExecutionCost:
    ledger, of = world.system.ledger, execution_cost if is_parent(subject_id) else order_cost
    return of(world.system.database, ledger.account, subject_id, ledger.instruments.get)


def prints(world: TradingWorld, name: str, price: str, size: str) -> None:
    world.exchange.trade(PublicTrade(BTC, name, D(price), D(size), True, world.clock.now_ns()))


def drawings(page: str) -> list[ElementTree.Element]:
    """The plots of a page, which needs nothing but itself."""
    assert not re.search(r"<script|<link|<img|https?:|url\(|@import|NaN|None", page)
    return [ElementTree.fromstring(each) for each in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


def marks(found: ExecutionCost) -> list[tuple[int, Decimal | None, str, str]]:
    (fill,) = found.fills
    return [(mark.horizon_ms, mark.mid, mark.source, mark.why) for mark in fill.marks]


async def test_an_order_is_a_parent_of_one_measured_from_its_send(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        order = await world.buy("0.1")
        await world.clock.sleep(20)
        world.quote("50099.9", "50100.1")
        await world.clock.sleep(300)
        found = cost(world, order.order_id)
        assert found.shortfall is not None
        assert (found.kind, found.currency, found.arrival.price, found.end.price) == ("order", "USDT", 50_000, 50_000)
        money = found.shortfall.money
        # 0.1 at 50,000.1, and a tenth of a percent of that; bought, so the fee is taken in bitcoin.
        assert (money.delay, money.spread, money.execution, money.opportunity) == (0, D("0.01"), 0, 0)
        assert (money.fees, money.total) == (D("5.00001"), D("5.01001"))
        assert found.shortfall.bps.total == D("10.02002")
        assert found.arrival_slippage_bps == D("0.02")
        assert found.estimate.walk_bps == D("0.02")
        assert [each.split(";")[0] for each in found.missing] == [
            "market: the tape of trades holds less than we traded, so it missed something"
        ]
        mids = [50_000] * 4 + [50_100] * 3
        assert [mid for _, mid, _, _ in marks(found)] == mids
        assert [mark.mid for mark in found.after_end] == mids
        assert [mark.reversion_bps for mark in found.after_end] == [0] * 4 + [-20] * 3
        taker = [each for each in found.after_fills if each.liquidity is Liquidity.TAKER]
        assert [each.horizon_ms for each in taker] == list(HORIZONS_MS)
        assert taker[-1].impact_bps == 40
        assert taker[-1].realised_spread_bps == D("0.04") - 40
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean


async def test_a_parent_is_measured_from_its_decision_with_the_market_that_it_met(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        terms = ParentTerms(decision_price=D("49950"))
        config = {"duration": 40, "num_slices": 4}
        parent = await world.system.parents.start("twap", config, market(OrderSide.BUY, "0.4"), terms=terms)
        for own in ("0.1", "0.1", "0.2"):
            await world.clock.sleep(5)
            prints(world, f"own at {world.clock.now_ns()}", "50000.1", own)
            prints(world, f"others at {world.clock.now_ns()}", "50010.1", "0.3")
            await world.clock.sleep(5)
        await world.clock.sleep(1)
        prints(world, "after its end", "60000", "5")
        await world.clock.sleep(320)
        found = cost(world, parent.parent_id)
        assert found.shortfall is not None
        assert found.market is not None
        assert found.decision == PriceAt(D("49950"), utc(parent.parent.created_ns), "who asked for it")
        money = found.shortfall.money
        assert (found.status, money.delay, money.spread, money.execution) == ("completed", 20, D("0.04"), 0)
        assert money.total == 20 + D("0.04") + money.fees
        assert (found.market.volume, found.market.volume_without_own) == (D("1.3"), D("0.9"))
        assert found.market.twap == 50_000
        assert found.market.twap_slippage_bps == D("0.02")
        assert found.market.seen_share == pytest.approx(1, abs=0.001)
        assert found.market.vwap_without_own == D("50010.1")
        assert found.market.participation == D("0.30769231")
        assert found.market.vwap_without_own_slippage_bps == D("-1.99959608")
        assert found.schedule_error is not None
        assert found.ratios.sent == len(found.orders) == len(found.fills) == 4
        assert {(order.bid, order.ask, order.touch_slippage_bps) for order in found.orders} == {
            (D("49999.9"), D("50000.1"), D(0))
        }
        assert found.missing == ()
        page = order_page(json_ready(found))
        plots = drawings(page)
        assert [len(each.findall("{*}rect")) for each in plots] == [6, 0, 0, 0]
        assert len(plots[1].findall("{*}circle")) == 4
        assert found.shortfall.bps.total is not None
        assert f"{found.shortfall.bps.total:.2f} bps of what was ordered" in page


async def test_what_was_not_filled_costs_what_the_price_ran_away(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        order = await world.executor.place_order(limit("49000", "0.1"))
        await world.clock.sleep(10)
        world.quote("50499.9", "50500.1")
        await world.clock.sleep(10)
        going = cost(world, order.order_id)
        assert going.shortfall is not None
        assert (going.shortfall.money.total, going.end.source) == (None, "it is not over")
        await world.executor.cancel_order(order.order_id)
        await world.clock.sleep(310)
        found = cost(world, order.order_id)
        assert found.shortfall is not None
        assert (found.shortfall.money.opportunity, found.shortfall.bps.total) == (50, 100)
        assert (found.fill_rate, found.ratios.cancel, found.time_to_fill) == (0, 1, ())
        assert [mark.reversion_bps for mark in found.after_end] == [0] * len(HORIZONS_MS)


async def test_marks_whose_time_came_while_nothing_lived_say_why_or_are_the_exchanges_own(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = MinutesExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(2)
        order = await world.buy("0.1")
        await world.clock.sleep(12)
        filled_ns = to_ns(cost(world, order.order_id).fills[0].at)
    await clock.sleep(600)
    exchange.closes = (
        MinuteClose(filled_ns + 100 * SECOND, D(49_000)),
        MinuteClose(filled_ns + 280 * SECOND, D(51_000)),
        MinuteClose(filled_ns + 340 * SECOND, D(52_000)),
    )
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(5)
        found = cost(world, order.order_id)
        down = "nobody looked at that moment: the process was down, or it was too long ago"
        assert marks(found) == [
            *((horizon_ms, D(50_000), "book", "") for horizon_ms in HORIZONS_MS[:4]),
            (30_000, None, "", down),
            (60_000, None, "", f"{down}; no minute that was over by then is near enough"),
            (300_000, D(51_000), "minute candle", ""),
        ]
        assert found.fills[0].mid == 50_000


async def test_a_window_goes_on_over_a_restart_and_says_what_it_has_not_seen(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(2)
        order = await world.executor.place_order(limit("49000", "0.1"))
        await world.clock.sleep(100)
        prints(world, "before", "50000", "3")
        await world.clock.sleep(1)
    await clock.sleep(100)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(99)
        prints(world, "after", "50100", "1")
        await world.clock.sleep(1)
        await world.executor.cancel_order(order.order_id)
        await world.clock.sleep(10)
        found = cost(world, order.order_id)
        assert found.market is not None
        assert (found.market.volume, found.market.vwap, found.market.twap) == (4, 50_025, 50_000)
        assert found.market.seen_share == pytest.approx(2 / 3, abs=0.01)
        (unseen,) = [each for each in found.missing if each.startswith("market: nobody saw")]
        unseen_seconds, of_seconds = float(unseen.split()[3]), float(unseen.split()[5])
        assert unseen_seconds / of_seconds == pytest.approx(1 / 3, abs=0.01)
        assert unseen.endswith(" seconds; volume, VWAP and TWAP are of the rest")
        assert found.arrival.price == 50_000


async def test_an_order_of_before_costs_were_kept_says_so(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        order = await world.buy("0.1")
        found = cost(world, order.order_id)
        assert found.shortfall is None
        assert [each.split(":")[0] for each in found.missing] == ["arrival", "spread", "market", "marks"]
        page = order_page(json_ready(found) | {"strategy": "<b>&", "missing": ["<script>"]})
        assert "&lt;b&gt;&amp;" in page
        assert "no price at its arrival" in page
        assert len(drawings(page)) == 2
        unsent = {"fills": [], "orders": [], "market": None, "after_fills": []}
        assert drawings(order_page(json_ready(found) | unsent)) == []


def test_a_page_of_nothing_and_of_one_value_is_drawn_all_the_same() -> None:
    empty = {"by": "day", "orders": 0, "groups": [], "comparisons": [], "start_date": None, "end_date": None}
    empty["unlisted"] = []
    assert "no whole cost is known" in groups_page(empty)
    one = Axis([D(5)], 0, 100)
    assert (one.at(D(5)), len(one.ticks()) > 1) == (50, True)
    assert Axis([D("0"), D("0.9")], 0, 100).ticks() == [0, D("0.2"), D("0.4"), D("0.6"), D("0.8")]
    assert len(Axis([D("1e-9"), D("3e-9")], 0, 100).ticks()) > 2


async def test_many_are_told_by_group_and_what_nobody_saw_is_counted(tmp_path: Path) -> None:
    """Two bare orders, an execution, one given up while nobody saw the market, one that was refused here."""
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        await world.buy("0.1", strategy_id="mean")
        await world.sell("0.3", strategy_id="mean")
        denied = await world.buy("1000")
        assert denied.status is OrderStatus.DENIED
        await world.system.parents.start("market", {}, market(OrderSide.BUY, "0.4"))
        blind = await world.executor.place_order(limit("49000", "0.1"), strategy_id="blind")
        world.quiet = True
        await world.clock.sleep(60)
        await world.executor.cancel_order(blind.order_id)
        await world.clock.sleep(20)
        start = utc(world.clock.now_ns() - 3_600 * SECOND)

        def groups(by: Grouping, **changes: Any) -> list[tuple[str | None, int, int, Decimal]]:
            ledger = world.system.ledger
            told = cost_report(
                world.system.database, ledger.account, ledger.instruments.get, by, start_date=start, **changes
            )
            return [(each.group, each.orders, each.unmeasured, each.notional) for each in told.groups]

        assert groups(Grouping.STRATEGY) == [("market", 1, 0, D(20_000)), ("order", 3, 1, D(20_000))]
        assert groups(Grouping.LABEL) == [(None, 1, 0, D(20_000)), ("blind", 1, 1, D(0)), ("mean", 2, 0, D(20_000))]
        assert groups(Grouping.SIDE) == [("buy", 3, 1, D(25_000)), ("sell", 1, 0, D(15_000))]
        assert groups(Grouping.SIZE) == [
            ("1000 to 10000", 2, 1, D(5_000)), ("10000 to 100000", 2, 0, D(35_000)),
        ]  # fmt: skip
        assert groups(Grouping.EXCHANGE) == [("memory", 4, 1, D(40_000))]
        assert groups(Grouping.INSTRUMENT, instrument_id="BTC-USDT-SWAP") == []
        assert groups(Grouping.INSTRUMENT) == [(BTC, 4, 1, D(40_000))]
        assert groups(Grouping.DAY, end_date=start + timedelta(seconds=1)) == []


async def test_what_is_not_listed_any_more_is_in_no_group_and_named(tmp_path: Path) -> None:
    """As a future that has expired: two bare orders and an execution of it, beside one of spot; and one that was never
    sent, which is nowhere."""
    of_swap = {"instrument_id": SWAP, "trade_mode": TradeMode.CROSS}
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        await world.buy("0.1")
        for _ in range(2):
            await world.buy("1", **of_swap)
        assert (await world.buy("1000000", **of_swap)).status is OrderStatus.DENIED
        await world.system.parents.start("market", {}, market(OrderSide.BUY, "2", **of_swap))
        await world.clock.sleep(20)
        ledger = world.system.ledger
        listed = {name: each for name, each in ledger.instruments.items() if name != SWAP}

        def told(by: Grouping, **only: str) -> CostReport:
            return cost_report(world.system.database, ledger.account, listed.get, by, **only)

        for by in (Grouping.INSTRUMENT, Grouping.STRATEGY, Grouping.DAY):
            found = told(by)
            assert [group.orders for group in found.groups] == [1]
            assert (found.orders, found.unlisted) == (4, (UnlistedOrders(SWAP, 3),))
        assert told(Grouping.DAY, instrument_id=BTC).unlisted == ()
        assert (told(Grouping.ARM).orders, told(Grouping.ARM).unlisted) == (0, ())
        assert re.search(r"Left out.*BTC-USDT-SWAP</t[dh]><td[^>]*>3<", groups_page(json_ready(told(Grouping.DAY))))


async def test_a_groups_figures_are_those_of_its_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over pages of two; the cost of the group is that of its orders, its mean theirs by notional."""
    monkeypatch.setattr("app.services.trading.reports.cost_groups.PAGE", 2)
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        ids = []
        for size in ("0.1", "0.2", "0.3", "0.4", "0.1"):
            ids.append((await world.buy(size)).order_id)
            world.quote(str(50_000 + 10 * len(ids)), str(50_001 + 10 * len(ids)))
            await world.clock.sleep(1)
        await world.clock.sleep(310)
        ledger = world.system.ledger
        told = cost_report(world.system.database, ledger.account, ledger.instruments.get, Grouping.STRATEGY)
        whole = [cost(world, each).shortfall for each in ids]
        (group,) = told.groups
        assert group.cost == sum(each.money.total for each in whole if each and each.money.total)
        figures = {each.figure: each for each in group.figures}
        total = figures["total_bps"]
        assert (total.weight, total.of.n, total.of.days) == ("ordered", 5, 1)
        assert total.of.why == "too few days: 1, an interval takes 20"
        assert abs(total.of.mean - group.cost / group.notional * 10_000) < D("1e-6")
        spread, markouts = drawings(groups_page(json_ready(told)))
        assert len(spread.findall("{*}rect")) == len(spread.findall("{*}circle")) == 1
        assert len(markouts.findall("{*}circle")) == len(HORIZONS_MS)
        assert {"fees_bps", "arrival_slippage_bps", "walk_estimate_bps"} <= set(figures)
        reports = [cost(world, each) for each in ids]
        worth = [each.filled_size * (each.average_price or D(0)) for each in reports]
        for place, horizon_ms in enumerate(HORIZONS_MS):
            name = f"{horizon_ms / 1_000:g}s_bps"
            back = [each.after_end[place].reversion_bps or D(0) for each in reports]
            later = [each.after_fills[place].markout_bps for each in reports]
            for figure, values in ((f"reversion_{name}", back), (f"markout_{name}", later)):
                assert figures[figure].of.n == 5
                mean = sum((w * v for w, v in zip(worth, values, strict=True)), D(0)) / sum(worth)
                assert abs(figures[figure].of.mean - mean) < D("1e-6")
        assert figures["markout_300s_bps"].of.mean > 0
        assert [(each.estimate, each.why) for each in group.calibration] == [("walk", "too few orders: 5, it takes 20")]


async def test_what_an_order_would_cost_is_told_beforehand_and_stands_beside_what_it_did(tmp_path: Path) -> None:
    """The book shows 5 at 50,000.1 beside a mid of 50,000; 2 traded, and the price went from 50,000 to 50,500."""
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        prints(world, "first", "50000", "1")
        await world.clock.sleep(2)
        prints(world, "second", "50500", "1")
        await world.clock.sleep(61)  # what the risk checks and earlier asks have seen is a minute old
        read = world.system.asked.estimates.read
        found = await read(BTC, OrderSide.BUY, "0.5")
        law = D("49.75165427")  # ln(1.01) * sqrt(0.5 / 2)
        assert (found.mid, found.walk_bps, found.square_root_bps, found.missing) == (50_000, D("0.02"), law, ())
        assert (found.volume, round(found.volatility or 0, 6)) == (2, 0.00995)
        deep = await read(BTC, OrderSide.SELL, 8)
        assert (deep.visible_size, deep.walk_price, deep.walk_bps) == (5, D("49999.9"), D("0.02"))
        assert deep.missing == ("walk: the book shows less; its price is of visible_size",)
        for size in ("0", "-1", "much"):
            with pytest.raises(InvalidValue, match="size"):
                await read(BTC, OrderSide.BUY, size)
        with pytest.raises(InvalidValue, match="NO-SUCH"):
            await read("NO-SUCH", OrderSide.BUY, 1)
        shown = await world.system.parents.preview("market", {}, market(OrderSide.BUY, "0.5"))
        assert (shown.square_root_bps, shown.power_law_bps) == (law, None)
        schedule = {"duration": 900, "num_slices": 5}
        worked = await world.system.parents.preview("twap", schedule, market(OrderSide.BUY, "0.5"))
        # 0.142 * ln(1.01) of a quarter of an hour, 96 of which are a day * (0.5 / 2) ** 0.6
        assert (worked.square_root_bps, round(worked.power_law_bps or 0, 4)) == (law, D("60.2595"))
        parent = await world.system.parents.start("market", {}, market(OrderSide.BUY, "0.5"))
        await world.clock.sleep(20)
        came = cost(world, parent.parent_id)
        assert (came.estimate.walk_bps, came.estimate.square_root_bps) == (D("0.02"), law)
        assert came.estimate.surprise_bps == D("0.02") - law


async def test_nothing_traded_so_there_is_no_law_to_go_by(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        found = await world.system.asked.estimates.read(BTC, OrderSide.BUY, 1)
        assert found.square_root_bps is None
        assert [each.split(":")[0] for each in found.missing] == ["square root"]


class DiscountedExchange(MinutesExchange):
    """Takes its fees in a third currency."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__(clock, balances={"USDT": D(100_000), "ETH": D(100)})
        self.asked: list[str] = []
        books, fill = self.venue.ledger, self.venue.ledger.fill

        def pays_in_ether(*arguments: Any) -> Booked:
            booked = fill(*arguments)
            books.add(booked.fee_currency, booked.fee)
            books.add("ETH", D("-0.01"))
            return Booked(booked.pnl, D("0.01"), "ETH")

        books.fill = pays_in_ether

    async def minute_closes(self, instrument_id: str, since_ns: int) -> list[MinuteClose]:
        self.asked.append(instrument_id)
        return await super().minute_closes(instrument_id, since_ns)


@pytest.mark.parametrize("minutes_ago", [1, 7], ids=["a minute near enough", "none near enough"])
async def test_a_fee_of_a_fill_that_is_heard_of_late_has_the_price_of_then(tmp_path: Path, minutes_ago: int) -> None:
    """It filled while nothing lived; ether was at 2,500 then, and is at 3,000 when the fill is heard of."""
    clock = SimulatedClock()
    exchange = DiscountedExchange(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        world.quote("2499.9", "2500.1", "ETH-USDT")
        await world.clock.sleep(2)
        order = await world.executor.place_order(limit("49000", "0.1"))
        await world.clock.sleep(1)
    exchange.set_book(BTC, D("48900"), D("48901"), D(5))
    filled_ns = clock.now_ns()
    await clock.sleep(600)
    exchange.closes = (
        MinuteClose(filled_ns - minutes_ago * 60 * SECOND, D(2_500)),
        MinuteClose(filled_ns + 60 * SECOND, D(2_900)),
    )
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        world.quote("2999.9", "3000.1", "ETH-USDT")
        await world.clock.sleep(400)
        found = cost(world, order.order_id)
        assert found.shortfall is not None
        assert "ETH-USDT" in exchange.asked
        unknown = [each for each in found.missing if each.startswith("fees:")]
        if minutes_ago == 1:
            assert (found.fills[0].fee, found.shortfall.money.fees, unknown) == (25, 25, [])
        else:
            assert (found.fills[0].fee, len(unknown)) == (None, 1)


async def test_an_end_while_the_exchange_is_asked_for_prices_of_then_loses_nothing_that_was_seen(
    tmp_path: Path,
) -> None:
    clock = SimulatedClock()
    exchange = DiscountedExchange(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(2)
        await world.executor.place_order(limit("49000", "0.1"))
        await world.clock.sleep(1)
    exchange.set_book(BTC, D("48900"), D("48901"), D(5))
    await clock.sleep(600)

    async def never(instrument_id: str, since_ns: int) -> list[MinuteClose]:
        exchange.asked.append(instrument_id)
        return await asyncio.Event().wait() or []  # type: ignore[return-value]  # it never comes

    exchange.minute_closes = never  # type: ignore[method-assign]  # the exchange of this test alone
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(5)
        assert len(exchange.asked) == 1
        order = await world.buy("0.1")
        await world.clock.sleep(1)
    with world.system.database.writer_engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT order_id, mid FROM tca_fills").all()
    assert dict(rows)[order.order_id] is not None


async def test_a_fee_in_a_third_currency_has_the_price_of_its_fill(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = DiscountedExchange(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        world.quote("2499.9", "2500.1", "ETH-USDT")
        await world.clock.sleep(2)
        order = await world.buy("0.1")
        world.quote("2999.9", "3000.1", "ETH-USDT")
        await world.clock.sleep(20)
        assert (cost(world, order.order_id).fills[0].fee, exchange.asked) == (25, [])


async def test_what_was_refused_never_rested_and_is_in_no_fill_rate(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        world.exchange.answer_next("place", OutcomeKind.REJECTED, code="51000", refusal=RefusalClass.PASSING)
        config = {"timeout": 60, "fallback_to_market": False}
        parent = await world.system.parents.start("limit", config, limit("49990", "0.1"))
        await world.clock.sleep(10)
        world.quote("49980", "49981")
        await world.clock.sleep(10)
        found = cost(world, parent.parent_id)
        assert [order.status for order in found.orders] == [OrderStatus.REJECTED, OrderStatus.FILLED]
        assert (found.fill_rate, found.ratios.sent, found.ratios.reject) == (1, 2, 0.5)


async def test_an_execution_whose_beginning_a_crash_took_has_no_estimate_of_the_restart(tmp_path: Path) -> None:
    """The book of the restart is not the one that it began with."""
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(2)
        config = {"duration": 120, "num_slices": 4}
        parent = await world.system.parents.start("twap", config, market(OrderSide.BUY, "0.4"))
        await world.clock.sleep(20)
        assert cost(world, parent.parent_id).estimate.walk_bps == D("0.02")
    with world.system.database.writer_engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tca_windows")
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        world.quote("50999.9", "51000.1")
        await world.clock.sleep(130)
        found = cost(world, parent.parent_id)
        assert (found.status, found.arrival.price) == ("completed", 50_000)
        assert found.estimate == Estimate(None, None, None)
