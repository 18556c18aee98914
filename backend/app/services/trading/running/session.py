"""Start is recovery: one path for the first start, a restart after a crash, and a database that failed meanwhile.

Lease, state from the database, instruments, writer, unanswered intents become UNKNOWN, streams, opening balances on
the very first start, the exchange's snapshot; then the gate opens.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import EventKind
from app.domain.order_changes import mark_unanswered
from app.domain.orders import Fill, Order, OrderReport, OrderStatus, Source
from app.exchanges.errors import ExchangeError
from app.exchanges.port import AccountConfig, Exchange, Listener, RowKind, unreadable_of
from app.services.trading.account.account_state import OPENING
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.idempotency import IdempotentRequests
from app.services.trading.account.ids import INSTALLATION_LENGTH, OrderIds, random_text
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.opening import recorded
from app.services.trading.account.turn import SYSTEM, Turn
from app.services.trading.holdings.prices import Prices
from app.services.trading.running.founding import Founding, Identity
from app.services.trading.running.holdings_history import read_history
from app.services.trading.running.lease_keeper import LeaseKeeper
from app.services.trading.running.patience import Patience
from app.services.trading.running.position_modes import name_modes
from app.services.trading.venue.reconciler import Reconciler
from app.services.trading.venue.set_aside import SetAside
from app.services.trading.venue.valued_markets import ValuedMarkets
from app.store import queries
from app.store.committer import Disk, GroupCommitter
from app.store.database import Database
from app.store.disks import OpenDisk
from app.store.errors import StoreError
from app.store.group import Group
from app.store.leases import Lease
from app.store.writer import GroupWriter, LeaseGone, RefusedByDatabase, without_right

REFUSALS_MAX = 8
"""How many reports that the database does not take a start sets aside before it gives up."""

log = structlog.get_logger("session")


class WrongAccount(StoreError):
    """The database was made for another exchange, environment or account."""


class Session:
    """Brings one account up, and up again. door: where the venue's reports are booked (tracker). after_load() takes up
    what else the database held: open parents; reread() makes of them in memory what their rows say. choose_currency:
    the valuation currency, for what the account holds."""

    def __init__(
        self,
        *,
        database: Database,
        ledger: Ledger,
        exchange: Exchange,
        reconciler: Reconciler,
        gate: TradingGate,
        ids: OrderIds,
        clock: Clock,
        keeper: LeaseKeeper,
        exchange_name: str,
        prices: Prices,
        valued: ValuedMarkets,
        choose_currency: Callable[[Iterable[str]], str],
        idempotency: IdempotentRequests,
        door: Callable[[OrderReport], Awaitable[Order | None]],
        after_load: Callable[[], Awaitable[None]],
        reread: Callable[[], None],
        set_aside: SetAside | None = None,
        disk: OpenDisk,
        patience: Patience,
    ) -> None:
        self._keeper = keeper
        self._database = database
        self._ledger = ledger
        self._exchange = exchange
        self._reconciler = reconciler
        self._gate = gate
        self._ids = ids
        self._clock = clock
        self._exchange_name = exchange_name
        self._prices = prices
        self._choose_currency = choose_currency
        self._idempotency = idempotency
        self._door = door
        self._after_load = after_load
        self._reread = reread
        self._set_aside = set_aside or SetAside(ledger, clock)
        self._recovering = False
        self._file: tuple[int, int] | None = None
        self._connected = False
        self._founding = Founding(ledger, exchange, prices, valued, choose_currency, door, clock)
        self._open_disk = disk
        self._patience = patience

    @property
    def lease(self) -> Lease | None:
        """The right to write that this process has, or last had."""
        return self._keeper.lease

    async def look(self) -> None:
        """The account as the database has it, to be read while there is no right to write."""
        account, now_ns = self._ledger.account, self._ledger.clock.now_ns()
        state = await asyncio.to_thread(queries.load_account, self._database, account, now_ns)
        if not self._ledger.has_writer:
            self._ledger.writer = without_right("the account is not open yet")
        self._ledger.load(state)

    async def open(self, listener: Listener, config: AccountConfig) -> None:
        """Everything up to READY; an exchange that does not answer is waited for. Raises StoreError (WrongAccount),
        ExchangeError."""
        ledger = self._ledger
        ledger.hedged = config.hedged
        asked_ns = self._clock.monotonic_ns()
        instruments = await self._patience.until_answered("reading the instruments", self._exchange.instruments)
        ledger.instruments = {each.instrument_id: each for each in instruments}
        state = await self._load_with_lease()
        identity = Identity(ledger.account, self._exchange_name, config.environment, config.uid)
        installation = self._check_identity(state, identity)
        valued_in: dict[str, object] = {}
        if state.account is not None:
            self._prices.currency = self._choose_currency(ledger.balances)
            valued_in["currency"] = self._prices.currency
            ledger.assets.foreign = ledger.assets.begun and ledger.assets.currency != self._prices.currency
        self._ids.use_installation(installation)
        recorded = state.account is None or await asyncio.to_thread(self._is_recorded)
        turn = ledger.turn(SYSTEM)
        if state.account is not None and not recorded:
            # Founded by a form that did not journal it: from here on the audit holds the row against this.
            turn.event(EventKind.ACCOUNT_RECORDED, {**state.account, "watermarks": dict(state.watermarks)})
        turn.event(EventKind.SESSION_STARTED, {**self._writing(), "uid": config.uid, **valued_in})
        self._mark_unanswered(turn)
        self._keep_killed(turn, state)
        durable: Awaitable[None] | None = turn.commit()
        self._set_aside.listed([RowKind.INSTRUMENT], unreadable_of(instruments), asked_ns)
        refusals = 0
        while True:
            try:
                await (self._reload() if durable is None else durable)
                await self._come_up(listener, identity, installation)
                return
            except RefusedByDatabase:
                refusals += 1
                if refusals > REFUSALS_MAX:
                    raise
            except LeaseGone as error:
                # The machine slept, or another had the account meanwhile: from the database again, and all is compared.
                self._patience.tell(f"{error}; asking for it again")
            durable = None

    async def _come_up(self, listener: Listener, identity: Identity, installation: str) -> None:
        """From a loaded account to READY; what was done before a reload is not done again."""
        ledger, ask = self._ledger, self._patience.until_answered
        await ask("reading the modes of positions", lambda: name_modes(ledger, self._database, self._exchange))
        prices, tell = self._prices, self._patience.tell
        await read_history(ledger, self._database, prices.currency, prices.par, tell)
        if not self._connected:
            await ask("connecting to the exchange", lambda: self._exchange.start(listener))
            self._connected = True
        if ledger.founding:
            await ask("reading what the account holds", lambda: self._founding.found(identity, installation))
            ledger.founding = False
        await ask("booking what had filled before", self._founding.take_older)
        await ask("comparing orders, fills and balances with the exchange", self._compare)
        self._gate.enter("running")
        await ask("taking up what was open", self._after_load)

    async def _compare(self) -> None:
        """reconcile(), telling how far it is: after a busy day it takes minutes."""
        await self._patience.telling(lambda: self._reconciler.doing, self.reconcile)

    @property
    def broken(self) -> bool:
        """Whether a failed commit has not been recovered from yet."""
        return self._recovering or self._ledger.writer_failed

    async def reopen(self) -> None:
        """After a failed commit: memory is dropped and rebuilt from what the database really has, then compared.

        Call it until `broken` is false: what was done before it raised (StoreError, ExchangeError) is not done again.
        """
        self._gate.lose_track()
        self._recovering = True
        if self._ledger.writer_failed:
            await self._reload()
        await self.reconcile()
        await self._after_load()
        self._recovering = False

    async def reconcile(self) -> None:
        """The exchange's snapshot through the door; then new orders may go. Raises ExchangeError, StoreError."""
        await self.read_instruments_again()
        breaks = self._gate.breaks
        await self._reconciler.run()
        self._gate.compared(breaks)

    async def read_instruments_again(self) -> None:
        """When some could not be read the last time; none is ever forgotten. Raises ExchangeError."""
        if self._set_aside.has(RowKind.INSTRUMENT):
            asked_ns = self._clock.monotonic_ns()
            instruments = await self._exchange.instruments()
            for instrument in instruments:
                if self._ledger.instruments.get(instrument.instrument_id) != instrument:
                    self._ledger.list_instrument(instrument)
            self._set_aside.listed([RowKind.INSTRUMENT], unreadable_of(instruments), asked_ns)

    async def close(self) -> None:
        """Commit what is left and let go of the lease. Raises StoreFailed when that could not be committed."""
        self._gate.enter("stopped")
        await self._exchange.stop()
        if self._ledger.has_writer:
            await self._ledger.writer.close()

    async def _reload(self) -> None:
        """Begin anew from the database. After a refusal the fills that were under way are booked one by one, so that
        the one at fault is known at once and no other waits for a comparison with the exchange."""
        suspects = await self._load_again(retried=False)
        reloads = 0
        while suspects:
            order, fill = suspects.pop(0)
            try:
                await self._door(_alone(order, fill))
            except RefusedByDatabase:
                reloads += 1
                if reloads > REFUSALS_MAX:
                    raise
                waiting = {one.key for _, one in suspects}
                suspects += [each for each in await self._load_again(retried=True) if each[1].key not in waiting]
            except ExchangeError as error:
                # Its order is not known here, and the exchange cannot be asked: the comparison will bring both.
                log.warning("fill.not_booked_again", trade_id=fill.trade_id, reason=str(error))

    async def _load_again(self, *, retried: bool) -> list[tuple[Order, Fill]]:
        """Drop memory and load what the database has; the fills that a refusal took along and that may be innocent."""
        ledger = self._ledger
        failed = ledger.writer.failed
        not_tried = ledger.writer.filling
        await ledger.writer.close()
        self._idempotency.forget()
        state = await self._load_with_lease()
        try:
            self._reread()  # before any await: nobody may build on what was never durable
        except StoreError:
            await ledger.writer.close()
            raise
        turn = ledger.turn(SYSTEM)
        turn.event(EventKind.SESSION_STARTED, {**self._writing(), "after": "failure"})
        self._mark_unanswered(turn)
        self._keep_killed(turn, state)
        suspects: list[tuple[Order, Fill]] = []
        if isinstance(failed, RefusedByDatabase):
            suspects = self._refuse(turn, failed, retried)
            suspects += [(order, fill) for order, fill, _ in not_tried.fills]
        await turn.commit()
        return suspects

    async def forget_old_requests(self) -> None:
        """Raises StoreError."""
        await self._idempotency.forget_old()

    def _keep_killed(self, turn: Turn, state: queries.LoadedState) -> None:
        """A kill switch that was engaged while nothing could be written; who did that was not told that it holds."""
        switch = self._ledger.kill_switch
        if switch.engaged and not state.kill_switch.engaged:
            turn.set_kill_switch(True, switch.reason)

    def _refuse(self, turn: Turn, failed: RefusedByDatabase, retried: bool) -> list[tuple[Order, Fill]]:
        """What cannot be written stops trading, not the system. A fill that was alone is set aside from now on; of
        several, or beside other turns, none is: they are given back to be tried one by one."""
        fills = [(order, fill) for order, fill, _ in failed.group.fills]
        turn.anomaly("refused_by_database", {"reason": str(failed)})
        if not turn.killed.engaged:
            turn.set_kill_switch(True, str(failed))
        if len(fills) == 1 and (retried or failed.group.turns == 1):
            self._ledger.refused.add(fills[0][1].key)
            return []
        return fills

    async def _load_with_lease(self) -> queries.LoadedState:
        disk = await self._disk()
        try:
            lease = await self._acquire()
            state = await asyncio.to_thread(
                queries.load_account, self._database, self._ledger.account, self._ledger.clock.now_ns()
            )
            opening = await recorded(self._database, self._ledger.account, state.watermarks.get(OPENING, 0))
        except BaseException:
            closing = disk.close([])
            if closing is not None:
                await closing
            raise
        # From here nothing awaits: what is decided meanwhile could not be written.
        committer = GroupCommitter(disk, self._database, self._clock, lease, self._keeper.sql, state.hash, state.seq)

        def on_commit(group: Group) -> None:
            self._gate.renewed_ns = committer.renewed_ns
            self._ledger.committed(group)

        writer = GroupWriter(committer, on_commit=on_commit, told=self._ledger.told, overlaps=disk.overlaps)
        self._ledger.begin(state, opening, lease.epoch, writer)
        self._keeper.loading = False
        return state

    async def _acquire(self) -> Lease:
        return await self._keeper.take(self._follow)

    async def _follow(self) -> None:
        """What another owner has committed since."""
        lease = await asyncio.to_thread(queries.lease, self._database, self._ledger.account)
        if lease is not None and lease["seq"] != self._ledger.seq:
            await self.look()

    async def _disk(self) -> Disk:
        """Opened before the lease is taken, which is for seconds."""
        if self._file is not None and (moved := self.database_moved()):
            raise StoreError(moved)  # opening would make an empty one
        disk = await self._open_disk(self._database)
        self._file = self._database.file_identity()
        return disk

    def database_moved(self) -> str:
        """Why what is written goes into a file that nobody will find again; "" when all is well."""
        now = self._database.file_identity()
        if now == self._file:
            return ""
        what = "is gone" if now is None else "is another one than this process has open"
        return f"the file of {self._database.describe()} {what}: put it back, or stop this process and start it again"

    def _is_recorded(self) -> bool:
        kind = EventKind.ACCOUNT_RECORDED.value
        return bool(queries.events(self._database, self._ledger.account, kind=kind, limit=1))

    def _writing(self) -> dict[str, object]:
        """Who writes from here on, as the journal has it."""
        lease = self.lease
        return {"owner": lease.owner, "epoch": lease.epoch} if lease is not None else {"owner": ""}

    def _check_identity(self, state: queries.LoadedState, identity: Identity) -> str:
        """The installation's name; a new one for a new database. Raises WrongAccount."""
        row = state.account
        if row is None:
            return random_text(self._clock, INSTALLATION_LENGTH)
        for field in ("exchange", "environment", "uid"):
            was, now = row[field], getattr(identity, field)
            if was != now:
                raise WrongAccount(
                    f"database {self._database.describe()} belongs to {field}={was}, the exchange says {field}={now}; "
                    "use another DATABASE_URL or data directory for another account"
                )
        return row["installation"]

    def _mark_unanswered(self, turn: Turn) -> None:
        """A committed intent without an outcome may or may not be at the exchange; it is never sent again. In the first
        turn after loading: before it no report may find such an order."""
        for order in self._ledger.open_orders():
            if order.status in (OrderStatus.PENDING, OrderStatus.SENT):
                self._unanswered(turn, order)

    def _unanswered(self, turn: Turn, order: Order) -> None:
        turn.put(mark_unanswered(order, None, turn.now_ns))
        payload = {
            "outcome": "unknown",
            "venue_order_id": "",
            "code": "restart",
            "message": "the process ended before the answer",
            "sent_ns": None,
        }
        turn.event(EventKind.ORDER_UNKNOWN, payload, order_id=order.order_id, parent_id=order.request.parent_id)


def _alone(order: Order, fill: Fill) -> OrderReport:
    """A fill as the exchange's list of fills tells it."""
    return OrderReport(
        instrument_id=fill.instrument_id,
        source=Source.AUDIT,
        client_order_id="" if order.request.external else order.request.client_order_id,
        venue_order_id=fill.venue_order_id,
        fill=fill,
    )


def day_of(ns: int) -> str:
    """The UTC day of an instant, "2026-11-22"."""
    return datetime.fromtimestamp(ns // NS_PER_SECOND, UTC).date().isoformat()
