"""How place, amend and cancel are spelled on OKX's two wires, alone and together, and which limits count them."""

from dataclasses import dataclass

from app.exchanges.okx import endpoints
from app.exchanges.okx.endpoints import Endpoint, Limit
from app.exchanges.okx.outcomes import Operation
from app.exchanges.okx.requests import Arguments

BATCH_MAX = 20
"""Orders in one batch request (OKX v5)."""


@dataclass(frozen=True, slots=True)
class Way:
    """counts_for_account: whether each order counts towards the sub-account's limit."""

    operation: Operation
    websocket: str
    websocket_batch: str
    endpoint: Endpoint
    endpoint_batch: Endpoint
    counts_for_account: bool

    @property
    def limit(self) -> Limit:
        return self.endpoint.limit

    @property
    def batch_limit(self) -> Limit:
        return self.endpoint_batch.limit


PLACE = Way(Operation.PLACE, "order", "batch-orders", endpoints.PLACE, endpoints.PLACE_BATCH, True)
AMEND = Way(Operation.AMEND, "amend-order", "batch-amend-orders", endpoints.AMEND, endpoints.AMEND_BATCH, True)
CANCEL = Way(Operation.CANCEL, "cancel-order", "batch-cancel-orders", endpoints.CANCEL, endpoints.CANCEL_BATCH, False)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One order's part of a request. expires_ms: OKX's milliseconds as text, "" for none."""

    arguments: Arguments
    client_order_id: str
    venue_order_id: str
    expires_ms: str
