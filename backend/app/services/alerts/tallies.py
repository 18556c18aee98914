"""What is summed up of orders and fills as they are committed: what fills were charged, how large orders of strategies
are and how they end. Beside counting.py, and as cheap."""

from collections import OrderedDict, defaultdict
from decimal import Decimal
from typing import Any

from app.domain.evolve import evolve
from app.domain.money import ZERO
from app.domain.orders import NORMAL, Fill, Order
from app.domain.tca.worth import fee_paid, paid
from app.services.alerts.window import Charged
from app.services.trading.account.ledger import Ledger
from app.store.group import Group

ROUNDED = Decimal("0.00000001")
"""By so much of its currency a fee may be off for being rounded."""
ENDED_MAX = 10_000
"""Orders that are known to have ended; what of them changes later ends none anew."""


class Tallies:
    """Of one account, since they were last taken."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._begin()

    def take(self) -> dict[str, Any]:
        """charged, sizes and ended, as Second has them."""
        sizes = {
            subject: {instrument_id: sum(each, ZERO) / len(each) for instrument_id, each in found.items()}
            for subject, found in self._sizes.items()
        }
        ends = {subject: (filled, ended) for subject, (filled, ended) in self._ends.items()}
        taken = {"charged": self._charged, "sizes": sizes, "ended": ends}
        self._begin()
        return taken

    def _begin(self) -> None:
        self._charged: dict[str, Charged] = {}
        self._sizes: defaultdict[str, defaultdict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
        self._ends: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])

    def on_commit(self, group: Group) -> None:
        for new in group.new_orders.values():
            request = new.order.request
            if request.strategy_id and request.size > 0:
                self._sizes[f"strategy:{request.strategy_id}"][request.instrument_id].append(request.size)
        for order in group.orders.values():
            if order.settled and order.acknowledged and order.request.strategy_id:
                self._end(order)
        for fill, _ in group.fees:  # told with its fill or later, each once
            self._fee(fill)

    def _end(self, order: Order) -> None:
        if order.order_id in self._ended:
            return
        self._ended[order.order_id] = None
        if len(self._ended) > ENDED_MAX:
            self._ended.popitem(last=False)
        ends = self._ends[f"strategy:{order.request.strategy_id}"]
        ends[0] += bool(order.filled_size)
        ends[1] += 1

    def _fee(self, fill: Fill) -> None:
        """Not of what the exchange closed by force, which has a fee of its own, nor in a third currency."""
        instrument = self._ledger.instruments.get(fill.instrument_id)
        if instrument is None or fill.liquidity is None or fill.category != NORMAL:
            return
        fee = fee_paid(instrument, fill, None)
        if fee is None:
            return
        name = f"{fill.instrument_id} {fill.liquidity.value}"
        # None: nothing was charged, in no currency of the pair.
        rounding = fee_paid(instrument, evolve(fill, fee=ROUNDED), None) or ROUNDED
        one = Charged(fee, abs(paid(instrument, fill.size, fill.price)), 1, rounding)
        self._charged[name] = self._charged[name] + one if name in self._charged else one
