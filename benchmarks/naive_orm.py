"""The baseline: the same lives written the way most systems do, one ORM session and one commit a change.

Same tables, same durability (WAL, synchronous=FULL), no risk, no journal chain: it only has to write.
"""

import tempfile
import time
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models.trading import Base, ExecutionEvent, FeePayment, Order, Position, Trade
from app.store.database import Database

ACCOUNT = "naive"
PRICE, SIZE, FEE = Decimal("50000.1"), Decimal("0.001"), Decimal("0.000001")


def lives_per_second(count: int = 150) -> float:
    """Lives a second: intent, ack, and fill with trade, fee and position, each a commit."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'naive.db'}")
        Base.metadata.create_all(database.writer_engine)
        began = time.perf_counter()
        for number in range(count):
            _life(database.writer_engine, number)
        seconds = time.perf_counter() - began
        database.close()
        return count / seconds


def _life(engine: sa.Engine, number: int) -> None:
    order_id = f"ord-{number}"
    with Session(engine) as session:
        session.add(_order(order_id, number))
        session.add(_event(number * 3, "order.intent", order_id))
        _commit(session)
    with Session(engine) as session:
        order = session.get_one(Order, order_id)
        order.status, order.exchange_order_id, order.acknowledged_ns = "live", str(number), number
        session.add(_event(number * 3 + 1, "order.accepted", order_id))
        _commit(session)
    with Session(engine) as session:
        order = session.get_one(Order, order_id)
        order.status, order.filled_size, order.is_open = "filled", SIZE, False
        session.add(_trade(order_id, number))
        session.add(
            FeePayment(
                account=ACCOUNT, instrument_id="BTC-USDT", trade_id=str(number), exchange_order_id=str(number),
                currency="BTC", amount=FEE, recorded_ns=number,
            )
        )  # fmt: skip
        _position(session, number)
        session.add(_event(number * 3 + 2, "order.report", order_id))
        _commit(session)


def _commit(session: Session) -> None:
    """The engine's connections are in autocommit, so the transaction is begun by hand, as the writer does."""
    session.connection().exec_driver_sql("BEGIN IMMEDIATE")
    session.flush()
    session.connection().exec_driver_sql("COMMIT")


def _order(order_id: str, number: int) -> Order:
    return Order(
        order_id=order_id, account=ACCOUNT, client_order_id=order_id, instrument_id="BTC-USDT", side="buy",
        order_type="market", trade_mode="cash", position_side="net", reduce_only=False, size=SIZE, size_unit="base",
        status="pending", filled_size=Decimal(0), reported_filled=Decimal(0), cancel_requested=False, external=False,
        intent_hash="", facts="{}", is_open=True, created_ns=number, updated_ns=number, strategy_id="bench",
    )  # fmt: skip


def _trade(order_id: str, number: int) -> Trade:
    return Trade(
        account=ACCOUNT, instrument_id="BTC-USDT", trade_id=str(number), exchange_order_id=str(number),
        order_id=order_id, client_order_id=order_id, side="buy", position_side="net", price=PRICE, size=SIZE,
        liquidity="taker", category="normal", strategy_id="bench", traded_ns=number, recorded_ns=number,
    )  # fmt: skip


def _event(seq: int, kind: str, order_id: str) -> ExecutionEvent:
    return ExecutionEvent(
        account=ACCOUNT, seq=seq, at_ns=seq, kind=kind, principal="bench", order_id=order_id, payload="{}", hash=""
    )


def _position(session: Session, number: int) -> None:
    position = session.get(Position, (ACCOUNT, "BTC-USDT", "net"))
    if position is None:
        position = Position(
            account=ACCOUNT, instrument_id="BTC-USDT", position_side="net", size=Decimal(0), cost=Decimal(0),
            realised_pnl=Decimal(0), fee_value=Decimal(0), fees="{}", fill_count=0, event_seq=0, updated_ns=0,
        )  # fmt: skip
        session.add(position)
    position.size += SIZE
    position.cost += SIZE * PRICE
    position.fill_count += 1
    position.updated_ns = number
