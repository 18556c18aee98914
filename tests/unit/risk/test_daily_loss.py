"""The day's loss: against equity at 00:00 UTC, deposits taken out, known again after a restart."""

from __future__ import annotations

import pytest

from app.domain.orders import PositionSide
from app.services.trading.account.day_figures import DayParts, Entered, EquityOfDay, Held
from app.services.trading.account.ledger import Ledger
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.holdings import valuation
from tests.unit.risk.world import BTC, ETH, LINEAR, NOON, SECOND, D, World, names, params

HOUR = 3_600 * SECOND


def move(world: World, amount: str, kind: str) -> None:
    turn = world.ledger.turn("test")
    turn.move_cash("USDT", D(amount), kind, "")
    turn.commit()


@pytest.mark.parametrize(
    ("usdt", "refused"),
    [("85000.01", False), ("85000", True), ("84999.99", True), ("100000", False), ("130000", False)],
)
def test_the_limit_itself_is_too_much(usdt: str, refused: bool) -> None:
    world = World()
    world.ledger.balances["USDT"] = D(usdt)
    assert ("max_daily_loss" in names(world.approve())) is refused


def test_a_falling_market_counts() -> None:
    world = World()
    world.quote(BTC, "35000")
    assert names(world.approve(price="35000")) == ("max_daily_loss",)


def test_an_unrealised_loss_of_a_swap_counts() -> None:
    world = World()
    world.hold(LINEAR, "-100")  # one bitcoin short
    world.quote(LINEAR, "64999")
    world.ledger.balances["BTC"] = D(1)
    assert names(world.approve()) == ()
    world.quote(LINEAR, "65000")
    assert names(world.approve()) == ("max_daily_loss",)


@pytest.mark.parametrize(
    ("amount", "kind", "refused"),
    [
        ("20000", "transfer", True),  # a deposit hides no loss
        ("20000", "unexplained", True),
        ("20000", "funding", False),  # earned is earned
        ("20000", "liquidation", False),
        ("20000", "other", True),
    ],
)
def test_a_deposit_hides_no_loss(amount: str, kind: str, refused: bool) -> None:
    world = World()
    world.ledger.balances["USDT"] = D(82_000)
    move(world, amount, kind)
    assert (names(world.approve()) == ("max_daily_loss",)) is refused


def test_a_withdrawal_is_no_loss_but_funding_paid_is() -> None:
    world = World()
    move(world, "-15000", "transfer")
    assert names(world.approve()) == ()
    move(world, "-15000", "funding")
    assert names(world.approve()) == ("max_daily_loss",)


def test_what_reduces_passes() -> None:
    world = World()
    world.ledger.balances["USDT"] = D(50_000)
    world.hold(LINEAR, "10")
    assert names(world.approve(side="sell")) == ()
    assert names(world.approve(LINEAR, side="sell", size="10")) == ()
    assert names(world.approve(LINEAR, side="sell", size="20", reduce_only=True)) == ()
    assert names(world.approve(LINEAR, side="sell", size="10.01")) == ("max_daily_loss",)
    world.ledger.hedged = True
    hedged = params(LINEAR, side="sell", size="1", reduce_only=True, position_side=PositionSide.SHORT)
    assert [r.check for r in world.risk.approve(hedged).result.reasons] == ["max_daily_loss"]


def test_it_survives_a_restart() -> None:
    """The day's row and its movements are all that a new process needs."""
    world = World()
    world.ledger.balances["USDT"] = D(84_000)
    move(world, "1000", "transfer")
    assert names(world.approve()) == ("max_daily_loss",)
    again = Ledger("a", world.clock)
    again.instruments, again.balances = world.ledger.instruments, dict(world.ledger.balances)
    again.equity_of_day = EquityOfDay("2026-10-02", D(150_000))
    moved = {"currency": "USDT", "amount": D(1000), "kind": "transfer", "price": D(1)}
    again.day.load([moved], None, day_open=True)
    risk = ExecutionRiskControl(again, world.market)
    assert [r.check for r in risk.approve(params()).result.reasons] == ["max_daily_loss"]


def test_a_day_that_was_never_opened_refuses() -> None:
    world = World()
    world.ledger.equity_of_day = None
    refused = world.approve()
    assert str(refused.result.reasons[0]) == "day_start_equity=unknown: the equity at 00:00 UTC is not known yet"
    assert names(world.approve(side="sell")) == ()


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (NOON + 12 * HOUR - 1, False),
        (NOON + 12 * HOUR + 59 * SECOND, False),  # the new day is opened by a turn of its own
        (NOON + 12 * HOUR + 60 * SECOND, True),
        (NOON - 12 * HOUR, False),
        (NOON - 12 * HOUR - 1, True),
    ],
)
def test_yesterday_s_equity_is_of_no_use(at: int, refused: bool) -> None:
    world = World()
    world.clock.ns = at
    for instrument in (BTC, LINEAR):
        world.quote(instrument, "50000")
    assert (names(world.approve()) == ("max_daily_loss",)) is refused


def test_a_new_day_starts_anew() -> None:
    world = World()
    world.ledger.balances["USDT"] = D(85_000)
    move(world, "10", "transfer")
    turn = world.ledger.turn("test")
    turn.open_day("2026-10-02", D(135_010), "USDT")
    turn.commit()
    assert world.ledger.day.moved == {}
    assert names(world.approve()) == ()


def reopen(world: World) -> None:
    """The day begins now, with what is held."""
    worth = valuation.equity(world.ledger, world.risk.prices)
    turn = world.ledger.turn("test")
    turn.open_day("2026-10-02", worth.equity, "USDT", valuation.day_parts(worth, world.ledger))
    turn.commit()


def arrive(world: World, currency: str, amount: str) -> None:
    turn = world.ledger.turn("test")
    turn.move_cash(currency, D(amount), "transfer", "")
    turn.commit()


def test_a_debt_without_a_price_is_no_loss() -> None:
    """It closes its own currency (the closures), nothing else."""
    world = World()
    world.ledger.balances["DOGE"] = D(-1_000_000)
    assert names(world.approve()) == ()
    assert set(valuation.equity(world.ledger, world.risk.prices).closed) == {"DOGE"}


def test_of_nothing_nothing_is_lost() -> None:
    world = World()
    world.ledger.equity_of_day = EquityOfDay("2026-10-02", D(0))
    assert names(world.approve()) == ()


def test_an_empty_account_that_is_funded_is_measured_by_its_deposit() -> None:
    world = World()
    world.ledger.balances = {}
    reopen(world)
    arrive(world, "USDT", "1000")
    world.ledger.balances["USDT"] = D("900.01")
    assert "max_daily_loss" not in names(world.approve(size="0.001"))
    world.ledger.balances["USDT"] = D(900)
    assert names(world.approve(size="0.001")) == ("max_daily_loss",)


def test_after_a_withdrawal_the_limit_is_a_part_of_what_is_left() -> None:
    world = World()
    world.ledger.balances = {"USDT": D(100_000)}
    reopen(world)
    arrive(world, "USDT", "-90000")
    assert names(world.approve(size="0.01")) == ()
    world.ledger.balances["USDT"] = D("9000.01")
    assert names(world.approve(size="0.01")) == ()
    world.ledger.balances["USDT"] = D(9_000)
    assert names(world.approve(size="0.01")) == ("max_daily_loss",)


def test_what_is_sent_in_counts_at_the_price_of_its_arrival() -> None:
    world = World()
    world.quote(ETH, "2500")
    reopen(world)
    arrive(world, "ETH", "100")  # 250,000 beside 150,000
    world.quote(ETH, "2200")
    assert names(world.approve()) == ()
    world.quote(ETH, "2100")
    assert names(world.approve()) == ("max_daily_loss",)


def test_what_is_sent_in_without_a_price_enters_at_its_first_one() -> None:
    world = World()
    reopen(world)
    arrive(world, "ETH", "100")
    assert names(world.approve()) == ()
    world.quote(ETH, "2500")
    assert names(world.approve()) == ()
    turn = world.ledger.turn("test")
    turn.enter_day("ETH", Entered(D(100), D(250_000)))  # as the upkeep does each second
    turn.commit()
    assert (world.ledger.day.unpriced, world.ledger.day.flows) == ({}, D(250_000))
    world.quote(ETH, "2100")
    assert names(world.approve()) == ("max_daily_loss",)
    day = world.ledger.equity_of_day
    assert day is not None
    again = Ledger("a", world.clock)
    moved = {"currency": "ETH", "amount": D(100), "kind": "transfer", "price": None}
    again.day.load([moved], EquityOfDay.of(day.columns()).parts, day_open=True)
    assert (again.day.unpriced, again.day.flows) == ({}, D(250_000)), "also after a restart"


def test_a_holding_without_a_price_at_the_day_s_start_enters_later() -> None:
    world = World()
    world.ledger.balances["ETH"] = D(100)
    reopen(world)
    world.quote(ETH, "2500")
    assert names(world.approve()) == ()
    world.quote(ETH, "1")  # it entered at what the upkeep saw; before that nothing of it was lost
    assert names(world.approve()) == ()


def test_a_market_without_a_price_after_a_restart_is_no_loss() -> None:
    """The bitcoin, a third of the account, has no book: it leaves at its last price."""
    world = World()
    reopen(world)
    silent = World()
    silent.market.on_stream_down()
    silent.risk.prices._seen.clear()
    silent.risk.prices._known.clear()
    silent.ledger.equity_of_day = world.ledger.equity_of_day
    silent.quote(ETH, "2500")
    assert names(silent.approve(ETH, size="0.1", price="2500")) == ("max_daily_loss",), "without the day's prices"
    silent.risk.prices.remember("BTC", D(50_000))
    assert names(silent.approve(ETH, size="0.1", price="2500")) == ()
    worth = valuation.equity(silent.ledger, silent.risk.prices)
    assert (worth.equity, worth.compared, worth.unvalued) == (D(100_000), D(150_000), ("BTC",))


def test_a_day_of_an_earlier_release_is_not_compared_with_what_has_no_price() -> None:
    world = World()
    world.ledger.balances["ETH"] = D(1)
    world.ledger.balances["USDT"] = D(10)
    assert names(world.approve(size="0.001")) == ("balance",)
    assert world.ledger.equity_of_day is not None
    assert world.risk.account().moved_today == 0
    world.ledger.equity_of_day = EquityOfDay("2026-10-02", D(150_000), parts=DayParts({"ETH": Held(D(1), None)}))
    assert "max_daily_loss" in names(world.approve(size="0.001"))
