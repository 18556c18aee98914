"""How far past trades are put in brief (reports/fold_making.py), and what is booked behind that: a fill that is heard
of late, or the fee of an old one. The watermark `performance` says how far; it goes back in the very turn.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Folding:
    """A stretch that is being made, of trades of before until_ns; 0: none, or something of then was booked since."""

    until_ns: int = 0

    def disturb(self, at_ns: int) -> None:
        """Something of that time is booked."""
        if at_ns < self.until_ns:
            self.until_ns = 0
