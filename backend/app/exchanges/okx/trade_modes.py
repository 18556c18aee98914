"""OKX's tdMode of an order: as asked for, but of spot the word that the account's level has for it."""

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import TradeMode

CASH_LEVELS = ("1", "2")
"""Spot mode, and spot and futures. With multi-currency and with portfolio margin everything is cross: cash is refused
there (51000)."""


def spot_mode(level: str) -> TradeMode:
    """Of spot orders in an account of this acctLv; one that nobody has told is taken for a simple one."""
    return TradeMode.CASH if not level or level in CASH_LEVELS else TradeMode.CROSS


class TradeModes:
    """Of one account, by the level that OKX told last."""

    def __init__(self) -> None:
        self._spot = spot_mode("")

    def learn(self, level: str) -> None:
        self._spot = spot_mode(level)

    def of(self, instrument: Instrument, asked: TradeMode) -> TradeMode:
        return self._spot if instrument.kind is InstrumentKind.SPOT else asked
