"""What the exchange tells this account, passed to whoever it concerns (exchanges.port.Listener)."""

from collections.abc import Sequence
from decimal import Decimal

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import EventKind
from app.domain.instruments import Instrument
from app.domain.market import BookUpdate, PublicTrade
from app.domain.orders import OrderReport
from app.exchanges.port import Balance, RowKind, Stream, StreamState, Unreadable, VenuePosition
from app.market_data.feeds import MarketData
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.report_door import concerns
from app.services.trading.account.turn import VENUE
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.position_manager import PositionManager
from app.services.trading.venue.leverages import Leverages
from app.services.trading.venue.resyncs import Resyncs
from app.services.trading.venue.set_aside import Allowance, SetAside
from app.services.trading.venue.valued_markets import ValuedMarkets
from app.store.writer import StoreFailed

RAW_KEPT = 4096
QUARANTINED_MAX = 200
QUARANTINE_WINDOW_NS = 600 * NS_PER_SECOND
"""At most so many messages are kept in so long a time: a venue that speaks another language must not fill the disk."""

log = structlog.get_logger("exchange")


class AccountListener:
    """heard: when a stream last showed life, by stream, ns. beating: those that give signs of life of their own."""

    def __init__(
        self,
        ledger: Ledger,
        tracker: OrderTracker,
        positions: PositionManager,
        market: MarketData,
        leverages: Leverages,
        gate: TradingGate,
        clock: Clock,
        resyncs: Resyncs,
        valued: ValuedMarkets,
        set_aside: SetAside | None = None,
    ) -> None:
        self.heard: dict[Stream, int] = {}
        self.beating: set[Stream] = set()
        self.venue_available: dict[str, Decimal] = {}
        self._ledger = ledger
        self._tracker = tracker
        self._positions = positions
        self._market = market
        self._leverages = leverages
        self._gate = gate
        self._clock = clock
        self._resyncs = resyncs
        self._valued = valued
        self._set_aside = set_aside or SetAside(ledger, clock)
        self._may_keep = Allowance(clock, QUARANTINED_MAX, QUARANTINE_WINDOW_NS)

    def on_order(self, report: OrderReport) -> None:
        self.heard[Stream.EXECUTION] = self._clock.now_ns()
        if concerns(report):
            self._tracker.receive(report)

    def on_balances(self, balances: Sequence[Balance]) -> None:
        self.heard[Stream.EXECUTION] = self._clock.now_ns()
        self.venue_available.update({balance.currency: balance.available for balance in balances})
        self._valued.on_balances(balances)

    def on_positions(self, positions: Sequence[VenuePosition]) -> None:
        self.heard[Stream.EXECUTION] = self._clock.now_ns()
        self._positions.on_venue_positions(positions)
        self._valued.on_positions(positions)
        self._leverages.on_positions(positions)

    def on_book(self, update: BookUpdate) -> None:
        self.heard[Stream.MARKET] = self._clock.now_ns()
        self._market.on_book(update)

    def on_trade(self, trade: PublicTrade) -> None:
        self.heard[Stream.MARKET] = self._clock.now_ns()
        self._market.on_trade(trade)

    def on_instrument(self, instrument: Instrument) -> None:
        if self._set_aside.has(RowKind.INSTRUMENT, instrument.instrument_id):
            self._resyncs.ask(f"{instrument.instrument_id} can be read again")
        known = self._ledger.instruments.get(instrument.instrument_id)
        if known != instrument:
            log.info("instrument.changed", instrument_id=instrument.instrument_id)
            self._ledger.list_instrument(instrument)

    def on_heartbeat(self, stream: Stream) -> None:
        self.beating.add(stream)
        self.heard[stream] = self._clock.now_ns()
        if stream is Stream.MARKET:
            self._market.on_heartbeat()

    def on_stream(self, stream: Stream, state: StreamState, reason: str) -> None:
        up = state is StreamState.UP
        log.info("stream.up" if up else "stream.down", stream=stream.value, reason=reason)
        self.heard[stream] = self._clock.now_ns()
        if stream is Stream.MARKET:
            self._gate.market_up = up
            if not up:
                self._market.on_stream_down()
            return
        self._gate.execution_stream(up=up)
        if up:
            self._resyncs.ask("the execution stream is up")

    def on_gap(self, reason: str, raw: str) -> None:
        """A message was lost or could not be read: keep it, and look at everything."""
        self._quarantine(reason, raw)
        self._resyncs.ask(reason, patient=True)

    def on_unreadable(self, row: Unreadable) -> None:
        """One row: what it is about takes no new risk until it has been read."""
        self._set_aside.heard(row)
        self._quarantine(row.reason, row.raw)
        self._resyncs.ask(row.reason, patient=True)

    def on_not_followed(self, instrument_id: str, reason: str) -> None:
        log.warning("market.refused", instrument_id=instrument_id, reason=reason)
        self._market.refused[instrument_id] = reason

    def _quarantine(self, reason: str, raw: str) -> None:
        if not self._may_keep.take():
            return
        log.warning("message.quarantined", reason=reason)
        try:
            turn = self._ledger.turn(VENUE)
            seq = turn.event(EventKind.QUARANTINED, {"reason": reason, "raw": raw[:RAW_KEPT]})
            turn.row(
                "quarantine",
                {
                    "account": self._ledger.account,
                    "seq": seq,
                    "reason": reason,
                    "raw": raw[:RAW_KEPT],
                    "at_ns": turn.now_ns,
                },
            )
            turn.commit()
        except StoreFailed as error:
            log.error("quarantine.not_written", reason=str(error))
