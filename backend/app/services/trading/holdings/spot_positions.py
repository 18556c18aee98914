"""What is held of each asset, as a position: shown through any of its pairs, listed once.

Costs and profits stand in the currency of the books; here they are shown in the quote of the pair that is asked for.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from app.clock import utc
from app.domain.holdings import Holding
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE, ZERO, rounded
from app.domain.orders import PositionSide, TradeMode
from app.services.trading.account.asset_books import SMALLEST_LOT
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.schemas import PositionResponse


class Shown(NamedTuple):
    """In which currency a holding is shown: the quote of the instrument, or that of the costs when it has no price.
    rate: of the currency of the costs in it. mark: the price of the asset in it, None where there is none."""

    instrument_id: str
    currency: str
    rate: Decimal
    mark: Decimal | None


class SpotPositions:
    """Reads of the ledger's holdings."""

    def __init__(self, ledger: Ledger, prices: Prices) -> None:
        self._ledger = ledger
        self._prices = prices

    def asset_of(self, instrument_id: str) -> str | None:
        """The asset of a spot pair, also of one that is listed no more but was traded; None for anything else."""
        instrument = self._ledger.instruments.get(instrument_id)
        if instrument is not None:
            return instrument.base if instrument.kind is InstrumentKind.SPOT else None
        for asset, holding in self._ledger.assets.held.items():
            if instrument_id == asset or any(book.instrument_id == instrument_id for book in holding.books.values()):
                return asset
        return None

    def get(self, instrument_id: str) -> PositionResponse | None:
        """The holding of the pair's asset; None when nothing was ever held of it."""
        asset = self.asset_of(instrument_id)
        holding = self._ledger.assets.held.get(asset) if asset is not None else None
        return None if holding is None else self.response(holding, instrument_id)

    def all(self, *, include_flat: bool) -> list[PositionResponse]:
        """Every asset once, through the pair in which it was last traded, else the one that leads to the valuation
        currency."""
        return [
            self.response(holding, self.shown_through(holding.asset))
            for holding in self.holdings()
            if include_flat or abs(holding.quantity) >= self.lot(holding.asset)
        ]

    def holdings(self) -> list[Holding]:
        """Of every asset that is a position; what the account is valued in, and currencies in which others are quoted,
        are balances only."""
        quotes = self._only_quotes()
        return [
            holding
            for asset, holding in sorted(self._ledger.assets.held.items())
            if not (self._prices.is_cash(asset) or asset in quotes)
        ]

    def lot(self, asset: str) -> Decimal:
        """The smallest step in which the asset is traded: what is less is dust."""
        return self._ledger.assets.lots.get(asset, SMALLEST_LOT)

    def shown_through(self, asset: str) -> str:
        """The instrument whose name an asset's holding is listed under."""
        books = self._ledger.assets.of(asset).books.values()
        last = max(books, key=lambda book: book.last_ns, default=None)
        if last is not None and last.instrument_id:
            return last.instrument_id
        pairs = self.pairs(asset)
        return pairs[0].instrument_id if pairs else asset

    def sold_through(self, asset: str) -> Instrument | None:
        """The pair that sells an asset: that of its last trade where it leads to the valuation currency or what is
        taken for it, else the nearest one that is open; None without any."""
        last = self._ledger.instruments.get(self.shown_through(asset))
        if last is not None and last.live and self._prices.is_cash(last.quote):
            return last
        return next((pair for pair in self.pairs(asset) if pair.live), None)

    def pairs(self, asset: str) -> list[Instrument]:
        """The spot pairs that sell an asset: into the valuation currency first, then into what is taken for it."""
        found = [
            item
            for item in self._ledger.instruments.values()
            if item.kind is InstrumentKind.SPOT and item.base == asset
        ]
        return sorted(found, key=self._nearness)

    def _nearness(self, item: Instrument) -> tuple[bool, bool, bool, str]:
        cash = self._prices.is_cash(item.quote)
        return not item.live, item.quote != self._prices.currency, not cash, item.instrument_id

    def _only_quotes(self) -> set[str]:
        spot: Iterable[Instrument] = [
            item for item in self._ledger.instruments.values() if item.kind is InstrumentKind.SPOT
        ]
        return {item.quote for item in spot} - {item.base for item in spot}

    def unrealised(self, asset: str, mark: Decimal, instrument: Instrument) -> Decimal | None:
        """Profit of what is held and has a known cost, in the instrument's quote; None where the quote has no price."""
        shown = self._shown(asset, instrument.instrument_id)
        if shown.currency != instrument.quote:
            return None
        whole = self._ledger.assets.of(asset).whole
        return whole.priced * mark - whole.cost * shown.rate

    def _shown(self, asset: str, instrument_id: str) -> Shown:
        costs = self._ledger.assets.currency
        instrument = self._ledger.instruments.get(instrument_id)
        quote = instrument.quote if instrument is not None else costs
        rate = ONE if quote == costs else self._prices.value(costs, quote).price
        if rate is None:
            quote, rate = costs, ONE
        price = self._prices.mark(instrument_id) if instrument is not None and quote == instrument.quote else None
        return Shown(instrument_id, quote, rate, price or self._prices.value(asset, quote).price)

    def response(self, holding: Holding, instrument_id: str) -> PositionResponse:
        """The holding as seen through an instrument."""
        shown = self._shown(holding.asset, instrument_id)
        whole, average, rate, mark = holding.whole, holding.average_cost, shown.rate, shown.mark
        books = holding.books.values()
        instrument = self._ledger.instruments.get(instrument_id)
        tick, step = (instrument.tick, instrument.value_step) if instrument is not None else (None, None)
        unrealised = None if mark is None else rounded(whole.priced * mark - whole.cost * rate, step=step)
        realised = rounded(sum((book.realised for book in books), ZERO) * rate, step=step)
        fees = rounded(sum((book.fee_value for book in books), ZERO) * rate, step=step)
        paid: dict[str, Decimal] = {}
        for book in books:
            for currency, amount in book.fees.items():
                paid[currency] = paid.get(currency, ZERO) + amount
        last_ns = max((book.last_ns for book in books), default=0)
        return PositionResponse(
            account=self._ledger.account,
            instrument_id=instrument_id,
            position_side=PositionSide.NET,
            trade_mode=TradeMode.CASH,
            size=whole.quantity,
            entry_price=None if average is None or not whole.quantity else rounded(average * rate, step=tick),
            mark_price=mark,
            notional=None if mark is None else rounded(abs(whole.quantity) * mark, step=step),
            realised_pnl=realised,
            unrealised_pnl=unrealised,
            fee_value=fees,
            net_pnl=None if unrealised is None else realised + unrealised - fees,
            pnl_currency=shown.currency,
            fees=paid,
            margin=None,
            leverage=None,
            dust=bool(whole.quantity) and abs(whole.quantity) < self.lot(holding.asset),
            fill_count=sum(book.fill_count for book in books),
            updated_at=utc(last_ns) if last_ns else None,
            fees_unvalued=tuple(sorted({currency for book in books for currency in book.unvalued})),
            books={name: book.quantity for name, book in holding.books.items() if book.quantity},
        )
