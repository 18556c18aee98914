"""Trade endpoints: orders in, orders and fills out, cancel-all-after, close-position."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.doors.actions import Actions, Result
from app.simulator.doors.rest.door import Params, Request, Route, page, page_newest, within
from app.simulator.doors.views.orders import fill_row, rest_row
from app.simulator.faults import Faults
from app.simulator.market.instruments import is_whole
from app.simulator.market.markets import Market
from app.simulator.trading.accounts import Account
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.entry import TAG
from app.simulator.trading.orders import UNFILLED_KEPT_NS, Order

DAY_MS = 86_400_000
TAGS_MAX = 20


class TradeEndpoints:
    """Order requests and queries of the calling account."""

    def __init__(
        self,
        actions: Actions,
        desk: OrderDesk,
        markets: Mapping[str, Market],
        faults: Faults,
        changed: Callable[[Account], None],
    ) -> None:
        self._actions = actions
        self._desk = desk
        self._markets = markets
        self._faults = faults
        self._changed = changed

    def routes(self) -> dict[tuple[str, str], Route]:
        orders: dict[str, Any] = {
            "trade/order": lambda r: self._place(r, batch=False),
            "trade/batch-orders": lambda r: self._place(r, batch=True),
            "trade/cancel-order": lambda r: self._cancel(r, batch=False),
            "trade/cancel-batch-orders": lambda r: self._cancel(r, batch=True),
            "trade/amend-order": lambda r: self._amend(r, batch=False),
            "trade/amend-batch-orders": lambda r: self._amend(r, batch=True),
        }
        get: dict[str, Any] = {
            "trade/orders-pending": self.pending,
            "trade/orders-history": lambda r: self.history(r, 7 * DAY_MS, archive=False),
            "trade/orders-history-archive": lambda r: self.history(r, 90 * DAY_MS, archive=True),
            "trade/fills": lambda r: self.fills(r, 3 * DAY_MS),
            "trade/fills-history": self.fills_history,
            "trade/account-rate-limit": self.rate_limit,
        }
        return (
            {("POST", path): Route(h, private=True, writes=True, orders=True) for path, h in orders.items()}
            | {("GET", path): Route(h, private=True) for path, h in get.items()}
            | {
                ("GET", "trade/order"): Route(self.order, private=True, limit="trade/order:get"),
                ("POST", "trade/cancel-all-after"): Route(self.cancel_all_after, private=True, writes=True),
                ("POST", "trade/close-position"): Route(self.close_position, private=True, writes=True),
            }
        )

    @staticmethod
    def _account(request: Request) -> Account:
        assert request.account is not None
        return request.account

    def _resolve(self, item: Mapping[str, Any]) -> Market | Refusal:
        inst_id = item.get("instId")
        if inst_id is None or inst_id == "":
            return refuse("50014", "instId")
        return self._markets.get(str(inst_id)) or refuse("51001")

    def _place(self, request: Request, *, batch: bool) -> Result:
        return self._actions.place(
            self._account(request), request.items, self._resolve, batch=batch, exp_time=request.exp_time
        )

    def _amend(self, request: Request, *, batch: bool) -> Result:
        return self._actions.amend(
            self._account(request), request.items, self._resolve, batch=batch, exp_time=request.exp_time
        )

    def _cancel(self, request: Request, *, batch: bool) -> Result:
        return self._actions.cancel(self._account(request), request.items, self._resolve, batch=batch)

    # -- queries ---------------------------------------------------------------------------------------------------

    def _visible(self, order: Order) -> bool:
        """Unfilled cancelled orders are gone two hours after their end."""
        return order.open or bool(order.filled) or self._desk.now.ns - order.terminal_ns < UNFILLED_KEPT_NS

    def _as_of_ms(self) -> int:
        """Queries normally see the present; with read_lag they see a moment ago."""
        if not self._faults.fires("read_lag"):
            return self._desk.now.ms
        return self._desk.now.ms - int(self._faults.value("read_lag", 1000))

    def order(self, request: Request) -> list[Any] | Refusal:
        params = request.params
        market = self._resolve(params)
        if isinstance(market, Refusal):
            return market
        order_id, client_id = str(params.get("ordId", "")), str(params.get("clOrdId", ""))
        if not order_id and not client_id:
            return refuse("51003")
        order = self._account(request).find(market.inst.inst_id, order_id, client_id)
        if order is None or not self._visible(order) or order.c_time_ms > self._as_of_ms():
            return refuse("51603")
        return [rest_row(order)]

    def pending(self, request: Request) -> list[Any] | Refusal:
        latest = self._as_of_ms()
        found = [o for o in reversed(self._account(request).pending.values()) if o.c_time_ms <= latest]
        rows = page(_filtered(found, request.params), request.params, lambda order: order.order_id)
        return rows if isinstance(rows, Refusal) else [rest_row(order) for order in rows]

    def history(self, request: Request, keep_ms: int, *, archive: bool) -> list[Any] | Refusal:
        params = request.params
        if not params.get("instType"):
            return refuse("50014", "instType")
        latest = self._as_of_ms()
        found = [
            order
            for order in self._account(request).history.values()
            if self._visible(order)
            and latest - order.u_time_ms < keep_ms
            and order.u_time_ms <= latest
            and (order.filled or not archive)
            and within(params, order.c_time_ms)
        ]
        found.sort(key=lambda order: order.order_id, reverse=True)
        rows = page(_filtered(found, params), params, lambda order: order.order_id)
        return rows if isinstance(rows, Refusal) else [rest_row(order) for order in rows]

    def fills_history(self, request: Request) -> list[Any] | Refusal:
        if not request.params.get("instType"):
            return refuse("50014", "instType")
        return self.fills(request, 90 * DAY_MS)

    def fills(self, request: Request, keep_ms: int) -> list[Any] | Refusal:
        params, latest = request.params, self._as_of_ms()
        wanted = str(params.get("ordId", ""))
        found = (
            (order, fill)
            for order, fill in reversed(self._account(request).fills)
            if latest - keep_ms < fill.ts_ms <= latest
            and wanted in ("", str(order.order_id))
            and params.get("instId", order.inst.inst_id) == order.inst.inst_id
            and params.get("instType", order.inst.inst_type) == order.inst.inst_type
            and params.get("subType", fill.sub_type) == fill.sub_type
            and within(params, fill.ts_ms)
        )
        rows = page_newest(found, params, lambda pair: pair[1].bill_id)
        return rows if isinstance(rows, Refusal) else [fill_row(order, fill) for order, fill in rows]

    def rate_limit(self, request: Request) -> list[Any]:
        return [
            {
                "accRateLimit": "1000",
                "fillRatio": "",
                "mainFillRatio": "",
                "nextAccRateLimit": "1000",
                "ts": str(self._desk.now.ms),
            }
        ]

    # -- cancel-all-after and close-position ------------------------------------------------------------------------

    def cancel_all_after(self, request: Request) -> list[Any] | Refusal:
        account, params = self._account(request), request.params
        raw, tag = str(params.get("timeOut", "")), str(params.get("tag", ""))
        if not raw:
            return refuse("50014", "timeOut")
        if not is_whole(raw) or len(raw) > 3 or not (raw == "0" or 10 <= int(raw) <= 120):
            return refuse("51000", "timeOut")
        if tag and not TAG.match(tag):
            return refuse("51000", "tag")
        if tag and tag not in account.dead_man_ns and len(account.dead_man_ns) >= TAGS_MAX:
            return refuse("51071")
        self._changed(account)
        if raw == "0":
            account.dead_man_ns.pop(tag, None)
            return [{"triggerTime": "0", "tag": tag, "ts": str(self._desk.now.ms)}]
        due_ns = self._desk.now.ns + int(raw) * 1_000_000_000
        account.dead_man_ns[tag] = due_ns
        return [{"triggerTime": str(due_ns // 1_000_000), "tag": tag, "ts": str(self._desk.now.ms)}]

    def close_position(self, request: Request) -> list[Any] | Refusal:
        account, params = self._account(request), request.params
        market, mode = self._resolve(params), params.get("mgnMode")
        if isinstance(market, Refusal):
            return market
        if mode not in ("cross", "isolated"):
            return refuse("51000", "mgnMode") if mode else refuse("50014", "mgnMode")
        side = str(params.get("posSide", "net"))
        position = account.position(market.inst, str(mode), side)
        if position is None or not position.quantity:
            return refuse("51023")
        closing = -1 if position.quantity > 0 else 1
        rivals = [
            o
            for o in account.pending.values()
            if o.inst is market.inst and o.td_mode == mode and o.pos_side == side and o.side == closing
        ]
        if rivals and not params.get("autoCxl"):
            return refuse("51000", "autoCxl")
        for order in rivals:
            self._desk.withdraw(account, order, "1")
        size = market.inst.size(abs(position.quantity))
        body: Params = {
            "instId": market.inst.inst_id,
            "tdMode": mode,
            "side": "buy" if closing > 0 else "sell",
            "posSide": side,
            "ordType": "market",
            "sz": format(size, "f"),
            "reduceOnly": True,
            "clOrdId": params.get("clOrdId"),
            "tag": params.get("tag"),
        }
        outcome = self._desk.place(account, body, market)
        if isinstance(outcome, Refusal):
            return outcome
        return [{"clOrdId": outcome.cl_ord_id, "instId": market.inst.inst_id, "posSide": side, "tag": outcome.tag}]


def _filtered(orders: list[Order], params: Params) -> list[Order]:
    def keep(order: Order) -> bool:
        inst = order.inst
        kinds = str(params.get("ordType", "")).split(",")
        return (
            params.get("instType", inst.inst_type) == inst.inst_type
            and params.get("instId", inst.inst_id) == inst.inst_id
            and params.get("instFamily", inst.family) == inst.family
            and params.get("state", order.state) == order.state
            and params.get("category", order.category) == order.category
            and (kinds == [""] or order.ord_type in kinds)
        )

    return [order for order in orders if keep(order)]
