"""What an order cost counts from when it was decided: as it was told, as the market was seen to be then, or not known.

Whole systems in virtual time over an exchange in memory.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SimulatedClock, utc
from app.domain.access import OF_LOCAL
from app.domain.decisions import Decision
from app.domain.orders import OrderSide
from app.domain.refusals import InvalidValue
from app.domain.tca.grouping import Grouping
from app.exchanges.memory.exchange import MemoryExchange
from app.journal.audit import audit
from app.services.signals.wishes import Wish
from app.services.trading.execution_strategies.terms import ParentTerms
from app.services.trading.reports.cost_groups import cost_report
from app.services.trading.reports.cost_views import ExecutionCost, PriceAt
from app.strategies.messages import plain_signal
from app.strategies.signals import Signal, SignalType
from tests.integration.test_tca import WIDE, cost
from tests.support.trading_world import BTC, SWAP, TradingWorld, VirtualTimePolicy, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
SEEN, NOT_SEEN = "the book when it was decided", "nobody looked at that moment"


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def now(world: TradingWorld) -> datetime:
    return utc(world.clock.now_ns())


async def moved(world: TradingWorld) -> datetime:
    """A market at 50,000 that is followed goes to 50,100; a moment of before."""
    await world.system.follow(BTC)
    await world.clock.sleep(2)
    at = now(world)
    await world.clock.sleep(3)
    world.quote("50099.9", "50100.1")
    await world.clock.sleep(1)
    return at


def signal(size: str = "0.1", kind: SignalType = SignalType.BUY, **changes: Any) -> Signal:
    return Signal(kind, BTC, None, D(size), **changes)


async def executed(world: TradingWorld, given: Signal, **how: Any) -> ExecutionCost:
    order = await world.executor.execute_signal(given, **how)
    assert order is not None
    await world.clock.sleep(20)
    return cost(world, order.parent_id or order.order_id)


def parts(found: ExecutionCost) -> tuple[Decimal | None, Decimal | None]:
    assert found.shortfall is not None
    money = found.shortfall.money
    if money.total is not None:
        assert money.total == sum(
            each for each in (money.delay, money.spread, money.execution, money.opportunity, money.fees) if each
        )
    return money.delay, money.total and money.total - money.fees


@pytest.mark.parametrize(
    "how", [{}, {"strategy": "market"}, {"strategy": "twap", "config": {"duration": 10, "num_slices": 2}}]
)
async def test_the_delay_of_a_signal_is_how_far_the_mid_went_since_it_was_decided(
    how: dict[str, Any], tmp_path: Path
) -> None:
    """Bought and sold, as one order and worked; the market rose 100, which a buyer pays and a seller gets."""
    async with trading_world(tmp_path, risk=WIDE) as world:
        at = await moved(world)
        bought = await executed(world, signal(decision_at=at), **how)
        assert bought.decision == PriceAt(D(50_000), at, SEEN)
        assert parts(bought) == (10, D("10.01"))
        sold = await executed(world, signal(kind=SignalType.SELL, decision_at=at), **how)
        assert parts(sold) == (-10, D("-9.99"))
        assert [each for each in bought.missing if each.startswith("decision")] == []
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean


async def test_a_price_that_was_told_counts_and_one_that_was_not_is_that_of_the_signal(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        at = await moved(world)
        told = await executed(world, signal(decision_at=at, decision_price=D("49900")))
        assert (told.decision, parts(told)[0]) == (PriceAt(D(49_900), at, "who asked for it"), 20)
        begun = now(world)
        untold = await executed(world, signal())
        assert untold.decision == PriceAt(D(50_100), begun, SEEN)
        assert parts(untold)[0] == 0
        bare = cost(world, (await world.buy("0.1")).order_id)
        assert bare.decision.source == "arrival: nobody told when it was decided"


async def test_getting_out_is_measured_from_its_decision_too(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk={**WIDE, "max_order_size": D("0.4")}) as world:
        await world.buy("0.3")
        await world.buy("0.3")
        at = await moved(world)
        one = await executed(world, signal("0.1", SignalType.CLOSE, decision_at=at))
        assert (one.kind, parts(one)[0]) == ("order", -10)
        pieces = await executed(world, Signal(SignalType.CLOSE, BTC, decision_at=at))
        assert (pieces.kind, pieces.decision.price) == ("execution", 50_000)


async def test_what_gets_out_of_a_bracket_was_not_decided_with_its_entry(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        at = await moved(world)
        entry = await executed(world, signal(decision_at=at, decision_price=D(49_900), take_profit=D(60_000)))
        assert (entry.strategy, entry.decision.price) == ("bracket", 49_900)
        (way_out,) = [each.parent for each in world.system.parents.history() if each.parent.entry_id is not None]
        assert (way_out.decision_ns, way_out.decision_price) == (None, None)


async def test_what_nobody_saw_is_not_known_and_its_cost_counts_from_the_arrival(tmp_path: Path) -> None:
    """Decided before anybody looked: no delay, no total, and no mean of one; what came after is told."""
    async with trading_world(tmp_path, risk=WIDE) as world:
        long_ago = now(world) - timedelta(hours=1)
        await moved(world)
        found = await executed(world, signal(decision_at=long_ago), strategy_id="late")
        assert (found.decision.price, found.decision.at) == (None, long_ago)
        assert found.decision.source.startswith(NOT_SEEN)
        assert parts(found) == (None, None)
        assert found.shortfall is not None
        assert (found.shortfall.notional, found.shortfall.money.spread) == (5_010, D("0.01"))
        assert found.arrival_slippage_bps is not None
        assert "there is no delay and no total" in found.missing[0]
        ledger = world.system.ledger
        (group,) = cost_report(world.system.database, ledger.account, ledger.instruments.get, Grouping.LABEL).groups
        assert (group.orders, group.unmeasured) == (1, 1)
        assert "delay_bps" not in {each.figure for each in group.figures}
        assert "arrival_slippage_bps" in {each.figure for each in group.figures}


async def test_a_decision_is_kept_over_a_restart_and_one_of_a_later_start_is_looked_up_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SEEN_MAX", "QUIET_MAX"):
        monkeypatch.setattr(f"app.services.trading.running.market_tape.{name}", 8)
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        at = await moved(world)
        order = await world.executor.execute_signal(signal(decision_at=at))
        assert order is not None
        later = ParentTerms(decision_at=at, start_at=now(world) + timedelta(seconds=60))
        config = {"duration": 10, "num_slices": 2}
        parent = await world.system.parents.start("twap", config, market(OrderSide.BUY, "0.1"), terms=later)
        await world.clock.sleep(15)
        for number in range(20):  # more than is remembered
            world.quote(str(50_200 + number % 2), "50300")
            await world.clock.sleep(1)
        await world.clock.sleep(50)
        assert cost(world, parent.parent_id).decision == PriceAt(D(50_000), at, SEEN)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        assert cost(world, order.order_id).decision == PriceAt(D(50_000), at, SEEN)
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean


async def test_a_wish_is_decided_when_it_first_came(tmp_path: Path) -> None:
    """However often it is asked for again; a message of a source when it was put there."""
    async with trading_world(tmp_path, risk=WIDE) as world:
        intake = world.system.inlets.intake
        at = await moved(world)
        wish = Wish(type=SignalType.BUY, instrument_id=BTC, size=D("0.1"))
        put = await intake.take(wish, OF_LOCAL, "put", came_ns=world.clock.now_ns() - 4_000_000_000)
        again = await intake.take(wish, OF_LOCAL, "put")
        said = await intake.take(
            Wish(type=SignalType.BUY, instrument_id=BTC, size=D("0.1"), decision_at=at, decision_price=D(49_999)),
            OF_LOCAL,
            "said",
        )
        assert put.order is not None
        assert again.order is not None
        assert said.order is not None
        assert again.order.order_id == put.order.order_id
        await world.clock.sleep(20)
        assert cost(world, put.order.order_id).decision == PriceAt(D(50_000), at, SEEN)
        assert cost(world, said.order.order_id).decision == PriceAt(D(49_999), at, "who asked for it")


@pytest.mark.parametrize("strategy", [None, "market"])
async def test_a_decision_of_the_future_is_refused(strategy: str | None, tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        ahead = now(world) + timedelta(seconds=61)
        with pytest.raises(InvalidValue, match=r"^decision_at=.*: must not lie in the future$"):
            await world.executor.execute_signal(signal(decision_at=ahead), strategy=strategy)
        wish = Wish(type=SignalType.BUY, instrument_id=SWAP, size=D(1), decision_at=ahead, strategy=strategy)
        (refusal,) = (await world.system.inlets.intake.preview(wish, OF_LOCAL)).refused
        assert refusal.field == "decision_at"
        with pytest.raises(InvalidValue, match="decision_at"):
            await world.system.inlets.intake.take(wish, OF_LOCAL)


@pytest.mark.parametrize(
    ("field", "value"),
    [("decision_price", 1.5), ("decision_price", "0"), ("decision_at", "2026-01-01T00:00:00Z"),
     ("decision_at", datetime(2026, 1, 1))],  # noqa: DTZ001  it is to be refused
)  # fmt: skip
def test_what_is_no_decision_is_refused_by_its_name(field: str, value: Any) -> None:
    with pytest.raises(InvalidValue, match=f"^{field}="):
        signal(**{field: value})


def test_a_signal_of_a_strategy_says_its_decision_as_plain_values() -> None:
    at = datetime.fromisoformat("2026-01-31T14:30:00.25+00:00")
    said = plain_signal(signal(decision_at=at, decision_price=D("1e-9")))
    assert (said["decision_at"], said["decision_price"]) == ("2026-01-31T14:30:00.250000+00:00", "1E-9")
    wish = Wish(**said)
    assert (wish.decision_at, wish.signal(wish.size).decision_price) == (at, D("1e-9"))
    assert Decision(1).price is None
