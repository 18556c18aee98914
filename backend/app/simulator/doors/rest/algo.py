"""Algo order endpoints: place, cancel, amend, one, pending and history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.doors.actions import Result
from app.simulator.doors.rest.door import Request, Route, page
from app.simulator.doors.views.algos import algo_row
from app.simulator.market.markets import Market
from app.simulator.trading.algo_rules import KINDS
from app.simulator.trading.algos import Algo, Algos

BATCH_MAX = 10


class AlgoEndpoints:
    """Algo requests and queries of the calling account."""

    def __init__(self, algos: Algos, markets: Mapping[str, Market]) -> None:
        self._algos = algos
        self._markets = markets

    def routes(self) -> dict[tuple[str, str], Route]:
        post: dict[str, Any] = {
            "trade/order-algo": self.place,
            "trade/cancel-algos": self.cancel,
            "trade/cancel-advance-algos": self.cancel,
            "trade/amend-algos": self.amend,
        }
        get: dict[str, Any] = {
            "trade/order-algo": self.one,
            "trade/orders-algo-pending": self.pending,
            "trade/orders-algo-history": self.history,
        }
        return {
            ("POST", path): Route(h, private=True, writes=True, orders=True, limit=path) for path, h in post.items()
        } | {
            ("GET", path): Route(h, private=True, limit=f"{path}:get" if path in post else "")
            for path, h in get.items()
        }

    def _each(self, request: Request, act: Callable[[Mapping[str, Any]], Algo | Refusal], most: int) -> Result:
        if not request.items or not all(isinstance(item, dict) for item in request.items):
            refusal = refuse("50002")
            return Result(refusal.code, refusal.message)
        if len(request.items) > most:
            refusal = refuse("50025", "orders", most)
            return Result(refusal.code, refusal.message)
        rows = [_row(item, act(item)) for item in request.items]
        failed = sum(row["sCode"] != "0" for row in rows)
        code = "0" if not failed else "1" if failed == len(rows) else "2"
        return Result(code, "" if not failed else "All operations failed" if code == "1" else "Partly failed", rows)

    def place(self, request: Request) -> Result:
        account = request.account
        assert account is not None
        return self._each(request, lambda item: self._algos.place(account, item), 1)

    def cancel(self, request: Request) -> Result:
        account = request.account
        assert account is not None
        return self._each(request, lambda item: self._algos.cancel(account, item), BATCH_MAX)

    def amend(self, request: Request) -> Result:
        account = request.account
        assert account is not None
        return self._each(request, lambda item: self._algos.amend(account, item), 1)

    def one(self, request: Request) -> list[Any] | Refusal:
        assert request.account is not None
        if not request.params.get("algoId") and not request.params.get("algoClOrdId"):
            return refuse("50015", "algoId or algoClOrdId")
        algo = self._algos.find(request.account, request.params)
        return refuse("51603") if algo is None else [self._show(algo)]

    def pending(self, request: Request) -> list[Any] | Refusal:
        return self._listed(request, list(self._algos.live.values()))

    def history(self, request: Request) -> list[Any] | Refusal:
        if not request.params.get("state") and not request.params.get("algoId"):
            return refuse("50015", "state or algoId")
        return self._listed(request, list(self._algos.ended.values()))

    def _listed(self, request: Request, algos: list[Algo]) -> list[Any] | Refusal:
        params, account = request.params, request.account
        assert account is not None
        kinds = str(params.get("ordType", "")).split(",")
        if kinds == [""]:
            return refuse("50014", "ordType")
        if not set(kinds) <= {*KINDS, "iceberg", "twap", "chase"}:
            return refuse("51000", "ordType")
        found = [
            algo
            for algo in sorted(algos, key=lambda a: a.algo_id, reverse=True)
            if algo.account == account.name
            and algo.kind in kinds
            and params.get("instId", algo.inst_id) == algo.inst_id
            and params.get("instType", self._markets[algo.inst_id].inst.inst_type)
            == self._markets[algo.inst_id].inst.inst_type
            and params.get("state", algo.state) == algo.state
            and params.get("algoId", str(algo.algo_id)) == str(algo.algo_id)
        ]
        rows = page(found, params, lambda algo: algo.algo_id)
        return rows if isinstance(rows, Refusal) else [self._show(algo) for algo in rows]

    def _show(self, algo: Algo) -> dict[str, Any]:
        return algo_row(algo, self._markets[algo.inst_id])


def _row(item: Mapping[str, Any], outcome: Algo | Refusal) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        return {
            "algoClOrdId": str(item.get("algoClOrdId") or ""),
            "algoId": str(item.get("algoId") or ""),
            "clOrdId": "",
            "reqId": str(item.get("reqId") or ""),
            "sCode": outcome.code,
            "sMsg": outcome.message,
            "subCode": outcome.sub_code,
            "tag": str(item.get("tag") or ""),
        }
    return {
        "algoClOrdId": str(outcome.params.get("algoClOrdId", "")),
        "algoId": str(outcome.algo_id),
        "clOrdId": "",
        "reqId": str(item.get("reqId") or ""),
        "sCode": "0",
        "sMsg": "",
        "subCode": "",
        "tag": str(outcome.params.get("tag", "")),
    }
