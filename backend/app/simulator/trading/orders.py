"""An order as the simulated exchange keeps it, and its two wire forms: the REST row and the `orders` channel row."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from app.simulator.market.instruments import ZERO, Instrument, text

if TYPE_CHECKING:
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
        return (
            ""
            if self.px is None or self.ord_type in ("market", "optimal_limit_ioc")
            else text(self.inst.price(self.px))
        )


def _average_text(order: Order) -> str:
    return text(order.average_price.quantize(Decimal("1e-12"), ROUND_HALF_EVEN))


def _fixed(order: Order) -> dict[str, Any]:
    """The fields of a row that never change in an order's life, made once."""
    inst = order.inst
    return {
        "accFillSz": "0",
        "algoClOrdId": order.algo_cl_ord_id,
        "algoId": order.algo_id,
        "attachAlgoClOrdId": "",
        "attachAlgoOrds": order.attached,
        "cTime": str(order.c_time_ms),
        "cancelSource": "",
        "category": order.category,
        "ccy": order.ccy,
        "clOrdId": order.cl_ord_id,
        "fee": "0",
        "feeCcy": "",
        "fillTime": "",
        "instId": inst.inst_id,
        "instType": inst.inst_type,
        "isTpLimit": "false",
        "lever": order.lever,
        "linkedAlgoOrd": {"algoId": ""},
        "ordId": str(order.order_id),
        "ordType": order.ord_type,
        "outcome": "",
        "pnl": "0",
        "posSide": order.pos_side,
        "px": "",
        "pxType": "",
        "pxUsd": "",
        "pxVol": "",
        "quickMgnType": "",
        "rebate": "0",
        "rebateCcy": "",
        "reduceOnly": "true" if order.reduce_only else "false",
        "side": "buy" if order.side > 0 else "sell",
        "slOrdPx": "",
        "slTriggerPx": "",
        "slTriggerPxType": "",
        "source": order.source,
        "state": "",
        "stpId": "",
        "stpMode": order.stp_mode,
        "sz": "",
        "tag": order.tag,
        "tdMode": order.td_mode,
        "tgtCcy": order.tgt_ccy,
        "tpOrdPx": "",
        "tpTriggerPx": "",
        "tpTriggerPxType": "",
        "tradeId": "",
        "tradeQuoteCcy": inst.quote if inst.is_spot else "",
        "uTime": "",
    }


def _common(order: Order) -> dict[str, Any]:
    if order.fixed is None:
        order.fixed = _fixed(order)
    row, fill = order.fixed.copy(), order.last_fill
    row["cancelSource"], row["state"], row["uTime"] = order.cancel_source, order.state, str(order.u_time_ms)
    row["px"], row["sz"] = order.price_text(), order.size_text()
    if fill is not None:
        row["accFillSz"], row["fee"] = text(order.inst.size(order.filled)), text(order.fee)
        row["feeCcy"], row["pnl"], row["rebate"] = order.fee_ccy, text(order.pnl), text(order.rebate)
        row["fillTime"], row["tradeId"] = str(fill.ts_ms), str(fill.trade_id)
    return row


def rest_row(order: Order) -> dict[str, Any]:
    """Row of GET order, pending and history: fill fields describe the last fill; avgPx is "" without one."""
    fill = order.last_fill
    return _common(order) | {
        "avgPx": _average_text(order) if order.filled else "",
        "cancelSourceReason": "",
        "fillPx": text(order.inst.price(fill.price)) if fill else "",
        "fillSz": text(order.inst.size(fill.size)) if fill else "0",
    }


@dataclass(frozen=True, slots=True)
class AmendNote:
    """Outcome of an asynchronous amend, shown once on the `orders` channel."""

    result: str
    req_id: str
    code: str = "0"
    message: str = ""
    source: str = "1"


_NO_EVENT = {
    "amendResult": "",
    "amendSource": "",
    "code": "0",
    "execType": "",
    "fillFee": "0",
    "fillFeeCcy": "",
    "fillFwdPx": "",
    "fillIdxPx": "",
    "fillMarkPx": "",
    "fillMarkVol": "",
    "fillNotionalUsd": "",
    "fillPnl": "0",
    "fillPx": "",
    "fillPxUsd": "",
    "fillPxVol": "",
    "fillSz": "0",
    "msg": "",
    "reqId": "",
}


def channel_row(order: Order, fill: Fill | None, last_px: str, amend: AmendNote | None = None) -> dict[str, Any]:
    """Row of the `orders` channel: fill fields describe this update only ("0" and "" when it is not a fill)."""
    inst = order.inst
    price = inst.price(order.px) if order.px is not None else ZERO
    notional = order.quote_size if order.quote_size is not None else ZERO
    if price and order.quote_size is None:
        notional = inst.size(order.size) * inst.contract_value * (1 if inst.is_inverse else price)
    row = _common(order)
    row |= _NO_EVENT
    row["avgPx"] = _average_text(order) if order.filled else "0"
    row["lastPx"], row["notionalUsd"] = last_px, text(notional)
    if amend is not None:
        row |= {
            "amendResult": amend.result,
            "amendSource": amend.source,
            "code": amend.code,
            "msg": amend.message,
            "reqId": amend.req_id,
        }
    if fill is None:
        row["tradeId"] = row["fillTime"] = ""
        return row
    fill_price = text(inst.price(fill.price))
    return row | {
        "execType": fill.exec_type,
        "fillFee": text(fill.fee),
        "fillFeeCcy": fill.fee_ccy,
        "fillIdxPx": fill_price,
        "fillMarkPx": "" if inst.is_spot else fill_price,
        "fillNotionalUsd": text(fill.notional_usd),
        "fillPnl": text(fill.pnl),
        "fillPx": fill_price,
        "fillSz": text(inst.size(fill.size)),
        "fillTime": str(fill.ts_ms),
        "tradeId": str(fill.trade_id),
    }


def fill_row(order: Order, fill: Fill) -> dict[str, Any]:
    """Row of GET fills and fills-history."""
    inst = order.inst
    return {
        "billId": str(fill.bill_id),
        "clOrdId": order.cl_ord_id,
        "execType": fill.exec_type,
        "fee": text(fill.fee),
        "feeCcy": fill.fee_ccy,
        "feeRate": text(fill.fee_rate) if inst.is_spot else "",
        "fillFwdPx": "",
        "fillIdxPx": text(inst.price(fill.price)),
        "fillMarkPx": text(inst.price(fill.price)) if not inst.is_spot else "",
        "fillMarkVol": "",
        "fillPnl": text(fill.pnl),
        "fillPx": text(inst.price(fill.price)),
        "fillPxUsd": "",
        "fillPxVol": "",
        "fillSz": text(inst.size(fill.size)),
        "fillTime": str(fill.ts_ms),
        "instId": inst.inst_id,
        "instType": inst.inst_type,
        "ordId": str(order.order_id),
        "posSide": order.pos_side,
        "side": "buy" if order.side > 0 else "sell",
        "subType": fill.sub_type,
        "tag": order.tag,
        "tradeId": str(fill.trade_id),
        "tradeQuoteCcy": inst.quote if inst.is_spot else "",
        "ts": str(fill.ts_ms),
    }
