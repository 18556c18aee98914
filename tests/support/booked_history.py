"""A history of random fills, fees, deposits and transfers with the books that they make, written as committed turns
would have left it: entries come of the functions of production, at prices that are drawn.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from app.clock import to_ns
from app.domain.events import EventKind
from app.domain.holding_changes import ITSELF, UNKNOWN, Rate, cash_change, fee_change, profit_change, trade_changes
from app.domain.holding_entries import change_of
from app.domain.holdings import Change, Entry, Holding, book_of
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import Fill, OrderSide, PositionSide
from app.journal.codec import encode
from app.market_data.feeds import MarketData
from app.models.holdings import HoldingBook, HoldingEntry
from app.models.trading import Base, ExecutionEvent, FeePayment, Trade
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.trade_recorder import TradeRecorder
from app.store import queries, rows
from app.store.database import Database
from tests.support.trade_history import ACCOUNT, DAY_ONE, FixedClock, History

D = Decimal


def spot(name: str, *, lot: str = "0.0001") -> Instrument:
    base, quote = name.split("-")
    return Instrument(name, InstrumentKind.SPOT, base, quote, quote, D("0.000000001"), D(lot), D(lot))


def swap(name: str, *, value: str = "0.01", inverse: bool = False) -> Instrument:
    base, quote, _ = name.split("-")
    settle = base if inverse else quote
    kind = InstrumentKind.SWAP
    return Instrument(name, kind, base, quote, settle, D("0.1"), D(1), D(1), D(value), inverse=inverse)


@dataclass(frozen=True)
class World:
    """costs: what the account is valued in. odds: how often a price is not known when it is needed; unsaid: a fee."""

    costs: str
    instruments: tuple[Instrument, ...]
    odds: float = 0.0
    unsaid: float = 0.1
    fee_coins: tuple[str, ...] = ("OKB",)


@dataclass
class Drawn:
    """What came of it: moments of fills, and the account to ask."""

    world: World
    database: Database
    history: History
    moments: list[datetime] = field(default_factory=list[datetime])
    held: dict[str, Holding] = field(default_factory=dict[str, Holding])
    prices: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    tables: dict[type[Base], list[dict[str, Any]]] = field(default_factory=dict[type[Base], list[dict[str, Any]]])
    entries: int = 0

    def ledger(self, now: datetime) -> Ledger:
        ledger = Ledger(ACCOUNT, FixedClock(now))  # pyright: ignore[reportArgumentType]
        ledger.instruments = {one.instrument_id: one for one in self.world.instruments}
        ledger.load(queries.load_account(self.database, ACCOUNT))
        return ledger

    def recorder(self, ledger: Ledger) -> TradeRecorder:
        return TradeRecorder(ledger, self.database, self.priced(ledger))

    def priced(self, ledger: Ledger) -> Prices:
        return Prices(ledger, MarketData(ledger.clock), self.world.costs)

    def book(self, changes: Iterable[Change | None]) -> None:
        for change in changes:
            if change is not None:
                entries = change_of(self.held, change, D("0.0001"))
                self._enter(entries)

    def _enter(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self.entries += 1
            self.put(HoldingEntry, rows.ENTRY.named(ACCOUNT, self.entries, 1, entry))

    def put(self, table: type[Base], row: Mapping[str, Any]) -> None:
        self.tables.setdefault(table, []).append(dict(row))

    def write(self) -> None:
        """All that was not yet, and what the books hold now."""
        books = [rows.BOOK.named(ACCOUNT, asset, *one) for asset, all in self.held.items() for one in all.books.items()]
        with self.database.writer_engine.begin() as connection:
            for table, found in self.tables.items():
                connection.execute(sa.insert(table), found)
            connection.execute(sa.delete(HoldingBook))
            connection.execute(sa.insert(HoldingBook), books)
        self.tables.clear()


@dataclass
class Fate:
    """Draws what happens."""

    drawn: Drawn
    dice: random.Random
    number: int = 0

    def begin(self) -> None:
        """The books, with coins of before."""
        event = {
            "account": ACCOUNT, "seq": 1, "at_ns": to_ns(DAY_ONE), "kind": EventKind.HOLDINGS_BEGUN.value,
            "principal": "system", "payload": encode({"currency": self.drawn.world.costs}), "hash": "",
        }  # fmt: skip
        self.drawn.put(ExecutionEvent, event)
        for asset in self._assets():
            if self.dice.random() < 0.5:
                self.cash(asset, "opening", DAY_ONE)

    def fills(self, count: int, *, spread_days: int, late: float = 0.05) -> None:
        """late: how many of them are booked long after their time."""
        at = DAY_ONE + timedelta(hours=self.dice.random() * 24)
        for _ in range(count):
            if self.dice.random() > 0.1:
                at += timedelta(seconds=self.dice.expovariate(count / (spread_days * 86_400)))
            behind = timedelta(hours=40 * self.dice.random()) if self.dice.random() < late else timedelta()
            self.fill(max(DAY_ONE, at - behind))
            if self.dice.random() < 0.1:
                asset = self.dice.choice(self._assets())
                self.cash(asset, self.dice.choice(("transfer", "interest", "unexplained")), at)
        self.drawn.moments.sort()

    def fill(self, at: datetime) -> None:
        self.number += 1
        instrument = self.dice.choice(self.drawn.world.instruments)
        strategy_id = self.dice.choice(("a", "b", None))
        leaves = strategy_id is None and self.dice.random() < 0.2
        lots = self.dice.choice((1, 1, 2, 3, 7)) * (1 if instrument.kind is InstrumentKind.SWAP else 1_000)
        fill = Fill(
            instrument.instrument_id,
            str(self.number),
            f"v{self.number}",
            OrderSide.SELL if leaves else self.dice.choice(tuple(OrderSide)),
            self._price(instrument),
            instrument.lot * lots,
            to_ns(at),
            *self._fee(instrument),
            position_side=PositionSide(self.dice.choice(("net", "net", "long", "short")))
            if instrument.kind is InstrumentKind.SWAP
            else PositionSide.NET,
        )
        self._trade(instrument, fill, strategy_id)
        book = book_of(strategy_id, exit=leaves)
        rates: dict[str, Rate] = {}
        self.drawn.book(trade_changes(instrument, fill, book, lambda name: self._rate(rates, name)))
        if instrument.kind is InstrumentKind.SWAP and self.dice.random() < 0.6:
            gain = D(self.dice.randrange(-900, 900)).scaleb(-3)
            self.drawn.book([profit_change(instrument, fill, gain, book, lambda name: self._rate(rates, name))])
        self.drawn.book([fee_change(instrument, fill, book, lambda name: self._rate(rates, name))])
        self.drawn.moments.append(at)

    def cash(self, asset: str, kind: str, at: datetime) -> None:
        amount = D(self.dice.randrange(-400 if kind != "opening" else 1, 900)).scaleb(-2)
        if amount:
            self.drawn.book([cash_change(asset, amount, kind, self._rate({}, asset), to_ns(at))])

    def _trade(self, instrument: Instrument, fill: Fill, strategy_id: str | None) -> None:
        key = {
            "account": ACCOUNT, "instrument_id": fill.instrument_id, "trade_id": fill.trade_id,
            "exchange_order_id": fill.venue_order_id,
        }  # fmt: skip
        booked = to_ns(DAY_ONE) + self.number
        row = {
            **key, "order_id": f"o{self.number}", "client_order_id": f"c{self.number}", "side": fill.side.value,
            "position_side": fill.position_side.value, "price": fill.price, "size": fill.size, "liquidity": "taker",
            "category": "normal", "strategy_id": strategy_id, "parent_id": None, "traded_ns": fill.time_ns,
            "recorded_ns": booked, "trade_mode": "cash" if instrument.kind is InstrumentKind.SPOT else "cross",
            "pnl": None,
        }  # fmt: skip
        self.drawn.put(Trade, row)
        if fill.fee is not None:
            self.drawn.put(
                FeePayment, {**key, "currency": fill.fee_currency, "amount": fill.fee, "recorded_ns": booked}
            )

    def _fee(self, instrument: Instrument) -> tuple[Decimal | None, str]:
        if self.dice.random() < self.drawn.world.unsaid:
            return None, ""
        own = (instrument.base, instrument.quote) if instrument.kind is InstrumentKind.SPOT else (instrument.settle,)
        currency = self.dice.choice((*own, *own, *self.drawn.world.fee_coins))
        return D(self.dice.choice((-2, 3, 5, 9))).scaleb(-6) * self.dice.randrange(1, 10**6), currency

    def _price(self, instrument: Instrument) -> Decimal:
        start = D("0.000000012") if instrument.base == "PEPE" else D(50_000)
        price = self.drawn.prices.get(instrument.instrument_id, start)
        price *= 1 + D(self.dice.randrange(-90, 90)).scaleb(-3)
        self.drawn.prices[instrument.instrument_id] = price = max(price.quantize(D("0.000000001")), D("0.000000001"))
        return price

    def _rate(self, known: dict[str, Rate], currency: str) -> Rate:
        if currency == self.drawn.world.costs:
            return ITSELF
        if currency not in known:
            price = D(self.dice.randrange(1, 10**9)).scaleb(-self.dice.choice((4, 6, 12)))
            known[currency] = UNKNOWN if self.dice.random() < self.drawn.world.odds else Rate(price, "fresh")
        return known[currency]

    def _assets(self) -> list[str]:
        listed = self.drawn.world.instruments
        found = {coin for one in listed for coin in (one.base, one.quote, one.settle)}
        return sorted(found - {self.drawn.world.costs})


def drawn_history(
    database: Database, world: World, dice: random.Random, count: int, *, spread_days: int, late: float = 0.05
) -> Drawn:
    found = Drawn(world, database, History(database))
    fate = Fate(found, dice)
    fate.begin()
    fate.fills(count, spread_days=spread_days, late=late)
    found.write()
    return found
