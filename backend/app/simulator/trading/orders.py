"""An order as the simulated exchange keeps it, its fills, and the outcome of its amendments."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from app.simulator.market.instruments import ZERO, Instrument, text
from app.simulator.market.matching import Resting

SHOWN = Decimal("1e-8")
LIVE = "live"
PARTIAL = "partially_filled"
FILLED = "filled"
CANCELED = "canceled"
UNFILLED_KEPT_NS = 2 * 3600 * 1_000_000_000
"""A cancelled order without a fill can be asked for that long."""


@dataclass(slots=True)
class Fill:
    """One execution of one order. `fee` is negative when charged; `size` in lots, `price` in ticks."""

    bill_id: int
    trade_id: int
    order_id: int
    price: int
    size: int
    exec_type: str
    fee: Decimal
    fee_ccy: str
    fee_rate: Decimal
    pnl: Decimal
    sub_type: str
    ts_ms: int
    notional_usd: Decimal = ZERO


@dataclass(slots=True, eq=False)
class Order:
    """Mutable order record. `size`, `filled` in lots; `px` in ticks (None: market); sides are +1 and -1."""

    order_id: int
    account: str
    inst: Instrument
    side: int
    ord_type: str
    td_mode: str
    size: int
    px: int | None = None
    cl_ord_id: str = ""
    tag: str = ""
    pos_side: str = "net"
    tgt_ccy: str = ""
    ccy: str = ""
    stp_mode: str = "cancel_maker"
    reduce_only: bool = False
    quote_size: Decimal | None = None
    category: str = "normal"
    source: str = ""
    algo_id: str = ""
    algo_cl_ord_id: str = ""
    lever: str = ""
    state: str = LIVE
    filled: int = 0
    value: Decimal = ZERO
    fee: Decimal = ZERO
    fee_ccy: str = ""
    rebate: Decimal = ZERO
    pnl: Decimal = ZERO
    cancel_source: str = ""
    c_time_ms: int = 0
    u_time_ms: int = 0
    last_fill: Fill | None = None
    frozen: Decimal = ZERO
    frozen_ccy: str = ""
    amends_in_flight: int = 0
    attached: list[dict[str, Any]] = field(default_factory=list)
    resting: Resting | None = None
    terminal_ns: int = 0
    fixed: dict[str, Any] | None = None

    @property
    def leaves(self) -> int:
        return self.size - self.filled

    @property
    def open(self) -> bool:
        return self.state in (LIVE, PARTIAL)

    @property
    def average_price(self) -> Decimal:
        """Average fill price; harmonic for inverse contracts, where `value` sums size over price."""
        if not self.filled:
            return ZERO
        size = self.inst.size(self.filled)
        return (size / self.value).quantize(SHOWN, ROUND_HALF_EVEN) if self.inst.is_inverse else self.value / size

    def size_text(self) -> str:
        return text(self.inst.size(self.size) if self.quote_size is None else self.quote_size)

    def price_text(self) -> str:
        if self.px is None or self.ord_type in ("market", "optimal_limit_ioc"):
            return ""
        return text(self.inst.price(self.px))


@dataclass(frozen=True, slots=True)
class AmendNote:
    """Outcome of an asynchronous amend, shown once on the `orders` channel."""

    result: str
    req_id: str
    code: str = "0"
    message: str = ""
    source: str = "1"
