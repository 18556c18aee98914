"""The leverage that the exchange has set for each contract position, as it was read: what margin is reckoned with."""

from dataclasses import dataclass, field
from decimal import Decimal

from app.clock import NS_PER_SECOND
from app.domain.money import ONE
from app.domain.orders import PositionKey

FRESH_NS = 300 * NS_PER_SECOND


@dataclass(slots=True)
class LeverageReadings:
    """By position: the last value read, when (monotonic ns), and the one read before it."""

    _found: dict[PositionKey, tuple[Decimal, int, Decimal]] = field(
        default_factory=dict[PositionKey, tuple[Decimal, int, Decimal]]
    )

    def take(self, key: PositionKey, value: Decimal, now_ns: int) -> None:
        known = self._found.get(key)
        self._found[key] = (value, now_ns, known[0] if known is not None else value)

    def counts(self, key: PositionKey, now_ns: int) -> Decimal:
        """What margin is reckoned with: the last reading while it is fresh, the smaller of the last two when it is not,
        1 without any."""
        known = self._found.get(key)
        if known is None:
            return ONE
        value, _, before = known
        return value if self.fresh(key, now_ns) else min(value, before)

    def known(self, key: PositionKey) -> bool:
        return key in self._found

    def fresh(self, key: PositionKey, now_ns: int) -> bool:
        known = self._found.get(key)
        return known is not None and now_ns - known[1] < FRESH_NS

    def doubt(self, position: PositionKey) -> None:
        """Something speaks against what was read of the instrument in this mode: it is read again."""
        for key, (value, at_ns, before) in self._found.items():
            if (key.instrument_id, key.mode) == (position.instrument_id, position.mode):
                self._found[key] = (value, at_ns - FRESH_NS, before)

    def told(self, key: PositionKey, now_ns: int) -> tuple[Decimal | None, float | None]:
        """The last reading and its age in seconds."""
        known = self._found.get(key)
        return (None, None) if known is None else (known[0], (now_ns - known[1]) / NS_PER_SECOND)
