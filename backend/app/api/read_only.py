"""A runtime out of the database alone, for a process of its own that serves heavy readers and changes nothing.

What it shows is at most a second older than the last commit. It has no market: unrealised profit and equity need
prices and are not known here.
"""

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import Event
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import MAX_FRACTION_DIGITS
from app.domain.routes import DEFAULT_CURRENCY
from app.journal.journal import Journal
from app.market_data.feeds import MarketData
from app.observability.metrics import Metrics
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.key_book import KeyBook
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import NotReady, ParentNotFound
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.conditions import shown
from app.services.trading.execution_strategies.views import ParentFigures
from app.services.trading.holdings.prices import Prices
from app.services.trading.holdings.valuation import account_of
from app.services.trading.order_manager import OrderManager, response
from app.services.trading.parents.figures import figures
from app.services.trading.parents.records import record_from_rows, response_from_row
from app.services.trading.parents.starting import RUNNING_MAX
from app.services.trading.position_manager import PositionManager
from app.services.trading.running.status import account_status
from app.services.trading.schemas import Account, OrderResponse, ParentResponse
from app.services.trading.trade_recorder import TradeRecorder
from app.services.trading.venue.differences import Differences
from app.services.trading.venue.leverages import Leverage
from app.services.trading.venue.listings import InstrumentTerms, terms_of
from app.services.trading.venue.volume_curves import VolumeCurve
from app.store import queries
from app.store.database import Database

FRESH_SECONDS = 1
LOOK_SECONDS = 0.1
"""How often a follower of the journal looks for what is new."""
REASON = "this server only reads"


@dataclass(frozen=True, slots=True)
class _Parts:
    ledger: Ledger
    orders: OrderManager
    positions: PositionManager
    recorder: TradeRecorder
    prices: Prices
    loaded_ns: int


class StoredAccount:
    """What stands for the executor: the account as the database has it."""

    def __init__(self, runtime: "StoredRuntime") -> None:
        self._runtime = runtime

    async def account(self) -> Account:
        return account_of(self._runtime.ledger, self._runtime.prices)


class StoredSignals:
    """What stands for the ways in of signals, which a running system alone has."""

    async def preview(self, *_: object) -> None:
        raise NotReady([REASON])

    @property
    def hooks(self) -> None:
        raise NotReady([REASON])


class StoredAlerts:
    """What stands for the watch of alerts, which runs in a running system alone."""

    async def acknowledge(self, *_: object) -> None:
        raise NotReady([REASON])


class StoredStrategies:
    """What stands for strategies of one's own, which run in a running system alone."""

    def views(self) -> None:
        raise NotReady([REASON])

    def view(self, _name: str) -> None:
        raise NotReady([REASON])


class StoredLeverages:
    """What stands for the leverages, which only the exchange knows."""

    async def get_leverage(self, *_: object) -> list[Leverage]:
        raise NotReady([REASON])


class StoredAsked:
    """What stands for what the exchange is asked: the instruments that are known, and none of its terms."""

    def __init__(self, runtime: "StoredRuntime") -> None:
        self.listings = self
        self._runtime = runtime

    def all(self, contains: str = "") -> list[InstrumentTerms]:
        listed = sorted(self._runtime.ledger.instruments.items())
        return [terms_of(item) for name, item in listed if contains in name]

    async def one(self, instrument_id: str) -> InstrumentTerms:
        return terms_of(self._runtime.ledger.instrument(instrument_id))

    @property
    def books(self) -> None:
        raise NotReady([REASON])

    @property
    def trades(self) -> None:
        raise NotReady([REASON])

    @property
    def estimates(self) -> None:
        raise NotReady([REASON])

    @property
    def candles(self) -> None:
        raise NotReady([REASON])


class StoredRisk:
    """What stands for the risk checks, which a running system alone has."""

    @property
    def limits(self) -> None:
        raise NotReady([REASON])


class StoredVolumeCurves:
    """What stands for the volume curves: what was traded only the exchange knows."""

    async def learn(self, *_: object) -> VolumeCurve:
        raise NotReady([REASON])


class StoredParents:
    """Parent orders out of their rows."""

    def __init__(self, runtime: "StoredRuntime", account: str) -> None:
        self._runtime = runtime
        self._database = runtime.database
        self._account = account

    def get(self, parent_id: str) -> ParentResponse:
        return response_from_row(self._loaded(parent_id).row)

    def orders(self, parent_id: str) -> list[OrderResponse]:
        return [response(order) for order in self._loaded(parent_id).children]

    def history(self, *, open_only: bool = False, tag: str | None = None, limit: int = 100) -> list[ParentResponse]:
        rows = queries.parents(self._database, self._account, open_only=open_only, tag=tag, limit=limit)
        return [response_from_row(row) for row in rows]

    def held(self, instrument_id: str | None = None) -> list[OrderResponse]:
        """As ParentOrders.held."""
        found = self.history(open_only=True, limit=RUNNING_MAX)
        of_it = [each.parent for each in found if instrument_id in (None, each.parent.instrument_id)]
        waits = [each.parent_id for each in of_it if (known := STRATEGIES.get(each.strategy)) and known.conditional]
        return [shown(self.get(parent_id), ()) for parent_id in reversed(waits) if not self.orders(parent_id)]

    def figures(self, parent_id: str) -> ParentFigures:
        """How it stands, without a market. Raises NotReady for a strategy that only the running system has."""
        loaded = self._loaded(parent_id)
        named = STRATEGIES.get(loaded.row["strategy"])
        if named is None:
            raise NotReady([f"strategy {loaded.row['strategy']!r} is not known here"])
        record = record_from_rows(loaded, named(None, json.loads(loaded.row["config"])))
        parent, strategy = record.parent, record.strategy
        progress = record.progress(self._runtime.ledger.instrument(parent.instrument_id))
        return figures(parent, progress, strategy, None, parent.frozen_ns or self._runtime.clock.now_ns())

    def _loaded(self, parent_id: str) -> queries.OpenParent:
        found = queries.parent(self._database, self._account, parent_id)
        if found is None:
            raise ParentNotFound(parent_id)
        return found


class StoredRuntime:
    """Reads of one account. instruments: by id, where they are known; spot is otherwise told by its name."""

    def __init__(
        self,
        database: Database,
        account: str,
        clock: Clock,
        instruments: Mapping[str, Instrument] | None = None,
        environment: str = "simulated",
    ) -> None:
        self.clock = clock
        self.database = database
        self.market = MarketData(clock)
        self.executor: Any = StoredAccount(self)
        self.signals: Any = StoredSignals()
        self.alerts: Any = StoredSignals()
        self.alert_watch: Any = StoredAlerts()
        self.strategies: Any = StoredStrategies()
        self.leverages: Any = StoredLeverages()
        self.asked: Any = StoredAsked(self)
        self.risk: Any = StoredRisk()
        self.volume_curves: Any = StoredVolumeCurves()
        self.parents: Any = StoredParents(self, account)
        self.fault_knobs = None
        self._account = account
        self._journal = Journal(database, account)
        self._instruments = dict(instruments or {})
        self._lock = threading.Lock()
        self._parts: _Parts | None = None
        self._started_ns = clock.now_ns()
        self.keys = KeyBook(clock, environment)
        self.access_keys = None
        self._keys_read_ns: int | None = None

    @property
    def ledger(self) -> Ledger:
        return self._fresh().ledger

    @property
    def orders(self) -> OrderManager:
        return self._fresh().orders

    @property
    def positions(self) -> PositionManager:
        return self._fresh().positions

    @property
    def recorder(self) -> TradeRecorder:
        return self._fresh().recorder

    @property
    def prices(self) -> Prices:
        return self._fresh().prices

    @property
    def differences(self) -> Differences:
        """Known to a running system alone. Raises NotReady."""
        raise NotReady([REASON])

    def refresh_keys(self) -> None:
        """Read the named keys again when they were read a second ago. Raises StoreError."""
        now_ns = self.clock.monotonic_ns()
        if self._keys_read_ns is None or now_ns - self._keys_read_ns > FRESH_SECONDS * NS_PER_SECOND:
            self.keys.load(queries.api_keys(self.database, self._account))
            self._keys_read_ns = now_ns

    @property
    def ready(self) -> bool:
        return False

    @property
    def not_ready_reasons(self) -> list[str]:
        return [REASON]

    def status(self) -> dict[str, Any]:
        """What the database says of the account, in the members that a running system's status has too."""
        found = queries.lease(self.database, self._account)
        lease = {"epoch": found["epoch"] if found else None, "owner": found["owner"] if found else None}
        reasons = self.not_ready_reasons
        return account_status(self.ledger, phase="read-only", reasons=reasons, lease=lease, started_ns=self._started_ns)

    def events_after(self, seq: int, limit: int) -> list[Event]:
        return self._journal.read_after(seq, limit)

    async def journal_after(self, seq: int) -> AsyncGenerator[Event]:
        while True:
            page = await asyncio.to_thread(self._journal.read_after, seq)
            for event in page:
                yield event
                seq = event.seq
            if not page:
                await self.clock.sleep(LOOK_SECONDS)

    async def follow(self, instrument_id: str) -> None:
        """The market is known to a running system alone. Raises NotReady."""
        raise NotReady([REASON])

    def metrics_text(self, accept: str) -> tuple[bytes, str]:
        metrics = Metrics()
        metrics.kill_switch(self.ledger.kill_switch.engaged)
        return metrics.answer(accept)

    def _fresh(self) -> _Parts:
        with self._lock:
            parts = self._parts
            if parts is None or self.clock.now_ns() - parts.loaded_ns > FRESH_SECONDS * NS_PER_SECOND:
                parts = self._parts = self._load()
            return parts

    def _load(self) -> _Parts:
        now_ns = self.clock.now_ns()
        state = queries.load_account(self.database, self._account)
        catalogue = Catalogue(self.clock, _Instruments(self._instruments))
        currency = state.equity_days[0]["currency"] if state.equity_days else DEFAULT_CURRENCY
        prices = Prices(catalogue, self.market, currency)
        ledger = Ledger(self._account, self.clock, catalogue, prices)
        ledger.load(state)
        for key, marks in state.marks.items():
            if marks.mark_price is not None:
                prices.remember(key.instrument_id, marks.mark_price)
        return _Parts(
            ledger,
            OrderManager(ledger, self.database, held=self.parents.held),
            PositionManager(ledger, self.database, self.market, prices),
            TradeRecorder(ledger, self.database, prices),
            prices,
            now_ns,
        )


_STEP = Decimal(1).scaleb(-MAX_FRACTION_DIGITS)
"""Lot and tick of an instrument whose real ones are not known: every amount is a multiple of it."""


class _Instruments(dict[str, Instrument]):
    """Known instruments; one of the form BASE-QUOTE that is not among them is spot, of unknown lot and tick."""

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self or key.count("-") == 1 else default  # house: spelling - as the class says

    def __missing__(self, key: str) -> Instrument:
        base, _, quote = key.partition("-")  # house: spelling - as the class says
        return Instrument(key, InstrumentKind.SPOT, base, quote, quote, _STEP, _STEP, _STEP)
