"""The baseline: the same lives written the way most asyncio systems do, one ORM session and one commit a change.

Same tables, same rows, same durability (WAL, synchronous=FULL), by SQLAlchemy's asyncio ORM. What risk asks is read
from the database, as is the journal's last event; there is no exchange and no check of anything but the balance. The
synchronous ORM, which would stop the event loop for every statement, does about three times as many.
"""

import asyncio
import json
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event as sa_event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from app.domain.events import GENESIS, Event, chain_hash
from app.models.trading import (
    BalanceRow,
    Base,
    EquityDay,
    ExecutionEvent,
    FeePayment,
    KillSwitchRow,
    Order,
    Position,
    StrategyHolding,
    Trade,
)
from app.store.database import Database

ACCOUNT, INSTRUMENT, STRATEGY = "naive", "BTC-USDT", "bench"
PRICE, SIZE, FEE = Decimal("50000.1"), Decimal("0.001"), Decimal("0.000001")
BALANCES = {"USDT": Decimal(1_000_000_000), "BTC": Decimal(1_000)}
BLOCKS = 5


def lives_per_second(count: int = 300) -> float:
    """Lives a second, the best of BLOCKS blocks: signal and intent, ack, and fill with all that follows from it."""
    return asyncio.run(_measured(count // BLOCKS))


async def _measured(size: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "naive.db"
        database = Database(f"sqlite:///{path}")
        Base.metadata.create_all(database.writer_engine)
        database.close()
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        sa_event.listen(engine.sync_engine, "connect", _durable)
        async with AsyncSession(engine) as session:
            session.add_all(
                BalanceRow(account=ACCOUNT, currency=currency, total=total, updated_ns=0)
                for currency, total in BALANCES.items()
            )
            await session.commit()
        best = 0.0
        for block in range(BLOCKS):
            began = time.perf_counter()
            for number in range(block * size, (block + 1) * size):
                await _life(engine, number)
            best = max(best, size / (time.perf_counter() - began))
        await engine.dispose()
        return best


def _durable(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}")


async def _life(engine: AsyncEngine, number: int) -> None:
    order_id = f"ord-{number}"
    async with AsyncSession(engine) as session:
        await _event(session, "signal.received", None, {"instrument_id": INSTRUMENT, "size": str(SIZE)})
        assert await _free(session) >= SIZE * PRICE
        session.add(_order(order_id, number))
        await _event(session, "order.intent", order_id, {"order_id": order_id, "size": str(SIZE), "risk": "pass"})
        await session.commit()
    async with AsyncSession(engine) as session:
        order = await session.get_one(Order, order_id)
        order.status, order.exchange_order_id, order.acknowledged_ns = "live", str(number), number
        await _event(session, "order.accepted", order_id, {"venue_order_id": str(number)})
        await session.commit()
    async with AsyncSession(engine) as session:
        order = await session.get_one(Order, order_id)
        order.status, order.filled_size, order.is_open = "filled", SIZE, False
        session.add(_trade(order_id, number))
        session.add(
            FeePayment(
                account=ACCOUNT, instrument_id=INSTRUMENT, trade_id=str(number), exchange_order_id=str(number),
                currency="BTC", amount=FEE, recorded_ns=number,
            )
        )  # fmt: skip
        await _move(session, number)
        await _event(session, "order.report", order_id, {"state": "filled", "filled": str(SIZE), "fee": str(FEE)})
        await session.commit()


async def _free(session: AsyncSession) -> Decimal:
    """What the risk checks read: kill switch, day, position, open orders, balance."""
    assert await session.get(KillSwitchRow, ACCOUNT) is None
    (await session.scalars(sa.select(EquityDay).where(EquityDay.account == ACCOUNT).limit(1))).first()
    await session.get(Position, (ACCOUNT, INSTRUMENT, "net"))
    still_open = await session.scalars(sa.select(Order).where(Order.account == ACCOUNT, Order.is_open == sa.true()))
    held = sum((order.size * PRICE for order in still_open), Decimal(0))
    return (await session.get_one(BalanceRow, (ACCOUNT, "USDT"))).total - held


async def _move(session: AsyncSession, number: int) -> None:
    position = await session.get(Position, (ACCOUNT, INSTRUMENT, "net"))
    if position is None:
        position = Position(
            account=ACCOUNT, instrument_id=INSTRUMENT, position_side="net", size=Decimal(0), cost=Decimal(0),
            realised_pnl=Decimal(0), fee_value=Decimal(0), fees="{}", fill_count=0, event_seq=0, updated_ns=0,
        )  # fmt: skip
        session.add(position)
    position.size += SIZE - FEE
    position.cost += SIZE * PRICE
    position.fill_count += 1
    position.updated_ns = number
    for currency, change in (("USDT", -SIZE * PRICE), ("BTC", SIZE - FEE)):
        balance = await session.get_one(BalanceRow, (ACCOUNT, currency))
        balance.total += change
        balance.updated_ns = number
    holding = await session.get(StrategyHolding, (ACCOUNT, STRATEGY, INSTRUMENT, "net"))
    if holding is None:
        key = {"account": ACCOUNT, "strategy_id": STRATEGY, "instrument_id": INSTRUMENT, "position_side": "net"}
        holding = StrategyHolding(**key, size=Decimal(0))
        session.add(holding)
    holding.size += SIZE - FEE


async def _event(session: AsyncSession, kind: str, order_id: str | None, payload: dict[str, str]) -> None:
    """The journal's next event, chained to its last."""
    newest = sa.select(ExecutionEvent).where(ExecutionEvent.account == ACCOUNT).order_by(ExecutionEvent.seq.desc())
    last = (await session.scalars(newest.limit(1))).first()
    seq, head = (last.seq + 1, last.hash) if last else (1, GENESIS)
    event = Event(ACCOUNT, seq, seq, kind, "bench", json.dumps(payload), order_id)
    session.add(ExecutionEvent(**event._asdict(), hash=chain_hash(head, event)))


def _order(order_id: str, number: int) -> Order:
    return Order(
        order_id=order_id, account=ACCOUNT, client_order_id=order_id, instrument_id=INSTRUMENT, side="buy",
        order_type="market", trade_mode="cash", position_side="net", reduce_only=False, size=SIZE, size_unit="base",
        status="pending", filled_size=Decimal(0), reported_filled=Decimal(0), cancel_requested=False, external=False,
        requested_size=SIZE, intent_hash="", facts="{}", is_open=True, created_ns=number, updated_ns=number,
        strategy_id=STRATEGY,
    )  # fmt: skip


def _trade(order_id: str, number: int) -> Trade:
    return Trade(
        account=ACCOUNT, instrument_id=INSTRUMENT, trade_id=str(number), exchange_order_id=str(number),
        order_id=order_id, client_order_id=order_id, side="buy", position_side="net", price=PRICE, size=SIZE,
        liquidity="taker", category="normal", strategy_id=STRATEGY, traded_ns=number, recorded_ns=number,
    )  # fmt: skip


if __name__ == "__main__":
    print(f"{lives_per_second():.0f} lives a second")
