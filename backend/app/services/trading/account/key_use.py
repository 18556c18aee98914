"""What the orders of a key come to in a UTC day, counted as if everything open filled.

An order counts with what it may still fill and has filled, at the dearest price asked for: on the day that it was
placed, and on every day while it is open. An execution counts as a whole, so its own orders do not. What two keys asked
for of one order, as one amends the other's, counts for both. Kept only of keys with a daily limit; a start reads the
day's orders again.
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
    """The charges of the keys that have a daily limit. An order that is over is known to the day's end: the exchange
    may tell of a fill late."""

    def __init__(self, worth: Worth = lambda *_: None) -> None:
        self.worth = worth
        self._charges: dict[str, dict[str, KeyCharge]] = {}
        self._over: dict[str, dict[str, KeyCharge]] = {}
        self._spent: dict[str, _Spent] = {}

    def load(self, charges: Iterable[KeyCharge]) -> None:
        """Begin from what the database has."""
        self._charges, self._over, self._spent = {}, {}, {}
        for charge in charges:
            self._charges.setdefault(charge.of, {})[charge.principal] = charge

    def charge(self, new: KeyCharge) -> None:
        """An order or execution was asked for, or changed by that key."""
        by = self._charges.setdefault(new.of, {})
        by.setdefault(new.principal, new)
        for principal, known in by.items():
            price = max((p for p in (known.price, new.price) if p is not None), default=None)
            by[principal] = replace(known, size=max(known.size, new.size), price=price)

    def knows(self, of: str) -> bool:
        return of in self._charges

    def total(self, principal: str, now_ns: int, but: str = "") -> Decimal | None:
        """What counts today, in the valuation currency, without one order that is amended; None where a price is
        missing."""
        today = now_ns // DAY_NS
        self._settle_valued(today)
        spent = self._spent.get(principal)
        total = spent.value if spent is not None and spent.day == today else ZERO
        for of, by in self._charges.items():
            charge = by.get(principal)
            if charge is not None and of != but:
                value = self.worth(charge.instrument_id, charge.size, charge.price)
                if value is None:
                    return None
                total += value
        return total

    def on_commit(self, group: Group) -> None:
        """What is over counts with what it filled."""
        if not self._charges and not self._over:
            return
        orders: Mapping[str, Order] = {**group.orders, **{name: new.order for name, new in group.new_orders.items()}}
        for order_id, order in orders.items():
            if order.settled:
                self._filled(order_id, order.filled)
        for row in group.plain:
            if row.table == "parent_orders" and row.values["parent_id"] in self._charges:
                by = self._charges[row.values["parent_id"]]
                by.update({who: replace(charge, open=bool(row.values["is_open"])) for who, charge in by.items()})

    def _filled(self, of: str, filled: Decimal) -> None:
        """An order is over, or was before this fill of it was told: what of it is not in the day's sum yet."""
        pending, over = self._charges.get(of, {}), self._over.get(of, {})
        for principal, known in {**over, **pending}.items():
            left = filled - (over[principal].size if principal in over else ZERO)
            if left or principal in pending:
                self._charges.setdefault(of, {})[principal] = replace(known, size=left, open=False)

    def _settle_valued(self, today: int) -> None:
        """What is over becomes part of the day's sum as soon as it has a price; that of other days is forgotten."""
        if any(charge.day != today for by in self._over.values() for charge in by.values()):
            self._over = {of: by for of, by in self._over.items() if any(each.day == today for each in by.values())}
        for charge in [each for by in self._charges.values() for each in by.values() if not each.open]:
            value = ZERO if charge.day != today else self.worth(charge.instrument_id, charge.size, charge.price)
            if value is None:
                continue
            self._forget(charge)
            if charge.day != today:
                continue
            over = self._over.setdefault(charge.of, {})
            known = over.get(charge.principal)
            over[charge.principal] = charge if known is None else replace(known, size=known.size + charge.size)
            spent = self._spent.get(charge.principal)
            if spent is None or spent.day != today:
                spent = self._spent[charge.principal] = _Spent(today, ZERO)
            spent.value += value

    def _forget(self, charge: KeyCharge) -> None:
        by = self._charges[charge.of]
        del by[charge.principal]
        if not by:
            del self._charges[charge.of]
