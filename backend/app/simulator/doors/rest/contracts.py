"""What is asked about contracts: position tiers, open interest, past funding rates, and an account's past positions.

One tier an instrument, at its highest leverage and the exchange's one maintenance rate; what accounts hold is the whole
open interest; every funding period so far had the configured rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.doors.rest.door import Params, Request, Route, page
from app.simulator.doors.views.account import past_position_row
from app.simulator.market.instruments import text
from app.simulator.market.markets import Market
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.funding import FUNDING_MS, next_funding_ms

CONTRACT_TYPES = ("SWAP", "FUTURES", "OPTION")
INST_TYPES = ("MARGIN", *CONTRACT_TYPES)
FAMILIES_MAX = 5
KEPT_MS = 90 * 24 * 3_600_000
"""Three months: what past funding rates and positions go back to."""


class ContractEndpoints:
    """Reads about contracts; nothing here changes anything."""

    def __init__(self, desk: OrderDesk, markets: Mapping[str, Market]) -> None:
        self._desk = desk
        self._markets = markets

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            ("GET", "public/position-tiers"): Route(self.position_tiers),
            ("GET", "public/open-interest"): Route(self.open_interest),
            ("GET", "public/funding-rate-history"): Route(self.funding_rates),
            ("GET", "account/positions-history"): Route(self.past_positions, private=True),
        }

    def _contracts(self, params: Params, kinds: tuple[str, ...]) -> list[Market] | Refusal:
        kind = params.get("instType")
        if kind not in kinds:
            return refuse("51000", "instType") if kind else refuse("50014", "instType")
        return [m for m in self._markets.values() if not m.inst.is_spot and m.inst.inst_type == kind]

    def position_tiers(self, request: Request) -> list[Any] | Refusal:
        params = request.params
        found = self._contracts(params, INST_TYPES)
        if isinstance(found, Refusal):
            return found
        if params.get("tdMode") not in ("cross", "isolated"):
            return refuse("51000", "tdMode") if params.get("tdMode") else refuse("50014", "tdMode")
        families = str(params.get("instFamily") or params.get("uly") or "")
        if params["instType"] in CONTRACT_TYPES and not families:
            return refuse("50014", "instFamily")
        if len(families.split(",")) > FAMILIES_MAX:
            return refuse("50025", "instFamily", FAMILIES_MAX)
        return [
            self._tier(market)
            for market in found
            if market.inst.family in families.split(",") and params.get("tier", "1") == "1"
        ]

    def _tier(self, market: Market) -> dict[str, Any]:
        inst = market.inst
        return {
            "baseMaxLoan": "",
            "imr": text((1 / inst.max_leverage).quantize(Decimal("1e-6"), ROUND_HALF_EVEN)),
            "instFamily": inst.family,
            "instId": "",
            "maxLever": text(inst.max_leverage),
            "maxSz": text(inst.max_limit_size),
            "minSz": "0",
            "mmr": text(self._desk.config.maintenance_rate),
            "optMgnFactor": "0",
            "quoteMaxLoan": "",
            "tier": "1",
            "uly": inst.family,
        }

    def open_interest(self, request: Request) -> list[Any] | Refusal:
        params = request.params
        found = self._contracts(params, CONTRACT_TYPES)
        if isinstance(found, Refusal):
            return found
        if params.get("instId") and params["instId"] not in self._markets:
            return refuse("51001")
        for name, read in (("instId", lambda m: m.inst.inst_id), ("instFamily", lambda m: m.inst.family)):
            if params.get(name):
                found = [market for market in found if read(market) == params[name]]
        return [self._interest(market) for market in found]

    def _interest(self, market: Market) -> dict[str, Any]:
        """Every contract has a long and a short side; what the accounts lack of one, the background holds."""
        inst = market.inst
        sides = {1: 0, -1: 0}
        for account in self._desk.accounts.values():
            for position in account.held():
                if position.inst is inst:
                    sides[1 if position.quantity > 0 else -1] += abs(position.quantity)
        contracts, price = inst.size(max(sides.values())), market.mark_price()
        coins = inst.notional(contracts, price) if inst.is_inverse else contracts * inst.contract_value
        dollars = contracts * inst.contract_value if inst.is_inverse else inst.notional(contracts, price)
        return {
            "instId": inst.inst_id,
            "instType": inst.inst_type,
            "oi": text(contracts),
            "oiCcy": text(coins),
            "oiUsd": text(dollars),
            "ts": str(self._desk.now.ms),
        }

    def funding_rates(self, request: Request) -> list[Any] | Refusal:
        params = request.params
        if not params.get("instId"):
            return refuse("50014", "instId")
        market = self._markets.get(str(params["instId"]))
        if market is None:
            return refuse("51001")
        if market.inst.is_spot:
            return refuse("51000", "instId")
        last = next_funding_ms(self._desk.now.ms) - FUNDING_MS
        due = page(list(range(last, last - KEPT_MS, -FUNDING_MS)), params, int, 400)
        rate = text(self._desk.config.funding_rate)
        return (
            due
            if isinstance(due, Refusal)
            else [
                {
                    "formulaType": "noRate",
                    "fundingRate": rate,
                    "fundingTime": str(ms),
                    "instId": market.inst.inst_id,
                    "instType": market.inst.inst_type,
                    "method": "current_period",
                    "realizedRate": rate,
                }
                for ms in due
            ]
        )

    def past_positions(self, request: Request) -> list[Any] | Refusal:
        """Positions that were closed, wholly or in part, by the time of their last change, newest first."""
        account, params = request.account, request.params
        assert account is not None
        lives = [*account.closed, *(p for p in account.positions.values() if p.closed)]
        since = self._desk.now.ms - KEPT_MS
        wanted = (
            ("instType", lambda p: p.inst.inst_type),
            ("instId", lambda p: p.inst.inst_id),
            ("mgnMode", lambda p: p.mode),
            ("type", lambda p: p.close_type),
            ("posId", lambda p: str(p.pos_id)),
        )
        found = [
            life
            for life in lives
            if life.u_time_ms >= since and all(params.get(name, read(life)) == read(life) for name, read in wanted)
        ]
        found.sort(key=lambda life: (life.u_time_ms, life.pos_id), reverse=True)
        rows = page(found, params, lambda life: life.u_time_ms)
        return rows if isinstance(rows, Refusal) else [past_position_row(account, life) for life in rows]
