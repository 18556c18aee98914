"""Algo orders of the venue: conditional, oco, trigger and trailing (move_order_stop), and TP/SL attached to orders.

They hold no money; when their price is reached they place an ordinary order, or several one after the other, or fail
with its refusal's code. What is asked of them at the door is in algo_rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.market.instruments import parse_number, text
from app.simulator.market.markets import Market
from app.simulator.trading import algo_rules as rules
from app.simulator.trading.accounts import Account
from app.simulator.trading.algo_rules import ORDER_PRICES, TRIGGER_PRICES, flag
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.entry import CLIENT_ID, TAG, clean
from app.simulator.trading.orders import Order

SOURCES = {"conditional": "7", "oco": "7", "trigger": "6", "move_order_stop": "25"}
ACTIVE_MAX = 100
PART_MS = 1_000
"""Between two orders of one."""
GOING_ON = ("live", "partially_effective")
HISTORY_MAX = 1_000
AMENDED = {"sz": "newSz"} | {
    name: f"new{name[0].upper()}{name[1:]}"
    for name in (*TRIGGER_PRICES[:3], *ORDER_PRICES, *(f"{price}Type" for price in TRIGGER_PRICES[:3]))
}
"""What may be amended, by the name that the amendment gives it."""
Changed = Callable[[Account, "Algo", dict[str, str]], None]


@dataclass(slots=True, eq=False)
class Algo:
    """One algo order. `params` are the request's own texts; `above` is the trigger's direction at placing."""

    algo_id: int
    account: str
    inst_id: str
    kind: str
    params: dict[str, Any]
    c_time_ms: int
    u_time_ms: int
    above: bool = True
    state: str = "live"
    extreme: int | None = None
    order_ids: list[str] = field(default_factory=list[str])
    parts_left: int = 0
    fired_by: str = ""
    actual_side: str = ""
    actual_size: str = ""
    actual_price: str = ""
    trigger_ms: str = ""
    fail_code: str = ""
    attached_to: str = ""
    move_trigger: str = field(default="")

    @property
    def order_id(self) -> str:
        """The latest that it placed."""
        return self.order_ids[-1] if self.order_ids else ""

    @property
    def side(self) -> int:
        return 1 if self.params["side"] == "buy" else -1

    def ticks(self, name: str, market: Market) -> int | None:
        """A price parameter in ticks, rounded down; None when absent."""
        value = parse_number(self.params.get(name))
        return None if value is None else int(value // market.inst.tick)


class Algos:
    """All accounts' algo orders; `check` fires those whose price has been reached."""

    def __init__(self, desk: OrderDesk, changed: Changed, parts: Callable[[], int] = lambda: 1) -> None:
        """parts: of how many orders one is made that fires now."""
        self._desk = desk
        self._changed = changed
        self._parts = parts
        self.live: dict[int, Algo] = {}
        self.ended: dict[int, Algo] = {}
        self.unsaved = False

    # -- requests --------------------------------------------------------------------------------------------------

    def place(self, account: Account, raw: Mapping[str, Any]) -> Algo | Refusal:
        params = clean(raw)
        market = self._desk.markets.get(str(params.get("instId", "")))
        if market is None:
            return refuse("51001") if params.get("instId") else refuse("50014", "instId")
        # OKX asks for orderPx, and answers with ordPx.
        params = {name: value for name, value in params.items() if name != "ordPx"}
        if "orderPx" in params:
            params["ordPx"] = params.pop("orderPx")
        if params.get("ordType") == "conditional" and {"slTriggerPx", "slOrdPx"} & params.keys():
            params = {name: value for name, value in params.items() if not name.startswith("tp")}
        problem = self._problem(account, params, market)
        return problem or self._open(account, params, market)

    def _open(self, account: Account, params: dict[str, Any], market: Market, attached_to: str = "") -> Algo:
        now_ms = self._desk.now.ms
        algo = Algo(
            self._desk.counters.next_order(),
            account.name,
            market.inst.inst_id,
            str(params["ordType"]),
            params,
            now_ms,
            now_ms,
            above=_is_above(params, market),
            attached_to=attached_to,
        )
        self.live[algo.algo_id] = algo
        self._tell(account, algo)
        return algo

    def _tell(self, account: Account, algo: Algo, **more: str) -> None:
        self.unsaved = True
        self._changed(account, algo, more)

    def _problem(self, account: Account, params: Mapping[str, Any], market: Market) -> Refusal | None:
        problem = rules.word_problem(params, account, market)
        if problem is not None:
            return problem
        client_id, tag = params.get("algoClOrdId"), params.get("tag")
        if client_id is not None and not (isinstance(client_id, str) and CLIENT_ID.match(client_id)):
            return refuse("51000", "algoClOrdId")
        if tag is not None and not (isinstance(tag, str) and TAG.match(tag)):
            return refuse("51000", "tag")
        mine = [algo.params for algo in self.live.values() if algo.account == account.name]
        if client_id is not None and any(other.get("algoClOrdId") == client_id for other in mine):
            return refuse("51065")
        if len(mine) >= ACTIVE_MAX:
            return refuse("51299", ACTIVE_MAX)
        if ("sz" in params) == ("closeFraction" in params):
            both = "sz" in params
            return refuse("50024", "sz", "closeFraction") if both else refuse("50015", "sz or closeFraction")
        problem = rules.price_problem(params, market)
        if problem is not None:
            return problem
        if "sz" in params:
            return rules.size_problem(params, market)
        return rules.close_problem(params, account, market, mine)

    def find(self, account: Account, params: Mapping[str, Any]) -> Algo | None:
        """By algoId, else by algoClOrdId, among live and ended ones."""
        number, client_id = str(params.get("algoId") or ""), params.get("algoClOrdId")
        for algo in (*self.live.values(), *reversed(self.ended.values())):
            same = str(algo.algo_id) == number if number else algo.params.get("algoClOrdId") == client_id
            if algo.account == account.name and same and params.get("instId", algo.inst_id) == algo.inst_id:
                return algo
        return None

    def cancel(self, account: Account, params: Mapping[str, Any]) -> Algo | Refusal:
        problem = _naming_problem(params)
        if problem is not None:
            return problem
        algo = self.find(account, params)
        if algo is None or algo.state not in GOING_ON:
            return refuse("51400")
        self._end(account, algo, "canceled")
        return algo

    def amend(self, account: Account, raw: Mapping[str, Any]) -> Algo | Refusal:
        """Change prices, their types or the size. A take-profit or stop-loss whose trigger or order price becomes 0
        is taken off."""
        params = clean(raw)
        problem = _naming_problem(params)
        if problem is not None:
            return problem
        request_id = params.get("reqId")
        if request_id is not None and not (isinstance(request_id, str) and CLIENT_ID.match(request_id)):
            return refuse("51000", "reqId")
        algo = self.find(account, params)
        if algo is None or algo.state != "live":
            return refuse("51503")
        if algo.kind == "move_order_stop":
            return refuse("51506")
        changes = {name: params[new] for name, new in AMENDED.items() if new in params and _is_of(algo.kind, name)}
        if not changes:
            return refuse("51500")
        if "sz" in changes and "closeFraction" in algo.params:
            return refuse("50024", "newSz", "closeFraction")
        wanted = _without_exits_of_zero(algo.params | changes)
        market = self._desk.markets[algo.inst_id]
        problem = self._amendment_problem(algo, wanted, changes, market)
        if problem is not None:
            return problem
        if "triggerPx" in changes:
            algo.above = _is_above(wanted, market)
        algo.params = wanted
        algo.u_time_ms = self._desk.now.ms
        self._tell(account, algo, amendResult="0", reqId=str(params.get("reqId", "")))
        return algo

    @staticmethod
    def _amendment_problem(
        algo: Algo, wanted: Mapping[str, Any], changes: Mapping[str, Any], market: Market
    ) -> Refusal | None:
        if algo.kind == "trigger" and changes.keys() - {"sz"}:
            missing = next((name for name in ("triggerPx", "ordPx") if name not in changes), None)
            if missing is not None:
                return refuse("50014", AMENDED[missing])
        # An OCO whose one leg was taken off goes on with the other.
        whole = all(f"{exit}TriggerPx" in wanted for exit in rules.EXITS)
        shape = wanted if algo.kind == "trigger" or whole else {**wanted, "ordType": "conditional"}
        for name in ("tpTriggerPxType", "slTriggerPxType", "triggerPxType"):
            if shape.get(name, "last") not in rules.WATCHED:
                return refuse("51000", AMENDED[name])
            if market.inst.is_spot and shape.get(name, "last") != "last":
                return refuse("51415")
        problem = rules.price_problem(shape, market)
        return problem or (rules.size_problem(shape, market) if "sz" in changes else None)

    def attach(self, account: Account, order: Order) -> None:
        """Turn a filled order's attached TP/SL into live algo orders of the opposite side."""
        wanted, order.attached = order.attached, []
        for one in wanted:
            tp, sl = one.get("tpTriggerPx"), one.get("slTriggerPx")
            body = {
                "instId": order.inst.inst_id,
                "tdMode": order.td_mode,
                "side": "sell" if order.side > 0 else "buy",
                "ordType": "oco" if tp and sl else "conditional",
                "sz": text(order.inst.size(order.filled)),
                "posSide": order.pos_side or None,
                "tgtCcy": "base_ccy" if order.inst.is_spot else None,
                "algoClOrdId": one.get("attachAlgoClOrdId"),
                "tag": order.tag,
                **{
                    f"{exit}{part}": one.get(f"{exit}{part}")
                    for exit in rules.EXITS
                    for part in ("TriggerPx", "OrdPx", "TriggerPxType")
                },
                "reduceOnly": not order.inst.is_spot,
            }
            self._open(account, clean(body), self._desk.markets[order.inst.inst_id], str(order.order_id))

    # -- prices ----------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Fire what is due at the markets' present prices."""
        for algo in list(self.live.values()):
            market = self._desk.markets[algo.inst_id]
            if algo.parts_left:
                if self._desk.now.ms >= algo.u_time_ms + PART_MS:
                    self._place_part(self._desk.accounts[algo.account], algo, market)
                continue
            best = algo.extreme
            hit = _hit(algo, market)
            self.unsaved |= algo.extreme != best
            if hit:
                self._fire(self._desk.accounts[algo.account], algo, market, hit)

    def _fire(self, account: Account, algo: Algo, market: Market, hit: str) -> None:
        algo.trigger_ms, algo.actual_side = str(self._desk.now.ms), hit if hit in ("tp", "sl") else ""
        algo.fired_by, algo.parts_left = hit, max(self._parts(), 1)
        self._place_part(account, algo, market)

    def _place_part(self, account: Account, algo: Algo, market: Market) -> None:
        """The next of its orders; with the last one, or one that is refused, it is over."""
        price = str(algo.params.get({"tp": "tpOrdPx", "sl": "slOrdPx"}.get(algo.fired_by, "ordPx"), "-1"))
        body: dict[str, Any] = {
            name: algo.params.get(name) for name in ("instId", "tdMode", "side", "posSide", "tag", "tgtCcy", "ccy")
        }
        body |= {"sz": self._part_size(account, algo, market)}
        body |= {"ordType": "market"} if price == "-1" else {"ordType": "limit", "px": price}
        if flag(algo.params.get("reduceOnly")) and not market.inst.is_spot:
            body["reduceOnly"] = True
        about = (SOURCES[algo.kind], str(algo.algo_id), str(algo.params.get("algoClOrdId", "")))
        outcome = self._desk.place(account, body, market, about)
        if isinstance(outcome, Refusal):
            algo.fail_code, algo.parts_left = outcome.code, 0
            self._end(account, algo, "partially_failed" if algo.order_ids else "order_failed")
            return
        algo.order_ids.append(str(outcome.order_id))
        algo.parts_left -= 1
        algo.actual_size = text((parse_number(algo.actual_size) or Decimal(0)) + Decimal(outcome.size_text()))
        algo.actual_price = market.price_text(market.last_price)
        if not algo.parts_left:
            self._end(account, algo, "effective")
            return
        algo.state, algo.u_time_ms = "partially_effective", self._desk.now.ms
        self._tell(account, algo)

    def _part_size(self, account: Account, algo: Algo, market: Market) -> str:
        """Of what is left its share in whole lots; all of it with the last one."""
        whole = str(algo.params.get("sz") or self._whole_position(account, algo, market))
        if algo.parts_left == 1 and not algo.order_ids:
            return whole
        left = Decimal(whole) - (parse_number(algo.actual_size) or Decimal(0))
        lot = market.inst.lot
        return text(left if algo.parts_left == 1 else left / algo.parts_left // lot * lot)

    @staticmethod
    def _whole_position(account: Account, algo: Algo, market: Market) -> str:
        held = account.position(market.inst, str(algo.params["tdMode"]), str(algo.params.get("posSide", "net")))
        return text(abs(held.contracts)) if held else "0"

    def _end(self, account: Account, algo: Algo, state: str) -> None:
        algo.state, algo.u_time_ms = state, self._desk.now.ms
        del self.live[algo.algo_id]
        self.ended[algo.algo_id] = algo
        if len(self.ended) > HISTORY_MAX:
            del self.ended[next(iter(self.ended))]
        self._tell(account, algo)


def _is_of(kind: str, name: str) -> bool:
    """Whether an algo order of this kind has that parameter; the others of an amendment change nothing."""
    return name == "sz" or (name[:2] in rules.EXITS) != (kind == "trigger")


def _naming_problem(params: Mapping[str, Any]) -> Refusal | None:
    if not params.get("instId"):
        return refuse("50014", "instId")
    named = params.get("algoId") or params.get("algoClOrdId")
    return None if named else refuse("50015", "algoId or algoClOrdId")


def _without_exits_of_zero(params: Mapping[str, Any]) -> dict[str, Any]:
    gone = [
        exit
        for exit in rules.EXITS
        if any(parse_number(params.get(f"{exit}{part}")) == 0 for part in ("TriggerPx", "OrdPx"))
    ]
    return {name: value for name, value in params.items() if name[:2] not in gone}


def _is_above(params: Mapping[str, Any], market: Market) -> bool:
    """Whether a trigger order waits for the price to rise."""
    trigger = parse_number(params.get("triggerPx"))
    return trigger is not None and trigger >= rules.watched_price(market, str(params.get("triggerPxType", "last")))


def _hit(algo: Algo, market: Market) -> str:
    """ "tp", "sl", "trigger" when that price is reached, else ""."""
    if algo.kind == "trigger":
        trigger, now = algo.ticks("triggerPx", market), _watched(algo, "triggerPxType", market)
        assert trigger is not None
        return "trigger" if (now >= trigger if algo.above else now <= trigger) else ""
    if algo.kind == "move_order_stop":
        return "trigger" if _trailing_hit(algo, market) else ""
    for name, way in (("tp", -algo.side), ("sl", algo.side)):
        trigger = algo.ticks(f"{name}TriggerPx", market)
        if trigger is not None and (_watched(algo, f"{name}TriggerPxType", market) - trigger) * way >= 0:
            return name
    return ""


def _watched(algo: Algo, name: str, market: Market) -> Decimal:
    """In ticks, of which an index may be a fraction."""
    return rules.watched_price(market, str(algo.params.get(name, "last"))) / market.inst.tick


def _trailing_hit(algo: Algo, market: Market) -> bool:
    """Follow the best price since activation; a retreat by the callback fires. Sells trail below, buys above."""
    now, way = market.last_price, -algo.side
    active = algo.ticks("activePx", market)
    if algo.extreme is None:
        if active is not None and (now - active) * way < 0:
            return False
        algo.extreme = now
    algo.extreme = max(algo.extreme, now) if way > 0 else min(algo.extreme, now)
    ratio = parse_number(algo.params.get("callbackRatio"))
    spread = algo.ticks("callbackSpread", market) or 0
    distance = spread if ratio is None else int(Decimal(algo.extreme) * ratio)
    stop = algo.extreme - way * distance
    algo.move_trigger = market.price_text(stop)
    return (now - stop) * way <= 0
