"""Positions: what is held, what it cost, what it is worth now, and whether the venue agrees."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.clock import utc
from app.domain.evolve import evolve
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO, rounded
from app.domain.orders import Order, OrderReport, PositionKey, PositionSide, TradeMode
from app.domain.positions import (
    UNMARKED,
    Position,
    PositionFold,
    PositionMarks,
    anchored,
    opened,
    pnl_currency,
    refold,
    unrealised_pnl,
    worth,
)
from app.domain.refusals import InvalidValue
from app.exchanges.port import VenuePosition
from app.market_data.feeds import MarketData
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.holdings.spot_positions import SpotPositions
from app.services.trading.schemas import PositionResponse, member_of
from app.store import queries
from app.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDifference:
    """Where ledger and venue disagree; sizes in the instrument's unit. Spot has no position at the venue."""

    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    ledger_size: Decimal
    venue_size: Decimal


class PositionManager:
    """The account's positions, folded from fills. door: where a venue's report is booked (tracker); venue_positions:
    reads what the venue has. Who only reads has neither."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        market: MarketData,
        prices: Prices | None = None,
        *,
        door: Callable[[OrderReport], Awaitable[Order | None]] | None = None,
        venue_positions: Callable[[], Awaitable[Sequence[VenuePosition]]] | None = None,
    ) -> None:
        self._ledger = ledger
        self.spot = SpotPositions(ledger, prices or Prices(ledger, market))
        self._database = database
        self._market = market
        self._prices = prices
        self._venue: dict[PositionKey, VenuePosition] = {}
        self._door, self._venue_positions = door, venue_positions

    def get_position(
        self,
        instrument_id: str,
        position_side: PositionSide | str | None = None,
        trade_mode: TradeMode | str | None = None,
    ) -> PositionResponse | None:
        """The position in an instrument; None when nothing was ever held. For a spot pair that is what is held of its
        asset, through whichever pair it came, valued in the pair's quote.

        A contract may be held on several sides and in several modes: name both to have one of them, or get the largest
        of those that are meant (get_all_positions has them all). Both as members or as their text. Raises InvalidValue
        for an unknown instrument and a word that is none of them.
        """
        side = None if position_side is None else member_of(PositionSide, "position_side", position_side)
        mode = None if trade_mode is None else member_of(TradeMode, "trade_mode", trade_mode)
        if self.spot.asset_of(instrument_id) is not None:
            return self.spot.get(instrument_id)
        instrument = self._ledger.instrument(instrument_id)
        found = [
            fold
            for fold in self._ledger.folds_of(instrument_id)
            if side in (None, fold.position.side) and mode in (None, fold.position.mode)
        ]
        if not found:
            return None
        return self._response(instrument, max(found, key=lambda fold: abs(fold.position.size)))

    def get_all_positions(self, include_flat: bool = False) -> list[PositionResponse]:
        """Every asset that is held, once, and all positions in contracts, by instrument; flat ones (below one lot) only
        when asked for."""
        listed = self.spot.all(include_flat=include_flat)
        for key, fold in sorted(self._ledger.folds.items()):
            instrument = self._ledger.instruments.get(key[0])
            if instrument is None or instrument.kind is InstrumentKind.SPOT:
                continue
            if include_flat or not fold.position.flat(instrument):
                listed.append(self._response(instrument, fold))
        return sorted(listed, key=_listed_order)

    def calculate_pnl(self, instrument_id: str, mark_price: Decimal | None = None) -> Decimal:
        """Unrealised profit of an instrument's positions, in quote (base for inverse), at mark_price or the market's.

        Raises InvalidValue for an unknown instrument, or when no mark price is known.
        """
        instrument = self._ledger.instrument(instrument_id)
        if instrument.kind is InstrumentKind.SPOT:
            return self._spot_pnl(instrument, mark_price)
        folds = self._ledger.folds_of(instrument_id)
        mark = mark_price if mark_price is not None else self.mark(instrument_id)
        if mark is None:
            if not any(fold.position.size for fold in folds):
                return ZERO
            raise InvalidValue("mark_price", "none", f"no market price of {instrument_id} is known; give one")
        return sum((unrealised_pnl(fold.position, instrument, mark) for fold in folds), ZERO)

    def _spot_pnl(self, instrument: Instrument, mark_price: Decimal | None) -> Decimal:
        if not self._ledger.assets.of(instrument.base).quantity:
            return ZERO
        mark = mark_price if mark_price is not None else self.mark(instrument.instrument_id)
        if mark is None:
            rule = f"no market price of {instrument.instrument_id} is known; give one"
            raise InvalidValue("mark_price", "none", rule)
        pnl = self.spot.unrealised(instrument.base, mark, instrument)
        if pnl is None:
            rule = f"no market price of {instrument.quote} in {self._ledger.assets.currency} is known"
            raise InvalidValue("instrument_id", instrument.instrument_id, rule)
        return pnl

    def mark(self, instrument_id: str) -> Decimal | None:
        """The price that positions are valued at: the venue's mark for contracts, else the market's mid or last."""
        venue = [p.mark_price for key, p in self._venue.items() if key[0] == instrument_id and p.mark_price]
        return self._market.mark_price(instrument_id) or (venue[0] if venue else None)

    def marks(self, instrument: Instrument, position: Position) -> PositionMarks:
        """What a position is worth now, with the venue's figures; what is not known now, as it was last written."""
        mark, venue = self.mark(instrument.instrument_id), self._venue.get(position.key)
        before = self._ledger.marks.get(position.key, UNMARKED)
        marked_ns = None
        if mark is None and before.mark_price is not None:
            mark, marked_ns = before.mark_price, before.marked_ns
        step = instrument.value_step
        return PositionMarks(
            mark_price=mark,
            unrealised_pnl=None if mark is None else rounded(unrealised_pnl(position, instrument, mark), step=step),
            margin=venue.margin if venue else before.margin,
            leverage=venue.leverage if venue else before.leverage,
            marked_ns=marked_ns,
        )

    async def update_position(self, report: OrderReport) -> PositionResponse | None:
        """Book a trade that the venue reported (report.fill) and give the position after it.

        Idempotent by (instrument, trade id, order id). Raises InvalidValue when the report carries no fill.
        """
        if self._door is None:
            raise RuntimeError("update_position: no door was given, so no report can enter")
        if report.fill is None:
            raise InvalidValue("report.fill", "none", "a position changes only by a fill that the venue reported")
        await self._door(report)
        return self.get_position(report.fill.instrument_id, report.fill.position_side, report.fill.trade_mode)

    def on_venue_positions(self, positions: Sequence[VenuePosition]) -> None:
        """The venue's own view: marks, margin, leverage."""
        for position in positions:
            self._venue[position.key] = position

    def differences(self, positions: Sequence[VenuePosition]) -> list[PositionDifference]:
        """Contract positions where ledger and venue do not agree."""
        venue = {p.key: p.size for p in positions}
        ours = {
            key: fold.position.size
            for key, fold in self._ledger.folds.items()
            if key[0] in self._ledger.instruments and self._ledger.instruments[key[0]].kind is InstrumentKind.SWAP
        }
        return [
            PositionDifference(
                instrument_id=key.instrument_id,
                position_side=key.side,
                trade_mode=key.mode,
                ledger_size=ours.get(key, ZERO),
                venue_size=venue.get(key, ZERO),
            )
            for key in sorted({*venue, *ours})
            if ours.get(key, ZERO) != venue.get(key, ZERO)
        ]

    async def sync_positions_with_exchange(self) -> list[PositionDifference]:
        """Read the venue's positions and say where the ledger differs. Differences are shown, never booked as trades
        (INVARIANTS S13). Raises ExchangeError."""
        if self._venue_positions is None:
            raise RuntimeError("sync_positions_with_exchange: there is no exchange to ask")
        positions = await self._venue_positions()
        self.on_venue_positions(positions)
        return self.differences(positions)

    def restated(self, key: PositionKey, amount: Decimal) -> tuple[Position, PositionFold]:
        """The position with `amount` more that nothing explains, as if it had been there from the start: what it starts
        from then, and what its fills make of that. Valued as the exchange does. Reads the database."""
        instrument, account = self._ledger.instrument(key.instrument_id), self._ledger.account
        venue = self._venue.get(key)
        price = (venue.entry_price if venue else None) or self.mark(key.instrument_id)
        if price is None:
            raise InvalidValue("price", "none", f"no price of {key.instrument_id} is known, so {amount} has no cost")
        opening = queries.opening_of(self._database, account, key) or opened(key)
        start = evolve(
            opening.position,
            size=opening.position.size + amount,
            cost=opening.position.cost + worth(instrument, amount, price),
        )
        modeless = self._ledger.modes.get((key.instrument_id, key.side)) is key.mode
        fills = queries.fills_of_position(self._database, account, key, modeless=modeless)
        return start, refold(instrument, key, fills, anchored(start, None))

    def _response(self, instrument: Instrument, fold: PositionFold) -> PositionResponse:
        position = fold.position
        marks = self.marks(instrument, position)
        mark, unrealised = marks.mark_price, marks.unrealised_pnl
        entry = position.entry_price(instrument)
        step = instrument.value_step
        others, unvalued = self._other_fees(position, instrument)
        realised, fees = rounded(position.realised_pnl, step=step), rounded(position.fee_value + others, step=step)
        return PositionResponse(
            account=self._ledger.account,
            instrument_id=instrument.instrument_id,
            position_side=position.side,
            trade_mode=position.mode,
            size=position.size,
            entry_price=None if entry is None else rounded(entry, step=instrument.tick),
            mark_price=mark,
            notional=None if mark is None else rounded(instrument.notional(abs(position.size), mark), step=step),
            realised_pnl=realised,
            unrealised_pnl=unrealised,
            fee_value=fees,
            net_pnl=None if unrealised is None else realised + unrealised - fees,
            pnl_currency=pnl_currency(instrument),
            fees=dict(position.fees),
            margin=marks.margin,
            leverage=marks.leverage,
            marked_at=None if marks.marked_ns is None else utc(marks.marked_ns),
            dust=bool(position.size) and position.flat(instrument),
            fill_count=position.fill_count,
            updated_at=utc(position.last_fill_ns) if position.last_fill_ns else None,
            fees_unvalued=unvalued,
        )

    def _other_fees(self, position: Position, instrument: Instrument) -> tuple[Decimal, tuple[str, ...]]:
        """Fees in a third currency at its present price, in the position's pnl currency, and those without one."""
        own = {pnl_currency(instrument), *((instrument.base,) if instrument.kind is InstrumentKind.SPOT else ())}
        total, unvalued = ZERO, list[str]()
        for currency, amount in position.fees.items():
            if currency in own or not amount:
                continue
            price = self._prices.value(currency, pnl_currency(instrument)).price if self._prices is not None else None
            if price is None:
                unvalued.append(currency)
            else:
                total += amount * price
        return total, tuple(unvalued)


def _listed_order(position: PositionResponse) -> tuple[str, str, str]:
    return position.instrument_id, position.position_side.value, position.trade_mode.value
