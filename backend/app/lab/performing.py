"""One run: a buy and a sell from the same starts, each side on a system of its own over the same market.

The two sides do not meet, so that what the market did meanwhile is in the one with the other sign and cancels out.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from app.api.encoding import json_ready
from app.backtest.world import START_NS, account, by_default, listed, started
from app.clock import NS_PER_SECOND, VirtualTimeLoop
from app.domain.instruments import InstrumentKind
from app.domain.money import rounded
from app.domain.orders import OrderSide, OrderType, TradeMode
from app.domain.refusals import InvalidValue
from app.lab.runs import Run
from app.lab.tapes import SETTLE_SECONDS
from app.services.trading.errors import TradingError
from app.services.trading.reports import costs
from app.services.trading.schemas import OrderParams
from app.simulator import Config, LatencyLeg
from app.system import System

LAST_SECONDS = 2
"""Of a block: what is still open then is taken back, so that no order reaches into the next block."""
REST_SECONDS = 4
PLENTY = Decimal(1_000_000_000)
SHARE_PLACES = 8
FREE = {
    "max_daily_notional": None, "max_position_value_pct": 10, "max_order_value": 1_000_000_000,
    "max_order_size": 1_000_000_000, "max_open_orders": 10_000, "max_daily_loss": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one parent came to. block_ns: when its block began. bps: the parts of its shortfall; None of one that was
    never measured, and why says why."""

    block_ns: int
    side: str
    status: str
    completion: Decimal | None
    bps: dict[str, Decimal] | None
    maker_share: Decimal | None
    participation: Decimal | None
    schedule_error: Decimal | None
    duration_seconds: float | None
    orders: int
    why: str


def perform(run: Run) -> bytes:
    """Its result as JSON, the same to the byte wherever it is done. Raises InvalidValue."""
    outcomes = [outcome for side in OrderSide for outcome in _side(run, side)]
    told = {**run.facts(), "name": run.arm.name, "tape_name": run.tape.name if run.tape else None}
    dark = run.tape.dark if run.tape else 0
    return msgspec.json.encode({**told, "dark": dark, "parents": json_ready(outcomes)}, order="deterministic")


def _side(run: Run, side: OrderSide) -> list[Outcome]:
    with (
        tempfile.TemporaryDirectory(prefix="lab-") as folder,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        return runner.run(_lived(run, side, Path(folder)))


async def _lived(run: Run, side: OrderSide, folder: Path) -> list[Outcome]:
    """Each parent begins with its block and is over before the next."""
    block_ns = run.pace.block_seconds * NS_PER_SECOND
    async with _world(run, folder) as system:
        await system.follow(run.instrument_id)
        begun: list[tuple[int, str | None, str]] = []
        for at_ns in run.tape.blocks if run.tape else (START_NS + SETTLE_SECONDS * NS_PER_SECOND,):
            await _until(system, at_ns)
            parent_id, why = await _begin(system, run, side)
            begun.append((at_ns, parent_id, why))
            await _until(system, at_ns + block_ns - LAST_SECONDS * NS_PER_SECOND)
            if parent_id is not None and not system.parents.get(parent_id).parent.status.terminal:
                await system.parents.cancel(parent_id, principal="lab", reason="its block is over")
        await system.clock.sleep(REST_SECONDS)
        await system.ledger.writer.drain()
        return [_outcome(system, side, *each) for each in begun]


@asynccontextmanager
async def _world(run: Run, folder: Path) -> AsyncIterator[System]:
    """The system, over the run's market."""
    instrument, world = listed(run.instrument_id), run.world
    base_ns = round(world.latency_ms * 1_000_000)
    leg = LatencyLeg(base_ns, base_ns // 2)
    fees = None if world.maker is None or world.taker is None else (Decimal(world.maker), Decimal(world.taker))
    currencies = (instrument.base, instrument.quote) if instrument.is_spot else (instrument.settle,)
    settings = by_default(risk=FREE)
    owner = account(settings, dict.fromkeys(currencies, PLENTY))
    config = Config(
        (replace(owner, spot_fees=fees, swap_fees=fees),),
        (instrument,),
        seed=run.seed,
        replay=run.tape.paths if run.tape else (),
        queue_model=world.queue_model,
        entry=leg,
        response=leg,
        feed=leg,
    )
    async with started(settings, config, run.tape.start_ns if run.tape else START_NS, folder) as (system, _):
        yield system


async def _until(system: System, at_ns: int) -> None:
    await system.clock.sleep(max(0, at_ns - system.clock.now_ns()) / NS_PER_SECOND)


async def _begin(system: System, run: Run, side: OrderSide) -> tuple[str | None, str]:
    """The parent's id, or why there is none."""
    instrument = system.ledger.instruments[run.instrument_id]
    book = system.market.book(run.instrument_id)
    if book is None or book.mid is None:
        return None, "no usable book when its block began"
    size = instrument.floor_size(Decimal(run.pace.notional) / instrument.notional(Decimal(1), book.mid))
    params = OrderParams(
        instrument_id=run.instrument_id,
        side=side,
        order_type=OrderType.MARKET,
        size=size,
        trade_mode=TradeMode.CASH if instrument.kind is InstrumentKind.SPOT else TradeMode.CROSS,
    )
    try:
        begun = await system.parents.start(run.arm.strategy, json.loads(run.arm.config), params)
    except (TradingError, InvalidValue) as error:
        return None, str(error)
    return begun.parent_id, ""


def _outcome(system: System, side: OrderSide, block_ns: int, parent_id: str | None, why: str) -> Outcome:
    if parent_id is None:
        nothing: Any = dict.fromkeys(("completion", "bps", "maker_share", "participation", "schedule_error"))
        return Outcome(
            block_ns=block_ns, side=side.value, status="not begun", duration_seconds=None, orders=0, why=why, **nothing
        )
    ledger = system.ledger
    cost = costs.execution_cost(system.database, ledger.account, parent_id, ledger.instruments.get)
    parts = None if cost.shortfall is None else asdict(cost.shortfall.bps)
    whole = parts is not None and parts["total"] is not None and cost.over
    return Outcome(
        block_ns=block_ns,
        side=side.value,
        status=cost.status,
        completion=rounded(cost.filled_size / cost.size, SHARE_PLACES),
        bps=parts if whole else None,
        maker_share=cost.maker_share,
        participation=None if cost.market is None else cost.market.participation,
        schedule_error=cost.schedule_error,
        duration_seconds=cost.duration_seconds,
        orders=len(cost.orders),
        why="" if whole else "; ".join(cost.missing) or f"it is {cost.status}",
    )
