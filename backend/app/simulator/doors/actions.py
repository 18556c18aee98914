"""Order requests as both REST and WebSocket carry them: limits, expTime, the desk's verdict, OKX's result rows.

One request gives (code, msg, rows): "0" all done, "1" all failed, "2" some of a batch failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.doors.limits import RateLimiter
from app.simulator.faults import Faults
from app.simulator.market.instruments import is_whole
from app.simulator.market.markets import Market
from app.simulator.now import Schedule
from app.simulator.trading.accounts import Account
from app.simulator.trading.amends import Amendment, apply_amend, read_amend
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.orders import Order

BATCH_MAX = 20
Resolve = Callable[[Mapping[str, Any]], "Market | Refusal"]


@dataclass(slots=True)
class Result:
    """Outcome of one request: the answer's code and message, and a row for each of its items."""

    code: str
    msg: str
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class Actions:
    """Place, cancel and amend, singly and in batches."""

    def __init__(
        self, desk: OrderDesk, limiter: RateLimiter, faults: Faults, schedule: Schedule, amend_delay_ns: int
    ) -> None:
        self._desk = desk
        self._limiter = limiter
        self._faults = faults
        self._schedule = schedule
        self._amend_delay_ns = amend_delay_ns

    def place(self, account: Account, items: Sequence[Any], resolve: Resolve, *, batch: bool, exp_time: str) -> Result:
        return self._run("order", account, items, resolve, batch, exp_time, self._place_one)

    def amend(self, account: Account, items: Sequence[Any], resolve: Resolve, *, batch: bool, exp_time: str) -> Result:
        seen: set[str] = set()

        def one(target: Account, item: Mapping[str, Any], market: Market | Refusal) -> dict[str, Any]:
            key = str(item.get("ordId") or item.get("clOrdId") or "")
            if key and key in seen:
                return self._row(item, refuse("51512")) | {"reqId": str(item.get("reqId") or "")}
            seen.add(key)
            return self._amend_one(target, item, market)

        return self._run("amend-order", account, items, resolve, batch, exp_time, one)

    def cancel(self, account: Account, items: Sequence[Any], resolve: Resolve, *, batch: bool) -> Result:
        return self._run("cancel-order", account, items, resolve, batch, "", self._cancel_one)

    def _run(
        self,
        kind: str,
        account: Account,
        items: Sequence[Any],
        resolve: Resolve,
        batch: bool,
        exp_time: str,
        one: Callable[[Account, Mapping[str, Any], Market | Refusal], dict[str, Any]],
    ) -> Result:
        problem = self._request_problem(kind, account, items, resolve, batch, exp_time)
        if problem is not None:
            return Result(problem.code, problem.message)
        rows = [one(account, item, resolve(item)) for item in items]
        failed = sum(row["sCode"] != "0" for row in rows)
        if len(rows) > 1 and self._faults.fires("batch_row_lost"):
            rows.pop()
        if len(rows) > 1 and self._faults.fires("batch_rows_reversed"):
            rows.reverse()
        if not failed:
            return Result("0", "", rows)
        if failed == len(items):
            return Result("1", "All operations failed", rows)
        return Result("2", "Bulk operation partially succeeded.", rows)

    def _request_problem(
        self, kind: str, account: Account, items: Sequence[Any], resolve: Resolve, batch: bool, exp_time: str
    ) -> Refusal | None:
        if not items or not all(isinstance(item, Mapping) for item in items):
            return refuse("50002")
        if len(items) > BATCH_MAX:
            return refuse("50025", "orders", BATCH_MAX)
        now_ns = self._desk.now.ns
        if exp_time:
            if not is_whole(exp_time):
                return refuse("51000", "expTime")
            if self._desk.now.ms > int(exp_time):
                return refuse("50036")
        path = f"trade/{kind}"
        if batch and len(items) > 1:
            path = {"order": "trade/batch-orders", "amend-order": "trade/amend-batch-orders"}.get(
                kind, "trade/cancel-batch-orders"
            )
        counts: dict[str, int] = {}
        for item in items:
            market = resolve(item)
            name = market.inst.inst_id if isinstance(market, Market) else ""
            counts[name] = counts.get(name, 0) + 1
        for name, count in counts.items():
            if not self._limiter.allow_path(path, account.name, name, now_ns, count):
                return refuse("50011")
        if kind != "cancel-order" and not self._limiter.allow_orders(account.name, now_ns, len(items)):
            return refuse("50061")
        return None

    def _row(self, item: Mapping[str, Any], outcome: Order | Refusal) -> dict[str, Any]:
        ts = str(self._desk.now.ms)
        if isinstance(outcome, Refusal):
            return {
                "clOrdId": str(item.get("clOrdId") or ""),
                "ordId": str(item.get("ordId") or ""),
                "tag": str(item.get("tag") or ""),
                "ts": ts,
                "sCode": outcome.code,
                "sMsg": outcome.message,
                "subCode": outcome.sub_code,
            }
        return {
            "clOrdId": outcome.cl_ord_id,
            "ordId": str(outcome.order_id),
            "tag": outcome.tag,
            "ts": ts,
            "sCode": "0",
            "sMsg": "",
            "subCode": "",
        }

    def _place_one(self, account: Account, item: Mapping[str, Any], market: Market | Refusal) -> dict[str, Any]:
        if isinstance(market, Refusal):
            return self._row(item, market)
        outcome = self._desk.place(account, item, market)
        row = self._row(item, outcome)
        return row | {"sMsg": "Order placed"} if isinstance(outcome, Order) else row

    def _cancel_one(self, account: Account, item: Mapping[str, Any], market: Market | Refusal) -> dict[str, Any]:
        if isinstance(market, Refusal):
            return self._row(item, market)
        order_id, client_id = str(item.get("ordId") or ""), str(item.get("clOrdId") or "")
        return self._row(item, self._desk.cancel(account, market.inst.inst_id, order_id, client_id))

    def _amend_one(self, account: Account, item: Mapping[str, Any], market: Market | Refusal) -> dict[str, Any]:
        req_id = {"reqId": str(item.get("reqId") or "")}
        if isinstance(market, Refusal):
            return self._row(item, market) | req_id
        outcome = read_amend(account, item, market)
        if isinstance(outcome, Refusal):
            return self._row(item, outcome) | req_id
        self._start_amend(outcome)
        return self._row(item, outcome.order) | req_id

    def _start_amend(self, amendment: Amendment) -> None:
        self._schedule(self._desk.now.ns + self._amend_delay_ns, lambda: self._finish_amend(amendment))

    def _finish_amend(self, amendment: Amendment) -> None:
        forced = self._faults.amend_result()
        if forced:
            amendment.cancel_on_fail = forced == "1"
            amendment.new_size, amendment.new_px = None, 10**15
        apply_amend(self._desk, amendment)
