"""What positions are worth, written beside them once a minute for whoever reads the database alone.

A cache: no event tells it, and no audit asks for it.
"""

from dataclasses import replace

from app.clock import Clock
from app.domain.orders import PositionKey
from app.domain.positions import UNMARKED, PositionMarks
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.position_manager import PositionManager

PERIOD_SECONDS = 60.0


class MarkKeeper:
    """Writes the marks of one account."""

    def __init__(self, ledger: Ledger, positions: PositionManager, clock: Clock) -> None:
        self._ledger = ledger
        self._positions = positions
        self._clock = clock

    async def run(self) -> None:
        """One round."""
        await self._clock.sleep(PERIOD_SECONDS)
        if not self._ledger.writer_failed:
            await self.write()

    async def write(self) -> None:
        """Those that are others than before, in a turn of their own. Raises StoreFailed."""
        ledger = self._ledger
        turn = ledger.turn(SYSTEM)
        changed: dict[PositionKey, PositionMarks] = {}
        for key, fold in ledger.folds.items():
            instrument, before = ledger.instruments.get(key.instrument_id), ledger.marks.get(key, UNMARKED)
            held = instrument is not None and bool(fold.position.size)
            now = self._positions.marks(instrument, fold.position) if instrument is not None and held else UNMARKED
            if now.marked_ns is None and now != replace(before, marked_ns=None):
                changed[key] = now if now == UNMARKED else replace(now, marked_ns=turn.now_ns)
        for key, marks in changed.items():
            turn.change_row(
                "positions",
                {
                    "mark_price": marks.mark_price,
                    "unrealised_pnl": marks.unrealised_pnl,
                    "margin": marks.margin,
                    "leverage": marks.leverage,
                    "marked_ns": marks.marked_ns,
                    "account": ledger.account,
                    "instrument_id": key.instrument_id,
                    "position_side": key.side.value,
                    "trade_mode": key.mode.value,
                },
            )
        if changed:
            await turn.commit()
            ledger.marks.update(changed)
