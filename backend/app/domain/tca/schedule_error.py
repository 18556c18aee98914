"""How far an execution strayed from its schedule."""

from collections.abc import Sequence
from decimal import Decimal

from app.domain.money import ZERO, rounded


def schedule_error(looks: Sequence[tuple[Decimal, Decimal]], size: Decimal) -> Decimal | None:
    """Root mean square of (filled - target) over evenly spaced looks, as a share of `size`; None without looks."""
    if not looks or not size:
        return None
    squares = sum(((filled - target) ** 2 for filled, target in looks), ZERO)
    return rounded((squares / len(looks)).sqrt() / size, 8)
