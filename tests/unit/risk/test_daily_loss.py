"""The day's loss: against equity at 00:00 UTC, deposits taken out, known again after a restart."""

from __future__ import annotations

import pytest

from app.domain.orders import PositionSide
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.ledger import EquityOfDay, Ledger
from tests.unit.risk.world import BTC, LINEAR, NOON, SECOND, D, World, names, params

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
        ("15000", "transfer", True),  # a deposit hides no loss
        ("15000", "unexplained", True),
        ("15000", "funding", False),  # earned is earned
        ("15000", "liquidation", False),
        ("15000", "other", True),
    ],
)
def test_a_deposit_hides_no_loss(amount: str, kind: str, refused: bool) -> None:
    world = World()
    world.ledger.balances["USDT"] = D(85_000)
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
    hedged = params(LINEAR, side="sell", size="1", reduce_only=True, position_side=PositionSide.SHORT)
    assert [r.check for r in world.risk.approve(hedged).result.reasons] == ["max_daily_loss"]


def test_it_survives_a_restart() -> None:
    """The day's row and its movements are all that a new process needs."""
    world = World()
    world.ledger.balances["USDT"] = D(85_000)
    move(world, "1000", "transfer")
    assert names(world.approve()) == ("max_daily_loss",)
    again = Ledger("a", world.clock)
    again.instruments, again.balances = world.ledger.instruments, dict(world.ledger.balances)
    again.equity_of_day = EquityOfDay("2026-10-02", D(150_000))
    again.day.load([{"currency": "USDT", "amount": D(1000), "kind": "transfer"}], day_open=True)
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


def test_an_unknown_equity_refuses() -> None:
    """A debt without a price: nobody knows what is left."""
    world = World()
    world.ledger.balances["DOGE"] = D(-1_000_000)
    assert names(world.approve()) == ("max_position_value", "max_daily_loss")
    world.ledger.balances["DOGE"] = D(1_000_000)  # worth nothing until it has a price
    assert names(world.approve()) == ()


def test_nothing_is_traded_when_the_day_began_with_nothing() -> None:
    world = World()
    world.ledger.equity_of_day = EquityOfDay("2026-10-02", D(0))
    assert names(world.approve()) == ("max_daily_loss",)
