"""One table over all checks: each refuses its bad order, and only it, and passes the good one beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.instruments import Instrument
from app.domain.orders import PositionKey, TradeMode
from app.services.trading import risk_checks
from app.services.trading.account.closures import Closures
from app.services.trading.risk_checks import CHECKS
from tests.unit.risk.world import BTC, INVERSE, LINEAR, D, World, names

Prepare = Callable[[World], None]


@dataclass
class Case:
    """`bad` is refused by `check` alone, `good` passes; both are changes of params(instrument)."""

    check: str
    bad: dict[str, Any]
    good: dict[str, Any]
    says: str
    instrument: Instrument = BTC
    config: dict[str, object] = field(default_factory=dict[str, object])
    good_config: dict[str, object] | None = None
    prepare: Prepare = lambda world: None


BIG: dict[str, object] = {"max_order_value": "1e9", "max_position_value_pct": 10, "max_order_size": 1000}


def limited_instrument(world: World) -> None:
    world.ledger.instruments["BTC-USDT"] = replace(BTC, max_limit_size=D("0.02"), max_market_size=D("0.01"))


def open_orders(world: World) -> None:
    for _ in range(3):
        world.place(world.approve(price="49000"), unknown=True)


def ten_times(world: World) -> None:
    world.risk.terms.leverages.take(PositionKey(LINEAR.instrument_id, mode=TradeMode.CROSS), D(10), 0)


def lose(world: World) -> None:
    world.ledger.balances["USDT"] = D(85_000)


def short_and_lose(world: World) -> None:
    lose(world)
    world.hold(LINEAR, "-3")


def trade_and_leave_open(world: World) -> None:
    """1,500 traded and 500 open."""
    bought = world.place(world.approve(size="0.03"))
    world.fill(bought, D("0.03"), D(50_000))
    world.place(world.approve(size="0.01"))


CASES = [
    Case("trade_mode", {"trade_mode": "cross"}, {}, "trade_mode=cross: must be cash for a spot instrument"),
    Case("trade_mode", {"position_side": "long"}, {}, "position_side=long: must be net for a spot instrument"),
    Case("trade_mode", {"reduce_only": True}, {}, "reduce_only=true: is not known for a spot instrument"),
    Case("trade_mode", {"trade_mode": "cash"}, {}, "trade_mode=cash: must be cross or isolated for a swap", LINEAR),
    Case("lot_size", {"size": "0.010000001"}, {"size": "0.01000001"}, "size=0.010000001: must be a multiple of lot"),
    Case(
        "minimum_size",
        {"size": "0.00000999"},
        {"size": "0.00001"},
        "size=0.00000999: is below minimum size 0.00001 of BTC-USDT",
        config={"min_order_size": 0},
    ),
    Case(
        "maximum_size",
        {"size": "0.03"},
        {"size": "0.02"},
        "size=0.03: is above the largest limit order 0.02",
        prepare=limited_instrument,
    ),
    Case(
        "maximum_size",
        {"size": "0.02", "price": None},
        {"size": "0.01", "price": None},
        "size=0.02: is above the largest market order 0.01",
        prepare=limited_instrument,
    ),
    Case("tick_size", {"price": "50000.15"}, {"price": "50000.1"}, "price=50000.15: must be a multiple of tick size"),
    Case(
        "allowed_instruments",
        {},
        {},
        "instrument_id=BTC-USDT: is not among allowed_instruments",
        config={"allowed_instruments": ["ETH-USDT"]},
        good_config={"allowed_instruments": ["ETH-USDT", "BTC-USDT"]},
    ),
    Case(
        "max_order_size",
        {"size": "0.11"},
        {"size": "0.1"},
        "size=0.11: is 0.11 BTC, above max_order_size 0.1",
        config={"max_order_size": 0.1},
    ),
    Case(
        "max_order_size",
        {"size": "11"},
        {"size": "10"},
        "size=11: is 0.11 BTC, above max_order_size 0.1",
        LINEAR,
        {"max_order_size": 0.1},
    ),
    Case(
        "max_order_size",  # 500 contracts of 100 USD are 1 BTC at 50,000; the small size is one tenth (FAULTS D11)
        {"size": "500"},
        {"size": "50"},
        "size=500: is 1 BTC, above max_order_size 0.1",
        INVERSE,
        BIG | {"max_order_size": 0.1, "require_positive_balance": False},
    ),
    Case("min_order_size", {"size": "0.00099"}, {"size": "0.001"}, "is 0.00099 BTC, below min_order_size 0.001"),
    Case("min_order_size", {"size": "0.05"}, {"size": "0.1"}, "is 0.0005 BTC, below min_order_size 0.001", LINEAR),
    Case("max_price_deviation", {"price": "52500.1"}, {"price": "52500"}, "price=52500.1: is 5 % from the mid 50000"),
    Case("max_price_deviation", {"price": "47499.9"}, {"price": "47500"}, "price=47499.9: is 5 % from the mid 50000"),
    Case(
        "max_price_deviation",
        {"side": "sell", "price": "52500.1"},
        {"side": "sell", "price": "52500"},
        "above max_price_deviation 5 %",
    ),
    Case(
        "max_price_deviation",  # the best ask is 0.01 % away: fine; the third level is not
        {"size": "120", "price": None},
        {"size": "100", "price": None},
        "worst_price=50007: is 0.014 % from the mid 50000, above max_price_deviation 0.012 %",
        LINEAR,
        {"max_price_deviation": 0.00012, **BIG},
    ),
    Case(
        "max_price_deviation",
        {"size": "500.01", "price": None},
        {"size": "500", "price": None},
        "size=500.01: is more than the visible book holds: 500",
        LINEAR,
        BIG | {"require_positive_balance": False},
    ),
    Case("max_order_value", {"size": "0.21"}, {"size": "0.2"}, "is worth 10500 USDT at 50000, above max_order_value"),
    Case(
        "max_order_value",
        {"size": "0.191", "price": None},
        {"size": "0.19", "price": None},
        "is worth 10027.5 USDT at 52500",
    ),
    Case(
        "max_order_value",  # a sell limit below the market trades at the market
        {"size": "0.204", "side": "sell", "price": "48000"},
        {"size": "0.2", "side": "sell", "price": "48000"},
        "is worth 10200 USDT at 50000",
    ),
    Case(
        "max_order_value",
        {"size": "101"},
        {"size": "100"},
        "is worth 10100 USDT at 50000",
        INVERSE,
        {"max_position_value_pct": 10},
    ),
    Case(
        "balance",
        {"size": "2.00000001"},
        {"size": "2"},  # the fee is taken from what is bought
        "needs 100000.0005 USDT of which 100000 is free",
        config=BIG,
    ),
    Case(
        "balance",
        {"size": "1.999"},
        {"size": "1.998"},
        "needs 100049.95 USDT of which 100000 is free",
        config=BIG,
        prepare=lambda world: setattr(world.risk.terms, "buy_fee_in_quote", True),
    ),
    Case(
        "balance",
        {"side": "sell", "size": "1.00000001"},
        {"side": "sell", "size": "1"},
        "needs 1.00000001 BTC of which 1 is free",
        config=BIG,
    ),
    Case("balance", {"size": "200"}, {"size": "199.8"}, "needs 100100 USDT", LINEAR, BIG),
    Case(
        "balance",  # leverage 10 needs a tenth, and the fee on all of it
        {"size": "1981"},
        {"size": "1980"},
        "needs 100040.5 USDT",
        LINEAR,
        BIG,
        prepare=ten_times,
    ),
    Case("balance", {"size": "500"}, {"size": "499"}, "needs 1.001 BTC of which 1 is free", INVERSE, BIG),
    Case(
        "max_position_value",
        {"size": "1.51"},
        {"size": "1.5"},
        "could bring the position to 1.51, worth 75500 USDT, above max_position_value_pct 50 % of equity 150000",
        config=BIG | {"max_position_value_pct": 0.5},
    ),
    Case(
        "max_position_value",
        {"side": "sell", "size": "151"},
        {"side": "sell", "size": "150"},
        "could bring the position to 151, worth 75500",
        LINEAR,
        BIG | {"max_position_value_pct": 0.5},
    ),
    Case(
        "max_daily_loss",
        {},
        {"side": "sell"},  # the way out stays open
        "equity=15000: USDT was lost since 00:00 UTC, of 150000 held then or moved in since: max_daily_loss is 10 %",
        prepare=lose,
    ),
    Case(
        "max_daily_loss",
        {"side": "sell"},
        {"side": "buy", "size": "3"},
        "only orders that reduce a position pass",
        LINEAR,
        prepare=short_and_lose,
    ),
    Case(
        "max_open_orders",
        {},
        {},
        "open_orders=3: are open already, and max_open_orders is 3",
        config={"max_open_orders": 3},
        good_config={"max_open_orders": 4},
        prepare=open_orders,
    ),
    Case(
        "max_daily_notional",
        {"size": "0.021"},
        {"size": "0.02"},
        "could bring today's notional to 3050 USDT, above max_daily_notional 3000",
        config={"max_daily_notional": 3000},
        prepare=trade_and_leave_open,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case.check}" for number, case in enumerate(CASES)])
def test_each_check_refuses_its_bad_order_alone(case: Case) -> None:
    world = World(case.config)
    case.prepare(world)
    refused = world.approve(case.instrument, **case.bad)
    assert names(refused) == (case.check,), refused.result.reasons
    assert case.says in str(refused.result.reasons[0])
    if case.good_config is not None:
        world.risk.configure(case.good_config)
    assert world.approve(case.instrument, **case.good).result.reasons == ()


def test_the_table_covers_every_check() -> None:
    # They have no good order in the same world, or hang on who asks (tests/integration/test_api_keys.py).
    shown_elsewhere = {"kill_switch", "closed", "instrument_state", "key_limits"}
    assert {case.check for case in CASES} | shown_elsewhere == {check.NAME for check in CHECKS}


def test_every_file_of_the_folder_is_registered() -> None:
    folder = Path(risk_checks.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "base", "candidate", "limits", "margin"}
    assert files == {check.NAME for check in CHECKS}
    assert len({check.NAME for check in CHECKS}) == len(CHECKS)


def test_kill_switch() -> None:
    world = World()
    world.kill("the demo is over")
    refused = world.approve()
    assert str(refused.result.reasons[0]) == "kill_switch=on: is on: the demo is over (set by operator:x)"
    assert names(refused) == ("kill_switch",)


@pytest.mark.parametrize(
    ("subject", "shut", "open_"),
    [
        ("BTC-USDT", [BTC], [LINEAR, INVERSE]),
        ("BTC", [BTC, INVERSE], [LINEAR]),
        ("USDT", [BTC, LINEAR], [INVERSE]),
        ("*", [BTC, LINEAR, INVERSE], []),
        ("EUR", [], [BTC, LINEAR, INVERSE]),
    ],
)
def test_what_is_closed_takes_no_new_risk_and_everything_else_goes_on(
    subject: str, shut: list[Instrument], open_: list[Instrument]
) -> None:
    world = World()
    for instrument in (LINEAR, INVERSE):
        world.hold(instrument, "2")
    world.ledger.closures.close("a test", subject, "its balance cannot be read")
    for instrument in (*shut, *open_):
        assert ("closed" in names(world.approve(instrument))) is (instrument in shut)
        assert "closed" not in names(world.approve(instrument, side="sell", size="1"))
    world.ledger.closures.replace("a test", {})
    assert not any("closed" in names(world.approve(each)) for each in shut)


def test_each_source_opens_only_what_it_closed() -> None:
    closures = Closures()
    assert closures.close("rows", "BTC", "unreadable")
    assert not closures.close("rows", "BTC", "still unreadable")
    closures.close("differences", "BTC", "0.1 too much")
    new, reopened = closures.replace("rows", {"ETH-USDT": "no tick"})
    assert ([each.subject for each in new], reopened) == (["ETH-USDT"], ["BTC"])
    assert [(each.source, each.subject) for each in closures.all()] == [("differences", "BTC"), ("rows", "ETH-USDT")]
    closure = closures.of(BTC)
    assert closure is not None
    assert closure.reason == "0.1 too much"


def test_an_instrument_that_is_not_live() -> None:
    world = World()
    world.ledger.instruments["BTC-USDT"] = replace(BTC, live=False)
    assert names(world.approve()) == ("instrument_state",)


def test_an_instrument_that_is_not_listed() -> None:
    decision = World().approve(BTC, instrument_id="DOGE-USDT")
    assert (decision.candidate, decision.reference_price) == (None, None)
    assert [r.field for r in decision.result.reasons] == ["instrument_id"]


def test_all_reasons_at_once() -> None:
    world = World({"max_open_orders": 1, "max_daily_notional": 1})
    world.ledger.balances["USDT"] = D(10)
    world.kill()
    refused = world.approve(trade_mode="isolated", size="1000.000000001", price="60000.05")
    assert names(refused) == (
        "kill_switch",
        "trade_mode",
        "lot_size",
        "tick_size",
        "max_order_size",
        "max_price_deviation",
        "max_order_value",
        "balance",
        "max_position_value",
        "max_daily_loss",
        "max_daily_notional",
    )
    assert refused.result.checked == tuple(check.NAME for check in CHECKS)
    assert (refused.result.passed, bool(refused.result)) == (False, False)
