"""A running system puts past trades in brief beside its orders, and a restart goes on from there."""

import asyncio
from pathlib import Path

import pytest

from app.cli.auditing import audit_all
from app.clock import SimulatedClock
from app.domain.orders import TradeMode
from app.models.trading import OrderSide
from app.services.trading.reports import fold_making
from app.services.trading.reports.folds import sound_folds
from tests.support.trading_world import SWAP, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def test_a_stretch_is_made_while_it_runs_and_a_restart_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold_making, "FOLD_FILLS", 4)
    clock = SimulatedClock()
    async with trading_world(tmp_path, clock=clock) as first:
        for side in (OrderSide.BUY, OrderSide.SELL) * 3:
            await first.trade(side, "1", instrument_id=SWAP, trade_mode=TradeMode.CROSS)
            await clock.sleep(1)
        await clock.sleep(130)
        folds = sound_folds(first.system.ledger, first.system.database, "USDT")
        found = first.recorder.calculate_performance()
    assert (len(folds), found.total_trades, found.fill_count) == (1, 3, 6)
    async with trading_world(tmp_path, clock=clock, exchange=first.exchange) as second:
        system = second.system
        assert sound_folds(system.ledger, system.database, "USDT") == folds
        again = second.recorder.calculate_performance()
        report = audit_all(system.database, system.ledger.account, system.ledger.instruments)
    assert (again.net_profit, again.total_fees, again.total_trades) == (found.net_profit, found.total_fees, 3)
    assert report.findings == ()
