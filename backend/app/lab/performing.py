"""One run: a buy and a sell from the same starts, each side on a system of its own over the same market.

The two sides do not meet, so that what the market did meanwhile is in the one with the other sign and cancels out.
"""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from app.api.encoding import json_ready
from app.backtest.world import START_NS, account, by_default, listed, started
from app.clock import NS_PER_SECOND, VirtualTimeLoop
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO, rounded
from app.domain.orders import OrderSide, OrderType, TradeMode
from app.domain.refusals import InvalidValue
from app.domain.tca.slippage import BPS
from app.domain.tca.slippage import PLACES as BPS_PLACES
from app.domain.tca.worth import paid
from app.lab.runs import Run
from app.lab.tapes import settle_ns
from app.services.trading.errors import TradingError
from app.services.trading.execution_strategies import ParentTerms
from app.services.trading.reports import costs
from app.services.trading.reports.cost_views import ExecutionCost
from app.services.trading.schemas import OrderParams
from app.simulator import Config, LatencyLeg
from app.system import System

LAST_SECONDS = 3
"""Of a block: what is still open then is taken back, so that no order reaches into the next block."""
LATE_NS = NS_PER_SECOND // 10
LATE = "what was under way of the block before it kept it from beginning in time"
NOT_TAKEN = "what was left could not be taken from the market"
REST_SECONDS = 12
"""After the last, for what its cost is measured by to be written."""
PLENTY, PLENTY_OF_BASE = Decimal(10) ** 9, Decimal(10) ** 15
"""So much of what is sold, that a coin of a billionth is enough for every block."""
SHARE_PLACES = 8
FREE = {
    "max_daily_notional": None, "max_position_value_pct": 10, "max_order_value": 10**9,
    "max_order_size": 10**15, "max_open_orders": 10_000, "max_daily_loss": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one parent came to. block_ns: when its block began. bps: the parts of its shortfall, with what was left
    taken from the market at once when it was over: `cleanup` is what that cost beyond the mid then; None of one that
    was never measured, and why says why."""

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


@dataclass(frozen=True, slots=True)
class _Begun:
    """rest_id: who took what it left. why: it was not begun, or what it left not taken."""

    at_ns: int
    parent_id: str | None
    rest_id: str | None
    why: str


def perform(run: Run) -> bytes:
    """Its result as JSON, the same to the byte wherever it is done. Raises InvalidValue."""
    outcomes = [outcome for side in OrderSide for outcome in _side(run, side)]
    told = {**run.facts(), "name": run.arm.name, "tape_name": run.tape.name if run.tape else None}
    dark = run.tape.dark if run.tape else ()
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
        begun: list[_Begun] = []
        for at_ns in run.tape.blocks if run.tape else (START_NS + settle_ns(run.world.latency_ms),):
            await _until(system, at_ns)
            late = system.clock.now_ns() > at_ns + LATE_NS
            parent_id, why = (None, LATE) if late else await _begin(system, run, side)
            last_ns = at_ns + block_ns - LAST_SECONDS * NS_PER_SECOND
            rest_id = None
            if parent_id is not None:
                rest_id, why = await _ended(system, parent_id, last_ns)
            begun.append(_Begun(at_ns, parent_id, rest_id, why))
        await system.clock.sleep(REST_SECONDS)
        await system.ledger.writer.drain()
        return [_outcome(system, side, each) for each in begun]


@asynccontextmanager
async def _world(run: Run, folder: Path) -> AsyncIterator[System]:
    """The system, over the run's market."""
    instrument, world = run.tape.instrument if run.tape else listed(run.instrument_id), run.world
    base_ns = round(world.latency_ms * 1_000_000)
    leg = LatencyLeg(base_ns, base_ns // 2)
    fees = None if world.maker is None or world.taker is None else (Decimal(world.maker), Decimal(world.taker))
    held = (
        {instrument.base: PLENTY_OF_BASE, instrument.quote: PLENTY}
        if instrument.is_spot
        else {instrument.settle: PLENTY}
    )
    settings = by_default(risk=FREE)
    owner = account(settings, held)
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
        beyond = None if run.arm.limit_offset is None else Decimal(run.arm.limit_offset)
        terms = ParentTerms(limit_offset_pct=beyond)
        begun = await system.parents.start(run.arm.strategy, json.loads(run.arm.config), params, terms=terms)
    except (TradingError, InvalidValue) as error:
        return None, str(error)
    return begun.parent_id, ""


async def _ended(system: System, parent_id: str, last_ns: int) -> tuple[str | None, str]:
    """Wait until it is over, last_ns at the latest. The id of what takes the rest, or why none may; neither where
    nothing can be traded."""
    parents, left = system.parents, max(0, last_ns - system.clock.now_ns()) / NS_PER_SECOND
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(left):
            await parents.wait(parent_id)
    if not parents.get(parent_id).parent.status.terminal:
        await parents.cancel(parent_id, principal="lab", reason="its block is over")
        await parents.wait(parent_id)
    found = parents.get(parent_id)
    of = found.parent
    rest = of.size - found.filled_size
    if system.ledger.instruments[of.instrument_id].size_refusals(rest):
        return None, ""
    params = OrderParams(
        instrument_id=of.instrument_id,
        side=of.side,
        order_type=OrderType.MARKET,
        size=rest,
        trade_mode=of.trade_mode,
    )
    try:
        started = await parents.start("market", {"timeout": LAST_SECONDS}, params)
    except (TradingError, InvalidValue) as error:
        return None, f"{NOT_TAKEN}: {error}"
    await parents.wait(started.parent_id)
    return started.parent_id, ""


def _outcome(system: System, side: OrderSide, begun: _Begun) -> Outcome:
    if begun.parent_id is None:
        nothing: Any = dict.fromkeys(("completion", "bps", "maker_share", "participation", "schedule_error"))
        return Outcome(
            block_ns=begun.at_ns,
            side=side.value,
            status="not begun",
            duration_seconds=None,
            orders=0,
            why=begun.why,
            **nothing,
        )
    cost = _cost(system, begun.parent_id)
    instrument = system.ledger.instruments[cost.instrument_id]
    rest = None if begun.rest_id is None else _cost(system, begun.rest_id)
    parts = None if begun.why else _parts(instrument, cost, rest)
    return Outcome(
        block_ns=begun.at_ns,
        side=side.value,
        status=cost.status,
        completion=rounded(cost.filled_size / cost.size, SHARE_PLACES),
        bps=parts,
        maker_share=cost.maker_share,
        participation=None if cost.market is None else cost.market.participation,
        schedule_error=cost.schedule_error,
        duration_seconds=cost.duration_seconds,
        orders=len(cost.orders),
        why="" if parts else begun.why or "; ".join(cost.missing) or NOT_TAKEN,
    )


def _cost(system: System, parent_id: str) -> ExecutionCost:
    return costs.execution_cost(system.database, system.ledger.account, parent_id, system.ledger.instruments.get)


def _parts(instrument: Instrument, cost: ExecutionCost, rest: ExecutionCost | None) -> dict[str, Decimal] | None:
    """In bps of what was ordered at its decision's price. What the rest cost, its fee among it, is known against the
    same price: beyond the opportunity that its own end's mid makes of it, it is cleanup."""
    whole = cost.shortfall
    if whole is None or whole.bps.total is None or whole.bps.opportunity is None or not cost.over:
        return None
    cleanup = ZERO
    if rest is not None:
        taken, before, after = rest.shortfall, cost.decision.price, rest.decision.price
        if (
            taken is None
            or taken.money.total is None
            or before is None
            or after is None
            or rest.filled_size != rest.size
        ):
            return None
        drift = cost.side.sign * (paid(instrument, rest.size, after) - paid(instrument, rest.size, before))
        cleanup = (drift + taken.money.total) / whole.notional * BPS - whole.bps.opportunity
    names = ("delay", "spread", "execution", "opportunity", "fees")
    parts: dict[str, Decimal] = {name: getattr(whole.bps, name) for name in names} | {"cleanup": cleanup}
    return {name: rounded(each, BPS_PLACES) for name, each in (parts | {"total": sum(parts.values(), ZERO)}).items()}
