"""The parts of one account, made and wired: the only place that knows every one."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

import structlog

from app.chosen_exchange import make_exchange, make_fault_knobs
from app.chosen_times import alert_times, gate_limits, periods
from app.clock import Clock, CorrectedClock, SystemClock
from app.domain.routes import DEFAULT_CURRENCY
from app.exchanges.conditional import ConditionalVenue
from app.exchanges.port import DeadMansSwitch, Exchange
from app.journal.journal import Journal
from app.market_data.feeds import MarketData
from app.notifications.chosen import make_notifier
from app.observability.redaction import register_secret
from app.services.alerts.acting import Acting
from app.services.alerts.making import AlertWatch, make_watch
from app.services.signals.inlets import Inlets, SignalIntake, Sizing
from app.services.strategies.hosted import HostedStrategies
from app.services.strategies.process import HostProcess, StartHost
from app.services.tracing.tracer import make_tracer
from app.services.trading.account.access_keys import AccessKeys, key_charges, key_worth
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.idempotency import IdempotentRequests
from app.services.trading.account.ids import OrderIds
from app.services.trading.account.key_book import KeyBook
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.recall import KnownOrders
from app.services.trading.account.turn import SYSTEM
from app.services.trading.amending import Amending
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy
from app.services.trading.executor import TradeExecutor
from app.services.trading.holdings import valuation
from app.services.trading.holdings.prices import Prices
from app.services.trading.holdings.valuation_currency import currency_of
from app.services.trading.order_manager import OrderManager
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.parents.driver import OrderActs
from app.services.trading.parents.orders import ParentOrders
from app.services.trading.parents.outlook import Outlook
from app.services.trading.parents.wheels import Wheels
from app.services.trading.placing import Placing
from app.services.trading.position_manager import PositionManager
from app.services.trading.running.account_watch import AccountWatch
from app.services.trading.running.cost_capture import CostCapture
from app.services.trading.running.days import Days
from app.services.trading.running.decision_log import DecisionLog
from app.services.trading.running.lease_keeper import LeaseKeeper
from app.services.trading.running.past_folder import PastFolder
from app.services.trading.running.patience import Patience as StartPatience
from app.services.trading.running.position_marks import MarkKeeper
from app.services.trading.running.session import Session
from app.services.trading.running.status import RunningStatus
from app.services.trading.running.taking_up import TakingUp
from app.services.trading.running.upkeep import Upkeep
from app.services.trading.tasks import TaskGroup
from app.services.trading.trade_recorder import TradeRecorder
from app.services.trading.venue.asked import AskedOfVenue
from app.services.trading.venue.cancels import Cancels
from app.services.trading.venue.differences import Differences
from app.services.trading.venue.following import follow_if_new, follow_once
from app.services.trading.venue.listener import AccountListener
from app.services.trading.venue.price_watch import PriceWatch
from app.services.trading.venue.reconciler import Reconciler
from app.services.trading.venue.resolver import Patience, Resolver
from app.services.trading.venue.resyncs import Resyncs
from app.services.trading.venue.sending import Sender, expiry
from app.services.trading.venue.set_aside import SetAside
from app.services.trading.venue.valued_markets import ValuedMarkets
from app.settings import Settings, SettingsError
from app.settings.again import strategies_now
from app.store.database import Database
from app.store.disks import OpenDisk, own_process

log = structlog.get_logger("system")

Progress = Callable[[str], None]


class Parts:
    """One account, wired. Attributes are the parts that entry points use."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database | None = None,
        disk: OpenDisk = own_process,
        exchange: Exchange | None = None,
        clock: Clock | None = None,
        strategies: Mapping[str, type[ExecutionStrategy]] = STRATEGIES,
        progress: Progress | None = None,
        start_host: StartHost = HostProcess,
    ) -> None:
        """What is not given is what the settings name, the machine's clock, and a writer in a process of its own.

        System.stop() lets go of the database, also of one that was given; whoever shares one may go on using it.
        """
        self.settings, self.wall = settings, clock or SystemClock()
        self.progress = progress or (lambda text: log.info("start", step=text))
        self.database = database or Database(settings.database_url.get_secret_value())
        self.exchange = exchange or make_exchange(settings, self.wall)
        self.fault_knobs = make_fault_knobs(settings, self.exchange)
        # What the account lives by; the machine's own clock is for the lease, and to tell how far off it is.
        self.clock = CorrectedClock(self.wall, self.exchange.server_time_ns)
        self.tasks, self.sends = TaskGroup(), TaskGroup()
        self.ids = OrderIds(self.clock)
        self.journal = Journal(self.database, settings.account)
        self.market = MarketData(self.clock, settings.timing.book_age_max_seconds)
        self._make_ledger()
        self.set_aside = SetAside(self.ledger, self.clock)
        self.valued = ValuedMarkets(self.ledger, self.market, self.prices, self.exchange, self.clock, self.follow)
        self.asked = AskedOfVenue(self.ledger, self.market, self.exchange, self.clock)
        self.leverages, self.volume_curves = self.asked.leverages, self.asked.volume_curves
        limits, prepare = dict(settings.risk), partial(self.asked.prepare, self.valued)
        self.risk = ExecutionRiskControl(
            self.ledger, self.market, limits, terms=self.asked.terms, prices=self.prices, prepare=prepare
        )
        self.gate = self._make_gate()
        self.resyncs = Resyncs(self.gate)
        self.account_watch = AccountWatch(self.ledger, self.exchange, self.gate, settings.okx_expected_hedged)
        self._make_managers()
        self.idempotency = IdempotentRequests(self.ledger, self.database, settings.timing.stale_request_seconds)
        self.sender = Sender(self.ledger, self.exchange, self.resolver, self.gate, self.clock, self.orders.load)
        self._make_executor(strategies, start_host)
        self.days = Days(self.ledger, self.prices, self.clock)
        self.patience = StartPatience(self.wall, self.gate, self.progress)
        self.keeper, self.loaded = self._make_keeper(), asyncio.Event()
        self.session = self._make_session(disk)
        self.upkeep = self._make_upkeep()
        watching = (self.valued, self.leverages, self.account_watch, self.keys.use)
        for hear in (lambda group: self.journal.publish(group.events), *(each.on_commit for each in watching)):
            self.ledger.subscribe(hear)
        self.ledger.subscribe(DecisionLog().on_commit, tells=True)
        self._make_telling()
        self._status = self._make_status()
        self.alerts = self._make_alerts()

    async def follow(self, instrument_id: str) -> None:
        """Subscribe an instrument's book and trades. Raises ExchangeError; what is refused is kept in market.refused
        and asked for again now and then."""
        await follow_once(self.market, self.exchange.follow, instrument_id)

    def _make_ledger(self) -> None:
        """The account, what it is valued by, and the keys of those who ask."""
        settings = self.settings
        catalogue = Catalogue(self.clock)
        currency = settings.valuation_currency or DEFAULT_CURRENCY
        self.prices = Prices(catalogue, self.market, currency, settings.par_currencies)
        self.keys = KeyBook(self.clock, settings.environment, partial(key_worth, catalogue, self.prices))
        priced = (catalogue, self.prices, lambda: self._equity().equity)
        self.ledger = Ledger(settings.account, self.clock, *priced, self.keys)
        second = (settings.second_person, settings.timing.second_person_seconds)
        charges = partial(key_charges, self.database, settings.account, self.clock)
        self.access_keys = AccessKeys(self.ledger, self.clock, charges, second)

    def _make_gate(self) -> TradingGate:
        return TradingGate(self.ledger, self.wall, self.exchange.server_time_ns, gate_limits(self.settings.timing))

    def _make_keeper(self) -> LeaseKeeper:
        timing = self.settings.timing
        return LeaseKeeper(
            self.database,
            self.wall,
            self.ledger,
            self.gate,
            lease_seconds=timing.lease_seconds,
            renewal_seconds=timing.lease_renewal_seconds,
            skew_seconds=timing.lease_skew_seconds,
            progress=self.patience.wait,
        )

    def _make_managers(self) -> None:
        """The door; trades, positions, orders, and the resolver, reconciler and listener that keep them true."""
        timing = self.settings.timing
        ledger, database, known = self.ledger, self.database, KnownOrders(self.ledger, self.database)
        self.tracker = OrderTracker(
            ledger, database, known, self.exchange, self.tasks, self.resyncs.lost, timing.fill_visible_seconds
        )
        door, theirs = self.tracker.on_order_update, self.exchange.positions
        equity = partial(valuation.equity, ledger, self.prices)
        self.recorder = TradeRecorder(ledger, database, self.prices, door=door, equity=equity)
        self.positions = PositionManager(ledger, database, self.market, self.prices, door=door, venue_positions=theirs)
        patience = Patience(timing.expiry_margin_seconds, timing.read_after_write_lag_seconds)
        self.resolver = Resolver(
            ledger, self.tracker, self.exchange, self.clock, patience, streams_up=lambda: self.gate.execution_up
        )
        self.differences = Differences(ledger, self.clock, database, self.positions, timing.convergence_seconds)
        parts = (ledger, self.tracker, self.positions, self.resolver)
        doubts = (self.set_aside, self.differences)
        self.reconciler = Reconciler(*parts, self.exchange, self.clock, database, *doubts, wall=self.wall)
        resync, held = self.reconciler.orders, lambda which: self.parents.held(which)  # noqa: PLW0108 - made later
        self.orders = OrderManager(ledger, database, door=door, resync=resync, held=held)
        hearing = (ledger, self.tracker, self.positions, self.market, self.leverages)
        self.listener = AccountListener(*hearing, self.gate, self.clock, self.resyncs, self.valued, self.set_aside)

    def _make_session(self, disk: OpenDisk) -> Session:
        priced = (self.prices, self.valued, self.leverages)
        wanted = (self.settings.valuation_currency, self.settings.par_currencies)
        taking_up = TakingUp(self.ledger, self.database, *priced, self.days, self.parents.resume_open)
        return Session(
            database=self.database,
            ledger=self.ledger,
            exchange=self.exchange,
            reconciler=self.reconciler,
            gate=self.gate,
            ids=self.ids,
            clock=self.wall,
            keeper=self.keeper,
            exchange_name=self.exchange.name,
            prices=self.prices,
            valued=self.valued,
            choose_currency=partial(currency_of, self.ledger, *wanted),
            idempotency=self.idempotency,
            door=self.tracker.on_order_update,
            after_load=taking_up.run,
            reread=self.parents.reread,
            set_aside=self.set_aside,
            disk=disk,
            patience=self.patience,
        )

    def _make_upkeep(self) -> Upkeep:
        return Upkeep(
            ledger=self.ledger,
            session=self.session,
            exchange=self.exchange,
            market=self.market,
            fees=self.asked.fees,
            valued=self.valued,
            leverages=self.leverages,
            keys=self.access_keys,
            account_watch=self.account_watch,
            marks=MarkKeeper(self.ledger, self.positions, self.clock),
            costs=CostCapture(self.ledger, self.market, self.database, self.exchange, self.clock, self.follow),
            past=PastFolder(self.ledger, self.database, self.prices, self.clock),
            gate=self.gate,
            reconciler=self.reconciler,
            differences=self.differences,
            resolver=self.resolver,
            sender=self.sender,
            resyncs=self.resyncs,
            days=self.days,
            clock=self.clock,
            periods=periods(self.settings.timing),
            dead_man=self._dead_man(),
        )

    def _dead_man(self) -> DeadMansSwitch | None:
        """The exchange's switch when it is to be armed. Raises SettingsError when the exchange has none."""
        if not self.settings.dead_man_armed:
            return None
        if not isinstance(self.exchange, DeadMansSwitch):
            raise SettingsError([f"TRADING_EXECUTOR_DEAD_MAN: exchange {self.exchange.name!r} has no such switch"])
        return self.exchange

    def _make_telling(self) -> None:
        """Who tells people, and who tells a collector, of what has happened."""
        settings, writes = self.settings, (self.journal, self.database, partial(self.ledger.turn, SYSTEM))
        told = (settings.notices, settings.channels, register_secret, writes)
        self.notifier = make_notifier(*told, self.clock, settings.environment)
        self.traces = make_tracer(settings.traces, register_secret, writes, self.clock, settings.environment)
        self.ledger.subscribe(self.traces.on_commit)

    def _make_status(self) -> RunningStatus:
        return RunningStatus(
            ledger=self.ledger,
            gate=self.gate,
            session=self.session,
            listener=self.listener,
            reconciler=self.reconciler,
            differences=self.differences,
            set_aside=self.set_aside,
            market=self.market,
            clock=self.clock,
            exchange=self.exchange.name,
            environment=self.settings.environment,
            started_ns=self.clock.now_ns(),
        )

    def _make_alerts(self) -> AlertWatch:
        times, folder = alert_times(self.settings.timing), self.settings.data_dir
        acting = Acting(self.ledger, self.executor, self.strategies, self.parents)
        return make_watch(
            self.settings.alerts, self._status, self.risk, self.asked.fees, times, folder, self.database, acting
        )

    def _make_executor(self, strategies: Mapping[str, type[ExecutionStrategy]], start_host: StartHost) -> None:
        """How orders are placed, amended and cancelled; the parents, who do so for others, and the front door."""
        ledger, risk, gate, orders, tasks = self.ledger, self.risk, self.gate, self.orders, self.sends
        follow = partial(follow_if_new, self.market, self.exchange.follow)
        cancels = Cancels(ledger, orders, self.tracker, self.sender, tasks)
        placing = Placing(
            ledger=ledger,
            risk=risk,
            orders=orders,
            sender=self.sender,
            gate=gate,
            ids=self.ids,
            idempotency=self.idempotency,
            tasks=tasks,
            follow=follow,
            expires_ns=self._expires_ns,
        )
        amending = Amending(
            ledger=ledger,
            risk=risk,
            orders=orders,
            tracker=self.tracker,
            sender=self.sender,
            gate=gate,
            ids=self.ids,
            tasks=tasks,
            expires_ns=self._expires_ns,
        )
        self.parents = ParentOrders(
            ledger,
            self.database,
            self.market,
            gate,
            self.follow,
            self.tasks,
            acts=OrderActs(placing, amending, cancels, isinstance(self.exchange, ConditionalVenue)),
            outlook=Outlook.of(risk, self.exchange, PriceWatch(self.market, self.exchange).follow),
            strategies=strategies,
            wheels=Wheels(self.settings.wheels),
        )
        self.executor = TradeExecutor(
            ledger=ledger,
            risk=risk,
            orders=orders,
            tracker=self.tracker,
            gate=gate,
            placing=placing,
            amending=amending,
            cancels=cancels,
            parents=self.parents,
            follow=follow,
        )
        sizing = Sizing(ledger, self.market, self.exchange.follow, self.valued.make_valued)
        intake = SignalIntake(self.database, self.executor, orders, risk, sizing)
        self.inlets = Inlets(intake, self.settings.hooks, self.settings.signal_sources, self.keys, self.clock)
        acts, seen = (intake, self.follow, self.parents.open_of), (ledger, self.database, self.market, self.clock)
        self.strategies = HostedStrategies(self.settings.strategies, *seen, *acts, start_host, strategies_now)

    def _equity(self) -> valuation.Valuation:
        return valuation.equity(self.ledger, self.prices)

    def _expires_ns(self) -> int:
        now_ns, left_ns, timing = self.exchange.server_time_ns(), self.gate.lease_left_ns(), self.settings.timing
        return expiry(now_ns, left_ns, timing.expiry_seconds, timing.lease_skew_seconds)
