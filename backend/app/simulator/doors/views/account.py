"""Account state as OKX shows it: balance, positions and balance_and_position rows, for REST and channels alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from app.simulator.market.instruments import DOLLARS, ZERO, text
from app.simulator.market.markets import Market, spot_market
from app.simulator.trading.accounts import EXACT, Account, Bill, Position
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.margin import CurrencyView, liquidation_price


def usd_price(ccy: str, markets: Mapping[str, Market]) -> Decimal:
    """USD per unit: 1 for dollar currencies, else the mark of its market in one of them, 0 when there is none."""
    if ccy in DOLLARS:
        return Decimal(1)
    market = spot_market(markets, ccy, DOLLARS)
    return ZERO if market is None else market.mark_price()


def _short(value: Decimal) -> str:
    """Text with at most twelve decimals."""
    if not value:
        return "0"
    shown = text(value)
    return shown if len(shown) - shown.find(".") <= 13 else text(value.quantize(EXACT, ROUND_HALF_EVEN))


def _ratio(equity: Decimal, maintenance: Decimal) -> str:
    return text((equity / maintenance).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)) if maintenance else ""


def balance_row(account: Account, desk: OrderDesk, only: Collection[str] | None = None) -> dict[str, Any]:
    """data[0] of account/balance and of the account channel; `only` limits the details to those currencies."""
    held = [ccy for ccy, cash in account.cash.items() if cash or account.frozen.get(ccy)]
    equity = isolated = initial = maintenance = gain = ZERO
    details: list[dict[str, Any]] = []
    for ccy in held:
        seen, price = desk.view(account, ccy), usd_price(ccy, desk.markets)
        equity += seen.equity * price
        if account.positions or account.swap_orders:
            isolated += seen.isolated_equity * price
            initial += seen.initial_margin * price
            maintenance += seen.maintenance_margin * price
            gain += seen.unrealized * price
        if only is None or ccy in only:
            details.append(_detail(account, seen, price))
    notional = _notional_usd(account, desk) if account.positions else "0"
    return _EMPTY_BALANCE | {
        "details": details,
        "imr": _short(initial),
        "isoEq": _short(isolated),
        "mgnRatio": _ratio(equity, maintenance),
        "mmr": _short(maintenance),
        "notionalUsd": notional,
        "notionalUsdForFutures": notional,
        "notionalUsdForSwap": notional,
        "totalEq": _short(equity),
        "uTime": str(desk.now.ms),
        "upl": _short(gain),
    }


_EMPTY_BALANCE = dict.fromkeys(
    (
        "adjEq",
        "availEq",
        "borrowFroz",
        "delta",
        "deltaLever",
        "deltaNeutralStatus",
        "notionalUsdForBorrow",
        "notionalUsdForOption",
        "ordFroz",
    ),
    "",
)


def _notional_usd(account: Account, desk: OrderDesk) -> str:
    total = ZERO
    for position in account.held():
        value = position.inst.notional(abs(position.contracts), desk.mark(position.inst))
        total += value * usd_price(position.inst.settle, desk.markets)
    return _short(total)


_EMPTY_DETAIL = dict.fromkeys(
    (
        "accAvgPx",
        "autoLendAmt",
        "autoLendMtAmt",
        "borrowFroz",
        "clSpotInUseAmt",
        "colBorrAutoConversion",
        "crossLiab",
        "interest",
        "isoLiab",
        "liab",
        "maxLoan",
        "maxSpotInUse",
        "notionalLever",
        "openAvgPx",
        "spotBal",
        "spotInUseAmt",
        "spotUpl",
        "spotUplRatio",
        "totalPnl",
        "totalPnlRatio",
        "uplLiab",
    ),
    "",
) | {
    "autoLendStatus": "unsupported",
    "colRes": "0",
    "collateralEnabled": False,
    "collateralRestrict": False,
    "fixedBal": "0",
    "rewardBal": "0",
    "smtSyncEq": "0",
    "spotCopyTradingEq": "0",
    "spotIsoBal": "0",
    "stgyEq": "0",
    "twap": "0",
}


def _detail(account: Account, seen: CurrencyView, price: Decimal) -> dict[str, Any]:
    usd = _short(seen.equity * price)
    return _EMPTY_DETAIL | {
        "availBal": _short(seen.available_balance),
        "availEq": _short(seen.available_equity),
        "cashBal": _short(seen.cash),
        "ccy": seen.ccy,
        "coinUsdPrice": text(price),
        "disEq": usd,
        "eq": _short(seen.equity),
        "eqUsd": usd,
        "frozenBal": _short(seen.frozen),
        "imr": _short(seen.initial_margin),
        "isoEq": _short(seen.isolated_equity),
        "isoUpl": _short(seen.isolated_unrealized),
        "mgnRatio": _ratio(seen.equity, seen.maintenance_margin),
        "mmr": _short(seen.maintenance_margin),
        "ordFrozen": _short(seen.order_frozen),
        "uTime": str(account.changed_ms.get(seen.ccy, 0)),
        "upl": _short(seen.unrealized),
    }


def _shown_quantity(position: Position) -> Decimal:
    return abs(position.contracts) if position.pos_side == "short" else position.contracts


_EMPTY_POSITION: dict[str, Any] = dict.fromkeys(
    (
        "baseBal",
        "baseBorrowed",
        "baseInterest",
        "bizRefId",
        "bizRefType",
        "clSpotInUseAmt",
        "deltaBS",
        "deltaPA",
        "gammaBS",
        "gammaPA",
        "hedgedPos",
        "interest",
        "liab",
        "liabCcy",
        "maxSpotInUseAmt",
        "nonSettleAvgPx",
        "optVal",
        "pendingCloseOrdLiabVal",
        "posCcy",
        "quoteBal",
        "quoteBorrowed",
        "quoteInterest",
        "settledPnl",
        "spotInUseAmt",
        "spotInUseCcy",
        "thetaBS",
        "thetaPA",
        "usdPx",
        "vegaBS",
        "vegaPA",
    ),
    "",
) | {"closeOrderAlgo": [], "liqPenalty": "0"}


def position_row(account: Account, position: Position, desk: OrderDesk) -> dict[str, Any]:
    """Row of account/positions and of the positions channel; `pos` is signed in net mode only."""
    inst = position.inst
    market = desk.markets[inst.inst_id]
    mark = market.mark_price()
    gain, lever = position.pnl_at(mark), account.lever(inst, position.mode, position.pos_side)
    value = inst.notional(abs(position.contracts), mark)
    margin = position.margin if position.mode == "isolated" else value / lever
    maintenance = value * desk.config.maintenance_rate
    liquidation = liquidation_price(account, position, desk.mark, desk.config.maintenance_rate)
    ratio = _short(gain / margin) if margin else "0"
    average = text(position.average_price.quantize(EXACT, ROUND_HALF_EVEN)) if position.quantity else ""
    mark_text, isolated = text(mark), position.mode == "isolated"
    equity = position.margin + gain if isolated else desk.view(account, inst.settle).equity
    last_gain = position.pnl_at(inst.price(market.last_price))
    return _EMPTY_POSITION | {
        "adl": "1" if position.quantity else "",
        "availPos": text(abs(position.contracts)),
        "avgPx": average,
        "bePx": average,
        "cTime": str(position.c_time_ms),
        "ccy": inst.settle,
        "fee": _short(position.fee),
        "fundingFee": _short(position.funding),
        "idxPx": mark_text,
        "imr": "" if isolated else _short(margin),
        "instId": inst.inst_id,
        "instType": inst.inst_type,
        "last": market.price_text(market.last_price),
        "lever": text(lever),
        "liqPx": text(liquidation) if liquidation else "",
        "margin": _short(position.margin) if isolated else "",
        "markPx": mark_text,
        "mgnMode": position.mode,
        "mgnRatio": _ratio(equity, maintenance),
        "mmr": _short(maintenance),
        "notionalUsd": _short(value * (mark if inst.is_inverse else 1)),
        "pTime": str(desk.now.ms),
        "pnl": _short(position.realized),
        "pos": text(_shown_quantity(position)),
        "posId": str(position.pos_id),
        "posSide": position.pos_side,
        "realizedPnl": _short(position.realized + position.fee + position.funding),
        "tradeId": position.trade_id,
        "uTime": str(position.u_time_ms),
        "upl": _short(gain),
        "uplLastPx": _short(last_gain),
        "uplRatio": ratio,
        "uplRatioLastPx": _short(last_gain / margin) if margin else "0",
    }


def past_position_row(account: Account, position: Position) -> dict[str, Any]:
    """Row of account/positions-history: one position's whole life, of which something was closed."""
    inst, opened, closed = position.inst, position.average_opened(), position.average_closed()
    lever = account.lever(inst, position.mode, position.pos_side)
    realized = position.realized + position.fee + position.funding
    staked = inst.notional(inst.size(position.closed), opened) / lever if opened else ZERO
    return {
        "cTime": str(position.c_time_ms),
        "ccy": inst.settle,
        "closeAvgPx": _short(closed),
        "closeTotalPos": text(inst.size(position.closed)),
        "direction": "long" if position.closed_side > 0 else "short",
        "fee": _short(position.fee),
        "fundingFee": _short(position.funding),
        "instId": inst.inst_id,
        "instType": inst.inst_type,
        "lever": text(lever),
        "liqPenalty": "0",
        "mgnMode": position.mode,
        "nonSettleAvgPx": "",
        "openAvgPx": _short(opened),
        "openMaxPos": text(inst.size(position.most)),
        "pnl": _short(position.realized),
        "pnlRatio": _short((realized / staked).quantize(EXACT, ROUND_HALF_EVEN)) if staked else "0",
        "posId": str(position.pos_id),
        "posSide": position.pos_side,
        "realizedPnl": _short(realized),
        "settledPnl": "",
        "triggerPx": _short(closed) if position.close_type in ("3", "4", "5") else "",
        "type": position.close_type,
        "uTime": str(position.u_time_ms),
        "uly": inst.family,
    }


def balance_and_position(
    account: Account,
    now_ms: int,
    event: str,
    ccys: Collection[str],
    positions: Collection[Position],
    trades: list[dict[str, str]],
) -> dict[str, Any]:
    """data[0] of the balance_and_position channel."""
    return {
        "balData": [
            {"cashBal": _short(account.cash[ccy]), "ccy": ccy, "uTime": str(account.changed_ms.get(ccy, now_ms))}
            for ccy in ccys
            if ccy in account.cash
        ],
        "eventType": event,
        "pTime": str(now_ms),
        "posData": [
            {
                "avgPx": text(p.average_price.quantize(EXACT, ROUND_HALF_EVEN)),
                "baseBal": "",
                "ccy": p.inst.settle,
                "instId": p.inst.inst_id,
                "instType": p.inst.inst_type,
                "mgnMode": p.mode,
                "nonSettleAvgPx": "",
                "pos": text(_shown_quantity(p)),
                "posCcy": "",
                "posId": str(p.pos_id),
                "posSide": p.pos_side,
                "quoteBal": "",
                "settledPnl": "",
                "tradeId": p.trade_id,
                "uTime": str(p.u_time_ms),
            }
            for p in positions
        ],
        "trades": trades,
    }


def bill_row(bill: Bill) -> dict[str, Any]:
    """Row of account/bills."""
    kind = "" if not bill.inst_id else ("SWAP" if bill.inst_id.endswith("SWAP") else "SPOT")
    return {
        "bal": text(bill.balance),
        "balChg": text(bill.change),
        "billId": str(bill.bill_id),
        "ccy": bill.ccy,
        "clOrdId": "",
        "execType": bill.exec_type,
        "fee": text(bill.fee),
        "fillFwdPx": "",
        "fillIdxPx": "",
        "fillMarkPx": "",
        "fillMarkVol": "",
        "fillPxUsd": "",
        "fillPxVol": "",
        "fillTime": str(bill.ts_ms),
        "from": "",
        "instId": bill.inst_id,
        "instType": kind,
        "interest": "0",
        "mgnMode": "",
        "notes": "",
        "ordId": bill.order_id,
        "pnl": text(bill.pnl),
        "posBal": "0",
        "posBalChg": "0",
        "px": bill.price,
        "subType": bill.sub_type,
        "sz": bill.size,
        "tag": "",
        "to": "",
        "tradeId": bill.trade_id,
        "ts": str(bill.ts_ms),
        "type": bill.type,
    }
