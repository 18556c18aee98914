"""Algo orders as OKX shows them, in queries and on their channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.simulator.market.markets import Market
from app.simulator.trading.algo_rules import CALLBACKS, ORDER_PRICES, TRIGGER_PRICES, flag
from app.simulator.trading.algos import Algo

SHOWN_PRICES = (*TRIGGER_PRICES, *CALLBACKS, *ORDER_PRICES)


def algo_row(algo: Algo, market: Market, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Row of the algo queries and channels."""
    params = algo.params
    given = {
        name: str(params.get(name, ""))
        for name in (*SHOWN_PRICES, "algoClOrdId", "ccy", "closeFraction", "side", "tag", "tdMode", "tgtCcy")
    }
    types = {
        f"{name}Type": str(params.get(f"{name}Type", "last")) if given[name] else "" for name in TRIGGER_PRICES[:3]
    }
    return (
        given
        | types
        | {
            "actualPx": algo.actual_price,
            "actualSide": algo.actual_side,
            "actualSz": algo.actual_size,
            "algoId": str(algo.algo_id),
            "amendPxOnTriggerType": "0",
            "attachAlgoOrds": [],
            "cTime": str(algo.c_time_ms),
            "chaseType": "",
            "chaseVal": "",
            "clOrdId": "",
            "failCode": algo.fail_code,
            "instId": algo.inst_id,
            "instType": market.inst.inst_type,
            "isTradeBorrowMode": "",
            "last": market.price_text(market.last_price),
            "lever": "",
            "linkedOrd": {"ordId": algo.attached_to},
            "maxChaseType": "",
            "maxChaseVal": "",
            "moveTriggerPx": algo.move_trigger,
            "notionalUsd": "",
            "ordId": algo.order_id,
            "ordIdList": algo.order_ids,
            "ordType": algo.kind,
            "posSide": "" if market.inst.is_spot else str(params.get("posSide", "net")),
            "pxLimit": "",
            "pxSpread": "",
            "pxVar": "",
            "quickMgnType": "",
            "reduceOnly": "true" if flag(params.get("reduceOnly")) else "false",
            "state": algo.state,
            "sz": str(params.get("sz", "")),
            "szLimit": "",
            "timeInterval": "",
            "triggerTime": algo.trigger_ms,
            "tradeQuoteCcy": market.inst.quote if market.inst.is_spot else "",
            "uTime": str(algo.u_time_ms),
        }
        | {"amendResult": "", "reqId": ""}
        | dict(more or {})
    )
