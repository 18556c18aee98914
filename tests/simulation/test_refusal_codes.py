"""Every code of the adapter's table goes through every strategy on the whole system, over the simulated exchange.

The first order of each parent is answered with the code and not taken. `make sweep` (SWEEP=all) takes every code, every
strategy and both ways of sending; `make test` a sample.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SimulatedClock
from app.domain.orders import OrderSide, OrderStatus
from app.domain.parents import ParentStatus
from app.domain.refusals import RefusalClass
from app.exchanges.okx import OkxExchange
from app.exchanges.okx.outcomes import CODES, UNLISTED
from app.exchanges.okx.rate_limits import RateLimits
from app.journal.audit import audit
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.schemas import OrderParams
from app.simulator import AccountConfig, Config
from tests.simulation.parent_stack import buy
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time, system_in

D = Decimal
ALL = os.environ.get("SWEEP") == "all"
NAMED = ["51113", "50005", "50036", "50037", "50102", "50112", "60004", "51025", "51102", "51174", "51513"]
"""What ended a TWAP at 0 of 0.03 although each of them passes."""
SAMPLE = [
    *NAMED,
    "50001",
    "50013",
    "50026",
    "50011",
    "51030",
    "51138",
    "51008",
    "50110",
    "51022",
    "51000",
    "51121",
    "5x",
]
CONFIGS: dict[str, dict[str, Any]] = {
    "twap": {"duration": 60, "num_slices": 3},
    "vwap": {"duration": 60, "num_slices": 3, "volume_curve": list(range(1, 25))},
    "implementation_shortfall": {"duration": 60, "num_slices": 3},
    "adaptive": {"duration": 60, "num_slices": 3, "patience": "0.2"},
    "market": {},
    "limit": {"timeout": 30},
    "iceberg": {"visible_pct": "0.4", "use_limit_orders": False, "timeout": 120},
    "pov": {"participation": "0.5", "duration": 200, "force_completion": True},
    "sniper": {"timeout": 120},
    "chase": {"timeout": 30, "finish": "cross"},
    "scale": {"levels": 3, "timeout": 120},
    "stop": {},
    "take_profit": {},
    "trailing_stop": {"distance": 5},
    "oco": {},
    "bracket": {"timeout": 120},
    "exit": {"unattributed": True, "timeout": 120},
}
"""Of each strategy one that ends by itself in a market where nobody else trades, but for POV."""

OVER = {status for status in ParentStatus if status.terminal or status is ParentStatus.SUSPENDED}
SIZE = D("0.03")
AWAY = 100
"""Ticks from the last price at which a conditional order fires."""
ENDS = {
    None: ParentStatus.COMPLETED,
    RefusalClass.PASSING: ParentStatus.COMPLETED,
    RefusalClass.STANDING: ParentStatus.SUSPENDED,
    RefusalClass.WRONG: ParentStatus.FAILED,
}
"""How a parent ends whose first order was refused so, or (None) was not answered: evidence has ended it."""


@dataclass
class Swept:
    """One code: how the parent ended, and how after it was resumed if it was laid aside."""

    code: str
    status: ParentStatus
    filled: Decimal
    reason: str
    resumed: ParentStatus | None = None


class Sweep:
    """One system; every code in turn refuses the first order of one parent."""

    def __init__(self, folder: Path, *, over_websocket: bool = True, flow_rate: float = 0.0) -> None:
        self.clock = SimulatedClock(seed=1)
        balances = {"USDT": D(1_000_000), "BTC": D(2)}
        main = AccountConfig("main", MAIN.api_key, MAIN.secret, MAIN.passphrase, balances=balances)
        self.venue = SimulatedVenue(self.clock, Config(accounts=(main,), flow_rate=flow_rate))
        self.exchange = OkxExchange(okx_config(send_over_websocket=over_websocket), self.clock, self.venue.transport())
        self.system = system_in(folder, self.exchange, self.clock, environment="demo")
        self._sides = itertools.cycle((OrderSide.BUY, OrderSide.SELL))

    async def run(self, strategy: str, codes: Sequence[str]) -> list[Swept]:
        await self.system.start()
        try:
            found = [await self._one(strategy, code) for code in codes]
            assert (await self.system.reconciler.run()).clean
            report = audit(self.system.database, "main", self.system.ledger.instruments)
            assert report.clean, [str(finding) for finding in report.findings]
            return found
        finally:
            await self.system.stop()

    async def _one(self, strategy: str, code: str) -> Swept:
        side = next(self._sides)
        self.venue.set_faults({"error_not_taken": {"at": [1], "value": code}})
        parents = self.system.parents
        started = await parents.start(strategy, *self._asked(strategy, side))
        if STRATEGIES[strategy].conditional:
            await self._reach(-side.sign if strategy == "take_profit" else side.sign)
        ended = await self._over(started.parent_id)
        swept = Swept(code, ended.status, ended.filled_size, ended.reason)
        if ended.status is ParentStatus.SUSPENDED:
            await parents.resume(started.parent_id)
            swept.resumed = (await self._over(started.parent_id)).status
        sent = [order.client_order_id for order in parents.orders(started.parent_id)]
        assert len(sent) == len(set(sent)), f"{code}: a client order id was used again"
        return swept

    def _asked(self, strategy: str, side: OrderSide) -> tuple[dict[str, Any], OrderParams]:
        """A parent that fills at once where it is not refused: its price, or its ladder, is through the market."""
        config, market = CONFIGS[strategy], self.venue.exchange.markets["BTC-USDT"]
        book = self.system.market.book("BTC-USDT")
        through = round((book.mid if book and book.mid else D(50_000)) * (1 + side.sign * D("0.002")))
        beyond, before = ((self._last + sign * AWAY * market.inst.tick) for sign in (side.sign, -side.sign))
        match strategy:
            case "stop":
                config = config | {"trigger_price": beyond}
            case "take_profit":
                config = config | {"trigger_price": before}
            case "oco":
                config = config | {"stop_loss": beyond, "take_profit": before}
            case "bracket":
                config = config | {"stop_loss": before - side.sign * 1000, "take_profit": beyond + side.sign * 1000}
            case _:
                pass
        if strategy == "scale":
            config = config | {"price_from": through, "price_to": through + side.sign * 2}
        return config, buy(str(SIZE), str(through) if strategy == "sniper" else None, side=side)

    @property
    def _last(self) -> Decimal:
        market = self.venue.exchange.markets["BTC-USDT"]
        return market.inst.price(market.last_price)

    async def _reach(self, sign: int) -> None:
        """The public trades where it did, and then so far from there, which is what a conditional order waits for."""
        market = self.venue.exchange.markets["BTC-USDT"]
        for away in (0, sign * AWAY):
            await self.clock.sleep(0.5)
            ts_ms = self.clock.now_ns() // 1_000_000
            market.print_trade(market.trade_id(), market.last_price + away, 1, 1, ts_ms)
            self.venue.pump()

    async def _over(self, parent_id: str) -> Any:
        for _ in range(2000):
            parent = self.system.parents.get(parent_id)
            if parent.status in OVER:
                return parent
            await self.clock.sleep(0.25)
        raise AssertionError(f"not over after 500 s: {self.system.parents.get(parent_id)}")


def swept(folder: Path, strategy: str, codes: Sequence[str], **options: Any) -> list[Swept]:
    async def work() -> list[Swept]:
        return await Sweep(folder, **options).run(strategy, codes)

    return in_virtual_time(work())


def cases() -> Iterator[tuple[str, bool, list[str]]]:
    codes = [code for code in CODES if code != "0"] if ALL else SAMPLE
    for strategy, over_websocket in itertools.product(CONFIGS, (True, False)):
        if ALL:
            yield strategy, over_websocket, codes
    if not ALL:
        yield "twap", True, SAMPLE
        yield "market", False, SAMPLE[::4]
        yield "iceberg", True, SAMPLE[1::4]
        yield "limit", True, SAMPLE[2::4]
        for place, strategy in enumerate(CONFIGS):
            yield strategy, place % 2 == 0, SAMPLE[place :: len(CONFIGS)]


def test_every_registered_strategy_is_swept() -> None:
    assert set(CONFIGS) == set(STRATEGIES)


@pytest.mark.parametrize(("strategy", "over_websocket", "codes"), list(cases()))
@pytest.mark.timeout(600)
def test_every_code_ends_as_its_class_says(
    strategy: str, over_websocket: bool, codes: list[str], tmp_path: Path
) -> None:
    flow_rate = 4.0 if strategy == "pov" else 0.0
    for found in swept(tmp_path, strategy, codes, over_websocket=over_websocket, flow_rate=flow_rate):
        refusal = CODES.get(found.code, UNLISTED).refusal
        once_is_too_few = refusal is RefusalClass.STANDING and STRATEGIES[strategy].standing_max > 1
        assert found.status is (ParentStatus.COMPLETED if once_is_too_few else ENDS[refusal]), found
        if found.status is ParentStatus.COMPLETED:
            assert found.filled == SIZE, found
        else:
            assert (found.filled, found.code in found.reason) == (0, True), found
        if found.status is ParentStatus.SUSPENDED:
            assert found.resumed is ParentStatus.COMPLETED, found


def test_codes_that_pass_never_end_a_twap(tmp_path: Path) -> None:
    """Named one by one, whatever the table says of them."""
    for found in swept(tmp_path, "twap", NAMED):
        assert (found.status, found.filled) == (ParentStatus.COMPLETED, SIZE), found


def test_our_own_limiters_refusal_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For half a minute the adapter has no token for an order, and a child after the other is not sent."""

    async def work() -> None:
        sweep = Sweep(tmp_path)
        await sweep.system.start()
        take = RateLimits.try_take
        until_ns = sweep.clock.now_ns() + 30_000_000_000

        def no_token(self: RateLimits, limit: Any, instrument_id: str = "", *, counts_for_account: bool = False) -> int:
            if counts_for_account and sweep.clock.now_ns() < until_ns:
                return until_ns - sweep.clock.now_ns()
            return take(self, limit, instrument_id, counts_for_account=counts_for_account)

        monkeypatch.setattr(RateLimits, "try_take", no_token)
        started = await sweep.system.parents.start("twap", CONFIGS["twap"], buy(str(SIZE)))
        ended = await sweep._over(started.parent_id)
        orders = sweep.system.parents.orders(started.parent_id)
        unsent = [order for order in orders if order.status is OrderStatus.NOT_SENT]
        assert {(order.error_code, order.refusal) for order in unsent} == {("rate_limited", RefusalClass.PASSING)}
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, SIZE)
        await sweep.system.stop()

    in_virtual_time(work())


def test_an_exchange_that_is_busy_for_most_of_the_window(tmp_path: Path) -> None:
    """Every order is too frequent for 50 of 60 seconds: the slices are caught up, none is lost or doubled."""

    async def work() -> None:
        sweep = Sweep(tmp_path)
        await sweep.system.start()
        sweep.venue.set_faults({"error_not_taken": {"probability": 1, "value": "50011"}})
        started = await sweep.system.parents.start("twap", CONFIGS["twap"], buy(str(SIZE)))
        await sweep.clock.sleep(50)
        assert sweep.system.parents.get(started.parent_id).status is ParentStatus.RUNNING
        sweep.venue.set_faults({"error_not_taken": None})
        ended = await sweep._over(started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, SIZE)
        assert D(sweep.venue.ledger()["cash"]["BTC"]) == D(2) + SIZE * D("0.999")
        await sweep.system.stop()

    in_virtual_time(work())
