"""A database as committed turns would have left it, row by row, and a TradeRecorder over it: for figures whose fills,
days and movements are chosen by hand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from app.clock import NS_PER_SECOND, to_ns
from app.domain.instruments import Instrument, InstrumentKind
from app.journal.codec import encode
from app.market_data.feeds import MarketData
from app.models.trading import (
    Base,
    CashMovement,
    EquityDay,
    FeePayment,
    Order,
    PerformanceFold,
    PerformancePart,
    Trade,
    Watermark,
)
from app.models.types import Money
from app.services.trading.account.day_figures import DayParts
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports.fold_making import FoldMaker, MadeFold
from app.services.trading.reports.folds import sound_folds
from app.services.trading.trade_recorder import TradeRecorder
from app.store.database import Database
from app.store.queries import FOLDED

D = Decimal
ACCOUNT = "main"
DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)


def _instrument(instrument_id: str, kind: InstrumentKind = InstrumentKind.SPOT, **fields: Any) -> Instrument:
    base, quote = instrument_id.split("-")[:2]
    values: dict[str, Any] = {
        "settle": quote,
        "tick": D("0.1"),
        "lot": D("0.0001") if kind is InstrumentKind.SPOT else D(1),
        "min_size": D("0.0001") if kind is InstrumentKind.SPOT else D(1),
    }
    return Instrument(instrument_id, kind, base, quote, **(values | fields))


INSTRUMENTS = [
    _instrument("BTC-USDT"),
    _instrument("ETH-USDT"),
    _instrument("ETH-BTC"),
    _instrument("BTC-USDT-SWAP", InstrumentKind.SWAP, contract_value=D("0.01")),
    _instrument("ETH-USDT-SWAP", InstrumentKind.SWAP, contract_value=D("0.1")),
    _instrument("BTC-USD-SWAP", InstrumentKind.SWAP, contract_value=D(100), inverse=True, settle="BTC"),
]


class FixedClock:
    """Only the time that the recorder asks for."""

    def __init__(self, now: datetime) -> None:
        self._now_ns = to_ns(now)

    def now_ns(self) -> int:
        return self._now_ns


class History:
    """Rows written straight into the tables: what committed turns would have left."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._count = 0
        self._open: sa.Connection | None = None

    def trade(
        self,
        text: str,
        *,
        at: datetime,
        fee: str | None = None,
        instrument_id: str = "BTC-USDT",
        strategy_id: str | None = None,
        liquidity: str | None = "taker",
        order_id: str | None = None,
        position_side: str = "net",
    ) -> None:
        """text: "buy 0.5 @ 50000"; fee: "25 USDT"."""
        side, size, _, price = text.split()
        self._count += 1
        key = {
            "account": ACCOUNT,
            "instrument_id": instrument_id,
            "trade_id": str(self._count),
            "exchange_order_id": f"v{self._count}",
        }
        recorded = to_ns(at) + NS_PER_SECOND
        self._insert(
            Trade,
            **key,
            order_id=order_id or f"o{self._count}",
            client_order_id=f"c{self._count}",
            side=side,
            position_side=position_side,
            price=D(price),
            size=D(size),
            liquidity=liquidity,
            category="normal",
            strategy_id=strategy_id,
            parent_id=None,
            traded_ns=to_ns(at),
            recorded_ns=recorded,
        )
        if fee is not None:
            amount, currency = fee.split()
            self._insert(FeePayment, **key, currency=currency, amount=D(amount), recorded_ns=recorded)

    def day(self, day: datetime, equity: str, at: datetime | None = None, parts: DayParts | None = None) -> None:
        self._insert(
            EquityDay,
            account=ACCOUNT,
            day=day.date().isoformat(),
            equity=D(equity),
            currency="USDT",
            at_ns=to_ns(at or day),
            parts=None if parts is None else encode(parts),
        )

    def moved(
        self,
        amount: str,
        kind: str,
        at: datetime,
        currency: str = "USDT",
        price: str | None = None,
        *,
        instrument_id: str | None = None,
        bill_id: str | None = None,
    ) -> None:
        self._count += 1
        self._insert(
            CashMovement,
            account=ACCOUNT,
            movement=self._count,
            currency=currency,
            amount=D(amount),
            kind=kind,
            instrument_id=instrument_id,
            bill_id=bill_id,
            price=None if price is None else D(price),
            note="",
            at_ns=to_ns(at),
        )

    def ordered(self, *names: str) -> None:
        """They are strategies that have ordered."""
        columns = Base.metadata.tables["orders"].columns
        blank = {one.name: "" if str(one.type) == "TEXT" else 0 for one in columns if not one.nullable}
        needed = blank | {one.name: D(1) for one in columns if isinstance(one.type, Money) and not one.nullable}
        for name in names:
            row = {**needed, "account": ACCOUNT, "order_id": name, "client_order_id": name, "strategy_id": name}
            self._insert(Order, **row)

    def put_fold(self, made: MadeFold) -> None:
        """A stretch, and that everything is folded until its end."""
        with self.database.writer_engine.begin() as connection:
            connection.execute(sa.insert(PerformanceFold), [made.fold])
            if made.parts:
                connection.execute(sa.insert(PerformancePart), list(made.parts))
            connection.execute(sa.delete(Watermark).where(Watermark.stream == FOLDED))
            connection.execute(
                sa.insert(Watermark), [{"account": ACCOUNT, "stream": FOLDED, "at_ns": made.fold["until_ns"]}]
            )

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is written within is one commit."""
        with self.database.writer_engine.begin() as self._open:
            try:
                yield
            finally:
                self._open = None

    def _insert(self, table: type[Base], **values: Any) -> None:
        if self._open is not None:
            self._open.execute(sa.insert(table), [values])
            return
        with self.at_once():
            self._insert(table, **values)


def recorder(history: History, now: datetime = DAY_ONE + timedelta(days=30), **options: Any) -> TradeRecorder:
    ledger = Ledger(ACCOUNT, FixedClock(now))  # pyright: ignore[reportArgumentType]
    ledger.instruments = {instrument.instrument_id: instrument for instrument in INSTRUMENTS}
    return TradeRecorder(ledger, history.database, **options)


def days(count: float) -> datetime:
    return DAY_ONE + timedelta(days=count)


def fold(history: History, now: datetime, *, most: int = 10_000) -> int:
    """Put what is there by `now` in brief, as the system does beside the orders; how many stretches were made."""
    reader = recorder(history, now)
    ledger = reader._ledger  # pyright: ignore[reportPrivateUsage]
    maker = FoldMaker(ledger, history.database, Prices(ledger, MarketData(ledger.clock)))
    for made in range(most):
        sound = sound_folds(ledger, history.database, "USDT")
        folded = sound[-1]["until_ns"] if sound else 0
        stretch = maker.next(folded, to_ns(now))
        if stretch is None:
            return made
        history.put_fold(stretch)
    return most
