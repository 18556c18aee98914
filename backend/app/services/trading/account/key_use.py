"""What the orders of a key come to in a UTC day, counted as if everything open filled.

An order counts with what it may still fill and has filled, at the dearest price asked for: on the day that it was
placed, and on every day while it is open. An execution counts as a whole, so its own orders do not. Kept only of keys
with a daily limit; a start reads the day's orders again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from app.clock import NS_PER_SECOND
from app.domain.access_keys import KeyCharge
from app.domain.money import ZERO
from app.domain.orders import Order
from app.store.group import Group

DAY_NS = 86_400 * NS_PER_SECOND

Worth = Callable[[str, Decimal, Decimal | None], Decimal | None]
"""(instrument, size, price or None for the present one) in the valuation currency."""


@dataclass(slots=True)
class _Spent:
    day: int
    value: Decimal


class KeyUse:
    """The charges of the keys that have a daily limit."""

    def __init__(self, worth: Worth = lambda *_: None) -> None:
        self._worth = worth
        self._charges: dict[str, KeyCharge] = {}
        self._spent: dict[str, _Spent] = {}

    def load(self, charges: Iterable[KeyCharge]) -> None:
        """Begin from what the database has."""
        self._charges = {charge.of: charge for charge in charges}
        self._spent = {}

    def knows(self, of: str) -> bool:
        return of in self._charges

    def charge(self, new: KeyCharge) -> None:
        """An order or execution was asked for, or enlarged: it counts for who asked first."""
        known = self._charges.get(new.of)
        if known is not None:
            price = max((p for p in (known.price, new.price) if p is not None), default=None)
            new = replace(known, size=max(known.size, new.size), price=price)
        self._charges[new.of] = new

    def total(self, principal: str, now_ns: int, but: str = "") -> Decimal | None:
        """What counts today, in the valuation currency, without one order that is amended; None where a price is
        missing."""
        today = now_ns // DAY_NS
        self._settle_valued(today)
        spent = self._spent.get(principal)
        total = spent.value if spent is not None and spent.day == today else ZERO
        for charge in self._charges.values():
            if charge.principal == principal and charge.of != but:
                value = self._worth(charge.instrument_id, charge.size, charge.price)
                if value is None:
                    return None
                total += value
        return total

    def on_commit(self, group: Group) -> None:
        """What is over counts with what it filled."""
        if not self._charges:
            return
        orders: Mapping[str, Order] = {**group.orders, **{name: new.order for name, new in group.new_orders.items()}}
        for order_id, order in orders.items():
            known = self._charges.get(order_id)
            if known is not None and order.settled:
                self._charges[order_id] = replace(known, size=order.filled, open=False)
        for row in group.plain:
            if row.table == "parent_orders" and row.values["parent_id"] in self._charges:
                parent_id = row.values["parent_id"]
                self._charges[parent_id] = replace(self._charges[parent_id], open=bool(row.values["is_open"]))

    def _settle_valued(self, today: int) -> None:
        """What is over becomes part of the day's sum as soon as it has a price; that of other days is forgotten."""
        for charge in [each for each in self._charges.values() if not each.open]:
            if charge.day != today or not charge.size:
                del self._charges[charge.of]
                continue
            value = self._worth(charge.instrument_id, charge.size, charge.price)
            if value is None:
                continue
            spent = self._spent.get(charge.principal)
            if spent is None or spent.day != today:
                spent = self._spent[charge.principal] = _Spent(today, ZERO)
            spent.value += value
            del self._charges[charge.of]
