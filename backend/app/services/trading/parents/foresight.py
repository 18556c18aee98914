"""What a parent that has not begun would do, for the door and for whoever asks beforehand. It changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from app.clock import Clock
from app.domain.arrivals import Arrival
from app.domain.parents import ParentOrder, Place, Progress
from app.exchanges.port import FeeRates
from app.market_data.feeds import MarketData
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.execution_strategies.terms import time_key
from app.services.trading.execution_strategies.views import AtWorst, ParentPreview
from app.services.trading.parents.children import child_params
from app.services.trading.parents.previews import Foreseen, Impact, preview
from app.services.trading.parents.records import Record, arrival_of, at_its_turn
from app.services.trading.parents.standings import Standings
from app.services.trading.schemas import OrderParams
from app.services.trading.venue.estimates import Estimates


class Foresight:
    """at_worst: ExecutionRiskControl.at_worst."""

    def __init__(
        self,
        clock: Clock,
        market: MarketData,
        standings: Standings,
        at_worst: Callable[[OrderParams, Decimal], AtWorst | None],
    ) -> None:
        self._clock = clock
        self._market = market
        self._estimates = Estimates(market)
        self._standings = standings
        self._at_worst = at_worst

    def first_child(self, record: Record) -> OrderParams | None:
        """What it would place now if it had its turn, or at the price that it waits for; None when it would wait."""
        now_ns = self._clock.now_ns()
        market = self._market.view(record.parent.instrument_id, now_ns)
        place = record.strategy.foreseen(self._at_its_turn(record), market, now_ns)
        return None if place is None else child_params(record.parent, place)

    def preview(self, record: Record, rates: FeeRates | None, beside: Decimal) -> ParentPreview:
        """What one that has not begun would do. rates: the fees that it would pay. beside: what others that wait may
        add to its position."""
        now_ns = self._clock.now_ns()
        market = self._market.view(record.parent.instrument_id, now_ns)
        usable = self._market.book_refusal(record.parent.instrument_id) is None
        began = self._at_its_turn(record)
        first = record.strategy.next_step(began, market, now_ns)
        place = first if isinstance(first, Place) else record.strategy.foreseen(began, market, now_ns)
        book = market if usable else None
        parent = began.parent
        impact = self._impact(parent, record.strategy, now_ns)
        child = self.first_child(record)
        at_worst = None if child is None else self._at_worst(child, parent.size + beside)
        return preview(
            self._standings.progress(record), record.strategy, Foreseen(first, place), book, rates, impact, at_worst
        )

    def _impact(self, parent: ParentOrder, policy: ExecutionStrategy, now_ns: int) -> Impact:
        of = parent.instrument_id, parent.size
        worked = None
        if parent.end_ns is not None and time_key(policy.Config) == "duration":
            worked = self._estimates.power_law(*of, parent.end_ns - parent.start_ns, now_ns)
        return Impact(self._estimates.square_root(*of, now_ns), worked)

    def arrival(self, instrument_id: str) -> Arrival | None:
        """The market as it is now; None where its book cannot be used."""
        now_ns, usable = self._clock.now_ns(), self._market.book_refusal(instrument_id) is None
        return arrival_of(self._market.view(instrument_id, now_ns), now_ns) if usable else None

    def _at_its_turn(self, record: Record) -> Progress:
        parent = at_its_turn(record.parent, self._clock.now_ns())
        return replace(
            self._standings.progress(record), parent=replace(parent, size=self._standings.sized(record, parent).size)
        )
