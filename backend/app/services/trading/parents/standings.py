"""How parents stand now: their progress by rows, books and market, and what is shown of them."""

from dataclasses import replace

from app.domain.instruments import Instrument, unlisted
from app.domain.parents import ParentOrder, Progress
from app.domain.quote_sizes import sized, sizing_price
from app.market_data.feeds import MarketData
from app.services.trading.account.ledger import Ledger
from app.services.trading.execution_strategies.views import ParentFigures
from app.services.trading.holdings.held import held_for
from app.services.trading.parents.brackets import Brackets
from app.services.trading.parents.figures import figures
from app.services.trading.parents.outlook import Outlook
from app.services.trading.parents.records import Record, parent_response
from app.services.trading.parents.sizes import of_at_least
from app.services.trading.schemas import ParentResponse


class Standings:
    """Of the parents of one account."""

    def __init__(self, ledger: Ledger, market: MarketData, outlook: Outlook, brackets: Brackets) -> None:
        self._ledger = ledger
        self._market = market
        self._brackets = brackets
        self._min_order_size = outlook.min_order_size
        self._as_risk_sees: dict[str, tuple[Instrument, Instrument]] = {}
        self.bounds = outlook.bounds

    def figures(self, record: Record) -> ParentFigures:
        """How a parent stands."""
        parent = record.parent
        now_ns = parent.frozen_ns or self._ledger.clock.now_ns()
        self.refresh(record)
        market = None if parent.status.terminal else self._market.view(parent.instrument_id, now_ns)
        return figures(parent, self.progress(record), record.strategy, market, now_ns, record.waiting)

    def response(self, record: Record) -> ParentResponse:
        """The parent as it stands."""
        return parent_response(record.parent, self.progress(record), record.waiting)

    def response_as(self, record: Record, parent: ParentOrder) -> ParentResponse:
        """The parent as it will stand when `parent` is its row."""
        return parent_response(parent, self._sized(record, replace(self.progress(record), parent=parent)), None)

    def progress(self, record: Record) -> Progress:
        """By its children as last seen, what is there for it, and the market."""
        parent, listed = record.parent, record.parent.instrument_id in self._ledger.instruments
        instrument = self.instrument(parent.instrument_id) if listed else unlisted(parent.instrument_id, parent.kind)
        # An exit is out of the books, of a strategy out of its own; any other parent may sell what the account has.
        books = record.strategy.books_only
        held = held_for(
            self._ledger,
            parent.key,
            parent.side,
            reduce_only=parent.reduce_only,
            book_of=parent.strategy_id if books else None,
            ours=books,
        )
        if record.strategy.gets_out and held is not None and held.total < instrument.min_size:
            instrument = self._ledger.instrument(parent.instrument_id)
        bounds = self.bounds(parent.instrument_id, parent.side) if listed and record.strategy.wants_bounds else None
        progress, entry = record.progress(instrument, held, bounds), self._brackets.entry(record)
        if entry is not None:
            progress = replace(progress, parent=replace(parent, size=max(parent.size, entry.filled)), entry=entry)
        return self._sized(record, progress)

    def _sized(self, record: Record, progress: Progress) -> Progress:
        parent = progress.parent
        if parent.quote is None or parent.instrument_id not in self._ledger.instruments:
            return progress
        book = self._market.book(parent.instrument_id)
        far = None if book is None else book.far(parent.side)
        return sized(progress, sizing_price(parent.side, far, record.strategy.price_cap(parent)))

    def sized(self, record: Record, parent: ParentOrder) -> ParentOrder:
        """A parent of that record with the size that its amount comes to now."""
        if parent.quote is None:
            return parent
        return self._sized(record, replace(self.progress(record), parent=parent)).parent

    def instrument(self, instrument_id: str) -> Instrument:
        """The instrument with the smallest order that risk lets through as its minimum: what is below it is dust.

        Raises InvalidValue for one that the venue does not list.
        """
        found = self._ledger.instrument(instrument_id)
        known = self._as_risk_sees.get(instrument_id)
        if known is None or known[0] is not found:
            known = self._as_risk_sees[instrument_id] = found, of_at_least(found, self._min_order_size)
        return known[1]

    def refresh(self, record: Record) -> None:
        """Take its children as the ledger has them."""
        orders = self._ledger.orders
        for order_id in record.children.keys() & orders.keys():
            record.saw(orders[order_id])
