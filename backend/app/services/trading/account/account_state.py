"""One account in memory: all that is known of it. Reading is free; only turns change it (turn.py)."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from app.clock import Clock
from app.domain.exposure import OpenExposure
from app.domain.instruments import Instrument
from app.domain.kill_switch import KillSwitch
from app.domain.orders import FillKey, Order
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.closures import Closures
from app.services.trading.account.day_figures import DayFigures, EquityOfDay
from app.services.trading.account.key_book import KeyBook
from app.services.trading.account.opening import Opening
from app.services.trading.account.order_memory import OrderMemory, ReadNumbers
from app.services.trading.account.position_state import PositionState, Worth
from app.services.trading.account.refused_lines import RefusedLines
from app.store.queries import LoadedState
from app.store.writer import GroupWriter

OPENING = "opening"
"""The watermark of the first start: what filled before is in the opening balances and positions."""


class AccountState(PositionState):
    """Open orders, positions, balances, exposure, kill switch, journal head.

    prices, equity: what a turn values by; without them nothing has a price. keys: who may ask for what. opening: what
    the first record holds; founding: until it is made. refused: fills that the database does not take. switched_ns:
    when the kill switch was last used in this process.
    """

    writer: GroupWriter

    def __init__(
        self,
        account: str,
        clock: Clock,
        catalogue: Catalogue | None,
        prices: Worth | None,
        equity: Callable[[], Decimal | None],
        keys: KeyBook | None,
    ) -> None:
        super().__init__(catalogue or Catalogue(clock), prices)
        self._equity = equity
        self.account = account
        self.clock = clock
        self.keys = keys or KeyBook(clock)

        self.seq = 0
        self.next_movement = 1
        self.watermarks: dict[str, int] = {}
        self.reads = ReadNumbers()
        self._memory = OrderMemory()

        self.opening = Opening()
        self.founding = False
        self.day = DayFigures()
        self.equity_of_day: EquityOfDay | None = None

        self.kill_switch = KillSwitch()
        self.switched_ns = 0
        self.closures = Closures()
        self.refused = set[FillKey]()
        self.refused_lines = RefusedLines(clock)

    def list_instrument(self, instrument: Instrument) -> None:
        """The exchange lists an instrument, or lists it differently."""
        if self.catalogue.put(instrument):
            self._memory.learn(instrument)

    @property
    def orders(self) -> dict[str, Order]:
        """The orders in memory by our order id; only turns change them."""
        return self._memory.orders

    @property
    def exposure(self) -> OpenExposure:
        """What the open orders may still do."""
        return self._memory.exposure

    def find(self, *, client_order_id: str = "", venue_order_id: str = "") -> Order | None:
        """The order in memory with one of these ids."""
        return self._memory.find(client_order_id, venue_order_id)

    def id_taken(self, client_order_id: str) -> bool:
        """Whether an order in memory has this client order id."""
        return self._memory.id_taken(client_order_id)

    def open_orders(self) -> list[Order]:
        """Orders that are not settled, oldest first."""
        return self._memory.open()

    @property
    def open_count(self) -> int:
        return self._memory.open_count

    @property
    def has_writer(self) -> bool:
        return hasattr(self, "writer")

    @property
    def writer_failed(self) -> bool:
        """Whether the database stopped taking turns."""
        return self.has_writer and self.writer.failed is not None

    def equity_now(self) -> Decimal | None:
        """What the account is worth, in the valuation currency."""
        return self._equity()

    def load(self, state: LoadedState) -> None:
        """Forget everything and begin from what the database has. `instruments` must be known before.

        A kill switch that is engaged stays so: the database may have failed before it was told.
        """
        self.seq = state.seq
        self.load_positions(state)
        if state.kill_switch.engaged or not self.kill_switch.engaged:
            self.kill_switch = state.kill_switch
        newest = state.equity_days[0] if state.equity_days else None
        self.equity_of_day = EquityOfDay.of(newest) if newest else None
        parts = self.equity_of_day.parts if self.equity_of_day else None
        self.day.load(state.day_movements, parts, day_open=newest is not None)
        self.next_movement = state.next_movement
        self.watermarks = dict(state.watermarks)
        self._memory.clear()
        self.adopt_loaded(state.open_orders.values())
        self.keys.load(state.keys, state.charges)

    def adopt_loaded(self, orders: Iterable[Order]) -> None:
        """Bring orders read from the database into memory, unless a newer state is there already."""
        for order in orders:
            if order.order_id not in self.orders:
                self.install(order)

    def note_sent(self, order_id: str) -> None:
        """Its bytes are with the transport. Known in memory only: a crash makes every unanswered intent unknown."""
        self._memory.note_sent(order_id)

    def install(self, order: Order) -> None:
        """For turns alone: an order's new state."""
        self._memory.install(order, self.instruments.get(order.request.instrument_id))
