"""Acts of the venue that tests and faults call for: foreign orders, take-overs, closed streams, changed instruments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from app.simulator.codes import Refusal
from app.simulator.doors.channels.hub import PublicHub
from app.simulator.doors.connections import Connection, Connections
from app.simulator.doors.views.account import bill_row
from app.simulator.doors.views.market import instrument_row
from app.simulator.doors.views.orders import rest_row
from app.simulator.faults import Faults
from app.simulator.feed.feeds import Feeds
from app.simulator.trading.accounts import Account
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.funding import fund
from app.simulator.trading.liquidation import take_over

DEPOSIT = "1"


class Acts:
    """One method an act; `run` takes them by name from the control endpoint."""

    def __init__(
        self, desk: OrderDesk, faults: Faults, feeds: Feeds, connections: Connections, public: PublicHub
    ) -> None:
        self._desk = desk
        self._faults = faults
        self._feeds = feeds
        self._connections = connections
        self._public = public

    def run(self, data: Mapping[str, Any]) -> Any:
        """{"act": name, ...}; KeyError or ValueError names what is missing or wrong."""
        acts: dict[str, Any] = {
            "order": self.order,
            "cancel": self.cancel,
            "liquidate": self.liquidate,
            "deposit": self.deposit,
            "funding": self.funding,
            "close_streams": self.close_streams,
            "upgrade_notice": self.upgrade_notice,
            "silence": self.silence,
            "instrument": self.instrument,
            "position_mode": self.position_mode,
            "revoke_key": self.revoke_key,
            "empty_book": self.empty_book,
        }
        name = data.get("act")
        if name not in acts:
            raise ValueError(f"act {name!r} is unknown; known: {', '.join(acts)}")
        return acts[name](data)

    def _account(self, data: Mapping[str, Any]) -> Account:
        name = str(data.get("account", next(iter(self._desk.accounts))))
        if name not in self._desk.accounts:
            raise ValueError(f"account {name!r} is unknown")
        return self._desk.accounts[name]

    def order(self, data: Mapping[str, Any]) -> Any:
        """Place `params` (as POST trade/order has them) as if another client of the account had."""
        market = self._desk.markets.get(str(data["params"].get("instId")))
        outcome = self._desk.place(self._account(data), data["params"], market)
        if isinstance(outcome, Refusal):
            raise ValueError(f"{outcome.code} {outcome.message}")
        return rest_row(outcome)

    def cancel(self, data: Mapping[str, Any]) -> Any:
        """Cancel `ordId` with a `source` of choice, as the system does ("0", "3", "27" ...)."""
        account = self._account(data)
        order = account.pending.get(int(data["ordId"]))
        if order is None:
            raise ValueError(f"order {data['ordId']} is not pending")
        self._desk.withdraw(account, order, str(data.get("source", "0")))
        return rest_row(order)

    def liquidate(self, data: Mapping[str, Any]) -> Any:
        """Take over `fraction` (default all) of the account's position in `instId`: negative tradeId."""
        account = self._account(data)
        held = [position for position in account.held() if position.inst.inst_id == data["instId"]]
        if not held:
            raise ValueError(f"no position in {data['instId']}")
        lots = max(1, int(abs(held[0].quantity) * Decimal(str(data.get("fraction", 1)))))
        return rest_row(take_over(self._desk, account, held[0], lots))

    def deposit(self, data: Mapping[str, Any]) -> Any:
        """Move `amount` (negative: out) of `ccy`, as a transfer bill."""
        account, ccy = self._account(data), str(data["ccy"])
        bill_id = self._desk.counters.next_bill()
        bill = account.post(bill_id, ccy, Decimal(str(data["amount"])), DEPOSIT, "11", self._desk.now.ms)
        self._desk.listener.account_changed(account, "transferred", (ccy,))
        return {"ccy": ccy, "balance": str(bill.balance)}

    def funding(self, data: Mapping[str, Any]) -> Any:
        """Funding falls due now on the account's positions (of `instId`), at `rate` or the configured one."""
        account, rate = self._account(data), Decimal(str(data.get("rate", self._desk.config.funding_rate)))
        held = [position for position in account.held() if data.get("instId") in (None, position.inst.inst_id)]
        bills = [fund(self._desk, account, position, rate) for position in held]
        return {"bills": [bill_row(bill) for bill in bills]}

    def close_streams(self, data: Mapping[str, Any]) -> Any:
        """Close connections (all, or those of `path`) with `code` (default 4006; 1006 cuts them)."""
        return self._each(data, lambda c: self._connections.close(c, int(data.get("code", 4006)), "Closed"))

    def upgrade_notice(self, data: Mapping[str, Any]) -> Any:
        wait_ms = int(data.get("wait_ms", 60_000))
        return self._each(data, lambda c: self._connections.announce_upgrade(c, wait_ms))

    def silence(self, data: Mapping[str, Any]) -> Any:
        """Connections get no more pushes, yet answer ping and requests."""
        return self._each(data, lambda c: setattr(c, "silent", bool(data.get("on", True))))

    def _each(self, data: Mapping[str, Any], act: Callable[[Connection], None]) -> Any:
        path = data.get("path")
        found = [c for c in self._connections.open.values() if path in (None, c.path)]
        for connection in found:
            act(connection)
        return {"streams": len(found)}

    def instrument(self, data: Mapping[str, Any]) -> Any:
        """Change an instrument live: `state` (live, suspend) or `minSz`; pushed on the instruments channel."""
        market = self._desk.markets[str(data["instId"])]
        market.state = str(data.get("state", market.state))
        if "minSz" in data:
            market.min_size = Decimal(str(data["minSz"]))
        self._public.instrument_changed(market)
        return instrument_row(market, 0)

    def position_mode(self, data: Mapping[str, Any]) -> Any:
        """Switch the account's position mode behind a client's back."""
        account = self._account(data)
        account.position_mode = str(data["posMode"])
        return {"posMode": account.position_mode}

    def revoke_key(self, data: Mapping[str, Any]) -> Any:
        """The account's key gets `code` (default 50111; "" gives it back); its streams close with 4007."""
        account = self._account(data)
        account.revoked = str(data.get("code", "50111"))
        closing = [c for c in self._connections.open.values() if account.revoked and c.account is account]
        for connection in closing:
            self._connections.close(connection, 4007, "API key has been updated or deleted")
        return {"streams": len(closing)}

    def empty_book(self, data: Mapping[str, Any]) -> Any:
        """Everybody but the accounts leaves the book of `instId`; background flow and recordings fill it again."""
        inst_id = str(data["instId"])
        self._feeds.empty(inst_id)
        return {"instId": inst_id}

    def by_chance(self, account: Account) -> None:
        """The faults that are acts, one chance a second and account."""
        faults = self._faults
        if faults.fires("foreign_order"):
            inst_id = next(iter(self._desk.markets))
            market = self._desk.markets[inst_id]
            params = {
                "instId": inst_id,
                "tdMode": account.spot_mode,
                "side": "buy",
                "ordType": "market",
                "tgtCcy": "base_ccy",
                "sz": str(market.smallest * 10),
            }
            self._desk.place(account, params, market)
        if faults.fires("liquidation"):
            position = next(account.held(), None)
            if position is not None:
                take_over(self._desk, account, position, max(1, abs(position.quantity) // 2))
