"""Orders and fills as OKX shows them: the rows of REST and of the `orders` and `fills` channels."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from app.simulator.market.instruments import ZERO, is_whole, text
from app.simulator.trading.orders import AmendNote, Fill, Order


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


def fills_row(order: Order, fill: Fill) -> dict[str, Any]:
    """Row of the `fills` channel, which names client ids only where they are numbers."""
    inst = order.inst
    numeric = is_whole(order.cl_ord_id) and 0 < int(order.cl_ord_id) < 2**63
    return {
        "clOrdId": order.cl_ord_id if numeric else "0",
        "count": "1",
        "execType": fill.exec_type,
        "fillPx": text(inst.price(fill.price)),
        "fillSz": text(inst.size(fill.size)),
        "instId": inst.inst_id,
        "ordId": str(order.order_id),
        "side": "buy" if order.side > 0 else "sell",
        "tradeId": str(fill.trade_id),
        "ts": str(fill.ts_ms),
    }
