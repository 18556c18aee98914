"""What a turn books: fills, fees, positions, balances and what strategies hold. Part of the turn (turn.py).

Reads through to what the ledger knows of positions and balances; nothing is true there before remember().
"""

from collections.abc import Mapping
from decimal import Decimal

from app.domain.cash import cash_legs, fee_from_holding, fee_leg, holding_change, profit_leg
from app.domain.holdings import UNATTRIBUTED, book_of
from app.domain.instruments import InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import Fill, FillKey, Order, PositionKey, TradeMode
from app.domain.position_books import closed_of_others, only_reduces
from app.domain.positions import PositionFold, fold_in, with_fee
from app.models.columns import Values
from app.services.trading.account.asset_books import StagedBooks
from app.services.trading.account.position_state import PositionState
from app.store.group import Group, StrategyKey
from app.store.queries import ModelessKey


class Bookings:
    """One turn's changes of positions and balances. assets: those of the holdings. fills: the new ones, each with its
    order and when it was booked. cost_rows: of tca_windows and tca_fills, which no event tells."""

    __slots__ = (
        "_balances",
        "_fees",
        "_folds",
        "_modes",
        "_now_ns",
        "_prepared",
        "_shares",
        "_state",
        "_strategy_sizes",
        "_venue_balances",
        "assets",
        "cost_rows",
        "fills",
    )

    def __init__(self, state: PositionState, now_ns: int) -> None:
        self._state = state
        self._now_ns = now_ns
        self.fills: list[tuple[Order, Fill, int]] = []
        self._fees: list[tuple[Fill, int]] = []
        self._folds: dict[PositionKey, PositionFold] = {}
        self._balances: dict[str, Decimal] = {}
        self._venue_balances: dict[str, Decimal] = {}
        self._strategy_sizes: dict[StrategyKey, Decimal] = {}
        self._shares: dict[PositionKey, dict[str, Decimal]] = {}
        self._prepared: dict[FillKey, PositionFold] = {}
        self._modes: dict[ModelessKey, TradeMode] = {}
        self.assets = StagedBooks(state.assets)
        self.cost_rows: tuple[list[Values], list[Values]] = ([], [])

    def fold(self, key: PositionKey) -> PositionFold:
        """The position as this turn sees it."""
        staged = self._folds.get(key)
        return staged if staged is not None else self._state.fold(key)

    def prepare(self, fill: Fill, fold: PositionFold) -> None:
        """The position after `fill`, folded from its whole history, for when memory does not reach back so far."""
        self._prepared[fill.key] = fold

    def fill(self, order: Order, fill: Fill) -> None:
        """A new fill: its trade row, fee row, position and balances.

        Raises HistoryNeeded when it is older than what the position remembers and was not prepared.
        """
        instrument = self._state.instrument(fill.instrument_id)
        key = self._state.key_of(order, fill)
        before = self.fold(key)
        after = self._prepared.pop(fill.key, None) or fold_in(before, instrument, fill)
        self._folds[key] = after
        self._pay(cash_legs(instrument, fill, before.position, after.position))
        self.assets.trade(order, instrument, fill, profit_leg(instrument, before.position, after.position))
        self._share(order, fill, key, before.position.size)
        self._attribute(order, key, holding_change(instrument, fill))
        self.fills.append((order, fill, self._now_ns))
        if fill.fee is not None:
            self._fees.append((fill, self._now_ns))

    def fee(self, order: Order, fill: Fill) -> None:
        """The fee of a fill that was booked without one. Raises HistoryNeeded as fill()."""
        instrument = self._state.instrument(fill.instrument_id)
        key = self._state.key_of(order, fill)
        before = self.fold(key)
        after = self._prepared.pop(fill.key, None) or with_fee(before, instrument, fill)
        self._folds[key] = after
        self._pay(profit := profit_leg(instrument, before.position, after.position))
        self._pay(fee_leg(fill))
        self.assets.fee(order, instrument, fill, profit)
        self._attribute(order, key, -fee_from_holding(instrument, fill))
        self._fees.append((fill, self._now_ns))

    def cash(self, currency: str, amount: Decimal, kind: str, price: Decimal | None) -> None:
        """A change of balance that no fill explains; Turn.move_cash writes its row."""
        self._pay({currency: amount})
        self.assets.cash(currency, amount, kind, price, self._now_ns)

    def restate(self, key: PositionKey, fold: PositionFold, *, restated: bool) -> None:
        """A position that starts from a holding of before, or, restated, from another: what that realises is paid."""
        if restated:
            instrument = self._state.instrument(key.instrument_id)
            self._pay(profit_leg(instrument, self.fold(key).position, fold.position))
        self._folds[key] = fold

    def name_mode(self, old: ModelessKey, fold: PositionFold, sizes: Mapping[str, Decimal]) -> None:
        """A position of before modes told them apart, and what strategies hold of it, under the key that it now has."""
        key = fold.position.key
        self._modes[old], self._folds[key] = key.mode, fold
        self._strategy_sizes.update({(strategy_id, key): size for strategy_id, size in sizes.items()})

    def venue_balance(self, currency: str, total: Decimal) -> None:
        """What the exchange says of a currency."""
        self._venue_balances[currency] = total

    def stage(self, group: Group, last_seq: int) -> None:
        """Hand over what is written. last_seq: of the turn's last event."""
        group.fills.extend(self.fills)
        group.fees.extend(self._fees)
        group.tca_windows.extend(self.cost_rows[0])
        group.tca_fills.extend(self.cost_rows[1])
        state, now_ns = self._state, self._now_ns
        for key, fold in self._folds.items():
            group.positions[key] = (fold, state.instruments.get(key.instrument_id), last_seq, now_ns)
        for currency in (*self._balances, *self._venue_balances):
            venue = self._venue_balances.get(currency, state.venue_balances.get(currency))
            group.balances[currency] = (self._balance(currency), venue, now_ns)
        group.strategy_sizes.update(self._strategy_sizes)
        self.assets.stage(group)

    def remember(self) -> None:
        """Make it true in memory."""
        state = self._state
        state.folds.update(self._folds)
        state.balances.update(self._balances)
        state.venue_balances.update(self._venue_balances)
        state.strategy_sizes.update(self._strategy_sizes)
        state.modes.update(self._modes)
        self.assets.remember()

    def _balance(self, currency: str) -> Decimal:
        staged = self._balances.get(currency)
        return staged if staged is not None else self._state.balances.get(currency, ZERO)

    def _pay(self, legs: Mapping[str, Decimal]) -> None:
        for currency, amount in legs.items():
            self._balances[currency] = self._balance(currency) + amount

    def take_shares(self) -> Mapping[PositionKey, Mapping[str, Decimal]]:
        """What fills closed of strategies that did not do it, since this was last asked for: (change of what the
        strategy holds) by strategy, by position. The journal tells it, for the trades do not."""
        shares, self._shares = self._shares, {}
        return shares

    def _share(self, order: Order, fill: Fill, key: PositionKey, before: Decimal) -> None:
        """Of a contract: whoever else held what this fill closes holds so much less (app.domain.position_books). What
        no strategy holds counts as nobody's, our own orders' part of it too."""
        instrument, sign = self._state.instrument(fill.instrument_id), fill.side.sign
        strategy_id = order.request.strategy_id
        own = UNATTRIBUTED if strategy_id is None else book_of(strategy_id)
        reduces = only_reduces(key.side, fill.side, reduce_only=False)
        if instrument.kind is InstrumentKind.SPOT or (strategy_id is not None and not reduces):
            return
        known = self._state.strategy_sizes.keys() | self._strategy_sizes.keys()
        names = {book_of(name): name for name, position in sorted(known) if position == key}
        sizes = {book: self._size(name, key) for book, name in names.items()}
        sizes[UNATTRIBUTED] = before - sum(sizes.values(), ZERO)
        by_strategy = strategy_id is not None
        given = closed_of_others(
            sizes, own, sign * fill.size, instrument.lot, only_reduces=reduces, by_strategy=by_strategy
        )
        changes = {names[book]: sign * part for book, part in given.items() if book in names}
        if strategy_id is not None and given:
            changes[strategy_id] = -sign * sum(given.values(), ZERO)  # its fill counts for it in whole
        if changes:
            told = self._shares.setdefault(key, {})
            for name, change in changes.items():
                self._strategy_sizes[name, key] = self._size(name, key) + change
                told[name] = told.get(name, ZERO) + change

    def _size(self, strategy_id: str, key: PositionKey) -> Decimal:
        staged = self._strategy_sizes.get((strategy_id, key))
        return staged if staged is not None else self._state.strategy_size(strategy_id, key)

    def _attribute(self, order: Order, position: PositionKey, change: Decimal) -> None:
        strategy_id = order.request.strategy_id
        if strategy_id is None or not change:
            return
        self._strategy_sizes[strategy_id, position] = self._size(strategy_id, position) + change
