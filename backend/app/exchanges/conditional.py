"""What an exchange may offer beside the port: to hold orders that wait for a price."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from app.domain.orders import OrderReport


@runtime_checkable
class ConditionalVenue(Protocol):
    """What an exchange may offer besides: orders with a condition (OrderRequest.condition) stand there until it is met,
    also while nobody is connected. They are sent, amended and cancelled as any other, by their client order id; what
    becomes of one is reported under the same, and with a venue order id from when it has fired; it may become several
    orders, and the report of the one that waited says when these are all (OrderReport.made). may_be_late_ns: so long
    after its expiry one that was sent may still be taken. Reads raise ExchangeError."""

    may_be_late_ns: int

    async def conditional_order(
        self, instrument_id: str, client_order_id: str, venue_order_ids: Sequence[str] = ()
    ) -> Sequence[OrderReport]:
        """As it stands, and then each order that it became, of those that are known too; none on the definite answer
        that there is none."""
        ...

    async def conditional_orders(self) -> Sequence[OrderReport]:
        """All that wait, others' too."""
        ...
