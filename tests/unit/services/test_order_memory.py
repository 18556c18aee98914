"""What is kept of orders in memory, and what they hold of the account."""

from __future__ import annotations

from app.domain.conditions import Condition
from app.domain.exposure import exposure_of
from app.domain.order_changes import apply_report
from app.domain.orders import OrderType, VenueState
from app.services.trading.account.order_memory import OrderMemory
from tests.unit.domain.builders import SPOT, D, report, sent


def test_an_entry_whose_trigger_was_moved_at_the_exchange_holds_the_money_of_the_new_one() -> None:
    """By somebody there, of whose amendment nothing is known here."""
    waits = {"order_type": OrderType.MARKET, "price": None, "condition": Condition(stop_loss=D(100))}
    memory, order = OrderMemory(), sent(**waits)
    memory.install(order, SPOT)
    for at, trigger in enumerate(("100", "140"), start=1):
        told = report(VenueState.LIVE, at=at, venue_order_id="", condition=Condition(stop_loss=D(trigger)))
        order = apply_report(order, told, at).order
        memory.install(order, SPOT)
    assert memory.exposure == exposure_of([(order, SPOT)])
    assert memory.exposure.spot_holds == {"USDT": D(700)}
