"""What an equity curve must take out besides deposits: what got its first price, or lost it, between two daily records.

Something without a price is left out of both ends of every comparison: when it gets one it enters like a deposit at
that price, when it loses it it leaves like a withdrawal at its last. Stands between daily records and equity_curve.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from app.domain.money import ONE, ZERO
from app.services.trading.account.day_figures import DayParts, EquityOfDay
from app.services.trading.reports.equity_curve import PRICE
from app.store.queries import Row


def comparable_movements(days: Sequence[Row], movements: Iterable[Row], currency: str) -> Iterator[Row]:
    """The movements that are flows of the curve over these daily records (oldest first), as rows of cash_movements.

    What came without a price, on a day whose parts are known, is not in the equity until it gets one.
    """
    opened = [EquityOfDay.of(row) for row in days]
    known_since = next((day.at_ns for day in opened if day.parts is not None), None)
    for row in movements:
        if row["price"] is not None or known_since is None or row["at_ns"] < known_since:
            yield row
    for before, after in pairwise(opened):
        if before.parts is not None and after.parts is not None:
            yield _flow(after.at_ns, _between(before.parts, after.parts), currency)
    if opened and (newest := opened[-1]).parts is not None:
        yield _flow(newest.at_ns + 1, sum((item.value for item in newest.parts.entered.values()), ZERO), currency)


def _between(before: DayParts, after: DayParts) -> Decimal:
    total = sum((item.value for item in before.entered.values()), ZERO)
    for currency, held in after.currencies.items():
        was, entered = before.currencies.get(currency), before.entered.get(currency)
        price = was.price if was is not None else None
        if entered is not None and entered.amount:
            price = entered.value / entered.amount
        if held.price is None and price is not None:
            total -= held.amount * price
        elif held.price is not None and price is None and was is not None:
            total += was.amount * held.price
    for key, contract in after.contracts.items():
        was = before.contracts.get(key)
        if was is not None and (was.value is None) is not (contract.value is None):
            total += contract.value if contract.value is not None else -(was.value or ZERO)
    return total


def _flow(at_ns: int, amount: Decimal, currency: str) -> dict[str, Any]:
    return {"at_ns": at_ns, "kind": PRICE, "currency": currency, "amount": amount, "price": ONE}
