"""The instruments that the exchange lists."""

from app.clock import Clock
from app.domain.instruments import Instrument


class Catalogue:
    """By id; made before the ledger, which books by it, and before the prices, which find their ways in it.

    catalogue_changes: how often one of them was listed anew.
    """

    def __init__(self, clock: Clock, instruments: dict[str, Instrument] | None = None) -> None:
        self.clock = clock
        self.instruments: dict[str, Instrument] = instruments if instruments is not None else {}
        self.catalogue_changes = 0

    def put(self, instrument: Instrument) -> bool:
        """Listed, or listed differently; whether it is new."""
        new = instrument.instrument_id not in self.instruments
        self.instruments[instrument.instrument_id] = instrument
        self.catalogue_changes += 1
        return new
