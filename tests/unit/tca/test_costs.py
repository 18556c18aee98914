"""Transaction costs against published examples: implementation shortfall, spreads, markouts; and what must always add
up."""

from __future__ import annotations

import math
import random
from decimal import Decimal

import pytest

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import Fill, OrderSide, OrderStatus
from app.domain.tca.latency import latency
from app.domain.tca.markout import markout_bps
from app.domain.tca.marks import MINUTE, Mark, from_minute, from_trade
from app.domain.tca.power_law import power_law_bps
from app.domain.tca.ratios import OrderRatios, order_ratios
from app.domain.tca.reversion import permanent_impact_bps, reversion_bps
from app.domain.tca.schedule_error import schedule_error
from app.domain.tca.shares import maker_share, share
from app.domain.tca.shortfall import Benchmarks, Filled, Parts, shortfall
from app.domain.tca.slippage import slippage_bps
from app.domain.tca.spread import Spread, spread_paid
from app.domain.tca.square_root import square_root_bps, volatility
from app.domain.tca.time_to_fill import StillOpen, median_seconds, still_open
from app.domain.tca.twap import MidIntegral
from app.domain.tca.vwap import Traded, vwap
from app.domain.tca.worth import average_price, cost_currency, fee_paid, paid

D = Decimal
MS = 1_000_000
TINY = Decimal("1e-9")


def instrument(kind: InstrumentKind, base: str, quote: str, value: str = "1", *, inverse: bool = False) -> Instrument:
    settle = base if inverse else quote
    return Instrument(f"{base}-{quote}", kind, base, quote, settle, TINY, TINY, TINY, D(value), inverse)


SHARES = instrument(InstrumentKind.SPOT, "ACME", "USD")
INVERSE = instrument(InstrumentKind.SWAP, "BTC", "USD", "100", inverse=True)
WORLDS = (
    SHARES,
    instrument(InstrumentKind.SPOT, "ETH", "BTC"),
    instrument(InstrumentKind.SWAP, "BTC", "USDT", "0.01"),
    INVERSE,
)


def filled(*fills: tuple[str, str, str]) -> list[Filled]:
    """(price, size, fee)"""
    return [Filled(D(price), D(size), D(fee)) for price, size, fee in fills]


@pytest.mark.parametrize(
    ("size", "fills", "decision", "arrival", "end", "bps"),
    [
        # gaodun, CFA: 1,000 at a decision of 40.00, revised to 40.04, 700 filled, 300 given up at 40.08.
        ("1000", [("40.05", "700", "17")], "40.00", "40.04", "40.08", ("7", "1.75", "6", "4.25", "19")),
        # Bloomberg Prep: all of it filled below the decision.
        ("4000", [("16.20", "4000", "38.50")], "16.24", "16.24", None, ("0", "-24.63", "0", "5.93", "-18.70")),
        # AnalystForum: half of it filled, the rest ran away.
        ("8000", [("77", "4000", "1500")], "75", "75.75", "79", ("50", "83.33", "266.67", "25", "425")),
        (
            "10",
            [("100.10", "3", "0.15015"), ("100.20", "3", "0.1503"), ("100.08", "2", "0.040032")],
            "100",
            "100.05",
            "100.40",
            ("4", "6.6", "8", "3.4048", "22.0048"),
        ),
    ],
)
def test_the_shortfall_of_published_examples(
    size: str, fills: list[tuple[str, str, str]], decision: str, arrival: str, end: str | None, bps: tuple[str, ...]
) -> None:
    prices = Benchmarks(D(decision), D(arrival), None if end is None else D(end))
    found = shortfall(SHARES, 1, D(size), filled(*fills), prices).bps
    assert found.total is not None
    assert found.delay is not None
    shown = (found.delay, found.spread + found.execution, found.opportunity or D(0), found.fees, found.total)
    places = 4 if size == "10" else 2
    assert [round(each, places) for each in shown] == [D(each) for each in bps]


def test_the_arrival_slippage_of_the_worked_example() -> None:
    fills = [("100.10", "3"), ("100.20", "3"), ("100.08", "2")]
    average = sum((D(price) * D(size) for price, size in fills), D(0)) / 8
    assert average == D("100.1325")
    assert round(slippage_bps(1, average, D("100.05")) or 0, 4) == D("8.2459")
    assert round(slippage_bps(-1, average, D("100.05")) or 0, 4) == D("-8.2459")
    assert slippage_bps(1, None, D(1)) is None
    assert slippage_bps(1, D(1), None) is None


def _some(dice: random.Random, low: int, high: int, digits: int) -> Decimal:
    return D(dice.randint(low * 10**digits, high * 10**digits)).scaleb(-digits)


@pytest.mark.parametrize("world", WORLDS, ids=lambda each: each.instrument_id)
def test_the_parts_add_up_to_what_the_paper_portfolio_made_more(world: Instrument, seed: int) -> None:
    """Exactly, in money and in basis points, of whatever was bought or sold, filled, overfilled or not filled at all;
    and the spread told apart takes nothing away."""
    dice = random.Random(seed)
    for _ in range(500):
        sign = dice.choice((1, -1))
        decision, arrival, end = (_some(dice, 1, 60_000, 9) for _ in range(3))
        fills = [
            Filled(
                _some(dice, 1, 60_000, 9),
                _some(dice, 1, 50, 8),
                dice.choice((None, _some(dice, -2, 5, 12))),
                dice.choice((None, _some(dice, 1, 60_000, 9))),
            )
            for _ in range(dice.randint(0, 6))
        ]
        size = _some(dice, 1, 200, 8)
        found = shortfall(world, sign, size, fills, Benchmarks(decision, arrival, end))
        for parts in (found.money, found.bps):
            assert parts.delay is not None
            assert parts.opportunity is not None
            assert parts.total == parts.delay + parts.spread + parts.execution + parts.opportunity + parts.fees
        done = sum((fill.size for fill in fills), D(0))
        cost = sum((paid(world, fill.size, fill.price) for fill in fills), D(0))
        fees = sum((fill.fee or D(0) for fill in fills), D(0))
        paper = sign * (paid(world, size, end) - paid(world, size, decision))
        real = sign * (paid(world, done, end) - cost) - fees
        # An inverse contract's worth is rounded to 24 decimals, so what it is of a sum is not quite the sum of what
        # it is of the parts; nothing else differs.
        assert abs((found.money.total or D(0)) - (paper - real)) <= (D("1e-23") if world.inverse else 0)
        spread = sum((paid(world, f.size, f.price) - paid(world, f.size, f.mid) for f in fills if f.mid), D(0))
        assert found.money.spread == sign * spread
        assert found.spread_known == sum((fill.size for fill in fills if fill.mid), D(0))
        assert found.fees_unknown == sum(fill.fee is None for fill in fills)


def test_what_did_not_fill_has_no_cost_without_a_price_at_the_end() -> None:
    found = shortfall(SHARES, 1, D(2), filled(("101", "1", "0")), Benchmarks(D(100), D(100), None))
    assert (found.money, found.bps) == (
        Parts(D(0), D(0), D(1), None, D(0), None),
        Parts(D(0), D(0), D(50), None, D(0), None),
    )


def test_costs_of_an_inverse_contract_are_counted_in_its_coin() -> None:
    """100 contracts of 100 USD bought at 51,000 that were to cost 50,000: 10,000 USD are fewer coins, dearly paid."""
    found = shortfall(INVERSE, 1, D(100), filled(("51000", "100", "0")), Benchmarks(D(50_000), D(50_000), D(51_000)))
    assert (cost_currency(INVERSE), cost_currency(SHARES)) == ("BTC", "USD")
    assert found.notional == D("0.2")
    assert round(found.money.total or 0, 10) == round(D(10_000) / 50_000 - D(10_000) / 51_000, 10)
    sold = shortfall(INVERSE, -1, D(100), filled(("51000", "100", "0")), Benchmarks(D(50_000), D(50_000), D(51_000)))
    assert sold.money.total == -(found.money.total or 0)


def test_a_fee_counts_at_the_price_of_its_fill() -> None:
    def fee(of: Instrument, amount: str | None, currency: str, rate: str | None = None) -> Decimal | None:
        fill = Fill(
            of.instrument_id, "1", "v", OrderSide.BUY, D(50_000), D(1), 0,
            None if amount is None else D(amount), currency,
        )  # fmt: skip
        return fee_paid(of, fill, None if rate is None else D(rate))

    btc = instrument(InstrumentKind.SPOT, "BTC", "USDT")
    assert fee(btc, "0.001", "BTC") == D(50)
    assert fee(btc, "-2", "USDT") == D(-2)
    assert fee(btc, "0.1", "OKB", "40") == D(4)
    assert fee(btc, "0.1", "OKB") is None
    assert fee(btc, None, "") is None
    assert fee(INVERSE, "0.0001", "BTC") == D("0.0001")
    assert fee(INVERSE, "5", "USD") == D("0.0001")


@pytest.mark.parametrize(
    ("sign", "price", "mid", "later", "found"),
    [
        (1, "100.02", "100", "100.015", Spread(D(4), D(1), D(3))),
        (-1, "99.97", "100", "99.96", Spread(D(6), D(-2), D(8))),
        (1, "100.02", "100", None, Spread(D(4), None, None)),
    ],
)
def test_the_effective_spread_is_the_realised_one_and_the_impact(
    sign: int, price: str, mid: str, later: str | None, found: Spread
) -> None:
    assert spread_paid(sign, D(price), D(mid), None if later is None else D(later)) == found


def test_a_maker_who_is_run_over_has_a_negative_markout() -> None:
    assert round(markout_bps(1, D("99.99"), D("99.97")), 4) == D("-2.0002")
    assert round(markout_bps(-1, D("99.99"), D("99.97")), 4) == D("2.0002")
    assert round(markout_bps(1, D("99.99"), D("99.97"), D("-0.0001")), 4) == D("-1.0002"), "with a rebate"


def test_what_comes_back_was_temporary() -> None:
    assert reversion_bps(1, D(101), D(100)) == D("99.00990099")
    assert reversion_bps(-1, D(101), D(100)) == D("-99.00990099")
    assert permanent_impact_bps(1, D(100), D("100.5")) == D(50)


def test_vwap_without_own_prints_does_not_hide_their_cost() -> None:
    """With them the slippage is (1 - own share) of what it is without."""
    everyone, own = Traded(D(100), D(10_050)), Traded(D(40), D(4_080))
    others = everyone.without(own)
    assert (vwap(everyone, inverse=False), vwap(others, inverse=False)) == (D("100.5"), D("99.5"))
    with_own, without = D(102) - D("100.5"), D(102) - D("99.5")
    assert with_own == (1 - D("0.4")) * without
    assert own.without(everyone) is None, "the tape missed something"
    assert vwap(Traded(), inverse=False) is None
    assert vwap(None, inverse=False) is None
    assert vwap(Traded(D(200), D(200) / 50_000), inverse=True) == D(50_000)


def test_twap_is_the_integral_of_the_mid_and_not_the_mean_of_its_ticks() -> None:
    seen = MidIntegral().held(D(100), 9).held(D(110), 1).held(None, 50).held(D(1), -5)
    assert (seen.average, seen.seen_ns) == (D(101), 10)
    assert MidIntegral().average is None


def test_shares_of_nothing_are_none() -> None:
    assert share(D(1), D(4)) == D("0.25")
    assert share(D(0), D(0)) is None
    assert maker_share([(D(30), True), (D(10), False)]) == D("0.75")
    assert maker_share([]) is None


def test_how_far_from_its_schedule() -> None:
    assert schedule_error([(D(1), D(1)), (D(5), D(2)), (D(6), D(10))], D(10)) == D("0.28867513")
    assert schedule_error([], D(10)) is None


def test_kaplan_and_meier_count_orders_that_were_taken_back_until_then() -> None:
    """Filled after 1, 2 and 4 s; taken back after 2 and 3 s."""
    curve = still_open([(1, True), (2, False), (2, True), (3, False), (4, True)])
    assert [(step.seconds, round(step.probability, 10)) for step in curve] == [(1, 0.8), (2, 0.6), (4, 0)]
    assert median_seconds(curve) == 4
    assert still_open([(5, False)]) == []
    assert median_seconds([StillOpen(1, 0.9)]) is None


def test_what_never_left_is_neither_refused_nor_taken_back() -> None:
    of = OrderStatus
    found = order_ratios([of.DENIED, of.NOT_SENT, of.REJECTED, of.CANCELED, of.FILLED, of.LIVE])
    assert found == OrderRatios(4, 0.25, 1 / 3)
    assert order_ratios([of.DENIED]) == OrderRatios(0, None, None)


def test_latencies_are_ones_that_were_measured() -> None:
    found = latency(n * 1_000_000 for n in range(1, 101))
    assert found is not None
    assert (found.n, found.p50, found.p95, found.p99) == (100, 50, 95, 99)
    assert latency([]) is None


def test_the_square_root_law_is_the_same_over_any_stretch_of_time() -> None:
    day, quarter = square_root_bps(D(10), D(2_400), 0.02), square_root_bps(D(10), D(600), 0.01)
    assert day is not None
    assert quarter is not None
    assert math.isclose(day, quarter)
    assert math.isclose(day, 0.02 * math.sqrt(10 / 2_400) * 1e4)
    assert square_root_bps(D(10), D(0), 0.01) is None
    assert math.isclose(volatility([D(100), D(110), D(100)]) or 0, math.sqrt(2) * math.log(1.1))
    assert volatility([D(100)]) is None


@pytest.mark.parametrize(
    ("volatility_of_a_day", "days", "bps"),
    [
        (0.0157, (0.1, 0.2, 0.5), (22.29, 14.71, 8.49)),
        (0.0226, (0.1, 0.2, 0.5), (32.09, 21.17, 12.22)),
    ],
    ids=["IBM", "DRI"],
)
def test_the_power_law_of_the_published_examples(
    volatility_of_a_day: float, days: tuple[float, ...], bps: tuple[float, ...]
) -> None:
    """A tenth of a day's volume in a tenth, a fifth and half of a day. The paper prints 22, 15, 8 and 32, 21, 12."""
    found = [power_law_bps(D(10), D(100) * D(str(part)), volatility_of_a_day) for part in days]
    assert tuple(round(each or 0, 2) for each in found) == bps
    assert power_law_bps(D(10), D(0), volatility_of_a_day) is None


def test_a_minute_stands_for_a_mark_that_it_is_near_to() -> None:
    second = 1_000_000_000
    assert from_minute(300_000, 0, 280 * second, D(5)) == Mark(300_000, D(5), 280 * second, MINUTE)
    assert from_minute(300_000, 0, 240 * second, D(5)) is None, "a minute old"
    assert from_minute(300_000, 0, 301 * second, D(5)) is None, "of after it"
    assert from_minute(60_000, 100 * second, 60 * second, D(5)) is None, "of before the fill"


@pytest.mark.parametrize(
    ("horizon_ms", "traded_ns", "stands"),
    [
        (100, 100 * MS, True),
        (100, 1, True),
        (100, 0, False),
        (100, 101 * MS, False),
        (5_000, 4_000 * MS, True),
        (5_000, 3_999 * MS, False),
        (300_000, 270_000 * MS, True),
        (300_000, 269_999 * MS, False),
    ],
)
def test_a_trade_stands_for_a_mark_that_it_is_near_to_and_a_fills_own_print_for_none(
    horizon_ms: int, traded_ns: int, stands: bool
) -> None:
    base_ns = 10**18
    found = from_trade(horizon_ms, base_ns, base_ns + traded_ns, D(7))
    assert found == (Mark(horizon_ms, D(7), base_ns + traded_ns, "public trade") if stands else None)


def test_an_average_price_of_inverse_contracts_is_that_of_the_coins() -> None:
    fills = [Fill("BTC-USD", str(price), "v", OrderSide.BUY, D(price), D(100), 0) for price in (25_000, 50_000)]
    assert round(average_price(INVERSE, fills) or 0, 4) == D("33333.3333")
