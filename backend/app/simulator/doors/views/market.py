"""Public market data rows that REST and the channels share: candles, prices, funding, status, instruments."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.simulator.config import Config
from app.simulator.market.instruments import ZERO, text
from app.simulator.market.markets import HOUR_MS, Candle, Market, Trade
from app.simulator.trading.funding import FUNDING_MS, next_funding_ms

_DAY = 24 * HOUR_MS
BARS: dict[str, int] = {
    "1m": 60_000,
    "3m": 180_000,
    "5m": 300_000,
    "15m": 900_000,
    "30m": 1_800_000,
    "1H": HOUR_MS,
    "2H": 2 * HOUR_MS,
    "4H": 4 * HOUR_MS,
    "6H": 6 * HOUR_MS,
    "12H": 12 * HOUR_MS,
    "1D": _DAY,
    "1W": 7 * _DAY,
}


def bar_of(name: str) -> tuple[int, int] | None:
    """(length ms, offset ms) of a bar name; bars of 6H and more open on UTC+8 unless the name ends in utc."""
    plain = name.removesuffix("utc")
    length = BARS.get(plain)
    if length is None or (plain != name and length < 6 * HOUR_MS):
        return None
    shifted = length >= 6 * HOUR_MS and plain == name
    return length, (8 * HOUR_MS if shifted else 0)


def candle_rows(market: Market, bar: str, now_ms: int) -> list[list[str]]:
    """All candles kept, newest first, aggregated from minutes, from an hour on from hours too:
    [ts,o,h,l,c,vol,volCcy,volCcyQuote,confirm]."""
    found = bar_of(bar)
    if found is None:
        raise ValueError(f"bar: {bar!r} is not one of {', '.join(BARS)}")
    length, offset = found
    merged: dict[int, Candle] = {}
    for part in market.long_candles() if length >= HOUR_MS else market.candles:
        start = (part.ts_ms + offset) // length * length - offset
        into = merged.get(start)
        if into is None:
            merged[start] = replace(part, ts_ms=start)
        else:
            into.take(part)
    return [_candle_row(market, candle, candle.ts_ms + length <= now_ms) for candle in reversed(merged.values())]


def _candle_row(market: Market, candle: Candle, done: bool) -> list[str]:
    base, quote = market.volumes(candle.volume, candle.value)
    price = market.price_text
    return [
        str(candle.ts_ms),
        price(candle.open),
        price(candle.high),
        price(candle.low),
        price(candle.close),
        market.size_text(candle.volume),
        text(base if not market.inst.is_spot else quote),
        text(quote),
        "1" if done else "0",
    ]


def trade_row(market: Market, trade: Trade, *, channel: bool) -> dict[str, Any]:
    """Row of market/trades or, with count and seqId, of the trades channel."""
    row: dict[str, Any] = {
        "instId": market.inst.inst_id,
        "tradeId": str(trade.trade_id),
        "px": market.price_text(trade.price),
        "sz": market.size_text(trade.size),
        "side": "buy" if trade.side > 0 else "sell",
        "ts": str(trade.ts_ms),
        "source": "0",
    }
    return row | {"count": str(trade.count), "seqId": trade.seq} if channel else row


def mark_row(market: Market, now_ms: int) -> dict[str, Any]:
    inst = market.inst
    return {"instId": inst.inst_id, "instType": inst.inst_type, "markPx": text(market.mark_price()), "ts": str(now_ms)}


def limit_row(market: Market, band: Decimal, now_ms: int) -> dict[str, Any]:
    highest, lowest = market.band(band)
    return {
        "buyLmt": market.price_text(highest),
        "enabled": True,
        "instId": market.inst.inst_id,
        "instType": market.inst.inst_type,
        "sellLmt": market.price_text(lowest),
        "ts": str(now_ms),
    }


def funding_row(market: Market, config: Config, now_ms: int) -> dict[str, Any]:
    following = next_funding_ms(now_ms)
    return {
        "formulaType": "noRate",
        "fundingRate": text(config.funding_rate),
        "fundingTime": str(following),
        "impactValue": "",
        "instId": market.inst.inst_id,
        "instType": "SWAP",
        "interestRate": "",
        "maxFundingRate": "0.00375",
        "method": "current_period",
        "minFundingRate": "-0.00375",
        "nextFundingRate": "",
        "nextFundingTime": str(following + FUNDING_MS),
        "premium": text(ZERO),
        "prevFundingTime": str(following - FUNDING_MS),
        "settFundingRate": text(config.funding_rate),
        "settState": "settled",
        "ts": str(now_ms),
    }


def status_row(title: str, now_ms: int) -> dict[str, Any]:
    """A system/status line; the simulator uses it to say that a recording ended or started again."""
    return {
        "begin": str(now_ms),
        "end": str(now_ms),
        "env": "1",
        "href": "",
        "maintType": "1",
        "preOpenBegin": "",
        "scheDesc": "",
        "serviceType": "5",
        "state": "completed",
        "system": "unified",
        "title": title,
        "ts": str(now_ms),
    }


def instrument_row(market: Market, list_time_ms: int) -> dict[str, Any]:
    """The instrument as public/instruments and its channel show it now; `instIdCode` is the only JSON integer."""
    inst, spot = market.inst, market.inst.is_spot
    return {
        "alias": "",
        "auctionEndTime": "",
        "baseCcy": inst.base if spot else "",
        "category": "1",
        "contTdSwTime": "",
        "ctMult": "" if spot else "1",
        "ctType": inst.contract_type,
        "ctVal": "" if spot else text(inst.contract_value),
        "ctValCcy": "" if spot else (inst.quote if inst.is_inverse else inst.base),
        "elp": "0",
        "expTime": "",
        "floatPxLmtPct": "",
        "futureSettlement": False,
        "groupId": inst.group_id,
        "initPxLmtPct": "",
        "instCategory": "1",
        "instFamily": inst.family,
        "instId": inst.inst_id,
        "instIdCode": inst.code,
        "instType": inst.inst_type,
        "lever": text(inst.max_leverage),
        "listTime": str(list_time_ms),
        "lotSz": text(inst.lot),
        "maxIcebergSz": text(inst.max_limit_size),
        "maxLmtAmt": text(inst.max_limit_amount),
        "maxLmtSz": text(inst.max_limit_size),
        "maxMktAmt": text(inst.max_market_amount) if spot else "",
        "maxMktSz": text(inst.max_market_size),
        "maxPlatOILmt": "",
        "maxPxLmtPct": "",
        "maxStopSz": text(inst.max_market_size),
        "maxTriggerSz": text(inst.max_limit_size),
        "maxTwapSz": text(inst.max_limit_size),
        "minSz": text(market.smallest),
        "openType": "call_auction",
        "optType": "",
        "posLmtAmt": "",
        "posLmtPct": "",
        "preMktSwTime": "",
        "quoteCcy": inst.quote if spot else "",
        "rpi": "0",
        "ruleType": "normal",
        "settleCcy": inst.settle if not spot else "",
        "state": market.state,
        "stk": "",
        "tickSz": text(inst.tick),
        "tradeQuoteCcyList": [inst.quote] if spot else [],
        "uly": inst.family,
        "upcChg": [],
    }
