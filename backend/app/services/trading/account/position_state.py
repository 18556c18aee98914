"""What the ledger knows of what is held: positions and the strategies' books, each by instrument, side and mode, and
assets with theirs."""

from decimal import Decimal
from typing import Protocol

from app.domain.instruments import Instrument
from app.domain.money import ZERO
from app.domain.orders import Fill, Order, PositionKey, TradeMode
from app.domain.positions import PositionFold, PositionMarks, key_of, opened
from app.domain.refusals import InvalidValue
from app.domain.routes import Value
from app.services.trading.account.asset_books import AssetBooks, unpriced
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.folding import Folding
from app.store.group import StrategyKey
from app.store.queries import LoadedState, ModelessKey


class Worth(Protocol):
    """What currencies are worth now (holdings.prices)."""

    def value(self, currency: str, to: str = "") -> Value: ...

    def price(self, currency: str) -> Decimal | None: ...


class PositionState:
    """The part of Ledger that is about positions, balances and holdings; only turns change it.

    modeless, modeless_sizes: positions and books of before modes told them apart, until a start has named theirs
    (running/position_modes.py); modes: as named. hedged: the account keeps long and short apart, by the exchange.
    marks: as they were last written. folding: of past trades.
    """

    def __init__(self, catalogue: Catalogue, prices: Worth | None) -> None:
        self.hedged = False
        self.catalogue = catalogue
        self.folds: dict[PositionKey, PositionFold] = {}
        self.marks: dict[PositionKey, PositionMarks] = {}
        self.strategy_sizes: dict[StrategyKey, Decimal] = {}
        self.modeless: dict[ModelessKey, PositionFold] = {}
        self.modeless_sizes: dict[tuple[str, ModelessKey], Decimal] = {}
        self.modes: dict[ModelessKey, TradeMode] = {}
        self.folding = Folding()
        self.assets = AssetBooks(value_of=prices.value if prices is not None else unpriced)
        self._prices = prices
        self.balances: dict[str, Decimal] = {}
        self.venue_balances: dict[str, Decimal] = {}

    @property
    def instruments(self) -> dict[str, Instrument]:
        """What the exchange lists, by id."""
        return self.catalogue.instruments

    @instruments.setter
    def instruments(self, listed: dict[str, Instrument]) -> None:
        self.catalogue.instruments = listed

    @property
    def catalogue_changes(self) -> int:
        return self.catalogue.catalogue_changes

    def price_of(self, currency: str) -> Decimal | None:
        """The present price of one unit in the valuation currency."""
        return self._prices.price(currency) if self._prices is not None else None

    def instrument(self, instrument_id: str) -> Instrument:
        """Raises InvalidValue for an instrument that the venue does not list."""
        found = self.instruments.get(instrument_id)
        if found is None:
            raise InvalidValue("instrument_id", instrument_id, "is not an instrument of this exchange")
        return found

    def fold(self, key: PositionKey) -> PositionFold:
        found = self.folds.get(key)
        return found if found is not None else opened(key)

    def folds_of(self, instrument_id: str) -> list[PositionFold]:
        """The positions in one instrument, in the order of sides and modes; spot has one."""
        return [fold for key, fold in sorted(self.folds.items()) if key.instrument_id == instrument_id]

    def strategy_size(self, strategy_id: str, key: PositionKey) -> Decimal:
        """What a strategy holds by its own fills (signed, fees in base taken off), less what others closed of it where
        it is a contract."""
        return self.strategy_sizes.get((strategy_id, key), ZERO)

    def key_of(self, order: Order, fill: Fill) -> PositionKey:
        """The position that a fill of the order moves; one of before modes were kept has that which a start named."""
        named = self.modes.get((fill.instrument_id, fill.position_side))
        return key_of(self.instrument(fill.instrument_id), fill, named or order.request.trade_mode)

    def holding(self, asset: str) -> Decimal:
        """How much of an asset is held, whichever way it came."""
        if asset == self.assets.currency:
            return self.balances.get(asset, ZERO)
        return self.assets.of(asset).quantity

    def load_positions(self, state: LoadedState) -> None:
        """Begin from what the database has."""
        self.folding = Folding()
        self.folds = dict(state.positions)
        self.marks = dict(state.marks)
        self.strategy_sizes = dict(state.strategy_sizes)
        self.modeless = dict(state.modeless)
        self.modeless_sizes = dict(state.modeless_sizes)
        self.modes = dict(state.modes)
        self.balances = dict(state.balances)
        self.venue_balances = dict(state.venue_balances)
        self.assets.load(
            state.books, state.cost_currency, begun=state.books_begun or not state.account, next_entry=state.next_entry
        )
        self.assets.learn_lots(self.instruments.values())
