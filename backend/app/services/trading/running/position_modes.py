"""Names the modes of positions that were written before modes told positions apart: once, at the first start after.

The exchange's own positions say it; where it shows none, our orders; what nobody says is named so, for a person.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from app.domain.events import EventKind
from app.domain.instruments import InstrumentKind
from app.domain.orders import TradeMode
from app.domain.positions import renamed
from app.exchanges.port import VenuePosition
from app.models.columns import UNKNOWN_MODE
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM, Turn
from app.store import queries
from app.store.database import Database

POSITION_MODE_UNKNOWN = "position_mode_unknown"

log = structlog.get_logger("session")


class PositionReads(Protocol):
    async def positions(self) -> Sequence[VenuePosition]: ...


async def name_modes(ledger: Ledger, database: Database, exchange: PositionReads) -> None:
    """Nothing to do after the first time. Raises ExchangeError, StoreError."""
    if not ledger.modeless:
        return
    shown: dict[queries.ModelessKey, set[TradeMode]] = {}
    for position in await exchange.positions():
        if position.size:
            shown.setdefault((position.instrument_id, position.position_side), set()).add(position.trade_mode)
    ordered = queries.ordered_modes(database, ledger.account)
    turn = ledger.turn(SYSTEM)
    for old in sorted(ledger.modeless):
        mode, evidence = mode_of(ledger, old, shown, ordered)
        _name(ledger, turn, old, mode or TradeMode.CROSS, evidence)
        if mode is None and ledger.modeless[old].position.size:
            turn.anomaly(POSITION_MODE_UNKNOWN, {"instrument_id": old[0], "position_side": old[1].value})
            log.warning("position.mode_unknown", instrument_id=old[0], position_side=old[1].value, taken_for="cross")
    await turn.commit()
    ledger.modeless.clear()
    ledger.modeless_sizes.clear()


def _name(ledger: Ledger, turn: Turn, old: queries.ModelessKey, mode: TradeMode, evidence: str) -> None:
    fold = renamed(ledger.modeless[old], mode)
    sizes = {strategy_id: size for (strategy_id, held), size in ledger.modeless_sizes.items() if held == old}
    turn.bookings.name_mode(old, fold, sizes)
    instrument_id, side = old
    row = {
        "account": ledger.account,
        "instrument_id": instrument_id,
        "position_side": side.value,
        "trade_mode": UNKNOWN_MODE,
    }
    turn.drop_row("positions", row)
    for strategy_id in sizes:
        turn.drop_row("strategy_holdings", {**row, "strategy_id": strategy_id})
    turn.event(EventKind.POSITION_MODE, {"evidence": evidence}, position=fold.position.key.label)


def mode_of(
    ledger: Ledger,
    old: queries.ModelessKey,
    shown: Mapping[queries.ModelessKey, set[TradeMode]],
    ordered: Mapping[queries.ModelessKey, set[TradeMode]],
) -> tuple[TradeMode | None, str]:
    """The mode, None when nobody says it, and on what evidence."""
    instrument = ledger.instruments.get(old[0])
    if instrument is not None and instrument.kind is InstrumentKind.SPOT:
        return TradeMode.CASH, "spot"
    for modes, evidence in ((shown.get(old), "the exchange shows it so"), (ordered.get(old), "so were all its orders")):
        if modes is not None and len(modes) == 1:
            return next(iter(modes)), evidence
    if instrument is None and old not in ordered:
        return TradeMode.CASH, "no contract that was ever traded here"
    return None, "neither the exchange nor the orders say it; taken for cross"
