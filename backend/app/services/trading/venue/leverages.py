"""Leverage: what the exchange has set for each contract position, read in time and off the order's path, and set.

Nobody tells of a change on an instrument that is flat. So it is read at the start for what is held or followed, before
an instrument's first order, after a refusal that money may have caused, and again when it is older than five minutes;
what the exchange says beside a position counts at once.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol

import structlog

from app.clock import Clock
from app.domain.events import EventKind
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import positive
from app.domain.orders import Ending, PositionKey, PositionSide, TradeMode
from app.domain.refusals import InvalidValue, RefusalClass
from app.exchanges.errors import ExchangeError
from app.exchanges.port import VenuePosition
from app.market_data.feeds import MarketData
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.leverage_readings import LeverageReadings
from app.services.trading.tasks import Shared
from app.store.group import Group

ROUND_SECONDS = 10.0
LATELY_SECONDS = 60.0
"""So old may what is shown be; an order's margin goes by its own bound."""
FIRST_READ_SECONDS = 2.0
"""How long an instrument's first order waits for its leverage; without it, its full notional is its margin."""

log = structlog.get_logger("leverage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leverage:
    """The leverage of one position, held or not. leverage: None where the exchange has not said."""

    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    leverage: Decimal | None
    age_seconds: float | None


class LeverageReads(Protocol):
    """What is asked of the exchange port."""

    async def leverage(self, instrument_id: str, trade_mode: TradeMode) -> Mapping[PositionSide, Decimal]: ...

    async def set_leverage(
        self, instrument_id: str, leverage: Decimal, trade_mode: TradeMode, position_side: PositionSide
    ) -> Decimal: ...


class Leverages:
    """Reads into `readings`, which the risk checks ask, and sets."""

    def __init__(
        self, ledger: Ledger, market: MarketData, exchange: LeverageReads, clock: Clock, readings: LeverageReadings
    ) -> None:
        self._ledger = ledger
        self._market = market
        self._exchange = exchange
        self._clock = clock
        self._readings = readings
        self._due = asyncio.Event()
        self._asked = Shared[None]()

    # --- reading ---

    async def start(self) -> None:
        """What is held or followed; one that cannot be read counts as 1 until it can."""
        await self._round()

    async def run(self) -> None:
        """One round: what has grown old, or was doubted."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ROUND_SECONDS):
                await self._due.wait()
        self._due.clear()
        await self._round()

    async def make_known(self, key: PositionKey) -> None:
        """Before an order: its first leverage is waited for a moment, a stale one is read again beside it."""
        if not self._is_swap(key.instrument_id) or key.mode is TradeMode.CASH:
            return
        if self._readings.known(key):
            if not self._readings.fresh(key, self._clock.monotonic_ns()):
                self._due.set()
            return
        try:
            async with asyncio.timeout(FIRST_READ_SECONDS):
                await self._read(key.instrument_id, key.mode)
        except (ExchangeError, TimeoutError) as error:
            log.warning("leverage.not_read", position=key.label, reason=str(error) or "no answer in time")

    def on_positions(self, positions: Sequence[VenuePosition]) -> None:
        """The exchange says it beside its positions."""
        self._take({position.key: position.leverage for position in positions if position.leverage is not None})

    def on_commit(self, group: Group) -> None:
        """An order of ours that was refused for what the account is: perhaps the leverage is another one by now."""
        for order in group.orders.values():
            if order.ending is Ending.REJECTED and order.refusal is RefusalClass.STANDING:
                self._readings.doubt(order.request.key)
                self._due.set()

    async def _round(self) -> None:
        now_ns = self._clock.monotonic_ns()
        wanted = {(key.instrument_id, key.mode) for key in self._wanted() if not self._readings.fresh(key, now_ns)}
        for instrument_id, mode in sorted(wanted):
            try:
                await self._read(instrument_id, mode)
            except ExchangeError as error:
                log.warning("leverage.not_read", instrument_id=instrument_id, mode=mode.value, reason=str(error))

    def _wanted(self) -> set[PositionKey]:
        """Positions that are held, that open orders may make, and the usual one of what is followed."""
        ledger = self._ledger
        found = {key for key, fold in ledger.folds.items() if fold.position.size}
        found |= {key for key, _ in ledger.exposure.sizes}
        for instrument_id in self._market.followed:
            sides = (PositionSide.LONG, PositionSide.SHORT) if ledger.hedged else (PositionSide.NET,)
            found |= {PositionKey(instrument_id, side, TradeMode.CROSS) for side in sides}
            # What was asked about once is kept up: an order may follow at any time.
            isolated = {PositionKey(instrument_id, side, TradeMode.ISOLATED) for side in sides}
            found |= {key for key in isolated if self._readings.known(key)}
        return {key for key in found if self._is_swap(key.instrument_id)}

    async def _read(self, instrument_id: str, mode: TradeMode) -> None:
        told = await self._exchange.leverage(instrument_id, mode)
        self._take({PositionKey(instrument_id, side, mode): value for side, value in told.items()})

    def _take(self, told: Mapping[PositionKey, Decimal]) -> None:
        """Cross margin has one leverage for both sides, told under any of them."""
        found: dict[PositionKey, Decimal] = {}
        for key, value in told.items():
            both = key.mode is TradeMode.CROSS or key.side is PositionSide.NET
            found |= {key._replace(side=side): value for side in (PositionSide if both else (key.side,))}
        for key, value in found.items():
            self._readings.take(key, value, self._clock.monotonic_ns())

    def _is_swap(self, instrument_id: str) -> bool:
        instrument = self._ledger.instruments.get(instrument_id)
        return instrument is not None and instrument.kind is InstrumentKind.SWAP

    # --- what people ask for ---

    async def lately(self, instrument_id: str, mode: TradeMode) -> None:
        """Ask for the leverage of a contract in this mode, unless it was told within LATELY_SECONDS; once for all who
        ask at once. Raises ExchangeError."""
        now_ns = self._clock.monotonic_ns()
        ages = [self._readings.told(PositionKey(instrument_id, side, mode), now_ns)[1] for side in self._sides()]
        if any(age is None or age >= LATELY_SECONDS for age in ages):
            await self._asked.once(f"{instrument_id} {mode.value}", partial(self._read, instrument_id, mode))

    async def get_leverage(self, instrument_id: str, trade_mode: TradeMode | str = TradeMode.CROSS) -> list[Leverage]:
        """The leverage of an instrument in one mode, by side, read now. Raises InvalidValue, ExchangeError."""
        mode, _ = self.check(instrument_id, trade_mode)
        await self._read(instrument_id, mode)
        return [self._told(PositionKey(instrument_id, side, mode)) for side in self._sides()]

    async def set_leverage(
        self,
        instrument_id: str,
        leverage: Decimal | int | str,
        *,
        trade_mode: TradeMode | str = TradeMode.CROSS,
        position_side: PositionSide | str | None = None,
        principal: str = "local",
    ) -> list[Leverage]:
        """Set the leverage of an instrument: of both sides, or on an account that keeps long and short apart of the
        one named, which only isolated margin tells apart. Journalled once the exchange has taken it.

        Raises InvalidValue, ExchangeError (its reason; when there was no answer, ask again), StoreFailed.
        """
        mode, side = self.check(instrument_id, trade_mode, position_side)
        value = positive("leverage", leverage)
        wanted = [side] if side is not None else self._sides()
        apart = mode is TradeMode.ISOLATED and self._ledger.hedged
        for each in wanted if apart else [PositionSide.NET]:
            key = PositionKey(instrument_id, each, mode)
            before = self._readings.told(key, 0)[0]
            try:
                now = await self._exchange.set_leverage(instrument_id, value, mode, each)
            except ExchangeError:
                # It may have been taken all the same.
                self._readings.doubt(key)
                self._due.set()
                raise
            self._take({key: now})
            turn = self._ledger.turn(principal)
            turn.event(EventKind.LEVERAGE_SET, {"leverage": now, "before": before}, position=key.label)
            await turn.commit()
        return [self._told(PositionKey(instrument_id, each, mode)) for each in wanted]

    def known(self, instrument: Instrument) -> list[Leverage]:
        """Of a contract, as last read, by mode and side; empty for spot."""
        if instrument.kind is not InstrumentKind.SWAP:
            return []
        modes = (TradeMode.CROSS, TradeMode.ISOLATED)
        keys = [PositionKey(instrument.instrument_id, side, mode) for mode in modes for side in self._sides()]
        return [self._told(key) for key in keys if self._readings.known(key)]

    def check(
        self, instrument_id: str, trade_mode: TradeMode | str, position_side: PositionSide | str | None = None
    ) -> tuple[TradeMode, PositionSide | None]:
        """What is asked for, when there is such a leverage. Raises InvalidValue."""
        if self._ledger.instrument(instrument_id).kind is not InstrumentKind.SWAP:
            raise InvalidValue("instrument_id", instrument_id, "is no contract: spot has no leverage")
        word = str(trade_mode).lower()
        if word not in (TradeMode.CROSS, TradeMode.ISOLATED):
            raise InvalidValue("trade_mode", trade_mode, "must be cross or isolated")
        mode = TradeMode(word)
        return mode, self._side(mode, position_side)

    def _side(self, mode: TradeMode, given: PositionSide | str | None) -> PositionSide | None:
        if given is None:
            return None
        sides = self._sides()
        word = str(given).lower()
        if word not in sides:
            kept = " or ".join(sides)
            raise InvalidValue("position_side", given, f"must be {kept} in the position mode of this account")
        if mode is TradeMode.CROSS and self._ledger.hedged:
            raise InvalidValue("position_side", given, "cross margin has one leverage for both sides; leave it out")
        return PositionSide(word)

    def _sides(self) -> list[PositionSide]:
        return [PositionSide.LONG, PositionSide.SHORT] if self._ledger.hedged else [PositionSide.NET]

    def _told(self, key: PositionKey) -> Leverage:
        value, age = self._readings.told(key, self._clock.monotonic_ns())
        return Leverage(
            instrument_id=key.instrument_id,
            position_side=key.side,
            trade_mode=key.mode,
            leverage=value,
            age_seconds=None if age is None else round(age, 3),
        )
