"""Account endpoints: balance, positions, configuration, leverage, fees, sizes, bills, currencies."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.config import fee_rates
from app.simulator.doors.rest.door import Params, Request, Route, page, within
from app.simulator.doors.views.account import balance_row, bill_row, position_row
from app.simulator.doors.views.market import instrument_row
from app.simulator.market.instruments import ZERO, parse_number, text
from app.simulator.market.markets import Market
from app.simulator.trading.accounts import Account
from app.simulator.trading.desk import OrderDesk

CURRENCY_NAMES = {"BTC": "Bitcoin", "ETH": "Ethereum", "USDT": "Tether"}


class AccountEndpoints:
    """Reads and settings of the calling account."""

    def __init__(self, desk: OrderDesk, markets: Mapping[str, Market], list_ms: int) -> None:
        self._desk = desk
        self._markets = markets
        self._list_ms = list_ms

    def routes(self) -> dict[tuple[str, str], Route]:
        get: dict[str, Any] = {
            "account/balance": self.balance,
            "account/positions": self.positions,
            "account/config": self.config,
            "account/instruments": self.instruments,
            "account/trade-fee": self.trade_fee,
            "account/leverage-info": self.leverage_info,
            "account/max-size": self.max_size,
            "account/max-avail-size": self.max_avail_size,
            "account/max-withdrawal": self.max_withdrawal,
            "account/bills": self.bills,
            "account/bills-archive": self.bills,
            "asset/currencies": self.currencies,
            "asset/balances": self.funding_balances,
        }
        post: dict[str, Any] = {
            "account/set-leverage": self.set_leverage,
            "account/set-position-mode": self.set_position_mode,
        }
        return {("GET", path): Route(handler, private=True) for path, handler in get.items()} | {
            ("POST", path): Route(handler, private=True, writes=True) for path, handler in post.items()
        }

    @staticmethod
    def _account(request: Request) -> Account:
        assert request.account is not None
        return request.account

    def _named(self, params: Params, most: int) -> list[Market] | Refusal:
        """The markets of a comma-separated instId."""
        names = str(params.get("instId", "")).split(",")
        if names == [""]:
            return refuse("50014", "instId")
        if len(names) > most:
            return refuse("50025", "instId", most)
        found = [self._markets.get(name) for name in names]
        return refuse("51001") if None in found else [market for market in found if market is not None]

    def balance(self, request: Request) -> list[Any] | Refusal:
        only = str(request.params["ccy"]).split(",") if request.params.get("ccy") else None
        if only is not None and len(only) > 20:
            return refuse("50025", "ccy", 20)
        return [balance_row(self._account(request), self._desk, only)]

    def positions(self, request: Request) -> list[Any] | Refusal:
        account, params = self._account(request), request.params
        names = str(params["instId"]).split(",") if params.get("instId") else None
        ids = str(params["posId"]).split(",") if params.get("posId") else None
        found = [p for p in account.positions.values() if p.quantity or names is not None or ids is not None]
        return [
            position_row(account, p, self._desk)
            for p in found
            if (names is None or p.inst.inst_id in names)
            and (ids is None or str(p.pos_id) in ids)
            and params.get("instType", p.inst.inst_type) == p.inst.inst_type
        ]

    def config(self, request: Request) -> list[Any]:
        account = self._account(request)
        own = account.config
        return [
            {
                "acctLv": own.account_mode,
                "acctStpMode": "cancel_maker",
                "autoLoan": False,
                "ctIsoMode": "automatic",
                "enableSpotBorrow": False,
                "feeType": "0",
                "greeksType": "PA",
                "ip": own.ip,
                "kycLv": "3",
                "label": own.name,
                "level": f"VIP{own.vip}" if own.vip else "Lv1",
                "levelTmp": "",
                "liquidationGear": "-1",
                "mainUid": account.uid if not own.master else master_uid(own.master),
                "mgnIsoMode": "automatic",
                "opAuth": "0",
                "perm": own.permissions,
                "posMode": account.position_mode,
                "roleType": "0",
                "settleCcy": "USDT",
                "settleCcyList": ["USDT"],
                "spotBorrowAutoRepay": False,
                "spotOffsetType": "",
                "spotRoleType": "0",
                "spotTraderInsts": [],
                "stgyType": "0",
                "traderInsts": [],
                "type": "0" if not own.master else "1",
                "uid": account.uid,
            }
        ]

    def instruments(self, request: Request) -> list[Any] | Refusal:
        kind = request.params.get("instType")
        if kind is None:
            return refuse("50014", "instType")
        inst_id = request.params.get("instId")
        return [
            instrument_row(m, self._list_ms)
            for m in self._markets.values()
            if m.inst.inst_type == kind and inst_id in (None, m.inst.inst_id)
        ]

    def trade_fee(self, request: Request) -> list[Any] | Refusal:
        kind = request.params.get("instType")
        if kind is None:
            return refuse("50014", "instType")
        config, account = self._desk.config, self._account(request)
        maker, taker = fee_rates(account.config, config, spot=kind in ("SPOT", "MARGIN"))
        groups = sorted({m.inst.group_id for m in self._markets.values() if m.inst.inst_type == kind})
        swap = kind == "SWAP"
        return [
            {
                "category": "1",
                "delivery": "",
                "exercise": "",
                "feeGroup": [
                    {"elpMaker": "", "groupId": group, "maker": text(-maker), "rpiMaker": "", "taker": text(-taker)}
                    for group in groups
                ],
                "fiat": [],
                "instType": kind,
                "level": f"VIP{account.config.vip}" if account.config.vip else "Lv1",
                "maker": text(-maker),
                "makerU": text(-maker) if swap else "",
                "makerUSDC": "",
                "ruleType": "normal",
                "settle": "",
                "taker": text(-taker),
                "takerU": text(-taker) if swap else "",
                "takerUSDC": "",
                "ts": str(self._desk.now.ms),
            }
        ]

    def leverage_info(self, request: Request) -> list[Any] | Refusal:
        account, params = self._account(request), request.params
        mode = params.get("mgnMode")
        if mode not in ("cross", "isolated"):
            return refuse("51000", "mgnMode") if mode else refuse("50014", "mgnMode")
        found = self._named(params, 20)
        if isinstance(found, Refusal):
            return found
        sides = ("net",) if account.position_mode == "net_mode" else ("long", "short")
        return [
            {
                "ccy": "",
                "instId": m.inst.inst_id,
                "lever": text(account.lever(m.inst, mode, side)),
                "mgnMode": mode,
                "posSide": side,
            }
            for m in found
            if not m.inst.is_spot
            for side in sides
        ]

    def set_leverage(self, request: Request) -> list[Any] | Refusal:
        account, params = self._account(request), request.params
        lever, mode = parse_number(params.get("lever")), params.get("mgnMode")
        if lever is None or not lever:
            return refuse("51000", "lever")
        if mode not in ("cross", "isolated"):
            return refuse("51000", "mgnMode")
        found = self._named(params, 1)
        if isinstance(found, Refusal):
            return found
        inst = found[0].inst
        if inst.is_spot:
            return refuse("51000", "instId")
        if lever > inst.max_leverage:
            return refuse("59102")
        per_side = mode == "isolated" and account.position_mode != "net_mode"
        side = str(params.get("posSide", "net"))
        if per_side and side not in ("long", "short"):
            return refuse("51000", "posSide")
        previous, key = dict(account.leverage), (inst.inst_id, str(mode), side if per_side else "")
        account.leverage[key] = lever
        if self._desk.view(account, inst.settle).equity and self._short_of_margin(account, inst.settle):
            account.leverage = previous
            return refuse("51039")
        self._desk.listener.account_changed(account, "set_leverage", (inst.settle,))
        return [{"instId": inst.inst_id, "lever": text(lever), "mgnMode": mode, "posSide": side if per_side else "net"}]

    def _short_of_margin(self, account: Account, ccy: str) -> bool:
        seen = self._desk.view(account, ccy)
        return seen.initial_margin > 0 and seen.equity - seen.isolated_equity < seen.initial_margin + seen.order_frozen

    def set_position_mode(self, request: Request) -> list[Any] | Refusal:
        account, mode = self._account(request), request.params.get("posMode")
        if mode not in ("net_mode", "long_short_mode"):
            return refuse("51000", "posMode")
        swaps_open = any(not order.inst.is_spot for order in account.pending.values())
        if mode != account.position_mode and (swaps_open or any(account.held())):
            return refuse("59000")
        account.position_mode = mode
        self._desk.listener.account_changed(account, "order", ())
        return [{"posMode": mode}]

    def max_size(self, request: Request) -> list[Any] | Refusal:
        found = self._named(request.params, 5)
        if isinstance(found, Refusal):
            return found
        price = parse_number(request.params["px"]) if request.params.get("px") else None
        return [
            {"ccy": m.inst.settle, "instId": m.inst.inst_id, "maxBuy": text(buy), "maxSell": text(sell)}
            for m in found
            for buy, sell in [self._sizes(self._account(request), m, request.params, price)]
        ]

    def _sizes(
        self, account: Account, market: Market, params: Params, price: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        """(largest buy, largest sell): SPOT buys in base and sells in quote, contracts in contracts."""
        inst = market.inst
        price = price or market.mark_price()
        if inst.is_spot:
            quote, base = (self._desk.view(account, ccy).available_balance for ccy in (inst.quote, inst.base))
            return inst.size(int(quote / price // inst.lot)), inst.size(int(base // inst.lot)) * price
        mode = str(params.get("tdMode", "cross"))
        free = self._desk.view(account, inst.settle).available_equity * account.lever(inst, mode, "net")
        most = int(free / inst.notional(Decimal(1), price) // inst.lot) if free > ZERO else 0
        position = account.position(inst, mode, "net")
        held = position.quantity if position else 0
        return inst.size(most + max(0, -2 * held)), inst.size(most + max(0, 2 * held))

    def max_avail_size(self, request: Request) -> list[Any] | Refusal:
        found = self._named(request.params, 5)
        if isinstance(found, Refusal):
            return found
        account, rows = self._account(request), list[dict[str, Any]]()
        for market in found:
            inst = market.inst
            buy = self._desk.view(account, inst.quote if inst.is_spot else inst.settle)
            sell = self._desk.view(account, inst.base if inst.is_spot else inst.settle)
            pair = (buy.available_balance, sell.available_balance) if inst.is_spot else (buy.available_equity,) * 2
            rows.append({"availBuy": text(pair[0]), "availSell": text(pair[1]), "instId": inst.inst_id})
        return rows

    def max_withdrawal(self, request: Request) -> list[Any] | Refusal:
        """What could be moved out: free cash, no more than what positions leave of it, and no open profit."""
        account, named = self._account(request), str(request.params.get("ccy", ""))
        wanted = named.split(",") if named else [ccy for ccy, cash in account.cash.items() if cash]
        if len(wanted) > 20:
            return refuse("50025", "ccy", 20)
        rows: list[dict[str, Any]] = []
        for ccy in wanted:
            seen = self._desk.view(account, ccy)
            profit = max(ZERO, seen.unrealized - seen.isolated_unrealized)
            free = text(max(ZERO, min(seen.available_balance, seen.available_equity - profit)))
            rows.append({"ccy": ccy, "maxWd": free, "maxWdEx": free, "spotOffsetMaxWd": "", "spotOffsetMaxWdEx": ""})
        return rows

    def bills(self, request: Request) -> list[Any] | Refusal:
        params = request.params
        found = [
            bill
            for bill in reversed(self._account(request).bills)
            if params.get("ccy") in (None, bill.ccy)
            and params.get("type") in (None, bill.type)
            and within(params, bill.ts_ms)
        ]
        rows = page(found, params, lambda bill: bill.bill_id)
        return rows if isinstance(rows, Refusal) else [bill_row(bill) for bill in rows]

    @staticmethod
    def funding_balances(request: Request) -> list[Any]:
        """The funding account is always empty: everything stands in the trading account."""
        return []

    def currencies(self, request: Request) -> list[Any]:
        wanted = request.params.get("ccy")
        names = sorted({ccy for m in self._markets.values() if m.inst.is_spot for ccy in (m.inst.base, m.inst.quote)})
        return [
            {
                "canDep": True,
                "canInternal": True,
                "canWd": False,
                "ccy": ccy,
                "chain": f"{ccy}-Simulated",
                "ctAddr": "",
                "depEstOpenTime": "",
                "depQuotaFixed": "",
                "depQuoteDailyLayer2": "",
                "fee": "0",
                "burningFeeRate": "",
                "logoLink": "",
                "mainNet": True,
                "maxFee": "0",
                "maxFeeForCtAddr": "0",
                "maxWd": "0",
                "minDep": "0",
                "minDepArrivalConfirm": "1",
                "minFee": "0",
                "minFeeForCtAddr": "0",
                "minInternal": "0",
                "minWd": "0",
                "minWdUnlockConfirm": "1",
                "name": CURRENCY_NAMES.get(ccy, ccy),
                "needTag": False,
                "usedDepQuotaFixed": "",
                "usedWdQuota": "0",
                "wdEstOpenTime": "",
                "wdQuota": "0",
                "wdTickSz": "8",
            }
            for ccy in names
            if not wanted or ccy in str(wanted).split(",")
        ]


def master_uid(name: str) -> str:
    """A stable 17-digit user id for a name."""
    number = 0
    for char in name.encode():
        number = (number * 257 + char) % 10**16
    return str(40_000_000_000_000_000 + number)
